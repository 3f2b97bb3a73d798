//! How long a block of LZ4 becomes (`LZ4_compress_default` of the native library that Kafka's clients and
//! brokers carry, for blocks of at most 64 KiB): the fast search by hashes of four bytes. Only lengths are
//! counted, nothing is written.

/// A match has at least so many bytes.
const MIN_MATCH: usize = 4;
/// No match begins in so many bytes at the end, nor goes into the last ones.
const MATCH_LIMIT: usize = 12;
const LAST_LITERALS: usize = 5;
const HASH_BITS: u32 = 13;
/// After so many misses, as a power of two, the search takes longer steps.
const SKIP_TRIGGER: u32 = 6;

/// Bytes of the compressed block.
pub fn lz4_block_bytes(block: &[u8]) -> u64 {
    let mut search = Search { block, table: vec![0; 1 << HASH_BITS] };
    let (mut bytes, mut anchor) = (0, 0);
    if block.len() > MATCH_LIMIT {
        while let Some((from, to)) = search.next_match(anchor) {
            bytes += literals(from - anchor);
            anchor = search.end_of_match(from, to, &mut bytes);
        }
    }
    (bytes + literals(block.len() - anchor)) as u64
}

/// A token and the literals behind it, with the bytes of their number.
fn literals(count: usize) -> usize {
    1 + more(count) + count
}

/// Bytes for what does not fit into the four bits of a token.
fn more(count: usize) -> usize {
    if count < 15 { 0 } else { (count - 15) / 255 + 1 }
}

struct Search<'a> {
    block: &'a [u8],
    table: Vec<u16>,
}

impl Search<'_> {
    fn four(&self, at: usize) -> u32 {
        let bytes = self.block.get(at..at + 4).and_then(|bytes| bytes.try_into().ok());
        bytes.map_or(0, u32::from_le_bytes)
    }

    fn hash(&self, at: usize) -> usize {
        usize::try_from(self.four(at).wrapping_mul(2_654_435_761) >> (32 - HASH_BITS)).unwrap_or(0)
    }

    /// Puts a place into the table; gives the one that stood there.
    fn note(&mut self, at: usize) -> usize {
        let hash = self.hash(at);
        let place = u16::try_from(at).unwrap_or(u16::MAX);
        self.table.get_mut(hash).map_or(0, |known| usize::from(std::mem::replace(known, place)))
    }

    /// The next match behind `anchor`: where it begins, and where the same stood before.
    fn next_match(&mut self, anchor: usize) -> Option<(usize, usize)> {
        let last = self.block.len() - MATCH_LIMIT + 1;
        if anchor >= last {
            return None;
        }
        // At the anchor itself a match was looked for already.
        if anchor == 0 {
            self.note(0);
        }
        let (mut at, mut tries) = (anchor + 1, 1_usize << SKIP_TRIGGER);
        let mut step = 1;
        loop {
            let next = at + step;
            step = tries >> SKIP_TRIGGER;
            tries += 1;
            if next > last {
                return None;
            }
            let known = self.note(at);
            if self.four(known) == self.four(at) {
                return Some(self.catch_up(anchor, at, known));
            }
            at = next;
        }
    }

    /// The match may have begun earlier.
    fn catch_up(&self, anchor: usize, mut at: usize, mut known: usize) -> (usize, usize) {
        while at > anchor && known > 0 && self.block.get(at - 1) == self.block.get(known - 1) {
            at -= 1;
            known -= 1;
        }
        (at, known)
    }

    /// Counts a match and those that follow it without literals; gives where literals begin again.
    fn end_of_match(&mut self, mut at: usize, mut known: usize, bytes: &mut usize) -> usize {
        let limit = self.block.len() - LAST_LITERALS;
        loop {
            let from = at + MIN_MATCH;
            let same = (from..limit).take_while(|&place| self.block.get(place) == self.block.get(place - at + known));
            let length = same.count();
            *bytes += 2 + more(length);
            at = from + length;
            if at > self.block.len() - MATCH_LIMIT {
                return at;
            }
            self.note(at - 2);
            known = self.note(at);
            if self.four(known) != self.four(at) {
                return at;
            }
            *bytes += 1;
        }
    }
}
