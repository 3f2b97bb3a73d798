//! What a replica remembers of each producer id: its epoch, its last five batches, its open
//! transaction (`ProducerStateManager`, `ProducerAppendInfo`; KIP-98, KIP-360).
//! Leaves out snapshots on disk: the state is rebuilt from the log.

use crate::collections::{BTreeMap, OnWrite};
use std::collections::VecDeque;
use std::rc::Rc;

use super::{EndTransactionMarker, RecordBatch};
use crate::guard::{Guard, holds};
use crate::protocol::ErrorCode;

/// Batches remembered of a producer (`ProducerStateEntry.NUM_BATCHES_TO_RETAIN`).
const BATCHES_TO_RETAIN: usize = 5;

/// Who appends: the checks on sequences are for clients only (`AppendOrigin`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AppendOrigin {
    /// A producer.
    Client,
    /// The group or transaction coordinator of this broker.
    Coordinator,
    /// A fetch from the leader.
    Replication,
}

/// Whether the transaction coordinator has been asked if a transactional batch belongs to a
/// transaction (KIP-890, `VerificationGuard`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verification {
    /// Nobody need ask: `transaction.partition.verification.enable` is off, or nothing is transactional.
    NotRequired,
    /// Every first record of a transaction needs the guard that stood when the coordinator was asked;
    /// `None`: it was not asked, for the transaction was open already.
    Guard(Option<u64>),
}

/// A transaction whose marker was appended (`CompletedTxn`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CompletedTxn {
    /// Whose.
    pub producer_id: i64,
    /// Its first record.
    pub first_offset: i64,
    /// Its marker.
    pub last_offset: i64,
    /// The marker says ABORT.
    pub is_aborted: bool,
}

/// A batch that is remembered (`BatchMetadata`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BatchMetadata {
    /// Sequence of the last record.
    pub last_sequence: i32,
    /// Offset of the last record.
    pub last_offset: i64,
    /// Records less one.
    pub offset_delta: i32,
    /// Greatest timestamp, ms since 1970.
    pub timestamp_ms: i64,
}

impl BatchMetadata {
    /// Sequence of the first record.
    pub fn first_sequence(&self) -> i32 {
        decrement_sequence(self.last_sequence, self.offset_delta)
    }

    /// Offset of the first record.
    pub fn first_offset(&self) -> i64 {
        self.last_offset - i64::from(self.offset_delta)
    }
}

/// What is remembered of one producer id on this partition (`ProducerStateEntry`).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ProducerStateEntry {
    /// The producer's epoch; -1 before the first batch.
    pub producer_epoch: i16,
    /// The last batches of this epoch, oldest first, five at most.
    pub batches: VecDeque<BatchMetadata>,
    /// Timestamp of the last append, ms since 1970.
    pub last_timestamp_ms: i64,
    /// Epoch of the coordinator that wrote the last marker; -1 before one.
    pub coordinator_epoch: i32,
    /// Where the open transaction began.
    pub current_txn_first_offset: Option<i64>,
}

impl ProducerStateEntry {
    /// Sequence of the last record; -1 without a batch.
    pub fn last_sequence(&self) -> i32 {
        self.batches.back().map_or(-1, |batch| batch.last_sequence)
    }

    fn find_duplicate(&self, batch: &RecordBatch) -> Option<BatchMetadata> {
        if batch.producer_epoch != self.producer_epoch {
            return None;
        }
        self.batches
            .iter()
            .find(|known| known.first_sequence() == batch.base_sequence && known.last_sequence == batch.last_sequence())
            .copied()
    }
}

/// The producers of one replica's log.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ProducerState {
    producers: Rc<BTreeMap<i64, OnWrite<ProducerStateEntry>>>,
    /// First offset → producer id of each open transaction.
    ongoing: Rc<BTreeMap<i64, i64>>,
    /// First offset → offset of the marker, of each transaction whose marker is not below the high
    /// watermark yet.
    unreplicated: Rc<BTreeMap<i64, i64>>,
    /// Producer id → guard of the verification under way. Only in memory.
    guards: Rc<BTreeMap<i64, u64>>,
    guards_given: u64,
}

impl ProducerState {
    /// Producer ids with what is remembered of them.
    pub fn producers(&self) -> impl Iterator<Item = (i64, &ProducerStateEntry)> {
        self.producers.iter().map(|(&producer_id, entry)| (producer_id, &**entry))
    }

    /// What is remembered of `producer_id`.
    pub fn get(&self, producer_id: i64) -> Option<&ProducerStateEntry> {
        self.producers.get(&producer_id).map(|entry| &**entry)
    }

