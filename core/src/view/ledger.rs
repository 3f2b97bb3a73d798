//! The ledger: for every record that a producer was given, what its application knows, where the
//! leader's log holds it and what each group has done with it; and what went wrong with it, by name.
//!
//! It grows with every record ever sent, so a viewer keeps it from view to view and judges anew only
//! what belongs to a partition of which something has changed. The world must not go back meanwhile:
//! who takes it back says so ([`super::Viewer::world_went_back`]).

use crate::collections::{BTreeMap, BTreeSet};
use std::collections::VecDeque;
use std::rc::Rc;

use super::build::log_of;
use super::causes::{self, Cause};
use super::held::Held;
use super::{GroupView, GroupWork, LedgerEntry, RecordFate, Remark, RemarkKind, TopicView};
use crate::collections::{KeyMap, Order, SortedMap};
use crate::ids::{BrokerId, Name, TopicPartition};
use crate::log::{Log, digest_of};
use crate::producer::{Outcome, Sent};
use crate::sim::{DoneBy, Slot, World};
use crate::time::SimTime;

/// Logs longer than this are not searched record by record.
const LOG_RECORDS_MAX: i64 = 20_000;

/// In the order of sending: when it was given to `send()`, its ticket, its producer. An application that holds a
/// producer of its own counts tickets of its own, and a frozen process gives its records late.
type Key = (SimTime, u64, Name);

/// A record that was sent, as it was last judged.
#[derive(Clone, Debug)]
struct Record {
    tp: Option<TopicPartition>,
    digest: u64,
    /// The offset that it was acknowledged at; -1 with acks=0, where nobody tells.
    acked: Option<i64>,
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
    /// The records that were placed in it.
    records: BTreeSet<Key>,
    /// How often each content was.
    sent: BTreeMap<u64, u32>,
    /// Offsets and contents with the consumers that were given them, and where among all that each was given: an
    /// offset may be taken again, and a record given again.
    read: BTreeMap<(i64, u64), Vec<(Name, usize)>>,
    held: Option<Held>,
    /// What groups have committed.
    committed: Vec<(Name, i64)>,
    /// How much was processed.
    processed: u64,
    /// Something has changed since its records were judged.
    stale: bool,
}

/// The ledger of the last view.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    producers: BTreeMap<Name, Known>,
    consumers: BTreeMap<Name, Known>,
    records: SortedMap<Key, Record>,
    /// Records whose future is not completed.
    open: BTreeSet<Key>,
    partitions: KeyMap<TopicPartition, Partition>,
    /// How much the chronicle knows of causes.
    causes: u64,
}

