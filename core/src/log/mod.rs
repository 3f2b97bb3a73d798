//! A partition's log as a pure data structure (`kafka/01`).

mod record;

pub use record::{BATCH_OVERHEAD_BYTES, Record, RecordBatch, varint_bytes};
