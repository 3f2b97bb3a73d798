//! Why a producer wants to be woken.

use std::fmt;

use super::Producer;
use crate::ids::{BrokerId, TopicPartition};
use crate::machine::TimerTable;
use crate::time::{SimDuration, SimTime};

/// A reason to wake.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Reason {
    Metadata,
    ProducerId,
    Sleep,
    MaxBlock,
    Close,
    Batch(TopicPartition),
    Delivery(TopicPartition),
    Request(u64, BrokerId),
    Reconnect(BrokerId),
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Metadata => write!(f, "asks for metadata"),
            Self::ProducerId => write!(f, "asks for a producer id again"),
            Self::Sleep => write!(f, "asks a coordinator again (retry.backoff.ms)"),
            Self::MaxBlock => write!(f, "a blocked call gives up (max.block.ms)"),
            Self::Close => write!(f, "close() gives up what is not acknowledged"),
            Self::Batch(tp) => write!(f, "sends a batch to {tp} (linger.ms or retry.backoff.ms)"),
            Self::Delivery(tp) => write!(f, "gives up a batch for {tp} (delivery.timeout.ms)"),
            Self::Request(id, broker) => write!(f, "gives up request {id} to broker {broker} (request.timeout.ms)"),
            Self::Reconnect(broker) => write!(f, "connects to broker {broker} again (reconnect.backoff.ms)"),
        }
    }
}

impl Producer {
    /// Notes when to wake next. What is due already and still waits does not wait for time.
    pub(super) fn set_alarm(&mut self, now: SimTime) {
        let mut soonest: Option<SimTime> = None;
        self.each_deadline(|_, at| {
            if at > now && soonest.is_none_or(|soonest| at < soonest) {
                soonest = Some(at);
            }
        });
        self.ran_at = now;
        self.soonest = soonest;
    }

    /// Everything that is waited for, with its reason: the table is only made for people to read.
    pub(super) fn timers(&self) -> TimerTable<Reason> {
        let mut timers = TimerTable::default();
        self.each_deadline(|reason, at| {
            if at > self.ran_at {
                timers.set_earlier(reason, at);
            }
        });
        timers
    }

    fn each_deadline(&self, mut set: impl FnMut(Reason, SimTime)) {
        if let Some(due_at) = self.metadata.due_at() {
            set(Reason::Metadata, due_at);
        }
        if let Some(until) = self.sleeps_until() {
            set(Reason::Sleep, until);
        }
        if self.transactions.is_none()
            && self.sequences.as_ref().is_some_and(|s| !s.has_producer_id() && !s.initializing && s.fatal.is_none())
        {
            set(Reason::ProducerId, self.init_retry_at);
        }
        if let Some(since) = self.application.blocked_since() {
            set(Reason::MaxBlock, since + SimDuration::from_ms(self.config.max_block_ms));
        }
        if let Some(until) = self.application.closes_at() {
            set(Reason::Close, until);
        }
        for (tp, queue) in self.accumulator.queues() {
            let due_at = queue.front().and_then(|first| self.due_at(tp, *first, queue.len()));
            if let Some(due_at) = due_at.filter(|_| self.metadata.leader_of(tp).is_some()) {
                set(Reason::Batch(tp.clone()), due_at);
            }
        }
        for (tp, at) in self.expiries() {
            set(Reason::Delivery(tp.clone()), at);
        }
        for (id, broker, at) in self.network.request_deadlines() {
            set(Reason::Request(id, broker), at);
        }
        for (broker, at) in self.network.reconnect_deadlines() {
            set(Reason::Reconnect(broker), at);
        }
    }
}
