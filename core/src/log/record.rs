//! Records and record batches, magic 2 (`DefaultRecordBatch`, `DefaultRecord`; KIP-98). Their bytes
//! are written in `batch_bytes`.

use std::rc::Rc;

use super::{Compression, digest_of};
use crate::collections::mix;
use crate::ids::Name;

/// Bytes before the records of a batch (`DefaultRecordBatch.RECORD_BATCH_OVERHEAD`).
pub const BATCH_OVERHEAD_BYTES: u64 = 61;

/// One record.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Record {
    /// Offset relative to the batch's base offset.
    pub offset_delta: i32,
    /// When its producer made it, ms since 1970; [`RecordBatch::timestamp_of`] says which time counts.
    pub timestamp_ms: i64,
    /// `None` for a record without key.
    pub key: Option<Rc<[u8]>>,
    /// `None` for a tombstone.
    pub value: Option<Rc<[u8]>>,
    /// What an application adds beside key and value (KIP-82).
    pub headers: Vec<(Name, Option<Rc<[u8]>>)>,
    /// What [`Self::identity`] gives.
    identity: u64,
}

/// A batch: the unit of appending, replicating and idempotence.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RecordBatch {
    /// Offset of the first record; a producer sends 0, the leader assigns.
    pub base_offset: i64,
    /// Offset of the last record relative to the base; kept by compaction.
    pub last_offset_delta: i32,
    /// The leader epoch at the append; -1 until then.
    pub partition_leader_epoch: i32,
    /// -1 for none.
    pub producer_id: i64,
    /// -1 for none.
    pub producer_epoch: i16,
    /// -1 for none.
    pub base_sequence: i32,
    /// Part of a transaction.
    pub is_transactional: bool,
    /// A transaction marker.
    pub is_control: bool,
    /// The leader stamped the batch: all its records have the time `max_timestamp_ms`.
    pub log_append_time: bool,
    /// How the records are compressed.
    pub compression: Compression,
    /// Bytes of the records as they are compressed; `None` if they are not.
    pub compressed_bytes: Option<u64>,
    /// From when on the log cleaner may drop the batch's tombstones or its transaction marker, ms since
    /// 1970; `None` until a first cleaning has seen one (KIP-534).
    pub delete_horizon_ms: Option<i64>,
    /// Greatest timestamp of the records, ms since 1970.
    pub max_timestamp_ms: i64,
    /// The records.
    pub records: Vec<Record>,
}

impl RecordBatch {
    /// A batch of (key, value, timestamp) records without producer id, offsets counted from 0.
    pub fn new(records: Vec<(Option<Rc<[u8]>>, Option<Rc<[u8]>>, i64)>) -> Self {
        let max_timestamp_ms = records.iter().map(|record| record.2).max().unwrap_or(-1);
        let records: Vec<Record> = records
            .into_iter()
            .zip(0..)
            .map(|((key, value, timestamp_ms), offset_delta)| Record {
                offset_delta,
                timestamp_ms,
                identity: digest_of(key.as_deref(), value.as_deref()),
                key,
                value,
                headers: Vec::new(),
            })
            .collect();
        Self {
            base_offset: 0,
            last_offset_delta: records.len() as i32 - 1,
            partition_leader_epoch: -1,
            producer_id: -1,
            producer_epoch: -1,
            base_sequence: -1,
            is_transactional: false,
            is_control: false,
            log_append_time: false,
            compression: Compression::None,
            compressed_bytes: None,
            delete_horizon_ms: None,
            max_timestamp_ms,
            records,
        }
    }

    /// Offset of the last record.
    pub fn last_offset(&self) -> i64 {
        self.base_offset + i64::from(self.last_offset_delta)
    }

    /// The offset that follows the last record.
    pub fn next_offset(&self) -> i64 {
        self.last_offset() + 1
    }

    /// Sequence of the last record, wrapping as Kafka's does; -1 without producer id.
    pub fn last_sequence(&self) -> i32 {
        if self.base_sequence < 0 {
            return -1;
        }
        let last = i64::from(self.base_sequence) + i64::from(self.last_offset_delta);
        (last % (1 << 31)) as i32
    }

    /// The timestamp that the records' own are written relative to; it makes place for the delete
    /// horizon, which is why a batch grows a little when it gets one. -1 in an empty batch.
    pub fn base_timestamp_ms(&self) -> i64 {
        self.delete_horizon_ms.or(self.records.first().map(|record| record.timestamp_ms)).unwrap_or(-1)
    }

    /// A record's timestamp as readers, retention and the search by time see it.
    pub fn timestamp_of(&self, record: &Record) -> i64 {
        if self.log_append_time { self.max_timestamp_ms } else { record.timestamp_ms }
    }

    /// A record's offset.
    pub fn offset_of(&self, record: &Record) -> i64 {
        self.base_offset + i64::from(record.offset_delta)
    }

    /// Bytes on disk and on the wire.
    pub fn size_in_bytes(&self) -> u64 {
        if let Some(compressed_bytes) = self.compressed_bytes {
            return BATCH_OVERHEAD_BYTES + compressed_bytes;
        }
        let base_timestamp = self.base_timestamp_ms();
        BATCH_OVERHEAD_BYTES + self.records.iter().map(|record| record.size_in_bytes(base_timestamp)).sum::<u64>()
    }
}

impl Record {
    /// Which record it is, whatever offset it gets and however many others say the same: a number made of what it says
    /// ([`digest_of`]) and of who gave it to `send()`, [`Self::set_origin`]. No broker knows it; Kafka has nothing like
    /// it.
    pub fn identity(&self) -> u64 {
        self.identity
    }

    /// It is the one that `origin`, a number for one call of one producer, stands for. To be said once: it is made of
    /// what the record says until then.
    pub fn set_origin(&mut self, origin: u64) {
        self.identity = mix(origin, self.identity);
    }

    /// Bytes of the record with its length field, in a batch that begins at `base_timestamp_ms`.
    pub fn size_in_bytes(&self, base_timestamp_ms: i64) -> u64 {
        let body = self.body_bytes(base_timestamp_ms);
        varint_bytes(body as i64) + body
    }

    /// Bytes of the record without its length field.
    pub(super) fn body_bytes(&self, base_timestamp_ms: i64) -> u64 {
        let text = |length: usize| varint_bytes(length as i64) + length as u64;
        let field = |bytes: &Option<Rc<[u8]>>| bytes.as_ref().map_or(varint_bytes(-1), |bytes| text(bytes.len()));
        let headers: u64 = self.headers.iter().map(|(name, value)| text(name.len()) + field(value)).sum();
        1 + varint_bytes(self.timestamp_ms.wrapping_sub(base_timestamp_ms))
            + varint_bytes(i64::from(self.offset_delta))
            + field(&self.key)
            + field(&self.value)
            + varint_bytes(self.headers.len() as i64)
            + headers
    }
}

/// Bytes of a zig-zag varint.
pub fn varint_bytes(value: i64) -> u64 {
    let zigzag = ((value << 1) ^ (value >> 63)) as u64;
    u64::from((64 - zigzag.leading_zeros()).max(1).div_ceil(7))
}
