//! What the admin client can be asked, and what it answers.

use std::fmt;

use crate::ids::{BrokerId, Name, TopicPartition};
use crate::protocol::ErrorCode;
use crate::protocol::admin::{ConfigDescription, ConfigResource, CreatableTopic, LogDirDescription};
use crate::protocol::group::{DescribedGroup, OffsetAndMetadata};
use crate::protocol::metadata::TopicMetadata;
use crate::protocol::transaction::{DescribedTransaction, ProducerDescription};

/// A question with the number under which its answer will be found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AdminCommand {
    /// Finds the answer.
    pub ticket: u64,
    /// The question.
    pub op: AdminOp,
    /// `timeoutMs` of the call's options; `None` for the client's `default.api.timeout.ms`.
    pub timeout_ms: Option<u64>,
}

/// Which offset `listOffsets` asks for (`OffsetSpec`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum OffsetSpec {
    /// The record with the latest timestamp.
    MaxTimestamp,
    /// The log start offset.
    Earliest,
    /// The high watermark.
    Latest,
    /// The last stable offset (isolation level read_committed).
    LatestCommitted,
    /// The first offset of this time or later, ms since 1970.
    ForTimestamp(i64),
}

/// A method of Java's `Admin`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum AdminOp {
    /// `createTopics`.
    CreateTopic(CreatableTopic),
    /// `deleteTopics`.
    DeleteTopic {
        /// Name.
        topic: Name,
    },
    /// `listTopics`, internal ones included.
    ListTopics,
    /// `describeTopics`.
    DescribeTopic {
        /// Name.
        topic: Name,
    },
    /// `describeCluster`.
    DescribeCluster,
    /// `createPartitions`.
    CreatePartitions {
        /// Name.
        topic: Name,
        /// New total.
        total: i32,
        /// Replicas of the new partitions, if hand-made.
        assignment: Option<Vec<Vec<BrokerId>>>,
    },
    /// `incrementalAlterConfigs`.
    AlterConfigs {
        /// Whose.
        resource: ConfigResource,
        /// `None` deletes.
        changes: Vec<(Name, Option<Name>)>,
    },
    /// `describeConfigs`.
    DescribeConfigs {
        /// Whose.
        resource: ConfigResource,
    },
    /// `describeLogDirs` of one broker.
    DescribeLogDirs {
        /// Which.
        broker: BrokerId,
    },
    /// `alterPartitionReassignments`.
    Reassign {
        /// Target replicas by partition; `None` cancels.
        moves: Vec<(TopicPartition, Option<Vec<BrokerId>>)>,
    },
    /// `listPartitionReassignments`.
    ListReassignments,
    /// `electLeaders`.
    ElectLeaders {
        /// Unclean instead of preferred.
        unclean: bool,
        /// The partitions; `None` for all.
        partitions: Option<Vec<TopicPartition>>,
    },
    /// `deleteRecords`.
    DeleteRecords {
        /// The partition.
        tp: TopicPartition,
        /// Everything before this offset goes; -1 for the high watermark.
        before: i64,
    },
    /// `listOffsets`.
    ListOffsets {
        /// The partition.
        tp: TopicPartition,
        /// Which.
        at: OffsetSpec,
    },
    /// `describeConsumerGroups`.
    DescribeGroup {
        /// Group id.
        group: Name,
    },
    /// `listConsumerGroups`: every broker is asked.
    ListGroups,
    /// `listConsumerGroupOffsets`.
    GroupOffsets {
        /// Group id.
        group: Name,
    },
    /// `alterConsumerGroupOffsets`.
    AlterGroupOffsets {
        /// Group id.
        group: Name,
        /// By partition the next offset to be read.
        offsets: Vec<(TopicPartition, i64)>,
    },
    /// `deleteConsumerGroupOffsets`, answered for each partition by itself.
    DeleteOffsets {
        /// Group id.
        group: Name,
        /// Whose offsets.
        partitions: Vec<TopicPartition>,
    },
    /// `deleteConsumerGroups`.
    DeleteGroup {
        /// Group id.
        group: Name,
    },
    /// `listTransactions`: every broker is asked.
    ListTransactions,
    /// `describeTransactions`.
    DescribeTransaction {
        /// `transactional.id`
        transactional_id: Name,
    },
    /// `describeProducers`.
    DescribeProducers {
        /// The partition.
        tp: TopicPartition,
    },
    /// `abortTransaction`, after `describeProducers` (`kafka-transactions.sh abort`): writes an ABORT into
    /// this one partition, whatever the coordinator thinks of the transaction.
    AbortTransaction {
        /// The partition.
        tp: TopicPartition,
        /// Where the transaction begins; all open ones otherwise.
        start_offset: Option<i64>,
        /// Whose it is, if that need not be looked up: producer id and epoch, and the coordinator's epoch. The marker is
        /// written whether the broker knows the producer or not.
        producer: Option<(i64, i16, i32)>,
    },
    /// `electLeaders` or `alterPartitionReassignments`, answered for each partition by itself.
    Each(Box<AdminOp>),
    /// `removeMembersFromConsumerGroup`.
    RemoveMembers {
        /// Group id.
        group: Name,
        /// All members; none are named otherwise.
        all: bool,
    },
}

