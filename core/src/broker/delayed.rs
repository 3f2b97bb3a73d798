//! Requests that wait: produces and deletions for replicas, fetches for data (`DelayedOperationPurgatory`).

use super::BrokerTimer;
use crate::collections::SortedMap;
use crate::ids::TopicPartition;
use crate::log::AppendRefused;
use crate::machine::{Connection, TimerTable};
use crate::protocol::ErrorCode;
use crate::protocol::fetch::FetchRequest;

/// Who is answered when a produce is complete.
#[derive(Clone, Debug)]
pub enum ProduceOrigin {
    /// A client.
    Client {
        /// Its connection.
        connection: Connection,
        /// Its request.
        correlation_id: u64,
    },
    /// The group coordinator in this broker.
    Group {
        /// Its token.
        token: u64,
    },
    /// The transaction coordinator in this broker.
    Transaction {
        /// Its token.
        token: u64,
    },
    /// A transaction coordinator, or an admin, that wants markers written.
    Markers {
        /// Its connection.
        connection: Connection,
        /// Its request.
        correlation_id: u64,
        /// The markers; their partitions follow each other in the statuses.
        markers: Vec<MarkerOf>,
    },
}

/// A marker of a request that waits.
#[derive(Clone, Debug)]
pub struct MarkerOf {
    /// The producer.
    pub producer_id: i64,
    /// COMMIT; otherwise ABORT.
    pub committed: bool,
    /// How many of the statuses are its own.
    pub partitions: u64,
}

/// One partition of a produce that waits.
#[derive(Clone, Debug)]
pub struct ProduceStatus {
    /// The partition.
    pub tp: TopicPartition,
    /// NONE, or what went wrong.
    pub error: ErrorCode,
    /// Places of the records for which the batch is refused.
    pub record_errors: Vec<u32>,
    /// Offset of the first record.
    pub base_offset: i64,
    /// The high watermark that makes it complete.
    pub required_offset: i64,
    /// Not decided yet.
    pub open: bool,
}

impl ProduceStatus {
    /// What became of an append: its first offset and the one after its last, or why not.
    pub fn of(tp: TopicPartition, result: Result<(i64, i64), AppendRefused>) -> Self {
        let open = result.is_ok();
        let ((base_offset, required_offset), refused) = match result {
            Ok(offsets) => (offsets, ErrorCode::None.into()),
            Err(refused) => ((-1, -1), refused),
        };
        let AppendRefused { error, records: record_errors } = refused;
        Self { tp, error, record_errors, base_offset, required_offset, open }
    }
}

/// A produce that waits for replicas.
#[derive(Clone, Debug)]
pub struct DelayedProduce {
    /// Who is answered.
    pub origin: ProduceOrigin,
    /// Its partitions.
    pub statuses: Vec<ProduceStatus>,
}

/// One partition of a DeleteRecords that waits.
#[derive(Clone, Debug)]
pub struct DeleteRecordsStatus {
    /// The partition.
    pub tp: TopicPartition,
    /// NONE, or what went wrong.
    pub error: ErrorCode,
    /// The low watermark that is answered.
    pub low_watermark: i64,
    /// The low watermark that makes it complete.
    pub required_offset: i64,
    /// Not decided yet.
    pub open: bool,
}

/// A DeleteRecords that waits for the log starts of replicas.
#[derive(Clone, Debug)]
pub struct DelayedDeleteRecords {
    /// The connection that is answered.
    pub connection: Connection,
    /// Its request.
    pub correlation_id: u64,
    /// Its partitions.
    pub statuses: Vec<DeleteRecordsStatus>,
}

/// A fetch that waits for data.
#[derive(Clone, Debug)]
pub struct DelayedFetch {
    /// The connection that is answered.
    pub connection: Connection,
    /// Its request.
    pub correlation_id: u64,
    /// What was asked.
    pub request: FetchRequest,
}

/// Everything that waits, by number.
#[derive(Clone, Debug, Default)]
pub struct Purgatory {
    count: u64,
    produces: SortedMap<u64, DelayedProduce>,
    fetches: SortedMap<u64, DelayedFetch>,
    deletions: SortedMap<u64, DelayedDeleteRecords>,
}

impl Purgatory {
    /// Parks a produce and gives its number.
    pub fn park_produce(&mut self, produce: DelayedProduce) -> u64 {
        self.count += 1;
        self.produces.insert(self.count, produce);
        self.count
    }

