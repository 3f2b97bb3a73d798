//! A leader fetches from nobody, a follower from its leader and nobody else (ValidFetcherState).

use super::{Found, Promise};
use crate::ids::BrokerId;
use crate::machine::Observation;
use crate::sim::World;

/// A replica took a role.
pub fn observe(world: &World, observation: &Observation, found: &mut Found) {
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
