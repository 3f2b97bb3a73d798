//! The controller's events (`ControllerEventManager`): one after the other, each to its end.

use super::run::{Run, Step};
use crate::ids::{BrokerId, Name, TopicPartition};
use crate::machine::Connection;
use crate::protocol::{ErrorCode, Request, Response};

/// What the controller has to deal with.
#[derive(Clone, Debug)]
pub enum Event {
    /// `Startup`, `RegisterBrokerAndReelect`, `Reelect`: there may be no controller.
    Reelect,
    /// `/controller` changed: there may be another controller.
    ControllerChange,
    /// The list of registered brokers changed.
    BrokerChange,
    /// The list of topics changed.
    TopicChange,
    /// A topic's znode changed: it may have more partitions.
    PartitionModifications(Name),
    /// The list of topics to be deleted changed.
    TopicDeletion,
    /// It is time to look for partitions that are not led by their preferred replica.
    AutoPreferredReplicaLeaderElection,
    /// `unclean.leader.election.enable` was set for all topics that do not say otherwise.
    UncleanLeaderElectionEnable,
    /// `unclean.leader.election.enable` was set on a topic.
    TopicUncleanLeaderElectionEnable(Name),
    /// Brokers said that they lost a log directory.
    LogDirEventNotification,
    /// A broker answered LeaderAndIsr.
    LeaderAndIsrResponse {
        /// The broker.
        broker: BrokerId,
        /// What became of each replica.
        results: Vec<(TopicPartition, ErrorCode)>,
    },
    /// A broker answered StopReplica with delete.
    StopReplicaResponse {
        /// The broker.
        broker: BrokerId,
        /// What became of each replica.
        results: Vec<(TopicPartition, ErrorCode)>,
    },
    /// A request that is handled in the queue.
    Request {
        /// Where it came from.
        on: Connection,
        /// Its number there.
        correlation_id: u64,
        /// What is asked.
        request: Request,
    },
}

impl Run<'_> {
    /// This broker is the controller as far as the run knows.
    pub fn is_active(&self) -> bool {
        self.context.active_controller == self.id
    }

    /// Deals with an event.
    pub fn process(&mut self, event: &Event) -> Step<()> {
        match event {
            Event::Reelect => self.reelect(),
            Event::ControllerChange => self.maybe_resign(),
            Event::Request { on, correlation_id, request } => self.serve(on, *correlation_id, request),
            _ if !self.is_active() => Ok(()),
            Event::BrokerChange => self.broker_change(),
            Event::TopicChange => self.topic_change(),
            Event::PartitionModifications(topic) => self.partition_modifications(topic),
            Event::TopicDeletion => self.topic_deletion(),
            Event::AutoPreferredReplicaLeaderElection => self.auto_rebalance(),
            Event::UncleanLeaderElectionEnable => self.trigger_online(None).map(|_| ()),
            Event::TopicUncleanLeaderElectionEnable(topic) => self.trigger_online(Some(topic)).map(|_| ()),
            Event::LogDirEventNotification => self.log_dir_events(),
            Event::LeaderAndIsrResponse { broker, results } => self.leader_and_isr_answered(*broker, results),
            Event::StopReplicaResponse { broker, results } => self.replicas_deleted(*broker, results),
        }
    }

    fn serve(&mut self, on: &Connection, correlation_id: u64, request: &Request) -> Step<()> {
        let response = if self.is_active() {
            match request {
                Request::ControlledShutdown(request) => Some(self.controlled_shutdown(request)?),
                Request::AlterPartition(request) => return self.alter_partition(on, correlation_id, request),
                Request::AllocateProducerIds(request) => Some(self.allocate_producer_ids(request)?),
                Request::ElectLeaders(request) => return self.elect_leaders(on, correlation_id, request),
                Request::AlterPartitionReassignments(request) => Some(self.alter_reassignments(request)?),
                Request::ListPartitionReassignments(()) => Some(self.list_reassignments()),
                _ => None,
            }
        } else {
            refusal(request, ErrorCode::NotController)
        };
        if let Some(response) = response {
            self.respond(on, correlation_id, response);
        }
        Ok(())
    }
}

/// The answer that refuses a request altogether.
pub fn refusal(request: &Request, error: ErrorCode) -> Option<Response> {
    use crate::protocol::{admin, control};
    let topics = |names: Vec<Name>| {
        let refused = |topic| admin::TopicResult { topic, error, message: String::new() };
        admin::TopicsResponse { topics: names.into_iter().map(refused).collect() }
    };
    Some(match request {
        Request::ControlledShutdown(_) => {
            Response::ControlledShutdown(control::ControlledShutdownResponse { error, remaining: Vec::new() })
        }
        Request::AlterPartition(_) => {
            Response::AlterPartition(control::AlterPartitionResponse { error, partitions: Vec::new() })
        }
        Request::AllocateProducerIds(_) => {
            Response::AllocateProducerIds(control::AllocateProducerIdsResponse { error, start: -1, len: 0 })
        }
        Request::ElectLeaders(request) => {
            let partitions = request.partitions.iter().flatten().map(|tp| (tp.clone(), error, String::new())).collect();
            Response::ElectLeaders(admin::PartitionsResponse { error, partitions })
        }
        Request::AlterPartitionReassignments(_) => {
            Response::AlterPartitionReassignments(admin::PartitionsResponse { error, partitions: Vec::new() })
        }
        Request::ListPartitionReassignments(()) => {
            let answer = admin::ListPartitionReassignmentsResponse { error, partitions: Vec::new() };
            Response::ListPartitionReassignments(answer)
        }
        Request::CreateTopics(request) => {
            Response::CreateTopics(topics(request.topics.iter().map(|topic| topic.topic.clone()).collect()))
        }
        Request::DeleteTopics(request) => Response::DeleteTopics(topics(request.topics.clone())),
        Request::CreatePartitions(request) => {
            Response::CreatePartitions(topics(request.topics.iter().map(|(topic, ..)| topic.clone()).collect()))
        }
        _ => return None,
    })
}
