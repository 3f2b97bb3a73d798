//! The order in which Java's `HashMap` and `HashSet` are walked through: Kafka's assignors follow it
//! where they do not sort, so it decides the order of a share's topics and who wins a tie.

use crate::collections::java_map_order;
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
    java_map_order(&mut seen, 16, |key| java_hash(key));
    seen
}
