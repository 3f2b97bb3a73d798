//! The leader's part of Zab (`Leader`, `LearnerHandler`): it finds an epoch that a quorum agrees to,
//! completes its followers' logs, then numbers every transaction and commits it once a quorum has it
//! on disk. It gives up when it no longer hears a quorum.

use crate::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::server::{INIT_LIMIT, Role, SYNC_LIMIT, Timer, Write, ZooKeeperServer};
use super::session::SessionTracker;
use crate::ids::NodeId;
use crate::machine::{Connection, Ctx, Observation};
use crate::protocol::Response;
use crate::protocol::zab::{QuorumPacket, Txn, epoch_of, first_zxid};
use crate::time::SimDuration;

/// How far the leader is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Phase {
    /// It waits for a quorum to present itself.
    Discovery,
    /// It waits for a quorum to agree to its epoch.
    Agreement,
    /// It waits for a quorum to have the beginning of its epoch.
    Synchronisation,
    /// It serves.
    Broadcast,
}

/// How far a follower is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Progress {
    Introduced { accepted_epoch: i32 },
    Informed,
    Agreed { last_zxid: i64 },
    Synchronising,
    Ready,
    UpToDate,
}

/// A follower as its leader sees it.
#[derive(Clone, Debug)]
struct Learner {
    connection: Connection,
    progress: Progress,
    /// It counts as synced while the leader's tick is not beyond this one.
    counts_until_tick: u64,
}

impl Learner {
    fn tell(&self, ctx: &mut Ctx<'_>, packet: QuorumPacket) {
        ctx.respond(&self.connection, 0, Response::Quorum(packet));
    }

    /// New proposals are sent to it.
    fn forwarded(&self) -> bool {
        self.progress >= Progress::Synchronising
    }
}

#[derive(Clone, Debug)]
struct Proposal {
    txn: Rc<Txn>,
    acks: BTreeSet<u8>,
}

/// A client's wish to catch up, that waits for a transaction.
#[derive(Clone, Debug)]
struct PendingSync {
    zxid: i64,
    /// The server that the client is connected to.
    through: u8,
    session: i64,
    cxid: u64,
}

/// What a leader knows.
#[derive(Clone, Debug)]
pub(super) struct Leading {
    phase: Phase,
    epoch: i32,
    learners: BTreeMap<u8, Learner>,
    outstanding: BTreeMap<i64, Proposal>,
    syncs: Vec<PendingSync>,
    tick: u64,
    /// The followers are counted at every other ping.
    skip: bool,
}

impl Leading {
    /// True once clients are served.
    pub(super) fn serves(&self) -> bool {
        self.phase == Phase::Broadcast
    }

    /// Lets all followers go.
    pub(super) fn dismiss(&self, ctx: &mut Ctx<'_>) {
        self.learners.values().for_each(|learner| ctx.close(&learner.connection));
    }

    fn tell_forwarded(&self, ctx: &mut Ctx<'_>, packet: &QuorumPacket) {
        self.learners.values().filter(|l| l.forwarded()).for_each(|learner| learner.tell(ctx, packet.clone()));
    }

    /// Sends a new transaction to the followers.
    pub(super) fn broadcast(&mut self, ctx: &mut Ctx<'_>, txn: &Rc<Txn>) {
        self.outstanding.insert(txn.zxid, Proposal { txn: txn.clone(), acks: BTreeSet::new() });
        self.tell_forwarded(ctx, &QuorumPacket::Proposal(txn.clone()));
    }

    fn count(&self, at_least: Progress) -> usize {
        self.learners.values().filter(|learner| learner.progress >= at_least).count()
    }
}

impl ZooKeeperServer {
    fn leading(&mut self) -> Option<&mut Leading> {
        match &mut self.role {
            Role::Leading(leading) => Some(leading),
            _ => None,
        }
    }

    /// The votes have named this server.
    pub(super) fn lead(&mut self, ctx: &mut Ctx<'_>) {
        self.role = Role::Leading(Leading {
            phase: Phase::Discovery,
            epoch: 0,
            learners: BTreeMap::new(),
            outstanding: BTreeMap::new(),
            syncs: Vec::new(),
            tick: 0,
            skip: true,
        });
        self.timers.set(Timer::Init, ctx.now + self.ticks(INIT_LIMIT));
    }

