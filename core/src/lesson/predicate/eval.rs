//! Whether a statement is true, and what is true instead.

use super::{Fact, List, Literal, Predicate, Role, Subject, items_text};
use crate::collections::Order;
use crate::ids::{Name, TopicPartition};
use crate::view::{ClusterView, ConsumerView, GroupView, PartitionView, ProcessState, ReplicaView, TopicView};

impl Predicate {
    /// Whether it is true now.
    pub fn holds(&self, view: &ClusterView) -> bool {
        self.alternatives.iter().any(|row| row.iter().all(|literal| literal.holds(view)))
    }

    /// What is true instead, for a reader who wonders: the first fact of the first alternative that
    /// does not hold, as it is now. `None` if the predicate holds or there is nothing to compare.
    pub fn instead(&self, view: &ClusterView) -> Option<String> {
        if self.holds(view) {
            return None;
        }
        let unmet = self.alternatives.first()?.iter().find(|literal| !literal.holds(view))?;
        unmet.fact.actual(view)
    }
}

impl Literal {
    /// Whether it is true now.
    pub fn holds(&self, view: &ClusterView) -> bool {
        self.fact.holds(view) != self.negated
    }
}

impl Fact {
    /// Whether it is true now; false about things that do not exist.
    pub fn holds(&self, view: &ClusterView) -> bool {
        match self {
            Self::Number { quantity, comparison, value } => {
                quantity.of(view).is_some_and(|now| comparison.holds(now, *value))
            }
            Self::One { role, equal, value } => role.of(view).is_some_and(|now| (now == *value) == *equal),
            Self::List { list, equal, items } => list.of(view).is_some_and(|now| (now == *items) == *equal),
            Self::Contains { list, item } => list.of(view).is_some_and(|now| now.contains(item)),
            Self::State { subject, state } => subject.state(view).is_some_and(|now| now == *state),
            Self::TopicExists(topic) => find_topic(view, topic).is_some(),
            Self::ZnodeExists { path, server } => view
                .zookeeper
                .iter()
                .filter(|one| server.is_none_or(|id| one.id == id))
                .any(|one| one.znodes.iter().any(|znode| znode.path == *path)),
            Self::RecordIn { value, tp } => leader_replica(view, tp)
                .is_some_and(|replica| replica.records.iter().any(|record| record.value.as_ref() == Some(value))),
            Self::KeyOnlyIn { key, tp } => places(view, key, &tp.topic) == [Name::from(tp.to_string())],
            Self::Idle(client) => find_consumer(view, client).is_some_and(|consumer| is_idle(view, consumer)),
            Self::EveryRecordAcked => {
                let sums = view.ledger.sums();
                sums.sent > 0 && sums.acked - sums.lost == sums.sent
            }
        }
    }

    /// The same left side with what is true now.
    fn actual(&self, view: &ClusterView) -> Option<String> {
        match self {
            Self::Number { quantity, .. } => quantity.of(view).map(|now| format!("{quantity} = {now}")),
            Self::One { role, .. } => role.of(view).map(|now| format!("{role} = {}", now.as_deref().unwrap_or("none"))),
            Self::List { list, .. } | Self::Contains { list, .. } => {
                list.of(view).map(|now| format!("{list} = {}", items_text(&now)))
            }
            Self::State { subject, .. } => subject.state(view).map(|now| format!("{subject} is {now}")),
            _ => None,
        }
    }
}

pub(super) fn find_topic<'a>(view: &'a ClusterView, name: &str) -> Option<&'a TopicView> {
    view.topics.iter().find(|topic| &*topic.name == name)
}

pub(super) fn find_partition<'a>(view: &'a ClusterView, tp: &TopicPartition) -> Option<&'a PartitionView> {
    find_topic(view, &tp.topic)?.partitions.iter().find(|partition| partition.tp == *tp).map(AsRef::as_ref)
}

pub(super) fn leader_replica<'a>(view: &'a ClusterView, tp: &TopicPartition) -> Option<&'a ReplicaView> {
    let partition = find_partition(view, tp)?;
    partition.replicas.iter().find(|replica| Some(replica.broker) == partition.leader)
}

pub(super) fn find_group<'a>(view: &'a ClusterView, id: &str) -> Option<&'a GroupView> {
    view.groups.iter().find(|group| &*group.id == id)
}

pub(super) fn find_consumer<'a>(view: &'a ClusterView, client: &str) -> Option<&'a ConsumerView> {
    view.consumers.iter().find(|consumer| &*consumer.client == client)
}

/// Partitions of the topic that have records of the key, by the ledger.
fn places(view: &ClusterView, key: &Name, topic: &Name) -> Vec<Name> {
    let sent = view.ledger.iter().filter(|entry| entry.key.as_ref() == Some(key) && entry.tp.topic == *topic);
    // A record without an offset has not arrived anywhere.
    let mut partitions: Vec<i32> =
        sent.filter(|entry| entry.offset.is_some()).map(|entry| entry.tp.partition).collect();
    partitions.order();
    partitions.dedup();
    partitions.into_iter().map(|number| format!("{topic}-{number}").into()).collect()
}

