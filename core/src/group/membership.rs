//! Heartbeat, LeaveGroup and the end of sessions.

use super::coordinator::GroupCoordinator;
use super::member::Asker;
use super::state::GroupState;
use super::store::GroupStore;
use super::timer::GroupTimer;
use crate::ids::Name;
use crate::machine::{Ctx, Observation};
use crate::protocol::group::{HeartbeatRequest, LeaveGroupRequest, LeaveGroupResponse};
use crate::protocol::{ErrorCode, Response};

impl GroupCoordinator {
    pub(super) fn heartbeat(&mut self, ctx: &Ctx<'_>, request: &HeartbeatRequest) -> ErrorCode {
        let Some(group) = self.groups.get(&request.group_id) else { return ErrorCode::UnknownMemberId };
        if group.state == GroupState::Dead {
            return ErrorCode::CoordinatorNotAvailable;
        }
        if group.is_fenced(&request.member_id, request.group_instance_id.as_ref()) {
            return ErrorCode::FencedInstanceId;
        }
        if !group.members.contains_key(&request.member_id) || group.state == GroupState::Empty {
            return ErrorCode::UnknownMemberId;
        }
        if request.generation_id != group.generation {
            return ErrorCode::IllegalGeneration;
        }
        let rebalancing = group.state == GroupState::PreparingRebalance;
        self.refresh_session(ctx.now, &request.group_id, &request.member_id, None);
        if rebalancing { ErrorCode::RebalanceInProgress } else { ErrorCode::None }
    }

    pub(super) fn leave_group(
        &mut self,
        ctx: &mut Ctx<'_>,
        store: &mut dyn GroupStore,
        asker: Asker,
        request: LeaveGroupRequest,
    ) {
        let id = &request.group_id;
        let mut answers = Vec::new();
        for (member, instance) in &request.members {
            let error = self.leave(ctx, store, id, member, instance.as_ref());
            answers.push((member.clone(), error));
        }
        let answer = LeaveGroupResponse { error: ErrorCode::None, members: answers };
        asker.answer(ctx, Response::LeaveGroup(answer));
    }

    fn leave(
        &mut self,
        ctx: &mut Ctx<'_>,
        store: &mut dyn GroupStore,
        id: &Name,
        member: &Name,
        instance: Option<&Name>,
    ) -> ErrorCode {
        let Some(group) = self.groups.get_mut(id) else { return ErrorCode::UnknownMemberId };
        if group.state == GroupState::Dead {
            return ErrorCode::CoordinatorNotAvailable;
        }
        // An admin names only the instance.
        let by_instance = instance.filter(|_| member.is_empty()).map(|instance| group.static_members.get(instance));
        let member = match by_instance {
            Some(Some(holder)) => holder.clone(),
            Some(None) => return ErrorCode::UnknownMemberId,
            None => member.clone(),
        };
        if group.pending_members.remove(&member) {
            self.timers.cancel(&GroupTimer::Pending(id.clone(), member));
            self.maybe_complete_join(ctx, store, id);
            return ErrorCode::None;
        }
        if group.is_fenced(&member, instance) {
            return ErrorCode::FencedInstanceId;
        }
        if !group.members.contains_key(&member) {
            return ErrorCode::UnknownMemberId;
        }
        ctx.observe(Observation::MemberLeft { group: id.clone(), member: member.clone() });
        self.remove_member(ctx, store, id, &member, "a member leaves");
        ErrorCode::None
    }

    /// `removeMemberAndUpdateGroup`
    fn remove_member(&mut self, ctx: &mut Ctx<'_>, store: &mut dyn GroupStore, id: &Name, member: &Name, reason: &str) {
        self.timers.cancel(&GroupTimer::Session(id.clone(), member.clone()));
        let Some(group) = self.groups.get_mut(id) else { return };
        group.remove(member);
        match group.state {
            GroupState::Stable | GroupState::CompletingRebalance => {
                self.maybe_prepare_rebalance(ctx, store, id, reason);
            }
            GroupState::PreparingRebalance => self.maybe_complete_join(ctx, store, id),
            GroupState::Empty | GroupState::Dead => {}
        }
    }

    pub(super) fn session_over(&mut self, ctx: &mut Ctx<'_>, store: &mut dyn GroupStore, id: &Name, member: &Name) {
        let Some(found) = self.groups.get(id).and_then(|group| group.members.get(member)) else { return };
        if found.is_parked() {
            return;
        }
        ctx.observe(Observation::MemberExpired { group: id.clone(), member: member.clone() });
        self.remove_member(ctx, store, id, member, "a member's session expired");
    }

    pub(super) fn pending_over(&mut self, ctx: &mut Ctx<'_>, store: &mut dyn GroupStore, id: &Name, member: &Name) {
        if self.groups.get_mut(id).is_some_and(|group| group.pending_members.remove(member)) {
            self.maybe_complete_join(ctx, store, id);
        }
    }
}
