//! What the controller's requests do to this broker's replicas (`ReplicaManager.becomeLeaderOrFollower`,
//! `stopReplicas`, `maybeUpdateMetadataCache`).

use std::rc::Rc;

use super::log_manager::removed_between;
use super::{Broker, Partition, is_internal};
use crate::guard::{Guard, holds};
use crate::ids::TopicPartition;
use crate::log::Log;
use crate::machine::{Connection, Ctx, Observation};
use crate::protocol::control::{
    ControlResponse, DURING_DELETE, LeaderAndIsrRequest, PartitionState, StopReplicaRequest, UpdateMetadataRequest,
};
use crate::protocol::{ErrorCode, Response};
use crate::transaction::TRANSACTION_STATE_TOPIC;

/// Which of the three requests is answered.
type Wrap = fn(ControlResponse) -> Response;

impl Broker {
    /// A controller or a broker epoch of the past is refused.
    fn check_epochs(&mut self, controller_epoch: i32, broker_epoch: i64) -> ErrorCode {
        if broker_epoch < self.broker_epoch() {
            return ErrorCode::StaleBrokerEpoch;
        }
        if controller_epoch < self.controller_epoch_seen && holds(Guard::ControllerEpochFenced) {
            return ErrorCode::StaleControllerEpoch;
        }
        self.controller_epoch_seen = controller_epoch;
        ErrorCode::None
    }

    fn refuse_control(&self, ctx: &mut Ctx<'_>, on: &Connection, id: u64, error: ErrorCode, name: &str, wrap: Wrap) {
        ctx.observe(Observation::RequestRefused { broker: self.id, request: name.into(), tp: None, error });
        ctx.respond(on, id, wrap(ControlResponse { error, partitions: Vec::new() }));
    }

    pub(super) fn leader_and_isr(&mut self, ctx: &mut Ctx<'_>, on: &Connection, id: u64, request: LeaderAndIsrRequest) {
        let error = self.check_epochs(request.controller_epoch, request.broker_epoch);
        if error != ErrorCode::None {
            self.refuse_control(ctx, on, id, error, "LeaderAndIsr", Response::LeaderAndIsr);
            return;
        }
        let mut results = Vec::with_capacity(request.partitions.len());
        for state in &request.partitions {
            let error = self.take_role(ctx, state);
            results.push((state.tp.clone(), error));
        }
        ctx.respond(on, id, Response::LeaderAndIsr(ControlResponse { error: ErrorCode::None, partitions: results }));
        self.wake_fetchers(ctx);
    }

    fn take_role(&mut self, ctx: &mut Ctx<'_>, state: &PartitionState) -> ErrorCode {
        let tp = &state.tp;
        // `HostedPartition.Offline`: its directory failed, and no second log is begun beside it.
        if let Err(error) = self.check_online(tp) {
            return error;
        }
        let known_epoch = self.partitions.get(tp).map_or(-1, |partition| partition.leader_epoch);
        // The same epoch says nothing new either, whatever the partition epoch: only a KRaft controller's would.
        if state.leader_epoch <= known_epoch {
            return ErrorCode::StaleControllerEpoch;
        }
        if !state.replicas.contains(&self.id) {
            return ErrorCode::UnknownTopicOrPartition;
        }
        if let Err(error) = self.host(ctx, tp, state.is_new) {
            return error;
        }
        let was_leader = self.partitions.get(tp).is_some_and(|partition| partition.is_leader);
        if state.leader == self.id {
            self.lead(ctx, state);
        } else {
            self.follow(ctx, state, was_leader);
        }
        self.dirty.insert(tp.clone());
        ErrorCode::None
    }

    /// Makes sure that there is a replica object, with its log from disk or a new one.
    fn host(&mut self, ctx: &mut Ctx<'_>, tp: &TopicPartition, is_new: bool) -> Result<(), ErrorCode> {
        if self.partitions.contains_key(tp) {
            return Ok(());
        }
        let config = self.configs.of_topic_or_default(&tp.topic, &self.config);
        let mut log = match self.idle_logs.remove(tp) {
            Some(log) => log,
            None => {
                let dir = self.dir_for(is_new)?;
                let mut log = Log::new(tp.clone(), (&config).into(), ctx.wall_clock_ms());
                log.set_parent_dir(dir);
                log
            }
        };
        let checkpoint = self.high_watermark_checkpoint.get(tp).copied().unwrap_or(0);
        log.reopen(checkpoint);
        self.partitions.insert(tp.clone(), Partition::new(tp.clone(), log, config).into());
        self.read_topic_config(ctx, &tp.topic);
        Ok(())
    }

    fn lead(&mut self, ctx: &mut Ctx<'_>, state: &PartitionState) {
        let tp = state.tp.clone();
        self.stop_fetching(ctx, &tp);
        let Some(partition) = self.partitions.get_mut(&tp) else { return };
        partition.make_leader(self.id, state, ctx.now);
        ctx.observe(Observation::BecameLeader {
            tp: tp.clone(),
            broker: self.id,
            leader_epoch: state.leader_epoch,
            start_offset: partition.log.log_end_offset(),
        });
        if &*tp.topic == "__consumer_offsets" {
            let batches: Vec<_> = partition.log.batches().cloned().collect();
            self.groups.on_leader_elected(ctx, tp.partition, state.leader_epoch, &batches);
        }
        if &*tp.topic == TRANSACTION_STATE_TOPIC {
            let batches: Vec<_> = partition.log.batches().cloned().collect();
            self.transactions.on_leader_elected(ctx, tp.partition, state.leader_epoch, &batches);
        }
        self.advance_high_watermark(ctx, &tp);
    }

