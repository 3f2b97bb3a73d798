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
        let racks_of_members: Vec<&Name> = members.iter().filter_map(|reader| reader.member.rack()).collect();
        let partitions = usize::try_from(count).unwrap_or(0);
        Self {
            count,
            racks_are_useful: racks::are_useful(&racks_of_members, &[racks]),
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
            let mut partitions = self.unassigned.clone();
            partitions.retain(|partition| !only_near || self.is_near(place, *partition));
            partitions.truncate(self.may_get(place));
            if !partitions.is_empty() {
                self.give(place, &partitions, shares);
            }
        }
    }

    /// As many partitions for the same members.
    fn is_like(&self, other: &Self) -> bool {
        let ids = self.members.iter().zip(&other.members);
        self.count == other.count
            && self.members.len() == other.members.len()
            && ids.into_iter().all(|(own, theirs)| own.member.member_id == theirs.member.member_id)
    }
}

/// Topics that are alike: a partition of all of them goes to one member that is near to it in each.
fn deal_alike(topics: &mut [Topic<'_>], alike: &[usize], shares: &mut Shares) {
    let Some(first) = alike.first().and_then(|place| topics.get(*place)) else { return };
    let (count, members) = (first.count, first.members.len());
    for partition in 0..count {
        let suits = |member: &usize| {
            let mut alike = alike.iter().filter_map(|place| topics.get(*place));
            alike.all(|topic| topic.is_near(*member, partition) && topic.may_get(*member) > 0)
        };
        let Some(member) = (0..members).find(suits) else { continue };
        for place in alike {
            if let Some(topic) = topics.get_mut(*place) {
                topic.give(member, &[partition], shares);
            }
        }
    }
}

fn deal_near(topics: &mut [Topic<'_>], shares: &mut Shares) {
    let mut rest: Vec<usize> = (0..topics.len()).collect();
    rest.retain(|place| {
        let members = topics.get(*place).map_or(&[][..], |topic| &topic.members);
        members.iter().any(|reader| reader.member.rack().is_some())
    });
    while let Some(place) = rest.first().copied() {
        let is_like = |other: &usize| topics.get(*other).zip(topics.get(place)).is_some_and(|(a, b)| a.is_like(b));
        let mut alike = rest.clone();
        alike.retain(is_like);
        rest.retain(|other| !alike.contains(other));
        match topics.get_mut(place) {
            Some(topic) if alike.len() == 1 => {
                if topic.racks_are_useful {
                    topic.deal(true, shares);
                }
            }
            _ => deal_alike(topics, &alike, shares),
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
