//! What became of the records of a partition, judged together: none is behind one that was sent after it without being
//! told so.

use std::rc::Rc;

use super::Partition;
use super::causes::{self, Cause};
use super::records::{Record, Records};
use crate::collections::{BTreeSet, KeyMap, Order};
use crate::ids::{Name, TopicPartition};
use crate::log::Log;
use crate::sim::{DoneBy, World};
use crate::time::SimTime;
use crate::view::build::log_of;
use crate::view::{GroupWork, RecordFate, Remark, RemarkKind, Removed};

/// What is found out about a record's place in the log.
struct Judged {
    fate: RecordFate,
    is_duplicated: bool,
    is_behind: bool,
    places: Vec<i64>,
    /// These, and all other offsets that it is known to have had: where it was acknowledged, given to consumers, removed.
    ever: Vec<i64>,
    removed: Option<Removed>,
    work: Vec<GroupWork>,
    remarks: Vec<Remark>,
}

impl Judged {
    fn new() -> Self {
        let (places, ever, work, remarks) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let (fate, removed) = (RecordFate::Sent, None);
        Self { fate, is_duplicated: false, is_behind: false, places, ever, removed, work, remarks }
    }

    /// Most records are judged as they were: views go on sharing these. What groups have done is the same with many, and
    /// is `shared` by them.
    fn write(&self, at: u32, records: &mut Records, shared: &mut Rc<[GroupWork]>) {
        let entry = &records.get(at).entry;
        let is_same = (entry.fate, entry.duplicated, entry.removed) == (self.fate, self.is_duplicated, self.removed)
            && entry.places == self.places
            && *entry.work == *self.work
            && entry.remarks == self.remarks;
        if !is_same {
            let entry = Rc::make_mut(records.tell_anew(at));
            (entry.fate, entry.duplicated, entry.removed) = (self.fate, self.is_duplicated, self.removed);
            entry.places.clone_from(&self.places);
            entry.remarks.clone_from(&self.remarks);
            if **shared != *self.work {
                *shared = self.work.clone().into();
            }
            entry.work = shared.clone();
        }
    }

    /// What is said of it is told by more than its offsets.
    fn is_odd(&self) -> bool {
        !self.remarks.is_empty() || self.work.iter().any(|work| work.passed && work.times == 0)
    }
}

/// A group that reads a partition.
struct Reading<'a> {
    group: &'a Name,
    committed: Option<i64>,
    done: DoneBy<'a>,
    /// When it had its first position, and where in this partition.
    began: Option<(SimTime, i64)>,
}

impl Reading<'_> {
    /// What it has done with the record, which has lain at these places and lies there, if anything.
    fn work_of(&self, ever: &[i64], place: Option<i64>, identity: u64) -> Option<GroupWork> {
        let (mut times, mut rows) = (0, 0);
        for done in ever.iter().filter_map(|offset| self.done.with(*offset, identity)) {
            times += done.times;
            rows += done.rows;
        }
        let passed = self.committed.is_some_and(|end| place.is_some_and(|offset| offset < end));
        (times > 0 || passed).then(|| GroupWork { group: self.group.clone(), times, rows, passed })
    }
}

/// What records of a partition are judged by.
struct Judge<'a> {
    world: &'a World,
    tp: &'a TopicPartition,
    partition: &'a Partition,
    log: Option<&'a Log>,
    groups: Vec<Reading<'a>>,
}

