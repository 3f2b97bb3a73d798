//! Clients of the cluster: how they come to be, and what they are asked.

use std::rc::Rc;

use super::execute::refuse;
use super::process::{Process, ProcessCommand};
use super::world::{ProcState, World};
use crate::admin::{Admin, AdminCommand, AdminConfig, AdminOp};
use crate::command::{CommandError, CommitPlace, Work};
use crate::config::{ConsumerConfig, ProducerConfig};
use crate::consumer::{Consumer, ConsumerCommand, Pattern};
use crate::ids::{BrokerId, Name, NodeId, TopicPartition};
use crate::machine::Observation;
use crate::producer::{Producer, ProducerCommand};
use crate::protocol::zookeeper::{ZkError, ZkOp, ZkResult};
use crate::shell::{Shell, ShellCommand};
use crate::transform::Transformer;
use crate::zk_client::{ZkShell, ZkShellCommand};

impl World {
    /// Asks the admin client; the answer is found under the ticket.
    pub fn ask_admin(&mut self, op: AdminOp) -> u64 {
        self.ask_admin_client(&Self::admin_node(), op)
    }

    /// Asks one of the admin clients; the answer is found there under the ticket.
    pub fn ask_admin_client(&mut self, admin: &NodeId, op: AdminOp) -> u64 {
        let ticket = self.ticket();
        let command = ProcessCommand::Admin(ShellCommand::Ask(AdminCommand { ticket, op, timeout_ms: None }));
        self.give(admin, command);
        ticket
    }

    /// Gives records to a producer's `send()`; they get successive tickets from the returned one on.
    ///
    /// # Errors
    /// There is no such producer, or it does not run.
    pub fn send_records(
        &mut self,
        client: &Name,
        topic: Name,
        partition: Option<i32>,
        records: Vec<(Option<Name>, Option<Name>)>,
    ) -> Result<u64, CommandError> {
        let first_ticket = self.tickets + 1;
        let count = records.len() as u64;
        let headers = Vec::new();
        self.command_producer(client, ProducerCommand::Send { first_ticket, topic, partition, records, headers })?;
        self.tickets += count;
        Ok(first_ticket)
    }

    /// Gives a command to a producer.
    ///
    /// # Errors
    /// There is no such producer, or it does not run.
    pub fn command_producer(&mut self, client: &Name, command: ProducerCommand) -> Result<(), CommandError> {
        let node = NodeId::Client(client.clone());
        match self.slot(&node) {
            Some(slot) if matches!(slot.process, Process::Producer(_)) => {
                if slot.state == ProcState::Dead {
                    return refuse(client, format!("producer {client} has ended"));
                }
            }
            _ => return refuse(client, format!("there is no producer {client}; {}", self.known_clients())),
        }
        self.give(&node, ProcessCommand::Producer(command));
        Ok(())
    }

    /// Gives a command to a consumer.
    ///
    /// # Errors
    /// There is no such consumer, or it does not run.
    pub fn command_consumer(&mut self, client: &Name, command: ConsumerCommand) -> Result<(), CommandError> {
        let node = NodeId::Client(client.clone());
        match self.slot(&node) {
            Some(slot) if slot.process.consumer().is_some() => {
                if slot.state == ProcState::Dead {
                    return refuse(client, format!("consumer {client} has ended"));
                }
            }
            _ => return refuse(client, format!("there is no consumer {client}; {}", self.known_clients())),
        }
        self.give(&node, ProcessCommand::Consumer(command));
        Ok(())
    }

    /// The thread of the application around a consumer is stuck, or goes on.
    pub(super) fn hang(&mut self, client: &Name, hangs: bool) -> Result<(), CommandError> {
        let node = NodeId::Client(client.clone());
        let consumer = self.slot(&node).and_then(|slot| slot.process.consumer());
        match (consumer.is_some_and(Consumer::hangs), hangs) {
            (true, true) => return refuse(client, format!("the application of {client} hangs already")),
            (false, false) if consumer.is_some() => {
                return refuse(client, format!("the application of {client} does not hang"));
            }
            _ => self.command_consumer(client, ConsumerCommand::Hang(hangs))?,
        }
        // It is so at once, whatever the process is asked next.
        if let Some(consumer) = self.nodes.get_mut(&node).and_then(|slot| Rc::make_mut(slot).process.consumer_mut()) {
            consumer.hang(hangs);
        }
        let fault = Name::from(format!("hang {client}"));
        let told = if hangs { Observation::FaultAdded { fault } } else { Observation::FaultRemoved { fault } };
        self.observe(Self::admin_node(), self.steps, told);
        Ok(())
    }

