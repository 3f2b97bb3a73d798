//! The fault sweep: a cluster with producers and a group under random kills, restarts, pauses and
//! cuts; then everything is healed. Kafka's promises are checked after every event, and the cluster
//! must come to rest within a bound of simulated time.

use std::fmt;

use playground_core::command::{Command, NodeRef};
use playground_core::ids::{BrokerId, Name, NodeId, TopicPartition};
use playground_core::invariant::Promises;
use playground_core::producer::Outcome;
use playground_core::rng::Rng;
use playground_core::sim::{Genesis, ProcState, Process, World};
use playground_core::time::{SimDuration, SimTime};

/// How long faults go on.
const FAULTS_MS: u64 = 60_000;
/// How long the healed cluster may take until it rests: a session's end, the longest back-offs of the
/// clients, a group's rebalance, several times over.
const CONVERGE_MS: u64 = 120_000;
/// Between two looks at a healed cluster, and between two restarts of what gave up.
const LOOK_MS: u64 = 1_000;
const TOPICS: [(&str, &str); 2] = [("trucks_gps", "min.insync.replicas=2"), ("fuel", "min.insync.replicas=1")];
const GROUP: &str = "dashboard";

/// What a seed came to.
pub struct Verdict {
    /// The seed.
    pub seed: u64,
    /// Events run.
    pub events: u64,
    /// Simulated time.
    pub simulated: SimTime,
    /// How long the healed cluster took.
    pub converged_after: SimDuration,
    /// Records that were acknowledged to the producers.
    pub acked: u64,
    /// What broke.
    pub failure: Option<String>,
}

impl Verdict {
    /// The command that plays this seed again.
    pub fn replay(&self) -> String {
        format!("cargo run --release -p playground-tests --bin sweep -- --seed {}", self.seed)
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.failure {
            None => write!(
                f,
                "seed {}: {} events, {} simulated, {} records acknowledged, at rest {} after the last fault",
                self.seed, self.events, self.simulated, self.acked, self.converged_after
            ),
            Some(failure) => write!(f, "FAILED seed {}: {failure}\n    replay: {}", self.seed, self.replay()),
        }
    }
}

/// Plays one seed; with `verbose` every command is printed.
pub fn sweep(seed: u64, verbose: bool) -> Verdict {
    let mut sweep = match Sweep::new(seed, verbose) {
        Ok(sweep) => sweep,
        Err(failure) => {
            let (events, simulated) = (0, SimTime::ZERO);
            let converged_after = SimDuration::ZERO;
            return Verdict { seed, events, simulated, converged_after, acked: 0, failure: Some(failure) };
        }
    };
    let outcome = sweep.run();
    let (converged_after, failure) = match outcome {
        Ok(took) => (took, None),
        Err(failure) => (SimDuration::ZERO, Some(failure)),
    };
    let acked = sweep.producers.iter().filter_map(|name| sweep.world.producer(name)).map(|p| p.acked()).sum();
    Verdict { seed, events: sweep.world.steps(), simulated: sweep.world.now(), converged_after, acked, failure }
}

struct Sweep {
    world: World,
    promises: Promises,
    rng: Rng,
    producers: Vec<Name>,
    consumers: u32,
    verbose: bool,
}

impl Sweep {
    fn new(seed: u64, verbose: bool) -> Result<Self, String> {
        let mut rng = Rng::new(seed ^ 0x5eed_5eed);
        let brokers: Vec<BrokerId> = (0..3 + rng.below(3) as i32).map(|index| 101 + index).collect();
        let genesis = Genesis {
            seed,
            brokers,
            config: vec![
                ("zookeeper.session.timeout.ms".into(), "6000".into()),
                ("offsets.topic.num.partitions".into(), "4".into()),
                ("replica.lag.time.max.ms".into(), "10000".into()),
            ],
            ..Genesis::default()
        };
        let world = World::new(&genesis).map_err(|error| error.to_string())?;
        let promises = Promises::default();
        let mut sweep = Self { world, promises, rng, producers: Vec::new(), consumers: 0, verbose };
        sweep.prepare()?;
        Ok(sweep)
    }

    fn prepare(&mut self) -> Result<(), String> {
        for (topic, config) in TOPICS {
            let line = format!("kafka-topics.sh --create --topic {topic} --partitions 3 --replication-factor 3");
            self.command(&format!("{line} --config {config}"))?;
        }
        self.pass(2_000)?;
        for (index, (topic, _)) in TOPICS.into_iter().enumerate() {
            let name = Name::from(format!("truck-{}", index + 1));
            self.command(&format!("producer {name} --topic {topic} --config acks=all"))?;
            self.producers.push(name);
        }
        for _ in 0..1 + self.rng.below(3) {
            self.add_consumer()?;
        }
        self.pass(6_000)
    }

    fn command(&mut self, line: &str) -> Result<(), String> {
        let command = Command::parse(line).map_err(|error| format!("{line}: {error}"))?;
        self.give(&command)
    }

