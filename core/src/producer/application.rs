//! The application's thread: `send()`, `flush()` and `close()` one after the other, blocked for
//! `max.block.ms` at most while a topic or memory is missing (`KafkaProducer.doSend`).

use crate::collections::BTreeMap;
use std::collections::VecDeque;
use std::rc::Rc;

use super::accumulator::Appended;
use super::batch::{BatchRecord, size_upper_bound};
use super::ledger::{Outcome, Sent};
use super::murmur2::partition_for_key;
use super::partitioner::next_partition;
use super::transactions::is_api_exception;
use super::txn_call::TransactionCall;
use super::{Headers, Producer, ProducerCommand};
use crate::client::error_name;
use crate::ids::{Name, TopicPartition};
use crate::machine::{Ctx, Observation};
use crate::protocol::ErrorCode;
use crate::time::{SimDuration, SimTime};

/// A call that the thread has still to make or is blocked in.
#[derive(Clone, Debug)]
pub(super) enum Call {
    /// `send()` of one record.
    Send { ticket: u64, topic: Name, partition: Option<i32>, key: Option<Name>, value: Option<Name>, headers: Headers },
    /// `flush()`.
    Flush(u64),
    /// A call of the transactional API, and the result that it waits for.
    Transaction { ticket: u64, call: TransactionCall, result: Option<u64> },
    /// `close()`, and when it waits no more.
    Close(Option<SimTime>),
}

/// The thread.
#[derive(Clone, Debug, Default)]
pub(super) struct Application {
    calls: VecDeque<Call>,
    /// Since when the first call is blocked, and the metadata version that it saw last.
    pub blocked: Option<(SimTime, u64)>,
    /// The thread waits for memory.
    pub out_of_memory: bool,
    /// The thread is in `flush()` or `close()`.
    pub flushing: bool,
    /// `close()` was called.
    pub closed: bool,
    flushed: Vec<u64>,
    /// How transactional calls ended, by ticket.
    pub answers: Rc<BTreeMap<u64, Result<(), Name>>>,
    /// What a KafkaException that was thrown wraps, by ticket.
    pub causes: Rc<BTreeMap<u64, Name>>,
}

impl Application {
    /// Calls that are not over.
    pub fn calls(&self) -> impl Iterator<Item = &Call> {
        self.calls.iter()
    }

    /// Since when the first call is blocked.
    pub fn blocked_since(&self) -> Option<SimTime> {
        self.blocked.map(|(since, _)| since)
    }

    /// When `close()` waits no more.
    pub fn closes_at(&self) -> Option<SimTime> {
        match self.calls.front() {
            Some(Call::Close(until)) => *until,
            _ => None,
        }
    }

    /// How a transactional call ended, once it has.
    pub fn answer(&self, ticket: u64) -> Option<&Result<(), Name>> {
        self.answers.get(&ticket)
    }

    /// What the KafkaException wraps that a transactional call threw.
    pub fn cause(&self, ticket: u64) -> Option<&Name> {
        self.causes.get(&ticket)
    }

    /// True once that `flush()` returned.
    pub fn flushed(&self, ticket: u64) -> bool {
        self.flushed.contains(&ticket)
    }
}

impl Producer {
    pub(super) fn take_command(&mut self, now: SimTime, command: ProducerCommand) {
        match command {
            ProducerCommand::Send { first_ticket, topic, partition, records, headers } => {
                let mut headers = headers.into_iter();
                self.topic = Some(topic.clone());
                // Simplified: the calls of one command take no time, so they gather in batches as far as these hold.
                for ((key, value), ticket) in records.into_iter().zip(first_ticket..) {
                    let sent = Sent {
                        ticket,
                        tp: None,
                        topic: topic.clone(),
                        key: key.clone(),
                        value: value.clone(),
                        outcome: None,
                        sent_at: now,
                        completed_at: None,
                    };
                    self.ledger.push(sent);
                    let call = Call::Send {
                        ticket,
                        topic: topic.clone(),
                        partition,
                        key,
                        value,
                        headers: headers.next().unwrap_or_default(),
                    };
                    self.application.calls.push_back(call);
                }
            }
            ProducerCommand::Flush { ticket } => self.application.calls.push_back(Call::Flush(ticket)),
            ProducerCommand::Transaction { ticket, call } => {
                self.application.calls.push_back(Call::Transaction { ticket, call, result: None });
            }
            ProducerCommand::Close { timeout_ms } => {
                let until = timeout_ms.map(|timeout_ms| now + SimDuration::from_ms(timeout_ms));
                self.application.calls.push_back(Call::Close(until));
            }
        }
    }

