//! Where aborted transactions lie in a log (`TransactionIndex`, `AbortedTxn`): what a read_committed
//! reader must leave out. Kafka keeps a file a segment; here it is one list a log.

use std::rc::Rc;

/// A transaction whose marker says ABORT.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AbortedTxn {
    /// Whose.
    pub producer_id: i64,
    /// Its first record.
    pub first_offset: i64,
    /// Its marker.
    pub last_offset: i64,
    /// The last stable offset once the marker was written.
    pub last_stable_offset: i64,
}

/// Aborted transactions in the order of their markers.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct TransactionIndex {
    entries: Rc<Vec<AbortedTxn>>,
}

impl TransactionIndex {
    /// All entries.
    pub fn entries(&self) -> &[AbortedTxn] {
        &self.entries
    }

    pub(super) fn append(&mut self, aborted: AbortedTxn) {
        Rc::make_mut(&mut self.entries).push(aborted);
    }

    /// (producer id, first offset) of those that may have records in `from..up_to`
    /// (`TransactionIndex.collectAbortedTxns`).
    pub fn collect(&self, from: i64, up_to: i64) -> Vec<(i64, i64)> {
        let mut found = Vec::new();
        for entry in self.entries.iter() {
            if entry.last_offset >= from && entry.first_offset < up_to {
                found.push((entry.producer_id, entry.first_offset));
            }
            // What is written later can only abort what lies beyond.
            if entry.last_stable_offset >= up_to {
                break;
            }
        }
        found
    }

    /// The log was cut at `offset`.
    pub(super) fn truncate_from_end(&mut self, offset: i64) {
        if self.entries.iter().any(|entry| entry.last_offset >= offset) {
            Rc::make_mut(&mut self.entries).retain(|entry| entry.last_offset < offset);
        }
    }

    /// Segments below `offset` are gone.
    pub(super) fn truncate_from_start(&mut self, offset: i64) {
        if self.entries.iter().any(|entry| entry.last_offset < offset) {
            Rc::make_mut(&mut self.entries).retain(|entry| entry.last_offset >= offset);
        }
    }

    /// The cleaner has been through the log up to `offset`: of what ended there only `kept` has records.
    pub(super) fn replace_below(&mut self, offset: i64, mut kept: Vec<AbortedTxn>) {
        kept.extend(self.entries.iter().filter(|entry| entry.last_offset >= offset));
        self.entries = Rc::new(kept);
    }
}
