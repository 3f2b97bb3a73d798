//! ISR changes: asked of the controller, never written by the leader itself (KIP-497,
//! `AlterPartitionManager`). One request in flight; what comes meanwhile goes with the next.

use crate::collections::BTreeMap;

use super::Broker;
use crate::ids::TopicPartition;
use crate::machine::{Ctx, Observation};
use crate::protocol::control::{AlterPartitionItem, AlterPartitionRequest, AlterPartitionResponse};
use crate::protocol::{ErrorCode, Request};
use crate::time::SimDuration;

/// Changes that wait for the next request.
#[derive(Clone, Debug, Default)]
pub struct AlterPartitionManager {
    pending: BTreeMap<TopicPartition, AlterPartitionItem>,
}

impl Broker {
    fn lag_max(&self) -> SimDuration {
        SimDuration::from_ms(self.config.replica_lag_time_max_ms)
    }

    pub(super) fn shrink_isrs(&mut self, ctx: &mut Ctx<'_>) {
        let lag_max = self.lag_max();
        let mut asked = Vec::new();
        for (tp, partition) in &mut self.partitions {
            let out = partition.lagging(ctx.now, lag_max);
            if !out.is_empty() {
                ctx.observe(Observation::IsrShrinkAsked { tp: tp.clone(), broker: self.id, out: out.clone() });
                asked.push(partition.ask_shrink(&out));
            }
        }
        self.ask_for_isrs(ctx, asked);
    }

    pub(super) fn maybe_expand_isr(&mut self, ctx: &mut Ctx<'_>, tp: &TopicPartition, replica: i32) {
        let alive = self.cache.alive.contains(&replica);
        let Some(partition) = self.partitions.get_mut(tp) else { return };
        if !alive || !partition.may_join(replica) {
            return;
        }
        let item = partition.ask_expand(replica);
        ctx.observe(Observation::IsrExpandAsked { tp: tp.clone(), broker: self.id, joining: replica });
        self.ask_for_isrs(ctx, vec![item]);
    }

    fn ask_for_isrs(&mut self, ctx: &mut Ctx<'_>, items: Vec<AlterPartitionItem>) {
        for item in items {
            self.alter_partition.pending.insert(item.tp.clone(), item);
        }
        self.send_pending_isrs(ctx);
    }

    fn send_pending_isrs(&mut self, ctx: &mut Ctx<'_>) {
        if self.alter_partition.pending.is_empty() || self.to_controller.has("AlterPartition") {
            return;
        }
        let partitions = std::mem::take(&mut self.alter_partition.pending).into_values().collect();
        let request = AlterPartitionRequest { broker_id: self.id, broker_epoch: self.broker_epoch(), partitions };
        self.ask_controller(ctx, Request::AlterPartition(request));
    }

    pub(super) fn alter_partition_answered(
        &mut self,
        ctx: &mut Ctx<'_>,
        request: &AlterPartitionRequest,
        answer: AlterPartitionResponse,
    ) {
        if answer.error != ErrorCode::None {
            // STALE_BROKER_EPOCH and the like: sent again with what holds by then.
            for item in &request.partitions {
                self.alter_partition.pending.entry(item.tp.clone()).or_insert_with(|| item.clone());
            }
        }
        for result in &answer.partitions {
            let Some(partition) = self.partitions.get_mut(&result.tp) else { continue };
            match result.error {
                ErrorCode::None => {
                    partition.isr_written(result);
                }
                ErrorCode::OperationNotAttempted | ErrorCode::IneligibleReplica => partition.pending_isr = None,
                // The leader keeps its wish until new metadata comes.
                ErrorCode::UnknownTopicOrPartition
                | ErrorCode::UnknownTopicId
                | ErrorCode::FencedLeaderEpoch
                | ErrorCode::InvalidUpdateVersion
                | ErrorCode::InvalidRequest
                | ErrorCode::NewLeaderElected => {}
                _ => {
                    if let Some(item) = request.partitions.iter().find(|item| item.tp == result.tp) {
                        self.alter_partition.pending.insert(item.tp.clone(), item.clone());
                    }
                }
            }
            let tp = result.tp.clone();
            self.advance_high_watermark(ctx, &tp);
            self.dirty.insert(tp);
        }
        // What no longer is ours to ask is dropped.
        let partitions = &self.partitions;
        self.alter_partition.pending.retain(|tp, item| {
            partitions
                .get(tp)
                .is_some_and(|p| p.is_leader && p.leader_epoch == item.leader_epoch && p.pending_isr.is_some())
        });
        self.send_pending_isrs(ctx);
    }

    /// Raises the high watermark if the replicas that count allow it.
    pub(super) fn advance_high_watermark(&mut self, ctx: &mut Ctx<'_>, tp: &TopicPartition) {
        let lag_max = self.lag_max();
        let alive = &self.cache.alive;
        let Some(partition) = self.partitions.get_mut(tp) else { return };
        let leader_epoch = partition.leader_epoch;
        if let Some((from, to)) = partition.maybe_advance_high_watermark(ctx.now, lag_max, |id| alive.contains(&id)) {
            let tp = tp.clone();
            ctx.observe(Observation::HighWatermarkAdvanced { tp: tp.clone(), broker: self.id, leader_epoch, from, to });
            self.dirty.insert(tp);
        }
    }
}
