//! The I/O thread: which batches are due, to which broker they go, and what expires
//! (`Sender.runOnce`, `RecordAccumulator.ready` and `drain`).

use crate::collections::BTreeSet;

use super::batch::BatchId;
use super::transactions::Transactions;
use super::txn_sender::Turn;
use super::{Asked, Producer};
use crate::client::error_name;
use crate::ids::{BrokerId, TopicPartition};
use crate::log::RecordBatch;
use crate::machine::{Ctx, Observation};
use crate::protocol::metadata::MetadataRequest;
use crate::protocol::produce::ProduceRequest;
use crate::protocol::producer_id::InitProducerIdRequest;
use crate::protocol::{ErrorCode, Request};
use crate::time::{SimDuration, SimTime};

impl Producer {
    /// Does everything that can be done now. True if records' futures were completed on the way.
    pub(super) fn run_sender(&mut self, ctx: &mut Ctx<'_>) -> bool {
        // While a transactional request is out or asked again, batches are not even looked at.
        let mut completed = self.transactions.is_none() && self.expire(ctx);
        completed |= self.run_sequences(ctx);
        match self.run_transactions(ctx) {
            Turn::Batches(moved) => completed |= moved | (self.transactions.is_some() && self.expire(ctx)),
            Turn::Busy(moved) => {
                self.refresh_metadata(ctx);
                return completed || moved;
            }
        }
        self.refresh_metadata(ctx);
        loop {
            let nodes = self.ready_nodes(ctx);
            let mut sent = false;
            for node in nodes {
                if self.network.is_ready(node) {
                    sent |= self.drain(ctx, node);
                } else if self.network.can_connect(node, ctx.now) {
                    self.greet(ctx, node);
                }
            }
            if !sent {
                break;
            }
            completed |= self.config.acks() == 0;
        }
        // Leaders that are unknown or connections that are needed may call for metadata.
        self.refresh_metadata(ctx);
        completed
    }

    pub(super) fn greet(&mut self, ctx: &mut Ctx<'_>, node: BrokerId) {
        let request = MetadataRequest { topics: Some(Vec::new()), allow_auto_topic_creation: false };
        self.network.send(ctx, node, Request::Metadata(request), Asked::Greeting);
    }

    fn refresh_metadata(&mut self, ctx: &mut Ctx<'_>) {
        if self.metadata.due_at().is_none_or(|due_at| due_at > ctx.now) {
            return;
        }
        let Some(node) = self.network.least_loaded(ctx, self.metadata.brokers()) else { return };
        // A producer lets the broker make the topic that it asks for.
        let request = self.metadata.take_request(true);
        self.network.send(ctx, node, Request::Metadata(request), Asked::Metadata);
    }

    /// Cares for the identity. True if batches were given up.
    fn run_sequences(&mut self, ctx: &mut Ctx<'_>) -> bool {
        if self.transactions.is_some() {
            return false;
        }
        let Some(sequences) = &mut self.sequences else { return false };
        if sequences.fatal.is_some() {
            return self.abort_undrained(ctx);
        }
        sequences.resolve();
        if sequences.bump_if_required(&mut self.accumulator) && sequences.has_producer_id() {
            ctx.observe(Observation::ProducerIdAssigned {
                producer: self.client.clone(),
                producer_id: sequences.producer_id,
                producer_epoch: sequences.producer_epoch,
            });
        }
        if sequences.has_producer_id() || sequences.initializing || self.init_retry_at > ctx.now {
            return false;
        }
        let Some(node) = self.network.least_loaded(ctx, self.metadata.brokers()) else { return false };
        if !self.network.is_ready(node) {
            self.greet(ctx, node);
            return false;
        }
        if let Some(sequences) = &mut self.sequences {
            sequences.initializing = true;
        }
        let request = InitProducerIdRequest {
            transactional_id: None,
            transaction_timeout_ms: self.config.transaction_timeout_ms,
            producer_id: -1,
            producer_epoch: -1,
        };
        self.network.send(ctx, node, Request::InitProducerId(request), Asked::InitProducerId);
        false
    }

    /// When the first batch of a queue may be sent at the soonest, its leader being known; `None` if it
    /// waits for something else than time.
    pub(super) fn due_at(&self, tp: &TopicPartition, first: BatchId, queued: usize) -> Option<SimTime> {
        if self.muted.contains(tp) {
            return None;
        }
        let batch = self.accumulator.batch(first)?;
        if batch.is_backing_off(SimTime::ZERO) {
            return Some(batch.retry_at);
        }
        let at_once = queued > 1
            || batch.is_full()
            || self.application.out_of_memory
            || self.application.flushing
            || self.application.closed
            || self.transactions.as_ref().is_some_and(Transactions::is_completing);
        let linger = SimDuration::from_ms(self.config.linger_ms);
        Some(if at_once { batch.last_attempt_at } else { batch.last_attempt_at + linger })
    }

    /// Brokers that lead a partition whose first batch is due (`RecordAccumulator.ready`).
    fn ready_nodes(&mut self, ctx: &mut Ctx<'_>) -> BTreeSet<BrokerId> {
        let mut ready = BTreeSet::new();
        let mut unknown = BTreeSet::new();
        let firsts: Vec<(TopicPartition, BatchId, usize)> = self
            .accumulator
            .queues()
            .filter_map(|(tp, queue)| Some((tp.clone(), *queue.front()?, queue.len())))
            .collect();
        for (tp, first, queued) in firsts {
            let Some((leader, leader_epoch)) = self.metadata.leader_of(&tp) else {
                unknown.insert(tp.topic);
                continue;
            };
            if let Some(batch) = self.accumulator.batch_mut(first) {
                batch.see_leader(leader_epoch);
            }
            if self.due_at(&tp, first, queued).is_some_and(|due_at| due_at <= ctx.now) {
                ready.insert(leader);
            }
        }
        for topic in unknown {
            self.metadata.use_topic(&topic, ctx.now);
            self.metadata.request(false);
        }
        ready
    }