impl Partition {
    /// Judges those of its records that may have become others.
    pub(super) fn judge(&mut self, world: &World, tp: &TopicPartition, all: &mut Records) {
        let Some((from, odd)) = self.stale.take() else { return };
        let log = self.contents.leader().and_then(|leader| log_of(world, leader, tp));
        let judge = Judge { world, tp, partition: self, log, groups: self.groups(world, tp) };
        // What DeleteRecords took may still lie in a segment; nobody is given it.
        let start_offset = log.map_or(0, Log::log_start_offset);
        let mut lowest: KeyMap<Name, i64> = KeyMap::default();
        let (mut judged, mut shared) = (Judged::new(), Rc::default());
        let places = odd.into_iter().chain(from.min(self.records.len())..self.records.len());
        let mut found = Vec::new();
        // From the last one sent to the first: who is behind one that was sent later.
        for place in places.rev() {
            let at = self.records[place];
            let record = all.get(at);
            judged.places.clear();
            judged.places.extend(self.contents.places(record.number).filter(|offset| *offset >= start_offset));
            judged.is_behind = if place < from {
                record.entry.remarks.iter().any(|remark| remark.kind == RemarkKind::Reordered)
            } else {
                is_behind(&mut lowest, &record.entry.producer, judged.places.first())
            };
            judge.judge(record, &mut judged);
            judged.write(at, all, &mut shared);
            found.push((place, judged.ever.last().copied().unwrap_or(i64::MIN), judged.is_odd()));
        }
        for (place, reach, is_odd) in found.into_iter().rev() {
            self.stale.judged(place, reach, is_odd);
        }
    }

    /// The groups that have read or committed of the partition, by name.
    fn groups<'a>(&'a self, world: &'a World, tp: &TopicPartition) -> Vec<Reading<'a>> {
        let mut names: BTreeSet<&Name> = world.outside().groups().collect();
        let committed = self.worked.committed();
        names.extend(committed.iter().map(|(group, _)| group));
        let offset = |group: &Name| committed.iter().find(|(id, _)| id == group).map(|(_, offset)| *offset);
        let reading = |group| {
            let (done, began) = (world.outside().done_by(group, tp), world.chronicle().began(group, tp));
            Reading { group, committed: offset(group), done, began }
        };
        names.into_iter().map(reading).collect()
    }
}

/// One that the same producer sent to the partition later lies before it.
fn is_behind(lowest: &mut KeyMap<Name, i64>, producer: &Name, place: Option<&i64>) -> bool {
    let Some(place) = place else { return false };
    match lowest.get_mut(producer) {
        Some(later) => {
            let is_behind = *later < *place;
            *later = (*later).min(*place);
            is_behind
        }
        None => {
            lowest.insert(producer.clone(), *place);
            false
        }
    }
}

