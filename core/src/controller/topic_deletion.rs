//! Topics that are to go (`TopicDeletionManager`): brokers delete their replicas, then the znodes
//! go. A replica on a dead broker holds the deletion up until the broker returns.

use crate::collections::BTreeSet;

use super::context::{Replica, ReplicaPhase};
use super::run::{Run, Step};
use super::znode::{
    DELETE_TOPICS, config_path, delete_topic_path, partition_path, partitions_path, state_path, topic_path,
};
use crate::ids::{BrokerId, Name, TopicPartition};
use crate::machine::Observation;
use crate::protocol::ErrorCode;
use crate::protocol::zookeeper::{ZkOp, ZkResult};

impl Run<'_> {
    /// Someone put a topic under `/admin/delete_topics`.
    pub fn topic_deletion(&mut self) -> Step<()> {
        let asked = self.children(DELETE_TOPICS, true)?;
        let (known, unknown): (Vec<Name>, Vec<Name>) =
            asked.into_iter().partition(|topic| self.context.topics.contains_key(topic));
        self.forget_deletions(&unknown)?;
        if !self.config.delete_topic_enable {
            return self.forget_deletions(&known);
        }
        if known.is_empty() {
            return Ok(());
        }
        // As in Kafka, a reassignment holds up only a deletion that was queued before: of the topics asked for now
        // none is queued yet when they are marked (recorded: a topic that is being moved is deleted at once).
        let moving: BTreeSet<Name> = self.context.reassigning.iter().map(|tp| tp.topic.clone()).collect();
        self.halt_deletion(&known.iter().filter(|topic| moving.contains(*topic)).cloned().collect());
        self.context.to_be_deleted.extend(known);
        self.resume_deletions()
    }

    /// Removes wishes that are not to be fulfilled.
    pub fn forget_deletions(&mut self, topics: &[Name]) -> Step<()> {
        let ops = topics.iter().map(|topic| ZkOp::Delete { path: delete_topic_path(topic), version: -1 }).collect();
        self.write(ops).map(|_| ())
    }

    /// Carries deletions as far as they can go now.
    pub fn resume_deletions(&mut self) -> Step<()> {
        let (mut retry, mut eligible) = (Vec::new(), BTreeSet::new());
        for topic in self.context.to_be_deleted.clone() {
            let phases: Vec<Option<ReplicaPhase>> = self
                .context
                .replicas_of_topic(&topic)
                .iter()
                .map(|replica| self.context.replica_phases.get(replica).copied())
                .collect();
            let started = phases.contains(&Some(ReplicaPhase::DeletionStarted));
            if phases.iter().all(|phase| *phase == Some(ReplicaPhase::DeletionSuccessful)) {
                self.complete_deletion(&topic)?;
                continue;
            }
            if !started {
                retry.extend(self.context.replicas_in(&topic, ReplicaPhase::DeletionIneligible));
            }
            if !started && !self.context.deletion_ineligible.contains(&topic) {
                eligible.insert(topic);
            }
        }
        self.replicas_to(&retry, Some(ReplicaPhase::Offline))?;
        if eligible.is_empty() { Ok(()) } else { self.delete_topics(&eligible) }
    }

    /// Tells everybody that the topics go, and the live replicas' brokers to delete.
    fn delete_topics(&mut self, topics: &BTreeSet<Name>) -> Step<()> {
        let partitions_of = |run: &Self, topics: &BTreeSet<Name>| -> Vec<TopicPartition> {
            topics.iter().flat_map(|topic| run.context.partitions_of(topic)).collect()
        };
        let unseen: BTreeSet<Name> = topics.difference(&self.context.deletion_started).cloned().collect();
        let partitions = partitions_of(self, &unseen);
        self.partitions_to_offline(&partitions);
        self.partitions_to_non_existent(&partitions);
        self.context.deletion_started.extend(unseen);
        let partitions = partitions_of(self, topics);
        self.update_metadata(&self.context.live_or_shutting_down(), &partitions);
        let (mut dead, mut alive) = (Vec::new(), Vec::new());
        for topic in topics {
            for replica in self.context.replicas_of_topic(topic) {
                if !self.context.is_replica_online(replica.1, &replica.0) {
                    dead.push(replica);
                } else if self.context.replica_phases.get(&replica) != Some(&ReplicaPhase::DeletionSuccessful) {
                    alive.push(replica);
                }
            }
        }
        self.replicas_to(&dead, Some(ReplicaPhase::DeletionIneligible))?;
        self.replicas_to(&alive, Some(ReplicaPhase::Offline))?;
        self.replicas_to(&alive, Some(ReplicaPhase::DeletionStarted))?;
        let halted: BTreeSet<Name> = dead.into_iter().map(|(tp, _)| tp.topic).collect();
        self.halt_deletion(&halted);
        Ok(())
    }

    /// Topics that cannot be deleted now.
    pub fn halt_deletion(&mut self, topics: &BTreeSet<Name>) {
        let halted = topics.intersection(&self.context.to_be_deleted).cloned().collect::<Vec<_>>();
        self.context.deletion_ineligible.extend(halted);
    }

    /// Something that held up the deletion of these topics is over.
    pub fn resume_deletion_for(&mut self, topics: &BTreeSet<Name>) -> Step<()> {
        let resumed: Vec<Name> = topics.intersection(&self.context.to_be_deleted).cloned().collect();
        if resumed.is_empty() {
            return Ok(());
        }
        for topic in &resumed {
            self.context.deletion_ineligible.remove(topic);
        }
        self.resume_deletions()
    }

    /// Replicas that cannot be deleted now: their broker is gone or refused.
    pub fn fail_replica_deletion(&mut self, replicas: &[Replica]) -> Step<()> {
        let failed: Vec<Replica> =
            replicas.iter().filter(|(tp, _)| self.context.is_to_be_deleted(&tp.topic)).cloned().collect();
        if failed.is_empty() {
            return Ok(());
        }
        self.replicas_to(&failed, Some(ReplicaPhase::DeletionIneligible))?;
        let topics = failed.into_iter().map(|(tp, _)| tp.topic).collect();
        self.halt_deletion(&topics);
        self.resume_deletions()
    }

    /// A broker has deleted replicas, or could not.
    pub fn replicas_deleted(&mut self, broker: BrokerId, results: &[(TopicPartition, ErrorCode)]) -> Step<()> {
        let of = |failed: bool| -> Vec<Replica> {
            let matching = results.iter().filter(|(_, error)| error.is_none() != failed);
            matching.map(|(tp, _)| (tp.clone(), broker)).collect()
        };
        self.fail_replica_deletion(&of(true))?;
        let deleted: Vec<Replica> =
            of(false).into_iter().filter(|(tp, _)| self.context.is_to_be_deleted(&tp.topic)).collect();
        if deleted.is_empty() {
            return Ok(());
        }
        self.replicas_to(&deleted, Some(ReplicaPhase::DeletionSuccessful))?;
        self.resume_deletions()
    }

    /// Every replica is gone: so are the znodes, from the leaves up, and the wish itself last.
    fn complete_deletion(&mut self, topic: &Name) -> Step<()> {
        let replicas = self.context.replicas_in(topic, ReplicaPhase::DeletionSuccessful);
        self.replicas_to(&replicas, None)?;
        let delete = |path: Name| ZkOp::Delete { path, version: -1 };
        // What is there is read, as `deleteRecursive` does: partitions that never had a leader have no state.
        let numbers = match self.ask_one(ZkOp::GetChildren { path: partitions_path(topic), watch: false })? {
            Ok(ZkResult::Children(names)) => names,
            _ => Vec::new(),
        };
        let partitions: Vec<TopicPartition> = numbers
            .iter()
            .filter_map(|number| Some(TopicPartition { topic: topic.clone(), partition: number.parse().ok()? }))
            .collect();
        self.write(partitions.iter().map(|tp| delete(state_path(tp))).collect())?;
        self.write(partitions.iter().map(|tp| delete(partition_path(tp))).collect())?;
        let rest = [partitions_path(topic), topic_path(topic), config_path(topic), delete_topic_path(topic)];
        self.write(rest.into_iter().map(delete).collect())?;
        self.context.remove_topic(topic);
        self.observe(Observation::TopicDeleted { topic: topic.clone() });
        Ok(())
    }
}