    /// A packet of a learner.
    pub(super) fn learner_said(&mut self, ctx: &mut Ctx<'_>, on: &Connection, packet: QuorumPacket) {
        let NodeId::ZooKeeper(from) = on.client else { return };
        let (init, sync) = (self.ticks(INIT_LIMIT), self.ticks(SYNC_LIMIT));
        let introduces = matches!(packet, QuorumPacket::FollowerInfo { .. });
        let Some(leading) = self.leading().filter(|leading| introduces || leading.learners.contains_key(&from)) else {
            // Nobody listens on the quorum's port, or the learner was dropped.
            ctx.close(on);
            return;
        };
        let tick = leading.tick;
        let mut patience = init;
        if let Some(learner) = leading.learners.get_mut(&from) {
            learner.counts_until_tick = tick + SYNC_LIMIT;
            if learner.progress >= Progress::Ready {
                patience = sync;
            }
        }
        self.timers.set(Timer::LearnerSilent(from), ctx.now + patience);
        match packet {
            QuorumPacket::FollowerInfo { accepted_epoch } => self.introduced(ctx, from, on, accepted_epoch),
            QuorumPacket::AckEpoch { current_epoch, last_zxid } => self.agreed(ctx, from, current_epoch, last_zxid),
            QuorumPacket::Ack { zxid } => self.learner_acked(ctx, from, zxid),
            QuorumPacket::Touched(sessions) => {
                for (session, _) in sessions {
                    self.tracker.as_mut().map(|tracker| tracker.touch(session, ctx.now));
                }
            }
            QuorumPacket::Request { session, cxid, body } => self.propose(ctx, from, session, cxid, body),
            QuorumPacket::Revalidate { session, .. } => {
                let Some(tracker) = &mut self.tracker else { return };
                let valid = tracker.touch(session, ctx.now);
                tracker.set_owner(session, from);
                self.tell_learner(ctx, from, QuorumPacket::Revalidated { session, valid });
            }
            QuorumPacket::Sync { session, cxid } => self.sync_asked(ctx, from, session, cxid),
            _ => {}
        }
    }

    fn tell_learner(&mut self, ctx: &mut Ctx<'_>, to: u8, packet: QuorumPacket) {
        if let Some(learner) = self.leading().and_then(|leading| leading.learners.get(&to)) {
            learner.tell(ctx, packet);
        }
    }

    fn introduced(&mut self, ctx: &mut Ctx<'_>, from: u8, on: &Connection, accepted_epoch: i32) {
        let own = self.history.accepted_epoch;
        let quorum = self.ensemble.len() / 2;
        let Some(leading) = self.leading() else { return };
        let learner = Learner {
            connection: on.clone(),
            progress: Progress::Introduced { accepted_epoch },
            counts_until_tick: leading.tick + INIT_LIMIT + SYNC_LIMIT,
        };
        leading.learners.insert(from, learner);
        if leading.phase == Phase::Discovery {
            if leading.learners.len() < quorum {
                return;
            }
            let accepted = leading.learners.values().filter_map(|learner| match learner.progress {
                Progress::Introduced { accepted_epoch } => Some(accepted_epoch),
                _ => None,
            });
            leading.epoch = accepted.fold(own, i32::max) + 1;
            leading.phase = Phase::Agreement;
        }
        let epoch = leading.epoch;
        for learner in leading.learners.values_mut() {
            if matches!(learner.progress, Progress::Introduced { .. }) {
                learner.progress = Progress::Informed;
                learner.tell(ctx, QuorumPacket::LeaderInfo { epoch });
            }
        }
        self.history.accepted_epoch = epoch;
    }

    fn agreed(&mut self, ctx: &mut Ctx<'_>, from: u8, current_epoch: i32, last_zxid: i64) {
        let own = (self.history.current_epoch, self.history.last_zxid());
        let quorum = self.ensemble.len() / 2;
        let Some(leading) = self.leading() else { return };
        let Some(learner) = leading.learners.get_mut(&from) else { return };
        learner.progress = Progress::Agreed { last_zxid };
        let epoch = leading.epoch;
        if leading.phase > Phase::Agreement {
            self.synchronise(ctx, from, last_zxid);
            return;
        }
        if (current_epoch, last_zxid) > own {
            self.look(ctx, "a follower is ahead of it");
            return;
        }
        if leading.count(Progress::Agreed { last_zxid: i64::MIN }) < quorum {
            return;
        }
        leading.phase = Phase::Synchronisation;
        self.history.current_epoch = epoch;
        let agreed: Vec<(u8, i64)> = match &self.role {
            Role::Leading(leading) => leading
                .learners
                .iter()
                .filter_map(|(id, learner)| match learner.progress {
                    Progress::Agreed { last_zxid } => Some((*id, last_zxid)),
                    _ => None,
                })
                .collect(),
            _ => Vec::new(),
        };
        for (id, last_zxid) in agreed {
            self.synchronise(ctx, id, last_zxid);
        }
    }

