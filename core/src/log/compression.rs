//! How a batch's records are compressed (`CompressionType`): the sizes are those of real encoders in the
//! frames that Kafka writes around them. Leaves out levels, and decompression: records stay readable.

use std::fmt;

use miniz_oxide::deflate::core::{
    CompressionStrategy, CompressorOxide, TDEFLFlush, compress_to_output, create_comp_flags_from_zip_params,
};

use super::RecordBatch;
use super::lz4_block::lz4_block_bytes;

/// Bytes of gzip's header and trailer (`GZIPOutputStream`).
const GZIP_FRAME_BYTES: u64 = 18;
/// Level that Java's `Deflater` uses by default.
const GZIP_LEVEL: i32 = 6;
/// A raw stream, without zlib's header.
const RAW_STREAM: i32 = 0;
/// Bytes before the blocks (`SnappyOutputStream`), and of the length before each.
const SNAPPY_HEADER_BYTES: u64 = 16;
const BLOCK_LENGTH_BYTES: u64 = 4;
/// `SnappyOutputStream`'s block.
const SNAPPY_BLOCK_BYTES: usize = 32 << 10;
/// Magic, descriptor and its checksum, and the mark at the end (`Lz4BlockOutputStream`).
const LZ4_FRAME_BYTES: u64 = 11;
/// `Lz4BlockOutputStream`'s block.
const LZ4_BLOCK_BYTES: usize = 64 << 10;
/// Magic, descriptor, a block's header and the empty last block.
const ZSTD_FRAME_BYTES: u64 = 12;

/// `compression.type` of a batch.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Compression {
    /// As they are.
    #[default]
    None,
    /// gzip
    Gzip,
    /// Snappy
    Snappy,
    /// LZ4
    Lz4,
    /// Zstandard
    Zstd,
}

impl Compression {
    const ALL: [Self; 5] = [Self::None, Self::Gzip, Self::Snappy, Self::Lz4, Self::Zstd];

    /// By the name that a producer's or a topic's `compression.type` has; `None` for `producer`.
    pub fn named(name: &str) -> Option<Self> {
        let name = if name == "uncompressed" { "none" } else { name };
        Self::ALL.into_iter().find(|compression| compression.name() == name)
    }

    /// Its name in configs and tools.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Gzip => "gzip",
            Self::Snappy => "snappy",
            Self::Lz4 => "lz4",
            Self::Zstd => "zstd",
        }
    }

    /// Its number in the attributes of a batch.
    pub const fn id(self) -> i16 {
        match self {
            Self::None => 0,
            Self::Gzip => 1,
            Self::Snappy => 2,
            Self::Lz4 => 3,
            Self::Zstd => 4,
        }
    }

    /// How many bytes these become.
    pub fn size_of(self, plain: &[u8]) -> u64 {
        match self {
            Self::None => plain.len() as u64,
            Self::Gzip => GZIP_FRAME_BYTES + deflate(plain),
            Self::Snappy => SNAPPY_HEADER_BYTES + blocks(plain, SNAPPY_BLOCK_BYTES, snappy),
            Self::Lz4 => LZ4_FRAME_BYTES + blocks(plain, LZ4_BLOCK_BYTES, lz4),
            // Simplified: there is no Zstandard encoder for WebAssembly that comes near Kafka's; deflate
            // comes within a dozen bytes of it for short batches.
            Self::Zstd => ZSTD_FRAME_BYTES + deflate(plain).min(plain.len() as u64),
        }
    }
}

fn blocks(plain: &[u8], block_bytes: usize, size_of: fn(&[u8]) -> u64) -> u64 {
    plain.chunks(block_bytes).map(|block| BLOCK_LENGTH_BYTES + size_of(block)).sum()
}

