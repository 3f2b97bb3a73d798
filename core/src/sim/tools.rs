//! Lines of Kafka's tools: where they run, and which question of the admin client stands behind those that are
//! commands of their own.

use super::process::{Process, ProcessCommand};
use super::world::World;
use crate::admin::AdminOp;
use crate::command::Command;
use crate::ids::NodeId;
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
    pub fn run_tool(&mut self, admin: &NodeId, line: ToolLine) -> ToolTicket {
        let number = self.ticket();
        self.give(admin, ProcessCommand::Admin(ShellCommand::Run { ticket: number, line: Box::new(line) }));
        ToolTicket { node: admin.clone(), number }
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
