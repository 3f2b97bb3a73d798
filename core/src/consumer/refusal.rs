//! What the Java consumer refuses of a call before anything is sent: exceptions of its arguments and of the
//! state that it is in (`KafkaConsumer`, `SubscriptionState`). State is unchanged then.
//! Left out: null arguments, and calls of a second thread.

use super::Consumer;
use super::command::ConsumerCommand;
use super::positions::Kind;
use crate::ids::{Name, TopicPartition};
use crate::protocol::ErrorCode;

const ARGUMENT: &str = "IllegalArgumentException";
const STATE: &str = "IllegalStateException";

impl Consumer {
    /// The exception that this call throws, if it throws one; `None` if it is carried out.
    pub fn refusal(&self, call: &ConsumerCommand) -> Option<Name> {
        let assigned = |tp: &TopicPartition| self.subscriptions.assigned.contains_key(tp);
        let refused = match call {
            ConsumerCommand::Seek { offset, .. } if *offset < 0 => ARGUMENT,
            ConsumerCommand::Seek { tp, .. }
            | ConsumerCommand::SeekToBeginning { tp }
            | ConsumerCommand::SeekToEnd { tp }
            | ConsumerCommand::Position { tp, .. }
                if !assigned(tp) =>
            {
                STATE
            }
            ConsumerCommand::PausePartitions { partitions } | ConsumerCommand::ResumePartitions { partitions }
                if !partitions.iter().all(assigned) =>
            {
                STATE
            }
            ConsumerCommand::Subscribe { .. } | ConsumerCommand::SubscribePattern { .. }
                if self.config.group_id.is_none() =>
            {
                ErrorCode::InvalidGroupId.name()
            }
            ConsumerCommand::Subscribe { topics } if topics.iter().any(|topic| topic.trim().is_empty()) => ARGUMENT,
            ConsumerCommand::Assign { partitions } if partitions.iter().any(|tp| tp.topic.trim().is_empty()) => {
                ARGUMENT
            }
            ConsumerCommand::Subscribe { topics }
                if !topics.is_empty() && self.config.partition_assignment_strategy.is_empty() =>
            {
                STATE
            }
            // Topics, a pattern and partitions by hand exclude each other until unsubscribe().
            ConsumerCommand::Subscribe { topics }
                if !topics.is_empty() && !matches!(self.subscriptions.kind, Kind::None | Kind::Topics(_)) =>
            {
                STATE
            }
            ConsumerCommand::SubscribePattern { .. }
                if !matches!(self.subscriptions.kind, Kind::None | Kind::Pattern(_)) =>
            {
                STATE
            }
            ConsumerCommand::Assign { partitions }
                if !partitions.is_empty() && !matches!(self.subscriptions.kind, Kind::None | Kind::ByHand) =>
            {
                STATE
            }
            _ => return None,
        };
        Some(refused.into())
    }
}
