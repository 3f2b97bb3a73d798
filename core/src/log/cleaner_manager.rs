//! What of a compacted log may be cleaned now, and whether it is worth it (`LogCleanerManager`,
//! `LogToClean`; `kafka/01` §1.6). Leaves out partitions that cannot be cleaned because of an error.

use std::cmp::Ordering;
use std::rc::Rc;

use super::{Log, Segment};

/// A log that the cleaner may take.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LogToClean {
    /// Below it the log was cleaned before.
    pub first_dirty_offset: i64,
    /// The base offset of the first segment that may not be cleaned: the active one, one that reaches
    /// beyond the last stable offset, or one that is younger than `min.compaction.lag.ms`.
    pub first_uncleanable_offset: i64,
    /// Bytes of clean segments.
    pub clean_bytes: u64,
    /// Bytes of dirty segments that may be cleaned.
    pub cleanable_bytes: u64,
    /// A dirty record is older than `max.compaction.lag.ms`.
    pub need_compaction_now: bool,
}

impl LogToClean {
    /// True if the share of dirty bytes is above `min.cleanable.dirty.ratio`, in millionths, or a record
    /// has waited too long.
    pub fn is_worth_it(&self, min_ratio_millionths: i64) -> bool {
        let dirty = i128::from(self.cleanable_bytes) * 1_000_000;
        let total = i128::from(self.clean_bytes) + i128::from(self.cleanable_bytes);
        total > 0
            && ((self.need_compaction_now && self.cleanable_bytes > 0)
                || dirty > total * i128::from(min_ratio_millionths))
    }

    /// By the share of dirty bytes.
    pub fn compare_ratio(&self, other: &Self) -> Ordering {
        let total = |of: &Self| u128::from(of.clean_bytes) + u128::from(of.cleanable_bytes);
        (u128::from(self.cleanable_bytes) * total(other)).cmp(&(u128::from(other.cleanable_bytes) * total(self)))
    }
}

impl Log {
    /// The segment that holds `from` and those after it that begin below `to`.
    pub(super) fn segments_between(&self, from: i64, to: i64) -> &[Rc<Segment>] {
        let first = self.segments.partition_point(|segment| segment.base_offset() <= from).saturating_sub(1);
        let end = self.segments.partition_point(|segment| segment.base_offset() < to);
        self.segments.get(first..end).unwrap_or_default()
    }

    /// Where the log was cleaned up to: its line in `cleaner-offset-checkpoint`.
    pub fn cleaner_checkpoint(&self) -> Option<i64> {
        self.cleaner_checkpoint
    }

    /// The checkpoint names an offset that the log does not have (any more).
    pub fn is_cleaner_checkpoint_outside(&self) -> bool {
        self.cleaner_checkpoint.is_some_and(|known| known < self.log_start_offset || known > self.log_end_offset)
    }

    /// The checkpoint is set to the log's start.
    pub fn reset_cleaner_checkpoint(&mut self) {
        self.cleaner_checkpoint = Some(self.log_start_offset);
    }

    /// What of the log may be cleaned at `now_ms`, the broker's clock. A checkpoint that lies outside of
    /// the log counts as its start.
    pub fn cleanable(&self, now_ms: i64) -> LogToClean {
        let inside = self.cleaner_checkpoint.filter(|_| !self.is_cleaner_checkpoint_outside());
        let first_dirty_offset = inside.unwrap_or(self.log_start_offset);
        let active = self.active().base_offset();
        let dirty = self.segments_between(first_dirty_offset, active);
        let mut bound = self.last_stable_offset().min(active);
        let lag_ms = self.config.min_compaction_lag_ms;
        if lag_ms > 0 {
            let young = dirty.iter().find(|segment| segment.largest_timestamp_ms() > now_ms.saturating_sub(lag_ms));
            bound = young.map_or(bound, |segment| bound.min(segment.base_offset()));
        }
        let bound = bound.max(first_dirty_offset);
        let first_uncleanable_offset =
            self.segments_between(bound, active).first().map_or(active, |segment| segment.base_offset());
        let bytes = |segments: &[Rc<Segment>]| segments.iter().map(|segment| segment.size_in_bytes()).sum();
        let clean = self.segments.partition_point(|segment| segment.base_offset() < first_dirty_offset);
        let from = first_dirty_offset.min(first_uncleanable_offset);
        let cleanable = if from < first_uncleanable_offset {
            bytes(self.segments_between(from, first_uncleanable_offset))
        } else {
            0
        };
        let clean_until = now_ms.saturating_sub(self.config.max_compaction_lag_ms);
        let firsts = dirty.iter().filter_map(|segment| segment.first_batch_timestamp_ms());
        let oldest = firsts.filter(|timestamp_ms| *timestamp_ms > 0).min();
        LogToClean {
            first_dirty_offset,
            first_uncleanable_offset,
            clean_bytes: bytes(&self.segments[..clean]),
            cleanable_bytes: cleanable,
            need_compaction_now: oldest.is_some_and(|oldest| oldest < clean_until),
        }
    }
}
