//! Who owned which partition in the last generations of a group, from what its members told.
//!
//! Leaves out generations older than the events that the page keeps.

use std::rc::Rc;

use playground_core::collections::BTreeMap;
use playground_core::ids::{Name, TopicPartition};
use playground_core::machine::Observation;
use playground_core::view::GroupView;

use super::events::EventRow;

/// What a member's rebalance listener was told.
#[derive(Clone, PartialEq, Debug)]
pub enum Share {
    /// `onPartitionsAssigned`: what has come to it in this generation.
    Assigned(Name, i32, Vec<TopicPartition>),
    /// `onPartitionsRevoked` or `onPartitionsLost`.
    Revoked(Name, Vec<TopicPartition>),
}

impl Share {
    /// What `observation` tells of shares.
    pub fn of(observation: &Observation) -> Option<Self> {
        match observation {
            Observation::PartitionsAssigned { consumer, generation, partitions } => {
                Some(Self::Assigned(consumer.clone(), *generation, partitions.clone()))
            }
            Observation::PartitionsRevoked { consumer, partitions } => {
                Some(Self::Revoked(consumer.clone(), partitions.clone()))
            }
            _ => None,
        }
    }
}

/// One generation: each partition that had an owner in it.
#[derive(Clone, PartialEq, Debug)]
pub struct Generation {
    /// Its number.
    pub number: i32,
    /// The members by `client.id`.
    pub owners: BTreeMap<TopicPartition, Name>,
}

/// The last `most` generations, the newest one last. `is_member` tells whether a client reads for the group.
pub fn generations(
    events: &[Rc<EventRow>],
    group: &GroupView,
    is_member: impl Fn(&Name) -> bool,
    most: usize,
) -> Vec<Generation> {
    let mut holds: BTreeMap<Name, Vec<TopicPartition>> = BTreeMap::new();
    let mut found: Vec<Generation> = Vec::new();
    for share in events.iter().filter_map(|event| event.share.as_deref()) {
        match share {
            Share::Assigned(member, number, partitions) if is_member(member) => {
                let held = holds.entry(member.clone()).or_default();
                held.extend(partitions.iter().filter(|tp| !held.contains(tp)).cloned().collect::<Vec<_>>());
                if found.last().is_none_or(|last| last.number != *number) {
                    // A group that was empty and forgotten begins anew.
                    found.retain(|before| before.number < *number);
                    found.push(Generation { number: *number, owners: BTreeMap::new() });
                }
                if let Some(last) = found.last_mut() {
                    last.owners.extend(held.iter().map(|tp| (tp.clone(), member.clone())));
                }
            }
            Share::Revoked(member, partitions) => {
                if let Some(held) = holds.get_mut(member) {
                    held.retain(|tp| !partitions.contains(tp));
                }
            }
            Share::Assigned(..) => {}
        }
    }
    // What the coordinator has now needs no history.
    if &*group.state == "Stable" && !group.members.is_empty() {
        found.retain(|before| before.number < group.generation);
        let shares = group.members.iter().flat_map(|(_, client, share, _)| share.iter().map(move |tp| (tp, client)));
        let owners = shares.map(|(tp, client)| (tp.clone(), client.clone())).collect();
        found.push(Generation { number: group.generation, owners });
    }
    found.split_off(found.len().saturating_sub(most))
}

#[cfg(test)]
mod tests {
    use super::*;
    use playground_core::ids::NodeId;
    use playground_core::time::SimTime;
    use playground_core::timeline::{Event, Position};

    fn tps(numbers: &[i32]) -> Vec<TopicPartition> {
        numbers.iter().map(|number| TopicPartition { topic: "t".into(), partition: *number }).collect()
    }

    fn rows(told: &[(&str, i32, &[i32])]) -> Vec<Rc<EventRow>> {
        let row = |(consumer, generation, numbers): &(&str, i32, &[i32])| {
            let (consumer, partitions): (Name, _) = ((*consumer).into(), tps(numbers));
            let observation = match generation {
                -1 => Observation::PartitionsRevoked { consumer: consumer.clone(), partitions },
                number => {
                    Observation::PartitionsAssigned { consumer: consumer.clone(), generation: *number, partitions }
                }
            };
            let position = Position { at: SimTime::ZERO, steps: 0, commands: 0 };
            let node = NodeId::Client(consumer);
            let event = Event { seq: 0, position, at: SimTime::ZERO, cause: 0, node, observation };
            Rc::new(EventRow::new(&event))
        };
        told.iter().map(row).collect()
    }

    fn group(state: &str, generation: i32, members: &[(&str, &[i32])]) -> GroupView {
        let member = |(client, share): &(&str, &[i32])| -> (Name, Name, Vec<TopicPartition>, SimTime) {
            ((*client).into(), (*client).into(), tps(share), SimTime::NEVER)
        };
        GroupView {
            id: "g".into(),
            state: state.into(),
            generation,
            protocol: "range".into(),
            coordinator: 101,
            leader: "a".into(),
            members: members.iter().map(member).collect(),
            committed: Vec::new(),
        }
    }

    fn told(events: &[Rc<EventRow>], group: &GroupView) -> Vec<String> {
        let one = |generation: &Generation| {
            let owners = generation.owners.iter().map(|(tp, owner)| format!("{}{owner}", tp.partition));
            format!("{}: {}", generation.number, owners.collect::<Vec<_>>().join(" "))
        };
        generations(events, group, |client| &**client != "stranger", 3).iter().map(one).collect()
    }

    #[test]
    fn cooperative_members_keep_what_nobody_takes() {
        let events = rows(&[
            ("a", 1, &[0, 1, 2]),
            ("stranger", 7, &[0]),
            ("a", 2, &[]),
            ("a", -1, &[2]),
            ("b", 2, &[]),
            ("a", 3, &[]),
            ("b", 3, &[2]),
        ]);
        let stable = group("Stable", 3, &[("a", &[0, 1]), ("b", &[2])]);
        assert_eq!(told(&events, &stable), ["1: 0a 1a 2a", "2: 0a 1a 2a", "3: 0a 1a 2b"]);
    }

    #[test]
    fn eager_members_begin_with_nothing_and_while_it_rebalances_the_past_is_told() {
        let events = rows(&[("a", 1, &[0, 1]), ("a", -1, &[0, 1]), ("a", 2, &[0]), ("b", 2, &[1]), ("b", -1, &[1])]);
        let rebalancing = group("PreparingRebalance", 2, &[("a", &[]), ("b", &[])]);
        assert_eq!(told(&events, &rebalancing), ["1: 0a 1a", "2: 0a 1b"]);
        assert!(told(&[], &group("Empty", 2, &[])).is_empty());
        assert_eq!(told(&[], &group("Stable", 5, &[("a", &[0])])), ["5: 0a"], "nothing older is known");
    }
}
