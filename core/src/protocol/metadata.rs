//! Metadata (api key 3): which brokers there are, who leads what.

use super::ErrorCode;
use crate::ids::{BrokerId, Name, Uuid};

/// Asks for topics.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MetadataRequest {
    /// The topics; `None` asks for all.
    pub topics: Option<Vec<Name>>,
    /// Whether the client allows `auto.create.topics.enable` to act.
    pub allow_auto_topic_creation: bool,
}

/// What the asked broker's cache says; it may lag behind the controller.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MetadataResponse {
    /// Live brokers, by id.
    pub brokers: Vec<BrokerId>,
    /// `broker.rack` of those that have one.
    pub racks: Vec<(BrokerId, Name)>,
    /// The active controller, -1 if unknown.
    pub controller_id: BrokerId,
    /// Topics, by name.
    pub topics: Vec<TopicMetadata>,
}

/// One topic.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TopicMetadata {
    /// NONE, UNKNOWN_TOPIC_OR_PARTITION, INVALID_TOPIC_EXCEPTION, LEADER_NOT_AVAILABLE.
    pub error: ErrorCode,
    /// Its name.
    pub topic: Name,
    /// Its id.
    pub topic_id: Uuid,
    /// Internal to Kafka (`__consumer_offsets`).
    pub is_internal: bool,
    /// Partitions, by number.
    pub partitions: Vec<PartitionMetadata>,
}

/// One partition.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PartitionMetadata {
    /// NONE or LEADER_NOT_AVAILABLE.
    pub error: ErrorCode,
    /// Its number.
    pub partition: i32,
    /// The leader, -1 if there is none.
    pub leader_id: BrokerId,
    /// The leader's epoch.
    pub leader_epoch: i32,
    /// Assigned replicas, the preferred leader first.
    pub replicas: Vec<BrokerId>,
    /// In-sync replicas, in the order of their history.
    pub isr: Vec<BrokerId>,
    /// Assigned replicas whose broker is down.
    pub offline_replicas: Vec<BrokerId>,
}
