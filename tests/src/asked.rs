//! What the admin client is asked by a command that is a tool's line, without the tool around it: for tests of what
//! brokers and the controller refuse, which Kafka's tools often refuse first.

use playground_core::admin::AdminOp;
use playground_core::command::Command;
use playground_core::protocol::admin::CreatableTopic;

/// The question behind the command, if there is one; of several partitions of DeleteRecords the first.
pub fn asked(command: &Command) -> Option<AdminOp> {
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
            AdminOp::AbortTransaction { tp: tp.clone(), start_offset: Some(*start_offset), producer: None }
        }
        Command::DeleteGroup { group } => AdminOp::DeleteGroup { group: group.clone() },
        Command::DeleteRecords { before } => {
            let (tp, before) = before.first()?.clone();
            AdminOp::DeleteRecords { tp, before }
        }
        _ => return None,
    })
}
