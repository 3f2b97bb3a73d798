//! The hash that chooses a key's partition (`Utils.murmur2`, `BuiltInPartitioner.partitionForKey`).

/// murmur2 of 32 bits with Kafka's seed, as Java's `int`.
pub fn murmur2(bytes: &[u8]) -> i32 {
    const SEED: u32 = 0x9747_b28c;
    const M: u32 = 0x5bd1_e995;
    const R: u32 = 24;
    let mut hash = SEED ^ bytes.len() as u32;
    let mut blocks = bytes.chunks_exact(4);
    for block in &mut blocks {
        let mut k = block.iter().rev().fold(0u32, |k, byte| k << 8 | u32::from(*byte));
        k = k.wrapping_mul(M);
        k ^= k >> R;
        k = k.wrapping_mul(M);
        hash = hash.wrapping_mul(M) ^ k;
    }
    let tail = blocks.remainder();
    if !tail.is_empty() {
        hash ^= tail.iter().rev().fold(0u32, |k, byte| k << 8 | u32::from(*byte));
        hash = hash.wrapping_mul(M);
    }
    hash ^= hash >> 13;
    hash = hash.wrapping_mul(M);
    hash ^= hash >> 15;
    hash as i32
}

/// The partition of a key among `partitions`, available or not; 0 where there are none.
pub fn partition_for_key(key: &[u8], partitions: usize) -> i32 {
    let positive = murmur2(key) & 0x7fff_ffff;
    i32::try_from(partitions).ok().and_then(|count| positive.checked_rem(count)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_as_kafka_does() {
        for (key, hash) in [
            (b"".as_slice(), 275_646_681),
            (b"a", -1_563_381_124),
            (b"ab", 316_155_434),
            (b"abc", 479_470_107),
            (b"21", -973_932_308),
            (b"foobar", -790_332_482),
            ("über".as_bytes(), -1_718_265_917),
            (&[0xff, 0xff, 0xff, 0xff], 644_171_429),
            (&[0x80], 857_690_492),
        ] {
            assert_eq!(murmur2(key), hash, "{key:?}");
        }
        assert_eq!(partition_for_key(b"truck-1", 3), 0);
        assert_eq!(partition_for_key(b"x", 0), 0);
    }
}
