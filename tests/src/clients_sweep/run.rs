//! One run: cluster and clients, faults, healing, reading to the end, judgement.

use std::collections::BTreeMap;

use playground_core::command::{Command, NodeRef};
use playground_core::guard::Guard;
use playground_core::ids::{BrokerId, Name, NodeId, TopicPartition};
use playground_core::invariant::Promises;
use playground_core::machine::Observation;
use playground_core::rng::Rng;
use playground_core::sim::{Genesis, ProcState, Process, Slot, World};
use playground_core::time::{SimDuration, SimTime};

use super::recorder::Recorder;
use super::transactional::{Application, Attempt};
use super::{Failure, Options, Verdict};
use crate::jepsen::Anomaly;

/// The topic that is written to.
pub const TOPIC: &str = "orders";
/// The group of the consumers.
const GROUP: &str = "billing";
/// Between two looks at a healed cluster.
const LOOK_MS: u64 = 1_000;
/// How long a healed cluster and its clients may take.
const REST_MS: u64 = 240_000;

/// What a command or a check may end the run with.
pub type Step<T> = Result<T, Failure>;

/// The run.
pub struct Run {
    pub options: Options,
    pub world: World,
    pub promises: Promises,
    pub recorder: Recorder,
    pub rng: Rng,
    /// Clients added so far.
    pub clients: u64,
    pub applications: Vec<Application>,
    pub attempts: Vec<Attempt>,
    pub allowed: BTreeMap<(Anomaly, &'static str), u64>,
    /// A broker lost records of `__transaction_state`: transactions may stay open for ever, or be forgotten.
    pub transaction_log_lost: bool,
    values: u64,
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
        acked: 0,
        committed: 0,
        allowed: BTreeMap::new(),
        failure: None,
    };
    match Run::new(options, verbose) {
        Err(failure) => verdict.failure = Some(failure),
        Ok(mut run) => {
            verdict.failure = run.run().err();
            verdict.events = run.world.steps();
            verdict.simulated = run.world.now();
            verdict.acked = run.world.nodes().filter_map(|(_, slot)| acked(slot)).sum();
            verdict.committed =
                run.attempts.iter().filter(|attempt| attempt.outcome == crate::jepsen::Outcome::Ok).count() as u64;
            verdict.allowed = run.allowed;
        }
    }
    verdict
}

fn acked(slot: &Slot) -> Option<u64> {
    match &slot.process {
        Process::Producer(producer) => Some(producer.acked()),
        _ => None,
    }
}

impl Run {
    fn new(options: Options, verbose: bool) -> Step<Self> {
        let brokers: Vec<BrokerId> = (101..).take(usize::try_from(options.brokers).unwrap_or(1)).collect();
        let replicas = Name::from(options.brokers.min(3).to_string());
        let config: Vec<(Name, Name)> = vec![
            ("zookeeper.session.timeout.ms".into(), options.session_timeout_ms.to_string().into()),
            ("offsets.topic.num.partitions".into(), "2".into()),
            ("offsets.topic.replication.factor".into(), replicas.clone()),
            ("transaction.state.log.num.partitions".into(), "2".into()),
            ("transaction.state.log.replication.factor".into(), replicas),
            ("transaction.state.log.min.isr".into(), "1".into()),
            ("replica.lag.time.max.ms".into(), options.replica_lag_ms.to_string().into()),
            ("controller.socket.timeout.ms".into(), "6000".into()),
            ("replica.socket.timeout.ms".into(), "6000".into()),
            ("group.initial.rebalance.delay.ms".into(), "500".into()),
        ];
        let genesis = Genesis { seed: options.seed, brokers, config, ..Genesis::default() };
        let world = World::new(&genesis).map_err(|error| Failure::Unplayable(error.to_string()))?;
        let rng = Rng::new(options.seed ^ 0xfa17_0457);
        let mut run = Self {
            options,
            world,
            promises: Promises::default(),
            recorder: Recorder::default(),
            rng,
            clients: 0,
            applications: Vec::new(),
            attempts: Vec::new(),
            allowed: BTreeMap::new(),
            transaction_log_lost: false,
            values: 0,
            verbose,
        };
        run.prepare()?;
        Ok(run)
    }

