//! The identity of an idempotent producer and its sequences per partition (`TransactionManager`,
//! `TxnPartitionMap`; KIP-98, KIP-360).

use crate::collections::{BTreeMap, BTreeSet};

use super::accumulator::Accumulator;
use super::batch::{BatchId, ProducerBatch, add_sequence};
use crate::ids::{Name, TopicPartition};
use crate::protocol::ErrorCode;

/// What is kept of one partition (`TxnPartitionEntry`).
#[derive(Clone, PartialEq, Eq, Debug)]
struct Partition {
    producer_id: i64,
    producer_epoch: i16,
    next_sequence: i32,
    /// -1 before the first acknowledgement.
    last_acked_sequence: i32,
    /// Batches with a sequence and without a result, by sequence.
    in_flight: Vec<BatchId>,
}

/// Identity and sequences.
#[derive(Clone, Debug)]
pub struct Sequences {
    /// -1 while there is none.
    pub producer_id: i64,
    /// -1 while there is none.
    pub producer_epoch: i16,
    /// An InitProducerId request is in flight.
    pub initializing: bool,
    /// An error after which nothing can be sent.
    pub fatal: Option<Name>,
    partitions: BTreeMap<TopicPartition, Partition>,
    /// Partitions where a sent batch expired: nobody knows whether its sequence is used. The value is
    /// the sequence that follows.
    unresolved: BTreeMap<TopicPartition, i32>,
    bump_required: bool,
    to_rewrite: BTreeSet<TopicPartition>,
}

impl Default for Sequences {
    fn default() -> Self {
        Self {
            producer_id: -1,
            producer_epoch: -1,
            initializing: false,
            fatal: None,
            partitions: BTreeMap::new(),
            unresolved: BTreeMap::new(),
            bump_required: false,
            to_rewrite: BTreeSet::new(),
        }
    }
}

impl Sequences {
    /// True once there is an identity.
    pub fn has_producer_id(&self) -> bool {
        self.producer_id >= 0
    }

    fn partition(&mut self, tp: &TopicPartition) -> &mut Partition {
        let (producer_id, producer_epoch) = (self.producer_id, self.producer_epoch);
        self.partitions.entry(tp.clone()).or_insert_with(|| Partition {
            producer_id,
            producer_epoch,
            next_sequence: 0,
            last_acked_sequence: -1,
            in_flight: Vec::new(),
        })
    }

    fn is_next(&self, tp: &TopicPartition, sequence: i32) -> bool {
        let last = self.partitions.get(tp).map_or(-1, |partition| partition.last_acked_sequence);
        sequence == add_sequence(last, 1)
    }

    /// True if the first batch of a queue must wait (`RecordAccumulator.shouldStopDrainBatchesForPartition`).
    pub fn must_wait(&self, batch: &ProducerBatch) -> bool {
        if !self.has_producer_id() {
            return true;
        }
        let Some(partition) = self.partitions.get(&batch.tp) else { return false };
        let first = partition.in_flight.first();
        if batch.has_sequence() {
            // A retry waits until all before it have their result.
            return first.is_some_and(|first| *first != batch.id);
        }
        let stale = (partition.producer_id, partition.producer_epoch) != (self.producer_id, self.producer_epoch);
        // Nothing new follows what may or may not be in the log, nor batches of an older epoch.
        self.unresolved.contains_key(&batch.tp) || (stale && first.is_some())
    }

    /// Gives a batch that is about to be sent its identity and sequence; a retry keeps its own.
    pub fn number(&mut self, batch: &mut ProducerBatch) {
        if batch.has_sequence() {
            return;
        }
        let (producer_id, producer_epoch) = (self.producer_id, self.producer_epoch);
        let partition = self.partition(&batch.tp);
        if (partition.producer_id, partition.producer_epoch) != (producer_id, producer_epoch) {
            // The first batch after a bump: its partition begins again.
            *partition = Partition {
                producer_id,
                producer_epoch,
                next_sequence: 0,
                last_acked_sequence: -1,
                in_flight: Vec::new(),
            };
        }
        batch.set_producer_state(producer_id, producer_epoch, partition.next_sequence);
        partition.next_sequence = add_sequence(partition.next_sequence, batch.record_count());
        partition.in_flight.push(batch.id);
    }

