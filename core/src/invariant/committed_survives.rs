//! A record below the high watermark is in the log of every leader that is elected cleanly.

use super::ghost::{Ghost, identities};
use super::{Found, Promise};
use crate::ids::{BrokerId, TopicPartition};
use crate::machine::Observation;
use crate::sim::World;

/// A leader begins. Called after the ghost has taken note of the observation.
pub fn observe(ghost: &mut Ghost, world: &World, observation: &Observation, found: &mut Found) {
    if let Observation::BecameLeader { tp, broker, leader_epoch, .. } = observation {
        compare(ghost, world, tp, *broker, *leader_epoch, found);
    }
}

fn compare(ghost: &mut Ghost, world: &World, tp: &TopicPartition, broker: BrokerId, epoch: i32, found: &mut Found) {
    let Some(hosted) = world.broker(broker).and_then(|broker| broker.partitions().get(tp)) else { return };
    let Some(committed) = ghost.of_mut(tp) else { return };
    // A broker that was paused may hear of an old leadership after its successor has committed more:
    // it cannot commit anything, and is told of the newer epoch next.
    if committed.given_up || !committed.is_newest(epoch) {
        return;
    }
    let log = &hosted.log;
    let lacks = if log.log_end_offset() < committed.end() {
        let (has, end) = (log.log_end_offset() - 1, committed.end() - 1);
        Some(format!("{tp}: {broker} leads in epoch {epoch} with records up to {has}, but offset {end} was committed"))
    } else {
        let other =
            |(offset, identity): &(i64, u64)| committed.identity(*offset).is_some_and(|known| known != *identity);
        let differs = log.batches().flat_map(|batch| identities(batch)).find(other);
        differs.map(|(offset, _)| {
            format!("{tp}: {broker} leads in epoch {epoch} with another record at offset {offset} than was committed")
        })
    };
    let Some(evidence) = lacks else { return };
    match committed.excuse(broker, epoch) {
        Some(excuse) => committed.forgive(log, broker, epoch, excuse),
        None => found.push((Promise::CommittedSurvives, evidence)),
    }
}
