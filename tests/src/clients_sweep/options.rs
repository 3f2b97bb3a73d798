//! What one seed of the clients' sweep plays: a configuration with its promise, the clients, and which
//! disturbances come how often.

use std::fmt;

use playground_core::command::CommitPlace;
use playground_core::rng::Rng;

/// A kind of disturbance.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Kind {
    KillBroker,
    PowerOffBroker,
    StopBroker,
    StartBroker,
    PauseBroker,
    CutBrokers,
    CutClient,
    IsolateBroker,
    DelayClient,
    DropConnection,
    Elect,
    KillConsumer,
    StopConsumer,
    PauseConsumer,
    AddConsumer,
    KillTransactional,
    PauseTransactional,
    SucceedTransactional,
    PauseProducer,
    Resume,
    Heal,
}

/// Those that a seed may leave out, and how often they come when it does not.
const OPTIONAL: [(Kind, u64); 19] = [
    (Kind::KillBroker, 6),
    (Kind::PowerOffBroker, 2),
    (Kind::StopBroker, 4),
    (Kind::PauseBroker, 5),
    (Kind::CutBrokers, 5),
    (Kind::CutClient, 8),
    (Kind::IsolateBroker, 3),
    (Kind::DelayClient, 8),
    (Kind::DropConnection, 8),
    (Kind::Elect, 5),
    (Kind::KillConsumer, 5),
    (Kind::StopConsumer, 3),
    (Kind::PauseConsumer, 5),
    (Kind::AddConsumer, 6),
    (Kind::KillTransactional, 4),
    (Kind::PauseTransactional, 5),
    (Kind::SucceedTransactional, 3),
    (Kind::PauseProducer, 4),
    (Kind::Heal, 6),
];

/// A producer without transactions.
#[derive(Clone, Debug)]
pub(crate) struct ProducerOptions {
    pub(crate) name: String,
    pub(crate) acks: &'static str,
    pub(crate) idempotent: bool,
    pub(crate) in_flight: u64,
}

/// The consumers of the group.
#[derive(Clone, Debug)]
pub(crate) struct ReaderOptions {
    pub(crate) count: u64,
    pub(crate) assignor: &'static str,
    /// With `group.instance.id`.
    pub(crate) is_static: bool,
    pub(crate) read_committed: bool,
    pub(crate) max_poll_records: u64,
    pub(crate) max_poll_interval_ms: u64,
    /// When the applications commit, and how long they take over a record.
    pub(crate) commit: CommitPlace,
    pub(crate) processing_ms: u64,
}

/// Everything that a seed decides before the first event.
#[derive(Clone, Debug)]
pub struct Options {
    pub(crate) seed: u64,
    pub(crate) brokers: u64,
    pub(crate) partitions: u64,
    pub(crate) replication_factor: u64,
    pub(crate) min_insync_replicas: u64,
    pub(crate) unclean: bool,
    pub(crate) session_timeout_ms: u64,
    pub(crate) replica_lag_ms: u64,
    pub(crate) producers: Vec<ProducerOptions>,
    /// Transactional producers, each with a `transactional.id` of its own.
    pub(crate) transactional: u64,
    pub(crate) transaction_timeout_ms: u64,
    pub(crate) readers: ReaderOptions,
    pub(crate) faults_ms: u64,
    /// Longest time between two steps of the workload.
    pub(crate) pace_ms: u64,
    /// One step in so many brings a disturbance.
    pub(crate) calm: u64,
    pub(crate) delay_ms: u64,
    pub(crate) weights: Vec<(Kind, u64)>,
}

pub(crate) fn pick<T: Copy>(rng: &mut Rng, among: &[T]) -> T {
    among[usize::try_from(rng.below(among.len() as u64)).unwrap_or(0)]
}

const PLACES: [CommitPlace; 5] =
    [CommitPlace::Auto, CommitPlace::Before, CommitPlace::After, CommitPlace::Async, CommitPlace::Transaction];

const ASSIGNORS: [&str; 4] = ["RangeAssignor", "RoundRobinAssignor", "StickyAssignor", "CooperativeStickyAssignor"];

impl ReaderOptions {
    /// How many records may be written so that the applications get through with them.
    pub(crate) fn records_max(&self) -> u64 {
        match self.processing_ms {
            // A transaction takes a tenth of a second, also for a single record.
            0..=2 if self.commit == CommitPlace::Transaction && self.max_poll_records < 10 => 600,
            0..=2 => u64::MAX,
            3..=20 => 2_000,
            21..=200 => 300,
            _ => 12,
        }
    }
}

