//! What a record says as a number, to tell records apart that lie at the same offset of different histories.

fn mix(digest: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(digest, |digest, byte| (digest ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

/// The digest of a record's key and value.
pub fn digest_of(key: Option<&[u8]>, value: Option<&[u8]>) -> u64 {
    let key = mix(0xcbf2_9ce4_8422_2325, key.unwrap_or(b"\0null"));
    mix(key, value.unwrap_or(b"\0null"))
}
