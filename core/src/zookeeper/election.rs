//! One round of voting until a leader is found (`FastLeaderElection.lookForLeader`): pure; the server
//! sends the votes and keeps the time. Leaves out weights, groups and observers.

use crate::collections::BTreeMap;

use crate::protocol::zab::{Notification, PeerState, Vote};
use crate::time::{SimDuration, SimTime};

/// How long a winning vote waits for a better one, and how long the first silence is borne, ms.
const FINALIZE_WAIT_MS: u64 = 200;
/// The longest silence that is borne before votes are sent again, ms.
const MAX_NOTIFICATION_INTERVAL_MS: u64 = 60_000;

type Votes = BTreeMap<u8, (Vote, PeerState)>;

/// A server's search for a leader.
#[derive(Clone, Debug)]
pub struct Election {
    id: u8,
    voters: Vec<u8>,
    /// The vote for itself that it began with.
    own: Vote,
    proposal: Vote,
    /// Votes of this round.
    received: Votes,
    /// Votes of servers that have a leader already.
    out_of_election: Votes,
    patience: SimDuration,
    deadline: SimTime,
    /// A quorum agrees; only a better vote can change it.
    finalising: bool,
}

/// What follows from a vote or from silence.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// Nothing yet.
    Wait,
    /// Tell everybody my vote.
    Send,
    /// This is the leader.
    Decided(Vote),
}

/// True if `a` is a better vote than `b`: newer epoch, then newer log, then greater id
/// (`totalOrderPredicate`).
fn beats(a: &Vote, b: &Vote) -> bool {
    (a.peer_epoch, a.zxid, a.leader) > (b.peer_epoch, b.zxid, b.leader)
}

/// Whether two votes are for the same (`Vote.equals`): servers that have a leader need not agree on
/// the round in which they found it.
fn same(a: &(Vote, PeerState), b: &(Vote, PeerState)) -> bool {
    if a.1 == PeerState::Looking || b.1 == PeerState::Looking {
        a.0 == b.0
    } else {
        a.0.leader == b.0.leader && a.0.peer_epoch == b.0.peer_epoch
    }
}

impl Election {
    /// A new round, in which server `id` proposes itself.
    pub fn new(id: u8, voters: Vec<u8>, own: Vote, now: SimTime) -> Self {
        let patience = SimDuration::from_ms(FINALIZE_WAIT_MS);
        let received = BTreeMap::from([(id, (own, PeerState::Looking))]);
        Self {
            id,
            voters,
            own,
            proposal: own,
            received,
            out_of_election: BTreeMap::new(),
            patience,
            deadline: now + patience,
            finalising: false,
        }
    }

    /// Whom this server wants now.
    pub fn proposal(&self) -> Vote {
        self.proposal
    }

    /// When silence means something.
    pub fn deadline(&self) -> SimTime {
        self.deadline
    }

    fn is_quorum(&self, count: usize) -> bool {
        count > self.voters.len() / 2
    }

    fn backed(&self, votes: &Votes, wanted: &(Vote, PeerState)) -> bool {
        self.is_quorum(votes.values().filter(|vote| same(vote, wanted)).count())
    }

    /// The leader that others name says itself that it leads (`checkLeader`).
    fn leads(&self, votes: &Votes, leader: u8, round: u64) -> bool {
        if leader == self.id {
            return self.own.election_epoch == round;
        }
        votes.get(&leader).is_some_and(|(_, state)| *state == PeerState::Leading)
    }

    fn propose(&mut self, vote: Vote) {
        self.proposal = Vote { election_epoch: self.own.election_epoch, ..vote };
        self.received.insert(self.id, (self.proposal, PeerState::Looking));
    }

    /// A vote arrives.
    pub fn hear(&mut self, from: u8, heard: Notification, now: SimTime) -> Verdict {
        if !self.voters.contains(&from) || !self.voters.contains(&heard.vote.leader) {
            return Verdict::Wait;
        }
        if self.finalising {
            if !beats(&heard.vote, &self.proposal) {
                self.deadline = now + SimDuration::from_ms(FINALIZE_WAIT_MS);
                return Verdict::Wait;
            }
            self.finalising = false;
        }
        self.deadline = now + self.patience;
        match heard.state {
            PeerState::Looking => self.hear_candidate(from, heard.vote, now),
            PeerState::Following | PeerState::Leading => self.hear_settled(from, heard),
        }
    }

    fn hear_candidate(&mut self, from: u8, vote: Vote, now: SimTime) -> Verdict {
        let round = self.own.election_epoch;
        let mut verdict = Verdict::Wait;
        if vote.election_epoch < round {
            return Verdict::Wait;
        }
        if vote.election_epoch > round {
            self.own.election_epoch = vote.election_epoch;
            self.received.clear();
            self.propose(if beats(&vote, &self.own) { vote } else { self.own });
            verdict = Verdict::Send;
        } else if beats(&vote, &self.proposal) {
            self.propose(vote);
            verdict = Verdict::Send;
        }
        self.received.insert(from, (vote, PeerState::Looking));
        if self.backed(&self.received, &(self.proposal, PeerState::Looking)) {
            self.finalising = true;
            self.deadline = now + SimDuration::from_ms(FINALIZE_WAIT_MS);
        }
        verdict
    }

