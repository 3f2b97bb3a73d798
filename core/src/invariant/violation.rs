//! A broken promise with its evidence.

use std::fmt;

use crate::time::SimTime;

/// What Kafka promises.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Promise {
    /// A record that was acknowledged with acks=all is below the high watermark (`DelayedProduce`).
    AckedIsCommitted,
    /// Only members of the current generation commit the group's offsets (`GroupCoordinator`).
    CommitsKeepOrder,
    /// A record below the high watermark is in the log of every leader that is elected cleanly
    /// (Kafka's replication protocol, KIP-101, KIP-966).
    CommittedSurvives,
    /// An ephemeral znode goes with its session (ZooKeeper: `DataTree.killSession`).
    EphemeralsHaveSessions,
    /// A leader fetches from nobody, a follower from its leader (`ReplicaFetcherManager`).
    FetchesFromItsLeader,
    /// A leader's high watermark never falls within its epoch (`Partition.maybeIncrementLeaderHW`).
    HighWatermarkMonotonic,
    /// Every in-sync replica has every committed record (KIP-320, StrongIsr).
    InSyncHasCommitted,
    /// The latest offset that clients are told never falls (KIP-207).
    LatestNeverFalls,
    /// A clean election takes the leader from the ISR (`PartitionLeaderElectionAlgorithms`).
    LeaderInIsr,
    /// ZooKeeper's servers apply the same transactions in the same order, one leads in an epoch (Zab).
    OneHistory,
    /// Logs with the same offset and epoch have the same records up to there (KIP-101, KIP-279).
    LogsMatch,
    /// A replica that is in sync or asked into the ISR holds the high watermark back (KIP-497).
    MaximalIsrCommits,
    /// Nothing is committed below `min.insync.replicas` (KAFKA-15583).
    MinIsrCommits,
    /// Only the newest controller writes the states of partitions (KAFKA-6082).
    NewestControllerWrites,
    /// At most one broker leads a partition in one leader epoch (KIP-101).
    OneLeaderPerEpoch,
    /// Once a transaction is decided, every marker of a coordinator says so (KIP-98).
    DecisionsAreFinal,
    /// A read_committed consumer is given no record of an open or aborted transaction (KIP-98).
    CommittedOnly,
    /// After a producer's later epoch nothing of an earlier one is appended (KIP-98, KIP-360).
    ZombiesAreFenced,
    /// The position that members commit for their group never falls (`GroupCoordinator`, KIP-447).
    CommitsNeverFall,
    /// What a producer was told of in a committed transaction is committed (KIP-98).
    CommitsAreWhole,
    /// A transaction is committed only if its producer asked for it (KIP-98).
    EndedAsAsked,
    /// A transactional id keeps its producer id, and its epochs only rise (KIP-98).
    IdKeepsItsProducer,
    /// A producer epoch belongs to one producer (KIP-98).
    OneProducerPerEpoch,
    /// No record opens a transaction that its coordinator does not know (KIP-890).
    TransactionsAreKnown,
    /// A marker is written only while its transaction is decided so (KIP-98).
    MarkersFollowDecisions,
    /// Coordinators act on what is replicated (`offsets.commit.required.acks`, `appendTransactionToLog`).
    CoordinatorsKeepWord,
    /// Offsets sent in a transaction hold only once it is committed (KIP-98).
    OffsetsAreDecided,
    /// Within a generation of a group each partition belongs to one member (`ConsumerPartitionAssignor`).
    OneReaderPerGeneration,
    /// A write raises a znode's version by one and its transaction number (ZooKeeper: `DataTree.setData`).
    ZnodeVersions,
    /// Requests of an older controller or to a former life change nothing (KIP-380).
    PastIsFenced,
    /// What a consumer reads is committed (`Partition.fetchRecords`).
    ReadIsCommitted,
    /// Batches of an idempotent producer follow each other without gap or repetition (KIP-98).
    SequencesWithoutGap,
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
