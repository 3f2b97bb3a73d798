//! The checks themselves.

use std::process::Command;

use super::Outcome;
use super::requirements;
use super::tally::{Tally, of_cargo_test, of_node_test, of_plain_line};
use crate::process::{Captured, capture, cargo, program, root};
use crate::{parity, play, setup, tidy};

/// How much is checked.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// Everything, the page in a browser included.
    Everything,
    /// Only what needs nothing but Rust.
    OnlyRust,
}

/// One check.
pub struct Step {
    /// What is checked.
    pub name: &'static str,
    /// Checks it.
    pub run: fn() -> Outcome,
}

type Named = (&'static str, fn() -> Outcome);

/// The checks of an extent, cheap ones first.
pub fn of(extent: Extent) -> Vec<Step> {
    let steps: &[Named] = match extent {
        Extent::OnlyRust => &[
            ("formatting", formatting),
            ("house rules", house_rules),
            ("clippy of core", clippy_of_core),
            ("tests of core", tests_of_core),
            ("conformance with Kafka", conformance),
            ("sweep of random faults", sweep),
            ("sweep of clients", clients_sweep),
        ],
        Extent::Everything => &[
            ("formatting", formatting),
            ("house rules", house_rules),
            ("clippy", clippy),
            ("clippy of the page for the browser", clippy_of_page),
            ("native tests", native_tests),
            ("coverage of the curriculum", coverage),
            ("conformance with Kafka", conformance),
            ("sweep of random faults", sweep),
            ("sweep of clients", clients_sweep),
            ("core for the browser imports nothing", import_free),
            ("page, built and served", page),
            ("browser tests", browser_tests),
        ],
    };
    steps.iter().map(|&(name, run)| Step { name, run }).collect()
}

fn formatting() -> Outcome {
    prepared(setup::clippy_and_rustfmt, || single(cargo().args(["fmt", "--all", "--check"])))
}

fn house_rules() -> Outcome {
    let report = tidy::check();
    Outcome { tally: Tally { passed: report.held, failed: report.broken }, output: report.text }
}

fn clippy() -> Outcome {
    prepared(setup::clippy_and_rustfmt, || {
        single(cargo().args(["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]))
    })
}

fn clippy_of_core() -> Outcome {
    prepared(setup::clippy_and_rustfmt, || {
        single(cargo().args(["clippy", "--package", "playground-core", "--all-targets", "--", "-D", "warnings"]))
    })
}

fn clippy_of_page() -> Outcome {
    prepared(setup::wasm_target, || {
        let mut command = cargo();
        command.args(["clippy", "--package", "playground-web", "--target", "wasm32-unknown-unknown"]);
        single(command.args(["--", "-D", "warnings"]))
    })
}

fn native_tests() -> Outcome {
    counted(cargo().args(["test", "--workspace", "--no-fail-fast"]), of_cargo_test)
}

/// Row by row, with lesson and step: cargo keeps to itself what a test prints that passes.
fn coverage() -> Outcome {
    let test = ["test", "--package", "playground-tests", "--test", "lessons", "the_course_covers_the_curriculum"];
    let outcome = counted(cargo().args(test).args(["--", "--exact", "--nocapture"]), of_cargo_test);
    let is_row = |line: &&str| line.ends_with(" rows") || line.split(' ').next().is_some_and(is_row_id);
    println!("{}", outcome.output.lines().filter(is_row).collect::<Vec<_>>().join("\n"));
    outcome
}

/// `T1`, `B12`.
fn is_row_id(word: &str) -> bool {
    let digits = word.strip_prefix(|first: char| first.is_ascii_uppercase());
    digits.is_some_and(|digits| !digits.is_empty() && digits.chars().all(|digit| digit.is_ascii_digit()))
}

fn tests_of_core() -> Outcome {
    counted(cargo().args(["test", "--package", "playground-core", "--no-fail-fast"]), of_cargo_test)
}

fn conformance() -> Outcome {
    counted(&mut tests_program("conformance", &["tests/conformance/cases"]), of_plain_line)
}

fn sweep() -> Outcome {
    counted(&mut tests_program("sweep", &["--seeds", "500", "--profile", "mild"]), of_plain_line)
}

/// Producers, groups and transactions; the program is the one of the sweep before.
fn clients_sweep() -> Outcome {
    counted(&mut tests_program("sweep", &["--clients", "--seeds", "120"]), of_plain_line)
}

fn import_free() -> Outcome {
    prepared(setup::wasm_target, || match parity::build() {
        Ok(message) => Outcome { tally: Tally::of(true), output: message },
        Err(message) => failure(&message),
    })
}

fn page() -> Outcome {
    match play::build_and_check() {
        Ok(()) => Outcome { tally: Tally::of(true), output: String::new() },
        Err(message) => failure(&message),
    }
}

fn browser_tests() -> Outcome {
    let ready = || {
        let node = setup::node()?;
        let chrome = setup::chromium()?;
        setup::node_packages()?;
        let native = parity::native_fingerprints()?;
        let folder = root().join("tests/browser");
        let mut files: Vec<_> = std::fs::read_dir(&folder)
            .map_err(|error| format!("tests/browser: {error}"))?
            .flatten()
            .map(|entry| entry.path())
            .filter(|path| path.to_string_lossy().ends_with(".test.mjs"))
            .collect();
        files.sort();
        let mut command = program(node);
        command.args(["--test", "--test-reporter=tap", "--test-concurrency=2"]).args(files);
        command.env("CHROME", chrome).env("DIST", root().join("dist"));
        command.env("PARITY_WASM", parity::module()).env("PARITY_NATIVE", native);
        Ok::<Command, String>(command)
    };
    match ready() {
        Ok(mut command) => {
            let outcome = counted(&mut command, of_node_test);
            println!("{}", requirements::table(&outcome.output));
            outcome
        }
        Err(message) => failure(&message),
    }
}

/// A program of `tests/`, in release: these run thousands of simulated seconds.
fn tests_program(name: &str, arguments: &[&str]) -> Command {
    let mut command = cargo();
    command.args(["run", "--release", "--package", "playground-tests", "--bin", name, "--"]).args(arguments);
    command
}

fn prepared(prepare: fn() -> Result<(), String>, check: impl FnOnce() -> Outcome) -> Outcome {
    match prepare() {
        Ok(()) => check(),
        Err(message) => failure(&message),
    }
}

fn failure(message: &str) -> Outcome {
    Outcome { tally: Tally::of(false), output: message.to_owned() }
}

/// A program that is one check: it goes well or not.
fn single(command: &mut Command) -> Outcome {
    let Captured { success, text } = capture(command, is_cargo_progress);
    Outcome { tally: Tally::of(success), output: text }
}

/// A program that counts its checks itself.
fn counted(command: &mut Command, count: fn(&str) -> Tally) -> Outcome {
    let Captured { success, text } = capture(command, is_cargo_progress);
    Outcome { tally: count(&text).judged(success), output: text }
}

/// Cargo's lines that show that it is at work.
fn is_cargo_progress(line: &str) -> bool {
    let verb = line.trim_start().split(' ').next().unwrap_or_default();
    matches!(verb, "Compiling" | "Checking" | "Downloading" | "Downloaded" | "Finished" | "Updating" | "Blocking")
}
