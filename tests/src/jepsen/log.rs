//! Anomalies of the log itself: what lies where, and what is missing.

use std::collections::{BTreeMap, BTreeSet};

use super::history::{History, Key, Outcome, Value};
use super::versions::Versions;
use super::{Anomaly, Finding};

/// One offset, several values.
pub fn inconsistent_offsets(versions: &BTreeMap<Key, Versions>, found: &mut Vec<Finding>) {
    for (key, of_key) in versions {
        for values in of_key.at.values().filter(|values| values.len() > 1) {
            let values = values.iter().copied().collect();
            found.push(Finding { anomaly: Anomaly::InconsistentOffsets, key: *key, values });
        }
    }
}

/// One value, several offsets.
pub fn duplicates(versions: &BTreeMap<Key, Versions>, found: &mut Vec<Finding>) {
    for (key, of_key) in versions {
        for (value, _) in of_key.values().filter(|(_, places)| *places > 1) {
            found.push(Finding { anomaly: Anomaly::Duplicate, key: *key, values: vec![value] });
        }
    }
}

fn read_values(history: &History) -> BTreeSet<(Key, Value)> {
    let polls = history.ops.iter().flat_map(|op| op.polls());
    polls.flat_map(|(key, records)| records.iter().map(move |(_, value)| (key, *value))).collect()
}

/// Values below the highest that was read (by first appearance) whose last appearance is there too and
/// whose writer surely committed, and which nobody read. A value that was acknowledged without an
/// offset (acks=0) has no place; [`unseen`] finds it.
pub fn lost_writes(history: &History, versions: &BTreeMap<Key, Versions>, found: &mut Vec<Finding>) {
    let read = read_values(history);
    let mut highest: BTreeMap<Key, usize> = BTreeMap::new();
    for (key, value) in &read {
        if let Some(index) = versions.get(key).and_then(|of_key| of_key.first_index(*value)) {
            let so_far = highest.entry(*key).or_insert(index);
            *so_far = index.max(*so_far);
        }
    }
    for op in history.ops.iter().filter(|op| op.outcome == Outcome::Ok) {
        for (key, value, _) in op.sends().filter(|(key, value, _)| !read.contains(&(*key, *value))) {
            let place = versions.get(&key).and_then(|of_key| of_key.last_index(value));
            if place.is_some_and(|place| highest.get(&key).is_some_and(|highest| place <= *highest)) {
                found.push(Finding { anomaly: Anomaly::LostWrite, key, values: vec![value] });
            }
        }
    }
}

/// Values whose writer surely committed and which nobody ever polled.
pub fn unseen(history: &History, found: &mut Vec<Finding>) {
    let read = read_values(history);
    for op in history.ops.iter().filter(|op| op.outcome == Outcome::Ok) {
        for (key, value, _) in op.sends().filter(|(key, value, _)| !read.contains(&(*key, *value))) {
            found.push(Finding { anomaly: Anomaly::Unseen, key, values: vec![value] });
        }
    }
}

/// Values in an operation that is ok, whose writer surely failed.
pub fn aborted_reads(history: &History, found: &mut Vec<Finding>) {
    let failed = history.ops.iter().filter(|op| op.outcome == Outcome::Fail).flat_map(|op| op.sends());
    let failed: BTreeSet<(Key, Value)> = failed.map(|(key, value, _)| (key, value)).collect();
    let mut told = BTreeSet::new();
    for op in history.ops.iter().filter(|op| op.outcome == Outcome::Ok) {
        for (key, records) in op.polls() {
            for (_, value) in records.iter().filter(|(_, value)| failed.contains(&(key, *value))) {
                if told.insert((key, *value)) {
                    found.push(Finding { anomaly: Anomaly::AbortedRead, key, values: vec![*value] });
                }
            }
        }
    }
}