    fn prepare(&mut self) -> Step<()> {
        let Options { partitions, replication_factor, min_insync_replicas, unclean, .. } = self.options;
        self.command(&format!(
            "kafka-topics.sh --create --topic {TOPIC} --partitions {partitions} --replication-factor {replication_factor} \
             --config min.insync.replicas={min_insync_replicas} --config unclean.leader.election.enable={unclean}"
        ))?;
        self.pass(1_000)?;
        for producer in self.options.producers.clone() {
            self.command(&format!(
                "producer {} --topic {TOPIC} --config acks={} --config enable.idempotence={} \
                 --config max.in.flight.requests.per.connection={} --config request.timeout.ms=3000 \
                 --config delivery.timeout.ms=15000 --config metadata.max.age.ms=10000",
                producer.name, producer.acks, producer.idempotent, producer.in_flight
            ))?;
        }
        for number in 1..=self.options.transactional {
            self.add_transactional(&format!("tx{number}"))?;
        }
        for _ in 0..self.options.readers.count {
            self.add_consumer()?;
        }
        self.pass(1_000)
    }

    /// Prints a line if the run is to be followed.
    pub fn say(&self, line: &str) {
        if self.verbose {
            println!("{}  {line}", self.world.now());
        }
    }

    /// The sweep went wrong.
    pub fn unplayable(&self, what: &str, why: &str) -> Failure {
        Failure::Unplayable(format!("{what}: {why}"))
    }

    /// Gives a command by its text.
    pub fn command(&mut self, line: &str) -> Step<()> {
        let command = Command::parse(line).map_err(|error| self.unplayable(line, &error.to_string()))?;
        self.give(&command)
    }

    /// Gives a command.
    pub fn give(&mut self, command: &Command) -> Step<()> {
        self.say(&command.to_string());
        let first_new = self.world.observations().len();
        let given = self.world.execute(command);
        self.promises.commanded(&self.world, first_new);
        let lost = |observed: &Observation| matches!(observed, Observation::PageCacheLost { tp, .. } if &*tp.topic == "__transaction_state");
        let new = self.world.observations().get(first_new..).unwrap_or_default();
        self.transaction_log_lost |= new.iter().any(|observed| lost(&observed.observation));
        given.map_err(|error| self.unplayable(&command.to_string(), &error.to_string()))
    }

    /// A producer sends so many new values; gives their first ticket.
    pub fn send_values(&mut self, client: &Name, count: u64) -> Step<u64> {
        let partitions = self.options.partitions;
        let partition = self.rng.chance(1, 2).then(|| i32::try_from(self.rng.below(partitions)).unwrap_or(0));
        let mut records = Vec::new();
        for _ in 0..count {
            self.values += 1;
            records.push((None, Some(Name::from(format!("{client}:{}", self.values)))));
        }
        self.say(&format!("{client} sends {count} up to {}", self.values));
        let sent = self.world.send_records(client, TOPIC.into(), partition, records);
        sent.map_err(|error| self.unplayable(client, &error.to_string()))
    }

    /// Adds a member to the group. A static one takes the place of a dead one.
    pub fn add_consumer(&mut self) -> Step<()> {
        self.clients += 1;
        let (number, readers) = (self.clients, self.options.readers.clone());
        let isolation = if readers.read_committed { "read_committed" } else { "read_uncommitted" };
        let mut line = format!(
            "consumer reader-{number} --topic {TOPIC} --group {GROUP} --config session.timeout.ms=6000 \
             --config heartbeat.interval.ms=1000 --config auto.offset.reset=earliest \
             --config auto.commit.interval.ms=1000 --config request.timeout.ms=5000 --config metadata.max.age.ms=10000 \
             --config isolation.level={isolation} --config max.poll.records={} --config max.poll.interval.ms={} \
             --config partition.assignment.strategy=org.apache.kafka.clients.consumer.{}",
            readers.max_poll_records, readers.max_poll_interval_ms, readers.assignor
        );
        if readers.is_static
            && let Some(instance) = (1..=4).map(|n| format!("seat-{n}")).find(|name| !self.is_taken(name))
        {
            line.push_str(&format!(" --config group.instance.id={instance}"));
        }
        self.command(&line)
    }

