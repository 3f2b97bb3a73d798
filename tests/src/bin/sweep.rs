//! `sweep [--clients] [--seeds A..B] [--seed N] [--guard NAME]`: random faults on a simulated cluster, seed by seed.

use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use playground_core::guard::Guard;
use playground_tests::clients_sweep;
use playground_tests::seeds::each;
use playground_tests::sweep::{Excuse, Profile, sweep};

const USAGE: &str = "usage: sweep [--seeds A..B] [--seed N] [--profile P] [--clients] [--guard NAME] [--jobs N]
  --seeds A..B  plays the seeds from A to B-1; one number means 0 to it (0..500 if nothing is said)
  --seed N      plays one seed and prints every command and event
  --profile P   mild: replicated topics, deaths, pauses and cuts; swarm: everything (if nothing is said)
  --clients     producers, groups and transactions instead, judged by what the clients saw
  --guard NAME  with one of Kafka's checks switched off (only built with --features guards)
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

fn guard(word: Option<String>) -> Result<Guard, String> {
    if cfg!(not(feature = "guards")) {
        return Err("--guard: this program was built without --features guards".to_owned());
    }
    let all: Vec<String> = Guard::ALL.iter().map(ToString::to_string).collect();
    let named = word.as_deref().and_then(Guard::named);
    named.ok_or_else(|| format!("--guard: expected one of {}", all.join(", ")))
}

fn run() -> Result<bool, String> {
    let (mut seeds, mut jobs, mut one, mut open, mut profile) = ((0, 500), 2, None, None, Profile::Swarm);
    let mut clients = false;
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        match word.as_str() {
            "--seeds" => seeds = range(words.next())?,
            "--jobs" => jobs = number(words.next(), "--jobs")?.max(1),
            "--seed" => one = Some(number(words.next(), "--seed")?),
            "--profile" => {
                let named = words.next().as_deref().and_then(Profile::named);
                profile = named.ok_or("--profile: expected mild or swarm")?;
            }
            "--clients" => clients = true,
            "--guard" => open = Some(guard(words.next())?),
            other => return Err(format!("unknown option {other}")),
        }
    }
    if clients {
        return Ok(match one {
            Some(seed) => clients_sweep::play_one(seed, open),
            None => clients_sweep::play_all(seeds, jobs, open),
        });
    }
    if let Some(seed) = one {
        let verdict = sweep(seed, profile, open, true);
        println!("{verdict}");
        return Ok(verdict.failure.is_none());
    }
    let began = Instant::now();
    let [failed, events, acked, simulated_ms] = [0; 4].map(AtomicU64::new);
    let excused = Excuse::ALL.map(|excuse| (excuse, AtomicU64::new(0)));
    each(seeds, jobs, |seed| {
        let verdict = sweep(seed, profile, open, false);
        events.fetch_add(verdict.events, Ordering::Relaxed);
        acked.fetch_add(verdict.acked, Ordering::Relaxed);
        simulated_ms.fetch_add(verdict.simulated.as_ms(), Ordering::Relaxed);
        for (excuse, count) in &excused {
            let times = verdict.excuses.iter().filter(|used| *used == excuse).count();
            count.fetch_add(times as u64, Ordering::Relaxed);
        }
        if verdict.failure.is_some() {
            failed.fetch_add(1, Ordering::Relaxed);
            println!("{verdict}");
        }
    });
    let (failed, played, events) = (failed.into_inner(), seeds.1 - seeds.0, events.into_inner());
    let took = began.elapsed().as_millis().max(1);
    let simulated_ms = simulated_ms.into_inner();
    println!(
        "{played} seeds, {events} events, {} records acknowledged, {}.{} hours simulated in {}.{} s: \
         {} events a second, {} times as fast as real",
        acked.into_inner(),
        simulated_ms / 3_600_000,
        simulated_ms / 360_000 % 10,
        took / 1000,
        took / 100 % 10,
        u128::from(events) * 1000 / took,
        u128::from(simulated_ms) / took,
    );
    for (excuse, count) in excused {
        println!("an operator had to help {} times: {excuse}", count.into_inner());
    }
    println!("{} passed, {failed} failed", played - failed);
    Ok(failed == 0)
}
