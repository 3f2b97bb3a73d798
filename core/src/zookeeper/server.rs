//! One server, standing alone (`ZooKeeperServer`).

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::rc::Rc;

use super::session::{Session, SessionInfo, expiry};
use super::tree::{Change, Tree};
use super::watches::Watches;
use crate::ids::Name;
use crate::machine::{Body, Connection, Ctx, Deadline, Delivery, Input, Machine, Observation, TimerTable};
use crate::protocol::zookeeper::{Stat, WatchEvent, WatchKind, ZkOp, ZkRequest, ZkResponse};
use crate::protocol::{Request, Response};
use crate::time::{SimDuration, SimTime};

/// What the transaction log and the snapshots keep.
#[derive(Clone, Debug, Default)]
pub struct ZooKeeperDurable {
    tree: Rc<Tree>,
    sessions: BTreeMap<i64, Session>,
    last_zxid: i64,
    session_count: i64,
}

impl ZooKeeperDurable {
    /// Every znode in the order of paths.
    pub fn tree(&self) -> impl Iterator<Item = (&Name, &Name, &Stat)> {
        self.tree.iter()
    }
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Timer {
    Tick,
}

impl fmt::Display for Timer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("looks for sessions to expire")
    }
}

/// A transaction that is on its way to disk.
#[derive(Clone, Debug)]
enum Transaction {
    Open { connection: Connection, correlation_id: u64, timeout_ms: u64 },
    Write { session: i64, connection: Connection, correlation_id: u64, op: ZkOp },
    Read { session: i64, connection: Connection, correlation_id: u64, op: ZkOp },
    Close { session: i64, connection: Connection, correlation_id: u64 },
    Expire { session: i64 },
}

/// A server's process.
#[derive(Clone, Debug)]
pub struct ZooKeeperServer {
    id: u8,
    tick_ms: u64,
    durable: ZooKeeperDurable,
    /// The session that each connection serves.
    serving: BTreeMap<Connection, i64>,
    watches: Watches,
    /// Requests in order; writes wait for the disk, and what comes behind them waits too.
    pipeline: VecDeque<Transaction>,
    flushing: bool,
    token: u64,
    timers: TimerTable<Timer>,
}

impl ZooKeeperServer {
    /// A server about to start on its disk.
    pub fn new(id: u8, _ensemble: Vec<u8>, tick_ms: u64, durable: ZooKeeperDurable) -> Self {
        // Simplified: one server stands alone; the ensemble's election and broadcast come next.
        Self {
            id,
            tick_ms: tick_ms.max(1),
            durable,
            serving: BTreeMap::new(),
            watches: Watches::default(),
            pipeline: VecDeque::new(),
            flushing: false,
            token: 0,
            timers: TimerTable::default(),
        }
    }

    /// What stays when the process is gone.
    pub fn into_durable(self) -> ZooKeeperDurable {
        self.durable
    }

    /// `myid`.
    pub fn id(&self) -> u8 {
        self.id
    }

