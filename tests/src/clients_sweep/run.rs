//! One run: cluster and clients, faults, healing, reading to the end, judgement.

use std::collections::{BTreeMap, BTreeSet};

use playground_core::command::{Command, CommitPlace};
use playground_core::guard::Guard;
use playground_core::ids::{BrokerId, Name, NodeId, TopicPartition};
use playground_core::invariant::Promises;
use playground_core::machine::Observation;
use playground_core::rng::Rng;
use playground_core::sim::{Genesis, ProcState, Process, Slot, World};
use playground_core::time::{SimDuration, SimTime};
use playground_core::view::{RemarkKind, Viewer};

use super::recorder::Recorder;
use super::transactional::{Application, Attempt};
use super::witness::Witness;
use super::{Failure, Options, Verdict};
use crate::jepsen::Anomaly;
use crate::seeds::watched_event;

/// The topic that is written to.
pub const TOPIC: &str = "orders";
/// The topic that transactional applications write their results to.
pub const RESULTS: &str = "bills";
/// The group of the consumers.
pub const GROUP: &str = "billing";

/// What a command or a check may end the run with.
pub type Step<T> = Result<T, Failure>;

/// The run.
pub struct Run {
    pub options: Options,
    pub world: World,
    pub promises: Promises,
    pub recorder: Recorder,
    pub witness: Witness,
    /// Makes the page's views, one after the other, as the page does.
    pub viewer: Viewer,
    /// What the ledger has named, over all looks at it; looks, and records looked at.
    pub ledger_named: BTreeMap<(RemarkKind, bool), u64>,
    pub ledger_looks: u64,
    pub ledger_records: u64,
    /// Chance of its own: when the ledger is looked at changes nothing.
    looks: Rng,
    pub rng: Rng,
    /// Clients added so far.
    pub clients: u64,
    pub applications: Vec<Application>,
    pub attempts: Vec<Attempt>,
    pub allowed: BTreeMap<(Anomaly, &'static str), u64>,
    /// A broker lost records of `__transaction_state`: transactions may stay open for ever, or be forgotten.
    pub transaction_log_lost: bool,
    /// A broker lost records of `__consumer_offsets`: groups may begin again.
    pub offsets_lost_at: Option<SimTime>,
    /// The clients wait for transactions that cannot end.
    pub stood_still: bool,
    /// Values that the group was allowed to process again.
    pub work_again: BTreeSet<String>,
    /// The promise of the group was kept by an excuse only.
    pub work_excused: bool,
    /// Partitions that a transaction got no marker in, because its coordinator did not know them yet.
    pub markers_skipped: BTreeSet<TopicPartition>,
    /// The state of each transactional id, as its coordinators told.
    decisions: BTreeMap<Name, Name>,
    /// A decision was acted on that stood above the high watermark, and was lost: the next coordinator
    /// decided otherwise (`TransactionStateManager` loads up to the log's end).
    pub decision_lost: bool,
    /// What applications did more often, or not at all, and were allowed to.
    pub work_allowed: BTreeMap<&'static str, u64>,
    /// Values sent so far.
    pub values: u64,
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
        work_allowed: BTreeMap::new(),
        held: Vec::new(),
        ledger: (0, 0, BTreeMap::new()),
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
            verdict.held = run.held();
            verdict.ledger = (run.ledger_looks, run.ledger_records, run.ledger_named);
            verdict.allowed = run.allowed;
            verdict.work_allowed = run.work_allowed;
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

fn option(commit: CommitPlace) -> &'static str {
    match commit {
        CommitPlace::Auto => "",
        CommitPlace::Before => " --commit before",
        CommitPlace::After => " --commit after",
        CommitPlace::Async => " --commit async",
        CommitPlace::Transaction => " --commit transaction",
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
        let looks = Rng::new(options.seed ^ 0x1ed6_e257);
        let mut run = Self {
            options,
            world,
            promises: Promises::default(),
            recorder: Recorder::default(),
            witness: Witness::default(),
            viewer: Viewer::default(),
            ledger_named: BTreeMap::new(),
            ledger_looks: 0,
            ledger_records: 0,
            looks,
            rng,
            clients: 0,
            applications: Vec::new(),
            attempts: Vec::new(),
            allowed: BTreeMap::new(),
            transaction_log_lost: false,
            offsets_lost_at: None,
            stood_still: false,
            work_again: BTreeSet::new(),
            work_excused: false,
            markers_skipped: BTreeSet::new(),
            decisions: BTreeMap::new(),
            decision_lost: false,
            work_allowed: BTreeMap::new(),
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
        if self.options.readers.commit == CommitPlace::Transaction {
            self.command(&format!(
                "kafka-topics.sh --create --topic {RESULTS} --partitions 2 --replication-factor {replication_factor} \
                 --config min.insync.replicas={min_insync_replicas}"
            ))?;
        }
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
        for observed in self.world.observations().get(first_new..).unwrap_or_default() {
            if let Observation::PageCacheLost { tp, .. } = &observed.observation {
                self.transaction_log_lost |= &*tp.topic == "__transaction_state";
                if &*tp.topic == "__consumer_offsets" {
                    self.offsets_lost_at.get_or_insert(observed.at);
                }
            }
        }
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
        line.push_str(option(readers.commit));
        if readers.processing_ms > 0 {
            line.push_str(&format!(" --processing {}ms", readers.processing_ms));
        }
        if readers.commit == CommitPlace::Transaction {
            let id = (1..=4).map(|n| format!("app-{n}")).find(|id| !self.is_running(id)).unwrap_or_default();
            line.push_str(&format!(
                " --to {RESULTS} --producer-property transactional.id={id} --producer-property request.timeout.ms=3000 \
                 --producer-property delivery.timeout.ms=15000 --producer-property max.block.ms=10000 \
                 --producer-property metadata.max.age.ms=10000 --producer-property transaction.timeout.ms={}",
                self.options.transaction_timeout_ms
            ));
        }
        self.command(&line)
    }

    fn is_taken(&self, instance: &str) -> bool {
        self.world.nodes().any(|(_, slot)| {
            let id = slot.process.consumer().and_then(|consumer| consumer.config().group_instance_id.as_ref());
            slot.state != ProcState::Dead && id.is_some_and(|id| id.as_str() == instance)
        })
    }

    /// An application with this `transactional.id` runs. One that is paused may find its place taken.
    fn is_running(&self, id: &str) -> bool {
        self.world.nodes().any(|(_, slot)| {
            let own = slot.process.producer().and_then(|producer| producer.config().transactional_id.as_ref());
            let up = matches!(slot.state, ProcState::Running | ProcState::Starting);
            up && own.is_some_and(|own| own.as_str() == id)
        })
    }

    /// Lets time pass, event by event, under the eyes of the promises and the recorder.
    pub fn pass(&mut self, ms: u64) -> Step<()> {
        let until = self.world.now() + SimDuration::from_ms(ms);
        while let Some(kept) = watched_event(&mut self.world, &mut self.promises, until, self.verbose) {
            kept.map_err(Failure::Broken)?;
            if !self.world.observations().is_empty() {
                for observed in self.world.observations() {
                    match &observed.observation {
                        Observation::MarkerSkipped { tp, .. } => {
                            self.markers_skipped.insert(tp.clone());
                        }
                        // What a coordinator finds open in its log may follow on an end that nobody lived to tell.
                        Observation::TransactionChanged { state, loaded: true, .. } if state.as_str() == "Ongoing" => {}
                        Observation::TransactionChanged { transactional_id, state, .. } => {
                            let before = self.decisions.insert(transactional_id.clone(), state.clone());
                            let was = before.as_deref().unwrap_or_default();
                            // A coordinator acts on all that it finds in its log, committed or not.
                            self.decision_lost |= was == "PrepareCommit" && state.as_str() == "PrepareAbort";
                        }
                        _ => {}
                    }
                }
                self.recorder.observe(&self.world, self.world.observations());
                self.witness.observe(&self.world);
                self.world.forget_observed();
                self.witness.forgotten();
            }
        }
        self.world.run_until(until);
        // Somebody looks often; whether what is seen is true is asked now and then.
        if self.looks.chance(1, 4) {
            self.viewer.view(&self.world, &self.promises);
        }
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
            if self.looks.chance(1, (self.options.faults_ms / self.options.pace_ms).max(1)) {
                self.look_at_ledger(false)?;
            }
        }
        self.heal()?;
        self.until_at_rest("writers", |run| run.writers_open())?;
        self.look_at_ledger(false)?;
        for (name, isolation) in [("final-all", "read_uncommitted"), ("final-committed", "read_committed")] {
            let with_results = self.options.readers.commit == CommitPlace::Transaction;
            let topics = if with_results { format!("{TOPIC},{RESULTS}") } else { TOPIC.to_owned() };
            self.command(&format!(
                "consumer {name} --topic {topics} --config auto.offset.reset=earliest --config isolation.level={isolation}"
            ))?;
        }
        self.until_at_rest("readers", |run| run.readers_behind())?;
        let promise = super::groups::promise_of(self.options.readers.commit);
        self.judge_group().map_err(|text| Failure::Work(promise, text))?;
        self.judge().map_err(|(anomaly, text)| Failure::Forbidden(anomaly, text))?;
        self.look_at_ledger(true)?;
        self.judge_oracle().map_err(Failure::Ledger)
    }

    /// The promises of this seed's configuration: by name, and whether no excuse was needed to keep them.
    fn held(&self) -> Vec<(&'static str, bool)> {
        let mut held = vec![(super::groups::promise_of(self.options.readers.commit), !self.work_excused)];
        let used = |of: &[Anomaly], aside: &[&str]| {
            let is_meant = |why: &str| !aside.iter().any(|aside| why.starts_with(aside));
            self.allowed.keys().any(|(anomaly, why)| of.contains(anomaly) && is_meant(why))
        };
        let transactional = self.options.transactional > 0;
        if transactional || self.options.producers.iter().any(|producer| producer.acks == "all") {
            let lost = used(&[Anomaly::LostWrite, Anomaly::Unseen], &["acks=0", "acks=1"]);
            held.push(("acks=all loses nothing", !lost));
        }
        if transactional || self.options.producers.iter().any(|producer| producer.idempotent) {
            let sends = [Anomaly::Duplicate, Anomaly::NonmonotonicSend, Anomaly::IntNonmonotonicSend];
            let again = used(&sends, &["enable.idempotence=false", "results of", "acks=0", "acks=1"]);
            held.push(("idempotence: once, in order", !again));
        }
        if transactional {
            let aborted = used(&[Anomaly::AbortedRead], &["read_uncommitted"]);
            held.push(("read_committed: nothing aborted", !aborted));
        }
        held
    }

    fn look_at_ledger(&mut self, settled: bool) -> Step<()> {
        self.judge_ledger(settled).map_err(Failure::Ledger)
    }

    /// The partitions that are written to.
    pub fn partitions(&self) -> Vec<TopicPartition> {
        let numbers = (0..self.options.partitions).filter_map(|number| i32::try_from(number).ok());
        numbers.map(|number| TopicPartition::new(TOPIC, number)).collect()
    }

    fn send(&mut self) -> Step<()> {
        if self.values >= self.options.readers.records_max() {
            return Ok(());
        }
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
}
