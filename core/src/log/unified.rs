//! One replica's log of a partition with its offsets (`UnifiedLog`, `LocalLog`): what it is, how it is
//! read, truncated, flushed and opened again. Leaves out indexes and tiered storage.
//!
//! A clone shares every segment and batch with its origin: the timeline keeps many.

use crate::collections::BTreeMap;
use std::rc::Rc;

use super::{LeaderEpochCache, LogConfig, ProducerState, RecordBatch, Segment, TransactionIndex};
use crate::ids::{Name, TopicPartition};
use crate::protocol::ErrorCode;

/// A replica's log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Log {
    pub(super) tp: TopicPartition,
    pub(super) parent_dir: Name,
    /// Shared with checkpoints until it changes.
    pub(super) config: Rc<LogConfig>,
    /// Never empty; the last one is the active segment.
    pub(super) segments: Vec<Rc<Segment>>,
    pub(super) log_start_offset: i64,
    pub(super) log_end_offset: i64,
    pub(super) high_watermark: i64,
    pub(super) flushed_offset: i64,
    pub(super) last_flushed_at_ms: i64,
    pub(super) leader_epochs: LeaderEpochCache,
    pub(super) producers: ProducerState,
    pub(super) aborted: TransactionIndex,
    /// `.snapshot` files: the producers as they were where a segment begins, and at a clean shutdown.
    pub(super) snapshots: Rc<BTreeMap<i64, ProducerState>>,
    /// Its line in `log-start-offset-checkpoint`.
    pub(super) log_start_checkpoint: Option<i64>,
    /// Its line in `cleaner-offset-checkpoint`: what lies below is clean.
    pub(super) cleaner_checkpoint: Option<i64>,
}

impl Log {
    /// An empty log that begins at offset 0, made at `now_ms` of the broker's clock.
    pub fn new(tp: TopicPartition, config: LogConfig, now_ms: i64) -> Self {
        Self {
            tp,
            parent_dir: "".into(),
            config: Rc::new(config),
            segments: vec![Rc::new(Segment::new(0, now_ms))],
            log_start_offset: 0,
            log_end_offset: 0,
            high_watermark: 0,
            flushed_offset: 0,
            last_flushed_at_ms: now_ms,
            leader_epochs: LeaderEpochCache::default(),
            producers: ProducerState::default(),
            aborted: TransactionIndex::default(),
            snapshots: Rc::default(),
            log_start_checkpoint: None,
            cleaner_checkpoint: None,
        }
    }

    /// The partition.
    pub fn topic_partition(&self) -> &TopicPartition {
        &self.tp
    }

    /// The directory of `log.dirs` that holds its folder.
    pub fn parent_dir(&self) -> &Name {
        &self.parent_dir
    }

    /// Puts its folder into a directory of `log.dirs`.
    pub fn set_parent_dir(&mut self, dir: Name) {
        self.parent_dir = dir;
    }

    /// The configs in force.
    pub fn config(&self) -> &LogConfig {
        &self.config
    }

    /// Puts other configs in force, for what is appended from now on.
    pub fn update_config(&mut self, config: LogConfig) {
        self.config = Rc::new(config);
    }

    /// The lowest offset that clients can see.
    pub fn log_start_offset(&self) -> i64 {
        self.log_start_offset
    }

    /// The offset of the next record.
    pub fn log_end_offset(&self) -> i64 {
        self.log_end_offset
    }

    /// The first offset that is not known to be on every in-sync replica.
    pub fn high_watermark(&self) -> i64 {
        self.high_watermark
    }

    /// Where a read_committed consumer must stop: the first undecided transaction, or the high
    /// watermark.
    pub fn last_stable_offset(&self) -> i64 {
        let unstable = self.producers.first_unstable_offset().map(|offset| offset.max(self.log_start_offset));
        unstable.map_or(self.high_watermark, |offset| offset.min(self.high_watermark))
    }

    /// Aborted transactions.
    pub fn transaction_index(&self) -> &TransactionIndex {
        &self.aborted
    }

    /// The epochs of the leaders that wrote this log.
    pub fn leader_epochs(&self) -> &LeaderEpochCache {
        &self.leader_epochs
    }

    /// What is remembered of the producers.
    pub fn producers(&self) -> &ProducerState {
        &self.producers
    }

    /// The epoch of the log's last record, or of the leader that has begun since.
    pub fn latest_epoch(&self) -> Option<i32> {
        self.leader_epochs.latest_epoch()
    }

