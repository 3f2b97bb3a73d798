//! Random faults, seed by seed. Here the first seeds; `cargo xtask test` plays 500 in the release build.

use std::thread;

use playground_core::time::{SimDuration, SimTime};
use playground_tests::sweep::{Failure, Options, Profile, Verdict, sweep};

const SEEDS: u64 = 40;

#[test]
fn promises_hold_under_random_faults_and_a_healed_cluster_comes_to_rest() {
    let half = |odd: u64| {
        move || (0..SEEDS).filter(|seed| seed % 2 == odd).map(|seed| sweep(seed, Profile::Mild, None, false)).collect()
    };
    let (even, odd) = thread::scope(|scope| {
        let (even, odd) = (scope.spawn(half(0)), scope.spawn(half(1)));
        let join = |side: thread::ScopedJoinHandle<'_, Vec<Verdict>>| side.join().expect("no seed panics");
        (join(even), join(odd))
    });
    let verdicts: Vec<Verdict> = even.into_iter().chain(odd).collect();
    let failed: Vec<String> = verdicts.iter().filter(|v| v.failure.is_some()).map(ToString::to_string).collect();
    assert!(failed.is_empty(), "{} of {SEEDS} seeds failed\n{}", failed.len(), failed.join("\n"));
    let wrote = verdicts.iter().filter(|verdict| verdict.acked > 0).count() as u64;
    assert!(wrote > SEEDS / 2, "only {wrote} of {SEEDS} seeds have records acknowledged");
}

#[test]
fn a_failing_seed_prints_the_command_that_plays_it_again() {
    let verdict = Verdict {
        options: Options::of(77, Profile::Swarm),
        guard: None,
        events: 1,
        simulated: SimTime::ZERO,
        converged_after: SimDuration::ZERO,
        acked: 0,
        excuses: Vec::new(),
        failure: Some(Failure::Ledger("a record is gone".into())),
    };
    let replay = "cargo xtask sweep --seed 77";
    assert!(verdict.to_string().contains(replay), "{verdict}");
}
