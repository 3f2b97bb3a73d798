//! The order of a partition's values as the clients saw it (`version-orders` of Jepsen's `kafka.clj`):
//! which values were seen at which offsets, gaps closed.

use std::collections::{BTreeMap, BTreeSet};

use super::history::{History, Key, Outcome, Value};

/// One partition.
#[derive(Clone, Debug, Default)]
pub struct Versions {
    /// Values seen at each offset.
    pub at: BTreeMap<i64, BTreeSet<Value>>,
    /// Dense indices of a value's places, first to last.
    places: BTreeMap<Value, Vec<usize>>,
    /// One value per dense index.
    by_index: Vec<Value>,
    indices: BTreeMap<i64, usize>,
}

impl Versions {
    fn settle(&mut self) {
        for (index, (offset, values)) in self.at.iter().enumerate() {
            self.indices.insert(*offset, index);
            self.by_index.extend(values.first());
            for value in values {
                self.places.entry(*value).or_default().push(index);
            }
        }
    }

    /// Where the value appears first.
    pub fn first_index(&self, value: Value) -> Option<usize> {
        self.places.get(&value)?.first().copied()
    }

    /// Where the value appears last.
    pub fn last_index(&self, value: Value) -> Option<usize> {
        self.places.get(&value)?.last().copied()
    }

    /// Values with their number of places.
    pub fn values(&self) -> impl Iterator<Item = (Value, usize)> {
        self.places.iter().map(|(value, places)| (*value, places.len()))
    }

    /// The value at a dense index.
    pub fn value_at(&self, index: usize) -> Option<Value> {
        self.by_index.get(index).copied()
    }

    /// Values strictly between two dense indices.
    pub fn between(&self, earlier: usize, later: usize) -> &[Value] {
        self.by_index.get(earlier + 1..later).unwrap_or_default()
    }

    /// The dense index of an offset.
    pub fn index_of(&self, offset: i64) -> Option<usize> {
        self.indices.get(&offset).copied()
    }

    /// How far the later value is behind the earlier, if both have a place.
    pub fn step(&self, earlier: Value, later: Value) -> Option<i64> {
        let (a, b) = (self.first_index(earlier)?, self.first_index(later)?);
        Some(i64::try_from(b).ok()? - i64::try_from(a).ok()?)
    }
}

/// All partitions. Polls always count, sends if they surely happened, or may have and were read.
pub fn versions(history: &History) -> BTreeMap<Key, Versions> {
    let mut read: BTreeSet<(Key, Value)> = BTreeSet::new();
    for op in &history.ops {
        for (key, records) in op.polls() {
            read.extend(records.iter().map(|(_, value)| (key, *value)));
        }
    }
    let mut all: BTreeMap<Key, Versions> = BTreeMap::new();
    let mut seen = |key: Key, offset: i64, value: Value| {
        all.entry(key).or_default().at.entry(offset).or_default().insert(value);
    };
    for op in &history.ops {
        for (key, records) in op.polls() {
            for (offset, value) in records {
                seen(key, *offset, *value);
            }
        }
        let any_read = op.sends().any(|(key, value, _)| read.contains(&(key, value)));
        if op.outcome == Outcome::Ok || (op.outcome == Outcome::Info && any_read) {
            for (key, value, offset) in op.sends() {
                if let Some(offset) = offset {
                    seen(key, offset, value);
                }
            }
        }
    }
    all.values_mut().for_each(Versions::settle);
    all
}
