//! What a server does for its clients (`NIOServerCnxn`, `CommitProcessor`, `FinalRequestProcessor`):
//! sessions come and move, reads are answered here, writes go to the leader and are answered when they
//! are applied here. Requests of one session keep their order.

use crate::collections::BTreeMap;
use crate::collections::Order;
use std::collections::VecDeque;

use super::database::Applied;
use super::server::{Role, ZooKeeperServer};
use super::session::password;
use super::tree::Change;
use super::watches::Watches;
use crate::ids::Name;
use crate::machine::{Connection, Ctx, Observation};
use crate::protocol::Response;
use crate::protocol::zab::{Txn, TxnBody, first_zxid};
use crate::protocol::zookeeper::{WatchEvent, WatchKind, ZkError, ZkOp, ZkRequest, ZkResponse, ZkResult};
use crate::time::SimTime;

#[derive(Clone, Debug)]
enum Wish {
    /// A transaction will bring the answer.
    Write,
    /// It is answered once nothing stands before it.
    Read(ZkOp),
}

/// A request that is not answered yet.
#[derive(Clone, Debug)]
struct Waiting {
    session: i64,
    connection: Connection,
    cxid: u64,
    wish: Wish,
}

/// The clients of one server; all of it is gone with the process, and with the server's leader.
#[derive(Clone, Debug, Default)]
pub(super) struct Clients {
    /// The session that each connection serves.
    pub(super) serving: BTreeMap<Connection, i64>,
    pub(super) watches: Watches,
    /// In the order of arrival.
    waiting: VecDeque<Waiting>,
    /// Sessions whose clients have come from elsewhere: request and granted timeout; the leader is asked.
    revalidating: BTreeMap<i64, (Connection, u64, u64)>,
    /// The id that the next session gets.
    next_session: i64,
}

impl Clients {
    /// Ids of sessions: the server's, then when it started, then a count (`initializeNextSessionId`).
    pub(super) fn begin(&mut self, server: u8, now: SimTime) {
        self.next_session = (i64::from(server) << 56) | ((now.as_ms() as i64) << 16);
    }

    fn forget(&mut self, connection: &Connection) {
        if let Some(session) = self.serving.remove(connection) {
            self.watches.forget(session);
        }
        self.waiting.retain(|waiting| &waiting.connection != connection);
        self.revalidating.retain(|_, (on, ..)| on != connection);
    }
}

fn is_read(op: &ZkOp) -> bool {
    matches!(op, ZkOp::GetData { .. } | ZkOp::Exists { .. } | ZkOp::GetChildren { .. })
}

impl ZooKeeperServer {
    /// A client speaks.
    pub(super) fn asked(&mut self, ctx: &mut Ctx<'_>, on: Connection, cxid: u64, request: ZkRequest) {
        if !self.is_serving() {
            // "ZooKeeperServer not running"
            self.clients.forget(&on);
            ctx.close(&on);
            return;
        }
        if let ZkRequest::Connect { session_id, password, timeout_ms, last_zxid } = request {
            self.connect(ctx, on, cxid, (session_id, password), timeout_ms, last_zxid);
            return;
        }
        let Some(session) = self.clients.serving.get(&on).copied() else {
            ctx.respond(&on, cxid, Response::ZooKeeper(ZkResponse::Expired));
            return;
        };
        self.touch(session, ctx.now);
        match request {
            ZkRequest::Ping => ctx.respond(&on, cxid, Response::ZooKeeper(ZkResponse::Pong)),
            ZkRequest::Close => self.submit(ctx, session, on, cxid, TxnBody::CloseSession { expired: false }),
            ZkRequest::SetWatches { relative_zxid, data, exists, children } => {
                self.set_watches(ctx, &on, session, relative_zxid, [&data, &exists, &children]);
            }
            ZkRequest::Op(op) if is_read(&op) || matches!((&op, &self.role), (ZkOp::Sync { .. }, Role::Standalone)) => {
                self.clients.waiting.push_back(Waiting { session, connection: on, cxid, wish: Wish::Read(op) });
                self.answer_reads(ctx);
            }
            ZkRequest::Op(ZkOp::Sync { .. }) => self.sync(ctx, session, on, cxid),
            ZkRequest::Op(op) => self.submit(ctx, session, on, cxid, TxnBody::Op(op)),
            ZkRequest::Connect { .. } => {}
        }
    }

