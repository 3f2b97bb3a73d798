//! Committed offsets: OffsetCommit, OffsetFetch, their expiry (KIP-211) and the deletion of topics.

use super::coordinator::{Append, GroupCoordinator};
use super::member::Asker;
use super::metadata::{CommittedOffset, Group};
use super::records::{KeyValue, group_tombstone, offset_record, offset_tombstone};
use super::state::GroupState;
use super::store::GroupStore;
use super::timer::GroupTimer;
use crate::collections::scala_map_order;
use crate::guard::{Guard, holds};
use crate::ids::{Name, TopicPartition};
use crate::machine::{Ctx, Observation};
use crate::protocol::coordinator::partition_hash;
use crate::protocol::group::{
    OffsetAndMetadata, OffsetCommitRequest, OffsetCommitResponse, OffsetFetchRequest, OffsetFetchResponse,
};
use crate::protocol::{ErrorCode, Response};
use crate::time::SimDuration;

/// What a request commits is kept in a Scala map by `TopicIdPartition`, without topic ids: its order is that of
/// the records.
pub(super) fn order_of_commit<T>(offsets: &mut [(TopicPartition, T)]) {
    scala_map_order(offsets, |(tp, _)| 31_i32.wrapping_mul(31).wrapping_add(partition_hash(tp)));
}

/// What a group drops is kept in one by `TopicPartition`.
pub(super) fn order_of_removal(offsets: &mut [TopicPartition]) {
    scala_map_order(offsets, partition_hash);
}

/// The coordinator's refusal, which is not about partitions that do not exist: the broker has sorted them out before.
pub(super) fn refuse_known<T>(
    store: &dyn GroupStore,
    offsets: Vec<(TopicPartition, T)>,
    error: ErrorCode,
) -> Vec<(TopicPartition, ErrorCode)> {
    let of = |tp: &TopicPartition| if store.partition_exists(tp) { error } else { ErrorCode::UnknownTopicOrPartition };
    offsets.into_iter().map(|(tp, _)| (tp.clone(), of(&tp))).collect()
}

impl GroupCoordinator {
    pub(super) fn commit_offsets(
        &mut self,
        ctx: &mut Ctx<'_>,
        store: &mut dyn GroupStore,
        asker: Asker,
        request: OffsetCommitRequest,
    ) {
        let id = request.group_id.clone();
        let nowhere = |(tp, _): &(TopicPartition, OffsetAndMetadata)| !store.partition_exists(tp);
        if request.offsets.iter().all(nowhere) {
            // The broker sorts out what does not exist (`KafkaApis`); its coordinator hears nothing of it.
            let partitions = request.offsets.into_iter().map(|(tp, _)| (tp, ErrorCode::UnknownTopicOrPartition));
            asker.answer(ctx, Response::OffsetCommit(OffsetCommitResponse { partitions: partitions.collect() }));
            return;
        }
        if let Err(error) = self.check_commit(store, &request) {
            let partitions = refuse_known(store, request.offsets, error);
            asker.answer(ctx, Response::OffsetCommit(OffsetCommitResponse { partitions }));
            return;
        }
        self.refresh_session(ctx.now, &id, &request.member_id, None);
        let limit = self.config.offset_metadata_max_bytes;
        let now_ms = store.now_ms();
        let mut answers = Vec::new();
        let mut offsets = Vec::new();
        for (tp, committed) in request.offsets {
            let error = if !store.partition_exists(&tp) {
                ErrorCode::UnknownTopicOrPartition
            } else if u64::try_from(committed.metadata.len()).is_ok_and(|length| length > limit) {
                ErrorCode::OffsetMetadataTooLarge
            } else {
                offsets.push((tp.clone(), committed));
                ErrorCode::None
            };
            answers.push((tp, error));
        }
        if offsets.is_empty() {
            asker.answer(ctx, Response::OffsetCommit(OffsetCommitResponse { partitions: answers }));
            return;
        }
        order_of_commit(&mut offsets);
        let records = offsets
            .iter()
            .map(|(tp, committed)| {
                let value = CommittedOffset { committed: committed.clone(), commit_timestamp_ms: now_ms };
                offset_record(&id, tp, &value)
            })
            .collect();
        let generation = request.generation_id;
        let append = Append::Commit { group: id.clone(), generation, asker, answers, offsets, now_ms };
        self.write(store, &id, records, append);
    }

