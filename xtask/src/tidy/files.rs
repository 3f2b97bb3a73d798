//! Rules about whole files: length, head, and places of one machine.

use super::Finding;
use super::source::Source;

const MOST_LINES: usize = 500;
const RATHER_LONG: usize = 400;

pub fn too_long(sources: &[Source]) -> Vec<Finding> {
    longer_than(sources, MOST_LINES, usize::MAX)
}

pub fn rather_long(sources: &[Source]) -> Vec<Finding> {
    longer_than(sources, RATHER_LONG, MOST_LINES)
}

fn longer_than(sources: &[Source], least: usize, most: usize) -> Vec<Finding> {
    let count = |source: &Source| source.text.lines().count();
    sources
        .iter()
        .filter(|source| source.is_rust() && count(source) > least && count(source) <= most)
        .map(|source| Finding::new(&source.path, format!("{} lines", count(source))))
        .collect()
}

pub fn without_head(sources: &[Source]) -> Vec<Finding> {
    sources
        .iter()
        // `tests.rs` beside its subject: the subject's file says what it is.
        .filter(|source| source.is_rust() && !source.path.ends_with("/tests.rs"))
        .filter(|source| !source.text.trim_start().starts_with("//!"))
        .map(|source| Finding::at(&source.path, 1, "no //! at the top"))
        .collect()
}

pub fn machine_places(sources: &[Source]) -> Vec<Finding> {
    // Spelled in two halves, so that this file keeps its own rule.
    let places =
        [["/wo", "rk/"], ["/ro", "ot/"], ["/ho", "me/"], ["/Us", "ers/"], ["C:", "\\Users"]].map(|two| two.concat());
    let mut findings = Vec::new();
    for source in sources {
        for (index, line) in source.text.lines().enumerate() {
            for place in places.iter().filter(|place| names_place(line, place)) {
                findings.push(Finding::at(&source.path, index + 1, format!("names {place}")));
            }
            if let Some(host) = foreign_registry(&source.path, line) {
                findings.push(Finding::at(&source.path, index + 1, format!("fetches from {host}")));
            }
        }
    }
    findings
}

/// True if the place stands where a path begins, not in the middle of one.
fn names_place(line: &str, place: &str) -> bool {
    line.match_indices(place).any(|(at, _)| {
        let before = line.get(..at).and_then(|text| text.chars().next_back());
        !before.is_some_and(|letter| letter.is_alphanumeric() || matches!(letter, '.' | '_' | '-' | '}' | ')'))
    })
}

/// A registry in a lock file that is not the public one.
fn foreign_registry(path: &str, line: &str) -> Option<String> {
    let (mark, public) = if path.ends_with("Cargo.lock") {
        ("source = \"registry+", "https://github.com/rust-lang/crates.io-index")
    } else if path.ends_with("package-lock.json") {
        ("\"resolved\": \"", "https://registry.npmjs.org/")
    } else {
        return None;
    };
    let address = line.trim().strip_prefix(mark)?;
    (!address.starts_with(public)).then(|| "a registry that is not the public one".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_files_are_found_and_rather_long_ones_noted() {
        let lines = |count: usize| Source::new("core/src/a.rs", &"x\n".repeat(count));
        assert_eq!(too_long(&[lines(500)]).len(), 0);
        assert_eq!(too_long(&[lines(501)]).len(), 1);
        assert_eq!(rather_long(&[lines(400), lines(401), lines(501)]).len(), 1);
    }

    #[test]
    fn a_head_is_needed() {
        assert_eq!(without_head(&[Source::new("web/src/a.rs", "use b;\n"), Source::new("a.md", "x")]).len(), 1);
        assert_eq!(without_head(&[Source::new("web/src/a.rs", "//! A.\n")]).len(), 0);
    }

    #[test]
    fn places_of_one_machine_are_found() {
        let place = ["see /ho", "me/me/notes"].concat();
        assert_eq!(machine_places(&[Source::new("README.md", &place)]).len(), 1);
        assert_eq!(machine_places(&[Source::new("README.md", "docs/home/notes and ../shared/")]).len(), 0);
        let lock = "      \"resolved\": \"https://mirror.example/a.tgz\",";
        assert_eq!(machine_places(&[Source::new("tests/browser/package-lock.json", lock)]).len(), 1);
        let public = "source = \"registry+https://github.com/rust-lang/crates.io-index\"";
        assert_eq!(machine_places(&[Source::new("Cargo.lock", public)]).len(), 0);
    }
}
