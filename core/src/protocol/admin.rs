//! What admin clients ask: CreateTopics (19), DeleteTopics (20), CreatePartitions (37),
//! IncrementalAlterConfigs (44), DescribeConfigs (32), ElectLeaders (43), DeleteRecords (21),
//! AlterPartitionReassignments (45), ListPartitionReassignments (46), DescribeLogDirs (35).

use super::ErrorCode;
use crate::config::ConfigSource;
use crate::ids::{BrokerId, Name, TopicPartition};

/// A topic to be made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CreatableTopic {
    /// Its name.
    pub topic: Name,
    /// How many partitions; -1 for the broker's `num.partitions`.
    pub num_partitions: i32,
    /// Replicas of each; -1 for `default.replication.factor`.
    pub replication_factor: i16,
    /// A hand-made assignment; the two counts are then -1.
    pub assignments: Vec<Vec<BrokerId>>,
    /// Topic configs.
    pub configs: Vec<(Name, Name)>,
}

/// Makes topics.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CreateTopicsRequest {
    /// The topics.
    pub topics: Vec<CreatableTopic>,
    /// How long the controller may wait for leaders to be known.
    pub timeout_ms: u64,
    /// Only check.
    pub validate_only: bool,
}

/// Deletes topics.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DeleteTopicsRequest {
    /// The topics.
    pub topics: Vec<Name>,
    /// How long the controller may wait.
    pub timeout_ms: u64,
}

/// Adds partitions to topics.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CreatePartitionsRequest {
    /// (topic, new total, assignment of the new ones if hand-made).
    pub topics: Vec<(Name, i32, Option<Vec<Vec<BrokerId>>>)>,
    /// How long the controller may wait.
    pub timeout_ms: u64,
}

/// The answer to requests about topics: name, error, message.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TopicsResponse {
    /// Per topic.
    pub topics: Vec<TopicResult>,
}

/// What became of one topic's wish.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TopicResult {
    /// The topic.
    pub topic: Name,
    /// NONE or why not.
    pub error: ErrorCode,
    /// Kafka's message, empty for its default.
    pub message: String,
}

/// What a config belongs to.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum ConfigResource {
    /// A topic's configs.
    Topic(Name),
    /// A broker's dynamic configs.
    Broker(BrokerId),
    /// The dynamic configs of all brokers that have none of their own.
    BrokerDefault,
}

/// Changes configs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct IncrementalAlterConfigsRequest {
    /// Per resource: name and value, `None` deletes.
    pub resources: Vec<(ConfigResource, Vec<(Name, Option<Name>)>)>,
}

/// The answer: error and message per resource.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct IncrementalAlterConfigsResponse {
    /// Per resource.
    pub resources: Vec<(ConfigResource, ErrorCode, String)>,
}

/// Reads configs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DescribeConfigsRequest {
    /// Resources.
    pub resources: Vec<ConfigResource>,
}

/// A key that may set a config: where, the key, the value there.
pub type ConfigSynonym = (ConfigSource, Name, Name);

/// A config as it is described.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ConfigDescription {
    /// Key.
    pub name: Name,
    /// Value.
    pub value: Name,
    /// Where it comes from.
    pub source: ConfigSource,
    /// Where else it may come from, the one in force first.
    pub synonyms: Vec<ConfigSynonym>,
}

/// The answer: error and configs per resource.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DescribeConfigsResponse {
    /// Per resource.
    pub resources: Vec<(ConfigResource, ErrorCode, Vec<ConfigDescription>)>,
}

/// Elects leaders by command.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ElectLeadersRequest {
    /// Unclean instead of preferred.
    pub unclean: bool,
    /// The partitions; `None` for all.
    pub partitions: Option<Vec<TopicPartition>>,
    /// How long the controller may wait.
    pub timeout_ms: u64,
}

/// The answer per partition.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PartitionsResponse {
    /// The whole request's error.
    pub error: ErrorCode,
    /// Per partition: error and message.
    pub partitions: Vec<(TopicPartition, ErrorCode, String)>,
}

/// Raises log start offsets.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DeleteRecordsRequest {
    /// (partition, offset before which everything goes; -1 for the high watermark).
    pub partitions: Vec<(TopicPartition, i64)>,
    /// How long the leader may wait for its followers.
    pub timeout_ms: u64,
}

/// The answer: error and low watermark.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DeleteRecordsResponse {
    /// Per partition.
    pub partitions: Vec<(TopicPartition, ErrorCode, i64)>,
}

/// Moves replicas; `None` cancels a pending move.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AlterPartitionReassignmentsRequest {
    /// Target replicas per partition.
    pub partitions: Vec<(TopicPartition, Option<Vec<BrokerId>>)>,
    /// How long the controller may wait.
    pub timeout_ms: u64,
}

/// Pending moves: (partition, replicas, adding, removing).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ListPartitionReassignmentsResponse {
    /// NONE or NOT_CONTROLLER.
    pub error: ErrorCode,
    /// The moves.
    pub partitions: Vec<(TopicPartition, Vec<BrokerId>, Vec<BrokerId>, Vec<BrokerId>)>,
}

/// A directory of `log.dirs` and the replicas in it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LogDirDescription {
    /// NONE, or KAFKA_STORAGE_ERROR for one that is offline.
    pub error: ErrorCode,
    /// Its path.
    pub path: Name,
    /// Replicas: bytes of the log, and by how many offsets it is behind the high watermark.
    pub replicas: Vec<(TopicPartition, u64, i64)>,
}
