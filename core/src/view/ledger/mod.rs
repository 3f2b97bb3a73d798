//! The ledger: for every record that a producer was given, what its application knows, where the
//! leader's log holds it and what each group has done with it; and what went wrong with it, by name.
//!
//! It grows with every record ever sent, so a viewer keeps it from view to view and judges anew only
//! what belongs to a partition of which something has changed. The world must not go back meanwhile:
//! who takes it back says so ([`super::Viewer::world_went_back`]).

mod causes;
mod contents;
mod given;
mod judge;
mod removed;
#[cfg(test)]
mod tests;

use std::rc::Rc;

use contents::Contents;
use given::Given;
use removed::RemovedRecords;

use super::build::log_of;
use super::{GroupView, LedgerEntry, RecordFate, TopicView};
use crate::collections::{BTreeMap, KeyMap, Order};
use crate::ids::{BrokerId, Name, TopicPartition};
use crate::producer::{Outcome, Producer, Sent};
use crate::sim::{Slot, World};
use crate::time::SimTime;

/// A record that was sent, as it was last judged.
#[derive(Clone, Debug)]
struct Record {
    ticket: u64,
    /// The number that its partition has for its identity.
    number: u32,
    is_placed: bool,
    is_acked: bool,
    entry: Rc<LedgerEntry>,
}

/// How much of a process's list is known, in which life of the process.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Known {
    incarnation: u32,
    count: usize,
}

#[derive(Clone, Debug, Default)]
struct Partition {
    /// The records that were placed in it: where among all, ascending.
    records: Vec<u32>,
    contents: Contents,
    given: Given,
    removed: RemovedRecords,
    /// There is no such partition now.
    is_gone: bool,
    /// What groups have committed.
    committed: Vec<(Name, i64)>,
    /// How much was processed.
    processed: u64,
    /// Something has changed since its records were judged.
    is_stale: bool,
}

/// The ledger of the last view.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    producers: BTreeMap<Name, Known>,
    consumers: BTreeMap<Name, Known>,
    /// In the order of sending.
    records: Vec<Record>,
    /// Records whose future is not completed: where among all.
    open: Vec<u32>,
    partitions: KeyMap<TopicPartition, Partition>,
    /// How much the chronicle knows of causes.
    causes: u64,
    /// What was known in a later world, or another: most of it is the same again.
    spare: Vec<Record>,
    /// What was told last, and whether something of it has changed since.
    told: Rc<Vec<Rc<LedgerEntry>>>,
    is_stale: bool,
}

impl Ledger {
    /// One entry per record, in order of sending.
    /// While nothing has changed it is the same allocation: a view is made for every frame.
    pub fn entries(&mut self, world: &World, topics: &[TopicView], groups: &[GroupView]) -> Rc<Vec<Rc<LedgerEntry>>> {
        if !self.continues(world) {
            *self = Self::default();
        }
        self.take_sent(world);
        self.spare = Vec::new();
        if self.records.is_empty() {
            return Rc::default();
        }
        self.take_received(world);
        self.look_at_logs(world, topics);
        self.look_at_groups(world, groups);
        for (tp, partition) in &mut self.partitions {
            if std::mem::take(&mut partition.is_stale) {
                partition.judge(world, tp, &mut self.records);
                self.is_stale = true;
            }
        }
        if std::mem::take(&mut self.is_stale) || self.told.len() != self.records.len() {
            self.told = Rc::new(self.records.iter().map(|record| record.entry.clone()).collect());
        }
        self.told.clone()
    }

    /// The next world is not what became of the last one.
    pub fn world_went_back(&mut self) {
        *self = Self { spare: std::mem::take(&mut self.records), ..Self::default() };
    }

    /// Every process that is known still lives the life that is known, and its list has only grown.
    fn continues(&self, world: &World) -> bool {
        let grown = |known: Option<&Known>, slot: &Slot, count: usize| {
            known.is_none_or(|known| known.incarnation == slot.incarnation && known.count <= count)
        };
        let (mut producers, mut consumers) = (0, 0);
        let grown_all = world.nodes().all(|(_, slot)| {
            let produced = slot.process.producer().is_none_or(|producer| {
                let known = self.producers.get(producer.client());
                producers += usize::from(known.is_some());
                grown(known, slot, producer.ledger().count())
            });
            let consumed = slot.process.consumer().is_none_or(|consumer| {
                let known = self.consumers.get(consumer.client());
                consumers += usize::from(known.is_some());
                grown(known, slot, consumer.received().len())
            });
            produced && consumed
        });
        grown_all && producers == self.producers.len() && consumers == self.consumers.len()
    }

    fn take_sent(&mut self, world: &World) {
        let mut fresh = Vec::new();
        for (_, slot) in world.nodes() {
            let Some(producer) = slot.process.producer() else { continue };
            let known = self.producers.get(producer.client()).map_or(0, |known| known.count);
            let mut count = known;
            for sent in producer.ledger().skip(known) {
                count += 1;
                fresh.push(((sent.sent_at, sent.ticket), producer, sent));
            }
            self.producers.insert(producer.client().clone(), Known { incarnation: slot.incarnation, count });
        }
        // In the order of sending each goes to the end; producer by producer, each would push the others along.
        fresh.order_by_key(|(key, _, _)| *key);
        for (_, producer, sent) in fresh {
            let spare = self.spare.get(self.records.len()).filter(|spare| spare.was(producer.client(), sent));
            let at = self.insert(Record::of(producer.client(), sent, spare));
            if !self.follow(at, Some(producer), sent) {
                self.open.push(at);
            }
        }
        for at in std::mem::take(&mut self.open) {
            let record = &self.records[at as usize];
            let producer = world.producer_named(&record.entry.producer);
            let sent = producer.and_then(|producer| producer.sent(record.ticket));
            if !sent.is_some_and(|sent| self.follow(at, producer, sent)) {
                self.open.push(at);
            }
        }
    }

