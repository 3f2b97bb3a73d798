//! Kafka's checks, switched off one at a time: for each the ground of random faults where it is needed,
//! and the search for the first seed that breaks a promise without it. Needs a build with the feature
//! `guards`.

use playground_core::guard::Guard;

use crate::clients_sweep;
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
        Guard::DuplicateFound | Guard::ReadBelowLastStableOffset | Guard::AbortedTransactionsNamed => Ground::Clients,
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

/// The only promise that counts, where others may fall by chance in runs that go another way.
const fn promise_of(guard: Guard) -> Option<&'static str> {
    match guard {
        Guard::TxnOffsetsFencedByGeneration => Some("CommitsNeverFall"),
        _ => None,
    }
}

/// A promise falls in this seed, and nothing is wrong in it with the guard.
pub fn broken(guard: Guard, seed: u64) -> Option<Finding> {
    let ground = ground_of(guard);
    match play(ground, seed, Some(guard)) {
        Seen::Fallen { promise, evidence }
            if promise_of(guard).is_none_or(|expected| expected == promise)
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
