//! A partition's log as a pure data structure (`kafka/01`): batches in segments, the offsets that
//! matter, leader epochs and producers. It knows nothing of brokers, time or the network.

mod append;
mod batch_bytes;
mod cleaner;
mod cleaner_manager;
mod compression;
mod config;
mod digest;
mod dir_name;
mod leader_epoch_cache;
mod lz4_block;
mod marker;
mod producer_state;
mod record;
mod removed;
mod retention;
mod segment;
#[cfg(test)]
mod tests;
mod transaction_index;
mod unified;

pub use append::{AppendInfo, AppendRefused};
pub use batch_bytes::{crc32c, write_unsigned_varlong, write_varlong};
pub use cleaner::CleanerStats;
pub use cleaner_manager::LogToClean;
pub use compression::Compression;
pub use config::LogConfig;
pub use digest::digest_of;
pub use dir_name::{log_dir_name, parse_log_dir_name};
pub use leader_epoch_cache::{EpochEntry, LeaderEpochCache, UNDEFINED};
pub use marker::EndTransactionMarker;
pub use producer_state::{
    AppendOrigin, BatchMetadata, CompletedTxn, ProducerState, ProducerStateEntry, Verification, decrement_sequence,
    increment_sequence,
};
pub use record::{BATCH_OVERHEAD_BYTES, Record, RecordBatch, varint_bytes};
pub use removed::RemovedRecord;
pub use segment::{Segment, segment_file};
pub use transaction_index::{AbortedTxn, TransactionIndex};
pub use unified::Log;