    /// A batch was acknowledged.
    pub fn completed(&mut self, batch: &ProducerBatch) {
        let partition = self.partition(&batch.tp);
        partition.last_acked_sequence = partition.last_acked_sequence.max(batch.last_sequence());
        self.forget(batch);
    }

    /// A batch is not in flight any more.
    pub fn forget(&mut self, batch: &ProducerBatch) {
        if let Some(partition) = self.partitions.get_mut(&batch.tp) {
            partition.in_flight.retain(|id| *id != batch.id);
        }
    }

    /// A batch was divided: its parts take its place.
    pub fn replace(&mut self, batch: &ProducerBatch, parts: &[BatchId]) {
        if let Some(partition) = self.partitions.get_mut(&batch.tp)
            && let Some(at) = partition.in_flight.iter().position(|id| *id == batch.id)
        {
            partition.in_flight.splice(at..=at, parts.iter().copied());
        }
    }

    /// A batch failed for good. `adjust`: its sequence is known to be unused, so those after it leave
    /// a gap.
    pub fn failed(&mut self, batch: &ProducerBatch, error: ErrorCode, adjust: bool) {
        self.forget(batch);
        let gap = matches!(error, ErrorCode::OutOfOrderSequenceNumber | ErrorCode::UnknownProducerId);
        if gap || adjust {
            self.request_bump(&batch.tp);
        }
    }

    /// A batch expired after it had been sent.
    pub fn mark_unresolved(&mut self, batch: &ProducerBatch) {
        if batch.has_sequence() {
            let next = add_sequence(batch.last_sequence(), 1);
            let known = self.unresolved.entry(batch.tp.clone()).or_insert(next);
            *known = (*known).max(next);
        }
    }

    fn request_bump(&mut self, tp: &TopicPartition) {
        self.bump_required = true;
        self.to_rewrite.insert(tp.clone());
    }

    /// Whether a refused batch is sent again (`TransactionManager.canRetry`).
    pub fn can_retry(&mut self, batch: &ProducerBatch, error: ErrorCode) -> bool {
        let tp = &batch.tp;
        match error {
            ErrorCode::UnknownProducerId => {
                if !batch.sequence_has_been_reset {
                    self.request_bump_if_current(batch);
                }
                true
            }
            ErrorCode::OutOfOrderSequenceNumber => {
                let unresolved = self.unresolved.get(tp).copied();
                if unresolved.is_none() && (batch.sequence_has_been_reset || !self.is_next(tp, batch.base_sequence)) {
                    return true;
                }
                // A real gap: this one should have been next.
                if unresolved.is_none_or(|next| next == batch.base_sequence) {
                    self.request_bump_if_current(batch);
                }
                true
            }
            error => error.is_retriable(),
        }
    }

    fn request_bump_if_current(&mut self, batch: &ProducerBatch) {
        if (batch.producer_id, batch.producer_epoch) == (self.producer_id, self.producer_epoch) {
            self.request_bump(&batch.tp);
        }
    }

    /// Decides what became of unknown sequences once nothing of their partition is in flight
    /// (`TransactionManager.maybeResolveSequences`).
    pub fn resolve(&mut self) {
        let settled: Vec<TopicPartition> = self
            .unresolved
            .keys()
            .filter(|tp| self.partitions.get(*tp).is_none_or(|partition| partition.in_flight.is_empty()))
            .cloned()
            .collect();
        for tp in settled {
            self.unresolved.remove(&tp);
            let next = self.partitions.get(&tp).map_or(0, |partition| partition.next_sequence);
            if !self.is_next(&tp, next) {
                self.request_bump(&tp);
            }
        }
    }

    /// As [`Self::resolve`] for a transaction: true if something sent may or may not be in the log.
    pub fn resolve_failed(&mut self) -> bool {
        let settled: Vec<TopicPartition> = self
            .unresolved
            .keys()
            .filter(|tp| self.partitions.get(*tp).is_none_or(|partition| partition.in_flight.is_empty()))
            .cloned()
            .collect();
        let mut failed = false;
        for tp in settled {
            self.unresolved.remove(&tp);
            let next = self.partitions.get(&tp).map_or(0, |partition| partition.next_sequence);
            failed |= !self.is_next(&tp, next);
        }
        failed
    }

