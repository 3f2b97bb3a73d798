//! Why a broker may want to be woken.

use std::fmt;

use crate::ids::BrokerId;

/// A broker's deadlines.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum BrokerTimer {
    /// Every half of `replica.lag.time.max.ms`.
    ShrinkIsr,
    /// Every `replica.high.watermark.checkpoint.interval.ms`.
    CheckpointHighWatermarks,
    /// A wish to the controller is tried again.
    ToController,
    /// The answer of the controller is overdue.
    ControllerAnswer(u64),
    /// A fetcher goes on after its back-off.
    Fetcher(BrokerId),
    /// A fetch is not answered in `replica.socket.timeout.ms`.
    FetchAnswer(BrokerId),
    /// A produce that waits for replicas times out.
    DelayedProduce(u64),
    /// A fetch that waits for data is answered without.
    DelayedFetch(u64),
    /// The controlled shutdown is tried again.
    ShutdownRetry,
    /// The process ends.
    Exit,
}

impl fmt::Display for BrokerTimer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ShrinkIsr => write!(f, "looks for replicas that lag (half of replica.lag.time.max.ms)"),
            Self::CheckpointHighWatermarks => write!(f, "writes its high watermarks to disk"),
            Self::ToController => write!(f, "asks the controller again"),
            Self::ControllerAnswer(_) => write!(f, "gives up waiting for the controller"),
            Self::Fetcher(leader) => write!(f, "fetches from {leader} again (replica.fetch.backoff.ms)"),
            Self::FetchAnswer(leader) => write!(f, "gives up waiting for {leader} (replica.socket.timeout.ms)"),
            Self::DelayedProduce(_) => write!(f, "a produce request waits for replicas until"),
            Self::DelayedFetch(_) => write!(f, "a fetch waits for data until"),
            Self::Exit => write!(f, "the process ends"),
            Self::ShutdownRetry => write!(f, "asks for its controlled shutdown again"),
        }
    }
}
