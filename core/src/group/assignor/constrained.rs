//! Sticky assignment when all subscribe to the same topics
//! (`AbstractStickyAssignor.ConstrainedAssignmentBuilder`).

use crate::collections::Order;
use crate::collections::{BTreeMap, BTreeSet};

use super::Shares;
use super::claims::Claims;
use super::racks::Racks;
use crate::ids::{Name, TopicPartition};

/// Shares, and the partitions that change hands.
pub(super) fn assign(
    claims: &Claims,
    topics: &[(Name, i32)],
    racks: &Racks<'_>,
) -> (Shares, BTreeMap<TopicPartition, Name>) {
    let total: i32 = topics.iter().map(|(_, count)| *count).sum();
    let members = i32::try_from(claims.members.len()).unwrap_or(i32::MAX);
    let (Some(each), Some(rest)) = (total.checked_div(members), total.checked_rem(members)) else {
        return (Shares::new(), BTreeMap::new());
    };
    let mut builder = Builder {
        claims,
        racks,
        min_quota: usize::try_from(each).unwrap_or(0),
        max_quota: usize::try_from(each + i32::from(rest > 0)).unwrap_or(0),
        over_min_expected: rest,
        over_min: 0,
        under: Vec::new(),
        exactly: Vec::new(),
        shares: claims.members.iter().map(|id| (id.clone(), Vec::new())).collect(),
        maybe_revoked: BTreeMap::new(),
        transferring: BTreeMap::new(),
    };
    builder.keep_owned();
    builder.under.order();
    builder.exactly.order();
    let mut rest = builder.unassigned(topics);
    if !racks.is_empty() {
        rest = builder.deal_near(racks.sort(&rest));
    }
    builder.deal(rest);
    (builder.shares, builder.transferring)
}

struct Builder<'a> {
    claims: &'a Claims,
    racks: &'a Racks<'a>,
    min_quota: usize,
    max_quota: usize,
    /// How many members may get more than the least.
    over_min_expected: i32,
    over_min: i32,
    /// Members with less than the least.
    under: Vec<Name>,
    /// Members with the least that may get one more.
    exactly: Vec<Name>,
    shares: Shares,
    maybe_revoked: BTreeMap<TopicPartition, Name>,
    transferring: BTreeMap<TopicPartition, Name>,
}

impl Builder<'_> {
    /// Everybody keeps what it owned, as far as the quotas allow.
    fn keep_owned(&mut self) {
        for id in &self.claims.members {
            let mut owned: Vec<TopicPartition> = self.claims.owned.get(id).cloned().unwrap_or_default();
            owned.retain(|tp| {
                let far = self.racks.mismatch(id, tp);
                if far {
                    self.maybe_revoked.insert(tp.clone(), id.clone());
                }
                !far && !self.claims.doubly_claimed.contains(tp)
            });
            owned.order_by(|a, b| (a.partition, &a.topic).cmp(&(b.partition, &b.topic)));
            let keep = if owned.len() < self.min_quota {
                self.under.push(id.clone());
                owned.len()
            } else if owned.len() >= self.max_quota && self.over_min < self.over_min_expected {
                self.over_min += 1;
                if self.over_min == self.over_min_expected {
                    self.exactly.clear();
                }
                self.max_quota
            } else {
                if self.over_min < self.over_min_expected {
                    self.exactly.push(id.clone());
                }
                self.min_quota
            };
            let given_up = owned.split_off(keep.min(owned.len()));
            self.maybe_revoked.extend(given_up.into_iter().map(|tp| (tp, id.clone())));
            self.shares.insert(id.clone(), owned);
        }
    }

    /// What nobody keeps, in order.
    fn unassigned(&self, topics: &[(Name, i32)]) -> Vec<TopicPartition> {
        let kept: BTreeSet<TopicPartition> = self.shares.values().flatten().cloned().collect();
        let mut topics = topics.to_vec();
        topics.order();
        let all = topics.iter().flat_map(|(topic, count)| (0..*count).map(|p| TopicPartition::new(topic.clone(), p)));
        all.filter(|tp| !kept.contains(tp)).collect()
    }

    /// Each to the next member that is near to it and has less than the least, or else to the first one that has the least;
    /// gives what is left over (`assignRackAwareRoundRobin`).
    fn deal_near(&mut self, partitions: Vec<TopicPartition>) -> Vec<TopicPartition> {
        let mut next = 0;
        let mut rest = Vec::new();
        for tp in partitions {
            if let Some(place) = self.racks.next_near(&tp, &self.under, next) {
                let Some(id) = self.under.get(place).cloned() else { continue };
                let size = self.give(tp, &id);
                next = place + 1;
                if size >= self.min_quota {
                    self.under.remove(place);
                    next = place;
                    if size < self.max_quota && self.over_min < self.over_min_expected {
                        self.exactly.push(id);
                    }
                }
                next = next.checked_rem(self.under.len()).unwrap_or(0);
            } else if let Some(place) = self.racks.next_near(&tp, &self.exactly, 0) {
                let Some(id) = self.exactly.get(place).cloned() else { continue };
                if self.give(tp, &id) == self.max_quota {
                    self.exactly.remove(place);
                    self.over_min += 1;
                    if self.over_min == self.over_min_expected {
                        self.exactly.clear();
                    }
                }
            } else {
                rest.push(tp);
            }
        }
        rest
    }

    /// One after the other to the members below the least, then to those at it.
    fn deal(&mut self, partitions: Vec<TopicPartition>) {
        let mut next = 0;
        for tp in partitions {
            if next >= self.under.len() {
                next = 0;
            }
            let from_under = self.under.get(next).cloned();
            if from_under.is_none() && self.exactly.is_empty() {
                return;
            }
            let id = from_under.clone().unwrap_or_else(|| self.exactly.remove(0));
            let size = self.give(tp, &id);
            if from_under.is_some() {
                if size == self.min_quota {
                    self.under.remove(next);
                    self.exactly.push(id);
                } else {
                    next += 1;
                }
            }
        }
    }

    fn give(&mut self, tp: TopicPartition, id: &Name) -> usize {
        let moved = self.maybe_revoked.get(&tp).is_some_and(|owner| owner != id);
        if moved || self.claims.doubly_claimed.contains(&tp) {
            self.transferring.insert(tp.clone(), id.clone());
        }
        let share = self.shares.entry(id.clone()).or_default();
        share.push(tp);
        share.len()
    }
}
