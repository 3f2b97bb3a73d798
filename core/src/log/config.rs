//! The configs of a topic that its partitions' logs obey (`LogConfig`).
//! Leaves out compression levels, indexes, jitter and tiered storage.

use super::Compression;

/// The part of a topic's configs that the log itself reads. Sizes in bytes, times in ms.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LogConfig {
    /// `segment.bytes`: a segment is closed before it would grow beyond this.
    pub segment_bytes: u64,
    /// `segment.ms`: age, by the records' own timestamps, at which the next append closes a segment.
    pub segment_ms: i64,
    /// `max.message.bytes`: the largest batch a leader accepts.
    pub max_message_bytes: u64,
    /// `retention.ms`; -1 for no limit.
    pub retention_ms: i64,
    /// `retention.bytes` of each partition; -1 for no limit.
    pub retention_bytes: i64,
    /// `cleanup.policy` contains `compact`.
    pub compact: bool,
    /// `cleanup.policy` contains `delete`.
    pub delete: bool,
    /// `compression.type`; `None` keeps what the producer chose.
    pub compression: Option<Compression>,
    /// `message.timestamp.type` is `LogAppendTime`.
    pub log_append_time: bool,
    /// `message.timestamp.before.max.ms`.
    pub message_timestamp_before_max_ms: i64,
    /// `message.timestamp.after.max.ms`.
    pub message_timestamp_after_max_ms: i64,
    /// `flush.messages`: records after which the log is forced to the disk.
    pub flush_messages: i64,
    /// `flush.ms`: age of unflushed records at which the flusher forces the log to the disk.
    pub flush_ms: i64,
    /// `delete.retention.ms`: how long a tombstone stays after the first cleaning that met it.
    pub delete_retention_ms: i64,
    /// `min.cleanable.dirty.ratio` in millionths: the share of dirty bytes above which a log is cleaned.
    pub min_cleanable_dirty_ratio_millionths: i64,
    /// `min.compaction.lag.ms`: younger segments are not cleaned.
    pub min_compaction_lag_ms: i64,
    /// `max.compaction.lag.ms`: older dirty records are cleaned whatever the ratio.
    pub max_compaction_lag_ms: i64,
}

impl LogConfig {
    /// The age at which the next append closes a segment: in a compacted topic the active segment must
    /// not withhold records from the cleaner for longer than `max.compaction.lag.ms`.
    pub fn max_segment_ms(&self) -> i64 {
        if self.compact && self.max_compaction_lag_ms > 0 {
            self.segment_ms.min(self.max_compaction_lag_ms)
        } else {
            self.segment_ms
        }
    }
}

impl Default for LogConfig {
    fn default() -> Self {
        Self {
            segment_bytes: 1_073_741_824,
            segment_ms: 604_800_000,
            max_message_bytes: 1_048_588,
            retention_ms: 604_800_000,
            retention_bytes: -1,
            compact: false,
            delete: true,
            compression: None,
            log_append_time: false,
            message_timestamp_before_max_ms: i64::MAX,
            message_timestamp_after_max_ms: i64::MAX,
            flush_messages: i64::MAX,
            flush_ms: i64::MAX,
            delete_retention_ms: 86_400_000,
            min_cleanable_dirty_ratio_millionths: 500_000,
            min_compaction_lag_ms: 0,
            max_compaction_lag_ms: i64::MAX,
        }
    }
}
