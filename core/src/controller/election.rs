//! Who leads next: the rules of `PartitionLeaderElectionAlgorithms` and `Election`, as pure functions.

use crate::collections::BTreeSet;

use super::assignment::ReplicaAssignment;
use super::context::LeaderAndIsr;
use crate::ids::BrokerId;

/// The occasion of an election.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ElectionStrategy {
    /// The leader is gone, a broker came, or unclean elections were allowed.
    Offline {
        /// An administrator asked for it: a replica outside of the ISR may lead whatever the configs say.
        allow_unclean: bool,
    },
    /// The leader is not among the target replicas of a reassignment.
    Reassign,
    /// The first assigned replica is to lead again.
    Preferred,
    /// The leader's broker is being stopped in good order.
    ControlledShutdown,
}

impl ElectionStrategy {
    /// The occasion in a word or two.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Offline { .. } => "offline",
            Self::Reassign => "reassignment",
            Self::Preferred => "preferred",
            Self::ControlledShutdown => "controlled shutdown",
        }
    }

    /// As Kafka prints it in messages.
    pub const fn kafka_name(self) -> &'static str {
        match self {
            Self::Offline { allow_unclean: true } => "OfflinePartitionLeaderElectionStrategy(true)",
            Self::Offline { allow_unclean: false } => "OfflinePartitionLeaderElectionStrategy(false)",
            Self::Reassign => "ReassignPartitionLeaderElectionStrategy",
            Self::Preferred => "PreferredReplicaPartitionLeaderElectionStrategy",
            Self::ControlledShutdown => "ControlledShutdownPartitionLeaderElectionStrategy",
        }
    }
}

/// The first assigned replica that is live and in sync; without one, if unclean elections are
/// allowed, the first live one.
pub fn offline_leader(
    assignment: &[BrokerId],
    isr: &[BrokerId],
    live: &BTreeSet<BrokerId>,
    unclean: bool,
) -> Option<BrokerId> {
    let mut candidates = assignment.iter().copied().filter(|id| live.contains(id));
    let clean = candidates.clone().find(|id| isr.contains(id));
    clean.or_else(|| if unclean { candidates.next() } else { None })
}

/// The first target replica that is live and in sync.
pub fn reassign_leader(target: &[BrokerId], isr: &[BrokerId], live: &BTreeSet<BrokerId>) -> Option<BrokerId> {
    target.iter().copied().find(|id| live.contains(id) && isr.contains(id))
}

/// The first assigned replica, if it is live and in sync.
pub fn preferred_leader(assignment: &[BrokerId], isr: &[BrokerId], live: &BTreeSet<BrokerId>) -> Option<BrokerId> {
    assignment.first().copied().filter(|id| live.contains(id) && isr.contains(id))
}

/// The first assigned replica that is live and in sync and does not shut down itself.
pub fn controlled_shutdown_leader(
    assignment: &[BrokerId],
    isr: &[BrokerId],
    live: &BTreeSet<BrokerId>,
    shutting_down: &BTreeSet<BrokerId>,
) -> Option<BrokerId> {
    assignment.iter().copied().find(|id| live.contains(id) && isr.contains(id) && !shutting_down.contains(id))
}

/// What an election gives.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ElectionResult {
    /// The new state, one leader epoch later; `None` if nobody can lead.
    pub elected: Option<LeaderAndIsr>,
    /// The replicas that are told, if their brokers are registered.
    pub live_replicas: Vec<BrokerId>,
}

/// Elects. `live` are the registered brokers; those in `shutting_down` count as live only in the
/// election of a controlled shutdown. `unclean` says whether a replica outside of the ISR may lead.
pub fn elect(
    strategy: ElectionStrategy,
    assignment: &ReplicaAssignment,
    state: &LeaderAndIsr,
    live: &BTreeSet<BrokerId>,
    shutting_down: &BTreeSet<BrokerId>,
    unclean: bool,
) -> ElectionResult {
    let online: BTreeSet<BrokerId> = match strategy {
        ElectionStrategy::ControlledShutdown => live.clone(),
        _ => live.difference(shutting_down).copied().collect(),
    };
    let candidates = match strategy {
        ElectionStrategy::Reassign => assignment.target(),
        _ => assignment.replicas.clone(),
    };
    let isr = &state.isr;
    let leader = match strategy {
        ElectionStrategy::Offline { .. } => offline_leader(&candidates, isr, &online, unclean),
        ElectionStrategy::Reassign => reassign_leader(&candidates, isr, &online),
        ElectionStrategy::Preferred => preferred_leader(&candidates, isr, &online),
        ElectionStrategy::ControlledShutdown => controlled_shutdown_leader(&candidates, isr, &online, shutting_down),
    };
    let elected = leader.map(|leader| {
        let (new_isr, recovering) = match strategy {
            ElectionStrategy::Offline { .. } if !isr.contains(&leader) => (vec![leader], true),
            ElectionStrategy::Offline { .. } => {
                (isr.iter().copied().filter(|id| online.contains(id)).collect(), state.recovering)
            }
            ElectionStrategy::ControlledShutdown => {
                (isr.iter().copied().filter(|id| !shutting_down.contains(id)).collect(), state.recovering)
            }
            ElectionStrategy::Reassign | ElectionStrategy::Preferred => (isr.clone(), state.recovering),
        };
        LeaderAndIsr { recovering, ..state.next(leader, new_isr) }
    });
    // Kafka's preferred and reassign elections name all candidates; those that are gone are never sent to.
    let all = matches!(strategy, ElectionStrategy::Preferred | ElectionStrategy::Reassign);
    let told = |id: &BrokerId| all || online.contains(id);
    let live_replicas = candidates.into_iter().filter(told).collect();
    ElectionResult { elected, live_replicas }
}
