//! The page's Content-Security-Policy: nothing but its own files, no inline script or style, strings
//! never become code. Yew and wasm-bindgen need no more than this.

/// How the page's own copy begins.
pub const META: &str = "<meta http-equiv=\"Content-Security-Policy\"";

/// What is allowed; everything else falls to `default-src 'none'`.
const DIRECTIVES: &[&str] = &[
    "default-src 'none'",
    // WebAssembly counts as script, but not as evaluated text.
    "script-src 'self' 'wasm-unsafe-eval'",
    "style-src 'self'",
    // A picture that is being exported is drawn from a `blob:` or `data:` address.
    "img-src 'self' data: blob:",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "worker-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    // The one policy of assets/js/boot.js lets the page's own service worker through and nothing else.
    "trusted-types playground",
];

/// A browser listens to this one only in a header.
const ONLY_IN_A_HEADER: &str = "frame-ancestors 'self'";

/// The value of the header.
pub fn header() -> String {
    format!("{}; {ONLY_IN_A_HEADER}", DIRECTIVES.join("; "))
}

/// The same in the page, for hosts that send no headers of ours.
pub fn meta() -> String {
    format!("{META} content=\"{}\">", DIRECTIVES.join("; "))
}
