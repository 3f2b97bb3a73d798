//! Failover: a broker that becomes leader of a partition of `__consumer_offsets` reads its groups
//! from the log; one that resigns forgets them (`GroupMetadataManager.loadGroupsAndOffsets`).

use std::collections::BTreeMap;
use std::rc::Rc;

use super::coordinator::{Append, GroupCoordinator, Owned, join_error};
use super::member::Member;
use super::metadata::{CommittedOffset, Group};
use super::records::{GroupMetadataValue, OffsetsTopicRecord, decode};
use super::state::GroupState;
use super::timer::GroupTimer;
use crate::ids::{Name, TopicPartition};
use crate::log::RecordBatch;
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
    offsets: BTreeMap<Name, BTreeMap<TopicPartition, CommittedOffset>>,
}

impl Loaded {
    fn of(batches: &[Rc<RecordBatch>]) -> Self {
        let mut loaded = Self::default();
        let records = batches.iter().filter(|batch| !batch.is_control).flat_map(|batch| &batch.records);
        for record in records {
            let Some(key) = &record.key else { continue };
            match decode(key, record.value.as_deref()) {
                Some(OffsetsTopicRecord::Offset { group, tp, value: Some(value) }) => {
                    loaded.offsets.entry(group).or_default().insert(tp, value);
                }
                Some(OffsetsTopicRecord::Offset { group, tp, value: None }) => {
                    if let Some(offsets) = loaded.offsets.get_mut(&group) {
                        offsets.remove(&tp);
                    }
                }
                Some(OffsetsTopicRecord::Group { group, value: Some(value) }) => {
                    loaded.groups.insert(group, value);
                }
                Some(OffsetsTopicRecord::Group { group, value: None }) => {
                    loaded.groups.remove(&group);
                }
                None => {}
            }
        }
        loaded
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
        let Loaded { mut groups, offsets } = Loaded::of(batches);
        let mut ids: Vec<Name> = groups.keys().chain(offsets.keys()).cloned().collect();
        ids.sort();
        ids.dedup();
        for id in ids {
            let mut group = Group::new(id.clone(), ctx.now.wall_clock_ms());
            if let Some(value) = groups.remove(&id) {
                restore(&mut group, value, ctx.now);
            }
            group.offsets = offsets.get(&id).cloned().unwrap_or_default();
            if group.generation > 0 || !group.offsets.is_empty() {
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
