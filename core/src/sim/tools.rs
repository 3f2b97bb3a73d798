//! Lines of Kafka's tools: where they run. Commands that are lines of tools run in the process of the admin client,
//! any other line in a process of its own.

use super::execute::refuse;
use super::lifecycle::slot;
use super::process::{Process, ProcessCommand};
use super::world::World;
use crate::admin::Admin;
use crate::command::{Command, CommandError, ToolText};
use crate::ids::{BrokerId, Name, NodeId, TopicPartition};
use crate::log::{Log, parse_log_dir_name};
use crate::machine::Observation;
use crate::shell::{After, Shell, ShellCommand, ToolLine, ToolRun, servers, with_address};
use crate::time::SimDuration;

/// Where a run of a tool is found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ToolTicket {
    node: NodeId,
    number: u64,
}

impl World {
    /// Runs a line of one of Kafka's tools in the process of this admin client.
    pub fn run_tool(&mut self, admin: &NodeId, line: ToolLine) -> ToolTicket {
        let number = self.ticket();
        self.give_line(admin, number, line, After::Keep);
        ToolTicket { node: admin.clone(), number }
    }

    fn give_line(&mut self, node: &NodeId, ticket: u64, mut line: ToolLine, after: After) {
        line.logs = self.logs_named(&line);
        line.servers = Some(servers(&line.words, &self.genesis.brokers));
        self.give(node, ProcessCommand::Admin(ShellCommand::Run { ticket, line: Box::new(line), after }));
    }

    /// A tool's line as it is run here.
    pub fn tool_line(&self, text: &ToolText) -> ToolLine {
        let address = |id: &BrokerId| format!("broker-{id}:9092");
        let words =
            with_address(&text.words, || self.genesis.brokers.iter().map(address).collect::<Vec<_>>().join(","));
        let stdin: Option<Name> = text.stdin.as_ref().map(|text| format!("{text}\n").into());
        ToolLine { words, is_typed: stdin.is_none(), stdin, ..ToolLine::default() }
    }

    /// A person types a line for a tool that reads.
    pub(super) fn type_line(&mut self, client: &Name, text: &Name) -> Result<(), CommandError> {
        let node = NodeId::Client(client.clone());
        let reads = match self.slot(&node).map(|slot| &slot.process) {
            // What is typed at the moment at which the tool was started waits for it.
            Some(Process::Admin(shell)) if shell.is_new() => client.starts_with("kafka-console-producer-"),
            Some(Process::Admin(shell)) => shell.running().any(|(_, tool)| &*tool == "kafka-console-producer.sh"),
            _ => false,
        };
        if !reads {
            return refuse(client, format!("there is no tool {client} that reads what is typed"));
        }
        self.give(&node, ProcessCommand::Admin(ShellCommand::Type(text.clone())));
        Ok(())
    }

    /// Begins to carry out a command that is a tool's line; false if it is none.
    pub(super) fn start_tool(&mut self, command: &Command) -> bool {
        let Some(text) = command.tool_text() else { return false };
        let line = self.tool_line(&text);
        let (node, after) = match command {
            Command::Tool(text) => (self.add_tool(text), After::Exit),
            _ => (Self::admin_node(), After::Forget),
        };
        let ticket = self.ticket();
        let told = Observation::ToolStarted { ticket, line: command.to_string().into() };
        self.observe(node.clone(), self.steps, told);
        self.give_line(&node, ticket, line, after);
        true
    }

    /// The brokers that a tool with this line asks first; none if its address is refused.
    pub fn servers_of(&self, words: &[Name]) -> Vec<BrokerId> {
        servers(words, &self.genesis.brokers).unwrap_or_default()
    }

    // Simplified: a tool's program loads in no time, Java takes a second.
    fn add_tool(&mut self, text: &ToolText) -> NodeId {
        let tool = text.words.first().map_or("tool", |tool| tool.strip_suffix(".sh").unwrap_or(tool));
        let node = loop {
            self.tools += 1;
            let node = NodeId::Client(format!("{tool}-{}", self.tools).into());
            if self.slot(&node).is_none() {
                break node;
            }
        };
        let admin = Admin::new("adminclient-1".into(), self.servers_of(&text.words));
        self.nodes.insert(node.clone(), slot(Process::Admin(Shell::new(admin))));
        self.start_process(&node, SimDuration::ZERO);
        node
    }

    /// A tool's process that was killed is told as a tool that ended (128 + 9), and nothing of it stays.
    pub(super) fn tool_killed(&mut self, node: &NodeId) -> bool {
        const KILLED: i32 = 137;
        let Some(Process::Admin(shell)) = self.slot(node).map(|slot| &slot.process) else { return false };
        let running: Vec<(u64, Name)> = shell.running().collect();
        for (ticket, tool) in running {
            self.observe(node.clone(), self.steps, Observation::ToolEnded { ticket, tool, status: KILLED });
        }
        self.nodes.remove(node);
        true
    }

    /// The logs in whose folders the files lie that `kafka-dump-log.sh` names.
    ///
    /// Simplified: all brokers may have the same `log.dirs`, so a folder is found by `data-ID` in its path.
    fn logs_named(&self, line: &ToolLine) -> Vec<(Name, Log)> {
        if line.words.first().is_none_or(|tool| &**tool != "kafka-dump-log.sh") {
            return Vec::new();
        }
        let paths = line.words.iter().flat_map(|word| word.split(',')).map(|path| path.trim_start_matches("--files="));
        let mut logs: Vec<(Name, Log)> = Vec::new();
        for (folder, _) in paths.filter_map(|path| path.rsplit_once('/')) {
            let broker = folder.split('/').find_map(|part| part.strip_prefix("data-")?.parse().ok());
            let log = broker.and_then(|broker| self.log_on_disk(broker, &parse_log_dir_name(folder).ok()?));
            if let Some(log) = log.filter(|_| logs.iter().all(|(known, _)| **known != *folder)) {
                logs.push((folder.into(), log.clone()));
            }
        }
        logs
    }

    fn log_on_disk(&self, broker: BrokerId, tp: &TopicPartition) -> Option<&Log> {
        match &self.slot(&NodeId::Broker(broker))?.process {
            Process::Broker(broker) => broker.log(tp),
            Process::BrokerDown(durable, _) => durable.logs.get(tp),
            _ => None,
        }
    }

    /// What became of it so far.
    pub fn tool_run(&self, ticket: &ToolTicket) -> Option<&ToolRun> {
        match &self.slot(&ticket.node)?.process {
            Process::Admin(shell) => shell.run(ticket.number),
            _ => None,
        }
    }
}