    /// Checks a batch against what is known of its producer. `Ok(Some)`: this very batch is in the
    /// log already.
    pub fn check(
        &self,
        batch: &RecordBatch,
        origin: AppendOrigin,
        verification: Verification,
    ) -> Result<Option<BatchMetadata>, ErrorCode> {
        if batch.producer_id < 0 || origin == AppendOrigin::Replication {
            return Ok(None);
        }
        let entry = self.producers.get(&batch.producer_id);
        if origin == AppendOrigin::Client
            && let Some(duplicate) = entry.and_then(|entry| entry.find_duplicate(batch))
        {
            return Ok(Some(duplicate).filter(|_| holds(Guard::DuplicateFound)));
        }
        if !self.is_verified(batch, verification) {
            return Err(ErrorCode::InvalidTxnState);
        }
        let Some(entry) = entry else { return Ok(None) };
        let is_older = batch.producer_epoch < entry.producer_epoch;
        if is_older && holds(Guard::ProducerEpochFenced) {
            return Err(ErrorCode::InvalidProducerEpoch);
        }
        if let Some(marker) = EndTransactionMarker::of_batch(batch)
            && marker.coordinator_epoch < entry.coordinator_epoch
            && holds(Guard::MarkerFencedByCoordinator)
        {
            return Err(ErrorCode::TransactionCoordinatorFenced);
        }
        if origin == AppendOrigin::Client && !batch.is_control {
            let expected = if batch.producer_epoch == entry.producer_epoch {
                increment_sequence(entry.last_sequence(), 1)
            } else {
                0
            };
            let checked = entry.producer_epoch >= 0 && !is_older && holds(Guard::SequenceChecked);
            if checked && batch.base_sequence != expected {
                return Err(ErrorCode::OutOfOrderSequenceNumber);
            }
            if !batch.is_transactional && entry.current_txn_first_offset.is_some() {
                return Err(ErrorCode::InvalidTxnState);
            }
        }
        Ok(None)
    }

    /// A transactional record continues an open transaction, or the coordinator was asked about it.
    fn is_verified(&self, batch: &RecordBatch, verification: Verification) -> bool {
        let Verification::Guard(guard) = verification else { return true };
        !batch.is_transactional
            || batch.is_control
            || self.has_ongoing_transaction(batch.producer_id)
            || guard.is_some_and(|guard| self.guards.get(&batch.producer_id) == Some(&guard))
    }

    /// True if the producer's transaction has records here and no marker yet.
    pub fn has_ongoing_transaction(&self, producer_id: i64) -> bool {
        self.producers.get(&producer_id).is_some_and(|entry| entry.current_txn_first_offset.is_some())
    }

    /// The guard under which the coordinator is asked; `None` if the transaction is open already.
    pub fn start_verification(&mut self, producer_id: i64) -> Option<u64> {
        if self.has_ongoing_transaction(producer_id) {
            return None;
        }
        if let Some(guard) = self.guards.get(&producer_id) {
            return Some(*guard);
        }
        self.guards_given += 1;
        Rc::make_mut(&mut self.guards).insert(producer_id, self.guards_given);
        Some(self.guards_given)
    }

    /// Takes in a batch that was appended, from whomever. Tells of the transaction that it ended.
    pub fn update(&mut self, batch: &RecordBatch) -> Option<CompletedTxn> {
        if batch.producer_id < 0 {
            return None;
        }
        if batch.is_transactional && self.guards.contains_key(&batch.producer_id) {
            Rc::make_mut(&mut self.guards).remove(&batch.producer_id);
        }
        let entry = Rc::make_mut(&mut self.producers).entry(batch.producer_id).or_insert_with(|| {
            OnWrite::from(ProducerStateEntry {
                producer_epoch: -1,
                batches: VecDeque::new(),
                last_timestamp_ms: -1,
                coordinator_epoch: -1,
                current_txn_first_offset: None,
            })
        });
        if batch.producer_epoch != entry.producer_epoch {
            entry.producer_epoch = batch.producer_epoch;
            entry.batches.clear();
        }
        entry.last_timestamp_ms = batch.max_timestamp_ms;
        if batch.is_control {
            let marker = EndTransactionMarker::of_batch(batch)?;
            entry.coordinator_epoch = marker.coordinator_epoch;
            let first_offset = entry.current_txn_first_offset.take()?;
            Rc::make_mut(&mut self.ongoing).remove(&first_offset);
            Rc::make_mut(&mut self.unreplicated).insert(first_offset, batch.last_offset());
            return Some(CompletedTxn {
                producer_id: batch.producer_id,
                first_offset,
                last_offset: batch.last_offset(),
                is_aborted: !marker.commit,
            });
        }
        if batch.base_sequence >= 0 {
            if entry.batches.len() == BATCHES_TO_RETAIN {
                entry.batches.pop_front();
            }
            entry.batches.push_back(BatchMetadata {
                last_sequence: batch.last_sequence(),
                last_offset: batch.last_offset(),
                offset_delta: batch.last_offset_delta,
                timestamp_ms: batch.max_timestamp_ms,
            });
        }
        if batch.is_transactional && entry.current_txn_first_offset.is_none() {
            entry.current_txn_first_offset = Some(batch.base_offset);
            Rc::make_mut(&mut self.ongoing).insert(batch.base_offset, batch.producer_id);
        }
        None
    }

