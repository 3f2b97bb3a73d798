//! Carries out what a person asks. A command either changes the world or is refused with a message
//! and changes nothing.

use crate::collections::Order;
use std::rc::Rc;

use super::fault::FaultRule;
use super::process::Process;
use super::world::World;
use crate::broker::DiskState;
use crate::command::{Command, CommandError, NodeRef};
use crate::consumer::ConsumerCommand;
use crate::ids::{BrokerId, Name, NodeId};
use crate::machine::{Connection, Observation};

pub(super) fn refuse<T>(place: impl ToString, message: impl Into<String>) -> Result<T, CommandError> {
    Err(CommandError { place: place.to_string(), message: message.into() })
}

impl World {
    /// Carries out one command at the present moment. [`Command::Wait`] lets time pass.
    ///
    /// # Errors
    /// The command names something that is not there, or asks what cannot be; nothing has changed.
    pub fn execute(&mut self, command: &Command) -> Result<(), CommandError> {
        self.carry_out(command)?;
        self.fingerprint.command(command);
        Ok(())
    }

    fn carry_out(&mut self, command: &Command) -> Result<(), CommandError> {
        if self.start_tool(command) {
            return Ok(());
        }
        match command {
            Command::Kill(node) | Command::PowerOff(node) => {
                let power_loss = matches!(command, Command::PowerOff(_));
                let id = self.resolve(node)?;
                if !self.kill(&id, power_loss) {
                    return refuse(node, format!("{id} is not running"));
                }
            }
            Command::DiskFull { node, dir } => self.change_disk(node, dir.as_ref(), DiskState::Full)?,
            Command::DiskFail { node, dir } => self.change_disk(node, dir.as_ref(), DiskState::Failed)?,
            Command::DiskRepair { node, dir } => self.change_disk(node, dir.as_ref(), DiskState::Working)?,
            Command::Stop(node) => {
                let id = self.resolve(node)?;
                if !self.stop(&id) {
                    return refuse(node, format!("{id} is not running"));
                }
            }
            Command::Start(node) => {
                let id = self.resolve(node)?;
                if matches!(id, NodeId::Client(_)) {
                    return refuse(node, "a client that has ended is not started again: add a new one");
                }
                if !self.start_process(&id, crate::time::SimDuration::ZERO) {
                    return refuse(node, format!("{id} is running already"));
                }
                self.observe(id.clone(), self.steps, Observation::ProcessStarted { node: id.to_string().into() });
            }
            Command::Pause(node) => {
                let id = self.resolve(node)?;
                if !self.pause(&id) {
                    return refuse(node, format!("{id} is not running"));
                }
            }
            Command::Resume(node) => {
                let id = self.resolve(node)?;
                if !self.resume(&id) {
                    return refuse(node, format!("{id} is not paused"));
                }
            }
            Command::Cut { a, b, one_way } => {
                let (a, b) = self.resolve_pair(a, b)?;
                self.add_fault(FaultRule::Cut { a, b, one_way: *one_way });
            }
            Command::Isolate(node) => {
                let node = self.resolve(node)?;
                self.add_fault(FaultRule::Isolate(node));
            }
            Command::Delay { a, b, by } => {
                let (a, b) = self.resolve_pair(a, b)?;
                self.add_fault(FaultRule::Delay { a, b, by: *by });
            }
            Command::DropConnection { a, b } => {
                let (a, b) = self.resolve_pair(a, b)?;
                self.drop_connections(&a, &b);
            }
            Command::Slow { node: of, factor } => {
                let node = self.resolve(of)?;
                let same = |rule: &FaultRule| matches!(rule, FaultRule::Slow { node: known, .. } if *known == node);
                if !self.end_faults(same) && factor.is_none() {
                    return refuse(of, format!("{node} is not slow"));
                }
                if let Some(factor) = *factor {
                    self.add_fault(FaultRule::Slow { node, factor });
                }
            }
            Command::Clock { node: of, skew } => {
                let node = self.resolve(of)?;
                let same = |rule: &FaultRule| matches!(rule, FaultRule::Clock { node: known, .. } if *known == node);
                if !self.end_faults(same) && skew.is_none() {
                    return refuse(of, format!("the clock of {node} is right"));
                }
                if let Some(skew) = *skew {
                    self.add_fault(FaultRule::Clock { node, skew });
                }
            }
            Command::Heal(which) => self.heal(*which)?,
            Command::Producer { client, topic, configs } => self.add_producer(client, topic.as_ref(), configs)?,
            Command::Consumer { client, group, topics, include, configs, work } => {
                let read = match include {
                    Some(include) => self.by_pattern(group.as_ref(), include)?,
                    None => self.by_name(group.as_ref(), topics)?,
                };
                self.add_application(client, group.as_ref(), read, configs, work)?;
            }
            Command::Send { client, topic, partition, key, value, count } => {
                let topic = topic.clone().or_else(|| self.topics_of_producers.get(client).cloned());
                let Some(topic) = topic else {
                    return refuse("--topic", format!("producer {client} has no topic of its own: say --topic"));
                };
                let values: Vec<Name> = if *count == 1 {
                    vec![value.clone()]
                } else {
                    (0..*count).map(|index| Name::from(format!("{value}{index}"))).collect()
                };
                let records = values.into_iter().map(|value| (key.clone(), Some(value))).collect();
                self.send_records(client, topic, *partition, records)?;
            }
            Command::Transaction { client, call } => {
                self.call_transaction(client, call)?;
            }
            Command::Commit { client, asynchronous } => {
                let ticket = self.ticket();
                let call = if *asynchronous {
                    ConsumerCommand::CommitAsync { ticket, offsets: None }
                } else {
                    ConsumerCommand::Commit { ticket, offsets: None }
                };
                self.command_consumer(client, call)?;
            }
            Command::Seek { client, tp, offset } => {
                let seek = ConsumerCommand::Seek { tp: tp.clone(), offset: *offset };
                let is_refused = self.consumer_named(client).is_some_and(|consumer| consumer.refusal(&seek).is_some());
                self.command_consumer(client, seek)?;
                if !is_refused {
                    self.note_move(&NodeId::Client(client.clone()), tp, *offset, "seek");
                }
            }
            Command::Hang { client, hangs } => self.hang(client, *hangs)?,
            Command::Type { client, text } => self.type_line(client, text)?,
            Command::Wait(span) => {
                let until = self.now + *span;
                self.run_until(until);
            }
            // Lines of tools, which run.
            Command::Tool(_)
            | Command::CreateTopic { .. }
            | Command::DeleteTopic { .. }
            | Command::AddPartitions { .. }
            | Command::AlterConfig { .. }
            | Command::ElectLeader { .. }
            | Command::ReassignPartitions { .. }
            | Command::CancelReassignments { .. }
            | Command::AbortHangingTransaction { .. }
            | Command::DeleteRecords { .. }
            | Command::DeleteGroup { .. }
            | Command::DeleteGroupOffsets { .. }
            | Command::ResetOffsets { .. } => {}
        }
        Ok(())
    }

