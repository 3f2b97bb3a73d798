//! Every running in-sync replica has every committed record, so whoever is elected cleanly has them
//! (StrongIsr, LeaderCandidateCompleteness in the TLA+ specifications of Kafka's replication).
//!
//! Looked at where it can break: the high watermark rises, the ISR changes, a member truncates. That
//! the last committed record has the same epoch is enough: the logs up to it match then.

use super::ghost::Ghost;
use super::{Found, Promise};
use crate::ids::{BrokerId, TopicPartition};
use crate::json::Json;
use crate::machine::Observation;
use crate::sim::World;

/// Something happened to a partition. Called after the ghost has taken note of it.
pub fn observe(ghost: &Ghost, world: &World, observation: &Observation, found: &mut Found) {
    match observation {
        Observation::HighWatermarkAdvanced { tp, .. }
        | Observation::IsrChanged { tp, .. }
        | Observation::LeaderElected { tp, .. }
        | Observation::Truncated { tp, .. } => check(ghost, world, tp, found),
        _ => {}
    }
}

/// The ISR that ZooKeeper has. A controller may have died between its write and its word of it.
fn is_registered(world: &World, tp: &TopicPartition, id: BrokerId) -> bool {
    let path = format!("/brokers/topics/{}/partitions/{}/state", tp.topic, tp.partition);
    let states = world.zookeepers().filter_map(|server| server.znode(&path));
    let Some((data, _)) = states.max_by_key(|(_, stat)| stat.version) else { return true };
    let isr = Json::parse(data);
    isr.as_ref().and_then(|json| json.get("isr")).is_none_or(|isr| isr.items().iter().any(|one| one.int() == Some(id)))
}

fn check(ghost: &Ghost, world: &World, tp: &TopicPartition, found: &mut Found) {
    let Some(partition) = ghost.of(tp) else { return };
    let end = partition.end();
    // Excused until the leader that lacks records has begun and says what is left.
    if end == 0 || partition.given_up || partition.excuse(-1, partition.quorum.leader_epoch).is_some() {
        return;
    }
    let leader = world.broker(partition.quorum.leader).and_then(|leader| leader.partitions().get(tp));
    for id in &partition.quorum.isr {
        // A replica that a completed move has left behind is in the ISR for one step more, but cannot lead.
        if leader.is_some_and(|leader| !leader.replicas.contains(id)) {
            continue;
        }
        let Some(log) = world.broker(*id).and_then(|broker| broker.log(tp)) else { continue };
        if partition.has_lost(*id) {
            continue;
        }
        let isr = &partition.quorum.isr;
        if log.log_end_offset() < end && is_registered(world, tp, *id) {
            let (has, last) = (log.log_end_offset() - 1, end - 1);
            let evidence = format!("{tp}: {id} in the ISR {isr:?} has records up to {has}, offset {last} is committed");
            found.push((Promise::InSyncHasCommitted, evidence));
            return;
        }
        let epoch = log.leader_epochs().epoch_for_offset(end - 1);
        if log.log_start_offset() < end && epoch.is_some_and(|epoch| epoch != partition.last_epoch) {
            let (last, epoch, known) = (end - 1, epoch.unwrap_or(-1), partition.last_epoch);
            let evidence = format!(
                "{tp}: {id} in the ISR {isr:?} has offset {last} of epoch {epoch}, the committed record is of epoch {known}"
            );
            found.push((Promise::InSyncHasCommitted, evidence));
            return;
        }
    }
}
