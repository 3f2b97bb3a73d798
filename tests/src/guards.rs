//! Kafka's checks, switched off one at a time: for each the ground of random faults where it is needed,
//! and the search for the first seed that breaks a promise without it. Needs a build with the feature
//! `guards`.

use playground_core::guard::Guard;
use playground_core::invariant::Promise;

use crate::clients_sweep;
use crate::jepsen::Anomaly;
use crate::sweep::{Failure, Profile, sweep};

/// Where a guard is looked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ground {
    /// The sweep in this profile.
    Sweep(Profile),
    /// The sweep of clients, where what they saw is judged too.
    Clients,
}

impl Ground {
    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sweep(profile) => profile.name(),
            Self::Clients => "clients",
        }
    }
}

/// The ground on which a guard is needed soon.
pub const fn ground_of(guard: Guard) -> Ground {
    match guard {
        Guard::FetchFencedByLeaderEpoch
        | Guard::RefusedFetchDoesNotCount
        | Guard::ExpandFromEpochStart
        | Guard::ResetFollowerState
        | Guard::StaleFetchIgnored
        | Guard::MaximalIsr
        | Guard::LeaderCachesEpoch
        | Guard::EpochLookup => Ground::Sweep(Profile::Leaders),
        Guard::ControllerWritesFenced | Guard::ControllerEpochFenced => Ground::Sweep(Profile::Controllers),
        Guard::ProducerEpochFenced
        | Guard::CoordinatorFencesProducers
        | Guard::SuccessorRaisesEpoch
        | Guard::TimeoutRaisesEpoch
        | Guard::TransactionStateReplicated
        | Guard::TransactionLogLoaded
        | Guard::MarkerFencedByCoordinator
        | Guard::PendingOffsetsHidden
        | Guard::TxnOffsetsFencedByGeneration
        | Guard::OffsetsReplicated
        | Guard::GroupLogLoaded => Ground::Sweep(Profile::Transactions),
        Guard::CommitFencedByGeneration => Ground::Sweep(Profile::Mild),
        Guard::DuplicateFound
        | Guard::ReadBelowLastStableOffset
        | Guard::AbortedTransactionsNamed
        | Guard::CommitAfterFlush => Ground::Clients,
        _ => Ground::Sweep(Profile::Swarm),
    }
}

/// What a seed shows of a guard that is switched off.
pub struct Finding {
    /// The seed.
    pub seed: u64,
    /// The promise that falls.
    pub promise: String,
    /// What shows it.
    pub evidence: String,
}

/// What a seed came to.
enum Seen {
    Kept,
    /// The cluster does not come to rest: no promise that tells one guard from another.
    Restless,
    Fallen {
        promise: String,
        evidence: String,
    },
}

/// What falls without a guard.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fall {
    /// A promise of the cluster.
    Broken(Promise),
    /// Clients see this anomaly although their configuration forbids it.
    Seen(Anomaly),
}

impl Fall {
    /// As the sweeps name it.
    pub fn name(self) -> String {
        match self {
            Self::Broken(promise) => format!("{promise:?}"),
            Self::Seen(anomaly) => format!("no {anomaly}"),
        }
    }
}

