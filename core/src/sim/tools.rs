//! Lines of Kafka's tools: where they run, and which question of the admin client stands behind those that are
//! commands of their own.

use super::process::{Process, ProcessCommand};
use super::world::World;
use crate::admin::AdminOp;
use crate::command::Command;
use crate::ids::{BrokerId, Name, NodeId, TopicPartition};
use crate::log::{Log, parse_log_dir_name};
use crate::protocol::admin::CreatableTopic;
use crate::shell::{ShellCommand, ToolLine, ToolRun};

/// Where a run of a tool is found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ToolTicket {
    node: NodeId,
    number: u64,
}

impl World {
    /// Runs a line of one of Kafka's tools in the process of this admin client.
    pub fn run_tool(&mut self, admin: &NodeId, mut line: ToolLine) -> ToolTicket {
        line.logs = self.logs_named(&line);
        let number = self.ticket();
        self.give(admin, ProcessCommand::Admin(ShellCommand::Run { ticket: number, line: Box::new(line) }));
        ToolTicket { node: admin.clone(), number }
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

/// What the tool asks, if the command is a line of one.
pub(super) fn question(command: &Command) -> Option<AdminOp> {
    Some(match command {
        Command::CreateTopic { topic, partitions, replication_factor, assignment, configs } => {
            AdminOp::CreateTopic(CreatableTopic {
                topic: topic.clone(),
                num_partitions: partitions.unwrap_or(-1),
                replication_factor: replication_factor.unwrap_or(-1),
                assignments: assignment.clone().unwrap_or_default(),
                configs: configs.clone(),
            })
        }
        Command::DeleteTopic { topic } => AdminOp::DeleteTopic { topic: topic.clone() },
        Command::AddPartitions { topic, partitions, assignment } => {
            AdminOp::CreatePartitions { topic: topic.clone(), total: *partitions, assignment: assignment.clone() }
        }
        Command::AlterConfig { resource, changes } => {
            AdminOp::AlterConfigs { resource: resource.clone(), changes: changes.clone() }
        }
        Command::ElectLeader { unclean, tp } => {
            AdminOp::ElectLeaders { unclean: *unclean, partitions: tp.as_ref().map(|tp| vec![tp.clone()]) }
        }
        Command::ReassignPartitions { moves } => AdminOp::Reassign {
            moves: moves.iter().map(|(tp, replicas)| (tp.clone(), Some(replicas.clone()))).collect(),
        },
        Command::CancelReassignments { partitions } => {
            AdminOp::Reassign { moves: partitions.iter().map(|tp| (tp.clone(), None)).collect() }
        }
        Command::AbortHangingTransaction { tp, start_offset } => {
            AdminOp::AbortTransaction { tp: tp.clone(), start_offset: Some(*start_offset) }
        }
        Command::DeleteGroup { group } => AdminOp::DeleteGroup { group: group.clone() },
        Command::DeleteGroupOffsets { group, topic, partitions } => {
            AdminOp::DeleteGroupOffsets { group: group.clone(), topic: topic.clone(), partitions: partitions.clone() }
        }
        Command::ResetOffsets { group, topic, partitions, to } => AdminOp::ResetOffsets {
            group: group.clone(),
            topic: topic.clone(),
            partitions: partitions.clone(),
            to: *to,
        },
        _ => return None,
    })
}
