//! JoinGroup and the join phase (`GroupCoordinator.doNewMemberJoinGroup`, `doCurrentMemberJoinGroup`,
//! `onCompleteJoin`; `InitialDelayedJoin`, `DelayedJoin`).

use super::coordinator::{Append, GroupCoordinator, join_error};
use super::member::{Asker, Member};
use super::metadata::Group;
use super::records::group_record;
use super::state::GroupState;
use super::store::GroupStore;
use super::timer::GroupTimer;
use crate::ids::Name;
use crate::machine::{Ctx, Observation};
use crate::protocol::group::{Assignment, JoinGroupRequest, JoinGroupResponse, SyncGroupResponse};
use crate::protocol::{ErrorCode, Response};
use crate::time::SimDuration;

/// How long a member that never had a generation may wait for one, ms
/// (`GroupCoordinator.NewMemberJoinTimeoutMs`).
const NEW_MEMBER_JOIN_TIMEOUT_MS: u64 = 5 * 60 * 1000;

/// A member id: the client's name (or the static member's instance id) and a random UUID.
fn new_member_id(ctx: &mut Ctx<'_>, name: &str) -> Name {
    let (high, low) = (ctx.rng.next_u64(), ctx.rng.next_u64());
    let (a, b, c) = (high >> 32, high >> 16 & 0xffff, high & 0xfff);
    let (d, e) = (low >> 48 & 0x3fff | 0x8000, low & 0xffff_ffff_ffff);
    format!("{name}-{a:08x}-{b:04x}-4{c:03x}-{d:04x}-{e:012x}").into()
}

impl GroupCoordinator {
    pub(super) fn join_group(
        &mut self,
        ctx: &mut Ctx<'_>,
        store: &mut dyn GroupStore,
        asker: Asker,
        request: JoinGroupRequest,
    ) {
        let id = request.group_id.clone();
        if let Err(error) = self.admit(ctx, store, &asker, &request) {
            asker.answer(ctx, Response::JoinGroup(join_error(&request.member_id, error)));
        }
        self.maybe_complete_join(ctx, store, &id);
    }

    fn admit(
        &mut self,
        ctx: &mut Ctx<'_>,
        store: &mut dyn GroupStore,
        asker: &Asker,
        request: &JoinGroupRequest,
    ) -> Result<(), ErrorCode> {
        let range = self.config.group_min_session_timeout_ms..=self.config.group_max_session_timeout_ms;
        if !range.contains(&request.session_timeout_ms) {
            return Err(ErrorCode::InvalidSessionTimeout);
        }
        if !self.groups.contains_key(&request.group_id) && !request.member_id.is_empty() {
            return Err(ErrorCode::UnknownMemberId);
        }
        let max_size = self.config.group_max_size;
        let group = self.group_or_new(store, &request.group_id);
        // `acceptJoiningMember`: while a rebalance is prepared those count who have joined it.
        let awaiting = |id: &Name| group.members.get(id).is_some_and(|member| member.awaiting_join.is_some());
        let (known, size) = match group.state {
            GroupState::Empty | GroupState::Dead => (true, 0),
            GroupState::PreparingRebalance => {
                (awaiting(&request.member_id), group.members.keys().filter(|id| awaiting(id)).count())
            }
            GroupState::CompletingRebalance | GroupState::Stable => {
                (group.members.contains_key(&request.member_id), group.members.len())
            }
        };
        if !known && u64::try_from(size).unwrap_or(u64::MAX) >= max_size {
            group.pending_members.remove(&request.member_id);
            return Err(ErrorCode::GroupMaxSizeReached);
        }
        if !group.supports(&request.protocol_type, &request.protocols) {
            return Err(ErrorCode::InconsistentGroupProtocol);
        }
        if request.member_id.is_empty() {
            self.new_member(ctx, store, asker, request)
        } else {
            self.known_member(ctx, store, asker, request)
        }
    }

