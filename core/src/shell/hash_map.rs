//! The order of a `java.util.HashMap`, which shows wherever a tool prints what nothing sorted.

use crate::collections::java_map_order;
use crate::group::{java_hash, partition_hash};
use crate::ids::{Name, TopicPartition};

/// A key with `hashCode`.
pub(super) trait JavaHash {
    fn hash_code(&self) -> i32;
}

impl JavaHash for Name {
    fn hash_code(&self) -> i32 {
        java_hash(self)
    }
}

impl JavaHash for TopicPartition {
    fn hash_code(&self) -> i32 {
        partition_hash(self)
    }
}

impl JavaHash for i32 {
    fn hash_code(&self) -> i32 {
        *self
    }
}

/// Options in the order of a `HashSet<OptionSpec>`; an option's hash is that of the list of its names.
pub(super) fn options(names: &[&'static str]) -> Vec<&'static str> {
    let mut names = names.to_vec();
    let capacity = names.len() * 4 / 3 + 1;
    order_by(&mut names, capacity.max(16), |name| java_hash(name).wrapping_add(31));
    names
}

/// `ToolsUtils.duplicates`: what stands more than once in a list, each once, in the order of a `HashSet`.
pub(super) fn duplicates<K: JavaHash + Clone + PartialEq>(keys: &[K]) -> Vec<K> {
    let mut twice: Vec<K> = Vec::new();
    for (at, key) in keys.iter().enumerate() {
        if keys.iter().take(at).any(|other| other == key) && !twice.contains(key) {
            twice.push(key.clone());
        }
    }
    order(&mut twice);
    twice
}

/// Puts keys (each once) into the order of a `new HashMap()` that they were put into one after the other.
pub(super) fn order<K: JavaHash>(keys: &mut [K]) {
    order_by(keys, 16, JavaHash::hash_code);
}

/// The same for entries, and a `new HashMap(capacity)`.
pub(super) fn order_by<T>(entries: &mut [T], capacity: usize, hash_code: impl Fn(&T) -> i32) {
    java_map_order(entries, capacity, hash_code);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `oracle/vectors/java-hash-map-order.json`
    #[test]
    fn keys_come_as_java_gives_them() {
        for (keys, capacity, expected) in [
            (["a", "b", "d"], 16, ["a", "b", "d"]),
            (["a", "b", "d"], 3, ["d", "a", "b"]),
            (["d", "b", "a"], 3, ["d", "a", "b"]),
            (["BB", "Aa", "C#"], 3, ["BB", "Aa", "C#"]),
        ] {
            let mut keys = keys.map(Name::from);
            order_by(&mut keys, capacity, JavaHash::hash_code);
            assert_eq!(keys.map(|key| key.to_string()), expected, "capacity {capacity}");
        }
        assert_eq!(duplicates(&[101, 112, 5, 112, 101, 112]), [112, 101]);
        let mut partitions: Vec<TopicPartition> = (0..3).map(|p| TopicPartition::new("t", p)).collect();
        order(&mut partitions);
        assert_eq!(partitions.iter().map(|tp| tp.partition).collect::<Vec<_>>(), [2, 1, 0]);
    }
}
