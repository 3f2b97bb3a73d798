//! Which partition of an internal topic a group or a transactional id belongs to, and the hash codes of Java
//! that decide it.

use crate::ids::TopicPartition;

/// Java's `String.hashCode`: over UTF-16 units, wrapping.
pub fn java_hash(text: &str) -> i32 {
    text.encode_utf16().fold(0i32, |hash, unit| hash.wrapping_mul(31).wrapping_add(i32::from(unit)))
}

/// `TopicPartition.hashCode`, which decides the order of hash maps of partitions.
pub fn partition_hash(tp: &TopicPartition) -> i32 {
    31_i32.wrapping_add(tp.partition).wrapping_mul(31).wrapping_add(java_hash(&tp.topic))
}

/// The partition of `__consumer_offsets` that a group belongs to, or of `__transaction_state` that a
/// transactional id does (`GroupMetadataManager.partitionFor`, `TransactionStateManager.partitionFor`;
/// `Utils.abs` makes 0 of the smallest number).
pub fn partition_for(key: &str, partition_count: i32) -> i32 {
    java_hash(key).checked_abs().unwrap_or(0).checked_rem(partition_count).unwrap_or(0)
}