    /// A number under which an answer will be found.
    pub fn ticket(&mut self) -> u64 {
        self.tickets += 1;
        self.tickets
    }

    /// Adds a producer process.
    ///
    /// # Errors
    /// The name is taken, or a config is refused.
    pub fn add_producer(
        &mut self,
        client: &Name,
        topic: Option<&Name>,
        configs: &[(Name, Name)],
    ) -> Result<(), CommandError> {
        let node = self.free_client(client)?;
        let config = ProducerConfig::from_entries(configs)
            .map_err(|error| CommandError { place: error.key.to_string(), message: error.to_string() })?;
        let producer = Producer::new(client.clone(), self.bootstrap_of(configs)?, config);
        self.add_client(node, Process::Producer(producer));
        if let Some(topic) = topic {
            self.topics_of_producers.insert(client.clone(), topic.clone());
        }
        Ok(())
    }

    /// Adds a consumer process that subscribes, or without a group assigns itself all partitions.
    ///
    /// # Errors
    /// The name is taken, a config is refused, or no topic is named.
    pub fn add_consumer(
        &mut self,
        client: &Name,
        group: Option<&Name>,
        topics: &[Name],
        configs: &[(Name, Name)],
    ) -> Result<(), CommandError> {
        let read = self.by_name(group, topics)?;
        self.add_application(client, group, read, configs, &Work::default())
    }

    /// The same with an application around it that does more than to receive.
    ///
    /// # Errors
    /// The name is taken, or a config is refused.
    pub fn add_application(
        &mut self,
        client: &Name,
        group: Option<&Name>,
        read: ConsumerCommand,
        configs: &[(Name, Name)],
        work: &Work,
    ) -> Result<(), CommandError> {
        self.new_application(client, group, configs, work)?;
        self.command_consumer(client, read)
    }

    /// How a consumer comes to the partitions of these topics: by its group, or all of them by hand.
    pub(super) fn by_name(&self, group: Option<&Name>, topics: &[Name]) -> Result<ConsumerCommand, CommandError> {
        let Some(first) = topics.first() else { return refuse("--topic", "a consumer needs at least one topic") };
        if group.is_some() {
            return Ok(ConsumerCommand::Subscribe { topics: topics.to_vec() });
        }
        let partitions = topics.iter().flat_map(|topic| self.partitions_of(topic)).collect::<Vec<_>>();
        if partitions.is_empty() {
            return refuse("--topic", format!("topic {first} does not exist"));
        }
        Ok(ConsumerCommand::Assign { partitions })
    }

    /// How a member of a group comes to the topics whose whole names match.
    pub(super) fn by_pattern(&self, group: Option<&Name>, include: &str) -> Result<ConsumerCommand, CommandError> {
        if group.is_none() {
            return refuse("--include", "topics are chosen by a pattern only in a group: --group is missing");
        }
        match Pattern::parse(include) {
            Ok(pattern) => Ok(ConsumerCommand::SubscribePattern { pattern }),
            Err(error) => refuse("--include", format!("{include:?} is no regular expression: {error}")),
        }
    }

    /// Adds a consumer process that does nothing yet.
    ///
    /// # Errors
    /// The name is taken, or a config is refused.
    pub fn new_consumer(
        &mut self,
        client: &Name,
        group: Option<&Name>,
        configs: &[(Name, Name)],
    ) -> Result<(), CommandError> {
        self.new_application(client, group, configs, &Work::default())
    }

    fn new_application(
        &mut self,
        client: &Name,
        group: Option<&Name>,
        configs: &[(Name, Name)],
        work: &Work,
    ) -> Result<(), CommandError> {
        let node = self.free_client(client)?;
        let mut entries: Vec<(Name, Name)> = configs.to_vec();
        let says = |key: &str| configs.iter().any(|(known, _)| &**known == key);
        if work.commit != CommitPlace::Auto && !says("enable.auto.commit") {
            entries.push(("enable.auto.commit".into(), "false".into()));
        }
        if let Some(group) = group {
            entries.push(("group.id".into(), group.clone()));
        }
        let config = ConsumerConfig::from_entries(&entries)
            .map_err(|error| CommandError { place: error.key.to_string(), message: error.to_string() })?;
        let bootstrap = self.bootstrap_of(configs)?;
        let consumer = Consumer::new(client.clone(), bootstrap.clone(), config);
        let process = if work.commit == CommitPlace::Transaction {
            let mut entries = work.producer.clone();
            if !entries.iter().any(|(key, _)| &**key == "transactional.id") {
                entries.push(("transactional.id".into(), client.clone()));
            }
            let config = ProducerConfig::from_entries(&entries)
                .map_err(|error| CommandError { place: error.key.to_string(), message: error.to_string() })?;
            let producer = Producer::new(client.clone(), bootstrap, config);
            Process::Transformer(Box::new(Transformer::new(consumer, producer, work.clone())))
        } else if *work == Work::default() {
            Process::Consumer(consumer)
        } else {
            Process::Consumer(consumer.with_work(work.clone()))
        };
        self.add_client(node, process);
        Ok(())
    }

