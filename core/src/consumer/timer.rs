//! What a consumer waits for.

use std::fmt;

use crate::ids::BrokerId;
use crate::machine::Channel;

/// A deadline of a consumer, by its reason.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum ConsumerTimer {
    /// The application's `poll(100 ms)` returns.
    PollReturns,
    /// `heartbeat.interval.ms`
    Heartbeat,
    /// No heartbeat was answered for `session.timeout.ms`.
    Session,
    /// `max.poll.interval.ms` since the last poll.
    MaxPollInterval,
    /// `request.timeout.ms` of a request, by correlation id.
    Request(u64),
    /// `reconnect.backoff.ms` is over.
    Reconnect(BrokerId, Channel),
    /// Metadata is due: `metadata.max.age.ms`, or the back-off of a refresh.
    Metadata,
    /// `retry.backoff.ms` of the search for the coordinator.
    FindCoordinator,
    /// `retry.backoff.ms` of a join.
    Join,
    /// `retry.backoff.ms` of positions.
    Positions,
    /// `retry.backoff.ms` of the question whether a new leader has what was read.
    Validation,
    /// `retry.backoff.ms` of a fetch that was refused.
    Fetch,
    /// `auto.commit.interval.ms`
    AutoCommit,
    /// `retry.backoff.ms` of a commit.
    CommitRetry,
    /// The blocking call gives up (`default.api.timeout.ms`).
    CallEnds,
    /// The application is through with a record.
    Processed,
}

impl fmt::Display for ConsumerTimer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PollReturns => f.write_str("poll returns"),
            Self::Heartbeat => f.write_str("heartbeat"),
            Self::Session => f.write_str("session without an answered heartbeat"),
            Self::MaxPollInterval => f.write_str("max.poll.interval.ms"),
            Self::Request(id) => write!(f, "request {id} times out"),
            Self::Reconnect(broker, channel) => write!(f, "reconnect to {broker} ({channel})"),
            Self::Metadata => f.write_str("metadata refresh"),
            Self::FindCoordinator => f.write_str("search for the coordinator"),
            Self::Join => f.write_str("join again"),
            Self::Positions => f.write_str("ask for offsets again"),
            Self::Validation => f.write_str("ask the new leader about the position again"),
            Self::Fetch => f.write_str("fetch again"),
            Self::AutoCommit => f.write_str("automatic commit"),
            Self::CommitRetry => f.write_str("commit again"),
            Self::CallEnds => f.write_str("blocking call gives up"),
            Self::Processed => f.write_str("application is through with a record"),
        }
    }
}
