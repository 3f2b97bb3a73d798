//! The follower's part of Zab (`Learner`, `Follower`): it agrees to the leader's epoch, completes its
//! log, then writes what is proposed, applies what is committed, and passes clients' wishes on.

use crate::collections::BTreeMap;
use std::collections::VecDeque;
use std::rc::Rc;

use super::database::Database;
use super::server::{INIT_LIMIT, Role, SYNC_LIMIT, Timer, Write, ZooKeeperServer};
use crate::ids::{Name, NodeId};
use crate::machine::{Channel, Connection, Ctx, Observation};
use crate::protocol::Request;
use crate::protocol::zab::{QuorumPacket, Txn, TxnBody, Vote, epoch_of};
use crate::time::SimDuration;

/// How often the leader is called before the vote is held to be stale (`Learner.connectToLeader`).
const CONNECT_TRIES: u32 = 5;
/// The pause between two calls, ms (`zookeeper.leaderConnectDelayDuringRetryMs`).
const CONNECT_DELAY_MS: u64 = 100;

/// How far the follower is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Phase {
    /// The leader has not answered yet.
    Connecting,
    /// The log is being completed.
    Synchronisation,
    /// Clients are served.
    Broadcast,
}

/// What a follower knows.
#[derive(Clone, Debug)]
pub(super) struct Following {
    pub(super) leader: u8,
    phase: Phase,
    tries: u32,
    /// Proposed, not committed, in order.
    pending: VecDeque<Rc<Txn>>,
    /// Committed while the log was being completed, not applied yet.
    early: Vec<Rc<Txn>>,
    /// Sessions heard of since the last ping, with their timeouts.
    pub(super) touched: BTreeMap<i64, u64>,
    /// How its log was completed: DIFF, TRUNC or SNAP.
    how: &'static str,
}

impl Following {
    /// True once clients are served.
    pub(super) fn serves(&self) -> bool {
        self.phase == Phase::Broadcast
    }
}

impl ZooKeeperServer {
    fn following(&mut self) -> Option<&mut Following> {
        match &mut self.role {
            Role::Following(following) => Some(following),
            _ => None,
        }
    }

    /// The votes have named another server.
    pub(super) fn follow(&mut self, ctx: &mut Ctx<'_>, leader: u8) {
        self.role = Role::Following(Following {
            leader,
            phase: Phase::Connecting,
            tries: 0,
            pending: VecDeque::new(),
            early: Vec::new(),
            touched: BTreeMap::new(),
            how: "",
        });
        self.timers.set(Timer::LeaderSilent, ctx.now + self.ticks(INIT_LIMIT));
        self.connect_to_leader(ctx);
    }

    pub(super) fn connect_to_leader(&mut self, ctx: &mut Ctx<'_>) {
        let accepted_epoch = self.history.accepted_epoch;
        if let Some(following) = self.following() {
            following.tries += 1;
            self.tell_leader(ctx, QuorumPacket::FollowerInfo { accepted_epoch });
        }
    }

    fn tell_leader(&self, ctx: &mut Ctx<'_>, packet: QuorumPacket) {
        if let Role::Following(following) = &self.role {
            ctx.request(NodeId::ZooKeeper(following.leader), Channel::Quorum, 0, Request::Quorum(packet));
        }
    }

    /// The connection to the leader is gone, or was never made.
    pub(super) fn leader_lost(&mut self, ctx: &mut Ctx<'_>, connection: &Connection) {
        let Some(following) = self.following() else { return };
        if connection.server != NodeId::ZooKeeper(following.leader) {
            return;
        }
        if following.phase == Phase::Connecting && following.tries < CONNECT_TRIES {
            self.timers.set(Timer::Connect, ctx.now + SimDuration::from_ms(CONNECT_DELAY_MS));
        } else {
            self.look(ctx, "its leader is gone");
        }
    }

    /// A packet of the leader.
    pub(super) fn leader_said(&mut self, ctx: &mut Ctx<'_>, on: &Connection, packet: QuorumPacket) {
        let (init, sync) = (self.ticks(INIT_LIMIT), self.ticks(SYNC_LIMIT));
        let Some(following) = self.following() else { return };
        if on.server != NodeId::ZooKeeper(following.leader) {
            return;
        }
        let patience = if following.serves() { sync } else { init };
        self.timers.set(Timer::LeaderSilent, ctx.now + patience);
        match packet {
            QuorumPacket::LeaderInfo { epoch } => self.informed(ctx, epoch),
            QuorumPacket::Diff { .. } => self.completed_by("DIFF"),
            QuorumPacket::Trunc { zxid } => {
                self.completed_by("TRUNC");
                self.history.truncate(zxid);
                self.data = self.history.load();
            }
            QuorumPacket::Snap(data) => {
                self.completed_by("SNAP");
                self.data = Database::import(&data);
                self.history.install(self.data.clone());
            }
            QuorumPacket::Proposal(txn) => self.proposed(ctx, txn),
            QuorumPacket::Commit { zxid } => self.committed(ctx, zxid),
            QuorumPacket::NewLeader { zxid } => {
                self.apply_early(ctx);
                self.write(ctx, Write::NewLeader(zxid));
            }
            QuorumPacket::UpToDate => self.begin_to_follow(ctx),
            QuorumPacket::Ping => {
                let touched = self.following().map(|following| std::mem::take(&mut following.touched));
                let touched = touched.unwrap_or_default().into_iter().collect();
                self.tell_leader(ctx, QuorumPacket::Touched(touched));
            }
            QuorumPacket::Revalidated { session, valid } => self.revalidated(ctx, session, valid),
            QuorumPacket::Sync { session, cxid } => self.synced(ctx, session, cxid),
            _ => {}
        }
    }

