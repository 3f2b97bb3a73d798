//! Producers, consumers and groups, as the picture draws them.

use super::build::plain_state;
use super::{ConsumerView, GroupView, ProducerView, TopicView};
use crate::ids::Name;
use crate::sim::{Process, World};

fn set(entries: &std::collections::BTreeMap<Name, Name>) -> Vec<(Name, Name)> {
    entries.iter().map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// Producers by client id.
pub fn producers(world: &World) -> Vec<ProducerView> {
    let mut views = Vec::new();
    for (_, slot) in world.nodes() {
        let Process::Producer(producer) = &slot.process else { continue };
        views.push(ProducerView {
            client: producer.client().clone(),
            state: plain_state(slot),
            configs: set(producer.config().entries()),
            producer_id: producer.producer_id(),
            producer_epoch: producer.producer_epoch(),
            topic: producer.topic().cloned(),
            waiting: producer.waiting(),
            in_flight: producer.in_flight(),
            acked: producer.acked(),
            failed: producer.failed(),
            last_error: producer.last_error(),
            deadlines: slot.process.deadlines(),
        });
    }
    views
}

/// Consumers by client id.
pub fn consumers(_world: &World) -> Vec<ConsumerView> {
    Vec::new()
}

/// Groups by id.
pub fn groups(_world: &World, _topics: &[TopicView]) -> Vec<GroupView> {
    Vec::new()
}
