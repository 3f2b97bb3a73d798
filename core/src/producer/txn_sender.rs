//! The I/O thread's part in transactions: one request at a time, and no batch is sent while it is out
//! (`Sender.maybeSendAndPollTransactionalRequest`).

use super::transactions::TransactionPhase as P;
use super::txn_request::{Kind, Taken, TxnRequest};
use super::{Asked, Outcome, Producer};
use crate::guard::{Guard, holds};
use crate::ids::{BrokerId, Name};
use crate::machine::{Ctx, Observation};
use crate::protocol::group::CoordinatorKind;
use crate::time::{SimDuration, SimTime};

/// `ADD_PARTITIONS_RETRY_BACKOFF_MS`
const QUICK_BACKOFF_MS: u64 = 20;

/// What the I/O thread does after looking at transactional requests.
pub(super) enum Turn {
    /// It goes on to batches; true if the application may come forward.
    Batches(bool),
    /// It is busy with a request, or nothing can be sent any more.
    Busy(bool),
}

impl Producer {
    pub(super) fn identity(&self) -> (i64, i16) {
        (self.producer_id(), self.producer_epoch())
    }

    /// Sends the next transactional request if one may be sent.
    pub(super) fn run_transactions(&mut self, ctx: &mut Ctx<'_>) -> Turn {
        let mut moved = self.resolve_in_transaction();
        loop {
            let identity = self.identity();
            let Some(transactions) = &mut self.transactions else { return Turn::Batches(moved) };
            if transactions.phase == P::FatalError {
                let error = transactions.last_error.clone().unwrap_or_else(|| "KafkaException".into());
                return Turn::Busy(self.abort_incomplete(ctx, &error) || moved);
            }
            match std::mem::take(&mut transactions.requests.taken) {
                Taken::InFlight(request) => {
                    transactions.requests.taken = Taken::InFlight(request);
                    return Turn::Busy(moved);
                }
                Taken::Sleeping(until, broker, request) if until > ctx.now => {
                    transactions.requests.taken = Taken::Sleeping(until, broker, request);
                    return Turn::Busy(moved);
                }
                Taken::Sleeping(_, broker, request) => {
                    self.send_transactional(ctx, broker, request);
                    return Turn::Busy(moved);
                }
                Taken::Connecting(broker, request) => {
                    if self.reach(ctx, broker, request) {
                        return Turn::Busy(moved);
                    }
                    continue;
                }
                Taken::Nowhere => {}
            }
            if matches!(transactions.phase, P::AbortableError | P::Aborting) {
                let error = transactions.last_error.clone().unwrap_or_else(|| "TransactionAbortedException".into());
                moved |= self.abort_unsent(ctx, &error);
            }
            let Some(transactions) = &mut self.transactions else { return Turn::Batches(moved) };
            transactions.queue_new_partitions(identity);
            let ends = transactions.requests.first().map(|first| matches!(first.kind, Kind::EndTxn { .. }));
            match ends {
                None => return Turn::Batches(moved),
                Some(true) if self.accumulator.has_incomplete() && holds(Guard::CommitAfterFlush) => {
                    return Turn::Batches(moved);
                }
                Some(ends) => {
                    let Some(request) = transactions.requests.pop() else { return Turn::Batches(moved) };
                    if transactions.refuses(&request) {
                        moved = true;
                        continue;
                    }
                    if ends && !transactions.started {
                        // The coordinator never heard of this transaction.
                        transactions.requests.done(request.result);
                        transactions.completed();
                        moved = true;
                        continue;
                    }
                    self.dispatch(ctx, request);
                }
            }
        }
    }

    /// Finds out to whom the request goes; without a known coordinator it is looked up first.
    fn dispatch(&mut self, ctx: &mut Ctx<'_>, request: TxnRequest) {
        let Some(transactions) = &mut self.transactions else { return };
        let broker = match request.coordinator(&transactions.id) {
            Some((CoordinatorKind::Transaction, _)) => transactions.coordinator,
            Some((CoordinatorKind::Group, _)) => transactions.group_coordinator,
            None => {
                let node = self.network.least_loaded(ctx, self.metadata.brokers());
                // While a connection is being opened none is named; any known broker will do then.
                node.or_else(|| self.metadata.brokers().iter().copied().find(|node| self.network.is_connecting(*node)))
            }
        };
        match broker {
            Some(broker) => transactions.requests.taken = Taken::Connecting(broker, request),
            None => self.look_up_and_retry(ctx, request),
        }
    }

    /// Sends the request if the broker is connected, connects if not. False if that failed.
    fn reach(&mut self, ctx: &mut Ctx<'_>, broker: BrokerId, request: TxnRequest) -> bool {
        let Some(transactions) = &mut self.transactions else { return true };
        if self.network.is_ready(broker) {
            if matches!(request.coordinator(&transactions.id), Some((CoordinatorKind::Transaction, _))) {
                transactions.coordinator_seen = true;
            }
            if !request.is_retry {
                self.send_transactional(ctx, broker, request);
                return true;
            }
            let wait_ms = match request.kind {
                Kind::AddPartitions { quick: true, .. } => QUICK_BACKOFF_MS.min(self.config.retry_backoff_ms),
                _ => self.config.retry_backoff_ms,
            };
            let until = ctx.now + SimDuration::from_ms(wait_ms);
            transactions.requests.taken = Taken::Sleeping(until, broker, request);
            return true;
        }
        if self.network.can_connect(broker, ctx.now) {
            transactions.requests.taken = Taken::Connecting(broker, request);
            self.greet(ctx, broker);
            return true;
        }
        if self.network.is_connected(broker) || self.network.is_connecting(broker) {
            transactions.requests.taken = Taken::Connecting(broker, request);
            return true;
        }
        self.look_up_and_retry(ctx, request);
        !matches!(self.transactions.as_ref().map(|t| &t.requests.taken), Some(Taken::Nowhere))
    }

