//! `cargo xtask test`: every check, one after the other, to the end, and one line over everything.

mod requirements;
mod steps;
mod tally;

use std::time::Instant;

pub use steps::Extent;
use tally::Tally;

use crate::process::target;

/// What a step says.
pub struct Outcome {
    tally: Tally,
    output: String,
}

/// Runs all steps of the extent.
///
/// # Errors
/// A check failed; everything is printed already, so the message is empty.
pub fn run(extent: Extent) -> Result<(), String> {
    let began = Instant::now();
    let logs = target().join("test-output");
    // Without the folder the outputs are only printed.
    let _ = std::fs::create_dir_all(&logs);
    let mut total = Tally::default();
    let mut failed = Vec::new();
    for step in steps::of(extent) {
        println!("==> {}", step.name);
        let started = Instant::now();
        let outcome = (step.run)();
        let tally = outcome.tally;
        let seconds = started.elapsed().as_secs();
        let word = if tally.failed == 0 { "ok" } else { "FAILED" };
        if tally.failed > 0 {
            for line in outcome.output.lines() {
                println!("    {line}");
            }
            failed.push(step.name);
        }
        println!("    {word}: {} passed, {} failed, {seconds} s", tally.passed, tally.failed);
        let file = logs.join(format!("{}.txt", step.name.replace(|letter: char| !letter.is_ascii_alphanumeric(), "-")));
        let _ = std::fs::write(file, &outcome.output);
        total.add(tally);
    }
    println!("\n{} s in all; outputs are in {}", began.elapsed().as_secs(), logs.display());
    if !failed.is_empty() {
        println!("failed: {}", failed.join(", "));
    }
    println!("{} passed, {} failed", total.passed, total.failed);
    if total.failed == 0 { Ok(()) } else { Err(String::new()) }
}
