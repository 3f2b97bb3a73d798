//! `cargo xtask bench`: how fast the simulation runs, beside another simulator in the same run, and
//! how much the page weighs. `--page`: what the built page takes in a browser, against its targets. Prints
//! numbers and fails for none: the machine is not known.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::process::{cargo, program, run, target};
use crate::{dist, play, setup};

/// What the page's bench can measure by itself.
const PARTS: [&str; 6] = ["weight", "first", "memory", "frames", "answers", "seek"];

/// Measures.
///
/// # Errors
/// Something does not build or run.
pub fn run_all() -> Result<(), String> {
    let mut bench = cargo();
    // A package of its own, outside the workspace, and a folder of its own for what it builds: the flag
    // that makes madsim a simulator would build everything else anew.
    bench.args(["run", "--release", "--quiet", "--manifest-path", "tests/bench/Cargo.toml"]);
    bench.env("CARGO_TARGET_DIR", target().join("bench")).env("RUSTFLAGS", "--cfg madsim");
    run("the simulation's bench", &mut bench)?;
    let dist = play::build()?;
    println!("\npage, file by file                                    bytes    gzip -9");
    let (mut bytes, mut compressed) = (0, 0);
    for path in files(&dist)? {
        let size = std::fs::metadata(&path).map_err(|error| error.to_string())?.len();
        let packed = gzip_size(&path)?;
        let name = path.strip_prefix(&dist).unwrap_or(&path).display().to_string();
        println!("{name:<48} {size:>10} {packed:>10}");
        bytes += size;
        compressed += packed;
    }
    println!("{:<48} {bytes:>10} {compressed:>10}", "together");
    Ok(())
}

/// Measures the page in a browser, as `cargo xtask dist` makes it: all of `tests/browser/bench.mjs`, or the parts
/// that are named.
///
/// # Errors
/// The page does not build, or the browser cannot be had.
pub fn page(parts: &[&str]) -> Result<(), String> {
    if let Some(part) = parts.iter().find(|part| !PARTS.contains(part)) {
        return Err(format!("bench --page: {part:?} is no part of it; it takes {}", PARTS.join(", ")));
    }
    let (node, chrome) = (setup::node()?, setup::chromium()?);
    setup::node_packages()?;
    let folder = target().join("bench-site");
    dist::make(&dist::Options::compressed_into(folder.clone()))?;
    println!();
    let mut bench = program(node);
    bench.arg("tests/browser/bench.mjs").args(parts).env("CHROME", chrome).env("DIST", folder);
    run("the page's bench", &mut bench)
}

fn files(folder: &Path) -> Result<Vec<std::path::PathBuf>, String> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(&next).map_err(|error| format!("{}: {error}", next.display()))?.flatten() {
            let path = entry.path();
            if path.is_dir() { folders.push(path) } else { found.push(path) }
        }
    }
    found.sort();
    Ok(found)
}

fn gzip_size(path: &Path) -> Result<u64, String> {
    let output = Command::new("gzip").args(["-9", "-n", "-c"]).arg(path).stdin(Stdio::null()).output();
    let output = output.map_err(|error| format!("gzip cannot be started: {error}"))?;
    if output.status.success() { Ok(output.stdout.len() as u64) } else { Err(format!("gzip {}", path.display())) }
}
