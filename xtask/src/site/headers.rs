//! The headers that a host should send, as a file `_headers` (Netlify, Cloudflare Pages and others read
//! it) and as a configuration for nginx. Our own server reads the same file, so that what is tested is
//! what is given away.

use std::path::Path;

use super::policy;

/// The sample's name.
pub const FILE: &str = "_headers";

/// For every answer.
fn always() -> [(&'static str, String); 4] {
    [
        ("Content-Security-Policy", policy::header()),
        ("X-Content-Type-Options", "nosniff".to_owned()),
        ("Referrer-Policy", "no-referrer".to_owned()),
        ("Cross-Origin-Opener-Policy", "same-origin".to_owned()),
    ]
}

/// Files whose names change with their content.
const HASHED: [&str; 3] = ["wasm", "js", "css"];
const FOR_EVER: &str = "public, max-age=31536000, immutable";
const ASK_AGAIN: &str = "no-cache";

/// The text of `_headers`. Two rules that fit one file would be joined, so there is one rule: a browser
/// asks again for every file, which costs one short answer where nothing has changed.
pub fn sample() -> String {
    let mut text = String::from("# Headers of the Kafka Playground for every static host that reads this file.\n/*\n");
    for (name, value) in always() {
        text.push_str(&format!("  {name}: {value}\n"));
    }
    text.push_str(&format!("  Cache-Control: {ASK_AGAIN}\n"));
    text
}

/// The same for nginx.
pub fn nginx() -> String {
    let headers: String =
        always().iter().map(|(name, value)| format!("    add_header {name} \"{value}\" always;\n")).collect();
    format!(
        "# The Kafka Playground on nginx: put the folder somewhere and name it in `root`.\n\
         server {{\n    listen 80;\n    root /srv/kafka-playground;\n    index index.html;\n\n{headers}\n    \
         # Compressed copies lie beside the files if the folder was made with --compressed.\n    gzip_static on;\n    \
         # With the module ngx_brotli, a quarter less to send:\n    # brotli_static on;\n    \
         types {{\n        text/html html;\n        text/javascript js;\n        text/css css;\n        \
         application/wasm wasm;\n        application/manifest+json webmanifest;\n        image/svg+xml svg;\n        \
         image/png png;\n        text/plain md txt;\n    }}\n\n    \
         # Names with a hash never change their content; `add_header` is not inherited, so the policy is repeated.\n    \
         location ~ \"-[0-9a-f]{{12,}}.*\\.({})$\" {{\n{}        add_header Cache-Control \"{FOR_EVER}\" always;\n    }}\n    \
         location / {{\n{}        add_header Cache-Control \"{ASK_AGAIN}\" always;\n        try_files $uri $uri/ =404;\n    }}\n}}\n",
        HASHED.join("|"),
        headers.replace("    add", "        add"),
        headers.replace("    add", "        add"),
    )
}

/// A `_headers` file as our server understands it: what it says for `/*`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Headers(Vec<(String, String)>);

impl Default for Headers {
    fn default() -> Self {
        Self(vec![("Cache-Control".to_owned(), ASK_AGAIN.to_owned())])
    }
}

impl Headers {
    /// Reads the file of a folder; without one, nothing is kept and nothing is forbidden.
    pub fn of(folder: &Path) -> Self {
        std::fs::read_to_string(folder.join(FILE)).map_or_else(|_| Self::default(), |text| Self::parse(&text))
    }

    fn parse(text: &str) -> Self {
        let mut for_all = false;
        let mut headers = Vec::new();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            if !line.starts_with(' ') {
                for_all = line.trim() == "/*";
            } else if let Some((name, value)) = line.trim().split_once(": ").filter(|_| for_all) {
                headers.push((name.to_owned(), value.to_owned()));
            }
        }
        Self(headers)
    }

    /// As lines of an answer over HTTP.
    pub fn lines(&self) -> String {
        self.0.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_server_reads_from_the_sample_what_it_says_for_every_file() {
        let headers = Headers::parse(&sample());
        let lines = headers.lines();
        assert!(lines.contains("Content-Security-Policy: default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; "));
        assert!(lines.contains("nosniff") && lines.contains("Cache-Control: no-cache"), "{lines}");
        assert_eq!(lines.matches("\r\n").count(), always().len() + 1);
        assert_eq!(Headers::of(Path::new("no such folder")), Headers::default());
    }

    #[test]
    fn nginx_sends_the_policy_wherever_it_sends_a_header() {
        let text = nginx();
        assert_eq!(text.matches("Content-Security-Policy").count(), 3);
        assert_eq!(text.matches('{').count(), text.matches('}').count());
    }
}
