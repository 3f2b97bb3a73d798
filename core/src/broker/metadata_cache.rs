//! What a broker knows of the cluster, as UpdateMetadata told it (`ZkMetadataCache`).

use crate::collections::{BTreeMap, BTreeSet, OnWrite};

use crate::controller::KnownMetadata;
use crate::controller::topic_name::invalid_name;
use crate::ids::{BrokerId, Name, TopicPartition, Uuid};
use crate::protocol::ErrorCode;
use crate::protocol::control::{PartitionState, UpdateMetadataRequest};
use crate::protocol::metadata::{MetadataResponse, PartitionMetadata, TopicMetadata};

/// The cache; it lags behind the controller.
#[derive(Clone, Debug, Default)]
pub struct MetadataCache {
    /// Live brokers.
    pub alive: BTreeSet<BrokerId>,
    /// `broker.rack` of live brokers that have one.
    pub racks: BTreeMap<BrokerId, Name>,
    /// Who sent the newest update.
    pub controller: Option<BrokerId>,
    /// Partitions by name and number.
    pub partitions: BTreeMap<TopicPartition, OnWrite<PartitionState>>,
}

/// True for topics that Kafka keeps for itself.
pub fn is_internal(topic: &str) -> bool {
    matches!(topic, "__consumer_offsets" | "__transaction_state")
}

impl MetadataCache {
    /// Takes an update in.
    pub fn update(&mut self, request: &UpdateMetadataRequest) {
        self.alive = request.live_brokers.iter().copied().collect();
        self.racks = request.racks.iter().cloned().collect();
        self.controller = Some(request.controller_id);
        for state in &request.partitions {
            if state.leader == -2 {
                self.partitions.remove(&state.tp);
            } else if self.partitions.get(&state.tp).is_none_or(|known| known != state) {
                self.partitions.insert(state.tp.clone(), state.clone());
            }
        }
    }

    /// Partitions of a topic, by number.
    pub fn partitions_of<'a>(&'a self, topic: &Name) -> impl Iterator<Item = &'a PartitionState> + use<'a> {
        let first = TopicPartition { topic: topic.clone(), partition: 0 };
        let topic = topic.clone();
        self.partitions.range(first..).take_while(move |(tp, _)| tp.topic == topic).map(|(_, state)| &**state)
    }

    /// True if the topic is known.
    pub fn has_topic(&self, topic: &Name) -> bool {
        self.partitions_of(topic).next().is_some()
    }

    /// True if the partition is known.
    pub fn has_partition(&self, tp: &TopicPartition) -> bool {
        self.partitions.contains_key(tp)
    }

    /// The leader, if it is alive.
    pub fn leader_of(&self, tp: &TopicPartition) -> Option<BrokerId> {
        self.partitions.get(tp).map(|state| state.leader).filter(|leader| self.alive.contains(leader))
    }

    fn topics(&self) -> Vec<Name> {
        let mut topics: Vec<Name> = self.partitions.keys().map(|tp| tp.topic.clone()).collect();
        topics.dedup();
        topics
    }

    /// Answers a Metadata request; topics that are not known get UNKNOWN_TOPIC_OR_PARTITION, names that
    /// no topic can have INVALID_TOPIC_EXCEPTION.
    pub fn describe(&self, topics: Option<&[Name]>) -> MetadataResponse {
        let topics = topics.map_or_else(|| self.topics(), <[Name]>::to_vec);
        MetadataResponse {
            brokers: self.alive.iter().copied().collect(),
            racks: self.racks.iter().map(|(id, rack)| (*id, rack.clone())).collect(),
            controller_id: self.controller.filter(|id| self.alive.contains(id)).unwrap_or(-1),
            topics: topics.iter().map(|topic| self.describe_topic(topic)).collect(),
        }
    }

    fn describe_topic(&self, topic: &Name) -> TopicMetadata {
        let partitions: Vec<PartitionMetadata> =
            self.partitions_of(topic).map(|state| self.describe_partition(state)).collect();
        let error = if !partitions.is_empty() {
            ErrorCode::None
        } else if invalid_name(topic).is_some() {
            ErrorCode::InvalidTopicException
        } else {
            ErrorCode::UnknownTopicOrPartition
        };
        TopicMetadata {
            error,
            topic: topic.clone(),
            topic_id: self.partitions_of(topic).next().map_or(Uuid(0), |state| state.topic_id),
            is_internal: is_internal(topic),
            partitions,
        }
    }

    fn describe_partition(&self, state: &PartitionState) -> PartitionMetadata {
        let led = self.alive.contains(&state.leader);
        PartitionMetadata {
            error: if led { ErrorCode::None } else { ErrorCode::LeaderNotAvailable },
            partition: state.tp.partition,
            leader_id: if led { state.leader } else { -1 },
            leader_epoch: state.leader_epoch,
            replicas: state.replicas.clone(),
            isr: state.isr.clone(),
            offline_replicas: state.replicas.iter().copied().filter(|id| !self.alive.contains(id)).collect(),
        }
    }
}

impl KnownMetadata for MetadataCache {
    fn has_topic(&self, topic: &Name) -> bool {
        Self::has_topic(self, topic)
    }

    fn leader_of(&self, tp: &TopicPartition) -> Option<BrokerId> {
        Self::leader_of(self, tp)
    }

    fn alive(&self) -> &BTreeSet<BrokerId> {
        &self.alive
    }
}
