//! The Java producer (`KafkaProducer`, `RecordAccumulator`, `Sender`, `TransactionManager`).

mod ledger;

use crate::config::ProducerConfig;
use crate::ids::{BrokerId, Name};
use crate::machine::{Ctx, Deadline, Input, Machine};
use crate::time::SimTime;

pub use ledger::{Ledger, Outcome, Sent};

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
    },
    /// `flush()`: everything waiting is sent without lingering.
    Flush {
        /// Finds out when it returned.
        ticket: u64,
    },
    /// `close()`: sends what waits, then ends the process.
    Close,
}

/// One producer.
#[derive(Clone, Debug)]
pub struct Producer {
    client: Name,
    config: ProducerConfig,
    ledger: Ledger,
}

impl Producer {
    /// A producer that knows the cluster by its bootstrap servers.
    pub fn new(client: Name, _bootstrap: Vec<BrokerId>, config: ProducerConfig) -> Self {
        Self { client, config, ledger: Ledger::default() }
    }

    /// Its `client.id`.
    pub fn client(&self) -> &Name {
        &self.client
    }

    /// Its configs.
    pub fn config(&self) -> &ProducerConfig {
        &self.config
    }

    /// Its producer id, -1 without.
    pub fn producer_id(&self) -> i64 {
        -1
    }

    /// Its epoch, -1 without.
    pub fn producer_epoch(&self) -> i16 {
        -1
    }

    /// The topic of its last `send()`.
    pub fn topic(&self) -> Option<&Name> {
        None
    }

    /// Records that `send()` took and that are in no request yet, in order: key, and partition if chosen.
    pub fn waiting(&self) -> Vec<(Option<Name>, Option<i32>)> {
        Vec::new()
    }

    /// Records in Produce requests that are not answered.
    pub fn in_flight(&self) -> u64 {
        0
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
        None
    }

    /// What became of a record; `None` while its future is not completed.
    pub fn outcome(&self, ticket: u64) -> Option<&Outcome> {
        self.ledger.get(ticket)?.outcome.as_ref()
    }

    /// Every record that was ever given to `send()`, oldest first.
    pub fn ledger(&self) -> impl Iterator<Item = &Sent> {
        self.ledger.iter()
    }

    /// True once `flush()` with this ticket returned.
    pub fn flushed(&self, _ticket: u64) -> bool {
        false
    }
}

impl Machine for Producer {
    type Command = ProducerCommand;

    fn handle(&mut self, _ctx: &mut Ctx<'_>, _input: Input<ProducerCommand>) {}

    fn next_deadline(&self) -> Option<SimTime> {
        None
    }

    fn deadlines(&self) -> Vec<Deadline> {
        Vec::new()
    }
}
