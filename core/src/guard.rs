//! The checks on which Kafka's promises stand, each with a name, so that a test build can switch one
//! off and see which promise falls (mutation testing by hand).
//!
//! Without the cargo feature `guards` [`holds`] is a constant `true`: nothing is asked at run time and
//! nothing can be switched. With it [`switch_off`] opens one guard for the calling thread.

use std::fmt;

/// A check that Kafka makes. Each variant names where Kafka makes it, and since when.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Guard {
    /// A follower truncates to where its leader's epochs say, not to its own high watermark (KIP-101).
    TruncateByEpoch,
    /// Leader and follower agree on the greatest common epoch before an end offset counts (KIP-279).
    EpochLookup,
    /// A fetch that knows another leader epoch than the leader is refused (KIP-320).
    FetchFencedByLeaderEpoch,
    /// A refused fetch does not move the follower's position on the leader (KIP-320, rule 3).
    RefusedFetchDoesNotCount,
    /// A follower joins the ISR only from the start of the leader's epoch on (KAFKA-7128).
    ExpandFromEpochStart,
    /// A follower joins the ISR only from the high watermark on (`Partition.isFollowerInSync`).
    ExpandFromHighWatermark,
    /// A new leader forgets what it knew of its followers (`Replica.resetReplicaState`).
    ResetFollowerState,
    /// A fetch response that was asked for in an older epoch is ignored (`AbstractFetcherThread`).
    StaleFetchIgnored,
    /// Replicas whose joining is not decided yet hold the high watermark back (KIP-497, `maximalIsr`).
    MaximalIsr,
    /// The high watermark stands still below `min.insync.replicas` (KAFKA-15583).
    MinIsrHoldsHighWatermark,
    /// A leader's high watermark only rises (`UnifiedLog.maybeIncrementHighWatermark`).
    HighWatermarkOnlyRises,
    /// AlterPartition with an old leader or partition epoch is refused (KIP-497).
    AlterPartitionFenced,
    /// Requests of an older controller are refused (`ReplicaManager`, controller epoch).
    ControllerEpochFenced,
    /// The controller's writes depend on the version of `/controller_epoch` (KAFKA-6082).
    ControllerWritesFenced,
    /// A new leader notes where its epoch begins before the first record (KAFKA-7415).
    LeaderCachesEpoch,
    /// The latest offset is withheld until the high watermark reaches the epoch's start (KIP-207).
    LatestOffsetWithheld,
    /// A batch that is among the producer's last five is not appended again (KIP-98).
    DuplicateFound,
    /// A batch follows the producer's last one without a gap (KIP-98).
    SequenceChecked,
    /// `acks=all` is answered when the high watermark has passed (`DelayedProduce`).
    AcksAllWaits,
    /// Consumers read below the high watermark only (`Partition.fetchRecords`).
    ReadBelowHighWatermark,
    /// Only a member of the group's generation commits its offsets (`GroupCoordinator.validateOffsetCommit`).
    CommitFencedByGeneration,
    /// A batch of a producer's older epoch is not appended (`ProducerAppendInfo.checkProducerEpoch`, KIP-98).
    /// The check on sequences, which would find most of them out of order, belongs to it.
    ProducerEpochFenced,
    /// The transaction coordinator refuses calls of an older producer epoch (`TransactionCoordinator`, KIP-98).
    CoordinatorFencesProducers,
    /// InitProducerId gives the transactional id's next epoch (`TransactionMetadata.prepareIncrementProducerEpoch`).
    SuccessorRaisesEpoch,
    /// A transaction that timed out is aborted in a new epoch (`TransactionMetadata.prepareFenceProducerEpoch`).
    TimeoutRaisesEpoch,
    /// read_committed consumers read below the last stable offset only (`Partition.fetchRecords`).
    ReadBelowLastStableOffset,
    /// read_committed consumers are told of aborted transactions (`UnifiedLog.addAbortedTransactions`).
    AbortedTransactionsNamed,
    /// A coordinator acts on a transaction's state once it is replicated (`appendTransactionToLog`, acks=all).
    TransactionStateReplicated,
    /// A new transaction coordinator reads its log first (`loadTransactionsForTxnTopicPartition`).
    TransactionLogLoaded,
    /// A marker of an older coordinator is refused (`TRANSACTION_COORDINATOR_FENCED`).
    MarkerFencedByCoordinator,
    /// Offsets of a transaction hold with its marker only (`GroupMetadata.completePendingTxnOffsetCommit`).
    PendingOffsetsHidden,
    /// Only a member of the group's generation commits in a transaction (KIP-447, `validateOffsetCommit`).
    TxnOffsetsFencedByGeneration,
    /// A commit is answered once it is replicated (`offsets.commit.required.acks`).
    OffsetsReplicated,
    /// A new group coordinator reads its log first (`GroupMetadataManager.loadGroupsAndOffsets`).
    GroupLogLoaded,
    /// A producer ends its transaction once everything that it sent in it is answered: a commit flushes first
    /// (`KafkaProducer.commitTransaction`; `Sender.maybeSendAndPollTransactionalRequest`).
    CommitAfterFlush,
}

