//! One group (`GroupMetadata`): its members, generation, assignment and committed offsets.

use crate::collections::{BTreeMap, BTreeSet};

use super::member::{Asker, Member};
use super::state::GroupState;
use crate::ids::{Name, TopicPartition};
use crate::protocol::group::{Assignment, OffsetAndMetadata, Subscription};

/// A committed position with the time of its commit.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CommittedOffset {
    /// Offset, leader epoch and metadata.
    pub committed: OffsetAndMetadata,
    /// When it was committed, ms since 1970.
    pub commit_timestamp_ms: i64,
}

/// A position committed in a transaction that is not decided.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct PendingTxnOffset {
    pub value: CommittedOffset,
    /// Offset of its record, once that is replicated.
    pub appended_at: Option<i64>,
}

/// A group.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Group {
    pub(super) id: Name,
    pub(super) state: GroupState,
    pub(super) state_since_ms: i64,
    pub(super) generation: i32,
    pub(super) protocol_type: Option<Name>,
    pub(super) protocol: Option<Name>,
    pub(super) leader: Option<Name>,
    pub(super) members: BTreeMap<Name, Member>,
    /// Member ids handed out and not used yet.
    pub(super) pending_members: BTreeSet<Name>,
    /// Members that have not sent SyncGroup in this generation.
    pub(super) pending_sync: BTreeSet<Name>,
    /// Instance id → member id.
    pub(super) static_members: BTreeMap<Name, Name>,
    /// In an initial join phase: how much longer it may be extended, ms.
    pub(super) initial_remaining_ms: Option<u64>,
    /// Somebody came during the current round of the initial delay.
    pub(super) new_member_added: bool,
    pub(super) offsets: BTreeMap<TopicPartition, CommittedOffset>,
    /// Offset of the record of each committed position: the later record holds.
    pub(super) committed_at: BTreeMap<TopicPartition, i64>,
    /// Positions in open transactions, by producer id.
    pub(super) pending_txn: BTreeMap<i64, BTreeMap<TopicPartition, PendingTxnOffset>>,
}

impl Group {
    pub(super) fn new(id: Name, now_ms: i64) -> Self {
        Self {
            id,
            state: GroupState::Empty,
            state_since_ms: now_ms,
            generation: 0,
            protocol_type: None,
            protocol: None,
            leader: None,
            members: BTreeMap::new(),
            pending_members: BTreeSet::new(),
            pending_sync: BTreeSet::new(),
            static_members: BTreeMap::new(),
            initial_remaining_ms: None,
            new_member_added: false,
            offsets: BTreeMap::new(),
            committed_at: BTreeMap::new(),
            pending_txn: BTreeMap::new(),
        }
    }

    /// `group.id`
    pub fn id(&self) -> &Name {
        &self.id
    }

    /// Where it stands.
    pub fn state(&self) -> GroupState {
        self.state
    }

    /// How many join phases have ended.
    pub fn generation(&self) -> i32 {
        self.generation
    }

    /// `consumer`, or `None` for a group that only holds offsets.
    pub fn protocol_type(&self) -> Option<&Name> {
        self.protocol_type.as_ref()
    }

    /// The assignor in use.
    pub fn protocol(&self) -> Option<&Name> {
        self.protocol.as_ref()
    }

    /// The member that assigns.
    pub fn leader(&self) -> Option<&Name> {
        self.leader.as_ref()
    }

    /// Members, by id.
    pub fn members(&self) -> impl Iterator<Item = &Member> {
        self.members.values()
    }

    /// Committed offsets, by partition.
    pub fn offsets(&self) -> impl Iterator<Item = (&TopicPartition, &CommittedOffset)> {
        self.offsets.iter()
    }

    /// Offset in `__consumer_offsets` of the record of a committed position.
    pub fn committed_at(&self, tp: &TopicPartition) -> Option<i64> {
        self.committed_at.get(tp).copied()
    }

    /// Partitions with a position in an open transaction, and whose, by producer id.
    pub fn pending_transactional(&self) -> impl Iterator<Item = (i64, &TopicPartition)> {
        self.pending_txn.iter().flat_map(|(producer_id, pending)| pending.keys().map(move |tp| (*producer_id, tp)))
    }

    pub(super) fn transition(&mut self, to: GroupState, now_ms: i64) {
        self.state = to;
        self.state_since_ms = now_ms;
    }

    /// The longest of the members' rebalance timeouts, ms.
    pub(super) fn rebalance_timeout_ms(&self) -> u64 {
        self.members.values().map(|member| member.rebalance_timeout_ms).max().unwrap_or(0)
    }