    /// Open transactions: first offset and producer id, by offset.
    pub fn ongoing(&self) -> impl Iterator<Item = (i64, i64)> {
        self.ongoing.iter().map(|(&first_offset, &producer_id)| (first_offset, producer_id))
    }

    /// The last stable offset once a transaction is decided, replication aside
    /// (`ProducerStateManager.lastStableOffset`).
    pub fn stable_after(&self, completed: &CompletedTxn) -> i64 {
        let open = self.ongoing().find(|(_, producer_id)| *producer_id != completed.producer_id);
        open.map_or(completed.last_offset + 1, |(first_offset, _)| first_offset)
    }

    /// The earliest offset of a transaction that is open, or decided above the high watermark.
    pub fn first_unstable_offset(&self) -> Option<i64> {
        if self.ongoing.is_empty() && self.unreplicated.is_empty() {
            return None;
        }
        self.ongoing.keys().next().into_iter().chain(self.unreplicated.keys().next()).min().copied()
    }

    /// Transactions whose markers are below the high watermark are decided for good.
    pub fn on_high_watermark_updated(&mut self, high_watermark: i64) {
        if self.unreplicated.values().any(|&marker| marker < high_watermark) {
            Rc::make_mut(&mut self.unreplicated).retain(|_, marker| *marker >= high_watermark);
        }
    }

    /// Forgets producers idle for longer than `producer.id.expiration.ms`, but no open transaction.
    pub fn remove_expired(&mut self, now_ms: i64, expiration_ms: i64) {
        let expired = |entry: &OnWrite<ProducerStateEntry>| {
            entry.current_txn_first_offset.is_none() && now_ms.saturating_sub(entry.last_timestamp_ms) >= expiration_ms
        };
        if self.producers.values().any(expired) {
            Rc::make_mut(&mut self.producers).retain(|_, entry| !expired(entry));
        }
    }

    /// The state of a `snapshot`, or of nothing, after replaying `batches`. Guards of before hold no
    /// more, and none is given twice.
    pub fn reload<'a>(&self, snapshot: Option<&Self>, batches: impl Iterator<Item = &'a Rc<RecordBatch>>) -> Self {
        let mut state = snapshot.cloned().unwrap_or_default();
        state.guards = Rc::default();
        state.guards_given = self.guards_given;
        for batch in batches {
            state.update(batch);
        }
        state
    }
}

/// `sequence + by`, wrapping from 2147483647 to 0 (`DefaultRecordBatch.incrementSequence`).
pub fn increment_sequence(sequence: i32, by: i32) -> i32 {
    ((i64::from(sequence) + i64::from(by)) % (1 << 31)) as i32
}

