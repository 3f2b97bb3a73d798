//! Anomalies of writing: the order of what one client sent.

use std::collections::BTreeMap;

use super::history::{History, Key, Outcome, Value};
use super::versions::Versions;
use super::{Anomaly, Finding};

/// Inside of one operation.
pub fn inside(history: &History, versions: &BTreeMap<Key, Versions>, found: &mut Vec<Finding>) {
    for op in history.ops.iter().filter(|op| op.outcome != Outcome::Fail) {
        for key in op.keys_sent() {
            let Some(of_key) = versions.get(&key) else { continue };
            let values: Vec<Value> = op.sent_to(key).filter(|value| of_key.first_index(*value).is_some()).collect();
            for pair in values.windows(2) {
                let anomaly = match of_key.step(pair[0], pair[1]) {
                    Some(2..) => Anomaly::IntSendSkip,
                    Some(..=0) => Anomaly::IntNonmonotonicSend,
                    _ => continue,
                };
                found.push(Finding { anomaly, key, values: pair.to_vec() });
            }
        }
    }
}

/// From an operation of a process to its next that may have happened: the first value of the later
/// lies behind the last of the earlier.
pub fn between(history: &History, versions: &BTreeMap<Key, Versions>, found: &mut Vec<Finding>) {
    let mut last: BTreeMap<(u32, Key), Value> = BTreeMap::new();
    for op in history.ops.iter().filter(|op| op.outcome != Outcome::Fail) {
        for key in op.keys_sent() {
            let Some(of_key) = versions.get(&key) else { continue };
            let mut placed = op.sent_to(key).filter(|value| of_key.first_index(*value).is_some());
            let Some(first) = placed.next() else { continue };
            let latest = placed.last().unwrap_or(first);
            if let Some(before) = last.insert((op.process, key), latest)
                && of_key.step(before, first).is_some_and(|step| step < 1)
            {
                found.push(Finding { anomaly: Anomaly::NonmonotonicSend, key, values: vec![before, first] });
            }
        }
    }
}