/// zlib takes the fixed codes where these are shorter than codes of the block's own.
fn deflate(plain: &[u8]) -> u64 {
    let with = |strategy: CompressionStrategy| {
        let flags = create_comp_flags_from_zip_params(GZIP_LEVEL, RAW_STREAM, strategy as i32);
        let mut written = 0;
        compress_to_output(&mut CompressorOxide::new(flags), plain, TDEFLFlush::Finish, |bytes| {
            written += bytes.len() as u64;
            true
        });
        written
    };
    with(CompressionStrategy::Default).min(with(CompressionStrategy::Fixed))
}

fn snappy(block: &[u8]) -> u64 {
    // A block is never too large for the encoder.
    snap::raw::Encoder::new().compress_vec(block).map_or(block.len(), |bytes| bytes.len()) as u64
}

fn lz4(block: &[u8]) -> u64 {
    // What does not become smaller is stored as it is.
    lz4_block_bytes(block).min(block.len() as u64)
}

impl fmt::Display for Compression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl RecordBatch {
    /// The batch with its records compressed like this, whatever they were before.
    #[must_use]
    pub fn compressed(mut self, compression: Compression) -> Self {
        self.compression = compression;
        self.compressed_bytes = match compression {
            Compression::None => None,
            _ => Some(compression.size_of(&self.plain_records())),
        };
        self
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::*;

    fn batch(values: &[String], key: Option<&str>) -> RecordBatch {
        let bytes = |text: &str| Some(Rc::from(text.as_bytes()));
        RecordBatch::new(values.iter().map(|value| (key.and_then(bytes), bytes(value), 7)).collect())
    }

    /// (records, sizes that a broker of Kafka 3.9.1 wrote: gzip, snappy, lz4, zstd)
    #[test]
    fn sizes_are_those_of_kafka_or_near() {
        let truck: Vec<String> = (40..48).map(|speed| format!("lat=52.5200 lon=13.4050 speed={speed}")).collect();
        let cases = [
            (batch(&truck, Some("truck-7")), [173, 197, 194, 169]),
            (batch(&["a".into()], None), [89, 91, 84, 81]),
            (batch(&["x".repeat(3000)], None), [108, 236, 106, 90]),
            (batch(&["x".repeat(1000)], None), [98, 143, 98, 90]),
            (batch(&["hello world".into()], None), [99, 101, 94, 91]),
        ];
        for (batch, kafka) in cases {
            for (compression, expected) in Compression::ALL.into_iter().skip(1).zip(kafka) {
                let size = batch.clone().compressed(compression).size_in_bytes();
                let off = size.abs_diff(expected);
                let near = match compression {
                    Compression::Zstd => 12,
                    // Of many records the times differ, as a broker sees them.
                    _ if batch.records.len() > 1 => 3,
                    _ => 0,
                };
                assert!(off <= near, "{compression}: {size} bytes instead of {expected}");
            }
        }
    }

    #[test]
    fn deflate_takes_the_fixed_codes_where_they_are_shorter() {
        // 95 bytes: recorded in the case `producer/compression`.
        let batch = batch(&["y".repeat(500)], None).compressed(Compression::Gzip);
        assert_eq!(batch.size_in_bytes(), 95);
    }

    #[test]
    fn a_batch_can_be_compressed_otherwise_and_not_at_all() {
        let plain = batch(&["y".repeat(500)], None);
        let size_in_bytes = plain.size_in_bytes();
        let gzip = plain.compressed(Compression::Gzip);
        assert!(gzip.size_in_bytes() < size_in_bytes / 4);
        assert_eq!(gzip.clone().compressed(Compression::Lz4).compression, Compression::Lz4);
        assert_eq!(gzip.compressed(Compression::None).size_in_bytes(), size_in_bytes);
    }

    #[test]
    fn names_are_those_of_the_configs() {
        assert_eq!(Compression::named("uncompressed"), Some(Compression::None));
        assert_eq!(Compression::named("zstd"), Some(Compression::Zstd));
        assert_eq!(Compression::named("producer"), None);
    }
}
