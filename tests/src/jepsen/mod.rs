//! Jepsen's Kafka workload as an oracle: anomalies found in what the clients saw, and in nothing else
//! (`jepsen/src/jepsen/tests/kafka.clj`; an own implementation of its definitions). Which of them a
//! configuration allows is not decided here.
//!
//! Leaves out rw edges, which Jepsen's source has switched off too, and edges of real time.

mod cycles;
mod history;
mod log;
mod polls;
mod sends;
#[cfg(test)]
mod tests;
mod versions;

pub use history::{History, Key, Kind, Micro, Op, Outcome, Value};

use std::fmt;

use versions::versions;

/// What may be wrong. The first thirteen are Jepsen's own, the last two are Adya's.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Anomaly {
    /// One offset carries two values.
    InconsistentOffsets,
    /// One value has two offsets.
    Duplicate,
    /// A committed value below one that was read was read by nobody.
    LostWrite,
    /// A committed value was never polled, though all was polled to the end.
    Unseen,
    /// A value was polled whose writer surely failed.
    AbortedRead,
    /// A transaction polled what it had itself sent.
    PrecommittedRead,
    /// Inside of one operation, polled values leave some out.
    IntPollSkip,
    /// Inside of one operation, polled values go backwards or repeat.
    IntNonmonotonicPoll,
    /// Between two operations of a process, polled values leave some out.
    PollSkip,
    /// Between two operations of a process, polled values go backwards or repeat.
    NonmonotonicPoll,
    /// Inside of one operation, other values lie between those that were sent.
    IntSendSkip,
    /// Inside of one operation, values that were sent lie in the reverse order.
    IntNonmonotonicSend,
    /// Values sent by successive operations of a process lie in the reverse order.
    NonmonotonicSend,
    /// Transactions overwrite each other in a circle (ww edges).
    G0,
    /// Transactions read each other's writes in a circle (wr edges alone).
    G1c,
}

impl Anomaly {
    /// Jepsen's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::InconsistentOffsets => "inconsistent-offsets",
            Self::Duplicate => "duplicate",
            Self::LostWrite => "lost-write",
            Self::Unseen => "unseen",
            Self::AbortedRead => "G1a",
            Self::PrecommittedRead => "precommitted-read",
            Self::IntPollSkip => "int-poll-skip",
            Self::IntNonmonotonicPoll => "int-nonmonotonic-poll",
            Self::PollSkip => "poll-skip",
            Self::NonmonotonicPoll => "nonmonotonic-poll",
            Self::IntSendSkip => "int-send-skip",
            Self::IntNonmonotonicSend => "int-nonmonotonic-send",
            Self::NonmonotonicSend => "nonmonotonic-send",
            Self::G0 => "G0",
            Self::G1c => "G1c",
        }
    }
}

impl fmt::Display for Anomaly {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One anomaly with its evidence.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    /// Which.
    pub anomaly: Anomaly,
    /// The partition; of a circle, one of them.
    pub key: Key,
    /// The values that show it.
    pub values: Vec<Value>,
}

/// Everything that is wrong with a history. `drained`: at its end a fresh reader polled all to the end.
pub fn check(history: &History, drained: bool) -> Vec<Finding> {
    let versions = versions(history);
    let mut found = Vec::new();
    log::inconsistent_offsets(&versions, &mut found);
    log::duplicates(&versions, &mut found);
    log::lost_writes(history, &versions, &mut found);
    if drained {
        log::unseen(history, &mut found);
    }
    log::aborted_reads(history, &mut found);
    polls::precommitted_reads(history, &mut found);
    polls::inside(history, &versions, &mut found);
    polls::between(history, &versions, &mut found);
    sends::inside(history, &versions, &mut found);
    sends::between(history, &versions, &mut found);
    cycles::write_cycles(history, &versions, &mut found);
    cycles::read_cycles(history, &mut found);
    found
}
