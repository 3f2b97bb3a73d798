//! Joining the group (`AbstractCoordinator.joinGroupIfNeeded`, `ConsumerCoordinator.onJoinPrepare`
//! and `onJoinComplete`): prepare, JoinGroup, and what the listener is told.

use crate::collections::BTreeSet;
use crate::collections::Order;

use super::Consumer;
use super::metadata::Snapshot;
use super::requests::Purpose;
use super::timer::ConsumerTimer;
use crate::group::assignor::{Assignor, RebalanceProtocol, sticky_user_data};
use crate::ids::{Name, TopicPartition};
use crate::machine::{Channel, Ctx, Observation};
use crate::protocol::group::{Assignment, JoinGroupRequest, JoinGroupResponse, Subscription};
use crate::protocol::{ErrorCode, Request};
use crate::time::SimTime;

/// `AbstractCoordinator.MemberState`
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum MemberState {
    /// Not part of the group.
    #[default]
    Unjoined,
    /// JoinGroup is not answered.
    PreparingRebalance,
    /// SyncGroup is not answered.
    CompletingRebalance,
    /// It has its share.
    Stable,
}

/// How a round of joining ended.
#[derive(Clone, Debug)]
pub(super) enum Outcome {
    Assigned(i32, Assignment),
    Failed(ErrorCode),
    Lost,
}

/// The consumer as a member of its group.
#[derive(Clone, Debug)]
pub struct Membership {
    pub(super) state: MemberState,
    pub(super) generation: i32,
    pub(super) member_id: Name,
    /// Generation and member id of the last round that was joined, which outlive its membership
    /// (`ConsumerCoordinator.groupMetadata`).
    pub(super) last_joined: (i32, Name),
    pub(super) assignor: Option<Assignor>,
    pub(super) rejoin_needed: bool,
    pub(super) needs_prepare: bool,
    pub(super) reason: Name,
    pub(super) outcome: Option<Outcome>,
    attempts: u32,
    not_before: SimTime,
    /// An error after which it is no member any more, for the next poll to throw.
    pub(super) fatal: Option<ErrorCode>,
    /// The leader's view when it last assigned: partitions by topic.
    pub(super) assigned_by: Option<Snapshot>,
    /// Topics of all members, if this one leads.
    pub(super) group_topics: BTreeSet<Name>,
    /// Its topics when it last joined.
    joined_topics: Option<BTreeSet<Name>>,
    /// Generation and share of its last assignment, which outlive its membership.
    last_share: Option<(i32, Vec<TopicPartition>)>,
    /// It leads, and waits for metadata before it can assign.
    pub(super) to_lead: Option<JoinGroupResponse>,
}

impl Default for Membership {
    fn default() -> Self {
        Self {
            state: MemberState::Unjoined,
            generation: -1,
            member_id: "".into(),
            last_joined: (-1, "".into()),
            assignor: None,
            rejoin_needed: true,
            needs_prepare: true,
            reason: "".into(),
            outcome: None,
            attempts: 0,
            not_before: SimTime::ZERO,
            fatal: None,
            assigned_by: None,
            group_topics: BTreeSet::new(),
            joined_topics: None,
            last_share: None,
            to_lead: None,
        }
    }
}

impl Membership {
    /// Topics of the whole group, if this member leads it.
    pub fn group_topics(&self) -> &BTreeSet<Name> {
        &self.group_topics
    }

    /// Of somebody who is no member any more.
    pub(super) fn ended(&self) -> Self {
        Self { last_joined: self.last_joined.clone(), ..Self::default() }
    }

    pub(super) fn request_rejoin(&mut self, reason: &str) {
        self.rejoin_needed = true;
        self.reason = reason.into();
    }

    /// `resetStateOnResponseError`
    pub(super) fn reset(&mut self, reason: &str, forget_id: bool) {
        self.state = MemberState::Unjoined;
        self.generation = -1;
        if forget_id {
            self.member_id = "".into();
        }
        self.request_rejoin(reason);
    }
}

