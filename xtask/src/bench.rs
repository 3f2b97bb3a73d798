//! `cargo xtask bench`: how fast the simulation runs, beside another simulator in the same run, and
//! how much the page weighs. Prints numbers, judges none: the machine is not known.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::play;
use crate::process::{cargo, run, target};

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
