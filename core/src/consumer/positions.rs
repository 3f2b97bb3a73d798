//! Which partitions the consumer has and where it stands in them (`SubscriptionState`).

use crate::collections::BTreeSet;

use super::pattern::Pattern;
use crate::collections::{KeyMap, java_map_order};
use crate::ids::{BrokerId, Name, TopicPartition};
use crate::protocol::coordinator::partition_hash;
use crate::time::SimTime;

/// How partitions come to the consumer.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum Kind {
    /// Neither subscribed nor assigned.
    #[default]
    None,
    /// By the group, for these topics.
    Topics(BTreeSet<Name>),
    /// By the group, for the topics whose names match.
    Pattern(Pattern),
    /// By hand.
    ByHand,
}

/// The next offset to be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Position {
    /// The offset.
    pub offset: i64,
    /// Leader epoch of the record before it, -1 if unknown.
    pub offset_epoch: i32,
}

/// How far the search for a position is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PositionState {
    /// The committed offset is asked for.
    Initializing,
    /// There is no committed offset; `auto.offset.reset` decides.
    NoneCommitted,
    /// The leader is asked for the offset at this timestamp (-1 the end, -2 the beginning).
    AwaitsReset(i64),
    /// Known, but the leader has changed: the new one is asked whether it has what was read (KIP-320).
    AwaitsValidation(Position),
    /// Known.
    At(Position),
}

/// An assigned partition.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PartitionState {
    /// Where it stands.
    pub position: PositionState,
    /// The leader and its epoch for which the position holds (`FetchPosition.currentLeader`).
    pub leader: Option<(BrokerId, i32)>,
    /// `pause()`
    pub paused: bool,
    /// It is about to be revoked, and what was consumed is being committed: nothing more is read.
    pub pending_revocation: bool,
    /// The replica to read from instead of the leader.
    pub preferred: Option<PreferredReplica>,
}

/// A replica that the leader has named (KIP-392).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PreferredReplica {
    /// The replica.
    pub broker: BrokerId,
    /// The leader epoch in which it was named; a new leader is asked itself.
    pub leader_epoch: i32,
    /// `metadata.max.age.ms` is over: the leader is asked again.
    pub until: SimTime,
}

impl PartitionState {
    /// The position, if it is known and the leader has it.
    pub fn known(&self) -> Option<Position> {
        match self.position {
            PositionState::At(position) => Some(position),
            _ => None,
        }
    }

    /// The position, if it is known, whether the leader has been asked about it or not.
    pub fn standing(&self) -> Option<Position> {
        match self.position {
            PositionState::At(position) | PositionState::AwaitsValidation(position) => Some(position),
            _ => None,
        }
    }

    /// `maybeValidatePosition`: a new leader is asked about a position whose epoch is known.
    pub fn led_by(&mut self, leader: (BrokerId, i32)) {
        let Some(position) = self.standing().filter(|_| self.leader != Some(leader)) else { return };
        self.preferred = None;
        self.stand(position, Some(leader));
    }

    /// `seekUnvalidated`: a new position, to be validated if its epoch is known.
    pub fn stand(&mut self, position: Position, leader: Option<(BrokerId, i32)>) {
        self.leader = leader;
        self.position = if position.offset_epoch >= 0 && leader.is_some() {
            PositionState::AwaitsValidation(position)
        } else {
            PositionState::At(position)
        };
    }

    /// The replica to read from instead of the leader of this epoch.
    pub fn preferred_in(&self, leader_epoch: i32, now: SimTime) -> Option<BrokerId> {
        let named = self.preferred?;
        (named.leader_epoch == leader_epoch && named.until > now).then_some(named.broker)
    }

    /// The position, if it may be read from.
    pub fn fetchable(&self) -> Option<Position> {
        if self.paused || self.pending_revocation { None } else { self.known() }
    }
}

/// Subscription and assignment.
#[derive(Clone, Debug, Default)]
pub struct Subscriptions {
    /// How partitions come.
    pub kind: Kind,
    /// What was assigned.
    pub assigned: KeyMap<TopicPartition, PartitionState>,
    /// The order in which they are asked for (`PartitionStates`): who was read goes to its end.
    order: Vec<TopicPartition>,
}

impl Subscriptions {
    /// Managed by the group.
    pub fn is_auto(&self) -> bool {
        matches!(self.kind, Kind::Topics(_) | Kind::Pattern(_))
    }

    /// Topics that the group shares out, as far as this member knows them.
    pub fn subscribed(&self) -> Option<&BTreeSet<Name>> {
        match &self.kind {
            Kind::Topics(topics) => Some(topics),
            Kind::Pattern(pattern) => Some(&pattern.topics),
            Kind::None | Kind::ByHand => None,
        }
    }

