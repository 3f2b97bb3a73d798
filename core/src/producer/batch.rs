//! A batch while it is the producer's (`ProducerBatch`, `MemoryRecordsBuilder`).

use std::rc::Rc;

use super::Headers;
use crate::ids::{Name, TopicPartition};
use crate::log::{BATCH_OVERHEAD_BYTES, Compression, RecordBatch, varint_bytes};
use crate::time::SimTime;

/// Bytes of a record beside key, value and their lengths, at the most (`DefaultRecord.MAX_RECORD_OVERHEAD`).
const MAX_RECORD_OVERHEAD_BYTES: u64 = 21;

/// The whole of a share in millionths.
pub const RATIO_ONE: u64 = 1_000_000;

/// A batch's number within its producer.
pub type BatchId = u64;

/// A record in a batch.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BatchRecord {
    /// Its ticket.
    pub ticket: u64,
    /// Which call of `send()` it is from, among those of all producers.
    pub origin: u64,
    /// When `send()` took it, ms since 1970.
    pub timestamp_ms: i64,
    /// `None` for a record without key.
    pub key: Option<Name>,
    /// `None` for a tombstone.
    pub value: Option<Name>,
    /// What the application adds.
    pub headers: Headers,
}

fn bytes_of(text: &Option<Name>) -> Option<Rc<[u8]>> {
    text.as_ref().map(|text| Rc::from(text.as_bytes()))
}

fn field_bytes(field: Option<&Name>) -> u64 {
    field.map_or(varint_bytes(-1), |text| varint_bytes(text.len() as i64) + text.len() as u64)
}

/// The most bytes that a batch of this one record may take; sizes buffers and is held against
/// `max.request.size` (`AbstractRecords.estimateSizeInBytesUpperBound`).
pub fn size_upper_bound(key: Option<&Name>, value: Option<&Name>, headers: &Headers) -> u64 {
    let fields = field_bytes(key) + field_bytes(value) + headers_bytes(headers);
    BATCH_OVERHEAD_BYTES + MAX_RECORD_OVERHEAD_BYTES + fields
}

fn headers_bytes(headers: &Headers) -> u64 {
    let each = headers.iter().map(|(name, value)| field_bytes(Some(name)) + field_bytes(value.as_ref()));
    varint_bytes(headers.len() as i64) + each.sum::<u64>()
}

/// Records on their way to one partition.
#[derive(Clone, Debug)]
pub struct ProducerBatch {
    /// Its number.
    pub id: BatchId,
    /// Where it goes.
    pub tp: TopicPartition,
    /// `delivery.timeout.ms` counts from here.
    pub created_at: SimTime,
    /// `linger.ms` counts from here: the creation, or the last failure.
    pub last_attempt_at: SimTime,
    /// Failures so far.
    pub attempts: u32,
    /// It was put back into the queue.
    pub in_retry: bool,
    /// Back-off ends.
    pub retry_at: SimTime,
    /// No record comes in any more.
    pub closed: bool,
    /// Its records' futures are completed.
    pub done: bool,
    /// It is in a request that is not answered.
    pub in_request: bool,
    /// -1 without.
    pub producer_id: i64,
    /// -1 without.
    pub producer_epoch: i16,
    /// -1 before a sequence is given.
    pub base_sequence: i32,
    /// Its sequence was given anew after an epoch bump.
    pub sequence_has_been_reset: bool,
    /// The leader's epoch when it was last looked at, and the attempts when that last changed.
    pub leader_epoch: Option<i32>,
    /// See `leader_epoch`.
    pub attempts_at_new_leader: Option<u32>,
    records: Rc<Vec<BatchRecord>>,
    compression: Compression,
    /// To what share compression is expected to bring the records, in millionths.
    expected_ratio: u64,
    /// Bytes of the records without compression.
    plain_bytes: u64,
    /// Bytes of the closed batch.
    built_bytes: Option<u64>,
    allocated_bytes: u64,
}

impl ProducerBatch {
    /// An empty batch with a buffer of `allocated_bytes`.
    pub fn new(id: BatchId, tp: TopicPartition, now: SimTime, allocated_bytes: u64) -> Self {
        Self {
            id,
            tp,
            created_at: now,
            last_attempt_at: now,
            attempts: 0,
            in_retry: false,
            retry_at: SimTime::ZERO,
            closed: false,
            done: false,
            in_request: false,
            producer_id: -1,
            producer_epoch: -1,
            base_sequence: -1,
            sequence_has_been_reset: false,
            leader_epoch: None,
            attempts_at_new_leader: None,
            records: Rc::new(Vec::new()),
            compression: Compression::None,
            expected_ratio: RATIO_ONE,
            plain_bytes: 0,
            built_bytes: None,
            allocated_bytes,
        }
    }

    /// Its records.
    pub fn records(&self) -> &[BatchRecord] {
        &self.records
    }

    /// How many records it has.
    pub fn record_count(&self) -> i32 {
        i32::try_from(self.records.len()).unwrap_or(i32::MAX)
    }

