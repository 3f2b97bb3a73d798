//! Who owned which partition in the last generations of a group, from what its members told.
//!
//! Leaves out generations older than the events that the page keeps.

use std::rc::Rc;

use playground_core::ids::{Name, TopicPartition};
use playground_core::machine::Observation;
use playground_core::view::GroupView;

use super::events::EventRow;

/// What an event tells of who owns what.
#[derive(Clone, PartialEq, Debug)]
pub enum Share {
    /// A member of a group knows its share in a generation.
    Assigned {
        /// The group.
        group: Name,
        /// Its `client.id`.
        member: Name,
        /// The generation.
        generation: i32,
        /// All that it owns in it.
        owned: Vec<TopicPartition>,
    },
    /// A group has no members any more, and may be forgotten and begin anew.
    Emptied(Name),
}

impl Share {
    /// What `observation` tells of shares.
    pub fn of(observation: &Observation) -> Option<Self> {
        match observation {
            Observation::PartitionsAssigned { consumer, group: Some(group), generation, owned, .. } => {
                let (group, member) = (group.clone(), consumer.clone());
                Some(Self::Assigned { group, member, generation: *generation, owned: owned.to_vec() })
            }
            Observation::GroupEmpty { group, .. } => Some(Self::Emptied(group.clone())),
            _ => None,
        }
    }
}

/// One generation: each partition that had an owner in it.
#[derive(Clone, PartialEq, Debug)]
pub struct Generation {
    /// Its number.
    pub number: i32,
    /// The members by `client.id`, in the order in which they were assigned: of two of one partition the later counts.
    pub owners: Vec<(TopicPartition, Name)>,
}

impl Generation {
    /// Who owned a partition.
    pub fn owner(&self, tp: &TopicPartition) -> Option<&Name> {
        self.owners.iter().rev().find(|(owned, _)| owned == tp).map(|(_, owner)| owner)
    }
}

/// The last `most` generations, the newest one last.
pub fn generations(events: &[Rc<EventRow>], group: &GroupView, most: usize) -> Vec<Generation> {
    let mut found: Vec<Generation> = Vec::new();
    let mut emptied = false;
    for share in events.iter().filter_map(|event| event.share.as_ref()) {
        match share {
            Share::Assigned { group: id, member, generation, owned } if *id == group.id => {
                // One that is lower than the last comes late, or the group was forgotten and began anew.
                if std::mem::take(&mut emptied) {
                    found.retain(|one| one.number < *generation);
                }
                let at = found.iter().position(|one| one.number >= *generation).unwrap_or(found.len());
                if found.get(at).is_none_or(|one| one.number != *generation) {
                    found.insert(at, Generation { number: *generation, owners: Vec::new() });
                }
                if let Some(one) = found.get_mut(at) {
                    one.owners.extend(owned.iter().map(|tp| (tp.clone(), member.clone())));
                }
            }
            Share::Emptied(id) => emptied |= *id == group.id,
            Share::Assigned { .. } => {}
        }
    }
    // What the coordinator has now needs no history.
    if &*group.state == "Stable" && !group.members.is_empty() {
        found.retain(|one| one.number < group.generation);
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

    /// (group, member, generation, owned); generation -1: the group is empty.
    fn rows(told: &[(&str, &str, i32, &[i32])]) -> Vec<Rc<EventRow>> {
        let row = |(group, member, generation, owned): &(&str, &str, i32, &[i32])| {
            let (group, consumer): (Name, Name) = ((*group).into(), (*member).into());
            let observation = match *generation {
                -1 => Observation::GroupEmpty { group, generation: 0 },
                generation => {
                    let (partitions, owned) = (Rc::default(), Rc::new(tps(owned)));
                    let (consumer, group) = (consumer.clone(), Some(group));
                    Observation::PartitionsAssigned { consumer, group, generation, partitions, owned }
                }
            };
            let position = Position { at: SimTime::ZERO, steps: 0, commands: 0 };
            let node = NodeId::Client(consumer);
            let event = Event { seq: 0, position, at: SimTime::ZERO, node: &node, observation: &observation };
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
        generations(events, group, 3).iter().map(one).collect()
    }

    #[test]
    fn each_generation_has_the_owners_that_its_members_told() {
        let events = rows(&[
            ("g", "a", 1, &[0, 1, 2]),
            ("other", "stranger", 7, &[0]),
            ("g", "a", 2, &[0, 1]),
            ("g", "b", 2, &[]),
            ("g", "a", 3, &[0, 1]),
            ("g", "b", 3, &[2]),
            ("g", "b", 2, &[]),
        ]);
        let stable = group("Stable", 3, &[("a", &[0, 1]), ("b", &[2])]);
        assert_eq!(
            told(&events, &stable),
            ["1: 0a 1a 2a", "2: 0a 1a", "3: 0a 1a 2b"],
            "one that is late changes nothing"
        );
        assert_eq!(told(&[], &group("Stable", 5, &[("a", &[0])])), ["5: 0a"], "nothing older is known");
    }

    #[test]
    fn while_it_rebalances_the_past_is_told_and_a_group_that_begins_anew_has_none() {
        let mut all: Vec<(&str, &str, i32, &[i32])> =
            vec![("g", "a", 1, &[0, 1]), ("g", "a", 2, &[0]), ("g", "b", 2, &[1])];
        let rebalancing = group("PreparingRebalance", 2, &[("a", &[]), ("b", &[])]);
        assert_eq!(told(&rows(&all), &rebalancing), ["1: 0a 1a", "2: 0a 1b"]);
        all.extend([("g", "", -1, &[] as &[i32]), ("g", "c", 4, &[0, 1])]);
        assert_eq!(told(&rows(&all), &group("PreparingRebalance", 4, &[])), ["1: 0a 1a", "2: 0a 1b", "4: 0c 1c"]);
        all.extend([("g", "", -1, &[] as &[i32]), ("g", "d", 1, &[0])]);
        assert_eq!(told(&rows(&all), &group("PreparingRebalance", 1, &[])), ["1: 0d"]);
        assert!(told(&[], &group("Empty", 2, &[])).is_empty());
    }
}
