//! Produce (api key 0): append batches to the logs of leaders.

use super::ErrorCode;
use crate::ids::TopicPartition;
use crate::log::RecordBatch;

/// Appends at most one batch per partition.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ProduceRequest {
    /// 0, 1 or -1 (all).
    pub acks: i16,
    /// How long the leader may wait for the in-sync replicas (`request.timeout.ms`).
    pub timeout_ms: u64,
    /// `transactional.id` where there is one.
    pub transactional_id: Option<crate::ids::Name>,
    /// Batches; offsets count from 0 in each.
    pub batches: Vec<(TopicPartition, RecordBatch)>,
}

/// One answer per partition; with acks=0 there is no response at all.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ProduceResponse {
    /// Results in the order of the request.
    pub partitions: Vec<ProducePartitionResponse>,
}

/// What became of one batch.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ProducePartitionResponse {
    /// The partition.
    pub tp: TopicPartition,
    /// NONE or why not.
    pub error: ErrorCode,
    /// Places in the batch of the records that are to blame for the error (`RecordErrors`, KIP-467).
    pub record_errors: Vec<u32>,
    /// Offset of the batch's first record, -1 on error.
    pub base_offset: i64,
    /// The first offset that the log still holds.
    pub log_start_offset: i64,
    /// KIP-951: the leader and its epoch as this broker knows them, with a NOT_LEADER_OR_FOLLOWER.
    pub current_leader: Option<(i32, i32)>,
}