    /// Every known member has sent JoinGroup, and nobody is about to send the first one.
    pub(super) fn has_all_members_joined(&self) -> bool {
        self.pending_members.is_empty() && self.members.values().all(|member| member.awaiting_join.is_some())
    }

    /// Assignors that every member supports.
    fn candidates(&self) -> BTreeSet<Name> {
        let mut members = self.members.values();
        let Some(first) = members.next() else { return BTreeSet::new() };
        let all: BTreeSet<Name> = first.protocols.iter().map(|(name, _)| name.clone()).collect();
        members.fold(all, |left, member| {
            left.into_iter().filter(|name| member.protocols.iter().any(|(other, _)| other == name)).collect()
        })
    }

    /// True if somebody with these protocols could be a member.
    pub(super) fn supports(&self, protocol_type: &Name, protocols: &[(Name, Subscription)]) -> bool {
        if self.state == GroupState::Empty || self.members.is_empty() {
            return !protocol_type.is_empty() && !protocols.is_empty();
        }
        let candidates = self.candidates();
        self.protocol_type.as_ref() == Some(protocol_type)
            && protocols.iter().any(|(name, _)| candidates.contains(name))
    }

    /// Each member votes for the first of its assignors that all support; the most votes win, then
    /// the first name (Kafka leaves a tie to a hash map).
    pub(super) fn select_protocol(&self) -> Option<Name> {
        let candidates = self.candidates();
        let mut votes: BTreeMap<Name, u32> = BTreeMap::new();
        for member in self.members.values() {
            if let Some((name, _)) = member.protocols.iter().find(|(name, _)| candidates.contains(name)) {
                *votes.entry(name.clone()).or_default() += 1;
            }
        }
        let most = votes.values().copied().max()?;
        votes.into_iter().find(|(_, count)| *count == most).map(|(name, _)| name)
    }

    pub(super) fn add(&mut self, member: Member) {
        if self.leader.is_none() {
            self.leader = Some(member.id.clone());
        }
        if let Some(instance) = &member.instance_id {
            self.static_members.insert(instance.clone(), member.id.clone());
        }
        self.pending_members.remove(&member.id);
        self.members.insert(member.id.clone(), member);
    }

    pub(super) fn remove(&mut self, id: &Name) -> Option<Member> {
        let member = self.members.remove(id)?;
        if let Some(instance) = &member.instance_id
            && self.static_members.get(instance) == Some(id)
        {
            self.static_members.remove(instance);
        }
        self.pending_sync.remove(id);
        if self.leader.as_ref() == Some(id) {
            self.leader = self.members.keys().next().cloned();
        }
        Some(member)
    }

    /// A static member came back under a new id; the old one is told that it is fenced by the caller.
    pub(super) fn replace_static(&mut self, old: &Name, new: Name) -> (Option<Asker>, Option<Asker>) {
        let Some(mut member) = self.members.remove(old) else { return (None, None) };
        let parked = (member.awaiting_join.take(), member.awaiting_sync.take());
        member.id = new.clone();
        if let Some(instance) = &member.instance_id {
            self.static_members.insert(instance.clone(), new.clone());
        }
        if self.leader.as_ref() == Some(old) {
            self.leader = Some(new.clone());
        }
        if self.pending_sync.remove(old) {
            self.pending_sync.insert(new.clone());
        }
        self.members.insert(new, member);
        parked
    }

    /// True if the instance id is now held by another member id.
    pub(super) fn is_fenced(&self, member: &str, instance: Option<&Name>) -> bool {
        instance.and_then(|instance| self.static_members.get(instance)).is_some_and(|holder| &**holder != member)
    }

    /// All members for the leader: id, instance id, subscription under the chosen assignor.
    pub(super) fn member_list(&self) -> Vec<(Name, Option<Name>, Subscription)> {
        let protocol = self.protocol.clone().unwrap_or_else(|| "".into());
        self.members
            .values()
            .map(|member| (member.id.clone(), member.instance_id.clone(), member.subscription(&protocol)))
            .collect()
    }

    pub(super) fn clear_assignments(&mut self) {
        for member in self.members.values_mut() {
            member.assignment = Assignment::default();
        }
    }

    /// Some member subscribes to the topic.
    pub(super) fn is_subscribed_to(&self, topic: &Name) -> bool {
        self.members.values().any(|m| m.protocols.iter().any(|(_, subscription)| subscription.topics.contains(topic)))
    }
}