impl Consumer {
    fn rejoin_pending(&mut self) -> bool {
        // The snapshot stays: what is noticed while the group still syncs is noticed again afterwards.
        if self.member.assigned_by.as_ref().is_some_and(|then| !self.is_as_in(then))
            && self.metadata.covers(&self.topics_of_interest())
        {
            self.member.request_rejoin("cached metadata has changed");
        }
        if let (Some(joined), Some(subscribed)) = (&self.member.joined_topics, self.subscriptions.subscribed())
            && joined != subscribed
        {
            self.member.request_rejoin("subscription has changed");
        }
        self.member.rejoin_needed || self.member.outcome.is_some() || self.is_joining()
    }

    fn is_joining(&self) -> bool {
        self.member.to_lead.is_some()
            || self.requests.any(|purpose| matches!(purpose, Purpose::JoinGroup | Purpose::SyncGroup))
    }

    /// `ensureActiveGroup`: true if the consumer is a member with its share.
    pub(super) fn ensure_active_group(&mut self, ctx: &mut Ctx<'_>) -> Result<bool, Name> {
        while self.rejoin_pending() {
            // What the pattern stands for must be known before it is said to the group (`ensureFreshMetadata`).
            if self.has_pattern() && !self.metadata.is_fresh() {
                return Ok(false);
            }
            let Some(coordinator) = self.ensure_coordinator(ctx) else { return Ok(false) };
            if ctx.now < self.member.not_before {
                self.timers.set(ConsumerTimer::Join, self.member.not_before);
                return Ok(false);
            }
            if self.member.needs_prepare {
                if !self.prepare_join(ctx) {
                    return Ok(false);
                }
                self.member.needs_prepare = false;
            }
            match self.member.outcome.take() {
                None if self.is_joining() => return Ok(false),
                None => {
                    self.send_join(ctx, coordinator);
                    return Ok(false);
                }
                Some(outcome) => self.join_over(ctx, outcome)?,
            }
        }
        Ok(true)
    }

    fn join_over(&mut self, ctx: &mut Ctx<'_>, outcome: Outcome) -> Result<(), Name> {
        let error = match outcome {
            Outcome::Assigned(generation, assignment) => {
                if self.member.generation == generation && self.member.state == MemberState::Stable {
                    self.member.needs_prepare = true;
                    self.member.attempts = 0;
                    self.member.last_joined = (generation, self.member.member_id.clone());
                    self.join_complete(ctx, assignment);
                } else {
                    self.member.reset("the generation was reset while it was joined", false);
                }
                return Ok(());
            }
            Outcome::Failed(error) => error,
            Outcome::Lost => ErrorCode::NetworkException,
        };
        self.member.rejoin_needed = true;
        match error {
            // These are cured by the next join itself.
            ErrorCode::UnknownMemberId
            | ErrorCode::IllegalGeneration
            | ErrorCode::RebalanceInProgress
            | ErrorCode::MemberIdRequired => Ok(()),
            error if error.is_retriable() => {
                let attempts = self.member.attempts;
                self.member.attempts = attempts.saturating_add(1);
                self.member.not_before = ctx.now + self.retry_backoff(ctx, attempts);
                Ok(())
            }
            error => Err(error.name().into()),
        }
    }

    /// `onJoinPrepare`: commits if that is automatic, then gives up what must not be kept.
    fn prepare_join(&mut self, ctx: &mut Ctx<'_>) -> bool {
        if !self.auto_commit_before_join(ctx) {
            return false;
        }
        let owned = self.subscriptions.partitions();
        if self.member.generation < 0 || self.member.member_id.is_empty() {
            if !owned.is_empty() {
                self.tell(ctx, "lost", owned);
            }
            self.subscriptions.assign([]);
            return true;
        }
        match self.rebalance_protocol() {
            RebalanceProtocol::Eager => {
                self.tell(ctx, "revoked", owned);
                self.subscriptions.assign([]);
            }
            RebalanceProtocol::Cooperative => {
                let topics = self.subscriptions.topics();
                let (kept, dropped): (Vec<_>, Vec<_>) = owned.into_iter().partition(|tp| topics.contains(&tp.topic));
                if !dropped.is_empty() {
                    self.tell(ctx, "revoked", dropped);
                    self.subscriptions.assign(kept);
                }
            }
        }
        true
    }

