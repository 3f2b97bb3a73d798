//! The Java producer (`KafkaProducer`, `RecordAccumulator`, `Sender`, `TransactionManager`).
//!
//! The application's thread puts records into batches, the I/O thread sends them: both run to
//! completion within one input. Leaves out interceptors; configs that only matter for
//! these have no effect.

mod accumulator;
mod application;
mod batch;
mod ledger;
mod murmur2;
mod partitioner;
mod partitioner_class;
mod responses;
mod sender;
mod sequences;
#[cfg(test)]
mod tests;
mod timer;
mod transactions;
mod txn_answers;
mod txn_call;
mod txn_request;
mod txn_sender;

use crate::collections::{BTreeMap, BTreeSet, Digest, mix};

use accumulator::Accumulator;
use application::{Application, Call};
use partitioner::StickyPartitioner;
use partitioner_class::ClassPartitioner;
use sequences::Sequences;
use transactions::Transactions;

use crate::client::{Backoff, ClientMetadata, Network, NetworkConfig};
use crate::config::ProducerConfig;
use crate::ids::{BrokerId, Name, TopicPartition};
use crate::log::{Compression, digest_of};
use crate::machine::{Body, Ctx, Deadline, Input, Machine};
use crate::time::SimTime;

pub use batch::{BatchId, BatchRecord, ProducerBatch, add_sequence, size_upper_bound};
pub use ledger::{Ledger, Outcome, Sent};
pub use murmur2::{murmur2, partition_for_key};
pub use transactions::TransactionPhase;
pub use txn_call::TransactionCall;

/// A number for one call of `send()` among those of all producers.
fn origin_of(client: &Name, ticket: u64) -> u64 {
    mix(client.digest(), ticket)
}

/// What an application adds to a record.
pub type Headers = Vec<(Name, Option<Name>)>;

/// What an application asks of its producer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ProducerCommand {
    /// `send()` of several records, one after the other.
    Send {
        /// Ticket of the first; the others follow.
        first_ticket: u64,
        /// Topic.
        topic: Name,
        /// An explicit partition.
        partition: Option<i32>,
        /// Keys and values.
        records: Vec<(Option<Name>, Option<Name>)>,
        /// Headers of each; none of those that are not there.
        headers: Vec<Headers>,
    },
    /// `flush()`: everything waiting is sent without lingering.
    Flush {
        /// Finds out when it returned.
        ticket: u64,
    },
    /// A call of the transactional API.
    Transaction {
        /// Finds out how it ended.
        ticket: u64,
        /// Which.
        call: TransactionCall,
    },
    /// `close(timeout)`: sends what waits, then ends the process; what is not acknowledged in time has failed.
    Close {
        /// After which it does not wait any more, ms; `close()` itself waits for ever.
        timeout_ms: Option<u64>,
    },
}

/// What a request in flight was for.
#[derive(Clone, Debug)]
enum Asked {
    Greeting,
    Metadata,
    InitProducerId,
    Transactional,
    Produce(Vec<BatchId>),
}

/// One producer.
#[derive(Clone, Debug)]
pub struct Producer {
    client: Name,
    config: ProducerConfig,
    network: Network<Asked>,
    metadata: ClientMetadata,
    application: Application,
    accumulator: Accumulator,
    /// With `enable.idempotence`.
    sequences: Option<Sequences>,
    /// With a `transactional.id`.
    transactions: Option<Transactions>,
    init_retry_at: SimTime,
    sticky: StickyPartitioner,
    class_partitioner: ClassPartitioner,
    /// Partitions with a request in flight, where only one may be (`guaranteeMessageOrder`).
    muted: BTreeSet<TopicPartition>,
    drain_from: BTreeMap<BrokerId, TopicPartition>,
    ledger: Ledger,
    topic: Option<Name>,
    last_error: Option<Name>,
    /// When it last ran, and when it wants to run next.
    ran_at: SimTime,
    soonest: Option<SimTime>,
}

impl Producer {
    /// A producer that knows the cluster by its bootstrap servers.
    pub fn new(client: Name, bootstrap: Vec<BrokerId>, config: ProducerConfig) -> Self {
        let retry = Backoff { initial_ms: config.retry_backoff_ms, max_ms: config.retry_backoff_max_ms };
        let compression = Compression::named(&config.compression_type).unwrap_or_default();
        let network = NetworkConfig {
            request_timeout_ms: config.request_timeout_ms,
            reconnect: Backoff { initial_ms: config.reconnect_backoff_ms, max_ms: config.reconnect_backoff_max_ms },
            setup: Backoff {
                initial_ms: config.socket_connection_setup_timeout_ms,
                max_ms: config.socket_connection_setup_timeout_max_ms,
            },
            in_flight_max: usize::try_from(config.max_in_flight_requests_per_connection).unwrap_or(1),
        };
        Self {
            client,
            network: Network::new(network),
            metadata: ClientMetadata::new(bootstrap, config.metadata_max_age_ms, retry),
            application: Application::default(),
            accumulator: Accumulator::with_compression(compression),
            sequences: config.enable_idempotence.then(Sequences::default),
            transactions: config
                .transactional_id
                .clone()
                .map(|id| Transactions::new(id, config.transaction_timeout_ms)),
            init_retry_at: SimTime::ZERO,
            sticky: StickyPartitioner::default(),
            class_partitioner: ClassPartitioner::default(),
            muted: BTreeSet::new(),
            drain_from: BTreeMap::new(),
            ledger: Ledger::default(),
            topic: None,
            last_error: None,
            ran_at: SimTime::ZERO,
            soonest: None,
            config,
        }
    }

