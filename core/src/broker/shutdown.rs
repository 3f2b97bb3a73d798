//! Controlled shutdown: the broker is relieved of its leaderships before it goes (`kafka/02` §2.11).

use super::{Broker, BrokerTimer};
use crate::ids::{BrokerId, NodeId};
use crate::machine::{Channel, Ctx, Observation, TimerTable};
use crate::protocol::control::ControlledShutdownRequest;
use crate::protocol::{ErrorCode, Request, Response};
use crate::time::SimDuration;

/// Where the shutdown stands.
#[derive(Clone, Debug, Default)]
pub struct Shutdown {
    /// How often the controller may still be asked; `None`: no shutdown is under way.
    attempts_left: Option<i32>,
    /// The controller that was asked, and by which request.
    asked: Option<(BrokerId, u64)>,
    awaits_zookeeper: bool,
    over: bool,
}

/// The way out of a Java process after its ZooKeeper session is closed; the controller acts meanwhile.
const EXIT_TAKES: SimDuration = SimDuration::from_ms(50);

impl Shutdown {
    /// It has begun.
    pub fn is_under_way(&self) -> bool {
        self.attempts_left.is_some()
    }

    /// Everything is closed; the process only has to end.
    pub fn is_over(&self) -> bool {
        self.over
    }
}

impl Broker {
    pub(super) fn begin_shutdown(&mut self, ctx: &mut Ctx<'_>) {
        if self.shutdown.is_under_way() {
            return;
        }
        ctx.observe(Observation::BrokerStopping { broker: self.id });
        self.shutdown.attempts_left = Some(self.config.controlled_shutdown_max_retries);
        if self.config.controlled_shutdown_enable && self.registration.has_ever_stood() {
            self.try_shutdown(ctx);
        } else {
            self.close_all(ctx);
        }
    }

    /// Asks the controller, over a connection of its own (`KafkaServer.doControlledShutdown`).
    // Simplified: a controller to which no connection can be made is given up like one that does not answer; who the
    // controller is, is known from the cached metadata once ZooKeeper is there to be asked.
    pub(super) fn try_shutdown(&mut self, ctx: &mut Ctx<'_>) {
        let Some(left) = self.shutdown.attempts_left else { return };
        if left <= 0 {
            self.close_all(ctx);
            return;
        }
        self.shutdown.attempts_left = Some(left - 1);
        self.ask_to_be_relieved(ctx);
    }

    /// Who is the controller stands in ZooKeeper: without it the process waits, for ever if it has to.
    pub(super) fn shutdown_goes_on(&mut self, ctx: &mut Ctx<'_>) {
        if std::mem::take(&mut self.shutdown.awaits_zookeeper) {
            self.ask_to_be_relieved(ctx);
        }
    }

    fn ask_to_be_relieved(&mut self, ctx: &mut Ctx<'_>) {
        self.shutdown.awaits_zookeeper = !self.zk.is_connected();
        if self.shutdown.awaits_zookeeper {
            self.say(ctx, "waits for ZooKeeper before it stops: there it stands who is the controller");
            return;
        }
        let Some(controller) = self.cache.controller else {
            self.attempt_failed(ctx);
            return;
        };
        let request = ControlledShutdownRequest { broker_id: self.id, broker_epoch: self.broker_epoch() };
        let correlation = self.next_correlation();
        self.shutdown.asked = Some((controller, correlation));
        let overdue = ctx.now + SimDuration::from_ms(self.config.request_timeout_ms);
        self.timers.set(BrokerTimer::ShutdownAnswer, overdue);
        ctx.request(NodeId::Broker(controller), Channel::Shutdown, correlation, Request::ControlledShutdown(request));
    }

    /// It has leaderships left, or an error came instead of an answer: another attempt after a while, if there is one.
    fn attempt_failed(&mut self, ctx: &mut Ctx<'_>) {
        self.shutdown.asked = None;
        self.timers.cancel(&BrokerTimer::ShutdownAnswer);
        if self.shutdown.attempts_left.is_some_and(|left| left > 0) {
            let backoff = SimDuration::from_ms(self.config.controlled_shutdown_retry_backoff_ms);
            self.say(
                ctx,
                &format!("is not relieved of its leaderships by the controller, and asks again in {backoff}"),
            );
            self.timers.set(BrokerTimer::ShutdownRetry, ctx.now + backoff);
        } else {
            self.say(ctx, "is not relieved of its leaderships by the controller, and stops all the same");
            self.close_all(ctx);
        }
    }

    fn say(&self, ctx: &mut Ctx<'_>, what: &str) {
        ctx.observe(Observation::Note { text: format!("{} {what}", self.id).into() });
    }

    pub(super) fn shutdown_answered(&mut self, ctx: &mut Ctx<'_>, correlation: u64, response: &Response) {
        if self.shutdown.asked.is_none_or(|(_, asked)| asked != correlation) {
            return;
        }
        match response {
            Response::ControlledShutdown(answer) if answer.error == ErrorCode::None && answer.remaining.is_empty() => {
                self.close_all(ctx);
            }
            _ => self.attempt_failed(ctx),
        }
    }

    /// `request.timeout.ms` is over.
    pub(super) fn shutdown_overdue(&mut self, ctx: &mut Ctx<'_>) {
        if let Some((controller, _)) = self.shutdown.asked {
            ctx.disconnect(NodeId::Broker(controller), Channel::Shutdown);
            self.attempt_failed(ctx);
        }
    }

    /// The connection to the controller that was asked broke.
    pub(super) fn shutdown_lost(&mut self, ctx: &mut Ctx<'_>, broker: BrokerId) {
        if self.shutdown.asked.is_some_and(|(controller, _)| controller == broker) {
            self.attempt_failed(ctx);
        }
    }

    /// Logs are flushed, high watermarks written, the ZooKeeper session closed: its znodes vanish now.
    fn close_all(&mut self, ctx: &mut Ctx<'_>) {
        self.checkpoint_high_watermarks();
        for partition in self.partitions.values_mut() {
            partition.log.close(ctx.wall_clock_ms());
        }
        self.zk.close(ctx);
        self.shutdown.over = true;
        self.timers = TimerTable::default();
        self.timers.set(BrokerTimer::Exit, ctx.now + EXIT_TAKES);
    }
}
