//! One file of a log (`LogSegment`). Leaves out the indexes: a batch is found by its offset.

use std::rc::Rc;

use super::RecordBatch;

/// A run of batches from `base_offset` on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Segment {
    base_offset: i64,
    batches: Vec<Rc<RecordBatch>>,
    size_in_bytes: u64,
    max_timestamp_ms: i64,
}

impl Segment {
    /// An empty segment.
    pub fn new(base_offset: i64) -> Self {
        Self { base_offset, batches: Vec::new(), size_in_bytes: 0, max_timestamp_ms: -1 }
    }

    /// The offset that names the file.
    pub fn base_offset(&self) -> i64 {
        self.base_offset
    }

    /// The batches, in order of their offsets.
    pub fn batches(&self) -> &[Rc<RecordBatch>] {
        &self.batches
    }

    /// Bytes of all batches.
    pub fn size_in_bytes(&self) -> u64 {
        self.size_in_bytes
    }

    /// The greatest timestamp of a record; -1 without one.
    pub fn max_timestamp_ms(&self) -> i64 {
        self.max_timestamp_ms
    }

    /// The file's name: the base offset in 20 digits.
    pub fn file_name(&self) -> String {
        format!("{:020}.log", self.base_offset)
    }

    /// True if a batch of `size_in_bytes` must go to a new segment (`LogSegment.shouldRoll`).
    /// Simplified: the offset and time indexes never fill up; records have timestamps.
    pub fn should_roll(&self, batch: &RecordBatch, size_in_bytes: u64, segment_bytes: u64, segment_ms: i64) -> bool {
        let Some(first) = self.batches.first() else {
            return size_in_bytes > segment_bytes;
        };
        self.size_in_bytes + size_in_bytes > segment_bytes
            || (first.max_timestamp_ms >= 0
                && batch.max_timestamp_ms.saturating_sub(first.max_timestamp_ms) > segment_ms)
            || batch.last_offset() - self.base_offset > i64::from(i32::MAX)
    }

    /// The index of the batch that contains `offset`, or of the first one after it.
    pub fn index_of(&self, offset: i64) -> usize {
        self.batches.partition_point(|batch| batch.last_offset() < offset)
    }

    pub(super) fn append(&mut self, batch: Rc<RecordBatch>, size_in_bytes: u64) {
        self.size_in_bytes += size_in_bytes;
        self.max_timestamp_ms = self.max_timestamp_ms.max(batch.max_timestamp_ms);
        self.batches.push(batch);
    }

    /// Drops every batch that reaches to `offset` or beyond.
    pub(super) fn truncate_to(&mut self, offset: i64) {
        self.batches.truncate(self.index_of(offset));
        self.size_in_bytes = self.batches.iter().map(|batch| batch.size_in_bytes()).sum();
        self.max_timestamp_ms = self.batches.iter().map(|batch| batch.max_timestamp_ms).max().unwrap_or(-1);
    }
}
