//! Producers, groups and transactions under random faults. Here the first seeds; `cargo xtask sweep
//! --clients` plays as many as one likes in the release build.

use playground_tests::clients_sweep::{Verdict, sweep};

const SEEDS: u64 = 6;

#[test]
fn what_clients_see_under_random_faults_is_what_their_configuration_promises() {
    let verdicts: Vec<Verdict> = (0..SEEDS).map(|seed| sweep(seed, None, false)).collect();
    let failed: Vec<String> = verdicts.iter().filter(|v| v.failure.is_some()).map(ToString::to_string).collect();
    assert!(failed.is_empty(), "{} of {SEEDS} seeds failed\n{}", failed.len(), failed.join("\n"));
    assert!(verdicts.iter().any(|verdict| verdict.committed > 0), "no seed has a transaction committed");
}
