//! The log cleaner on single logs; whole brokers are in the recorded cases `log/compaction` and
//! `log/tombstones`.

use std::rc::Rc;

use crate::ids::TopicPartition;
use crate::log::*;

const HOUR_MS: i64 = 3_600_000;

fn record(key: &str, value: Option<&str>, timestamp_ms: i64) -> RecordBatch {
    let bytes = |text: &str| Rc::from(text.as_bytes());
    RecordBatch::new(vec![(Some(bytes(key)), value.map(bytes), timestamp_ms)])
}

/// A log of two records a segment, replicated to its end.
fn log(config: LogConfig, records: &[(&str, Option<&str>)]) -> Log {
    let config = LogConfig { compact: true, delete: false, segment_bytes: 145, ..config };
    let mut log = Log::new(TopicPartition::new("t", 0), config, 0);
    append(&mut log, records, 1_000);
    log
}

fn append(log: &mut Log, records: &[(&str, Option<&str>)], now_ms: i64) {
    for (key, value) in records {
        log.append_as_leader(record(key, *value, now_ms), 0, now_ms).unwrap();
    }
    log.set_high_watermark(log.log_end_offset());
}

fn clean(log: &mut Log, now_ms: i64) -> i64 {
    let to_clean = log.cleanable(now_ms);
    log.clean(&to_clean, now_ms).end_offset
}

/// (offset, key) of what is left.
fn left(log: &Log) -> Vec<(i64, String)> {
    let text = |record: &Record| String::from_utf8_lossy(record.key.as_deref().unwrap_or_default()).into_owned();
    log.batches().flat_map(|b| b.records.iter().map(move |r| (b.offset_of(r), text(r)))).collect()
}

fn bases(log: &Log) -> Vec<i64> {
    log.segments().iter().map(|segment| segment.base_offset()).collect()
}

#[test]
fn of_each_key_the_newest_stays_where_it_was() {
    let v = Some("v");
    let mut log = log(LogConfig::default(), &[("a", v), ("b", v), ("a", v), ("c", v), ("a", v), ("a", v)]);
    assert_eq!(clean(&mut log, 2_000), 4);
    let at = |pairs: &[(i64, &str)]| pairs.iter().map(|(offset, key)| (*offset, (*key).to_owned())).collect::<Vec<_>>();
    assert_eq!(left(&log), at(&[(1, "b"), (2, "a"), (3, "c"), (4, "a"), (5, "a")]), "the active segment is left alone");
    assert_eq!((log.log_start_offset(), log.log_end_offset()), (0, 6));
    append(&mut log, &[("d", v)], 1_000);
    assert_eq!(clean(&mut log, 2_000), 6);
    assert_eq!(left(&log), at(&[(1, "b"), (3, "c"), (5, "a"), (6, "d")]));
    assert_eq!(bases(&log), [0, 2, 4, 6], "segments are grouped by their sizes before");
    append(&mut log, &[("b", v), ("d", v)], 1_000);
    assert_eq!(clean(&mut log, 2_000), 8);
    assert_eq!(left(&log), at(&[(3, "c"), (5, "a"), (6, "d"), (7, "b"), (8, "d")]));
    assert_eq!(bases(&log), [0, 4, 6, 8]);
    assert!(
        log.read(0, 9, 1 << 20).unwrap().first().is_some_and(|batch| batch.base_offset == 3),
        "readers pass over gaps"
    );
}

#[test]
fn a_log_is_cleaned_when_it_is_dirty_enough_or_waited_too_long() {
    let v = Some("v");
    let mut log = log(LogConfig::default(), &[("a", v), ("a", v), ("b", v)]);
    let first = log.cleanable(2_000);
    assert_eq!((first.first_dirty_offset, first.first_uncleanable_offset), (0, 2));
    assert_eq!((first.clean_bytes, first.cleanable_bytes), (0, 140));
    assert!(first.is_worth_it(500_000));
    clean(&mut log, 2_000);
    assert!(!log.cleanable(2_000).is_worth_it(0), "nothing is dirty");
    log.set_high_watermark(1);
    assert_eq!(log.cleanable(2_000).first_uncleanable_offset, 2, "what is clean stays so");

    let young = LogConfig { min_compaction_lag_ms: HOUR_MS, ..LogConfig::default() };
    let log = self::log(young, &[("a", v), ("a", v), ("b", v)]);
    assert_eq!(log.cleanable(2_000).cleanable_bytes, 0);
    assert_eq!(log.cleanable(1_000 + HOUR_MS).cleanable_bytes, 140);

    let old = LogConfig { max_compaction_lag_ms: HOUR_MS, ..LogConfig::default() };
    let mut log = self::log(old, &[("a", v), ("a", v), ("b", v)]);
    assert!(!log.cleanable(1_000 + HOUR_MS).is_worth_it(1_000_000));
    assert!(log.cleanable(1_001 + HOUR_MS).is_worth_it(1_000_000));
    append(&mut log, &[("b", v)], 1_000 + HOUR_MS);
    append(&mut log, &[("c", v)], 1_001 + HOUR_MS);
    assert_eq!(bases(&log), [0, 2, 4], "an active segment must not hold records back for longer either");
}