    /// Lets the thread run until it blocks. True if it came forward.
    pub(super) fn run_application(&mut self, ctx: &mut Ctx<'_>) -> bool {
        let mut moved = false;
        while let Some(call) = self.application.calls.pop_front() {
            if let Some(blocked) = self.run_call(ctx, call) {
                self.application.calls.push_front(blocked);
                break;
            }
            self.application.blocked = None;
            self.application.out_of_memory = false;
            self.application.flushing = false;
            moved = true;
        }
        moved
    }

    /// Makes one call; gives it back if it blocks.
    fn run_call(&mut self, ctx: &mut Ctx<'_>, call: Call) -> Option<Call> {
        match call {
            Call::Send { ticket, topic, partition, key, value, headers } => {
                let timestamp_ms = ctx.wall_clock_ms();
                let record = BatchRecord {
                    ticket,
                    origin: super::origin_of(&self.client, ticket),
                    timestamp_ms,
                    key: key.clone(),
                    value: value.clone(),
                    headers: headers.clone(),
                };
                let blocked = !self.send_one(ctx, &topic, partition, record);
                blocked.then_some(Call::Send { ticket, topic, partition, key, value, headers })
            }
            Call::Flush(ticket) => {
                self.application.flushing = true;
                if self.accumulator.has_incomplete() {
                    return Some(call);
                }
                self.application.flushed.push(ticket);
                None
            }
            Call::Transaction { ticket, call, result } => self.call_transaction(ctx, ticket, call, result),
            Call::Close(until) => {
                self.application.flushing = true;
                self.application.closed = true;
                let late = until.is_some_and(|until| until <= ctx.now);
                if late {
                    // "Producer is closed forcefully."
                    self.abort_incomplete(ctx, &"KafkaException".into());
                } else if self.accumulator.has_incomplete() || !self.end_transaction_of_closed() {
                    return Some(call);
                }
                ctx.exit();
                None
            }
        }
    }

    /// `doSend` of one record. False if it blocks.
    fn send_one(&mut self, ctx: &mut Ctx<'_>, topic: &Name, partition: Option<i32>, record: BatchRecord) -> bool {
        let ticket = record.ticket;
        let unplaced = partition.map(|partition| TopicPartition::new(topic.clone(), partition));
        if self.application.closed {
            self.fail_unsent(ctx, ticket, topic, unplaced, "IllegalStateException".into());
            return true;
        }
        self.metadata.use_topic(topic, ctx.now);
        if let Some(error) = self.metadata.fatal_error(topic) {
            self.fail_unsent(ctx, ticket, topic, unplaced, error_name(error));
            return true;
        }
        let count = self.metadata.partitions_of(topic).len();
        if count == 0 || partition.is_some_and(|wanted| usize::try_from(wanted).is_ok_and(|wanted| wanted >= count)) {
            return self.block(ctx, ticket, topic, unplaced, true);
        }
        if partition.is_some_and(|wanted| wanted < 0) {
            self.fail_unsent(ctx, ticket, topic, None, "IllegalArgumentException".into());
            return true;
        }
        let size = size_upper_bound(record.key.as_ref(), record.value.as_ref(), &record.headers);
        if size > self.config.max_request_size || size > self.config.buffer_memory {
            self.fail_unsent(ctx, ticket, topic, unplaced, error_name(ErrorCode::MessageTooLarge));
            return true;
        }
        let (tp, sticky) = self.choose(ctx, topic, partition, &record, count);
        let (batch_size, memory) = (self.config.batch_size, self.config.buffer_memory);
        let (key, value) = (record.key.clone(), record.value.clone());
        match self.accumulator.append(&tp, record, batch_size, memory, ctx.now) {
            Appended::NoMemory(_) => {
                self.application.out_of_memory = true;
                self.block(ctx, ticket, topic, Some(tp), false)
            }
            Appended::Yes { bytes, .. } => {
                if sticky {
                    self.count_sticky(ctx, &tp, bytes);
                }
                self.ledger.place_in(ticket, tp.clone());
                let producer = self.client.clone();
                let value = value.unwrap_or_else(|| "null".into());
                ctx.observe(Observation::RecordSent { producer, tp: tp.clone(), key, value });
                self.add_to_transaction(ctx, ticket, &tp);
                true
            }
        }
    }

