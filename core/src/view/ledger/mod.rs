//! The ledger: for every record that a producer was given, what its application knows, where the
//! leader's log holds it and what each group has done with it; and what went wrong with it, by name.
//!
//! It grows with every record ever sent, so a viewer keeps it from view to view and judges anew only
//! what may have changed ([`stale`]). The world must not go back meanwhile:
//! who takes it back says so ([`super::Viewer::world_went_back`]).

mod causes;
mod contents;
mod given;
mod judge;
mod records;
mod removed;
mod stale;
#[cfg(test)]
mod tests;
mod worked;

use std::rc::Rc;

use contents::{Contents, Looked};
use given::Given;
use records::{Record, Records};
use removed::RemovedRecords;
use stale::Stale;
use worked::Worked;

use super::build::log_of;
use super::entries::LedgerEntries;
use super::{GroupView, TopicView};
use crate::collections::{BTreeMap, KeyMap, Order};
use crate::ids::{BrokerId, Name, TopicPartition};
use crate::producer::{Producer, Sent};
use crate::sim::{Slot, World};

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
    worked: Worked,
    /// There is no such partition now.
    is_gone: bool,
    /// Which of its records are to be judged anew.
    stale: Stale,
}

/// The ledger of the last view.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    producers: BTreeMap<Name, Known>,
    consumers: BTreeMap<Name, Known>,
    records: Records,
    /// Records whose future is not completed: where among all.
    open: Vec<u32>,
    partitions: KeyMap<TopicPartition, Partition>,
    /// How much the chronicle knows of causes.
    causes: u64,
    /// What was known in a later world, or another: most of it is the same again.
    spare: Vec<Record>,
}

impl Ledger {
    /// One entry per record, in order of sending. While nothing has changed it is the same allocation: a view is made
    /// for every frame.
    pub fn entries(&mut self, world: &World, topics: &[TopicView], groups: &[GroupView]) -> Rc<LedgerEntries> {
        if !self.continues(world) {
            *self = Self::default();
        }
        self.take_sent(world);
        self.spare = Vec::new();
        if self.records.len() == 0 {
            return Rc::default();
        }
        self.take_received(world);
        self.look_at_logs(world, topics);
        self.look_at_groups(world, groups);
        for (tp, partition) in &mut self.partitions {
            partition.judge(world, tp, &mut self.records);
        }
        self.records.tell()
    }

    /// The next world is not what became of the last one.
    pub fn world_went_back(&mut self) {
        *self = Self { spare: std::mem::take(&mut self.records).into_all(), ..Self::default() };
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
            let record = self.records.get(at);
            let producer = world.producer_named(&record.entry.producer);
            let sent = producer.and_then(|producer| producer.sent(record.ticket));
            if !sent.is_some_and(|sent| self.follow(at, producer, sent)) {
                self.open.push(at);
            }
        }
    }

    /// Puts a record in the order of sending and says where.
    fn insert(&mut self, record: Record) -> u32 {
        let at = self.records.insert(record);
        let is_last = at + 1 == self.records.len();
        let at = at as u32;
        let push = |places: &mut [u32]| places.iter_mut().filter(|place| **place >= at).for_each(|place| *place += 1);
        if !is_last {
            push(&mut self.open);
            self.partitions.values_mut().for_each(|partition| push(&mut partition.records));
        }
        at
    }

    /// What its producer knows of a record by now; what became of it in the log is judged with its partition. True if
    /// its future is completed.
    fn follow(&mut self, at: u32, producer: Option<&Producer>, sent: &Sent) -> bool {
        if let Some(tp) = sent.tp.as_ref().filter(|_| !self.records.get(at).is_placed) {
            let partition = self.partitions.get_or_insert_with(tp, Partition::default);
            let identity = producer.map_or(0, |producer| producer.identity_of(sent));
            let record = self.records.get_mut(at);
            (record.is_placed, record.number) = (true, partition.contents.number(identity));
            partition.place(at, record.number);
            if record.entry.tp != *tp {
                Rc::make_mut(self.records.tell_anew(at)).tp = tp.clone();
            }
        }
        let Some(outcome) = &sent.outcome else { return false };
        self.records.complete(at, outcome);
        let record = self.records.get(at);
        if let Some(partition) = self.partitions.get_mut(&record.entry.tp) {
            partition.stale.number(record.number);
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
                partition.stale.number(record.0);
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
            let leader = leaders.get(tp).copied().flatten();
            let log = leader.and_then(|leader| Some((leader, log_of(world, leader, tp)?)));
            let stale = &mut partition.stale;
            match partition.contents.look(log, &mut |number| stale.number(number)) {
                Looked::Same => {}
                Looked::Grown => stale.odd_ones(),
                Looked::Other => stale.all(),
            }
            let is_removed = partition.removed.look(world.chronicle().removals(tp));
            if std::mem::replace(&mut partition.is_gone, is_gone) != is_gone || is_removed {
                stale.all();
            }
        }
    }

    fn look_at_groups(&mut self, world: &World, groups: &[GroupView]) {
        // A process that was killed or a log that was cut may be the cause of what is known already.
        let has_causes = self.causes != world.chronicle().count();
        self.causes = world.chronicle().count();
        for group in groups {
            for (tp, offset, _) in &group.committed {
                let Some(partition) = self.partitions.get_mut(tp) else { continue };
                if let Some(changed) = partition.worked.commit(&group.id, *offset) {
                    partition.stale.offset(changed);
                }
            }
        }
        for (tp, partition) in &mut self.partitions {
            let committed = |id: &Name| {
                let group = groups.iter().find(|group| group.id == *id);
                group.is_some_and(|group| group.committed.iter().any(|(of, _, _)| of == tp))
            };
            if partition.worked.keep_committed(committed) {
                partition.stale.all();
            }
            if let Some(changed) = partition.worked.process(world.outside(), tp) {
                partition.stale.offset(changed);
            }
            if has_causes {
                partition.stale.odd_ones();
            }
        }
    }
}

impl Partition {
    /// Takes in the record there among all.
    fn place(&mut self, at: u32, number: u32) {
        let behind = self.records.iter().rev().take_while(|other| **other > at).count();
        let place = self.records.len() - behind;
        self.records.insert(place, at);
        self.stale.placed(place, number);
    }
}
