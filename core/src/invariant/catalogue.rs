//! All promises with their names and where in Kafka each is made, for who wants to list them.

use super::Promise;
use crate::beside::beside;

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
        match self {
            Self::AckedIsCommitted => "AckedIsCommitted",
            Self::CommittedSurvives => "CommittedSurvives",
            Self::InSyncHasCommitted => "InSyncHasCommitted",
            Self::LogsMatch => "LogsMatch",
            Self::HighWatermarkMonotonic => "HighWatermarkMonotonic",
            Self::MaximalIsrCommits => "MaximalIsrCommits",
            Self::MinIsrCommits => "MinIsrCommits",
            Self::ReadIsCommitted => "ReadIsCommitted",
            Self::LatestNeverFalls => "LatestNeverFalls",
            Self::SequencesWithoutGap => "SequencesWithoutGap",
            Self::LeaderInIsr => "LeaderInIsr",
            Self::OneLeaderPerEpoch => "OneLeaderPerEpoch",
            Self::FetchesFromItsLeader => "FetchesFromItsLeader",
            Self::PastIsFenced => "PastIsFenced",
            Self::NewestControllerWrites => "NewestControllerWrites",
            Self::OneHistory => "OneHistory",
            Self::ZnodeVersions => "ZnodeVersions",
            Self::EphemeralsHaveSessions => "EphemeralsHaveSessions",
            Self::OneReaderPerGeneration => "OneReaderPerGeneration",
            Self::CommitsKeepOrder => "CommitsKeepOrder",
            Self::CommitsNeverFall => "CommitsNeverFall",
            Self::CoordinatorsKeepWord => "CoordinatorsKeepWord",
            Self::CommittedOnly => "CommittedOnly",
            Self::DecisionsAreFinal => "DecisionsAreFinal",
            Self::CommitsAreWhole => "CommitsAreWhole",
            Self::EndedAsAsked => "EndedAsAsked",
            Self::OffsetsAreDecided => "OffsetsAreDecided",
            Self::MarkersFollowDecisions => "MarkersFollowDecisions",
            Self::TransactionsAreKnown => "TransactionsAreKnown",
            Self::ZombiesAreFenced => "ZombiesAreFenced",
            Self::IdKeepsItsProducer => "IdKeepsItsProducer",
            Self::OneProducerPerEpoch => "OneProducerPerEpoch",
        }
    }

    /// What is read and not decided by: a line for each promise, with where it is made and what it says.
    fn texts(self) -> (&'static str, &'static str) {
        let lines = beside!("invariant/tables/promises.txt").text().lines();
        let mut own = lines.filter_map(|line| line.strip_prefix(self.name())?.strip_prefix('|')?.split_once('|'));
        own.next().unwrap_or_default()
    }

    /// Where in Kafka or ZooKeeper it is made: a class, a method, a KIP, a config.
    pub fn source(self) -> &'static str {
        self.texts().0
    }

    /// The promise as a sentence.
    pub fn sentence(self) -> &'static str {
        self.texts().1
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
        for promise in all {
            assert!(!promise.source().is_empty() && promise.sentence().len() > 20, "{}", promise.name());
        }
    }
}