fn is_idle(view: &ClusterView, consumer: &ConsumerView) -> bool {
    let is_member = consumer.group.as_ref().and_then(|group| find_group(view, group)).is_some_and(|group| {
        &*group.state == "Stable"
            && group.members.iter().any(|(id, _, share, _)| *id == consumer.member_id && share.is_empty())
    });
    is_member && consumer.state == ProcessState::Running && consumer.assignment.is_empty()
}

pub(super) fn length(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

impl Role {
    /// Who has it now: the inner `None` is nobody, the outer one means that there is no such thing.
    pub fn of(&self, view: &ClusterView) -> Option<Option<Name>> {
        let name = |id: &i32| Name::from(id.to_string());
        Some(match self {
            Self::Leader(tp) => find_partition(view, tp)?.leader.as_ref().map(name),
            Self::Controller => view.controller.as_ref().map(name),
            Self::ZooKeeperLeader => {
                let leads = |server: &&crate::view::ZooKeeperView| matches!(&*server.role, "leader" | "standalone");
                view.zookeeper.iter().find(leads).map(|server| server.id.to_string().into())
            }
            Self::Transaction(id) => {
                Some(view.transactions.iter().find(|transaction| transaction.id == *id)?.state.clone())
            }
            Self::LastError(client) => match view.producers.iter().find(|producer| producer.client == *client) {
                Some(producer) => producer.last_error.clone(),
                None => find_consumer(view, client)?.last_error.clone(),
            },
            Self::Config(topic, config) => {
                let set = find_topic(view, topic)?.configs.iter().find(|(of, _)| of == config);
                set.map(|(_, value)| value.clone())
            }
            Self::Coordinator(group) => Some(name(&find_group(view, group)?.coordinator)),
            Self::Owner(group, tp) => {
                let members = &find_group(view, group)?.members;
                members.iter().find(|(_, _, share, _)| share.contains(tp)).map(|(_, client, _, _)| client.clone())
            }
        })
    }
}

impl List {
    /// What it lists now.
    pub fn of(&self, view: &ClusterView) -> Option<Vec<Name>> {
        let ids = |ids: &[i32]| ids.iter().map(|id| id.to_string().into()).collect();
        Some(match self {
            Self::Isr(tp) => ids(&find_partition(view, tp)?.isr),
            Self::Replicas(tp) => ids(&find_partition(view, tp)?.assigned),
            Self::Assignment(client) => {
                let mut owned: Vec<&TopicPartition> =
                    find_consumer(view, client)?.assignment.iter().map(|(tp, _)| tp).collect();
                owned.order();
                owned.into_iter().map(|tp| tp.to_string().into()).collect()
            }
            Self::MemberIds(group) => {
                let mut clients: Vec<Name> =
                    find_group(view, group)?.members.iter().map(|(_, client, _, _)| client.clone()).collect();
                clients.order();
                clients
            }
            Self::Registered => {
                let registered = view.brokers.iter().filter(|broker| broker.registered);
                registered.map(|broker| broker.id.to_string().into()).collect()
            }
            Self::KnownBrokers(id) => ids(&view.brokers.iter().find(|broker| broker.id == *id)?.known_brokers),
            Self::Leaders(tp) => {
                let claims = |replica: &&ReplicaView| replica.believes_it_leads;
                let claimed = find_partition(view, tp)?.replicas.iter().filter(claims);
                claimed.map(|replica| replica.broker.to_string().into()).collect()
            }
            Self::Where(key, topic) => {
                find_topic(view, topic)?;
                places(view, key, topic)
            }
        })
    }
}

fn state_name(state: ProcessState) -> Name {
    match state {
        ProcessState::Running => "running",
        ProcessState::Starting => "starting",
        ProcessState::Stopping => "stopping",
        ProcessState::Paused => "paused",
        ProcessState::Dead => "dead",
    }
    .into()
}

impl Subject {
    /// Its state now.
    pub fn state(&self, view: &ClusterView) -> Option<Name> {
        match self {
            Self::Broker(id) => {
                view.brokers.iter().find(|broker| broker.id == *id).map(|broker| state_name(broker.state))
            }
            Self::ZooKeeper(id) => {
                view.zookeeper.iter().find(|server| server.id == *id).map(|server| state_name(server.state))
            }
            Self::Client(name) => {
                let producer = view.producers.iter().find(|producer| producer.client == *name).map(|p| p.state);
                producer.or_else(|| find_consumer(view, name).map(|consumer| consumer.state)).map(state_name)
            }
            Self::Group(id) => find_group(view, id).map(|group| group.state.clone()),
        }
    }
}
