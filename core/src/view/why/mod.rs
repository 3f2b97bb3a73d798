//! "Why?": for a value of the view its inputs as numbers, the rule in Kafka's terms, and which events
//! change it. What happened is the timeline's; it looks for the last event that did.

mod client;
mod controller;
mod group;
mod next;
mod partition;

pub use next::{NextView, next};

use super::ClusterView;
use crate::ids::{BrokerId, Name, TopicPartition};
use crate::machine::Observation;
use crate::sim::World;

/// A thing whose values are asked about.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum About {
    /// A broker.
    Broker(BrokerId),
    /// A partition.
    Partition(TopicPartition),
    /// The replica of a partition on a broker.
    Replica(BrokerId, TopicPartition),
    /// A group.
    Group(Name),
    /// A producer or a consumer.
    Client(Name),
    /// A server of the ensemble.
    ZooKeeper(u8),
}

/// What is asked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Question {
    /// Why is the high watermark where it is?
    HighWatermark(TopicPartition),
    /// Why does this broker lead, or nobody?
    Leader(TopicPartition),
    /// Why is it this epoch?
    LeaderEpoch(TopicPartition),
    /// Why is this replica in sync, or not?
    InSync(TopicPartition, BrokerId),
    /// Why is this broker the controller?
    Controller,
    /// Why does each member of a group own what it owns?
    Assignment(Name),
    /// Why does the group lag behind?
    Lag(Name, TopicPartition),
    /// Why did this client meet this error?
    LastError(Name),
}

/// The answer, but for the event.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WhyView {
    /// The value's name, as the inspector has it.
    pub field: Name,
    /// The value.
    pub value: Name,
    /// What it is worked out from: name and number.
    pub inputs: Vec<(Name, Name)>,
    /// The rule.
    pub rule: Name,
    /// Where in Kafka the rule is: class, KIP, config.
    pub source: Name,
}

/// What an event makes of a value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Change {
    /// It is this now; the same value again is no change.
    To(i64),
    /// It is this now, unless it is more already: who tells of it may be late.
    AtLeast(i64),
    /// It changed, whatever it was.
    Any,
    /// It begins anew: what it was before counts no more.
    Anew,
    /// It may be another now; which, nothing tells.
    Perhaps,
}

/// The questions that a thing's page asks, in the order of its fields.
pub fn questions(about: &About, view: &ClusterView) -> Vec<Question> {
    match about {
        About::Partition(tp) => {
            let mut all = vec![
                Question::Leader(tp.clone()),
                Question::LeaderEpoch(tp.clone()),
                Question::HighWatermark(tp.clone()),
            ];
            let partition = partition::find(view, tp);
            let replicas = partition.iter().flat_map(|partition| &partition.assigned);
            all.extend(replicas.map(|broker| Question::InSync(tp.clone(), *broker)));
            let reads = |group: &&super::GroupView| group.committed.iter().any(|(committed, ..)| committed == tp);
            all.extend(view.groups.iter().filter(reads).map(|group| Question::Lag(group.id.clone(), tp.clone())));
            all
        }
        About::Replica(broker, tp) => {
            vec![Question::InSync(tp.clone(), *broker), Question::HighWatermark(tp.clone())]
        }
        About::Group(id) => {
            let group = view.groups.iter().find(|group| group.id == *id);
            let lags = group.iter().flat_map(|group| &group.committed);
            let lags = lags.map(|(tp, ..)| Question::Lag(id.clone(), tp.clone()));
            std::iter::once(Question::Assignment(id.clone())).chain(lags).collect()
        }
        About::Client(client) => {
            let consumer = view.consumers.iter().find(|one| one.client == *client);
            let group = consumer.and_then(|one| one.group.clone()).map(Question::Assignment);
            group.into_iter().chain(std::iter::once(Question::LastError(client.clone()))).collect()
        }
        About::Broker(_) | About::ZooKeeper(_) => vec![Question::Controller],
    }
}

impl Question {
    /// The answer now; `None` where there is no such thing.
    pub fn answer(&self, world: &World, view: &ClusterView) -> Option<WhyView> {
        match self {
            Self::HighWatermark(tp) => partition::high_watermark(world, view, tp),
            Self::Leader(tp) => partition::leader(world, view, tp),
            Self::LeaderEpoch(tp) => partition::leader_epoch(view, tp),
            Self::InSync(tp, broker) => partition::in_sync(world, view, tp, *broker),
            Self::Controller => controller::controller(view),
            Self::Assignment(group) => group::assignment(view, group),
            Self::Lag(group, tp) => group::lag(view, group, tp),
            Self::LastError(client) => client::last_error(view, client),
        }
    }

