//! What differs between two states of a cluster, in the words of the tools: for two branches side by side.

use std::fmt::Display;
use std::rc::Rc;

use super::{ClusterView, ConsumerView, PartitionView, TopicView};
use crate::collections::BTreeSet;

/// One thing that is not the same on both sides.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Difference {
    /// What it is of: `broker 102`, `trucks_gps-1`, `group dashboard`.
    pub of: String,
    /// What of it: `leader`, `Isr`, `high watermark`, …
    pub what: String,
    /// On the first side; a dash if there is nothing.
    pub first: String,
    /// On the second side.
    pub second: String,
}

/// Collects what differs.
#[derive(Default)]
struct Found(Vec<Difference>);

impl Found {
    fn compare<T: PartialEq + Display>(&mut self, of: &str, what: &str, first: Option<T>, second: Option<T>) {
        if first != second {
            let said = |side: Option<T>| side.map_or_else(|| "–".to_owned(), |value| value.to_string());
            let (first, second) = (said(first), said(second));
            self.0.push(Difference { of: of.to_owned(), what: what.to_owned(), first, second });
        }
    }

    fn partition(&mut self, first: Option<&PartitionView>, second: Option<&PartitionView>) {
        let Some(either) = first.or(second) else { return };
        let of = either.tp.to_string();
        let list = |ids: &[i32]| ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
        let leader = |side: Option<&PartitionView>| {
            side.map(|side| side.leader.map_or_else(|| "none".to_owned(), |leader| leader.to_string()))
        };
        self.compare(&of, "leader", leader(first), leader(second));
        self.compare(&of, "leader epoch", first.map(|one| one.leader_epoch), second.map(|one| one.leader_epoch));
        self.compare(&of, "Isr", first.map(|one| list(&one.isr)), second.map(|one| list(&one.isr)));
        self.compare(&of, "high watermark", first.map(|one| one.high_watermark), second.map(|one| one.high_watermark));
        let replicas = first.iter().chain(second.iter()).flat_map(|one| one.replicas.iter());
        let brokers: BTreeSet<i32> = replicas.map(|replica| replica.broker).collect();
        for broker in brokers {
            let end = |side: Option<&PartitionView>| {
                let replica = side?.replicas.iter().find(|replica| replica.broker == broker)?;
                Some(replica.log_end_offset)
            };
            self.compare(&of, &format!("log end on {broker}"), end(first), end(second));
        }
    }
}

fn partitions(topic: Option<&TopicView>) -> &[Rc<PartitionView>] {
    topic.map_or(&[], |topic| &topic.partitions)
}

/// A key, and what each side has under it.
type Pair<'a, K, T> = (K, Option<&'a T>, Option<&'a T>);

/// Pairs what two lists have under the same key, in the order of keys.
fn paired<'a, T, K: Ord + Clone>(first: &'a [T], second: &'a [T], key: impl Fn(&T) -> K) -> Vec<Pair<'a, K, T>> {
    let keys: BTreeSet<K> = first.iter().chain(second).map(&key).collect();
    let find = |side: &'a [T], wanted: &K| side.iter().find(|one| key(one) == *wanted);
    keys.into_iter().map(|wanted| (wanted.clone(), find(first, &wanted), find(second, &wanted))).collect()
}

/// Everything that a tool would show differently on the two sides.
pub fn differences(first: &ClusterView, second: &ClusterView) -> Vec<Difference> {
    let mut found = Found::default();
    found.compare("cluster", "controller", first.controller, second.controller);
    for (id, a, b) in paired(&first.brokers, &second.brokers, |broker| broker.id) {
        found.compare(&format!("broker {id}"), "process", a.map(|one| one.state.word()), b.map(|one| one.state.word()));
    }
    for (_, a, b) in paired(&first.topics, &second.topics, |topic| (topic.internal, topic.name.clone())) {
        let (a, b) = (partitions(a), partitions(b));
        for (_, a, b) in paired(a, b, |partition| partition.tp.partition) {
            found.partition(a.map(AsRef::as_ref), b.map(AsRef::as_ref));
        }
    }
    for (client, a, b) in paired(&first.producers, &second.producers, |producer| producer.client.clone()) {
        let of = format!("producer {client}");
        found.compare(&of, "process", a.map(|one| one.state.word()), b.map(|one| one.state.word()));
        found.compare(&of, "acknowledged", a.map(|one| one.acked), b.map(|one| one.acked));
        found.compare(&of, "failed", a.map(|one| one.failed), b.map(|one| one.failed));
    }
    for (client, a, b) in paired(&first.consumers, &second.consumers, |consumer| consumer.client.clone()) {
        let of = format!("consumer {client}");
        let owned = |side: Option<&ConsumerView>| {
            side.map(|one| one.assignment.iter().map(|(tp, _)| tp.to_string()).collect::<Vec<_>>().join(" "))
        };
        found.compare(&of, "process", a.map(|one| one.state.word()), b.map(|one| one.state.word()));
        found.compare(&of, "partitions", owned(a), owned(b));
        found.compare(&of, "records received", a.map(|one| one.received), b.map(|one| one.received));
    }
    for (id, a, b) in paired(&first.groups, &second.groups, |group| group.id.clone()) {
        let of = format!("group {id}");
        found.compare(&of, "state", a.map(|one| &*one.state), b.map(|one| &*one.state));
        found.compare(&of, "generation", a.map(|one| one.generation), b.map(|one| one.generation));
        let none: &[_] = &[];
        let (one, other) = (a.map_or(none, |one| &one.committed), b.map_or(none, |one| &one.committed));
        for (tp, a, b) in paired(one, other, |(tp, _, _)| tp.clone()) {
            found.compare(
                &of,
                &format!("committed on {tp}"),
                a.map(|(_, offset, _)| *offset),
                b.map(|(_, offset, _)| *offset),
            );
        }
    }
    found.0
}
