//! Commits (`ConsumerCoordinator`): by the application's thread, which waits, and automatic
//! ones. What waits for nobody is in `commit_async`.

use super::Consumer;
use super::membership::MemberState;
use super::positions::Position;
use super::requests::Purpose;
use super::timer::ConsumerTimer;
use crate::group::assignor::RebalanceProtocol;
use crate::ids::{Name, TopicPartition};
use crate::machine::{Channel, Ctx};
use crate::protocol::group::{OffsetAndMetadata, OffsetCommitRequest, OffsetCommitResponse};
use crate::protocol::{ErrorCode, Request};
use crate::time::{SimDuration, SimTime};

pub(super) type Offsets = Vec<(TopicPartition, OffsetAndMetadata)>;

/// The name of the exception that a commit throws for somebody who is no member any more.
const COMMIT_FAILED: &str = "CommitFailedException";

/// Who commits, and so hears of the answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Committer {
    /// The application's thread, which waits.
    Thread,
    /// The consumer by itself.
    Auto,
    /// The callback of `commitAsync()`, with the ticket of who asks for its end.
    Callback(Option<u64>),
}

/// A commit that the application's thread waits for.
#[derive(Clone, Debug)]
pub struct Blocking {
    offsets: Offsets,
    until: SimTime,
    not_before: SimTime,
    attempts: u32,
    in_flight: bool,
    done: Option<Result<(), Name>>,
}

impl Blocking {
    /// There is nothing to do after all.
    pub(super) fn skip(&mut self) {
        self.done = Some(Ok(()));
    }

    /// It gives up earlier than calls usually do.
    pub(super) fn until(mut self, until: SimTime) -> Self {
        self.until = until;
        self
    }
}

/// The automatic commit.
#[derive(Clone, Debug, Default)]
pub struct AutoCommit {
    next: SimTime,
    in_flight: bool,
    /// The one before a join: when it gives up, and how it went.
    before_join: Option<SimTime>,
    answered: Option<ErrorCode>,
    not_before: SimTime,
}

fn offsets_of(positions: Vec<(TopicPartition, Position)>) -> Offsets {
    let entry = |(tp, Position { offset, offset_epoch }): (TopicPartition, Position)| {
        (tp, OffsetAndMetadata { offset, leader_epoch: offset_epoch, metadata: "".into() })
    };
    positions.into_iter().map(entry).collect()
}

/// What a commit throws for an error that no other try will cure.
// Simplified: an answer to a commit of an earlier generation is read like one of this; Kafka throws
// RebalanceInProgressException there while the member joins anew.
pub(super) fn failure_of(error: ErrorCode) -> Name {
    match error {
        ErrorCode::UnknownMemberId | ErrorCode::IllegalGeneration => COMMIT_FAILED.into(),
        error => error.name().into(),
    }
}

impl Consumer {
    /// `commitSync` begins.
    pub(super) fn begin_commit(&mut self, now: SimTime, offsets: Option<Vec<(TopicPartition, i64)>>) -> Blocking {
        let offsets = self.offsets_to_commit(offsets);
        let until = now + SimDuration::from_ms(self.config.default_api_timeout_ms);
        self.timers.set(ConsumerTimer::CallEnds, until);
        let no_group = self.config.group_id.is_none();
        let done = if offsets.iter().any(|(_, committed)| committed.offset < 0) {
            // The constructor of OffsetAndMetadata.
            Some(Err("IllegalArgumentException".into()))
        } else if no_group {
            Some(Err(ErrorCode::InvalidGroupId.name().into()))
        } else {
            offsets.is_empty().then_some(Ok(()))
        };
        Blocking { offsets, until, not_before: SimTime::ZERO, attempts: 0, in_flight: false, done }
    }

    /// What to commit: these, or the positions.
    pub(super) fn offsets_to_commit(&self, given: Option<Vec<(TopicPartition, i64)>>) -> Offsets {
        match given {
            None => offsets_of(self.subscriptions.all_consumed()),
            Some(given) => given
                .into_iter()
                .map(|(tp, offset)| (tp, OffsetAndMetadata { offset, leader_epoch: -1, metadata: "".into() }))
                .collect(),
        }
    }

