//! The ledger against Jepsen's oracle: what the oracle finds in the histories of all that was polled, the ledger names,
//! and the other way round. Only records that both know: the oracle hears of plain producers and transactions, not of
//! results.

use std::collections::{BTreeMap, BTreeSet};

use playground_core::ids::TopicPartition;
use playground_core::view::{ClusterView, LedgerEntry, RecordFate, RemarkKind};

use super::run::{Run, TOPIC};
use crate::jepsen::{Anomaly, History, Outcome, check};

/// A partition with a value.
type Place = (TopicPartition, String);

/// What the oracle finds, by value.
#[derive(Default)]
struct Found {
    unseen: BTreeSet<Place>,
    duplicated: BTreeSet<Place>,
    /// Pairs that lie in the reverse order.
    reversed: Vec<(Place, Place)>,
}

impl Run {
    /// The first record on which the two disagree, at the end, when a fresh reader has polled all logs to their ends.
    pub fn judge_oracle(&mut self) -> Result<(), String> {
        let view = self.viewer.view(&self.world, &self.promises);
        let history = self.recorder.history(&self.world, &self.attempts, false);
        let found = self.found(&history);
        let read = self.named(
            history
                .ops
                .iter()
                .flat_map(|op| op.polls())
                .flat_map(|(key, records)| records.iter().map(move |(_, value)| (key, *value))),
        );
        let sure = history.ops.iter().filter(|op| op.outcome == Outcome::Ok);
        let sure = self.named(sure.flat_map(|op| op.sends()).map(|(key, value, _)| (key, value)));
        let entries = entries(&view);
        for (place, entry) in &entries {
            let name = |what: &str| format!("{} in {}: {what}; {entry:?}", place.1, place.0);
            let is_lost = entry.fate == RecordFate::Lost;
            if found.unseen.contains(place) && !entry.places.is_empty() {
                return Err(name("the oracle says that nobody has seen it, the ledger finds it in the log"));
            }
            if is_lost && sure.contains(place) && !read.contains(place) && !found.unseen.contains(place) {
                return Err(name("the ledger says that it is lost, the oracle misses nothing"));
            }
            if entry.duplicated != (found.duplicated.contains(place) && entry.places.len() > 1) {
                return Err(name("of oracle and ledger one says that it lies twice"));
            }
        }
        for (earlier, later) in &found.reversed {
            let (Some(one), Some(other)) = (entries.get(earlier), entries.get(later)) else { continue };
            let both = one.places.first().zip(other.places.first());
            if both.is_some_and(|(one, other)| one > other) && !has(one, RemarkKind::Reordered) {
                return Err(format!("the oracle says that {} lies behind {}; {one:?}", earlier.1, later.1));
            }
        }
        // Of a producer's records out of order the oracle compares neighbours: one pair at least is reversed.
        for (place, entry) in entries.iter().filter(|(_, entry)| has(entry, RemarkKind::Reordered)) {
            let of_it = |(earlier, _): &(Place, Place)| {
                earlier.0 == place.0 && entries.get(earlier).is_some_and(|other| other.producer == entry.producer)
            };
            if !found.reversed.iter().any(of_it) {
                return Err(format!("the ledger says that {} is out of order, the oracle does not", place.1));
            }
        }
        Ok(())
    }

    fn found(&self, history: &History) -> Found {
        let mut found = Found::default();
        for finding in check(history, true) {
            let places: Vec<Place> =
                self.named(finding.values.iter().map(|value| (finding.key, *value))).into_iter().collect();
            match finding.anomaly {
                Anomaly::Unseen => found.unseen.extend(places),
                Anomaly::Duplicate => found.duplicated.extend(places),
                Anomaly::NonmonotonicSend | Anomaly::IntNonmonotonicSend => {
                    let name = |value| self.named([(finding.key, value)]).into_iter().next();
                    if let [earlier, later] = finding.values[..]
                        && let Some(pair) = name(earlier).zip(name(later))
                    {
                        found.reversed.push(pair);
                    }
                }
                _ => {}
            }
        }
        found
    }

    fn named(&self, of: impl IntoIterator<Item = (u32, u32)>) -> BTreeSet<Place> {
        let name = |(key, value)| Some((self.recorder.key(key)?.clone(), self.recorder.value(value).to_owned()));
        of.into_iter().filter_map(name).collect()
    }
}

fn entries(view: &ClusterView) -> BTreeMap<Place, &LedgerEntry> {
    let of_topic = view.ledger.iter().filter(|entry| &*entry.tp.topic == TOPIC);
    of_topic.map(|entry| ((entry.tp.clone(), entry.value.to_string()), &**entry)).collect()
}

fn has(entry: &LedgerEntry, kind: RemarkKind) -> bool {
    entry.remarks.iter().any(|remark| remark.kind == kind)
}