impl Judge<'_> {
    /// All but the places of a record, which are there already, and whether it is behind others.
    fn judge(&self, record: &Record, judged: &mut Judged) {
        let identity = self.partition.contents.identity(record.number);
        let removed = self.partition.removed.of(identity);
        let last = removed.last().filter(|_| record.is_acked && judged.places.is_empty());
        judged.removed = last.map(|one| one.by);
        judged.is_duplicated = judged.places.len() > 1;
        judged.ever.clear();
        judged.ever.extend_from_slice(&judged.places);
        let others = removed.iter().map(|one| one.offset).chain(record.entry.offset);
        for offset in others.chain(self.partition.given.places(record.number)) {
            if !judged.ever.contains(&offset) {
                judged.ever.push(offset);
            }
        }
        if judged.ever.len() > judged.places.len() {
            judged.ever.order();
        }
        judged.work.clear();
        // Where it is, else where its producer was told that it is, else where it was.
        let was = removed.first().map(|one| one.offset);
        let place = judged.places.first().copied().or(record.entry.offset).or(was);
        judged.work.extend(self.groups.iter().filter_map(|group| group.work_of(&judged.ever, place, identity)));
        judged.fate = if record.is_acked { self.fate_of_acked(record, judged) } else { record.entry.fate };
        judged.remarks.clear();
        self.remark(record, identity, judged);
    }

    fn fate_of_acked(&self, record: &Record, judged: &Judged) -> RecordFate {
        // While nobody leads nobody knows.
        let is_of_deleted = || self.partition.removed.is_of_deleted_topic(record.entry.sent_at);
        let can_tell = self.log.is_some() || (self.partition.is_gone && is_of_deleted());
        if can_tell && judged.places.is_empty() && judged.removed.is_none() {
            RecordFate::Lost
        } else if self.partition.given.places(record.number).next().is_some()
            // Its reader may be gone, or was a tool's.
            || judged.work.iter().any(|work| work.times > 0)
        {
            RecordFate::Read
        } else {
            RecordFate::Acked
        }
    }

    /// What went wrong with a record, each with the event that caused it.
    fn remark(&self, record: &Record, identity: u64, judged: &mut Judged) {
        let Judge { world, tp, partition, log, groups } = self;
        let producer = &record.entry.producer;
        let sent = || world.producer_named(producer).and_then(|producer| producer.sent(record.ticket));
        let Judged { places, ever, work, remarks, removed, .. } = judged;
        // Where it is, or was until retention took it. What the cleaner took has a successor.
        let of_removed = partition.removed.of(identity).last().filter(|_| *removed == Some(Removed::Retention));
        let offset = places.first().copied().or(of_removed.map(|one| one.offset));
        let mut remark = |kind, group: Option<&Name>, (at, because): Cause| {
            remarks.push(Remark { kind, group: group.cloned(), because: because.into(), at });
        };
        let resent = |sent| causes::of_resending(world, producer, sent);
        let (is_lost, is_duplicated) = (judged.fate == RecordFate::Lost, judged.is_duplicated);
        if (is_lost || is_duplicated || judged.is_behind)
            && let Some(sent) = sent()
        {
            if is_lost {
                remark(RemarkKind::Lost, None, causes::of_loss(world, sent));
            }
            if is_duplicated {
                remark(RemarkKind::Duplicated, None, resent(sent));
            }
            if judged.is_behind {
                remark(RemarkKind::Reordered, None, causes::of_reordering(world, producer, sent));
            }
        }
        let Some(first) = ever.first().copied() else { return };
        for one in work.iter() {
            if one.times > 1 {
                let done = groups.iter().find(|group| *group.group == one.group).map(|group| &group.done);
                let is_again = |place: &&i64| {
                    done.and_then(|done| done.with(**place, identity)).is_some_and(|done| done.times > 1)
                };
                // Where it lies twice, each place may have been processed once.
                let cause = match (ever.iter().find(is_again), sent()) {
                    (None, Some(sent)) => resent(sent),
                    (again, _) => {
                        let again = again.copied().unwrap_or(first);
                        let readers = partition.given.readers(again, identity);
                        causes::of_repetition(world, &one.group, tp, again, &readers)
                    }
                };
                remark(RemarkKind::Repeated, Some(&one.group), cause);
            } else if let Some(offset) = offset.filter(|_| one.times == 0 && one.passed) {
                let readers = partition.given.readers(offset, identity);
                let sent_at = record.entry.sent_at;
                let is_given = readers.iter().any(|(client, _)| causes::is_member(world, &one.group, client));
                // What lay there before the group began, it never was to be given.
                let began = groups.iter().find(|group| *group.group == one.group).and_then(|group| group.began);
                let is_older = began.is_some_and(|(at, first)| sent_at < at && offset < first);
                // Nor what was aborted, if it reads committed records only. Of what is gone nobody knows.
                let is_aborted = || match (places.first(), log) {
                    (Some(_), Some(log)) => is_aborted(log, offset),
                    _ => world.producer_named(producer).is_some_and(|one| one.config().transactional_id.is_some()),
                };
                let cause = if is_given || !is_aborted() || !causes::reads_committed(world, &one.group) {
                    let place = (offset, sent_at, of_removed.map(|one| one.at));
                    let cause = || causes::of_leaving_out(world, tp, place, &one.group, &readers);
                    (is_given || !is_older).then(cause)
                } else {
                    let log = log.filter(|_| record.is_acked && !is_older);
                    log.and_then(|log| causes::of_aborting_by_hand(world, tp, log, offset))
                };
                if let Some(cause) = cause {
                    remark(RemarkKind::LeftOut, Some(&one.group), cause);
                }
            }
        }
    }
}

/// The transaction of the record there was aborted.
fn is_aborted(log: &Log, offset: i64) -> bool {
    let aborted = log.transaction_index().collect(offset, offset + 1);
    let batch = log.batch_at(offset).filter(|batch| batch.is_transactional);
    batch.is_some_and(|batch| aborted.iter().any(|(id, first)| *id == batch.producer_id && *first <= offset))
}
