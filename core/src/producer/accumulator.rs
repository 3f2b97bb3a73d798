//! Batches that wait per partition (`RecordAccumulator`), and the memory that they hold (`BufferPool`).

use crate::collections::BTreeMap;
use std::collections::VecDeque;

use super::batch::{BatchId, BatchRecord, ProducerBatch, RATIO_ONE, size_upper_bound};
use crate::ids::{Name, TopicPartition};
use crate::log::Compression;
use crate::time::{SimDuration, SimTime};

/// What became of an append.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Appended {
    /// The record is in a batch; that many bytes were added.
    Yes {
        /// Bytes by which the partition's queue grew.
        bytes: u64,
        /// A batch was opened for it.
        new_batch: bool,
    },
    /// `buffer.memory` is used up; the record comes back.
    NoMemory(BatchRecord),
}

/// Batches by number, queues by partition.
#[derive(Clone, Debug, Default)]
pub struct Accumulator {
    queues: BTreeMap<TopicPartition, VecDeque<BatchId>>,
    batches: BTreeMap<BatchId, ProducerBatch>,
    next_id: BatchId,
    used_bytes: u64,
    compression: Compression,
    /// To what share of its bytes a topic's records are compressed, in millionths.
    ratios: BTreeMap<Name, u64>,
}

/// Steps of the estimate (`CompressionRatioEstimator`), in millionths.
const RATIO_IMPROVES: u64 = 5_000;
const RATIO_DETERIORATES: u64 = 50_000;

impl Accumulator {
    /// One whose batches are compressed.
    pub fn with_compression(compression: Compression) -> Self {
        Self { compression, ..Self::default() }
    }

    /// A new batch with room for `allocated_bytes`.
    fn batch_for(&self, tp: &TopicPartition, created_at: SimTime, allocated_bytes: u64) -> ProducerBatch {
        let ratio = self.ratios.get(&tp.topic).copied().unwrap_or(RATIO_ONE);
        let batch = ProducerBatch::new(self.next_id, tp.clone(), created_at, allocated_bytes);
        batch.with_compression(self.compression, ratio)
    }

    /// Closes a batch and learns from it how well the topic's records are compressed.
    pub fn close(&mut self, id: BatchId) {
        let Some(batch) = self.batches.get_mut(&id) else { return };
        let Some(observed) = batch.close() else { return };
        let expected = self.ratios.entry(batch.tp.topic.clone()).or_insert(RATIO_ONE);
        if observed > *expected {
            *expected = (*expected + RATIO_DETERIORATES).max(observed);
        } else if observed < *expected {
            *expected = expected.saturating_sub(RATIO_IMPROVES).max(observed);
        }
    }

    /// A batch by its number.
    pub fn batch(&self, id: BatchId) -> Option<&ProducerBatch> {
        self.batches.get(&id)
    }

    /// A batch by its number, to be changed.
    pub fn batch_mut(&mut self, id: BatchId) -> Option<&mut ProducerBatch> {
        self.batches.get_mut(&id)
    }

    /// Queues that hold a batch, by partition.
    pub fn queues(&self) -> impl Iterator<Item = (&TopicPartition, &VecDeque<BatchId>)> {
        // Queues stay once they were made; most of the time no batch is left in any.
        let looked_at = if self.batches.is_empty() { 0 } else { self.queues.len() };
        self.queues.iter().take(looked_at).filter(|(_, queue)| !queue.is_empty())
    }

    /// All batches of the producer, done or not.
    pub fn batches(&self) -> impl Iterator<Item = &ProducerBatch> {
        self.batches.values()
    }

    /// True if a record's future is open.
    pub fn has_incomplete(&self) -> bool {
        self.batches.values().any(|batch| !batch.done)
    }

    fn last_of(&self, tp: &TopicPartition) -> Option<&ProducerBatch> {
        self.batches.get(self.queues.get(tp)?.back()?)
    }

    /// No batch of the queue takes further records: a sticky partitioner may go on
    /// (`RecordAccumulator.allBatchesFull`).
    pub fn all_full(&self, tp: &TopicPartition) -> bool {
        self.last_of(tp).is_none_or(ProducerBatch::is_full)
    }

    /// Batches waiting per partition of a topic that ever had a queue.
    pub fn queue_sizes(&self, topic: &Name) -> Vec<(i32, u64)> {
        let first = TopicPartition::new(topic.clone(), i32::MIN);
        let of_topic = self.queues.range(first..).take_while(|(tp, _)| &tp.topic == topic);
        of_topic.map(|(tp, queue)| (tp.partition, queue.len() as u64)).collect()
    }

    /// True if the record fits the open batch, so that no new one is needed.
    pub fn fits_open_batch(&self, tp: &TopicPartition, record: &BatchRecord) -> bool {
        self.last_of(tp).is_some_and(|batch| batch.has_room_for(record))
    }

    /// Puts a record into the open batch, or into a new one.
    pub fn append(
        &mut self,
        tp: &TopicPartition,
        mut record: BatchRecord,
        batch_size: u64,
        buffer_memory: u64,
        now: SimTime,
    ) -> Appended {
        let last = self.queues.get(tp).and_then(|queue| queue.back().copied());
        if let Some(batch) = last.and_then(|id| self.batches.get_mut(&id)) {
            let before = batch.size_in_bytes();
            match batch.try_append(record) {
                Ok(()) => return Appended::Yes { bytes: batch.size_in_bytes() - before, new_batch: false },
                Err(back) => record = back,
            }
        }
        let wanted = batch_size.max(size_upper_bound(record.key.as_ref(), record.value.as_ref(), &record.headers));
        if self.used_bytes.saturating_add(wanted) > buffer_memory {
            return Appended::NoMemory(record);
        }
        let id = self.add(self.batch_for(tp, now, wanted));
        self.queues.entry(tp.clone()).or_default().push_back(id);
        let Some(batch) = self.batches.get_mut(&id) else { return Appended::NoMemory(record) };
        match batch.try_append(record) {
            Ok(()) => Appended::Yes { bytes: batch.size_in_bytes(), new_batch: true },
            Err(back) => Appended::NoMemory(back),
        }
    }

