//! The end of a transaction: asked for by its producer, by a successor, or by the clock
//! (`TransactionCoordinator.endTransaction`, `abortTimedOutTransactions`).

use super::coordinator::{Asker, Then, TransactionCoordinator};
use super::metadata::TxnTransit;
use super::state::TransactionState;
use super::store::TransactionStore;
use super::timer::TransactionTimer;
use crate::guard::{Guard, holds};
use crate::ids::Name;
use crate::machine::{Ctx, Observation};
use crate::protocol::transaction::EndTxnRequest;
use crate::protocol::{ErrorCode, Response};

/// Who wants the end.
#[derive(Clone, Debug)]
pub(super) enum EndAsker {
    /// The producer.
    Client(Asker),
    /// A successor with the same id, which is to try again.
    Init(Asker),
    /// `transaction.timeout.ms`
    Clock,
}

/// An end on its way to the log.
#[derive(Clone, Debug)]
pub(super) struct End {
    pub asker: EndAsker,
    pub producer_id: i64,
    /// The producer's epoch, or the one that shuts it out.
    pub producer_epoch: i16,
    pub commit: bool,
    pub is_epoch_fence: bool,
}

impl EndAsker {
    fn answer(&self, ctx: &mut Ctx<'_>, error: ErrorCode) {
        match self {
            Self::Client(asker) => asker.answer(ctx, Response::EndTxn(error)),
            Self::Init(asker) => {
                let error = if error == ErrorCode::None { ErrorCode::ConcurrentTransactions } else { error };
                super::init::refuse(ctx, asker, error);
            }
            Self::Clock => {}
        }
    }
}

impl TransactionCoordinator {
    pub(super) fn end_txn(
        &mut self,
        ctx: &mut Ctx<'_>,
        store: &mut dyn TransactionStore,
        asker: Asker,
        request: &EndTxnRequest,
    ) {
        let end = End {
            asker: EndAsker::Client(asker),
            producer_id: request.producer_id,
            producer_epoch: request.producer_epoch,
            commit: request.committed,
            is_epoch_fence: false,
        };
        self.end_transaction(ctx, store, &request.transactional_id, end, true);
    }

    pub(super) fn end_transaction(
        &mut self,
        ctx: &mut Ctx<'_>,
        store: &mut dyn TransactionStore,
        id: &Name,
        end: End,
        from_client: bool,
    ) {
        match self.prepare_end(store, id, &end, from_client) {
            Ok((epoch, transit)) => self.write(store, id, epoch, transit, Then::End(end)),
            Err(error) => end.asker.answer(ctx, error),
        }
    }

    /// `Err(None)`: it has ended so already.
    fn prepare_end(
        &mut self,
        store: &dyn TransactionStore,
        id: &Name,
        end: &End,
        from_client: bool,
    ) -> Result<(i32, TxnTransit), ErrorCode> {
        if id.is_empty() {
            return Err(ErrorCode::InvalidRequest);
        }
        let now_ms = store.now_ms();
        let (coordinator_epoch, metadata) = self.existing(store, id)?;
        let (epoch, known) = (end.producer_epoch, metadata.producer_epoch);
        if metadata.producer_id != end.producer_id {
            return Err(ErrorCode::InvalidProducerIdMapping);
        }
        if (epoch < known || (from_client && epoch != known)) && holds(Guard::CoordinatorFencesProducers) {
            return Err(ErrorCode::ProducerFenced);
        }
        if metadata.pending_state.is_some_and(|pending| pending != TransactionState::PrepareEpochFence) {
            return Err(ErrorCode::ConcurrentTransactions);
        }
        match (metadata.state, end.commit) {
            (TransactionState::Ongoing, commit) => {
                if !commit && metadata.pending_state == Some(TransactionState::PrepareEpochFence) {
                    metadata.pending_state = None;
                    metadata.producer_epoch = epoch;
                    metadata.last_producer_epoch = super::metadata::NO_PRODUCER_EPOCH;
                }
                Ok((coordinator_epoch, metadata.prepare_end(commit, now_ms)?))
            }
            (TransactionState::CompleteCommit, true) | (TransactionState::CompleteAbort, false) => Err(ErrorCode::None),
            (TransactionState::PrepareCommit, true) | (TransactionState::PrepareAbort, false) => {
                Err(ErrorCode::ConcurrentTransactions)
            }
            _ => Err(ErrorCode::InvalidTxnState),
        }
    }

