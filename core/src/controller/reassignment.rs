//! Moving replicas (`onPartitionReassignment`, KIP-455): new replicas are added and catch up; when
//! the whole target is in sync, leadership moves if it must and the replicas that leave are deleted.
//!
//! Leaves out the legacy trigger `/admin/reassign_partitions`.

use crate::collections::{BTreeMap, BTreeSet};

use super::assignment::ReplicaAssignment;
use super::batch::Batch;
use super::context::{Replica, ReplicaPhase};
use super::election::ElectionStrategy;
use super::run::{Run, Step};
use super::znode::{topic_data, topic_path};
use crate::ids::{BrokerId, TopicPartition};
use crate::protocol::admin::{
    AlterPartitionReassignmentsRequest, ListPartitionReassignmentsResponse, PartitionsResponse,
};
use crate::protocol::zookeeper::ZkOp;
use crate::protocol::{ErrorCode, Response};

type Refused = (ErrorCode, String);

impl Run<'_> {
    /// AlterPartitionReassignments.
    pub fn alter_reassignments(&mut self, request: &AlterPartitionReassignmentsRequest) -> Step<Response> {
        let mut partitions = Vec::new();
        for (tp, target) in &request.partitions {
            let (error, message) = match self.planned(tp, target.as_deref()) {
                Ok(assignment) => self.begin(tp, &assignment)?,
                Err(refused) => refused,
            };
            partitions.push((tp.clone(), error, message));
        }
        let answer = PartitionsResponse { error: ErrorCode::None, partitions };
        Ok(Response::AlterPartitionReassignments(answer))
    }

    /// The assignment that the wish leads to; `None` as target gives a pending move up.
    fn planned(&self, tp: &TopicPartition, target: Option<&[BrokerId]>) -> Result<ReplicaAssignment, Refused> {
        let current = self.context.assignment(tp);
        let Some(target) = target else {
            return if current.is_being_reassigned() {
                Ok(current.reassign_to(&current.origin()))
            } else {
                Err((ErrorCode::NoReassignmentInProgress, String::new()))
            };
        };
        let invalid = |message: String| Err((ErrorCode::InvalidReplicaAssignment, message));
        let printed = target.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        if target.is_empty() {
            return invalid("Empty replica list specified in partition reassignment.".into());
        }
        if target.iter().collect::<BTreeSet<_>>().len() != target.len() {
            return invalid(format!("Duplicate replica ids in partition reassignment replica list: {printed}"));
        }
        if target.iter().any(|id| *id < 0) {
            return invalid(format!("Invalid broker id in replica list: {printed}"));
        }
        let planned = current.reassign_to(target);
        let live = self.context.live_ids();
        if planned.adding.iter().any(|id| !live.contains(id)) {
            let live = live.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            return invalid(format!(
                "Replica assignment has brokers that are not alive. Replica list: {printed}, live broker list: {live}"
            ));
        }
        Ok(planned)
    }

    fn begin(&mut self, tp: &TopicPartition, assignment: &ReplicaAssignment) -> Step<Refused> {
        if self.context.is_to_be_deleted(&tp.topic) {
            return Ok((ErrorCode::UnknownTopicOrPartition, "The topic is being deleted".into()));
        }
        if self.context.assignment(tp).replicas.is_empty() {
            return Ok((ErrorCode::UnknownTopicOrPartition, "The partition does not exist".into()));
        }
        self.reassign(tp, assignment)?;
        Ok((ErrorCode::None, String::new()))
    }

    /// ListPartitionReassignments.
    pub fn list_reassignments(&self) -> Response {
        let moving = self.context.reassigning.iter().filter_map(|tp| {
            let assignment = self.context.assignment(tp);
            let pending = assignment.is_being_reassigned();
            pending.then(|| (tp.clone(), assignment.replicas, assignment.adding, assignment.removing))
        });
        let partitions = moving.collect();
        let answer = ListPartitionReassignmentsResponse { error: ErrorCode::None, partitions };
        Response::ListPartitionReassignments(answer)
    }

    /// Goes on with pending moves: all of them, or those whose target one of `brokers` belongs to.
    pub fn resume_reassignments(&mut self, brokers: &BTreeSet<BrokerId>) -> Step<()> {
        for tp in self.context.reassigning.clone() {
            let assignment = self.context.assignment(&tp);
            if brokers.is_empty() || assignment.target().iter().any(|id| brokers.contains(id)) {
                self.reassign(&tp, &assignment)?;
            }
        }
        Ok(())
    }

    /// An ISR grew: a pending move may be complete.
    pub fn maybe_complete_reassignment(&mut self, tp: &TopicPartition) -> Step<()> {
        let assignment = self.context.assignment(tp);
        if self.context.reassigning.contains(tp) && self.is_complete(tp, &assignment)? {
            self.reassign(tp, &assignment)?;
        }
        Ok(())
    }

    fn is_complete(&mut self, tp: &TopicPartition, assignment: &ReplicaAssignment) -> Step<bool> {
        if !assignment.is_being_reassigned() {
            return Ok(true);
        }
        let states = self.read_states(std::slice::from_ref(tp))?;
        let isr = states.into_iter().next().flatten().map(|state| state.isr);
        Ok(isr.is_some_and(|isr| assignment.target().iter().all(|id| isr.contains(id))))
    }

    /// One step of a move: its beginning, or its end.
    fn reassign(&mut self, tp: &TopicPartition, assignment: &ReplicaAssignment) -> Step<()> {
        let topic = BTreeSet::from([tp.topic.clone()]);
        self.halt_deletion(&topic);
        self.update_current(tp, assignment)?;
        let of = |ids: &[BrokerId]| -> Vec<Replica> { ids.iter().map(|id| (tp.clone(), *id)).collect() };
        if !self.is_complete(tp, assignment)? {
            self.raise_epoch_and_tell(tp, assignment)?;
            return self.replicas_to(&of(&assignment.adding), Some(ReplicaPhase::New));
        }
        self.replicas_to(&of(&assignment.adding), Some(ReplicaPhase::Online))?;
        let completed = ReplicaAssignment::of(assignment.target());
        self.context.put_assignment(tp, completed.clone());
        self.move_leader_if_required(tp, &completed)?;
        self.remove_replicas(tp, &assignment.removing)?;
        self.write_assignment(tp)?;
        self.context.reassigning.remove(tp);
        self.update_metadata(&self.context.live_or_shutting_down(), std::slice::from_ref(tp));
        self.resume_deletion_for(&topic)
    }

    /// The new assignment is written and remembered; replicas that no longer belong to it go.
    fn update_current(&mut self, tp: &TopicPartition, assignment: &ReplicaAssignment) -> Step<()> {
        let current = self.context.assignment(tp);
        if &current != assignment {
            self.context.put_assignment(tp, assignment.clone());
            self.write_assignment(tp)?;
            let unneeded: Vec<BrokerId> =
                current.replicas.iter().copied().filter(|id| !assignment.replicas.contains(id)).collect();
            self.remove_replicas(tp, &unneeded)?;
        }
        self.context.reassigning.insert(tp.clone());
        Ok(())
    }

    fn write_assignment(&mut self, tp: &TopicPartition) -> Step<()> {
        let id = self.context.topics.get(&tp.topic).copied().unwrap_or_default();
        let partitions = self.context.partitions_of(&tp.topic);
        let all: BTreeMap<i32, ReplicaAssignment> =
            partitions.into_iter().map(|tp| (tp.partition, self.context.assignment(&tp))).collect();
        let op = ZkOp::SetData { path: topic_path(&tp.topic), data: topic_data(id, &all), version: -1 };
        self.write(vec![op]).map(|_| ())
    }

    /// The present leader goes on in a new epoch, so that every replica takes the new assignment in.
    fn raise_epoch_and_tell(&mut self, tp: &TopicPartition, assignment: &ReplicaAssignment) -> Step<()> {
        loop {
            let read = self.read_states(std::slice::from_ref(tp))?;
            let Some(state) = read.into_iter().next().flatten() else { return Ok(()) };
            let next = state.next(state.leader, state.isr.clone());
            let (written, conflicts) = self.update_states(vec![(tp.clone(), next)])?;
            if let Some((tp, leadership)) = written.first() {
                let mut batch = Batch::default();
                // Those that are added may be put into any log directory that works.
                batch.leader_and_isr(self.context, &assignment.origin(), tp, leadership, false);
                batch.leader_and_isr(self.context, &assignment.adding, tp, leadership, true);
                self.send(batch);
            }
            if conflicts.is_empty() {
                return Ok(());
            }
        }
    }

    fn move_leader_if_required(&mut self, tp: &TopicPartition, completed: &ReplicaAssignment) -> Step<()> {
        let leader = self.context.leader_of(tp).unwrap_or(-1);
        if completed.replicas.contains(&leader) && self.context.is_replica_online(leader, tp) {
            return self.raise_epoch_and_tell(tp, completed);
        }
        self.partitions_to_online(std::slice::from_ref(tp), ElectionStrategy::Reassign).map(|_| ())
    }

    fn remove_replicas(&mut self, tp: &TopicPartition, ids: &[BrokerId]) -> Step<()> {
        let replicas: Vec<Replica> = ids.iter().map(|id| (tp.clone(), *id)).collect();
        self.replicas_to(&replicas, Some(ReplicaPhase::Offline))?;
        self.replicas_to(&replicas, Some(ReplicaPhase::DeletionStarted))?;
        self.replicas_to(&replicas, Some(ReplicaPhase::DeletionSuccessful))?;
        self.replicas_to(&replicas, None)
    }
}
