//! Failover: a broker that becomes leader of a partition of `__consumer_offsets` reads its groups
//! from the log; one that resigns forgets them (`GroupMetadataManager.loadGroupsAndOffsets`).

use crate::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::coordinator::{Append, GroupCoordinator, Owned, join_error};
use super::member::Member;
use super::metadata::{CommittedOffset, Group, PendingTxnOffset};
use super::records::{GroupMetadataValue, OffsetsTopicRecord, decode};
use super::state::GroupState;
use super::timer::GroupTimer;
use crate::guard::{Guard, holds};
use crate::ids::{Name, TopicPartition};
use crate::log::{EndTransactionMarker, RecordBatch};
use crate::machine::Ctx;
use crate::protocol::group::{Assignment, OffsetCommitResponse, SyncGroupResponse};
use crate::protocol::{ErrorCode, Response};
use crate::time::{SimDuration, SimTime};

/// Time to read one record of the log while loading, µs, over a start of a millisecond.
const LOAD_US_PER_RECORD: u64 = 5;

/// The newest of everything that a log says.
#[derive(Default)]
struct Loaded {
    groups: BTreeMap<Name, GroupMetadataValue>,
    /// By group and partition, with the offset of the record.
    offsets: BTreeMap<Name, BTreeMap<TopicPartition, (i64, CommittedOffset)>>,
    /// Of transactions without a marker, by producer id.
    pending: BTreeMap<i64, BTreeMap<(Name, TopicPartition), (i64, CommittedOffset)>>,
}

impl Loaded {
    fn of(batches: &[Rc<RecordBatch>]) -> Self {
        let mut loaded = Self::default();
        for batch in batches {
            if batch.is_control {
                let commit = EndTransactionMarker::of_batch(batch).is_some_and(|marker| marker.commit);
                loaded.end(batch.producer_id, commit);
                continue;
            }
            for record in &batch.records {
                let Some(key) = &record.key else { continue };
                if let Some(read) = decode(key, record.value.as_deref()) {
                    loaded.take(batch, read);
                }
            }
        }
        loaded
    }

    fn take(&mut self, batch: &RecordBatch, read: OffsetsTopicRecord) {
        match read {
            OffsetsTopicRecord::Offset { group, tp, value: Some(value) } => {
                let value = (batch.base_offset, value);
                if batch.is_transactional {
                    self.pending.entry(batch.producer_id).or_default().insert((group, tp), value);
                } else {
                    self.offsets.entry(group).or_default().insert(tp, value);
                }
            }
            OffsetsTopicRecord::Offset { group, tp, value: None } => {
                if let Some(offsets) = self.offsets.get_mut(&group) {
                    offsets.remove(&tp);
                }
            }
            OffsetsTopicRecord::Group { group, value: Some(value) } => {
                self.groups.insert(group, value);
            }
            OffsetsTopicRecord::Group { group, value: None } => {
                self.groups.remove(&group);
            }
        }
    }

    /// A marker: what was pending holds, if nothing later was committed meanwhile, or is gone.
    fn end(&mut self, producer_id: i64, commit: bool) {
        for ((group, tp), (at, value)) in self.pending.remove(&producer_id).unwrap_or_default() {
            let offsets = self.offsets.entry(group).or_default();
            if commit && offsets.get(&tp).is_none_or(|(known, _)| *known < at) {
                offsets.insert(tp, (at, value));
            }
        }
    }

    fn ids(&self) -> BTreeSet<Name> {
        let pending = self.pending.values().flat_map(|pending| pending.keys().map(|(group, _)| group));
        self.groups.keys().chain(self.offsets.keys()).chain(pending).cloned().collect()
    }
}

impl GroupCoordinator {
    /// This broker leads a partition of `__consumer_offsets` now; its log holds these batches.
    pub fn on_leader_elected(
        &mut self,
        ctx: &mut Ctx<'_>,
        partition: i32,
        leader_epoch: i32,
        batches: &[Rc<RecordBatch>],
    ) {
        // A later epoch of the same leadership brings nothing new.
        if let Some(owned) = self.owned.get_mut(&partition) {
            owned.leader_epoch = owned.leader_epoch.max(leader_epoch);
            return;
        }
        self.owned.insert(partition, Owned { leader_epoch, loading: true });
        let batches = if holds(Guard::GroupLogLoaded) { batches } else { &[] };
        let mut loaded = Loaded::of(batches);
        for id in loaded.ids() {
            let mut group = Group::new(id.clone(), ctx.wall_clock_ms());
            if let Some(value) = loaded.groups.remove(&id) {
                restore(&mut group, value, ctx.now);
            }
            for (tp, (at, value)) in loaded.offsets.remove(&id).unwrap_or_default() {
                group.committed_at.insert(tp.clone(), at);
                group.offsets.insert(tp, value);
            }
            for (producer_id, pending) in &loaded.pending {
                for ((_, tp), (at, value)) in pending.iter().filter(|((of, _), _)| *of == id) {
                    let value = PendingTxnOffset { value: value.clone(), appended_at: Some(*at) };
                    group.pending_txn.entry(*producer_id).or_default().insert(tp.clone(), value);
                }
            }
            if group.generation > 0 || !group.offsets.is_empty() || !group.pending_txn.is_empty() {
                self.partition_of.insert(id.clone(), partition);
                self.groups.insert(id, group);
            }
        }
        let records: usize = batches.iter().map(|batch| batch.records.len()).sum();
        let takes_us = u64::try_from(records).unwrap_or(u64::MAX).saturating_mul(LOAD_US_PER_RECORD);
        let takes = SimDuration::from_ms(1) + SimDuration::from_us(takes_us);
        self.timers.set(GroupTimer::Loaded(partition), ctx.now + takes);
        if self.timers.get(&GroupTimer::ExpireOffsets).is_none() {
            self.schedule_expiry(ctx);
        }
    }

