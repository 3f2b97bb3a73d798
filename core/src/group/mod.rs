//! The group coordinator with the classic protocol (`GroupCoordinator`, `GroupMetadata`,
//! `GroupMetadataManager` of Kafka 3.9; `kafka/07` §7.2–7.6), hosted by every broker for the groups
//! whose partition of `__consumer_offsets` it leads. And the assignors, which the group's leader, a
//! consumer, runs.
//!
//! Leaves out the consumer protocol of KIP-848 and deletion of single offsets.

mod admin;
pub mod assignor;
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
mod txn;

pub use assignor::hash_order;
pub use coordinator::GroupCoordinator;
pub use member::Member;
pub use metadata::{CommittedOffset, Group};
pub use records::{GroupMetadataValue, MemberValue, OffsetsTopicRecord, decode};
pub use state::GroupState;
pub use store::{GroupStore, Transactional};
pub use timer::GroupTimer;

pub use crate::protocol::coordinator::{java_hash, partition_for, partition_hash};
