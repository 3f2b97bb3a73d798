//! What clients know, and nothing else: operations with what they were told. Values and partitions are
//! numbers; a value is sent to a partition once.

use std::collections::BTreeSet;

/// A topic-partition.
pub type Key = u32;
/// What a record says. No two records of a partition are given the same value.
pub type Value = u32;

/// How an operation ended, as far as its client knows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// It surely happened.
    Ok,
    /// It surely did not happen.
    Fail,
    /// Nobody knows.
    Info,
}

/// A part of an operation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Micro {
    /// `send()`; the offset if the client was told.
    Send {
        /// Where to.
        key: Key,
        /// What.
        value: Value,
        /// Where it was told that the record is.
        offset: Option<i64>,
    },
    /// Records that one `poll()` returned from a partition, in order.
    Poll {
        /// From where.
        key: Key,
        /// Offsets and values.
        records: Vec<(i64, Value)>,
    },
}

/// What an operation is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Sends and polls, in a transaction or not.
    Work,
    /// The process is given other partitions: what it remembers of those named in `rebalanced` is void.
    Assign,
}

/// An operation of a client.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Op {
    /// The client. Its operations come one after the other.
    pub process: u32,
    /// What it is.
    pub kind: Kind,
    /// How it ended.
    pub outcome: Outcome,
    /// Its parts, in order.
    pub micros: Vec<Micro>,
    /// Partitions that came or went while it ran.
    pub rebalanced: BTreeSet<Key>,
}

impl Op {
    /// Sends of the operation, in order.
    pub fn sends(&self) -> impl Iterator<Item = (Key, Value, Option<i64>)> {
        self.micros.iter().filter_map(|micro| match micro {
            Micro::Send { key, value, offset } => Some((*key, *value, *offset)),
            Micro::Poll { .. } => None,
        })
    }

    /// Polls of the operation, in order.
    pub fn polls(&self) -> impl Iterator<Item = (Key, &[(i64, Value)])> {
        self.micros.iter().filter_map(|micro| match micro {
            Micro::Poll { key, records } => Some((*key, &records[..])),
            Micro::Send { .. } => None,
        })
    }

    /// Values that it sent to a partition, in order.
    pub fn sent_to(&self, key: Key) -> impl Iterator<Item = Value> {
        self.sends().filter(move |(to, _, _)| *to == key).map(|(_, value, _)| value)
    }

    /// Offsets and values that it polled from a partition, in order, over all of its polls.
    pub fn polled_from(&self, key: Key) -> impl Iterator<Item = (i64, Value)> {
        self.polls().filter(move |(from, _)| *from == key).flat_map(|(_, records)| records).copied()
    }

    /// Partitions that it sent to.
    pub fn keys_sent(&self) -> BTreeSet<Key> {
        self.sends().map(|(key, _, _)| key).collect()
    }

    /// Partitions that it polled from.
    pub fn keys_polled(&self) -> BTreeSet<Key> {
        self.polls().map(|(key, _)| key).collect()
    }
}

/// All operations, each process's in its order.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct History {
    /// The operations.
    pub ops: Vec<Op>,
}
