//! Within a generation of a group each partition belongs to one member.

use crate::collections::BTreeMap;

use super::{Found, Promise};
use crate::ids::{Name, TopicPartition};
use crate::machine::Observation;
use crate::sim::World;

#[derive(Clone, Debug, Default)]
struct Generation {
    number: i32,
    owners: BTreeMap<TopicPartition, Name>,
}

/// Who owns what in the newest generation of each group.
#[derive(Clone, Debug, Default)]
pub struct OneReaderPerGeneration {
    groups: BTreeMap<Name, Generation>,
}

impl OneReaderPerGeneration {
    /// A member was told its share.
    pub fn observe(&mut self, world: &World, observation: &Observation, found: &mut Found) {
        // A group whose records are lost begins anew.
        if matches!(observation, Observation::PageCacheLost { tp, .. } if &*tp.topic == "__consumer_offsets") {
            self.groups.clear();
        }
        // One that is empty has no owners, and may be forgotten: then it begins with generation 1 again.
        if let Observation::GroupEmpty { group, .. } = observation {
            self.groups.remove(group);
        }
        let Observation::PartitionsAssigned { consumer, generation, partitions, .. } = observation else { return };
        let Some(member) = world.consumer_named(consumer) else { return };
        let Some(group) = member.group() else { return };
        if *generation < 0 {
            return;
        }
        let newest = self.groups.entry(group.clone()).or_default();
        // Generations only grow, unless the group was forgotten and begins anew.
        if *generation != newest.number {
            *newest = Generation { number: *generation, owners: BTreeMap::new() };
        }
        // A static member that comes again takes its share over without a new generation (KIP-345).
        let seat = member.config().group_instance_id.as_ref().unwrap_or(consumer);
        for tp in partitions.iter() {
            let owner = newest.owners.entry(tp.clone()).or_insert_with(|| seat.clone());
            if owner != seat {
                let evidence = format!("group {group}, generation {generation}: {owner} and {seat} both own {tp}");
                found.push((Promise::OneReaderPerGeneration, evidence));
            }
        }
    }
}