    fn new_member(
        &mut self,
        ctx: &mut Ctx<'_>,
        store: &mut dyn GroupStore,
        asker: &Asker,
        request: &JoinGroupRequest,
    ) -> Result<(), ErrorCode> {
        if let Some(instance) = &request.group_instance_id {
            let member_id = new_member_id(ctx, instance);
            let held = self.groups.get(&request.group_id).and_then(|group| group.static_members.get(instance)).cloned();
            match held {
                Some(old) => self.static_member_returns(ctx, store, asker, request, &old, member_id),
                None => self.add_member(ctx, store, asker, request, member_id),
            }
            return Ok(());
        }
        // KIP-394: the first join of a dynamic member only earns an id, so that a client whose
        // answer is lost does not leave a ghost behind.
        let member_id = new_member_id(ctx, &request.client_id);
        if let Some(group) = self.groups.get_mut(&request.group_id) {
            group.pending_members.insert(member_id.clone());
        }
        let until = ctx.now + SimDuration::from_ms(request.session_timeout_ms);
        self.timers.set(GroupTimer::Pending(request.group_id.clone(), member_id.clone()), until);
        asker.answer(ctx, Response::JoinGroup(join_error(&member_id, ErrorCode::MemberIdRequired)));
        Ok(())
    }

    fn known_member(
        &mut self,
        ctx: &mut Ctx<'_>,
        store: &mut dyn GroupStore,
        asker: &Asker,
        request: &JoinGroupRequest,
    ) -> Result<(), ErrorCode> {
        let Some(group) = self.groups.get_mut(&request.group_id) else { return Err(ErrorCode::UnknownMemberId) };
        if group.pending_members.contains(&request.member_id) {
            let member_id = request.member_id.clone();
            self.timers.cancel(&GroupTimer::Pending(request.group_id.clone(), member_id.clone()));
            self.add_member(ctx, store, asker, request, member_id);
            return Ok(());
        }
        if group.is_fenced(&request.member_id, request.group_instance_id.as_ref()) {
            return Err(ErrorCode::FencedInstanceId);
        }
        let Some(member) = group.members.get(&request.member_id) else { return Err(ErrorCode::UnknownMemberId) };
        let same = member.matches(&request.protocols);
        let leads = group.leader.as_ref() == Some(&request.member_id);
        let rebalance = match group.state {
            GroupState::PreparingRebalance => true,
            GroupState::CompletingRebalance => !same,
            GroupState::Stable => leads || !same,
            GroupState::Empty | GroupState::Dead => return Err(ErrorCode::UnknownMemberId),
        };
        if rebalance {
            self.update_member(asker, request);
            let why = if leads { "the leader rejoins" } else { "a member's subscription changed" };
            self.maybe_prepare_rebalance(ctx, store, &request.group_id, why);
        } else {
            // It missed the answer to its join: the same generation again.
            let response = current_generation(group, &request.member_id, false);
            asker.answer(ctx, Response::JoinGroup(response));
        }
        Ok(())
    }

    fn add_member(
        &mut self,
        ctx: &mut Ctx<'_>,
        store: &mut dyn GroupStore,
        asker: &Asker,
        request: &JoinGroupRequest,
        member_id: Name,
    ) {
        let Some(group) = self.groups.get_mut(&request.group_id) else { return };
        if group.state == GroupState::PreparingRebalance && group.generation == 0 {
            group.new_member_added = true;
        }
        if group.members.is_empty() {
            group.protocol_type = Some(request.protocol_type.clone());
        }
        group.add(Member {
            id: member_id.clone(),
            instance_id: request.group_instance_id.clone(),
            client_id: request.client_id.clone(),
            client_host: request.client_host.clone(),
            session_timeout_ms: request.session_timeout_ms,
            rebalance_timeout_ms: request.rebalance_timeout_ms,
            protocols: request.protocols.clone(),
            assignment: Assignment::default(),
            is_new: true,
            awaiting_join: Some(asker.clone()),
            awaiting_sync: None,
            session_deadline: ctx.now,
        });
        ctx.observe(Observation::MemberJoined { group: request.group_id.clone(), member: member_id.clone() });
        self.refresh_session(ctx.now, &request.group_id, &member_id, Some(NEW_MEMBER_JOIN_TIMEOUT_MS));
        self.maybe_prepare_rebalance(ctx, store, &request.group_id, "a member joins");
    }

    fn update_member(&mut self, asker: &Asker, request: &JoinGroupRequest) {
        let group = self.groups.get_mut(&request.group_id);
        let Some(member) = group.and_then(|group| group.members.get_mut(&request.member_id)) else { return };
        member.protocols.clone_from(&request.protocols);
        member.session_timeout_ms = request.session_timeout_ms;
        member.rebalance_timeout_ms = request.rebalance_timeout_ms;
        member.awaiting_join = Some(asker.clone());
    }

