//! Racks in an assignment (KIP-881): who says `client.rack` gets, where shares allow it, partitions with a replica in that
//! rack. `AbstractPartitionAssignor.useRackAwareAssignment`, `AbstractStickyAssignor.RackInfo`.

use super::GroupSubscription;
use crate::ids::{Name, TopicPartition};

/// The racks of a group's members and of its topics' replicas; empty where they make no difference.
#[derive(Default)]
pub(super) struct Racks<'a> {
    members: Vec<(&'a Name, &'a Name)>,
    topics: Vec<(&'a Name, &'a [Vec<Name>])>,
}

/// Racks help if a member has one that replicas are in, and partitions differ in theirs.
pub(super) fn are_useful(members: &[&Name], topics: &[&[Vec<Name>]]) -> bool {
    let mut all: Vec<&Name> = Vec::new();
    for rack in topics.iter().copied().flatten().flatten() {
        if !all.contains(&rack) {
            all.push(rack);
        }
    }
    let differ = topics.iter().copied().flatten().any(|racks| racks.len() < all.len());
    differ && members.iter().any(|rack| all.contains(rack))
}

impl<'a> Racks<'a> {
    /// Of all members and topics together, as the sticky assignors look at them.
    pub fn of(group: &'a GroupSubscription, topics: &[(Name, i32)]) -> Self {
        let mut racks = Self::default();
        for member in &group.members {
            racks.members.extend(member.rack().map(|rack| (&member.member_id, rack)));
        }
        if racks.is_empty() {
            return racks;
        }
        for (topic, partitions) in &group.racks {
            if topics.iter().any(|(known, _)| known == topic) {
                racks.topics.push((topic, partitions));
            }
        }
        let members: Vec<&Name> = racks.members.iter().map(|(_, rack)| *rack).collect();
        let topics: Vec<&[Vec<Name>]> = racks.topics.iter().map(|(_, partitions)| *partitions).collect();
        if are_useful(&members, &topics) { racks } else { Self::default() }
    }

    /// Nothing depends on them.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    fn of_partition(&self, tp: &TopicPartition) -> &'a [Name] {
        let partitions = self.topics.iter().find(|(topic, _)| **topic == tp.topic).map_or(&[][..], |(_, all)| all);
        usize::try_from(tp.partition).ok().and_then(|number| partitions.get(number)).map_or(&[], Vec::as_slice)
    }

    /// Whether a replica of the partition is in the member's rack; `None` if it has no rack.
    fn match_of(&self, id: &Name, tp: &TopicPartition) -> Option<bool> {
        let (_, rack) = self.members.iter().find(|(member, _)| *member == id)?;
        Some(self.of_partition(tp).contains(rack))
    }

    /// The member has a rack, and no replica of the partition is in it.
    pub fn mismatch(&self, id: &Name, tp: &TopicPartition) -> bool {
        self.match_of(id, tp) == Some(false)
    }

    /// Partitions that few members are near to come first.
    pub fn sort(&self, partitions: &[TopicPartition]) -> Vec<TopicPartition> {
        let mut sorted = Vec::with_capacity(partitions.len());
        for many in 0..=self.members.len() {
            for tp in partitions {
                let racks = self.of_partition(tp);
                if self.members.iter().filter(|(_, rack)| racks.contains(rack)).count() == many {
                    sorted.push(tp.clone());
                }
            }
        }
        sorted
    }

    /// The place of the next member, from `first` on and around, that is near to the partition.
    pub fn next_near(&self, tp: &TopicPartition, members: &[Name], first: usize) -> Option<usize> {
        let is_near = |place: &usize| members.get(*place).is_some_and(|id| self.match_of(id, tp) == Some(true));
        (first..members.len()).chain(0..first).find(is_near)
    }
}