    fn follow(&mut self, ctx: &mut Ctx<'_>, state: &PartitionState, was_leader: bool) {
        let tp = state.tp.clone();
        let Some(partition) = self.partitions.get_mut(&tp) else { return };
        partition.make_follower(state);
        ctx.observe(Observation::BecameFollower {
            tp: tp.clone(),
            broker: self.id,
            leader: state.leader,
            leader_epoch: state.leader_epoch,
        });
        if was_leader && &*tp.topic == "__consumer_offsets" {
            self.groups.on_resigned(ctx, tp.partition);
        }
        if was_leader && &*tp.topic == TRANSACTION_STATE_TOPIC {
            self.transactions.on_resigned(ctx, tp.partition);
        }
        self.stop_fetching(ctx, &tp);
        if state.leader >= 0 {
            self.start_fetching(ctx, &tp, state.leader);
        }
    }

    pub(super) fn stop_replica(&mut self, ctx: &mut Ctx<'_>, on: &Connection, id: u64, request: StopReplicaRequest) {
        let error = self.check_epochs(request.controller_epoch, request.broker_epoch);
        if error != ErrorCode::None {
            self.refuse_control(ctx, on, id, error, "StopReplica", Response::StopReplica);
            return;
        }
        let mut results = Vec::new();
        for (tp, leader_epoch, delete) in request.partitions {
            let error = self.stop_one(ctx, &tp, leader_epoch, delete);
            results.push((tp, error));
        }
        ctx.respond(on, id, Response::StopReplica(ControlResponse { error: ErrorCode::None, partitions: results }));
    }

    fn stop_one(&mut self, ctx: &mut Ctx<'_>, tp: &TopicPartition, leader_epoch: i32, delete: bool) -> ErrorCode {
        let known = self.partitions.get(tp).map_or(-1, |partition| partition.leader_epoch);
        // That of a topic's deletion is below 0, and -1 says nothing.
        if leader_epoch >= 0 && leader_epoch < known {
            return ErrorCode::FencedLeaderEpoch;
        }
        if let Err(error) = self.check_online(tp) {
            return error;
        }
        self.stop_fetching(ctx, tp);
        // A coordinator resigns with its replica's deletion (`KafkaApis.handleStopReplicaRequest`).
        if delete && self.partitions.get(tp).is_some_and(|partition| partition.is_leader) {
            match &*tp.topic {
                "__consumer_offsets" => self.groups.on_resigned(ctx, tp.partition),
                TRANSACTION_STATE_TOPIC => self.transactions.on_resigned(ctx, tp.partition),
                _ => {}
            }
        }
        if delete {
            let had = self.partitions.remove(tp).map(|partition| partition.take().log);
            let idle = self.idle_logs.remove(tp);
            self.high_watermark_checkpoint.remove(tp);
            if let Some(log) = had.or(idle) {
                // Of a partition that moves nothing is removed: others have it.
                let all = || removed_between(tp, &log, log.log_start_offset(), log.log_end_offset());
                let removed = (leader_epoch == DURING_DELETE).then(all);
                ctx.observe(Observation::ReplicaStopped { tp: tp.clone(), broker: self.id, deleted: true, removed });
            }
        } else if let Some(partition) = self.partitions.get_mut(tp) {
            partition.is_leader = false;
            partition.isr.clear();
            partition.pending_isr = None;
            partition.leader_epoch = partition.leader_epoch.max(leader_epoch);
            ctx.observe(Observation::ReplicaStopped { tp: tp.clone(), broker: self.id, deleted: false, removed: None });
        }
        self.dirty.insert(tp.clone());
        ErrorCode::None
    }

    pub(super) fn update_metadata(
        &mut self,
        ctx: &mut Ctx<'_>,
        on: &Connection,
        id: u64,
        request: UpdateMetadataRequest,
    ) {
        let error = self.check_epochs(request.controller_epoch, request.broker_epoch);
        if error != ErrorCode::None {
            self.refuse_control(ctx, on, id, error, "UpdateMetadata", Response::UpdateMetadata);
            return;
        }
        Rc::make_mut(&mut self.cache).update(&request);
        ctx.respond(
            on,
            id,
            Response::UpdateMetadata(ControlResponse { error: ErrorCode::None, partitions: Vec::new() }),
        );
        let deleted: Vec<TopicPartition> = request
            .partitions
            .iter()
            .filter(|s| s.leader == DURING_DELETE && !is_internal(&s.tp.topic))
            .map(|s| s.tp.clone())
            .collect();
        if !deleted.is_empty() {
            self.with_groups(ctx, |groups, ctx, store| groups.on_partitions_deleted(ctx, store, &deleted));
        }
        self.with_transactions(ctx, |transactions, ctx, store| transactions.on_metadata_updated(ctx, store));
        self.controller.on_metadata_updated(ctx, &*self.cache);
        self.try_controller(ctx);
    }
}