    /// The partition, and whether the sticky partitioner chose it.
    fn choose(
        &mut self,
        ctx: &mut Ctx<'_>,
        topic: &Name,
        partition: Option<i32>,
        record: &BatchRecord,
        count: usize,
    ) -> (TopicPartition, bool) {
        let of = |partition: i32| TopicPartition::new(topic.clone(), partition);
        if let Some(partition) = partition {
            return (of(partition), false);
        }
        if let Some(class) = self.config.partitioner() {
            let (metadata, key) = (&self.metadata, record.key.as_ref());
            let first = self.class_partitioner.partition(class, topic, key, metadata, ctx.rng);
            if self.accumulator.fits_open_batch(&of(first), record) {
                return (of(first), false);
            }
            // The partitioner is asked a second time before a batch is opened.
            self.class_partitioner.on_new_batch(class, topic, first, metadata, ctx.rng);
            return (of(self.class_partitioner.partition(class, topic, key, metadata, ctx.rng)), false);
        }
        if let Some(key) = record.key.as_ref().filter(|_| !self.config.partitioner_ignore_keys) {
            return (of(partition_for_key(key.as_bytes(), count)), false);
        }
        let queues = self.adaptive_queues(topic);
        let partitions = self.metadata.partitions_of(topic);
        let tp = of(self.sticky.partition(topic, partitions, &queues, ctx.rng));
        // The switch may have been put off for an open batch that has been sent meanwhile.
        self.count_sticky(ctx, &tp, 0);
        let partitions = self.metadata.partitions_of(topic);
        (of(self.sticky.partition(topic, partitions, &queues, ctx.rng)), true)
    }

    // Simplified: Kafka weighs the queues as its I/O thread saw them last, here they are as they are.
    fn adaptive_queues(&self, topic: &Name) -> Vec<(i32, u64)> {
        if self.config.partitioner_adaptive_partitioning_enable {
            self.accumulator.queue_sizes(topic)
        } else {
            Vec::new()
        }
    }

    fn count_sticky(&mut self, ctx: &mut Ctx<'_>, tp: &TopicPartition, bytes: u64) {
        let queues = self.adaptive_queues(&tp.topic);
        let partitions = self.metadata.partitions_of(&tp.topic);
        let may_switch = self.accumulator.all_full(tp);
        let choose = || next_partition(partitions, &queues, ctx.rng);
        self.sticky.count(&tp.topic, bytes, may_switch, self.config.batch_size, choose);
    }

    /// Waits for metadata or memory, `max.block.ms` at most. True if the wait is over.
    fn block(
        &mut self,
        ctx: &mut Ctx<'_>,
        ticket: u64,
        topic: &Name,
        tp: Option<TopicPartition>,
        for_metadata: bool,
    ) -> bool {
        let (since, seen) = self.application.blocked.unwrap_or((ctx.now, u64::MAX));
        if since + SimDuration::from_ms(self.config.max_block_ms) <= ctx.now {
            self.fail_unsent(ctx, ticket, topic, tp, error_name(ErrorCode::RequestTimedOut));
            return true;
        }
        let version = self.metadata.version();
        if for_metadata && seen != version {
            self.metadata.request_topic(topic, ctx.now);
        }
        self.application.blocked = Some((since, version));
        false
    }

    fn fail_unsent(
        &mut self,
        ctx: &mut Ctx<'_>,
        ticket: u64,
        topic: &Name,
        tp: Option<TopicPartition>,
        mut error: Name,
    ) {
        if let Some(transactions) = self.transactions.as_mut().filter(|_| is_api_exception(&error))
            && let Err(thrown) = transactions.fail_or_throw(error.clone())
        {
            error = thrown;
        }
        self.last_error = Some(error.clone());
        self.ledger.complete(ticket, Outcome::Failed { tp: tp.clone(), error: error.clone() }, ctx.now);
        // Kafka's callbacks are given partition -1 where none was chosen.
        let tp = tp.unwrap_or_else(|| TopicPartition::new(topic.clone(), -1));
        ctx.observe(Observation::RecordFailed { producer: self.client.clone(), tp, error });
    }
}