    /// `standalone`.
    pub fn role(&self) -> &'static str {
        "standalone"
    }

    /// Every znode in the order of paths.
    pub fn tree(&self) -> impl Iterator<Item = (&Name, &Name, &Stat)> {
        self.durable.tree.iter()
    }

    /// Data and stat of a znode.
    pub fn znode(&self, path: &str) -> Option<(&Name, &Stat)> {
        self.durable.tree.get(path)
    }

    /// The names of a znode's children.
    pub fn children(&self, path: &str) -> Option<Vec<Name>> {
        self.durable.tree.children(path)
    }

    /// Sessions by id.
    pub fn sessions(&self) -> impl Iterator<Item = SessionInfo> {
        self.durable.sessions.values().map(|session| SessionInfo {
            id: session.id,
            owner: session.owner.clone(),
            timeout_ms: session.timeout_ms,
            expires_at: session.expires_at,
            ephemerals: self.durable.tree.ephemerals(session.id),
        })
    }

    fn touch(&mut self, session: i64, now: SimTime) {
        let tick_ms = self.tick_ms;
        if let Some(session) = self.durable.sessions.get_mut(&session) {
            session.expires_at = session.expires_at.max(expiry(now, session.timeout_ms, tick_ms));
        }
    }

    fn set_tick(&mut self, now: SimTime) {
        let next = (now.as_ms() / self.tick_ms + 1) * self.tick_ms;
        self.timers.set(Timer::Tick, SimTime::from_ms(next));
    }

    fn received(&mut self, ctx: &mut Ctx<'_>, delivery: Delivery) {
        let Delivery { connection, correlation_id, body: Body::Request(Request::ZooKeeper(request)) } = delivery else {
            return;
        };
        if let ZkRequest::Connect { session_id, timeout_ms, .. } = request {
            self.connect(ctx, connection, correlation_id, session_id, timeout_ms);
            return;
        }
        let Some(session) = self.serving.get(&connection).copied() else {
            ctx.respond(&connection, correlation_id, Response::ZooKeeper(ZkResponse::Expired));
            return;
        };
        self.touch(session, ctx.now);
        match request {
            ZkRequest::Ping => ctx.respond(&connection, correlation_id, Response::ZooKeeper(ZkResponse::Pong)),
            ZkRequest::Close => self.pipeline.push_back(Transaction::Close { session, connection, correlation_id }),
            ZkRequest::SetWatches { relative_zxid, data, children } => {
                self.set_watches(ctx, &connection, session, relative_zxid, &data, &children);
            }
            ZkRequest::Op(op) => {
                let read = matches!(op, ZkOp::GetData { .. } | ZkOp::Exists { .. } | ZkOp::GetChildren { .. });
                self.pipeline.push_back(if read {
                    Transaction::Read { session, connection, correlation_id, op }
                } else {
                    Transaction::Write { session, connection, correlation_id, op }
                });
            }
            ZkRequest::Connect { .. } => {}
        }
        self.proceed(ctx);
    }

    fn connect(&mut self, ctx: &mut Ctx<'_>, connection: Connection, correlation_id: u64, asked: i64, timeout_ms: u64) {
        if asked == 0 {
            self.pipeline.push_back(Transaction::Open { connection, correlation_id, timeout_ms });
            self.proceed(ctx);
            return;
        }
        let Some(session) = self.durable.sessions.get(&asked) else {
            ctx.respond(&connection, correlation_id, Response::ZooKeeper(ZkResponse::Expired));
            return;
        };
        let timeout_ms = session.timeout_ms;
        self.serving.retain(|_, session| *session != asked);
        self.serving.insert(connection.clone(), asked);
        self.touch(asked, ctx.now);
        let answer = ZkResponse::Connected { session_id: asked, timeout_ms };
        ctx.respond(&connection, correlation_id, Response::ZooKeeper(answer));
    }

    /// Watches of a client that has reconnected; what they missed fires at once.
    fn set_watches(
        &mut self,
        ctx: &mut Ctx<'_>,
        connection: &Connection,
        session: i64,
        relative_zxid: i64,
        data: &[Name],
        children: &[Name],
    ) {
        for path in data {
            match self.durable.tree.get(path) {
                // Without knowing whether it was there before, a missing znode is watched for creation;
                // had it been there, its deletion shows.
                None => self.watches.watch_data(path, session),
                Some((_, stat)) if stat.mzxid > relative_zxid => {
                    let kind =
                        if stat.czxid > relative_zxid { WatchKind::NodeCreated } else { WatchKind::NodeDataChanged };
                    self.tell(ctx, connection, session, WatchEvent { kind, path: path.clone() });
                }
                Some(_) => self.watches.watch_data(path, session),
            }
        }
        for path in children {
            match self.durable.tree.get(path) {
                Some((_, stat)) if stat.pzxid <= relative_zxid => self.watches.watch_children(path, session),
                Some(_) => {
                    let event = WatchEvent { kind: WatchKind::NodeChildrenChanged, path: path.clone() };
                    self.tell(ctx, connection, session, event);
                }
                None => {
                    let event = WatchEvent { kind: WatchKind::NodeDeleted, path: path.clone() };
                    self.tell(ctx, connection, session, event);
                }
            }
        }
    }

    fn tell(&self, ctx: &mut Ctx<'_>, connection: &Connection, session: i64, event: WatchEvent) {
        if let Some(session) = self.durable.sessions.get(&session) {
            ctx.observe(Observation::WatchFired { path: event.path.clone(), watcher: session.owner.clone() });
        }
        ctx.notify(connection, event);
    }

    /// Works the pipeline off up to the next write that is not on disk.
    fn proceed(&mut self, ctx: &mut Ctx<'_>) {
        while !self.flushing {
            let Some(Transaction::Read { .. }) = self.pipeline.front() else {
                if !self.pipeline.is_empty() {
                    self.token += 1;
                    self.flushing = true;
                    let takes = SimDuration::from_us(ctx.rng.between(600, 1400));
                    ctx.flush(self.token, takes);
                }
                return;
            };
            if let Some(Transaction::Read { session, connection, correlation_id, op }) = self.pipeline.pop_front() {
                self.answer_read(ctx, session, &connection, correlation_id, &op);
            }
        }
    }

    fn answer_read(
        &mut self,
        ctx: &mut Ctx<'_>,
        session: i64,
        connection: &Connection,
        correlation_id: u64,
        op: &ZkOp,
    ) {
        let result = self.durable.tree.read(op);
        match op {
            ZkOp::GetData { path, watch: true } if result.is_ok() => self.watches.watch_data(path, session),
            ZkOp::Exists { path, watch: true } => self.watches.watch_data(path, session),
            ZkOp::GetChildren { path, watch: true } if result.is_ok() => self.watches.watch_children(path, session),
            _ => {}
        }
        let answer = ZkResponse::Op { result, zxid: self.durable.last_zxid };
        ctx.respond(connection, correlation_id, Response::ZooKeeper(answer));
    }

    /// What was being written is on disk: apply it, and what waited behind it in the same flush.
    fn flushed(&mut self, ctx: &mut Ctx<'_>) {
        self.flushing = false;
        if let Some(transaction) = self.pipeline.pop_front() {
            self.commit(ctx, transaction);
        }
        // Group commit: writes that came meanwhile were written in the same sweep.
        while let Some(transaction) = self.pipeline.pop_front() {
            match transaction {
                Transaction::Read { session, connection, correlation_id, op } => {
                    self.answer_read(ctx, session, &connection, correlation_id, &op);
                }
                other => self.commit(ctx, other),
            }
        }
    }

    fn commit(&mut self, ctx: &mut Ctx<'_>, transaction: Transaction) {
        let zxid = self.durable.last_zxid + 1;
        match transaction {
            Transaction::Open { connection, correlation_id, timeout_ms } => {
                self.durable.last_zxid = zxid;
                self.durable.session_count += 1;
                let id = (i64::from(self.id) << 56) + self.durable.session_count;
                let granted = timeout_ms.clamp(2 * self.tick_ms, 20 * self.tick_ms);
                let owner = Name::from(connection.client.to_string());
                let expires_at = expiry(ctx.now, granted, self.tick_ms);
                let session = Session { id, owner: owner.clone(), timeout_ms: granted, expires_at };
                self.durable.sessions.insert(id, session);
                self.serving.insert(connection.clone(), id);
                ctx.observe(Observation::SessionOpened { session: id, owner });
                let answer = ZkResponse::Connected { session_id: id, timeout_ms: granted };
                ctx.respond(&connection, correlation_id, Response::ZooKeeper(answer));
            }
            Transaction::Write { session, connection, correlation_id, op } => {
                if !self.durable.sessions.contains_key(&session) {
                    ctx.respond(&connection, correlation_id, Response::ZooKeeper(ZkResponse::Expired));
                    return;
                }
                let now_ms = ctx.now.wall_clock_ms();
                // A failed write is a transaction too: it has a number and no effect.
                self.durable.last_zxid = zxid;
                let applied = Rc::make_mut(&mut self.durable.tree).apply(&op, zxid, now_ms, session);
                let result = match applied {
                    Ok((result, changes)) => {
                        self.fire(ctx, &changes);
                        Ok(result)
                    }
                    Err(error) => Err(error),
                };
                let answer = ZkResponse::Op { result, zxid };
                ctx.respond(&connection, correlation_id, Response::ZooKeeper(answer));
            }
            Transaction::Read { session, connection, correlation_id, op } => {
                self.answer_read(ctx, session, &connection, correlation_id, &op);
            }
            Transaction::Close { session, connection, correlation_id } => {
                if let Some(closed) = self.end_session(ctx, session, zxid) {
                    ctx.observe(Observation::SessionClosed { session, owner: closed.owner });
                }
                ctx.respond(&connection, correlation_id, Response::ZooKeeper(ZkResponse::Closed));
            }
            Transaction::Expire { session } => {
                let overdue = self.durable.sessions.get(&session).is_some_and(|s| s.expires_at <= ctx.now);
                if !overdue {
                    return;
                }
                if let Some(owner) = self.durable.sessions.get(&session).map(|session| session.owner.clone()) {
                    ctx.observe(Observation::SessionExpired { session, owner });
                }
                self.end_session(ctx, session, zxid);
            }
        }
    }

    fn end_session(&mut self, ctx: &mut Ctx<'_>, session: i64, zxid: i64) -> Option<Session> {
        let ended = self.durable.sessions.remove(&session)?;
        self.durable.last_zxid = zxid;
        self.watches.forget(session);
        let changes = Rc::make_mut(&mut self.durable.tree).close_session(session, zxid);
        self.fire(ctx, &changes);
        // A client that still holds the connection learns of the end.
        let held: Vec<Connection> =
            self.serving.iter().filter(|(_, of)| **of == session).map(|(connection, _)| connection.clone()).collect();
        for connection in held {
            self.serving.remove(&connection);
        }
        Some(ended)
    }

    fn fire(&mut self, ctx: &mut Ctx<'_>, changes: &[Change]) {
        for change in changes {
            match change {
                (WatchKind::NodeCreated, path) => ctx.observe(Observation::ZnodeCreated { path: path.clone() }),
                (WatchKind::NodeDeleted, path) => ctx.observe(Observation::ZnodeDeleted { path: path.clone() }),
                _ => {}
            }
            for (session, event) in self.watches.fire(change) {
                let connection = self.serving.iter().find(|(_, of)| **of == session).map(|(c, _)| c.clone());
                if let Some(connection) = connection {
                    self.tell(ctx, &connection, session, event);
                }
            }
        }
    }

    fn tick(&mut self, ctx: &mut Ctx<'_>) {
        let overdue: Vec<i64> = self
            .durable
            .sessions
            .values()
            .filter(|session| session.expires_at <= ctx.now)
            .map(|session| session.id)
            .collect();
        for session in overdue {
            self.pipeline.push_back(Transaction::Expire { session });
        }
        self.proceed(ctx);
        self.set_tick(ctx.now);
    }
}

impl Machine for ZooKeeperServer {
    type Command = ();

    fn handle(&mut self, ctx: &mut Ctx<'_>, input: Input<()>) {
        match input {
            Input::Boot => {
                // The clocks of all sessions start anew: nobody could be heard meanwhile.
                let tick_ms = self.tick_ms;
                for session in self.durable.sessions.values_mut() {
                    session.expires_at = expiry(ctx.now, session.timeout_ms, tick_ms);
                }
                self.set_tick(ctx.now);
            }
            Input::Deliver(delivery) => self.received(ctx, delivery),
            Input::Timer => {
                while self.timers.pop_due(ctx.now).is_some() {
                    self.tick(ctx);
                }
            }
            Input::ConnectionLost(connection) => {
                if let Some(session) = self.serving.remove(&connection) {
                    self.watches.forget(session);
                }
            }
            Input::DiskDone(token) => {
                if token == self.token {
                    self.flushed(ctx);
                }
            }
            Input::Command(()) => {}
        }
    }

    fn next_deadline(&self) -> Option<SimTime> {
        self.timers.next()
    }

    fn deadlines(&self) -> Vec<Deadline> {
        self.timers.describe()
    }
}
