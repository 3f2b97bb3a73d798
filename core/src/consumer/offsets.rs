//! Where to begin: committed offsets, and `auto.offset.reset` (`OffsetFetcher`,
//! `ConsumerCoordinator.initWithCommittedOffsetsIfNeeded`).

use crate::collections::BTreeMap;

use super::Consumer;
use super::positions::{Position, PositionState};
use super::requests::Purpose;
use super::timer::ConsumerTimer;
use crate::ids::{Name, TopicPartition};
use crate::machine::{Channel, Ctx, Observation};
use crate::protocol::fetch::{
    EARLIEST_TIMESTAMP, IsolationLevel, LATEST_TIMESTAMP, ListOffsetsRequest, ListOffsetsResponse,
};
use crate::protocol::group::{OffsetFetchRequest, OffsetFetchResponse};
use crate::protocol::{ErrorCode, Request};
use crate::time::SimTime;

/// The back-off of the search for positions.
#[derive(Clone, Debug, Default)]
pub struct PositionSearch {
    attempts: u32,
    not_before: SimTime,
}

impl Consumer {
    /// `isolation.level`
    pub(super) fn isolation(&self) -> IsolationLevel {
        match &*self.config.isolation_level {
            "read_committed" => IsolationLevel::ReadCommitted,
            _ => IsolationLevel::ReadUncommitted,
        }
    }

    /// What `auto.offset.reset` asks the leader for.
    pub(super) fn reset_timestamp(&self) -> Option<i64> {
        match &*self.config.auto_offset_reset {
            "earliest" => Some(EARLIEST_TIMESTAMP),
            "latest" => Some(LATEST_TIMESTAMP),
            _ => None,
        }
    }

    /// `updateFetchPositions`
    ///
    /// # Errors
    /// A partition has no committed offset, and `auto.offset.reset` is `none`.
    pub(super) fn update_positions(&mut self, ctx: &mut Ctx<'_>) -> Result<(), Name> {
        self.validate_positions(ctx);
        if self.subscriptions.all_known() {
            if ctx.now < self.search.not_before {
                self.timers.set(ConsumerTimer::Positions, self.search.not_before);
            }
            return Ok(());
        }
        if self.config.group_id.is_none() {
            for tp in self.subscriptions.in_state(|state| state == PositionState::Initializing) {
                self.subscriptions.set(&tp, PositionState::NoneCommitted);
            }
        }
        let initializing = self.subscriptions.in_state(|state| state == PositionState::Initializing);
        if ctx.now < self.search.not_before {
            self.timers.set(ConsumerTimer::Positions, self.search.not_before);
            return Ok(());
        }
        if !initializing.is_empty() && !self.requests.any(|purpose| *purpose == Purpose::OffsetFetch) {
            self.ask_for_committed(ctx, initializing);
        }
        for tp in self.subscriptions.in_state(|state| state == PositionState::NoneCommitted) {
            let Some(timestamp) = self.reset_timestamp() else { return Err("NoOffsetForPartitionException".into()) };
            self.subscriptions.set(&tp, PositionState::AwaitsReset(timestamp));
        }
        self.ask_for_offsets(ctx);
        Ok(())
    }

    fn ask_for_committed(&mut self, ctx: &mut Ctx<'_>, partitions: Vec<TopicPartition>) {
        let (Some(coordinator), Some(group_id)) = (self.ensure_coordinator(ctx), self.config.group_id.clone()) else {
            return;
        };
        let request = OffsetFetchRequest {
            group_id,
            partitions: Some(partitions),
            // Whatever its isolation level: positions of an open transaction may still change (KIP-447).
            require_stable: true,
        };
        self.send(ctx, coordinator, Channel::Coordinator, Purpose::OffsetFetch, Request::OffsetFetch(request));
    }