impl Ledger {
    /// One entry per record, in order of sending.
    pub fn entries(&mut self, world: &World, topics: &[TopicView], groups: &[GroupView]) -> Vec<Rc<LedgerEntry>> {
        if !self.continues(world) {
            *self = Self::default();
        }
        self.take_sent(world);
        if self.records.is_empty() {
            return Vec::new();
        }
        self.take_received(world);
        self.look_at_logs(world, topics);
        self.look_at_groups(world, groups);
        self.judge(world);
        self.records.values().map(|record| record.entry.clone()).collect()
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
                fresh.push((producer.client(), sent));
            }
            self.producers.insert(producer.client().clone(), Known { incarnation: slot.incarnation, count });
        }
        // In the order of sending each goes to the end; producer by producer, each would push the others along.
        fresh.order_by_key(|(_, sent)| (sent.sent_at, sent.ticket));
        for (client, sent) in fresh {
            let mut record = Record::of(client, sent);
            let key = (sent.sent_at, sent.ticket, client.clone());
            if !record.follow(&key, sent, &mut self.partitions) {
                self.open.insert(key.clone());
            }
            self.records.insert(key, record);
        }
        let (records, partitions) = (&mut self.records, &mut self.partitions);
        self.open.retain(|key| {
            let sent = world.producer_named(&key.2).and_then(|producer| producer.sent(key.1));
            match (sent, records.get_mut(key)) {
                (Some(sent), Some(record)) => !record.follow(key, sent, partitions),
                _ => true,
            }
        });
    }

    fn take_received(&mut self, world: &World) {
        for (_, slot) in world.nodes() {
            let Some(consumer) = slot.process.consumer() else { continue };
            let received = consumer.received();
            let known = self.consumers.get(consumer.client()).map_or(0, |known| known.count);
            for (place, one) in (known..).zip(received.since(known)) {
                let partition = self.partitions.get_or_insert_with(&one.tp, Partition::default);
                let readers = partition.read.entry((one.offset(), one.digest())).or_default();
                readers.retain(|(client, _)| client != consumer.client());
                readers.push((consumer.client().clone(), place));
                partition.stale = true;
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
            partition.stale |= all || processed != partition.processed || committed != partition.committed;
            (partition.processed, partition.committed) = (processed, committed);
        }
    }

    fn judge(&mut self, world: &World) {
        for (tp, partition) in &mut self.partitions {
            if !std::mem::take(&mut partition.stale) {
                continue;
            }
            let log = partition.held.as_ref().and_then(|held| log_of(world, held.leader, tp));
            let mut unclaimed = partition.unclaimed(&self.records);
            let mut places_of: Vec<Vec<i64>> = Vec::new();
            for key in &partition.records {
                let Some(record) = self.records.get(key) else { continue };
                let alike = partition.places(record.digest);
                places_of.push(match (record.entry.offset, unclaimed.get_mut(&record.digest)) {
                    (_, None) => alike.to_vec(),
                    (Some(offset), _) => alike.iter().copied().filter(|place| *place == offset).collect(),
                    (None, Some(left)) => left.pop_front().into_iter().collect(),
                });
            }
            let groups = partition.groups(world, tp);
            let mut lowest: BTreeMap<Name, i64> = BTreeMap::new();
            // From the last one sent to the first: who is behind one that was sent later.
            for key in partition.records.iter().rev() {
                let (Some(record), Some(places)) = (self.records.get_mut(key), places_of.pop()) else { continue };
                let is_behind = is_behind(&mut lowest, &key.2, places.first());
                let alike = partition.places(record.digest);
                let wanted = partition.sent.get(&record.digest).copied().unwrap_or(1);
                let duplicated = u32::try_from(alike.len()).is_ok_and(|count| count > wanted);
                let fate = match record.acked {
                    Some(offset) => partition.fate_of_acked(offset, &places, record.digest, log),
                    None => record.entry.fate,
                };
                let work = groups.iter().filter_map(|group| group.work_of(&places, record.digest)).collect();
                let mut judged = Judged { fate, duplicated, is_behind, places, work, remarks: Vec::new() };
                judged.remarks = remarks(world, partition, key, record, &judged, log, &groups);
                judged.write(&mut record.entry);
            }
        }
    }
}

/// What is found out about a record's place in the log.
struct Judged {
    fate: RecordFate,
    duplicated: bool,
    is_behind: bool,
    places: Vec<i64>,
    work: Vec<GroupWork>,
    remarks: Vec<Remark>,
}

impl Judged {
    /// Most records of a partition that has changed are judged as they were: views go on sharing these.
    fn write(self, entry: &mut Rc<LedgerEntry>) {
        let same = (entry.fate, entry.duplicated) == (self.fate, self.duplicated)
            && entry.places == self.places
            && entry.work == self.work
            && entry.remarks == self.remarks;
        if !same {
            let entry = Rc::make_mut(entry);
            (entry.fate, entry.duplicated, entry.places) = (self.fate, self.duplicated, self.places);
            (entry.work, entry.remarks) = (self.work, self.remarks);
        }
    }
}

/// One that the same producer sent to the partition later lies before it.
fn is_behind(lowest: &mut BTreeMap<Name, i64>, producer: &Name, place: Option<&i64>) -> bool {
    let Some(place) = place else { return false };
    let later = lowest.get(producer).copied().unwrap_or(*place);
    lowest.insert(producer.clone(), later.min(*place));
    later < *place
}

