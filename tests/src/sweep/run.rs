//! One run: the cluster is built, disturbed, healed, and must come to rest.

use std::collections::BTreeSet;

use playground_core::broker::DiskState;
use playground_core::command::{Command, NodeRef};
use playground_core::consumer::Consumer;
use playground_core::guard::Guard;
use playground_core::ids::{BrokerId, Name, NodeId, TopicPartition};
use playground_core::invariant::Promises;
use playground_core::rng::Rng;
use playground_core::sim::{Genesis, ProcState, Process, Slot, World};
use playground_core::time::{SimDuration, SimTime};

use super::pipelines::Pipeline;
use super::{Excuse, Failure, Options, Profile, Verdict};
use crate::seeds::watched_event;

/// Between two looks at a healed cluster, and between two restarts of what gave up.
const LOOK_MS: u64 = 1_000;
/// How often an operator helps a cluster to come to rest.
const MOST_ACTS: usize = 4;
/// The group of the consumers.
pub const GROUP: &str = "dashboard";

/// What a command or a check may end the run with.
pub type Step<T> = Result<T, Failure>;

/// The run.
pub struct Sweep {
    pub options: Options,
    pub world: World,
    pub promises: Promises,
    pub rng: Rng,
    pub consumers: u64,
    /// Clients of the pipelines so far.
    pub clients: u64,
    pub pipelines: Vec<Pipeline>,
    /// Topics created so far besides those of the options.
    pub extra_topics: u64,
    /// Partitions whose replicas were moved.
    pub moved: BTreeSet<TopicPartition>,
    /// What an operator had to do so far.
    pub excuses: Vec<Excuse>,
    verbose: bool,
}

/// Plays a seed.
pub fn play(options: Options, guard: Option<Guard>, verbose: bool) -> Verdict {
    if verbose {
        println!("{options}");
    }
    let mut verdict = Verdict {
        options: options.clone(),
        guard,
        events: 0,
        simulated: SimTime::ZERO,
        converged_after: SimDuration::ZERO,
        acked: 0,
        excuses: Vec::new(),
        failure: None,
    };
    match Sweep::new(options, verbose) {
        Err(failure) => verdict.failure = Some(failure),
        Ok(mut sweep) => {
            match sweep.run() {
                Ok(took) => verdict.converged_after = took,
                Err(failure) => verdict.failure = Some(failure),
            }
            verdict.excuses = sweep.excuses.clone();
            verdict.events = sweep.world.steps();
            verdict.simulated = sweep.world.now();
            verdict.acked =
                sweep.producers().iter().filter_map(|name| sweep.world.producer(name)).map(|p| p.acked()).sum();
        }
    }
    verdict
}

impl Sweep {
    fn new(options: Options, verbose: bool) -> Step<Self> {
        let brokers: Vec<BrokerId> = (101..).take(usize::try_from(options.brokers).unwrap_or(1)).collect();
        let offsets_replicas = options.brokers.min(3).to_string();
        let mut config: Vec<(Name, Name)> = vec![
            ("zookeeper.session.timeout.ms".into(), options.session_timeout_ms.to_string().into()),
            ("offsets.topic.num.partitions".into(), "2".into()),
            ("offsets.topic.replication.factor".into(), offsets_replicas.into()),
            ("replica.lag.time.max.ms".into(), options.replica_lag_ms.to_string().into()),
            ("leader.imbalance.check.interval.seconds".into(), options.rebalance_seconds.to_string().into()),
            // Half a minute of a dead controller's channel would only make the runs longer.
            ("controller.socket.timeout.ms".into(), "6000".into()),
            ("replica.socket.timeout.ms".into(), "6000".into()),
        ];
        if options.profile == Profile::Swarm {
            let dirs: Vec<String> = (1..=options.log_dirs).map(|number| format!("/data{number}")).collect();
            config.push(("log.dirs".into(), dirs.join(",").into()));
        }
        if options.pipelines > 0 {
            config.push(("transaction.state.log.num.partitions".into(), "2".into()));
            config.push(("transaction.state.log.min.isr".into(), "1".into()));
            config.push(("group.min.session.timeout.ms".into(), "1000".into()));
            let every = "transaction.abort.timed.out.transaction.cleanup.interval.ms";
            config.push((every.into(), "1000".into()));
        }
        if options.slow_fetches {
            config.push(("replica.fetch.max.bytes".into(), "1".into()));
        }
        if options.flush {
            config.push(("log.flush.interval.messages".into(), "1".into()));
        }
        let genesis =
            Genesis { seed: options.seed, brokers, zookeeper: options.zookeeper, config, ..Genesis::default() };
        let world = World::new(&genesis).map_err(|error| Failure::Unplayable(error.to_string()))?;
        let rng = Rng::new(options.seed ^ 0xd157_0123);
        let promises = Promises::default();
        let mut sweep = Self {
            options,
            world,
            promises,
            rng,
            consumers: 0,
            clients: 0,
            pipelines: Vec::new(),
            extra_topics: 0,
            moved: BTreeSet::new(),
            excuses: Vec::new(),
            verbose,
        };
        sweep.prepare()?;
        Ok(sweep)
    }

