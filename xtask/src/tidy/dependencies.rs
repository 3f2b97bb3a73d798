//! What core depends on, and what its neighbours depend on.

use super::Finding;
use super::source::Source;
use crate::process::{cargo, output_of};

const FORBIDDEN: &[&str] = &[
    "getrandom",
    "rand",
    "wasm-bindgen",
    "js-sys",
    "web-sys",
    "yew",
    "gloo",
    "plotters",
    "tokio",
    "futures",
    "chrono",
    "playground-web",
    "playground-tests",
];

pub fn check(_: &[Source]) -> Vec<Finding> {
    let mut tree = cargo();
    tree.args(["tree", "--package", "playground-core", "--edges", "normal", "--target", "all", "--prefix", "none"]);
    match output_of(&mut tree) {
        Some(text) => forbidden_in(&text),
        None => vec![Finding::new("core/Cargo.toml", "`cargo tree` failed, so its dependencies are not known")],
    }
}

fn forbidden_in(tree: &str) -> Vec<Finding> {
    let names = tree.lines().filter_map(|line| line.split_whitespace().next());
    let mut found: Vec<&str> = names.filter(|name| FORBIDDEN.contains(name)).collect();
    found.sort_unstable();
    found.dedup();
    found.into_iter().map(|name| Finding::new("core/Cargo.toml", format!("depends on {name}"))).collect()
}

#[cfg(test)]
mod tests {
    use super::forbidden_in;

    #[test]
    fn a_forbidden_crate_is_found_at_any_depth() {
        assert_eq!(forbidden_in("playground-core v0.1.0 (core)\npulldown-cmark v0.13.0\ngetrandom v0.3.1\n").len(), 1);
        assert_eq!(forbidden_in("playground-core v0.1.0\nrandom-words v1.0.0\n").len(), 0);
    }
}