    /// Calls the application's rebalance listener.
    pub(super) fn tell(&mut self, ctx: &mut Ctx<'_>, kind: &'static str, mut partitions: Vec<TopicPartition>) {
        partitions.order();
        let consumer = self.client.clone();
        self.app.rebalances.push((kind, partitions.clone()));
        let partitions = partitions.into();
        ctx.observe(if kind == "assigned" {
            let (group, owned) = (self.config.group_id.clone(), self.subscriptions.partitions());
            let generation = self.member.generation;
            Observation::PartitionsAssigned { consumer, group, generation, partitions, owned: owned.into() }
        } else {
            Observation::PartitionsRevoked { consumer, partitions }
        });
    }

    /// Cooperative only if every assignor of the config is.
    pub(super) fn rebalance_protocol(&self) -> RebalanceProtocol {
        let eager = self.assignors().any(|assignor| assignor.protocol() == RebalanceProtocol::Eager);
        if eager { RebalanceProtocol::Eager } else { RebalanceProtocol::Cooperative }
    }

    fn assignors(&self) -> impl Iterator<Item = Assignor> {
        self.config.partition_assignment_strategy.iter().filter_map(|class| Assignor::by_class(class))
    }

    fn send_join(&mut self, ctx: &mut Ctx<'_>, coordinator: i32) {
        let Some(group_id) = self.config.group_id.clone() else { return };
        self.member.state = MemberState::PreparingRebalance;
        let topics: Vec<Name> = self.subscriptions.topics().into_iter().collect();
        self.member.joined_topics = Some(topics.iter().cloned().collect());
        let owned_partitions = self.subscriptions.partitions();
        let protocols = self
            .assignors()
            .map(|assignor| {
                let subscription = Subscription {
                    topics: topics.clone(),
                    user_data: self.sticky_memory(assignor),
                    owned_partitions: owned_partitions.clone(),
                    generation_id: self.member.generation,
                    rack_id: Some(self.config.client_rack.clone()).filter(|rack| !rack.is_empty()),
                };
                (assignor.name().into(), subscription)
            })
            .collect();
        let request = JoinGroupRequest {
            group_id,
            member_id: self.member.member_id.clone(),
            group_instance_id: self.config.group_instance_id.clone(),
            client_id: self.client.clone(),
            client_host: format!("/{}", self.client).into(),
            session_timeout_ms: self.config.session_timeout_ms,
            rebalance_timeout_ms: self.config.max_poll_interval_ms,
            protocol_type: "consumer".into(),
            protocols,
            reason: self.member.reason.clone(),
        };
        self.send(ctx, coordinator, Channel::Coordinator, Purpose::JoinGroup, Request::JoinGroup(request));
    }

    pub(super) fn join_answered(&mut self, ctx: &mut Ctx<'_>, answer: JoinGroupResponse) {
        let error = answer.error;
        match error {
            ErrorCode::None if self.member.state != MemberState::PreparingRebalance => {
                // Left or unsubscribed meanwhile.
                self.member.outcome = self.subscriptions.is_auto().then_some(Outcome::Lost);
            }
            ErrorCode::None => {
                self.coordinator_proved();
                self.member.state = MemberState::CompletingRebalance;
                self.member.generation = answer.generation_id;
                self.member.member_id = answer.member_id.clone();
                self.member.assignor = answer.protocol_name.as_deref().and_then(Assignor::by_name);
                self.begin_heartbeats(ctx.now);
                if answer.leader == answer.member_id {
                    self.begin_to_lead(ctx, answer);
                } else {
                    self.member.assigned_by = None;
                    self.member.group_topics.clear();
                    self.send_sync(ctx, Vec::new());
                }
            }
            _ => {
                self.join_refused(ctx, error);
                if error == ErrorCode::MemberIdRequired {
                    self.member.member_id = answer.member_id;
                    self.member.generation = -1;
                    self.member.request_rejoin("need to re-join with the given member-id");
                }
            }
        }
    }

