//! The order in which Java's `HashMap` and `HashSet` are walked through: Kafka's assignors follow it
//! where they do not sort, so it decides the order of a share's topics and who wins a tie.
//!
//! Leaves out buckets that turn into trees, which takes eight colliding keys.

use crate::collections::Order;
use crate::group::java_hash;
use crate::ids::Name;

/// Keys in the order of a `HashMap` that they were put into one after the other.
pub fn hash_order(keys: impl IntoIterator<Item = Name>) -> Vec<Name> {
    let mut seen: Vec<Name> = Vec::new();
    for key in keys {
        if !seen.contains(&key) {
            seen.push(key);
        }
    }
    // A table doubles when it is filled by more than three quarters.
    let mut capacity: u32 = 16;
    while u64::from(capacity) * 3 / 4 < u64::try_from(seen.len()).unwrap_or(0) {
        capacity = capacity.saturating_mul(2);
    }
    let bucket = |key: &Name| {
        let hash = java_hash(key).cast_unsigned();
        (hash ^ (hash >> 16)) & (capacity - 1)
    };
    // Stable: within a bucket the order of insertion holds, and a table that grows keeps it.
    seen.order_by_key(bucket);
    seen
}
