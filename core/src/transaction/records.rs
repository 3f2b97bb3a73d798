//! The records of `__transaction_state` in Kafka's own layout: TransactionLogKey (v0) and
//! TransactionLogValue (v0, as without the feature `transaction.version`).

use crate::collections::BTreeSet;
use std::rc::Rc;

use super::metadata::{TransactionMetadata, TxnTransit};
use super::state::TransactionState;
use crate::ids::{Name, TopicPartition};
use crate::protocol::bytes::{Reader, Writer};

pub(super) type KeyValue = (Option<Rc<[u8]>>, Option<Rc<[u8]>>);

/// A record of `__transaction_state`, read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TransactionRecord {
    /// `transactional.id`
    pub transactional_id: Name,
    /// Without value the id has expired.
    pub value: Option<TransactionValue>,
}

/// A transaction as it is written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TransactionValue {
    /// The producer's id.
    pub producer_id: i64,
    /// Its epoch.
    pub producer_epoch: i16,
    /// `transaction.timeout.ms` of the producer.
    pub timeout_ms: u64,
    /// Where it stands.
    pub state: TransactionState,
    /// Its partitions, while it is open or being ended.
    pub partitions: BTreeSet<TopicPartition>,
    /// When this was written, ms since 1970.
    pub last_update_timestamp_ms: i64,
    /// When its first partition was added, ms since 1970; -1 without.
    pub start_timestamp_ms: i64,
}

/// Reads a record of `__transaction_state`; `None` if it is none.
pub fn decode(key: &[u8], value: Option<&[u8]>) -> Option<TransactionRecord> {
    let mut key = Reader(key);
    if key.i16()? != 0 {
        return None;
    }
    let transactional_id = key.string()?.into();
    let value = match value {
        Some(value) => Some(decode_value(value)?),
        None => None,
    };
    Some(TransactionRecord { transactional_id, value })
}

fn decode_value(value: &[u8]) -> Option<TransactionValue> {
    let mut value = Reader(value);
    let _version = value.i16()?;
    let (producer_id, producer_epoch) = (value.i64()?, value.i16()?);
    let timeout_ms = u64::try_from(value.i32()?).ok()?;
    let state = TransactionState::of(value.i8()?)?;
    let topics = value.nullable_array(|value| {
        let topic = Name::from(value.string()?);
        Some((topic, value.array(Reader::i32)?))
    })?;
    let mut partitions = BTreeSet::new();
    for (topic, numbers) in topics.unwrap_or_default() {
        partitions.extend(numbers.into_iter().map(|number| TopicPartition::new(topic.clone(), number)));
    }
    Some(TransactionValue {
        producer_id,
        producer_epoch,
        timeout_ms,
        state,
        partitions,
        last_update_timestamp_ms: value.i64()?,
        start_timestamp_ms: value.i64()?,
    })
}

fn key(id: &str) -> Rc<[u8]> {
    Writer::default().i16(0).string(id).end().into()
}

/// The record of a change.
pub(super) fn record(id: &str, transit: &TxnTransit) -> KeyValue {
    let mut topics: Vec<(&Name, Vec<i32>)> = Vec::new();
    for tp in &transit.partitions {
        match topics.last_mut() {
            Some((topic, numbers)) if *topic == &tp.topic => numbers.push(tp.partition),
            _ => topics.push((&tp.topic, vec![tp.partition])),
        }
    }
    // An empty transaction has no list of partitions at all.
    let listed = (transit.state != TransactionState::Empty).then_some(&topics[..]);
    let value = Writer::default()
        .i16(0)
        .i64(transit.producer_id)
        .i16(transit.producer_epoch)
        .i32(i32::try_from(transit.timeout_ms).unwrap_or(i32::MAX))
        .i8(transit.state.id())
        .nullable_array(listed, |writer, (topic, numbers)| {
            writer.string(topic).array(numbers, |writer, number| writer.i32(*number))
        })
        .i64(transit.last_update_timestamp_ms)
        .i64(transit.start_timestamp_ms)
        .end();
    (Some(key(id)), Some(value.into()))
}

/// The record that deletes an id.
pub(super) fn tombstone(id: &str) -> KeyValue {
    (Some(key(id)), None)
}

/// The id as a record has it.
pub(super) fn restore(id: Name, value: TransactionValue) -> TransactionMetadata {
    let mut metadata =
        TransactionMetadata::new(id, value.producer_id, value.timeout_ms, value.last_update_timestamp_ms);
    metadata.producer_epoch = value.producer_epoch;
    metadata.state = value.state;
    metadata.partitions = value.partitions;
    metadata.start_timestamp_ms = value.start_timestamp_ms;
    metadata
}
