//! Internal topics opened: every record decoded, as the formatters of `kafka-console-consumer.sh` show
//! it (`OffsetsMessageFormatter`, `GroupMetadataMessageFormatter`, `TransactionLogMessageFormatter`).

use super::ClusterView;
use super::build::log_of;
use crate::group::{OffsetsTopicRecord, decode};
use crate::ids::{Name, TopicPartition};
use crate::log::EndTransactionMarker;
use crate::sim::World;
use crate::transaction::{TRANSACTION_STATE_TOPIC, decode as decode_transaction};

/// A record of an internal topic.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct InternalRecord {
    /// Its offset.
    pub offset: i64,
    /// `offset_commit`, `group_metadata`, `transaction`, `marker`, or `unknown`.
    pub kind: &'static str,
    /// The key as the formatter shows it.
    pub key: Name,
    /// The value as the formatter shows it; `None` for a tombstone.
    pub value: Option<Name>,
    /// A later record has the same key: compaction may take this one away.
    pub superseded: bool,
    /// Below the high watermark.
    pub committed: bool,
}

/// So many records are decoded at most, the newest.
const MOST: usize = 400;

/// The newest records of an internal partition as its leader has it, newest first.
pub fn internal_records(world: &World, view: &ClusterView, tp: &TopicPartition) -> Vec<InternalRecord> {
    let partition = view.topics.iter().flat_map(|topic| &topic.partitions).find(|partition| partition.tp == *tp);
    let Some(partition) = partition else { return Vec::new() };
    let holder = partition.leader.or_else(|| partition.assigned.first().copied());
    let Some(log) = holder.and_then(|broker| log_of(world, broker, tp)) else { return Vec::new() };
    let mut seen = crate::collections::BTreeSet::new();
    let mut all = Vec::new();
    for batch in log.batches().rev() {
        for record in batch.records.iter().rev() {
            let offset = batch.base_offset + i64::from(record.offset_delta);
            let (kind, key, value) = match EndTransactionMarker::of_batch(batch) {
                Some(marker) => {
                    let value = format!("coordinator epoch {}", marker.coordinator_epoch);
                    ("marker", marker.name().to_owned(), Some(value))
                }
                None => spell(tp, record.key.as_deref().unwrap_or_default(), record.value.as_deref()),
            };
            all.push(InternalRecord {
                offset,
                kind,
                superseded: kind != "marker" && !seen.insert(key.clone()),
                key: key.into(),
                value: value.map(Name::from),
                committed: offset < partition.high_watermark,
            });
            if all.len() == MOST {
                return all;
            }
        }
    }
    all
}

type Spelled = (&'static str, String, Option<String>);

fn spell(tp: &TopicPartition, key: &[u8], value: Option<&[u8]>) -> Spelled {
    let unknown =
        || ("unknown", format!("<{} bytes>", key.len()), value.map(|value| format!("<{} bytes>", value.len())));
    if tp.topic.as_str() == TRANSACTION_STATE_TOPIC {
        return transaction(key, value).unwrap_or_else(unknown);
    }
    match decode(key, value) {
        Some(OffsetsTopicRecord::Offset { group, tp, value }) => {
            let value = value.map(|value| {
                let committed = &value.committed;
                let epoch = Some(committed.leader_epoch).filter(|epoch| *epoch >= 0);
                let epoch = epoch.map_or_else(|| "Optional.empty".to_owned(), |epoch| format!("Optional[{epoch}]"));
                format!(
                    "OffsetAndMetadata(offset={}, leaderEpoch={epoch}, metadata={}, commitTimestamp={}, \
                     expireTimestamp=None)",
                    committed.offset, committed.metadata, value.commit_timestamp_ms
                )
            });
            ("offset_commit", format!("[{group},{},{}]", tp.topic, tp.partition), value)
        }
        Some(OffsetsTopicRecord::Group { group, value }) => {
            let value = value.map(|value| {
                let name = |name: &Option<Name>| name.as_ref().map_or_else(|| "null".to_owned(), ToString::to_string);
                let members: Vec<String> = value
                    .members
                    .iter()
                    .map(|member| {
                        let share: Vec<String> = member.assignment.partitions.iter().map(ToString::to_string).collect();
                        format!("{} ({}) [{}]", member.member_id, member.client_id, share.join(", "))
                    })
                    .collect();
                format!(
                    "GroupMetadata(groupId={group}, generation={}, protocolType=Some({}), currentState={}, \
                     protocol={}, leader={}, members={{{}}})",
                    value.generation,
                    value.protocol_type,
                    if value.members.is_empty() { "Empty" } else { "Stable" },
                    name(&value.protocol),
                    name(&value.leader),
                    members.join(", ")
                )
            });
            ("group_metadata", group.to_string(), value)
        }
        None => unknown(),
    }
}

fn transaction(key: &[u8], value: Option<&[u8]>) -> Option<Spelled> {
    let record = decode_transaction(key, value)?;
    let value = record.value.map(|value| {
        let partitions: Vec<String> = value.partitions.iter().map(ToString::to_string).collect();
        format!(
            "TransactionMetadata(transactionalId={}, producerId={}, producerEpoch={}, txnTimeoutMs={}, state={}, \
             topicPartitions=Set({}), txnStartTimestamp={}, txnLastUpdateTimestamp={})",
            record.transactional_id,
            value.producer_id,
            value.producer_epoch,
            value.timeout_ms,
            value.state.name(),
            partitions.join(", "),
            value.start_timestamp_ms,
            value.last_update_timestamp_ms
        )
    });
    Some(("transaction", record.transactional_id.to_string(), value))
}