    /// Brings a follower's log to the leader's, then hands it the new epoch.
    fn synchronise(&mut self, ctx: &mut Ctx<'_>, id: u8, last_zxid: i64) {
        let mut packets = self.completion(last_zxid);
        let Some(leading) = self.leading() else { return };
        // What is under way comes behind; its commits will follow.
        packets.extend(leading.outstanding.values().map(|p| QuorumPacket::Proposal(p.txn.clone())));
        packets.push(QuorumPacket::NewLeader { zxid: first_zxid(leading.epoch) });
        let Some(learner) = leading.learners.get_mut(&id) else { return };
        learner.progress = Progress::Synchronising;
        packets.into_iter().for_each(|packet| learner.tell(ctx, packet));
    }

    /// The packets that complete a log that ends with `last_zxid` (`LearnerHandler.syncFollower`).
    pub(super) fn completion(&self, last_zxid: i64) -> Vec<QuorumPacket> {
        let applied = self.data.last_zxid();
        let unflushed = self.writing.iter().filter_map(|write| match write {
            Write::Txn(txn) => Some(txn),
            Write::NewLeader(_) => None,
        });
        let committed: Vec<&Rc<Txn>> = self.history.log().chain(unflushed).filter(|txn| txn.zxid <= applied).collect();
        let first = committed.first().map_or(applied, |txn| txn.zxid);
        let last = committed.last().map_or(self.history.last_zxid(), |txn| txn.zxid);
        // A follower that was a leader for a moment stands at an epoch's first number: nothing is extra.
        let begins_epoch = last_zxid == first_zxid(epoch_of(last_zxid)) && last_zxid != 0;
        let snap = || vec![QuorumPacket::Snap(Rc::new(self.data.export()))];
        if last_zxid == last || (begins_epoch && last_zxid > last) {
            return vec![QuorumPacket::Diff { zxid: last_zxid }];
        }
        if last_zxid > last {
            return vec![QuorumPacket::Trunc { zxid: last }];
        }
        if last_zxid < first {
            return snap();
        }
        let known = committed.iter().rev().find(|txn| txn.zxid <= last_zxid).map_or(0, |txn| txn.zxid);
        let missing: Vec<&Rc<Txn>> = committed.into_iter().filter(|txn| txn.zxid > last_zxid).collect();
        let mut packets = if known == last_zxid || begins_epoch {
            vec![QuorumPacket::Diff { zxid: last }]
        } else if missing.first().is_some_and(|txn| epoch_of(txn.zxid) != epoch_of(last_zxid)) {
            // A truncation never crosses an epoch's border.
            return snap();
        } else {
            vec![QuorumPacket::Trunc { zxid: known }]
        };
        for txn in missing {
            packets.push(QuorumPacket::Proposal(txn.clone()));
            packets.push(QuorumPacket::Commit { zxid: txn.zxid });
        }
        packets
    }

    fn learner_acked(&mut self, ctx: &mut Ctx<'_>, from: u8, zxid: i64) {
        let quorum = self.ensemble.len() / 2;
        let Some(leading) = self.leading() else { return };
        let begins = zxid == first_zxid(leading.epoch);
        let Some(learner) = leading.learners.get_mut(&from) else { return };
        if !begins || learner.progress != Progress::Synchronising {
            self.acked(ctx, from, zxid);
            return;
        }
        learner.progress = Progress::Ready;
        if leading.phase == Phase::Synchronisation && leading.count(Progress::Ready) >= quorum {
            self.begin_to_lead(ctx);
        }
        let Some(leading) = self.leading().filter(|leading| leading.serves()) else { return };
        for learner in leading.learners.values_mut().filter(|learner| learner.progress == Progress::Ready) {
            learner.progress = Progress::UpToDate;
            learner.tell(ctx, QuorumPacket::UpToDate);
        }
    }

