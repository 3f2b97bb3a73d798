//! Producer ids for idempotent producers, from blocks that the controller gives out
//! (`RPCProducerIdManager`, KIP-98).

use std::collections::VecDeque;

use super::Broker;
use crate::machine::{Connection, Ctx};
use crate::protocol::control::{AllocateProducerIdsRequest, AllocateProducerIdsResponse};
use crate::protocol::producer_id::InitProducerIdResponse;
use crate::protocol::{ErrorCode, Request, Response};

/// The block at hand and who waits for the next.
#[derive(Clone, Debug, Default)]
pub struct ProducerIds {
    next: i64,
    end: i64,
    waiting: VecDeque<(Connection, u64)>,
    /// The transaction coordinator found the block empty.
    wanted: bool,
}

impl ProducerIds {
    /// The next producer id of the block, if there is one.
    pub fn take(&mut self) -> Option<i64> {
        let producer_id = (self.next < self.end).then_some(self.next)?;
        self.next += 1;
        Some(producer_id)
    }
}

impl Broker {
    pub(super) fn idempotent_producer_id(&mut self, ctx: &mut Ctx<'_>, connection: &Connection, correlation_id: u64) {
        self.producer_ids.waiting.push_back((connection.clone(), correlation_id));
        self.give_producer_ids(ctx);
    }

    fn give_producer_ids(&mut self, ctx: &mut Ctx<'_>) {
        while self.producer_ids.next < self.producer_ids.end {
            let Some((connection, correlation_id)) = self.producer_ids.waiting.pop_front() else { break };
            let Some(producer_id) = self.producer_ids.take() else { break };
            let answer = InitProducerIdResponse { error: ErrorCode::None, producer_id, producer_epoch: 0 };
            ctx.respond(&connection, correlation_id, Response::InitProducerId(answer));
        }
        let wanted = self.producer_ids.wanted || !self.producer_ids.waiting.is_empty();
        if wanted && !self.to_controller.has("AllocateProducerIds") {
            let request = AllocateProducerIdsRequest { broker_id: self.id, broker_epoch: self.broker_epoch() };
            self.ask_controller(ctx, Request::AllocateProducerIds(request));
        }
    }

    /// The transaction coordinator needs a block; its client tries again meanwhile.
    pub(super) fn ask_for_producer_ids(&mut self, ctx: &mut Ctx<'_>) {
        self.producer_ids.wanted = true;
        self.give_producer_ids(ctx);
    }

    pub(super) fn producer_ids_answered(&mut self, ctx: &mut Ctx<'_>, answer: &AllocateProducerIdsResponse) {
        self.producer_ids.wanted = false;
        if answer.error == ErrorCode::None {
            self.producer_ids.next = answer.start;
            self.producer_ids.end = answer.start + i64::from(answer.len);
            self.give_producer_ids(ctx);
            return;
        }
        // The clients try again on this retriable answer.
        for (connection, correlation_id) in std::mem::take(&mut self.producer_ids.waiting) {
            let error = ErrorCode::CoordinatorLoadInProgress;
            let answer = InitProducerIdResponse { error, producer_id: -1, producer_epoch: -1 };
            ctx.respond(&connection, correlation_id, Response::InitProducerId(answer));
        }
    }
}
