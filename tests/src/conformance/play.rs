//! Plays a case: one step after the other, each until its answer is there.

use playground_core::time::SimDuration;
use serde_json::Value;

use super::Failure;
use super::bench::{Bench, Task};
use super::case::{Case, Step};
use super::compare::{agrees, describe, error};
use super::steps;

/// How long the oracle waits for a step's answer.
const STEP_LIMIT: SimDuration = SimDuration::from_ms(200_000);
/// What lies between two steps of the oracle: a line to the client's process, one back, and Java at both.
const BETWEEN_STEPS: SimDuration = SimDuration::from_ms(5);
/// More events than any step needs: a step that takes more turns in a circle.
const STEP_EVENTS: u64 = 20_000_000;

/// Plays the case; the first step that differs ends it, but for `verbose`, which prints every step and goes on.
///
/// # Errors
/// Which step differs and how.
pub fn play(case: &Case, verbose: bool) -> Result<(), Failure> {
    for step in &case.steps {
        steps::check(step).map_err(|found| at(step, None, found))?;
    }
    let mut bench = Bench::new(&case.genesis).map_err(|error| Failure::of_case(format!("cluster: {error}")))?;
    let mut first = None;
    for step in &case.steps {
        let began = bench.world.now() + BETWEEN_STEPS;
        while bench.advance(began) {}
        let task = steps::start(&mut bench, step).map_err(|found| at(step, None, found))?;
        let found = finish(&mut bench, task).map_err(|found| at(step, None, found))?;
        let expected = step.expected.as_ref().unwrap_or(&Value::Null);
        if verbose {
            println!("  {began} +{}  {}\n      -> {found}", bench.world.now().since(began), step.text());
        }
        if agrees(expected, &found) {
            continue;
        }
        let failure = at(step, Some(describe(expected)), found.to_string());
        if !verbose {
            return Err(failure);
        }
        println!("   DIFFERS from {}", describe(expected));
        first.get_or_insert(failure);
    }
    first.map_or(Ok(()), Err)
}

fn at(step: &Step, expected: Option<String>, found: String) -> Failure {
    Failure { step: Some((step.number, step.text())), expected, found }
}

fn finish(bench: &mut Bench, mut task: Task) -> Result<Value, String> {
    let limit = bench.world.now() + STEP_LIMIT;
    let began_at_step = bench.world.steps();
    loop {
        if let Some(value) = task(bench) {
            return Ok(value);
        }
        if !bench.advance(limit) {
            return Ok(task(bench).unwrap_or_else(|| error("OracleTimeout")));
        }
        if bench.world.steps() - began_at_step > STEP_EVENTS {
            return Err(format!("no answer after {STEP_EVENTS} events, at {}", bench.world.now()));
        }
    }
}
