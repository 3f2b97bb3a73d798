//! A leader fetches from nobody, a follower from its leader and nobody else (ValidFetcherState). And a
//! follower that knows its leader's epoch does not give up: only an epoch of the past is fenced.

use super::{Found, Promise};
use crate::ids::{BrokerId, TopicPartition};
use crate::machine::Observation;
use crate::sim::World;

/// A replica took a role, or the leader misses one.
pub fn observe(world: &World, observation: &Observation, found: &mut Found) {
    if let Observation::IsrShrinkAsked { tp, broker, out } = observation {
        missed(world, tp, *broker, out, found);
    }
    let (Observation::BecameLeader { tp, broker, .. } | Observation::BecameFollower { tp, broker, .. }) = observation
    else {
        return;
    };
    let Some(running) = world.broker(*broker) else { return };
    let Some(partition) = running.partitions().get(tp) else { return };
    let from: Vec<BrokerId> = running.fetched_from(tp).collect();
    let expected: &[BrokerId] =
        if partition.is_leader || partition.leader < 0 { &[] } else { std::slice::from_ref(&partition.leader) };
    if from != expected {
        let (leader, epoch) = (partition.leader, partition.leader_epoch);
        let evidence = format!("{tp} on {broker}: {leader} leads in epoch {epoch}, it fetches from {from:?}");
        found.push((Promise::FetchesFromItsLeader, evidence));
    }
}

/// The leader asks these out of the ISR, for they do not fetch.
fn missed(world: &World, tp: &TopicPartition, leader: BrokerId, out: &[BrokerId], found: &mut Found) {
    let hosted = |id: BrokerId| world.broker(id).and_then(|broker| broker.partitions().get(tp));
    let Some(epoch) = hosted(leader).map(|partition| partition.leader_epoch) else { return };
    for id in out {
        let follows = hosted(*id).is_some_and(|replica| replica.leader == leader && replica.leader_epoch == epoch);
        if follows && world.broker(*id).is_some_and(|broker| broker.is_fenced_by_leader(tp)) {
            let evidence = format!("{tp} on {id}: {leader} leads in epoch {epoch}, as {id} knows, but it has given up");
            found.push((Promise::FetchesFromItsLeader, evidence));
        }
    }
}