    /// The decision is in the log, or failed to get there. From here on the transaction ends as decided,
    /// whoever coordinates: it is answered, and markers go out.
    pub(super) fn decided(
        &mut self,
        ctx: &mut Ctx<'_>,
        store: &mut dyn TransactionStore,
        id: &Name,
        coordinator_epoch: i32,
        end: End,
        error: ErrorCode,
    ) {
        let now_ms = store.now_ms();
        if error != ErrorCode::None {
            if end.is_epoch_fence
                && self.epoch_for(store, id) == Ok(coordinator_epoch)
                && let Some(metadata) = self.transactions.get_mut(id)
            {
                metadata.has_failed_epoch_fence = true;
            }
            end.asker.answer(ctx, error);
            return;
        }
        let complete = self.existing(store, id).and_then(|(epoch, metadata)| {
            if epoch != coordinator_epoch {
                return Err(ErrorCode::NotCoordinator);
            }
            metadata.prepare_complete(now_ms)
        });
        match complete {
            Ok(transit) => {
                end.asker.answer(ctx, ErrorCode::None);
                self.add_markers(store, id, coordinator_epoch, end.commit, transit);
            }
            Err(error) => end.asker.answer(ctx, error),
        }
    }

    /// Aborts transactions that are open for longer than their producer allowed.
    pub(super) fn abort_timed_out(&mut self, ctx: &mut Ctx<'_>, store: &mut dyn TransactionStore) {
        self.schedule_periodic(ctx.now);
        let now_ms = store.now_ms();
        let mut overdue = Vec::new();
        for metadata in self.transactions.values() {
            let until_ms = metadata.start_timestamp_ms.saturating_add_unsigned(metadata.timeout_ms);
            let is_open = metadata.state == TransactionState::Ongoing && metadata.pending_state.is_none();
            if is_open && until_ms < now_ms {
                overdue.push(metadata.id.clone());
            }
        }
        for id in overdue {
            let fenced = match self.existing(store, &id) {
                Ok((_, metadata)) => metadata.prepare_fence(),
                Err(error) => Err(error),
            };
            let Ok(transit) = fenced else { continue };
            ctx.observe(Observation::TransactionTimedOut { transactional_id: id.clone(), coordinator: self.broker });
            let end = End {
                asker: EndAsker::Clock,
                producer_id: transit.producer_id,
                producer_epoch: transit.producer_epoch,
                commit: false,
                is_epoch_fence: true,
            };
            self.end_transaction(ctx, store, &id, end, false);
        }
    }

    /// The next tick of the periodic tasks, counted from the broker's start; none without transactions.
    pub(super) fn schedule_periodic(&mut self, now: crate::time::SimTime) {
        if self.owned.is_empty() {
            self.timers.cancel(&TransactionTimer::AbortTimedOut);
            self.timers.cancel(&TransactionTimer::ExpireIds);
            return;
        }
        let next = |every_ms: u64| {
            let every_us = every_ms.max(1).saturating_mul(1000);
            let ticks = now.since(self.started_at).0 / every_us + 1;
            self.started_at + crate::time::SimDuration::from_us(ticks.saturating_mul(every_us))
        };
        let ticks = [
            (TransactionTimer::AbortTimedOut, self.config.transaction_abort_timed_out_transaction_cleanup_interval_ms),
            (TransactionTimer::ExpireIds, self.config.transaction_remove_expired_transaction_cleanup_interval_ms),
        ];
        for (timer, every_ms) in ticks {
            // Each has a schedule of its own: where both are due now, the first must not move the second on.
            if self.timers.get(&timer).is_none() {
                self.timers.set(timer, next(every_ms));
            }
        }
    }
}
