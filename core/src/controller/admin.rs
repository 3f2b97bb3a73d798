//! Requests about topics (`ZkAdminManager`, `AdminZkClient`). They are handled outside of the event
//! queue: checked, written to ZooKeeper without the controller's guard, and answered when the
//! metadata cache shows the outcome; the controller acts because its watches fire.

use crate::collections::BTreeSet;

use super::placement::PlaceableBroker;
use super::run::{Run, Step, Todo};
use super::waiting::{Waiting, WaitingFor, Wrap};
use super::znode::{TOPICS, delete_topic_path, topic_path};
use crate::ids::{BrokerId, Name, TopicPartition};
use crate::machine::Connection;
use crate::protocol::admin::{DeleteTopicsRequest, TopicResult, TopicsResponse};
use crate::protocol::zookeeper::{CreateMode, ZkError, ZkOp};
use crate::protocol::{ErrorCode, Request, Response};

/// A request about topics, with what the asked broker's metadata cache said when it came.
#[derive(Clone, Debug)]
pub struct AdminRequest {
    /// Where it came from.
    pub on: Connection,
    /// Its number there.
    pub correlation_id: u64,
    /// What is asked.
    pub request: Request,
    /// Those of its topics that the cache knew.
    pub known: BTreeSet<Name>,
    /// Live brokers in the cache.
    pub alive: BTreeSet<BrokerId>,
}

/// A topic's result without error.
pub fn done(topic: &Name) -> TopicResult {
    TopicResult { topic: topic.clone(), error: ErrorCode::None, message: String::new() }
}

/// A topic's refusal.
pub fn refused(topic: &Name, error: ErrorCode, message: impl Into<String>) -> TopicResult {
    TopicResult { topic: topic.clone(), error, message: message.into() }
}

/// A refusal, or `Err` if ZooKeeper has not answered yet.
pub type Checked<T> = Step<Result<T, (ErrorCode, String)>>;

impl Run<'_> {
    /// Deals with a request about topics.
    pub fn administer(&mut self, asked: &AdminRequest) -> Step<()> {
        match &asked.request {
            Request::CreateTopics(request) => self.create_topics(asked, request),
            Request::CreatePartitions(request) => self.create_partitions(asked, request),
            Request::DeleteTopics(request) => self.delete_topics_asked(asked, request),
            _ => Ok(()),
        }
    }

    /// The live brokers with their racks, sorted by id.
    pub fn placeable(&self, asked: &AdminRequest) -> Vec<PlaceableBroker> {
        let rack = |id: &BrokerId| self.context.live.get(id).and_then(|live| live.rack.clone());
        asked.alive.iter().map(|id| PlaceableBroker { id: *id, rack: rack(id) }).collect()
    }

    /// Answers at once if nothing was begun or nobody wants to wait, otherwise when the leaders are known.
    pub fn answer_when_led(
        &mut self,
        asked: &AdminRequest,
        topics: Vec<(TopicResult, Vec<TopicPartition>)>,
        timeout_ms: u64,
        validate_only: bool,
        wrap: Wrap,
    ) {
        let begun = topics.iter().any(|(result, _)| result.error.is_none());
        if begun && timeout_ms > 0 && !validate_only {
            self.todo.push(Todo::Wait(Waiting {
                on: asked.on.clone(),
                correlation_id: asked.correlation_id,
                timeout_ms,
                what: WaitingFor::Partitions { topics, wrap },
            }));
            return;
        }
        let result = |(result, _): (TopicResult, Vec<TopicPartition>)| {
            if result.error.is_none() && !validate_only {
                refused(&result.topic, ErrorCode::RequestTimedOut, "")
            } else {
                result
            }
        };
        let answer = wrap(TopicsResponse { topics: topics.into_iter().map(result).collect() });
        self.respond(&asked.on, asked.correlation_id, answer);
    }

    fn delete_topics_asked(&mut self, asked: &AdminRequest, request: &DeleteTopicsRequest) -> Step<()> {
        let mut topics = Vec::new();
        for topic in &request.topics {
            let result = if !self.config.delete_topic_enable {
                refused(topic, ErrorCode::TopicDeletionDisabled, "Topic deletion is disabled.")
            } else if !asked.known.contains(topic) {
                let message = "This server does not host this topic-partition.";
                refused(topic, ErrorCode::UnknownTopicOrPartition, message)
            } else {
                self.ask_to_delete(topic)?
            };
            topics.push(result);
        }
        if topics.iter().any(|result| result.error.is_none()) && request.timeout_ms > 0 {
            self.todo.push(Todo::Wait(Waiting {
                on: asked.on.clone(),
                correlation_id: asked.correlation_id,
                timeout_ms: request.timeout_ms,
                what: WaitingFor::Deletion { topics },
            }));
        } else {
            let answer = Response::DeleteTopics(TopicsResponse { topics });
            self.respond(&asked.on, asked.correlation_id, answer);
        }
        Ok(())
    }

    fn ask_to_delete(&mut self, topic: &Name) -> Step<TopicResult> {
        if self.data(topic_path(topic), false)?.is_none() {
            let message = "This server does not host this topic-partition.";
            return Ok(refused(topic, ErrorCode::UnknownTopicOrPartition, message));
        }
        let path = delete_topic_path(topic);
        Ok(match self.ask_one(ZkOp::Create { path, data: "".into(), mode: CreateMode::Persistent })? {
            // Asked for before: several may wait for the same end.
            Ok(_) | Err(ZkError::NodeExists) => done(topic),
            Err(error) => refused(topic, ErrorCode::UnknownServerError, error.name()),
        })
    }

    /// All topics in ZooKeeper.
    pub fn topics_in_zookeeper(&mut self) -> Step<Vec<Name>> {
        self.children(TOPICS, false)
    }
}

/// The topics that a request names.
pub fn topics_of(request: &Request) -> Vec<Name> {
    match request {
        Request::CreateTopics(request) => request.topics.iter().map(|topic| topic.topic.clone()).collect(),
        Request::CreatePartitions(request) => request.topics.iter().map(|(topic, ..)| topic.clone()).collect(),
        Request::DeleteTopics(request) => request.topics.clone(),
        _ => Vec::new(),
    }
}