    /// The log is read: requests are taken, and the members' sessions begin anew.
    pub(super) fn loaded(&mut self, ctx: &Ctx<'_>, partition: i32) {
        let Some(owned) = self.owned.get_mut(&partition) else { return };
        owned.loading = false;
        let here = |id: &&Name| self.partition_of.get(*id) == Some(&partition);
        let ids: Vec<Name> = self.groups.keys().filter(here).cloned().collect();
        for id in ids {
            let Some(group) = self.groups.get(&id) else { continue };
            let members: Vec<Name> = group.members.keys().cloned().collect();
            for member in members {
                self.refresh_session(ctx.now, &id, &member, None);
            }
        }
    }

    /// This broker no longer leads the partition: its groups live elsewhere now. Who waits for an
    /// answer is told to look for the new coordinator (`onGroupUnloaded`).
    pub fn on_resigned(&mut self, ctx: &mut Ctx<'_>, partition: i32) {
        self.owned.remove(&partition);
        self.timers.cancel(&GroupTimer::Loaded(partition));
        let here = |id: &&Name| self.partition_of.get(*id) == Some(&partition);
        let ids: Vec<Name> = self.groups.keys().filter(here).cloned().collect();
        for id in &ids {
            if let Some(mut group) = self.groups.remove(id) {
                group.state = GroupState::Dead;
                for member in group.members.values_mut() {
                    if let Some(parked) = member.awaiting_join.take() {
                        parked.answer(ctx, Response::JoinGroup(join_error(&member.id, ErrorCode::NotCoordinator)));
                    }
                    if let Some(parked) = member.awaiting_sync.take() {
                        let assignment = Assignment::default();
                        let answer = SyncGroupResponse { error: ErrorCode::NotCoordinator, assignment };
                        parked.answer(ctx, Response::SyncGroup(answer));
                    }
                }
            }
            self.forget_group(id);
        }
        self.drop_appends(ctx, &ids);
        if self.owned.is_empty() {
            self.timers.cancel(&GroupTimer::ExpireOffsets);
        }
    }

    /// Commits that were on their way when the leadership went: nobody knows whether they hold.
    fn drop_appends(&mut self, ctx: &mut Ctx<'_>, gone: &[Name]) {
        let lost = |append: &Append| matches!(append, Append::Commit { group, .. } if gone.contains(group));
        let tokens: Vec<u64> =
            self.appends.iter().filter(|(_, append)| lost(append)).map(|(token, _)| *token).collect();
        for token in tokens {
            if let Some(Append::Commit { asker, answers, .. }) = self.appends.remove(&token) {
                let partitions = answers.into_iter().map(|(tp, _)| (tp, ErrorCode::NotCoordinator)).collect();
                asker.answer(ctx, Response::OffsetCommit(OffsetCommitResponse { partitions }));
            }
        }
    }
}

/// A group as its record has it: stable with its members, or empty.
fn restore(group: &mut Group, value: GroupMetadataValue, now: SimTime) {
    group.generation = value.generation;
    group.protocol_type = Some(value.protocol_type).filter(|kind| !kind.is_empty());
    group.protocol = value.protocol.clone();
    group.state_since_ms = value.current_state_timestamp_ms;
    group.state = if value.members.is_empty() { GroupState::Empty } else { GroupState::Stable };
    let protocol = value.protocol.unwrap_or_else(|| "".into());
    for member in value.members {
        group.add(Member {
            id: member.member_id,
            instance_id: member.group_instance_id,
            client_id: member.client_id,
            client_host: member.client_host,
            session_timeout_ms: u64::try_from(member.session_timeout_ms).unwrap_or(0),
            rebalance_timeout_ms: u64::try_from(member.rebalance_timeout_ms).unwrap_or(0),
            // The record holds only the subscription under the chosen assignor.
            protocols: vec![(protocol.clone(), member.subscription)],
            assignment: member.assignment,
            is_new: false,
            awaiting_join: None,
            awaiting_sync: None,
            session_deadline: now,
        });
    }
    group.leader = value.leader;
}
