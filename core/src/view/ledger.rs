//! The ledger: for every record that a producer was given, what its application knows, what the
//! leader's log holds and whether somebody read it.
//!
//! It grows with every record ever sent, so a viewer keeps it from view to view and judges anew only
//! what belongs to a partition of which something has changed. The world must not go back meanwhile:
//! who takes it back says so ([`super::Viewer::world_went_back`]).

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::build::log_of;
use super::{LedgerEntry, RecordFate, TopicView};
use crate::collections::{KeyMap, SortedMap, mix};
use crate::ids::{BrokerId, Name, TopicPartition};
use crate::log::{Log, RecordBatch};
use crate::producer::{Outcome, Producer, Sent};
use crate::sim::{Process, Slot, World};

/// Logs longer than this are not searched record by record.
const LOG_RECORDS_MAX: i64 = 20_000;

/// What a record says, as a number: finds copies.
fn digest_of(key: Option<&[u8]>, value: Option<&[u8]>) -> u64 {
    let field = |digest: u64, bytes: Option<&[u8]>| {
        let begin = mix(digest, bytes.map_or(u64::MAX, |bytes| bytes.len() as u64));
        bytes.unwrap_or_default().chunks(8).fold(begin, |digest, chunk| {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            mix(digest, u64::from_le_bytes(word))
        })
    };
    field(field(0, key), value)
}

fn bytes(text: &Option<Name>) -> Option<&[u8]> {
    text.as_deref().map(str::as_bytes)
}

/// A record that was sent, as it was last judged.
#[derive(Clone, Debug)]
struct Record {
    tp: Option<TopicPartition>,
    outcome: Option<Outcome>,
    digest: u64,
    entry: LedgerEntry,
}

/// How much of a process's list is known, in which life of the process.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Known {
    incarnation: u32,
    count: usize,
}

/// What a leader's log held.
#[derive(Clone, Debug)]
struct Held {
    leader: BrokerId,
    last: Option<Rc<RecordBatch>>,
    first_base_offset: i64,
    log_start_offset: i64,
    size_in_bytes: u64,
    /// How often each content is in it.
    copies: BTreeMap<u64, u32>,
}

#[derive(Clone, Debug, Default)]
struct Partition {
    /// Tickets of the records that were placed in it.
    records: Vec<u64>,
    /// How often each content was.
    sent: BTreeMap<u64, u32>,
    /// Offsets that at least one consumer was given.
    read: BTreeSet<i64>,
    held: Option<Held>,
    /// Something has changed since its records were judged.
    stale: bool,
}

/// The ledger of the last view.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    producers: BTreeMap<Name, Known>,
    consumers: BTreeMap<Name, Known>,
    /// By ticket: these are counted by the world, over all producers.
    records: SortedMap<u64, Record>,
    /// Records whose future is not completed, with their producers.
    open: BTreeMap<u64, Name>,
    partitions: KeyMap<TopicPartition, Partition>,
}

impl Ledger {
    /// One entry per record, in order of sending.
    pub fn entries(&mut self, world: &World, topics: &[TopicView]) -> Vec<LedgerEntry> {
        if !self.continues(world) {
            *self = Self::default();
        }
        self.take_sent(world);
        if self.records.is_empty() {
            return Vec::new();
        }
        self.take_received(world);
        self.look_at_logs(world, topics);
        self.judge(world);
        self.records.values().map(|record| record.entry.clone()).collect()
    }

    /// Every process that is known still lives the life that is known, and its list has only grown.
    fn continues(&self, world: &World) -> bool {
        let grown = |known: Option<&Known>, slot: &Slot, count: usize| {
            known.is_none_or(|known| known.incarnation == slot.incarnation && known.count <= count)
        };
        let (mut producers, mut consumers) = (0, 0);
        let grown_all = world.nodes().all(|(_, slot)| match &slot.process {
            Process::Producer(producer) => {
                let known = self.producers.get(producer.client());
                producers += usize::from(known.is_some());
                grown(known, slot, producer.ledger().count())
            }
            Process::Consumer(consumer) => {
                let known = self.consumers.get(consumer.client());
                consumers += usize::from(known.is_some());
                grown(known, slot, consumer.received().len())
            }
            _ => true,
        });
        grown_all && producers == self.producers.len() && consumers == self.consumers.len()
    }

    fn take_sent(&mut self, world: &World) {
        for (_, slot) in world.nodes() {
            let Process::Producer(producer) = &slot.process else { continue };
            let known = self.producers.get(producer.client()).map_or(0, |known| known.count);
            let mut count = known;
            for sent in producer.ledger().skip(known) {
                count += 1;
                self.records.insert(sent.ticket, Record::of(producer, sent));
                self.open.insert(sent.ticket, producer.client().clone());
            }
            self.producers.insert(producer.client().clone(), Known { incarnation: slot.incarnation, count });
        }
        let mut completed = Vec::new();
        for (ticket, client) in &self.open {
            let Some(sent) = world.producer_named(client).and_then(|producer| producer.sent(*ticket)) else { continue };
            let Some(record) = self.records.get_mut(ticket) else { continue };
            if record.tp != sent.tp
                && let Some(tp) = &sent.tp
            {
                record.tp = Some(tp.clone());
                record.entry.tp = tp.clone();
                let partition = self.partitions.get_or_insert_with(tp, Partition::default);
                partition.records.push(*ticket);
                *partition.sent.entry(record.digest).or_insert(0) += 1;
                partition.stale = true;
            }
            if sent.outcome.is_some() {
                record.outcome = sent.outcome.clone();
                record.complete();
                if let Some(partition) = record.tp.as_ref().and_then(|tp| self.partitions.get_mut(tp)) {
                    partition.stale = true;
                }
                completed.push(*ticket);
            }
        }
        for ticket in completed {
            self.open.remove(&ticket);
        }
    }

