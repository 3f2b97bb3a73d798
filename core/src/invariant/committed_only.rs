//! A consumer with `isolation.level=read_committed` is given no record of a transaction that is open or
//! aborted (KIP-98).

use super::{Found, Promise};
use crate::consumer::Received;
use crate::ids::{Name, TopicPartition};
use crate::log::{EndTransactionMarker, Log};
use crate::machine::Observation;
use crate::sim::{Process, World};

/// A consumer's application was given records.
pub fn observe(world: &World, observation: &Observation, found: &mut Found) {
    if let Observation::RecordsRead { consumer, tp, from, to } = observation {
        check(world, consumer, tp, *from, *to, found);
    }
}

fn check(world: &World, client: &Name, tp: &TopicPartition, from: i64, to: i64, found: &mut Found) {
    let Some(consumer) = world.consumer_named(client) else { return };
    if &*consumer.config().isolation_level != "read_committed" {
        return;
    }
    let Some(log) = leaders_log(world, tp).filter(|log| log.log_end_offset() > to) else { return };
    for batch in log.batches().filter(|batch| batch.last_offset() >= from && batch.base_offset <= to) {
        if !batch.is_transactional || batch.is_control {
            continue;
        }
        // Only what was given just now: the same offsets may have been given before, from another history.
        let now = |received: &&Received| &received.tp == tp && (from..=to).contains(&received.offset());
        let of_batch = |received: &&Received| (batch.base_offset..=batch.last_offset()).contains(&received.offset());
        let Some(received) = consumer.received().iter().rev().take_while(now).find(of_batch) else { continue };
        let decided = marker_after(log, batch.last_offset(), batch.producer_id);
        if decided.is_none_or(|marker| !marker.commit) {
            let what = decided.map_or("open", |_| "aborted");
            let evidence =
                format!("{client} is given {tp} offset {} of a transaction that is {what}", received.offset());
            found.push((Promise::CommittedOnly, evidence));
        }
    }
}

fn marker_after(log: &Log, offset: i64, producer_id: i64) -> Option<EndTransactionMarker> {
    let later = log.batches().filter(|batch| batch.base_offset > offset && batch.producer_id == producer_id);
    later.filter_map(|batch| EndTransactionMarker::of_batch(batch)).next()
}

/// The log of the newest leader.
fn leaders_log<'a>(world: &'a World, tp: &TopicPartition) -> Option<&'a Log> {
    let hosted = world.nodes().filter_map(|(_, slot)| match &slot.process {
        Process::Broker(broker) => broker.partitions().get(tp),
        _ => None,
    });
    let leaders = hosted.filter(|partition| partition.is_leader);
    leaders.max_by_key(|partition| partition.leader_epoch).map(|partition| &partition.log)
}
