//! Circles among transactions (Adya's G0 and G1c), by Tarjan's components.

use std::collections::BTreeMap;

use super::history::{History, Key, Outcome, Value};
use super::versions::Versions;
use super::{Anomaly, Finding};

/// Who wrote what: operations that may have happened.
fn writers(history: &History) -> BTreeMap<(Key, Value), usize> {
    let may_have = history.ops.iter().enumerate().filter(|(_, op)| op.outcome != Outcome::Fail);
    may_have.flat_map(|(at, op)| op.sends().map(move |(key, value, _)| ((key, value), at))).collect()
}

/// ww edges: from the writer of a value to the writer of the next in its partition.
pub fn write_cycles(history: &History, versions: &BTreeMap<Key, Versions>, found: &mut Vec<Finding>) {
    let writers = writers(history);
    let mut edges: Vec<(usize, usize, Key, Value)> = Vec::new();
    for (key, of_key) in versions {
        let mut index = 0;
        while let (Some(earlier), Some(later)) = (of_key.value_at(index), of_key.value_at(index + 1)) {
            index += 1;
            if let (Some(a), Some(b)) = (writers.get(&(*key, earlier)), writers.get(&(*key, later))) {
                edges.push((*a, *b, *key, later));
            }
        }
    }
    report(history.ops.len(), &edges, Anomaly::G0, found);
}

/// wr edges: from the writer of a value to who polled it. Only operations that are ok read for sure.
pub fn read_cycles(history: &History, found: &mut Vec<Finding>) {
    let writers = writers(history);
    let mut edges: Vec<(usize, usize, Key, Value)> = Vec::new();
    for (at, op) in history.ops.iter().enumerate().filter(|(_, op)| op.outcome == Outcome::Ok) {
        for (key, records) in op.polls() {
            let written = records.iter().filter_map(|(_, value)| Some((*writers.get(&(key, *value))?, *value)));
            edges.extend(written.map(|(writer, value)| (writer, at, key, value)));
        }
    }
    report(history.ops.len(), &edges, Anomaly::G1c, found);
}

/// One finding for each component of several operations.
fn report(count: usize, edges: &[(usize, usize, Key, Value)], anomaly: Anomaly, found: &mut Vec<Finding>) {
    let mut next: Vec<Vec<usize>> = vec![Vec::new(); count];
    for (a, b, _, _) in edges.iter().filter(|(a, b, _, _)| a != b) {
        next[*a].push(*b);
    }
    let component = components(&next);
    let mut told: BTreeMap<usize, Finding> = BTreeMap::new();
    for (a, b, key, value) in edges.iter().filter(|(a, b, _, _)| a != b && component[*a] == component[*b]) {
        let finding = told.entry(component[*a]).or_insert_with(|| Finding { anomaly, key: *key, values: Vec::new() });
        finding.values.push(*value);
        let _ = b;
    }
    found.extend(told.into_values());
}

/// The strongly connected component of each node (Tarjan, without recursion).
fn components(next: &[Vec<usize>]) -> Vec<usize> {
    const NONE: usize = usize::MAX;
    let count = next.len();
    let (mut order, mut low, mut component) = (vec![NONE; count], vec![0; count], vec![NONE; count]);
    let (mut stack, mut counter, mut made) = (Vec::new(), 0, 0);
    for root in 0..count {
        if order[root] != NONE {
            continue;
        }
        let mut work = vec![(root, 0)];
        while let Some((node, edge)) = work.pop() {
            if edge == 0 {
                order[node] = counter;
                low[node] = counter;
                counter += 1;
                stack.push(node);
            }
            if let Some(child) = next[node].get(edge).copied() {
                work.push((node, edge + 1));
                if order[child] == NONE {
                    work.push((child, 0));
                } else if component[child] == NONE {
                    low[node] = low[node].min(order[child]);
                }
                continue;
            }
            if low[node] == order[node] {
                while let Some(member) = stack.pop() {
                    component[member] = made;
                    if member == node {
                        break;
                    }
                }
                made += 1;
            }
            if let Some((parent, _)) = work.last() {
                low[*parent] = low[*parent].min(low[node]);
            }
        }
    }
    component
}