    fn completed_by(&mut self, how: &'static str) {
        if let Some(following) = self.following() {
            following.how = how;
        }
    }

    fn informed(&mut self, ctx: &mut Ctx<'_>, epoch: i32) {
        if epoch < self.history.accepted_epoch {
            self.look(ctx, "its leader's epoch is an old one");
            return;
        }
        self.history.accepted_epoch = epoch;
        if let Some(following) = self.following() {
            following.phase = Phase::Synchronisation;
        }
        let (current_epoch, last_zxid) = (self.history.current_epoch, self.history.last_zxid());
        self.tell_leader(ctx, QuorumPacket::AckEpoch { current_epoch, last_zxid });
    }

    fn proposed(&mut self, ctx: &mut Ctx<'_>, txn: Rc<Txn>) {
        let Some(following) = self.following() else { return };
        following.pending.push_back(txn.clone());
        if following.serves() {
            self.write(ctx, Write::Txn(txn));
        }
    }

    fn committed(&mut self, ctx: &mut Ctx<'_>, zxid: i64) {
        let Some(following) = self.following() else { return };
        let Some(txn) = following.pending.pop_front().filter(|txn| txn.zxid == zxid) else {
            self.look(ctx, "a commit does not match what was proposed");
            return;
        };
        if following.serves() {
            self.commit(ctx, &txn);
        } else {
            following.early.push(txn);
        }
    }

    /// Writes and applies what was committed before clients are served.
    fn apply_early(&mut self, ctx: &mut Ctx<'_>) {
        let early = self.following().map(|following| std::mem::take(&mut following.early)).unwrap_or_default();
        for txn in early {
            self.data.apply(&txn);
            self.write(ctx, Write::Txn(txn));
        }
    }

    /// Everything up to the new epoch's beginning is on disk.
    pub(super) fn synchronised(&mut self, ctx: &mut Ctx<'_>, zxid: i64) {
        self.history.current_epoch = epoch_of(zxid);
        self.tell_leader(ctx, QuorumPacket::Ack { zxid });
    }

    fn begin_to_follow(&mut self, ctx: &mut Ctx<'_>) {
        self.apply_early(ctx);
        let epoch = self.history.current_epoch;
        let patience = self.ticks(SYNC_LIMIT);
        let Some(following) = self.following() else { return };
        following.phase = Phase::Broadcast;
        let (leader, how) = (following.leader, Name::from(following.how));
        let pending: Vec<Rc<Txn>> = following.pending.iter().cloned().collect();
        self.timers.set(Timer::LeaderSilent, ctx.now + patience);
        self.vote = self.vote.map(|vote| Vote { peer_epoch: epoch, ..vote });
        ctx.observe(Observation::ZooKeeperFollows { server: self.id, leader, how });
        for txn in pending {
            self.write(ctx, Write::Txn(txn));
        }
    }

    /// Tells the leader that a transaction is on disk here.
    pub(super) fn acknowledge(&self, ctx: &mut Ctx<'_>, zxid: i64) {
        self.tell_leader(ctx, QuorumPacket::Ack { zxid });
    }

    // ---- for clients

    /// A client's wish goes to the leader.
    pub(super) fn pass_on(&self, ctx: &mut Ctx<'_>, session: i64, cxid: u64, body: TxnBody) {
        self.tell_leader(ctx, QuorumPacket::Request { session, cxid, body });
    }

    /// Does a session that a client claims live?
    pub(super) fn ask_leader_about(&self, ctx: &mut Ctx<'_>, session: i64, timeout_ms: u64) {
        self.tell_leader(ctx, QuorumPacket::Revalidate { session, timeout_ms });
    }

    /// A client wants to have caught up.
    pub(super) fn ask_leader_to_sync(&self, ctx: &mut Ctx<'_>, session: i64, cxid: u64) {
        self.tell_leader(ctx, QuorumPacket::Sync { session, cxid });
    }
}
