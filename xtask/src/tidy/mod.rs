//! `cargo xtask tidy`: the house rules that no compiler checks. Each is small, names the file and the
//! line, and says how to mend it. The layers are those of `docs/ARCHITECTURE.md`.

mod dependencies;
mod files;
mod layers;
mod simplified;
mod source;
mod words;

use std::fmt::Write as _;

use crate::process::{output_of, program, root};
use source::Source;

/// Something that breaks a rule.
#[derive(Debug, PartialEq, Eq)]
pub struct Finding {
    place: String,
    what: String,
}

impl Finding {
    fn new(place: impl Into<String>, what: impl Into<String>) -> Self {
        Self { place: place.into(), what: what.into() }
    }

    fn at(path: &str, line: usize, what: impl Into<String>) -> Self {
        Self::new(format!("{path}:{line}"), what)
    }

    /// True if it is about this file and says just this.
    fn is(&self, path: &str, what: &str) -> bool {
        self.what == what && self.place.split(':').next() == Some(path)
    }
}

/// A rule: its name, how to mend what breaks it, and the check.
struct Rule {
    name: &'static str,
    hint: &'static str,
    check: fn(&[Source]) -> Vec<Finding>,
}

const RULES: &[Rule] = &[
    Rule {
        name: "a module of core imports only from the layers above it",
        hint: "move what both need up, or let the lower one pass it in; the table is in xtask/src/tidy/layers.rs",
        check: layers::check,
    },
    Rule {
        name: "a source file has at most 500 lines",
        hint: "take out one type with its impl into a file of its own",
        check: files::too_long,
    },
    Rule {
        name: "a source file begins with //! that says what it is",
        hint: "one or two sentences: what it is in Kafka, what it leaves out",
        check: files::without_head,
    },
    Rule {
        name: "core is deterministic and has no surroundings",
        hint: "BTreeMap for HashMap, integers for floats, ctx.now for clocks, ctx.rng for chance",
        check: words::surroundings,
    },
    Rule {
        name: "core never panics on what comes from outside",
        hint: "let-else, `?`, get(), or an error of Kafka's; tests may unwrap",
        check: words::panics,
    },
    Rule {
        name: "no usize in ids, messages and hashes: its width differs in the browser",
        hint: "u32 or u64, or Kafka's own i32 and i64",
        check: words::widths,
    },
    Rule {
        name: "core's maps and sets are its own: every pair of types costs std's ten kilobytes of page",
        hint: "use crate::collections::{BTreeMap, BTreeSet}, which do the same",
        check: words::std_trees,
    },
    Rule {
        name: "the page sets no style attribute: its policy forbids it",
        hint: "a class, or ~style={…}, which sets the property",
        check: words::inline_styles,
    },
    Rule {
        name: "no test is ignored and none sleeps",
        hint: "simulated time passes at once; a test that cannot hold is mended or taken out",
        check: words::tests,
    },
    Rule {
        name: "no file names a place of one machine or a registry's mirror",
        hint: "relative paths; for a lock file: npm install --package-lock-only --omit-lockfile-registry-resolved",
        check: files::machine_places,
    },
    Rule {
        name: "core depends on nothing that asks the surroundings",
        hint: "core takes pure crates only; the page passes seeds and time in",
        check: dependencies::check,
    },
    Rule {
        name: "docs/FIDELITY.md lists every `// Simplified:` of the code",
        hint: "cargo xtask fix writes the list",
        check: simplified::check,
    },
];

/// What the rules say.
pub struct Report {
    /// Rules that hold.
    pub held: u64,
    /// Rules that are broken.
    pub broken: u64,
    /// In words.
    pub text: String,
}

/// Checks all rules.
pub fn check() -> Report {
    let sources = match read() {
        Ok(sources) => sources,
        Err(text) => return Report { held: 0, broken: 1, text },
    };
    let mut report = Report { held: 0, broken: 0, text: String::new() };
    for rule in RULES {
        let findings = (rule.check)(&sources);
        if findings.is_empty() {
            report.held += 1;
            let _ = writeln!(report.text, "ok      {}", rule.name);
        } else {
            report.broken += 1;
            let _ = writeln!(report.text, "BROKEN  {}", rule.name);
            for Finding { place, what } in findings {
                let _ = writeln!(report.text, "        {place}: {what}");
            }
            let _ = writeln!(report.text, "        how: {}", rule.hint);
        }
    }
    for long in files::rather_long(&sources) {
        let _ = writeln!(report.text, "note    {}: {}", long.place, long.what);
    }
    report
}

/// Checks all rules and prints what they say.
///
/// # Errors
/// A rule is broken.
pub fn run() -> Result<(), String> {
    let report = check();
    print!("{}", report.text);
    println!("{} passed, {} failed", report.held, report.broken);
    if report.broken == 0 { Ok(()) } else { Err(String::new()) }
}

/// Writes the list of simplifications into `docs/FIDELITY.md`.
///
/// # Errors
/// A file cannot be read or written.
pub fn write_list_of_simplifications() -> Result<(), String> {
    simplified::write(&read()?)
}

/// Every text file of the repository: tracked ones, and new ones that are not ignored.
fn read() -> Result<Vec<Source>, String> {
    let list = output_of(program("git").args(["ls-files", "--cached", "--others", "--exclude-standard"]))
        .ok_or("`git ls-files` failed: the house rules look at the files that git knows")?;
    let mut paths: Vec<&str> = list.lines().collect();
    paths.sort_unstable();
    paths.dedup();
    // Pictures are not text, and a file just deleted is still listed.
    let readable = |path: &&str| std::fs::read_to_string(root().join(path)).ok();
    Ok(paths.iter().filter_map(|path| Some(Source::new(path, &readable(path)?))).collect())
}