    fn touch(&mut self, session: i64, now: SimTime) {
        let timeout_ms = self.data.session(session).map(|session| session.timeout_ms);
        match (&mut self.tracker, &mut self.role) {
            (Some(tracker), _) => {
                tracker.touch(session, now);
            }
            (None, Role::Following(following)) => {
                following.touched.extend(timeout_ms.map(|timeout_ms| (session, timeout_ms)));
            }
            _ => {}
        }
    }

    // ---- sessions

    fn connect(
        &mut self,
        ctx: &mut Ctx<'_>,
        on: Connection,
        cxid: u64,
        (asked, secret): (i64, u64),
        timeout_ms: u64,
        last_zxid: i64,
    ) {
        // A client never goes back in time: a server that is behind what it has seen refuses it.
        if last_zxid > self.data.last_zxid().max(first_zxid(self.history.current_epoch)) {
            self.clients.forget(&on);
            ctx.close(&on);
            return;
        }
        let granted = timeout_ms.clamp(2 * self.tick_ms, 20 * self.tick_ms);
        if asked == 0 {
            self.clients.next_session += 1;
            let session = self.clients.next_session;
            let owner = Name::from(on.client.to_string());
            self.submit(ctx, session, on, cxid, TxnBody::CreateSession { timeout_ms: granted, owner });
            return;
        }
        if secret != password(asked) {
            ctx.respond(&on, cxid, Response::ZooKeeper(ZkResponse::Expired));
            return;
        }
        self.clients.revalidating.insert(asked, (on, cxid, granted));
        if let Some(tracker) = &mut self.tracker {
            let valid = tracker.touch(asked, ctx.now);
            tracker.set_owner(asked, self.id);
            self.revalidated(ctx, asked, valid);
        } else {
            self.ask_leader_about(ctx, asked, granted);
        }
    }

    /// The answer for a client that came with a session.
    pub(super) fn revalidated(&mut self, ctx: &mut Ctx<'_>, session: i64, valid: bool) {
        let Some((on, cxid, granted)) = self.clients.revalidating.remove(&session) else { return };
        if !valid {
            ctx.respond(&on, cxid, Response::ZooKeeper(ZkResponse::Expired));
            return;
        }
        let timeout_ms = self.data.session(session).map_or(granted, |session| session.timeout_ms);
        let earlier: Vec<Connection> = self.connections_of(session).collect();
        earlier.iter().for_each(|connection| self.clients.forget(connection));
        self.clients.serving.insert(on.clone(), session);
        let answer = ZkResponse::Connected { session_id: session, password: password(session), timeout_ms };
        ctx.respond(&on, cxid, Response::ZooKeeper(answer));
    }

    fn connections_of(&self, session: i64) -> impl Iterator<Item = Connection> {
        let held = self.clients.serving.iter().filter(move |(_, of)| **of == session);
        held.map(|(connection, _)| connection.clone())
    }

    /// A client's connection is gone; its session lives on.
    pub(super) fn client_lost(&mut self, connection: &Connection) {
        self.clients.forget(connection);
    }

    /// Without a leader nobody is served.
    pub(super) fn stop_serving(&mut self, ctx: &mut Ctx<'_>) {
        let clients = std::mem::take(&mut self.clients);
        self.clients.next_session = clients.next_session;
        let mut open: Vec<Connection> = clients.serving.into_keys().collect();
        open.extend(clients.waiting.into_iter().map(|waiting| waiting.connection));
        open.extend(clients.revalidating.into_values().map(|(connection, ..)| connection));
        open.order();
        open.dedup();
        for connection in open {
            ctx.close(&connection);
        }
    }