#[test]
fn nothing_above_the_last_stable_offset_is_cleaned() {
    let v = Some("v");
    let mut log = log(LogConfig::default(), &[("a", v), ("a", v), ("a", v), ("a", v), ("a", v)]);
    log.set_high_watermark(3);
    assert_eq!(log.cleanable(2_000).first_uncleanable_offset, 2);
    log.set_high_watermark(1);
    assert_eq!(log.cleanable(2_000).cleanable_bytes, 0);
}

#[test]
fn a_tombstone_stays_for_delete_retention_after_its_first_cleaning() {
    let v = Some("v");
    let mut log = log(LogConfig::default(), &[("a", v), ("a", None), ("b", v), ("c", v), ("d", v)]);
    assert_eq!(clean(&mut log, 10_000), 4);
    let tombstone = log.batches().next().unwrap();
    assert_eq!((tombstone.base_offset, tombstone.delete_horizon_ms), (1, Some(10_000 + 24 * HOUR_MS)));
    append(&mut log, &[("e", v), ("f", v)], 10_000);
    clean(&mut log, 10_000 + 24 * HOUR_MS - 1);
    assert!(left(&log).contains(&(1, "a".into())));
    append(&mut log, &[("g", v), ("h", v)], 10_000);
    clean(&mut log, 10_000 + 24 * HOUR_MS);
    assert!(!left(&log).iter().any(|(_, key)| key == "a"));
}

#[test]
fn the_batch_with_a_producers_last_sequence_stays_empty() {
    let v = Some("v");
    let mut log = log(LogConfig::default(), &[]);
    let ours = RecordBatch { producer_id: 7, producer_epoch: 0, base_sequence: 0, ..record("a", v, 1_000) };
    log.append_as_leader(ours, 0, 1_000).unwrap();
    append(&mut log, &[("a", v), ("b", v), ("c", v)], 1_000);
    clean(&mut log, 2_000);
    let first = log.batches().next().unwrap();
    assert_eq!((first.base_offset, first.records.len(), first.size_in_bytes()), (0, 0, BATCH_OVERHEAD_BYTES));
    assert_eq!(first.last_sequence(), 0);
    log.remove_expired_producers(2_000 + 24 * HOUR_MS, 24 * HOUR_MS);
    append(&mut log, &[("d", v)], 1_000);
    clean(&mut log, 2_000);
    assert_eq!(log.batches().next().unwrap().base_offset, 1);
}

/// Records of an aborted transaction go with the first cleaning, its marker with a later one.
#[test]
fn aborted_records_go_and_the_marker_after_them() {
    let mut log = log(LogConfig::default(), &[]);
    let data = RecordBatch {
        producer_id: 7,
        producer_epoch: 0,
        base_sequence: 0,
        is_transactional: true,
        ..record("a", Some("v"), 1_000)
    };
    log.append_as_leader(data.clone(), 0, 1_000).unwrap();
    let abort = EndTransactionMarker { commit: false, coordinator_epoch: 0 };
    let end = |log: &mut Log, marker: EndTransactionMarker| {
        let batch = marker.to_batch(7, 0, 1_000);
        log.append_as_leader_from(batch, 0, 1_000, AppendOrigin::Coordinator, Verification::NotRequired).unwrap();
    };
    end(&mut log, abort);
    let next = RecordBatch { base_sequence: 1, ..data };
    log.append_as_leader(next, 0, 1_000).unwrap();
    end(&mut log, EndTransactionMarker { commit: true, ..abort });
    append(&mut log, &[("z", Some("v"))], 1_000);
    assert_eq!(clean(&mut log, 2_000), 4);
    assert_eq!(log.batches().map(|batch| batch.base_offset).collect::<Vec<_>>(), [1, 2, 3, 4]);
    assert_eq!(log.transaction_index().entries().len(), 1);
    append(&mut log, &[("y", Some("v")), ("x", Some("v"))], 1_000);
    clean(&mut log, 3_000);
    let marker = log.batches().next().unwrap();
    assert_eq!((marker.base_offset, marker.delete_horizon_ms), (1, Some(3_000 + 24 * HOUR_MS)));
    assert_eq!(log.transaction_index().entries(), [], "no reader must skip what comes after");
}

/// `LogCleanerManager.cleanableOffsets`, `maybeTruncateCheckpoint`.
#[test]
fn the_cleaners_checkpoint_stays_within_the_log() {
    let v = Some("v");
    let mut log = log(LogConfig::default(), &[("a", v), ("a", v), ("b", v), ("b", v), ("c", v)]);
    assert_eq!(clean(&mut log, 2_000), 4);
    log.truncate_to(3);
    assert_eq!(log.cleaner_checkpoint(), Some(2));
    append(&mut log, &[("c", v), ("d", v)], 1_000);
    assert_eq!(log.maybe_increment_log_start_offset(5), Ok(true));
    assert_eq!(log.cleanable(2_000).first_dirty_offset, 5);
}
