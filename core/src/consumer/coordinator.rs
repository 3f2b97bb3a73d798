//! The search for the group's coordinator (`AbstractCoordinator.ensureCoordinatorReady`).

use super::Consumer;
use super::requests::Purpose;
use super::timer::ConsumerTimer;
use crate::ids::{BrokerId, Name};
use crate::machine::{Channel, Ctx, Observation};
use crate::protocol::group::{CoordinatorKind, FindCoordinatorRequest, FindCoordinatorResponse};
use crate::protocol::{ErrorCode, Request};
use crate::time::SimTime;

/// Who coordinates, as far as the consumer knows.
#[derive(Clone, Debug, Default)]
pub struct Coordinator {
    node: Option<BrokerId>,
    last_seen: Option<BrokerId>,
    attempts: u32,
    not_before: SimTime,
    fatal: Option<ErrorCode>,
}

impl Coordinator {
    /// The coordinator.
    pub fn node(&self) -> Option<BrokerId> {
        self.node
    }

    /// An error that no other try will cure; taken by the next poll.
    pub fn take_fatal(&mut self) -> Option<ErrorCode> {
        self.fatal.take()
    }

    /// A poll begins. `ensureCoordinatorReady` counts its attempts anew in every call, and never
    /// sleeps beyond the call's own time, so a short poll looks at once.
    pub fn poll_begins(&mut self) {
        self.attempts = 0;
        self.not_before = SimTime::ZERO;
    }
}

impl Consumer {
    /// The coordinator if it is known and reachable; otherwise the search goes on.
    pub(super) fn ensure_coordinator(&mut self, ctx: &mut Ctx<'_>) -> Option<BrokerId> {
        if let Some(node) = self.coordinator.node {
            if self.requests.usable(node, Channel::Coordinator, ctx.now) {
                return Some(node);
            }
            self.coordinator_unknown(ctx);
        }
        if self.requests.any(|purpose| *purpose == Purpose::FindCoordinator) {
            return None;
        }
        if ctx.now < self.coordinator.not_before {
            self.timers.set(ConsumerTimer::FindCoordinator, self.coordinator.not_before);
            return None;
        }
        let key: Name = self.config.group_id.clone()?;
        let node = self.least_loaded(ctx)?;
        let request = FindCoordinatorRequest { key, kind: CoordinatorKind::Group };
        self.send(ctx, node, Channel::Data, Purpose::FindCoordinator, Request::FindCoordinator(request));
        None
    }

    pub(super) fn coordinator_came(&mut self, ctx: &mut Ctx<'_>, answer: &FindCoordinatorResponse) {
        match answer.error {
            ErrorCode::None => {
                let node = answer.broker_id;
                self.coordinator.node = Some(node);
                if self.coordinator.last_seen != Some(node)
                    && let Some(group) = self.config.group_id.clone()
                {
                    let client = self.client.clone();
                    ctx.observe(Observation::CoordinatorFound { client, group, broker: node });
                }
                self.coordinator.last_seen = Some(node);
                self.reset_session(ctx.now);
            }
            error if error.is_retriable() => {
                self.metadata.request_update();
                self.coordinator_search_failed(ctx);
            }
            error => self.coordinator.fatal = Some(error),
        }
    }

    pub(super) fn coordinator_search_failed(&mut self, ctx: &mut Ctx<'_>) {
        let attempts = self.coordinator.attempts;
        self.coordinator.attempts = attempts.saturating_add(1);
        let until = ctx.now + self.retry_backoff(ctx, attempts);
        self.coordinator.not_before = until;
        self.timers.set(ConsumerTimer::FindCoordinator, until);
    }

    /// `markCoordinatorUnknown`: it said that it is none, or cannot be reached.
    pub(super) fn coordinator_unknown(&mut self, ctx: &mut Ctx<'_>) {
        if self.coordinator.node.take().is_some() {
            self.coordinator_search_failed(ctx);
        }
    }

    /// It answered as a coordinator does.
    pub(super) fn coordinator_proved(&mut self) {
        self.coordinator.attempts = 0;
    }

    /// The connection to this broker is gone.
    pub(super) fn coordinator_gone(&mut self, ctx: &mut Ctx<'_>, broker: BrokerId) {
        if self.coordinator.node == Some(broker) {
            self.coordinator_unknown(ctx);
        }
    }
}
