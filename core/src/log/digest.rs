//! What a record says as a number, to tell records apart that lie at the same offset of different histories.

use crate::collections::mix;

/// Eight bytes at a time: whatever a record says goes through here several times, in the log, at every consumer and in
/// the ledger.
fn told(digest: u64, bytes: Option<&[u8]>) -> u64 {
    let Some(bytes) = bytes else { return mix(digest, u64::MAX) };
    let (words, rest) = bytes.as_chunks::<8>();
    let rest = rest.iter().fold(0, |word, byte| word << 8 | u64::from(*byte));
    let digest = mix(digest, bytes.len() as u64);
    mix(words.iter().fold(digest, |digest, word| mix(digest, u64::from_le_bytes(*word))), rest)
}

/// The digest of a record's key and value.
pub fn digest_of(key: Option<&[u8]>, value: Option<&[u8]>) -> u64 {
    told(told(0xcbf2_9ce4_8422_2325, key), value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_said_otherwise_is_another_number() {
        let texts: [Option<&[u8]>; 9] = [
            None,
            Some(b""),
            Some(b"\0"),
            Some(b"\0\0"),
            Some(b"12345678"),
            Some(b"12345678\0"),
            Some(b"123456789"),
            Some(b"923456781"),
            Some(b"\xff\xff\xff\xff\xff\xff\xff\xff"),
        ];
        let mut all: Vec<u64> = texts.iter().flat_map(|key| texts.map(|value| digest_of(*key, value))).collect();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 81);
    }
}
