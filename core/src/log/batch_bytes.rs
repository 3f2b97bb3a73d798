//! A batch as it lies on disk and goes over the wire (`DefaultRecordBatch.writeHeader`,
//! `DefaultRecord.writeTo`, `ByteUtils`, `Crc32C`). Leaves out reading: the simulation passes batches
//! on as they are.

use super::{BATCH_OVERHEAD_BYTES, Record, RecordBatch};

/// `magic` of every batch since Kafka 0.11.
const MAGIC: u8 = 2;
/// The field that the CRC does not cover ends here; what follows is covered.
const ATTRIBUTES_AT: usize = 21;
/// Where the CRC stands.
const CRC_AT: usize = 17;

const LOG_APPEND_TIME: i16 = 1 << 3;
const TRANSACTIONAL: i16 = 1 << 4;
const CONTROL: i16 = 1 << 5;
const DELETE_HORIZON: i16 = 1 << 6;

impl RecordBatch {
    /// The bytes of the records, not compressed.
    pub(super) fn plain_records(&self) -> Vec<u8> {
        let base_timestamp_ms = self.base_timestamp_ms();
        let mut bytes = Vec::new();
        for record in &self.records {
            write_record(&mut bytes, record, base_timestamp_ms);
        }
        bytes
    }

    /// The batch's bytes as they are without compression, CRC-32C included.
    pub fn to_bytes(&self) -> Vec<u8> {
        let size = self.size_in_bytes();
        let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0));
        bytes.extend(self.base_offset.to_be_bytes());
        bytes.extend((size as i32 - 12).to_be_bytes());
        bytes.extend(self.partition_leader_epoch.to_be_bytes());
        bytes.push(MAGIC);
        bytes.extend([0; 4]);
        bytes.extend(self.attributes().to_be_bytes());
        bytes.extend(self.last_offset_delta.to_be_bytes());
        let base_timestamp_ms = self.base_timestamp_ms();
        bytes.extend(base_timestamp_ms.to_be_bytes());
        bytes.extend(self.max_timestamp_ms.to_be_bytes());
        bytes.extend(self.producer_id.to_be_bytes());
        bytes.extend(self.producer_epoch.to_be_bytes());
        bytes.extend(self.base_sequence.to_be_bytes());
        bytes.extend((self.records.len() as i32).to_be_bytes());
        debug_assert_eq!(bytes.len() as u64, BATCH_OVERHEAD_BYTES);
        for record in &self.records {
            write_record(&mut bytes, record, base_timestamp_ms);
        }
        let crc = crc32c(&bytes[ATTRIBUTES_AT..]);
        bytes[CRC_AT..ATTRIBUTES_AT].copy_from_slice(&crc.to_be_bytes());
        bytes
    }

    /// Its CRC-32C.
    pub fn crc(&self) -> u32 {
        let bytes = self.to_bytes();
        bytes.get(CRC_AT..).and_then(|bytes| bytes.first_chunk()).map_or(0, |bytes| u32::from_be_bytes(*bytes))
    }

    fn attributes(&self) -> i16 {
        let bit = |set: bool, bit: i16| if set { bit } else { 0 };
        bit(self.log_append_time, LOG_APPEND_TIME)
            | bit(self.is_transactional, TRANSACTIONAL)
            | bit(self.is_control, CONTROL)
            | bit(self.delete_horizon_ms.is_some(), DELETE_HORIZON)
    }
}

fn write_record(bytes: &mut Vec<u8>, record: &Record, base_timestamp_ms: i64) {
    write_varlong(bytes, record.body_bytes(base_timestamp_ms) as i64);
    bytes.push(0);
    write_varlong(bytes, record.timestamp_ms.wrapping_sub(base_timestamp_ms));
    write_varlong(bytes, i64::from(record.offset_delta));
    write_field(bytes, record.key.as_deref());
    write_field(bytes, record.value.as_deref());
    write_varlong(bytes, record.headers.len() as i64);
    for (name, value) in &record.headers {
        write_field(bytes, Some(name.as_bytes()));
        write_field(bytes, value.as_deref());
    }
}

fn write_field(bytes: &mut Vec<u8>, field: Option<&[u8]>) {
    write_varlong(bytes, field.map_or(-1, |field| field.len() as i64));
    bytes.extend(field.unwrap_or_default());
}

/// Zigzag: small numbers of either sign take few bytes. A varint is the same for what fits 32 bits.
pub fn write_varlong(bytes: &mut Vec<u8>, value: i64) {
    write_unsigned_varlong(bytes, ((value << 1) ^ (value >> 63)).cast_unsigned());
}

/// Seven bits a byte, the lowest first; the top bit says that more follow.
pub fn write_unsigned_varlong(bytes: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        bytes.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
}

/// CRC-32C (Castagnoli), bit by bit: nothing of the simulation waits for it.
pub fn crc32c(bytes: &[u8]) -> u32 {
    const POLYNOMIAL: u32 = 0x82f6_3b78;
    let mut crc = !0_u32;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = (crc >> 1) ^ if crc & 1 == 1 { POLYNOMIAL } else { 0 };
        }
    }
    !crc
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 3720, B.4.
    #[test]
    fn the_check_value_of_castagnolis_polynomial() {
        assert_eq!(crc32c(b"123456789"), 0xe306_9283);
        assert_eq!(crc32c(&[0; 32]), 0x8a91_36aa);
    }

    /// A delete horizon takes the place of the base timestamp, so the record's own is written further away.
    #[test]
    fn a_delete_horizon_is_written_where_the_base_timestamp_was() {
        let mut batch = RecordBatch::new(vec![(Some(std::rc::Rc::from(&b"k1"[..])), None, 1_000_000)]);
        assert_eq!(batch.size_in_bytes(), 70);
        batch.delete_horizon_ms = Some(1_006_000);
        assert_eq!(batch.size_in_bytes(), 71);
        let bytes = batch.to_bytes();
        assert_eq!(bytes.len(), 71);
        assert_eq!(bytes[22], 1 << 6);
        assert_eq!(bytes[27..35], 1_006_000_i64.to_be_bytes());
    }
}
