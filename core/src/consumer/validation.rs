//! Does the new leader have what was read? (`OffsetFetcher.validatePositionsIfNeeded`,
//! `SubscriptionState.maybeCompleteValidation`; KIP-320): after a change of leader the new one is asked
//! where the epoch of the position ends in its log, before anything is fetched from it.

use crate::collections::BTreeMap;

use super::Consumer;
use super::positions::{Position, PositionState};
use super::requests::Purpose;
use super::timer::ConsumerTimer;
use crate::ids::{BrokerId, TopicPartition};
use crate::machine::{Channel, Ctx, Observation};
use crate::protocol::fetch::{OffsetsForLeaderEpochRequest, OffsetsForLeaderEpochResponse};
use crate::protocol::{ErrorCode, Request};
use crate::time::{SimDuration, SimTime};

/// How far leaders have been asked.
#[derive(Clone, Debug, Default)]
pub struct Validation {
    /// The metadata whose leaders the positions know.
    metadata_version: u64,
    /// Not before this time again (`retry.backoff.ms`).
    not_before: SimTime,
}

impl Consumer {
    /// `validatePositionsOnMetadataChange`
    pub(super) fn validate_on_metadata_change(&mut self) {
        let version = self.metadata.version();
        if self.validation.metadata_version == version {
            return;
        }
        self.validation.metadata_version = version;
        for (tp, state) in &mut self.subscriptions.assigned {
            if let Some(leader) = self.metadata.leader(tp) {
                state.led_by(leader);
            }
        }
    }

    /// A broker that refused has said who leads.
    pub(super) fn leader_known(&mut self, tp: &TopicPartition) {
        if let (Some(leader), Some(state)) = (self.metadata.leader(tp), self.subscriptions.assigned.get_mut(tp)) {
            state.led_by(leader);
        }
    }

    /// `validatePositionsIfNeeded`
    pub(super) fn validate_positions(&mut self, ctx: &mut Ctx<'_>) {
        self.validate_on_metadata_change();
        let waiting = |state: PositionState| matches!(state, PositionState::AwaitsValidation(_));
        if !self.subscriptions.assigned.values().any(|state| waiting(state.position)) {
            return;
        }
        if ctx.now < self.validation.not_before {
            self.timers.set(ConsumerTimer::Validation, self.validation.not_before);
            return;
        }
        let mut by_leader: BTreeMap<BrokerId, Vec<(TopicPartition, i32, Position)>> = BTreeMap::new();
        for tp in self.subscriptions.in_state(waiting) {
            let asked = |purpose: &Purpose| match purpose {
                Purpose::OffsetForLeaderEpoch(partitions) => partitions.iter().any(|(other, _)| *other == tp),
                _ => false,
            };
            if self.requests.any(asked) {
                continue;
            }
            let Some(state) = self.subscriptions.assigned.get(&tp) else { continue };
            let (Some((leader, epoch)), Some(position)) = (state.leader, state.standing()) else { continue };
            if self.requests.usable(leader, Channel::Data, ctx.now) {
                by_leader.entry(leader).or_default().push((tp, epoch, position));
            }
        }
        for (leader, partitions) in by_leader {
            let asked = partitions.iter().map(|(tp, _, position)| (tp.clone(), *position)).collect();
            let partitions =
                partitions.into_iter().map(|(tp, epoch, position)| (tp, epoch, position.offset_epoch)).collect();
            let request = Request::OffsetForLeaderEpoch(OffsetsForLeaderEpochRequest { partitions });
            self.send(ctx, leader, Channel::Data, Purpose::OffsetForLeaderEpoch(asked), request);
        }
    }

    /// `maybeCompleteValidation`
    pub(super) fn validated(
        &mut self,
        ctx: &mut Ctx<'_>,
        asked: &[(TopicPartition, Position)],
        answer: OffsetsForLeaderEpochResponse,
    ) {
        let mut again = false;
        for (tp, error, epoch, end_offset) in answer.partitions {
            let Some((_, position)) = asked.iter().find(|(other, _)| *other == tp) else { continue };
            let waits = PositionState::AwaitsValidation(*position);
            if self.subscriptions.assigned.get(&tp).is_none_or(|state| state.position != waits) {
                continue;
            }
            if error != ErrorCode::None {
                again = true;
            } else if epoch >= 0 && end_offset >= position.offset {
                self.subscriptions.set(&tp, PositionState::At(*position));
            } else {
                self.truncation_detected(ctx, &tp, *position, Some((epoch, end_offset)).filter(|_| epoch >= 0));
            }
        }
        if again {
            self.validation_failed(ctx);
        }
    }

    /// What was read is no longer in the log: it goes back to where the logs depart, if it may.
    fn truncation_detected(
        &mut self,
        ctx: &mut Ctx<'_>,
        tp: &TopicPartition,
        position: Position,
        diverging: Option<(i32, i64)>,
    ) {
        let Some(timestamp) = self.reset_timestamp() else {
            self.app.throw("LogTruncationException");
            return;
        };
        let (client, offset) = (&self.client, position.offset);
        let text = format!("{client} finds {tp} truncated below its position {offset}");
        ctx.observe(Observation::Note { text: text.into() });
        match diverging {
            Some((offset_epoch, offset)) => {
                self.subscriptions.set(tp, PositionState::At(Position { offset, offset_epoch }));
                ctx.observe(Observation::OffsetReset { consumer: self.client.clone(), tp: tp.clone(), offset });
            }
            None => self.subscriptions.set(tp, PositionState::AwaitsReset(timestamp)),
        }
    }

    /// The leader could not tell, or the question was lost: metadata may be old.
    pub(super) fn validation_failed(&mut self, ctx: &mut Ctx<'_>) {
        self.metadata.request_update();
        self.validation.not_before = ctx.now + SimDuration::from_ms(self.config.retry_backoff_ms);
        self.timers.set(ConsumerTimer::Validation, self.validation.not_before);
    }
}
