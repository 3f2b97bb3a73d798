//! Requests in flight and the connections they use (`NetworkClient`, `ConsumerNetworkClient`).
//!
//! Leaves out idle connections being closed (`connections.max.idle.ms`) and the time-out of a
//! connection's set-up: a handshake that gets no answer ends with its first request's time-out.

use super::Consumer;
use super::commit::Committer;
use super::positions::Position;
use super::timer::ConsumerTimer;
use crate::collections::SortedMap;
use crate::ids::{BrokerId, NodeId, TopicPartition};
use crate::machine::{Channel, Connection, Ctx};
use crate::protocol::{Request, Response};
use crate::time::{SimDuration, SimTime};

/// What a request was sent for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Purpose {
    Metadata,
    FindCoordinator,
    JoinGroup,
    SyncGroup,
    Heartbeat,
    LeaveGroup,
    OffsetCommit(Committer),
    OffsetFetch,
    /// (partition, timestamp asked for)
    ListOffsets(Vec<(TopicPartition, i64)>),
    /// (partition, position)
    OffsetForLeaderEpoch(Vec<(TopicPartition, Position)>),
    /// (partition, position)
    Fetch(Vec<(TopicPartition, i64)>),
}

/// A request that is not answered.
#[derive(Clone, Debug)]
struct InFlight {
    server: BrokerId,
    channel: Channel,
    purpose: Purpose,
}

/// What is known of a connection.
#[derive(Clone, Debug, Default)]
struct Link {
    /// An answer came on it since it was last lost.
    connected: bool,
    failures: u32,
    backoff_until: Option<SimTime>,
}

/// Everything in flight.
#[derive(Clone, Debug, Default)]
pub struct Requests {
    correlation: u64,
    in_flight: SortedMap<u64, InFlight>,
    /// The servers of the Fetches among them.
    fetching: Vec<BrokerId>,
    links: SortedMap<(BrokerId, Channel), Link>,
}

impl Requests {
    /// Some request other than a Fetch is on its way with this purpose.
    pub fn any(&self, test: impl Fn(&Purpose) -> bool) -> bool {
        self.in_flight.len() > self.fetching.len() && self.in_flight.values().any(|request| test(&request.purpose))
    }

    /// A Fetch is on its way to this broker.
    pub fn is_fetching_from(&self, server: BrokerId) -> bool {
        self.fetching.contains(&server)
    }

    fn put(&mut self, id: u64, request: InFlight) {
        if matches!(request.purpose, Purpose::Fetch(_)) {
            self.fetching.push(request.server);
        }
        self.in_flight.insert(id, request);
    }

    fn take(&mut self, id: u64) -> Option<InFlight> {
        let request = self.in_flight.remove(&id)?;
        if matches!(request.purpose, Purpose::Fetch(_))
            && let Some(place) = self.fetching.iter().position(|server| *server == request.server)
        {
            self.fetching.swap_remove(place);
        }
        Some(request)
    }

    /// The connection may be used (or opened) now.
    pub fn usable(&self, server: BrokerId, channel: Channel, now: SimTime) -> bool {
        let backoff = self.links.get(&(server, channel)).and_then(|link| link.backoff_until);
        backoff.is_none_or(|until| until <= now)
    }

    fn load(&self, server: BrokerId) -> usize {
        self.in_flight.values().filter(|r| r.server == server && r.channel == Channel::Data).count()
    }
}

/// `ExponentialBackoff`: `initial_ms` doubled for each attempt up to `max_ms`, give or take a fifth.
pub fn backoff(ctx: &mut Ctx<'_>, attempts: u32, initial_ms: u64, max_ms: u64) -> SimDuration {
    let term = initial_ms.saturating_mul(1 << attempts.min(20)).min(max_ms.max(initial_ms));
    let us = SimDuration::from_ms(term).0;
    let fifth = us / 5;
    let drawn = ctx.rng.between(us.saturating_sub(fifth), us.saturating_add(fifth));
    SimDuration::from_us(drawn.min(SimDuration::from_ms(max_ms.max(initial_ms)).0))
}

impl Consumer {
    /// A back-off by `retry.backoff.ms`.
    pub(super) fn retry_backoff(&self, ctx: &mut Ctx<'_>, attempts: u32) -> SimDuration {
        backoff(ctx, attempts, self.config.retry_backoff_ms, self.config.retry_backoff_max_ms)
    }

    pub(super) fn send(
        &mut self,
        ctx: &mut Ctx<'_>,
        server: BrokerId,
        channel: Channel,
        purpose: Purpose,
        request: Request,
    ) {
        self.requests.correlation += 1;
        let id = self.requests.correlation;
        let timeout_ms = match purpose {
            // A join waits for the whole group (`AbstractCoordinator.JOIN_GROUP_TIMEOUT_LAPSE`).
            Purpose::JoinGroup => {
                self.config.request_timeout_ms.max(self.config.max_poll_interval_ms.saturating_add(5000))
            }
            _ => self.config.request_timeout_ms,
        };
        self.timers.set(ConsumerTimer::Request(id), ctx.now + SimDuration::from_ms(timeout_ms));
        self.requests.put(id, InFlight { server, channel, purpose });
        ctx.request(NodeId::Broker(server), channel, id, request);
    }

