//! Anomalies of reading: what polls skip, repeat or see too early.

use std::collections::{BTreeMap, BTreeSet};

use super::history::{History, Key, Kind, Outcome, Value};
use super::versions::Versions;
use super::{Anomaly, Finding};

/// A transaction polls a value that it sent.
pub fn precommitted_reads(history: &History, found: &mut Vec<Finding>) {
    for op in &history.ops {
        for key in op.keys_polled() {
            let sent: BTreeSet<Value> = op.sent_to(key).collect();
            let polled = op.polled_from(key).map(|(_, value)| value);
            let values: Vec<Value> = polled.filter(|value| sent.contains(value)).collect();
            if !values.is_empty() {
                found.push(Finding { anomaly: Anomaly::PrecommittedRead, key, values });
            }
        }
    }
}

/// Two records that one process polled one after the other. Their places are those where they were
/// read: a value that lies twice in the log is another anomaly.
fn judge(
    of_key: &Versions,
    key: Key,
    (earlier, later): ((i64, Value), (i64, Value)),
    (skip, backwards): (Anomaly, Anomaly),
    found: &mut Vec<Finding>,
) {
    let (Some(from), Some(to)) = (of_key.index_of(earlier.0), of_key.index_of(later.0)) else { return };
    if to <= from {
        found.push(Finding { anomaly: backwards, key, values: vec![earlier.1, later.1] });
    } else if to > from + 1 {
        let left_out = of_key.between(from, to).iter().copied();
        let values = [earlier.1].into_iter().chain(left_out).chain([later.1]).collect();
        found.push(Finding { anomaly: skip, key, values });
    }
}

/// Inside of one operation that saw no rebalance of the partition.
pub fn inside(history: &History, versions: &BTreeMap<Key, Versions>, found: &mut Vec<Finding>) {
    for op in &history.ops {
        for key in op.keys_polled().difference(&op.rebalanced) {
            let Some(of_key) = versions.get(key) else { continue };
            let records: Vec<(i64, Value)> = op.polled_from(*key).collect();
            for pair in records.windows(2) {
                let kinds = (Anomaly::IntPollSkip, Anomaly::IntNonmonotonicPoll);
                judge(of_key, *key, (pair[0], pair[1]), kinds, found);
            }
        }
    }
}

/// Between the last ok poll of a process and its next; an assignment in between that drops the
/// partition makes it forget.
pub fn between(history: &History, versions: &BTreeMap<Key, Versions>, found: &mut Vec<Finding>) {
    let mut last: BTreeMap<(u32, Key), (i64, Value)> = BTreeMap::new();
    for op in &history.ops {
        for key in &op.rebalanced {
            last.remove(&(op.process, *key));
        }
        if op.kind == Kind::Assign {
            continue;
        }
        for key in op.keys_polled() {
            let records: Vec<(i64, Value)> = op.polled_from(key).collect();
            let (Some(first), Some(latest)) = (records.first(), records.last()) else { continue };
            if let (Some(before), Some(of_key)) = (last.get(&(op.process, key)), versions.get(&key)) {
                judge(of_key, key, (*before, *first), (Anomaly::PollSkip, Anomaly::NonmonotonicPoll), found);
            }
            if op.outcome == Outcome::Ok {
                last.insert((op.process, key), *latest);
            }
        }
    }
}
