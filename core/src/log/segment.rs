//! One file of a log (`LogSegment`). Leaves out the indexes: a batch is found by its offset.

use std::rc::Rc;

use super::RecordBatch;
use crate::collections::SharedList;

/// A batch with what every reader asks of it, so that none has to fetch the batch for it.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Placed {
    last_offset: i64,
    size_in_bytes: u64,
    batch: Rc<RecordBatch>,
}

/// A run of batches from `base_offset` on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Segment {
    base_offset: i64,
    batches: SharedList<Placed>,
    size_in_bytes: u64,
    max_timestamp_ms: i64,
    last_modified_ms: i64,
}

impl Segment {
    /// An empty segment whose file is made at `now_ms`, the broker's clock.
    pub fn new(base_offset: i64, now_ms: i64) -> Self {
        Self {
            base_offset,
            batches: SharedList::default(),
            size_in_bytes: 0,
            max_timestamp_ms: -1,
            last_modified_ms: now_ms,
        }
    }

    /// The offset that names the file.
    pub fn base_offset(&self) -> i64 {
        self.base_offset
    }

    /// The batches, in order of their offsets.
    pub fn batches(&self) -> impl DoubleEndedIterator<Item = &Rc<RecordBatch>> + Clone {
        self.batches.iter().map(|placed| &placed.batch)
    }

    /// The batch at this place among the segment's.
    pub fn batch(&self, at: usize) -> Option<&Rc<RecordBatch>> {
        Some(&self.batches.get(at)?.batch)
    }

    /// Its newest batch.
    pub fn last_batch(&self) -> Option<&Rc<RecordBatch>> {
        Some(&self.batches.last()?.batch)
    }

    /// There is no batch in it.
    pub fn is_empty(&self) -> bool {
        self.batches.is_empty()
    }

    /// The batches from the one that contains `offset` on, each with its bytes.
    pub fn sized_from(&self, offset: i64) -> impl Iterator<Item = (&Rc<RecordBatch>, u64)> {
        self.batches.since(self.index_of(offset)).map(|placed| (&placed.batch, placed.size_in_bytes))
    }

    /// Bytes of all batches.
    pub fn size_in_bytes(&self) -> u64 {
        self.size_in_bytes
    }

    /// The greatest timestamp of a record; -1 without one.
    pub fn max_timestamp_ms(&self) -> i64 {
        self.max_timestamp_ms
    }

    /// When its file was last written to, ms since 1970.
    pub fn last_modified_ms(&self) -> i64 {
        self.last_modified_ms
    }

    /// What retention and compaction judge the segment's age by: the greatest timestamp of its records,
    /// without one the time of its file.
    pub fn largest_timestamp_ms(&self) -> i64 {
        if self.max_timestamp_ms >= 0 { self.max_timestamp_ms } else { self.last_modified_ms }
    }

    /// The greatest timestamp of its first batch, which its age for `segment.ms` counts from.
    pub fn first_batch_timestamp_ms(&self) -> Option<i64> {
        self.batch(0).map(|batch| batch.max_timestamp_ms)
    }

    /// The file's name.
    pub fn file_name(&self) -> String {
        segment_file(self.base_offset, "log")
    }

    /// True if a batch of `size_in_bytes` must go to a new segment (`LogSegment.shouldRoll`).
    /// Simplified: the offset and time indexes never fill up; records have timestamps.
    pub fn should_roll(&self, batch: &RecordBatch, size_in_bytes: u64, segment_bytes: u64, segment_ms: i64) -> bool {
        let Some(first) = self.batch(0) else {
            return size_in_bytes > segment_bytes;
        };
        self.size_in_bytes + size_in_bytes > segment_bytes
            || (first.max_timestamp_ms >= 0
                && batch.max_timestamp_ms.saturating_sub(first.max_timestamp_ms) > segment_ms)
            || batch.last_offset() - self.base_offset > i64::from(i32::MAX)
    }

    /// The index of the batch that contains `offset`, or of the first one after it.
    pub fn index_of(&self, offset: i64) -> usize {
        // Most look for what came last.
        const NEWEST: usize = 4;
        let ends_before = |placed: &Placed| placed.last_offset < offset;
        let mut end = self.batches.len();
        let older = end.saturating_sub(NEWEST);
        while end > older && !self.batches.get(end - 1).is_some_and(ends_before) {
            end -= 1;
        }
        if end > older { end } else { self.batches.partition_point(ends_before) }
    }

    pub(super) fn append(&mut self, batch: Rc<RecordBatch>, size_in_bytes: u64, now_ms: i64) {
        self.last_modified_ms = now_ms;
        self.size_in_bytes += size_in_bytes;
        self.max_timestamp_ms = self.max_timestamp_ms.max(batch.max_timestamp_ms);
        self.batches.push(Placed { last_offset: batch.last_offset(), size_in_bytes, batch });
    }

    /// Drops every batch that reaches to `offset` or beyond.
    pub(super) fn truncate_to(&mut self, offset: i64) {
        let kept = self.index_of(offset);
        self.batches.truncate(kept);
        self.size_in_bytes = self.batches.iter().map(|placed| placed.size_in_bytes).sum();
        self.max_timestamp_ms = self.batches().map(|batch| batch.max_timestamp_ms).max().unwrap_or(-1);
    }
}

/// The name of a file of the segment that begins at `base_offset`: 20 digits and what is in it
/// (`LogFileUtils`): `log`, `index`, `timeindex`, `txnindex`, `snapshot`.
pub fn segment_file(base_offset: i64, content: &str) -> String {
    format!("{base_offset:020}.{content}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_is_found_wherever_it_lies() {
        let mut segment = Segment::new(0, 0);
        for base_offset in (0..60).step_by(3) {
            let records = vec![(None, None, 1); 2];
            segment.append(Rc::new(RecordBatch { base_offset, ..RecordBatch::new(records) }), 70, 1);
            for offset in -1..65 {
                let found = segment.batches().take_while(|batch| batch.last_offset() < offset).count();
                assert_eq!(segment.index_of(offset), found, "{offset} up to {base_offset}");
                assert_eq!(segment.sized_from(offset).count(), segment.batches().count() - found);
            }
        }
    }
}
