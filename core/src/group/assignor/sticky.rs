//! `StickyAssignor` and `CooperativeStickyAssignor`: as equal as possible, and as little movement as
//! that allows.

use crate::collections::BTreeMap;

use super::claims::{Claims, MemberData};
use super::racks::Racks;
use super::{AssignorMember, GroupSubscription, Shares, constrained, general};
use crate::ids::{Name, TopicPartition};

/// What a sticky member remembers for its next join: its generation and its share.
///
/// Simplified: Kafka writes it as bytes (`STICKY_ASSIGNOR_USER_DATA_V1`), here it is text.
pub fn sticky_user_data(generation: i32, partitions: &[TopicPartition]) -> Name {
    let listed: Vec<String> = partitions.iter().map(ToString::to_string).collect();
    format!("{generation} {}", listed.join(" ")).into()
}

fn remembered(member: &AssignorMember) -> MemberData {
    let nothing = MemberData { partitions: Vec::new(), generation: -1 };
    let Some(data) = &member.subscription.user_data else { return nothing };
    let mut words = data.split(' ').filter(|word| !word.is_empty());
    let Some(generation) = words.next().and_then(|word| word.parse().ok()) else { return nothing };
    MemberData { partitions: words.filter_map(TopicPartition::parse).collect(), generation }
}

fn owned(member: &AssignorMember) -> MemberData {
    let partitions = member.subscription.owned_partitions.clone();
    MemberData { partitions, generation: member.subscription.generation_id }
}

/// Eager: what moves is handed over at once, since everybody gave everything up before.
pub(super) fn assign(group: &GroupSubscription) -> Shares {
    let topics = group.topics();
    let claims = Claims::of(group, &topics, remembered);
    let racks = Racks::of(group, &topics);
    if claims.equal {
        constrained::assign(&claims, &topics, &racks).0
    } else {
        general::assign(group, &claims, &topics, &racks)
    }
}

/// Cooperative: what moves from one member to another is given to nobody this time; its owner
/// revokes it and the group rebalances once more.
pub(super) fn assign_cooperatively(group: &GroupSubscription) -> Shares {
    let topics = group.topics();
    let claims = Claims::of(group, &topics, owned);
    let racks = Racks::of(group, &topics);
    let (mut shares, transferring) = if claims.equal {
        constrained::assign(&claims, &topics, &racks)
    } else {
        let shares = general::assign(group, &claims, &topics, &racks);
        let transferring = changing_hands(group, &shares);
        (shares, transferring)
    };
    for (tp, to) in transferring {
        if let Some(share) = shares.get_mut(&to) {
            share.retain(|held| *held != tp);
        }
    }
    shares
}

/// Partitions that somebody gets and somebody else says to own.
fn changing_hands(group: &GroupSubscription, shares: &Shares) -> BTreeMap<TopicPartition, Name> {
    let mut added = BTreeMap::new();
    let mut revoked = Vec::new();
    for member in &group.members {
        let share = shares.get(&member.member_id).cloned().unwrap_or_default();
        let owned = &member.subscription.owned_partitions;
        revoked.extend(owned.iter().filter(|tp| !share.contains(tp)).cloned());
        added.extend(share.into_iter().filter(|tp| !owned.contains(tp)).map(|tp| (tp, member.member_id.clone())));
    }
    added.retain(|tp, _| revoked.contains(tp));
    added
}
