//! A member of a group as its coordinator knows it (`MemberMetadata`).

use crate::ids::Name;
use crate::machine::{Connection, Ctx};
use crate::protocol::Response;
use crate::protocol::group::{Assignment, Subscription};
use crate::time::SimTime;

/// Where a parked answer goes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Asker {
    /// The connection the request came on.
    pub on: Connection,
    /// The request's correlation id.
    pub correlation_id: u64,
}

impl Asker {
    /// Sends the answer.
    pub fn answer(&self, ctx: &mut Ctx<'_>, response: Response) {
        ctx.respond(&self.on, self.correlation_id, response);
    }
}

/// A member.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Member {
    /// `member.id`, given by the coordinator.
    pub id: Name,
    /// `group.instance.id` of a static member.
    pub instance_id: Option<Name>,
    /// `client.id` of its client.
    pub client_id: Name,
    /// Its host.
    pub client_host: Name,
    /// `session.timeout.ms`
    pub session_timeout_ms: u64,
    /// Its `max.poll.interval.ms`.
    pub rebalance_timeout_ms: u64,
    /// Assignors it supports, in its order of preference, each with its subscription.
    pub protocols: Vec<(Name, Subscription)>,
    /// Its share in the current generation.
    pub assignment: Assignment,
    /// It has not seen a generation yet.
    pub is_new: bool,
    /// A JoinGroup waits for the join phase to end.
    pub(super) awaiting_join: Option<Asker>,
    /// A SyncGroup waits for the leader's assignment.
    pub(super) awaiting_sync: Option<Asker>,
    /// When it is given up unless it is heard of.
    pub session_deadline: SimTime,
}

impl Member {
    /// Same assignors with the same subscriptions (`MemberMetadata.matches`).
    pub(super) fn matches(&self, protocols: &[(Name, Subscription)]) -> bool {
        self.protocols == protocols
    }

    /// Its subscription under an assignor.
    pub(super) fn subscription(&self, protocol: &str) -> Subscription {
        let found = self.protocols.iter().find(|(name, _)| &**name == protocol);
        found.map(|(_, subscription)| subscription.clone()).unwrap_or_default()
    }

    /// It waits for an answer, so its session cannot end (`hasSatisfiedHeartbeat`); a new one can
    /// be gone for good while it waits.
    pub(super) fn is_parked(&self) -> bool {
        !self.is_new && (self.awaiting_join.is_some() || self.awaiting_sync.is_some())
    }
}
