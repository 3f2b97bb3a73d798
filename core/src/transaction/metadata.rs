//! One transactional id (`TransactionMetadata`): whose it is, and where its transaction stands. A
//! change is prepared, written to the log, and takes hold only once the log has it.

use crate::collections::BTreeSet;

use super::state::TransactionState;
use crate::guard::{Guard, holds};
use crate::ids::{Name, TopicPartition};
use crate::protocol::ErrorCode;

/// No producer has this epoch (`RecordBatch.NO_PRODUCER_EPOCH`).
pub(super) const NO_PRODUCER_EPOCH: i16 = -1;

/// A transactional id.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TransactionMetadata {
    pub(super) id: Name,
    pub(super) producer_id: i64,
    pub(super) previous_producer_id: i64,
    pub(super) producer_epoch: i16,
    /// The epoch before a producer raised it itself (KIP-360), -1 otherwise.
    pub(super) last_producer_epoch: i16,
    pub(super) timeout_ms: u64,
    pub(super) state: TransactionState,
    pub(super) partitions: BTreeSet<TopicPartition>,
    pub(super) start_timestamp_ms: i64,
    pub(super) last_update_timestamp_ms: i64,
    /// The state that is being written.
    pub(super) pending_state: Option<TransactionState>,
    /// An epoch was raised to shut a producer out and may not be in the log: it is not raised again.
    pub(super) has_failed_epoch_fence: bool,
}

/// What a transactional id is about to become (`TxnTransitMetadata`): the record of the log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct TxnTransit {
    pub producer_id: i64,
    pub previous_producer_id: i64,
    pub producer_epoch: i16,
    pub last_producer_epoch: i16,
    pub timeout_ms: u64,
    pub state: TransactionState,
    pub partitions: BTreeSet<TopicPartition>,
    pub start_timestamp_ms: i64,
    pub last_update_timestamp_ms: i64,
}

impl TransactionMetadata {
    /// An id that was never seen before.
    pub(super) fn new(id: Name, producer_id: i64, timeout_ms: u64, now_ms: i64) -> Self {
        Self {
            id,
            producer_id,
            previous_producer_id: -1,
            producer_epoch: NO_PRODUCER_EPOCH,
            last_producer_epoch: NO_PRODUCER_EPOCH,
            timeout_ms,
            state: TransactionState::Empty,
            partitions: BTreeSet::new(),
            start_timestamp_ms: -1,
            last_update_timestamp_ms: now_ms,
            pending_state: None,
            has_failed_epoch_fence: false,
        }
    }

    /// `transactional.id`
    pub fn id(&self) -> &Name {
        &self.id
    }

    /// The producer's id.
    pub fn producer_id(&self) -> i64 {
        self.producer_id
    }

    /// The producer's epoch, -1 before its first.
    pub fn producer_epoch(&self) -> i16 {
        self.producer_epoch
    }

    /// Where it stands.
    pub fn state(&self) -> TransactionState {
        self.state
    }

    /// Partitions in it that have no marker yet.
    pub fn partitions(&self) -> &BTreeSet<TopicPartition> {
        &self.partitions
    }

    /// `transaction.timeout.ms` of its producer.
    pub fn timeout_ms(&self) -> u64 {
        self.timeout_ms
    }

    /// When its first partition was added, ms since 1970; -1 without.
    pub fn start_timestamp_ms(&self) -> i64 {
        self.start_timestamp_ms
    }

    /// An epoch is always left with which the coordinator can shut the producer out.
    pub(super) fn is_epoch_exhausted(&self) -> bool {
        is_exhausted(self.producer_epoch)
    }

    fn current(&self) -> TxnTransit {
        TxnTransit {
            producer_id: self.producer_id,
            previous_producer_id: self.producer_id,
            producer_epoch: self.producer_epoch,
            last_producer_epoch: self.last_producer_epoch,
            timeout_ms: self.timeout_ms,
            state: self.state,
            partitions: self.partitions.clone(),
            start_timestamp_ms: self.start_timestamp_ms,
            last_update_timestamp_ms: self.last_update_timestamp_ms,
        }
    }

    /// Notes what is being written. What Kafka calls an illegal state is an unknown error to the client.
    fn prepare(&mut self, transit: TxnTransit) -> Result<TxnTransit, ErrorCode> {
        let legal = self.pending_state.is_none() && self.state.may_become(transit.state);
        if !legal || (transit.producer_epoch < 0 && transit.state != TransactionState::Dead) {
            return Err(ErrorCode::UnknownServerError);
        }
        self.pending_state = Some(transit.state);
        Ok(transit)
    }

    /// The old producer is shut out by an epoch that nobody is ever given.
    pub(super) fn prepare_fence(&mut self) -> Result<TxnTransit, ErrorCode> {
        let raised = if self.has_failed_epoch_fence || !holds(Guard::TimeoutRaisesEpoch) {
            self.producer_epoch
        } else {
            self.producer_epoch.checked_add(1).ok_or(ErrorCode::UnknownServerError)?
        };
        let transit = TxnTransit {
            producer_epoch: raised,
            last_producer_epoch: NO_PRODUCER_EPOCH,
            state: TransactionState::PrepareEpochFence,
            ..self.current()
        };
        self.prepare(transit)
    }