    /// The segments, oldest first; the last one is active.
    pub fn segments(&self) -> &[Rc<Segment>] {
        &self.segments
    }

    /// It is empty, and its one segment too.
    pub fn has_no_batch(&self) -> bool {
        self.segments.len() == 1 && self.active().is_empty()
    }

    /// Every batch, oldest first.
    pub fn batches(&self) -> impl DoubleEndedIterator<Item = &Rc<RecordBatch>> {
        self.segments.iter().flat_map(|segment| segment.batches())
    }

    /// The batch that holds an offset.
    pub fn batch_at(&self, offset: i64) -> Option<&Rc<RecordBatch>> {
        let segment = self.segments.partition_point(|segment| segment.base_offset() <= offset).checked_sub(1)?;
        let segment = self.segments.get(segment)?;
        segment.batch(segment.index_of(offset)).filter(|batch| batch.base_offset <= offset)
    }

    /// Bytes of all segments.
    pub fn size_in_bytes(&self) -> u64 {
        self.segments.iter().map(|segment| segment.size_in_bytes()).sum()
    }

    /// The offset below which everything would outlive a power loss (`recoveryPoint`).
    pub fn flushed_offset(&self) -> i64 {
        self.flushed_offset
    }

    /// The segment that is written to.
    pub fn active(&self) -> &Segment {
        // `segments` is never empty: every removal below is followed by an insertion.
        &self.segments[self.segments.len() - 1]
    }

    /// Whole batches from the one that contains `from` up to those that end below `up_to`, at most
    /// `max_bytes` of them, but at least one; as Kafka does, from one segment only.
    pub fn read(&self, from: i64, up_to: i64, max_bytes: u64) -> Result<Vec<Rc<RecordBatch>>, ErrorCode> {
        self.read_at_least(from, up_to, max_bytes, true).map(|(read, _)| read)
    }

    /// [`Log::read`], and the bytes that it read; only with `min_one_message` may the first batch exceed
    /// `max_bytes`.
    ///
    /// # Errors
    /// The log does not reach to `from`, or begins after it.
    pub fn read_at_least(
        &self,
        from: i64,
        up_to: i64,
        max_bytes: u64,
        min_one_message: bool,
    ) -> Result<(Vec<Rc<RecordBatch>>, u64), ErrorCode> {
        if from < self.log_start_offset || from > self.log_end_offset {
            return Err(ErrorCode::OffsetOutOfRange);
        }
        let (mut read, mut bytes) = (Vec::new(), 0);
        // Most fetches find nothing new.
        if from >= up_to {
            return Ok((read, bytes));
        }
        let first = self.segments.partition_point(|segment| segment.base_offset() <= from).saturating_sub(1);
        for segment in &self.segments[first..] {
            for (batch, size) in segment.sized_from(from) {
                let too_much = bytes + size > max_bytes && !(min_one_message && read.is_empty());
                if batch.last_offset() >= up_to || too_much {
                    return Ok((read, bytes));
                }
                bytes += size;
                read.push(Rc::clone(batch));
            }
            if !read.is_empty() {
                break;
            }
        }
        Ok((read, bytes))
    }

    /// Bytes that [`Log::read`] would give, but no batch more is looked at once they are `enough`.
    ///
    /// # Errors
    /// As [`Log::read`].
    pub fn readable_bytes(&self, from: i64, up_to: i64, max_bytes: u64, enough: u64) -> Result<u64, ErrorCode> {
        if from < self.log_start_offset || from > self.log_end_offset {
            return Err(ErrorCode::OffsetOutOfRange);
        }
        let mut bytes = 0;
        if from >= up_to {
            return Ok(bytes);
        }
        let first = self.segments.partition_point(|segment| segment.base_offset() <= from).saturating_sub(1);
        for segment in &self.segments[first..] {
            for (batch, size) in segment.sized_from(from) {
                if bytes >= enough || batch.last_offset() >= up_to || (bytes > 0 && bytes + size > max_bytes) {
                    return Ok(bytes);
                }
                bytes += size;
            }
            if bytes > 0 {
                break;
            }
        }
        Ok(bytes)
    }

    /// Offset and timestamp of the first record at or after `timestamp_ms` (ListOffsets).
    pub fn offset_for_timestamp(&self, timestamp_ms: i64) -> Option<(i64, i64)> {
        self.segments
            .iter()
            .filter(|segment| segment.max_timestamp_ms() >= timestamp_ms)
            .flat_map(|segment| segment.batches())
            .filter(|batch| batch.max_timestamp_ms >= timestamp_ms)
            .flat_map(|batch| {
                batch.records.iter().map(move |record| (batch.offset_of(record), batch.timestamp_of(record)))
            })
            .find(|&(offset, timestamp)| offset >= self.log_start_offset && timestamp >= timestamp_ms)
    }

