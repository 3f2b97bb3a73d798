//! Offsets that are committed in a transaction: pending until its marker, then they hold or are gone
//! (`GroupCoordinator.handleTxnCommitOffsets`, `GroupMetadata.completePendingTxnOffsetCommit`; KIP-98,
//! KIP-447).

use super::coordinator::{Append, GroupCoordinator};
use super::member::Asker;
use super::metadata::{CommittedOffset, Group, PendingTxnOffset};
use super::offsets::{commit_error, order_of_commit, refuse_known};
use super::records::offset_record;
use super::state::GroupState;
use super::store::{GroupStore, Transactional};
use crate::guard::{Guard, holds};
use crate::ids::{Name, TopicPartition};
use crate::machine::{COMMITTED_BY_TRANSACTION, Connection, Ctx, Observation};
use crate::protocol::transaction::{TxnOffsetCommitRequest, TxnOffsetCommitResponse};
use crate::protocol::{ErrorCode, Response};

/// A commit on its way to the log.
#[derive(Clone, Debug)]
pub(super) struct TxnCommit {
    pub group: Name,
    pub asker: Asker,
    pub producer_id: i64,
    pub answers: Vec<(TopicPartition, ErrorCode)>,
    pub offsets: Vec<(TopicPartition, CommittedOffset)>,
}

fn answer(ctx: &mut Ctx<'_>, asker: &Asker, partitions: Vec<(TopicPartition, ErrorCode)>) {
    asker.answer(ctx, Response::TxnOffsetCommit(TxnOffsetCommitResponse { partitions }));
}

impl GroupCoordinator {
    /// TxnOffsetCommit. `error`: the transaction's coordinator does not know the group's partition;
    /// `guard`: under which it was asked (KIP-890).
    #[allow(clippy::too_many_arguments, reason = "a request with what the broker found out before it")]
    pub fn commit_in_transaction(
        &mut self,
        ctx: &mut Ctx<'_>,
        store: &mut dyn GroupStore,
        on: &Connection,
        correlation_id: u64,
        request: TxnOffsetCommitRequest,
        error: Option<ErrorCode>,
        guard: Option<u64>,
    ) {
        let asker = Asker { on: on.clone(), correlation_id };
        let refused = match self.status_of(store, &request.group_id, false).or(error.map(commit_error)) {
            Some(error) => Some(error),
            None => self.check_txn_commit(store, &request).err(),
        };
        if let Some(error) = refused {
            answer(ctx, &asker, refuse_known(store, request.offsets, error));
            return;
        }
        let id = request.group_id;
        self.refresh_session(ctx.now, &id, &request.member_id, None);
        let (limit, now_ms) = (self.config.offset_metadata_max_bytes, store.now_ms());
        let (mut answers, mut offsets) = (Vec::new(), Vec::new());
        for (tp, committed) in request.offsets {
            let error = if !store.partition_exists(&tp) {
                ErrorCode::UnknownTopicOrPartition
            } else if u64::try_from(committed.metadata.len()).is_ok_and(|length| length > limit) {
                ErrorCode::OffsetMetadataTooLarge
            } else {
                offsets.push((tp.clone(), CommittedOffset { committed, commit_timestamp_ms: now_ms }));
                ErrorCode::None
            };
            answers.push((tp, error));
        }
        if offsets.is_empty() {
            answer(ctx, &asker, answers);
            return;
        }
        order_of_commit(&mut offsets);
        let producer_id = request.producer_id;
        if let Some(group) = self.groups.get_mut(&id) {
            let pending = group.pending_txn.entry(producer_id).or_default();
            for (tp, value) in &offsets {
                pending.insert(tp.clone(), PendingTxnOffset { value: value.clone(), appended_at: None });
            }
        }
        let records = offsets.iter().map(|(tp, value)| offset_record(&id, tp, value)).collect();
        let of = Transactional { producer_id, producer_epoch: request.producer_epoch, guard };
        let append = Append::TxnCommit(TxnCommit { group: id.clone(), asker, producer_id, answers, offsets });
        self.write_of(store, &id, records, append, Some(of));
    }

