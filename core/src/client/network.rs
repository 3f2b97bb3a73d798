//! A client's connections to brokers and the requests in flight on them (`NetworkClient`,
//! `ClusterConnectionStates`, `InFlightRequests`).
//!
//! Simplified: where Java's client opens a socket and says ApiVersions, here the first request on a
//! new connection is a Metadata request, and the connection is open once that is answered. So nothing
//! that must not be lost is ever put on a connection that was never there.

use crate::collections::{BTreeMap, BTreeSet};

use super::Backoff;
use crate::ids::{BrokerId, NodeId};
use crate::machine::{Channel, Ctx};
use crate::protocol::Request;
use crate::time::{SimDuration, SimTime};

/// What governs connections; the names are those of the configs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NetworkConfig {
    /// `request.timeout.ms`.
    pub request_timeout_ms: u64,
    /// `reconnect.backoff.ms`, `reconnect.backoff.max.ms`.
    pub reconnect: Backoff,
    /// `socket.connection.setup.timeout.ms`, `socket.connection.setup.timeout.max.ms`.
    pub setup: Backoff,
    /// `max.in.flight.requests.per.connection`.
    pub in_flight_max: usize,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    Closed { retry_at: SimTime },
    Connecting,
    Open,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Link {
    state: State,
    failures: u32,
    /// When it was last opened.
    tried_at: SimTime,
}

#[derive(Clone, Debug)]
struct InFlight<K> {
    broker: BrokerId,
    deadline: SimTime,
    kind: K,
}

/// Connections and requests in flight; `K` is what the client remembers of a request.
#[derive(Clone, Debug)]
pub struct Network<K> {
    config: NetworkConfig,
    links: BTreeMap<BrokerId, Link>,
    in_flight: BTreeMap<u64, InFlight<K>>,
    correlation_id: u64,
}

/// When a client notices that a request is overdue: `NetworkClient.poll` sleeps in `epoll_wait`, and Linux may let a
/// sleep last a thousandth longer. So a broker that itself gives a request up after the same time (DelayedProduce)
/// answers before its client hangs up, and a producer stays with a leader that cannot commit (recorded).
fn noticed_after(request_timeout_ms: u64) -> SimDuration {
    SimDuration::from_ms(request_timeout_ms) + SimDuration::from_us(request_timeout_ms)
}

impl<K> Network<K> {
    /// A client without connections.
    pub fn new(config: NetworkConfig) -> Self {
        Self { config, links: BTreeMap::new(), in_flight: BTreeMap::new(), correlation_id: 0 }
    }

    fn state(&self, broker: BrokerId) -> State {
        self.links.get(&broker).map_or(State::Closed { retry_at: SimTime::ZERO }, |link| link.state)
    }

    fn in_flight_on(&self, broker: BrokerId) -> usize {
        self.in_flight.values().filter(|request| request.broker == broker).count()
    }

    /// True if a request may be sent there now.
    pub fn is_ready(&self, broker: BrokerId) -> bool {
        self.state(broker) == State::Open && self.in_flight_on(broker) < self.config.in_flight_max
    }

    /// True if there is no connection and its back-off is over.
    pub fn can_connect(&self, broker: BrokerId, now: SimTime) -> bool {
        matches!(self.state(broker), State::Closed { retry_at } if retry_at <= now)
    }

    /// True if a connection is being opened.
    pub fn is_connecting(&self, broker: BrokerId) -> bool {
        self.state(broker) == State::Connecting
    }

    /// True if there is an open connection, busy or not.
    pub fn is_connected(&self, broker: BrokerId) -> bool {
        self.state(broker) == State::Open
    }

    /// The broker to ask what any broker can answer (`NetworkClient.leastLoadedNode`): an idle open
    /// connection, else the open one with the fewest requests, else none while one is being opened,
    /// else of those that may be connected to the one whose last attempt is longest ago, so that a silent broker is not
    /// asked twice while there are others. Begins at a random place.
    pub fn least_loaded(&self, ctx: &mut Ctx<'_>, brokers: &[BrokerId]) -> Option<BrokerId> {
        let from = usize::try_from(ctx.rng.below(brokers.len() as u64)).ok()?;
        let around = || brokers.iter().cycle().skip(from).take(brokers.len()).copied();
        let open = around().filter(|id| self.is_ready(*id)).min_by_key(|id| self.in_flight_on(*id));
        if open.is_some() {
            return open;
        }
        if around().any(|id| self.state(id) == State::Connecting) {
            return None;
        }
        let tried_at = |id: &BrokerId| self.links.get(id).map_or(SimTime::ZERO, |link| link.tried_at);
        around().filter(|id| self.can_connect(*id, ctx.now)).min_by_key(tried_at)
    }

