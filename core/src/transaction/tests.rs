//! Small facts about transactions; whole exchanges are tested on simulated clusters.

use super::metadata::TransactionMetadata;
use super::records::{record, restore, tombstone};
use super::*;
use crate::ids::TopicPartition;
use crate::protocol::ErrorCode;
use crate::protocol::coordinator::partition_for;

fn metadata() -> TransactionMetadata {
    TransactionMetadata::new("tx".into(), 7, 60_000, 1000)
}

/// A change that is written at once.
fn go(
    metadata: &mut TransactionMetadata,
    prepared: Result<super::metadata::TxnTransit, ErrorCode>,
) -> super::metadata::TxnTransit {
    let transit = prepared.expect("a legal change");
    assert!(metadata.complete(&transit), "{transit:?}");
    transit
}

#[test]
fn an_id_belongs_to_the_partition_of_its_java_hash() {
    for (id, partition) in [("tx", 16), ("my-transactional-id", 46), ("polygenelubricants", 0)] {
        assert_eq!(partition_for(id, 50), partition, "{id}");
    }
}

/// `TransactionMetadata.validPreviousStates`, row by row.
#[test]
fn states_follow_each_other_as_in_kafka() {
    use TransactionState as S;
    let legal: [(S, &[S]); 8] = [
        (S::Empty, &[S::Empty, S::CompleteCommit, S::CompleteAbort]),
        (S::Ongoing, &[S::Ongoing, S::Empty, S::CompleteCommit, S::CompleteAbort]),
        (S::PrepareCommit, &[S::Ongoing]),
        (S::PrepareAbort, &[S::Ongoing, S::PrepareEpochFence]),
        (S::CompleteCommit, &[S::PrepareCommit]),
        (S::CompleteAbort, &[S::PrepareAbort]),
        (S::Dead, &[S::Empty, S::CompleteCommit, S::CompleteAbort]),
        (S::PrepareEpochFence, &[S::Ongoing]),
    ];
    for (next, before) in legal {
        for state in S::ALL {
            assert_eq!(state.may_become(next), before.contains(&state), "{state:?} -> {next:?}");
        }
        assert_eq!(S::of(next.id()), Some(next));
    }
}

#[test]
fn a_transaction_from_begin_to_end_is_written_in_kafkas_layout() {
    let mut id = metadata();
    let first = id.prepare_next_epoch(60_000, None, 1001);
    go(&mut id, first);
    assert_eq!((id.producer_id(), id.producer_epoch(), id.state()), (7, 0, TransactionState::Empty));
    let partitions = [TopicPartition::new("t", 1), TopicPartition::new("t", 0), TopicPartition::new("a", 3)];
    let added = id.prepare_add(&partitions, 1002);
    assert_eq!(id.prepare_end(true, 1003), Err(ErrorCode::UnknownServerError), "one change at a time");
    let ongoing = go(&mut id, added);
    let (key, value) = record("tx", &ongoing);
    assert_eq!(key.as_deref(), Some(&[0, 0, 0, 2, b't', b'x'][..]));
    let value = value.expect("a value");
    assert_eq!(value[..17], [0, 0, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0, 0xea, 0x60, 1]);
    let read = decode(&key.expect("a key"), Some(&value)).expect("a record of the topic");
    let mut restored = restore(read.transactional_id, read.value.expect("a value"));
    assert_eq!((&restored.partitions, restored.start_timestamp_ms), (&id.partitions, 1002));
    let ended = restored.prepare_end(false, 1004);
    go(&mut restored, ended);
    let complete = restored.prepare_complete(1005);
    let complete = go(&mut restored, complete);
    assert_eq!((restored.state(), restored.partitions().len()), (TransactionState::CompleteAbort, 0));
    assert_eq!(complete.start_timestamp_ms, 1002);
    let gone = tombstone("tx");
    assert_eq!(decode(&gone.0.expect("a key"), None).and_then(|read| read.value), None);
}

#[test]
fn an_epoch_that_may_not_be_in_the_log_is_not_raised_twice() {
    let mut id = metadata();
    let first = id.prepare_next_epoch(60_000, None, 0);
    go(&mut id, first);
    let added = id.prepare_add(&[TopicPartition::new("t", 0)], 0);
    go(&mut id, added);
    assert_eq!(id.prepare_fence().map(|transit| transit.producer_epoch), Ok(1));
    id.pending_state = None;
    id.producer_epoch = 1;
    id.has_failed_epoch_fence = true;
    assert_eq!(id.prepare_fence().map(|transit| transit.producer_epoch), Ok(1));
}

/// KIP-360: a producer that says who it is gets the next epoch, and the same one when it asks again.
#[test]
fn a_producer_may_raise_its_own_epoch() {
    let mut id = metadata();
    let first = id.prepare_next_epoch(60_000, None, 0);
    go(&mut id, first);
    assert_eq!(id.prepare_next_epoch(60_000, Some(5), 0), Err(ErrorCode::ProducerFenced));
    let own = id.prepare_next_epoch(60_000, Some(0), 0);
    go(&mut id, own);
    let again = id.prepare_next_epoch(60_000, Some(0), 0);
    assert_eq!(go(&mut id, again).producer_epoch, 1);
    let successor = id.prepare_next_epoch(60_000, None, 0);
    go(&mut id, successor);
    assert_eq!((id.producer_epoch(), id.last_producer_epoch), (2, -1));
    assert_eq!(id.prepare_next_epoch(60_000, Some(0), 0), Err(ErrorCode::ProducerFenced));
}

#[test]
fn what_is_no_record_is_no_record() {
    for bytes in [&[][..], &[0], &[0, 1, 0, 1, b'g'], &[0, 0, 0, 9, b'g']] {
        assert_eq!(decode(bytes, None), None, "{bytes:?}");
    }
    assert_eq!(decode(&[0, 0, 0, 1, b'g'], Some(&[0, 0, 0])), None);
}
