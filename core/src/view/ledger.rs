//! The ledger: for every record that a producer was given, what its application knows, what the
//! leader's log holds and whether somebody read it.

use std::collections::{BTreeMap, BTreeSet};

use super::build::{log_of, text};
use super::{LedgerEntry, RecordFate, TopicView};
use crate::ids::{Name, TopicPartition};
use crate::producer::{Outcome, Sent};
use crate::sim::{Process, World};

/// Logs longer than this are not searched record by record.
const LOG_RECORDS_MAX: i64 = 20_000;

type Content = (Option<Name>, Option<Name>);

/// What a leader's log holds.
struct Held {
    log_start_offset: i64,
    by_offset: BTreeMap<i64, Content>,
    count: BTreeMap<Content, u32>,
}

fn held(world: &World, topics: &[TopicView]) -> BTreeMap<TopicPartition, Held> {
    let mut all = BTreeMap::new();
    for partition in topics.iter().filter(|topic| !topic.internal).flat_map(|topic| &topic.partitions) {
        let Some(log) = partition.leader.and_then(|leader| log_of(world, leader, &partition.tp)) else { continue };
        if log.log_end_offset() - log.log_start_offset() > LOG_RECORDS_MAX {
            continue;
        }
        let mut held =
            Held { log_start_offset: log.log_start_offset(), by_offset: BTreeMap::new(), count: BTreeMap::new() };
        for batch in log.batches().filter(|batch| !batch.is_control) {
            for record in &batch.records {
                let content = (record.key.as_deref().map(text), record.value.as_deref().map(text));
                *held.count.entry(content.clone()).or_insert(0) += 1;
                held.by_offset.insert(batch.base_offset + i64::from(record.offset_delta), content);
            }
        }
        all.insert(partition.tp.clone(), held);
    }
    all
}

fn read_by_somebody(world: &World) -> BTreeSet<(TopicPartition, i64)> {
    let consumers = world.nodes().filter_map(|(_, slot)| match &slot.process {
        Process::Consumer(consumer) => Some(consumer),
        _ => None,
    });
    consumers.flat_map(|consumer| consumer.received()).map(|one| (one.tp.clone(), one.offset)).collect()
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
    let mut times_sent: BTreeMap<(Option<&TopicPartition>, Content), u32> = BTreeMap::new();
    for (_, record) in &sent {
        *times_sent.entry((record.tp.as_ref(), (record.key.clone(), record.value.clone()))).or_insert(0) += 1;
    }
    let mut entries = Vec::with_capacity(sent.len());
    for (producer, record) in &sent {
        let content = (record.key.clone(), record.value.clone());
        let log = record.tp.as_ref().and_then(|tp| logs.get(tp));
        let (fate, offset) = match &record.outcome {
            None => (RecordFate::Sent, None),
            Some(Outcome::Failed { .. }) => (RecordFate::Failed, None),
            Some(Outcome::Acked { tp, offset }) => (fate_of_acked(tp, *offset, &content, log, &read), Some(*offset)),
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
    content: &Content,
    log: Option<&Held>,
    read: &BTreeSet<(TopicPartition, i64)>,
) -> RecordFate {
    // With acks=0 nobody tells the offset; the record is looked for by what it says.
    let is_there = log.is_none_or(|log| match offset {
        -1 => log.count.contains_key(content),
        _ => offset < log.log_start_offset || log.by_offset.get(&offset) == Some(content),
    });
    if !is_there {
        RecordFate::Lost
    } else if read.contains(&(tp.clone(), offset)) {
        RecordFate::Read
    } else {
        RecordFate::Acked
    }
}