    /// What an error of JoinGroup or SyncGroup means to the member's state.
    pub(super) fn join_refused(&mut self, ctx: &mut Ctx<'_>, error: ErrorCode) {
        match error {
            ErrorCode::UnknownMemberId => self.member.reset("encountered UNKNOWN_MEMBER_ID", true),
            ErrorCode::IllegalGeneration => self.member.reset("encountered ILLEGAL_GENERATION", false),
            ErrorCode::NotCoordinator | ErrorCode::CoordinatorNotAvailable => self.coordinator_unknown(ctx),
            ErrorCode::RebalanceInProgress => self.member.request_rejoin("the group began another rebalance"),
            _ => {}
        }
        self.member.to_lead = None;
        self.member.outcome = Some(Outcome::Failed(error));
    }

    /// The connection broke under a join or sync.
    pub(super) fn join_lost(&mut self) {
        self.member.to_lead = None;
        self.member.outcome = Some(Outcome::Lost);
    }

    /// `onJoinComplete`: takes the share, and tells the listener what is new.
    fn join_complete(&mut self, ctx: &mut Ctx<'_>, assignment: Assignment) {
        let owned: BTreeSet<TopicPartition> = self.subscriptions.partitions().into_iter().collect();
        let share: BTreeSet<TopicPartition> = assignment.partitions.iter().cloned().collect();
        let added: Vec<TopicPartition> = share.difference(&owned).cloned().collect();
        if self.rebalance_protocol() == RebalanceProtocol::Cooperative {
            let revoked: Vec<TopicPartition> = owned.difference(&share).cloned().collect();
            if !revoked.is_empty() {
                self.tell(ctx, "revoked", revoked);
                self.member.request_rejoin("need to revoke partitions and re-join");
            }
        }
        self.member.last_share = Some((self.member.generation, assignment.partitions));
        self.subscriptions.assign(share);
        self.restart_auto_commit(ctx.now);
        self.tell(ctx, "assigned", added);
        self.metadata.request_update_if_unknown(&self.subscriptions.topics());
    }

    /// What the assignor wants to be told at the next join (`subscriptionUserData`).
    fn sticky_memory(&self, assignor: Assignor) -> Option<Name> {
        let (generation, share) = self.member.last_share.as_ref().filter(|_| assignor == Assignor::Sticky)?;
        Some(sticky_user_data(*generation, share))
    }

    /// `onLeavePrepare`, and the state of somebody who is no member.
    pub(super) fn give_up_share(&mut self, ctx: &mut Ctx<'_>) {
        let owned = self.subscriptions.partitions();
        if !owned.is_empty() && self.subscriptions.is_auto() {
            let lost = self.member.generation < 0 || self.member.member_id.is_empty();
            self.tell(ctx, if lost { "lost" } else { "revoked" }, owned);
        }
        self.subscriptions.assign([]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collections::BTreeMap;

    #[test]
    fn a_change_of_metadata_during_the_sync_is_not_forgotten_with_its_answer() {
        let mut consumer = Consumer::new("reader".into(), vec![101], crate::config::ConsumerConfig::default());
        consumer.subscriptions.kind = crate::consumer::positions::Kind::Topics(BTreeSet::from(["t".into()]));
        consumer.metadata = crate::consumer::metadata::Metadata::of("t", 4);
        consumer.member.assigned_by = Some(Snapshot { counts: BTreeMap::from([("t".into(), 2)]), racks: Vec::new() });
        consumer.member.rejoin_needed = false;
        assert!(consumer.rejoin_pending());
        // `sync_answered`
        consumer.member.rejoin_needed = false;
        assert!(consumer.rejoin_pending(), "four partitions are known, two were shared out");
    }
}
