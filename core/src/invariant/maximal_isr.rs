//! The high watermark passes only what every replica has that is in sync or asked into the ISR
//! (KIP-497, `maximalIsr`), and only while `min.insync.replicas` are in sync (KAFKA-15583); whoever
//! the controller counts as in sync, the leader counts too (ReplicationQuorumSuperset).

use super::ghost::Ghost;
use super::{Found, Promise};
use crate::ids::{BrokerId, TopicPartition};
use crate::machine::Observation;
use crate::sim::World;

/// The high watermark rose, or the controller changed the ISR.
pub fn observe(ghost: &Ghost, world: &World, observation: &Observation, found: &mut Found) {
    match observation {
        Observation::HighWatermarkAdvanced { tp, broker, to, leader_epoch, .. } => {
            advanced(world, tp, *broker, *leader_epoch, *to, found);
        }
        Observation::IsrChanged { tp, .. } => counted(ghost, world, tp, found),
        _ => {}
    }
}

fn advanced(world: &World, tp: &TopicPartition, broker: BrokerId, epoch: i32, to: i64, found: &mut Found) {
    let hosted = world.broker(broker).and_then(|broker| broker.partitions().get(tp));
    let Some(partition) = hosted.filter(|partition| partition.is_leader && partition.leader_epoch == epoch) else {
        return;
    };
    if partition.is_under_min_isr() {
        let (isr, wanted) = (&partition.isr, partition.effective_min_isr());
        let evidence = format!("{tp} on {broker}: up to {to} with the ISR {isr:?}, min.insync.replicas is {wanted}");
        found.push((Promise::MinIsrCommits, evidence));
    }
    let maximal = partition.maximal_isr();
    for (id, remote) in partition.remotes.iter().filter(|(id, _)| maximal.contains(id)) {
        let at = remote.log_end_offset.unwrap_or(-1);
        if at < to {
            let evidence = format!("{tp} on {broker}: up to {to}, but {id} of {maximal:?} is at {at}");
            found.push((Promise::MaximalIsrCommits, evidence));
            return;
        }
    }
}

fn counted(ghost: &Ghost, world: &World, tp: &TopicPartition, found: &mut Found) {
    let Some(quorum) = ghost.of(tp).map(|partition| &partition.quorum) else { return };
    let hosted = world.broker(quorum.leader).and_then(|broker| broker.partitions().get(tp));
    let Some(partition) = hosted.filter(|partition| partition.is_leader) else { return };
    if partition.leader_epoch != quorum.leader_epoch {
        return;
    }
    let maximal = partition.maximal_isr();
    if let Some(id) = quorum.isr.iter().find(|id| !maximal.contains(id)) {
        let (leader, isr) = (quorum.leader, &quorum.isr);
        let evidence = format!("{tp}: the ISR is {isr:?}, but its leader {leader} counts {maximal:?}, not {id}");
        found.push((Promise::MaximalIsrCommits, evidence));
    }
}
