//! What a fresh machine lacks, installed at the pinned versions: each with a line that says what, why
//! and how long it may take; nothing twice; what is there at the right version is used.

mod browser;
mod rust;

pub use browser::{chromium, node, node_packages, node_packages_of};
pub use rust::{clippy_and_rustfmt, page_tools, wasm_target};

use std::path::PathBuf;

use crate::process::{root, target};

/// Trunk's pinned version: newer ones want a newer Rust than `rust-toolchain.toml` names.
pub const TRUNK: &str = "0.21.14";

/// Says what is about to be installed.
fn announce(what: &str, why: &str, how_long: &str) {
    println!("==> Installing {what}");
    println!("    why: {why}");
    println!("    time: {how_long}");
}

/// Where cargo puts installed programs.
fn cargo_bin() -> Option<PathBuf> {
    let named = std::env::var_os("CARGO_INSTALL_ROOT").or_else(|| std::env::var_os("CARGO_HOME")).map(PathBuf::from);
    let home = || std::env::var_os("HOME").or_else(|| std::env::var_os("USERPROFILE")).map(PathBuf::from);
    Some(named.or_else(|| home().map(|home| home.join(".cargo")))?.join("bin"))
}

/// Our own place for tools, used where another version of the same tool must not be overwritten.
fn own_tools() -> PathBuf {
    target().join("tools")
}

/// The version that the lock file gives a package.
///
/// # Errors
/// The lock file is missing or does not name the package.
pub fn locked_version(package: &str) -> Result<String, String> {
    let text = std::fs::read_to_string(root().join("Cargo.lock")).map_err(|error| format!("Cargo.lock: {error}"))?;
    version_in_lock(&text, package).ok_or_else(|| format!("Cargo.lock names no package `{package}`"))
}

fn version_in_lock(lock: &str, package: &str) -> Option<String> {
    let wanted = format!("name = \"{package}\"");
    let mut lines = lock.lines();
    lines.find(|line| line.trim() == wanted)?;
    let version = lines.next()?.trim().strip_prefix("version = \"")?;
    Some(version.trim_end_matches('"').to_owned())
}

#[cfg(test)]
mod tests {
    use super::version_in_lock;

    #[test]
    fn the_lock_file_gives_the_version_of_exactly_that_package() {
        let lock = "[[package]]\nname = \"wasm-bindgen-macro\"\nversion = \"1.0.0\"\n\n\
                    [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.129\"\n";
        assert_eq!(version_in_lock(lock, "wasm-bindgen").as_deref(), Some("0.2.129"));
        assert_eq!(version_in_lock(lock, "yew"), None);
    }
}
