//! Births and deaths: boot of the cluster, kill, stop, start, pause.

use crate::collections::BTreeMap;
use std::collections::VecDeque;
use std::rc::Rc;

use super::fingerprint::Fingerprint;
use super::genesis::Genesis;
use super::network::Network;
use super::own::Own;
use super::process::{Process, ProcessCommand, ProcessInput};
use super::queue::Queue;
use super::world::{Event, ProcState, Slot, World};
use crate::admin::Admin;
use crate::broker::{Broker, BrokerCommand, BrokerDurable};
use crate::collections::KeyMap;
use crate::command::{CommandError, PARTITIONS_MAX};
use crate::config::BrokerConfig;
use crate::consumer::ConsumerCommand;
use crate::ids::{BrokerId, NodeId, TopicPartition};
use crate::machine::Observation;
use crate::producer::ProducerCommand;
use crate::rng::Rng;
use crate::shell::{Shell, ShellCommand};
use crate::time::{SimDuration, SimTime};
use crate::transform::TransformerCommand;
use crate::zookeeper::{ZooKeeperDurable, ZooKeeperServer};

/// How long a broker's program takes until it begins to talk. Recorded on a quiet machine: registered again 1.0 to
/// 1.7 s after its start, back in the ISR after 1.4 to 2.4 s, for Kafka opens its listener only 0.3 to 0.5 s later.
// Simplified: a broker registers and listens in the same moment, after a time between Kafka's two; so nobody finds a
// broker that is elected but not reachable yet, and no follower of it rests for replica.fetch.backoff.ms.
const BROKER_LOADING: SimDuration = SimDuration::from_ms(1450);
/// The same of a ZooKeeper server.
const ZOOKEEPER_LOADING: SimDuration = SimDuration::from_ms(600);

impl World {
    /// Builds the cluster and runs until it stands: every started broker is registered and one is
    /// the controller.
    ///
    /// # Errors
    /// A config that Kafka refuses, or a cluster that cannot be built (no broker, a doubled id).
    pub fn new(genesis: &Genesis) -> Result<Self, CommandError> {
        let mut world = Self::unbooted(genesis)?;
        let started: Vec<BrokerId> =
            genesis.brokers.iter().copied().filter(|id| !genesis.not_started.contains(id)).collect();
        let limit = SimTime::from_ms(120_000);
        for server in 1..=genesis.zookeeper {
            world.start_process(&NodeId::ZooKeeper(server), SimDuration::ZERO);
        }
        if genesis.start_in_order {
            for id in &started {
                world.start_process(&NodeId::Broker(*id), SimDuration::from_ms(50));
                world.run_while(limit, |world| world.broker(*id).is_some_and(Broker::is_registered));
            }
        } else {
            for id in &started {
                world.start_process(&NodeId::Broker(*id), SimDuration::from_ms(50));
            }
        }
        world.run_while(limit, |world| world.stands(&started));
        let settled = world.now + SimDuration::from_ms(200);
        world.run_until(settled);
        world.forget_observed();
        Ok(world)
    }

    fn stands(&self, started: &[BrokerId]) -> bool {
        let registered = |id: &BrokerId| self.broker(*id).is_some_and(Broker::is_registered);
        started.iter().all(registered)
            && (started.is_empty() || started.iter().any(|id| self.broker(*id).is_some_and(Broker::is_controller)))
            && started.iter().all(|id| self.broker(*id).is_some_and(|b| b.live_brokers().len() == started.len()))
    }

    fn unbooted(genesis: &Genesis) -> Result<Self, CommandError> {
        let refuse = |message: String| CommandError { place: "cluster".into(), message };
        if genesis.brokers.is_empty() || genesis.zookeeper == 0 {
            return Err(refuse("a cluster needs at least one broker and one ZooKeeper server".into()));
        }
        let mut named = genesis.not_started.iter().chain(genesis.broker_config.keys());
        if let Some(other) = named.find(|broker| !genesis.brokers.contains(broker)) {
            return Err(refuse(format!("broker {other} is none of the cluster's")));
        }
        let mut nodes = KeyMap::default();
        for server in 1..=genesis.zookeeper {
            let process = Process::ZooKeeperDown(ZooKeeperDurable::default());
            nodes.insert(NodeId::ZooKeeper(server), slot(process));
        }
        for id in &genesis.brokers {
            let config = BrokerConfig::from_entries(&genesis.entries_of(*id)).map_err(|error| CommandError {
                place: format!("config of broker {id}"),
                message: error.to_string(),
            })?;
            let counts = [
                config.num_partitions,
                config.offsets_topic_num_partitions,
                config.transaction_state_log_num_partitions,
            ];
            if counts.iter().any(|count| *count > PARTITIONS_MAX) {
                let message = format!("this playground holds {PARTITIONS_MAX} partitions of a topic at most");
                return Err(CommandError { place: format!("config of broker {id}"), message });
            }
            let process = Process::BrokerDown(BrokerDurable::new(*id, &config), Rc::new(config));
            if nodes.insert(NodeId::Broker(*id), slot(process)).is_some() {
                return Err(refuse(format!("broker id {id} is named twice")));
            }
        }
        let admin = Admin::new("admin".into(), genesis.brokers.clone());
        nodes.insert(Self::admin_node(), slot(Process::Admin(Shell::new(admin))));
        let mut world = Self {
            genesis: Rc::new(genesis.clone()),
            now: SimTime::ZERO,
            steps: 0,
            seq: 0,
            messages: 0,
            rng: Rng::new(genesis.seed),
            nodes,
            network: Rc::new(Network::default()),
            queue: Queue::default(),
            fingerprint: Fingerprint::default(),
            observed: Own::default(),
            tickets: 0,
            tools: 0,
            topics_of_producers: BTreeMap::new(),
            outside: Rc::default(),
            chronicle: Rc::default(),
            recorder: None,
            effects: Own::default(),
        };
        world.start_process(&Self::admin_node(), SimDuration::ZERO);
        Ok(world)
    }