    /// What an event makes of the value, if anything.
    pub fn changed_by(&self, observation: &Observation) -> Option<Change> {
        match (self, observation) {
            // A topic of the same name is another topic.
            (
                Self::HighWatermark(tp)
                | Self::Leader(tp)
                | Self::LeaderEpoch(tp)
                | Self::InSync(tp, _)
                | Self::Lag(_, tp),
                Observation::TopicCreated { topic, .. },
            ) if tp.topic == *topic => Some(Change::Anew),
            (Self::HighWatermark(tp), Observation::HighWatermarkAdvanced { tp: of, to, .. }) if tp == of => {
                Some(Change::To(*to))
            }
            // Who leads next brings the high watermark that it knows.
            (Self::HighWatermark(tp), Observation::LeaderElected { tp: of, .. }) if tp == of => Some(Change::Perhaps),
            (Self::Leader(tp), Observation::LeaderElected { tp: of, leader, .. }) if tp == of => {
                Some(Change::To(i64::from(*leader)))
            }
            (Self::Leader(tp), Observation::PartitionOffline { tp: of, .. }) if tp == of => Some(Change::To(-1)),
            (
                Self::LeaderEpoch(tp),
                Observation::LeaderElected { tp: of, leader_epoch, .. }
                | Observation::PartitionOffline { tp: of, leader_epoch }
                | Observation::IsrChanged { tp: of, leader_epoch, .. },
            ) if tp == of => Some(Change::To(i64::from(*leader_epoch))),
            // Of the epochs that a move of replicas begins nothing else tells.
            (Self::LeaderEpoch(tp), Observation::BecameLeader { tp: of, leader_epoch, .. }) if tp == of => {
                Some(Change::AtLeast(i64::from(*leader_epoch)))
            }
            (
                Self::InSync(tp, broker),
                Observation::LeaderElected { tp: of, isr, .. } | Observation::IsrChanged { tp: of, isr, .. },
            ) if tp == of => Some(Change::To(i64::from(isr.contains(broker)))),
            (Self::Controller, Observation::ZnodeDeleted { path }) if path.as_str() == "/controller" => {
                Some(Change::Anew)
            }
            (Self::Controller, Observation::ControllerElected { controller_epoch, .. }) => {
                Some(Change::To(i64::from(*controller_epoch)))
            }
            (Self::Assignment(group), Observation::GroupStable { group: of, generation, .. }) if group == of => {
                Some(Change::To(i64::from(*generation)))
            }
            (Self::Assignment(group), Observation::GroupEmpty { group: of, .. }) if group == of => Some(Change::Anew),
            (Self::Lag(group, tp), Observation::OffsetCommitted { group: of, tp: at, offset, .. })
                if group == of && tp == at =>
            {
                Some(Change::To(*offset))
            }
            (Self::Lag(_, tp), Observation::HighWatermarkAdvanced { tp: of, .. }) if tp == of => Some(Change::Any),
            (Self::LastError(client), Observation::ClientError { client: of, .. }) if client == of => Some(Change::Any),
            (
                Self::LastError(client),
                Observation::RecordFailed { producer: of, .. }
                | Observation::ProduceRetried { producer: of, .. }
                | Observation::TransactionCall { producer: of, error: Some(_), .. },
            ) if client == of => Some(Change::Any),
            _ => None,
        }
    }
}

/// Collects an answer.
struct Answer(WhyView);

impl Answer {
    fn new(field: impl Into<Name>, value: impl ToString) -> Self {
        let none = || Name::from("");
        let value = value.to_string().as_str().into();
        Self(WhyView { field: field.into(), value, inputs: Vec::new(), rule: none(), source: none() })
    }

    fn input(mut self, name: impl AsRef<str>, value: impl ToString) -> Self {
        self.0.inputs.push((name.as_ref().into(), value.to_string().as_str().into()));
        self
    }

    fn because(mut self, rule: impl AsRef<str>, source: &str) -> Option<WhyView> {
        self.0.rule = rule.as_ref().into();
        self.0.source = source.into();
        Some(self.0)
    }
}

fn list<T: ToString>(items: &[T]) -> String {
    items.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