    /// Its `client.id`.
    pub fn client(&self) -> &Name {
        &self.client
    }

    /// Brokers that are up, by the last Metadata answer; none before the first one.
    pub fn known_brokers(&self) -> &[BrokerId] {
        if self.metadata.version() > 0 { self.metadata.brokers() } else { &[] }
    }

    /// Its configs.
    pub fn config(&self) -> &ProducerConfig {
        &self.config
    }

    /// Its producer id, -1 without.
    pub fn producer_id(&self) -> i64 {
        self.sequences.as_ref().map_or(-1, |sequences| sequences.producer_id)
    }

    /// Its epoch, -1 without.
    pub fn producer_epoch(&self) -> i16 {
        self.sequences.as_ref().map_or(-1, |sequences| sequences.producer_epoch)
    }

    /// Where it stands with its transactions; `None` without a `transactional.id`.
    pub fn transaction_phase(&self) -> Option<TransactionPhase> {
        self.transactions.as_ref().map(|transactions| transactions.phase)
    }

    /// Partitions in its open transaction, as far as its coordinator has them.
    pub fn transaction_partitions(&self) -> Vec<TopicPartition> {
        self.transactions.iter().flat_map(|transactions| &transactions.partitions).cloned().collect()
    }

    /// How a transactional call ended, once it has: nothing, or the name of the exception.
    pub fn call_answer(&self, ticket: u64) -> Option<&Result<(), Name>> {
        self.application.answer(ticket)
    }

    /// The code of the error for which a transactional call threw a KafkaException.
    pub fn call_cause(&self, ticket: u64) -> Option<&Name> {
        self.application.cause(ticket)
    }

    /// The topic of its last `send()`.
    pub fn topic(&self) -> Option<&Name> {
        self.topic.as_ref()
    }

    /// Records that `send()` was given and that are in no request, in order: key, and partition if
    /// chosen. First those in batches, by partition, then those whose `send()` is blocked.
    pub fn waiting(&self) -> Vec<(Option<Name>, Option<i32>)> {
        let queued = self.accumulator.queues().flat_map(|(tp, queue)| queue.iter().map(move |id| (tp.partition, id)));
        let batched = queued.flat_map(|(partition, id)| {
            let records = self.accumulator.batch(*id).map_or(&[][..], ProducerBatch::records);
            records.iter().map(move |record| (record.key.clone(), Some(partition)))
        });
        let blocked = self.application.calls().filter_map(|call| match call {
            Call::Send { key, partition, .. } => Some((key.clone(), *partition)),
            _ => None,
        });
        batched.chain(blocked).collect()
    }

    /// Records in Produce requests that are not answered.
    pub fn in_flight(&self) -> u64 {
        let flying = self.accumulator.batches().filter(|batch| batch.in_request && !batch.done);
        flying.map(|batch| batch.records().len() as u64).sum()
    }

    /// Records acknowledged so far.
    pub fn acked(&self) -> u64 {
        self.ledger.acked()
    }

    /// Records failed so far.
    pub fn failed(&self) -> u64 {
        self.ledger.failed()
    }

    /// The last error that the application or the log saw.
    pub fn last_error(&self) -> Option<Name> {
        self.last_error.clone()
    }

    /// What became of a record; `None` while its future is not completed.
    pub fn outcome(&self, ticket: u64) -> Option<&Outcome> {
        self.ledger.get(ticket)?.outcome.as_ref()
    }

    /// The identity of a record that was given to `send()`, wherever it lies.
    pub fn identity_of(&self, sent: &Sent) -> u64 {
        let [key, value] = [&sent.key, &sent.value].map(|text| text.as_deref().map(str::as_bytes));
        mix(origin_of(&self.client, sent.ticket), digest_of(key, value))
    }

    /// A record that was given to `send()`, by its ticket.
    pub fn sent(&self, ticket: u64) -> Option<&Sent> {
        self.ledger.get(ticket)
    }

    /// Every record that was ever given to `send()`, oldest first.
    pub fn ledger(&self) -> impl DoubleEndedIterator<Item = &Sent> {
        self.ledger.iter()
    }

    /// True once `flush()` with this ticket returned.
    pub fn flushed(&self, ticket: u64) -> bool {
        self.application.flushed(ticket)
    }

    /// Lets both threads run until neither comes forward: completed batches free memory and end a
    /// flush, appended records are sent.
    fn run(&mut self, ctx: &mut Ctx<'_>) {
        loop {
            let moved = self.run_application(ctx);
            let completed = self.run_sender(ctx);
            if !moved && !completed {
                break;
            }
        }
        self.set_alarm(ctx.now);
    }
}

impl Machine for Producer {
    type Command = ProducerCommand;

    fn handle(&mut self, ctx: &mut Ctx<'_>, input: Input<ProducerCommand>) {
        match input {
            Input::Boot | Input::DiskDone(_) => {}
            Input::Timer => self.give_up_overdue(ctx),
            Input::Command(command) => self.take_command(ctx.now, command),
            Input::Deliver(delivery) => {
                if let Body::Response(response) = delivery.body {
                    self.answered(ctx, delivery.correlation_id, response);
                }
            }
            Input::ConnectionLost(connection) => {
                if let Some(broker) = connection.server.broker() {
                    self.connection_lost(ctx, broker);
                }
            }
        }
        self.run(ctx);
    }

    fn next_deadline(&self) -> Option<SimTime> {
        self.soonest
    }

    fn deadlines(&self) -> Vec<Deadline> {
        self.timers().describe()
    }
}