    /// Adds a client process and starts it at once.
    pub(super) fn add_client(&mut self, node: NodeId, process: Process) {
        // What waits for a process that had the name before is not for this one, and it is told from that one.
        let incarnation = self.slot(&node).map_or(0, |before| before.incarnation);
        let mut own = slot(process);
        Rc::make_mut(&mut own).incarnation = incarnation;
        self.nodes.insert(node.clone(), own);
        self.start_process(&node, SimDuration::ZERO);
        self.observe(node.clone(), self.steps, Observation::ProcessStarted { node: node.to_string().into() });
    }

    /// Starts a dead process; it begins to talk after `extra` and the time that its program loads.
    pub(super) fn start_process(&mut self, node: &NodeId, extra: SimDuration) -> bool {
        let ensemble: Vec<u8> = (1..=self.genesis.zookeeper).collect();
        let tick_ms = self.genesis.tick_ms;
        let Some(slot) = self.nodes.get_mut(node) else { return false };
        if slot.state != ProcState::Dead {
            return false;
        }
        let slot = Rc::make_mut(slot);
        let loading = match (&slot.process, node) {
            (Process::BrokerDown(durable, config), _) => {
                slot.process = Process::Broker(Box::new(Broker::new(durable.clone(), config.clone(), ensemble)));
                BROKER_LOADING
            }
            (Process::ZooKeeperDown(durable), NodeId::ZooKeeper(id)) => {
                slot.process = Process::ZooKeeper(ZooKeeperServer::new(*id, ensemble, tick_ms, durable.clone()));
                ZOOKEEPER_LOADING
            }
            _ => SimDuration::ZERO,
        };
        slot.state = ProcState::Starting;
        slot.incarnation += 1;
        let incarnation = slot.incarnation;
        self.schedule(self.now + loading + extra, Event::Boot(node.clone(), incarnation));
        true
    }

    pub(super) fn booted(&mut self, node: NodeId, incarnation: u32) -> Option<NodeId> {
        let slot = self.nodes.get_mut(&node)?;
        if slot.incarnation != incarnation || slot.state != ProcState::Starting {
            return None;
        }
        Rc::make_mut(slot).state = ProcState::Running;
        self.run_process(node, ProcessInput::Boot, self.steps)
    }

    /// The process is gone at once. With `power_loss` its disk loses what was not flushed.
    pub(super) fn kill(&mut self, node: &NodeId, power_loss: bool) -> bool {
        let before = self.ends_of_logs(node);
        if !self.bury(node, power_loss) {
            return false;
        }
        if self.tool_killed(node) {
            return true;
        }
        self.observe(node.clone(), self.steps, Observation::ProcessKilled { node: node.to_string().into() });
        if power_loss {
            self.tell_lost_records(node, &before);
        }
        true
    }

    /// Where the logs of a running broker end.
    fn ends_of_logs(&self, node: &NodeId) -> BTreeMap<TopicPartition, i64> {
        let Some(broker) = node.broker().and_then(|id| self.broker(id)) else { return BTreeMap::new() };
        let led = broker.partitions().iter().map(|(tp, partition)| (tp, &partition.log));
        let offline = broker.offline_logs().filter_map(|tp| Some((tp, broker.log(tp)?)));
        led.chain(broker.idle_logs()).chain(offline).map(|(tp, log)| (tp.clone(), log.log_end_offset())).collect()
    }

    fn tell_lost_records(&mut self, node: &NodeId, before: &BTreeMap<TopicPartition, i64>) {
        let Some(Process::BrokerDown(durable, _)) = self.slot(node).map(|slot| &slot.process) else { return };
        let end = |tp: &TopicPartition| durable.logs.get(tp).map_or(0, |log| log.log_end_offset());
        let lost: Vec<_> = before.iter().map(|(tp, from)| (tp.clone(), *from, end(tp))).collect();
        let Some(broker) = node.broker() else { return };
        for (tp, from, to) in lost.into_iter().filter(|(_, from, to)| to < from) {
            self.observe(node.clone(), self.steps, Observation::PageCacheLost { tp, broker, from, to });
        }
    }

    /// The process ended by itself.
    pub(super) fn exit(&mut self, node: &NodeId) {
        if self.bury(node, false) && !self.tool_killed(node) {
            self.observe(node.clone(), self.steps, Observation::ProcessStopped { node: node.to_string().into() });
        }
    }

