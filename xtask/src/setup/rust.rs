//! Rust's side: the wasm target, clippy and rustfmt by rustup; Trunk and wasm-bindgen by cargo.

use std::path::PathBuf;
use std::process::Command;

use super::{TRUNK, announce, cargo_bin, locked_version, own_tools};
use crate::process::{cargo, find_all, output_of, program, run};

const WASM: &str = "wasm32-unknown-unknown";

/// The standard library for WebAssembly.
///
/// # Errors
/// It is missing and cannot be installed.
pub fn wasm_target() -> Result<(), String> {
    if has_wasm_target() {
        return Ok(());
    }
    announce(
        &format!("the Rust target {WASM}"),
        "the page runs as WebAssembly, and core is checked to build for it",
        "seconds (a download of some 20 MB by rustup)",
    );
    run("rustup target add", program("rustup").args(["target", "add", WASM])).map_err(|error| {
        format!("{error}\nInstall rustup (its site tells how) and try again, or add the target {WASM} to your Rust yourself.")
    })?;
    if has_wasm_target() { Ok(()) } else { Err(format!("the target {WASM} is still missing after rustup ran")) }
}

fn has_wasm_target() -> bool {
    let library = output_of(program("rustc").args(["--print", "target-libdir", "--target", WASM]));
    library.is_some_and(|folder| PathBuf::from(folder.trim()).is_dir())
}

/// The two parts of the toolchain that checks need: a minimal one lacks them.
///
/// # Errors
/// One is missing and cannot be installed.
pub fn clippy_and_rustfmt() -> Result<(), String> {
    for (component, subcommand) in [("rustfmt", "fmt"), ("clippy", "clippy")] {
        if output_of(cargo().args([subcommand, "--version"])).is_none() {
            announce(component, "the checks format and lint the code", "seconds, by rustup");
            run("rustup component add", program("rustup").args(["component", "add", component]))?;
        }
    }
    Ok(())
}

/// Programs that build the page.
pub struct PageTools {
    /// Trunk.
    pub trunk: PathBuf,
    /// wasm-bindgen's command line program; Trunk looks for it on PATH.
    pub wasm_bindgen: PathBuf,
}

/// Trunk and wasm-bindgen, both at the versions that fit this repository.
///
/// # Errors
/// One is missing and cannot be installed.
pub fn page_tools() -> Result<PageTools, String> {
    wasm_target()?;
    let bindgen = locked_version("wasm-bindgen")?;
    let wasm_bindgen = installed(&Tool {
        program: "wasm-bindgen",
        package: "wasm-bindgen-cli",
        version: &bindgen,
        why: "it writes the JavaScript beside the page's WebAssembly; its version must be the library's in Cargo.lock",
        how_long: "about 4 minutes of compiling on one core",
    })?;
    let trunk = installed(&Tool {
        program: "trunk",
        package: "trunk",
        version: TRUNK,
        why: "it builds the page from index.html, the styles and the Rust code",
        how_long: "about 9 minutes of compiling on one core",
    })?;
    Ok(PageTools { trunk, wasm_bindgen })
}

struct Tool<'a> {
    program: &'a str,
    package: &'a str,
    version: &'a str,
    why: &'a str,
    how_long: &'a str,
}

fn installed(tool: &Tool<'_>) -> Result<PathBuf, String> {
    if let Some(found) = look_for(tool) {
        return Ok(found);
    }
    announce(&format!("{} {}", tool.package, tool.version), tool.why, tool.how_long);
    let spec = format!("{}@{}", tool.package, tool.version);
    let mut command = cargo();
    command.args(["install", "--locked", &spec]);
    // Another version that a person has installed stays as it is.
    let others = cargo_bin().is_some_and(|folder| !find_all(tool.program, &[folder]).is_empty());
    if others {
        println!("    another version of {} is on this machine and is left alone", tool.program);
        command.arg("--root").arg(own_tools());
    }
    // Its build must not mix with ours, nor obey our build settings.
    command.env_remove("CARGO_TARGET_DIR").env_remove("RUSTFLAGS");
    run(&format!("cargo install {spec}"), &mut command)?;
    look_for(tool).ok_or_else(|| format!("{spec} was installed, but {} {} is not found", tool.program, tool.version))
}

fn look_for(tool: &Tool<'_>) -> Option<PathBuf> {
    let folders: Vec<PathBuf> = cargo_bin().into_iter().chain([own_tools().join("bin")]).collect();
    find_all(tool.program, &folders).into_iter().find(|candidate| {
        let said = output_of(Command::new(candidate).arg("--version"));
        said.is_some_and(|text| says_version(&text, tool.version))
    })
}

/// True of `trunk 0.21.14` and of `wasm-bindgen 0.2.129 (…)`, but not of `0.2.1290`.
fn says_version(text: &str, version: &str) -> bool {
    text.split_whitespace().any(|word| word == version)
}

#[cfg(test)]
mod tests {
    use super::says_version;

    #[test]
    fn only_the_very_version_will_do() {
        assert!(says_version("trunk 0.21.14\n", "0.21.14"));
        assert!(says_version("wasm-bindgen 0.2.129 (abc)", "0.2.129"));
        assert!(!says_version("trunk 0.21.1", "0.21.14"));
        assert!(!says_version("trunk 0.21.140", "0.21.14"));
    }
}
