//! The position that a group's members commit for a partition never falls: nobody commits for a lost
//! generation, a new coordinator knows what the old one did, and who takes a partition over waits for
//! transactions that may still move its position (KIP-447). A person may move it back by hand, and so may
//! `auto.offset.reset`, where a leader does not have the position.

use crate::collections::BTreeMap;

use super::coordinators::{OFFSETS_TOPIC, committed_in, leads};
use super::ghost::Ghost;
use super::{Found, Promise};
use crate::ids::{BrokerId, Name, TopicPartition};
use crate::machine::Observation;
use crate::sim::World;

/// The last position of each partition in each group.
#[derive(Clone, Debug, Default)]
pub struct CommitsNeverFall {
    last: BTreeMap<Name, BTreeMap<TopicPartition, i64>>,
    /// A disk lost commits: a replica that does not know them may coordinate one day.
    is_lost: bool,
}

impl CommitsNeverFall {
    /// The broker `id` has run and reported.
    pub fn observe(
        &mut self,
        ghost: &Ghost,
        world: &World,
        id: BrokerId,
        observation: &Observation,
        found: &mut Found,
    ) {
        match observation {
            Observation::OffsetCommitted { group, tp, offset, generation } => {
                let Some(broker) = world.broker(id) else { return };
                let Some((hosted, _, batch)) = committed_in(broker, group, tp) else { return };
                // A coordinator of the past may still hear that its last records were replicated.
                if leads(ghost, world, id, &hosted.tp).is_none() {
                    return;
                }
                let by_member = *generation >= 0 || batch.is_some_and(|batch| batch.is_transactional);
                let of_group = self.last.entry(group.clone()).or_default();
                let before = of_group.insert(tp.clone(), *offset);
                let excused = ghost.of(tp).is_some_and(|partition| partition.is_excused());
                if let Some(before) = before.filter(|before| offset < before && by_member && !excused && !self.is_lost)
                {
                    let evidence = format!("group {group}: {tp} is committed at {offset} after {before}");
                    found.push((Promise::CommitsNeverFall, evidence));
                }
            }
            Observation::TopicDeleted { topic } => {
                for of_group in self.last.values_mut() {
                    of_group.retain(|tp, _| &tp.topic != topic);
                }
            }
            _ => {}
        }
    }

    /// A member begins where `auto.offset.reset` says.
    pub fn reset(&mut self, world: &World, observation: &Observation) {
        let Observation::OffsetReset { consumer, tp, .. } = observation else { return };
        let group = world.consumer(consumer).and_then(|consumer| consumer.group());
        if let Some(of_group) = group.and_then(|group| self.last.get_mut(group)) {
            of_group.remove(tp);
        }
    }

    /// A disk has forgotten: nothing is promised of the positions any more.
    pub fn lost(&mut self, tp: &TopicPartition) {
        self.is_lost |= &*tp.topic == OFFSETS_TOPIC;
    }
}
