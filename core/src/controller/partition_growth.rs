//! CreatePartitions (`ZkAdminManager.createPartitions`): partitions can be added, never removed; no
//! record moves.

use crate::collections::{BTreeMap, BTreeSet};

use super::admin::{AdminRequest, Checked, done, refused};
use super::assignment::ReplicaAssignment;
use super::placement::{assign_added_partitions, check_counts};
use super::run::{Run, Step};
use super::znode::{parse_topic, topic_data, topic_path};
use crate::ids::{BrokerId, Name, TopicPartition};
use crate::protocol::admin::CreatePartitionsRequest;
use crate::protocol::zookeeper::ZkOp;
use crate::protocol::{ErrorCode, Response};

type Added = BTreeMap<i32, Vec<BrokerId>>;

impl Run<'_> {
    /// CreatePartitions.
    pub fn create_partitions(&mut self, asked: &AdminRequest, request: &CreatePartitionsRequest) -> Step<()> {
        let mut topics = Vec::new();
        for (topic, total, assignments) in &request.topics {
            let twice = request.topics.iter().filter(|(other, ..)| other == topic).count() > 1;
            let outcome = if twice {
                Err((ErrorCode::InvalidRequest, "Duplicate topic in request.".to_owned()))
            } else if self.context.is_to_be_deleted(topic) {
                Err((ErrorCode::InvalidTopicException, "The topic is queued for deletion.".to_owned()))
            } else {
                self.grow(asked, topic, *total, assignments.as_deref())?
            };
            topics.push(match outcome {
                Ok(partitions) => {
                    let of_topic = |partition| TopicPartition { topic: topic.clone(), partition };
                    (done(topic), partitions.into_iter().map(of_topic).collect())
                }
                Err((error, message)) => (refused(topic, error, message), Vec::new()),
            });
        }
        self.answer_when_led(asked, topics, request.timeout_ms, false, Response::CreatePartitions);
        Ok(())
    }

    fn grow(
        &mut self,
        asked: &AdminRequest,
        topic: &Name,
        total: i32,
        assignments: Option<&[Vec<BrokerId>]>,
    ) -> Checked<Vec<i32>> {
        let read = self.data(topic_path(topic), false)?;
        let Some((id, mut existing)) = read.and_then(|(data, _)| parse_topic(&data)) else {
            let message = format!("The topic '{topic}' does not exist.");
            return Ok(Err((ErrorCode::UnknownTopicOrPartition, message)));
        };
        let added = match self.added(asked, topic, total, assignments, &existing) {
            Ok(added) => added,
            Err(refused) => return Ok(Err(refused)),
        };
        existing.extend(added.into_iter().map(|(partition, ids)| (partition, ReplicaAssignment::of(ids))));
        let op = ZkOp::SetData { path: topic_path(topic), data: topic_data(id, &existing), version: -1 };
        Ok(match self.ask_one(op)? {
            Ok(_) => Ok(existing.into_keys().collect()),
            Err(error) => Err((ErrorCode::UnknownServerError, error.name().to_owned())),
        })
    }

    /// The checks, and the replicas of the partitions to be added.
    fn added(
        &self,
        asked: &AdminRequest,
        topic: &Name,
        total: i32,
        assignments: Option<&[Vec<BrokerId>]>,
        existing: &BTreeMap<i32, ReplicaAssignment>,
    ) -> Result<Added, (ErrorCode, String)> {
        if existing.values().any(ReplicaAssignment::is_being_reassigned) {
            let message = format!("A partition reassignment is in progress for the topic '{topic}'.");
            return Err((ErrorCode::ReassignmentInProgress, message));
        }
        let old = i32::try_from(existing.len()).unwrap_or(i32::MAX);
        if total < old {
            let message = format!("Topic currently has {old} partitions, which is higher than the requested {total}.");
            return Err((ErrorCode::InvalidPartitions, message));
        }
        if total == old {
            return Err((ErrorCode::InvalidPartitions, format!("Topic already has {old} partitions.")));
        }
        let replicas: Vec<Vec<BrokerId>> = existing.values().map(|assignment| assignment.replicas.clone()).collect();
        let Some(assignments) = assignments else {
            let brokers = self.placeable(asked);
            let factor = replicas.first().map_or(0, Vec::len);
            check_counts(brokers.len(), total - old, i32::try_from(factor).unwrap_or(i32::MAX))?;
            return assign_added_partitions(topic, &brokers, &replicas, total);
        };
        check_assignments(asked, total - old, assignments, replicas.first().map_or(0, Vec::len), old)?;
        Ok((old..).zip(assignments.iter().cloned()).collect())
    }
}

fn print(ids: impl IntoIterator<Item = BrokerId>) -> String {
    ids.into_iter().map(|id| id.to_string()).collect::<Vec<_>>().join(", ")
}

/// A hand-made assignment of partitions from `first` on.
fn check_assignments(
    asked: &AdminRequest,
    increment: i32,
    assignments: &[Vec<BrokerId>],
    replication_factor: usize,
    first: i32,
) -> Result<(), (ErrorCode, String)> {
    let invalid = |message: String| Err((ErrorCode::InvalidReplicaAssignment, message));
    let unknown: BTreeSet<BrokerId> =
        assignments.iter().flatten().copied().filter(|id| !asked.alive.contains(id)).collect();
    if !unknown.is_empty() {
        return invalid(format!("Unknown broker(s) in replica assignment: {}.", print(unknown)));
    }
    if usize::try_from(increment) != Ok(assignments.len()) {
        return invalid(format!(
            "Increasing the number of partitions by {increment} but {} assignments provided.",
            assignments.len()
        ));
    }
    for (partition, ids) in (first..).zip(assignments) {
        if ids.is_empty() {
            return invalid(format!("Cannot have replication factor of 0 for partition id {partition}."));
        }
        if ids.iter().collect::<BTreeSet<_>>().len() != ids.len() {
            return invalid(format!(
                "Duplicate brokers not allowed in replica assignment: {} for partition id {partition}.",
                print(ids.iter().copied())
            ));
        }
    }
    let odd: Vec<(i32, usize)> =
        (first..).zip(assignments.iter().map(Vec::len)).filter(|(_, count)| *count != replication_factor).collect();
    if !odd.is_empty() {
        let partitions = odd.iter().map(|(partition, _)| partition.to_string()).collect::<Vec<_>>().join(", ");
        let counts = odd.iter().map(|(_, count)| count.to_string()).collect::<Vec<_>>().join(", ");
        return invalid(format!(
            "Inconsistent replication factor between partitions, partition 0 has {replication_factor} while partitions \
             [{partitions}] have replication factors [{counts}], respectively."
        ));
    }
    Ok(())
}
