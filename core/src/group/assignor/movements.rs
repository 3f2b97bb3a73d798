//! Which partitions moved between whom during one assignment
//! (`AbstractStickyAssignor.PartitionMovements`): two members do not swap partitions of one topic.

use crate::collections::BTreeMap;
use crate::collections::Order;

use crate::group::partition_hash;
use crate::ids::{Name, TopicPartition};

/// Moves so far.
#[derive(Default)]
pub(super) struct Movements {
    /// (from, to) of each partition that moved.
    of: BTreeMap<TopicPartition, (Name, Name)>,
    /// Partitions in the order in which they moved.
    order: Vec<TopicPartition>,
}

/// Where Java's `HashSet` of few partitions keeps this one (`TopicPartition.hashCode`).
fn bucket(tp: &TopicPartition) -> u32 {
    let hash = partition_hash(tp).cast_unsigned();
    (hash ^ (hash >> 16)) & 15
}

impl Movements {
    /// If another partition of the topic went the opposite way, that one goes back instead.
    pub fn instead_of(&self, tp: &TopicPartition, from: &Name, to: &Name) -> TopicPartition {
        let from = self.of.get(tp).map_or(from, |(source, _)| source);
        let opposite = (to.clone(), from.clone());
        let mut candidates: Vec<&TopicPartition> = self
            .order
            .iter()
            .filter(|other| other.topic == tp.topic && self.of.get(*other) == Some(&opposite))
            .collect();
        candidates.order_by_key(|other| bucket(other));
        candidates.first().map_or_else(|| tp.clone(), |other| (*other).clone())
    }

    /// The partition moved.
    pub fn note(&mut self, tp: &TopicPartition, from: &Name, to: &Name) {
        let source = self.of.remove(tp).map_or_else(|| from.clone(), |(source, _)| source);
        self.order.retain(|other| other != tp);
        if source != *to {
            self.of.insert(tp.clone(), (source, to.clone()));
            self.order.push(tp.clone());
        }
    }
}
