//! Producers, consumers and groups, as the picture draws them.

use super::build::plain_state;
use super::{ConsumerView, GroupView, ProcessState, ProducerView, TopicView};
use crate::collections::Order;
use crate::group::Group;
use crate::ids::{BrokerId, Name, TopicPartition};
use crate::sim::{Process, Slot, World};

fn set(entries: &crate::collections::BTreeMap<Name, Name>) -> Vec<(Name, Name)> {
    entries.iter().map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// Producers by client id.
pub fn producers(world: &World) -> Vec<ProducerView> {
    let mut views = Vec::new();
    for (_, slot) in world.nodes() {
        let Some(producer) = slot.process.producer() else { continue };
        views.push(ProducerView {
            client: producer.client().clone(),
            state: plain_state(slot),
            configs: set(producer.config().entries()),
            producer_id: producer.producer_id(),
            producer_epoch: producer.producer_epoch(),
            transaction: producer.transaction_phase().map(|phase| phase.name().into()),
            topic: producer.topic().cloned(),
            waiting: producer.waiting(),
            in_flight: producer.in_flight(),
            acked: producer.acked(),
            failed: producer.failed(),
            last_error: producer.last_error(),
            known_brokers: producer.known_brokers().to_vec(),
            deadlines: if has_ended(slot) { Vec::new() } else { slot.process.deadlines() },
        });
    }
    views
}

/// A client without a process waits for nothing, whatever it waited for when it died.
fn has_ended(slot: &Slot) -> bool {
    plain_state(slot) == ProcessState::Dead
}

/// Consumers by client id.
pub fn consumers(world: &World) -> Vec<ConsumerView> {
    let mut views = Vec::new();
    for (_, slot) in world.nodes() {
        let Some(consumer) = slot.process.consumer() else { continue };
        let assignment = consumer.assignment();
        views.push(ConsumerView {
            client: consumer.client().clone(),
            state: plain_state(slot),
            configs: set(consumer.config().entries()),
            group: consumer.group().cloned(),
            member_id: consumer.member_id().clone(),
            generation: consumer.generation(),
            phase: consumer.phase().into(),
            assignment: assignment
                .into_iter()
                .map(|tp| {
                    let position = consumer.standing(&tp);
                    (tp, position)
                })
                .collect(),
            received: u64::try_from(consumer.received().len()).unwrap_or(u64::MAX),
            hangs: consumer.hangs() && !has_ended(slot),
            heartbeat: consumer.heartbeat_due().filter(|_| !has_ended(slot)),
            deadlines: if has_ended(slot) { Vec::new() } else { slot.process.deadlines() },
            last_error: consumer.last_error(),
            known_brokers: consumer.known_brokers().to_vec(),
        });
    }
    views
}

/// Groups by id, each as the live broker that coordinates it has it.
pub fn groups(world: &World, topics: &[TopicView]) -> Vec<GroupView> {
    let mut views: Vec<GroupView> = Vec::new();
    for (node, slot) in world.nodes() {
        let (Some(id), Process::Broker(broker)) = (node.broker(), &slot.process) else { continue };
        views.extend(broker.groups().groups().map(|group| group_view(id, group, topics)));
    }
    // A deposed coordinator that does not know it yet may still hold an older copy.
    views.order_by(|a, b| (&a.id, b.generation).cmp(&(&b.id, a.generation)));
    views.dedup_by(|later, first| later.id == first.id);
    views
}

fn group_view(coordinator: BrokerId, group: &Group, topics: &[TopicView]) -> GroupView {
    let high_watermark = |tp: &TopicPartition| {
        let topic = topics.iter().find(|topic| topic.name == tp.topic)?;
        topic.partitions.iter().find(|partition| &partition.tp == tp).map(|partition| partition.high_watermark)
    };
    GroupView {
        id: group.id().clone(),
        state: group.state().name().into(),
        generation: group.generation(),
        protocol: group.protocol().cloned().unwrap_or_else(|| "".into()),
        coordinator,
        leader: group.leader().cloned().unwrap_or_else(|| "".into()),
        members: group
            .members()
            .map(|member| {
                let share = member.assignment.partitions.clone();
                (member.id.clone(), member.client_id.clone(), share, member.session_deadline)
            })
            .collect(),
        committed: group
            .offsets()
            .map(|(tp, committed)| {
                let offset = committed.committed.offset;
                (tp.clone(), offset, high_watermark(tp).map_or(0, |end| (end - offset).max(0)))
            })
            .collect(),
    }
}
