//! With one of Kafka's checks switched off the sweep finds the promise that falls: here those that
//! take few seeds; `cargo xtask guards` plays them all. Needs the feature `guards`.
#![cfg(feature = "guards")]

use playground_core::guard::Guard;
use playground_tests::sweep::{Profile, sweep};

/// At most so many seeds each.
const SEEDS: u64 = 40;

#[test]
fn a_missing_check_breaks_a_promise() {
    let quick = [
        (Guard::TruncateByEpoch, "InSyncHasCommitted"),
        (Guard::ExpandFromHighWatermark, "InSyncHasCommitted"),
        (Guard::MinIsrHoldsHighWatermark, "MinIsrCommits"),
        (Guard::LatestOffsetWithheld, "LatestNeverFalls"),
        (Guard::DuplicateFound, "SequencesWithoutGap"),
        (Guard::AcksAllWaits, "AckedIsCommitted"),
        (Guard::ReadBelowHighWatermark, "ReadIsCommitted"),
    ];
    for (guard, promise) in quick {
        let broken = (0..SEEDS).find_map(|seed| sweep(seed, Profile::Swarm, Some(guard), false).failure);
        assert_eq!(broken.map(|failure| failure.promise()).as_deref(), Some(promise), "{guard}");
    }
}
