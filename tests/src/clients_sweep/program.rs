//! What `sweep --clients` does and prints: seed by seed, several side by side, and the sum at the end.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Instant;

use playground_core::guard::Guard;
use playground_core::view::RemarkKind;

use super::{Verdict, sweep};
use crate::jepsen::Anomaly;
use crate::seeds;

/// What all seeds came to.
#[derive(Default)]
struct Sum {
    failed: u64,
    events: u64,
    acked: u64,
    committed: u64,
    simulated_ms: u64,
    /// Anomalies that Kafka allows: how often, and in how many seeds.
    allowed: BTreeMap<(Anomaly, &'static str), (u64, u64)>,
    work_allowed: BTreeMap<&'static str, (u64, u64)>,
    /// Seeds with a promise, and those that kept it without an excuse.
    held: BTreeMap<&'static str, (u64, u64)>,
    ledger_looks: u64,
    ledger_records: u64,
    ledger_named: BTreeMap<(RemarkKind, bool), (u64, u64)>,
}

impl Sum {
    fn add(&mut self, verdict: &Verdict) {
        self.failed += u64::from(verdict.failure.is_some());
        self.events += verdict.events;
        self.acked += verdict.acked;
        self.committed += verdict.committed;
        self.simulated_ms += verdict.simulated.as_ms();
        for (what, count) in &verdict.allowed {
            let sum = self.allowed.entry(*what).or_default();
            *sum = (sum.0 + count, sum.1 + 1);
        }
        for (promise, is_plain) in verdict.held.iter().filter(|_| verdict.failure.is_none()) {
            let sum = self.held.entry(promise).or_default();
            *sum = (sum.0 + 1, sum.1 + u64::from(*is_plain));
        }
        self.ledger_looks += verdict.ledger.0;
        self.ledger_records += verdict.ledger.1;
        for (what, count) in &verdict.ledger.2 {
            let sum = self.ledger_named.entry(*what).or_default();
            *sum = (sum.0 + count, sum.1 + 1);
        }
        for (why, count) in &verdict.work_allowed {
            let sum = self.work_allowed.entry(why).or_default();
            *sum = (sum.0 + count, sum.1 + 1);
        }
    }
}

/// Plays one seed and prints every command and event. True if it passed.
pub fn play_one(seed: u64, guard: Option<Guard>) -> bool {
    let verdict = sweep(seed, guard, true);
    println!("{verdict}");
    verdict.failure.is_none()
}

/// Plays the seeds from the first to the one before the last. True if all passed.
pub fn play_all(range: (u64, u64), jobs: u64, guard: Option<Guard>) -> bool {
    let began = Instant::now();
    let sum = Mutex::new(Sum::default());
    seeds::each(range, jobs, |seed| {
        let verdict = sweep(seed, guard, false);
        if verdict.failure.is_some() {
            println!("{verdict}");
        }
        if let Ok(mut sum) = sum.lock() {
            sum.add(&verdict);
        }
    });
    let Ok(sum) = sum.into_inner() else { return false };
    let (played, took) = (range.1 - range.0, began.elapsed().as_millis().max(1));
    println!("anomalies that Kafka allows:");
    for ((anomaly, why), (count, in_seeds)) in &sum.allowed {
        println!("  {:<22} {why:<52} {count:>7} times in {in_seeds} seeds", anomaly.to_string());
    }
    for (why, (count, in_seeds)) in &sum.work_allowed {
        println!("  {:<22} {why:<52} {count:>7} times in {in_seeds} seeds", "processing");
    }
    println!("promises of the configurations:");
    for (promise, (in_seeds, plain)) in &sum.held {
        println!("  {promise:<34} kept in {in_seeds} seeds, in {plain} of them without any of these excuses");
    }
    println!("the ledger agrees in {} looks at {} records, and names:", sum.ledger_looks, sum.ledger_records);
    for ((kind, has_event), (count, in_seeds)) in &sum.ledger_named {
        let event = if *has_event { "with its event" } else { "no single event is to blame" };
        println!("  {:<22} {event:<52} {count:>7} times in {in_seeds} seeds", kind.word());
    }
    println!(
        "{played} seeds, {} events, {} records acknowledged, {} transactions committed, {} hours simulated in {} s",
        sum.events,
        sum.acked,
        sum.committed,
        sum.simulated_ms / 3_600_000,
        took / 1000,
    );
    println!("{} passed, {} failed", played - sum.failed, sum.failed);
    sum.failed == 0
}