impl AdminOp {
    /// Java's name of the method, as its time-outs say it.
    pub(super) fn method(&self) -> &'static str {
        match self {
            Self::CreateTopic(_) => "createTopics",
            Self::DeleteTopic { .. } => "deleteTopics",
            Self::ListTopics => "listTopics",
            Self::DescribeTopic { .. } => "describeTopics",
            Self::DescribeCluster => "listNodes",
            Self::CreatePartitions { .. } => "createPartitions",
            Self::AlterConfigs { .. } => "incrementalAlterConfigs",
            Self::DescribeConfigs { .. } => "describeConfigs",
            Self::DescribeLogDirs { .. } => "describeLogDirs",
            Self::Reassign { .. } => "alterPartitionReassignments",
            Self::ListReassignments => "listPartitionReassignments",
            Self::ElectLeaders { .. } => "electLeaders",
            Self::DeleteRecords { .. } => "deleteRecords",
            Self::ListOffsets { .. } => "listOffsets",
            Self::DescribeGroup { .. } => "describeConsumerGroups",
            Self::ListGroups => "listConsumerGroups",
            Self::GroupOffsets { .. } => "listConsumerGroupOffsets",
            Self::AlterGroupOffsets { .. } => "alterConsumerGroupOffsets",
            Self::DeleteOffsets { .. } => "deleteConsumerGroupOffsets",
            Self::DeleteGroup { .. } => "deleteConsumerGroups",
            Self::RemoveMembers { .. } => "removeMembersFromConsumerGroup",
            Self::ListTransactions => "listTransactions",
            Self::DescribeTransaction { .. } => "describeTransactions",
            Self::DescribeProducers { .. } => "describeProducers",
            Self::AbortTransaction { .. } => "abortTransaction",
            Self::Each(op) => op.method(),
        }
    }
}

/// What `describeCluster` says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ClusterDescription {
    /// Live brokers, by id.
    pub brokers: Vec<BrokerId>,
    /// The active controller, if the asked broker knows one.
    pub controller: Option<BrokerId>,
}

/// A move that is under way.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reassignment {
    /// The partition.
    pub tp: TopicPartition,
    /// All replicas, the target first.
    pub replicas: Vec<BrokerId>,
    /// Those that come.
    pub adding: Vec<BrokerId>,
    /// Those that go.
    pub removing: Vec<BrokerId>,
}

/// A transactional id of a list.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct TransactionListing {
    /// `transactional.id`
    pub transactional_id: Name,
    /// `Ongoing` and others.
    pub state: Name,
    /// Its producer.
    pub producer_id: i64,
    /// The broker that coordinates it.
    pub coordinator: BrokerId,
}

/// A group of a list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GroupListing {
    /// Group id.
    pub group: Name,
    /// `consumer`, or empty for a group that only keeps offsets.
    pub protocol_type: Name,
    /// Its state.
    pub state: Name,
}

/// What a method of `Admin` returned.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum AdminAnswer {
    /// It is done, there is nothing to tell.
    Done,
    /// Topics, by name.
    Topics(Vec<Name>),
    /// A topic with its partitions.
    Topic(TopicMetadata),
    /// The cluster.
    Cluster(ClusterDescription),
    /// Configs, by name.
    Configs(Vec<ConfigDescription>),
    /// Directories of a broker.
    LogDirs(Vec<LogDirDescription>),
    /// Moves under way, by partition.
    Reassignments(Vec<Reassignment>),
    /// The low watermark of all replicas after DeleteRecords.
    LowWatermark(i64),
    /// An offset.
    Offset {
        /// The offset; -1 if there is none for that time.
        offset: i64,
        /// The record's timestamp, -1 if unknown.
        timestamp_ms: i64,
        /// The leader epoch, -1 if unknown.
        leader_epoch: i32,
    },
    /// A group with its members, and who coordinates it.
    Group {
        /// The group.
        group: DescribedGroup,
        /// Its coordinator.
        coordinator: BrokerId,
    },
    /// A transaction, and who coordinates it.
    Transaction {
        /// The transaction.
        transaction: DescribedTransaction,
        /// Its coordinator.
        coordinator: BrokerId,
    },
    /// Transactional ids of all brokers, by id.
    Transactions(Vec<TransactionListing>),
    /// Producers of a partition, by id.
    Producers(Vec<ProducerDescription>),
    /// Groups of all brokers, by id.
    Groups(Vec<GroupListing>),
    /// What became of each partition.
    Partitions(Vec<(TopicPartition, ErrorCode, String)>),
    /// Committed positions, by partition.
    Offsets(Vec<(TopicPartition, OffsetAndMetadata)>),
}

/// The exception of an `Admin` method's future.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AdminError {
    /// The name of Kafka's error code, or of the exception where it has none (`TimeoutException`).
    pub name: Name,
    /// Kafka's words.
    pub message: String,
}

impl fmt::Display for AdminError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name, self.message)
    }
}

impl std::error::Error for AdminError {}