impl Guard {
    /// All of them, in the order above.
    pub const ALL: [Self; 35] = [
        Self::TruncateByEpoch,
        Self::EpochLookup,
        Self::FetchFencedByLeaderEpoch,
        Self::RefusedFetchDoesNotCount,
        Self::ExpandFromEpochStart,
        Self::ExpandFromHighWatermark,
        Self::ResetFollowerState,
        Self::StaleFetchIgnored,
        Self::MaximalIsr,
        Self::MinIsrHoldsHighWatermark,
        Self::HighWatermarkOnlyRises,
        Self::AlterPartitionFenced,
        Self::ControllerEpochFenced,
        Self::ControllerWritesFenced,
        Self::LeaderCachesEpoch,
        Self::LatestOffsetWithheld,
        Self::DuplicateFound,
        Self::SequenceChecked,
        Self::AcksAllWaits,
        Self::ReadBelowHighWatermark,
        Self::CommitFencedByGeneration,
        Self::ProducerEpochFenced,
        Self::CoordinatorFencesProducers,
        Self::SuccessorRaisesEpoch,
        Self::TimeoutRaisesEpoch,
        Self::ReadBelowLastStableOffset,
        Self::AbortedTransactionsNamed,
        Self::TransactionStateReplicated,
        Self::TransactionLogLoaded,
        Self::MarkerFencedByCoordinator,
        Self::PendingOffsetsHidden,
        Self::TxnOffsetsFencedByGeneration,
        Self::OffsetsReplicated,
        Self::GroupLogLoaded,
        Self::CommitAfterFlush,
    ];

    /// The guard of this name, letter case aside.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|guard| guard.to_string().eq_ignore_ascii_case(name))
    }
}

impl fmt::Display for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// True while Kafka makes this check: always, unless a test build has switched it off.
#[cfg(not(feature = "guards"))]
#[inline(always)]
pub const fn holds(_guard: Guard) -> bool {
    true
}

#[cfg(feature = "guards")]
pub use switches::{holds, switch_off};

#[cfg(feature = "guards")]
mod switches {
    use std::cell::Cell;

    use super::Guard;

    thread_local! {
        static OPEN: Cell<Option<Guard>> = const { Cell::new(None) };
    }

    /// True unless this guard is switched off for the calling thread.
    pub fn holds(guard: Guard) -> bool {
        OPEN.get() != Some(guard)
    }

    /// Switches one guard off for the calling thread; `None` puts all in force again.
    pub fn switch_off(guard: Option<Guard>) {
        OPEN.set(guard);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_guard_is_found_by_its_name_and_holds() {
        for guard in Guard::ALL {
            assert_eq!(Guard::named(&guard.to_string().to_lowercase()), Some(guard));
            assert!(holds(guard), "{guard}");
        }
        assert_eq!(Guard::named("MaximalISRs"), None);
    }
}