    /// Puts back a produce that is not complete yet.
    pub fn put_produce(&mut self, number: u64, produce: DelayedProduce) {
        self.produces.insert(number, produce);
    }

    /// Takes a produce out.
    pub fn take_produce(&mut self, number: u64) -> Option<DelayedProduce> {
        self.produces.remove(&number)
    }

    /// Produces that still wait for this partition.
    pub fn produces_on(&self, tp: &TopicPartition) -> Vec<u64> {
        let waits = |produce: &DelayedProduce| produce.statuses.iter().any(|status| status.open && &status.tp == tp);
        self.produces.iter().filter(|(_, produce)| waits(produce)).map(|(number, _)| *number).collect()
    }

    /// Parks a DeleteRecords and gives its number.
    pub fn park_delete_records(&mut self, delayed: DelayedDeleteRecords) -> u64 {
        self.count += 1;
        self.deletions.insert(self.count, delayed);
        self.count
    }

    /// Puts back a DeleteRecords that is not complete yet.
    pub fn put_delete_records(&mut self, number: u64, delayed: DelayedDeleteRecords) {
        self.deletions.insert(number, delayed);
    }

    /// Takes a DeleteRecords out.
    pub fn take_delete_records(&mut self, number: u64) -> Option<DelayedDeleteRecords> {
        self.deletions.remove(&number)
    }

    /// DeleteRecords that still wait for this partition.
    pub fn delete_records_on(&self, tp: &TopicPartition) -> Vec<u64> {
        let waits = |d: &DelayedDeleteRecords| d.statuses.iter().any(|status| status.open && &status.tp == tp);
        self.deletions.iter().filter(|(_, delayed)| waits(delayed)).map(|(number, _)| *number).collect()
    }

    /// Parks a fetch and gives its number.
    pub fn park_fetch(&mut self, fetch: DelayedFetch) -> u64 {
        self.count += 1;
        self.fetches.insert(self.count, fetch);
        self.count
    }

    /// Takes a fetch out.
    pub fn take_fetch(&mut self, number: u64) -> Option<DelayedFetch> {
        self.fetches.remove(&number)
    }

    /// A fetch that waits.
    pub fn fetch(&self, number: u64) -> Option<&DelayedFetch> {
        self.fetches.get(&number)
    }

    /// Fetches that wait for this partition. A list per partition would cost more with every fetch that
    /// comes and goes than looking through the few that wait.
    pub fn fetches_on(&self, tp: &TopicPartition) -> Vec<u64> {
        let waits = |fetch: &DelayedFetch| fetch.request.partitions.iter().any(|partition| &partition.tp == tp);
        self.fetches.iter().filter(|(_, fetch)| waits(fetch)).map(|(number, _)| *number).collect()
    }

    /// A deletion waits for followers.
    pub fn has_deletions(&self) -> bool {
        !self.deletions.is_empty()
    }

    /// A connection is gone: nobody waits for these answers any more.
    pub fn lost(&mut self, connection: &Connection, timers: &mut TimerTable<BrokerTimer>) {
        let gone: Vec<u64> =
            self.fetches.iter().filter(|(_, fetch)| &fetch.connection == connection).map(|(n, _)| *n).collect();
        for number in gone {
            self.take_fetch(number);
            timers.cancel(&BrokerTimer::DelayedFetch(number));
        }
        let gone: Vec<u64> =
            self.deletions.iter().filter(|(_, delayed)| &delayed.connection == connection).map(|(n, _)| *n).collect();
        for number in gone {
            self.deletions.remove(&number);
            timers.cancel(&BrokerTimer::DelayedDeleteRecords(number));
        }
        let of_it = |produce: &DelayedProduce| match &produce.origin {
            ProduceOrigin::Client { connection: on, .. } => on == connection,
            // Markers are written whether somebody still waits or not, and offsets depend on them.
            ProduceOrigin::Group { .. } | ProduceOrigin::Transaction { .. } | ProduceOrigin::Markers { .. } => false,
        };
        let gone: Vec<u64> =
            self.produces.iter().filter(|(_, produce)| of_it(produce)).map(|(number, _)| *number).collect();
        for number in gone {
            self.produces.remove(&number);
            timers.cancel(&BrokerTimer::DelayedProduce(number));
        }
    }
}
