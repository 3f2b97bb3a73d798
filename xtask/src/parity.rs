//! The same scenarios natively and as WebAssembly: builds both, and holds the module to "imports
//! nothing", which proves that core asks nothing of its surroundings: no clock, no chance, no files.

use std::path::PathBuf;

use crate::process::{capture, cargo, target};

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
    match imports(&bytes) {
        Some(names) if names.is_empty() => Ok(format!("{} bytes, no imports", bytes.len())),
        Some(names) => Err(format!(
            "core for wasm32 imports {}: something in its dependencies asks the surroundings for time, chance or \
             output. Find it with `cargo tree --package playground-core`.",
            names.join(", ")
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

/// Names of everything that a WebAssembly module imports (section 2 of its binary form).
fn imports(module: &[u8]) -> Option<Vec<String>> {
    let mut rest = module.strip_prefix(b"\0asm\x01\0\0\0")?;
    while let Some((&id, after)) = rest.split_first() {
        rest = after;
        let size = usize::try_from(number(&mut rest)?).ok()?;
        let (section, next) = rest.split_at_checked(size)?;
        if id == 2 {
            return import_names(section);
        }
        rest = next;
    }
    Some(Vec::new())
}

fn import_names(mut section: &[u8]) -> Option<Vec<String>> {
    let count = number(&mut section)?;
    let mut names = Vec::new();
    for _ in 0..count {
        let (from, name) = (text(&mut section)?, text(&mut section)?);
        names.push(format!("{from}.{name}"));
        let (&kind, after) = section.split_first()?;
        section = after;
        match kind {
            0 => _ = number(&mut section)?, // a function: its type
            1 => {
                (_, section) = section.split_first()?; // a table: the type of its elements
                limits(&mut section)?;
            }
            2 => limits(&mut section)?,
            3 => section = section.get(2..)?, // a global: type and mutability
            _ => return None,
        }
    }
    Some(names)
}

fn limits(bytes: &mut &[u8]) -> Option<()> {
    let (&flags, after) = bytes.split_first()?;
    *bytes = after;
    number(bytes)?;
    if flags & 1 == 1 {
        number(bytes)?;
    }
    Some(())
}

fn text(bytes: &mut &[u8]) -> Option<String> {
    let length = usize::try_from(number(bytes)?).ok()?;
    let (own, rest) = bytes.split_at_checked(length)?;
    *bytes = rest;
    Some(String::from_utf8_lossy(own).into_owned())
}

/// An unsigned LEB128.
fn number(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0u64;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::imports;

    #[test]
    fn imports_are_found_and_their_absence_too() {
        let head = b"\0asm\x01\0\0\0";
        // A type section, then an import section with one function `env.now` of type 0.
        let with = [head.as_slice(), &[1, 4, 1, 0x60, 0, 0], &[2, 11, 1, 3], b"env", &[3], b"now", &[0, 0]].concat();
        assert_eq!(imports(&with), Some(vec!["env.now".to_owned()]));
        let without = [head.as_slice(), &[1, 4, 1, 0x60, 0, 0]].concat();
        assert_eq!(imports(&without), Some(Vec::new()));
        assert_eq!(imports(b"no module"), None);
        assert_eq!(imports(&with[..with.len() - 3]), None, "cut short");
    }
}