/// The findings that the guard stands between: only these count. A run without a guard goes another way, and what
/// else breaks in it, breaks by chance.
pub const fn promises_of(guard: Guard) -> &'static [Fall] {
    use Fall::{Broken, Seen};
    match guard {
        // Logs and replicas.
        Guard::TruncateByEpoch
        | Guard::EpochLookup
        | Guard::FetchFencedByLeaderEpoch
        | Guard::RefusedFetchDoesNotCount
        | Guard::ExpandFromEpochStart
        | Guard::ExpandFromHighWatermark
        | Guard::ResetFollowerState
        | Guard::LeaderCachesEpoch => {
            &[Broken(Promise::InSyncHasCommitted), Broken(Promise::CommittedSurvives), Broken(Promise::LogsMatch)]
        }
        Guard::StaleFetchIgnored => &[Broken(Promise::FetchesFromItsLeader), Broken(Promise::LogsMatch)],
        Guard::MaximalIsr | Guard::AlterPartitionFenced => &[Broken(Promise::MaximalIsrCommits)],
        Guard::MinIsrHoldsHighWatermark => &[Broken(Promise::MinIsrCommits)],
        Guard::HighWatermarkOnlyRises => &[Broken(Promise::HighWatermarkMonotonic)],
        Guard::LatestOffsetWithheld => &[Broken(Promise::LatestNeverFalls)],
        Guard::ControllerEpochFenced => &[Broken(Promise::PastIsFenced)],
        Guard::ControllerWritesFenced => &[Broken(Promise::NewestControllerWrites)],
        // Producers: a retry lies twice in the log, a batch is missing before the next, an answer comes too early.
        Guard::DuplicateFound | Guard::SequenceChecked => &[Broken(Promise::SequencesWithoutGap)],
        Guard::AcksAllWaits => &[Broken(Promise::AckedIsCommitted)],
        // Consumers see what is not committed, or was aborted.
        Guard::ReadBelowHighWatermark => &[Broken(Promise::ReadIsCommitted)],
        Guard::ReadBelowLastStableOffset => &[Broken(Promise::CommittedOnly)],
        Guard::AbortedTransactionsNamed => &[Seen(Anomaly::AbortedRead), Broken(Promise::CommittedOnly)],
        // A zombie commits for its group, or writes: its numbers stand behind those of its successor's.
        Guard::CommitFencedByGeneration => &[Broken(Promise::CommitsKeepOrder), Broken(Promise::CommitsNeverFall)],
        Guard::TxnOffsetsFencedByGeneration => &[Broken(Promise::CommitsNeverFall)],
        Guard::ProducerEpochFenced => &[Broken(Promise::ZombiesAreFenced), Broken(Promise::SequencesWithoutGap)],
        // A zombie, or a transaction that timed out, is ended as nobody asked for.
        Guard::CoordinatorFencesProducers | Guard::TimeoutRaisesEpoch => {
            &[Broken(Promise::EndedAsAsked), Broken(Promise::CommitsAreWhole)]
        }
        Guard::SuccessorRaisesEpoch => &[Broken(Promise::OneProducerPerEpoch)],
        Guard::MarkerFencedByCoordinator => {
            &[Broken(Promise::MarkersFollowDecisions), Broken(Promise::DecisionsAreFinal)]
        }
        // Coordinators that do not know what was, or tell what may not be.
        Guard::TransactionStateReplicated | Guard::OffsetsReplicated => &[Broken(Promise::CoordinatorsKeepWord)],
        Guard::TransactionLogLoaded => &[Broken(Promise::IdKeepsItsProducer)],
        Guard::GroupLogLoaded => &[Broken(Promise::OneReaderPerGeneration), Broken(Promise::CommitsNeverFall)],
        Guard::PendingOffsetsHidden => &[Broken(Promise::OffsetsAreDecided)],
        // A committed transaction lacks what its producer had sent in it.
        Guard::CommitAfterFlush => {
            &[Broken(Promise::CommitsAreWhole), Seen(Anomaly::Unseen), Broken(Promise::TransactionsAreKnown)]
        }
    }
}

/// A promise that the guard stands for falls in this seed, and nothing is wrong in it with the guard.
pub fn broken(guard: Guard, seed: u64) -> Option<Finding> {
    let ground = ground_of(guard);
    match play(ground, seed, Some(guard)) {
        Seen::Fallen { promise, evidence }
            if promises_of(guard).iter().any(|fall| fall.name() == promise)
                && matches!(play(ground, seed, None), Seen::Kept) =>
        {
            Some(Finding { seed, promise, evidence })
        }
        _ => None,
    }
}

/// The first of `seeds` seeds that finds the guard missing.
pub fn hunt(guard: Guard, seeds: u64) -> Option<Finding> {
    (0..seeds).find_map(|seed| broken(guard, seed))
}

fn play(ground: Ground, seed: u64, guard: Option<Guard>) -> Seen {
    match ground {
        Ground::Sweep(profile) => match sweep(seed, profile, guard, false).failure {
            None => Seen::Kept,
            Some(Failure::Restless(_) | Failure::Unplayable(_)) => Seen::Restless,
            Some(failure) => Seen::Fallen { promise: failure.promise(), evidence: failure.to_string() },
        },
        Ground::Clients => match clients_sweep::sweep(seed, guard, false).failure {
            None => Seen::Kept,
            Some(clients_sweep::Failure::Restless(_) | clients_sweep::Failure::Unplayable(_)) => Seen::Restless,
            Some(failure) => Seen::Fallen { promise: failure.promise(), evidence: failure.to_string() },
        },
    }
}