    /// KIP-345: the same instance under a new id. The old id is fenced; a stable group whose
    /// assignor does not change goes on without a rebalance.
    fn static_member_returns(
        &mut self,
        ctx: &mut Ctx<'_>,
        store: &mut dyn GroupStore,
        asker: &Asker,
        request: &JoinGroupRequest,
        old: &Name,
        new: Name,
    ) {
        let id = &request.group_id;
        let Some(group) = self.groups.get_mut(id) else { return };
        let (join, sync) = group.replace_static(old, new.clone());
        self.timers.cancel(&GroupTimer::Session(id.clone(), old.clone()));
        if let Some(parked) = join {
            parked.answer(ctx, Response::JoinGroup(join_error(old, ErrorCode::FencedInstanceId)));
        }
        if let Some(parked) = sync {
            parked.answer(ctx, sync_error(ErrorCode::FencedInstanceId));
        }
        self.update_member(asker, &JoinGroupRequest { member_id: new.clone(), ..request.clone() });
        self.refresh_session(ctx.now, id, &new, None);
        let Some(group) = self.groups.get_mut(id) else { return };
        if group.state == GroupState::Stable && group.select_protocol() == group.protocol {
            if let Some(member) = group.members.get_mut(&new) {
                member.awaiting_join = None;
            }
            let leads = group.leader.as_ref() == Some(&new);
            let response = current_generation(group, &new, leads);
            let shares: Vec<_> = group.members().map(|m| (m.id.clone(), m.assignment.clone())).collect();
            let record = group_record(group, &shares);
            // Simplified: Kafka answers when the new id is written; here the answer does not wait.
            asker.answer(ctx, Response::JoinGroup(response));
            self.write(store, id, vec![record], Append::Group);
            return;
        }
        self.maybe_prepare_rebalance(ctx, store, id, "a static member returns");
    }

    /// Begins a join phase unless one is under way.
    pub(super) fn maybe_prepare_rebalance(
        &mut self,
        ctx: &mut Ctx<'_>,
        store: &mut dyn GroupStore,
        id: &Name,
        reason: &str,
    ) {
        let Some(group) = self.groups.get_mut(id) else { return };
        if matches!(group.state, GroupState::PreparingRebalance | GroupState::Dead) {
            return;
        }
        let was = group.state;
        group.pending_sync.clear();
        let mut answered = Vec::new();
        if was == GroupState::CompletingRebalance {
            group.clear_assignments();
            for member in group.members.values_mut() {
                if let Some(parked) = member.awaiting_sync.take() {
                    parked.answer(ctx, sync_error(ErrorCode::RebalanceInProgress));
                    answered.push(member.id.clone());
                }
            }
        }
        group.transition(GroupState::PreparingRebalance, store.now_ms());
        let longest = group.rebalance_timeout_ms();
        let wait_ms = if was == GroupState::Empty {
            let delay_ms = self.config.group_initial_rebalance_delay_ms;
            group.initial_remaining_ms = Some(longest.saturating_sub(delay_ms));
            group.new_member_added = false;
            delay_ms
        } else {
            group.initial_remaining_ms = None;
            longest
        };
        ctx.observe(Observation::GroupRebalancing { group: id.clone(), reason: reason.into() });
        // While they waited, the end of a session was ignored and no new one begun (`propagateAssignment`).
        for member in answered {
            self.refresh_session(ctx.now, id, &member, None);
        }
        self.timers.cancel(&GroupTimer::Sync(id.clone()));
        self.timers.set(GroupTimer::Join(id.clone()), ctx.now + SimDuration::from_ms(wait_ms));
        self.maybe_complete_join(ctx, store, id);
    }

    /// Ends the join phase if everybody is there; an initial one waits for its delay.
    pub(super) fn maybe_complete_join(&mut self, ctx: &mut Ctx<'_>, store: &mut dyn GroupStore, id: &Name) {
        let Some(group) = self.groups.get(id) else { return };
        let ready = group.state == GroupState::PreparingRebalance
            && group.initial_remaining_ms.is_none()
            && group.has_all_members_joined();
        if ready {
            self.complete_join(ctx, store, id);
        }
    }

