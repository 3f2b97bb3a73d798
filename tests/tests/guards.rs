//! With one of Kafka's checks switched off the sweep finds the promise that falls: here those that
//! take few seeds; `cargo xtask guards` plays them all. Needs the feature `guards`.
#![cfg(feature = "guards")]

use playground_core::guard::Guard;
use playground_tests::guards::broken;

/// At most so many seeds each.
const SEEDS: u64 = 60;

/// Without the guard this promise is broken soon, by seeds that break nothing with it.
fn is_missed(guard: Guard, promise: &str) {
    let mut others = Vec::new();
    for seed in 0..SEEDS {
        match broken(guard, seed).map(|finding| finding.promise) {
            Some(broken) if broken == promise => return,
            Some(other) => others.push(other),
            None => {}
        }
    }
    panic!("{promise} holds for {SEEDS} seeds without {guard}; broken were {others:?}");
}

#[test]
fn truncation_to_the_high_watermark_loses_committed_records() {
    is_missed(Guard::TruncateByEpoch, "InSyncHasCommitted");
}

#[test]
fn joining_below_the_high_watermark_is_no_sync() {
    is_missed(Guard::ExpandFromHighWatermark, "InSyncHasCommitted");
}

#[test]
fn what_was_known_two_leaders_ago_counts_no_more() {
    is_missed(Guard::ResetFollowerState, "InSyncHasCommitted");
}

#[test]
fn fetches_of_another_epoch_prove_nothing() {
    is_missed(Guard::FetchFencedByLeaderEpoch, "InSyncHasCommitted");
}

#[test]
fn too_few_replicas_commit_nothing() {
    is_missed(Guard::MinIsrHoldsHighWatermark, "MinIsrCommits");
}

#[test]
fn a_controller_of_the_past_writes_nothing() {
    is_missed(Guard::ControllerWritesFenced, "NewestControllerWrites");
}

#[test]
fn a_new_leader_does_not_say_what_is_latest() {
    is_missed(Guard::LatestOffsetWithheld, "LatestNeverFalls");
}

#[test]
fn a_batch_that_comes_twice_is_appended_once() {
    is_missed(Guard::DuplicateFound, "SequencesWithoutGap");
}

#[test]
fn acks_all_waits() {
    is_missed(Guard::AcksAllWaits, "AckedIsCommitted");
}

#[test]
fn nobody_reads_what_is_not_committed() {
    is_missed(Guard::ReadBelowHighWatermark, "ReadIsCommitted");
}

#[test]
fn a_successor_needs_an_epoch_of_its_own() {
    is_missed(Guard::SuccessorRaisesEpoch, "OneProducerPerEpoch");
}

#[test]
fn a_zombie_ends_no_transaction() {
    is_missed(Guard::CoordinatorFencesProducers, "EndedAsAsked");
}

#[test]
fn open_transactions_are_not_read() {
    is_missed(Guard::ReadBelowLastStableOffset, "CommittedOnly");
}

#[test]
fn aborted_transactions_are_not_read() {
    is_missed(Guard::AbortedTransactionsNamed, "CommittedOnly");
}

#[test]
fn a_new_coordinator_reads_what_the_old_one_wrote() {
    is_missed(Guard::TransactionLogLoaded, "IdKeepsItsProducer");
    is_missed(Guard::GroupLogLoaded, "OneReaderPerGeneration");
}

#[test]
fn coordinators_act_on_what_is_replicated() {
    is_missed(Guard::TransactionStateReplicated, "CoordinatorsKeepWord");
    is_missed(Guard::OffsetsReplicated, "CoordinatorsKeepWord");
}

#[test]
fn offsets_wait_for_their_transaction() {
    is_missed(Guard::PendingOffsetsHidden, "OffsetsAreDecided");
}

#[test]
fn a_commit_flushes_first() {
    // Records that come behind the marker are refused, or open a transaction that nobody ends.
    is_missed(Guard::CommitAfterFlush, "no unseen");
}
