//! At most one broker leads a partition in one leader epoch.

use crate::collections::{BTreeMap, OnWrite};

use super::{Found, Promise};
use crate::ids::{BrokerId, TopicPartition};
use crate::machine::Observation;

/// Who led in which epoch.
#[derive(Clone, Debug, Default)]
pub struct OneLeaderPerEpoch {
    leaders: BTreeMap<TopicPartition, OnWrite<BTreeMap<i32, BrokerId>>>,
}

impl OneLeaderPerEpoch {
    /// A broker says that it leads now.
    pub fn observe(&mut self, observation: &Observation, found: &mut Found) {
        match observation {
            Observation::BecameLeader { tp, broker, leader_epoch, .. } => {
                let first = *self.leaders.entry(tp.clone()).or_default().entry(*leader_epoch).or_insert(*broker);
                if first != *broker {
                    let evidence = format!("{tp}: {first} and {broker} both led in epoch {leader_epoch}");
                    found.push((Promise::OneLeaderPerEpoch, evidence));
                }
            }
            // A topic of the same name is another topic: its epochs begin at 0 again.
            Observation::TopicDeleted { topic } => self.leaders.retain(|tp, _| &tp.topic != topic),
            _ => {}
        }
    }
}
