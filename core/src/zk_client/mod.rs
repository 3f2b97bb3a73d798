//! The ZooKeeper client library inside a broker (`ClientCnxn`, Kafka's `ZooKeeperClient`): one session
//! over changing connections, pings, operations in order, watches re-armed after a reconnection.

mod shell;

pub use shell::{ZkShell, ZkShellCommand};

use crate::collections::BTreeSet;
use std::collections::VecDeque;
use std::fmt;

use crate::ids::{Name, NodeId};
use crate::machine::{Body, Channel, Connection, Ctx, Deadline, Delivery, TimerTable};
use crate::protocol::zookeeper::{WatchEvent, WatchKind, ZkError, ZkOp, ZkRequest, ZkResponse, ZkResult};
use crate::protocol::{Request, Response};
use crate::time::{SimDuration, SimTime};

/// Which part of the broker an answer is for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum ZkOwner {
    /// Its registration.
    Broker,
    /// Its controller.
    Controller,
    /// Its topic configs.
    Configs,
    /// A person at `zookeeper-shell.sh`.
    Shell,
}

/// Finds the question that an answer belongs to.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct ZkTag {
    /// Whose question.
    pub owner: ZkOwner,
    /// Its number.
    pub id: u64,
}

/// What the library tells its broker.
#[derive(Clone, Debug)]
pub enum ZkClientEvent {
    /// A server serves the session.
    Connected {
        /// The session.
        session_id: i64,
        /// It is new: nothing of an earlier one stands.
        new_session: bool,
    },
    /// No server is connected; the session may live on.
    Disconnected,
    /// The session is over; ephemeral znodes and watches are gone.
    Expired,
    /// An answer.
    Reply {
        /// To which question.
        tag: ZkTag,
        /// What it says.
        result: Result<ZkResult, ZkError>,
    },
    /// A watch fired.
    Watch(WatchEvent),
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Timer {
    Reconnect,
    Ping,
    Silence,
}

impl fmt::Display for Timer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Reconnect => "tries another ZooKeeper server",
            Self::Ping => "pings ZooKeeper",
            Self::Silence => "gives up on a silent ZooKeeper server (two thirds of the session timeout)",
        })
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Phase {
    Idle,
    Waiting,
    Connecting(u64),
    Connected,
    Closed,
}

#[derive(Clone, Debug)]
struct Outstanding {
    tag: ZkTag,
    op: ZkOp,
    correlation_id: u64,
}

/// One session.
#[derive(Clone, Debug)]
pub struct ZkClient {
    /// The connect list, shuffled for each new session (`StaticHostProvider`).
    servers: Vec<u8>,
    /// Which of them is used.
    at: u8,
    /// Which was the last that served; before the list begins anew from there, the library rests.
    served: u8,
    asked_timeout_ms: u64,
    timeout_ms: u64,
    session_id: i64,
    password: u64,
    last_zxid: i64,
    phase: Phase,
    correlation: u64,
    outstanding: VecDeque<Outstanding>,
    data_watches: BTreeSet<Name>,
    /// Watches on znodes that were not there.
    exist_watches: BTreeSet<Name>,
    child_watches: BTreeSet<Name>,
    timers: TimerTable<Timer>,
}

impl ZkClient {
    /// A client of these servers that will ask for this session timeout.
    pub fn new(servers: Vec<u8>, session_timeout_ms: u64) -> Self {
        Self {
            servers,
            at: 0,
            served: 0,
            asked_timeout_ms: session_timeout_ms,
            timeout_ms: session_timeout_ms,
            session_id: 0,
            password: 0,
            last_zxid: 0,
            phase: Phase::Idle,
            correlation: 0,
            outstanding: VecDeque::new(),
            data_watches: BTreeSet::new(),
            exist_watches: BTreeSet::new(),
            child_watches: BTreeSet::new(),
            timers: TimerTable::default(),
        }
    }

    /// Opens a new session.
    pub fn start(&mut self, ctx: &mut Ctx<'_>) {
        self.forget_session();
        for last in (1..self.servers.len()).rev() {
            let other = ctx.rng.below(last as u64 + 1) as usize;
            self.servers.swap(last, other);
        }
        (self.at, self.served) = (0, 0);
        self.connect(ctx);
    }

    fn forget_session(&mut self) {
        (self.session_id, self.password, self.last_zxid) = (0, 0, 0);
        self.data_watches.clear();
        self.exist_watches.clear();
        self.child_watches.clear();
    }

    /// The session's id, once it stands.
    pub fn session_id(&self) -> Option<i64> {
        (self.session_id != 0).then_some(self.session_id)
    }

    /// A server serves the session now.
    pub fn is_connected(&self) -> bool {
        self.phase == Phase::Connected
    }