    /// The broker with the least to do on a usable connection (`NetworkClient.leastLoadedNode`).
    pub(super) fn least_loaded(&self, ctx: &mut Ctx<'_>) -> Option<BrokerId> {
        let known = self.metadata.brokers();
        let nodes = if known.is_empty() { &self.bootstrap } else { known };
        let usable: Vec<BrokerId> =
            nodes.iter().copied().filter(|node| self.requests.usable(*node, Channel::Data, ctx.now)).collect();
        let rank = |node: BrokerId| {
            let link = self.requests.links.get(&(node, Channel::Data));
            (!link.is_some_and(|link| link.connected), self.requests.load(node))
        };
        let best = usable.iter().map(|node| rank(*node)).min()?;
        let equal: Vec<BrokerId> = usable.into_iter().filter(|node| rank(*node) == best).collect();
        let drawn = ctx.rng.below(u64::try_from(equal.len()).unwrap_or(0));
        equal.get(usize::try_from(drawn).unwrap_or(0)).copied()
    }

    pub(super) fn answered(&mut self, ctx: &mut Ctx<'_>, connection: &Connection, id: u64, response: Response) {
        let known = self.requests.in_flight.get(&id).is_some_and(|request| {
            connection.server.broker() == Some(request.server) && connection.channel == request.channel
        });
        if !known {
            return;
        }
        let Some(InFlight { server, channel, purpose }) = self.requests.take(id) else { return };
        self.timers.cancel(&ConsumerTimer::Request(id));
        let link = self.requests.links.get_or_insert_with((server, channel), Link::default);
        *link = Link { connected: true, ..Link::default() };
        match response {
            Response::Metadata(answer) => self.metadata_came(ctx, answer),
            Response::FindCoordinator(answer) => {
                self.coordinator_came(ctx, &answer);
                self.search_ended(ctx);
            }
            Response::JoinGroup(answer) => self.join_answered(ctx, answer),
            Response::SyncGroup(answer) => self.sync_answered(ctx, answer),
            Response::Heartbeat(error) => self.heartbeat_answered(ctx, error),
            Response::LeaveGroup(_) => self.left_group(),
            Response::OffsetCommit(answer) => {
                if let Purpose::OffsetCommit(committer) = purpose {
                    self.commit_answered(ctx, committer, answer);
                }
            }
            Response::OffsetFetch(answer) => self.committed_came(ctx, answer),
            Response::ListOffsets(answer) => {
                if let Purpose::ListOffsets(asked) = purpose {
                    self.offsets_came(ctx, &asked, answer);
                }
            }
            Response::OffsetForLeaderEpoch(answer) => {
                if let Purpose::OffsetForLeaderEpoch(asked) = purpose {
                    self.validated(ctx, &asked, answer);
                }
            }
            Response::Fetch(answer) => {
                if let Purpose::Fetch(asked) = purpose {
                    self.fetched(ctx, server, &asked, answer);
                }
            }
            _ => {}
        }
    }

    /// A request got no answer in time: the connection is given up with everything on it.
    pub(super) fn request_overdue(&mut self, ctx: &mut Ctx<'_>, id: u64) {
        let Some(request) = self.requests.in_flight.get(&id) else { return };
        let (server, channel) = (request.server, request.channel);
        ctx.disconnect(NodeId::Broker(server), channel);
        self.link_lost(ctx, server, channel);
    }

    pub(super) fn link_lost(&mut self, ctx: &mut Ctx<'_>, server: BrokerId, channel: Channel) {
        let link = self.requests.links.get_or_insert_with((server, channel), Link::default);
        let failures = link.failures;
        link.connected = false;
        link.failures = failures.saturating_add(1);
        let wait = backoff(ctx, failures, self.config.reconnect_backoff_ms, self.config.reconnect_backoff_max_ms);
        let until = ctx.now + wait;
        if let Some(link) = self.requests.links.get_mut(&(server, channel)) {
            link.backoff_until = Some(until);
        }
        self.timers.set(ConsumerTimer::Reconnect(server, channel), until);
        let lost: Vec<u64> = self
            .requests
            .in_flight
            .iter()
            .filter(|(_, request)| request.server == server && request.channel == channel)
            .map(|(id, _)| *id)
            .collect();
        if channel == Channel::Coordinator {
            self.coordinator_gone(ctx, server);
        }
        // Whoever loses a connection suspects that the cluster has changed.
        self.metadata.request_update();
        for id in lost {
            self.timers.cancel(&ConsumerTimer::Request(id));
            if let Some(request) = self.requests.take(id) {
                self.failed(ctx, server, request.purpose);
            }
        }
    }

    /// A request was lost with its connection.
    fn failed(&mut self, ctx: &mut Ctx<'_>, server: BrokerId, purpose: Purpose) {
        match purpose {
            Purpose::Metadata => self.metadata_failed(ctx),
            Purpose::FindCoordinator => {
                self.coordinator_search_failed(ctx);
                self.search_ended(ctx);
            }
            Purpose::JoinGroup | Purpose::SyncGroup => self.join_lost(),
            Purpose::Heartbeat => self.heartbeat_lost(ctx),
            Purpose::LeaveGroup => self.left_group(),
            Purpose::OffsetCommit(committer) => self.commit_lost(ctx, committer),
            Purpose::OffsetFetch => self.committed_lost(ctx),
            Purpose::ListOffsets(asked) => self.offsets_lost(ctx, &asked),
            Purpose::OffsetForLeaderEpoch(_) => self.validation_failed(ctx),
            Purpose::Fetch(asked) => self.fetch_lost(server, &asked),
        }
    }
}