    /// Puts a record in the order of sending and says where: mostly at the end. A process that was frozen gives its
    /// records late, and an application that holds a producer of its own counts tickets of its own.
    fn insert(&mut self, record: Record) -> u32 {
        let behind = self.records.iter().rev().take_while(|other| other.key() > record.key()).count();
        let at = self.records.len() - behind;
        self.records.insert(at, record);
        let at = at as u32;
        let push = |places: &mut [u32]| places.iter_mut().filter(|place| **place >= at).for_each(|place| *place += 1);
        if behind > 0 {
            push(&mut self.open);
            self.partitions.values_mut().for_each(|partition| push(&mut partition.records));
        }
        at
    }

    /// What its producer knows of a record by now; what became of it in the log is judged with its partition. True if
    /// its future is completed.
    fn follow(&mut self, at: u32, producer: Option<&Producer>, sent: &Sent) -> bool {
        let record = &mut self.records[at as usize];
        if let Some(tp) = sent.tp.as_ref().filter(|_| !record.is_placed) {
            let partition = self.partitions.get_or_insert_with(tp, Partition::default);
            let behind = partition.records.iter().rev().take_while(|other| **other > at).count();
            partition.records.insert(partition.records.len() - behind, at);
            let identity = producer.map_or(0, |producer| producer.identity_of(sent));
            (record.is_placed, record.number) = (true, partition.contents.number(identity));
            partition.is_stale = true;
            if record.entry.tp != *tp {
                Rc::make_mut(&mut record.entry).tp = tp.clone();
            }
        }
        let Some(outcome) = &sent.outcome else { return false };
        record.complete(outcome);
        self.is_stale = true;
        if let Some(partition) = self.partitions.get_mut(&record.entry.tp) {
            partition.is_stale = true;
        }
        true
    }

    fn take_received(&mut self, world: &World) {
        for (_, slot) in world.nodes() {
            let Some(consumer) = slot.process.consumer() else { continue };
            let received = consumer.received();
            let known = self.consumers.get(consumer.client()).map_or(0, |known| known.count);
            // Most come from the same partition as the one before.
            let mut last: Option<(&TopicPartition, usize)> = None;
            for (place, one) in (known..).zip(received.since(known)) {
                if last.is_none_or(|(tp, _)| *tp != one.tp) {
                    self.partitions.get_or_insert_with(&one.tp, Partition::default);
                    last = self.partitions.find(&one.tp).map(|at| (&one.tp, at));
                }
                let Some(partition) = last.and_then(|(_, at)| self.partitions.value_at_mut(at)) else { continue };
                let record = (partition.contents.number(one.identity()), one.identity());
                partition.given.give(one.offset(), record, consumer.client(), place);
                partition.is_stale = true;
            }
            let known = Known { incarnation: slot.incarnation, count: received.len() };
            self.consumers.insert(consumer.client().clone(), known);
        }
    }

    fn look_at_logs(&mut self, world: &World, topics: &[TopicView]) {
        let shown = topics.iter().filter(|topic| !topic.internal).flat_map(|topic| &topic.partitions);
        let mut leaders: KeyMap<TopicPartition, Option<BrokerId>> = KeyMap::default();
        leaders.extend(shown.map(|partition| (partition.tp.clone(), partition.leader)));
        for (tp, partition) in &mut self.partitions {
            let is_gone = !leaders.contains_key(tp);
            partition.is_stale |= std::mem::replace(&mut partition.is_gone, is_gone) != is_gone;
            let leader = leaders.get(tp).copied().flatten();
            let log = leader.and_then(|leader| Some((leader, log_of(world, leader, tp)?)));
            partition.is_stale |= partition.contents.look(log);
            partition.is_stale |= partition.removed.look(world.chronicle().removals(tp));
        }
    }

    fn look_at_groups(&mut self, world: &World, groups: &[GroupView]) {
        // A process that was killed or a log that was cut may be the cause of what is known already.
        let all = self.causes != world.chronicle().count();
        self.causes = world.chronicle().count();
        for (tp, partition) in &mut self.partitions {
            let processed = world.outside().count_of(tp);
            let committed = groups.iter().filter_map(|group| {
                let (_, offset, _) = group.committed.iter().find(|(committed, _, _)| committed == tp)?;
                Some((group.id.clone(), *offset))
            });
            let committed: Vec<(Name, i64)> = committed.collect();
            partition.is_stale |= all || processed != partition.processed || committed != partition.committed;
            (partition.processed, partition.committed) = (processed, committed);
        }
    }
}

impl Record {
    /// As its producer sent it; with what is known of it from elsewhere, if it is completed.
    fn of(producer: &Name, sent: &Sent, spare: Option<&Self>) -> Self {
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
    fn was(&self, producer: &Name, sent: &Sent) -> bool {
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

    /// Its future is completed.
    fn complete(&mut self, outcome: &Outcome) {
        let (offset, error) = match outcome {
            Outcome::Acked { offset, .. } => (Some(*offset).filter(|offset| *offset >= 0), None),
            Outcome::Failed { error, .. } => (None, Some(error)),
        };
        self.is_acked = error.is_none();
        let known = &self.entry;
        let is_known = (known.offset, known.error.as_ref(), self.is_acked) == (offset, error, known.fate.is_acked());
        // What became of it since is judged with its partition.
        if !is_known {
            let entry = Rc::make_mut(&mut self.entry);
            entry.fate = if self.is_acked { RecordFate::Acked } else { RecordFate::Failed };
            (entry.offset, entry.error) = (offset, error.cloned());
        }
    }
}