    /// `maybeFindCoordinatorAndRetry`
    fn look_up_and_retry(&mut self, ctx: &mut Ctx<'_>, request: TxnRequest) {
        let Some(transactions) = &mut self.transactions else { return };
        let coordinator = request.coordinator(&transactions.id);
        match coordinator {
            Some((kind, key)) => {
                self.look_up(kind, key);
                if let Some(transactions) = &mut self.transactions {
                    transactions.requests.retry(request);
                }
            }
            None => {
                // No broker can be reached: the thread sleeps and looks again.
                self.metadata.request(false);
                let until = ctx.now + SimDuration::from_ms(self.config.retry_backoff_ms);
                let broker = self.metadata.brokers().first().copied().unwrap_or(-1);
                transactions.requests.taken = Taken::Sleeping(until, broker, request);
            }
        }
    }

    pub(super) fn look_up(&mut self, kind: CoordinatorKind, key: Name) {
        let Some(transactions) = &mut self.transactions else { return };
        match kind {
            CoordinatorKind::Group => transactions.group_coordinator = None,
            CoordinatorKind::Transaction => transactions.coordinator = None,
        }
        transactions.requests.push_unawaited(Kind::FindCoordinator { kind, key });
    }

    fn send_transactional(&mut self, ctx: &mut Ctx<'_>, broker: BrokerId, request: TxnRequest) {
        let Some(transactions) = &mut self.transactions else { return };
        if !self.network.is_ready(broker) {
            // It went away while the thread slept.
            transactions.requests.put(request);
            return;
        }
        let message = request.to_request(&transactions.id, transactions.timeout_ms);
        transactions.requests.taken = Taken::InFlight(request);
        self.network.send(ctx, broker, message, Asked::Transactional);
    }

    /// When the I/O thread wakes from its sleep.
    pub(super) fn sleeps_until(&self) -> Option<SimTime> {
        match self.transactions.as_ref().map(|transactions| &transactions.requests.taken) {
            Some(Taken::Sleeping(until, ..)) => Some(*until),
            _ => None,
        }
    }

    /// The request in flight got no answer.
    pub(super) fn transactional_unanswered(&mut self) {
        let Some(transactions) = &mut self.transactions else { return };
        let Taken::InFlight(request) = std::mem::take(&mut transactions.requests.taken) else { return };
        let coordinator = request.coordinator(&transactions.id);
        transactions.requests.retry(request);
        if let Some((kind, key)) = coordinator {
            self.look_up(kind, key);
        }
    }

    /// A sent batch expired, and nobody knows whether it is in the log (`maybeResolveSequences`).
    fn resolve_in_transaction(&mut self) -> bool {
        let (Some(sequences), Some(transactions)) = (&mut self.sequences, &mut self.transactions) else { return false };
        if transactions.phase == P::FatalError || !sequences.resolve_failed() {
            return false;
        }
        if transactions.can_bump_epoch() {
            transactions.epoch_bump_required = true;
            transactions.fail_abortably("KafkaException".into());
        } else {
            transactions.fail_fatally("KafkaException".into());
        }
        true
    }

    /// Gives up batches that have no sequence yet (`RecordAccumulator.abortUndrainedBatches`).
    fn abort_unsent(&mut self, ctx: &mut Ctx<'_>, error: &Name) -> bool {
        let given_up = self.accumulator.take_unnumbered();
        self.give_up(ctx, &given_up, error)
    }

    /// Gives up every batch (`RecordAccumulator.abortBatches`).
    pub(super) fn abort_incomplete(&mut self, ctx: &mut Ctx<'_>, error: &Name) -> bool {
        self.accumulator.take_undrained();
        let open: Vec<_> = self.accumulator.batches().filter(|batch| !batch.done).map(|batch| batch.id).collect();
        self.give_up(ctx, &open, error)
    }

    fn give_up(&mut self, ctx: &mut Ctx<'_>, batches: &[super::BatchId], error: &Name) -> bool {
        for id in batches {
            let Some(batch) = self.accumulator.batch(*id).cloned() else { continue };
            for record in batch.records() {
                let outcome = Outcome::Failed { tp: Some(batch.tp.clone()), error: error.clone() };
                self.ledger.complete(record.ticket, outcome, ctx.now);
                let producer = self.client.clone();
                ctx.observe(Observation::RecordFailed { producer, tp: batch.tp.clone(), error: error.clone() });
            }
            if let Some(sequences) = &mut self.sequences {
                sequences.forget(&batch);
            }
            self.accumulator.finish(*id);
        }
        !batches.is_empty()
    }
}
