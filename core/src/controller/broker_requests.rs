//! What brokers ask of the controller besides ISR changes: ControlledShutdown
//! (`doControlledShutdown`) and AllocateProducerIds (`ZkProducerIdManager`).

use super::batch::Batch;
use super::context::{Replica, ReplicaPhase};
use super::election::ElectionStrategy;
use super::run::{Run, Step, Stop};
use super::znode::{PRODUCER_IDS, parse_producer_ids, producer_ids_data};
use crate::ids::{BrokerId, TopicPartition};
use crate::protocol::control::{
    AllocateProducerIdsRequest, AllocateProducerIdsResponse, ControlledShutdownRequest, ControlledShutdownResponse,
};
use crate::protocol::zookeeper::{CreateMode, ZkError, ZkOp};
use crate::protocol::{ErrorCode, Response};

/// Producer ids in a block (`ProducerIdsBlock.PRODUCER_ID_BLOCK_SIZE`).
const PRODUCER_ID_BLOCK_SIZE: i64 = 1000;

impl Run<'_> {
    /// Relieves a broker of what others can take over; partitions without another replica are left
    /// alone and go offline when it goes.
    pub fn controlled_shutdown(&mut self, request: &ControlledShutdownRequest) -> Step<Response> {
        let id = request.broker_id;
        let error = match self.context.live.get(&id) {
            None => ErrorCode::BrokerNotAvailable,
            Some(live) if request.broker_epoch < live.epoch => ErrorCode::StaleBrokerEpoch,
            Some(_) => ErrorCode::None,
        };
        if error != ErrorCode::None {
            let answer = ControlledShutdownResponse { error, remaining: Vec::new() };
            return Ok(Response::ControlledShutdown(answer));
        }
        self.context.shutting_down.insert(id);
        let replicated = |run: &Self, tp: &TopicPartition| run.context.assignment(tp).replicas.len() > 1;
        let affected = self.context.assignments.iter().filter(|(tp, assignment)| {
            assignment.replicas.contains(&id)
                && replicated(self, tp)
                && self.context.leadership.contains_key(tp)
                && !self.context.is_to_be_deleted(&tp.topic)
        });
        let affected: Vec<TopicPartition> = affected.map(|(tp, _)| tp.clone()).collect();
        let leads = |run: &Self, tp: &TopicPartition| run.context.leader_of(tp) == Some(id);
        let (led, followed): (Vec<_>, Vec<_>) = affected.into_iter().partition(|tp| leads(self, tp));
        self.partitions_to_online(&led, ElectionStrategy::ControlledShutdown)?;
        let mut batch = Batch::default();
        for tp in &followed {
            batch.stop_replica(id, tp, false);
        }
        self.send(batch);
        let replicas: Vec<Replica> = followed.into_iter().map(|tp| (tp, id)).collect();
        self.replicas_to(&replicas, Some(ReplicaPhase::Offline))?;
        let remaining =
            self.context.leadership.keys().filter(|tp| leads(self, tp) && replicated(self, tp)).cloned().collect();
        let answer = ControlledShutdownResponse { error: ErrorCode::None, remaining };
        Ok(Response::ControlledShutdown(answer))
    }

    /// Gives a broker the next block of producer ids.
    pub fn allocate_producer_ids(&mut self, request: &AllocateProducerIdsRequest) -> Step<Response> {
        let answer = match self.context.live.get(&request.broker_id).map(|live| live.epoch) {
            None => Err(ErrorCode::BrokerIdNotRegistered),
            Some(epoch) if epoch != request.broker_epoch => Err(ErrorCode::StaleBrokerEpoch),
            Some(_) => Ok(self.next_block(request.broker_id)?),
        };
        let answer = match answer {
            Ok(start) => {
                let len = PRODUCER_ID_BLOCK_SIZE as i32;
                AllocateProducerIdsResponse { error: ErrorCode::None, start, len }
            }
            Err(error) => AllocateProducerIdsResponse { error, start: -1, len: 0 },
        };
        Ok(Response::AllocateProducerIds(answer))
    }

    fn next_block(&mut self, broker: BrokerId) -> Step<i64> {
        loop {
            let path = PRODUCER_IDS;
            let current = self.data(path.into(), false)?;
            let last = current.as_ref().and_then(|(data, _)| parse_producer_ids(data));
            let start = last.map_or(0, |last| last.saturating_add(1));
            let data = producer_ids_data(broker, start, start.saturating_add(PRODUCER_ID_BLOCK_SIZE - 1));
            let op = match current {
                Some((_, version)) => ZkOp::SetData { path: path.into(), data, version },
                None => ZkOp::Create { path: path.into(), data, mode: CreateMode::Persistent },
            };
            match self.ask_one(op)? {
                Ok(_) => return Ok(start),
                // Another controller took the block: look again.
                Err(ZkError::BadVersion | ZkError::NodeExists) => {}
                Err(_) => return Err(Stop::Moved),
            }
        }
    }
}
