//! An application that reads, transforms and writes in transactions (KIP-98, KIP-447): a consumer and a
//! transactional producer in one process with one thread, as Kafka's `ExactlyOnceMessageProcessor` of the
//! examples does it. Poll; begin; for each record its time, and a result is sent; the offsets are sent to the
//! transaction; commit. After an abort the consumer goes back to what is committed.
//!
//! Each result says what its source said. Who is fenced closes.

use crate::collections::Order;
use std::rc::Rc;

use crate::command::Work;
use crate::consumer::{Consumer, ConsumerCommand};
use crate::ids::Name;
use crate::machine::{Channel, Ctx, Deadline, Delivery, Effect, Input, Machine};
use crate::producer::{Producer, ProducerCommand, TransactionCall, TransactionPhase};
use crate::protocol::group::OffsetAndMetadata;
use crate::time::SimTime;

/// Where the thread is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Thread {
    /// Not started.
    Fresh,
    /// In `initTransactions()`.
    Initializing,
    /// In `poll()`.
    Polling,
    /// In `beginTransaction()`.
    Beginning,
    /// At work on a record until this time.
    Working { next: u64, end: u64, until: SimTime },
    /// In `sendOffsetsToTransaction()`.
    SendingOffsets,
    /// In `commitTransaction()`.
    Committing,
    /// In `abortTransaction()`.
    Aborting,
    /// In both `close()`.
    Closing,
}

/// The process.
#[derive(Clone, Debug)]
pub struct Transformer {
    consumer: Consumer,
    producer: Producer,
    work: Rc<Work>,
    thread: Thread,
    /// The records at work: the first, and behind the last.
    batch: (u64, u64),
    /// Producer id and epoch of their transaction.
    begun: (i64, i16),
    /// The call that the thread waits for.
    ticket: u64,
    /// The process is asked to end.
    stopping: bool,
    /// Records that were sent; their tickets are theirs and the calls'.
    tickets: u64,
    /// Transactions that were committed.
    committed: u64,
}

impl Transformer {
    /// Around these two is an application that does this.
    pub fn new(consumer: Consumer, producer: Producer, work: Work) -> Self {
        Self {
            consumer: consumer.with_work(work.clone()),
            producer,
            work: Rc::new(work),
            thread: Thread::Fresh,
            batch: (0, 0),
            begun: (-1, -1),
            ticket: 0,
            stopping: false,
            tickets: 0,
            committed: 0,
        }
    }

    /// Its consumer.
    pub fn consumer(&self) -> &Consumer {
        &self.consumer
    }

    /// The same, for what happens to it from outside.
    pub fn consumer_mut(&mut self) -> &mut Consumer {
        &mut self.consumer
    }

    /// Its producer.
    pub fn producer(&self) -> &Producer {
        &self.producer
    }

    /// Transactions that were committed.
    pub fn committed(&self) -> u64 {
        self.committed
    }

    fn run_consumer(&mut self, ctx: &mut Ctx<'_>, input: Input<ConsumerCommand>) {
        self.consumer.handle(ctx, input);
    }

    /// The producer has connections of its own, which the consumer's must not be taken for.
    fn run_producer(&mut self, ctx: &mut Ctx<'_>, input: Input<ProducerCommand>) {
        let mut effects = Vec::new();
        self.producer.handle(&mut ctx.inner(&mut effects), input);
        for effect in effects {
            match effect {
                Effect::Send { mut connection, correlation_id, body } => {
                    connection.channel = Channel::Results;
                    ctx.push(Effect::Send { connection, correlation_id, body });
                }
                Effect::Disconnect(mut connection) => {
                    connection.channel = Channel::Results;
                    ctx.push(Effect::Disconnect(connection));
                }
                Effect::Exit => {}
                other => ctx.push(other),
            }
        }
    }

    fn call(&mut self, ctx: &mut Ctx<'_>, call: TransactionCall) {
        self.tickets += 1;
        self.ticket = self.tickets;
        self.run_producer(ctx, Input::Command(ProducerCommand::Transaction { ticket: self.ticket, call }));
    }

