//! What `KafkaAdminClient` and the classes of its arguments refuse before anything is sent, and in which words it
//! gives up. Left out: null arguments.

use super::call::Call;
use super::op::{AdminError, AdminOp};
use crate::ids::Name;
use crate::protocol::ErrorCode;
use crate::time::SimTime;

/// Why the operation is not begun; `None` if it is.
pub(super) fn refusal(op: &AdminOp) -> Option<AdminError> {
    let argument = |message: &str| error("IllegalArgumentException", message.to_owned());
    match op {
        AdminOp::RemoveMembers { all: false, .. } => Some(argument("Invalid empty members has been provided")),
        AdminOp::AlterGroupOffsets { offsets, .. } => {
            offsets.iter().find(|(_, offset)| *offset < 0).map(|_| argument("Invalid negative offset"))
        }
        AdminOp::CreateTopic(topic) => unrepresentable(&topic.topic),
        AdminOp::DeleteTopic { topic } | AdminOp::DescribeTopic { topic } => unrepresentable(topic),
        AdminOp::Reassign { moves } => {
            let is_empty = |replicas: &Option<Vec<_>>| replicas.as_ref().is_some_and(Vec::is_empty);
            if moves.iter().any(|(_, replicas)| is_empty(replicas)) {
                return Some(argument("Cannot create a new partition reassignment without any replicas"));
            }
            moves.iter().find_map(|(tp, _)| {
                unrepresentable(&tp.topic).or_else(|| {
                    let message = format!("The given partition index {} is not valid.", tp.partition);
                    (tp.partition < 0).then(|| error(ErrorCode::InvalidTopicException.name(), message))
                })
            })
        }
        _ => None,
    }
}

fn error(name: &str, message: String) -> AdminError {
    AdminError { name: name.into(), message }
}

/// `topicNameIsUnrepresentable`
fn unrepresentable(topic: &Name) -> Option<AdminError> {
    let message = format!("The given topic name '{topic}' cannot be represented in a request.");
    topic.is_empty().then(|| error(ErrorCode::InvalidTopicException.name(), message))
}

impl Call {
    /// In which words it gives up: as a call that was tried in vain, or as one that never found whom to ask.
    pub fn timed_out(&self, now: SimTime, wall_clock_ms: i64) -> String {
        let method = self.op.method();
        let api = match self.found {
            Some(_) => None,
            None if self.partition().is_some() => Some("(api=METADATA)"),
            None => self.coordinated().map(|_| "(api=FIND_COORDINATOR)"),
        };
        let Some(api) = api.filter(|_| self.tries > 0) else {
            let api = api.unwrap_or_default();
            return format!("Timed out waiting for a node assignment. Call: {method}{api}");
        };
        let ahead_ms = |at: SimTime| i64::try_from(at.since(now).as_ms()).unwrap_or(i64::MAX);
        let (deadline, next) = (wall_clock_ms + ahead_ms(self.deadline), wall_clock_ms + ahead_ms(self.not_before));
        let tries = self.tries;
        format!(
            "Call(callName={method}{api}, deadlineMs={deadline}, tries={tries}, nextAllowedTryMs={next}) timed \
             out at {wall_clock_ms} after {tries} attempt(s)"
        )
    }
}