    /// A vote of a server that follows or leads: a latecomer joins what a quorum has settled.
    fn hear_settled(&mut self, from: u8, heard: Notification) -> Verdict {
        let Notification { vote, state } = heard;
        if vote.election_epoch == self.own.election_epoch {
            self.received.insert(from, (vote, state));
            let joined = self.backed(&self.received, &(vote, state));
            if joined && self.leads(&self.received, vote.leader, vote.election_epoch) {
                return Verdict::Decided(vote);
            }
        }
        self.out_of_election.insert(from, (vote, state));
        let settled = self.backed(&self.out_of_election, &(vote, state));
        if settled && self.leads(&self.out_of_election, vote.leader, vote.election_epoch) {
            return Verdict::Decided(vote);
        }
        Verdict::Wait
    }

    /// Nothing came until the deadline.
    pub fn silence(&mut self, now: SimTime) -> Verdict {
        if self.finalising {
            return Verdict::Decided(self.proposal);
        }
        self.patience = SimDuration::from_ms((self.patience.as_ms() * 2).min(MAX_NOTIFICATION_INTERVAL_MS));
        self.deadline = now + self.patience;
        Verdict::Send
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VOTERS: [u8; 3] = [1, 2, 3];

    fn vote(leader: u8, zxid: i64, election_epoch: u64, peer_epoch: i32) -> Vote {
        Vote { leader, zxid, election_epoch, peer_epoch }
    }

    fn looking(vote: Vote) -> Notification {
        Notification { vote, state: PeerState::Looking }
    }

    fn at(ms: u64) -> SimTime {
        SimTime::from_ms(ms)
    }

    #[test]
    fn the_newest_epoch_wins_then_the_longest_log_then_the_greatest_id() {
        let order = [vote(3, 9, 1, 0), vote(1, 7, 1, 1), vote(1, 8, 1, 1), vote(2, 8, 1, 1)];
        for pair in order.windows(2) {
            assert!(beats(&pair[1], &pair[0]) && !beats(&pair[0], &pair[1]), "{pair:?}");
        }
    }

    #[test]
    fn equal_servers_elect_the_greatest_id_after_a_moment_in_which_nothing_better_came() {
        let mut one = Election::new(1, VOTERS.to_vec(), vote(1, 0, 1, 0), at(0));
        assert_eq!(one.hear(2, looking(vote(2, 0, 1, 0)), at(1)), Verdict::Send);
        assert_eq!(one.deadline(), at(201), "a quorum is for 2");
        assert_eq!(one.hear(3, looking(vote(3, 0, 1, 0)), at(50)), Verdict::Send);
        assert_eq!(one.proposal().leader, 3);
        assert_eq!(one.deadline(), at(250), "a quorum is for 3");
        assert_eq!(one.silence(at(250)), Verdict::Decided(vote(3, 0, 1, 0)));
    }

    #[test]
    fn a_vote_alone_decides_nothing_and_is_sent_at_growing_intervals() {
        let mut one = Election::new(1, VOTERS.to_vec(), vote(1, 0, 1, 0), at(0));
        for expected in [600, 1400, 3000] {
            let now = one.deadline();
            assert_eq!(one.silence(now), Verdict::Send);
            assert_eq!(one.deadline(), at(expected));
        }
    }

    #[test]
    fn a_later_round_clears_the_votes_of_the_earlier_one() {
        let mut one = Election::new(1, VOTERS.to_vec(), vote(1, 5, 1, 0), at(0));
        assert_eq!(one.hear(2, looking(vote(2, 4, 1, 0)), at(1)), Verdict::Wait);
        assert_eq!(one.hear(3, looking(vote(3, 3, 4, 0)), at(2)), Verdict::Send);
        assert_eq!(one.proposal(), vote(1, 5, 4, 0));
        assert_eq!(one.hear(2, looking(vote(1, 5, 1, 0)), at(3)), Verdict::Wait, "a vote of an old round");
        assert_eq!(one.hear(3, looking(vote(1, 5, 4, 0)), at(4)), Verdict::Wait);
        assert_eq!(one.silence(one.deadline()), Verdict::Decided(vote(1, 5, 4, 0)));
    }

    #[test]
    fn a_latecomer_joins_the_leader_that_a_quorum_names_and_that_says_so_itself() {
        let settled = vote(2, 7, 9, 3);
        let mut three = Election::new(3, VOTERS.to_vec(), vote(3, 99, 1, 3), at(0));
        let follows = Notification { vote: settled, state: PeerState::Following };
        assert_eq!(three.hear(1, follows, at(1)), Verdict::Wait, "the leader has not spoken");
        let leads = Notification { vote: settled, state: PeerState::Leading };
        assert_eq!(three.hear(2, leads, at(2)), Verdict::Decided(settled), "nobody is deposed for a longer log");
    }
}