    /// A transactional batch failed for good: those after it move up (`adjustSequencesDueToFailedBatch`).
    pub fn failed_in_transaction(
        &mut self,
        batch: &ProducerBatch,
        error: ErrorCode,
        adjust: bool,
        accumulator: &mut Accumulator,
    ) {
        self.forget(batch);
        if error == ErrorCode::UnknownProducerId {
            self.partitions.remove(&batch.tp);
            self.unresolved.remove(&batch.tp);
            return;
        }
        let Some(partition) = self.partitions.get_mut(&batch.tp).filter(|_| adjust && batch.has_sequence()) else {
            return;
        };
        let count = batch.record_count();
        partition.next_sequence = add_sequence(partition.next_sequence, -count);
        for id in &partition.in_flight {
            if let Some(later) = accumulator.batch_mut(*id).filter(|later| later.base_sequence > batch.base_sequence) {
                let sequence = add_sequence(later.base_sequence, -count);
                later.set_producer_state(later.producer_id, later.producer_epoch, sequence);
            }
        }
    }

    /// As [`Self::can_retry`] for a transaction: a gap is the end of it.
    pub fn can_retry_in_transaction(&self, batch: &ProducerBatch, error: ErrorCode) -> bool {
        match error {
            ErrorCode::UnknownProducerId => batch.sequence_has_been_reset,
            ErrorCode::OutOfOrderSequenceNumber => {
                !self.unresolved.contains_key(&batch.tp)
                    && (batch.sequence_has_been_reset || !self.is_next(&batch.tp, batch.base_sequence))
            }
            error => error.is_retriable(),
        }
    }

    /// InitProducerId of a transactional id was answered; `is_bump`: sequences begin anew.
    pub fn initialized(&mut self, producer_id: i64, producer_epoch: i16, is_bump: bool) {
        self.producer_id = producer_id;
        self.producer_epoch = producer_epoch;
        if is_bump {
            self.partitions.clear();
            self.unresolved.clear();
        }
    }

    /// Raises the epoch if that is due and numbers what is in flight of the partitions concerned anew
    /// (`bumpIdempotentEpochAndResetIdIfNeeded`). True if the epoch is another now.
    pub fn bump_if_required(&mut self, accumulator: &mut Accumulator) -> bool {
        if !std::mem::take(&mut self.bump_required) {
            return false;
        }
        match self.producer_epoch.checked_add(1) {
            Some(epoch) => self.producer_epoch = epoch,
            // All epochs are used up: a new producer id is asked for.
            None => (self.producer_id, self.producer_epoch) = (-1, -1),
        }
        self.rewrite(accumulator);
        true
    }

    /// An identity was given.
    pub fn identified(&mut self, producer_id: i64, producer_epoch: i16, accumulator: &mut Accumulator) {
        self.producer_id = producer_id;
        self.producer_epoch = producer_epoch;
        let with_batches = self.partitions.iter().filter(|(_, partition)| !partition.in_flight.is_empty());
        self.to_rewrite = with_batches.map(|(tp, _)| tp.clone()).collect();
        self.rewrite(accumulator);
    }

    fn rewrite(&mut self, accumulator: &mut Accumulator) {
        let (producer_id, producer_epoch) = (self.producer_id, self.producer_epoch);
        for tp in std::mem::take(&mut self.to_rewrite) {
            self.unresolved.remove(&tp);
            let Some(partition) = self.partitions.get_mut(&tp) else { continue };
            let mut sequence = 0;
            for id in &partition.in_flight {
                let Some(batch) = accumulator.batch_mut(*id) else { continue };
                batch.set_producer_state(producer_id, producer_epoch, sequence);
                batch.sequence_has_been_reset = true;
                sequence = add_sequence(sequence, batch.record_count());
            }
            partition.producer_id = producer_id;
            partition.producer_epoch = producer_epoch;
            partition.next_sequence = sequence;
            partition.last_acked_sequence = -1;
        }
    }
}