/// What went wrong with a record, each with the event that caused it.
fn remarks(
    world: &World,
    partition: &Partition,
    (_, ticket, producer): &Key,
    record: &Record,
    judged: &Judged,
    log: Option<&Log>,
    groups: &[Reading<'_>],
) -> Vec<Remark> {
    let (mut remarks, digest) = (Vec::new(), record.digest);
    let mut remark = |kind, (at, because): Cause| remarks.push(Remark { kind, because: because.into(), at });
    let resent = |sent| causes::of_resending(world, producer, sent);
    let sent = world.producer_named(producer).and_then(|producer| producer.sent(*ticket));
    if let Some(sent) = sent {
        if judged.fate == RecordFate::Lost {
            remark(RemarkKind::Lost, causes::of_loss(world, sent));
        }
        if judged.duplicated {
            remark(RemarkKind::Duplicated, resent(sent));
        }
        if judged.is_behind {
            remark(RemarkKind::Reordered, causes::of_reordering(world, producer, sent));
        }
    }
    let Some(offset) = judged.places.first().copied() else { return remarks };
    let tp = &record.entry.tp;
    for one in &judged.work {
        if one.times > 1 {
            let done = groups.iter().find(|group| *group.group == one.group).map(|group| &group.done);
            let is_again =
                |place: &&i64| done.and_then(|done| done.with(**place, digest)).is_some_and(|done| done.times > 1);
            // Where it lies twice, each place may have been processed once.
            let cause = match (judged.places.iter().find(is_again), sent) {
                (None, Some(sent)) => resent(sent),
                (again, _) => {
                    let again = again.copied().unwrap_or(offset);
                    causes::of_repetition(world, &one.group, tp, again, partition.readers_of(again, digest))
                }
            };
            remark(RemarkKind::Repeated, cause);
        } else if one.times == 0 && one.passed {
            let readers = partition.readers_of(offset, digest);
            // What was aborted is not for those who read committed records only.
            let is_given = readers.iter().any(|(client, _)| causes::is_member(world, &one.group, client));
            let is_aborted = || log.is_some_and(|log| is_aborted(log, offset));
            if is_given || !is_aborted() || !causes::reads_committed(world, &one.group) {
                remark(RemarkKind::LeftOut, causes::of_leaving_out(world, tp, offset, &one.group, readers));
            }
        }
    }
    remarks
}

/// The transaction of the record there was aborted.
fn is_aborted(log: &Log, offset: i64) -> bool {
    let aborted = log.transaction_index().collect(offset, offset + 1);
    let batch = log.batch_at(offset).filter(|batch| batch.is_transactional);
    batch.is_some_and(|batch| aborted.iter().any(|(id, first)| *id == batch.producer_id && *first <= offset))
}

impl Partition {
    /// Of contents that were sent more than once: the places that no acknowledgement names, in order.
    fn unclaimed(&self, records: &SortedMap<Key, Record>) -> BTreeMap<u64, VecDeque<i64>> {
        if self.sent.values().all(|times| *times <= 1) {
            return BTreeMap::new();
        }
        let claimed: BTreeSet<i64> = self.records.iter().filter_map(|key| records.get(key)?.entry.offset).collect();
        let again = self.sent.iter().filter(|(_, times)| **times > 1);
        let places = |digest: u64| {
            let places = self.held.iter().flat_map(|held| held.places(digest));
            places.copied().filter(|place| !claimed.contains(place)).collect()
        };
        again.map(|(digest, _)| (*digest, places(*digest))).collect()
    }

    /// Where the leader's log holds such a content.
    fn places(&self, digest: u64) -> &[i64] {
        self.held.as_ref().map_or(&[], |held| held.places(digest))
    }

    /// The consumers that were given this at this offset.
    fn readers_of(&self, offset: i64, digest: u64) -> &[(Name, usize)] {
        self.read.get(&(offset, digest)).map_or(&[], Vec::as_slice)
    }

    fn fate_of_acked(&self, offset: i64, places: &[i64], digest: u64, log: Option<&Log>) -> RecordFate {
        let is_there = log.is_none_or(|log| match offset {
            // With acks=0 nobody tells the offset; the record is looked for by what it says.
            -1 => !places.is_empty(),
            _ => offset < log.log_start_offset() || places.binary_search(&offset).is_ok(),
        });
        let is_read = |place: &i64| !self.readers_of(*place, digest).is_empty();
        if !is_there {
            RecordFate::Lost
        } else if places.iter().any(is_read) || is_read(&offset) {
            RecordFate::Read
        } else {
            RecordFate::Acked
        }
    }

    /// The groups that have read or committed of the partition, by name.
    fn groups<'a>(&'a self, world: &'a World, tp: &TopicPartition) -> Vec<Reading<'a>> {
        let mut names: BTreeSet<&Name> = world.outside().groups().collect();
        names.extend(self.committed.iter().map(|(group, _)| group));
        let committed = |group: &Name| self.committed.iter().find(|(id, _)| id == group).map(|(_, offset)| *offset);
        let reading = |group| Reading { group, committed: committed(group), done: world.outside().done_by(group, tp) };
        names.into_iter().map(reading).collect()
    }
}

/// A group that reads a partition.
struct Reading<'a> {
    group: &'a Name,
    committed: Option<i64>,
    done: DoneBy<'a>,
}