    // ---- writes

    fn submit(&mut self, ctx: &mut Ctx<'_>, session: i64, on: Connection, cxid: u64, body: TxnBody) {
        self.clients.waiting.push_back(Waiting { session, connection: on, cxid, wish: Wish::Write });
        match &self.role {
            Role::Standalone | Role::Leading(_) => self.propose(ctx, self.id, session, cxid, body),
            Role::Following(_) => self.pass_on(ctx, session, cxid, body),
            Role::Looking(_) => {}
        }
    }

    fn sync(&mut self, ctx: &mut Ctx<'_>, session: i64, on: Connection, cxid: u64) {
        self.clients.waiting.push_back(Waiting { session, connection: on, cxid, wish: Wish::Write });
        match &self.role {
            Role::Following(_) => self.ask_leader_to_sync(ctx, session, cxid),
            Role::Leading(_) => self.sync_asked(ctx, self.id, session, cxid),
            Role::Standalone | Role::Looking(_) => {}
        }
    }

    /// The leader has been caught up with.
    pub(super) fn synced(&mut self, ctx: &mut Ctx<'_>, session: i64, cxid: u64) {
        if let Some(waiting) = self.awaited(session, cxid) {
            let answer = ZkResponse::Op { result: Ok(ZkResult::Synced), zxid: self.data.last_zxid() };
            ctx.respond(&waiting.connection, cxid, Response::ZooKeeper(answer));
        }
        self.answer_reads(ctx);
    }

    fn awaited(&mut self, session: i64, cxid: u64) -> Option<Waiting> {
        let is_it = |w: &Waiting| w.session == session && w.cxid == cxid && matches!(w.wish, Wish::Write);
        let at = self.clients.waiting.iter().position(is_it)?;
        self.clients.waiting.remove(at)
    }

    /// A transaction is applied: its client is answered, if it waits here.
    pub(super) fn answer(&mut self, ctx: &mut Ctx<'_>, txn: &Txn, applied: Applied) {
        if let Some(Waiting { connection, cxid, .. }) = self.awaited(txn.session, txn.cxid) {
            let answer = match (&txn.body, applied.result) {
                (TxnBody::CreateSession { timeout_ms, .. }, _) => {
                    self.clients.serving.insert(connection.clone(), txn.session);
                    let (session_id, timeout_ms) = (txn.session, *timeout_ms);
                    Some(ZkResponse::Connected { session_id, password: password(session_id), timeout_ms })
                }
                (TxnBody::CloseSession { .. }, _) => {
                    self.clients.serving.remove(&connection);
                    Some(ZkResponse::Closed)
                }
                (_, Err(ZkError::SessionExpired)) => Some(ZkResponse::Expired),
                (_, Err(ZkError::SessionMoved)) => None,
                (_, result) => {
                    let result = result.and_then(|result| result.ok_or(ZkError::BadArguments));
                    Some(ZkResponse::Op { result, zxid: txn.zxid })
                }
            };
            match answer {
                Some(answer) => ctx.respond(&connection, cxid, Response::ZooKeeper(answer)),
                None => {
                    self.clients.forget(&connection);
                    ctx.close(&connection);
                }
            }
        }
        if applied.ended.is_some() {
            let held: Vec<Connection> = self.connections_of(txn.session).collect();
            for connection in held {
                self.clients.forget(&connection);
                ctx.close(&connection);
            }
        }
        self.answer_reads(ctx);
    }

    // ---- reads and watches

