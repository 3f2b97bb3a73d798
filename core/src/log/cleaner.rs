//! Cleaning one log: of each key only the newest record stays, at its offset (`Cleaner`,
//! `CleanedTransactionMetadata`, `MemoryRecords.filterTo`; KIP-534; `kafka/01` §1.6). Leaves out a
//! map of keys that is too small for the dirty section, and index sizes.

use crate::collections::Order;
use crate::collections::{BTreeMap, BTreeSet};
use std::collections::VecDeque;
use std::rc::Rc;

use super::{AbortedTxn, Compression, EndTransactionMarker, Log, LogToClean, Record, RecordBatch, Segment};

#[cfg(test)]
mod tests;

/// What a cleaning did.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct CleanerStats {
    /// The log is clean below this offset.
    pub end_offset: i64,
    /// Records that were looked at.
    pub records_read: u64,
    /// Records that stayed.
    pub records_kept: u64,
}

/// The newest offset of every key in the dirty section.
struct OffsetMap {
    offsets: BTreeMap<Rc<[u8]>, i64>,
    /// The section ends here; what lies beyond is kept as it is.
    latest_offset: i64,
}

/// What is known of transactions while the log is walked through.
#[derive(Default)]
struct CleanedTransactions {
    /// Aborted ones that begin further on, by first offset.
    coming: VecDeque<AbortedTxn>,
    ongoing_committed: BTreeSet<i64>,
    /// Producer id → its aborted transaction, and whether a batch of it was met.
    ongoing_aborted: BTreeMap<i64, (AbortedTxn, bool)>,
    /// Aborted ones of which records remain.
    kept: Vec<AbortedTxn>,
}

impl CleanedTransactions {
    fn new(log: &Log, from: i64, up_to: i64) -> Self {
        let overlaps = |aborted: &&AbortedTxn| aborted.last_offset >= from && aborted.first_offset < up_to;
        let mut coming: Vec<AbortedTxn> = log.transaction_index().entries().iter().filter(overlaps).copied().collect();
        coming.order_by_key(|aborted| aborted.first_offset);
        Self { coming: coming.into(), ..Self::default() }
    }

    fn begin_up_to(&mut self, offset: i64) {
        while let Some(aborted) = self.coming.pop_front_if(|aborted| aborted.first_offset <= offset) {
            self.ongoing_aborted.entry(aborted.producer_id).or_insert((aborted, false));
        }
    }

    /// True if the marker can go: nothing of its transaction is left.
    fn on_control_batch(&mut self, batch: &RecordBatch) -> bool {
        self.begin_up_to(batch.last_offset());
        match EndTransactionMarker::of_batch(batch) {
            Some(marker) if marker.commit => !self.ongoing_committed.remove(&batch.producer_id),
            Some(_) => match self.ongoing_aborted.remove(&batch.producer_id) {
                Some((aborted, true)) => {
                    self.kept.push(aborted);
                    false
                }
                _ => true,
            },
            None => batch.records.is_empty(),
        }
    }

    /// True if the batch belongs to an aborted transaction.
    fn on_batch(&mut self, batch: &RecordBatch) -> bool {
        self.begin_up_to(batch.last_offset());
        if !batch.is_transactional {
            return false;
        }
        match self.ongoing_aborted.get_mut(&batch.producer_id) {
            Some((_, met)) => {
                *met = true;
                true
            }
            None => {
                self.ongoing_committed.insert(batch.producer_id);
                false
            }
        }
    }
}

impl Log {
    /// Cleans what `to_clean` says at `now_ms`, the broker's clock, and notes how far it came.
    pub fn clean(&mut self, to_clean: &LogToClean, now_ms: i64) -> CleanerStats {
        let end = to_clean.first_uncleanable_offset;
        let map = self.offset_map(to_clean.first_dirty_offset, end);
        let end_offset = map.latest_offset + 1;
        let mut pass = Pass {
            map,
            now_ms,
            delete_retention_ms: self.config.delete_retention_ms,
            transactions: CleanedTransactions::new(self, 0, end_offset),
            last_batches: self.last_batches_of_producers(),
            stats: CleanerStats { end_offset, ..CleanerStats::default() },
        };
        let sources = self.segments_between(0, end_offset);
        let count = sources.len();
        let mut cleaned: Vec<Rc<Segment>> =
            self.group_by_size(sources).iter().map(|group| Rc::new(pass.clean_group(group))).collect();
        cleaned.extend_from_slice(&self.segments[count..]);
        self.segments = cleaned;
        self.aborted.replace_below(end_offset, pass.transactions.kept);
        self.cleaner_checkpoint = Some(end_offset);
        pass.stats
    }

    fn offset_map(&self, from: i64, to: i64) -> OffsetMap {
        let mut map = OffsetMap { offsets: BTreeMap::new(), latest_offset: to - 1 };
        let mut transactions = CleanedTransactions::new(self, from, to);
        for batch in self.segments_between(from, to).iter().flat_map(|segment| segment.batches()) {
            if batch.is_control {
                transactions.on_control_batch(batch);
            } else if !transactions.on_batch(batch) {
                for record in &batch.records {
                    let offset = batch.offset_of(record);
                    if let Some(key) = record.key.as_ref().filter(|_| offset >= from) {
                        map.offsets.insert(key.clone(), offset);
                    }
                }
            }
        }
        map
    }