    /// InitProducerId with the next epoch. `expected`: the epoch that the producer says it has.
    pub(super) fn prepare_next_epoch(
        &mut self,
        timeout_ms: u64,
        expected: Option<i16>,
        now_ms: i64,
    ) -> Result<TxnTransit, ErrorCode> {
        let raised = self.producer_epoch < 0 || holds(Guard::SuccessorRaisesEpoch);
        let next = self.producer_epoch.saturating_add(i16::from(raised));
        let (epoch, last) = match expected {
            None => (next, NO_PRODUCER_EPOCH),
            Some(expected) if self.producer_epoch == NO_PRODUCER_EPOCH || expected == self.producer_epoch => {
                (next, self.producer_epoch)
            }
            // The answer was lost and this is the second try.
            Some(expected) if expected == self.last_producer_epoch => (self.producer_epoch, self.last_producer_epoch),
            Some(_) => return Err(ErrorCode::ProducerFenced),
        };
        let transit = TxnTransit { producer_epoch: epoch, last_producer_epoch: last, ..self.anew(timeout_ms, now_ms) };
        self.prepare(transit)
    }

    /// InitProducerId once all epochs are used: another producer id.
    pub(super) fn prepare_rotation(
        &mut self,
        producer_id: i64,
        timeout_ms: u64,
        now_ms: i64,
        record_last_epoch: bool,
    ) -> Result<TxnTransit, ErrorCode> {
        let last_producer_epoch = if record_last_epoch { self.producer_epoch } else { NO_PRODUCER_EPOCH };
        let transit =
            TxnTransit { producer_id, producer_epoch: 0, last_producer_epoch, ..self.anew(timeout_ms, now_ms) };
        self.prepare(transit)
    }

    fn anew(&self, timeout_ms: u64, now_ms: i64) -> TxnTransit {
        TxnTransit {
            timeout_ms,
            state: TransactionState::Empty,
            partitions: BTreeSet::new(),
            start_timestamp_ms: -1,
            last_update_timestamp_ms: now_ms,
            ..self.current()
        }
    }

    pub(super) fn prepare_add(&mut self, added: &[TopicPartition], now_ms: i64) -> Result<TxnTransit, ErrorCode> {
        let mut transit =
            TxnTransit { state: TransactionState::Ongoing, last_update_timestamp_ms: now_ms, ..self.current() };
        if self.state.may_expire() {
            transit.start_timestamp_ms = now_ms;
        }
        transit.partitions.extend(added.iter().cloned());
        self.prepare(transit)
    }

    pub(super) fn prepare_end(&mut self, commit: bool, now_ms: i64) -> Result<TxnTransit, ErrorCode> {
        let state = if commit { TransactionState::PrepareCommit } else { TransactionState::PrepareAbort };
        let transit = TxnTransit { state, last_update_timestamp_ms: now_ms, ..self.current() };
        self.prepare(transit)
    }

    pub(super) fn prepare_complete(&mut self, now_ms: i64) -> Result<TxnTransit, ErrorCode> {
        let commit = self.state == TransactionState::PrepareCommit;
        self.has_failed_epoch_fence = false;
        let transit = TxnTransit {
            state: if commit { TransactionState::CompleteCommit } else { TransactionState::CompleteAbort },
            partitions: BTreeSet::new(),
            last_update_timestamp_ms: now_ms,
            ..self.current()
        };
        self.prepare(transit)
    }

    pub(super) fn prepare_dead(&mut self) -> Result<TxnTransit, ErrorCode> {
        let transit = TxnTransit { state: TransactionState::Dead, partitions: BTreeSet::new(), ..self.current() };
        self.prepare(transit)
    }

    /// The log has it. False if it is not what was prepared (Kafka throws).
    pub(super) fn complete(&mut self, transit: &TxnTransit) -> bool {
        if self.pending_state != Some(transit.state) {
            return false;
        }
        let same_producer = (transit.producer_id, transit.producer_epoch) == (self.producer_id, self.producer_epoch);
        match transit.state {
            TransactionState::Empty => {
                self.timeout_ms = transit.timeout_ms;
                self.producer_epoch = transit.producer_epoch;
                self.last_producer_epoch = transit.last_producer_epoch;
                self.previous_producer_id = transit.previous_producer_id;
                self.producer_id = transit.producer_id;
                self.start_timestamp_ms = transit.start_timestamp_ms;
                self.partitions.clear();
            }
            TransactionState::Ongoing if same_producer => {
                self.start_timestamp_ms = transit.start_timestamp_ms;
                self.partitions.extend(transit.partitions.iter().cloned());
            }
            TransactionState::PrepareCommit | TransactionState::PrepareAbort if same_producer => {}
            TransactionState::CompleteCommit | TransactionState::CompleteAbort if same_producer => {
                self.start_timestamp_ms = transit.start_timestamp_ms;
                self.partitions.clear();
            }
            _ => return false,
        }
        self.last_update_timestamp_ms = transit.last_update_timestamp_ms;
        self.pending_state = None;
        self.state = transit.state;
        true
    }
}

/// `TransactionMetadata.isEpochExhausted`
pub(super) fn is_exhausted(epoch: i16) -> bool {
    epoch >= i16::MAX - 1
}
