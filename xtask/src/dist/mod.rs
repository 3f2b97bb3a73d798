//! `cargo xtask dist [FOLDER]`: the page as a folder for any static host: optimized, with relative
//! addresses, usable without a network after the first visit, and with sample configurations. Prints
//! what it weighs, and fails where that is more than a slow network should have to carry.

mod optimize;
mod table;

use std::path::{Path, PathBuf};

use crate::process::{root, target};
use crate::{play, site, wasm};

/// What WebAssembly and JavaScript may weigh together, compressed by brotli, which every browser takes. A host
/// that has only gzip sends about a quarter more.
pub const LIMIT: u64 = 1_000_000;

/// How the folder is made.
pub struct Options {
    folder: PathBuf,
    compressed: bool,
}

impl Options {
    /// Into this folder, each file with its compressed twins.
    pub fn compressed_into(folder: PathBuf) -> Self {
        Self { folder, compressed: true }
    }

    /// Reads the words after `dist`.
    ///
    /// # Errors
    /// A word is not understood.
    pub fn parse(words: &[&str]) -> Result<Self, String> {
        let mut options = Self { folder: target().join("site"), compressed: false };
        let mut named = false;
        for word in words {
            match *word {
                "--compressed" => options.compressed = true,
                folder if !folder.starts_with('-') && !named => {
                    options.folder = root().join(folder);
                    named = true;
                }
                other => return Err(format!("dist: {other:?} is not known; it takes one FOLDER and --compressed")),
            }
        }
        Ok(options)
    }
}

/// Makes the folder.
///
/// # Errors
/// Something does not build, the folder holds something else, or the page weighs too much.
pub fn run(options: &Options) -> Result<(), String> {
    match make(options)? {
        Some(carried) if carried > LIMIT => Err(format!(
            "WebAssembly and JavaScript weigh {carried} bytes compressed by brotli; at most {LIMIT} are allowed"
        )),
        _ => Ok(()),
    }
}

/// Makes the folder, whatever it weighs: what WebAssembly and JavaScript weigh comes back, if it is known.
///
/// # Errors
/// Something does not build, or the folder holds something else.
pub fn make(options: &Options) -> Result<Option<u64>, String> {
    empty(&options.folder)?;
    let built = play::trunk()?;
    let program = program(&built)?;
    let bytes = std::fs::read(&program).map_err(|error| format!("{}: {error}", program.display()))?;
    let weight = wasm::weigh(&bytes).ok_or("the page's WebAssembly cannot be read")?;
    optimize::run_over(&built, &program)?;
    site::complete(&built)?;
    copy(&built, &options.folder)?;
    site::write(&options.folder.join("nginx.conf"), &site::nginx())?;
    // GitHub Pages leaves out what begins with `_` unless this file is there.
    site::write(&options.folder.join(".nojekyll"), "")?;
    table::by_crate(&weight);
    let carried = table::by_file(&options.folder, options.compressed)?;
    println!("\n{}", options.folder.display());
    println!(
        "Any static host will do. Headers: nginx.conf and _headers are samples; the page holds its policy by itself too."
    );
    Ok(carried)
}

/// The page's one WebAssembly file.
fn program(folder: &Path) -> Result<PathBuf, String> {
    let all = files(folder)?;
    let found = all.into_iter().find(|path| path.extension().is_some_and(|ending| ending == "wasm"));
    found.ok_or_else(|| format!("{}: there is no .wasm file", folder.display()))
}

/// Files of a folder, in order.
fn files(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let listed = std::fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut found: Vec<PathBuf> = listed.flatten().map(|entry| entry.path()).filter(|path| path.is_file()).collect();
    found.sort();
    Ok(found)
}

/// Makes room for the page. A folder with anything else in it is left alone.
fn empty(folder: &Path) -> Result<(), String> {
    let failed = |error: std::io::Error| format!("{}: {error}", folder.display());
    if !folder.exists() {
        return std::fs::create_dir_all(folder).map_err(failed);
    }
    let holds_something = std::fs::read_dir(folder).map_err(failed)?.next().is_some();
    if holds_something && !(folder.join("sw.js").is_file() && folder.join("index.html").is_file()) {
        return Err(format!("{} holds something that is no page of ours; name an empty folder", folder.display()));
    }
    for path in files(folder)? {
        std::fs::remove_file(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    Ok(())
}

fn copy(from: &Path, to: &Path) -> Result<(), String> {
    for path in files(from)? {
        let name = path.file_name().unwrap_or_default();
        std::fs::copy(&path, to.join(name)).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_read_or_refused() {
        let options = Options::parse(&["public", "--compressed"]).unwrap();
        assert!(options.folder.ends_with("public") && options.compressed);
        assert!(Options::parse(&["a", "b"]).err().unwrap().contains("one FOLDER"));
        assert!(Options::parse(&["--small"]).is_err());
    }

    #[test]
    fn a_folder_with_something_else_is_left_alone() {
        let folder = std::env::temp_dir().join(format!("playground-dist-{}", std::process::id()));
        empty(&folder).unwrap();
        std::fs::write(folder.join("thesis.txt"), "years").unwrap();
        assert!(empty(&folder).unwrap_err().contains("no page of ours"));
        for name in ["index.html", "sw.js"] {
            std::fs::write(folder.join(name), "").unwrap();
        }
        empty(&folder).unwrap();
        assert_eq!(files(&folder).unwrap().len(), 0);
        std::fs::remove_dir_all(folder).unwrap();
    }
}