    /// `validateOffsetCommit` and `doCommitOffsets`.
    fn check_commit(&mut self, store: &dyn GroupStore, request: &OffsetCommitRequest) -> Result<(), ErrorCode> {
        let by_hand = request.generation_id < 0;
        if !self.groups.contains_key(&request.group_id) {
            // The group relies on Kafka only for its offsets.
            if !by_hand {
                return Err(ErrorCode::IllegalGeneration);
            }
            self.group_or_new(store, &request.group_id);
        }
        let group = self.groups.get(&request.group_id).ok_or(ErrorCode::IllegalGeneration)?;
        if group.state == GroupState::Dead {
            return Err(ErrorCode::CoordinatorNotAvailable);
        }
        if by_hand && group.state == GroupState::Empty {
            return Ok(());
        }
        if group.is_fenced(&request.member_id, request.group_instance_id.as_ref()) {
            return Err(ErrorCode::FencedInstanceId);
        }
        if !holds(Guard::CommitFencedByGeneration) {
            return Ok(());
        }
        if !group.members.contains_key(&request.member_id) {
            return Err(ErrorCode::UnknownMemberId);
        }
        if request.generation_id != group.generation {
            return Err(ErrorCode::IllegalGeneration);
        }
        if group.state == GroupState::CompletingRebalance {
            return Err(ErrorCode::RebalanceInProgress);
        }
        Ok(())
    }

    /// The commit is replicated, or failed.
    #[allow(clippy::too_many_arguments, reason = "what was kept with the append")]
    pub(super) fn commit_written(
        &mut self,
        ctx: &mut Ctx<'_>,
        id: &Name,
        generation: i32,
        asker: &Asker,
        answers: Vec<(TopicPartition, ErrorCode)>,
        offsets: Vec<(TopicPartition, OffsetAndMetadata)>,
        now_ms: i64,
        error: ErrorCode,
        at: i64,
    ) {
        if error == ErrorCode::None
            && let Some(group) = self.groups.get_mut(id)
        {
            for (tp, committed) in offsets {
                if group.committed_at.get(&tp).is_some_and(|known| *known > at) {
                    continue;
                }
                group.committed_at.insert(tp.clone(), at);
                let (group_id, offset) = (id.clone(), committed.offset);
                ctx.observe(Observation::OffsetCommitted { group: group_id, tp: tp.clone(), offset, generation });
                group.offsets.insert(tp, CommittedOffset { committed, commit_timestamp_ms: now_ms });
            }
        }
        let error = commit_error(error);
        let partitions =
            answers.into_iter().map(|(tp, own)| (tp, if own == ErrorCode::None { error } else { own })).collect();
        asker.answer(ctx, Response::OffsetCommit(OffsetCommitResponse { partitions }));
    }

    pub(super) fn fetch_offsets(&self, ctx: &mut Ctx<'_>, asker: &Asker, request: &OffsetFetchRequest) {
        let group = self.groups.get(&request.group_id);
        let committed = |tp: &TopicPartition| {
            if request.require_stable && self.is_unstable(&request.group_id, tp) {
                return (tp.clone(), ErrorCode::UnstableOffsetCommit, None);
            }
            let found = group.and_then(|group| group.offsets.get(tp));
            (tp.clone(), ErrorCode::None, found.map(|found| found.committed.clone()))
        };
        let partitions = match &request.partitions {
            Some(asked) => asked.iter().map(committed).collect(),
            None => group.iter().flat_map(|group| group.offsets.keys()).map(committed).collect(),
        };
        let answer = OffsetFetchResponse { error: ErrorCode::None, partitions };
        asker.answer(ctx, Response::OffsetFetch(answer));
    }

    /// A commit of this position is on its way, in a transaction or without
    /// (`hasPendingOffsetCommitsForTopicPartition`).
    fn is_unstable(&self, id: &Name, tp: &TopicPartition) -> bool {
        let on_its_way = |append: &Append| match append {
            Append::Commit { group, offsets, .. } => group == id && offsets.iter().any(|(other, _)| other == tp),
            _ => false,
        };
        self.groups.get(id).is_some_and(|group| group.has_pending_txn_offset(tp))
            || self.appends.values().any(on_its_way)
    }

    /// A topic is deleted: its committed offsets go with it at once
    /// (`GroupCoordinator.handleDeletedPartitions`).
    pub fn on_partitions_deleted(
        &mut self,
        _ctx: &mut Ctx<'_>,
        store: &mut dyn GroupStore,
        deleted: &[TopicPartition],
    ) {
        self.clean_up(store, |_, group| deleted.iter().filter(|tp| group.offsets.contains_key(tp)).cloned().collect());
    }

