//! The log as a whole.

use std::rc::Rc;

use super::*;
use crate::ids::TopicPartition;
use crate::protocol::ErrorCode;

fn log(config: LogConfig) -> Log {
    Log::new(TopicPartition::new("t", 0), config, 0)
}

fn batch(values: &[&str]) -> RecordBatch {
    batch_at(values, 1_760_000_000_000)
}

fn batch_at(values: &[&str], timestamp_ms: i64) -> RecordBatch {
    RecordBatch::new(values.iter().map(|value| (None, Some(Rc::from(value.as_bytes())), timestamp_ms)).collect())
}

fn sequenced(value: &str, base_sequence: i32) -> RecordBatch {
    RecordBatch { producer_id: 0, producer_epoch: 0, base_sequence, ..batch(&[value]) }
}

fn bases(log: &Log) -> Vec<i64> {
    log.segments().iter().map(|segment| segment.base_offset()).collect()
}

fn offsets(batches: &[Rc<RecordBatch>]) -> Vec<i64> {
    batches.iter().map(|batch| batch.base_offset).collect()
}

/// `conformance/log/segments-roll-by-size`.
#[test]
fn a_segment_is_full_when_the_next_batch_would_not_fit() {
    let mut log = log(LogConfig { segment_bytes: 200, ..LogConfig::default() });
    for sequence in 0..7 {
        log.append_as_leader(sequenced("0123456789", sequence), 0, 0).unwrap();
    }
    assert_eq!(bases(&log), [0, 2, 4, 6]);
    log.append_as_leader(sequenced(&"x".repeat(100), 7), 0, 0).unwrap();
    assert_eq!(log.append_as_leader(sequenced(&"y".repeat(150), 8), 0, 0), Err(ErrorCode::RecordListTooLarge));
    assert_eq!(bases(&log), [0, 2, 4, 6, 7]);
    assert_eq!(log.flushed_offset(), 7);
}

/// `conformance/log/segments-roll-by-time`.
#[test]
fn an_idle_segment_is_closed_by_the_next_record() {
    let mut log = log(LogConfig { segment_ms: 2000, ..LogConfig::default() });
    for timestamp_ms in [0, 500, 4500, 4600] {
        log.append_as_leader(batch_at(&["v"], timestamp_ms), 0, timestamp_ms).unwrap();
    }
    assert_eq!(bases(&log), [0, 2]);
}

#[test]
fn a_leader_refuses_in_kafkas_order() {
    let mut log = log(LogConfig { max_message_bytes: 100, compact: true, ..LogConfig::default() });
    let moved = RecordBatch { base_offset: 3, ..batch(&[&"x".repeat(200)]) };
    assert_eq!(log.append_as_leader(moved, 0, 0), Err(ErrorCode::InvalidRecord));
    assert_eq!(log.append_as_leader(batch(&[&"x".repeat(200)]), 0, 0), Err(ErrorCode::MessageTooLarge));
    assert_eq!(log.append_as_leader(batch(&["no key"]), 0, 0), Err(ErrorCode::InvalidRecord));
    assert_eq!(log.append_as_leader(RecordBatch::new(Vec::new()), 0, 0), Err(ErrorCode::InvalidRecord));
    assert_eq!(log.log_end_offset(), 0);
    assert_eq!(log.latest_epoch(), None);
}

#[test]
fn offsets_count_records_and_duplicates_keep_theirs() {
    let mut log = log(LogConfig::default());
    let first = log.append_as_leader(batch(&["a", "b", "c"]), 0, 0).unwrap();
    assert_eq!((first.base_offset, first.last_offset), (0, 2));
    let second = log.append_as_leader(sequenced("d", 0), 0, 0).unwrap();
    let again = log.append_as_leader(sequenced("d", 0), 0, 0).unwrap();
    assert_eq!(again, AppendInfo { duplicate: true, ..second });
    assert_eq!(log.log_end_offset(), 4);
    assert_eq!(log.append_as_leader(sequenced("e", 5), 0, 0), Err(ErrorCode::OutOfOrderSequenceNumber));
}

