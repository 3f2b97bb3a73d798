//! What the servers of a ZooKeeper ensemble say to each other: votes (`FastLeaderElection`) and Zab's
//! packets (`Leader`, `Learner`). Leaves out observers, reconfiguration and authentication.

use std::rc::Rc;

use super::zookeeper::{Stat, ZkError, ZkOp};
use crate::ids::Name;

/// The epoch in a transaction's number: its upper 32 bits (`ZxidUtils`).
pub const fn epoch_of(zxid: i64) -> i32 {
    (zxid >> 32) as i32
}

/// The number that an epoch begins with.
pub const fn first_zxid(epoch: i32) -> i64 {
    (epoch as i64) << 32
}

/// Whom a server wants to lead.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Vote {
    /// The server proposed.
    pub leader: u8,
    /// The last transaction in its log.
    pub zxid: i64,
    /// The round of voting (`logicalclock`).
    pub election_epoch: u64,
    /// The last epoch that it took part in.
    pub peer_epoch: i32,
}

/// What a server does while it votes (`QuorumPeer.ServerState`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum PeerState {
    /// It looks for a leader.
    Looking,
    /// It follows one.
    Following,
    /// It leads.
    Leading,
}

/// A vote on its way.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Notification {
    /// The vote.
    pub vote: Vote,
    /// What the sender does.
    pub state: PeerState,
}

/// One transaction: what every server applies to its data in the order of numbers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Txn {
    /// Epoch and counter.
    pub zxid: i64,
    /// The leader's clock, ms since 1970.
    pub time_ms: i64,
    /// The session that asked.
    pub session: i64,
    /// The session's number of its request; 0 for the leader's own wish.
    pub cxid: u64,
    /// What it does.
    pub body: TxnBody,
}

/// What a transaction does.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum TxnBody {
    /// A session begins.
    CreateSession {
        /// Granted, in ms.
        timeout_ms: u64,
        /// The client that holds it.
        owner: Name,
    },
    /// A session ends, and its ephemeral znodes with it.
    CloseSession {
        /// It ended because nothing was heard of it.
        expired: bool,
    },
    /// A write; it may fail, which every server finds out alike.
    Op(ZkOp),
    /// The leader refused it; it has a number and no effect.
    Error(ZkError),
}

/// All data of a server at one moment, as one server sends it to another.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SnapshotData {
    /// The last transaction in it.
    pub zxid: i64,
    /// Path, data, stat and number of children ever created, in the order of paths.
    pub znodes: Vec<(Name, Name, Stat, i32)>,
    /// Session, client and timeout in ms.
    pub sessions: Vec<(i64, Name, u64)>,
}

/// A packet between a learner and its leader (`QuorumPacket`).
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum QuorumPacket {
    /// A learner presents itself with the last epoch that it agreed to.
    FollowerInfo {
        /// `acceptedEpoch`.
        accepted_epoch: i32,
    },
    /// The epoch that the leader will lead.
    LeaderInfo {
        /// Greater than any that a quorum has agreed to.
        epoch: i32,
    },
    /// The learner agrees and says how far it is.
    AckEpoch {
        /// `currentEpoch`.
        current_epoch: i32,
        /// The last transaction in its log.
        last_zxid: i64,
    },
    /// What follows completes the learner's log.
    Diff {
        /// Up to here.
        zxid: i64,
    },
    /// The learner drops what lies behind: no quorum ever had it.
    Trunc {
        /// The last transaction to keep.
        zxid: i64,
    },
    /// All of the leader's data, for a learner that is too far behind.
    Snap(Rc<SnapshotData>),
    /// Everything before this packet belongs to the new epoch's beginning.
    NewLeader {
        /// The epoch's first number.
        zxid: i64,
    },
    /// A quorum has the beginning: clients may be served.
    UpToDate,
    /// A transaction to be written to disk.
    Proposal(Rc<Txn>),
    /// It is on disk.
    Ack {
        /// Which.
        zxid: i64,
    },
    /// A quorum has it on disk: apply it.
    Commit {
        /// Which.
        zxid: i64,
    },
    /// The leader's heartbeat.
    Ping,
    /// The answer: sessions heard of since the last one, with their timeouts in ms.
    Touched(Vec<(i64, u64)>),
    /// A client's wish, passed on to the leader.
    Request {
        /// Its session.
        session: i64,
        /// The session's number of the request.
        cxid: u64,
        /// What is wished.
        body: TxnBody,
    },
    /// A client has come with a session of another server: does it live?
    Revalidate {
        /// The session.
        session: i64,
        /// Granted, in ms.
        timeout_ms: u64,
    },
    /// The leader's answer.
    Revalidated {
        /// The session.
        session: i64,
        /// It lives, and its clock has begun anew.
        valid: bool,
    },
    /// A client wants to read what was written before; the same packet comes back behind it.
    Sync {
        /// Its session.
        session: i64,
        /// The session's number of the request.
        cxid: u64,
    },
}

impl QuorumPacket {
    /// ZooKeeper's name of the packet.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::FollowerInfo { .. } => "FOLLOWERINFO",
            Self::LeaderInfo { .. } => "LEADERINFO",
            Self::AckEpoch { .. } => "ACKEPOCH",
            Self::Diff { .. } => "DIFF",
            Self::Trunc { .. } => "TRUNC",
            Self::Snap(_) => "SNAP",
            Self::NewLeader { .. } => "NEWLEADER",
            Self::UpToDate => "UPTODATE",
            Self::Proposal(_) => "PROPOSAL",
            Self::Ack { .. } => "ACK",
            Self::Commit { .. } => "COMMIT",
            Self::Ping | Self::Touched(_) => "PING",
            Self::Request { .. } => "REQUEST",
            Self::Revalidate { .. } | Self::Revalidated { .. } => "REVALIDATE",
            Self::Sync { .. } => "SYNC",
        }
    }
}