    /// Compresses its records, to this share of their bytes as far as one knows (millionths).
    #[must_use]
    pub fn with_compression(mut self, compression: Compression, expected_ratio: u64) -> Self {
        (self.compression, self.expected_ratio) = (compression, expected_ratio);
        self
    }

    /// Bytes as it will be sent; of an open one with compression what is expected
    /// (`MemoryRecordsBuilder.estimatedBytesWritten`).
    pub fn size_in_bytes(&self) -> u64 {
        if let Some(built_bytes) = self.built_bytes {
            return built_bytes;
        }
        let records = match self.compression {
            Compression::None => self.plain_bytes,
            // Five in a hundred more than expected.
            _ => self.plain_bytes * self.expected_ratio / RATIO_ONE * 105 / 100,
        };
        BATCH_OVERHEAD_BYTES + records
    }

    /// Takes no more records. Gives the share that compression brought them to, in millionths, if there
    /// is any and it was not known.
    pub fn close(&mut self) -> Option<u64> {
        self.closed = true;
        if self.built_bytes.is_some() {
            return None;
        }
        if self.compression == Compression::None {
            self.built_bytes = Some(self.size_in_bytes());
            return None;
        }
        let built_bytes = self.to_record_batch().size_in_bytes();
        self.built_bytes = Some(built_bytes);
        Some((built_bytes - BATCH_OVERHEAD_BYTES) * RATIO_ONE / self.plain_bytes.max(1))
    }

    /// Bytes of `buffer.memory` that it holds.
    pub fn allocated_bytes(&self) -> u64 {
        self.allocated_bytes
    }

    /// No further record fits (`MemoryRecordsBuilder.isFull`).
    pub fn is_full(&self) -> bool {
        self.closed || (!self.records.is_empty() && self.allocated_bytes <= self.size_in_bytes())
    }

    fn size_of_next(&self, record: &BatchRecord) -> u64 {
        let base_timestamp_ms = self.records.first().map_or(record.timestamp_ms, |first| first.timestamp_ms);
        let body = 1
            + varint_bytes(record.timestamp_ms - base_timestamp_ms)
            + varint_bytes(i64::from(self.record_count()))
            + field_bytes(record.key.as_ref())
            + field_bytes(record.value.as_ref())
            + headers_bytes(&record.headers);
        varint_bytes(body as i64) + body
    }

    /// True if the record can be taken in; a first record always can (`MemoryRecordsBuilder.hasRoomFor`).
    pub fn has_room_for(&self, record: &BatchRecord) -> bool {
        let fits = self.records.is_empty() || self.allocated_bytes >= self.size_in_bytes() + self.size_of_next(record);
        !self.is_full() && fits
    }

    /// Takes a record in; without room it comes back.
    pub fn try_append(&mut self, record: BatchRecord) -> Result<(), BatchRecord> {
        if !self.has_room_for(&record) {
            return Err(record);
        }
        self.plain_bytes += self.size_of_next(&record);
        Rc::make_mut(&mut self.records).push(record);
        Ok(())
    }

    /// True if it was given a sequence.
    pub fn has_sequence(&self) -> bool {
        self.base_sequence >= 0
    }

    /// Sequence of its last record, wrapping as Kafka's does.
    pub fn last_sequence(&self) -> i32 {
        add_sequence(self.base_sequence, self.record_count() - 1)
    }

    /// Gives it an identity and a sequence.
    pub fn set_producer_state(&mut self, producer_id: i64, producer_epoch: i16, base_sequence: i32) {
        self.producer_id = producer_id;
        self.producer_epoch = producer_epoch;
        self.base_sequence = base_sequence;
    }

    /// Sees who leads now; a retry need not wait if that has changed (KIP-951).
    pub fn see_leader(&mut self, leader_epoch: i32) {
        if self.leader_epoch.is_none_or(|known| known < leader_epoch) {
            self.attempts_at_new_leader = Some(self.attempts);
            self.leader_epoch = Some(leader_epoch);
        }
    }

    /// True while a retry must still wait.
    pub fn is_backing_off(&self, now: SimTime) -> bool {
        self.attempts > 0 && self.attempts_at_new_leader != Some(self.attempts) && now < self.retry_at
    }

    /// As it is sent.
    pub fn to_record_batch(&self) -> RecordBatch {
        let records =
            self.records.iter().map(|record| (bytes_of(&record.key), bytes_of(&record.value), record.timestamp_ms));
        let mut batch = RecordBatch {
            producer_id: self.producer_id,
            producer_epoch: self.producer_epoch,
            base_sequence: self.base_sequence,
            ..RecordBatch::new(records.collect())
        };
        for (record, own) in batch.records.iter_mut().zip(self.records.iter()) {
            record.set_origin(own.origin);
            record.headers = own.headers.iter().map(|(name, value)| (name.clone(), bytes_of(value))).collect();
        }
        batch.compressed(self.compression)
    }
}

/// `DefaultRecordBatch.incrementSequence`: after 2147483647 comes 0.
pub fn add_sequence(sequence: i32, increment: i32) -> i32 {
    let sum = i64::from(sequence) + i64::from(increment);
    (sum.rem_euclid(1 << 31)) as i32
}