    fn take_received(&mut self, world: &World) {
        for (_, slot) in world.nodes() {
            let Process::Consumer(consumer) = &slot.process else { continue };
            let received = consumer.received();
            let known = self.consumers.get(consumer.client()).map_or(0, |known| known.count);
            for one in received.get(known..).unwrap_or_default() {
                let partition = self.partitions.get_or_insert_with(&one.tp, Partition::default);
                partition.stale |= partition.read.insert(one.offset);
            }
            let known = Known { incarnation: slot.incarnation, count: received.len() };
            self.consumers.insert(consumer.client().clone(), known);
        }
    }

    fn look_at_logs(&mut self, world: &World, topics: &[TopicView]) {
        let shown = topics.iter().filter(|topic| !topic.internal).flat_map(|topic| &topic.partitions);
        let mut leaders: KeyMap<TopicPartition, BrokerId> = KeyMap::default();
        for partition in shown {
            let log = partition.leader.and_then(|leader| log_of(world, leader, &partition.tp));
            if log.is_some_and(|log| log.log_end_offset() - log.log_start_offset() <= LOG_RECORDS_MAX) {
                leaders.extend(partition.leader.map(|leader| (partition.tp.clone(), leader)));
            }
        }
        for (tp, partition) in &mut self.partitions {
            let leader = leaders.get(tp).copied();
            match leader.and_then(|leader| Some((leader, log_of(world, leader, tp)?))) {
                Some((leader, log)) => {
                    if !partition.held.as_ref().is_some_and(|held| held.is_of(leader, log)) {
                        let grown = partition.held.take().and_then(|held| held.grown(leader, log));
                        partition.held = Some(grown.unwrap_or_else(|| Held::of(leader, log)));
                        partition.stale = true;
                    }
                }
                None => partition.stale |= partition.held.take().is_some(),
            }
        }
    }

    fn judge(&mut self, world: &World) {
        for (tp, partition) in &mut self.partitions {
            if !std::mem::take(&mut partition.stale) {
                continue;
            }
            let log = partition.held.as_ref().and_then(|held| log_of(world, held.leader, tp));
            for ticket in &partition.records {
                let Some(record) = self.records.get_mut(ticket) else { continue };
                let copies = partition.held.as_ref().and_then(|held| held.copies.get(&record.digest).copied());
                let sent = partition.sent.get(&record.digest).copied().unwrap_or(1);
                record.entry.duplicated = copies.unwrap_or(0) > sent;
                if let Some(Outcome::Acked { offset, .. }) = &record.outcome {
                    let is_there = log.is_none_or(|log| match offset {
                        // With acks=0 nobody tells the offset; the record is looked for by what it says.
                        -1 => copies.is_some(),
                        _ => *offset < log.log_start_offset() || record.is_at(log, *offset),
                    });
                    record.entry.fate = match (is_there, partition.read.contains(offset)) {
                        (false, _) => RecordFate::Lost,
                        (true, true) => RecordFate::Read,
                        (true, false) => RecordFate::Acked,
                    };
                }
            }
        }
    }
}

impl Record {
    fn of(producer: &Producer, sent: &Sent) -> Self {
        let entry = LedgerEntry {
            producer: producer.client().clone(),
            tp: TopicPartition::new(sent.topic.clone(), -1),
            key: sent.key.clone(),
            value: sent.value.clone().unwrap_or_else(|| "".into()),
            offset: None,
            fate: RecordFate::Sent,
            duplicated: false,
        };
        let digest = digest_of(bytes(&sent.key), bytes(&sent.value));
        Self { tp: None, outcome: None, digest, entry }
    }

    /// Its future is completed; what became of it in the log is judged with its partition.
    fn complete(&mut self) {
        match &self.outcome {
            Some(Outcome::Acked { offset, .. }) => {
                self.entry.fate = RecordFate::Acked;
                self.entry.offset = Some(*offset).filter(|offset| *offset >= 0);
            }
            Some(Outcome::Failed { .. }) => self.entry.fate = RecordFate::Failed,
            None => {}
        }
    }

    /// The log holds it at this offset.
    fn is_at(&self, log: &Log, offset: i64) -> bool {
        let Some(batch) = log.batch_at(offset).filter(|batch| !batch.is_control) else { return false };
        let mut records = batch.records.iter();
        let found = records.find(|one| batch.base_offset + i64::from(one.offset_delta) == offset);
        found.is_some_and(|one| self.digest == digest_of(one.key.as_deref(), one.value.as_deref()))
    }
}

impl Held {
    fn of(leader: BrokerId, log: &Log) -> Self {
        let mut held = Self {
            leader,
            last: None,
            first_base_offset: first_base_offset(log),
            log_start_offset: log.log_start_offset(),
            size_in_bytes: log.size_in_bytes(),
            copies: BTreeMap::new(),
        };
        held.count(log.batches());
        held
    }

    fn count<'a>(&mut self, batches: impl Iterator<Item = &'a Rc<RecordBatch>>) {
        for batch in batches {
            for record in batch.records.iter().filter(|_| !batch.is_control) {
                *self.copies.entry(digest_of(record.key.as_deref(), record.value.as_deref())).or_insert(0) += 1;
            }
            self.last = Some(batch.clone());
        }
    }

    /// The log is as it was: batches are never changed, a log grows and is cut at its end, retention
    /// cuts its beginning, and cleaning makes it smaller.
    fn is_of(&self, leader: BrokerId, log: &Log) -> bool {
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
    fn grown(mut self, leader: BrokerId, log: &Log) -> Option<Self> {
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
