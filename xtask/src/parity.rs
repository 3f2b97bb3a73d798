//! The same scenarios natively and as WebAssembly: builds both, and holds the module to "imports
//! nothing", which proves that core asks nothing of its surroundings: no clock, no chance, no files.

use std::path::PathBuf;

use crate::process::{capture, cargo, target};
use crate::wasm;

/// Where the module is after [`build`].
pub fn module() -> PathBuf {
    target().join("wasm32-unknown-unknown/web/playground_parity.wasm")
}

/// Builds the module, in the profile of the page, and looks at its imports.
///
/// # Errors
/// It does not build, or it imports something.
pub fn build() -> Result<String, String> {
    let mut command = cargo();
    command.args(["build", "--package", "playground-parity", "--lib", "--profile", "web"]);
    let built = capture(command.args(["--target", "wasm32-unknown-unknown"]), |line| line.contains("Compiling"));
    if !built.success {
        return Err(built.text);
    }
    let bytes = std::fs::read(module()).map_err(|error| format!("{}: {error}", module().display()))?;
    match wasm::imports(&bytes) {
        Some(imports) if imports.is_empty() => Ok(format!("{} bytes, no imports", bytes.len())),
        Some(imports) => Err(format!(
            "core for wasm32 imports {}: something in its dependencies asks the surroundings for time, chance or \
             output. Find it with `cargo tree --package playground-core`.",
            imports.iter().map(|one| format!("{}.{}", one.from, one.name)).collect::<Vec<_>>().join(", ")
        )),
        None => Err("the module that was built is no WebAssembly that we can read".into()),
    }
}

/// Runs the scenarios natively; the file has a line `name fingerprint` for each.
///
/// # Errors
/// They do not build or run.
pub fn native_fingerprints() -> Result<PathBuf, String> {
    let run = capture(cargo().args(["run", "--package", "playground-parity", "--bin", "fingerprints"]), |line| {
        line.contains("Compiling")
    });
    if !run.success {
        return Err(run.text);
    }
    let lines: String =
        run.text.lines().filter(|line| line.starts_with("fingerprint ")).flat_map(|line| [line, "\n"]).collect();
    let file = target().join("parity-native.txt");
    std::fs::write(&file, lines).map_err(|error| format!("{}: {error}", file.display()))?;
    Ok(file)
}
