//! One replica's log of a partition with its offsets (`UnifiedLog`, `LocalLog`).
//! Leaves out indexes, compression, compaction and tiered storage.
//!
//! A clone shares every segment and batch with its origin: the timeline keeps many.

use std::rc::Rc;

use super::{
    AbortedTxn, AppendOrigin, LeaderEpochCache, LogConfig, ProducerState, RecordBatch, Segment, TransactionIndex,
    Verification,
};
use crate::ids::TopicPartition;
use crate::protocol::ErrorCode;

/// What an append came to (`LogAppendInfo`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AppendInfo {
    /// Offset of the first record; of a duplicate the one it has had since it was first appended.
    pub base_offset: i64,
    /// Offset of the last record.
    pub last_offset: i64,
    /// The batch was in the log already and nothing was appended.
    pub duplicate: bool,
    /// The broker's clock if it stamped the records, ms since 1970; otherwise -1.
    pub log_append_time_ms: i64,
}

/// A replica's log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Log {
    tp: TopicPartition,
    config: LogConfig,
    /// Never empty; the last one is the active segment.
    segments: Vec<Rc<Segment>>,
    log_start_offset: i64,
    log_end_offset: i64,
    high_watermark: i64,
    flushed_offset: i64,
    leader_epochs: LeaderEpochCache,
    producers: ProducerState,
    aborted: TransactionIndex,
}

impl Log {
    /// An empty log that begins at offset 0.
    pub fn new(tp: TopicPartition, config: LogConfig) -> Self {
        Self {
            tp,
            config,
            segments: vec![Rc::new(Segment::new(0))],
            log_start_offset: 0,
            log_end_offset: 0,
            high_watermark: 0,
            flushed_offset: 0,
            leader_epochs: LeaderEpochCache::default(),
            producers: ProducerState::default(),
            aborted: TransactionIndex::default(),
        }
    }

    /// The partition.
    pub fn topic_partition(&self) -> &TopicPartition {
        &self.tp
    }

    /// The configs in force.
    pub fn config(&self) -> &LogConfig {
        &self.config
    }