    fn give(&mut self, command: &Command) -> Result<(), String> {
        if self.verbose {
            println!("{}  {command}", self.world.now());
        }
        self.world.execute(command).map_err(|error| format!("{command}: {error}"))
    }

    fn add_consumer(&mut self) -> Result<(), String> {
        self.consumers += 1;
        let topics: Vec<&str> = TOPICS.iter().map(|(topic, _)| *topic).collect();
        let (number, topics) = (self.consumers, topics.join(","));
        let config = "--config session.timeout.ms=6000 --config heartbeat.interval.ms=1000 \
                      --config auto.offset.reset=earliest";
        self.command(&format!("consumer reader-{number} --topic {topics} --group {GROUP} {config}"))
    }

    /// Lets time pass, event by event, under the eyes of the promises.
    fn pass(&mut self, ms: u64) -> Result<(), String> {
        let until = self.world.now() + SimDuration::from_ms(ms);
        while self.world.next_event_at().is_some_and(|at| at <= until) {
            let Some(stepped) = self.world.step() else { break };
            self.promises.check(&self.world, &stepped, 0);
            if let Some(violation) = self.promises.violations().first() {
                return Err(violation.to_string());
            }
            if self.verbose {
                for observed in self.world.observations() {
                    println!("{}      {}: {}", observed.at, observed.node, observed.observation);
                }
            }
            self.world.take_observed();
        }
        self.world.run_until(until);
        Ok(())
    }

    fn run(&mut self) -> Result<SimDuration, String> {
        let end = self.world.now() + SimDuration::from_ms(FAULTS_MS);
        while self.world.now() < end {
            self.send()?;
            if self.rng.chance(1, 3) {
                self.fault()?;
            }
            let ms = self.rng.between(200, 1_500);
            self.pass(ms)?;
        }
        self.heal()?;
        let healed_at = self.world.now();
        let bound = healed_at + SimDuration::from_ms(CONVERGE_MS);
        loop {
            self.pass(LOOK_MS)?;
            self.restart_all()?;
            if self.readers().is_empty() {
                self.add_consumer()?;
            }
            match self.unrest() {
                None => break,
                Some(unrest) if self.world.now() >= bound => {
                    return Err(format!("{} after the last fault: {unrest}", self.world.now().since(healed_at)));
                }
                Some(_) => {}
            }
        }
        let took = self.world.now().since(healed_at);
        self.acknowledged_is_there()?;
        Ok(took)
    }

    fn send(&mut self) -> Result<(), String> {
        for producer in self.producers.clone() {
            let count = self.rng.below(4);
            if count > 0 {
                let number = self.world.steps();
                self.command(&format!("send {producer} --key k{} --count {count} v{number}-", number % 7))?;
            }
        }
        Ok(())
    }

    fn brokers_in(&self, states: &[ProcState]) -> Vec<NodeId> {
        let of = |(id, slot): (&NodeId, &playground_core::sim::Slot)| {
            (id.broker().is_some() && states.contains(&slot.state)).then(|| id.clone())
        };
        self.world.nodes().filter_map(of).collect()
    }

    fn readers(&self) -> Vec<NodeId> {
        let of = |(id, slot): (&NodeId, &playground_core::sim::Slot)| {
            let lives = matches!(slot.process, Process::Consumer(_)) && slot.state == ProcState::Running;
            lives.then(|| id.clone())
        };
        self.world.nodes().filter_map(of).collect()
    }

    fn pick(&mut self, among: &[NodeId]) -> Option<NodeRef> {
        let index = usize::try_from(self.rng.below(among.len() as u64)).unwrap_or(0);
        among.get(index).cloned().map(NodeRef::Node)
    }

    fn fault(&mut self) -> Result<(), String> {
        let running = self.brokers_in(&[ProcState::Running]);
        let dead = self.brokers_in(&[ProcState::Dead]);
        let paused = self.brokers_in(&[ProcState::Paused]);
        let readers = self.readers();
        let command = match self.rng.below(12) {
            0 | 1 => self.pick(&running).map(Command::Kill),
            2 => self.pick(&running).map(Command::Stop),
            3..=5 => self.pick(&dead).map(Command::Start),
            6 => self.pick(&running).map(Command::Pause),
            7 => self.pick(&paused).map(Command::Resume),
            8 => self.cut(&running),
            9 => Some(Command::Heal(None)),
            10 => self
                .pick(&readers)
                .map(|node| if self.rng.chance(1, 2) { Command::Kill(node) } else { Command::Stop(node) }),
            _ if readers.len() < 4 => return self.add_consumer(),
            _ => None,
        };
        match command {
            Some(command) => self.give(&command),
            None => Ok(()),
        }
    }