    /// A quorum has the beginning of the epoch: sessions' clocks start anew, clients are served.
    fn begin_to_lead(&mut self, ctx: &mut Ctx<'_>) {
        let Some(leading) = self.leading() else { return };
        leading.phase = Phase::Broadcast;
        let epoch = leading.epoch;
        self.last_proposed = first_zxid(epoch);
        self.data.begin_epoch(first_zxid(epoch));
        self.tracker = Some(SessionTracker::new(self.tick_ms, self.data.sessions(), ctx.now));
        self.vote = self.vote.map(|vote| crate::protocol::zab::Vote { peer_epoch: epoch, ..vote });
        self.timers.cancel(&Timer::Init);
        self.set_tick(ctx.now);
        self.timers.set(Timer::HalfTick, ctx.now + SimDuration::from_ms(self.tick_ms / 2));
        ctx.observe(Observation::ZooKeeperLeads { server: self.id, epoch });
    }

    /// A transaction is on the disk of a server. Commits follow the order of numbers.
    pub(super) fn acked(&mut self, ctx: &mut Ctx<'_>, server: u8, zxid: i64) {
        let Some(leading) = self.leading() else { return };
        if let Some(proposal) = leading.outstanding.get_mut(&zxid) {
            proposal.acks.insert(server);
        }
        loop {
            let quorum = self.ensemble.len() / 2;
            let Some(leading) = self.leading() else { return };
            if leading.outstanding.first_key_value().is_none_or(|(_, first)| first.acks.len() <= quorum) {
                return;
            }
            let Some((zxid, Proposal { txn, .. })) = leading.outstanding.pop_first() else { return };
            leading.tell_forwarded(ctx, &QuorumPacket::Commit { zxid });
            self.commit(ctx, &txn);
            self.syncs_due(ctx, zxid);
        }
    }

    // ---- sync

    /// A client wants to have caught up with everything proposed so far.
    pub(super) fn sync_asked(&mut self, ctx: &mut Ctx<'_>, through: u8, session: i64, cxid: u64) {
        let zxid = self.last_proposed;
        let Some(leading) = self.leading() else { return };
        let idle = leading.outstanding.is_empty();
        leading.syncs.push(PendingSync { zxid, through, session, cxid });
        if idle {
            self.syncs_due(ctx, zxid);
        }
    }

    fn syncs_due(&mut self, ctx: &mut Ctx<'_>, committed: i64) {
        let Some(leading) = self.leading() else { return };
        let all = std::mem::take(&mut leading.syncs);
        let (due, rest): (Vec<_>, Vec<_>) = all.into_iter().partition(|sync| sync.zxid <= committed);
        leading.syncs = rest;
        for PendingSync { through, session, cxid, .. } in due {
            if through == self.id {
                self.synced(ctx, session, cxid);
            } else {
                self.tell_learner(ctx, through, QuorumPacket::Sync { session, cxid });
            }
        }
    }

    // ---- who is still there

    /// Every half tick the followers are pinged, every tick they are counted.
    pub(super) fn half_tick(&mut self, ctx: &mut Ctx<'_>) {
        let next = ctx.now + SimDuration::from_ms(self.tick_ms / 2);
        let Some(leading) = self.leading() else { return };
        if !leading.skip {
            leading.tick += 1;
            let tick = leading.tick;
            let synced = leading.learners.values().filter(|learner| tick <= learner.counts_until_tick).count();
            if !self.is_quorum(synced + 1) {
                self.look(ctx, "not sufficient followers synced");
                return;
            }
        }
        let Some(leading) = self.leading() else { return };
        leading.skip = !leading.skip;
        leading.tell_forwarded(ctx, &QuorumPacket::Ping);
        self.timers.set(Timer::HalfTick, next);
    }

    /// A follower has not been heard of for too long.
    pub(super) fn learner_silent(&mut self, ctx: &mut Ctx<'_>, id: u8) {
        if let Some(gone) = self.leading().and_then(|leading| leading.learners.remove(&id)) {
            ctx.close(&gone.connection);
        }
    }

    /// A follower's connection is gone.
    pub(super) fn learner_lost(&mut self, connection: &Connection) {
        let NodeId::ZooKeeper(id) = connection.client else { return };
        if self.leading().and_then(|leading| leading.learners.remove(&id)).is_some() {
            self.timers.cancel(&Timer::LearnerSilent(id));
        }
    }
}
