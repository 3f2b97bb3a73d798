//! The controller's connections to brokers (`ControllerChannelManager`): one queue for each, one
//! request in flight, sent again until it is answered or the broker is gone. A hung broker delays
//! only itself.

use crate::collections::BTreeMap;
use std::collections::VecDeque;

use crate::ids::{BrokerId, NodeId};
use crate::machine::{Channel, Ctx, Deadline};
use crate::protocol::Request;
use crate::time::{SimDuration, SimTime};

/// How long `RequestSendThread` sleeps after a failed attempt.
const BACKOFF_MS: u64 = 100;

#[derive(Clone, Debug, Default)]
struct Queue {
    waiting: VecDeque<Request>,
    in_flight: Option<(u64, Request)>,
    /// When an attempt is made again, or when the answer is overdue.
    due: Option<SimTime>,
}

/// All queues.
#[derive(Clone, Debug, Default)]
pub struct ChannelManager {
    queues: BTreeMap<BrokerId, Queue>,
    correlation: u64,
    request_timeout_ms: u64,
}

impl ChannelManager {
    /// No broker yet; an answer is overdue after `controller.socket.timeout.ms`.
    pub fn new(request_timeout_ms: u64) -> Self {
        Self { request_timeout_ms, ..Self::default() }
    }

    /// The brokers that can be told things (`ControllerChannelManager.brokerStateInfo`).
    pub fn brokers(&self) -> impl Iterator<Item = BrokerId> {
        self.queues.keys().copied()
    }

    /// A broker that can be told things.
    pub fn add_broker(&mut self, broker: BrokerId) {
        self.queues.entry(broker).or_default();
    }

    /// A broker is gone, and what it was to be told.
    pub fn remove_broker(&mut self, ctx: &mut Ctx<'_>, broker: BrokerId) {
        if self.queues.remove(&broker).is_some() {
            ctx.disconnect(NodeId::Broker(broker), Channel::Control);
        }
    }

    /// The controller resigns.
    pub fn shutdown(&mut self, ctx: &mut Ctx<'_>) {
        for broker in std::mem::take(&mut self.queues).into_keys() {
            ctx.disconnect(NodeId::Broker(broker), Channel::Control);
        }
    }

    /// Puts a request into a broker's queue; dropped if the broker is not known.
    pub fn send(&mut self, ctx: &mut Ctx<'_>, broker: BrokerId, request: Request) {
        if let Some(queue) = self.queues.get_mut(&broker) {
            queue.waiting.push_back(request);
            self.work(ctx, broker);
        }
    }

    fn work(&mut self, ctx: &mut Ctx<'_>, broker: BrokerId) {
        let Some(queue) = self.queues.get_mut(&broker) else { return };
        if queue.in_flight.is_some() || queue.due.is_some_and(|due| due > ctx.now) {
            return;
        }
        queue.due = None;
        let Some(request) = queue.waiting.pop_front() else { return };
        self.correlation += 1;
        ctx.request(NodeId::Broker(broker), Channel::Control, self.correlation, request.clone());
        queue.in_flight = Some((self.correlation, request));
        queue.due = Some(ctx.now + SimDuration::from_ms(self.request_timeout_ms));
    }

    /// The request that this answer belongs to; the next one is sent.
    pub fn answered(&mut self, ctx: &mut Ctx<'_>, broker: BrokerId, correlation_id: u64) -> Option<Request> {
        let queue = self.queues.get_mut(&broker)?;
        if queue.in_flight.as_ref()?.0 != correlation_id {
            return None;
        }
        let (_, request) = queue.in_flight.take()?;
        queue.due = None;
        self.work(ctx, broker);
        Some(request)
    }

    /// The connection broke: what was in flight is sent again after a moment.
    pub fn lost(&mut self, now: SimTime, broker: BrokerId) {
        if let Some(queue) = self.queues.get_mut(&broker)
            && let Some((_, request)) = queue.in_flight.take()
        {
            queue.waiting.push_front(request);
            queue.due = Some(now + SimDuration::from_ms(BACKOFF_MS));
        }
    }

    /// Tries again where it is time, gives up connections that do not answer.
    pub fn on_timer(&mut self, ctx: &mut Ctx<'_>) {
        let due: Vec<BrokerId> = self
            .queues
            .iter()
            .filter(|(_, queue)| queue.due.is_some_and(|due| due <= ctx.now))
            .map(|(broker, _)| *broker)
            .collect();
        for broker in due {
            let Some(queue) = self.queues.get_mut(&broker) else { continue };
            if queue.in_flight.is_some() {
                ctx.disconnect(NodeId::Broker(broker), Channel::Control);
                self.lost(ctx.now, broker);
            } else {
                queue.due = None;
                self.work(ctx, broker);
            }
        }
    }

    /// The soonest deadline.
    pub fn next_deadline(&self) -> Option<SimTime> {
        self.queues.values().filter_map(|queue| queue.due).min()
    }

    /// Deadlines in words.
    pub fn deadlines(&self) -> Vec<Deadline> {
        let described = self.queues.iter().filter_map(|(broker, queue)| {
            let reason = match &queue.in_flight {
                Some((_, request)) => format!("gives up waiting for broker {broker}'s answer to {}", request.name()),
                None => format!("tries again to reach broker {broker}"),
            };
            Some(Deadline { reason, at: queue.due? })
        });
        described.collect()
    }
}
