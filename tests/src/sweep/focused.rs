//! Profiles that go where one kind of check is needed and the swarm seldom gets: still random faults,
//! another row of them with every seed. What a guard needs is weighted up, the rest is left out.

use playground_core::rng::Rng;

use super::options::{Kind, Options, ProducerOptions, Profile, TopicOptions};

impl Options {
    /// Leaders change fast over slow links, while nobody loses its memory: replicas act on what they
    /// knew two leaders ago.
    pub(super) fn leaders(seed: u64) -> Self {
        let mut rng = Rng::new(seed ^ 0x1ead_e125);
        let rng = &mut rng;
        let brokers = rng.between(3, 4);
        let topic = TopicOptions {
            name: "trucks_gps".to_owned(),
            partitions: rng.between(1, 3),
            replication_factor: 3,
            min_insync_replicas: rng.between(1, 2),
            unclean: false,
        };
        let producer = |name: &str, acks| ProducerOptions {
            name: name.to_owned(),
            topic: "trucks_gps".to_owned(),
            acks,
            idempotent: false,
            in_flight: 5,
        };
        let weights = [
            (Kind::PreferredElection, 20),
            (Kind::ReorderReplicas, 20),
            (Kind::Delay, 20),
            (Kind::Pause, 6),
            (Kind::Isolate, 4),
            (Kind::DropConnection, 6),
            (Kind::CutOneWay, 3),
            (Kind::Kill, 2),
        ];
        let mut weights = drawn(rng, &weights);
        weights.extend([(Kind::Start, 5), (Kind::Resume, 12), (Kind::Heal, rng.between(2, 10))]);
        Self {
            seed,
            profile: Profile::Leaders,
            brokers,
            zookeeper: 1,
            session_timeout_ms: 2_000,
            replica_lag_ms: [1_000, 3_000][usize::from(rng.chance(1, 2))],
            slow_fetches: rng.chance(1, 2),
            flush: false,
            log_dirs: 1,
            rebalance_seconds: 300,
            topics: vec![topic],
            producers: vec![producer("truck-1", "all"), producer("truck-2", "1")],
            consumers: 0,
            pipelines: 0,
            transaction_timeout_ms: 60_000,
            faults_ms: rng.between(15_000, 40_000),
            pace_ms: [50, 150, 400][usize::try_from(rng.below(3)).unwrap_or(0)],
            calm: rng.between(1, 2),
            delay_ms: [200, 800, 2_500][usize::try_from(rng.below(3)).unwrap_or(0)],
            weights,
        }
    }

    /// Controllers are voted out by hand while they work, over slow links to ZooKeeper.
    pub(super) fn controllers(seed: u64) -> Self {
        let mut rng = Rng::new(seed ^ 0xc027_2011);
        let rng = &mut rng;
        let weights = [
            (Kind::DeleteController, 8),
            (Kind::SlowZooKeeper, 20),
            (Kind::ReorderReplicas, 8),
            (Kind::PreferredElection, 8),
            (Kind::CreateTopic, 6),
            (Kind::Pause, 6),
            (Kind::Kill, 6),
            (Kind::Delay, 4),
        ];
        let mut weights = drawn(rng, &weights);
        weights.extend([(Kind::Start, 10), (Kind::Resume, 8), (Kind::Heal, rng.between(1, 5))]);
        let delay_ms = [200, 800][usize::from(rng.chance(1, 2))];
        Self { profile: Profile::Controllers, delay_ms, weights, ..Self::leaders(seed) }
    }

    /// Applications read, transform and write in transactions, and have predecessors that do not know
    /// it; coordinators move, links are slow.
    pub(super) fn transactions(seed: u64) -> Self {
        let mut rng = Rng::new(seed ^ 0x7a25_ac71);
        let rng = &mut rng;
        let topic = |name: &str, partitions, min_insync_replicas| TopicOptions {
            name: name.to_owned(),
            partitions,
            replication_factor: 3,
            min_insync_replicas,
            unclean: false,
        };
        let topics = vec![topic("trucks_gps", 2, 1), topic("fuel", rng.between(1, 3), rng.between(1, 2))];
        let source = ProducerOptions {
            name: "truck-1".to_owned(),
            topic: "trucks_gps".to_owned(),
            acks: "all",
            idempotent: true,
            in_flight: 5,
        };
        let weights = [
            (Kind::PreferredElection, 10),
            (Kind::ReorderReplicas, 10),
            (Kind::Delay, 16),
            (Kind::Pause, 4),
            (Kind::Kill, 4),
            (Kind::DropConnection, 6),
            (Kind::CutOneWay, 3),
            (Kind::PauseConsumer, 10),
            (Kind::EndConsumer, 6),
            (Kind::PausePipe, 12),
            (Kind::KillPipe, 3),
            (Kind::SucceedPipe, 12),
            (Kind::DelayPipe, 16),
        ];
        let mut weights = drawn(rng, &weights);
        weights.extend([(Kind::Start, 8), (Kind::Resume, rng.between(3, 16)), (Kind::Heal, rng.between(2, 10))]);
        Self {
            profile: Profile::Transactions,
            brokers: 3,
            topics,
            producers: vec![source],
            consumers: rng.between(1, 2),
            pipelines: rng.between(1, 3),
            transaction_timeout_ms: [3_000, 10_000][usize::from(rng.chance(1, 2))],
            pace_ms: [80, 200][usize::from(rng.chance(1, 2))],
            calm: rng.between(2, 5),
            delay_ms: [100, 800, 6_000][usize::try_from(rng.below(3)).unwrap_or(0)],
            weights,
            ..Self::leaders(seed)
        }
    }
}

/// Each of these three times out of four, about as often as it says.
fn drawn(rng: &mut Rng, usual: &[(Kind, u64)]) -> Vec<(Kind, u64)> {
    let mut weights = Vec::new();
    for (kind, usual) in usual {
        if rng.chance(3, 4) {
            weights.push((*kind, rng.between(1, usual * 2)));
        }
    }
    weights
}
