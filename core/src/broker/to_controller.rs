//! What a broker asks of the controller, one request at a time (`BrokerToControllerChannelManager`):
//! AlterPartition, AllocateProducerIds, CreateTopics for internal topics.

use std::collections::VecDeque;

use super::{Broker, BrokerTimer};
use crate::ids::{BrokerId, NodeId};
use crate::machine::{Channel, Connection, Ctx};
use crate::protocol::{ErrorCode, Request, Response};
use crate::time::SimDuration;

/// The queue and what is in flight.
#[derive(Clone, Debug, Default)]
pub struct ToController {
    waiting: VecDeque<Request>,
    in_flight: Option<(BrokerId, u64, Request)>,
}

impl ToController {
    /// True if such a request waits or is in flight.
    pub fn has(&self, name: &str) -> bool {
        self.in_flight.iter().map(|(_, _, request)| request).chain(&self.waiting).any(|request| request.name() == name)
    }
}

impl Broker {
    /// Puts a wish into the queue.
    pub(super) fn ask_controller(&mut self, ctx: &mut Ctx<'_>, request: Request) {
        self.to_controller.waiting.push_back(request);
        self.try_controller(ctx);
    }

    pub(super) fn try_controller(&mut self, ctx: &mut Ctx<'_>) {
        if self.to_controller.in_flight.is_some() || self.to_controller.waiting.is_empty() {
            return;
        }
        let retry = ctx.now + SimDuration::from_ms(50);
        let Some(controller) = self.cache.controller else {
            self.timers.set(BrokerTimer::ToController, retry);
            return;
        };
        let Some(request) = self.to_controller.waiting.pop_front() else { return };
        let correlation = self.next_correlation();
        ctx.request(NodeId::Broker(controller), Channel::ToController, correlation, request.clone());
        self.to_controller.in_flight = Some((controller, correlation, request));
        let overdue = ctx.now + SimDuration::from_ms(self.config.controller_socket_timeout_ms);
        self.timers.set(BrokerTimer::ControllerAnswer(correlation), overdue);
    }

    fn retry_controller(&mut self, ctx: &mut Ctx<'_>) {
        if let Some((_, correlation, request)) = self.to_controller.in_flight.take() {
            self.timers.cancel(&BrokerTimer::ControllerAnswer(correlation));
            self.to_controller.waiting.push_front(request);
        }
        self.timers.set(BrokerTimer::ToController, ctx.now + SimDuration::from_ms(50));
    }

    pub(super) fn controller_lost(&mut self, ctx: &mut Ctx<'_>, broker: BrokerId) {
        if self.to_controller.in_flight.as_ref().is_some_and(|(to, _, _)| *to == broker) {
            self.retry_controller(ctx);
        }
    }

    pub(super) fn controller_overdue(&mut self, ctx: &mut Ctx<'_>, correlation: u64) {
        if let Some((broker, asked, _)) = self.to_controller.in_flight.as_ref()
            && *asked == correlation
        {
            ctx.disconnect(NodeId::Broker(*broker), Channel::ToController);
            self.retry_controller(ctx);
        }
    }

    pub(super) fn controller_answered(
        &mut self,
        ctx: &mut Ctx<'_>,
        _connection: &Connection,
        correlation_id: u64,
        response: Response,
    ) {
        if self.to_controller.in_flight.as_ref().is_none_or(|(_, asked, _)| *asked != correlation_id) {
            return;
        }
        let error = match &response {
            // One partition that the controller knows less of than its leader is enough.
            Response::AlterPartition(answer)
                if answer.partitions.iter().any(|result| result.error == ErrorCode::NotController) =>
            {
                ErrorCode::NotController
            }
            Response::AlterPartition(answer) => answer.error,
            Response::AllocateProducerIds(answer) => answer.error,
            Response::CreateTopics(answer) => answer.topics.first().map_or(ErrorCode::None, |topic| topic.error),
            _ => ErrorCode::None,
        };
        if error == ErrorCode::NotController {
            self.retry_controller(ctx);
            return;
        }
        self.timers.cancel(&BrokerTimer::ControllerAnswer(correlation_id));
        let asked = self.to_controller.in_flight.take();
        match (response, asked) {
            (Response::AlterPartition(answer), Some((_, _, Request::AlterPartition(request)))) => {
                self.alter_partition_answered(ctx, &request, answer);
            }
            (Response::AllocateProducerIds(answer), _) => self.producer_ids_answered(ctx, &answer),
            _ => {}
        }
        self.try_controller(ctx);
    }
}
