//! A leader's high watermark never falls within its epoch.

use super::{Found, Promise};
use crate::collections::{KeyMap, SortedMap};
use crate::ids::{BrokerId, NodeId, TopicPartition};
use crate::machine::Observation;
use crate::sim::World;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Seen {
    leader_epoch: i32,
    /// A new life of the process begins at its checkpoint.
    incarnation: u32,
    high_watermark: i64,
}

/// What each leader last had.
#[derive(Clone, Debug, Default)]
pub struct HighWatermarkMonotonic {
    seen: KeyMap<TopicPartition, SortedMap<BrokerId, Seen>>,
}

impl HighWatermarkMonotonic {
    /// Something happened to a partition on the broker that just ran.
    pub fn observe(&mut self, world: &World, observation: &Observation, found: &mut Found) {
        match observation {
            Observation::HighWatermarkAdvanced { tp, broker, .. }
            | Observation::Appended { tp, broker, .. }
            | Observation::Truncated { tp, broker, .. }
            | Observation::BecameLeader { tp, broker, .. } => self.check(world, tp, *broker, found),
            Observation::TopicDeleted { topic } => self.seen.retain(|tp, _| &tp.topic != topic),
            _ => {}
        }
    }

    fn check(&mut self, world: &World, tp: &TopicPartition, id: BrokerId, found: &mut Found) {
        let hosted = world.broker(id).and_then(|broker| broker.partitions().get(tp));
        let Some(partition) = hosted.filter(|partition| partition.is_leader) else { return };
        let incarnation = world.slot(&NodeId::Broker(id)).map_or(0, |slot| slot.incarnation);
        let (leader_epoch, high_watermark) = (partition.leader_epoch, partition.log.high_watermark());
        let now = Seen { leader_epoch, incarnation, high_watermark };
        let of_partition = self.seen.get_or_insert_with(tp, SortedMap::default);
        let Some(before) = of_partition.insert(id, now) else { return };
        let same = (before.leader_epoch, before.incarnation) == (leader_epoch, incarnation);
        if same && high_watermark < before.high_watermark {
            let from = before.high_watermark;
            let evidence = format!("{tp} on {id}, epoch {leader_epoch}: from {from} to {high_watermark}");
            found.push((Promise::HighWatermarkMonotonic, evidence));
        }
    }
}
