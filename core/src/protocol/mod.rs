//! Kafka's requests and responses as plain data: one file per family, error codes with Kafka's
//! numbers. Leaves out the wire encoding and API versions: every process here speaks what a 3.9
//! broker speaks at its default `inter.broker.protocol.version`.

pub mod admin;
mod api_keys;
pub mod bytes;
pub mod control;
pub mod coordinator;
mod error;
pub mod fetch;
pub mod group;
pub mod metadata;
pub mod produce;
pub mod producer_id;
pub mod transaction;
pub mod zab;
pub mod zookeeper;

pub use api_keys::API_KEYS;
pub use error::ErrorCode;

use crate::ids::{Name, TopicPartition};

/// A request, named as in Kafka's `ApiKeys`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Request {
    /// Api key 0.
    Produce(produce::ProduceRequest),
    /// Api key 1.
    Fetch(fetch::FetchRequest),
    /// Api key 2.
    ListOffsets(fetch::ListOffsetsRequest),
    /// Api key 3.
    Metadata(metadata::MetadataRequest),
    /// Api key 4.
    LeaderAndIsr(control::LeaderAndIsrRequest),
    /// Api key 5.
    StopReplica(control::StopReplicaRequest),
    /// Api key 6.
    UpdateMetadata(control::UpdateMetadataRequest),
    /// Api key 7.
    ControlledShutdown(control::ControlledShutdownRequest),
    /// Api key 8.
    OffsetCommit(group::OffsetCommitRequest),
    /// Api key 9.
    OffsetFetch(group::OffsetFetchRequest),
    /// Api key 10.
    FindCoordinator(group::FindCoordinatorRequest),
    /// Api key 11.
    JoinGroup(group::JoinGroupRequest),
    /// Api key 12.
    Heartbeat(group::HeartbeatRequest),
    /// Api key 13.
    LeaveGroup(group::LeaveGroupRequest),
    /// Api key 14.
    SyncGroup(group::SyncGroupRequest),
    /// Api key 15.
    DescribeGroups(Vec<Name>),
    /// Api key 16.
    ListGroups(()),
    /// Api key 19.
    CreateTopics(admin::CreateTopicsRequest),
    /// Api key 20.
    DeleteTopics(admin::DeleteTopicsRequest),
    /// Api key 21.
    DeleteRecords(admin::DeleteRecordsRequest),
    /// Api key 22.
    InitProducerId(producer_id::InitProducerIdRequest),
    /// Api key 23.
    OffsetForLeaderEpoch(fetch::OffsetsForLeaderEpochRequest),
    /// Api key 24.
    AddPartitionsToTxn(transaction::AddPartitionsToTxnRequest),
    /// Api key 25.
    AddOffsetsToTxn(transaction::AddOffsetsToTxnRequest),
    /// Api key 26.
    EndTxn(transaction::EndTxnRequest),
    /// Api key 27.
    WriteTxnMarkers(transaction::WriteTxnMarkersRequest),
    /// Api key 28.
    TxnOffsetCommit(transaction::TxnOffsetCommitRequest),
    /// Api key 32.
    DescribeConfigs(admin::DescribeConfigsRequest),
    /// Api key 35, of all partitions.
    DescribeLogDirs(()),
    /// Api key 37.
    CreatePartitions(admin::CreatePartitionsRequest),
    /// Api key 42.
    DeleteGroups(Vec<Name>),
    /// Api key 43.
    ElectLeaders(admin::ElectLeadersRequest),
    /// Api key 44.
    IncrementalAlterConfigs(admin::IncrementalAlterConfigsRequest),
    /// Api key 45.
    AlterPartitionReassignments(admin::AlterPartitionReassignmentsRequest),
    /// Api key 46.
    ListPartitionReassignments(()),
    /// Api key 47.
    OffsetDelete(group::OffsetDeleteRequest),
    /// Api key 56.
    AlterPartition(control::AlterPartitionRequest),
    /// Api key 61.
    DescribeProducers(Vec<TopicPartition>),
    /// Api key 65.
    DescribeTransactions(Vec<Name>),
    /// Api key 66.
    ListTransactions(()),
    /// Api key 67.
    AllocateProducerIds(control::AllocateProducerIdsRequest),
    /// ZooKeeper's client protocol.
    ZooKeeper(zookeeper::ZkRequest),
    /// A ZooKeeper server's vote.
    Vote(zab::Notification),
    /// A ZooKeeper learner to its leader.
    Quorum(zab::QuorumPacket),
}

