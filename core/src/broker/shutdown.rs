//! Controlled shutdown: the broker is relieved of its leaderships before it goes (`kafka/02` §2.11).

use super::{Broker, BrokerTimer};
use crate::machine::{Ctx, Observation, TimerTable};
use crate::protocol::control::{ControlledShutdownRequest, ControlledShutdownResponse};
use crate::protocol::{ErrorCode, Request};
use crate::time::SimDuration;

/// Where the shutdown stands.
#[derive(Clone, Debug, Default)]
pub struct Shutdown {
    retries_left: Option<i32>,
    over: bool,
}

/// The way out of a Java process after its ZooKeeper session is closed; the controller acts meanwhile.
const EXIT_TAKES: SimDuration = SimDuration::from_ms(50);

impl Shutdown {
    /// It has begun.
    pub fn is_under_way(&self) -> bool {
        self.retries_left.is_some()
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
        self.shutdown.retries_left = Some(self.config.controlled_shutdown_max_retries);
        if self.config.controlled_shutdown_enable && self.is_registered() {
            self.try_shutdown(ctx);
        } else {
            self.close_all(ctx);
        }
    }

    pub(super) fn try_shutdown(&mut self, ctx: &mut Ctx<'_>) {
        let Some(left) = self.shutdown.retries_left else { return };
        if left <= 0 {
            self.close_all(ctx);
            return;
        }
        self.shutdown.retries_left = Some(left - 1);
        // No answer at all must not hold the process for ever.
        let backoff = SimDuration::from_ms(self.config.controlled_shutdown_retry_backoff_ms);
        self.timers.set(BrokerTimer::ShutdownRetry, ctx.now + backoff);
        if !self.to_controller.has("ControlledShutdown") {
            let request = ControlledShutdownRequest { broker_id: self.id, broker_epoch: self.broker_epoch() };
            self.ask_controller(ctx, Request::ControlledShutdown(request));
        }
    }

    pub(super) fn shutdown_answered(&mut self, ctx: &mut Ctx<'_>, answer: &ControlledShutdownResponse) {
        if self.shutdown.is_under_way() && answer.error == ErrorCode::None && answer.remaining.is_empty() {
            self.close_all(ctx);
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
