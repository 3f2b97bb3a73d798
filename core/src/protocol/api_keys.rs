//! The numbers of the requests that are modelled (`ApiKeys` of Kafka 3.9.1; held against the recorded
//! table by a test in the tests package). Leaves out versions: every message here is of one.

use super::Request;

/// Number and name, by number.
pub const API_KEYS: [(i16, &str); 31] = [
    (0, "Produce"),
    (1, "Fetch"),
    (2, "ListOffsets"),
    (3, "Metadata"),
    (4, "LeaderAndIsr"),
    (5, "StopReplica"),
    (6, "UpdateMetadata"),
    (7, "ControlledShutdown"),
    (8, "OffsetCommit"),
    (9, "OffsetFetch"),
    (10, "FindCoordinator"),
    (11, "JoinGroup"),
    (12, "Heartbeat"),
    (13, "LeaveGroup"),
    (14, "SyncGroup"),
    (15, "DescribeGroups"),
    (16, "ListGroups"),
    (19, "CreateTopics"),
    (20, "DeleteTopics"),
    (21, "DeleteRecords"),
    (22, "InitProducerId"),
    (23, "OffsetForLeaderEpoch"),
    (32, "DescribeConfigs"),
    (37, "CreatePartitions"),
    (42, "DeleteGroups"),
    (43, "ElectLeaders"),
    (44, "IncrementalAlterConfigs"),
    (45, "AlterPartitionReassignments"),
    (46, "ListPartitionReassignments"),
    (56, "AlterPartition"),
    (67, "AllocateProducerIds"),
];

impl Request {
    /// Kafka's number of the request; `None` for what goes to ZooKeeper.
    pub fn api_key(&self) -> Option<i16> {
        API_KEYS.iter().find(|(_, name)| *name == self.name()).map(|(key, _)| *key)
    }
}
