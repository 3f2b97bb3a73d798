//! All promises with their names and where in Kafka each is made, for who wants to list them.

use super::Promise;

impl Promise {
    /// Every promise: replication first, then controller and ZooKeeper, groups, transactions.
    pub const ALL: [Self; 32] = [
        Self::AckedIsCommitted,
        Self::CommittedSurvives,
        Self::InSyncHasCommitted,
        Self::LogsMatch,
        Self::HighWatermarkMonotonic,
        Self::MaximalIsrCommits,
        Self::MinIsrCommits,
        Self::ReadIsCommitted,
        Self::LatestNeverFalls,
        Self::SequencesWithoutGap,
        Self::LeaderInIsr,
        Self::OneLeaderPerEpoch,
        Self::FetchesFromItsLeader,
        Self::PastIsFenced,
        Self::NewestControllerWrites,
        Self::OneHistory,
        Self::ZnodeVersions,
        Self::EphemeralsHaveSessions,
        Self::OneReaderPerGeneration,
        Self::CommitsKeepOrder,
        Self::CommitsNeverFall,
        Self::CoordinatorsKeepWord,
        Self::CommittedOnly,
        Self::DecisionsAreFinal,
        Self::CommitsAreWhole,
        Self::EndedAsAsked,
        Self::OffsetsAreDecided,
        Self::MarkersFollowDecisions,
        Self::TransactionsAreKnown,
        Self::ZombiesAreFenced,
        Self::IdKeepsItsProducer,
        Self::OneProducerPerEpoch,
    ];

    /// Its name, as in the source of the playground.
    pub const fn name(self) -> &'static str {
        self.row().0
    }

    /// Where in Kafka or ZooKeeper it is made: a class, a method, a KIP, a config.
    pub const fn source(self) -> &'static str {
        self.row().1
    }

    const fn row(self) -> (&'static str, &'static str) {
        match self {
            Self::AckedIsCommitted => ("AckedIsCommitted", "DelayedProduce, acks=all"),
            Self::CommitsKeepOrder => ("CommitsKeepOrder", "GroupCoordinator, ILLEGAL_GENERATION"),
            Self::CommittedSurvives => ("CommittedSurvives", "KIP-101, KIP-966"),
            Self::EphemeralsHaveSessions => ("EphemeralsHaveSessions", "ZooKeeper DataTree.killSession"),
            Self::FetchesFromItsLeader => ("FetchesFromItsLeader", "ReplicaFetcherManager"),
            Self::HighWatermarkMonotonic => ("HighWatermarkMonotonic", "Partition.maybeIncrementLeaderHW"),
            Self::InSyncHasCommitted => ("InSyncHasCommitted", "KIP-320"),
            Self::LatestNeverFalls => ("LatestNeverFalls", "KIP-207"),
            Self::LeaderInIsr => ("LeaderInIsr", "PartitionLeaderElectionAlgorithms"),
            Self::OneHistory => ("OneHistory", "ZooKeeper Zab"),
            Self::LogsMatch => ("LogsMatch", "KIP-101, KIP-279"),
            Self::MaximalIsrCommits => ("MaximalIsrCommits", "KIP-497"),
            Self::MinIsrCommits => ("MinIsrCommits", "min.insync.replicas, KAFKA-15583"),
            Self::NewestControllerWrites => ("NewestControllerWrites", "/controller_epoch, KAFKA-6082"),
            Self::OneLeaderPerEpoch => ("OneLeaderPerEpoch", "KIP-101"),
            Self::DecisionsAreFinal => ("DecisionsAreFinal", "KIP-98"),
            Self::CommittedOnly => ("CommittedOnly", "isolation.level=read_committed, KIP-98"),
            Self::ZombiesAreFenced => ("ZombiesAreFenced", "KIP-98, KIP-360"),
            Self::CommitsNeverFall => ("CommitsNeverFall", "GroupCoordinator, KIP-447"),
            Self::CommitsAreWhole => ("CommitsAreWhole", "KIP-98"),
            Self::EndedAsAsked => ("EndedAsAsked", "KIP-98"),
            Self::IdKeepsItsProducer => ("IdKeepsItsProducer", "transactional.id, KIP-98"),
            Self::OneProducerPerEpoch => ("OneProducerPerEpoch", "ProducerIdManager, KIP-98"),
            Self::TransactionsAreKnown => ("TransactionsAreKnown", "KIP-890"),
            Self::MarkersFollowDecisions => ("MarkersFollowDecisions", "WriteTxnMarkers, KIP-98"),
            Self::CoordinatorsKeepWord => ("CoordinatorsKeepWord", "offsets.commit.required.acks"),
            Self::OffsetsAreDecided => ("OffsetsAreDecided", "TxnOffsetCommit, KIP-98"),
            Self::OneReaderPerGeneration => ("OneReaderPerGeneration", "ConsumerPartitionAssignor"),
            Self::ZnodeVersions => ("ZnodeVersions", "ZooKeeper DataTree.setData"),
            Self::PastIsFenced => ("PastIsFenced", "controller and broker epochs, KIP-380"),
            Self::ReadIsCommitted => ("ReadIsCommitted", "Partition.fetchRecords"),
            Self::SequencesWithoutGap => ("SequencesWithoutGap", "enable.idempotence, KIP-98"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collections::Order;

    #[test]
    fn every_promise_is_listed_once() {
        let mut all = Promise::ALL;
        all.order();
        assert!(all.windows(2).all(|pair| pair[0] != pair[1]));
        // The last variant counts them.
        assert_eq!(all.len(), Promise::SequencesWithoutGap as usize + 1);
    }
}
