//! One record in the ledger, with what became of it and why.

use std::rc::Rc;

use crate::ids::{Name, TopicPartition};
use crate::sim::Removed;
use crate::time::SimTime;

/// What became of a record.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RecordFate {
    /// Not answered yet.
    Sent,
    /// Acknowledged.
    Acked,
    /// Acknowledged and given to at least one consumer.
    Read,
    /// The producer was told that it failed.
    Failed,
    /// Acknowledged, and no longer in the leader's log, from which nothing was to take it ([`Removed`]).
    Lost,
}

impl RecordFate {
    /// Its producer was told that it was appended, or asked for no answer.
    pub const fn is_acked(self) -> bool {
        matches!(self, Self::Acked | Self::Read | Self::Lost)
    }
}

/// One record in the ledger.
#[derive(Clone, PartialEq, Debug)]
pub struct LedgerEntry {
    /// Who sent it.
    pub producer: Name,
    /// Where to.
    pub tp: TopicPartition,
    /// Its key.
    pub key: Option<Name>,
    /// Its value.
    pub value: Name,
    /// Where it was acknowledged.
    pub offset: Option<i64>,
    /// What the producer's application was told instead, in Kafka's name.
    pub error: Option<Name>,
    /// When it was given to `send()`.
    pub sent_at: SimTime,
    /// What became of it.
    pub fate: RecordFate,
    /// What took it from the log, if no log holds it any more and it was not lost.
    pub removed: Option<Removed>,
    /// It is in the log more than once.
    pub duplicated: bool,
    /// The offsets at which the leader's log holds it.
    pub places: Vec<i64>,
    /// What each group has done with it; one list for all with which they have done the same.
    pub work: Rc<[GroupWork]>,
    /// What went wrong with it, and which event is to blame.
    pub remarks: Vec<Remark>,
}

/// What a group has done with a record.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GroupWork {
    /// The group, or the name of a consumer without one.
    pub group: Name,
    /// How often it was processed.
    pub times: u32,
    /// Rows of it in the group's store.
    pub rows: u32,
    /// The group has committed an offset behind it.
    pub passed: bool,
}

/// What can go wrong with a record.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum RemarkKind {
    /// Acknowledged, and not in the leader's log.
    Lost,
    /// More often in the log than it was sent.
    Duplicated,
    /// Behind a record that was sent after it.
    Reordered,
    /// Processed more than once by a group.
    Repeated,
    /// Committed by a group that has not processed it.
    LeftOut,
}

impl RemarkKind {
    /// One word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Lost => "lost",
            Self::Duplicated => "duplicated",
            Self::Reordered => "reordered",
            Self::Repeated => "processed again",
            Self::LeftOut => "left out",
        }
    }
}

/// What went wrong, and why.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Remark {
    /// What.
    pub kind: RemarkKind,
    /// Which group did it.
    pub group: Option<Name>,
    /// The event that caused it.
    pub because: Name,
    /// When that was, if one event is to blame.
    pub at: Option<SimTime>,
}
