//! Sticky assignment when subscriptions differ (`AbstractStickyAssignor.GeneralAssignmentBuilder`):
//! fill up, then move single partitions as long as that makes shares more equal.

use crate::collections::Order;
use crate::collections::{BTreeMap, BTreeSet};

use super::claims::Claims;
use super::movements::Movements;
use super::racks::Racks;
use super::{GroupSubscription, Shares};
use crate::ids::{Name, TopicPartition};

pub(super) fn assign(group: &GroupSubscription, claims: &Claims, topics: &[(Name, i32)], racks: &Racks<'_>) -> Shares {
    let mut builder = Builder::new(group, claims, topics, racks);
    builder.previous = previous_owners(claims);
    let assigned = builder.keep_owned();
    let unassigned: Vec<TopicPartition> = builder.all.iter().filter(|tp| !assigned.contains(tp)).cloned().collect();
    builder.balance(unassigned);
    builder.shares
}

/// The owner of an older generation, for each partition that has one.
fn previous_owners(claims: &Claims) -> BTreeMap<TopicPartition, Name> {
    let mut previous: BTreeMap<TopicPartition, (i32, Name)> = BTreeMap::new();
    for id in &claims.members {
        let Some(data) = claims.data.get(id).filter(|data| data.generation < claims.max_generation) else { continue };
        for tp in &data.partitions {
            if previous.get(tp).is_none_or(|(known, _)| data.generation > *known) {
                previous.insert(tp.clone(), (data.generation, id.clone()));
            }
        }
    }
    previous.into_iter().map(|(tp, (_, id))| (tp, id)).collect()
}

struct Builder<'a> {
    racks: &'a Racks<'a>,
    counts: BTreeMap<Name, i32>,
    /// Topics of each member that exist, in the order of its subscription.
    topics_of: BTreeMap<Name, Vec<Name>>,
    /// Members of each topic, in the order in which Java walks through them.
    members_of: BTreeMap<Name, Vec<Name>>,
    /// Partitions by the number of members that could have them.
    all: Vec<TopicPartition>,
    shares: Shares,
    owner: BTreeMap<TopicPartition, Name>,
    previous: BTreeMap<TopicPartition, Name>,
    /// Members whose share may change.
    movable: BTreeSet<Name>,
    movements: Movements,
    revocation_required: bool,
}

impl<'a> Builder<'a> {
    fn new(group: &GroupSubscription, claims: &Claims, topics: &[(Name, i32)], racks: &'a Racks<'a>) -> Self {
        let counts: BTreeMap<Name, i32> = topics.iter().cloned().collect();
        let mut topics_of = BTreeMap::new();
        let mut members_of: BTreeMap<Name, Vec<Name>> =
            counts.keys().map(|topic| (topic.clone(), Vec::new())).collect();
        for id in super::hash_order::hash_order(group.members.iter().map(|member| member.member_id.clone())) {
            let Some(member) = group.members.iter().find(|member| member.member_id == id) else { continue };
            let existing = member.subscription.topics.iter().filter(|topic| counts.contains_key(*topic)).cloned();
            let existing: Vec<Name> = existing.collect();
            for topic in &existing {
                members_of.entry(topic.clone()).or_default().push(id.clone());
            }
            topics_of.insert(id, existing);
        }
        let mut sorted: Vec<(usize, Name)> = members_of.iter().map(|(topic, ids)| (ids.len(), topic.clone())).collect();
        sorted.order();
        let partitions_of = |topic: &Name| {
            let topic = topic.clone();
            (0..counts.get(&topic).copied().unwrap_or(0)).map(move |p| TopicPartition::new(topic.clone(), p))
        };
        Self {
            racks,
            all: sorted.iter().flat_map(|(_, topic)| partitions_of(topic)).collect(),
            topics_of,
            members_of,
            shares: claims.owned.clone(),
            owner: BTreeMap::new(),
            previous: BTreeMap::new(),
            movable: claims.members.iter().cloned().collect(),
            movements: Movements::default(),
            revocation_required: false,
            counts,
        }
    }

    /// Takes away what a member no longer subscribes to, or has no replica in its rack; says what is still owned.
    fn keep_owned(&mut self) -> BTreeSet<TopicPartition> {
        let mut kept = BTreeSet::new();
        for (id, share) in &mut self.shares {
            let topics = self.topics_of.get(id).cloned().unwrap_or_default();
            let before = share.len();
            share.retain(|tp| topics.contains(&tp.topic) && !self.racks.mismatch(id, tp));
            self.revocation_required |= share.len() < before;
            for tp in share.iter() {
                self.owner.insert(tp.clone(), id.clone());
                kept.insert(tp.clone());
            }
        }
        kept
    }

    fn size(&self, id: &Name) -> usize {
        self.shares.get(id).map_or(0, Vec::len)
    }

    /// Members whose share may change, the smallest share first, ties by id.
    fn by_size(&self) -> Vec<Name> {
        let mut ids: Vec<Name> = self.movable.iter().cloned().collect();
        ids.order_by_key(|id| (self.size(id), id.clone()));
        ids
    }

    fn subscribes(&self, id: &Name, topic: &Name) -> bool {
        self.topics_of.get(id).is_some_and(|topics| topics.contains(topic))
    }

    fn is_shared(&self, topic: &Name) -> bool {
        self.members_of.get(topic).is_some_and(|members| members.len() >= 2)
    }

