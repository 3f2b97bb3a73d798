//! CreateTopics (`ZkAdminManager.createTopics`): the checks in Kafka's order, then the config znode,
//! then the topic's.

use crate::collections::{BTreeMap, BTreeSet};

use super::admin::{AdminRequest, Checked, done, refused};
use super::assignment::ReplicaAssignment;
use super::placement::{PlacementStart, assign_replicas, check_counts};
use super::run::{Run, Step};
use super::topic_name::{collides, has_collision_chars, invalid_name};
use super::znode::{DELETE_TOPICS, config_data, config_path, topic_data, topic_path};
use crate::config::TopicConfig;
use crate::ids::{BrokerId, Name, TopicPartition, Uuid};
use crate::protocol::admin::{CreatableTopic, CreateTopicsRequest};
use crate::protocol::zookeeper::{CreateMode, ZkError, ZkOp};
use crate::protocol::{ErrorCode, Response};

type Assignments = BTreeMap<i32, Vec<BrokerId>>;

impl Run<'_> {
    /// CreateTopics.
    pub fn create_topics(&mut self, asked: &AdminRequest, request: &CreateTopicsRequest) -> Step<()> {
        let mut topics = Vec::new();
        for wish in &request.topics {
            let twice = request.topics.iter().filter(|other| other.topic == wish.topic).count() > 1;
            let outcome = if twice {
                Err((ErrorCode::InvalidRequest, "Found multiple entries for this topic.".to_owned()))
            } else {
                self.create_topic(asked, wish, request.validate_only)?
            };
            topics.push(match outcome {
                Ok(assignments) => {
                    let partitions = assignments.into_keys();
                    let of_topic = |partition| TopicPartition { topic: wish.topic.clone(), partition };
                    (done(&wish.topic), partitions.map(of_topic).collect())
                }
                Err((error, message)) => (refused(&wish.topic, error, message), Vec::new()),
            });
        }
        self.answer_when_led(asked, topics, request.timeout_ms, request.validate_only, Response::CreateTopics);
        Ok(())
    }

    fn create_topic(
        &mut self,
        asked: &AdminRequest,
        wish: &CreatableTopic,
        validate_only: bool,
    ) -> Checked<Assignments> {
        let topic = &wish.topic;
        let exists = || Err((ErrorCode::TopicAlreadyExists, format!("Topic '{topic}' already exists.")));
        if asked.known.contains(topic) {
            return Ok(exists());
        }
        if !wish.assignments.is_empty() && (wish.num_partitions != -1 || wish.replication_factor != -1) {
            let message = "Both numPartitions or replicationFactor and replicasAssignments were set. \
                           Both cannot be used at the same time.";
            return Ok(Err((ErrorCode::InvalidRequest, message.into())));
        }
        let assignments = if wish.assignments.is_empty() {
            match self.place(asked, wish) {
                Ok(assignments) => assignments,
                Err(refused) => return Ok(Err(refused)),
            }
        } else {
            (0..).zip(wish.assignments.iter().cloned()).collect()
        };
        if let Err(refused) = self.check_new_topic(topic, &assignments, &wish.configs)? {
            return Ok(Err(refused));
        }
        if validate_only {
            return Ok(Ok(assignments));
        }
        self.write_topic_config(topic, &wish.configs)?;
        let id = Uuid(u128::from(self.draw(u64::MAX)) << 64 | u128::from(self.draw(u64::MAX)));
        let full = assignments.iter().map(|(p, ids)| (*p, ReplicaAssignment::of(ids.clone()))).collect();
        let data = topic_data(id, &full);
        let op = ZkOp::Create { path: topic_path(topic), data, mode: CreateMode::Persistent };
        Ok(match self.ask_one(op)? {
            Ok(_) => Ok(assignments),
            Err(ZkError::NodeExists) => exists(),
            Err(error) => Err((ErrorCode::UnknownServerError, error.name().to_owned())),
        })
    }

    fn place(&mut self, asked: &AdminRequest, wish: &CreatableTopic) -> Result<Assignments, (ErrorCode, String)> {
        let brokers = self.placeable(asked);
        let partitions = if wish.num_partitions == -1 { self.config.num_partitions } else { wish.num_partitions };
        let replication_factor = match wish.replication_factor {
            -1 => self.config.default_replication_factor,
            factor => i32::from(factor),
        };
        // Refused before chance is asked, so that a refusal costs no draw.
        check_counts(brokers.len(), partitions, replication_factor)?;
        let count = brokers.len() as u64;
        let start_index = self.draw(count);
        let replica_shift = self.draw(count);
        let start = PlacementStart { start_index, replica_shift, first_partition: 0 };
        assign_replicas(&brokers, partitions, replication_factor, start)
    }

    /// `AdminZkClient.validateTopicCreate`.
    fn check_new_topic(&mut self, topic: &Name, assignments: &Assignments, configs: &[(Name, Name)]) -> Checked<()> {
        if &**topic == "__cluster_metadata" {
            let message = format!("Creation of internal topic {topic} is prohibited.");
            return Ok(Err((ErrorCode::InvalidRequest, message)));
        }
        if let Some(message) = invalid_name(topic) {
            return Ok(Err((ErrorCode::InvalidTopicException, message)));
        }
        let all = self.topics_in_zookeeper()?;
        if all.contains(topic) {
            let going = self.children(DELETE_TOPICS, false)?.contains(topic);
            let what = if going { "is marked for deletion" } else { "already exists" };
            return Ok(Err((ErrorCode::TopicAlreadyExists, format!("Topic '{topic}' {what}."))));
        }
        if has_collision_chars(topic) {
            let colliding: Vec<&str> = all.iter().map(|name| &**name).filter(|name| collides(topic, name)).collect();
            if !colliding.is_empty() {
                let message = format!("Topic '{topic}' collides with existing topics: {}", colliding.join(", "));
                return Ok(Err((ErrorCode::InvalidTopicException, message)));
            }
        }
        let invalid = |message: String| Ok(Err((ErrorCode::InvalidReplicaAssignment, message)));
        if assignments.values().map(Vec::len).collect::<BTreeSet<_>>().len() != 1 {
            return invalid("All partitions should have the same number of replicas".into());
        }
        if assignments.values().any(|ids| ids.iter().collect::<BTreeSet<_>>().len() != ids.len()) {
            return invalid(format!("Duplicate replica assignment found: {}", printed(assignments)));
        }
        if let Err(error) = TopicConfig::new(self.config, configs) {
            return Ok(Err((ErrorCode::InvalidConfig, error.to_string())));
        }
        Ok(Ok(()))
    }

    fn write_topic_config(&mut self, topic: &Name, configs: &[(Name, Name)]) -> Step<()> {
        let path = config_path(topic);
        let data = config_data(configs);
        let set = ZkOp::SetData { path: path.clone(), data: data.clone(), version: -1 };
        if self.ask_one(set)? == Err(ZkError::NoNode) {
            self.ask_one(ZkOp::Create { path, data, mode: CreateMode::Persistent })?.ok();
        }
        Ok(())
    }
}

fn printed(assignments: &Assignments) -> String {
    let one = |(partition, ids): (&i32, &Vec<BrokerId>)| {
        let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
        format!("{partition} -> List({})", ids.join(", "))
    };
    format!("Map({})", assignments.iter().map(one).collect::<Vec<_>>().join(", "))
}
