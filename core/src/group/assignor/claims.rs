//! Who owns what before a sticky assignment (`AbstractStickyAssignor.allSubscriptionsEqual`): newer
//! generations win; who claims a partition twice in one generation is not believed.

use crate::collections::{BTreeMap, BTreeSet};

use super::hash_order::hash_order;
use super::{AssignorMember, GroupSubscription};
use crate::ids::{Name, TopicPartition};

/// What one member says of itself.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct MemberData {
    pub partitions: Vec<TopicPartition>,
    /// -1 if it does not say.
    pub generation: i32,
}

/// The claims of all members, settled.
pub(super) struct Claims {
    /// Members in the order in which Java walks through them.
    pub members: Vec<Name>,
    /// Every member's own words.
    pub data: BTreeMap<Name, MemberData>,
    /// What is believed.
    pub owned: BTreeMap<Name, Vec<TopicPartition>>,
    /// Partitions that two members claimed in one generation.
    pub doubly_claimed: BTreeSet<TopicPartition>,
    pub max_generation: i32,
    /// All subscribe to the same topics.
    pub equal: bool,
}

impl Claims {
    pub fn of(group: &GroupSubscription, topics: &[(Name, i32)], data: impl Fn(&AssignorMember) -> MemberData) -> Self {
        let exists = |topic: &Name| topics.iter().any(|(known, _)| known == topic);
        let order = hash_order(group.members.iter().map(|member| member.member_id.clone()));
        let mut claims = Self {
            members: hash_order(order.iter().cloned()),
            data: BTreeMap::new(),
            owned: BTreeMap::new(),
            doubly_claimed: BTreeSet::new(),
            max_generation: -1,
            equal: true,
        };
        let mut owners: BTreeMap<TopicPartition, Name> = BTreeMap::new();
        let mut subscribed: BTreeSet<Name> = BTreeSet::new();
        for id in &order {
            let Some(member) = group.members.iter().find(|member| member.member_id == *id) else { continue };
            let topics: BTreeSet<Name> = member.subscription.topics.iter().cloned().collect();
            if subscribed.is_empty() {
                subscribed = topics;
            } else if subscribed != topics {
                claims.equal = false;
            }
            let words = data(member);
            claims.max_generation = claims.max_generation.max(words.generation);
            claims.owned.insert(id.clone(), Vec::new());
            claims.data.insert(id.clone(), words.clone());
            for tp in words.partitions.iter().filter(|tp| exists(&tp.topic)) {
                claims.settle(&mut owners, id, words.generation, tp);
            }
        }
        claims
    }

    fn settle(&mut self, owners: &mut BTreeMap<TopicPartition, Name>, id: &Name, generation: i32, tp: &TopicPartition) {
        let other = owners.get(tp).cloned();
        let other_generation = other.as_ref().and_then(|other| self.data.get(other)).map(|data| data.generation);
        if other_generation.is_some_and(|other| other > generation) {
            return;
        }
        if let Some(holder) = other.and_then(|other| self.owned.get_mut(&other)) {
            holder.retain(|held| held != tp);
        }
        owners.insert(tp.clone(), id.clone());
        if other_generation == Some(generation) {
            self.doubly_claimed.insert(tp.clone());
        } else if let Some(own) = self.owned.get_mut(id) {
            own.push(tp.clone());
        }
    }
}