    fn bury(&mut self, node: &NodeId, power_loss: bool) -> bool {
        let Some(slot) = self.nodes.get_mut(node) else { return false };
        if slot.state == ProcState::Dead {
            return false;
        }
        let slot = Rc::make_mut(slot);
        let down = match &slot.process {
            Process::Broker(broker) => {
                let config = broker.properties();
                let mut durable = broker.clone().into_durable();
                if power_loss {
                    durable.lose_unflushed();
                }
                Some(Process::BrokerDown(durable, config))
            }
            Process::ZooKeeper(server) => Some(Process::ZooKeeperDown(server.clone().into_durable())),
            _ => None,
        };
        if let Some(down) = down {
            slot.process = down;
        }
        slot.state = ProcState::Dead;
        slot.incarnation += 1;
        slot.held = VecDeque::new();
        slot.busy_until = SimTime::ZERO;
        if let Some(key) = slot.wake.take() {
            self.queue.remove(&key);
        }
        self.break_connections(node);
        true
    }

    /// Empties the disk of a broker that is down. False if it runs or there is none.
    pub fn wipe_disk(&mut self, node: &NodeId) -> bool {
        let NodeId::Broker(id) = node else { return false };
        let Some(slot) = self.nodes.get_mut(node) else { return false };
        match &mut Rc::make_mut(slot).process {
            Process::BrokerDown(durable, config) => {
                *durable = BrokerDurable::new(*id, config);
                true
            }
            _ => false,
        }
    }

    /// Removes a replica's directory from the disk of a broker that is down. False if it is not there.
    pub fn wipe_log(&mut self, node: &NodeId, tp: &TopicPartition) -> bool {
        let Some(slot) = self.nodes.get_mut(node) else { return false };
        match &mut Rc::make_mut(slot).process {
            Process::BrokerDown(durable, _) => durable.logs.remove(tp).is_some(),
            _ => false,
        }
    }

    pub(super) fn pause(&mut self, node: &NodeId) -> bool {
        let Some(slot) = self.nodes.get_mut(node) else { return false };
        if slot.state != ProcState::Running {
            return false;
        }
        Rc::make_mut(slot).state = ProcState::Paused;
        self.set_alarm(node);
        self.observe(node.clone(), self.steps, Observation::ProcessPaused { node: node.to_string().into() });
        true
    }

    pub(super) fn resume(&mut self, node: &NodeId) -> bool {
        let Some(slot) = self.nodes.get_mut(node) else { return false };
        if slot.state != ProcState::Paused {
            return false;
        }
        let slot = Rc::make_mut(slot);
        slot.state = ProcState::Running;
        let held = std::mem::take(&mut slot.held);
        self.observe(node.clone(), self.steps, Observation::ProcessResumed { node: node.to_string().into() });
        // What it is asked at this very moment comes behind what it was asked before.
        let asked = self.queue.at(self.now).filter(|(_, due)| matches!(&due.event, Event::Input(of, _) if of == node));
        let behind: Vec<(SimTime, u64)> = asked.map(|(key, _)| key).collect();
        for (_, input) in held {
            self.schedule(self.now, Event::Input(node.clone(), Box::new(input)));
        }
        for key in behind {
            if let Some(due) = self.queue.remove(&key) {
                self.schedule_for(self.now, due.cause, due.event);
            }
        }
        self.set_alarm(node);
        true
    }

    /// An orderly end: SIGTERM for a broker, `close()` for a client.
    pub(super) fn stop(&mut self, node: &NodeId) -> bool {
        let Some(slot) = self.nodes.get(node) else { return false };
        if slot.state == ProcState::Dead {
            return false;
        }
        let command = match &slot.process {
            Process::Broker(_) => ProcessCommand::Broker(BrokerCommand::Stop),
            Process::Producer(_) => ProcessCommand::Producer(ProducerCommand::Close { timeout_ms: None }),
            Process::Consumer(_) => ProcessCommand::Consumer(ConsumerCommand::Close),
            Process::Transformer(_) => ProcessCommand::Transformer(TransformerCommand::Close),
            Process::Admin(_) => ProcessCommand::Admin(ShellCommand::Interrupt),
            _ => return self.kill(node, false),
        };
        // A tool has its line and what was typed before it, and ends behind them.
        if slot.state == ProcState::Starting && !matches!(slot.process, Process::Admin(_)) {
            return self.kill(node, false);
        }
        self.give(node, command);
        true
    }

    /// Gives a command to a process in the next event.
    pub(super) fn give(&mut self, node: &NodeId, command: ProcessCommand) {
        let input = Box::new(ProcessInput::Command(command));
        self.schedule(self.now, Event::Input(node.clone(), input));
    }
}

pub(super) fn slot(process: Process) -> Rc<Slot> {
    let slot = Slot {
        state: ProcState::Dead,
        process,
        incarnation: 0,
        held: VecDeque::new(),
        wake: None,
        busy_until: SimTime::ZERO,
    };
    Rc::new(slot)
}
