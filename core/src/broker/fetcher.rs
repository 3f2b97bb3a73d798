//! A follower copies its leader's log: one fetcher per leader (`ReplicaFetcherThread`,
//! `AbstractFetcherThread`; `kafka/02` §2.2, §2.7).
//!
//! Leaves out `num.replica.fetchers` above 1 and fetch sessions.

use super::log_manager::removed_between;
use super::{Broker, BrokerTimer};
use crate::collections::KeyMap;
use crate::collections::Order;
use crate::guard::{Guard, holds};
use crate::ids::{BrokerId, NodeId, TopicPartition};
use crate::machine::{Channel, Ctx, Observation};
use crate::protocol::fetch::{FetchPartition, FetchPartitionResponse, FetchRequest, IsolationLevel};
use crate::protocol::{ErrorCode, Request, Response};
use crate::time::{SimDuration, SimTime};

#[derive(Clone, Debug)]
struct FetchState {
    /// Not fetched before, after an error.
    delayed_until: Option<SimTime>,
    /// Fenced in its own epoch, or what came did not fit: waits for a new LeaderAndIsr.
    failed: bool,
    /// It failed because the leader knows a later epoch.
    fenced: bool,
    /// The leader epoch for which the fetch in flight asks; `None` if it was sent before this state
    /// and says nothing about it.
    asked_epoch: Option<i32>,
    /// Partitions are asked for in this order. One that brought records goes to the end, so that none starves
    /// where a limit on bytes leaves room for a few (`PartitionStates.updateAndMoveToEnd`).
    turn: u64,
}

/// What is fetched from one leader.
#[derive(Clone, Debug, Default)]
pub struct Fetcher {
    partitions: KeyMap<TopicPartition, FetchState>,
    in_flight: Option<u64>,
    /// The last turn that was given.
    turns: u64,
}

impl Fetcher {
    fn move_to_end(&mut self, tp: &TopicPartition) {
        self.turns += 1;
        if let Some(state) = self.partitions.get_mut(tp) {
            state.turn = self.turns;
        }
    }
}

impl Broker {
    pub(super) fn start_fetching(&mut self, ctx: &mut Ctx<'_>, tp: &TopicPartition, leader: BrokerId) {
        let Some(partition) = self.partitions.get_mut(tp) else { return };
        // Without any epoch to compare, only what was committed is kept.
        if partition.log.leader_epochs().latest_epoch().is_none() || !holds(Guard::TruncateByEpoch) {
            let high_watermark = partition.log.high_watermark();
            self.truncate(ctx, tp, high_watermark);
        }
        let fetcher = self.fetchers.get_or_insert_with(leader, Fetcher::default);
        let state = FetchState { delayed_until: None, failed: false, fenced: false, asked_epoch: None, turn: 0 };
        fetcher.partitions.insert(tp.clone(), state);
        fetcher.move_to_end(tp);
    }

    pub(super) fn stop_fetching(&mut self, ctx: &mut Ctx<'_>, tp: &TopicPartition) {
        let mut idle = Vec::new();
        for (leader, fetcher) in &mut self.fetchers {
            if fetcher.partitions.remove(tp).is_some() && fetcher.partitions.is_empty() {
                idle.push(*leader);
            }
        }
        for leader in idle {
            self.fetchers.remove(&leader);
            self.timers.cancel(&BrokerTimer::Fetcher(leader));
            self.timers.cancel(&BrokerTimer::FetchAnswer(leader));
            ctx.disconnect(NodeId::Broker(leader), Channel::Fetcher);
        }
    }

    pub(super) fn wake_fetchers(&mut self, ctx: &mut Ctx<'_>) {
        let leaders: Vec<BrokerId> = self.fetchers.keys().copied().collect();
        for leader in leaders {
            self.fetch_from(ctx, leader);
        }
    }

    /// The leaders from which a partition is fetched: one on a follower, none on a leader.
    pub fn fetched_from(&self, tp: &TopicPartition) -> impl Iterator<Item = BrokerId> {
        self.fetchers.iter().filter(|(_, fetcher)| fetcher.partitions.contains_key(tp)).map(|(leader, _)| *leader)
    }

    /// Its leader has fenced this replica as one of an earlier epoch.
    pub fn is_fenced_by_leader(&self, tp: &TopicPartition) -> bool {
        self.fetchers.values().any(|fetcher| fetcher.partitions.get(tp).is_some_and(|state| state.fenced))
    }

    /// The partition is not fetched any more, until a new leader epoch (`failedPartitions`).
    pub fn has_failed_to_fetch(&self, tp: &TopicPartition) -> bool {
        self.fetchers.values().any(|fetcher| fetcher.partitions.get(tp).is_some_and(|state| state.failed))
    }

