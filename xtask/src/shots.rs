//! `cargo xtask shots`: pictures of the page for a person to look at.

use crate::process::{program, root, run};
use crate::{play, setup};

/// Takes the pictures.
///
/// # Errors
/// The page does not build or the browser cannot be had.
pub fn run_all(folder: Option<&str>) -> Result<(), String> {
    let node = setup::node()?;
    let chrome = setup::chromium()?;
    setup::node_packages()?;
    let dist = play::build()?;
    let out = root().join(folder.unwrap_or("target/shots"));
    std::fs::create_dir_all(&out).map_err(|error| format!("{}: {error}", out.display()))?;
    let mut shots = program(node);
    shots.arg("tests/browser/shots.mjs").arg(&out).env("CHROME", chrome).env("DIST", dist);
    // The pictures to reach lie beside the project; without them there are no sheets.
    let visual = root().join("../shared/visual");
    if visual.is_dir() {
        shots.env("VISUAL", visual);
    }
    run("shots", &mut shots)?;
    println!("{}", out.display());
    Ok(())
}
