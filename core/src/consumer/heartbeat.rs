//! The heartbeat thread (`AbstractCoordinator.HeartbeatThread`): it goes on while the application is
//! busy, and leaves the group for it when it is busy for too long.

use super::Consumer;
use super::membership::MemberState;
use super::requests::Purpose;
use super::timer::ConsumerTimer;
use crate::machine::{Channel, Ctx};
use crate::protocol::group::{HeartbeatRequest, LeaveGroupRequest};
use crate::protocol::{ErrorCode, Request};
use crate::time::{SimDuration, SimTime};

impl Consumer {
    /// Heartbeats are sent in this state.
    pub(super) fn heartbeats_on(&self) -> bool {
        matches!(self.member.state, MemberState::CompletingRebalance | MemberState::Stable)
            && self.member.fatal.is_none()
    }

    pub(super) fn begin_heartbeats(&mut self, now: SimTime) {
        self.timers.set(ConsumerTimer::Heartbeat, now + SimDuration::from_ms(self.config.heartbeat_interval_ms));
        self.reset_session(now);
        self.polled(now);
    }

    pub(super) fn reset_session(&mut self, now: SimTime) {
        self.timers.set(ConsumerTimer::Session, now + SimDuration::from_ms(self.config.session_timeout_ms));
    }

    /// The application polls: `max.poll.interval.ms` begins anew. Nobody looks at it where no group assigns.
    pub(super) fn polled(&mut self, now: SimTime) {
        let until = now + SimDuration::from_ms(self.config.max_poll_interval_ms);
        match self.subscriptions.is_auto() {
            true => self.timers.set(ConsumerTimer::MaxPollInterval, until),
            false => self.timers.cancel(&ConsumerTimer::MaxPollInterval),
        }
    }

    pub(super) fn heartbeat_timer(&mut self, ctx: &mut Ctx<'_>) {
        if !self.heartbeats_on() {
            return;
        }
        if self.requests.any(|purpose| *purpose == Purpose::Heartbeat) {
            self.heartbeat_again(ctx);
            return;
        }
        let (Some(coordinator), Some(group_id)) = (self.ensure_coordinator(ctx), self.config.group_id.clone()) else {
            self.heartbeat_again(ctx);
            return;
        };
        self.timers.set(ConsumerTimer::Heartbeat, ctx.now + SimDuration::from_ms(self.config.heartbeat_interval_ms));
        let request = HeartbeatRequest {
            group_id,
            generation_id: self.member.generation,
            member_id: self.member.member_id.clone(),
            group_instance_id: self.config.group_instance_id.clone(),
        };
        self.send(ctx, coordinator, Channel::Coordinator, Purpose::Heartbeat, Request::Heartbeat(request));
    }

    fn heartbeat_again(&mut self, ctx: &Ctx<'_>) {
        self.timers.set(ConsumerTimer::Heartbeat, ctx.now + SimDuration::from_ms(self.config.retry_backoff_ms));
    }

    pub(super) fn heartbeat_answered(&mut self, ctx: &mut Ctx<'_>, error: ErrorCode) {
        // An answer to a heartbeat of an earlier life says nothing about this one.
        if !self.heartbeats_on() {
            return;
        }
        match error {
            ErrorCode::None => {
                self.coordinator_proved();
                self.reset_session(ctx.now);
            }
            ErrorCode::RebalanceInProgress => {
                self.reset_session(ctx.now);
                if self.member.state == MemberState::Stable {
                    self.member.request_rejoin("group is already rebalancing");
                }
            }
            ErrorCode::CoordinatorNotAvailable | ErrorCode::NotCoordinator => {
                self.coordinator_unknown(ctx);
                self.heartbeat_again(ctx);
            }
            ErrorCode::IllegalGeneration => self.member.reset("heartbeat of an illegal generation", false),
            ErrorCode::UnknownMemberId => self.member.reset("heartbeat of an unknown member", true),
            error if error.is_retriable() => self.heartbeat_again(ctx),
            error => {
                self.member.fatal = Some(error);
                self.member.reset("fenced", true);
            }
        }
    }

    pub(super) fn heartbeat_lost(&mut self, ctx: &mut Ctx<'_>) {
        self.heartbeat_again(ctx);
    }

    /// No heartbeat was answered for a whole session: the coordinator may be another one by now.
    pub(super) fn session_timer(&mut self, ctx: &mut Ctx<'_>) {
        if self.heartbeats_on() {
            self.coordinator_unknown(ctx);
            self.ensure_coordinator(ctx);
        }
    }

    /// The application has not polled for `max.poll.interval.ms`.
    pub(super) fn max_poll_timer(&mut self, ctx: &mut Ctx<'_>) {
        if self.heartbeats_on() {
            self.leave_group(ctx, "consumer poll timeout has expired.");
        }
    }

    /// `maybeLeaveGroup`: a static member goes without a word. True if a LeaveGroup was sent.
    pub(super) fn leave_group(&mut self, ctx: &mut Ctx<'_>, reason: &str) -> bool {
        let dynamic = self.config.group_instance_id.is_none();
        let is_member = self.member.state != MemberState::Unjoined && !self.member.member_id.is_empty();
        let mut sent = false;
        if dynamic
            && is_member
            && let (Some(coordinator), Some(group_id)) = (self.coordinator.node(), self.config.group_id.clone())
        {
            let members = vec![(self.member.member_id.clone(), None)];
            let request = LeaveGroupRequest { group_id, members, reason: reason.into() };
            self.send(ctx, coordinator, Channel::Coordinator, Purpose::LeaveGroup, Request::LeaveGroup(request));
            sent = true;
        }
        self.member.reset(reason, true);
        sent
    }

    /// The LeaveGroup is answered, or lost with its connection; nothing depends on which.
    pub(super) fn left_group(&mut self) {}
}
