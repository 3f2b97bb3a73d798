//! Which records a log no longer holds because somebody had asked for it: retention (`UnifiedLog.deleteOldSegments`),
//! DeleteRecords, the cleaner (`LogCleaner`), the deletion of a topic. Leaves out what a truncation takes.

use std::rc::Rc;

use super::{Log, Record, RecordBatch, Segment};

/// A record that was taken away, as the one that it was among all that ever had its offset.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RemovedRecord {
    /// Where it was.
    pub offset: i64,
    /// The epoch of the leader that appended it.
    pub leader_epoch: i32,
    /// Which it was: [`super::Record::identity`].
    pub identity: u64,
}

impl RemovedRecord {
    fn new(batch: &RecordBatch, record: &Record) -> Self {
        let (offset, leader_epoch) = (batch.offset_of(record), batch.partition_leader_epoch);
        Self { offset, leader_epoch, identity: record.identity() }
    }
}

impl Log {
    /// The records of these segments from `start_offset` on, which the log had, that it does not have any more, in
    /// order of their offsets. What is in control batches is left out.
    pub fn removed_of(&self, had: &[Rc<Segment>], start_offset: i64) -> Vec<RemovedRecord> {
        let mut removed = Vec::new();
        for segment in had {
            let here = self.segments().binary_search_by_key(&segment.base_offset(), |here| here.base_offset());
            if here.is_ok_and(|at| self.segments().get(at).is_some_and(|here| Rc::ptr_eq(here, segment))) {
                continue;
            }
            for batch in segment.batches().filter(|batch| !batch.is_control && batch.last_offset() >= start_offset) {
                let here = self.batch_at(batch.base_offset);
                if here.is_some_and(|here| Rc::ptr_eq(here, batch)) {
                    continue;
                }
                let all = batch.records.iter().map(|record| RemovedRecord::new(batch, record));
                let is_here = |offset| here.is_some_and(|here| holds(here, offset));
                removed.extend(all.filter(|record| record.offset >= start_offset && !is_here(record.offset)));
            }
        }
        removed
    }

    /// The records at these offsets.
    pub fn records_between(&self, from: i64, to: i64) -> Vec<RemovedRecord> {
        let batches = self.batches().skip_while(|batch| batch.last_offset() < from);
        let batches = batches.take_while(|batch| batch.base_offset < to).filter(|batch| !batch.is_control);
        let all = batches.flat_map(|batch| batch.records.iter().map(|record| RemovedRecord::new(batch, record)));
        all.filter(|record| (from..to).contains(&record.offset)).collect()
    }
}

/// Its records, in order of their offsets, have one there.
fn holds(batch: &RecordBatch, offset: i64) -> bool {
    batch.records.binary_search_by_key(&offset, |record| batch.offset_of(record)).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::TopicPartition;
    use crate::log::{LogConfig, digest_of};

    fn batch(records: &[(&str, &str)]) -> RecordBatch {
        let bytes = |text: &str| Some(Rc::from(text.as_bytes()));
        RecordBatch::new(records.iter().map(|(key, value)| (bytes(key), bytes(value), 1)).collect())
    }

    fn log(config: LogConfig) -> Log {
        let mut log = Log::new(TopicPartition::new("t", 0), config, 1);
        for records in [&[("a", "1"), ("b", "1")][..], &[("a", "2")], &[("c", "1")], &[("a", "3")]] {
            assert!(log.append_as_leader(batch(records), 7, 1).is_ok());
        }
        log.set_high_watermark(log.log_end_offset());
        log
    }

    #[test]
    fn the_cleaner_takes_what_was_superseded() {
        // Each batch in a segment of its own; the last is active and stays.
        let mut log = log(LogConfig { compact: true, delete: false, segment_bytes: 80, ..LogConfig::default() });
        let had = log.segments().to_vec();
        log.clean(&log.cleanable(1), 1);
        let removed = log.removed_of(&had, 0);
        let identity = digest_of(Some(b"a"), Some(b"1"));
        assert_eq!(removed, [RemovedRecord { offset: 0, leader_epoch: 7, identity }], "{had:?}");
        assert!(log.removed_of(log.segments(), 0).is_empty(), "it has what it has");
    }

    #[test]
    fn retention_takes_whole_segments() {
        let mut log = log(LogConfig { retention_ms: 10, segment_bytes: 80, ..LogConfig::default() });
        let had = log.segments().to_vec();
        let some: Vec<i64> = log.records_between(1, 3).iter().map(|record| record.offset).collect();
        assert_eq!(some, [1, 2]);
        assert!(log.delete_old_segments(1_000) > 0);
        let offsets: Vec<i64> = log.removed_of(&had, 2).iter().map(|record| record.offset).collect();
        assert_eq!(offsets, [2, 3, 4]);
        assert!(log.records_between(0, 5).is_empty());
    }
}
