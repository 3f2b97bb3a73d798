//! Topics and partitions that appear in ZooKeeper (`processTopicChange`,
//! `processPartitionModifications`, `onNewPartitionCreation`).

use crate::collections::BTreeSet;
use std::rc::Rc;

use super::context::{Replica, ReplicaPhase};
use super::election::ElectionStrategy;
use super::run::{Run, Step};
use super::znode::{TOPICS, parse_topic, topic_path};
use crate::ids::{Name, TopicPartition};
use crate::machine::Observation;

impl Run<'_> {
    /// The list of topics changed.
    pub fn topic_change(&mut self) -> Step<()> {
        let topics: BTreeSet<Name> = self.children(TOPICS, true)?.into_iter().collect();
        let known: BTreeSet<Name> = self.context.topics.keys().cloned().collect();
        for gone in known.difference(&topics) {
            self.context.remove_topic(gone);
        }
        let new: Vec<Name> = topics.difference(&known).cloned().collect();
        for topic in &new {
            Rc::make_mut(&mut self.context.topics).insert(topic.clone(), Default::default());
        }
        let partitions = self.read_topics(&new)?;
        for topic in &new {
            let of_topic = self.context.partitions_of(topic);
            let first = of_topic.first().map(|tp| self.context.assignment(tp).replicas.len()).unwrap_or(0);
            self.observe(Observation::TopicCreated {
                topic: topic.clone(),
                partitions: i32::try_from(of_topic.len()).unwrap_or(i32::MAX),
                replication_factor: i32::try_from(first).unwrap_or(i32::MAX),
            });
        }
        self.partitions_created(&partitions)
    }

    /// A topic's znode changed: partitions that are new are made. Other changes are the controller's own.
    pub fn partition_modifications(&mut self, topic: &Name) -> Step<()> {
        let Some((data, _)) = self.data(topic_path(topic), true)? else { return Ok(()) };
        let Some((_, assignments)) = parse_topic(&data) else { return Ok(()) };
        // Simplified: partitions that are added while the topic is being deleted are not taken back in
        // ZooKeeper; they go with the topic.
        if self.context.is_to_be_deleted(topic) || !self.context.topics.contains_key(topic) {
            return Ok(());
        }
        let mut added = Vec::new();
        for (partition, assignment) in assignments {
            let tp = TopicPartition { topic: topic.clone(), partition };
            if self.context.assignment(&tp).replicas.is_empty() {
                self.context.put_assignment(&tp, assignment);
                added.push(tp);
            }
        }
        self.partitions_created(&added)
    }

    fn partitions_created(&mut self, partitions: &[TopicPartition]) -> Step<()> {
        if partitions.is_empty() {
            return Ok(());
        }
        let replicas: Vec<Replica> = partitions.iter().flat_map(|tp| self.context.replicas_of(tp)).collect();
        self.partitions_to_new(partitions);
        self.replicas_to(&replicas, Some(ReplicaPhase::New))?;
        self.partitions_to_online(partitions, ElectionStrategy::Offline { allow_unclean: false })?;
        self.replicas_to(&replicas, Some(ReplicaPhase::Online))
    }
}