    fn server(&self) -> NodeId {
        NodeId::ZooKeeper(self.servers.get(usize::from(self.at)).copied().unwrap_or(1))
    }

    fn number(&mut self) -> u64 {
        self.correlation += 1;
        self.correlation
    }

    fn send(&mut self, ctx: &mut Ctx<'_>, correlation_id: u64, request: ZkRequest) {
        ctx.request(self.server(), Channel::Session, correlation_id, Request::ZooKeeper(request));
        if self.phase == Phase::Connected {
            self.timers.set(Timer::Ping, ctx.now + self.ping_after());
        }
    }

    fn read_timeout(&self) -> SimDuration {
        SimDuration::from_ms(self.timeout_ms * 2 / 3)
    }

    fn ping_after(&self) -> SimDuration {
        SimDuration::from_ms((self.timeout_ms / 3).min(10_000))
    }

    fn connect(&mut self, ctx: &mut Ctx<'_>) {
        let correlation_id = self.number();
        self.phase = Phase::Connecting(correlation_id);
        let request = ZkRequest::Connect {
            session_id: self.session_id,
            password: self.password,
            timeout_ms: self.asked_timeout_ms,
            last_zxid: self.last_zxid,
        };
        self.send(ctx, correlation_id, request);
        let patience = SimDuration::from_ms((self.timeout_ms / self.servers.len().max(1) as u64).max(1));
        self.timers.set(Timer::Silence, ctx.now + patience);
        self.timers.cancel(&Timer::Ping);
    }

    /// Asks something. Operations keep their order; those without an answer are asked again after a
    /// reconnection in the same session (`KafkaZkClient.retryRequestsUntilConnected`).
    pub fn submit(&mut self, ctx: &mut Ctx<'_>, tag: ZkTag, op: ZkOp) {
        let correlation_id = self.number();
        self.outstanding.push_back(Outstanding { tag, op: op.clone(), correlation_id });
        if self.phase == Phase::Connected {
            self.send(ctx, correlation_id, ZkRequest::Op(op));
        }
    }

    /// A message on a session connection.
    pub fn on_delivery(&mut self, ctx: &mut Ctx<'_>, delivery: &Delivery) -> Vec<ZkClientEvent> {
        if delivery.connection.server != self.server() {
            return Vec::new();
        }
        match &delivery.body {
            Body::Watch(event) if self.phase == Phase::Connected => {
                self.heard(ctx);
                self.watch_fired(event);
                vec![ZkClientEvent::Watch(event.clone())]
            }
            Body::Response(Response::ZooKeeper(response)) => self.answered(ctx, delivery.correlation_id, response),
            _ => Vec::new(),
        }
    }

    /// A watch fires once (`ZKWatchManager.materialize`).
    fn watch_fired(&mut self, event: &WatchEvent) {
        if event.kind != WatchKind::NodeChildrenChanged {
            self.data_watches.remove(&event.path);
            self.exist_watches.remove(&event.path);
        }
        if matches!(event.kind, WatchKind::NodeChildrenChanged | WatchKind::NodeDeleted) {
            self.child_watches.remove(&event.path);
        }
    }

    fn heard(&mut self, ctx: &Ctx<'_>) {
        if self.phase == Phase::Connected {
            self.timers.set(Timer::Silence, ctx.now + self.read_timeout());
        }
    }

    fn answered(&mut self, ctx: &mut Ctx<'_>, correlation_id: u64, response: &ZkResponse) -> Vec<ZkClientEvent> {
        match (self.phase, response) {
            (Phase::Connecting(asked), ZkResponse::Connected { session_id, password, timeout_ms })
                if asked == correlation_id =>
            {
                let new_session = self.session_id != *session_id;
                self.session_id = *session_id;
                self.password = *password;
                self.served = self.at;
                self.timeout_ms = *timeout_ms;
                self.phase = Phase::Connected;
                self.heard(ctx);
                self.timers.set(Timer::Ping, ctx.now + self.ping_after());
                self.resume(ctx);
                vec![ZkClientEvent::Connected { session_id: *session_id, new_session }]
            }
            (Phase::Connecting(asked), ZkResponse::Expired) if asked == correlation_id => self.expired(ctx),
            (Phase::Connected, ZkResponse::Expired) => self.expired(ctx),
            (Phase::Connected, ZkResponse::Pong) => {
                self.heard(ctx);
                Vec::new()
            }
            (Phase::Connected, ZkResponse::Op { result, zxid }) => {
                self.heard(ctx);
                self.last_zxid = self.last_zxid.max(*zxid);
                let Some(at) = self.outstanding.iter().position(|o| o.correlation_id == correlation_id) else {
                    return Vec::new();
                };
                let Some(asked) = self.outstanding.remove(at) else { return Vec::new() };
                self.note_watch(&asked.op, result);
                vec![ZkClientEvent::Reply { tag: asked.tag, result: result.clone() }]
            }
            _ => Vec::new(),
        }
    }

