//! Which question of the admin client stands behind a line of Kafka's tools.

use crate::admin::AdminOp;
use crate::command::Command;
use crate::protocol::admin::CreatableTopic;

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
