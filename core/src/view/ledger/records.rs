//! The records that were sent, in order of sending, and how they are told: of the chunks of entries only those in
//! which something has changed are made anew.

use std::rc::Rc;

use crate::ids::{Name, TopicPartition};
use crate::producer::{Outcome, Sent};
use crate::time::SimTime;
use crate::view::entries::{CHUNK, LedgerEntries};
use crate::view::{LedgerEntry, RecordFate};

/// A record that was sent, as it was last judged.
#[derive(Clone, Debug)]
pub(super) struct Record {
    pub(super) ticket: u64,
    /// The number that its partition has for its identity.
    pub(super) number: u32,
    pub(super) is_placed: bool,
    pub(super) is_acked: bool,
    pub(super) entry: Rc<LedgerEntry>,
}

impl Record {
    /// As its producer sent it; with what is known of it from elsewhere, if it is completed.
    pub(super) fn of(producer: &Name, sent: &Sent, spare: Option<&Self>) -> Self {
        let fresh = || Rc::new(Self::entry_of(producer, sent));
        let entry = spare.map_or_else(fresh, |spare| spare.entry.clone());
        Self { ticket: sent.ticket, number: 0, is_placed: false, is_acked: false, entry }
    }

    fn entry_of(producer: &Name, sent: &Sent) -> LedgerEntry {
        LedgerEntry {
            producer: producer.clone(),
            tp: TopicPartition::new(sent.topic.clone(), -1),
            key: sent.key.clone(),
            value: sent.value.clone().unwrap_or_else(|| "".into()),
            offset: None,
            error: None,
            sent_at: sent.sent_at,
            fate: RecordFate::Sent,
            removed: None,
            duplicated: false,
            places: Vec::new(),
            work: Rc::default(),
            remarks: Vec::new(),
        }
    }

    /// It is this one, which has the same partition, and is completed by now.
    pub(super) fn was(&self, producer: &Name, sent: &Sent) -> bool {
        let entry = &self.entry;
        (self.ticket, entry.sent_at, &entry.producer, &entry.key) == (sent.ticket, sent.sent_at, producer, &sent.key)
            && sent.tp.as_ref() == Some(&entry.tp)
            && sent.value.as_deref().unwrap_or_default() == &*entry.value
            && sent.outcome.is_some()
    }

    /// In the order of sending: when it was given to `send()`, its ticket, its producer.
    fn key(&self) -> (SimTime, u64, &Name) {
        (self.entry.sent_at, self.ticket, &self.entry.producer)
    }
}

/// All records.
#[derive(Clone, Debug, Default)]
pub(super) struct Records {
    all: Vec<Record>,
    /// What was told last, and which of its chunks are not so any more.
    told: Rc<LedgerEntries>,
    stale: Vec<bool>,
}

impl Records {
    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    pub(super) fn get(&self, at: u32) -> &Record {
        &self.all[at as usize]
    }

    /// To be changed in what is not told.
    pub(super) fn get_mut(&mut self, at: u32) -> &mut Record {
        &mut self.all[at as usize]
    }

    /// Its entry, to be told otherwise.
    pub(super) fn tell_anew(&mut self, at: u32) -> &mut Rc<LedgerEntry> {
        self.stale[at as usize / CHUNK] = true;
        &mut self.all[at as usize].entry
    }

    /// Puts a record in the order of sending and says where: mostly at the end. A process that was frozen gives its
    /// records late, and an application that holds a producer of its own counts tickets of its own.
    pub(super) fn insert(&mut self, record: Record) -> usize {
        let behind = self.all.iter().rev().take_while(|other| other.key() > record.key()).count();
        let at = self.all.len() - behind;
        self.all.insert(at, record);
        self.stale.resize(self.all.len().div_ceil(CHUNK), true);
        self.stale[at / CHUNK..].fill(true);
        at
    }

    /// What a record's producer was told of it. What became of it since is judged with its partition.
    pub(super) fn complete(&mut self, at: u32, outcome: &Outcome) {
        let (offset, error) = match outcome {
            Outcome::Acked { offset, .. } => (Some(*offset).filter(|offset| *offset >= 0), None),
            Outcome::Failed { error, .. } => (None, Some(error)),
        };
        let is_acked = error.is_none();
        let record = self.get_mut(at);
        record.is_acked = is_acked;
        let known = &record.entry;
        if (known.offset, known.error.as_ref(), known.fate.is_acked()) != (offset, error, is_acked) {
            let entry = Rc::make_mut(self.tell_anew(at));
            entry.fate = if is_acked { RecordFate::Acked } else { RecordFate::Failed };
            (entry.offset, entry.error) = (offset, error.cloned());
        }
    }

    /// One entry per record, in order of sending.
    pub(super) fn tell(&mut self) -> Rc<LedgerEntries> {
        for (number, stale) in self.stale.iter_mut().enumerate().filter(|(_, stale)| **stale) {
            let chunk = self.all.iter().skip(number * CHUNK).take(CHUNK);
            Rc::make_mut(&mut self.told).put(number, chunk.map(|record| record.entry.clone()).collect());
            *stale = false;
        }
        self.told.clone()
    }

    /// The records alone.
    pub(super) fn into_all(self) -> Vec<Record> {
        self.all
    }
}