    /// Sends the next fetch unless one is in flight or nothing may be fetched now.
    pub(super) fn fetch_from(&mut self, ctx: &mut Ctx<'_>, leader: BrokerId) {
        let correlation = self.next_correlation();
        let Some(fetcher) = self.fetchers.get_mut(&leader) else { return };
        if fetcher.in_flight.is_some() {
            return;
        }
        let mut asked = Vec::new();
        let mut soonest: Option<SimTime> = None;
        for (tp, state) in &mut fetcher.partitions {
            if state.failed {
                continue;
            }
            if let Some(until) = state.delayed_until.filter(|until| *until > ctx.now) {
                soonest = Some(soonest.map_or(until, |at| at.min(until)));
                continue;
            }
            state.delayed_until = None;
            let Some(partition) = self.partitions.get(tp) else { continue };
            state.asked_epoch = Some(partition.leader_epoch);
            let asks = FetchPartition {
                tp: tp.clone(),
                fetch_offset: partition.log.log_end_offset(),
                log_start_offset: partition.log.log_start_offset(),
                current_leader_epoch: partition.leader_epoch,
                last_fetched_epoch: match partition.log.leader_epochs().latest_epoch() {
                    Some(epoch) if holds(Guard::TruncateByEpoch) => epoch,
                    _ => -1,
                },
                max_bytes: self.config.replica_fetch_max_bytes,
            };
            asked.push((state.turn, asks));
        }
        if let Some(at) = soonest {
            self.timers.set(BrokerTimer::Fetcher(leader), at);
        }
        if asked.is_empty() {
            return;
        }
        fetcher.in_flight = Some(correlation);
        asked.order_by_key(|(turn, _)| *turn);
        let request = FetchRequest {
            replica_id: self.id,
            max_wait_ms: self.config.replica_fetch_wait_max_ms,
            min_bytes: self.config.replica_fetch_min_bytes,
            max_bytes: self.config.replica_fetch_response_max_bytes,
            isolation_level: IsolationLevel::ReadUncommitted,
            partitions: asked.into_iter().map(|(_, asks)| asks).collect(),
            rack_id: "".into(),
        };
        ctx.request(NodeId::Broker(leader), Channel::Fetcher, correlation, Request::Fetch(request));
        let overdue = ctx.now + SimDuration::from_ms(self.config.replica_socket_timeout_ms);
        self.timers.set(BrokerTimer::FetchAnswer(leader), overdue);
    }

    pub(super) fn fetch_answered(
        &mut self,
        ctx: &mut Ctx<'_>,
        leader: BrokerId,
        correlation_id: u64,
        response: Response,
    ) {
        let Response::Fetch(response) = response else { return };
        let Some(fetcher) = self.fetchers.get_mut(&leader) else { return };
        if fetcher.in_flight != Some(correlation_id) {
            return;
        }
        fetcher.in_flight = None;
        self.timers.cancel(&BrokerTimer::FetchAnswer(leader));
        for answer in response.partitions {
            self.take_fetched(ctx, leader, answer);
        }
        self.fetch_from(ctx, leader);
    }

