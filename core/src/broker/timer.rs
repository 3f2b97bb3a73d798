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
    /// A DeleteRecords that waits for replicas times out.
    DelayedDeleteRecords(u64),
    /// Every `log.retention.check.interval.ms`.
    LogRetention,
    /// The log cleaner looks for dirty logs, every `log.cleaner.backoff.ms`.
    LogCleaner,
    /// Every `log.flush.scheduler.interval.ms`.
    FlushLogs,
    /// Every `log.flush.start.offset.checkpoint.interval.ms`.
    CheckpointLogStarts,
    /// A transaction coordinator does not say whether a partition is in a transaction.
    Verification(u64),
    /// The controller does not answer ControlledShutdown.
    ShutdownAnswer,
    /// The controlled shutdown is tried again.
    ShutdownRetry,
    /// No session with ZooKeeper since the process began, for `zookeeper.connection.timeout.ms`.
    FirstSession,
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
            Self::DelayedDeleteRecords(_) => write!(f, "a deletion of records waits for replicas until"),
            Self::LogRetention => write!(f, "looks for segments to delete (log.retention.check.interval.ms)"),
            Self::LogCleaner => write!(f, "the log cleaner looks for dirty logs (log.cleaner.backoff.ms)"),
            Self::FlushLogs => write!(f, "forces logs to disk (log.flush.scheduler.interval.ms)"),
            Self::CheckpointLogStarts => write!(f, "writes its log start offsets to disk"),
            Self::Verification(_) => write!(f, "gives up asking a coordinator about a transaction"),
            Self::FirstSession => write!(f, "gives up looking for ZooKeeper (zookeeper.connection.timeout.ms)"),
            Self::Exit => write!(f, "the process ends"),
            Self::ShutdownAnswer => write!(f, "gives up waiting for its controlled shutdown (request.timeout.ms)"),
            Self::ShutdownRetry => {
                write!(f, "asks for its controlled shutdown again (controlled.shutdown.retry.backoff.ms)")
            }
        }
    }
}
