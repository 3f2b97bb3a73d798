//! The process (`QuorumPeer`): it stands alone, looks for a leader, follows one or leads. What it does
//! in each role is in the files of those names; here are its disk, its clock and the changes of role.

use std::collections::VecDeque;
use std::fmt;
use std::rc::Rc;

use super::clients::Clients;
use super::database::Database;
use super::election::Election;
use super::following::Following;
use super::history::{History, ZooKeeperDurable};
use super::leading::Leading;
use super::session::{SessionInfo, SessionTracker};
use crate::ids::Name;
use crate::machine::{Body, Channel, Ctx, Deadline, Delivery, Input, Machine, Observation, TimerTable};
use crate::protocol::zab::{Txn, TxnBody, Vote};
use crate::protocol::zookeeper::Stat;
use crate::protocol::{Request, Response};
use crate::time::{SimDuration, SimTime};

/// Ticks within which a follower must have found its leader and copied its data (`initLimit`).
pub(crate) const INIT_LIMIT: u64 = 10;
/// Ticks of silence after which leader and follower give each other up (`syncLimit`).
pub(crate) const SYNC_LIMIT: u64 = 5;

/// What a server waits for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Timer {
    Tick,
    Election,
    Connect,
    LeaderSilent,
    Init,
    HalfTick,
    LearnerSilent(u8),
}

impl fmt::Display for Timer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tick => f.write_str("looks for sessions to expire"),
            Self::Election => f.write_str("ends the wait for votes"),
            Self::Connect => f.write_str("tries again to reach its leader"),
            Self::LeaderSilent => f.write_str("gives up its silent leader (syncLimit, or initLimit at first)"),
            Self::Init => f.write_str("gives up leading without a quorum (initLimit)"),
            Self::HalfTick => f.write_str("pings its followers and counts them"),
            Self::LearnerSilent(id) => write!(f, "gives up silent follower zk{id} (syncLimit, or initLimit at first)"),
        }
    }
}

#[derive(Clone, Debug)]
pub(super) enum Role {
    Standalone,
    Looking(Election),
    Following(Following),
    Leading(Leading),
}

/// What is on its way to disk.
#[derive(Clone, Debug)]
pub(super) enum Write {
    Txn(Rc<Txn>),
    /// The new epoch, once everything before it is on disk.
    NewLeader(i64),
}

/// A server's process.
#[derive(Clone, Debug)]
pub struct ZooKeeperServer {
    pub(super) id: u8,
    pub(super) ensemble: Vec<u8>,
    pub(super) tick_ms: u64,
    pub(super) history: History,
    pub(super) data: Database,
    pub(super) role: Role,
    /// The round of voting (`logicalclock`).
    pub(super) round: u64,
    /// The vote by which the present leader was found.
    pub(super) vote: Option<Vote>,
    /// A server that decides about sessions has a tracker: one alone, or the leader.
    pub(super) tracker: Option<SessionTracker>,
    /// The last transaction that it has numbered.
    pub(super) last_proposed: i64,
    pub(super) clients: Clients,
    pub(super) writing: VecDeque<Write>,
    pub(super) flushing: bool,
    pub(super) token: u64,
    pub(super) timers: TimerTable<Timer>,
}

impl ZooKeeperServer {
    /// A server about to start on its disk.
    pub fn new(id: u8, ensemble: Vec<u8>, tick_ms: u64, durable: ZooKeeperDurable) -> Self {
        let ZooKeeperDurable { history, data } = durable;
        let role = if ensemble.len() > 1 {
            let nobody = Vote { leader: id, zxid: 0, election_epoch: 0, peer_epoch: 0 };
            Role::Looking(Election::new(id, ensemble.clone(), nobody, SimTime::ZERO))
        } else {
            Role::Standalone
        };
        Self {
            id,
            ensemble,
            tick_ms: tick_ms.max(2),
            history,
            data,
            role,
            round: 0,
            vote: None,
            tracker: None,
            last_proposed: 0,
            clients: Clients::default(),
            writing: VecDeque::new(),
            flushing: false,
            token: 0,
            timers: TimerTable::default(),
        }
    }

    /// What stays when the process is gone.
    pub fn into_durable(self) -> ZooKeeperDurable {
        ZooKeeperDurable::new(self.history, &self.data)
    }

    /// `myid`.
    pub fn id(&self) -> u8 {
        self.id
    }