    fn take_fetched(&mut self, ctx: &mut Ctx<'_>, leader: BrokerId, answer: FetchPartitionResponse) {
        let tp = answer.tp.clone();
        let current = self.partitions.get(&tp).map_or(-1, |partition| partition.leader_epoch);
        let Some(state) = self.fetchers.get_mut(&leader).and_then(|fetcher| fetcher.partitions.get_mut(&tp)) else {
            return;
        };
        if state.asked_epoch != Some(current) && holds(Guard::StaleFetchIgnored) {
            return;
        }
        match answer.error {
            ErrorCode::None => {}
            ErrorCode::FencedLeaderEpoch => {
                (state.failed, state.fenced) = (true, true);
                return;
            }
            ErrorCode::OffsetOutOfRange => {
                self.out_of_range(ctx, &tp, &answer);
                return;
            }
            _ => {
                state.delayed_until = Some(ctx.now + SimDuration::from_ms(self.config.replica_fetch_backoff_ms));
                return;
            }
        }
        if let Some((epoch, end_offset)) = answer.diverging_epoch {
            self.truncate_to_leader(ctx, &tp, epoch, end_offset);
            return;
        }
        if !answer.batches.is_empty() && !self.can_write(ctx, &tp) {
            return;
        }
        let Some(partition) = self.partitions.get_mut(&tp) else { return };
        if !answer.batches.is_empty()
            && let Some(fetcher) = self.fetchers.get_mut(&leader)
        {
            fetcher.move_to_end(&tp);
        }
        for batch in answer.batches {
            match partition.log.append_as_follower(batch, ctx.wall_clock_ms()) {
                Ok(info) => ctx.observe(Observation::Replicated {
                    tp: tp.clone(),
                    broker: self.id,
                    base_offset: info.base_offset,
                    last_offset: info.last_offset,
                }),
                Err(_) => {
                    // What does not fit stops the replica until a new leader epoch (`markPartitionFailed`).
                    if let Some(state) = self.fetchers.get_mut(&leader).and_then(|f| f.partitions.get_mut(&tp)) {
                        state.failed = true;
                    }
                    return;
                }
            }
        }
        // Most answers bring nothing, and what is not written to stays shared with checkpoints.
        let log = &partition.log;
        let from = log.log_start_offset();
        let high_watermark = answer.high_watermark.clamp(from, log.log_end_offset());
        if high_watermark != log.high_watermark() {
            partition.log.set_high_watermark(high_watermark);
            // Consumers that read here may be waiting (KIP-392).
            self.dirty.insert(tp.clone());
        }
        // Beyond the own high watermark it is taken with a later fetch.
        let moves = answer.log_start_offset > from;
        if moves && partition.log.maybe_increment_log_start_offset(answer.log_start_offset) == Ok(true) {
            let (broker, to) = (self.id, answer.log_start_offset);
            let removed = removed_between(&tp, &partition.log, from, to);
            ctx.observe(Observation::LogStartOffsetMoved { tp, broker, from, to, removed });
        }
    }

    /// The rule of `kafka/02` §2.7 for what the leader said: epoch and where it ends there.
    fn truncate_to_leader(&mut self, ctx: &mut Ctx<'_>, tp: &TopicPartition, epoch: i32, end_offset: i64) {
        let Some(partition) = self.partitions.get(tp) else { return };
        let log = &partition.log;
        let log_end_offset = log.log_end_offset();
        let to = if end_offset < 0 {
            log.high_watermark()
        } else if epoch < 0 || !holds(Guard::EpochLookup) {
            end_offset.min(log_end_offset)
        } else {
            let (own_epoch, own_end) = log.leader_epochs().end_offset_for(epoch, log_end_offset);
            if own_end < 0 {
                end_offset.min(log_end_offset)
            } else if own_epoch == epoch {
                own_end.min(end_offset).min(log_end_offset)
            } else {
                own_end.min(log_end_offset)
            }
        };
        self.truncate(ctx, tp, to);
    }

    fn truncate(&mut self, ctx: &mut Ctx<'_>, tp: &TopicPartition, to: i64) {
        let Some(partition) = self.partitions.get_mut(tp) else { return };
        let from = partition.log.log_end_offset();
        partition.log.truncate_to(to);
        if to < from {
            ctx.observe(Observation::Truncated { tp: tp.clone(), broker: self.id, from, to });
        }
    }

    /// The leader does not have this offset: its log is shorter, or begins later.
    fn out_of_range(&mut self, ctx: &mut Ctx<'_>, tp: &TopicPartition, answer: &FetchPartitionResponse) {
        let Some(partition) = self.partitions.get_mut(tp) else { return };
        let from = partition.log.log_end_offset();
        if answer.log_start_offset > from {
            partition.log.truncate_fully_and_start_at(answer.log_start_offset);
            ctx.observe(Observation::Truncated { tp: tp.clone(), broker: self.id, from, to: answer.log_start_offset });
        } else {
            // Simplified: the leader's high watermark stands for its log end offset, which Kafka asks
            // for with ListOffsets; the difference is fetched again.
            self.truncate(ctx, tp, answer.high_watermark.clamp(0, from));
        }
    }

    pub(super) fn fetcher_lost(&mut self, ctx: &mut Ctx<'_>, leader: BrokerId) {
        let until = ctx.now + SimDuration::from_ms(self.config.replica_fetch_backoff_ms);
        let Some(fetcher) = self.fetchers.get_mut(&leader) else { return };
        if fetcher.in_flight.take().is_none() {
            return;
        }
        for state in fetcher.partitions.values_mut() {
            state.delayed_until = Some(until);
        }
        self.timers.cancel(&BrokerTimer::FetchAnswer(leader));
        self.timers.set(BrokerTimer::Fetcher(leader), until);
    }

    pub(super) fn fetch_overdue(&mut self, ctx: &mut Ctx<'_>, leader: BrokerId) {
        ctx.disconnect(NodeId::Broker(leader), Channel::Fetcher);
        self.fetcher_lost(ctx, leader);
    }
}
