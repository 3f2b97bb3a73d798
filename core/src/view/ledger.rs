//! The ledger: for every record that a producer was given, what its application knows, where the
//! leader's log holds it and what each group has done with it; and what went wrong with it, by name.

use std::collections::{BTreeMap, BTreeSet};

use super::build::log_of;
use super::causes;
use super::{GroupView, GroupWork, LedgerEntry, RecordFate, Remark, RemarkKind, TopicView};
use crate::ids::{Name, TopicPartition};
use crate::log::{Log, digest_of};
use crate::producer::{Outcome, Sent};
use crate::sim::World;

/// Logs longer than this are not searched record by record.
const LOG_RECORDS_MAX: i64 = 20_000;

/// Of so many of the newest records it is told what groups have done with them.
const RECORDS_WITH_WORK: usize = 500;

/// What a record says: key and value. Borrowed, since there are as many as the logs are long.
type Content<'a> = (Option<&'a [u8]>, Option<&'a [u8]>);

fn content_of(sent: &Sent) -> Content<'_> {
    (sent.key.as_deref().map(str::as_bytes), sent.value.as_deref().map(str::as_bytes))
}

/// What a leader's log holds.
struct Held<'a> {
    log: &'a Log,
    places: BTreeMap<Content<'a>, Vec<i64>>,
}

impl<'a> Held<'a> {
    fn of(log: &'a Log) -> Self {
        let mut places: BTreeMap<Content<'a>, Vec<i64>> = BTreeMap::new();
        for batch in log.batches().filter(|batch| !batch.is_control) {
            for record in &batch.records {
                let content = (record.key.as_deref(), record.value.as_deref());
                places.entry(content).or_default().push(batch.base_offset + i64::from(record.offset_delta));
            }
        }
        Self { log, places }
    }

    fn places<'b>(&'b self, content: Content<'b>) -> &'b [i64] {
        self.places.get(&content).map_or(&[], Vec::as_slice)
    }
}

fn held<'a>(world: &'a World, topics: &'a [TopicView]) -> BTreeMap<&'a TopicPartition, Held<'a>> {
    let mut all = BTreeMap::new();
    for partition in topics.iter().filter(|topic| !topic.internal).flat_map(|topic| &topic.partitions) {
        let Some(log) = partition.leader.and_then(|leader| log_of(world, leader, &partition.tp)) else { continue };
        if log.log_end_offset() - log.log_start_offset() <= LOG_RECORDS_MAX {
            all.insert(&partition.tp, Held::of(log));
        }
    }
    all
}

/// The offsets that at least one consumer was given, by partition, in order.
fn read_by_somebody(world: &World) -> BTreeMap<&TopicPartition, Vec<i64>> {
    let mut read: BTreeMap<&TopicPartition, Vec<i64>> = BTreeMap::new();
    for (_, slot) in world.nodes() {
        if let Some(consumer) = slot.process.consumer() {
            for one in consumer.received() {
                read.entry(&one.tp).or_default().push(one.offset);
            }
        }
    }
    for offsets in read.values_mut() {
        offsets.sort_unstable();
    }
    read
}

