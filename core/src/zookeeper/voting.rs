//! How a server votes and what follows from it: it leads or follows, and looks again when that ends.

use std::rc::Rc;

use super::election::{Election, Verdict};
use super::server::{Role, Timer, Write, ZooKeeperServer};
use crate::ids::NodeId;
use crate::machine::{Channel, Connection, Ctx, Observation, TimerTable};
use crate::protocol::zab::{Notification, PeerState, Txn, Vote};
use crate::protocol::{Request, Response};

impl ZooKeeperServer {
    fn notification(&self) -> Option<Notification> {
        let (vote, state) = match &self.role {
            Role::Standalone => return None,
            Role::Looking(election) => (election.proposal(), PeerState::Looking),
            Role::Following(_) => (self.vote?, PeerState::Following),
            Role::Leading(_) => (self.vote?, PeerState::Leading),
        };
        Some(Notification { vote, state })
    }

    fn send_votes(&mut self, ctx: &mut Ctx<'_>) {
        let Some(notification) = self.notification() else { return };
        for peer in self.ensemble.iter().filter(|peer| **peer != self.id) {
            ctx.request(NodeId::ZooKeeper(*peer), Channel::Election, self.round, Request::Vote(notification));
        }
    }

    pub(super) fn heard_vote(&mut self, ctx: &mut Ctx<'_>, on: &Connection, heard: Notification, asked: bool) {
        let NodeId::ZooKeeper(from) = *on.peer(ctx.me) else { return };
        let settled = match &mut self.role {
            Role::Looking(election) => {
                let verdict = election.hear(from, heard, ctx.now);
                // Who lags a round behind is told of the present one.
                let lags = heard.vote.election_epoch < election.proposal().election_epoch;
                if heard.state == PeerState::Looking && lags {
                    self.reply_vote(ctx, on, asked);
                }
                self.conclude(ctx, verdict);
                return;
            }
            Role::Following(_) | Role::Leading(_) => heard.state == PeerState::Looking,
            Role::Standalone => false,
        };
        if settled {
            self.reply_vote(ctx, on, asked);
        }
    }

    fn reply_vote(&self, ctx: &mut Ctx<'_>, on: &Connection, asked: bool) {
        let Some(notification) = self.notification() else { return };
        if asked {
            ctx.respond(on, self.round, Response::Vote(notification));
        } else {
            ctx.request(on.server.clone(), Channel::Election, self.round, Request::Vote(notification));
        }
    }

    pub(super) fn conclude(&mut self, ctx: &mut Ctx<'_>, verdict: Verdict) {
        let Role::Looking(election) = &self.role else { return };
        self.round = election.proposal().election_epoch;
        self.timers.set(Timer::Election, election.deadline());
        match verdict {
            Verdict::Wait => {}
            Verdict::Send => self.send_votes(ctx),
            Verdict::Decided(vote) => {
                self.timers.cancel(&Timer::Election);
                self.round = vote.election_epoch;
                self.vote = Some(vote);
                if vote.leader == self.id { self.lead(ctx) } else { self.follow(ctx, vote.leader) }
            }
        }
    }

    /// Gives up what it was and looks for a leader. What it has logged counts, committed or not.
    pub(super) fn look(&mut self, ctx: &mut Ctx<'_>, reason: &str) {
        match &self.role {
            Role::Following(following) => ctx.disconnect(NodeId::ZooKeeper(following.leader), Channel::Quorum),
            Role::Leading(leading) => leading.dismiss(ctx),
            Role::Standalone | Role::Looking(_) => {}
        }
        self.stop_serving(ctx);
        self.tracker = None;
        self.vote = None;
        self.timers = TimerTable::default();
        self.flushing = false;
        self.token += 1;
        for write in std::mem::take(&mut self.writing) {
            if let Write::Txn(txn) = write {
                self.history.append(txn);
            }
        }
        let behind: Vec<Rc<Txn>> =
            self.history.log().rev().take_while(|txn| txn.zxid > self.data.last_zxid()).cloned().collect();
        for txn in behind.iter().rev() {
            self.data.apply(txn);
        }
        self.round += 1;
        let own = Vote {
            leader: self.id,
            zxid: self.data.last_zxid(),
            election_epoch: self.round,
            peer_epoch: self.history.current_epoch,
        };
        let election = Election::new(self.id, self.ensemble.clone(), own, ctx.now);
        self.timers.set(Timer::Election, election.deadline());
        self.role = Role::Looking(election);
        ctx.observe(Observation::ZooKeeperLooks { server: self.id, reason: reason.into() });
        self.send_votes(ctx);
    }
}
