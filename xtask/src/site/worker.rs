//! The service worker of one build: which files it keeps, and the name of its cache.

use std::path::Path;

use crate::process::root;

/// What a build consists of.
#[derive(Debug, PartialEq, Eq)]
pub struct Build {
    /// Files whose names change with their content.
    fixed: Vec<String>,
    /// Files whose names stay.
    loose: Vec<String>,
    /// Digest of the page itself.
    page: u32,
    /// Digest of everything.
    version: u32,
}

/// Not for the cache: what the service worker is made of, and what only a host reads.
const LEFT_OUT: [&str; 5] = ["sw.js", "index.html", "_headers", "nginx.conf", ".nojekyll"];

impl Build {
    /// Looks at a folder whose page is `html`.
    ///
    /// # Errors
    /// A file cannot be read.
    pub fn of(folder: &Path, html: &str) -> Result<Self, String> {
        let page = digest(html.as_bytes());
        let mut build = Self { fixed: Vec::new(), loose: Vec::new(), page, version: page };
        for name in names(folder)? {
            let path = folder.join(&name);
            let bytes = std::fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))?;
            build.version = build.version.rotate_left(5) ^ digest(name.as_bytes()) ^ digest(&bytes);
            if is_hashed(&name) { build.fixed.push(name) } else { build.loose.push(name) }
        }
        Ok(build)
    }

    /// The service worker's text.
    ///
    /// # Errors
    /// assets/js/sw.js is missing, or has no place for the build.
    pub fn script(&self) -> Result<String, String> {
        let path = root().join("assets/js/sw.js");
        let source = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        self.filled_in(&source)
    }

    fn filled_in(&self, source: &str) -> Result<String, String> {
        let empty = ["const VERSION = 'none';", "const FILES = { fixed: [], loose: [], page: 0 };"];
        if let Some(missing) = empty.iter().find(|line| !source.contains(**line)) {
            return Err(format!("assets/js/sw.js has no line {missing}"));
        }
        let list = |names: &[String]| names.iter().map(|name| format!("'{name}'")).collect::<Vec<_>>().join(", ");
        let version = format!("const VERSION = '{:08x}';", self.version);
        let files = format!(
            "const FILES = {{ fixed: [{}], loose: [{}], page: {} }};",
            list(&self.fixed),
            list(&self.loose),
            self.page
        );
        Ok(source.replace(empty[0], &version).replace(empty[1], &files))
    }
}

/// Files of the folder, in order.
fn names(folder: &Path) -> Result<Vec<String>, String> {
    let listed = std::fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut names: Vec<String> = listed
        .flatten()
        .filter(|entry| entry.path().is_file())
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| !LEFT_OUT.contains(&name.as_str()) && !name.ends_with(".gz") && !name.ends_with(".br"))
        .filter(|name| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte)))
        .collect();
    names.sort();
    Ok(names)
}

/// `boot-1f2e3d4c5b6a7988.js`: its name tells its content.
fn is_hashed(name: &str) -> bool {
    name.rsplit('-').next().is_some_and(|tail| {
        let digits = tail.bytes().take_while(u8::is_ascii_hexdigit).count();
        digits >= 12 && name.contains('-')
    })
}

/// FNV-1a of 32 bits, as assets/js/sw.js computes it: it tells builds apart, it proves nothing.
fn digest(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_a_hash_are_told_apart() {
        for hashed in ["boot-1f2e3d4c5b6a7988.js", "playground-9b8a7c6d5e4f3a2b_bg.wasm"] {
            assert!(is_hashed(hashed), "{hashed}");
        }
        for plain in ["icon-192.png", "icon-maskable-512.png", "manifest.webmanifest", "index.html"] {
            assert!(!is_hashed(plain), "{plain}");
        }
    }

    #[test]
    fn the_script_names_its_build() {
        let build = Build { fixed: vec!["a.js".into()], loose: vec!["b.png".into()], page: 7, version: 255 };
        let source = "const VERSION = 'none';\nconst FILES = { fixed: [], loose: [], page: 0 };\nrest";
        let script = build.filled_in(source).unwrap();
        assert_eq!(
            script,
            "const VERSION = '000000ff';\nconst FILES = { fixed: ['a.js'], loose: ['b.png'], page: 7 };\nrest"
        );
        assert!(build.filled_in("nothing").is_err());
    }

    #[test]
    fn the_digest_is_fnv() {
        assert_eq!((digest(b""), digest(b"a")), (0x811c_9dc5, 0xe40c_292c));
    }
}
