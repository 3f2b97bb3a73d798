//! A coordinator acts only on what the in-sync replicas have, so that its successor knows it too: a
//! commit of offsets is answered, a transaction changes its state once the record is below the high
//! watermark (`offsets.commit.required.acks`, `appendTransactionToLog`). And offsets that were sent in a
//! transaction hold only after its COMMIT marker (KIP-98).

use super::coordinators::{committed_in, written_by};
use super::{Found, Promise};
use crate::broker::{Broker, Partition};
use crate::ids::{BrokerId, Name, TopicPartition};
use crate::log::{EndTransactionMarker, RecordBatch};
use crate::machine::Observation;
use crate::sim::{Observed, World};

/// A broker has run; what it reported of the groups and transactions that it coordinates is looked at.
pub fn check(world: &World, id: BrokerId, observed: &[Observed], found: &mut Found) {
    for observed in observed {
        match &observed.observation {
            Observation::OffsetCommitted { group, tp, .. } => {
                if let Some(broker) = world.broker(id) {
                    committed(broker, group, tp, found);
                }
            }
            Observation::TransactionChanged { transactional_id, coordinator, state, .. } if *coordinator == id => {
                if let Some(broker) = world.broker(id) {
                    changed(broker, transactional_id, state, found);
                }
            }
            _ => {}
        }
    }
}

fn committed(broker: &Broker, group: &Name, tp: &TopicPartition, found: &mut Found) {
    let Some((hosted, at, batch)) = committed_in(broker, group, tp) else { return };
    replicated(hosted, at, || format!("group {group} has {tp} committed"), found);
    let Some(batch) = batch.filter(|batch| batch.is_transactional) else { return };
    if !ends_in_commit(hosted, batch) {
        let offsets = &hosted.tp;
        let evidence =
            format!("group {group}: {tp} holds by {offsets} offset {at}, whose transaction is not committed");
        found.push((Promise::OffsetsAreDecided, evidence));
    }
}

fn ends_in_commit(hosted: &Partition, batch: &RecordBatch) -> bool {
    let later = hosted.log.batches().rev().take_while(|other| other.base_offset > batch.last_offset());
    let markers = later.filter(|other| other.is_control && other.producer_id == batch.producer_id);
    markers.last().and_then(|marker| EndTransactionMarker::of_batch(marker)).is_some_and(|marker| marker.commit)
}

fn changed(broker: &Broker, id: &Name, state: &str, found: &mut Found) {
    if let Some((hosted, batch)) = written_by(broker, id, state) {
        replicated(hosted, batch.last_offset(), || format!("{id} is {state}"), found);
    }
}

fn replicated(hosted: &Partition, at: i64, what: impl FnOnce() -> String, found: &mut Found) {
    let high_watermark = hosted.log.high_watermark();
    if hosted.is_leader && at >= high_watermark {
        let (what, tp) = (what(), &hosted.tp);
        let evidence = format!("{what} by {tp} offset {at}, committed is what is below {high_watermark}");
        found.push((Promise::CoordinatorsKeepWord, evidence));
    }
}