    fn answer(&self) -> Option<Result<(), Name>> {
        self.producer.call_answer(self.ticket).cloned()
    }

    /// Lets the thread run until it has to wait.
    fn run(&mut self, ctx: &mut Ctx<'_>) {
        while self.step(ctx) {}
    }

    /// One step of the thread; false if it waits.
    fn step(&mut self, ctx: &mut Ctx<'_>) -> bool {
        if self.consumer.hangs() && matches!(self.thread, Thread::Polling | Thread::Working { .. }) {
            return false;
        }
        match self.thread {
            Thread::Fresh => {
                self.thread = Thread::Initializing;
                self.call(ctx, TransactionCall::Init);
                self.run_consumer(ctx, Input::Command(ConsumerCommand::Hold));
            }
            Thread::Initializing => match self.answer() {
                None => return false,
                Some(Ok(())) => {
                    self.thread = Thread::Polling;
                    self.run_consumer(ctx, Input::Command(ConsumerCommand::Continue));
                }
                Some(Err(error)) if is_timeout(&error) => self.call(ctx, TransactionCall::Init),
                Some(Err(_)) => self.close(ctx),
            },
            Thread::Polling => {
                if self.consumer.last_error().is_some() || self.stopping {
                    self.close(ctx);
                } else if self.consumer.handed_over().is_some() {
                    self.thread = Thread::Beginning;
                    self.call(ctx, TransactionCall::Begin);
                } else {
                    return false;
                }
            }
            Thread::Beginning => match (self.answer(), self.consumer.handed_over()) {
                (None, _) => return false,
                (Some(Ok(())), Some((next, end))) => {
                    self.batch = (next, end);
                    self.begun = (self.producer.producer_id(), self.producer.producer_epoch());
                    self.thread = Thread::Working { next, end, until: ctx.now + self.work.processing };
                }
                _ => self.close(ctx),
            },
            Thread::Working { next, end, until } => {
                if self.has_failed() {
                    self.abort(ctx);
                } else if next == end {
                    self.send_offsets(ctx);
                } else if until <= ctx.now {
                    self.transform(ctx, next);
                    let until = ctx.now + self.work.processing;
                    self.thread = Thread::Working { next: next + 1, end, until };
                } else {
                    return false;
                }
            }
            Thread::SendingOffsets => match self.answer() {
                None => return false,
                Some(Ok(())) => {
                    self.thread = Thread::Committing;
                    ctx.ask_commit(self.begun.0, self.begun.1);
                    self.call(ctx, TransactionCall::Commit);
                }
                Some(Err(_)) => self.abort(ctx),
            },
            Thread::Committing => match self.answer() {
                None => return false,
                Some(Ok(())) => {
                    self.committed += 1;
                    self.poll_on(ctx);
                }
                Some(Err(error)) if is_timeout(&error) => self.call(ctx, TransactionCall::Commit),
                Some(Err(_)) => self.abort(ctx),
            },
            Thread::Aborting => match self.answer() {
                None => return false,
                Some(Ok(())) => {
                    ctx.abandon(self.begun.0, self.begun.1);
                    self.consumer.rewind();
                    self.poll_on(ctx);
                }
                Some(Err(error)) if is_timeout(&error) => self.call(ctx, TransactionCall::Abort),
                Some(Err(_)) => self.close(ctx),
            },
            Thread::Closing if self.consumer.handed_over().is_some() => {
                // The poll that was under way returned records: nobody works on them any more.
                self.consumer.take_back();
                self.run_consumer(ctx, Input::Timer);
            }
            Thread::Closing => {
                if self.consumer.phase() == "closed" {
                    ctx.exit();
                }
                return false;
            }
        }
        true
    }

