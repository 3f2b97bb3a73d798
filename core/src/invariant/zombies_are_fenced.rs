//! After a record or a marker of a producer's later epoch, a leader appends none of an earlier one
//! (KIP-98, KIP-360).

use super::{Found, Promise};
use crate::collections::{KeyMap, SortedMap};
use crate::ids::TopicPartition;
use crate::machine::Observation;
use crate::sim::World;

#[derive(Clone, Copy, Debug)]
struct Newest {
    producer_epoch: i16,
    offset: i64,
}

#[derive(Clone, Debug, Default)]
struct Partition {
    leader_epoch: i32,
    producers: SortedMap<i64, Newest>,
}

/// The newest epoch of each producer in each partition.
#[derive(Clone, Debug, Default)]
pub struct ZombiesAreFenced {
    partitions: KeyMap<TopicPartition, Partition>,
}

impl ZombiesAreFenced {
    /// A leader appended, or another one begins.
    pub fn observe(&mut self, world: &World, observation: &Observation, found: &mut Found) {
        match observation {
            Observation::Appended { tp, broker, base_offset, leader_epoch, .. } => {
                let Some(log) = world.broker(*broker).and_then(|broker| broker.log(tp)) else { return };
                let Some(batch) = log.batches().rev().take(64).find(|batch| batch.base_offset == *base_offset) else {
                    return;
                };
                // A deposed leader's log will be cut.
                let known = self.partitions.get_or_insert_with(tp, Partition::default);
                if batch.producer_id < 0 || *leader_epoch < known.leader_epoch {
                    return;
                }
                known.leader_epoch = *leader_epoch;
                let now = Newest { producer_epoch: batch.producer_epoch, offset: *base_offset };
                let newest = known.producers.get_or_insert_with(batch.producer_id, || now);
                if now.producer_epoch < newest.producer_epoch && now.offset > newest.offset {
                    let (id, old, new) = (batch.producer_id, now.producer_epoch, newest.producer_epoch);
                    let evidence = format!(
                        "{tp}: producer id {id} in epoch {old} at offset {base_offset}, after epoch {new} at {}",
                        newest.offset
                    );
                    found.push((Promise::ZombiesAreFenced, evidence));
                } else {
                    *newest = now;
                }
            }
            Observation::BecameLeader { tp, leader_epoch, start_offset, .. } => {
                if let Some(known) = self.partitions.get_mut(tp).filter(|known| known.leader_epoch < *leader_epoch) {
                    known.leader_epoch = *leader_epoch;
                    known.producers.retain(|_, newest| newest.offset < *start_offset);
                }
            }
            // What a producer wrote may be lost with the page cache, or the coordinator's memory of its epoch.
            Observation::PageCacheLost { tp, .. } if &*tp.topic == "__transaction_state" => self.partitions.clear(),
            Observation::PageCacheLost { tp, to, .. } => {
                if let Some(known) = self.partitions.get_mut(tp) {
                    known.producers.retain(|_, newest| newest.offset < *to);
                }
            }
            Observation::TopicDeleted { topic } => self.partitions.retain(|tp, _| &tp.topic != topic),
            _ => {}
        }
    }
}
