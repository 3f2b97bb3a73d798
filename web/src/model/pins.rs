//! Where the links of a chain of causes stick in the picture, with the numbers that the inspector gives them.

use playground_core::ids::NodeId;
use playground_core::machine::Observation;
use playground_core::timeline::{Because, Event, Events};
use playground_core::view::ClusterView;

use super::events::EventKind;
use crate::scene::{Pin, PinKind, Selection};

/// The pins of an answer: red for what broke, ink for what followed.
pub fn pins(because: &Because, events: &Events, view: &ClusterView) -> Vec<Pin> {
    let pin = |(number, seq): (u32, u64)| {
        let event = usize::try_from(seq).ok().and_then(|at| events.get(at))?;
        let broke = matches!(EventKind::of(event.observation), EventKind::Fault | EventKind::Session);
        let kind = if broke { PinKind::Broke } else { PinKind::Followed };
        Some(Pin { number, target: place(&event, view)?, kind })
    };
    (1..).zip(because.chain.iter().map(|link| link.seq)).filter_map(pin).collect()
}

/// What an event happened to; else where it was noticed.
fn place(event: &Event<'_>, view: &ClusterView) -> Option<Selection> {
    match event.observation {
        Observation::LeaderElected { tp, leader: broker, .. }
        | Observation::BecameLeader { tp, broker, .. }
        | Observation::BecameFollower { tp, broker, .. }
        | Observation::IsrShrinkAsked { tp, broker, .. }
        | Observation::IsrExpandAsked { tp, broker, .. } => Some(Selection::Replica(*broker, tp.clone())),
        Observation::PartitionOffline { tp, .. } | Observation::IsrChanged { tp, .. } => {
            Some(Selection::Partition(tp.clone()))
        }
        Observation::GroupStable { group, .. }
        | Observation::GroupRebalancing { group, .. }
        | Observation::GroupEmpty { group, .. } => Some(Selection::Group(group.clone())),
        Observation::MemberExpired { member, .. }
        | Observation::MemberLeft { member, .. }
        | Observation::MemberJoined { member, .. } => {
            let named = |name: &str| member.strip_prefix(name).is_some_and(|rest| rest.starts_with('-'));
            view.consumers.iter().find(|one| named(&one.client)).map(|one| Selection::Consumer(one.client.clone()))
        }
        Observation::FaultAdded { fault } | Observation::FaultRemoved { fault } => faulted(fault, view),
        _ => match &event.node {
            NodeId::Broker(id) => Some(Selection::Broker(*id)),
            NodeId::ZooKeeper(id) => Some(Selection::ZooKeeper(*id)),
            NodeId::Client(name) if view.consumers.iter().any(|one| one.client == *name) => {
                Some(Selection::Consumer(name.clone()))
            }
            NodeId::Client(name) => Some(Selection::Producer(name.clone())),
        },
    }
}

/// The mark of a fault that is in force, else the first thing that it names.
fn faulted(fault: &str, view: &ClusterView) -> Option<Selection> {
    if let Some(found) = view.faults.iter().find(|one| &*one.text == fault) {
        return Some(Selection::Fault(found.id));
    }
    fault.split(' ').find_map(|word| {
        let consumer = view.consumers.iter().find(|one| &*one.client == word);
        let broker = view.brokers.iter().find(|one| word.parse() == Ok(one.id));
        let consumer = consumer.map(|one| Selection::Consumer(one.client.clone()));
        consumer.or_else(|| broker.map(|one| Selection::Broker(one.id)))
    })
}