impl Options {
    /// One poll's records may take longer than `max.poll.interval.ms`, or than their transaction may be
    /// open: no member gets to its commit.
    pub(crate) fn overworked(&self) -> bool {
        let work_ms = self.readers.processing_ms * self.readers.max_poll_records;
        let transactional = self.readers.commit == CommitPlace::Transaction;
        work_ms >= self.readers.max_poll_interval_ms || (transactional && work_ms >= self.transaction_timeout_ms)
    }

    /// The seed.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// The options of a seed.
    pub fn of(seed: u64) -> Self {
        let mut rng = Rng::new(seed ^ 0xc11e_4757);
        let rng = &mut rng;
        let brokers = pick(rng, &[1, 2, 3, 3, 3, 3, 4]);
        let replication_factor = rng.between(1, 3).max(rng.between(1, 3)).min(brokers);
        let producers = (0..rng.between(1, 2)).map(|index| producer(rng, index)).collect();
        let mut weights: Vec<(Kind, u64)> = Vec::new();
        for (kind, usual) in OPTIONAL {
            // After a loss of power Kafka excuses itself for nearly everything.
            if rng.chance(1, if kind == Kind::PowerOffBroker { 5 } else { 2 }) {
                weights.push((kind, rng.between(1, usual * 2)));
            }
        }
        weights.push((Kind::StartBroker, rng.between(6, 30)));
        weights.push((Kind::Resume, rng.between(4, 20)));
        weights.push((Kind::Heal, rng.between(4, 15)));
        Self {
            seed,
            brokers,
            partitions: rng.between(1, 3),
            replication_factor,
            min_insync_replicas: rng.between(1, 2).min(replication_factor),
            unclean: rng.chance(1, 6),
            session_timeout_ms: pick(rng, &[2_000, 4_000, 6_000]),
            replica_lag_ms: pick(rng, &[1_000, 3_000, 10_000]),
            producers,
            transactional: rng.below(3),
            transaction_timeout_ms: pick(rng, &[5_000, 15_000, 60_000]),
            readers: ReaderOptions {
                count: rng.between(1, 3),
                assignor: pick(rng, &ASSIGNORS),
                is_static: rng.chance(1, 3),
                read_committed: rng.chance(1, 2),
                max_poll_records: pick(rng, &[1, 5, 500]),
                max_poll_interval_ms: pick(rng, &[8_000, 30_000]),
                commit: pick(rng, &PLACES),
                processing_ms: pick(rng, &[0, 0, 2, 20, 200, 9_000]),
            },
            faults_ms: rng.between(8_000, 30_000),
            pace_ms: pick(rng, &[20, 100, 400]),
            calm: rng.between(2, 12),
            delay_ms: pick(rng, &[20, 200, 3_000]),
            weights,
        }
    }
}

fn producer(rng: &mut Rng, index: u64) -> ProducerOptions {
    let acks = pick(rng, &["all", "all", "all", "1", "0"]);
    let name = format!("p{}", index + 1);
    ProducerOptions { name, acks, idempotent: acks == "all" && rng.chance(2, 3), in_flight: rng.between(1, 5) }
}

impl fmt::Display for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (partitions, replicas, min) = (self.partitions, self.replication_factor, self.min_insync_replicas);
        write!(f, "{} brokers; {partitions} partitions, {replicas} replicas, min ISR {min}", self.brokers)?;
        f.write_str(if self.unclean { ", unclean" } else { "" })?;
        write!(f, "; session {} ms, replica lag {} ms", self.session_timeout_ms, self.replica_lag_ms)?;
        for producer in &self.producers {
            write!(f, "\n    producer {}: acks {}", producer.name, producer.acks)?;
            f.write_str(if producer.idempotent { ", idempotent" } else { "" })?;
            write!(f, ", {} in flight", producer.in_flight)?;
        }
        write!(
            f,
            "\n    {} transactional, transaction timeout {} ms",
            self.transactional, self.transaction_timeout_ms
        )?;
        let readers = &self.readers;
        write!(f, "\n    {} readers, {}", readers.count, readers.assignor)?;
        f.write_str(if readers.is_static { ", static" } else { "" })?;
        f.write_str(if readers.read_committed { ", read_committed" } else { "" })?;
        write!(
            f,
            ", {} records a poll, max.poll.interval {} ms",
            readers.max_poll_records, readers.max_poll_interval_ms
        )?;
        write!(f, ", commit {:?}, {} ms a record", readers.commit, readers.processing_ms)?;
        write!(f, "\n    {} ms of faults, a step in {} ms", self.faults_ms, self.pace_ms)?;
        write!(f, ", one in {} a fault, delays to {} ms:", self.calm, self.delay_ms)?;
        for (kind, weight) in &self.weights {
            write!(f, " {kind:?} {weight}")?;
        }
        Ok(())
    }
}
