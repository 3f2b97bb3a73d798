//! `sweep [--seeds A..B] [--seed N]`: random faults on a simulated cluster, seed by seed.

use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use playground_tests::sweep::sweep;

const USAGE: &str = "usage: sweep [--seeds A..B] [--seed N] [--jobs N]
  --seeds A..B  plays the seeds from A to B-1; one number means 0 to it (0..500 if nothing is said)
  --seed N      plays one seed and prints every command and event
  --jobs N      seeds side by side (2)";

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(message) => {
            eprintln!("{message}\n{USAGE}");
            ExitCode::from(2)
        }
    }
}

fn number(word: Option<String>, option: &str) -> Result<u64, String> {
    word.as_deref().and_then(|word| word.parse().ok()).ok_or_else(|| format!("{option}: expected a number"))
}

fn range(word: Option<String>) -> Result<(u64, u64), String> {
    let word = word.unwrap_or_default();
    if let Ok(count) = word.parse() {
        return Ok((0, count));
    }
    let parsed = word.split_once("..").and_then(|(from, to)| Some((from.parse().ok()?, to.parse().ok()?)));
    parsed.filter(|(from, to)| from < to).ok_or_else(|| format!("--seeds: expected A..B or a count, found {word:?}"))
}

fn run() -> Result<bool, String> {
    let (mut seeds, mut jobs) = ((0, 500), 2);
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        match word.as_str() {
            "--seeds" => seeds = range(words.next())?,
            "--jobs" => jobs = number(words.next(), "--jobs")?.max(1),
            "--seed" => {
                let verdict = sweep(number(words.next(), "--seed")?, true);
                println!("{verdict}");
                return Ok(verdict.failure.is_none());
            }
            other => return Err(format!("unknown option {other}")),
        }
    }
    let (next, failed, events, acked) =
        (AtomicU64::new(seeds.0), AtomicU64::new(0), AtomicU64::new(0), AtomicU64::new(0));
    thread::scope(|scope| {
        for _ in 0..jobs {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= seeds.1 {
                        return;
                    }
                    let verdict = sweep(seed, false);
                    events.fetch_add(verdict.events, Ordering::Relaxed);
                    acked.fetch_add(verdict.acked, Ordering::Relaxed);
                    if verdict.failure.is_some() {
                        failed.fetch_add(1, Ordering::Relaxed);
                        println!("{verdict}");
                    }
                }
            });
        }
    });
    let (failed, played) = (failed.into_inner(), seeds.1 - seeds.0);
    println!("{} events, {} records acknowledged", events.into_inner(), acked.into_inner());
    println!("{} passed, {failed} failed", played - failed);
    Ok(failed == 0)
}