    pub(super) fn committed_came(&mut self, ctx: &mut Ctx<'_>, answer: OffsetFetchResponse) {
        if answer.error != ErrorCode::None {
            if matches!(answer.error, ErrorCode::NotCoordinator | ErrorCode::CoordinatorNotAvailable) {
                self.coordinator_unknown(ctx);
            }
            if answer.error.is_retriable() {
                self.search_again(ctx);
            } else {
                self.app.throw(answer.error.name());
            }
            return;
        }
        self.coordinator_proved();
        if let Some((_, error, _)) = answer.partitions.iter().find(|(_, error, _)| *error != ErrorCode::None) {
            if error.is_retriable() {
                self.search_again(ctx);
            } else {
                self.app.throw("KafkaException");
            }
            return;
        }
        self.search = PositionSearch::default();
        let initializing = self.subscriptions.in_state(|state| state == PositionState::Initializing);
        for (tp, _, committed) in answer.partitions {
            if !initializing.contains(&tp) {
                continue;
            }
            let Some(found) = committed.filter(|found| found.offset >= 0) else {
                self.subscriptions.set(&tp, PositionState::NoneCommitted);
                continue;
            };
            let position = Position { offset: found.offset, offset_epoch: found.leader_epoch };
            let leader = self.metadata.leader(&tp);
            self.subscriptions.seek(&tp, position, leader);
        }
    }

    pub(super) fn committed_lost(&mut self, ctx: &mut Ctx<'_>) {
        self.search_again(ctx);
    }

    fn search_again(&mut self, ctx: &mut Ctx<'_>) {
        let attempts = self.search.attempts;
        let until = ctx.now + self.retry_backoff(ctx, attempts);
        self.search = PositionSearch { attempts: attempts.saturating_add(1), not_before: until };
        self.timers.set(ConsumerTimer::Positions, until);
    }

    /// ListOffsets to each leader of a partition that awaits a reset.
    fn ask_for_offsets(&mut self, ctx: &mut Ctx<'_>) {
        let mut by_leader: BTreeMap<i32, Vec<(TopicPartition, i32, i64)>> = BTreeMap::new();
        for tp in self.subscriptions.in_state(|state| matches!(state, PositionState::AwaitsReset(_))) {
            let asked = |purpose: &Purpose| match purpose {
                Purpose::ListOffsets(partitions) => partitions.iter().any(|(other, _)| *other == tp),
                _ => false,
            };
            if self.requests.any(asked) {
                continue;
            }
            let Some(PositionState::AwaitsReset(timestamp)) = self.subscriptions.assigned.get(&tp).map(|s| s.position)
            else {
                continue;
            };
            match self.metadata.leader(&tp) {
                Some((leader, epoch)) if self.requests.usable(leader, Channel::Data, ctx.now) => {
                    by_leader.entry(leader).or_default().push((tp, epoch, timestamp));
                }
                Some(_) => {}
                None => self.metadata.request_update(),
            }
        }
        for (leader, partitions) in by_leader {
            let asked = partitions.iter().map(|(tp, _, timestamp)| (tp.clone(), *timestamp)).collect();
            let request = ListOffsetsRequest { replica_id: -1, isolation_level: self.isolation(), partitions };
            self.send(ctx, leader, Channel::Data, Purpose::ListOffsets(asked), Request::ListOffsets(request));
        }
    }

    pub(super) fn offsets_came(
        &mut self,
        ctx: &mut Ctx<'_>,
        asked: &[(TopicPartition, i64)],
        answer: ListOffsetsResponse,
    ) {
        for (tp, error, _, offset, _) in answer.partitions {
            let Some((_, timestamp)) = asked.iter().find(|(other, _)| *other == tp) else { continue };
            let waits = PositionState::AwaitsReset(*timestamp);
            if self.subscriptions.assigned.get(&tp).is_none_or(|state| state.position != waits) {
                continue;
            }
            if error == ErrorCode::None {
                self.search = PositionSearch::default();
                // Nothing was read yet, so there is nothing to be validated.
                let leader = self.metadata.leader(&tp);
                self.subscriptions.seek(&tp, Position { offset, offset_epoch: -1 }, leader);
                ctx.observe(Observation::OffsetReset { consumer: self.client.clone(), tp, offset });
            } else {
                self.metadata.request_update();
                self.search_again(ctx);
            }
        }
    }

    pub(super) fn offsets_lost(&mut self, ctx: &mut Ctx<'_>, _asked: &[(TopicPartition, i64)]) {
        self.search_again(ctx);
    }
}