    /// Offset and timestamp of the first record with the greatest timestamp (ListOffsets, -3): of what segments hold, also
    /// below the log start.
    pub fn offset_of_max_timestamp(&self) -> Option<(i64, i64)> {
        let latest = self.segments.iter().map(|segment| segment.max_timestamp_ms()).max()?;
        let batches = self.segments.iter().flat_map(|segment| segment.batches());
        let mut with_it = batches.filter(|batch| batch.max_timestamp_ms == latest && latest >= 0);
        let batch = with_it.next()?;
        let first = batch.records.iter().find(|record| batch.timestamp_of(record) == latest)?;
        Some((batch.offset_of(first), latest))
    }

    /// A new leader's epoch begins at the log's end, even before its first record.
    pub fn assign_epoch_start_offset(&mut self, leader_epoch: i32, start_offset: i64) -> bool {
        self.leader_epochs.assign(leader_epoch, start_offset)
    }

    /// The answer to OffsetForLeaderEpoch.
    pub fn end_offset_for_epoch(&self, leader_epoch: i32) -> (i32, i64) {
        self.leader_epochs.end_offset_for(leader_epoch, self.log_end_offset)
    }

    /// Sets the high watermark, kept between log start and log end; returns what it became.
    pub fn set_high_watermark(&mut self, high_watermark: i64) -> i64 {
        self.high_watermark = high_watermark.min(self.log_end_offset).max(self.log_start_offset);
        self.producers.on_high_watermark_updated(self.high_watermark);
        self.high_watermark
    }

    /// Raises the high watermark on a leader; never lowers it. Returns the old one if it rose.
    pub fn maybe_increment_high_watermark(&mut self, new: i64) -> Option<i64> {
        let old = self.high_watermark;
        (new > old && new <= self.log_end_offset).then(|| {
            self.set_high_watermark(new);
            old
        })
    }

    /// Raises the log start offset (retention, DeleteRecords, the leader's word to a follower).
    /// False if it was there already; beyond the high watermark OFFSET_OUT_OF_RANGE.
    pub fn maybe_increment_log_start_offset(&mut self, new: i64) -> Result<bool, ErrorCode> {
        if new > self.high_watermark {
            return Err(ErrorCode::OffsetOutOfRange);
        }
        if new <= self.log_start_offset {
            return Ok(false);
        }
        self.log_start_offset = new;
        self.flushed_offset = self.flushed_offset.max(new);
        self.leader_epochs.truncate_from_start(new);
        Ok(true)
    }

    /// Drops what is at `offset` and above, epochs and memory of producers included. False if there
    /// was nothing; epochs that begin there go even then.
    pub fn truncate_to(&mut self, offset: i64) -> bool {
        let offset = offset.max(0);
        if offset >= self.log_end_offset {
            self.leader_epochs.truncate_from_end(offset);
            return false;
        }
        if self.segments.first().is_some_and(|first| first.base_offset() > offset) {
            self.truncate_fully_and_start_at(offset);
            return true;
        }
        let keep = self.segments.partition_point(|segment| segment.base_offset() <= offset);
        let segments_go = keep < self.segments.len();
        self.segments.truncate(keep);
        if let Some(active) = self.segments.last_mut() {
            Rc::make_mut(active).truncate_to(offset);
        }
        if segments_go {
            self.cleaner_checkpoint = self.cleaner_checkpoint.map(|clean| clean.min(self.active().base_offset()));
        }
        self.log_end_offset = offset;
        self.log_start_offset = self.log_start_offset.min(offset);
        self.flushed_offset = self.flushed_offset.min(offset);
        self.leader_epochs.truncate_from_end(offset);
        self.aborted.truncate_from_end(offset);
        self.reload_producers();
        self.set_high_watermark(self.high_watermark);
        true
    }

    /// Drops everything; the next record gets `offset`.
    pub fn truncate_fully_and_start_at(&mut self, offset: i64) {
        self.segments = vec![Rc::new(Segment::new(offset, self.active().last_modified_ms()))];
        self.log_start_offset = offset;
        self.log_end_offset = offset;
        self.flushed_offset = offset;
        self.cleaner_checkpoint = self.cleaner_checkpoint.map(|clean| clean.min(offset));
        self.leader_epochs.clear();
        self.aborted = TransactionIndex::default();
        self.snapshots = Rc::default();
        self.reload_producers();
        self.set_high_watermark(offset);
    }