#[test]
fn reads_return_whole_batches_below_the_bound() {
    let mut log = log(LogConfig { segment_bytes: 250, ..LogConfig::default() });
    for values in [&["a", "b"][..], &["c"], &["d"], &["e"]] {
        log.append_as_leader(batch(values), 0, 0).unwrap();
    }
    assert_eq!(bases(&log), [0, 4]);
    let read = |from, up_to, max_bytes| log.read(from, up_to, max_bytes).map(|batches| offsets(&batches));
    assert_eq!(read(1, 5, 1 << 20), Ok(vec![0, 2, 3]), "the batch in the middle of which it asks, one segment");
    assert_eq!(read(2, 3, 1 << 20), Ok(vec![2]));
    assert_eq!(read(0, 1, 1 << 20), Ok(vec![]), "a batch across the bound is not read");
    assert_eq!(read(0, 5, 1), Ok(vec![0]), "at least one batch");
    assert_eq!(read(0, 5, 150), Ok(vec![0, 2]));
    assert_eq!(read(4, 5, 1 << 20), Ok(vec![4]));
    assert_eq!(read(5, 5, 1 << 20), Ok(vec![]));
    assert_eq!(read(5, 3, 1 << 20), Ok(vec![]), "between the bound and the end: wait");
    assert_eq!(read(6, 5, 1 << 20), Err(ErrorCode::OffsetOutOfRange));
    assert_eq!(log.read_at_least(0, 5, 1, false), Ok((vec![], 0)));
}

#[test]
fn truncation_takes_epochs_and_producers_along() {
    let mut log = log(LogConfig { segment_bytes: 150, ..LogConfig::default() });
    for sequence in 0..6 {
        log.append_as_leader(sequenced("v", sequence), sequence / 2, 0).unwrap();
    }
    log.set_high_watermark(5);
    assert!(log.truncate_to(3));
    assert_eq!((log.log_end_offset(), log.high_watermark(), log.latest_epoch()), (3, 3, Some(1)));
    assert_eq!(bases(&log), [0, 2]);
    assert_eq!(log.append_as_leader(sequenced("v", 5), 4, 0), Err(ErrorCode::OutOfOrderSequenceNumber));
    assert!(!log.truncate_to(3), "nothing to drop");
    assert_eq!(log.latest_epoch(), Some(1), "but the epoch without records goes");
    log.append_as_leader(sequenced("w", 3), 5, 0).unwrap();
    log.truncate_fully_and_start_at(40);
    assert_eq!((log.log_start_offset(), log.log_end_offset(), log.high_watermark()), (40, 40, 40));
    assert_eq!(log.producers().producers().count(), 0);
}

#[test]
fn the_high_watermark_stays_in_the_log_and_rises_only() {
    let mut log = log(LogConfig::default());
    log.append_as_leader(batch(&["a", "b"]), 0, 0).unwrap();
    assert_eq!(log.set_high_watermark(9), 2);
    assert_eq!(log.set_high_watermark(1), 1);
    assert_eq!(log.maybe_increment_high_watermark(1), None);
    assert_eq!(log.maybe_increment_high_watermark(3), None, "beyond the end");
    assert_eq!(log.maybe_increment_high_watermark(2), Some(1));
    assert_eq!(log.last_stable_offset(), 2);
    assert_eq!(log.maybe_increment_log_start_offset(3), Err(ErrorCode::OffsetOutOfRange));
    assert_eq!(log.maybe_increment_log_start_offset(1), Ok(true));
    assert_eq!(log.read(0, 2, 100), Err(ErrorCode::OffsetOutOfRange));
}