/// A response to the [`Request`] of the same name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Response {
    /// Api key 0.
    Produce(produce::ProduceResponse),
    /// Api key 1.
    Fetch(fetch::FetchResponse),
    /// Api key 2.
    ListOffsets(fetch::ListOffsetsResponse),
    /// Api key 3.
    Metadata(metadata::MetadataResponse),
    /// Api key 4.
    LeaderAndIsr(control::ControlResponse),
    /// Api key 5.
    StopReplica(control::ControlResponse),
    /// Api key 6.
    UpdateMetadata(control::ControlResponse),
    /// Api key 7.
    ControlledShutdown(control::ControlledShutdownResponse),
    /// Api key 8.
    OffsetCommit(group::OffsetCommitResponse),
    /// Api key 9.
    OffsetFetch(group::OffsetFetchResponse),
    /// Api key 10.
    FindCoordinator(group::FindCoordinatorResponse),
    /// Api key 11.
    JoinGroup(group::JoinGroupResponse),
    /// Api key 12.
    Heartbeat(ErrorCode),
    /// Api key 13.
    LeaveGroup(group::LeaveGroupResponse),
    /// Api key 14.
    SyncGroup(group::SyncGroupResponse),
    /// Api key 15.
    DescribeGroups(Vec<group::DescribedGroup>),
    /// Api key 16.
    ListGroups(group::ListGroupsResponse),
    /// Api key 19.
    CreateTopics(admin::TopicsResponse),
    /// Api key 20.
    DeleteTopics(admin::TopicsResponse),
    /// Api key 21.
    DeleteRecords(admin::DeleteRecordsResponse),
    /// Api key 22.
    InitProducerId(producer_id::InitProducerIdResponse),
    /// Api key 23.
    OffsetForLeaderEpoch(fetch::OffsetsForLeaderEpochResponse),
    /// Api key 24.
    AddPartitionsToTxn(transaction::AddPartitionsToTxnResponse),
    /// Api key 25.
    AddOffsetsToTxn(ErrorCode),
    /// Api key 26.
    EndTxn(ErrorCode),
    /// Api key 27.
    WriteTxnMarkers(transaction::WriteTxnMarkersResponse),
    /// Api key 28.
    TxnOffsetCommit(transaction::TxnOffsetCommitResponse),
    /// Api key 32.
    DescribeConfigs(admin::DescribeConfigsResponse),
    /// Api key 35.
    DescribeLogDirs(Vec<admin::LogDirDescription>),
    /// Api key 37.
    CreatePartitions(admin::TopicsResponse),
    /// Api key 42.
    DeleteGroups(Vec<(Name, ErrorCode)>),
    /// Api key 43.
    ElectLeaders(admin::PartitionsResponse),
    /// Api key 44.
    IncrementalAlterConfigs(admin::IncrementalAlterConfigsResponse),
    /// Api key 45.
    AlterPartitionReassignments(admin::PartitionsResponse),
    /// Api key 46.
    ListPartitionReassignments(admin::ListPartitionReassignmentsResponse),
    /// Api key 47.
    OffsetDelete(group::OffsetDeleteResponse),
    /// Api key 56.
    AlterPartition(control::AlterPartitionResponse),
    /// Api key 61.
    DescribeProducers(transaction::DescribeProducersResponse),
    /// Api key 65.
    DescribeTransactions(Vec<transaction::DescribedTransaction>),
    /// Api key 66.
    ListTransactions(transaction::ListTransactionsResponse),
    /// Api key 67.
    AllocateProducerIds(control::AllocateProducerIdsResponse),
    /// ZooKeeper's client protocol.
    ZooKeeper(zookeeper::ZkResponse),
    /// The vote of a ZooKeeper server that was asked by its peer's vote.
    Vote(zab::Notification),
    /// A ZooKeeper leader to a learner.
    Quorum(zab::QuorumPacket),
}