    /// `validateOffsetCommit`: a producer may or may not say for which member it commits.
    fn check_txn_commit(&mut self, store: &dyn GroupStore, request: &TxnOffsetCommitRequest) -> Result<(), ErrorCode> {
        let group = self.group_or_new(store, &request.group_id);
        let named = request.generation_id >= 0 || !request.member_id.is_empty() || request.group_instance_id.is_some();
        if group.state == GroupState::Dead {
            return Err(ErrorCode::CoordinatorNotAvailable);
        }
        if (request.generation_id < 0 && group.state == GroupState::Empty) || !named {
            return Ok(());
        }
        if group.is_fenced(&request.member_id, request.group_instance_id.as_ref()) {
            return Err(ErrorCode::FencedInstanceId);
        }
        if !holds(Guard::TxnOffsetsFencedByGeneration) {
            return Ok(());
        }
        if !group.members.contains_key(&request.member_id) {
            return Err(ErrorCode::UnknownMemberId);
        }
        if request.generation_id != group.generation {
            return Err(ErrorCode::IllegalGeneration);
        }
        Ok(())
    }

    /// The commit is in the log at `offset`, or failed to get there.
    pub(super) fn txn_commit_written(&mut self, ctx: &mut Ctx<'_>, commit: TxnCommit, error: ErrorCode, offset: i64) {
        if let Some(group) = self.groups.get_mut(&commit.group)
            && let Some(pending) = group.pending_txn.get_mut(&commit.producer_id)
        {
            for (tp, value) in &commit.offsets {
                let same = pending.get_mut(tp).filter(|pending| &pending.value == value);
                match same {
                    Some(known) if error == ErrorCode::None => known.appended_at = Some(offset),
                    Some(_) => {
                        pending.remove(tp);
                    }
                    None => {}
                }
            }
            if pending.is_empty() {
                group.pending_txn.remove(&commit.producer_id);
            }
        }
        if error == ErrorCode::None && !holds(Guard::PendingOffsetsHidden) {
            self.complete_in(ctx, &commit.group, commit.producer_id, true);
        }
        let error = commit_error(error);
        let own = |own: ErrorCode| if own == ErrorCode::None { error } else { own };
        answer(ctx, &commit.asker, commit.answers.into_iter().map(|(tp, e)| (tp, own(e))).collect());
    }

    /// A marker was written to a partition of `__consumer_offsets`.
    pub fn on_transaction_completed(&mut self, ctx: &mut Ctx<'_>, partition: i32, producer_id: i64, committed: bool) {
        let here = |id: &&Name| self.partition_of.get(*id) == Some(&partition);
        let ids: Vec<Name> = self.groups.keys().filter(here).cloned().collect();
        for id in ids {
            self.complete_in(ctx, &id, producer_id, committed);
        }
    }

    fn complete_in(&mut self, ctx: &mut Ctx<'_>, id: &Name, producer_id: i64, committed: bool) {
        let Some(group) = self.groups.get_mut(id) else { return };
        for (tp, offset) in group.complete_transaction(producer_id, committed) {
            let generation = COMMITTED_BY_TRANSACTION;
            ctx.observe(Observation::OffsetCommitted { group: id.clone(), tp, offset, generation });
        }
    }
}

impl Group {
    /// Pending offsets hold, if they are newer than what holds already, or are gone. Gives those that hold.
    pub(super) fn complete_transaction(&mut self, producer_id: i64, committed: bool) -> Vec<(TopicPartition, i64)> {
        let mut taken = Vec::new();
        for (tp, pending) in self.pending_txn.remove(&producer_id).unwrap_or_default() {
            let Some(appended_at) = pending.appended_at.filter(|_| committed) else { continue };
            if self.committed_at.get(&tp).is_none_or(|known| *known < appended_at) {
                taken.push((tp.clone(), pending.value.committed.offset));
                self.committed_at.insert(tp.clone(), appended_at);
                self.offsets.insert(tp, pending.value);
            }
        }
        taken
    }

    /// A transaction that is not decided may still change this position.
    pub(super) fn has_pending_txn_offset(&self, tp: &TopicPartition) -> bool {
        self.pending_txn.values().any(|pending| pending.contains_key(tp))
    }
}