    /// Retention left only these; the log begins with the first of them, if that is later than now.
    pub(super) fn keep_segments(&mut self, segments: Vec<Rc<Segment>>) {
        let Some(first) = segments.first() else { return };
        let base_offset = first.base_offset();
        let start_offset = base_offset.max(self.log_start_offset);
        self.segments = segments;
        self.log_start_offset = start_offset;
        self.flushed_offset = self.flushed_offset.max(start_offset);
        self.leader_epochs.truncate_from_start(start_offset);
        self.aborted.truncate_from_start(start_offset);
        if self.snapshots.keys().next().is_some_and(|at| *at < base_offset) {
            let kept = Rc::make_mut(&mut self.snapshots).split_off(&base_offset);
            self.snapshots = Rc::new(kept);
        }
    }

    /// The `.snapshot` file at this offset.
    pub fn snapshot(&self, at: i64) -> Option<&ProducerState> {
        self.snapshots.get(&at)
    }

    /// Notes the producers where a segment begins, as a file that outlives the process.
    pub(super) fn take_snapshot(&mut self) {
        let (at, state) = (self.log_end_offset, self.producers.clone());
        Rc::make_mut(&mut self.snapshots).insert(at, state);
    }

    /// The producers as the newest snapshot knows them, and what came after it
    /// (`ProducerStateManager.truncateAndReload`).
    fn reload_producers(&mut self) {
        let end = self.log_end_offset;
        if self.snapshots.keys().next_back().is_some_and(|at| *at > end) {
            Rc::make_mut(&mut self.snapshots).retain(|at, _| *at <= end);
        }
        let (from, known) = match self.snapshots.iter().next_back() {
            Some((at, state)) => (*at, Some(state)),
            None => (0, None),
        };
        let batches = self.segments.iter().flat_map(|segment| segment.batches());
        self.producers = self.producers.reload(known, batches.filter(|batch| batch.base_offset >= from));
    }

    /// Forces everything to the disk at `now_ms`.
    pub fn flush(&mut self, now_ms: i64) {
        self.flushed_offset = self.log_end_offset;
        self.last_flushed_at_ms = now_ms;
    }

    /// Forces it to the disk if the last time is `flush.ms` ago (`LogManager.flushDirtyLogs`).
    pub fn flush_if_due(&mut self, now_ms: i64) {
        if now_ms.saturating_sub(self.last_flushed_at_ms) >= self.config.flush_ms {
            self.flush(now_ms);
        }
    }

    /// A clean shutdown: everything is on disk, the producers and the start too.
    pub fn close(&mut self, now_ms: i64) {
        self.flush(now_ms);
        self.take_snapshot();
        self.checkpoint_log_start_offset();
    }

    /// Writes its line of `log-start-offset-checkpoint`, which it has while it does not begin where its
    /// first segment does.
    pub fn checkpoint_log_start_offset(&mut self) {
        self.log_start_checkpoint = self.log_start_to_checkpoint();
    }

    /// Its line says what it has to.
    pub fn is_log_start_checkpointed(&self) -> bool {
        self.log_start_checkpoint == self.log_start_to_checkpoint()
    }

    fn log_start_to_checkpoint(&self) -> Option<i64> {
        let first = self.segments.first().map_or(0, |segment| segment.base_offset());
        (self.log_start_offset > first).then_some(self.log_start_offset)
    }

    /// The power fails: what was only in the page cache is gone. True if records were lost.
    pub fn lose_unflushed(&mut self) -> bool {
        self.truncate_to(self.flushed_offset)
    }

    /// The broker starts and loads the log (`LogLoader`): where it begins and what is replicated is what
    /// the checkpoints say, epochs without records are forgotten.
    pub fn reopen(&mut self, checkpointed_high_watermark: i64) {
        let first = self.segments.first().map_or(0, |segment| segment.base_offset());
        self.log_start_offset = first.max(self.log_start_checkpoint.unwrap_or(0)).min(self.log_end_offset);
        self.leader_epochs.truncate_from_end(self.log_end_offset);
        self.leader_epochs.truncate_from_start(self.log_start_offset);
        self.reload_producers();
        self.set_high_watermark(checkpointed_high_watermark);
    }

    /// Forgets idle producers (`producer.id.expiration.ms`).
    pub fn remove_expired_producers(&mut self, now_ms: i64, expiration_ms: i64) {
        self.producers.remove_expired(now_ms, expiration_ms);
    }
}