    /// Answers the reads before which nothing stands: of the same session, or, on a server that stands
    /// alone and has one queue for all, of anybody.
    fn answer_reads(&mut self, ctx: &mut Ctx<'_>) {
        let alone = matches!(self.role, Role::Standalone);
        let mut kept = VecDeque::new();
        for waiting in std::mem::take(&mut self.clients.waiting) {
            let stands_before = |earlier: &Waiting| alone || earlier.session == waiting.session;
            match &waiting.wish {
                Wish::Read(op) if !kept.iter().any(stands_before) => self.answer_read(ctx, &waiting, op),
                _ => kept.push_back(waiting),
            }
        }
        self.clients.waiting = kept;
    }

    fn answer_read(&mut self, ctx: &mut Ctx<'_>, waiting: &Waiting, op: &ZkOp) {
        let result = match op {
            // Alone there is nobody to catch up with; what was written before is applied by now.
            ZkOp::Sync { .. } => Ok(ZkResult::Synced),
            op => self.data.tree().read(op),
        };
        let (watches, session) = (&mut self.clients.watches, waiting.session);
        match op {
            ZkOp::GetData { path, watch: true } if result.is_ok() => watches.watch_data(path, session),
            ZkOp::Exists { path, watch: true } => watches.watch_data(path, session),
            ZkOp::GetChildren { path, watch: true } if result.is_ok() => watches.watch_children(path, session),
            _ => {}
        }
        let answer = ZkResponse::Op { result, zxid: self.data.last_zxid() };
        ctx.respond(&waiting.connection, waiting.cxid, Response::ZooKeeper(answer));
    }

    /// Watches of a client that has reconnected; what they missed fires at once (`DataTree.setWatches`).
    fn set_watches(
        &mut self,
        ctx: &mut Ctx<'_>,
        on: &Connection,
        session: i64,
        relative_zxid: i64,
        [data, exists, children]: [&Vec<Name>; 3],
    ) {
        let tree = self.data.tree();
        let watches = &mut self.clients.watches;
        let mut missed = Vec::new();
        for path in data {
            match tree.get(path) {
                None => missed.push((WatchKind::NodeDeleted, path)),
                Some((_, stat)) if stat.mzxid > relative_zxid => missed.push((WatchKind::NodeDataChanged, path)),
                Some(_) => watches.watch_data(path, session),
            }
        }
        for path in exists {
            match tree.get(path) {
                Some(_) => missed.push((WatchKind::NodeCreated, path)),
                None => watches.watch_data(path, session),
            }
        }
        for path in children {
            match tree.get(path) {
                None => missed.push((WatchKind::NodeDeleted, path)),
                Some((_, stat)) if stat.pzxid > relative_zxid => missed.push((WatchKind::NodeChildrenChanged, path)),
                Some(_) => watches.watch_children(path, session),
            }
        }
        for (kind, path) in missed {
            self.tell_client(ctx, on, session, WatchEvent { kind, path: path.clone() });
        }
    }

    fn tell_client(&self, ctx: &mut Ctx<'_>, on: &Connection, session: i64, event: WatchEvent) {
        if let Some(session) = self.data.session(session) {
            let (path, watcher) = (event.path.clone(), session.owner.clone());
            ctx.observe(Observation::WatchFired { kind: event.kind, path, watcher });
        }
        ctx.notify(on, event);
    }

    /// Fires the watches of clients that are connected here; the server that `tells` reports the change.
    pub(super) fn fire(&mut self, ctx: &mut Ctx<'_>, changes: &[Change], tells: bool) {
        for change in changes {
            match change {
                (WatchKind::NodeCreated, path) if tells => {
                    ctx.observe(Observation::ZnodeCreated { path: path.clone() });
                }
                (WatchKind::NodeDeleted, path) if tells => {
                    ctx.observe(Observation::ZnodeDeleted { path: path.clone() });
                }
                _ => {}
            }
            for (session, event) in self.clients.watches.fire(change) {
                let on = self.connections_of(session).next();
                if let Some(on) = on {
                    self.tell_client(ctx, &on, session, event);
                }
            }
        }
    }
}
