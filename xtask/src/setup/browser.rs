//! The browser's side: Node, Chromium and the Node packages of the browser tests.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::announce;
use crate::process::{find_all, output_of, program, root, run};

const OLDEST_NODE: u32 = 20;

/// Node, which drives the browser in tests.
///
/// # Errors
/// It is missing or too old: it is not ours to install.
pub fn node() -> Result<PathBuf, String> {
    let found = find_all("node", &[]).into_iter().next();
    let hint = format!("Browser tests need Node {OLDEST_NODE} or newer: install it and run this again");
    let node = found.ok_or_else(|| format!("{hint} (`node` is not on PATH)."))?;
    let said = output_of(Command::new(&node).arg("--version")).unwrap_or_default();
    match major(&said) {
        Some(version) if version >= OLDEST_NODE => Ok(node),
        _ => Err(format!("{hint} (`node --version` says {:?}).", said.trim())),
    }
}

fn major(version: &str) -> Option<u32> {
    version.trim().strip_prefix('v')?.split('.').next()?.parse().ok()
}

/// A Chromium or Chrome: the one that `CHROME` names, one on PATH, or the system's package.
///
/// # Errors
/// There is none and none can be installed.
pub fn chromium() -> Result<PathBuf, String> {
    if let Some(named) = std::env::var_os("CHROME").map(PathBuf::from) {
        return if named.is_file() {
            Ok(named)
        } else {
            Err(format!("CHROME names {}, but there is no such file", named.display()))
        };
    }
    if let Some(found) = look_for_chromium() {
        return Ok(found);
    }
    let by_hand = "Install Chromium or Chrome, or name one: CHROME=/path/to/chrome cargo xtask test";
    if find_all("apt-get", &[]).is_empty() || !is_root() {
        return Err(format!("Browser tests need a Chromium, and none was found. {by_hand}"));
    }
    announce("Debian's package chromium", "browser tests click through the real page in it", "1 to 2 minutes");
    let mut update = program("apt-get");
    update.args(["update", "-q"]).env("DEBIAN_FRONTEND", "noninteractive");
    // A stale list of one source is no reason to stop: the installation itself tells.
    if let Err(error) = run("apt-get update", &mut update) {
        println!("    {error}; trying with the lists that are there");
    }
    let mut install = program("apt-get");
    install.args(["install", "-y", "-q", "--no-install-recommends", "chromium", "fonts-dejavu-core"]);
    run("apt-get install chromium", install.env("DEBIAN_FRONTEND", "noninteractive"))
        .map_err(|error| format!("{error}. {by_hand}"))?;
    look_for_chromium().ok_or_else(|| format!("apt-get installed chromium, but it is not found. {by_hand}"))
}

fn look_for_chromium() -> Option<PathBuf> {
    let mac = [
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
        "/Applications/Chromium.app/Contents/MacOS/Chromium",
    ];
    ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"]
        .iter()
        .find_map(|name| find_all(name, &[]).into_iter().next())
        .or_else(|| mac.iter().map(PathBuf::from).find(|path| path.is_file()))
}

fn is_root() -> bool {
    output_of(Command::new("id").arg("-u")).is_some_and(|id| id.trim() == "0")
}

/// The Node packages of `tests/browser`, exactly as its lock file names them.
///
/// # Errors
/// npm is missing or fails.
pub fn node_packages() -> Result<(), String> {
    let why = "Playwright drives the browser, axe checks accessibility";
    node_packages_of("tests/browser", "the Node packages of tests/browser", why).map(|_| ())
}

/// The Node packages of a folder, exactly as its lock file names them.
///
/// # Errors
/// npm is missing or fails.
pub fn node_packages_of(folder: &str, what: &str, why: &str) -> Result<PathBuf, String> {
    let path = root().join(folder);
    let lock = std::fs::read(path.join("package-lock.json"))
        .map_err(|error| format!("{folder}/package-lock.json: {error}"))?;
    // npm keeps no mark of its own that says "as in the lock file", so we keep one.
    let mark = path.join("node_modules/.installed-lock.json");
    if std::fs::read(&mark).is_ok_and(|installed| installed == lock) {
        return Ok(path);
    }
    announce(what, why, "seconds, by npm ci");
    let npm = find_all("npm", &[]).into_iter().next().ok_or("npm is needed, which comes with Node.")?;
    let mut command = Command::new(npm);
    command.args(["ci", "--no-audit", "--no-fund"]).current_dir(&path).env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1");
    run("npm ci", &mut command)?;
    keep(&mark, &lock)?;
    Ok(path)
}

fn keep(mark: &Path, lock: &[u8]) -> Result<(), String> {
    std::fs::write(mark, lock).map_err(|error| format!("{}: {error}", mark.display()))
}

#[cfg(test)]
mod tests {
    use super::major;

    #[test]
    fn nodes_major_version_is_read() {
        assert_eq!(major("v20.20.2\n"), Some(20));
        assert_eq!(major("nonsense"), None);
    }
}