    /// Sends one request with a batch of each partition that the broker leads, up to
    /// `max.request.size`. False if there was nothing to send.
    fn drain(&mut self, ctx: &mut Ctx<'_>, node: BrokerId) -> bool {
        let partitions: Vec<(TopicPartition, BatchId, usize)> = self
            .accumulator
            .queues()
            .filter(|(tp, _)| self.metadata.leader_of(tp).is_some_and(|(leader, _)| leader == node))
            .filter_map(|(tp, queue)| Some((tp.clone(), *queue.front()?, queue.len())))
            .collect();
        // Each request begins where the last one ended, so that none starves behind a size limit.
        let from = self.drain_from.get(&node).map_or(0, |tp| partitions.partition_point(|(other, ..)| other < tp));
        let (before, after) = partitions.split_at(from);
        let mut size = 0;
        let mut taken: Vec<BatchId> = Vec::new();
        for (tp, first, queued) in after.iter().chain(before) {
            if self.due_at(tp, *first, *queued).is_none_or(|due_at| due_at > ctx.now) {
                continue;
            }
            if self.transactions.as_ref().is_some_and(|transactions| !transactions.is_send_allowed(tp)) {
                continue;
            }
            let Some(batch) = self.accumulator.batch(*first) else { continue };
            if self.sequences.as_ref().is_some_and(|sequences| sequences.must_wait(batch)) {
                // Simplified: Kafka ends the request here; the other partitions need not wait for this one.
                continue;
            }
            if !taken.is_empty() && size + batch.size_in_bytes() > self.config.max_request_size {
                self.drain_from.insert(node, tp.clone());
                break;
            }
            size += batch.size_in_bytes();
            taken.extend(self.accumulator.take_first(tp));
        }
        if taken.is_empty() {
            return false;
        }
        self.send_produce(ctx, node, taken);
        true
    }

    fn send_produce(&mut self, ctx: &mut Ctx<'_>, node: BrokerId, taken: Vec<BatchId>) {
        let acks = self.config.acks();
        let mut batches = Vec::new();
        for id in &taken {
            self.accumulator.close(*id);
            let Some(batch) = self.accumulator.batch_mut(*id) else { continue };
            batch.sequence_has_been_reset = false;
            batch.in_request = acks != 0;
            if let Some(sequences) = &mut self.sequences {
                sequences.number(batch);
            }
            if self.config.max_in_flight_requests_per_connection == 1 && acks != 0 {
                self.muted.insert(batch.tp.clone());
            }
            let is_transactional = self.transactions.is_some();
            batches.push((batch.tp.clone(), RecordBatch { is_transactional, ..batch.to_record_batch() }));
        }
        let timeout_ms = self.config.request_timeout_ms;
        let transactional_id = self.config.transactional_id.clone();
        let request = ProduceRequest { acks, timeout_ms, transactional_id, batches };
        if acks != 0 {
            self.network.send(ctx, node, Request::Produce(request), Asked::Produce(taken));
            return;
        }
        // Sent is as good as acknowledged: nobody will tell.
        self.network.send_and_forget(ctx, node, Request::Produce(request));
        for id in taken {
            self.complete(ctx, id, -1);
        }
    }

    /// Fails batches whose `delivery.timeout.ms` is over, in queues and in flight. True if there were any.
    fn expire(&mut self, ctx: &mut Ctx<'_>) -> bool {
        let timeout = SimDuration::from_ms(self.config.delivery_timeout_ms);
        let mut expired = self.accumulator.take_expired(ctx.now, timeout);
        let in_flight = self.accumulator.batches().filter(|batch| batch.in_request && !batch.done);
        expired.extend(in_flight.filter(|batch| batch.created_at + timeout <= ctx.now).map(|batch| batch.id));
        for id in &expired {
            let Some(batch) = self.accumulator.batch(*id).cloned() else { continue };
            self.fail(ctx, *id, ErrorCode::RequestTimedOut, error_name(ErrorCode::RequestTimedOut), &[], false);
            if batch.in_retry
                && let Some(sequences) = &mut self.sequences
            {
                sequences.mark_unresolved(&batch);
            }
        }
        !expired.is_empty()
    }

    /// After a fatal error nothing that waits can ever be sent. True if something waited.
    fn abort_undrained(&mut self, ctx: &mut Ctx<'_>) -> bool {
        let Some(fatal) = self.sequences.as_ref().and_then(|sequences| sequences.fatal.clone()) else { return false };
        let given_up = self.accumulator.take_undrained();
        for id in &given_up {
            self.fail(ctx, *id, ErrorCode::UnknownServerError, fatal.clone(), &[], false);
        }
        !given_up.is_empty()
    }

    /// When `delivery.timeout.ms` ends of each batch that waits or flies.
    pub(super) fn expiries(&self) -> impl Iterator<Item = (&TopicPartition, SimTime)> {
        let timeout = SimDuration::from_ms(self.config.delivery_timeout_ms);
        self.accumulator.batches().filter(|batch| !batch.done).map(move |batch| (&batch.tp, batch.created_at + timeout))
    }
}
