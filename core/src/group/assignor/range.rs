//! `RangeAssignor`: per topic, consecutive ranges to the members in order; the first ones get one more. With racks, what is
//! near goes first, the same partition of all topics to one member where topics are alike (KIP-881).

use super::{AssignorMember, GroupSubscription, Shares, racks};
use crate::collections::Order;
use crate::ids::{Name, TopicPartition};

/// One topic while it is dealt out (`TopicAssignmentState`).
struct Topic<'a> {
    name: Name,
    count: i32,
    members: Vec<Reader<'a>>,
    /// Racks of each partition's replicas; none if no member has a rack.
    racks: &'a [Vec<Name>],
    racks_are_useful: bool,
    unassigned: Vec<i32>,
    each: usize,
    /// Members that may still get one more.
    extra: usize,
}

struct Reader<'a> {
    member: &'a AssignorMember,
    has: usize,
}

impl<'a> Topic<'a> {
    fn of(group: &'a GroupSubscription, members: &[&'a AssignorMember], name: Name, count: i32) -> Self {
        let subscribed = members.iter().filter(|member| member.subscription.topics.contains(&name));
        let members: Vec<Reader<'_>> = subscribed.map(|member| Reader { member, has: 0 }).collect();
        let racks = group.racks.iter().find(|(topic, _)| *topic == name).map_or(&[][..], |(_, racks)| racks);
        let racks_of_members = members.iter().filter_map(|reader| reader.member.rack());
        let partitions = usize::try_from(count).unwrap_or(0);
        Self {
            count,
            racks_are_useful: racks::are_useful(racks_of_members, racks.iter()),
            racks,
            unassigned: (0..count).collect(),
            each: partitions.checked_div(members.len()).unwrap_or(0),
            extra: partitions.checked_rem(members.len()).unwrap_or(0),
            members,
            name,
        }
    }

    /// How many more this reader may get.
    fn may_get(&self, place: usize) -> usize {
        let has = self.members.get(place).map_or(0, |reader| reader.has);
        (self.each + usize::from(self.extra > 0)).saturating_sub(has)
    }

    /// A replica is in the reader's rack, or it has none.
    fn is_near(&self, place: usize, partition: i32) -> bool {
        let Some(rack) = self.members.get(place).and_then(|reader| reader.member.rack()) else { return true };
        let racks = usize::try_from(partition).ok().and_then(|number| self.racks.get(number));
        racks.is_some_and(|racks| racks.contains(rack))
    }

    fn give(&mut self, place: usize, partitions: &[i32], shares: &mut Shares) {
        let Some(reader) = self.members.get_mut(place) else { return };
        let share = partitions.iter().map(|partition| TopicPartition::new(self.name.clone(), *partition));
        shares.entry(reader.member.member_id.clone()).or_default().extend(share);
        reader.has += partitions.len();
        self.extra -= usize::from(reader.has > self.each);
        self.unassigned.retain(|partition| !partitions.contains(partition));
    }

    /// To each in turn the next ones, or the next ones that are near.
    fn deal(&mut self, only_near: bool, shares: &mut Shares) {
        for place in 0..self.members.len() {
            let of_interest = self.unassigned.iter().filter(|partition| !only_near || self.is_near(place, **partition));
            let partitions: Vec<i32> = of_interest.copied().take(self.may_get(place)).collect();
            if !partitions.is_empty() {
                self.give(place, &partitions, shares);
            }
        }
    }

    /// As many partitions for the same members.
    fn is_like(&self, other: &Self) -> bool {
        let ids = |topic: &Self| topic.members.iter().map(|reader| reader.member.member_id.clone()).collect::<Vec<_>>();
        self.count == other.count && ids(self) == ids(other)
    }
}

/// Topics that are alike: a partition of all of them goes to one member that is near to it in each.
fn deal_alike(topics: &mut [&mut Topic<'_>], shares: &mut Shares) {
    let Some(first) = topics.first() else { return };
    for partition in 0..first.count {
        let suits = |place: &usize| topics.iter().all(|t| t.is_near(*place, partition) && t.may_get(*place) > 0);
        let Some(place) = (0..topics.first().map_or(0, |topic| topic.members.len())).find(suits) else { continue };
        topics.iter_mut().for_each(|topic| topic.give(place, &[partition], shares));
    }
}

fn deal_near(topics: &mut [Topic<'_>], shares: &mut Shares) {
    let mut rest: Vec<&mut Topic<'_>> =
        topics.iter_mut().filter(|t| t.members.iter().any(|reader| reader.member.rack().is_some())).collect();
    while let Some(topic) = rest.pop() {
        let (mut alike, others): (Vec<_>, Vec<_>) = rest.into_iter().partition(|other| topic.is_like(other));
        rest = others;
        if alike.is_empty() {
            if topic.racks_are_useful {
                topic.deal(true, shares);
            }
        } else {
            alike.push(topic);
            deal_alike(&mut alike, shares);
        }
    }
}

pub(super) fn assign(group: &GroupSubscription) -> Shares {
    let mut shares = Shares::new();
    let members = group.ordered();
    let topics = group.topics().into_iter();
    let mut topics: Vec<Topic<'_>> = topics.map(|(name, count)| Topic::of(group, &members, name, count)).collect();
    let by_racks = topics.iter().any(|topic| topic.racks_are_useful);
    if by_racks {
        deal_near(&mut topics, &mut shares);
    }
    topics.iter_mut().for_each(|topic| topic.deal(false, &mut shares));
    if by_racks {
        shares.values_mut().for_each(|share| share.order());
    }
    shares
}
