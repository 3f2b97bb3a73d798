//! `cargo xtask fix`: what a program can mend, it mends.

use crate::process::{cargo, run};
use crate::{setup, tidy};

/// Writes what is generated, lets clippy mend, then formats.
///
/// # Errors
/// A tool fails.
pub fn run_all() -> Result<(), String> {
    tidy::write_list_of_simplifications()?;
    println!("docs/FIDELITY.md lists what is simplified");
    setup::clippy_and_rustfmt()?;
    run("clippy --fix", cargo().args(["clippy", "--fix", "--allow-dirty", "--workspace", "--all-targets"]))?;
    run("cargo fmt", cargo().args(["fmt", "--all"]))
}
