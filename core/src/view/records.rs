//! The newest records of a replica as texts.

use super::build::text;
use super::transactions::spell_transaction;
use super::{RECORDS_SHOWN, RecordView};
use crate::group::{OffsetsTopicRecord, decode};
use crate::ids::Name;
use crate::log::{EndTransactionMarker, Log};
use crate::transaction::TRANSACTION_STATE_TOPIC;

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

/// The newest records of a log, oldest first.
pub(super) fn newest(log: &Log) -> Vec<RecordView> {
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