    /// Topics whose metadata is needed.
    pub fn topics(&self) -> BTreeSet<Name> {
        match &self.kind {
            Kind::Topics(topics) => topics.clone(),
            Kind::Pattern(pattern) => pattern.topics.clone(),
            Kind::None | Kind::ByHand => self.assigned.keys().map(|tp| tp.topic.clone()).collect(),
        }
    }

    /// `assignFromUser`: what the application named.
    pub fn assign_by_hand(&mut self, partitions: impl IntoIterator<Item = TopicPartition>) {
        self.assign(partitions);
        self.arrange(16);
    }

    /// In the order of a hash map, topic by topic.
    fn arrange(&mut self, capacity: usize) {
        let mut order: Vec<TopicPartition> = self.assigned.keys().cloned().collect();
        java_map_order(&mut order, capacity, partition_hash);
        self.order.clear();
        while let Some(topic) = order.first().map(|tp| tp.topic.clone()) {
            self.order.extend(order.iter().filter(|tp| tp.topic == topic).cloned());
            order.retain(|tp| tp.topic != topic);
        }
    }

    /// Assigned partitions in the order in which they are asked for.
    pub fn in_order(&self) -> impl Iterator<Item = (&TopicPartition, &PartitionState)> {
        self.order.iter().filter_map(|tp| Some((tp, self.assigned.get(tp)?)))
    }

    /// What came of it was read: others are asked for before it now.
    pub fn move_to_end(&mut self, tp: &TopicPartition) {
        if let Some(at) = self.order.iter().position(|other| other == tp) {
            self.order[at..].rotate_left(1);
        }
    }

    /// `assignFromSubscribed`: replaces the assignment; partitions that stay keep their state.
    pub fn assign(&mut self, partitions: impl IntoIterator<Item = TopicPartition>) {
        let fresh = PartitionState {
            position: PositionState::Initializing,
            leader: None,
            paused: false,
            pending_revocation: false,
            preferred: None,
        };
        let mut old = std::mem::take(&mut self.assigned);
        self.assigned = partitions
            .into_iter()
            .map(|tp| {
                let state = old.remove(&tp).unwrap_or(fresh);
                (tp, state)
            })
            .collect();
        self.arrange(self.assigned.len());
    }

    /// Assigned partitions, sorted.
    pub fn partitions(&self) -> Vec<TopicPartition> {
        self.assigned.keys().cloned().collect()
    }

    /// The position, if it is known.
    pub fn position(&self, tp: &TopicPartition) -> Option<Position> {
        self.assigned.get(tp)?.known()
    }

    /// There is no position left to be looked for.
    pub fn all_known(&self) -> bool {
        self.assigned.values().all(|state| state.standing().is_some())
    }

    /// Moves the position, or begins the search for it.
    pub fn set(&mut self, tp: &TopicPartition, position: PositionState) {
        if let Some(state) = self.assigned.get_mut(tp) {
            state.position = position;
        }
    }

    /// Moves the position to where the leader has not been asked about it.
    pub fn seek(&mut self, tp: &TopicPartition, position: Position, leader: Option<(BrokerId, i32)>) {
        if let Some(state) = self.assigned.get_mut(tp) {
            state.stand(position, leader);
        }
    }

    /// Reads from this replica, or from the leader; gives the one that was read from so far.
    pub fn prefer(&mut self, tp: &TopicPartition, replica: Option<PreferredReplica>) -> Option<BrokerId> {
        let state = self.assigned.get_mut(tp)?;
        let before = std::mem::replace(&mut state.preferred, replica);
        before.map(|named| named.broker)
    }

    /// `markPendingRevocation`, of all.
    pub fn mark_pending_revocation(&mut self) {
        for state in self.assigned.values_mut() {
            state.pending_revocation = true;
        }
    }

    /// Pauses or resumes.
    pub fn pause(&mut self, partitions: &[TopicPartition], paused: bool) {
        for tp in partitions {
            if let Some(state) = self.assigned.get_mut(tp) {
                state.paused = paused;
            }
        }
    }

    /// The position of a partition that may be read from.
    pub fn fetchable(&self, tp: &TopicPartition) -> Option<Position> {
        self.assigned.get(tp)?.fetchable()
    }

    /// Partitions in a state that `test` selects.
    pub fn in_state(&self, test: impl Fn(PositionState) -> bool) -> Vec<TopicPartition> {
        self.assigned.iter().filter(|(_, state)| test(state.position)).map(|(tp, _)| tp.clone()).collect()
    }

    /// `allConsumed()`: every known position.
    pub fn all_consumed(&self) -> Vec<(TopicPartition, Position)> {
        self.assigned.iter().filter_map(|(tp, state)| Some((tp.clone(), state.known()?))).collect()
    }
}
