//! `commitAsync()` (`ConsumerCoordinator.commitOffsetsAsync`): it is sent once and never again, so that a later
//! one cannot be overtaken. The application goes on and hears of the end in one of its next calls.
//!
//! Leaves out interceptors.

use super::Consumer;
use super::commit::{Committer, Offsets, failure_of};
use super::requests::Purpose;
use crate::ids::{Name, TopicPartition};
use crate::machine::{Ctx, Observation};
use crate::protocol::ErrorCode;

/// What the callback gets for an error that another try might cure; nobody makes it.
const RETRIABLE: &str = "RetriableCommitFailedException";

/// A commit and who asks for its end, if somebody does.
#[derive(Clone, Debug)]
struct Pending {
    ticket: Option<u64>,
    offsets: Offsets,
}

/// Commits for which the application does not wait.
#[derive(Clone, Debug, Default)]
pub struct AsyncCommits {
    /// They wait for the search for the coordinator, which has one try.
    searching: Vec<Pending>,
    in_flight: u64,
    /// Ended; their callbacks are called by the application's next call.
    completed: Vec<(Option<u64>, Result<(), Name>)>,
    /// Another consumer has taken the `group.instance.id`: from now on every call throws.
    fenced: bool,
}

impl AsyncCommits {
    /// Sent and not answered.
    pub fn are_in_flight(&self) -> bool {
        self.in_flight > 0
    }

    /// Not sent yet.
    pub fn await_coordinator(&self) -> bool {
        !self.searching.is_empty()
    }

    /// A commit, an automatic one too, was answered FENCED_INSTANCE_ID.
    pub fn fence(&mut self) {
        self.fenced = true;
    }
}

impl Consumer {
    /// `commitAsync()`. An exception that it throws is told as its end.
    pub(super) fn commit_async(
        &mut self,
        ctx: &mut Ctx<'_>,
        ticket: Option<u64>,
        given: Option<Vec<(TopicPartition, i64)>>,
    ) {
        let thrown = self.commit_callbacks(ctx).err();
        let offsets = self.offsets_to_commit(given);
        let negative = offsets.iter().any(|(_, committed)| committed.offset < 0);
        let refused = if negative {
            Some("IllegalArgumentException".into())
        } else if self.config.group_id.is_none() {
            Some(ErrorCode::InvalidGroupId.name().into())
        } else {
            thrown
        };
        if let Some(error) = refused {
            self.tell_async(ctx, ticket, Err(error));
        } else if offsets.is_empty() {
            self.async_commits.completed.push((ticket, Ok(())));
        } else {
            // A call of its own: the search does not wait for the back-off of an earlier one.
            self.coordinator.poll_begins();
            let pending = Pending { ticket, offsets };
            if let Some(coordinator) = self.ensure_coordinator(ctx) {
                self.send_async(ctx, coordinator, pending);
            } else if self.requests.any(|purpose| *purpose == Purpose::FindCoordinator) {
                self.async_commits.searching.push(pending);
            } else {
                self.async_commits.completed.push((ticket, Err(RETRIABLE.into())));
            }
        }
    }

    fn send_async(&mut self, ctx: &mut Ctx<'_>, coordinator: i32, pending: Pending) {
        match self.send_commit(ctx, coordinator, pending.offsets, Committer::Callback(pending.ticket)) {
            Ok(()) => self.async_commits.in_flight += 1,
            Err(error) => self.async_commits.completed.push((pending.ticket, Err(error))),
        }
    }

    /// The search for the coordinator that they waited for has ended.
    pub(super) fn search_ended(&mut self, ctx: &mut Ctx<'_>) {
        for pending in std::mem::take(&mut self.async_commits.searching) {
            match self.coordinator.node() {
                Some(coordinator) => self.send_async(ctx, coordinator, pending),
                None => self.async_commits.completed.push((pending.ticket, Err(RETRIABLE.into()))),
            }
        }
    }

    /// Its answer, or the loss of its connection.
    pub(super) fn async_commit_ended(&mut self, ticket: Option<u64>, error: ErrorCode) {
        self.async_commits.in_flight = self.async_commits.in_flight.saturating_sub(1);
        let result = match error {
            ErrorCode::None => Ok(()),
            error if error.is_retriable() => Err(RETRIABLE.into()),
            error => Err(failure_of(error)),
        };
        self.async_commits.completed.push((ticket, result));
    }

    /// `invokeCompletedOffsetCommitCallbacks`
    pub(super) fn commit_callbacks(&mut self, ctx: &mut Ctx<'_>) -> Result<(), Name> {
        if self.async_commits.fenced {
            return Err(ErrorCode::FencedInstanceId.name().into());
        }
        for (ticket, result) in std::mem::take(&mut self.async_commits.completed) {
            self.tell_async(ctx, ticket, result);
        }
        Ok(())
    }

    fn tell_async(&mut self, ctx: &mut Ctx<'_>, ticket: Option<u64>, result: Result<(), Name>) {
        if let Err(error) = &result {
            ctx.observe(Observation::ClientError { client: self.client.clone(), error: error.clone() });
        }
        if let Some(ticket) = ticket {
            self.app.commits.insert(ticket, result);
        }
    }
}
