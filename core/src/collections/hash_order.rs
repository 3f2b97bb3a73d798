//! The orders in which hash maps are walked through where nothing sorts and it shows: Java's `HashMap` in
//! Kafka's clients and tools, Scala's maps in its brokers. Leaves out the maps themselves.
//!
//! Simplified: buckets of Java's maps never turn into trees, which takes eight colliding keys.

use super::Order;

/// Puts entries (each key once) into the order of a `java.util.HashMap(capacity)` that they were put into one
/// after the other.
pub fn java_map_order<T>(entries: &mut [T], capacity: usize, hash_code: impl Fn(&T) -> i32) {
    let mut table = capacity.max(1).next_power_of_two();
    while table * 3 / 4 < entries.len() {
        table *= 2;
    }
    let mask = u32::try_from(table - 1).unwrap_or(u32::MAX);
    // Stable: within a bucket the order of insertion holds, and a table that grows keeps it.
    entries.order_by_key(|entry| spread(hash_code(entry)) & mask);
}

/// The order of a `scala.collection.mutable.HashMap` of these entries.
pub fn scala_mutable_order<T>(entries: &mut [T], hash_code: impl Fn(&T) -> i32) {
    let mut table: usize = 16;
    while table * 3 / 4 <= entries.len() {
        table *= 2;
    }
    let mask = u32::try_from(table - 1).unwrap_or(u32::MAX);
    entries.order_by_key(|entry| {
        let hash = spread(hash_code(entry));
        (hash & mask, hash.cast_signed())
    });
}

/// The order of `toMap` of a mutable map with these entries: up to four stay as they come, more stand in a
/// tree of 32 branches a level.
pub fn scala_map_order<T>(entries: &mut [T], hash_code: impl Fn(&T) -> i32) {
    scala_mutable_order(entries, &hash_code);
    if entries.len() > 4 {
        scala_tree_order(entries, hash_code);
    }
}

/// The order of that tree, which `groupBy` always makes.
pub fn scala_tree_order<T>(entries: &mut [T], hash_code: impl Fn(&T) -> i32) {
    let hashes: Vec<u32> = entries.iter().map(|entry| improve(hash_code(entry))).collect();
    entries.order_by_key(|entry| path(&hashes, improve(hash_code(entry))));
}

/// The way from the root to an entry: on each level its branch, behind all entries if others share it.
fn path(all: &[u32], hash: u32) -> Vec<(bool, u32)> {
    let mut way = Vec::new();
    for shift in (0..32).step_by(5) {
        let shared = all.iter().any(|other| *other != hash && (other ^ hash).trailing_zeros() >= shift + 5);
        way.push((shared, (hash >> shift) & 31));
        if !shared {
            break;
        }
    }
    way
}

/// `HashMap.hash`, in Java and in Scala.
fn spread(hash_code: i32) -> u32 {
    let hash = hash_code.cast_unsigned();
    hash ^ (hash >> 16)
}

/// `scala.collection.Hashing.improve`
fn improve(hash_code: i32) -> u32 {
    let hash = hash_code.cast_unsigned();
    let hash = hash.wrapping_add(!(hash << 9));
    let hash = hash ^ (hash >> 14);
    let hash = hash.wrapping_add(hash << 4);
    hash ^ (hash >> 10)
}