    /// Puts other configs in force, for what is appended from now on.
    pub fn update_config(&mut self, config: LogConfig) {
        self.config = config;
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

    /// Every batch, oldest first.
    pub fn batches(&self) -> impl DoubleEndedIterator<Item = &Rc<RecordBatch>> {
        self.segments.iter().flat_map(|segment| segment.batches())
    }

    /// Bytes of all segments.
    pub fn size_in_bytes(&self) -> u64 {
        self.segments.iter().map(|segment| segment.size_in_bytes()).sum()
    }

    /// The offset below which everything would outlive a power loss (`recoveryPoint`).
    pub fn flushed_offset(&self) -> i64 {
        self.flushed_offset
    }

    /// Appends a producer's batch: assigns offsets and stamps the leader epoch.
    pub fn append_as_leader(
        &mut self,
        batch: RecordBatch,
        leader_epoch: i32,
        now_ms: i64,
    ) -> Result<AppendInfo, ErrorCode> {
        self.append_as_leader_from(batch, leader_epoch, now_ms, AppendOrigin::Client, Verification::NotRequired)
    }

    /// The guard under which the coordinator is asked whether a producer's transaction has this
    /// partition; `None` if its records are here already (`maybeStartTransactionVerification`).
    pub fn start_verification(&mut self, producer_id: i64) -> Option<u64> {
        self.producers.start_verification(producer_id)
    }

    /// [`Log::append_as_leader`] for a batch of any origin. The order of the checks is Kafka's, side
    /// effects of refused batches (a new epoch, a new segment) included.
    pub fn append_as_leader_from(
        &mut self,
        mut batch: RecordBatch,
        leader_epoch: i32,
        now_ms: i64,
        origin: AppendOrigin,
        verification: Verification,
    ) -> Result<AppendInfo, ErrorCode> {
        if origin == AppendOrigin::Client && batch.base_offset != 0 {
            return Err(ErrorCode::InvalidRecord);
        }
        if batch.size_in_bytes() > self.config.max_message_bytes {
            return Err(ErrorCode::MessageTooLarge);
        }
        self.validate(&batch, now_ms, origin)?;

        batch.base_offset = self.log_end_offset;
        batch.partition_leader_epoch = leader_epoch;
        let mut log_append_time_ms = -1;
        if self.config.log_append_time {
            log_append_time_ms = now_ms;
            batch.max_timestamp_ms = now_ms;
            for record in &mut batch.records {
                record.timestamp_ms = now_ms;
            }
        }
        self.leader_epochs.assign(leader_epoch, batch.base_offset);
        let size_in_bytes = batch.size_in_bytes();
        if size_in_bytes > self.config.segment_bytes {
            return Err(ErrorCode::RecordListTooLarge);
        }
        self.maybe_roll(&batch, size_in_bytes);
        if let Some(known) = self.producers.check(&batch, origin, verification)? {
            return Ok(AppendInfo {
                base_offset: known.first_offset(),
                last_offset: known.last_offset,
                duplicate: true,
                log_append_time_ms: if self.config.log_append_time { known.timestamp_ms } else { -1 },
            });
        }
        Ok(self.write(Rc::new(batch), size_in_bytes, log_append_time_ms))
    }

    /// Appends a batch that the leader sent, offsets and epoch as they are. An empty log begins anew
    /// at the batch if it lies across the end; any other batch below the end is refused (Kafka's
    /// `UnexpectedAppendOffsetException`, which has no error code of its own).
    pub fn append_as_follower(&mut self, batch: Rc<RecordBatch>) -> Result<AppendInfo, ErrorCode> {
        if batch.base_offset < self.log_end_offset {
            let empty = self.log_end_offset == self.log_start_offset;
            if !empty || batch.last_offset() < self.log_end_offset {
                return Err(ErrorCode::UnknownServerError);
            }
            self.truncate_fully_and_start_at(batch.base_offset);
        }
        self.leader_epochs.assign(batch.partition_leader_epoch, batch.base_offset);
        let size_in_bytes = batch.size_in_bytes();
        if size_in_bytes > self.config.segment_bytes {
            return Err(ErrorCode::RecordListTooLarge);
        }
        self.maybe_roll(&batch, size_in_bytes);
        Ok(self.write(batch, size_in_bytes, -1))
    }

    fn validate(&self, batch: &RecordBatch, now_ms: i64, origin: AppendOrigin) -> Result<(), ErrorCode> {
        let count = i64::try_from(batch.records.len()).unwrap_or(i64::MAX);
        if count == 0 || count != i64::from(batch.last_offset_delta) + 1 {
            return Err(ErrorCode::InvalidRecord);
        }
        if origin == AppendOrigin::Client && (batch.is_control || (batch.producer_id >= 0 && batch.base_sequence < 0)) {
            return Err(ErrorCode::InvalidRecord);
        }
        if batch.is_control {
            return Ok(());
        }
        if self.config.compact && batch.records.iter().any(|record| record.key.is_none()) {
            return Err(ErrorCode::InvalidRecord);
        }
        let out_of_range = |timestamp_ms: i64| {
            now_ms.saturating_sub(timestamp_ms) > self.config.message_timestamp_before_max_ms
                || timestamp_ms.saturating_sub(now_ms) > self.config.message_timestamp_after_max_ms
        };
        if !self.config.log_append_time && batch.records.iter().any(|record| out_of_range(record.timestamp_ms)) {
            return Err(ErrorCode::InvalidTimestamp);
        }
        Ok(())
    }

    fn maybe_roll(&mut self, batch: &RecordBatch, size_in_bytes: u64) {
        let config = &self.config;
        let full = self.active().should_roll(batch, size_in_bytes, config.segment_bytes, config.segment_ms);
        if full {
            self.roll(batch.base_offset.max(self.log_end_offset));
        }
    }

    /// Closes the active segment; a closed segment is flushed.
    fn roll(&mut self, base_offset: i64) {
        if self.active().batches().is_empty() {
            self.segments.pop();
        }
        self.segments.push(Rc::new(Segment::new(base_offset)));
        self.flushed_offset = self.flushed_offset.max(base_offset);
    }

    fn write(&mut self, batch: Rc<RecordBatch>, size_in_bytes: u64, log_append_time_ms: i64) -> AppendInfo {
        let info = AppendInfo {
            base_offset: batch.base_offset,
            last_offset: batch.last_offset(),
            duplicate: false,
            log_append_time_ms,
        };
        if let Some(completed) = self.producers.update(&batch).filter(|completed| completed.is_aborted) {
            self.aborted.append(AbortedTxn {
                producer_id: completed.producer_id,
                first_offset: completed.first_offset,
                last_offset: completed.last_offset,
                last_stable_offset: self.producers.stable_after(&completed),
            });
        }
        self.log_end_offset = batch.next_offset();
        if let Some(active) = self.segments.last_mut() {
            Rc::make_mut(active).append(batch, size_in_bytes);
        }
        if self.log_end_offset - self.flushed_offset >= self.config.flush_messages {
            self.flush();
        }
        info
    }

    fn active(&self) -> &Segment {
        // `segments` is never empty: every removal below is followed by an insertion.
        &self.segments[self.segments.len() - 1]
    }

    /// Whole batches from the one that contains `from` up to those that end below `up_to`, at most
    /// `max_bytes` of them, but at least one; as Kafka does, from one segment only.
    pub fn read(&self, from: i64, up_to: i64, max_bytes: u64) -> Result<Vec<Rc<RecordBatch>>, ErrorCode> {
        self.read_at_least(from, up_to, max_bytes, true)
    }

    /// [`Log::read`]; only with `min_one_message` may the first batch exceed `max_bytes`.
    pub fn read_at_least(
        &self,
        from: i64,
        up_to: i64,
        max_bytes: u64,
        min_one_message: bool,
    ) -> Result<Vec<Rc<RecordBatch>>, ErrorCode> {
        if from < self.log_start_offset || from > self.log_end_offset {
            return Err(ErrorCode::OffsetOutOfRange);
        }
        let mut read = Vec::new();
        let mut bytes = 0;
        let first = self.segments.partition_point(|segment| segment.base_offset() <= from).saturating_sub(1);
        for segment in &self.segments[first..] {
            for batch in &segment.batches()[segment.index_of(from)..] {
                if batch.last_offset() >= up_to {
                    return Ok(read);
                }
                bytes += batch.size_in_bytes();
                if bytes > max_bytes && !(min_one_message && read.is_empty()) {
                    return Ok(read);
                }
                read.push(Rc::clone(batch));
            }
            if !read.is_empty() {
                break;
            }
        }
        Ok(read)
    }

    /// Offset and timestamp of the first record at or after `timestamp_ms` (ListOffsets).
    pub fn offset_for_timestamp(&self, timestamp_ms: i64) -> Option<(i64, i64)> {
        self.segments
            .iter()
            .filter(|segment| segment.max_timestamp_ms() >= timestamp_ms)
            .flat_map(|segment| segment.batches())
            .filter(|batch| batch.max_timestamp_ms >= timestamp_ms)
            .flat_map(|batch| batch.records.iter().map(move |record| (batch.base_offset, record)))
            .map(|(base, record)| (base + i64::from(record.offset_delta), record.timestamp_ms))
            .find(|&(offset, timestamp)| offset >= self.log_start_offset && timestamp >= timestamp_ms)
    }

    /// Offset and timestamp of the first record with the greatest timestamp (ListOffsets, -3).
    pub fn offset_of_max_timestamp(&self) -> Option<(i64, i64)> {
        let latest = self.segments.iter().map(|segment| segment.max_timestamp_ms()).max()?;
        if latest < 0 { None } else { self.offset_for_timestamp(latest) }
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
        self.segments.truncate(keep);
        if let Some(active) = self.segments.last_mut() {
            Rc::make_mut(active).truncate_to(offset);
        }
        self.log_end_offset = offset;
        self.log_start_offset = self.log_start_offset.min(offset);
        self.flushed_offset = self.flushed_offset.min(offset);
        self.leader_epochs.truncate_from_end(offset);
        self.aborted.truncate_from_end(offset);
        self.rebuild_producers();
        self.set_high_watermark(self.high_watermark);
        true
    }

    /// Drops everything; the next record gets `offset`.
    pub fn truncate_fully_and_start_at(&mut self, offset: i64) {
        self.segments = vec![Rc::new(Segment::new(offset))];
        self.log_start_offset = offset;
        self.log_end_offset = offset;
        self.flushed_offset = offset;
        self.leader_epochs.clear();
        self.aborted = TransactionIndex::default();
        self.rebuild_producers();
        self.set_high_watermark(offset);
    }

    /// Retention left only these; the log begins with the first of them, if that is later than now.
    pub(super) fn replace_segments(&mut self, segments: Vec<Rc<Segment>>) {
        let Some(first) = segments.first() else { return };
        let start_offset = first.base_offset().max(self.log_start_offset);
        self.segments = segments;
        self.log_start_offset = start_offset;
        self.flushed_offset = self.flushed_offset.max(start_offset);
        self.leader_epochs.truncate_from_start(start_offset);
        self.aborted.truncate_from_start(start_offset);
    }

    // Simplified: Kafka reloads the nearest snapshot, which also knows producers whose records
    // retention has deleted.
    fn rebuild_producers(&mut self) {
        self.producers = self.producers.rebuild(self.segments.iter().flat_map(|segment| segment.batches()));
    }

    /// Forces everything to the disk.
    pub fn flush(&mut self) {
        self.flushed_offset = self.log_end_offset;
    }

    /// The power fails: what was only in the page cache is gone. True if records were lost.
    pub fn lose_unflushed(&mut self) -> bool {
        self.truncate_to(self.flushed_offset)
    }

    /// The broker starts and loads the log (`LogLoader`): the high watermark is what the checkpoint
    /// says, epochs without records are forgotten.
    pub fn reopen(&mut self, checkpointed_high_watermark: i64) {
        self.leader_epochs.truncate_from_end(self.log_end_offset);
        self.rebuild_producers();
        self.set_high_watermark(checkpointed_high_watermark);
    }

    /// Forgets idle producers (`producer.id.expiration.ms`).
    pub fn remove_expired_producers(&mut self, now_ms: i64, expiration_ms: i64) {
        self.producers.remove_expired(now_ms, expiration_ms);
    }
}
