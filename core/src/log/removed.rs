//! Which records a log no longer holds because a rule took them away: retention (`UnifiedLog.deleteOldSegments`) or the
//! cleaner (`LogCleaner`). Leaves out what a truncation takes, which no rule allows.

use std::rc::Rc;

use super::{Log, RecordBatch, Segment};

/// A record that was taken away, as the one that it was among all that ever had its offset.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RemovedRecord {
    /// Where it was.
    pub offset: i64,
    /// The epoch of the leader that appended it.
    pub leader_epoch: i32,
    /// What it said: [`super::digest_of`].
    pub digest: u64,
}

impl Log {
    /// The records of these segments, which the log had, that it does not have any more, in order of their offsets.
    /// What is in control batches is left out.
    pub fn removed_of(&self, had: &[Rc<Segment>]) -> Vec<RemovedRecord> {
        let mut removed = Vec::new();
        let is_here = |segment: &&Rc<Segment>| self.segments().iter().any(|here| Rc::ptr_eq(here, segment));
        for batch in had.iter().filter(|segment| !is_here(segment)).flat_map(|segment| segment.batches()) {
            let here = self.batch_at(batch.base_offset);
            if batch.is_control || here.is_some_and(|here| Rc::ptr_eq(here, batch)) {
                continue;
            }
            let stays = |offset: i64| here.is_some_and(|here| holds(here, offset));
            let gone = batch.records.iter().filter(|record| !stays(batch.offset_of(record)));
            removed.extend(gone.map(|record| RemovedRecord {
                offset: batch.offset_of(record),
                leader_epoch: batch.partition_leader_epoch,
                digest: record.digest(),
            }));
        }
        removed
    }
}

fn holds(batch: &RecordBatch, offset: i64) -> bool {
    batch.records.iter().any(|record| batch.offset_of(record) == offset)
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
        let removed = log.removed_of(&had);
        let digest = digest_of(Some(b"a"), Some(b"1"));
        assert_eq!(removed, [RemovedRecord { offset: 0, leader_epoch: 7, digest }], "{had:?}");
        assert!(log.removed_of(log.segments()).is_empty(), "it has what it has");
    }

    #[test]
    fn retention_takes_whole_segments() {
        let mut log = log(LogConfig { retention_ms: 10, segment_bytes: 80, ..LogConfig::default() });
        let had = log.segments().to_vec();
        assert!(log.delete_old_segments(1_000) > 0);
        let offsets: Vec<i64> = log.removed_of(&had).iter().map(|record| record.offset).collect();
        assert_eq!(offsets, [0, 1, 2, 3, 4]);
    }
}
