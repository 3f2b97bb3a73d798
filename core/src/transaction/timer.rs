//! What the coordinator waits for.

use std::fmt;

use crate::ids::BrokerId;

/// A deadline of the coordinator, by its reason.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum TransactionTimer {
    /// A partition of `__transaction_state` is loaded.
    Loaded(i32),
    /// `transaction.abort.timed.out.transaction.cleanup.interval.ms`
    AbortTimedOut,
    /// `transaction.remove.expired.transaction.cleanup.interval.ms`
    ExpireIds,
    /// Markers for a broker that could not be reached, or refused them, are sent again.
    Markers(BrokerId),
    /// A broker does not answer WriteTxnMarkers.
    MarkersAnswer(BrokerId),
    /// The end of a transaction could not be written and is tried again.
    AppendRetry,
}

impl fmt::Display for TransactionTimer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Loaded(partition) => write!(f, "loading of __transaction_state-{partition}"),
            Self::AbortTimedOut => f.write_str("looks for transactions past their transaction.timeout.ms"),
            Self::ExpireIds => f.write_str("looks for transactional ids that expired"),
            Self::Markers(broker) => write!(f, "sends markers to {broker} again"),
            Self::MarkersAnswer(broker) => write!(f, "gives up waiting for {broker} to write markers"),
            Self::AppendRetry => f.write_str("writes the end of a transaction again"),
        }
    }
}
