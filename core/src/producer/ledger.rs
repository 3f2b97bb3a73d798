//! Everything that the application ever gave to `send()`, and what became of it.
//!
//! The world is cloned for checkpoints, so the ledger is kept in shared chunks: a clone copies
//! pointers, and only the chunks that change afterwards are copied.

use std::rc::Rc;

use crate::collections::to_write;
use crate::ids::{Name, TopicPartition};
use crate::time::SimTime;

const CHUNK_RECORDS: usize = 32;

/// What `send()`'s future was completed with.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// `RecordMetadata`.
    Acked {
        /// The partition.
        tp: TopicPartition,
        /// The offset; -1 with acks=0, where nobody tells.
        offset: i64,
    },
    /// An exception.
    Failed {
        /// The partition, if one was chosen.
        tp: Option<TopicPartition>,
        /// The name of Kafka's error code, or of the exception where it has none (`TimeoutException`).
        error: Name,
    },
}

/// A record that was given to `send()`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sent {
    /// Its ticket.
    pub ticket: u64,
    /// The partition, once one is chosen.
    pub tp: Option<TopicPartition>,
    /// The topic.
    pub topic: Name,
    /// `None` for a record without key.
    pub key: Option<Name>,
    /// `None` for a tombstone.
    pub value: Option<Name>,
    /// `None` while the future is not completed.
    pub outcome: Option<Outcome>,
    /// When it was given to `send()`.
    pub sent_at: SimTime,
    /// When the future was completed.
    pub completed_at: Option<SimTime>,
}

/// All of a producer's records, by ticket; tickets rise.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    chunks: Vec<Rc<Vec<Sent>>>,
    acked: u64,
    failed: u64,
}

impl Ledger {
    /// Notes a record; its ticket is greater than all before.
    pub fn push(&mut self, sent: Sent) {
        match self.chunks.last_mut() {
            Some(chunk) if chunk.len() < CHUNK_RECORDS => to_write(chunk, CHUNK_RECORDS).push(sent),
            _ => self.chunks.push(Rc::new(vec![sent])),
        }
    }

    fn place(&self, ticket: u64) -> Option<(usize, usize)> {
        let begins_later = |chunk: &Rc<Vec<Sent>>| chunk.first().is_none_or(|sent| sent.ticket <= ticket);
        let chunk = self.chunks.partition_point(begins_later).checked_sub(1)?;
        let index = self.chunks.get(chunk)?.binary_search_by_key(&ticket, |sent| sent.ticket).ok()?;
        Some((chunk, index))
    }

    /// The record with this ticket.
    pub fn get(&self, ticket: u64) -> Option<&Sent> {
        let (chunk, index) = self.place(ticket)?;
        self.chunks.get(chunk)?.get(index)
    }

    fn get_mut(&mut self, ticket: u64) -> Option<&mut Sent> {
        let (chunk, index) = self.place(ticket)?;
        to_write(self.chunks.get_mut(chunk)?, CHUNK_RECORDS).get_mut(index)
    }

    /// Notes the partition that was chosen.
    pub fn place_in(&mut self, ticket: u64, tp: TopicPartition) {
        if let Some(sent) = self.get_mut(ticket) {
            sent.tp = Some(tp);
        }
    }

    /// Completes a record's future, once.
    pub fn complete(&mut self, ticket: u64, outcome: Outcome, now: SimTime) {
        let Some(sent) = self.get_mut(ticket) else { return };
        if sent.outcome.is_some() {
            return;
        }
        let acked = matches!(outcome, Outcome::Acked { .. });
        sent.outcome = Some(outcome);
        sent.completed_at = Some(now);
        if acked {
            self.acked += 1;
        } else {
            self.failed += 1;
        }
    }

    /// Records acknowledged so far.
    pub fn acked(&self) -> u64 {
        self.acked
    }

    /// Records failed so far.
    pub fn failed(&self) -> u64 {
        self.failed
    }

    /// All records, oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Sent> {
        self.chunks.iter().flat_map(|chunk| chunk.iter())
    }
}
