//! A producer's batches follow each other in a partition without gap and without repetition: what the
//! idempotent producer promises (KIP-98). Leaves out the group coordinator's own batches.

use super::logs_match::around;
use super::{Found, Promise};
use crate::ids::{BrokerId, TopicPartition};
use crate::log::{RecordBatch, increment_sequence};
use crate::machine::Observation;
use crate::sim::World;

/// How far back a producer's batch before is looked for: others may write in between.
const BATCHES_LOOKED_AT: usize = 64;

/// A leader appended a batch.
pub fn observe(world: &World, observation: &Observation, found: &mut Found) {
    // Every batch of offsets in a transaction begins at sequence 0: the group coordinator's own are not counted.
    if let Observation::Appended { tp, broker, base_offset, .. } = observation
        && &*tp.topic != "__consumer_offsets"
    {
        check(world, tp, *broker, *base_offset, found);
    }
}

fn check(world: &World, tp: &TopicPartition, broker: BrokerId, offset: i64, found: &mut Found) {
    let Some(log) = world.broker(broker).and_then(|broker| broker.log(tp)) else { return };
    let Some((_, batch)) = around(log, offset) else { return };
    let counted = |batch: &RecordBatch| batch.producer_id >= 0 && batch.base_sequence >= 0 && !batch.is_control;
    if !counted(batch) {
        return;
    }
    let earlier = log.batches().rev().take(BATCHES_LOOKED_AT).skip_while(|other| other.base_offset >= offset);
    let Some(before) = earlier.filter(|other| counted(other)).find(|other| other.producer_id == batch.producer_id)
    else {
        return;
    };
    let expected = match before.producer_epoch.cmp(&batch.producer_epoch) {
        std::cmp::Ordering::Equal => increment_sequence(before.last_sequence(), 1),
        std::cmp::Ordering::Less => 0,
        std::cmp::Ordering::Greater => -1,
    };
    if batch.base_sequence != expected {
        let (id, epoch, sequence) = (batch.producer_id, batch.producer_epoch, batch.base_sequence);
        let (last, last_epoch) = (before.last_sequence(), before.producer_epoch);
        let evidence = format!(
            "{tp} on {broker}, offset {offset}: producer {id} in epoch {epoch} has sequence {sequence} \
             after {last} of epoch {last_epoch}"
        );
        found.push((Promise::SequencesWithoutGap, evidence));
    }
}
