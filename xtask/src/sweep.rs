//! `cargo xtask sweep`, `guards` and `lesson check`: programs of `tests/`, in release.

use std::process::Command;

use crate::process::cargo;

fn program(name: &str, guards: bool, options: &[&str]) -> Result<(), String> {
    let mut command: Command = cargo();
    command.args(["run", "--quiet", "--release", "--package", "playground-tests", "--bin", name]);
    if guards {
        command.args(["--features", "guards"]);
    }
    let status = command.arg("--").args(options).status().map_err(|error| format!("cargo: {error}"))?;
    // The program has said what is wrong.
    if status.success() { Ok(()) } else { Err(String::new()) }
}

/// Random faults, seed by seed. Only with `--guard` can a check be switched off in the build.
pub fn sweep(options: &[&str]) -> Result<(), String> {
    program("sweep", options.contains(&"--guard"), options)
}

/// Whether lesson files are sound.
pub fn lessons(files: &[&str]) -> Result<(), String> {
    program("lesson", false, files)
}

/// Kafka's checks off one at a time: first those that the sweep misses soon, as a test, then all of them.
pub fn guards(options: &[&str]) -> Result<(), String> {
    if options.is_empty() {
        let test = ["test", "--release", "--package", "playground-tests", "--features", "guards", "--test", "guards"];
        let status = cargo().args(test).status().map_err(|error| format!("cargo: {error}"))?;
        if !status.success() {
            return Err(String::new());
        }
    }
    program("guards", true, options)
}