    /// Sends a request. On a closed connection it opens it and must be a Metadata request.
    pub fn send(&mut self, ctx: &mut Ctx<'_>, broker: BrokerId, request: Request, kind: K) {
        self.correlation_id += 1;
        let link =
            self.links.entry(broker).or_insert(Link { state: State::Connecting, failures: 0, tried_at: ctx.now });
        let wait = if link.state == State::Open {
            noticed_after(self.config.request_timeout_ms)
        } else {
            link.state = State::Connecting;
            link.tried_at = ctx.now;
            self.config.setup.wait(link.failures, ctx.rng)
        };
        let deadline = ctx.now + wait;
        self.in_flight.insert(self.correlation_id, InFlight { broker, deadline, kind });
        ctx.request(NodeId::Broker(broker), Channel::Data, self.correlation_id, request);
    }

    /// Sends a request that is never answered (Produce with acks=0).
    pub fn send_and_forget(&mut self, ctx: &mut Ctx<'_>, broker: BrokerId, request: Request) {
        self.correlation_id += 1;
        ctx.request(NodeId::Broker(broker), Channel::Data, self.correlation_id, request);
    }

    /// An answer came: what was asked of whom.
    pub fn answered(&mut self, correlation_id: u64) -> Option<(BrokerId, K)> {
        let request = self.in_flight.remove(&correlation_id)?;
        if let Some(link) = self.links.get_mut(&request.broker) {
            *link = Link { state: State::Open, failures: 0, ..*link };
        }
        Some((request.broker, request.kind))
    }

    /// A connection broke: what was in flight on it, oldest first.
    pub fn lost(&mut self, ctx: &mut Ctx<'_>, broker: BrokerId) -> Vec<K> {
        let Some(link) = self.links.get_mut(&broker) else { return Vec::new() };
        let wait = self.config.reconnect.wait(link.failures, ctx.rng);
        link.state = State::Closed { retry_at: ctx.now + wait };
        link.failures = link.failures.saturating_add(1);
        let ids: Vec<u64> = self.in_flight.iter().filter(|(_, r)| r.broker == broker).map(|(id, _)| *id).collect();
        ids.iter().filter_map(|id| self.in_flight.remove(id)).map(|request| request.kind).collect()
    }

    /// Gives up on connections with an overdue request: per request in flight on them, the broker, what
    /// was asked, and whether this very request was overdue.
    pub fn give_up_overdue(&mut self, ctx: &mut Ctx<'_>) -> Vec<(BrokerId, K, bool)> {
        let now = ctx.now;
        let silent: BTreeSet<BrokerId> =
            self.in_flight.values().filter(|request| request.deadline <= now).map(|request| request.broker).collect();
        let mut given_up = Vec::new();
        for broker in silent {
            let overdue: Vec<bool> =
                self.in_flight.values().filter(|r| r.broker == broker).map(|r| r.deadline <= now).collect();
            ctx.disconnect(NodeId::Broker(broker), Channel::Data);
            let kinds = self.lost(ctx, broker);
            given_up.extend(kinds.into_iter().zip(overdue).map(|(kind, overdue)| (broker, kind, overdue)));
        }
        given_up
    }

    /// What is in flight, oldest first.
    pub fn requests(&self) -> impl Iterator<Item = &K> {
        self.in_flight.values().map(|request| &request.kind)
    }

    /// Deadlines of requests in flight: correlation id, broker, when.
    pub fn request_deadlines(&self) -> impl Iterator<Item = (u64, BrokerId, SimTime)> {
        self.in_flight.iter().map(|(id, request)| (*id, request.broker, request.deadline))
    }

    /// When closed connections may be opened again.
    pub fn reconnect_deadlines(&self) -> impl Iterator<Item = (BrokerId, SimTime)> {
        self.links.iter().filter_map(|(broker, link)| match link.state {
            State::Closed { retry_at } => Some((*broker, retry_at)),
            _ => None,
        })
    }
}
