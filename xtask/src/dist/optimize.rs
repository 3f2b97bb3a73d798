//! wasm-opt over the page's program, if Node is there, and the new name that its new content needs.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process::{output_of, program as command, root, run};
use crate::setup;

/// What rustc emits; wasm-opt wants to be told.
const FEATURES: [&str; 7] = [
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-reference-types",
    "--enable-multivalue",
];

/// Flat code is taken apart and put together anew between two rounds: one per cent less once compressed than one round.
const PASSES: [&str; 6] = ["-Oz", "--merge-similar-functions", "--flatten", "--rereloop", "-Oz", "-Oz"];

/// Optimizes `program` in its folder. Without Node it stays as it is, and that is said.
///
/// # Errors
/// wasm-opt cannot be had although Node is there, or fails.
pub fn run_over(folder: &Path, program: &Path) -> Result<(), String> {
    let node = match setup::node() {
        Ok(node) => node,
        Err(_) => {
            println!("==> Node is not there: wasm-opt is left out, the page is a few per cent larger");
            return Ok(());
        }
    };
    let wasm_opt = setup::node_packages_of("xtask/wasm-opt", "wasm-opt", "it makes the page's WebAssembly smaller")?
        .join("node_modules/binaryen/bin/wasm-opt");
    println!("==> Optimizing the program (a minute or two)");
    let smaller = folder.join("optimized.wasm");
    let mut optimizer = command(&node);
    optimizer.arg(wasm_opt).args(PASSES).args(FEATURES).arg(program).arg("-o").arg(&smaller);
    run("wasm-opt", &mut optimizer)?;
    rename(folder, program, &smaller)
}

/// The optimized file takes the program's place under a name of its own, in the page and its script too.
fn rename(folder: &Path, program: &Path, smaller: &Path) -> Result<(), String> {
    let failed = |path: &Path, error: std::io::Error| format!("{}: {error}", path.display());
    let old = file_name(program);
    let bytes = std::fs::read(smaller).map_err(|error| failed(smaller, error))?;
    let stem = old.trim_end_matches("_bg.wasm");
    let fresh = format!("playground-{:016x}", digest(&bytes));
    let moves: Vec<(PathBuf, PathBuf)> = [("_bg.wasm", "_bg.wasm"), (".js", ".js")]
        .map(|(from, to)| (folder.join(format!("{stem}{from}")), folder.join(format!("{fresh}{to}"))))
        .into();
    std::fs::rename(smaller, program).map_err(|error| failed(program, error))?;
    for (from, to) in &moves {
        std::fs::rename(from, to).map_err(|error| failed(from, error))?;
    }
    for name in ["index.html".to_owned(), format!("{fresh}.js")] {
        let path = folder.join(name);
        let text = std::fs::read_to_string(&path).map_err(|error| failed(&path, error))?;
        std::fs::write(&path, text.replace(stem, &fresh)).map_err(|error| failed(&path, error))?;
    }
    Ok(())
}

fn file_name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// FNV-1a of 64 bits.
fn digest(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

/// Node at work on files: what its script prints.
pub fn squeezed(files: &[PathBuf], keep: bool) -> Option<String> {
    let node = setup::node().ok()?;
    let mut squeeze = Command::new(node);
    squeeze.current_dir(root()).args(["--input-type=module", "-e", include_str!("squeeze.mjs"), "--"]);
    output_of(squeeze.arg(if keep { "keep" } else { "measure" }).args(files))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_and_its_script_name_the_optimized_file() {
        let folder = std::env::temp_dir().join(format!("playground-optimize-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let (program, smaller) = (folder.join("playground-00_bg.wasm"), folder.join("optimized.wasm"));
        std::fs::write(&program, "large").unwrap();
        std::fs::write(&smaller, "a").unwrap();
        std::fs::write(folder.join("playground-00.js"), "playground-00_bg.wasm").unwrap();
        std::fs::write(folder.join("index.html"), "playground-00.js playground-00_bg.wasm").unwrap();
        rename(&folder, &program, &smaller).unwrap();
        let read = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
        assert_eq!(read("playground-af63dc4c8601ec8c_bg.wasm"), "a");
        assert_eq!(read("index.html"), "playground-af63dc4c8601ec8c.js playground-af63dc4c8601ec8c_bg.wasm");
        assert_eq!(read("playground-af63dc4c8601ec8c.js"), "playground-af63dc4c8601ec8c_bg.wasm");
        assert!(!program.exists() && !smaller.exists());
        std::fs::remove_dir_all(folder).unwrap();
    }
}
