//! Produce: append on the leader, and for acks=all wait until the in-sync replicas have it
//! (`ReplicaManager.appendRecords`, `DelayedProduce`; `kafka/02` §2.5).

use super::delayed::{DelayedProduce, ProduceOrigin, ProduceStatus};
use super::verification::{Guards, Verified};
use super::{Broker, BrokerTimer, is_internal};
use crate::guard::{Guard, holds};
use crate::ids::TopicPartition;
use crate::log::{AppendOrigin, AppendRefused, RecordBatch, Verification};
use crate::machine::{Connection, Ctx, Observation};
use crate::protocol::produce::{ProducePartitionResponse, ProduceRequest, ProduceResponse};
use crate::protocol::{ErrorCode, Response};
use crate::time::SimDuration;

impl Broker {
    /// Transactional batches may have to wait for their coordinator's word.
    pub(super) fn produce(&mut self, ctx: &mut Ctx<'_>, on: &Connection, id: u64, request: ProduceRequest) {
        self.verify_and(ctx, on, id, Verified::Produce(request));
    }

    pub(super) fn append_produce(
        &mut self,
        ctx: &mut Ctx<'_>,
        on: &Connection,
        id: u64,
        request: ProduceRequest,
        guards: &Guards,
    ) {
        let acks = request.acks;
        let is_verified = self.verifies_transactions();
        let mut statuses = Vec::new();
        for (tp, batch) in request.batches {
            let refused = if !matches!(acks, -1..=1) {
                Some(ErrorCode::InvalidRequiredAcks)
            } else if is_internal(&tp.topic) {
                Some(ErrorCode::InvalidTopicException)
            } else {
                guards.error_of(&tp)
            };
            let verification = match is_verified {
                true => Verification::Guard(guards.guards.get(&tp).copied()),
                false => Verification::NotRequired,
            };
            let result = match refused {
                Some(error) => Err(error.into()),
                None => self.append(ctx, &tp, batch, acks, AppendOrigin::Client, verification),
            };
            statuses.push(self.status(ctx, tp, result));
        }
        if acks == 0 {
            // Nobody waits for an answer; an error shows as a closed connection.
            if statuses.iter().any(|status| status.error != ErrorCode::None) {
                ctx.close(on);
                self.connections.lost(on);
            } else {
                self.connections.done(on);
            }
            return;
        }
        let origin = ProduceOrigin::Client { connection: on.clone(), correlation_id: id };
        let wait = SimDuration::from_ms(request.timeout_ms);
        self.answer_or_park(ctx, DelayedProduce { origin, statuses }, acks, wait);
    }

    fn status(
        &self,
        ctx: &mut Ctx<'_>,
        tp: TopicPartition,
        result: Result<(i64, i64), AppendRefused>,
    ) -> ProduceStatus {
        if let Err(AppendRefused { error, .. }) = result {
            let (broker, request) = (self.id, "Produce".into());
            ctx.observe(Observation::RequestRefused { broker, request, tp: Some(tp.clone()), error });
        }
        ProduceStatus::of(tp, result)
    }

    /// Appends one batch; gives the offset of its first record and the one after its last.
    pub(super) fn append(
        &mut self,
        ctx: &mut Ctx<'_>,
        tp: &TopicPartition,
        batch: RecordBatch,
        acks: i16,
        origin: AppendOrigin,
        verification: Verification,
    ) -> Result<(i64, i64), AppendRefused> {
        let missing = self.missing(tp);
        let partition = self.partitions.get_mut(tp).ok_or(missing)?;
        if !partition.is_leader {
            return Err(ErrorCode::NotLeaderOrFollower.into());
        }
        if acks == -1 && partition.is_under_min_isr() {
            return Err(ErrorCode::NotEnoughReplicas.into());
        }
        let leader_epoch = partition.leader_epoch;
        if !self.can_write(ctx, tp) {
            return Err(ErrorCode::KafkaStorageError.into());
        }
        let partition = self.partitions.get_mut(tp).ok_or(missing)?;
        let now_ms = ctx.wall_clock_ms();
        let info = partition.log.append_as_leader_from(batch, leader_epoch, now_ms, origin, verification)?;
        if !info.duplicate {
            ctx.observe(Observation::Appended {
                tp: tp.clone(),
                broker: self.id,
                base_offset: info.base_offset,
                last_offset: info.last_offset,
                leader_epoch,
            });
            self.dirty.insert(tp.clone());
            self.advance_high_watermark(ctx, tp);
        }
        Ok((info.base_offset, info.last_offset + 1))
    }