#[test]
fn a_follower_takes_batches_as_they_are() {
    let mut leader = log(LogConfig::default());
    leader.append_as_leader(batch(&["a"]), 0, 0).unwrap();
    leader.append_as_leader(batch(&["b", "c"]), 2, 0).unwrap();
    let mut follower = log(LogConfig { max_message_bytes: 1, ..LogConfig::default() });
    for batch in leader.read(0, 3, 1 << 20).unwrap() {
        follower.append_as_follower(batch, 0).unwrap();
    }
    assert!(follower.batches().eq(leader.batches()));
    assert_eq!(follower.leader_epochs(), leader.leader_epochs());
    let last = leader.read(1, 3, 1 << 20).unwrap().remove(0);
    assert_eq!(follower.append_as_follower(last.clone(), 0), Err(ErrorCode::UnknownServerError));
    follower.truncate_fully_and_start_at(2);
    follower.append_as_follower(last, 0).unwrap();
    assert_eq!((follower.log_start_offset(), follower.log_end_offset()), (1, 3));
}

#[test]
fn a_power_loss_takes_what_was_not_flushed() {
    let mut log = log(LogConfig::default());
    log.append_as_leader(batch(&["a"]), 0, 0).unwrap();
    log.flush(0);
    log.append_as_leader(batch(&["b"]), 1, 0).unwrap();
    log.assign_epoch_start_offset(2, 2);
    let mut killed = log.clone();
    killed.reopen(1);
    assert_eq!((killed.log_end_offset(), killed.high_watermark(), killed.latest_epoch()), (2, 1, Some(1)));
    assert!(log.lose_unflushed());
    log.reopen(2);
    assert_eq!((log.log_end_offset(), log.high_watermark(), log.latest_epoch()), (1, 1, Some(0)));
}

#[test]
fn retention_deletes_a_prefix() {
    let config = LogConfig { segment_bytes: 100, retention_ms: 1000, ..LogConfig::default() };
    let mut log = log(config.clone());
    for timestamp_ms in [0, 100, 200] {
        log.append_as_leader(batch_at(&["v"], timestamp_ms), 0, 0).unwrap();
    }
    assert_eq!(bases(&log), [0, 1, 2]);
    assert_eq!(log.delete_old_segments(1_050), 0, "nothing above the high watermark goes");
    log.set_high_watermark(3);
    let mut by_size = log.clone();
    by_size.update_config(LogConfig { retention_ms: -1, retention_bytes: 100, ..config });
    assert_eq!(by_size.delete_old_segments(9_999), 1, "the log stays at or above retention.bytes");
    assert_eq!(log.delete_old_segments(1_050), 1);
    assert_eq!((bases(&log), log.log_start_offset()), (vec![1, 2], 1));
    assert_eq!(log.delete_old_segments(9_999), 2);
    assert_eq!((bases(&log), log.log_start_offset(), log.log_end_offset()), (vec![3], 3, 3));
    assert_eq!(log.offset_for_timestamp(0), None);
}

#[test]
fn timestamps_find_the_first_record_at_or_after() {
    let mut log = log(LogConfig::default());
    for timestamp_ms in [10, 30, 20] {
        log.append_as_leader(batch_at(&["v"], timestamp_ms), 0, 0).unwrap();
    }
    assert_eq!(log.offset_for_timestamp(15), Some((1, 30)));
    assert_eq!(log.offset_of_max_timestamp(), Some((1, 30)));
    assert_eq!(log.offset_for_timestamp(31), None);
}

fn transactional(producer_id: i64, base_sequence: i32, value: &str) -> RecordBatch {
    RecordBatch { producer_id, producer_epoch: 0, base_sequence, is_transactional: true, ..batch(&[value]) }
}

fn end(log: &mut Log, producer_id: i64, commit: bool) -> i64 {
    let marker = EndTransactionMarker { commit, coordinator_epoch: 0 }.to_batch(producer_id, 0, 0);
    let origin = AppendOrigin::Coordinator;
    log.append_as_leader_from(marker, 0, 0, origin, Verification::NotRequired).unwrap().base_offset
}