    /// Two brokers, or a broker and ZooKeeper or a client, in one or both directions.
    fn cut(&mut self, running: &[NodeId]) -> Option<Command> {
        let a = self.pick(running)?;
        let mut others: Vec<NodeId> = self.world.nodes().map(|(id, _)| id.clone()).collect();
        others.retain(|id| NodeRef::Node(id.clone()) != a && *id != World::admin_node());
        let b = self.pick(&others)?;
        let one_way = self.rng.chance(1, 3);
        Some(if self.rng.chance(1, 5) { Command::Isolate(a) } else { Command::Cut { a, b, one_way } })
    }

    fn heal(&mut self) -> Result<(), String> {
        self.give(&Command::Heal(None))?;
        let all: Vec<NodeId> = self.world.nodes().map(|(id, _)| id.clone()).collect();
        for node in all {
            if self.world.slot(&node).is_some_and(|slot| slot.state == ProcState::Paused) {
                self.give(&Command::Resume(NodeRef::Node(node)))?;
            }
        }
        self.restart_all()
    }

    /// A supervisor starts what is down: a broker that finds its former life's session gives up first,
    /// and the last reader may still be closing when the faults end.
    fn restart_all(&mut self) -> Result<(), String> {
        if self.readers().is_empty() {
            self.add_consumer()?;
        }
        for node in self.brokers_in(&[ProcState::Dead]) {
            self.give(&Command::Start(NodeRef::Node(node)))?;
        }
        Ok(())
    }

    /// The first thing that is not as it is in a cluster at rest.
    fn unrest(&self) -> Option<String> {
        let all = self.world.genesis().brokers.clone();
        for id in &all {
            let Some(broker) = self.world.broker(*id) else { return Some(format!("broker {id} is down")) };
            if !broker.is_registered() {
                return Some(format!("broker {id} is not registered"));
            }
        }
        let Some(controller) = self.world.controller() else { return Some("there is no controller".into()) };
        let broker = self.world.broker(controller)?;
        let mut known: Vec<TopicPartition> = broker.metadata().partitions.keys().cloned().collect();
        known.sort();
        if known.is_empty() {
            return Some(format!("controller {controller} knows no partition"));
        }
        for tp in known {
            let leader = broker.known_leader(&tp);
            let hosted = leader.and_then(|id| self.world.broker(id)).and_then(|broker| broker.partitions().get(&tp));
            let Some(partition) = hosted.filter(|partition| partition.is_leader) else {
                return Some(format!("{tp} is led by nobody, {leader:?} should"));
            };
            if partition.isr.len() != partition.replicas.len() {
                return Some(format!("the ISR of {tp} is {:?} of {:?}", partition.isr, partition.replicas));
            }
            if partition.log.high_watermark() != partition.log.log_end_offset() {
                return Some(format!("records of {tp} are not committed"));
            }
        }
        self.unsettled_clients()
    }

    fn unsettled_clients(&self) -> Option<String> {
        for name in &self.producers {
            let open = self.world.producer(name)?.ledger().find(|sent| sent.outcome.is_none());
            if let Some(sent) = open {
                return Some(format!("{name} does not know what became of {:?}", sent.value));
            }
        }
        let mut owned: Vec<TopicPartition> = Vec::new();
        let mut generations = Vec::new();
        for node in self.readers() {
            let Some(consumer) = self.world.consumer(&node.to_string()) else { continue };
            owned.extend(consumer.assignment().iter().cloned());
            generations.push(consumer.generation());
        }
        owned.sort();
        generations.dedup();
        let mut expected: Vec<TopicPartition> = TOPICS
            .iter()
            .flat_map(|(topic, _)| (0..3).map(|partition| TopicPartition::new(*topic, partition)))
            .collect();
        expected.sort();
        if generations.len() != 1 {
            return Some(format!("members of {GROUP} are in generations {generations:?}"));
        }
        (owned != expected).then(|| format!("the members of {GROUP} own {owned:?}"))
    }

    /// What was acknowledged with acks=all lies in its leader's log where the producer was told.
    fn acknowledged_is_there(&self) -> Result<(), String> {
        let controller = self.world.controller().and_then(|id| self.world.broker(id)).ok_or("no controller")?;
        for sent in self.producers.iter().filter_map(|name| self.world.producer(name)).flat_map(|p| p.ledger()) {
            let Some(Outcome::Acked { tp, offset }) = &sent.outcome else { continue };
            let leader = controller.known_leader(tp).and_then(|id| self.world.broker(id)).ok_or("no leader")?;
            let log = leader.log(tp).ok_or("no log")?;
            let value = log.batches().find(|batch| batch.base_offset <= *offset && *offset <= batch.last_offset());
            let record = value.and_then(|batch| {
                batch.records.iter().find(|record| batch.base_offset + i64::from(record.offset_delta) == *offset)
            });
            let there = record.and_then(|record| record.value.as_deref());
            if there != sent.value.as_ref().map(|value| value.as_bytes()) {
                return Err(format!("{:?} was acknowledged as {tp} offset {offset}, but is not there", sent.value));
            }
        }
        Ok(())
    }
}
