//! SyncGroup (`GroupCoordinator.doSyncGroup`): the leader's assignment is written, then handed out.

use super::coordinator::{Append, GroupCoordinator};
use super::member::Asker;
use super::records::group_record;
use super::state::GroupState;
use super::store::GroupStore;
use super::timer::GroupTimer;
use crate::ids::Name;
use crate::machine::{Ctx, Observation};
use crate::protocol::group::{Assignment, SyncGroupRequest, SyncGroupResponse};
use crate::protocol::{ErrorCode, Response};

fn answer(error: ErrorCode, assignment: Assignment) -> Response {
    Response::SyncGroup(SyncGroupResponse { error, assignment })
}

impl GroupCoordinator {
    pub(super) fn sync_group(
        &mut self,
        ctx: &mut Ctx<'_>,
        store: &mut dyn GroupStore,
        asker: Asker,
        request: SyncGroupRequest,
    ) {
        let (id, member_id) = (request.group_id.clone(), request.member_id.clone());
        match self.check_sync(&request) {
            Err(error) => asker.answer(ctx, answer(error, Assignment::default())),
            Ok(Some(assignment)) => {
                self.refresh_session(ctx.now, &id, &member_id, None);
                self.synced(&id, &member_id);
                asker.answer(ctx, answer(ErrorCode::None, assignment));
            }
            Ok(None) => {
                let Some(group) = self.groups.get_mut(&id) else { return };
                if let Some(member) = group.members.get_mut(&member_id) {
                    member.awaiting_sync = Some(asker);
                }
                self.synced(&id, &member_id);
                self.assigned_by(store, request);
            }
        }
    }

    /// The share if it is known already, `None` if the sender has to wait for it.
    fn check_sync(&self, request: &SyncGroupRequest) -> Result<Option<Assignment>, ErrorCode> {
        let group = self.groups.get(&request.group_id).ok_or(ErrorCode::UnknownMemberId)?;
        if group.is_fenced(&request.member_id, request.group_instance_id.as_ref()) {
            return Err(ErrorCode::FencedInstanceId);
        }
        let member = group.members.get(&request.member_id).ok_or(ErrorCode::UnknownMemberId)?;
        if request.generation_id != group.generation {
            return Err(ErrorCode::IllegalGeneration);
        }
        match group.state {
            GroupState::Empty | GroupState::Dead => Err(ErrorCode::UnknownMemberId),
            GroupState::PreparingRebalance => Err(ErrorCode::RebalanceInProgress),
            GroupState::CompletingRebalance => Ok(None),
            GroupState::Stable => Ok(Some(member.assignment.clone())),
        }
    }

    fn synced(&mut self, id: &Name, member: &Name) {
        let Some(group) = self.groups.get_mut(id) else { return };
        group.pending_sync.remove(member);
        if group.pending_sync.is_empty() {
            self.timers.cancel(&GroupTimer::Sync(id.clone()));
        }
    }

    /// From the leader: everyone's share goes to the log first. Who was forgotten gets nothing.
    fn assigned_by(&mut self, store: &mut dyn GroupStore, request: SyncGroupRequest) {
        let Some(group) = self.groups.get(&request.group_id) else { return };
        if group.leader.as_ref() != Some(&request.member_id) {
            return;
        }
        let assignments: Vec<(Name, Assignment)> = group
            .members()
            .map(|member| {
                let share = request.assignments.iter().find(|(id, _)| id == &member.id);
                (member.id.clone(), share.map(|(_, share)| share.clone()).unwrap_or_default())
            })
            .collect();
        let record = group_record(group, &assignments);
        let append = Append::Sync { group: request.group_id.clone(), generation: group.generation, assignments };
        self.write(store, &request.group_id, vec![record], append);
    }

    /// The assignment is replicated (or could not be): the group is stable, or begins again.
    pub(super) fn assignment_written(
        &mut self,
        ctx: &mut Ctx<'_>,
        store: &mut dyn GroupStore,
        id: &Name,
        generation: i32,
        assignments: Vec<(Name, Assignment)>,
        error: ErrorCode,
    ) {
        let Some(group) = self.groups.get_mut(id) else { return };
        // Another rebalance may have begun while the record was on its way.
        if group.state != GroupState::CompletingRebalance || group.generation != generation {
            return;
        }
        if error == ErrorCode::None {
            for (member, share) in assignments {
                if let Some(member) = group.members.get_mut(&member) {
                    member.assignment = share;
                }
            }
            group.transition(GroupState::Stable, store.now_ms());
            let members = i32::try_from(group.members.len()).unwrap_or(i32::MAX);
            ctx.observe(Observation::GroupStable { group: id.clone(), generation, members });
        } else {
            group.clear_assignments();
        }
        let mut answered = Vec::new();
        for member in group.members.values_mut() {
            if let Some(parked) = member.awaiting_sync.take() {
                parked.answer(ctx, answer(error, member.assignment.clone()));
                answered.push(member.id.clone());
            }
        }
        for member in answered {
            self.refresh_session(ctx.now, id, &member, None);
        }
        if error != ErrorCode::None {
            self.maybe_prepare_rebalance(ctx, store, id, "the assignment could not be written");
        }
    }

    /// `DelayedSync`: who has not sent SyncGroup within the rebalance timeout is out.
    pub(super) fn sync_phase_over(&mut self, ctx: &mut Ctx<'_>, store: &mut dyn GroupStore, id: &Name) {
        let Some(group) = self.groups.get_mut(id) else { return };
        if !matches!(group.state, GroupState::CompletingRebalance | GroupState::Stable) {
            return;
        }
        let missing = std::mem::take(&mut group.pending_sync);
        for member in &missing {
            group.remove(member);
            self.timers.cancel(&GroupTimer::Session(id.clone(), member.clone()));
            ctx.observe(Observation::MemberExpired { group: id.clone(), member: member.clone() });
        }
        if !missing.is_empty() {
            self.maybe_prepare_rebalance(ctx, store, id, "members did not send SyncGroup in time");
        }
    }
}