    /// Goes on with the blocking commit; its end if it has one.
    pub(super) fn step_commit(&mut self, ctx: &mut Ctx<'_>, commit: &mut Blocking) -> Option<Result<(), Name>> {
        if commit.done.is_none() && ctx.now >= commit.until {
            commit.done = Some(Err("TimeoutException".into()));
        }
        // It returns after the callbacks of all that were sent before it.
        if let Err(error) = self.commit_callbacks(ctx) {
            commit.done = Some(Err(error));
        } else if commit.offsets.is_empty() && self.async_commits.are_in_flight() && ctx.now < commit.until {
            return None;
        }
        if let Some(done) = commit.done.take() {
            self.timers.cancel(&ConsumerTimer::CallEnds);
            self.timers.cancel(&ConsumerTimer::CommitRetry);
            return Some(done);
        }
        if commit.in_flight {
            return None;
        }
        if ctx.now < commit.not_before {
            self.timers.set(ConsumerTimer::CommitRetry, commit.not_before);
            return None;
        }
        self.maybe_refresh_metadata(ctx);
        let coordinator = self.ensure_coordinator(ctx)?;
        match self.send_commit(ctx, coordinator, commit.offsets.clone(), Committer::Thread) {
            Ok(()) => {
                commit.in_flight = true;
                None
            }
            Err(error) => {
                self.timers.cancel(&ConsumerTimer::CallEnds);
                Some(Err(error))
            }
        }
    }

    /// `sendOffsetCommitRequest`: a member commits in its generation, and only while it is stable.
    pub(super) fn send_commit(
        &mut self,
        ctx: &mut Ctx<'_>,
        coordinator: i32,
        offsets: Offsets,
        committer: Committer,
    ) -> Result<(), Name> {
        let Some(group_id) = self.config.group_id.clone() else { return Err(ErrorCode::InvalidGroupId.name().into()) };
        let (generation_id, member_id) = if self.subscriptions.is_auto() {
            match self.member.state {
                MemberState::Stable => (self.member.generation, self.member.member_id.clone()),
                MemberState::PreparingRebalance | MemberState::CompletingRebalance => {
                    return Err(ErrorCode::RebalanceInProgress.name().into());
                }
                MemberState::Unjoined => return Err(COMMIT_FAILED.into()),
            }
        } else {
            (-1, "".into())
        };
        let group_instance_id = self.config.group_instance_id.clone();
        let request = OffsetCommitRequest { group_id, generation_id, member_id, group_instance_id, offsets };
        let purpose = Purpose::OffsetCommit(committer);
        self.send(ctx, coordinator, Channel::Coordinator, purpose, Request::OffsetCommit(request));
        Ok(())
    }

    pub(super) fn commit_answered(&mut self, ctx: &mut Ctx<'_>, committer: Committer, answer: OffsetCommitResponse) {
        let errors = answer.partitions.into_iter().map(|(_, error)| error);
        let error = errors.filter(|error| *error != ErrorCode::None).min().unwrap_or(ErrorCode::None);
        match error {
            ErrorCode::None => self.coordinator_proved(),
            ErrorCode::CoordinatorNotAvailable | ErrorCode::NotCoordinator | ErrorCode::RequestTimedOut => {
                self.coordinator_unknown(ctx);
            }
            ErrorCode::RebalanceInProgress => self.member.request_rejoin("offset commit failed: group is rebalancing"),
            ErrorCode::UnknownMemberId if self.subscriptions.is_auto() => {
                self.member.reset("offset commit of an unknown member", true);
            }
            ErrorCode::IllegalGeneration if self.subscriptions.is_auto() => {
                self.member.reset("offset commit of an illegal generation", false);
            }
            _ => {}
        }
        self.commit_ended(ctx, committer, error);
    }

    pub(super) fn commit_lost(&mut self, ctx: &mut Ctx<'_>, committer: Committer) {
        self.commit_ended(ctx, committer, ErrorCode::NetworkException);
    }