    fn is_taken(&self, instance: &str) -> bool {
        self.world.nodes().any(|(_, slot)| match &slot.process {
            Process::Consumer(consumer) if slot.state != ProcState::Dead => {
                consumer.config().group_instance_id.as_ref().is_some_and(|id| id.as_str() == instance)
            }
            _ => false,
        })
    }

    /// Lets time pass, event by event, under the eyes of the promises and the recorder.
    pub fn pass(&mut self, ms: u64) -> Step<()> {
        let until = self.world.now() + SimDuration::from_ms(ms);
        while self.world.next_event_at().is_some_and(|at| at <= until) {
            let Some(stepped) = self.world.step() else { break };
            if self.verbose {
                for observed in self.world.observations() {
                    println!("{}      {}: {}", observed.at, observed.node, observed.observation);
                }
            }
            self.promises.check(&self.world, &stepped, 0);
            if let Some(violation) = self.promises.violations().first() {
                return Err(Failure::Broken(violation.clone()));
            }
            if !self.world.observations().is_empty() {
                self.recorder.observe(&self.world, self.world.observations());
                self.world.forget_observed();
            }
        }
        self.world.run_until(until);
        Ok(())
    }

    fn run(&mut self) -> Step<()> {
        let end = self.world.now() + SimDuration::from_ms(self.options.faults_ms);
        while self.world.now() < end {
            self.send()?;
            self.step_applications(false)?;
            self.supervise()?;
            if self.rng.chance(1, self.options.calm) {
                self.disturb()?;
            }
            let ms = self.rng.between(1, self.options.pace_ms);
            self.pass(ms)?;
        }
        self.heal()?;
        self.until_at_rest("writers", |run| run.writers_open())?;
        for (name, isolation) in [("final-all", "read_uncommitted"), ("final-committed", "read_committed")] {
            self.command(&format!(
                "consumer {name} --topic {TOPIC} --config auto.offset.reset=earliest --config isolation.level={isolation}"
            ))?;
        }
        self.until_at_rest("readers", |run| run.readers_behind())?;
        self.judge().map_err(|(anomaly, text)| Failure::Forbidden(anomaly, text))
    }

    fn until_at_rest(&mut self, who: &str, open: impl Fn(&Self) -> Option<String>) -> Step<()> {
        let bound = self.world.now() + SimDuration::from_ms(REST_MS);
        loop {
            self.pass(LOOK_MS)?;
            self.restart_all()?;
            self.step_applications(true)?;
            self.supervise()?;
            match open(self) {
                None => return Ok(()),
                Some(what) if self.world.now() >= bound => return Err(Failure::Restless(format!("{who}: {what}"))),
                Some(_) => {}
            }
        }
    }

    fn writers_open(&self) -> Option<String> {
        let controller = self.world.controller().and_then(|id| self.world.broker(id));
        let Some(controller) = controller else { return Some("there is no controller".into()) };
        let leaderless = self.partitions().into_iter().find(|tp| controller.known_leader(tp).is_none());
        if let Some(tp) = leaderless {
            return Some(format!("{tp} has no leader"));
        }
        for producer in &self.options.producers {
            let open = self.world.producer(&producer.name)?.ledger().find(|sent| sent.outcome.is_none());
            if let Some(sent) = open {
                return Some(format!("{} does not know what became of {:?}", producer.name, sent.value));
            }
        }
        let open = self.applications.iter().find(|app| !app.is_idle());
        open.map(|app| format!("{} is in a transaction", app.client))
    }

