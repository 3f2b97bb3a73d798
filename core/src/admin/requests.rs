//! Parts of requests and answers that several calls share.

use super::call::Node;
use super::op::OffsetSpec;
use crate::collections::Order;
use crate::ids::TopicPartition;
use crate::protocol::admin::{ConfigDescription, ConfigResource};
use crate::protocol::fetch::{EARLIEST_TIMESTAMP, IsolationLevel, LATEST_TIMESTAMP, ListOffsetsRequest, MAX_TIMESTAMP};

/// Who answers for a resource.
pub(super) fn node_of(resource: &ConfigResource) -> Node {
    match resource {
        ConfigResource::Topic(_) | ConfigResource::BrokerDefault => Node::Any,
        ConfigResource::Broker(id) => Node::Broker(*id),
    }
}

/// One partition's offset.
pub(super) fn list_offsets(tp: &TopicPartition, at: OffsetSpec) -> ListOffsetsRequest {
    let (isolation_level, timestamp_ms) = match at {
        OffsetSpec::MaxTimestamp => (IsolationLevel::ReadUncommitted, MAX_TIMESTAMP),
        OffsetSpec::Earliest => (IsolationLevel::ReadUncommitted, EARLIEST_TIMESTAMP),
        OffsetSpec::Latest => (IsolationLevel::ReadUncommitted, LATEST_TIMESTAMP),
        OffsetSpec::LatestCommitted => (IsolationLevel::ReadCommitted, LATEST_TIMESTAMP),
        OffsetSpec::ForTimestamp(timestamp_ms) => (IsolationLevel::ReadUncommitted, timestamp_ms),
    };
    ListOffsetsRequest { replica_id: -1, isolation_level, partitions: vec![(tp.clone(), -1, timestamp_ms)] }
}

/// Configs by name.
pub(super) fn configs(mut entries: Vec<ConfigDescription>) -> Vec<ConfigDescription> {
    entries.order_by(|a, b| a.name.cmp(&b.name));
    entries
}