    fn commit_ended(&mut self, ctx: &mut Ctx<'_>, committer: Committer, error: ErrorCode) {
        if error == ErrorCode::FencedInstanceId && committer != Committer::Thread {
            self.async_commits.fence();
        }
        if let Committer::Callback(ticket) = committer {
            self.async_commit_ended(ticket, error);
            return;
        }
        if committer == Committer::Auto {
            self.auto_commit.in_flight = false;
            self.auto_commit.answered = Some(error);
            if error.is_retriable() {
                let soon = ctx.now + SimDuration::from_ms(self.config.retry_backoff_ms);
                self.auto_commit.next = self.auto_commit.next.min(soon);
            }
            return;
        }
        let attempts = self.app.blocking().map_or(0, |commit| commit.attempts);
        let retry_at = ctx.now + self.retry_backoff(ctx, attempts);
        let Some(commit) = self.app.blocking() else { return };
        commit.in_flight = false;
        match error {
            ErrorCode::None => commit.done = Some(Ok(())),
            error if error.is_retriable() => {
                commit.attempts = attempts.saturating_add(1);
                commit.not_before = retry_at;
            }
            error => commit.done = Some(Err(failure_of(error))),
        }
    }

    pub(super) fn restart_auto_commit(&mut self, now: SimTime) {
        self.auto_commit.next = now + SimDuration::from_ms(self.config.auto_commit_interval_ms);
    }

    /// In a poll: commits the positions, that is what earlier polls returned, if it is time.
    pub(super) fn maybe_auto_commit(&mut self, ctx: &mut Ctx<'_>) {
        if !self.config.enable_auto_commit || self.config.group_id.is_none() {
            return;
        }
        if self.auto_commit.next > ctx.now {
            self.timers.set(ConsumerTimer::AutoCommit, self.auto_commit.next);
            return;
        }
        if self.auto_commit.in_flight {
            return;
        }
        let Some(coordinator) = self.ensure_coordinator(ctx) else { return };
        self.restart_auto_commit(ctx.now);
        self.send_auto_commit(ctx, coordinator);
    }

    fn send_auto_commit(&mut self, ctx: &mut Ctx<'_>, coordinator: i32) {
        let offsets = offsets_of(self.subscriptions.all_consumed());
        if !offsets.is_empty() && self.send_commit(ctx, coordinator, offsets, Committer::Auto).is_ok() {
            self.auto_commit.in_flight = true;
            self.auto_commit.answered = None;
        }
    }

    /// Before a join, what was consumed is committed first; true when there is nothing to wait for.
    pub(super) fn auto_commit_before_join(&mut self, ctx: &mut Ctx<'_>) -> bool {
        if !self.config.enable_auto_commit || self.subscriptions.all_consumed().is_empty() {
            return true;
        }
        let rebalance_timeout = SimDuration::from_ms(self.config.max_poll_interval_ms);
        let began = self.auto_commit.before_join.is_some();
        let until = *self.auto_commit.before_join.get_or_insert(ctx.now + rebalance_timeout);
        if !began && !self.auto_commit.in_flight {
            self.auto_commit.answered = None;
            self.auto_commit.not_before = SimTime::ZERO;
        }
        if !began && self.rebalance_protocol() == RebalanceProtocol::Eager {
            self.subscriptions.mark_pending_revocation();
        }
        let over = match self.auto_commit.answered.take() {
            _ if ctx.now >= until => true,
            Some(error) if error.is_retriable() => {
                self.auto_commit.not_before = ctx.now + SimDuration::from_ms(self.config.retry_backoff_ms);
                false
            }
            Some(_) if began => true,
            _ => self.member.state != MemberState::Stable,
        };
        if over {
            self.auto_commit.before_join = None;
            return true;
        }
        if self.auto_commit.in_flight {
            return false;
        }
        if ctx.now < self.auto_commit.not_before {
            self.timers.set(ConsumerTimer::CommitRetry, self.auto_commit.not_before);
            return false;
        }
        if let Some(coordinator) = self.ensure_coordinator(ctx) {
            self.send_auto_commit(ctx, coordinator);
        }
        false
    }
}