    /// A consumer that is not at the end of each of its partitions.
    fn readers_behind(&self) -> Option<String> {
        let controller = self.world.controller().and_then(|id| self.world.broker(id));
        let Some(controller) = controller else { return Some("there is no controller".into()) };
        let mut owned: Vec<TopicPartition> = Vec::new();
        for (node, slot) in self.world.nodes() {
            let Process::Consumer(consumer) = &slot.process else { continue };
            if slot.state != ProcState::Running {
                continue;
            }
            for tp in consumer.assignment() {
                let leader = controller.known_leader(&tp).and_then(|id| self.world.broker(id));
                let log = leader.and_then(|leader| leader.log(&tp));
                let committed = consumer.config().isolation_level.as_str() == "read_committed";
                let end = match log {
                    Some(log) if committed && self.transaction_log_lost => Some(log.last_stable_offset()),
                    log => log.map(|log| log.high_watermark()),
                };
                if log.is_some_and(|log| log.log_end_offset() != log.high_watermark()) {
                    return Some(format!("{tp} is not committed to its end"));
                }
                if consumer.position(&tp) != end {
                    return Some(format!("{node} is at {:?} of {tp}, which ends at {end:?}", consumer.position(&tp)));
                }
                if consumer.group().is_some() {
                    owned.push(tp);
                }
            }
        }
        owned.sort();
        (owned != self.partitions()).then(|| format!("the members of {GROUP} own {owned:?}"))
    }

    fn partitions(&self) -> Vec<TopicPartition> {
        let numbers = (0..self.options.partitions).filter_map(|number| i32::try_from(number).ok());
        numbers.map(|number| TopicPartition::new(TOPIC, number)).collect()
    }

    fn send(&mut self) -> Step<()> {
        for producer in self.options.producers.clone() {
            let count = self.rng.below(4);
            if count > 0 {
                self.send_values(&Name::from(producer.name), count)?;
            }
        }
        Ok(())
    }

    /// Nodes of which this holds.
    pub fn nodes(&self, holds: impl Fn(&NodeId, &Slot) -> bool) -> Vec<NodeId> {
        self.world.nodes().filter(|(id, slot)| holds(id, slot)).map(|(id, _)| id.clone()).collect()
    }

    /// A supervisor replaces clients that ended by themselves: consumers whose poll threw, and producers
    /// whose successor is wanted.
    fn supervise(&mut self) -> Step<()> {
        let failed = self.nodes(|_, slot| {
            matches!(&slot.process, Process::Consumer(c) if c.last_error().is_some())
                && slot.state == ProcState::Running
        });
        for node in failed {
            self.give(&Command::Kill(NodeRef::Node(node)))?;
        }
        let alive = self.nodes(|_, slot| {
            matches!(&slot.process, Process::Consumer(c) if c.group().is_some()) && slot.state != ProcState::Dead
        });
        if alive.is_empty() {
            self.add_consumer()?;
        }
        for number in 1..=self.options.transactional {
            let id = format!("tx{number}");
            if self.applications.iter().all(|app| app.id != id || app.is_over()) {
                self.add_transactional(&id)?;
            }
        }
        Ok(())
    }

    fn heal(&mut self) -> Step<()> {
        self.give(&Command::Heal(None))?;
        for node in self.nodes(|_, slot| slot.state == ProcState::Paused) {
            self.give(&Command::Resume(NodeRef::Node(node)))?;
        }
        self.restart_all()
    }

    fn restart_all(&mut self) -> Step<()> {
        let down = self
            .nodes(|id, slot| matches!(id, NodeId::Broker(_) | NodeId::ZooKeeper(_)) && slot.state == ProcState::Dead);
        for node in down {
            self.give(&Command::Start(NodeRef::Node(node)))?;
        }
        Ok(())
    }
}
