//! Answers that wait until the own broker's metadata cache shows what was asked for
//! (`DelayedCreatePartitions`, `DelayedDeleteTopics`, `DelayedElectLeader`).

use crate::collections::BTreeMap;

use super::KnownMetadata;
use crate::ids::{BrokerId, TopicPartition};
use crate::machine::Connection;
use crate::protocol::admin::{PartitionsResponse, TopicResult, TopicsResponse};
use crate::protocol::{ErrorCode, Response};

/// Which request about topics is answered.
pub type Wrap = fn(TopicsResponse) -> Response;

/// What is waited for.
#[derive(Clone, Debug)]
pub enum WaitingFor {
    /// Every partition made has a leader.
    Partitions {
        /// Per topic: its result, and the partitions to wait for if it was made.
        topics: Vec<(TopicResult, Vec<TopicPartition>)>,
        /// CreateTopics or CreatePartitions.
        wrap: Wrap,
    },
    /// No topic that is to go is known any more.
    Deletion {
        /// Per topic: its result, NONE for those that go.
        topics: Vec<TopicResult>,
    },
    /// The elected leaders are known.
    Leaders {
        /// Who was elected.
        leaders: BTreeMap<TopicPartition, BrokerId>,
        /// What will be answered.
        results: BTreeMap<TopicPartition, (ErrorCode, String)>,
    },
}

/// A request whose answer waits.
#[derive(Clone, Debug)]
pub struct Waiting {
    /// Where it came from.
    pub on: Connection,
    /// Its number there.
    pub correlation_id: u64,
    /// How long it waits at most, in ms.
    pub timeout_ms: u64,
    /// For what.
    pub what: WaitingFor,
}

fn timed_out(result: &TopicResult) -> TopicResult {
    TopicResult { error: ErrorCode::RequestTimedOut, message: String::new(), ..result.clone() }
}

impl Waiting {
    /// What is asked for has come about.
    pub fn is_complete(&self, known: &dyn KnownMetadata) -> bool {
        match &self.what {
            WaitingFor::Partitions { topics, .. } => {
                topics.iter().flat_map(|(_, partitions)| partitions).all(|tp| known.leader_of(tp).is_some())
            }
            WaitingFor::Deletion { topics } => {
                topics.iter().all(|result| !result.error.is_none() || !known.has_topic(&result.topic))
            }
            WaitingFor::Leaders { leaders, .. } => {
                leaders.iter().all(|(tp, leader)| known.leader_of(tp) == Some(*leader))
            }
        }
    }

    /// The answer now; what has not come about is REQUEST_TIMED_OUT.
    pub fn answer(&self, known: &dyn KnownMetadata) -> Response {
        match &self.what {
            WaitingFor::Partitions { topics, wrap } => {
                let result = |(result, partitions): &(TopicResult, Vec<TopicPartition>)| {
                    let led = partitions.iter().all(|tp| known.leader_of(tp).is_some());
                    if led { result.clone() } else { timed_out(result) }
                };
                wrap(TopicsResponse { topics: topics.iter().map(result).collect() })
            }
            WaitingFor::Deletion { topics } => {
                let result = |result: &TopicResult| {
                    let remains = result.error.is_none() && known.has_topic(&result.topic);
                    if remains { timed_out(result) } else { result.clone() }
                };
                Response::DeleteTopics(TopicsResponse { topics: topics.iter().map(result).collect() })
            }
            WaitingFor::Leaders { leaders, results } => {
                let result = |(tp, (error, message)): (&TopicPartition, &(ErrorCode, String))| {
                    let late = leaders.get(tp).is_some_and(|leader| known.leader_of(tp) != Some(*leader));
                    let error = if late { ErrorCode::RequestTimedOut } else { *error };
                    (tp.clone(), error, message.clone())
                };
                let partitions = results.iter().map(result).collect();
                Response::ElectLeaders(PartitionsResponse { error: ErrorCode::None, partitions })
            }
        }
    }
}