    fn prepare(&mut self) -> Step<()> {
        for topic in self.options.topics.clone() {
            let (name, partitions, replicas) = (topic.name, topic.partitions, topic.replication_factor);
            self.command(&format!(
                "kafka-topics.sh --create --topic {name} --partitions {partitions} --replication-factor {replicas} \
                 --config min.insync.replicas={} --config unclean.leader.election.enable={}",
                topic.min_insync_replicas, topic.unclean
            ))?;
        }
        self.pass(1_000)?;
        for producer in self.options.producers.clone() {
            self.command(&format!(
                "producer {} --topic {} --config acks={} --config enable.idempotence={} \
                 --config max.in.flight.requests.per.connection={} --config request.timeout.ms=3000 \
                 --config delivery.timeout.ms=15000 --config metadata.max.age.ms=10000",
                producer.name, producer.topic, producer.acks, producer.idempotent, producer.in_flight
            ))?;
        }
        for _ in 0..self.options.consumers {
            self.add_consumer()?;
        }
        self.start_pipelines()?;
        self.pass(1_000)
    }

    /// Gives a command by its text.
    pub fn command(&mut self, line: &str) -> Step<()> {
        let command = Command::parse(line).map_err(|error| Failure::Unplayable(format!("{line}: {error}")))?;
        self.give(&command)
    }

    /// Gives a command.
    pub fn give(&mut self, command: &Command) -> Step<()> {
        if self.verbose {
            println!("{}  {command}", self.world.now());
        }
        self.world.execute(command).map_err(|error| Failure::Unplayable(format!("{command}: {error}")))
    }

    /// Adds a member to the group.
    pub fn add_consumer(&mut self) -> Step<()> {
        self.consumers += 1;
        let topics: Vec<&str> = self.options.topics.iter().map(|topic| topic.name.as_str()).collect();
        let (number, topics) = (self.consumers, topics.join(","));
        let isolation = if self.options.pipelines > 0 { "read_committed" } else { "read_uncommitted" };
        self.command(&format!(
            "consumer reader-{number} --topic {topics} --group {GROUP} --config session.timeout.ms=6000 \
             --config heartbeat.interval.ms=1000 --config auto.offset.reset=earliest \
             --config auto.commit.interval.ms=1000 --config request.timeout.ms=5000 \
             --config metadata.max.age.ms=10000 --config isolation.level={isolation}"
        ))
    }

    /// Prints a line if the run is to be followed.
    pub fn say(&self, line: &str) {
        if self.verbose {
            println!("{}  {line}", self.world.now());
        }
    }

    /// Lets time pass, event by event, under the eyes of the promises.
    pub fn pass(&mut self, ms: u64) -> Step<()> {
        let until = self.world.now() + SimDuration::from_ms(ms);
        while let Some(kept) = watched_event(&mut self.world, &mut self.promises, until, self.verbose) {
            kept.map_err(Failure::Broken)?;
            if !self.world.observations().is_empty() {
                self.world.take_observed();
            }
        }
        self.world.run_until(until);
        Ok(())
    }