impl Request {
    /// Kafka's name of the request.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Produce(_) => "Produce",
            Self::Fetch(_) => "Fetch",
            Self::ListOffsets(_) => "ListOffsets",
            Self::Metadata(_) => "Metadata",
            Self::LeaderAndIsr(_) => "LeaderAndIsr",
            Self::StopReplica(_) => "StopReplica",
            Self::UpdateMetadata(_) => "UpdateMetadata",
            Self::ControlledShutdown(_) => "ControlledShutdown",
            Self::OffsetCommit(_) => "OffsetCommit",
            Self::OffsetFetch(_) => "OffsetFetch",
            Self::FindCoordinator(_) => "FindCoordinator",
            Self::JoinGroup(_) => "JoinGroup",
            Self::Heartbeat(_) => "Heartbeat",
            Self::LeaveGroup(_) => "LeaveGroup",
            Self::SyncGroup(_) => "SyncGroup",
            Self::DescribeGroups(_) => "DescribeGroups",
            Self::ListGroups(_) => "ListGroups",
            Self::CreateTopics(_) => "CreateTopics",
            Self::DeleteTopics(_) => "DeleteTopics",
            Self::DeleteRecords(_) => "DeleteRecords",
            Self::InitProducerId(_) => "InitProducerId",
            Self::OffsetForLeaderEpoch(_) => "OffsetForLeaderEpoch",
            Self::DescribeConfigs(_) => "DescribeConfigs",
            Self::DescribeLogDirs(_) => "DescribeLogDirs",
            Self::CreatePartitions(_) => "CreatePartitions",
            Self::DeleteGroups(_) => "DeleteGroups",
            Self::ElectLeaders(_) => "ElectLeaders",
            Self::IncrementalAlterConfigs(_) => "IncrementalAlterConfigs",
            Self::AlterPartitionReassignments(_) => "AlterPartitionReassignments",
            Self::ListPartitionReassignments(_) => "ListPartitionReassignments",
            Self::OffsetDelete(_) => "OffsetDelete",
            Self::AlterPartition(_) => "AlterPartition",
            Self::AddPartitionsToTxn(_) => "AddPartitionsToTxn",
            Self::AddOffsetsToTxn(_) => "AddOffsetsToTxn",
            Self::EndTxn(_) => "EndTxn",
            Self::WriteTxnMarkers(_) => "WriteTxnMarkers",
            Self::TxnOffsetCommit(_) => "TxnOffsetCommit",
            Self::DescribeProducers(_) => "DescribeProducers",
            Self::DescribeTransactions(_) => "DescribeTransactions",
            Self::ListTransactions(_) => "ListTransactions",
            Self::AllocateProducerIds(_) => "AllocateProducerIds",
            Self::ZooKeeper(zookeeper::ZkRequest::Ping) => "ping",
            Self::ZooKeeper(zookeeper::ZkRequest::Connect { .. }) => "connect",
            Self::ZooKeeper(zookeeper::ZkRequest::Close) => "close",
            Self::ZooKeeper(zookeeper::ZkRequest::SetWatches { .. }) => "watches",
            Self::ZooKeeper(zookeeper::ZkRequest::Op(_)) => "znode",
            Self::Vote(_) => "vote",
            Self::Quorum(packet) => packet.name(),
        }
    }
}

impl Response {
    /// Kafka's name of the request that this answers.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Produce(_) => "Produce",
            Self::Fetch(_) => "Fetch",
            Self::ListOffsets(_) => "ListOffsets",
            Self::Metadata(_) => "Metadata",
            Self::LeaderAndIsr(_) => "LeaderAndIsr",
            Self::StopReplica(_) => "StopReplica",
            Self::UpdateMetadata(_) => "UpdateMetadata",
            Self::ControlledShutdown(_) => "ControlledShutdown",
            Self::OffsetCommit(_) => "OffsetCommit",
            Self::OffsetFetch(_) => "OffsetFetch",
            Self::FindCoordinator(_) => "FindCoordinator",
            Self::JoinGroup(_) => "JoinGroup",
            Self::Heartbeat(_) => "Heartbeat",
            Self::LeaveGroup(_) => "LeaveGroup",
            Self::SyncGroup(_) => "SyncGroup",
            Self::DescribeGroups(_) => "DescribeGroups",
            Self::ListGroups(_) => "ListGroups",
            Self::CreateTopics(_) => "CreateTopics",
            Self::DeleteTopics(_) => "DeleteTopics",
            Self::DeleteRecords(_) => "DeleteRecords",
            Self::InitProducerId(_) => "InitProducerId",
            Self::OffsetForLeaderEpoch(_) => "OffsetForLeaderEpoch",
            Self::DescribeConfigs(_) => "DescribeConfigs",
            Self::DescribeLogDirs(_) => "DescribeLogDirs",
            Self::CreatePartitions(_) => "CreatePartitions",
            Self::DeleteGroups(_) => "DeleteGroups",
            Self::ElectLeaders(_) => "ElectLeaders",
            Self::IncrementalAlterConfigs(_) => "IncrementalAlterConfigs",
            Self::AlterPartitionReassignments(_) => "AlterPartitionReassignments",
            Self::ListPartitionReassignments(_) => "ListPartitionReassignments",
            Self::OffsetDelete(_) => "OffsetDelete",
            Self::AlterPartition(_) => "AlterPartition",
            Self::AddPartitionsToTxn(_) => "AddPartitionsToTxn",
            Self::AddOffsetsToTxn(_) => "AddOffsetsToTxn",
            Self::EndTxn(_) => "EndTxn",
            Self::WriteTxnMarkers(_) => "WriteTxnMarkers",
            Self::TxnOffsetCommit(_) => "TxnOffsetCommit",
            Self::DescribeProducers(_) => "DescribeProducers",
            Self::DescribeTransactions(_) => "DescribeTransactions",
            Self::ListTransactions(_) => "ListTransactions",
            Self::AllocateProducerIds(_) => "AllocateProducerIds",
            Self::ZooKeeper(zookeeper::ZkResponse::Pong) => "pong",
            Self::ZooKeeper(_) => "znode",
            Self::Vote(_) => "vote",
            Self::Quorum(packet) => packet.name(),
        }
    }
}
