//! What answers and broken connections mean for batches (`Sender.handleProduceResponse`,
//! `Sender.completeBatch`).

use super::batch::BatchId;
use super::ledger::Outcome;
use super::{Asked, Producer};
use crate::client::{Backoff, error_name};
use crate::ids::{BrokerId, Name};
use crate::machine::{Ctx, Observation};
use crate::protocol::produce::ProduceResponse;
use crate::protocol::producer_id::InitProducerIdResponse;
use crate::protocol::{ErrorCode, Response};
use crate::time::SimTime;

impl Producer {
    pub(super) fn answered(&mut self, ctx: &mut Ctx<'_>, correlation_id: u64, response: Response) {
        // An answer to a request that was given up is of no interest.
        let Some((_, asked)) = self.network.answered(correlation_id) else { return };
        match (asked, response) {
            (Asked::Greeting, Response::Metadata(answer)) => {
                self.metadata.learn_brokers(answer.brokers);
            }
            (Asked::Metadata, Response::Metadata(answer)) => {
                let max_idle_ms = self.config.metadata_max_idle_ms;
                self.metadata.update(answer, ctx.now, max_idle_ms, ctx.rng);
            }
            (Asked::InitProducerId, Response::InitProducerId(answer)) => self.identified(ctx, &answer),
            (Asked::Transactional, response) => self.transactional_answered(ctx, response),
            (Asked::Produce(batches), Response::Produce(answer)) => self.produced(ctx, batches, answer),
            // A peer that answers something else is no broker: as good as no answer.
            (asked, _) => self.unanswered(ctx, asked, ErrorCode::NetworkException),
        }
    }

    /// A connection broke, with everything in flight on it.
    pub(super) fn connection_lost(&mut self, ctx: &mut Ctx<'_>, broker: BrokerId) {
        for asked in self.network.lost(ctx, broker) {
            self.unanswered(ctx, asked, ErrorCode::NetworkException);
        }
        self.metadata.request(false);
    }

    /// Requests that nobody answered in `request.timeout.ms` break their connections.
    pub(super) fn give_up_overdue(&mut self, ctx: &mut Ctx<'_>) {
        for (_, asked, overdue) in self.network.give_up_overdue(ctx) {
            let error = if overdue { ErrorCode::RequestTimedOut } else { ErrorCode::NetworkException };
            self.unanswered(ctx, asked, error);
            self.metadata.request(false);
        }
    }

    fn unanswered(&mut self, ctx: &mut Ctx<'_>, asked: Asked, error: ErrorCode) {
        match asked {
            Asked::Greeting => {}
            Asked::Metadata => self.metadata.failed(ctx.now, ctx.rng),
            Asked::InitProducerId => self.retry_identity(ctx),
            Asked::Transactional => self.transactional_unanswered(),
            Asked::Produce(batches) => {
                for id in batches {
                    self.settle(ctx, id, error, -1, &[]);
                }
            }
        }
    }

    fn retry_identity(&mut self, ctx: &mut Ctx<'_>) {
        if let Some(sequences) = &mut self.sequences {
            sequences.initializing = false;
        }
        self.init_retry_at = ctx.now + self.retry_backoff().wait(0, ctx.rng);
    }

    fn identified(&mut self, ctx: &mut Ctx<'_>, answer: &InitProducerIdResponse) {
        let Some(sequences) = &mut self.sequences else { return };
        if answer.error.is_retriable() {
            self.retry_identity(ctx);
            return;
        }
        sequences.initializing = false;
        let producer = self.client.clone();
        if answer.error == ErrorCode::None {
            sequences.identified(answer.producer_id, answer.producer_epoch, &mut self.accumulator);
            let (producer_id, producer_epoch) = (answer.producer_id, answer.producer_epoch);
            ctx.observe(Observation::ProducerIdAssigned { producer, producer_id, producer_epoch });
        } else {
            let error = error_name(answer.error);
            sequences.fatal = Some(error.clone());
            self.last_error = Some(error.clone());
            ctx.observe(Observation::ClientError { client: producer, error });
        }
    }

    fn produced(&mut self, ctx: &mut Ctx<'_>, batches: Vec<BatchId>, answer: ProduceResponse) {
        for id in batches {
            let tp = self.accumulator.batch(id).map(|batch| batch.tp.clone());
            let found = answer.partitions.iter().find(|partition| Some(&partition.tp) == tp.as_ref());
            match found {
                Some(found) => self.settle(ctx, id, found.error, found.base_offset, &found.record_errors),
                None => self.settle(ctx, id, ErrorCode::UnknownServerError, -1, &[]),
            }
        }
        for partition in answer.partitions {
            if let Some((leader, leader_epoch)) = partition.current_leader {
                self.metadata.learn_leader(&partition.tp, leader, leader_epoch);
            }
        }
    }

