//! Appending to a log (`UnifiedLog.append`, `LogValidator`): the leader's checks in Kafka's order, the
//! roll to a new segment, the follower's copy.

use std::rc::Rc;

use super::{AbortedTxn, AppendOrigin, Log, RecordBatch, Segment, Verification};
use crate::protocol::ErrorCode;

/// Why a batch is not appended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AppendRefused {
    /// Of the batch as a whole.
    pub error: ErrorCode,
    /// Places in the batch of the records for which it is refused (`RecordValidationException`, KIP-467);
    /// none if the batch is.
    pub records: Vec<u32>,
}

impl From<ErrorCode> for AppendRefused {
    fn from(error: ErrorCode) -> Self {
        Self { error, records: Vec::new() }
    }
}

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

impl Log {
    /// Appends a producer's batch: assigns offsets and stamps the leader epoch.
    pub fn append_as_leader(
        &mut self,
        batch: RecordBatch,
        leader_epoch: i32,
        now_ms: i64,
    ) -> Result<AppendInfo, ErrorCode> {
        let appended =
            self.append_as_leader_from(batch, leader_epoch, now_ms, AppendOrigin::Client, Verification::NotRequired);
        appended.map_err(|refused| refused.error)
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
    ) -> Result<AppendInfo, AppendRefused> {
        if origin == AppendOrigin::Client && batch.base_offset != 0 {
            return Err(ErrorCode::InvalidRecord.into());
        }
        // Offsets, epoch and the time of the append do not change it.
        let size_in_bytes = batch.size_in_bytes();
        if size_in_bytes > self.config.max_message_bytes {
            return Err(ErrorCode::MessageTooLarge.into());
        }
        self.validate(&batch, now_ms, origin)?;

        batch.base_offset = self.log_end_offset;
        batch.partition_leader_epoch = leader_epoch;
        let mut log_append_time_ms = -1;
        if self.config.log_append_time {
            log_append_time_ms = now_ms;
            batch.log_append_time = true;
            batch.max_timestamp_ms = now_ms;
        }
        // A marker is only compressed if it came so.
        let wanted = self.config.compression.filter(|wanted| *wanted != batch.compression && !batch.is_control);
        if let Some(compression) = wanted {
            batch = batch.compressed(compression);
            if batch.size_in_bytes() > self.config.max_message_bytes {
                return Err(ErrorCode::MessageTooLarge.into());
            }
        }
        self.leader_epochs.assign(leader_epoch, batch.base_offset);
        if size_in_bytes > self.config.segment_bytes {
            return Err(ErrorCode::RecordListTooLarge.into());
        }
        self.maybe_roll(&batch, size_in_bytes, now_ms);
        if let Some(known) = self.producers.check(&batch, origin, verification)? {
            return Ok(AppendInfo {
                base_offset: known.first_offset(),
                last_offset: known.last_offset,
                duplicate: true,
                log_append_time_ms: if self.config.log_append_time { known.timestamp_ms } else { -1 },
            });
        }
        Ok(self.write(Rc::new(batch), size_in_bytes, log_append_time_ms, now_ms))
    }

    /// Appends a batch that the leader sent, offsets and epoch as they are. An empty log begins anew
    /// at the batch if it lies across the end; any other batch below the end is refused (Kafka's
    /// `UnexpectedAppendOffsetException`, which has no error code of its own).
    pub fn append_as_follower(&mut self, batch: Rc<RecordBatch>, now_ms: i64) -> Result<AppendInfo, ErrorCode> {
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
        self.maybe_roll(&batch, size_in_bytes, now_ms);
        Ok(self.write(batch, size_in_bytes, -1, now_ms))
    }

    fn validate(&self, batch: &RecordBatch, now_ms: i64, origin: AppendOrigin) -> Result<(), AppendRefused> {
        let count = i64::try_from(batch.records.len()).unwrap_or(i64::MAX);
        if count == 0 || count != i64::from(batch.last_offset_delta) + 1 {
            return Err(ErrorCode::InvalidRecord.into());
        }
        if origin == AppendOrigin::Client && (batch.is_control || (batch.producer_id >= 0 && batch.base_sequence < 0)) {
            return Err(ErrorCode::InvalidRecord.into());
        }
        if batch.is_control {
            return Ok(());
        }
        let mut refused = AppendRefused::from(ErrorCode::InvalidRecord);
        for (record, index) in batch.records.iter().zip(0..) {
            let age_ms = now_ms.saturating_sub(record.timestamp_ms);
            if self.config.compact && record.key.is_none() {
                refused.records.push(index);
            } else if !self.config.log_append_time
                && (age_ms > self.config.message_timestamp_before_max_ms
                    || age_ms.saturating_neg() > self.config.message_timestamp_after_max_ms)
            {
                refused.error = ErrorCode::InvalidTimestamp;
                refused.records.push(index);
            }
        }
        if refused.records.is_empty() { Ok(()) } else { Err(refused) }
    }

    fn maybe_roll(&mut self, batch: &RecordBatch, size_in_bytes: u64, now_ms: i64) {
        let config = &self.config;
        let full = self.active().should_roll(batch, size_in_bytes, config.segment_bytes, config.max_segment_ms());
        if full {
            self.roll(batch.base_offset.max(self.log_end_offset), now_ms);
        }
    }

    /// Closes the active segment; a closed segment is flushed.
    pub(super) fn roll(&mut self, base_offset: i64, now_ms: i64) {
        if self.active().is_empty() && self.active().base_offset() == base_offset {
            self.segments.pop();
        }
        self.segments.push(Rc::new(Segment::new(base_offset, now_ms)));
        self.flushed_offset = self.flushed_offset.max(self.log_end_offset);
        self.last_flushed_at_ms = now_ms;
        self.take_snapshot();
    }

    fn write(
        &mut self,
        batch: Rc<RecordBatch>,
        size_in_bytes: u64,
        log_append_time_ms: i64,
        now_ms: i64,
    ) -> AppendInfo {
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
            Rc::make_mut(active).append(batch, size_in_bytes, now_ms);
        }
        if self.log_end_offset - self.flushed_offset >= self.config.flush_messages {
            self.flush(now_ms);
        }
        info
    }
}
