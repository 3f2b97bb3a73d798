//! The position that a group's members commit for a partition never falls: nobody commits for a lost
//! generation, a new coordinator knows what the old one did, and who takes a partition over waits for
//! transactions that may still move its position (KIP-447). A person may move it back by hand, and so may
//! `auto.offset.reset`, where a leader does not have the position.

use crate::collections::BTreeMap;

use super::coordinators::{OFFSETS_TOPIC, committed_in, leads};
use super::ghost::Ghost;
use super::{Found, Promise};
use crate::ids::{BrokerId, Name, TopicPartition};
use crate::machine::{COMMITTED_BY_TOOL, Observation};
use crate::sim::World;

/// The last position of each partition in each group.
#[derive(Clone, Debug, Default)]
pub struct CommitsNeverFall {
    last: BTreeMap<Name, BTreeMap<TopicPartition, i64>>,
    /// How many of the moves there have had their effect.
    moved: BTreeMap<Name, BTreeMap<TopicPartition, i64>>,
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
                let Some(hosted) = world.broker(id).and_then(|broker| committed_in(broker, group, tp)) else { return };
                // A coordinator of the past may still hear that its last records were replicated.
                if leads(ghost, world, id, &hosted.0.tp).is_none() {
                    return;
                }
                let before = self.last.entry(group.clone()).or_default().insert(tp.clone(), *offset);
                let before = before.unwrap_or(*offset);
                let excused = ghost.of(tp).is_some_and(|partition| partition.is_excused());
                if before <= *offset || *generation == COMMITTED_BY_TOOL || excused || self.is_lost {
                    return;
                }
                // What was committed before a move may be heard of after it.
                let known = self.moved.entry(group.clone()).or_default().entry(tp.clone()).or_default();
                let mut new = (1..).zip(world.chronicle().moves(tp)).skip(*known as usize);
                match new.find(|(_, moved)| moved.group == *group && moved.to <= *offset) {
                    Some((count, _)) => *known = count,
                    None => {
                        let evidence = format!("group {group}: {tp} is committed at {offset} after {before}");
                        found.push((Promise::CommitsNeverFall, evidence));
                    }
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

    /// A disk has forgotten: nothing is promised of the positions any more.
    pub fn lost(&mut self, tp: &TopicPartition) {
        self.is_lost |= &*tp.topic == OFFSETS_TOPIC;
    }
}
