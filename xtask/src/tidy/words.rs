//! Words that must not stand in some code.

use super::Finding;
use super::source::{Source, has_word};

const SURROUNDINGS: &[&str] = &[
    "HashMap",
    "HashSet",
    "RandomState",
    "f32",
    "f64",
    "SystemTime",
    "Instant",
    "std::time",
    "std::thread",
    "thread::spawn",
    "std::env",
    "std::fs",
    "std::net",
    "std::io",
    "std::process",
    "std::sync",
    "thread_local!",
    "static mut",
    "unsafe",
    "println!",
    "eprintln!",
    "dbg!",
];

/// Where one of them may stand: the switches of the guards, which only a test build has; constants that the page gives.
const EXCEPT: &[(&str, &str)] = &[("core/src/guard.rs", "`thread_local!`"), ("core/src/beside.rs", "`std::sync`")];

const PANICS: &[&str] =
    &[".unwrap()", ".expect(", "panic!", "unreachable!", "todo!", "unimplemented!", "assert!", "assert_eq!"];

/// Files of core whose numbers are kept, sent, hashed or shared by link.
const KEPT: &[&str] = &["core/src/ids.rs", "core/src/time.rs", "core/src/protocol/", "core/src/sim/fingerprint.rs"];

pub fn surroundings(sources: &[Source]) -> Vec<Finding> {
    let core = sources.iter().filter(|source| source.is_core());
    let found = core.flat_map(|source| words_in(source, source.lines(), SURROUNDINGS));
    found.filter(|finding| !EXCEPT.iter().any(|(path, word)| finding.is(path, word))).collect()
}

pub fn panics(sources: &[Source]) -> Vec<Finding> {
    let core = sources.iter().filter(|source| source.is_core());
    core.flat_map(|source| words_in(source, source.lines_outside_tests(), PANICS)).collect()
}

/// Styles that Yew would set as an attribute, which the page's policy forbids: the browser would say so
/// only when somebody looks. `~style` sets the property, which it allows.
pub fn inline_styles(sources: &[Source]) -> Vec<Finding> {
    let page = sources.iter().filter(|source| source.path.starts_with("web/src/") && source.is_rust());
    page.flat_map(|source| {
        source
            .lines()
            .filter(|(_, line)| line.contains(" style=") || line.contains(" {style}"))
            .map(|(number, _)| Finding::at(&source.path, number, "`style` as an attribute"))
    })
    .collect()
}

/// Maps and sets of std in core, outside of tests.
pub fn std_trees(sources: &[Source]) -> Vec<Finding> {
    let core = sources.iter().filter(|source| source.is_core());
    core.flat_map(|source| {
        let std = source.lines_outside_tests().filter(|(_, line)| line.contains("std::collections::"));
        words_in(source, std, &["BTreeMap", "BTreeSet"])
    })
    .collect()
}

/// `usize` as the type of a public field; inside functions it is free.
pub fn widths(sources: &[Source]) -> Vec<Finding> {
    let kept = sources.iter().filter(|source| KEPT.iter().any(|path| source.path.starts_with(path)));
    kept.flat_map(|source| {
        let public = source.lines_outside_tests().filter(|(_, line)| {
            let line = line.trim_start();
            line.starts_with("pub ") && !line.contains("fn ") && !line.contains("const ")
        });
        words_in(source, public, &["usize", "isize"])
    })
    .collect()
}

pub fn tests(sources: &[Source]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for source in sources {
        if source.is_rust() {
            findings.extend(words_in(source, source.lines(), &["#[ignore", "thread::sleep"]));
        } else if source.path.ends_with(".test.mjs") {
            let lines = source.text.lines().enumerate().map(|(index, line)| (index + 1, line));
            findings.extend(words_in(
                source,
                lines,
                &["waitForTimeout", "setTimeout", "test.skip", "skip:", "test.todo"],
            ));
        }
    }
    findings
}

fn words_in<'a>(source: &Source, lines: impl Iterator<Item = (usize, &'a str)>, words: &[&str]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (number, line) in lines {
        for word in words.iter().filter(|word| has_word(line, word)) {
            findings.push(Finding::at(&source.path, number, format!("`{word}`")));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn core_may_not_know_its_surroundings() {
        let bad = "use std::collections::HashMap;\nlet x = 1.0f64 as f64;\nstd::time::Instant::now();\n";
        assert!(surroundings(&[Source::new("core/src/a.rs", bad)]).len() >= 3);
        let prose = "//! HashMap and f64 are named in prose only.\nlet x = \"f64\";";
        assert_eq!(surroundings(&[Source::new("core/src/a.rs", prose), Source::new("web/src/a.rs", bad)]), []);
    }

    #[test]
    fn core_may_not_panic_but_its_tests_may() {
        let text = "let a = b.unwrap_or_default();\nlet c = d.unwrap();\n#[cfg(test)]\nmod tests {\n e.unwrap()\n}\n";
        let findings = panics(&[Source::new("core/src/a.rs", text)]);
        assert_eq!(findings, [Finding::at("core/src/a.rs", 2, "`.unwrap()`")]);
    }

    #[test]
    fn ids_have_one_width_everywhere() {
        let text = "pub struct A {\n    pub id: usize,\n}\npub fn len(&self) -> usize { 0 }\n";
        assert_eq!(widths(&[Source::new("core/src/ids.rs", text)]).len(), 1);
        assert_eq!(widths(&[Source::new("core/src/view/mod.rs", text)]).len(), 0);
    }

    #[test]
    fn style_attributes_and_trees_of_std_are_found() {
        let text = "html! { <a style={x} /> <b ~style={x} /> <c {style} /> }\n";
        assert_eq!(inline_styles(&[Source::new("web/src/a.rs", text)]).len(), 1, "one line");
        assert_eq!(inline_styles(&[Source::new("web/src/a.rs", "<b ~style={x} />")]).len(), 0);
        let text = "use std::collections::{BTreeMap, VecDeque};\nuse crate::collections::BTreeSet;\n";
        assert_eq!(std_trees(&[Source::new("core/src/a.rs", text)]).len(), 1);
    }

    #[test]
    fn ignored_and_sleeping_tests_are_found() {
        let rust = ["#[ign", "ore]\nfn a() {}\nstd::thread::sleep(x);"].concat();
        assert_eq!(tests(&[Source::new("web/src/a.rs", &rust)]).len(), 2);
        assert_eq!(tests(&[Source::new("tests/browser/a.test.mjs", "await page.waitForTimeout(100);")]).len(), 1);
    }
}