    fn most(&self, id: &Name) -> usize {
        let topics = self.topics_of.get(id).into_iter().flatten();
        let sum: i32 = topics.filter_map(|topic| self.counts.get(topic)).sum();
        usize::try_from(sum).unwrap_or(0)
    }

    fn balance(&mut self, mut unassigned: Vec<TopicPartition>) {
        let initializing = self.by_size().last().is_none_or(|id| self.size(id) == 0);
        let far: Vec<TopicPartition> = if self.racks.is_empty() {
            unassigned.clone()
        } else {
            unassigned.iter().filter(|tp| !self.give(tp, true)).cloned().collect()
        };
        for tp in &far {
            self.give(tp, false);
        }
        // Only what could be elsewhere is looked at again.
        let mut all = std::mem::take(&mut self.all);
        all.retain(|tp| self.is_shared(&tp.topic));
        unassigned.retain(|tp| self.is_shared(&tp.topic));
        let fixed = |id: &Name| {
            let share = self.shares.get(id);
            self.size(id) >= self.most(id) && !share.into_iter().flatten().any(|tp| self.is_shared(&tp.topic))
        };
        let movable: BTreeSet<Name> = self.movable.iter().filter(|id| !fixed(id)).cloned().collect();
        self.movable = movable;
        let before = self.shares.clone();
        if !self.revocation_required {
            self.reassign(&unassigned);
        }
        let moved = self.reassign(&all);
        if !initializing && moved && self.score(&self.shares) >= self.score(&before) {
            self.shares = before;
        }
    }

    /// To the smallest share of those that subscribe, or of those that are near as well; false if there is none.
    fn give(&mut self, tp: &TopicPartition, only_near: bool) -> bool {
        let suits = |id: &Name| self.subscribes(id, &tp.topic) && !(only_near && self.racks.mismatch(id, tp));
        let Some(id) = self.by_size().into_iter().find(suits) else { return false };
        self.owner.insert(tp.clone(), id.clone());
        self.shares.entry(id).or_default().push(tp.clone());
        true
    }

    /// The sum of differences of all pairs of shares.
    fn score(&self, shares: &Shares) -> usize {
        let sizes: Vec<usize> = self.movable.iter().map(|id| shares.get(id).map_or(0, Vec::len)).collect();
        let pairs = sizes.iter().enumerate().flat_map(|(at, a)| sizes.iter().skip(at + 1).map(|b| a.abs_diff(*b)));
        pairs.sum()
    }

    fn is_balanced(&self) -> bool {
        let ids = self.by_size();
        let (Some(first), Some(last)) = (ids.first(), ids.last()) else { return true };
        if self.size(first) + 1 >= self.size(last) {
            return true;
        }
        let could_get = |id: &Name, tp: &TopicPartition| {
            let owner = self.owner.get(tp).filter(|owner| self.movable.contains(*owner) && *owner != id);
            owner.is_some_and(|owner| self.size(id) + 1 < self.size(owner))
        };
        !ids.iter().filter(|id| self.size(id) != self.most(id)).any(|id| {
            let topics = self.topics_of.get(id).into_iter().flatten();
            let partitions = topics.flat_map(|topic| {
                (0..self.counts.get(topic).copied().unwrap_or(0)).map(|p| TopicPartition::new(topic.clone(), p))
            });
            partitions.into_iter().any(|tp| could_get(id, &tp))
        })
    }

    /// Moves partitions until nothing gets better; true if any was moved.
    fn reassign(&mut self, partitions: &[TopicPartition]) -> bool {
        let mut moved = false;
        // Each round but the last makes shares more equal; the bound only guards against a mistake.
        for _ in 0..self.owner.len().saturating_add(1).saturating_mul(self.movable.len().saturating_add(1)) {
            let mut again = false;
            for tp in partitions {
                if self.is_balanced() {
                    break;
                }
                let Some(owner) = self.owner.get(tp).cloned() else { continue };
                let size = self.size(&owner);
                let back = self.previous.get(tp).filter(|id| self.shares.contains_key(*id)).cloned();
                if let Some(back) = back.filter(|back| size > self.size(back) + 1) {
                    self.hand_over(tp, &back);
                    again = true;
                    continue;
                }
                // Java looks at members in the owner's rack first, and then does with them what it does with any.
                let members = self.members_of.get(&tp.topic).into_iter().flatten();
                let better = members.into_iter().any(|other| size > self.size(other) + 1);
                let to = self.by_size().into_iter().find(|id| self.subscribes(id, &tp.topic));
                if let Some(to) = to.filter(|_| better) {
                    self.hand_over(tp, &to);
                    again = true;
                }
            }
            moved |= again;
            if !again {
                break;
            }
        }
        moved
    }

    fn hand_over(&mut self, tp: &TopicPartition, to: &Name) {
        let Some(from) = self.owner.get(tp).cloned() else { return };
        let tp = self.movements.instead_of(tp, &from, to);
        let Some(from) = self.owner.get(&tp).cloned() else { return };
        self.movements.note(&tp, &from, to);
        if let Some(share) = self.shares.get_mut(&from) {
            share.retain(|held| *held != tp);
        }
        self.shares.entry(to.clone()).or_default().push(tp.clone());
        self.owner.insert(tp, to.clone());
    }
}