/// One entry per record, in order of sending.
pub fn ledger(world: &World, topics: &[TopicView], groups: &[GroupView]) -> Vec<LedgerEntry> {
    let mut sent: Vec<(&Name, &Sent)> = Vec::new();
    for (_, slot) in world.nodes() {
        if let Some(producer) = slot.process.producer() {
            sent.extend(producer.ledger().map(|record| (producer.client(), record)));
        }
    }
    if sent.is_empty() {
        return Vec::new();
    }
    sent.sort_by_key(|(_, record)| (record.sent_at, record.ticket));
    let logs = held(world, topics);
    let read = read_by_somebody(world);
    let mut times_sent: BTreeMap<(Option<&TopicPartition>, Content<'_>), u32> = BTreeMap::new();
    for (_, record) in &sent {
        *times_sent.entry((record.tp.as_ref(), content_of(record))).or_insert(0) += 1;
    }
    let behind = behind(&sent);
    let mut entries = Vec::with_capacity(sent.len());
    for (index, (producer, record)) in sent.iter().enumerate() {
        let content = content_of(record);
        let log = record.tp.as_ref().and_then(|tp| logs.get(tp));
        let (fate, offset) = match &record.outcome {
            None => (RecordFate::Sent, None),
            Some(Outcome::Failed { .. }) => (RecordFate::Failed, None),
            Some(Outcome::Acked { tp, offset }) => (fate_of_acked(tp, *offset, content, log, &read), Some(*offset)),
        };
        let places = log.map_or(&[][..], |log| log.places(content));
        let wanted = times_sent.get(&(record.tp.as_ref(), content)).copied().unwrap_or(1);
        let duplicated = u32::try_from(places.len()).is_ok_and(|count| count > wanted);
        // Simplified: what groups did is told of the newest records only; a view must not take longer and longer.
        let is_recent = index + RECORDS_WITH_WORK >= sent.len();
        let worked_on = record.tp.as_ref().filter(|_| is_recent);
        let work = worked_on.map(|tp| work_of(world, groups, tp, places, content)).unwrap_or_default();
        let mut remarks = Vec::new();
        let mut remark = |kind, because: String| remarks.push(Remark { kind, because: because.into() });
        if fate == RecordFate::Lost {
            remark(RemarkKind::Lost, causes::of_loss(world, record));
        }
        if duplicated {
            remark(RemarkKind::Duplicated, causes::of_resending(world, producer, record));
        }
        if behind.contains(&record.ticket) {
            remark(RemarkKind::Reordered, causes::of_reordering(world, producer, record));
        }
        if let (Some(tp), Some(offset)) = (&record.tp, places.first().copied()) {
            for one in &work {
                if one.times > 1 {
                    remark(RemarkKind::Repeated, causes::of_repetition(world, &one.group, tp, offset));
                } else if one.times == 0 && one.passed {
                    remark(RemarkKind::LeftOut, causes::of_leaving_out(world, &one.group, tp, offset));
                }
            }
        }
        entries.push(LedgerEntry {
            producer: (*producer).clone(),
            tp: record.tp.clone().unwrap_or_else(|| TopicPartition::new(record.topic.clone(), -1)),
            key: record.key.clone(),
            value: record.value.clone().unwrap_or_else(|| "".into()),
            offset: offset.filter(|offset| *offset >= 0),
            fate,
            duplicated,
            places: places.to_vec(),
            work,
            remarks,
        });
    }
    entries
}

/// Records whose offset is below that of one that the same producer sent to the partition before.
fn behind(sent: &[(&Name, &Sent)]) -> BTreeSet<u64> {
    let mut highest: BTreeMap<(&Name, &TopicPartition), i64> = BTreeMap::new();
    let mut found = BTreeSet::new();
    for (producer, record) in sent {
        let Some(Outcome::Acked { tp, offset }) = &record.outcome else { continue };
        let so_far = highest.entry((producer, tp)).or_insert(*offset);
        if *offset >= 0 && offset < so_far {
            found.insert(record.ticket);
        }
        *so_far = (*so_far).max(*offset);
    }
    found
}

/// What each group that reads the partition has done with the record at these places.
fn work_of(
    world: &World,
    groups: &[GroupView],
    tp: &TopicPartition,
    places: &[i64],
    (key, value): Content<'_>,
) -> Vec<GroupWork> {
    let digest = digest_of(key, value);
    let committed = |group: &Name| {
        let found = groups.iter().find(|known| known.id == *group)?;
        found.committed.iter().find(|(committed, _, _)| committed == tp).map(|(_, offset, _)| *offset)
    };
    let mut names: BTreeSet<&Name> = world.outside().groups().collect();
    names.extend(groups.iter().filter(|group| committed(&group.id).is_some()).map(|group| &group.id));
    let mut all = Vec::new();
    for group in names {
        let (mut times, mut rows) = (0, 0);
        for offset in places {
            if let Some(done) = world.outside().done(group, tp, *offset, digest) {
                times += done.times;
                rows += done.rows;
            }
        }
        let passed = committed(group).is_some_and(|end| places.first().is_some_and(|offset| *offset < end));
        if times > 0 || passed {
            all.push(GroupWork { group: group.clone(), times, rows, passed });
        }
    }
    all
}

fn fate_of_acked(
    tp: &TopicPartition,
    offset: i64,
    content: Content<'_>,
    log: Option<&Held<'_>>,
    read: &BTreeMap<&TopicPartition, Vec<i64>>,
) -> RecordFate {
    // With acks=0 nobody tells the offset; the record is looked for by what it says.
    let is_there = log.is_none_or(|held| match offset {
        -1 => !held.places(content).is_empty(),
        _ => offset < held.log.log_start_offset() || held.places(content).binary_search(&offset).is_ok(),
    });
    if !is_there {
        RecordFate::Lost
    } else if read.get(tp).is_some_and(|offsets| offsets.binary_search(&offset).is_ok()) {
        RecordFate::Read
    } else {
        RecordFate::Acked
    }
}