/// `sequence - by`, wrapping from 0 to 2147483647 (`DefaultRecordBatch.decrementSequence`).
pub fn decrement_sequence(sequence: i32, by: i32) -> i32 {
    (i64::from(sequence) - i64::from(by)).rem_euclid(1 << 31) as i32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(producer_epoch: i16, base_sequence: i32, count: usize) -> RecordBatch {
        let mut batch = RecordBatch::new(vec![(None, Some(Rc::from(&b"v"[..])), 0); count]);
        batch.producer_id = 7;
        batch.producer_epoch = producer_epoch;
        batch.base_sequence = base_sequence;
        batch
    }

    fn state(epoch: i16, sequences: std::ops::Range<i32>) -> ProducerState {
        let mut state = ProducerState::default();
        for sequence in sequences {
            let mut batch = batch(epoch, sequence, 1);
            batch.base_offset = i64::from(sequence) + 100;
            state.update(&batch);
        }
        state
    }

    #[test]
    fn the_last_five_batches_are_known_as_duplicates() {
        let state = state(0, 0..7);
        for sequence in 2..7 {
            let known = state.check(&batch(0, sequence, 1), AppendOrigin::Client, Verification::NotRequired);
            assert_eq!(known.map(|batch| batch.map(|batch| batch.last_offset)), Ok(Some(i64::from(sequence) + 100)));
        }
        for sequence in [0, 1, 8] {
            let refused = state.check(&batch(0, sequence, 1), AppendOrigin::Client, Verification::NotRequired);
            assert_eq!(refused, Err(ErrorCode::OutOfOrderSequenceNumber), "sequence {sequence}");
        }
        assert_eq!(state.check(&batch(0, 7, 3), AppendOrigin::Client, Verification::NotRequired), Ok(None));
    }

    #[test]
    fn an_unknown_producer_may_begin_anywhere_a_new_epoch_at_zero() {
        assert_eq!(
            ProducerState::default().check(&batch(3, 42, 1), AppendOrigin::Client, Verification::NotRequired),
            Ok(None)
        );
        let state = state(1, 0..2);
        assert_eq!(state.check(&batch(2, 0, 1), AppendOrigin::Client, Verification::NotRequired), Ok(None));
        assert_eq!(
            state.check(&batch(2, 2, 1), AppendOrigin::Client, Verification::NotRequired),
            Err(ErrorCode::OutOfOrderSequenceNumber)
        );
        assert_eq!(
            state.check(&batch(0, 2, 1), AppendOrigin::Client, Verification::NotRequired),
            Err(ErrorCode::InvalidProducerEpoch)
        );
        assert_eq!(state.check(&batch(0, 2, 1), AppendOrigin::Replication, Verification::NotRequired), Ok(None));
    }

    #[test]
    fn sequences_wrap() {
        let mut state = ProducerState::default();
        state.update(&batch(0, i32::MAX, 1));
        assert_eq!(state.check(&batch(0, 0, 1), AppendOrigin::Client, Verification::NotRequired), Ok(None));
        assert_eq!(decrement_sequence(0, 1), i32::MAX);
    }

    #[test]
    fn a_transaction_is_unstable_until_its_marker_is_replicated() {
        let mut state = ProducerState::default();
        let mut data = batch(0, 0, 1);
        data.is_transactional = true;
        data.base_offset = 10;
        state.update(&data);
        assert_eq!(state.first_unstable_offset(), Some(10));
        let mut marker = EndTransactionMarker { commit: false, coordinator_epoch: 3 }.to_batch(7, 0, 0);
        marker.base_offset = 11;
        let completed = state.update(&marker).expect("the transaction is over");
        assert_eq!((completed.first_offset, completed.last_offset, completed.is_aborted), (10, 11, true));
        let stale = EndTransactionMarker { commit: true, coordinator_epoch: 2 }.to_batch(7, 0, 0);
        let refused = state.check(&stale, AppendOrigin::Coordinator, Verification::NotRequired);
        assert_eq!(refused, Err(ErrorCode::TransactionCoordinatorFenced));
        assert_eq!(state.first_unstable_offset(), Some(10));
        state.on_high_watermark_updated(12);
        assert_eq!(state.first_unstable_offset(), None);
    }

    #[test]
    fn a_transaction_begins_with_a_verified_record() {
        let mut state = ProducerState::default();
        let mut data = batch(0, 0, 1);
        data.is_transactional = true;
        let unasked = state.check(&data, AppendOrigin::Client, Verification::Guard(None));
        assert_eq!(unasked, Err(ErrorCode::InvalidTxnState));
        let guard = state.start_verification(7);
        let marker = EndTransactionMarker { commit: false, coordinator_epoch: 0 }.to_batch(7, 0, 0);
        state.update(&marker);
        let late = state.check(&data, AppendOrigin::Client, Verification::Guard(guard));
        assert_eq!(late, Err(ErrorCode::InvalidTxnState), "the marker came in between (KIP-890)");
        let guard = state.start_verification(7);
        assert_eq!(state.check(&data, AppendOrigin::Client, Verification::Guard(guard)), Ok(None));
        state.update(&data);
        assert_eq!(state.start_verification(7), None, "from now on the open transaction is proof enough");
        let next = RecordBatch { base_sequence: 1, ..data };
        assert_eq!(state.check(&next, AppendOrigin::Client, Verification::Guard(None)), Ok(None));
        let plain = RecordBatch { is_transactional: false, ..next };
        let refused = state.check(&plain, AppendOrigin::Client, Verification::NotRequired);
        assert_eq!(refused, Err(ErrorCode::InvalidTxnState));
    }
}
