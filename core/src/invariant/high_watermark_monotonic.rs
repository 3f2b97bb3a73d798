//! A leader's high watermark never falls within its epoch.

use std::collections::BTreeMap;

use super::{Found, Promise};
use crate::ids::{BrokerId, NodeId, TopicPartition};
use crate::sim::World;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Seen {
    leader_epoch: i32,
    /// A new life of the process begins at its checkpoint.
    incarnation: u32,
    high_watermark: i64,
}

/// What each leader last had.
#[derive(Clone, Debug, Default)]
pub struct HighWatermarkMonotonic {
    seen: BTreeMap<BrokerId, BTreeMap<TopicPartition, Seen>>,
}

impl HighWatermarkMonotonic {
    /// The broker that just ran.
    pub fn check(&mut self, world: &World, id: BrokerId, found: &mut Found) {
        let Some(broker) = world.broker(id) else { return };
        let incarnation = world.slot(&NodeId::Broker(id)).map_or(0, |slot| slot.incarnation);
        let of_broker = self.seen.entry(id).or_default();
        for (tp, partition) in broker.partitions().iter().filter(|(_, partition)| partition.is_leader) {
            let now = Seen {
                leader_epoch: partition.leader_epoch,
                incarnation,
                high_watermark: partition.log.high_watermark(),
            };
            match of_broker.get_mut(tp) {
                Some(before) if *before == now => {}
                Some(before) => {
                    let same = (before.leader_epoch, before.incarnation) == (now.leader_epoch, now.incarnation);
                    if same && now.high_watermark < before.high_watermark {
                        let evidence = format!(
                            "{tp} on {id}, epoch {}: from {} to {}",
                            now.leader_epoch, before.high_watermark, now.high_watermark
                        );
                        found.push((Promise::HighWatermarkMonotonic, evidence));
                    }
                    *before = now;
                }
                None => {
                    of_broker.insert(tp.clone(), now);
                }
            }
        }
    }
}
