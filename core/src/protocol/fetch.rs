//! Fetch (api key 1): followers and consumers read from leaders. And ListOffsets (2).

use std::rc::Rc;

use super::ErrorCode;
use crate::ids::{BrokerId, Name, TopicPartition};
use crate::log::RecordBatch;

/// What a reader may see.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum IsolationLevel {
    /// Up to the high watermark.
    ReadUncommitted,
    /// Up to the last stable offset, without aborted records.
    ReadCommitted,
}

/// Asks for data from positions.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FetchRequest {
    /// The follower's broker id, -1 for a consumer.
    pub replica_id: BrokerId,
    /// `fetch.max.wait.ms` or `replica.fetch.wait.max.ms`.
    pub max_wait_ms: u64,
    /// `fetch.min.bytes`.
    pub min_bytes: u64,
    /// `fetch.max.bytes`.
    pub max_bytes: u64,
    /// What the reader may see; followers see everything.
    pub isolation_level: IsolationLevel,
    /// Positions.
    pub partitions: Vec<FetchPartition>,
    /// `client.rack` of a consumer, empty without one (KIP-392).
    pub rack_id: Name,
}

/// One position.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FetchPartition {
    /// The partition.
    pub tp: TopicPartition,
    /// The next offset wanted; a follower's log end offset.
    pub fetch_offset: i64,
    /// The follower's log start offset, -1 for a consumer.
    pub log_start_offset: i64,
    /// The leader epoch that the reader believes in, -1 if it does not say.
    pub current_leader_epoch: i32,
    /// The epoch of the last record the reader has, -1 if it does not say (KIP-595).
    pub last_fetched_epoch: i32,
    /// `max.partition.fetch.bytes`.
    pub max_bytes: u64,
}

/// The answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FetchResponse {
    /// Results in the order of the request.
    pub partitions: Vec<FetchPartitionResponse>,
}

/// What one partition gave.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FetchPartitionResponse {
    /// The partition.
    pub tp: TopicPartition,
    /// NONE or why not.
    pub error: ErrorCode,
    /// The leader's high watermark.
    pub high_watermark: i64,
    /// The leader's last stable offset.
    pub last_stable_offset: i64,
    /// The leader's log start offset.
    pub log_start_offset: i64,
    /// The reader's log departs from the leader's: (epoch, its end offset here).
    pub diverging_epoch: Option<(i32, i64)>,
    /// KIP-951: the leader and its epoch as this broker knows them, with a NOT_LEADER_OR_FOLLOWER.
    pub current_leader: Option<(i32, i32)>,
    /// KIP-392: the replica that a consumer should read from instead of this leader, -1 for none; then
    /// there is no data.
    pub preferred_read_replica: BrokerId,
    /// Aborted transactions that overlap the data: (producer id, first offset).
    pub aborted_transactions: Vec<(i64, i64)>,
    /// Whole batches; the first may begin before the position.
    pub batches: Vec<Rc<RecordBatch>>,
}

/// Asks a leader where epochs end in its log (KIP-320).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OffsetsForLeaderEpochRequest {
    /// (partition, current leader epoch or -1, epoch asked about).
    pub partitions: Vec<(TopicPartition, i32, i32)>,
}

/// The answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OffsetsForLeaderEpochResponse {
    /// (partition, error, greatest known epoch not above the one asked about, the offset after its
    /// last record); -1 and -1 where the log cannot tell.
    pub partitions: Vec<(TopicPartition, ErrorCode, i32, i64)>,
}

/// Which offset ListOffsets means by a negative timestamp.
pub const LATEST_TIMESTAMP: i64 = -1;
/// See [`LATEST_TIMESTAMP`].
pub const EARLIEST_TIMESTAMP: i64 = -2;
/// See [`LATEST_TIMESTAMP`]: the record with the greatest timestamp (KIP-734).
pub const MAX_TIMESTAMP: i64 = -3;

/// Asks for offsets by time.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ListOffsetsRequest {
    /// The follower's broker id, -1 for a client.
    pub replica_id: BrokerId,
    /// What the reader may see: decides what "latest" is.
    pub isolation_level: IsolationLevel,
    /// (partition, current leader epoch or -1, timestamp in ms or one of the constants).
    pub partitions: Vec<(TopicPartition, i32, i64)>,
}

/// The answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ListOffsetsResponse {
    /// (partition, error, timestamp or -1, offset or -1, leader epoch or -1).
    pub partitions: Vec<(TopicPartition, ErrorCode, i64, i64, i32)>,
}