    /// What `srvr` answers: `standalone`, `leader`, `follower`, or `not serving`.
    pub fn role(&self) -> &'static str {
        match &self.role {
            Role::Standalone => "standalone",
            Role::Leading(leading) if leading.serves() => "leader",
            Role::Following(following) if following.serves() => "follower",
            _ => "not serving",
        }
    }

    /// What it does: like [`Self::role`], and `looking` or `synchronising` while it does not serve.
    pub fn activity(&self) -> &'static str {
        match (self.role(), &self.role) {
            ("not serving", Role::Looking(_)) => "looking",
            ("not serving", _) => "synchronising",
            (role, _) => role,
        }
    }

    /// The leader it follows, or itself if it leads.
    pub fn leader(&self) -> Option<u8> {
        match &self.role {
            Role::Following(following) => Some(following.leader),
            Role::Leading(_) => Some(self.id),
            Role::Standalone | Role::Looking(_) => None,
        }
    }

    /// True while it serves clients.
    pub fn is_serving(&self) -> bool {
        self.role() != "not serving"
    }

    /// The last epoch that it took part in.
    pub fn current_epoch(&self) -> i32 {
        self.history.current_epoch
    }

    /// The last transaction applied.
    pub fn last_zxid(&self) -> i64 {
        self.data.last_zxid()
    }

    /// Transactions that it has applied after `zxid`, as far as its log still has them.
    pub fn applied_since(&self, zxid: i64) -> impl Iterator<Item = &Rc<Txn>> {
        let last = self.data.last_zxid();
        let unflushed = self.writing.iter().filter_map(|write| match write {
            Write::Txn(txn) => Some(txn),
            Write::NewLeader(_) => None,
        });
        let mut newest: Vec<&Rc<Txn>> = self.history.log().rev().take_while(|txn| txn.zxid > zxid).collect();
        newest.reverse();
        newest.into_iter().chain(unflushed).filter(move |txn| txn.zxid > zxid && txn.zxid <= last)
    }

    /// The data it has.
    pub fn data(&self) -> &Database {
        &self.data
    }

    /// Every znode in the order of paths.
    pub fn tree(&self) -> impl Iterator<Item = (&Name, &Name, &Stat)> {
        self.data.tree().iter()
    }

    /// Data and stat of a znode.
    pub fn znode(&self, path: &str) -> Option<(&Name, &Stat)> {
        self.data.tree().get(path)
    }

    /// The names of a znode's children.
    pub fn children(&self, path: &str) -> Option<Vec<Name>> {
        self.data.tree().children(path)
    }

    /// Sessions by id.
    pub fn sessions(&self) -> impl Iterator<Item = SessionInfo> {
        self.data.sessions().map(|session| SessionInfo {
            id: session.id,
            owner: session.owner.clone(),
            timeout_ms: session.timeout_ms,
            expires_at: self.tracker.as_ref().and_then(|tracker| tracker.expires_at(session.id)),
        })
    }

    /// Sessions whose clients are connected here.
    pub fn served(&self) -> impl Iterator<Item = i64> {
        self.clients.serving.values().copied()
    }

    pub(super) fn is_quorum(&self, count: usize) -> bool {
        count > self.ensemble.len() / 2
    }

    pub(super) fn ticks(&self, count: u64) -> SimDuration {
        SimDuration::from_ms(self.tick_ms * count)
    }

    pub(super) fn set_tick(&mut self, now: SimTime) {
        let next = (now.as_ms() / self.tick_ms + 1) * self.tick_ms;
        self.timers.set(Timer::Tick, SimTime::from_ms(next));
    }

    // ---- the disk

    pub(super) fn write(&mut self, ctx: &mut Ctx<'_>, write: Write) {
        self.writing.push_back(write);
        if !self.flushing {
            self.token += 1;
            self.flushing = true;
            let takes = SimDuration::from_us(ctx.rng.between(600, 1400));
            ctx.flush(self.token, takes);
        }
    }

    /// What was being written is on disk, and what came meanwhile went with the same sweep.
    fn flushed(&mut self, ctx: &mut Ctx<'_>) {
        self.flushing = false;
        for write in std::mem::take(&mut self.writing) {
            match write {
                Write::Txn(txn) => {
                    self.history.append(txn.clone());
                    self.logged(ctx, &txn);
                }
                Write::NewLeader(zxid) => self.synchronised(ctx, zxid),
            }
        }
        self.history.snapshot_if_long(&self.data);
    }

    fn logged(&mut self, ctx: &mut Ctx<'_>, txn: &Txn) {
        match &self.role {
            Role::Standalone => self.commit(ctx, txn),
            Role::Leading(_) => self.acked(ctx, self.id, txn.zxid),
            Role::Following(following) if following.serves() => self.acknowledge(ctx, txn.zxid),
            Role::Following(_) | Role::Looking(_) => {}
        }
    }

    // ---- transactions

    /// Gives a wish the next number and puts it on its way. `through` is the server that the session's
    /// client is connected to.
    pub(super) fn propose(&mut self, ctx: &mut Ctx<'_>, through: u8, session: i64, cxid: u64, body: TxnBody) {
        let Some(tracker) = &mut self.tracker else { return };
        let body = match body {
            TxnBody::CreateSession { timeout_ms, .. } => {
                tracker.add(session, timeout_ms, Some(through), ctx.now);
                body
            }
            TxnBody::Op(_) if !tracker.is_at(session, through) => {
                TxnBody::Error(crate::protocol::zookeeper::ZkError::SessionMoved)
            }
            body => body,
        };
        self.last_proposed += 1;
        let zxid = self.last_proposed;
        let txn = Rc::new(Txn { zxid, time_ms: ctx.wall_clock_ms(), session, cxid, body });
        if let Role::Leading(leading) = &mut self.role {
            leading.broadcast(ctx, &txn);
        }
        self.write(ctx, Write::Txn(txn));
    }

    /// Applies a transaction and answers whoever waits for it here.
    pub(super) fn commit(&mut self, ctx: &mut Ctx<'_>, txn: &Txn) {
        let applied = self.data.apply(txn);
        // One server tells what happened to all.
        let tells = self.tracker.is_some();
        match &txn.body {
            TxnBody::CreateSession { owner, .. } if tells => {
                ctx.observe(Observation::SessionOpened { session: txn.session, owner: owner.clone() });
            }
            TxnBody::CloseSession { expired } => {
                if let Some(tracker) = &mut self.tracker {
                    tracker.remove(txn.session);
                }
                if let Some(ended) = applied.ended.as_ref().filter(|_| tells) {
                    let (session, owner) = (txn.session, ended.owner.clone());
                    ctx.observe(if *expired {
                        Observation::SessionExpired { session, owner }
                    } else {
                        Observation::SessionClosed { session, owner }
                    });
                }
                self.clients.watches.forget(txn.session);
            }
            _ => {}
        }
        self.fire(ctx, &applied.changes, tells);
        self.answer(ctx, txn, applied);
    }

    fn boot(&mut self, ctx: &mut Ctx<'_>) {
        self.clients.begin(self.id, ctx.now);
        if self.ensemble.len() > 1 {
            self.look(ctx, "it starts");
            return;
        }
        self.last_proposed = self.data.last_zxid();
        self.tracker = Some(SessionTracker::new(self.tick_ms, self.data.sessions(), ctx.now));
        self.set_tick(ctx.now);
    }

    fn due(&mut self, ctx: &mut Ctx<'_>, timer: Timer) {
        match timer {
            Timer::Tick => {
                let overdue = self.tracker.as_mut().map(|tracker| tracker.expire(ctx.now)).unwrap_or_default();
                for session in overdue {
                    self.propose(ctx, self.id, session, 0, TxnBody::CloseSession { expired: true });
                }
                self.set_tick(ctx.now);
            }
            Timer::Election => {
                if let Role::Looking(election) = &mut self.role {
                    let verdict = election.silence(ctx.now);
                    self.conclude(ctx, verdict);
                }
            }
            Timer::Connect => self.connect_to_leader(ctx),
            Timer::LeaderSilent => self.look(ctx, "its leader is silent"),
            Timer::Init => self.look(ctx, "no quorum came to follow it"),
            Timer::HalfTick => self.half_tick(ctx),
            Timer::LearnerSilent(id) => self.learner_silent(ctx, id),
        }
    }

    fn delivered(&mut self, ctx: &mut Ctx<'_>, delivery: Delivery) {
        let Delivery { connection, correlation_id, body } = delivery;
        match body {
            Body::Request(Request::ZooKeeper(request)) => self.asked(ctx, connection, correlation_id, request),
            Body::Request(Request::Vote(vote)) => self.heard_vote(ctx, &connection, vote, true),
            Body::Response(Response::Vote(vote)) => self.heard_vote(ctx, &connection, vote, false),
            Body::Request(Request::Quorum(packet)) => self.learner_said(ctx, &connection, packet),
            Body::Response(Response::Quorum(packet)) => self.leader_said(ctx, &connection, packet),
            _ => {}
        }
    }
}

impl Machine for ZooKeeperServer {
    type Command = ();

    fn handle(&mut self, ctx: &mut Ctx<'_>, input: Input<()>) {
        match input {
            Input::Boot => self.boot(ctx),
            Input::Deliver(delivery) => self.delivered(ctx, delivery),
            Input::Timer => {
                while let Some(timer) = self.timers.pop_due(ctx.now) {
                    self.due(ctx, timer);
                }
            }
            Input::ConnectionLost(connection) => match connection.channel {
                Channel::Session => self.client_lost(&connection),
                Channel::Quorum if &connection.server == ctx.me => self.learner_lost(&connection),
                Channel::Quorum => self.leader_lost(ctx, &connection),
                _ => {}
            },
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