    fn run(&mut self) -> Step<SimDuration> {
        let end = self.world.now() + SimDuration::from_ms(self.options.faults_ms);
        while self.world.now() < end {
            self.send()?;
            self.step_pipelines(false)?;
            if self.rng.chance(1, self.options.calm) {
                self.disturb()?;
            }
            let ms = self.rng.between(1, self.options.pace_ms);
            self.pass(ms)?;
        }
        self.heal()?;
        let healed_at = self.world.now();
        let mut bound = healed_at + self.options.bound();
        loop {
            self.pass(LOOK_MS)?;
            self.restart_all()?;
            self.step_pipelines(true)?;
            let Some(unrest) = self.unrest() else { break };
            if self.world.now() < bound {
                continue;
            }
            let acts = self.excuses.len();
            match self.excused().filter(|_| acts < MOST_ACTS) {
                Some(excused) => {
                    self.excuses.push(excused.excuse);
                    self.relieve(&excused)?;
                    bound = self.world.now() + self.options.bound();
                }
                None => {
                    let after = self.world.now().since(healed_at);
                    return Err(Failure::Restless(format!("{after} after the last fault: {unrest}")));
                }
            }
        }
        let took = self.world.now().since(healed_at);
        self.ledger_holds().map_err(Failure::Ledger)?;
        Ok(took)
    }

    /// Names of the producers.
    pub fn producers(&self) -> Vec<Name> {
        self.options.producers.iter().map(|producer| Name::from(producer.name.as_str())).collect()
    }

    fn send(&mut self) -> Step<()> {
        for producer in self.producers() {
            let count = self.rng.below(4);
            if count > 0 {
                let number = self.world.steps();
                self.command(&format!("send {producer} --key k{} --count {count} {producer}-{number}-", number % 7))?;
            }
        }
        Ok(())
    }

    /// Brokers in one of these states.
    pub fn brokers_in(&self, states: &[ProcState]) -> Vec<NodeId> {
        self.nodes(|id, slot| id.broker().is_some() && states.contains(&slot.state))
    }

    /// Nodes of which this holds.
    pub fn nodes(&self, holds: impl Fn(&NodeId, &Slot) -> bool) -> Vec<NodeId> {
        self.world.nodes().filter(|(id, slot)| holds(id, slot)).map(|(id, _)| id.clone()).collect()
    }

    /// Members of the group in this state.
    pub fn readers(&self, state: ProcState) -> Vec<NodeId> {
        let reads = |consumer: &Consumer| consumer.group().is_some_and(|group| &**group == GROUP);
        self.nodes(|_, slot| matches!(&slot.process, Process::Consumer(c) if reads(c)) && slot.state == state)
    }

    /// Members of any group in this state.
    pub fn members(&self, state: ProcState) -> Vec<NodeId> {
        self.nodes(|_, slot| matches!(slot.process, Process::Consumer(_)) && slot.state == state)
    }

    fn heal(&mut self) -> Step<()> {
        self.give(&Command::Heal(None))?;
        for node in self.nodes(|_, slot| slot.state == ProcState::Paused) {
            self.give(&Command::Resume(NodeRef::Node(node)))?;
        }
        for node in self.with_bad_disk() {
            self.give(&Command::DiskRepair { node: NodeRef::Node(node), dir: None })?;
        }
        // A directory that went offline comes back with the next start.
        for node in self.brokers_in(&[ProcState::Running]) {
            if self.world.log_dirs(&node).iter().any(|dir| dir.offline) {
                self.give(&Command::Kill(NodeRef::Node(node)))?;
            }
        }
        self.restart_all()
    }

    /// Brokers with a disk that does not work.
    pub fn with_bad_disk(&self) -> Vec<NodeId> {
        let bad = |id: &NodeId| self.world.log_dirs(id).iter().any(|dir| dir.disk != DiskState::Working);
        self.nodes(|id, _| bad(id))
    }

    /// A supervisor starts what is down: a broker that finds its former life's session gives up first,
    /// and the last reader may still be closing when the faults end.
    fn restart_all(&mut self) -> Step<()> {
        if self.options.consumers > 0 && self.readers(ProcState::Running).is_empty() {
            self.add_consumer()?;
        }
        let down = self
            .nodes(|id, slot| matches!(id, NodeId::Broker(_) | NodeId::ZooKeeper(_)) && slot.state == ProcState::Dead);
        for node in down {
            self.give(&Command::Start(NodeRef::Node(node)))?;
        }
        Ok(())
    }
}
