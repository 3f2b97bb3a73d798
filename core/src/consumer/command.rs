//! What an application asks of its consumer, and what it gets.

use std::rc::Rc;

use super::Pattern;
use crate::ids::{Name, TopicPartition};
use crate::log::{Record, RecordBatch};

/// A call that the application makes between two polls.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ConsumerCommand {
    /// `subscribe(topics, listener)`: shares are given by the group.
    Subscribe {
        /// Topics.
        topics: Vec<Name>,
    },
    /// `subscribe(pattern, listener)`: the topics whose whole names match.
    SubscribePattern {
        /// The regular expression.
        pattern: Pattern,
    },
    /// `unsubscribe()`: leaves the group, gives everything up.
    Unsubscribe,
    /// `assign(partitions)`: by hand, without group management.
    Assign {
        /// Partitions.
        partitions: Vec<TopicPartition>,
    },
    /// `seek(partition, offset)`
    Seek {
        /// The partition.
        tp: TopicPartition,
        /// The next offset to be read.
        offset: i64,
    },
    /// `seekToBeginning(partition)`
    SeekToBeginning {
        /// The partition.
        tp: TopicPartition,
    },
    /// `seekToEnd(partition)`
    SeekToEnd {
        /// The partition.
        tp: TopicPartition,
    },
    /// `position(partition, timeout)`: looks for the position if it is not known yet.
    Position {
        /// Under which the answer will be found.
        ticket: u64,
        /// The partition.
        tp: TopicPartition,
        /// After which it throws, ms.
        timeout_ms: u64,
    },
    /// `pause(partitions)`: keeps them, reads nothing from them.
    PausePartitions {
        /// Partitions.
        partitions: Vec<TopicPartition>,
    },
    /// `resume(partitions)`
    ResumePartitions {
        /// Partitions.
        partitions: Vec<TopicPartition>,
    },
    /// `commitSync()`: blocks until it is answered.
    Commit {
        /// Under which the answer will be found.
        ticket: u64,
        /// What to commit; `None` for the positions.
        offsets: Option<Vec<(TopicPartition, i64)>>,
    },
    /// `commitAsync()`: goes on at once; the answer is found once its callback was called.
    CommitAsync {
        /// Under which the answer will be found.
        ticket: u64,
        /// What to commit; `None` for the positions.
        offsets: Option<Vec<(TopicPartition, i64)>>,
    },
    /// The application is busy: it does not poll. Heartbeats go on.
    Hold,
    /// It polls again.
    Continue,
    /// Its thread is stuck in its own code, or goes on: no call is made, not even `close()`. Heartbeats go on.
    Hang(bool),
    /// It stops polling once it has received so many records.
    StopAfter(u64),
    /// It calls `commitSync()` after each poll.
    CommitEachPoll(bool),
    /// `close()`: commits if that is automatic, leaves the group, ends the process.
    Close,
}

/// A record that the application got from a poll: its place in the batch that was fetched. Consumers remember all that
/// they have received, and the batch is there anyway.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Received {
    /// Its partition.
    pub tp: TopicPartition,
    place: u32,
    batch: Rc<RecordBatch>,
}

impl Received {
    /// The record at a place of the batch; there must be one.
    pub(super) fn new(tp: TopicPartition, batch: Rc<RecordBatch>, place: u32) -> Self {
        Self { tp, place, batch }
    }

    fn record(&self) -> Option<&Record> {
        self.batch.records.get(self.place as usize)
    }

    /// Its offset.
    pub fn offset(&self) -> i64 {
        self.record().map_or(-1, |record| self.batch.offset_of(record))
    }

    /// Its key.
    pub fn key(&self) -> Option<&[u8]> {
        self.record()?.key.as_deref()
    }

    /// Its value.
    pub fn value(&self) -> Option<&[u8]> {
        self.record()?.value.as_deref()
    }

    /// Its timestamp, ms since 1970.
    pub fn timestamp_ms(&self) -> i64 {
        self.record().map_or(-1, |record| self.batch.timestamp_of(record))
    }

    /// The leader gave it that time.
    pub fn log_append_time(&self) -> bool {
        self.batch.log_append_time
    }

    /// Its headers.
    pub fn headers(&self) -> &[(Name, Option<Rc<[u8]>>)] {
        self.record().map_or(&[], |record| &record.headers)
    }

    /// Which record it is: [`Record::identity`].
    pub fn identity(&self) -> u64 {
        self.record().map_or(0, Record::identity)
    }
}
