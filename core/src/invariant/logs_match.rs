//! Two logs that have a batch of the same offset and epoch have the same batch there, and the same
//! before it (log matching). So replicas agree below their high watermarks.
//!
//! Looked at when a follower copies a batch: it is compared with the other replicas' batch there and
//! the one before; what lies further back was compared when it was copied.

use std::rc::Rc;

use super::ghost::Ghost;
use super::{Found, Promise};
use crate::ids::{BrokerId, TopicPartition};
use crate::log::{Log, RecordBatch};
use crate::machine::Observation;
use crate::sim::World;

/// A follower copied a batch.
pub fn observe(ghost: &Ghost, world: &World, observation: &Observation, found: &mut Found) {
    if let Observation::Replicated { tp, broker, base_offset, .. } = observation
        && !ghost.of(tp).is_some_and(|partition| partition.given_up)
    {
        check(world, tp, *broker, *base_offset, found);
    }
}

/// The batch at `offset` and the one before it.
pub fn around(log: &Log, offset: i64) -> Option<(Option<&Rc<RecordBatch>>, &Rc<RecordBatch>)> {
    let segments = log.segments();
    let index = segments.partition_point(|segment| segment.base_offset() <= offset).checked_sub(1)?;
    let segment = segments.get(index)?;
    let at = segment.index_of(offset);
    let batch = segment.batch(at).filter(|batch| batch.base_offset <= offset)?;
    let before = match at.checked_sub(1) {
        Some(before) => segment.batch(before),
        None => index.checked_sub(1).and_then(|index| segments.get(index)?.last_batch()),
    };
    Some((before, batch))
}

fn check(world: &World, tp: &TopicPartition, broker: BrokerId, offset: i64, found: &mut Found) {
    let Some(hosted) = world.broker(broker).and_then(|broker| broker.partitions().get(tp)) else { return };
    // Compaction takes records out of a log at its own time.
    if hosted.log.config().compact {
        return;
    }
    let Some((before, batch)) = around(&hosted.log, offset) else { return };
    for other in hosted.replicas.iter().filter(|id| **id != broker) {
        let Some(log) = world.broker(*other).and_then(|broker| broker.log(tp)) else { continue };
        let Some((their_before, theirs)) = around(log, offset) else { continue };
        let place = |batch: &Rc<RecordBatch>| (batch.base_offset, batch.partition_leader_epoch);
        if place(theirs) != place(batch) {
            continue;
        }
        if !Rc::ptr_eq(theirs, batch) && theirs != batch {
            let epoch = batch.partition_leader_epoch;
            let evidence =
                format!("{tp}: {broker} and {other} have different records at offset {offset} of epoch {epoch}");
            found.push((Promise::LogsMatch, evidence));
            return;
        }
        if let (Some(before), Some(their_before)) = (before, their_before)
            && place(before) != place(their_before)
        {
            let ((mine, my_epoch), (their, their_epoch)) = (place(before), place(their_before));
            let evidence = format!(
                "{tp}: {broker} copied offset {offset} after offset {mine} of epoch {my_epoch}, \
                 on {other} it follows offset {their} of epoch {their_epoch}"
            );
            found.push((Promise::LogsMatch, evidence));
            return;
        }
    }
}