/// The example of `kafka/06` §6.8, with an abort.
#[test]
fn readers_of_committed_records_stop_at_the_first_open_transaction() {
    let mut log = log(LogConfig::default());
    log.append_as_leader(transactional(1, 0, "T1"), 0, 0).unwrap();
    log.append_as_leader(transactional(2, 0, "T2"), 0, 0).unwrap();
    log.append_as_leader(batch(&["plain"]), 0, 0).unwrap();
    assert_eq!(end(&mut log, 2, true), 3);
    log.set_high_watermark(4);
    assert_eq!(log.last_stable_offset(), 0);
    assert_eq!(log.transaction_index().collect(0, 4), []);
    assert_eq!(end(&mut log, 1, false), 4);
    assert_eq!(log.last_stable_offset(), 0, "its marker is not replicated yet");
    log.set_high_watermark(5);
    assert_eq!(log.last_stable_offset(), 5);
    assert_eq!(log.transaction_index().collect(0, 5), [(1, 0)]);
    assert_eq!(log.transaction_index().collect(2, 5), [(1, 0)], "the marker lies beyond the position");
    assert_eq!(log.transaction_index().collect(5, 5), []);
    let marker = log.batches().last().expect("a marker");
    assert_eq!(marker.size_in_bytes(), 78);
    assert_eq!(EndTransactionMarker::of_batch(marker).map(EndTransactionMarker::name), Some("ABORT"));

    log.truncate_to(4);
    assert_eq!((log.last_stable_offset(), log.transaction_index().entries()), (0, &[][..]));
    log.reopen(4);
    assert_eq!(log.producers().ongoing().collect::<Vec<_>>(), [(0, 1)]);
}

/// KAFKA-5825 and `kafka/01` §1.2: the time of the append is the batch's, the records' own stay written.
#[test]
fn log_append_time_changes_no_bytes() {
    let mut stamped =
        log(LogConfig { log_append_time: true, message_timestamp_before_max_ms: 0, ..LogConfig::default() });
    let two = RecordBatch::new(vec![(None, None, 5), (None, None, 5000)]);
    let size_in_bytes = two.size_in_bytes();
    assert_eq!(stamped.append_as_leader(two, 0, 9_000).unwrap().log_append_time_ms, 9_000);
    let batch = stamped.batches().next().unwrap();
    assert_eq!(batch.size_in_bytes(), size_in_bytes);
    assert_eq!(batch.records.iter().map(|record| batch.timestamp_of(record)).collect::<Vec<_>>(), [9_000, 9_000]);
    assert_eq!(stamped.offset_for_timestamp(6_000), Some((0, 9_000)));
    let mut created = log(LogConfig { message_timestamp_after_max_ms: 10, ..LogConfig::default() });
    assert_eq!(created.append_as_leader(batch_at(&["v"], 1_011), 0, 1_000), Err(ErrorCode::InvalidTimestamp));
    assert!(created.append_as_leader(batch_at(&["v"], 1_010), 0, 1_000).is_ok());
}

/// A producer whose records retention has deleted is known from the snapshot still (`ProducerStateManager`).
#[test]
fn producers_outlive_their_records() {
    let mut log = log(LogConfig { segment_bytes: 80, retention_bytes: 0, ..LogConfig::default() });
    for sequence in 0..3 {
        log.append_as_leader(sequenced("v", sequence), 0, 0).unwrap();
    }
    log.set_high_watermark(3);
    assert_eq!(log.delete_old_segments(0), 3);
    log.reopen(3);
    assert_eq!(log.append_as_leader(sequenced("v", 9), 0, 0), Err(ErrorCode::OutOfOrderSequenceNumber));
    assert!(log.append_as_leader(sequenced("v", 3), 0, 0).is_ok());
}

/// As Kafka 3.9.1 does with a log start that DeleteRecords moved: a killed broker forgets where its log began,
/// one that was stopped does not.
#[test]
fn the_log_start_offset_lasts_as_far_as_it_was_written() {
    let mut log = log(LogConfig::default());
    for value in ["a", "b", "c"] {
        log.append_as_leader(batch(&[value]), 0, 0).unwrap();
    }
    log.set_high_watermark(3);
    assert_eq!(log.maybe_increment_log_start_offset(2), Ok(true));
    let mut killed = log.clone();
    killed.reopen(3);
    assert_eq!(killed.log_start_offset(), 0);
    log.close(0);
    log.reopen(3);
    assert_eq!(log.log_start_offset(), 2);
    assert_eq!(log.delete_old_segments(0), 0, "the active segment stays");
}