    /// The brokers of `bootstrap.servers` (`broker-101:9092,…`); all of the cluster if it is not set.
    fn bootstrap_of(&self, configs: &[(Name, Name)]) -> Result<Vec<BrokerId>, CommandError> {
        let Some((key, servers)) = configs.iter().find(|(key, _)| &**key == "bootstrap.servers") else {
            return Ok(self.genesis.brokers.clone());
        };
        let brokers: Option<Vec<BrokerId>> = servers
            .split(',')
            .map(|server| server.trim().strip_prefix("broker-")?.strip_suffix(":9092")?.parse().ok())
            .collect();
        match brokers.filter(|brokers| brokers.iter().all(|id| self.genesis.brokers.contains(id))) {
            Some(brokers) => Ok(brokers),
            None => refuse(key, format!("{servers} names no brokers of this cluster; write broker-ID:9092,…")),
        }
    }

    /// Adds a further admin client, which knows the cluster by these brokers.
    ///
    /// # Errors
    /// The name is taken.
    pub fn add_admin(
        &mut self,
        client: &Name,
        bootstrap: Vec<BrokerId>,
        config: AdminConfig,
    ) -> Result<(), CommandError> {
        let node = self.free_client(client)?;
        let admin = Admin::with_config(client.clone(), bootstrap, config);
        self.add_client(node, Process::Admin(Shell::new(admin)));
        Ok(())
    }

    /// Gives an operation to the ZooKeeper shell, which is opened when it is first needed.
    pub fn ask_zookeeper(&mut self, op: ZkOp) -> u64 {
        let node = Self::zk_shell_node();
        if self.slot(&node).is_none() {
            let servers = (1..=self.genesis.zookeeper).collect();
            self.add_client(node.clone(), Process::ZkShell(ZkShell::new(servers)));
        }
        let ticket = self.ticket();
        self.give(&node, ProcessCommand::ZkShell(ZkShellCommand { ticket, op }));
        ticket
    }

    /// The node of the ZooKeeper shell.
    pub fn zk_shell_node() -> NodeId {
        NodeId::Client("zookeeper-shell".into())
    }

    /// What ZooKeeper answered to [`Self::ask_zookeeper`]; `None` while it is under way.
    pub fn zookeeper_answer(&self, ticket: u64) -> Option<&Result<ZkResult, ZkError>> {
        match &self.slot(&Self::zk_shell_node())?.process {
            Process::ZkShell(shell) => shell.answer(ticket),
            _ => None,
        }
    }

    fn partitions_of(&self, topic: &Name) -> Vec<TopicPartition> {
        let controller = self.controller();
        let broker = controller.and_then(|id| self.broker(id));
        broker.map(|broker| broker.partitions_of(topic)).unwrap_or_default()
    }

    fn free_client(&self, client: &Name) -> Result<NodeId, CommandError> {
        if client.is_empty() || !client.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c)) {
            return refuse(client, "a client's name consists of letters, digits, '.', '_' and '-'");
        }
        if client.parse::<i32>().is_ok() || is_reserved(client) {
            return refuse(client, format!("{client} cannot name a client: it would read as another node"));
        }
        let node = NodeId::Client(client.clone());
        match self.slot(&node) {
            Some(slot) if slot.state != ProcState::Dead => {
                refuse(client, format!("there is a client {client} already"))
            }
            _ => Ok(node),
        }
    }

    fn known_clients(&self) -> String {
        let names: Vec<String> = self
            .nodes()
            .filter(|(id, slot)| matches!(id, NodeId::Client(_)) && !matches!(slot.process, Process::Admin(_)))
            .map(|(id, _)| id.to_string())
            .collect();
        if names.is_empty() { "there are no clients yet".into() } else { format!("clients are {}", names.join(", ")) }
    }
}

fn is_reserved(client: &str) -> bool {
    let zookeeper = client.strip_prefix("zk").is_some_and(|rest| rest.parse::<u8>().is_ok());
    zookeeper || client == "admin" || client == "zookeeper-shell" || client == "controller"
}
