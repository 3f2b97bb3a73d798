//! Everything that is simpler than in Kafka is marked where it is written, and listed where a person
//! looks for it: `docs/FIDELITY.md`. The list there is made from the marks.

use super::Finding;
use super::source::Source;
use crate::process::root;

const DOCUMENT: &str = "docs/FIDELITY.md";
const BEGIN: &str = "<!-- simplified: written by `cargo xtask fix` from the comments in the code -->";
const END: &str = "<!-- end of simplified -->";

pub fn check(sources: &[Source]) -> Vec<Finding> {
    let Some(document) = sources.iter().find(|source| source.path == DOCUMENT) else {
        return vec![Finding::new(DOCUMENT, "is missing")];
    };
    match with_list(&document.text, &list(sources)) {
        Some(wanted) if wanted == document.text => Vec::new(),
        Some(_) => vec![Finding::new(DOCUMENT, "its list is not what the code says")],
        None => vec![Finding::new(DOCUMENT, format!("lacks the lines {BEGIN} and {END}"))],
    }
}

pub fn write(sources: &[Source]) -> Result<(), String> {
    let path = root().join(DOCUMENT);
    let text = std::fs::read_to_string(&path).map_err(|error| format!("{DOCUMENT}: {error}"))?;
    let wanted = with_list(&text, &list(sources)).ok_or_else(|| format!("{DOCUMENT} lacks the line {BEGIN}"))?;
    std::fs::write(path, wanted).map_err(|error| format!("{DOCUMENT}: {error}"))
}

/// The document with the list between its two marks.
fn with_list(document: &str, list: &str) -> Option<String> {
    let (before, rest) = document.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{BEGIN}\n{list}{END}{after}"))
}

/// A line for each mark, by file. A file that moves moves its lines; line numbers would go stale.
fn list(sources: &[Source]) -> String {
    let mut lines = String::new();
    for source in sources.iter().filter(|source| source.is_core()) {
        for text in marks(&source.text) {
            lines.push_str(&format!("- `{}`: {text}\n", source.path.trim_start_matches("core/src/")));
        }
    }
    lines
}

/// Texts of the marks, each with the comment lines that go on with it.
fn marks(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut open = false;
    for line in text.lines() {
        let comment = line.trim_start().strip_prefix("//").map(|rest| rest.trim_start_matches(['/', '!']).trim());
        match (comment, comment.and_then(|comment| comment.strip_prefix("Simplified:"))) {
            (_, Some(mark)) => {
                found.push(mark.trim().to_owned());
                open = true;
            }
            (Some(more), None) if open && !more.is_empty() => {
                if let Some(last) = found.last_mut() {
                    last.push(' ');
                    last.push_str(more);
                }
            }
            _ => open = false,
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_goes_on_over_its_comment() {
        let text = "// Simplified: one\n// and more.\n//\n// Not this.\nfn a() {}\n/// Simplified: two.\n";
        assert_eq!(marks(text), ["one and more.", "two."]);
    }

    #[test]
    fn a_list_that_is_not_what_the_code_says_is_found() {
        let code = Source::new("core/src/log/a.rs", "//! A.\n// Simplified: no compression.\n");
        let document = |list: &str| Source::new(DOCUMENT, &format!("# F\n{BEGIN}\n{list}{END}\n"));
        let good = "- `log/a.rs`: no compression.\n";
        assert_eq!(check(&[document(good), Source::new("core/src/log/a.rs", &code.text)]), []);
        assert_eq!(check(&[document(""), code]).len(), 1);
    }
}
