//! The newest records of each replica as texts. They are most of a view and seldom change, so a
//! viewer keeps them: what is told of an unchanged log is the very same list as in the view before.

use crate::collections::BTreeMap;
use std::rc::Rc;

use super::build::text;
use super::transactions::spell_transaction;
use super::{RECORDS_SHOWN, RecordView};
use crate::group::{OffsetsTopicRecord, decode};
use crate::ids::{Name, TopicPartition};
use crate::log::{EndTransactionMarker, Log, RecordBatch};
use crate::transaction::TRANSACTION_STATE_TOPIC;

/// What was made for the last view.
#[derive(Clone, Debug, Default)]
pub(super) struct Records {
    before: BTreeMap<TopicPartition, Vec<Kept>>,
    now: BTreeMap<TopicPartition, Vec<Kept>>,
}

/// The records of a log with what tells it from others: batches are never changed, a log grows and is
/// cut at its end, retention cuts its beginning, and cleaning makes it smaller.
#[derive(Clone, Debug)]
struct Kept {
    last: Rc<RecordBatch>,
    first_base_offset: i64,
    size_in_bytes: u64,
    records: Rc<[RecordView]>,
}

impl Records {
    /// A new view begins: what the last one did not need is forgotten.
    pub(super) fn begin(&mut self) {
        self.before = std::mem::take(&mut self.now);
    }

    /// The newest records of a log, oldest first. Replicas that agree share one list.
    pub(super) fn of(&mut self, log: &Log) -> Rc<[RecordView]> {
        let Some(last) = log.batches().next_back() else { return Rc::default() };
        let first_base_offset = log.segments().first().map_or(0, |segment| segment.base_offset());
        let size_in_bytes = log.size_in_bytes();
        let is_it = |kept: &&Kept| {
            Rc::ptr_eq(&kept.last, last)
                && (kept.first_base_offset, kept.size_in_bytes) == (first_base_offset, size_in_bytes)
        };
        let tp = log.topic_partition();
        if let Some(kept) = self.now.get(tp).and_then(|kept| kept.iter().find(is_it)) {
            return kept.records.clone();
        }
        let known = self.before.get(tp).and_then(|kept| kept.iter().find(is_it));
        let records = known.map_or_else(|| newest(log).into(), |kept| kept.records.clone());
        let kept = Kept { last: last.clone(), first_base_offset, size_in_bytes, records: records.clone() };
        self.now.entry(tp.clone()).or_default().push(kept);
        records
    }
}

/// A record of `__consumer_offsets` in words.
fn spell(key: &[u8], value: Option<&[u8]>) -> Option<(Name, Option<Name>)> {
    let record = decode(key, value)?;
    let value = match &record {
        OffsetsTopicRecord::Offset { value, .. } => value.as_ref().map(|value| value.committed.offset.to_string()),
        OffsetsTopicRecord::Group { value, .. } => value.as_ref().map(|group| {
            let members: Vec<&str> = group.members.iter().map(|member| member.client_id.as_str()).collect();
            format!("generation {}, members [{}]", group.generation, members.join(", "))
        }),
    };
    Some((record.key().into(), value.map(Name::from)))
}

/// Puts a record of an internal topic into words.
type Spell = fn(&[u8], Option<&[u8]>) -> Option<(Name, Option<Name>)>;

fn newest(log: &Log) -> Vec<RecordView> {
    let spell: Spell = match &*log.topic_partition().topic {
        "__consumer_offsets" => spell,
        TRANSACTION_STATE_TOPIC => spell_transaction,
        _ => |_, _| None,
    };
    let mut records = Vec::new();
    for batch in log.batches().rev() {
        for record in batch.records.iter().rev() {
            let marker = EndTransactionMarker::of_batch(batch).map(|marker| {
                (marker.name().into(), Some(format!("coordinator epoch {}", marker.coordinator_epoch).into()))
            });
            let spelled = marker.or_else(|| record.key.as_deref().and_then(|key| spell(key, record.value.as_deref())));
            records.push(RecordView {
                offset: batch.base_offset + i64::from(record.offset_delta),
                leader_epoch: batch.partition_leader_epoch,
                key: spelled.as_ref().map(|of| of.0.clone()).or_else(|| record.key.as_deref().map(text)),
                value: match &spelled {
                    Some((_, value)) => value.clone(),
                    None => record.value.as_deref().map(text),
                },
                is_control: batch.is_control,
                producer_id: batch.producer_id,
            });
            if records.len() == RECORDS_SHOWN {
                records.reverse();
                return records;
            }
        }
    }
    records.reverse();
    records
}
