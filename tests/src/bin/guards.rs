//! `guards [--seeds N] [--guard NAME]`: switches Kafka's checks off one at a time and lets the sweep of
//! random faults find the promise that falls. A check whose absence nobody notices is not tested.

use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use playground_core::guard::Guard;
use playground_tests::sweep::{Profile, Verdict, sweep};

const USAGE: &str = "usage: guards [--seeds N] [--guard NAME] [--jobs N]
  --seeds N     at most so many seeds for each guard (3000)
  --guard NAME  only this one
  --jobs N      guards side by side (2)";

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

fn run() -> Result<bool, String> {
    let (mut seeds, mut jobs, mut guards) = (3_000, 2, Guard::ALL.to_vec());
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let value = words.next().unwrap_or_default();
        let number = value.parse().map_err(|_| format!("{word}: expected a number, found {value:?}"));
        match word.as_str() {
            "--seeds" => seeds = number?,
            "--jobs" => jobs = number?.max(1),
            "--guard" => guards = vec![Guard::named(&value).ok_or_else(|| format!("--guard: {value:?} is not known"))?],
            other => return Err(format!("unknown option {other}")),
        }
    }
    let next = AtomicU64::new(0);
    let found: Mutex<Vec<(Guard, Option<Verdict>)>> = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..jobs {
            scope.spawn(|| {
                while let Some(guard) =
                    usize::try_from(next.fetch_add(1, Ordering::Relaxed)).ok().and_then(|at| guards.get(at).copied())
                {
                    let verdict =
                        (0..seeds).map(|seed| sweep(seed, Profile::Swarm, Some(guard), false)).find(is_its_own);
                    report(guard, verdict.as_ref(), seeds);
                    if let Ok(mut found) = found.lock() {
                        found.push((guard, verdict));
                    }
                }
            });
        }
    });
    let found = found.into_inner().map_err(|error| error.to_string())?;
    let caught = found.iter().filter(|(_, verdict)| verdict.is_some()).count();
    println!("{caught} passed, {} failed", found.len() - caught);
    Ok(caught == guards.len())
}

/// The promise falls, and it does so only without the guard.
fn is_its_own(verdict: &Verdict) -> bool {
    verdict.failure.is_some() && sweep(verdict.options.seed(), Profile::Swarm, None, false).failure.is_none()
}

/// A line of the table.
fn report(guard: Guard, verdict: Option<&Verdict>, seeds: u64) {
    match verdict.and_then(|verdict| Some((verdict, verdict.failure.as_ref()?))) {
        Some((verdict, failure)) => {
            let (needed, promise) = (verdict.options.seed() + 1, failure.promise());
            println!("{:<26} {needed:>5} seeds   {promise}\n      {failure}", guard.to_string());
        }
        None => println!("{:<26} not found in {seeds} seeds", guard.to_string()),
    }
}