    /// Last offsets of the batches that must stay for the sake of their producers' sequences, or epochs.
    fn last_batches_of_producers(&self) -> BTreeMap<i64, (Option<i64>, i16)> {
        let last = |entry: &super::ProducerStateEntry| entry.batches.back().map(|batch| batch.last_offset);
        self.producers.producers().map(|(id, entry)| (id, (last(entry), entry.producer_epoch))).collect()
    }

    /// Neighbours that fit into one segment together, by their sizes before the cleaning.
    fn group_by_size(&self, segments: &[Rc<Segment>]) -> Vec<Vec<Rc<Segment>>> {
        let mut groups: Vec<Vec<Rc<Segment>>> = Vec::new();
        let mut bytes = 0;
        for segment in segments {
            let fits = |group: &Vec<Rc<Segment>>| {
                let first = group.first().map_or(0, |first| first.base_offset());
                let last_offset = segment.last_batch().map_or(segment.base_offset(), |batch| batch.last_offset());
                bytes + segment.size_in_bytes() <= self.config.segment_bytes
                    && last_offset - first <= i64::from(i32::MAX)
            };
            match groups.last_mut().filter(|group| fits(group)) {
                Some(group) => {
                    bytes += segment.size_in_bytes();
                    group.push(segment.clone());
                }
                None => {
                    bytes = segment.size_in_bytes();
                    groups.push(vec![segment.clone()]);
                }
            }
        }
        groups
    }
}

/// One walk through a log.
struct Pass {
    map: OffsetMap,
    now_ms: i64,
    delete_retention_ms: i64,
    transactions: CleanedTransactions,
    last_batches: BTreeMap<i64, (Option<i64>, i16)>,
    stats: CleanerStats,
}

impl Pass {
    fn clean_group(&mut self, group: &[Rc<Segment>]) -> Segment {
        let base_offset = group.first().map_or(0, |segment| segment.base_offset());
        let modified_ms = group.last().map_or(0, |segment| segment.last_modified_ms());
        let mut cleaned = Segment::new(base_offset, modified_ms);
        for batch in group.iter().flat_map(|segment| segment.batches()) {
            self.stats.records_read += batch.records.len() as u64;
            if let Some(kept) = self.clean_batch(batch) {
                self.stats.records_kept += kept.records.len() as u64;
                let size_in_bytes = kept.size_in_bytes();
                cleaned.append(kept, size_in_bytes, modified_ms);
            }
        }
        cleaned
    }

    /// The batch with what is kept of it; `None` if it goes.
    fn clean_batch(&mut self, batch: &Rc<RecordBatch>) -> Option<Rc<RecordBatch>> {
        let horizon_passed = batch.delete_horizon_ms.is_some_and(|horizon_ms| horizon_ms <= self.now_ms);
        let (discardable, discarded) = if batch.is_control {
            let empty = self.transactions.on_control_batch(batch);
            (empty, empty && horizon_passed)
        } else {
            let aborted = self.transactions.on_batch(batch);
            (aborted, aborted)
        };
        if discarded && !self.is_last_of_producer(batch) {
            return None;
        }
        let is_kept =
            |record: &&Record| !discarded && (batch.is_control || self.is_kept(batch, record, horizon_passed));
        let kept: Vec<Record> = batch.records.iter().filter(is_kept).cloned().collect();
        if kept.is_empty() {
            let empty = RecordBatch { delete_horizon_ms: None, records: kept, ..(**batch).clone() };
            let empty = || Rc::new(empty.compressed(Compression::None));
            return self.is_last_of_producer(batch).then(empty);
        }
        let perishable = kept.iter().any(|record| record.value.is_none()) || (discardable && batch.is_control);
        let sets_horizon = perishable && batch.delete_horizon_ms.is_none();
        if kept.len() == batch.records.len() && !sets_horizon {
            return Some(batch.clone());
        }
        Some(Rc::new(self.rewrite(batch, kept, sets_horizon)))
    }

    fn rewrite(&self, batch: &RecordBatch, mut kept: Vec<Record>, sets_horizon: bool) -> RecordBatch {
        let mut max_timestamp_ms = batch.max_timestamp_ms;
        if batch.log_append_time {
            for record in &mut kept {
                record.timestamp_ms = max_timestamp_ms;
            }
        } else {
            max_timestamp_ms = kept.iter().map(|record| record.timestamp_ms).max().unwrap_or(-1);
        }
        let horizon_ms = sets_horizon.then(|| self.now_ms.saturating_add(self.delete_retention_ms));
        let kept = RecordBatch {
            delete_horizon_ms: batch.delete_horizon_ms.or(horizon_ms),
            max_timestamp_ms,
            records: kept,
            ..batch.clone()
        };
        kept.compressed(batch.compression)
    }

    fn is_kept(&self, batch: &RecordBatch, record: &Record, horizon_passed: bool) -> bool {
        let offset = batch.offset_of(record);
        if offset > self.map.latest_offset {
            return true;
        }
        let Some(key) = &record.key else { return false };
        let newest = self.map.offsets.get(key).is_none_or(|newest| offset >= *newest);
        newest && (record.value.is_some() || !horizon_passed)
    }

    /// The batch holds the last sequence of its producer, or the marker that holds its epoch: without its
    /// records it stays as long as the producer is known.
    fn is_last_of_producer(&self, batch: &RecordBatch) -> bool {
        match self.last_batches.get(&batch.producer_id) {
            Some((Some(last_offset), _)) => batch.last_offset() == *last_offset,
            Some((None, epoch)) => batch.is_control && batch.producer_epoch == *epoch,
            None => false,
        }
    }
}
