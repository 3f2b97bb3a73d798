//! What a replica remembers of each producer id: its epoch, its last five batches, its open
//! transaction (`ProducerStateManager`, `ProducerAppendInfo`; KIP-98, KIP-360).
//! Leaves out snapshots on disk: the state is rebuilt from the log.

use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use super::RecordBatch;
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
    producers: Rc<BTreeMap<i64, ProducerStateEntry>>,
    /// First offset → producer id of each open transaction.
    ongoing: Rc<BTreeMap<i64, i64>>,
    /// First offset → offset of the marker, of each transaction whose marker is not below the high
    /// watermark yet.
    unreplicated: Rc<BTreeMap<i64, i64>>,
}

impl ProducerState {
    /// Producer ids with what is remembered of them.
    pub fn producers(&self) -> impl Iterator<Item = (i64, &ProducerStateEntry)> {
        self.producers.iter().map(|(&producer_id, entry)| (producer_id, entry))
    }

    /// What is remembered of `producer_id`.
    pub fn get(&self, producer_id: i64) -> Option<&ProducerStateEntry> {
        self.producers.get(&producer_id)
    }

    /// Checks a batch against what is known of its producer. `Ok(Some)`: this very batch is in the
    /// log already.
    pub fn check(&self, batch: &RecordBatch, origin: AppendOrigin) -> Result<Option<BatchMetadata>, ErrorCode> {
        if batch.producer_id < 0 || origin == AppendOrigin::Replication {
            return Ok(None);
        }
        let Some(entry) = self.producers.get(&batch.producer_id) else { return Ok(None) };
        if origin == AppendOrigin::Client
            && let Some(duplicate) = entry.find_duplicate(batch)
        {
            return Ok(Some(duplicate));
        }
        if batch.producer_epoch < entry.producer_epoch {
            return Err(ErrorCode::InvalidProducerEpoch);
        }
        if origin == AppendOrigin::Client && !batch.is_control {
            let expected = if batch.producer_epoch == entry.producer_epoch {
                increment_sequence(entry.last_sequence(), 1)
            } else {
                0
            };
            if entry.producer_epoch >= 0 && batch.base_sequence != expected {
                return Err(ErrorCode::OutOfOrderSequenceNumber);
            }
        }
        Ok(None)
    }

    /// Takes in a batch that was appended, from whomever.
    pub fn update(&mut self, batch: &RecordBatch) {
        if batch.producer_id < 0 {
            return;
        }
        let entry = Rc::make_mut(&mut self.producers).entry(batch.producer_id).or_insert_with(|| ProducerStateEntry {
            producer_epoch: -1,
            batches: VecDeque::new(),
            last_timestamp_ms: -1,
            current_txn_first_offset: None,
        });
        if batch.producer_epoch != entry.producer_epoch {
            entry.producer_epoch = batch.producer_epoch;
            entry.batches.clear();
        }
        entry.last_timestamp_ms = batch.max_timestamp_ms;
        if batch.is_control {
            if let Some(first_offset) = entry.current_txn_first_offset.take() {
                Rc::make_mut(&mut self.ongoing).remove(&first_offset);
                Rc::make_mut(&mut self.unreplicated).insert(first_offset, batch.last_offset());
            }
            return;
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
    }

    /// The earliest offset of a transaction that is open, or decided above the high watermark.
    pub fn first_unstable_offset(&self) -> Option<i64> {
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
        let expired = |entry: &ProducerStateEntry| {
            entry.current_txn_first_offset.is_none() && now_ms.saturating_sub(entry.last_timestamp_ms) >= expiration_ms
        };
        if self.producers.values().any(expired) {
            Rc::make_mut(&mut self.producers).retain(|_, entry| !expired(entry));
        }
    }

    /// The state after replaying `batches`.
    pub fn rebuild<'a>(batches: impl Iterator<Item = &'a Rc<RecordBatch>>) -> Self {
        let mut state = Self::default();
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
            let known = state.check(&batch(0, sequence, 1), AppendOrigin::Client);
            assert_eq!(known.map(|batch| batch.map(|batch| batch.last_offset)), Ok(Some(i64::from(sequence) + 100)));
        }
        for sequence in [0, 1, 8] {
            let refused = state.check(&batch(0, sequence, 1), AppendOrigin::Client);
            assert_eq!(refused, Err(ErrorCode::OutOfOrderSequenceNumber), "sequence {sequence}");
        }
        assert_eq!(state.check(&batch(0, 7, 3), AppendOrigin::Client), Ok(None));
    }

    #[test]
    fn an_unknown_producer_may_begin_anywhere_a_new_epoch_at_zero() {
        assert_eq!(ProducerState::default().check(&batch(3, 42, 1), AppendOrigin::Client), Ok(None));
        let state = state(1, 0..2);
        assert_eq!(state.check(&batch(2, 0, 1), AppendOrigin::Client), Ok(None));
        assert_eq!(state.check(&batch(2, 2, 1), AppendOrigin::Client), Err(ErrorCode::OutOfOrderSequenceNumber));
        assert_eq!(state.check(&batch(0, 2, 1), AppendOrigin::Client), Err(ErrorCode::InvalidProducerEpoch));
        assert_eq!(state.check(&batch(0, 2, 1), AppendOrigin::Replication), Ok(None));
    }

    #[test]
    fn sequences_wrap() {
        let mut state = ProducerState::default();
        state.update(&batch(0, i32::MAX, 1));
        assert_eq!(state.check(&batch(0, 0, 1), AppendOrigin::Client), Ok(None));
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
        let mut marker = batch(0, -1, 1);
        marker.is_transactional = true;
        marker.is_control = true;
        marker.base_offset = 11;
        state.update(&marker);
        assert_eq!(state.first_unstable_offset(), Some(10));
        state.on_high_watermark_updated(12);
        assert_eq!(state.first_unstable_offset(), None);
    }
}
