//! Transactions: AddPartitionsToTxn (24), AddOffsetsToTxn (25), EndTxn (26), WriteTxnMarkers (27),
//! TxnOffsetCommit (28), DescribeProducers (61), DescribeTransactions (65), ListTransactions (66).

use super::ErrorCode;
use super::group::OffsetAndMetadata;
use crate::ids::{Name, TopicPartition};

/// Puts partitions into a transaction, or asks whether they are in it (KIP-890). A broker may ask for
/// several transactions in one request, here it is one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AddPartitionsToTxnRequest {
    /// Whose transaction.
    pub transactional_id: Name,
    /// The producer.
    pub producer_id: i64,
    /// Its epoch.
    pub producer_epoch: i16,
    /// Only asks: a leader does before it appends the transaction's first record.
    pub verify_only: bool,
    /// The partitions.
    pub partitions: Vec<TopicPartition>,
}

/// An answer per partition.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AddPartitionsToTxnResponse {
    /// NONE or why not.
    pub partitions: Vec<(TopicPartition, ErrorCode)>,
}

/// Puts the group's partition of `__consumer_offsets` into a transaction.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AddOffsetsToTxnRequest {
    /// Whose transaction.
    pub transactional_id: Name,
    /// The producer.
    pub producer_id: i64,
    /// Its epoch.
    pub producer_epoch: i16,
    /// The group.
    pub group_id: Name,
}

/// Ends a transaction.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EndTxnRequest {
    /// Whose transaction.
    pub transactional_id: Name,
    /// The producer.
    pub producer_id: i64,
    /// Its epoch.
    pub producer_epoch: i16,
    /// Commit; otherwise abort.
    pub committed: bool,
}

/// A transaction's end, to be written into partitions of one leader.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TxnMarker {
    /// The producer.
    pub producer_id: i64,
    /// The epoch of the marker: that of the producer, or one above where it was fenced.
    pub producer_epoch: i16,
    /// Leader epoch of the coordinator's partition.
    pub coordinator_epoch: i32,
    /// COMMIT; otherwise ABORT.
    pub committed: bool,
    /// Where.
    pub partitions: Vec<TopicPartition>,
}

/// From the transaction coordinator to a leader, or from an admin.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WriteTxnMarkersRequest {
    /// The markers.
    pub markers: Vec<TxnMarker>,
}

/// The answer, in the order of the request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WriteTxnMarkersResponse {
    /// Per marker: its producer, and what became of it on each partition.
    pub markers: Vec<(i64, Vec<(TopicPartition, ErrorCode)>)>,
}

/// Commits offsets in a transaction: they hold once it commits.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TxnOffsetCommitRequest {
    /// Whose transaction.
    pub transactional_id: Name,
    /// The group.
    pub group_id: Name,
    /// The producer.
    pub producer_id: i64,
    /// Its epoch.
    pub producer_epoch: i16,
    /// The consumer's generation, -1 if it is not known.
    pub generation_id: i32,
    /// The consumer's member id, empty if it is not known.
    pub member_id: Name,
    /// Static membership.
    pub group_instance_id: Option<Name>,
    /// Positions.
    pub offsets: Vec<(TopicPartition, OffsetAndMetadata)>,
}

/// An answer per partition.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TxnOffsetCommitResponse {
    /// NONE or why not.
    pub partitions: Vec<(TopicPartition, ErrorCode)>,
}

/// A producer as a partition's leader knows it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ProducerDescription {
    /// Its id.
    pub producer_id: i64,
    /// Its epoch.
    pub producer_epoch: i16,
    /// Sequence of its last record, -1 without.
    pub last_sequence: i32,
    /// Timestamp of its last append, ms since 1970.
    pub last_timestamp_ms: i64,
    /// Epoch of the coordinator that wrote the last marker, -1 before one.
    pub coordinator_epoch: i32,
    /// Where its open transaction begins.
    pub current_txn_start_offset: Option<i64>,
}

/// Producers of partitions.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DescribeProducersResponse {
    /// NONE or why not, and the producers.
    pub partitions: Vec<(TopicPartition, ErrorCode, Vec<ProducerDescription>)>,
}

/// A transaction as its coordinator knows it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DescribedTransaction {
    /// NONE or why not.
    pub error: ErrorCode,
    /// Whose.
    pub transactional_id: Name,
    /// `Ongoing` and others.
    pub state: Name,
    /// `transaction.timeout.ms` of the producer.
    pub timeout_ms: u64,
    /// When its first partition was added, ms since 1970; -1 without.
    pub start_timestamp_ms: i64,
    /// The producer.
    pub producer_id: i64,
    /// Its epoch.
    pub producer_epoch: i16,
    /// Partitions that have no marker yet.
    pub partitions: Vec<TopicPartition>,
}

/// All transactional ids that a broker coordinates.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ListTransactionsResponse {
    /// NONE or COORDINATOR_LOAD_IN_PROGRESS.
    pub error: ErrorCode,
    /// (transactional id, producer id, state).
    pub transactions: Vec<(Name, i64, Name)>,
}
