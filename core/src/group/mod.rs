//! The group coordinator with the classic protocol (`GroupCoordinator`, `GroupMetadata`,
//! `GroupMetadataManager` of Kafka 3.9; `kafka/07` §7.2–7.6), hosted by every broker for the groups
//! whose partition of `__consumer_offsets` it leads. And the assignors, which the group's leader, a
//! consumer, runs.
//!
//! Leaves out the consumer protocol of KIP-848, transactional offset commits and deletion of single
//! offsets.

mod admin;
pub mod assignor;
mod bytes;
mod coordinator;
mod join;
mod load;
mod member;
mod membership;
mod metadata;
mod offsets;
mod records;
mod state;
mod store;
mod sync;
#[cfg(test)]
mod tests;
mod timer;

pub use assignor::hash_order;
pub use coordinator::GroupCoordinator;
pub use member::Member;
pub use metadata::{CommittedOffset, Group};
pub use records::{GroupMetadataValue, MemberValue, OffsetsTopicRecord, decode};
pub use state::GroupState;
pub use store::GroupStore;
pub use timer::GroupTimer;

/// Java's `String.hashCode`: over UTF-16 units, wrapping.
pub fn java_hash(text: &str) -> i32 {
    text.encode_utf16().fold(0i32, |hash, unit| hash.wrapping_mul(31).wrapping_add(i32::from(unit)))
}

/// `TopicPartition.hashCode`, which decides the order of Java's hash maps of partitions.
pub fn partition_hash(tp: &crate::ids::TopicPartition) -> i32 {
    31_i32.wrapping_add(tp.partition).wrapping_mul(31).wrapping_add(java_hash(&tp.topic))
}

/// The partition of `__consumer_offsets` that a group belongs to
/// (`GroupMetadataManager.partitionFor`; `Utils.abs` makes 0 of the smallest number).
pub fn partition_for(group: &str, partition_count: i32) -> i32 {
    java_hash(group).checked_abs().unwrap_or(0).checked_rem(partition_count).unwrap_or(0)
}