    /// The active controller as a live broker sees itself.
    pub fn controller(&self) -> Option<BrokerId> {
        let mut active: Vec<(i32, BrokerId)> = self
            .nodes()
            .filter_map(|(id, slot)| match (&slot.process, id) {
                (Process::Broker(broker), NodeId::Broker(id)) if broker.is_controller() => {
                    Some((broker.controller_epoch(), *id))
                }
                _ => None,
            })
            .collect();
        active.order();
        active.last().map(|(_, id)| *id)
    }

    /// The node that a reference means now.
    ///
    /// # Errors
    /// There is no such node, or nobody plays the role.
    pub fn resolve(&self, node: &NodeRef) -> Result<NodeId, CommandError> {
        let broker = match node {
            NodeRef::Node(id) => {
                if self.slot(id).is_some() && *id != Self::admin_node() {
                    return Ok(id.clone());
                }
                let known: Vec<String> =
                    self.nodes().filter(|(id, _)| **id != Self::admin_node()).map(|(id, _)| id.to_string()).collect();
                return refuse(node, format!("there is no node {id}; nodes are {}", known.join(", ")));
            }
            NodeRef::Controller => self.controller(),
            NodeRef::LeaderOf(tp) => {
                self.controller().and_then(|id| self.broker(id)).and_then(|broker| broker.known_leader(tp))
            }
            NodeRef::CoordinatorOf(group) => {
                self.controller().and_then(|id| self.broker(id)).and_then(|broker| broker.known_coordinator(group))
            }
        };
        match broker {
            Some(id) => Ok(NodeId::Broker(id)),
            None => refuse(node, format!("nobody is {node} now")),
        }
    }

    fn resolve_pair(&self, a: &NodeRef, b: &NodeRef) -> Result<(NodeId, NodeId), CommandError> {
        let pair = (self.resolve(a)?, self.resolve(b)?);
        if pair.0 == pair.1 {
            return refuse(b, "two different nodes are expected");
        }
        Ok(pair)
    }

    /// Adds a fault and returns its number.
    pub fn add_fault(&mut self, rule: FaultRule) -> u32 {
        let text = rule.to_string();
        let network = Rc::make_mut(&mut self.network);
        network.fault_count += 1;
        let id = network.fault_count;
        network.faults.insert(id, rule);
        self.observe(Self::admin_node(), self.steps, Observation::FaultAdded { fault: text.into() });
        id
    }

    fn heal(&mut self, which: Option<u32>) -> Result<(), CommandError> {
        let gone: Vec<u32> = match which {
            None => self.network.faults.keys().copied().collect(),
            Some(id) if self.network.faults.contains_key(&id) => vec![id],
            Some(id) => {
                let known: Vec<String> =
                    self.network.faults.iter().map(|(id, rule)| format!("{id} ({rule})")).collect();
                let known = if known.is_empty() { "there are none".into() } else { known.join(", ") };
                return refuse("heal", format!("there is no fault {id}; faults in force: {known}"));
            }
        };
        self.remove_faults(gone);
        Ok(())
    }

    /// Removes the faults that `of_kind` selects; false if there are none.
    fn end_faults(&mut self, of_kind: impl Fn(&FaultRule) -> bool) -> bool {
        let gone: Vec<u32> = self.network.faults.iter().filter(|(_, rule)| of_kind(rule)).map(|(id, _)| *id).collect();
        let any = !gone.is_empty();
        self.remove_faults(gone);
        any
    }

    fn remove_faults(&mut self, gone: Vec<u32>) {
        for id in gone {
            if let Some(rule) = Rc::make_mut(&mut self.network).faults.remove(&id) {
                let fault = Name::from(rule.to_string());
                self.observe(Self::admin_node(), self.steps, Observation::FaultRemoved { fault });
            }
        }
        self.release();
        self.quicken();
    }

    fn drop_connections(&mut self, a: &NodeId, b: &NodeId) {
        let between: Vec<Connection> = self
            .network
            .connections
            .keys()
            .filter(|c| (&c.client == a && &c.server == b) || (&c.client == b && &c.server == a))
            .cloned()
            .collect();
        for connection in between {
            for node in [a, b] {
                self.schedule_loss(self.now, node.clone(), connection.clone(), None);
            }
            Rc::make_mut(&mut self.network).forget(&connection);
        }
        let text = Name::from(format!("connections between {a} and {b} are reset"));
        self.observe(Self::admin_node(), self.steps, Observation::FaultAdded { fault: text });
    }
}
