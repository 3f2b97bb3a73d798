//! The ledger: for every record that a producer was given, what its application knows, what the
//! leader's log holds and whether somebody read it.

use std::collections::BTreeMap;

use super::build::log_of;
use super::{LedgerEntry, RecordFate, TopicView};
use crate::ids::{Name, TopicPartition};
use crate::log::Log;
use crate::producer::{Outcome, Sent};
use crate::sim::{Process, World};

/// Logs longer than this are not searched record by record.
const LOG_RECORDS_MAX: i64 = 20_000;

/// What a record says: key and value. Borrowed, since there are as many as the logs are long.
type Content<'a> = (Option<&'a [u8]>, Option<&'a [u8]>);

fn content_of(sent: &Sent) -> Content<'_> {
    (sent.key.as_deref().map(str::as_bytes), sent.value.as_deref().map(str::as_bytes))
}

/// What a leader's log holds.
struct Held<'a> {
    log: &'a Log,
    count: BTreeMap<Content<'a>, u32>,
}

impl<'a> Held<'a> {
    fn of(log: &'a Log) -> Self {
        let mut count = BTreeMap::new();
        for record in log.batches().filter(|batch| !batch.is_control).flat_map(|batch| &batch.records) {
            *count.entry((record.key.as_deref(), record.value.as_deref())).or_insert(0) += 1;
        }
        Self { log, count }
    }

    /// What the record at an offset says.
    fn at(&self, offset: i64) -> Option<Content<'a>> {
        let batch = self.log.batch_at(offset).filter(|batch| !batch.is_control)?;
        let record = batch.records.iter().find(|one| batch.base_offset + i64::from(one.offset_delta) == offset)?;
        Some((record.key.as_deref(), record.value.as_deref()))
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
        if let Process::Consumer(consumer) = &slot.process {
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
pub fn ledger(world: &World, topics: &[TopicView]) -> Vec<LedgerEntry> {
    let mut sent: Vec<(&Name, &Sent)> = Vec::new();
    for (_, slot) in world.nodes() {
        if let Process::Producer(producer) = &slot.process {
            sent.extend(producer.ledger().map(|record| (producer.client(), record)));
        }
    }
    if sent.is_empty() {
        return Vec::new();
    }
    // Tickets are counted by the world, over all producers.
    sent.sort_by_key(|(_, record)| record.ticket);
    let logs = held(world, topics);
    let read = read_by_somebody(world);
    let mut times_sent: BTreeMap<(Option<&TopicPartition>, Content<'_>), u32> = BTreeMap::new();
    for (_, record) in &sent {
        *times_sent.entry((record.tp.as_ref(), content_of(record))).or_insert(0) += 1;
    }
    let mut entries = Vec::with_capacity(sent.len());
    for (producer, record) in &sent {
        let content = content_of(record);
        let log = record.tp.as_ref().and_then(|tp| logs.get(tp));
        let (fate, offset) = match &record.outcome {
            None => (RecordFate::Sent, None),
            Some(Outcome::Failed { .. }) => (RecordFate::Failed, None),
            Some(Outcome::Acked { tp, offset }) => (fate_of_acked(tp, *offset, content, log, &read), Some(*offset)),
        };
        let copies = log.and_then(|log| log.count.get(&content)).copied().unwrap_or(0);
        let wanted = times_sent.get(&(record.tp.as_ref(), content)).copied().unwrap_or(1);
        entries.push(LedgerEntry {
            producer: (*producer).clone(),
            tp: record.tp.clone().unwrap_or_else(|| TopicPartition::new(record.topic.clone(), -1)),
            key: record.key.clone(),
            value: record.value.clone().unwrap_or_else(|| "".into()),
            offset: offset.filter(|offset| *offset >= 0),
            fate,
            duplicated: copies > wanted,
        });
    }
    entries
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
        -1 => held.count.contains_key(&content),
        _ => offset < held.log.log_start_offset() || held.at(offset) == Some(content),
    });
    if !is_there {
        RecordFate::Lost
    } else if read.get(tp).is_some_and(|offsets| offsets.binary_search(&offset).is_ok()) {
        RecordFate::Read
    } else {
        RecordFate::Acked
    }
}