    /// One result for one record.
    fn transform(&mut self, ctx: &mut Ctx<'_>, index: u64) {
        let producer = (self.producer.producer_id(), self.producer.producer_epoch());
        let at = usize::try_from(index).unwrap_or(usize::MAX);
        let (Some(record), Some(topic)) = (self.consumer.received().get(at), self.work.to.clone()) else { return };
        let text = |bytes: &[u8]| Name::from(String::from_utf8_lossy(bytes).as_ref());
        let records = vec![(record.key().map(text), record.value().map(text))];
        self.tickets += 1;
        let send =
            ProducerCommand::Send { first_ticket: self.tickets, topic, partition: None, records, headers: Vec::new() };
        self.run_producer(ctx, Input::Command(send));
        self.consumer.processed(ctx, index, Some(producer));
    }

    fn send_offsets(&mut self, ctx: &mut Ctx<'_>) {
        let Some(group) = self.consumer.group_metadata() else { return self.close(ctx) };
        let (first, end) = self.batch;
        let entry = |(tp, offset)| (tp, OffsetAndMetadata { offset, leader_epoch: -1, metadata: "".into() });
        let offsets = self.consumer.offsets_behind(first, end).into_iter().map(entry).collect();
        self.thread = Thread::SendingOffsets;
        self.call(ctx, TransactionCall::SendOffsets { offsets, group });
    }

    fn has_failed(&self) -> bool {
        let phase = self.producer.transaction_phase();
        matches!(phase, Some(TransactionPhase::AbortableError | TransactionPhase::FatalError))
    }

    fn abort(&mut self, ctx: &mut Ctx<'_>) {
        if self.producer.transaction_phase() == Some(TransactionPhase::FatalError) {
            return self.close(ctx);
        }
        self.thread = Thread::Aborting;
        self.call(ctx, TransactionCall::Abort);
    }

    fn poll_on(&mut self, ctx: &mut Ctx<'_>) {
        self.thread = Thread::Polling;
        self.consumer.take_back();
        self.run_consumer(ctx, Input::Timer);
    }

    fn close(&mut self, ctx: &mut Ctx<'_>) {
        self.thread = Thread::Closing;
        self.consumer.take_back();
        self.run_producer(ctx, Input::Command(ProducerCommand::Close { timeout_ms: None }));
        self.run_consumer(ctx, Input::Command(ConsumerCommand::Close));
    }
}

/// What the process can be asked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum TransformerCommand {
    /// For its consumer.
    Consumer(ConsumerCommand),
    /// An orderly end.
    Close,
}

impl Machine for Transformer {
    type Command = TransformerCommand;

    fn handle(&mut self, ctx: &mut Ctx<'_>, input: Input<TransformerCommand>) {
        match input {
            Input::Deliver(Delivery { mut connection, correlation_id, body })
                if connection.channel == Channel::Results =>
            {
                connection.channel = Channel::Data;
                self.run_producer(ctx, Input::Deliver(Delivery { connection, correlation_id, body }));
            }
            Input::ConnectionLost(mut connection) if connection.channel == Channel::Results => {
                connection.channel = Channel::Data;
                self.run_producer(ctx, Input::ConnectionLost(connection));
            }
            Input::Deliver(delivery) => self.run_consumer(ctx, Input::Deliver(delivery)),
            Input::ConnectionLost(connection) => self.run_consumer(ctx, Input::ConnectionLost(connection)),
            Input::Timer => {
                self.run_producer(ctx, Input::Timer);
                self.run_consumer(ctx, Input::Timer);
            }
            Input::Command(TransformerCommand::Consumer(command)) => self.run_consumer(ctx, Input::Command(command)),
            Input::Command(TransformerCommand::Close) => self.stopping = true,
            Input::Boot | Input::DiskDone(_) => {}
        }
        self.run(ctx);
    }

    fn next_deadline(&self) -> Option<SimTime> {
        let working = match self.thread {
            Thread::Working { until, .. } if !self.consumer.hangs() => Some(until),
            _ => None,
        };
        [self.consumer.next_deadline(), self.producer.next_deadline(), working].into_iter().flatten().min()
    }

    fn deadlines(&self) -> Vec<Deadline> {
        let mut all = self.consumer.deadlines();
        all.extend(self.producer.deadlines());
        all.order_by_key(|deadline| deadline.at);
        all
    }
}

fn is_timeout(error: &str) -> bool {
    error == "TimeoutException"
}
