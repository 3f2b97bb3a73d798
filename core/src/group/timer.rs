//! What the coordinator waits for.

use std::fmt;

use crate::ids::Name;

/// A deadline of the coordinator, by its reason.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum GroupTimer {
    /// A partition of `__consumer_offsets` is loaded.
    Loaded(i32),
    /// The join phase ends: the initial delay, or the members' rebalance timeout.
    Join(Name),
    /// Members that have not sent SyncGroup are given up.
    Sync(Name),
    /// No heartbeat for `session.timeout.ms`: (group, member).
    Session(Name, Name),
    /// A member id was handed out and never used (KIP-394): (group, member).
    Pending(Name, Name),
    /// `offsets.retention.check.interval.ms`
    ExpireOffsets,
}

impl fmt::Display for GroupTimer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Loaded(partition) => write!(f, "loading of __consumer_offsets-{partition}"),
            Self::Join(group) => write!(f, "join phase of group {group}"),
            Self::Sync(group) => write!(f, "sync phase of group {group}"),
            Self::Session(group, member) => write!(f, "session of {member} in group {group}"),
            Self::Pending(group, member) => write!(f, "first join of {member} to group {group}"),
            Self::ExpireOffsets => f.write_str("offset expiry"),
        }
    }
}
