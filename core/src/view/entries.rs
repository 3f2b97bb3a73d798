//! The ledger as a view tells it: entries in chunks that views share, each with what its records come to. A run has
//! tens of thousands of records and there is a view for every frame: who wants sums does not go through them all.

use std::rc::Rc;

use super::{LedgerEntry, RecordFate};

/// Entries of a chunk; all chunks but the last are full.
pub(super) const CHUNK: usize = 128;

/// Sums of a ledger.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct LedgerSums {
    /// Records that producers were given.
    pub sent: u32,
    /// Acknowledged ones, lost ones included.
    pub acked: u32,
    /// Given to a consumer.
    pub read: u32,
    /// Acknowledged and no longer in the leader's log.
    pub lost: u32,
    /// In the log more than once.
    pub duplicated: u32,
    /// The producer was told that they failed.
    pub failed: u32,
}

impl LedgerSums {
    fn of(entries: &[Rc<LedgerEntry>]) -> Self {
        let mut sums = Self::default();
        for entry in entries {
            sums.sent += 1;
            sums.acked += u32::from(entry.fate.is_acked());
            sums.read += u32::from(entry.fate == RecordFate::Read);
            sums.lost += u32::from(entry.fate == RecordFate::Lost);
            sums.failed += u32::from(entry.fate == RecordFate::Failed);
            sums.duplicated += u32::from(entry.duplicated);
        }
        sums
    }

    /// Records whose producer was told nothing yet.
    pub const fn open(&self) -> u32 {
        self.sent - self.acked - self.failed
    }

    /// Records with exactly this fate.
    pub const fn with(&self, fate: RecordFate) -> u32 {
        match fate {
            RecordFate::Sent => self.open(),
            RecordFate::Acked => self.acked - self.read - self.lost,
            RecordFate::Read => self.read,
            RecordFate::Failed => self.failed,
            RecordFate::Lost => self.lost,
        }
    }
}

#[derive(Clone, PartialEq, Debug)]
struct Chunk {
    entries: Vec<Rc<LedgerEntry>>,
    sums: LedgerSums,
}

/// One entry per record that a producer was given, in order of sending. Of one [`super::Viewer`] an entry that is as it
/// was is the same allocation, and so is a chunk of entries.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct LedgerEntries {
    chunks: Vec<Rc<Chunk>>,
}

impl LedgerEntries {
    /// How many records were sent.
    pub fn len(&self) -> usize {
        self.chunks.last().map_or(0, |last| (self.chunks.len() - 1) * CHUNK + last.entries.len())
    }

    /// None was.
    pub fn is_empty(&self) -> bool {
        self.chunks.is_empty()
    }

    /// The entry at a place in the order of sending.
    pub fn get(&self, at: usize) -> Option<&Rc<LedgerEntry>> {
        self.chunks.get(at / CHUNK)?.entries.get(at % CHUNK)
    }

    /// All, in order of sending.
    pub fn iter(&self) -> Iter<'_> {
        self.among(|_| true)
    }

    /// Those of the chunks whose sums are like this: for who looks for something rare.
    pub fn among(&self, is_like: fn(&LedgerSums) -> bool) -> Iter<'_> {
        Iter { chunks: &self.chunks, entries: [].iter(), is_like }
    }

    /// What they come to.
    pub fn sums(&self) -> LedgerSums {
        let mut all = LedgerSums::default();
        for LedgerSums { sent, acked, read, lost, duplicated, failed } in self.chunks.iter().map(|chunk| chunk.sums) {
            all.sent += sent;
            all.acked += acked;
            all.read += read;
            all.lost += lost;
            all.duplicated += duplicated;
            all.failed += failed;
        }
        all
    }

    /// Tells the chunk of this number anew, or one more.
    pub(super) fn put(&mut self, number: usize, entries: Vec<Rc<LedgerEntry>>) {
        let chunk = Rc::new(Chunk { sums: LedgerSums::of(&entries), entries });
        match self.chunks.get_mut(number) {
            Some(known) => *known = chunk,
            None => self.chunks.push(chunk),
        }
    }
}

/// Entries one after the other.
#[derive(Clone, Debug)]
pub struct Iter<'a> {
    chunks: &'a [Rc<Chunk>],
    entries: std::slice::Iter<'a, Rc<LedgerEntry>>,
    is_like: fn(&LedgerSums) -> bool,
}

impl<'a> Iterator for Iter<'a> {
    type Item = &'a Rc<LedgerEntry>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(entry) = self.entries.next() {
                return Some(entry);
            }
            let (chunk, behind) = self.chunks.split_first()?;
            self.chunks = behind;
            if (self.is_like)(&chunk.sums) {
                self.entries = chunk.entries.iter();
            }
        }
    }
}

impl FromIterator<Rc<LedgerEntry>> for LedgerEntries {
    fn from_iter<I: IntoIterator<Item = Rc<LedgerEntry>>>(all: I) -> Self {
        let mut told = Self::default();
        let mut all = all.into_iter();
        loop {
            let chunk: Vec<Rc<LedgerEntry>> = all.by_ref().take(CHUNK).collect();
            if chunk.is_empty() {
                return told;
            }
            told.put(told.chunks.len(), chunk);
        }
    }
}
