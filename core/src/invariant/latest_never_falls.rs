//! The latest offset that clients are told never falls while elections are clean (KIP-207).

use super::ghost::Ghost;
use super::{Found, Promise};
use crate::collections::KeyMap;
use crate::ids::{BrokerId, TopicPartition};
use crate::machine::Observation;
use crate::sim::World;

#[derive(Clone, Copy, Debug)]
struct Told {
    latest: i64,
    /// Allowed losses by then.
    losses: u32,
}

/// The greatest latest offset of each partition so far.
#[derive(Clone, Debug, Default)]
pub struct LatestNeverFalls {
    told: KeyMap<TopicPartition, Told>,
}

impl LatestNeverFalls {
    /// A leader begins, or its high watermark rose.
    pub fn observe(&mut self, ghost: &Ghost, world: &World, observation: &Observation, found: &mut Found) {
        match observation {
            Observation::BecameLeader { tp, broker, leader_epoch, .. }
            | Observation::HighWatermarkAdvanced { tp, broker, leader_epoch, .. } => {
                self.check(ghost, world, tp, *broker, *leader_epoch, found);
            }
            Observation::TopicDeleted { topic } => self.told.retain(|tp, _| &tp.topic != topic),
            _ => {}
        }
    }

    fn check(
        &mut self,
        ghost: &Ghost,
        world: &World,
        tp: &TopicPartition,
        broker: BrokerId,
        epoch: i32,
        found: &mut Found,
    ) {
        let hosted = world.broker(broker).and_then(|broker| broker.partitions().get(tp));
        // Only the leader that the controller means: who does not know yet that it was replaced may
        // say what it knows.
        let known = ghost.of(tp).filter(|partition| epoch == partition.quorum.leader_epoch && !partition.given_up);
        // What a compacted topic may lose is not followed.
        let hosted = hosted.filter(|partition| partition.leader_epoch == epoch && !partition.log.config().compact);
        let (Some(hosted), Some(known)) = (hosted, known) else { return };
        let Some(latest) = hosted.latest_offset() else { return };
        let losses = known.losses;
        match self.told.get_mut(tp) {
            Some(told) if told.losses == losses && latest < told.latest => {
                let before = told.latest;
                let evidence = format!("{tp}: {broker} says {latest} in epoch {epoch}, {before} was said before");
                found.push((Promise::LatestNeverFalls, evidence));
            }
            Some(told) => *told = Told { latest, losses },
            None => {
                self.told.insert(tp.clone(), Told { latest, losses });
            }
        }
    }
}