    fn note_watch(&mut self, op: &ZkOp, result: &Result<ZkResult, ZkError>) {
        match op {
            ZkOp::GetData { path, watch: true } if result.is_ok() => {
                self.data_watches.insert(path.clone());
            }
            ZkOp::Exists { path, watch: true } if result.is_ok() => {
                self.data_watches.insert(path.clone());
            }
            ZkOp::Exists { path, watch: true } => {
                self.exist_watches.insert(path.clone());
            }
            ZkOp::GetChildren { path, watch: true } if result.is_ok() => {
                self.child_watches.insert(path.clone());
            }
            _ => {}
        }
    }

    /// After a (re)connection: watches first, so that nothing is missed, then what was not answered.
    fn resume(&mut self, ctx: &mut Ctx<'_>) {
        if !self.data_watches.is_empty() || !self.exist_watches.is_empty() || !self.child_watches.is_empty() {
            let correlation_id = self.number();
            let request = ZkRequest::SetWatches {
                relative_zxid: self.last_zxid,
                data: self.data_watches.iter().cloned().collect(),
                exists: self.exist_watches.iter().cloned().collect(),
                children: self.child_watches.iter().cloned().collect(),
            };
            self.send(ctx, correlation_id, request);
        }
        for index in 0..self.outstanding.len() {
            let correlation_id = self.number();
            let Some(outstanding) = self.outstanding.get_mut(index) else { break };
            outstanding.correlation_id = correlation_id;
            let op = outstanding.op.clone();
            self.send(ctx, correlation_id, ZkRequest::Op(op));
        }
    }

    fn expired(&mut self, ctx: &mut Ctx<'_>) -> Vec<ZkClientEvent> {
        ctx.disconnect(self.server(), Channel::Session);
        self.timers = TimerTable::default();
        self.phase = Phase::Idle;
        self.forget_session();
        let unanswered = std::mem::take(&mut self.outstanding);
        let mut events = vec![ZkClientEvent::Expired];
        events.extend(
            unanswered
                .into_iter()
                .map(|asked| ZkClientEvent::Reply { tag: asked.tag, result: Err(ZkError::SessionExpired) }),
        );
        events
    }

    /// The connection broke, or a server refused it.
    pub fn on_connection_lost(&mut self, ctx: &mut Ctx<'_>, connection: &Connection) -> Vec<ZkClientEvent> {
        if connection.server != self.server() {
            return Vec::new();
        }
        self.drop_server(ctx)
    }

    fn drop_server(&mut self, ctx: &mut Ctx<'_>) -> Vec<ZkClientEvent> {
        if matches!(self.phase, Phase::Idle | Phase::Waiting | Phase::Closed) {
            return Vec::new();
        }
        let was_connected = self.phase == Phase::Connected;
        self.phase = Phase::Waiting;
        self.at = (self.at + 1) % (self.servers.len().max(1) as u8);
        self.timers.cancel(&Timer::Ping);
        self.timers.cancel(&Timer::Silence);
        // The library sleeps up to a second before each attempt, so that a restarted server is not met
        // by all its clients at once, and a second more after it has tried the whole list.
        let spin = if self.at == self.served { 1000 } else { 0 };
        let pause = SimDuration::from_ms(ctx.rng.between(0, 999) + spin);
        self.timers.set(Timer::Reconnect, ctx.now + pause);
        if was_connected { vec![ZkClientEvent::Disconnected] } else { Vec::new() }
    }

    /// A deadline is due.
    pub fn on_timer(&mut self, ctx: &mut Ctx<'_>) -> Vec<ZkClientEvent> {
        let mut events = Vec::new();
        while let Some(timer) = self.timers.pop_due(ctx.now) {
            match timer {
                Timer::Reconnect => self.connect(ctx),
                Timer::Ping => {
                    let correlation_id = self.number();
                    self.send(ctx, correlation_id, ZkRequest::Ping);
                }
                Timer::Silence => {
                    ctx.disconnect(self.server(), Channel::Session);
                    events.extend(self.drop_server(ctx));
                }
            }
        }
        events
    }

    /// When the library wants to be woken.
    pub fn next_deadline(&self) -> Option<SimTime> {
        self.timers.next()
    }

    /// Its deadlines in words.
    pub fn deadlines(&self) -> Vec<Deadline> {
        self.timers.describe()
    }

    /// Ends the session in order: its ephemeral znodes vanish at once.
    pub fn close(&mut self, ctx: &mut Ctx<'_>) {
        if self.phase == Phase::Connected {
            let correlation_id = self.number();
            self.send(ctx, correlation_id, ZkRequest::Close);
        }
        self.phase = Phase::Closed;
        self.timers = TimerTable::default();
    }
}