impl Reading<'_> {
    /// What it has done with the record at these places, if anything.
    fn work_of(&self, places: &[i64], digest: u64) -> Option<GroupWork> {
        let (mut times, mut rows) = (0, 0);
        for done in places.iter().filter_map(|offset| self.done.with(*offset, digest)) {
            times += done.times;
            rows += done.rows;
        }
        let passed = self.committed.is_some_and(|end| places.first().is_some_and(|offset| *offset < end));
        (times > 0 || passed).then(|| GroupWork { group: self.group.clone(), times, rows, passed })
    }
}

impl Record {
    fn of(producer: &Name, sent: &Sent) -> Self {
        let digest = digest_of(sent.key.as_deref().map(str::as_bytes), sent.value.as_deref().map(str::as_bytes));
        let entry = LedgerEntry {
            producer: producer.clone(),
            tp: TopicPartition::new(sent.topic.clone(), -1),
            key: sent.key.clone(),
            value: sent.value.clone().unwrap_or_else(|| "".into()),
            offset: None,
            error: None,
            sent_at: sent.sent_at,
            fate: RecordFate::Sent,
            duplicated: false,
            places: Vec::new(),
            work: Vec::new(),
            remarks: Vec::new(),
        };
        Self { tp: None, digest, acked: None, entry: Rc::new(entry) }
    }

    /// What its producer knows of it by now. True if its future is completed.
    fn follow(&mut self, key: &Key, sent: &Sent, partitions: &mut KeyMap<TopicPartition, Partition>) -> bool {
        if self.tp != sent.tp
            && let Some(tp) = &sent.tp
        {
            self.tp = Some(tp.clone());
            Rc::make_mut(&mut self.entry).tp = tp.clone();
            let partition = partitions.get_or_insert_with(tp, Partition::default);
            partition.records.insert(key.clone());
            *partition.sent.entry(self.digest).or_insert(0) += 1;
            partition.stale = true;
        }
        let Some(outcome) = &sent.outcome else { return false };
        self.complete(outcome);
        if let Some(partition) = self.tp.as_ref().and_then(|tp| partitions.get_mut(tp)) {
            partition.stale = true;
        }
        true
    }

    /// Its future is completed; what became of it in the log is judged with its partition.
    fn complete(&mut self, outcome: &Outcome) {
        let entry = Rc::make_mut(&mut self.entry);
        match outcome {
            Outcome::Acked { offset, .. } => {
                self.acked = Some(*offset);
                entry.fate = RecordFate::Acked;
                entry.offset = Some(*offset).filter(|offset| *offset >= 0);
            }
            Outcome::Failed { error, .. } => {
                entry.fate = RecordFate::Failed;
                entry.error = Some(error.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::command::Command;
    use crate::invariant::Promises;
    use crate::sim::{Genesis, World};
    use crate::time::SimDuration;
    use crate::view::view;

    #[test]
    fn records_that_say_the_same_are_told_apart() {
        let mut world = World::new(&Genesis::default()).expect("the cluster stands");
        let lines = "kafka-topics.sh --create --topic t --partitions 1 --replication-factor 1
            producer p --topic t
            producer q --topic t --config acks=0 --config enable.idempotence=false
            consumer c --topic t --group g --config auto.offset.reset=earliest
            send p same
            send p same
            send q same";
        for line in lines.lines().map(str::trim) {
            world.execute(&Command::parse(line).expect("a command")).expect("is taken");
            world.run_until(world.now() + SimDuration::from_ms(4_000));
        }
        let ledger = view(&world, &Promises::default()).ledger;
        let places: Vec<&[i64]> = ledger.iter().map(|entry| entry.places.as_slice()).collect();
        assert_eq!(places, [&[0][..], &[1], &[2]]);
        for entry in &ledger {
            assert!(entry.remarks.is_empty() && !entry.duplicated, "{entry:?}");
            let done: Vec<(&str, u32)> = entry.work.iter().map(|one| (one.group.as_str(), one.times)).collect();
            assert_eq!(done, [("g", 1)], "{entry:?}");
        }
    }
}