    pub(super) fn retry_backoff(&self) -> Backoff {
        Backoff { initial_ms: self.config.retry_backoff_ms, max_ms: self.config.retry_backoff_max_ms }
    }

    /// The result of one batch in a request; `record_errors` are the places of the records to blame.
    fn settle(&mut self, ctx: &mut Ctx<'_>, id: BatchId, error: ErrorCode, base_offset: i64, record_errors: &[u32]) {
        let Some(batch) = self.accumulator.batch(id).cloned() else { return };
        self.accumulator.leave_request(id);
        self.muted.remove(&batch.tp);
        if error == ErrorCode::MessageTooLarge && batch.record_count() > 1 && !batch.done {
            let parts = self.accumulator.split(id, self.config.batch_size);
            if let Some(sequences) = &mut self.sequences {
                sequences.replace(&batch, &parts);
            }
            self.accumulator.finish(id);
            return;
        }
        // A producer that saw "duplicate" has its records in the log.
        if matches!(error, ErrorCode::None | ErrorCode::DuplicateSequenceNumber) {
            self.complete(ctx, id, base_offset);
            return;
        }
        if self.may_retry(ctx.now, id, error) {
            let wait = self.retry_backoff().wait(batch.attempts, ctx.rng);
            self.accumulator.reenqueue(id, ctx.now, wait);
            let producer = self.client.clone();
            ctx.observe(Observation::ProduceRetried { producer, tp: batch.tp, error });
        } else {
            // With its retries used up nobody knows whether the sequence was taken.
            let adjust = i64::from(batch.attempts) < i64::from(self.config.retries);
            self.fail(ctx, id, error, error_name(error), record_errors, adjust);
        }
        if error.refreshes_metadata() {
            self.metadata.request(false);
        }
    }

    fn may_retry(&mut self, now: SimTime, id: BatchId, error: ErrorCode) -> bool {
        let timeout = crate::time::SimDuration::from_ms(self.config.delivery_timeout_ms);
        let Some(batch) = self.accumulator.batch(id) else { return false };
        if batch.done
            || batch.created_at + timeout <= now
            || i64::from(batch.attempts) >= i64::from(self.config.retries)
        {
            return false;
        }
        match &mut self.sequences {
            Some(sequences) if self.transactions.is_some() => sequences.can_retry_in_transaction(batch, error),
            Some(sequences) => sequences.can_retry(batch, error),
            None => error.is_retriable(),
        }
    }

    /// Completes a batch's futures; a batch that expired meanwhile only settles its sequence.
    pub(super) fn complete(&mut self, ctx: &mut Ctx<'_>, id: BatchId, base_offset: i64) {
        let Some(batch) = self.accumulator.batch(id).cloned() else { return };
        if let Some(sequences) = &mut self.sequences {
            sequences.completed(&batch);
        }
        if !batch.done {
            for (record, delta) in batch.records().iter().zip(0i64..) {
                let offset = if base_offset < 0 { -1 } else { base_offset + delta };
                self.ledger.complete(record.ticket, Outcome::Acked { tp: batch.tp.clone(), offset }, ctx.now);
                let producer = self.client.clone();
                ctx.observe(Observation::RecordAcked { producer, tp: batch.tp.clone(), offset });
            }
        }
        self.accumulator.finish(id);
    }

    /// Fails a batch's futures for good. Where single records are to blame, the others get an exception
    /// without a code (KIP-467), and several that are to blame INVALID_RECORD, whatever the batch's error.
    pub(super) fn fail(
        &mut self,
        ctx: &mut Ctx<'_>,
        id: BatchId,
        code: ErrorCode,
        error: Name,
        record_errors: &[u32],
        adjust: bool,
    ) {
        let Some(batch) = self.accumulator.batch(id).cloned() else { return };
        if !batch.done {
            let error_of = |index: u32| match record_errors {
                [] => error.clone(),
                [one] if *one == index => error.clone(),
                several if several.contains(&index) => error_name(ErrorCode::InvalidRecord),
                _ => "KafkaException".into(),
            };
            for (record, index) in batch.records().iter().zip(0..) {
                let error = error_of(index);
                let outcome = Outcome::Failed { tp: Some(batch.tp.clone()), error: error.clone() };
                self.ledger.complete(record.ticket, outcome, ctx.now);
                let producer = self.client.clone();
                ctx.observe(Observation::RecordFailed { producer, tp: batch.tp.clone(), error });
            }
            self.last_error = Some(error.clone());
            match (&mut self.sequences, &mut self.transactions) {
                (Some(sequences), Some(transactions)) => {
                    transactions.enter_error(error);
                    sequences.failed_in_transaction(&batch, code, adjust, &mut self.accumulator);
                }
                (Some(sequences), None) => sequences.failed(&batch, code, adjust),
                _ => {}
            }
        }
        self.accumulator.finish(id);
    }
}
