//! A broken promise with its evidence.

use std::fmt;

use crate::time::SimTime;

/// What Kafka promises.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Promise {
    /// A record below the high watermark is in the log of every leader that is elected cleanly
    /// (Kafka's replication protocol, KIP-101, KIP-966).
    CommittedSurvives,
    /// An ephemeral znode goes with its session (ZooKeeper: `DataTree.killSession`).
    EphemeralsHaveSessions,
    /// A leader's high watermark never falls within its epoch (`Partition.maybeIncrementLeaderHW`).
    HighWatermarkMonotonic,
    /// A clean election takes the leader from the ISR (`PartitionLeaderElectionAlgorithms`).
    LeaderInIsr,
    /// ZooKeeper's servers apply the same transactions in the same order, one leads in an epoch (Zab).
    OneHistory,
    /// At most one broker leads a partition in one leader epoch (KIP-101).
    OneLeaderPerEpoch,
    /// Once a transaction is decided, every marker of a coordinator says so (KIP-98).
    DecisionsAreFinal,
    /// A read_committed consumer is given no record of an open or aborted transaction (KIP-98).
    CommittedOnly,
    /// After a producer's later epoch nothing of an earlier one is appended (KIP-98, KIP-360).
    ZombiesAreFenced,
    /// Within a generation of a group each partition belongs to one member (`ConsumerPartitionAssignor`).
    OneReaderPerGeneration,
    /// A write raises a znode's version by one and its transaction number (ZooKeeper: `DataTree.setData`).
    ZnodeVersions,
}

impl Promise {
    /// The promise as a sentence.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::CommittedSurvives => "what is below the high watermark survives every clean election",
            Self::EphemeralsHaveSessions => "an ephemeral znode goes with its session",
            Self::HighWatermarkMonotonic => "a leader's high watermark never falls within its epoch",
            Self::LeaderInIsr => "a clean election takes the leader from the ISR",
            Self::OneHistory => "ZooKeeper's servers apply the same transactions in the same order",
            Self::OneLeaderPerEpoch => "one broker leads a partition in one leader epoch",
            Self::DecisionsAreFinal => "a decided transaction ends in every partition as it was decided",
            Self::CommittedOnly => "readers of committed records are given no others",
            Self::ZombiesAreFenced => "nothing is appended for a producer epoch that is over",
            Self::OneReaderPerGeneration => "one member reads a partition in one generation of its group",
            Self::ZnodeVersions => "every write raises a znode's version by one",
        }
    }
}

/// A promise that was broken.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Violation {
    /// Which promise.
    pub promise: Promise,
    /// What shows it.
    pub evidence: String,
    /// When it was seen.
    pub at: SimTime,
    /// In which event.
    pub step: u64,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, event {}: {}: {}", self.at, self.step, self.promise.sentence(), self.evidence)
    }
}
