//! Racks in an assignment (KIP-881): who says `client.rack` gets, where shares allow it, partitions with a replica in that
//! rack. `AbstractPartitionAssignor.useRackAwareAssignment`, `AbstractStickyAssignor.RackInfo`.

use super::GroupSubscription;
use crate::collections::Order;
use crate::ids::{Name, TopicPartition};

/// The racks of a group's members and of its topics' replicas; empty where they make no difference.
#[derive(Default)]
pub(super) struct Racks<'a> {
    members: Vec<(&'a Name, &'a Name)>,
    topics: Vec<(&'a Name, &'a [Vec<Name>])>,
}

/// Racks help if a member has one that replicas are in, and partitions differ in theirs.
pub(super) fn are_useful<'a>(
    members: impl Iterator<Item = &'a Name>,
    partitions: impl Iterator<Item = &'a Vec<Name>> + Clone,
) -> bool {
    let mut all: Vec<&Name> = partitions.clone().flatten().collect();
    all.order();
    all.dedup();
    members.into_iter().any(|rack| all.contains(&rack)) && partitions.into_iter().any(|racks| racks.len() < all.len())
}

impl<'a> Racks<'a> {
    /// Of all members and topics together, as the sticky assignors look at them.
    pub fn of(group: &'a GroupSubscription, topics: &[(Name, i32)]) -> Self {
        let members: Vec<(&Name, &Name)> =
            group.members.iter().filter_map(|member| Some((&member.member_id, member.rack()?))).collect();
        let exists = |topic: &Name| topics.iter().any(|(known, _)| known == topic);
        let topics: Vec<(&Name, &[Vec<Name>])> = group
            .racks
            .iter()
            .filter(|(topic, _)| exists(topic))
            .map(|(topic, partitions)| (topic, partitions.as_slice()))
            .collect();
        let partitions = topics.iter().flat_map(|(_, partitions)| partitions.iter());
        if are_useful(members.iter().map(|(_, rack)| *rack), partitions) {
            Self { members, topics }
        } else {
            Self::default()
        }
    }

    /// Nothing depends on them.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    fn of_member(&self, id: &Name) -> Option<&'a Name> {
        self.members.iter().find(|(member, _)| *member == id).map(|(_, rack)| *rack)
    }

    fn of_partition(&self, tp: &TopicPartition) -> &'a [Name] {
        let partitions = self.topics.iter().find(|(topic, _)| **topic == tp.topic).map_or(&[][..], |(_, all)| all);
        usize::try_from(tp.partition).ok().and_then(|number| partitions.get(number)).map_or(&[], Vec::as_slice)
    }

    /// The member has a rack, and no replica of the partition is in it.
    pub fn mismatch(&self, id: &Name, tp: &TopicPartition) -> bool {
        self.of_member(id).is_some_and(|rack| !self.of_partition(tp).contains(rack))
    }

    /// The member has a rack, and a replica of the partition is in it.
    pub fn is_near(&self, id: &Name, tp: &TopicPartition) -> bool {
        self.of_member(id).is_some_and(|rack| self.of_partition(tp).contains(rack))
    }

    /// Partitions that few members are near to come first.
    pub fn sort(&self, partitions: &mut [TopicPartition]) {
        partitions.order_by_key(|tp| {
            let racks = self.of_partition(tp);
            self.members.iter().filter(|(_, rack)| racks.contains(rack)).count()
        });
    }

    /// The place of the next member, from `first` on and around, that is near to the partition.
    pub fn next_near<'b>(
        &self,
        tp: &TopicPartition,
        members: impl Iterator<Item = &'b Name> + Clone,
        first: usize,
    ) -> Option<usize> {
        let is_near = |(_, id): &(usize, &Name)| self.is_near(id, tp);
        let members = members.enumerate();
        members.clone().skip(first).find(is_near).or_else(|| members.take(first).find(is_near)).map(|(place, _)| place)
    }
}
