//! Records of a topic that was deleted: one that has its name by now never had them.

use std::rc::Rc;

use super::given::Given;
use super::{Partition, Record};
use crate::ids::TopicPartition;
use crate::sim::{Deleted, World};
use crate::view::{RecordFate, Removed};

/// What was sent to topics of this name and given to consumers before the last one was deleted.
#[derive(Clone, Debug, Default)]
pub(super) struct Past {
    deleted: Option<Rc<Deleted>>,
    /// Where among all.
    pub(super) records: Vec<u32>,
    given: Given,
}

impl Partition {
    /// Tells what belongs to topics that were deleted from what belongs to the one that is there.
    pub(super) fn leave_past(&mut self, world: &World, tp: &TopicPartition, all: &mut [Record]) {
        let Some(deleted) = world.chronicle().deleted(&tp.topic) else { return };
        if self.past.deleted.as_ref().is_none_or(|known| known.at != deleted.at) {
            self.past.deleted = Some(deleted.clone());
            self.divide_given(world, tp, deleted);
        }
        // Who answered before a leader began had led the one before.
        let began = world.chronicle().leaders(tp).next().map(|began| began.at);
        let is_past = |record: &Record| {
            let sent =
                || world.producer_named(&record.entry.producer).and_then(|producer| producer.sent(record.ticket));
            record.entry.sent_at < deleted.at
                && sent().and_then(|sent| sent.completed_at).is_some_and(|at| began.is_none_or(|began| at < began))
        };
        let (past, records) = self.records.iter().partition(|at| is_past(&all[**at as usize]));
        self.records = records;
        for at in &past {
            self.contents.take_back(all[*at as usize].content);
        }
        self.past.records.extend(past);
        for at in &self.past.records {
            let record = &mut all[*at as usize];
            let is_read = |offset| self.past.given.is_given(offset, self.contents.digest(record.content));
            let fate = match record.entry.offset {
                _ if !record.is_acked => record.entry.fate,
                Some(offset) if is_read(offset) => RecordFate::Read,
                _ => RecordFate::Acked,
            };
            let removed = Some(Removed::Topic).filter(|_| record.is_acked);
            if (record.entry.fate, record.entry.removed) != (fate, removed) || !record.entry.places.is_empty() {
                let entry = Rc::make_mut(&mut record.entry);
                (entry.fate, entry.removed, entry.duplicated) = (fate, removed, false);
                (entry.places, entry.work, entry.remarks) = Default::default();
            }
        }
    }

    fn divide_given(&mut self, world: &World, tp: &TopicPartition, deleted: &Deleted) {
        (self.given, self.past.given) = Default::default();
        for (_, slot) in world.nodes() {
            let Some(consumer) = slot.process.consumer() else { continue };
            let until = deleted.received(consumer.client(), slot.incarnation);
            for (place, one) in consumer.received().iter().enumerate().filter(|(_, one)| one.tp == *tp) {
                let given = if place < until { &mut self.past.given } else { &mut self.given };
                given.give(one.offset(), one.digest(), consumer.client(), place);
            }
        }
    }
}
