//! Under-replicated partitions, by the replicas that are missing from their ISR: what a few brokers explain.

use playground_core::collections::Order;
use playground_core::ids::{BrokerId, TopicPartition};
use playground_core::view::{ClusterView, is_internal_topic};

/// Partitions that lack the same replicas.
#[derive(Clone, PartialEq, Debug)]
pub struct Lack {
    /// Who is missing from the ISR, by id.
    pub missing: Vec<BrokerId>,
    /// How many partitions.
    pub count: usize,
    /// Of these, how many have fewer in the ISR than `min.insync.replicas`.
    pub below_min: usize,
    /// Of these, how many have no leader.
    pub offline: usize,
    /// Of these, how many are of internal topics.
    pub internal: usize,
    /// The first of them.
    pub first: TopicPartition,
}

/// All causes, or those that `about` has a part in; what explains most comes first.
pub fn lacks(view: &ClusterView, about: Option<BrokerId>) -> Vec<Lack> {
    let mut all: Vec<Lack> = Vec::new();
    for partition in super::partitions(view) {
        if !partition.is_under_replicated() && partition.leader.is_some() {
            continue;
        }
        // The controller has not written a state yet: it was created a moment ago, and lacks nothing.
        if partition.isr.is_empty() && partition.leader.is_none() {
            continue;
        }
        // What a reassignment only adds is not missed.
        let is_missing = |id: &&BrokerId| !partition.isr.contains(id) && !partition.adding.contains(id);
        let mut missing: Vec<BrokerId> = partition.assigned.iter().filter(is_missing).copied().collect();
        // Without a leader the last of the ISR stays written in the znode.
        if let (None, [last]) = (partition.leader, partition.isr.as_slice()) {
            missing.push(*last);
        }
        missing.order();
        if missing.is_empty() || about.is_some_and(|id| !missing.contains(&id)) {
            continue;
        }
        let known = all.iter().position(|lack| lack.missing == missing);
        let place = known.unwrap_or(all.len());
        if known.is_none() {
            all.push(Lack { missing, count: 0, below_min: 0, offline: 0, internal: 0, first: partition.tp.clone() });
        }
        let Some(lack) = all.get_mut(place) else { continue };
        lack.count += 1;
        let in_sync = if partition.leader.is_some() { partition.isr.len() as i64 } else { 0 };
        lack.below_min += usize::from(in_sync < i64::from(partition.min_insync_replicas));
        lack.offline += usize::from(partition.leader.is_none());
        lack.internal += usize::from(is_internal_topic(&partition.tp.topic));
    }
    all.order_by_key(|lack| std::cmp::Reverse(lack.count));
    all
}

impl Lack {
    /// `miss only 102, 3 of them offline`, to stand behind the count.
    pub fn words(&self) -> String {
        let names = match self.missing.as_slice() {
            [one] => format!("only {one}"),
            [one, other] => format!("{one} and {other}"),
            more => more.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
        };
        let verb = if self.count == 1 { "misses" } else { "miss" };
        let all = |count: usize, words: &str| match count {
            0 => String::new(),
            count if count == self.count => format!(", {words}"),
            count => format!(", {count} of them {words}"),
        };
        let below = self.below_min - self.offline.min(self.below_min);
        format!(
            "{verb} {names}{}{}",
            all(self.offline, "offline"),
            all(below, "below min.insync.replicas: acks=all is refused")
        )
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::*;
    use crate::scene::sample;

    #[test]
    fn partitions_are_told_by_the_brokers_that_they_miss() {
        let mut view = sample::cluster(3, 4, 5);
        let partitions = &mut view.topics[0].partitions;
        let isr = [vec![101, 103], vec![101, 103], vec![101], vec![103, 102, 101]];
        for (partition, isr) in partitions.iter_mut().zip(isr) {
            let partition = Rc::make_mut(partition);
            (partition.assigned, partition.isr) = (vec![101, 102, 103], isr);
            (partition.leader, partition.min_insync_replicas) = (Some(101), 2);
        }
        let told =
            |about| lacks(&view, about).iter().map(|one| format!("{} {}", one.count, one.words())).collect::<Vec<_>>();
        let both = "1 misses 102 and 103, below min.insync.replicas: acks=all is refused";
        assert_eq!(told(None), ["2 miss only 102", both]);
        assert_eq!(told(Some(103)), [both]);
        assert!(told(Some(101)).is_empty());
        // A move to 104: that it is not there yet is not missed.
        let moving = Rc::make_mut(&mut view.topics[0].partitions[3]);
        (moving.assigned, moving.adding) = (vec![101, 102, 103, 104], vec![104]);
        assert_eq!(lacks(&view, None).len(), 2);
        Rc::make_mut(&mut view.topics[0].partitions[2]).leader = None;
        let offline = lacks(&view, Some(101)).iter().map(Lack::words).collect::<Vec<_>>();
        assert_eq!(offline, ["misses 101, 102, 103, offline"]);
    }
}