    pub(super) fn answer_or_park(
        &mut self,
        ctx: &mut Ctx<'_>,
        mut produce: DelayedProduce,
        acks: i16,
        wait: SimDuration,
    ) {
        if acks == -1 && holds(Guard::AcksAllWaits) && !self.is_produced(&mut produce) {
            let number = self.purgatory.park_produce(produce);
            self.timers.set(BrokerTimer::DelayedProduce(number), ctx.now + wait);
        } else {
            self.answer_produce(ctx, produce);
        }
    }

    /// Looks at every partition that is still open; true if none is.
    fn is_produced(&self, produce: &mut DelayedProduce) -> bool {
        for status in produce.statuses.iter_mut().filter(|status| status.open) {
            match self.partitions.get(&status.tp) {
                None => {
                    status.open = false;
                    status.error = self.missing(&status.tp);
                }
                Some(partition) if !partition.is_leader => {
                    status.open = false;
                    status.error = ErrorCode::NotLeaderOrFollower;
                }
                Some(partition) if partition.log.high_watermark() >= status.required_offset => {
                    status.open = false;
                    if partition.maximal_isr().len() < partition.effective_min_isr() {
                        status.error = ErrorCode::NotEnoughReplicasAfterAppend;
                    }
                }
                Some(_) => {}
            }
        }
        produce.statuses.iter().all(|status| !status.open)
    }

    pub(super) fn complete_produces(&mut self, ctx: &mut Ctx<'_>, tp: &TopicPartition) {
        for number in self.purgatory.produces_on(tp) {
            let Some(mut produce) = self.purgatory.take_produce(number) else { continue };
            if self.is_produced(&mut produce) {
                self.timers.cancel(&BrokerTimer::DelayedProduce(number));
                self.answer_produce(ctx, produce);
            } else {
                self.purgatory.put_produce(number, produce);
            }
        }
    }

    pub(super) fn produce_overdue(&mut self, ctx: &mut Ctx<'_>, number: u64) {
        let Some(mut produce) = self.purgatory.take_produce(number) else { return };
        for status in produce.statuses.iter_mut().filter(|status| status.open) {
            status.open = false;
            status.error = ErrorCode::RequestTimedOut;
        }
        self.answer_produce(ctx, produce);
    }

    fn answer_produce(&mut self, ctx: &mut Ctx<'_>, produce: DelayedProduce) {
        match produce.origin {
            ProduceOrigin::Group { token } => {
                if let Some(status) = produce.statuses.first() {
                    self.group_done.push((token, status.error, status.base_offset));
                }
            }
            ProduceOrigin::Transaction { token } => {
                let error = produce.statuses.first().map_or(ErrorCode::None, |status| status.error);
                self.transaction_done.push((token, error));
            }
            ProduceOrigin::Markers { connection, correlation_id, markers } => {
                self.markers_written(ctx, &connection, correlation_id, markers, produce.statuses);
            }
            ProduceOrigin::Client { connection, correlation_id } => {
                let partitions = produce.statuses.into_iter().map(|status| self.produce_answer(status)).collect();
                ctx.respond(&connection, correlation_id, Response::Produce(ProduceResponse { partitions }));
            }
        }
    }

    fn produce_answer(&self, status: ProduceStatus) -> ProducePartitionResponse {
        let log_start_offset = self.partitions.get(&status.tp).map_or(-1, |p| p.log.log_start_offset());
        ProducePartitionResponse {
            current_leader: self.leader_hint(&status.tp, status.error),
            base_offset: if status.error == ErrorCode::None { status.base_offset } else { -1 },
            tp: status.tp,
            error: status.error,
            record_errors: status.record_errors,
            log_start_offset,
        }
    }

    /// KIP-951: whom to ask instead, as far as this broker knows.
    pub(super) fn leader_hint(&self, tp: &TopicPartition, error: ErrorCode) -> Option<(i32, i32)> {
        if !matches!(error, ErrorCode::NotLeaderOrFollower | ErrorCode::FencedLeaderEpoch) {
            return None;
        }
        let known = self.cache.partitions.get(tp).map(|state| (state.leader, state.leader_epoch));
        let own = self.partitions.get(tp).map(|partition| (partition.leader, partition.leader_epoch));
        known.max_by_key(own, |pair| pair.1).filter(|(leader, _)| *leader >= 0 && self.cache.alive.contains(leader))
    }
}

/// The one of two options with the greater key.
trait MaxByKey<T> {
    fn max_by_key(self, other: Option<T>, key: impl Fn(&T) -> i32) -> Option<T>;
}

impl<T> MaxByKey<T> for Option<T> {
    fn max_by_key(self, other: Option<T>, key: impl Fn(&T) -> i32) -> Option<T> {
        match (self, other) {
            (Some(a), Some(b)) => Some(if key(&a) >= key(&b) { a } else { b }),
            (a, b) => a.or(b),
        }
    }
}
