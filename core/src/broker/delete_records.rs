//! DeleteRecords (21): the leader raises its log start offset and answers when every live replica has
//! done so (`ReplicaManager.deleteRecords`, `Partition.deleteRecordsOnLeader`, `DelayedDeleteRecords`;
//! KIP-107). Followers learn the leader's log start with their fetches.

use super::delayed::{DelayedDeleteRecords, DeleteRecordsStatus};
use super::log_manager::removed_between;
use super::{Broker, BrokerTimer, is_internal};
use crate::ids::TopicPartition;
use crate::machine::{Connection, Ctx, Observation};
use crate::protocol::admin::{DeleteRecordsRequest, DeleteRecordsResponse};
use crate::protocol::{ErrorCode, Response};
use crate::time::SimDuration;

/// `DeleteRecordsRequest.HIGH_WATERMARK`
const HIGH_WATERMARK: i64 = -1;
/// `DeleteRecordsResponse.INVALID_LOW_WATERMARK`
const INVALID_LOW_WATERMARK: i64 = -1;

impl Broker {
    pub(super) fn delete_records(
        &mut self,
        ctx: &mut Ctx<'_>,
        on: &Connection,
        id: u64,
        request: DeleteRecordsRequest,
    ) {
        let mut statuses = Vec::new();
        for (tp, before) in request.partitions {
            let status = match self.delete_records_on_leader(ctx, &tp, before) {
                Ok(required_offset) => {
                    DeleteRecordsStatus { tp, error: ErrorCode::None, low_watermark: -1, required_offset, open: true }
                }
                Err(error) => {
                    let name = "DeleteRecords".into();
                    let tp_of = Some(tp.clone());
                    ctx.observe(Observation::RequestRefused { broker: self.id, request: name, tp: tp_of, error });
                    let low_watermark = INVALID_LOW_WATERMARK;
                    DeleteRecordsStatus { tp, error, low_watermark, required_offset: -1, open: false }
                }
            };
            statuses.push(status);
        }
        let mut delayed = DelayedDeleteRecords { connection: on.clone(), correlation_id: id, statuses };
        if self.are_records_deleted(&mut delayed) {
            answer(ctx, delayed);
        } else {
            let number = self.purgatory.park_delete_records(delayed);
            let wait = SimDuration::from_ms(request.timeout_ms);
            self.timers.set(BrokerTimer::DelayedDeleteRecords(number), ctx.now + wait);
        }
    }

    /// Raises the log start on this leader; gives the offset that all live replicas have to reach.
    fn delete_records_on_leader(
        &mut self,
        ctx: &mut Ctx<'_>,
        tp: &TopicPartition,
        before: i64,
    ) -> Result<i64, ErrorCode> {
        if is_internal(&tp.topic) {
            return Err(ErrorCode::InvalidTopicException);
        }
        self.check_online(tp)?;
        let missing = self.missing(tp);
        let partition = self.partitions.get_mut(tp).ok_or(missing)?;
        if !partition.is_leader {
            return Err(ErrorCode::NotLeaderOrFollower);
        }
        let log = &mut partition.log;
        if log.config().compact && !log.config().delete {
            return Err(ErrorCode::PolicyViolation);
        }
        let before = if before == HIGH_WATERMARK { log.high_watermark() } else { before };
        if before < 0 {
            return Err(ErrorCode::OffsetOutOfRange);
        }
        let from = log.log_start_offset();
        if log.maybe_increment_log_start_offset(before)? {
            let removed = removed_between(tp, log, from, before);
            let (tp, broker) = (tp.clone(), self.id);
            ctx.observe(Observation::LogStartOffsetMoved { tp: tp.clone(), broker, from, to: before, removed });
            self.dirty.insert(tp);
        }
        Ok(before)
    }

    /// The smallest log start of the leader and of the live followers (`lowWatermarkIfLeader`).
    pub(super) fn low_watermark(&self, tp: &TopicPartition) -> Option<i64> {
        let partition = self.partitions.get(tp).filter(|partition| partition.is_leader)?;
        let live = partition.remotes.iter().filter(|(id, _)| self.cache.alive.contains(id));
        let followers = live.map(|(_, remote)| remote.log_start_offset);
        followers.chain([partition.log.log_start_offset()]).min()
    }

    /// Looks at every partition that is still open; true if none is.
    fn are_records_deleted(&self, delayed: &mut DelayedDeleteRecords) -> bool {
        for status in delayed.statuses.iter_mut().filter(|status| status.open) {
            let failed = match self.low_watermark(&status.tp) {
                Some(low_watermark) if low_watermark >= status.required_offset => {
                    status.low_watermark = low_watermark;
                    status.open = false;
                    continue;
                }
                Some(_) => continue,
                None if self.check_online(&status.tp).is_err() => ErrorCode::KafkaStorageError,
                None if self.partitions.contains_key(&status.tp) => ErrorCode::NotLeaderOrFollower,
                None => ErrorCode::UnknownTopicOrPartition,
            };
            status.error = failed;
            status.low_watermark = INVALID_LOW_WATERMARK;
            status.open = false;
        }
        delayed.statuses.iter().all(|status| !status.open)
    }

    pub(super) fn complete_delete_records(&mut self, ctx: &mut Ctx<'_>, tp: &TopicPartition) {
        for number in self.purgatory.delete_records_on(tp) {
            let Some(mut delayed) = self.purgatory.take_delete_records(number) else { continue };
            if self.are_records_deleted(&mut delayed) {
                self.timers.cancel(&BrokerTimer::DelayedDeleteRecords(number));
                answer(ctx, delayed);
            } else {
                self.purgatory.put_delete_records(number, delayed);
            }
        }
    }

    pub(super) fn delete_records_overdue(&mut self, ctx: &mut Ctx<'_>, number: u64) {
        let Some(mut delayed) = self.purgatory.take_delete_records(number) else { return };
        for status in delayed.statuses.iter_mut().filter(|status| status.open) {
            status.error = ErrorCode::RequestTimedOut;
        }
        answer(ctx, delayed);
    }
}

fn answer(ctx: &mut Ctx<'_>, delayed: DelayedDeleteRecords) {
    let partitions =
        delayed.statuses.into_iter().map(|status| (status.tp, status.error, status.low_watermark)).collect();
    let answer = Response::DeleteRecords(DeleteRecordsResponse { partitions });
    ctx.respond(&delayed.connection, delayed.correlation_id, answer);
}
