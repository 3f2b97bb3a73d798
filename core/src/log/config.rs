//! The configs of a topic that its partitions' logs obey (`LogConfig`).
//! Leaves out compression, indexes and tiered storage.

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
    /// `message.timestamp.type` is `LogAppendTime`.
    pub log_append_time: bool,
    /// `message.timestamp.before.max.ms`.
    pub message_timestamp_before_max_ms: i64,
    /// `message.timestamp.after.max.ms`.
    pub message_timestamp_after_max_ms: i64,
    /// `flush.messages`: records after which the log is forced to the disk.
    pub flush_messages: i64,
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
            log_append_time: false,
            message_timestamp_before_max_ms: i64::MAX,
            message_timestamp_after_max_ms: i64::MAX,
            flush_messages: i64::MAX,
        }
    }
}