    pub(super) fn join_phase_over(&mut self, ctx: &mut Ctx<'_>, store: &mut dyn GroupStore, id: &Name) {
        let delay_ms = self.config.group_initial_rebalance_delay_ms;
        let Some(group) = self.groups.get_mut(id) else { return };
        if group.state != GroupState::PreparingRebalance {
            return;
        }
        if let Some(remaining_ms) = group.initial_remaining_ms
            && group.new_member_added
            && remaining_ms > 0
        {
            let wait_ms = delay_ms.min(remaining_ms);
            group.new_member_added = false;
            group.initial_remaining_ms = Some(remaining_ms.saturating_sub(delay_ms));
            self.timers.set(GroupTimer::Join(id.clone()), ctx.now + SimDuration::from_ms(wait_ms));
            return;
        }
        self.complete_join(ctx, store, id);
    }

    fn complete_join(&mut self, ctx: &mut Ctx<'_>, store: &mut dyn GroupStore, id: &Name) {
        let Some(group) = self.groups.get_mut(id) else { return };
        let absent: Vec<Name> = group
            .members
            .values()
            .filter(|member| member.awaiting_join.is_none() && member.instance_id.is_none())
            .map(|member| member.id.clone())
            .collect();
        for member in &absent {
            group.remove(member);
            self.timers.cancel(&GroupTimer::Session(id.clone(), member.clone()));
            ctx.observe(Observation::MemberExpired { group: id.clone(), member: member.clone() });
        }
        let joined = |group: &Group, leader: &Name| {
            group.members.get(leader).is_some_and(|member| member.awaiting_join.is_some())
        };
        if group.leader.as_ref().is_some_and(|leader| !joined(group, leader)) {
            let next = group.members.values().find(|member| member.awaiting_join.is_some());
            match next.map(|member| member.id.clone()) {
                Some(next) => group.leader = Some(next),
                None => {
                    // Only static members, and none of them is back: wait for them once more.
                    let again = SimDuration::from_ms(group.rebalance_timeout_ms());
                    group.initial_remaining_ms = None;
                    self.timers.set(GroupTimer::Join(id.clone()), ctx.now + again);
                    return;
                }
            }
        }
        self.timers.cancel(&GroupTimer::Join(id.clone()));
        self.next_generation(ctx, store, id);
    }

    fn next_generation(&mut self, ctx: &mut Ctx<'_>, store: &mut dyn GroupStore, id: &Name) {
        let Some(group) = self.groups.get_mut(id) else { return };
        group.generation = group.generation.saturating_add(1);
        group.initial_remaining_ms = None;
        group.new_member_added = false;
        if group.members.is_empty() {
            group.protocol = None;
            group.leader = None;
            group.transition(GroupState::Empty, store.now_ms());
            ctx.observe(Observation::GroupEmpty { group: id.clone(), generation: group.generation });
            let record = group_record(group, &[]);
            self.write(store, id, vec![record], Append::Group);
            return;
        }
        group.protocol = group.select_protocol();
        group.transition(GroupState::CompletingRebalance, store.now_ms());
        group.pending_sync = group.members.keys().cloned().collect();
        let wait = SimDuration::from_ms(group.rebalance_timeout_ms());
        let members: Vec<Name> = group.members.keys().cloned().collect();
        for member_id in &members {
            let response = current_generation(group, member_id, false);
            if let Some(member) = group.members.get_mut(member_id) {
                member.is_new = false;
                if let Some(parked) = member.awaiting_join.take() {
                    parked.answer(ctx, Response::JoinGroup(response));
                }
            }
        }
        for member in &members {
            self.refresh_session(ctx.now, id, member, None);
        }
        self.timers.set(GroupTimer::Sync(id.clone()), ctx.now + wait);
    }
}

fn sync_error(error: ErrorCode) -> Response {
    Response::SyncGroup(SyncGroupResponse { error, assignment: Assignment::default() })
}

/// The answer to a join in the current generation; only the leader learns who the members are.
fn current_generation(group: &Group, member_id: &Name, skip_assignment: bool) -> JoinGroupResponse {
    let leads = group.leader.as_ref() == Some(member_id);
    JoinGroupResponse {
        error: ErrorCode::None,
        generation_id: group.generation,
        protocol_name: group.protocol.clone(),
        leader: group.leader.clone().unwrap_or_else(|| "".into()),
        member_id: member_id.clone(),
        skip_assignment,
        members: if leads { group.member_list() } else { Vec::new() },
    }
}
