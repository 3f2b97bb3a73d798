//! The ZooKeeper session of a run of `zookeeper-shell.sh`. It is never closed: the tool ends without a word, so
//! what is ephemeral stays until the session expires.

use crate::machine::{Connection, Ctx, Deadline, Delivery};
use crate::protocol::zookeeper::ZkOp;
use crate::shell::script::Reply;
use crate::time::SimTime;
use crate::zk_client::{ZkClient, ZkClientEvent, ZkOwner, ZkTag};

/// `ZooKeeperMain`'s default.
const SESSION_TIMEOUT_MS: u64 = 30_000;

/// A question: the run's ticket, and its number there.
type Asker = (u64, usize);

/// A session, and who waits for what.
#[derive(Clone, Debug)]
pub(super) struct Session {
    zk: ZkClient,
    /// Waits for the session to stand.
    opener: Option<Asker>,
    /// By the number of the operation.
    asked: Vec<Asker>,
}

impl Session {
    /// Opens one.
    pub fn open(ctx: &mut Ctx<'_>, servers: Vec<u8>, opener: Asker) -> Self {
        let servers = if servers.is_empty() { vec![1] } else { servers };
        let mut zk = ZkClient::new(servers, SESSION_TIMEOUT_MS);
        zk.start(ctx);
        Self { zk, opener: Some(opener), asked: Vec::new() }
    }

    /// Asks something.
    pub fn ask(&mut self, ctx: &mut Ctx<'_>, asker: Asker, op: ZkOp) {
        let id = self.asked.len() as u64;
        self.asked.push(asker);
        self.zk.submit(ctx, ZkTag { owner: ZkOwner::Shell, id }, op);
    }

    /// See [`ZkClient::on_delivery`].
    pub fn on_delivery(&mut self, ctx: &mut Ctx<'_>, delivery: &Delivery) -> Vec<(Asker, Reply)> {
        let events = self.zk.on_delivery(ctx, delivery);
        self.said(events)
    }

    /// See [`ZkClient::on_timer`].
    pub fn on_timer(&mut self, ctx: &mut Ctx<'_>) -> Vec<(Asker, Reply)> {
        let events = self.zk.on_timer(ctx);
        self.said(events)
    }

    /// See [`ZkClient::on_connection_lost`].
    pub fn on_connection_lost(&mut self, ctx: &mut Ctx<'_>, connection: &Connection) -> Vec<(Asker, Reply)> {
        let events = self.zk.on_connection_lost(ctx, connection);
        self.said(events)
    }

    fn said(&mut self, events: Vec<ZkClientEvent>) -> Vec<(Asker, Reply)> {
        let reply = |event| match event {
            ZkClientEvent::Connected { .. } => Some((self.opener.take()?, Reply::Session)),
            ZkClientEvent::Reply { tag, result } => {
                let asker = usize::try_from(tag.id).ok().and_then(|id| self.asked.get(id)).copied()?;
                Some((asker, Reply::ZooKeeper(result)))
            }
            ZkClientEvent::Expired | ZkClientEvent::Disconnected | ZkClientEvent::Watch(_) => None,
        };
        events.into_iter().filter_map(reply).collect()
    }

    /// See [`ZkClient::next_deadline`].
    pub fn next_deadline(&self) -> Option<SimTime> {
        self.zk.next_deadline()
    }

    /// See [`ZkClient::deadlines`].
    pub fn deadlines(&self) -> Vec<Deadline> {
        self.zk.deadlines()
    }
}
