//! `guards [--seeds N] [--guard NAME]`: switches Kafka's checks off one at a time and lets the sweep of
//! random faults find the promise that falls. A check whose absence nobody notices is not tested.

use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use playground_core::guard::Guard;
use playground_tests::guards::{Finding, ground_of, hunt};

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
    let found: Mutex<Vec<(Guard, Option<Finding>)>> = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..jobs {
            scope.spawn(|| {
                while let Some(guard) =
                    usize::try_from(next.fetch_add(1, Ordering::Relaxed)).ok().and_then(|at| guards.get(at).copied())
                {
                    let finding = hunt(guard, seeds);
                    eprintln!("{}", line(guard, finding.as_ref(), seeds));
                    if let Ok(mut found) = found.lock() {
                        found.push((guard, finding));
                    }
                }
            });
        }
    });
    let mut found = found.into_inner().map_err(|error| error.to_string())?;
    found.sort_by_key(|(guard, _)| *guard);
    println!("{:<28} {:<12} {:>6}  promise broken", "guard", "faults", "seeds");
    for (guard, finding) in &found {
        println!("{}", line(*guard, finding.as_ref(), seeds));
        if let Some(finding) = finding {
            println!("      {}", finding.evidence);
        }
    }
    let mut needed: Vec<u64> = found.iter().filter_map(|(_, finding)| Some(finding.as_ref()?.seed + 1)).collect();
    needed.sort_unstable();
    let median = needed.get(needed.len() / 2).copied().unwrap_or(0);
    println!("{} of {} guards found, half of them within {median} seeds", needed.len(), guards.len());
    println!("{} passed, {} failed", needed.len(), guards.len() - needed.len());
    Ok(needed.len() == guards.len())
}

/// A line of the table.
fn line(guard: Guard, finding: Option<&Finding>, seeds: u64) -> String {
    let (name, faults) = (guard.to_string(), ground_of(guard).name());
    match finding {
        Some(Finding { seed, promise, .. }) => format!("{name:<28} {faults:<12} {:>6}  {promise}", seed + 1),
        None => format!("{name:<28} {faults:<12} {:>6}  not found in {seeds} seeds", "-"),
    }
}
