//! What the controller tells brokers: LeaderAndIsr (4), StopReplica (5), UpdateMetadata (6); and what
//! brokers ask of it: ControlledShutdown (7), AlterPartition (56), AllocateProducerIds (67).

use super::ErrorCode;
use crate::collections::OnWrite;
use crate::ids::{BrokerId, Name, TopicPartition, Uuid};

/// The leader of a partition whose topic is being deleted, and the epoch told then
/// (`LeaderAndIsr.LeaderDuringDelete`, `EpochDuringDelete`).
pub const DURING_DELETE: i32 = -2;

/// A partition's leadership as the controller wrote it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PartitionState {
    /// The partition.
    pub tp: TopicPartition,
    /// The topic's id.
    pub topic_id: Uuid,
    /// Epoch of the controller that wrote the state.
    pub controller_epoch: i32,
    /// The leader, -1 none, -2 being deleted.
    pub leader: BrokerId,
    /// Rises with every election.
    pub leader_epoch: i32,
    /// In-sync replicas in the order of their history.
    pub isr: Vec<BrokerId>,
    /// Version of the `state` znode.
    pub partition_epoch: i32,
    /// Assigned replicas.
    pub replicas: Vec<BrokerId>,
    /// Replicas being added by a reassignment.
    pub adding_replicas: Vec<BrokerId>,
    /// Replicas being removed by a reassignment.
    pub removing_replicas: Vec<BrokerId>,
    /// The partition was just created.
    pub is_new: bool,
    /// The leader was elected uncleanly (`leader_recovery_state` 1).
    pub recovering: bool,
}

/// Become leader or follower.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LeaderAndIsrRequest {
    /// The sender.
    pub controller_id: BrokerId,
    /// The sender's epoch.
    pub controller_epoch: i32,
    /// The epoch of the broker that is meant (czxid of its znode).
    pub broker_epoch: i64,
    /// The partitions.
    pub partitions: Vec<PartitionState>,
}

/// Renews the metadata cache.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UpdateMetadataRequest {
    /// The sender.
    pub controller_id: BrokerId,
    /// The sender's epoch.
    pub controller_epoch: i32,
    /// The epoch of the broker that is meant.
    pub broker_epoch: i64,
    /// Live brokers.
    pub live_brokers: Vec<BrokerId>,
    /// `broker.rack` of those that have one.
    pub racks: Vec<(BrokerId, Name)>,
    /// Partitions whose state is new; leader [`DURING_DELETE`] removes. All brokers are told the same, and share it.
    pub partitions: Vec<OnWrite<PartitionState>>,
}

/// Stop replicating, and perhaps delete.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StopReplicaRequest {
    /// The sender.
    pub controller_id: BrokerId,
    /// The sender's epoch.
    pub controller_epoch: i32,
    /// The epoch of the broker that is meant.
    pub broker_epoch: i64,
    /// (partition, leader epoch or [`DURING_DELETE`], delete the log).
    pub partitions: Vec<(TopicPartition, i32, bool)>,
}

/// The answer to each of the three: the whole request's error, and each partition's.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ControlResponse {
    /// STALE_CONTROLLER_EPOCH, STALE_BROKER_EPOCH or NONE.
    pub error: ErrorCode,
    /// Per partition.
    pub partitions: Vec<(TopicPartition, ErrorCode)>,
}

/// A broker asks to be relieved of its leaderships.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ControlledShutdownRequest {
    /// Who stops.
    pub broker_id: BrokerId,
    /// Its epoch.
    pub broker_epoch: i64,
}

/// What is still led by the broker.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ControlledShutdownResponse {
    /// NONE, NOT_CONTROLLER, STALE_BROKER_EPOCH, BROKER_NOT_AVAILABLE.
    pub error: ErrorCode,
    /// Partitions that could not be moved.
    pub remaining: Vec<TopicPartition>,
}

/// One change of an ISR.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AlterPartitionItem {
    /// The partition.
    pub tp: TopicPartition,
    /// The leader's epoch.
    pub leader_epoch: i32,
    /// The ISR that the leader wants.
    pub new_isr: Vec<BrokerId>,
    /// The znode version on which this builds.
    pub partition_epoch: i32,
    /// `leader_recovery_state`: still recovering.
    pub recovering: bool,
}

/// A leader asks the controller to change ISRs (KIP-497).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AlterPartitionRequest {
    /// The leader's broker.
    pub broker_id: BrokerId,
    /// Its epoch.
    pub broker_epoch: i64,
    /// The changes.
    pub partitions: Vec<AlterPartitionItem>,
}

/// The answer for one partition.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AlterPartitionResult {
    /// The partition.
    pub tp: TopicPartition,
    /// NONE or why not.
    pub error: ErrorCode,
    /// The leader as written.
    pub leader: BrokerId,
    /// Its epoch.
    pub leader_epoch: i32,
    /// The ISR as written.
    pub isr: Vec<BrokerId>,
    /// The znode's version now.
    pub partition_epoch: i32,
    /// Still recovering.
    pub recovering: bool,
}

/// The answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AlterPartitionResponse {
    /// NOT_CONTROLLER, STALE_BROKER_EPOCH or NONE.
    pub error: ErrorCode,
    /// Per partition.
    pub partitions: Vec<AlterPartitionResult>,
}

/// A broker asks for a block of producer ids.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AllocateProducerIdsRequest {
    /// Who asks.
    pub broker_id: BrokerId,
    /// Its epoch.
    pub broker_epoch: i64,
}

/// A block of producer ids.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AllocateProducerIdsResponse {
    /// NONE, NOT_CONTROLLER, STALE_BROKER_EPOCH.
    pub error: ErrorCode,
    /// The first id of the block.
    pub start: i64,
    /// How many.
    pub len: i32,
}

/// `name=value` pairs over a default.
pub type ConfigEntries = Vec<(Name, Name)>;
