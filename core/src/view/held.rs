//! What a leader's log holds, by what the records say; it grows with the log instead of being read anew.

use crate::collections::BTreeMap;
use std::rc::Rc;

use crate::ids::BrokerId;
use crate::log::{Log, RecordBatch, digest_of};

/// A log as it was last seen.
#[derive(Clone, Debug)]
pub struct Held {
    /// Whose log it is.
    pub leader: BrokerId,
    last: Option<Rc<RecordBatch>>,
    first_base_offset: i64,
    log_start_offset: i64,
    size_in_bytes: u64,
    places: BTreeMap<u64, Vec<i64>>,
}

impl Held {
    /// The offsets of the records that say this, ascending.
    pub fn places(&self, digest: u64) -> &[i64] {
        self.places.get(&digest).map_or(&[], Vec::as_slice)
    }

    /// All of a log.
    pub fn of(leader: BrokerId, log: &Log) -> Self {
        let mut held = Self {
            leader,
            last: None,
            first_base_offset: first_base_offset(log),
            log_start_offset: log.log_start_offset(),
            size_in_bytes: log.size_in_bytes(),
            places: BTreeMap::new(),
        };
        held.count(log.batches());
        held
    }

    fn count<'a>(&mut self, batches: impl Iterator<Item = &'a Rc<RecordBatch>>) {
        for batch in batches {
            for record in batch.records.iter().filter(|_| !batch.is_control) {
                let digest = digest_of(record.key.as_deref(), record.value.as_deref());
                self.places.entry(digest).or_default().push(batch.offset_of(record));
            }
            self.last = Some(batch.clone());
        }
    }

    /// The log is as it was: batches are never changed, a log grows and is cut at its end, retention
    /// cuts its beginning, and cleaning makes it smaller.
    pub fn is_of(&self, leader: BrokerId, log: &Log) -> bool {
        self.has_beginning_of(leader, log)
            && self.size_in_bytes == log.size_in_bytes()
            && match (&self.last, log.batches().next_back()) {
                (Some(mine), Some(last)) => Rc::ptr_eq(mine, last),
                (None, None) => true,
                _ => false,
            }
    }

    fn has_beginning_of(&self, leader: BrokerId, log: &Log) -> bool {
        (self.leader, self.first_base_offset, self.log_start_offset)
            == (leader, first_base_offset(log), log.log_start_offset())
    }

    /// The same with what the log has got since; `None` if something else has happened to it.
    pub fn grown(mut self, leader: BrokerId, log: &Log) -> Option<Self> {
        let last = self.last.take()?;
        if !self.has_beginning_of(leader, log) || !Rc::ptr_eq(log.batch_at(last.base_offset)?, &last) {
            return None;
        }
        let mut new: Vec<&Rc<RecordBatch>> =
            log.batches().rev().take_while(|batch| batch.base_offset > last.base_offset).collect();
        new.reverse();
        let grown: u64 = new.iter().map(|batch| batch.size_in_bytes()).sum();
        if self.size_in_bytes + grown != log.size_in_bytes() {
            return None;
        }
        self.last = Some(last);
        self.size_in_bytes += grown;
        self.count(new.into_iter());
        Some(self)
    }
}

fn first_base_offset(log: &Log) -> i64 {
    log.segments().first().map_or(0, |segment| segment.base_offset())
}