    fn add(&mut self, mut batch: ProducerBatch) -> BatchId {
        let id = self.next_id;
        self.next_id += 1;
        self.used_bytes += batch.allocated_bytes();
        batch.id = id;
        self.batches.insert(id, batch);
        id
    }

    /// Takes the first batch out of a queue.
    pub fn take_first(&mut self, tp: &TopicPartition) -> Option<BatchId> {
        self.queues.get_mut(tp)?.pop_front()
    }

    /// Puts a failed batch back (`RecordAccumulator.reenqueue`): first, or among those with sequences
    /// in the order of these.
    pub fn reenqueue(&mut self, id: BatchId, now: SimTime, wait: SimDuration) {
        let Some(batch) = self.batches.get_mut(&id) else { return };
        batch.attempts = batch.attempts.saturating_add(1);
        batch.in_retry = true;
        batch.last_attempt_at = now;
        batch.retry_at = now + wait;
        self.insert_in_order(id);
    }

    fn insert_in_order(&mut self, id: BatchId) {
        let Some(batch) = self.batches.get(&id) else { return };
        let queue = self.queues.entry(batch.tp.clone()).or_default();
        let is_before = |other: &BatchId| {
            let other = self.batches.get(other);
            other.is_some_and(|other| other.has_sequence() && other.base_sequence < batch.base_sequence)
        };
        let at = if batch.has_sequence() { queue.iter().take_while(|other| is_before(other)).count() } else { 0 };
        queue.insert(at, id);
    }

    /// Divides a batch that the broker found too large into batches of `batch_size` and queues these
    /// first (`RecordAccumulator.splitAndReenqueue`). Gives the new numbers.
    pub fn split(&mut self, id: BatchId, batch_size: u64) -> Vec<BatchId> {
        let Some(big) = self.batches.get(&id).cloned() else { return Vec::new() };
        // The batch was larger than expected: the topic is expected to be hardly compressible from now on.
        if self.compression != Compression::None {
            self.ratios.insert(big.tp.topic.clone(), RATIO_ONE);
        }
        let mut parts: Vec<ProducerBatch> = Vec::new();
        for record in big.records() {
            let left = match parts.last_mut() {
                Some(part) => part.try_append(record.clone()),
                None => Err(record.clone()),
            };
            if let Err(record) = left {
                let allocated =
                    batch_size.max(size_upper_bound(record.key.as_ref(), record.value.as_ref(), &record.headers));
                let mut part = self.batch_for(&big.tp, big.created_at, allocated);
                // A first record always fits.
                let _ = part.try_append(record);
                parts.push(part);
            }
        }
        let mut sequence = big.base_sequence;
        let mut ids = Vec::new();
        for mut part in parts {
            part.closed = true;
            if big.has_sequence() {
                part.set_producer_state(big.producer_id, big.producer_epoch, sequence);
                sequence = super::batch::add_sequence(sequence, part.record_count());
            }
            ids.push(self.add(part));
        }
        for id in ids.iter().rev() {
            self.insert_in_order(*id);
        }
        ids
    }

    /// Batches in queues whose `delivery.timeout.ms` is over, taken out.
    pub fn take_expired(&mut self, now: SimTime, delivery_timeout: SimDuration) -> Vec<BatchId> {
        let mut expired = Vec::new();
        if self.batches.is_empty() {
            return expired;
        }
        for queue in self.queues.values_mut() {
            while let Some(id) = queue.front().copied() {
                if self.batches.get(&id).is_some_and(|batch| batch.created_at + delivery_timeout > now) {
                    break;
                }
                queue.pop_front();
                expired.push(id);
            }
        }
        expired
    }

    /// Takes every batch out that was never sent (`RecordAccumulator.abortUndrainedBatches`).
    pub fn take_undrained(&mut self) -> Vec<BatchId> {
        let mut taken = Vec::new();
        for queue in self.queues.values_mut() {
            taken.extend(queue.drain(..));
        }
        taken
    }

    /// Takes every batch out that was given no sequence (`abortUndrainedBatches` of a transaction).
    pub fn take_unnumbered(&mut self) -> Vec<BatchId> {
        let mut taken = Vec::new();
        for queue in self.queues.values_mut() {
            queue.retain(|id| {
                let keep = self.batches.get(id).is_some_and(ProducerBatch::has_sequence);
                if !keep {
                    taken.push(*id);
                }
                keep
            });
        }
        taken
    }

    /// The batch's futures are completed: its memory is free. It stays known while a request holds it.
    pub fn finish(&mut self, id: BatchId) {
        let Some(batch) = self.batches.get_mut(&id) else { return };
        if !batch.done {
            batch.done = true;
            self.used_bytes = self.used_bytes.saturating_sub(batch.allocated_bytes());
        }
        if !batch.in_request {
            self.batches.remove(&id);
        }
    }

    /// A request does not hold the batch any more.
    pub fn leave_request(&mut self, id: BatchId) {
        if let Some(batch) = self.batches.get_mut(&id) {
            batch.in_request = false;
        }
    }
}
