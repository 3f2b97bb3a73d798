//! The states of a classic group (`GroupState`).

use std::fmt;

/// Where a group stands.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub enum GroupState {
    /// No members; it may still hold committed offsets.
    #[default]
    Empty,
    /// A rebalance has begun: members must join (again). JoinGroup answers wait for all of them.
    PreparingRebalance,
    /// All have joined and the leader was told who they are; its SyncGroup is awaited.
    CompletingRebalance,
    /// Every member has its share; heartbeats keep it so.
    Stable,
    /// Gone: deleted, expired, or moved to another coordinator.
    Dead,
}

impl GroupState {
    /// Kafka's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Empty => "Empty",
            Self::PreparingRebalance => "PreparingRebalance",
            Self::CompletingRebalance => "CompletingRebalance",
            Self::Stable => "Stable",
            Self::Dead => "Dead",
        }
    }
}

impl fmt::Display for GroupState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