    pub(super) fn expire_offsets(&mut self, ctx: &Ctx<'_>, store: &mut dyn GroupStore) {
        let retention_ms =
            i64::try_from(self.config.offsets_retention_minutes).unwrap_or(i64::MAX).saturating_mul(60_000);
        let before = store.now_ms().saturating_sub(retention_ms);
        self.clean_up(store, |_, group| expired(group, before));
        self.schedule_expiry(ctx);
    }

    pub(super) fn schedule_expiry(&mut self, ctx: &Ctx<'_>) {
        if self.owned.is_empty() {
            self.timers.cancel(&GroupTimer::ExpireOffsets);
        } else {
            let every = SimDuration::from_ms(self.config.offsets_retention_check_interval_ms);
            self.timers.set(GroupTimer::ExpireOffsets, ctx.now + every);
        }
    }

    /// `cleanupGroupMetadata`: deletes offsets, and groups that are left empty by it.
    fn clean_up(&mut self, store: &mut dyn GroupStore, select: impl Fn(&Name, &Group) -> Vec<TopicPartition>) {
        let ids: Vec<Name> = self.groups.keys().cloned().collect();
        for id in ids {
            let Some(group) = self.groups.get(&id) else { continue };
            let gone = select(&id, group);
            self.drop_offsets(store, &id, &gone);
        }
    }

    /// Deletes offsets of a group, and the group if it is left empty by it.
    pub(super) fn drop_offsets(&mut self, store: &mut dyn GroupStore, id: &Name, gone: &[TopicPartition]) {
        let Some(group) = self.groups.get_mut(id) else { return };
        let known = gone.iter().filter(|tp| group.offsets.contains_key(tp));
        let mut known: Vec<TopicPartition> = known.cloned().collect();
        order_of_removal(&mut known);
        let mut records: Vec<KeyValue> = known.iter().map(|tp| offset_tombstone(id, tp)).collect();
        for tp in &known {
            group.offsets.remove(tp);
            group.committed_at.remove(tp);
        }
        let over = group.state == GroupState::Empty
            && group.offsets.is_empty()
            && group.pending_txn.is_empty()
            && group.pending_members.is_empty()
            && (!known.is_empty() || group.generation > 0);
        if over {
            records.extend(tombstone_of(group));
            self.forget_group(id);
        }
        if !records.is_empty() {
            self.write(store, id, records, Append::Tombstones);
        }
    }
}

/// The tombstone of a group; one that only held offsets has no record to delete.
pub(super) fn tombstone_of(group: &Group) -> Option<KeyValue> {
    (group.generation > 0).then(|| group_tombstone(&group.id))
}

/// Offsets that are too old (`GroupMetadata.removeExpiredOffsets`).
fn expired(group: &Group, before_ms: i64) -> Vec<TopicPartition> {
    let is_old = |tp: &TopicPartition, offset: &CommittedOffset| match (&group.protocol_type, group.state) {
        (Some(_), GroupState::Empty) => group.state_since_ms.max(offset.commit_timestamp_ms) <= before_ms,
        (Some(_), GroupState::Stable) => !group.is_subscribed_to(&tp.topic) && offset.commit_timestamp_ms <= before_ms,
        (None, _) => offset.commit_timestamp_ms <= before_ms,
        _ => false,
    };
    let gone = |tp: &TopicPartition, offset: &CommittedOffset| !group.has_pending_txn_offset(tp) && is_old(tp, offset);
    group.offsets.iter().filter(|(tp, offset)| gone(tp, offset)).map(|(tp, _)| tp.clone()).collect()
}

/// What a failed append means to a commit (`GroupMetadataManager.storeOffsets`).
pub(super) fn commit_error(error: ErrorCode) -> ErrorCode {
    match error {
        ErrorCode::UnknownTopicOrPartition | ErrorCode::NotEnoughReplicas | ErrorCode::NotEnoughReplicasAfterAppend => {
            ErrorCode::CoordinatorNotAvailable
        }
        ErrorCode::NotLeaderOrFollower | ErrorCode::KafkaStorageError => ErrorCode::NotCoordinator,
        ErrorCode::MessageTooLarge | ErrorCode::RecordListTooLarge | ErrorCode::InvalidFetchSize => {
            ErrorCode::InvalidCommitOffsetSize
        }
        other => other,
    }
}
