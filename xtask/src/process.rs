//! Starting other programs: found by name, run in the repository, output passed on or kept.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The repository's root: xtask's own folder is one below it.
pub fn root() -> PathBuf {
    let own = std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| PathBuf::from("xtask"), PathBuf::from);
    own.parent().map_or_else(|| PathBuf::from("."), Path::to_path_buf)
}

/// Where builds go.
pub fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |named| root().join(named))
}

/// The cargo that runs us.
pub fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    // What cargo told xtask about xtask's own package is wrong for any other.
    for (name, _) in std::env::vars_os() {
        if let Some(text) = name.to_str()
            && (text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_"))
        {
            command.env_remove(&name);
        }
    }
    command
}

/// A program by name, to run in the repository.
pub fn program(name: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new(name);
    command.current_dir(root());
    command
}

/// Looks a program up on PATH and in the extra folders.
pub fn find_all(name: &str, extra: &[PathBuf]) -> Vec<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    std::env::split_paths(&path)
        .chain(extra.iter().cloned())
        .map(|folder| folder.join(&file))
        .filter(|candidate| candidate.is_file())
        .collect()
}

/// What a program prints when it goes well; `None` if it cannot be run or fails.
pub fn output_of(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Runs a program with its output passed through.
///
/// # Errors
/// It cannot be started or ends with a failure.
pub fn run(what: &str, command: &mut Command) -> Result<(), String> {
    let status =
        command.stdin(Stdio::null()).status().map_err(|error| format!("{what}: cannot be started: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("{what} failed ({status})")) }
}

/// What a program printed, and whether it went well.
pub struct Captured {
    /// Exit status 0.
    pub success: bool,
    /// Standard output, then standard error.
    pub text: String,
}

/// Runs a program and keeps its output; lines of standard error that `is_progress` recognizes are
/// shown as they come.
pub fn capture(command: &mut Command, is_progress: fn(&str) -> bool) -> Captured {
    let started = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = match started {
        Ok(child) => child,
        Err(error) => return Captured { success: false, text: format!("cannot be started: {error}\n") },
    };
    // Two pipes must be emptied at the same time, or the child can block on the other one.
    let errors = child.stderr.take();
    let reader = std::thread::spawn(move || {
        let mut kept = String::new();
        if let Some(errors) = errors {
            for line in BufReader::new(errors).lines().map_while(Result::ok) {
                if is_progress(&line) {
                    eprintln!("    {}", line.trim());
                } else {
                    kept.push_str(&line);
                    kept.push('\n');
                }
            }
        }
        kept
    });
    let mut bytes = Vec::new();
    if let Some(mut output) = child.stdout.take() {
        // A broken pipe shows in the exit status.
        let _ = output.read_to_end(&mut bytes);
    }
    let mut text = String::from_utf8_lossy(&bytes).into_owned();
    text.push_str(&reader.join().unwrap_or_default());
    let success = child.wait().is_ok_and(|status| status.success());
    Captured { success, text }
}
