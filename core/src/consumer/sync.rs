//! The sync phase (`AbstractCoordinator.onLeaderElected`, `SyncGroupResponseHandler`): the leader
//! assigns, everybody asks for its share.

use super::Consumer;
use super::membership::{MemberState, Outcome};
use super::requests::Purpose;
use crate::group::assignor::{AssignorMember, GroupSubscription};
use crate::ids::Name;
use crate::machine::{Channel, Ctx};
use crate::protocol::group::{Assignment, JoinGroupResponse, SyncGroupRequest, SyncGroupResponse};
use crate::protocol::{ErrorCode, Request};

impl Consumer {
    /// `onLeaderElected`: the leader needs the partitions of all topics that anybody subscribes to.
    pub(super) fn begin_to_lead(&mut self, ctx: &mut Ctx<'_>, answer: JoinGroupResponse) {
        let topics = answer.members.iter().flat_map(|(_, _, subscription)| subscription.topics.iter().cloned());
        self.member.group_topics = topics.collect();
        self.member.to_lead = Some(answer);
        if !self.metadata.covers(&self.topics_of_interest()) {
            self.metadata.request_new_topics();
        }
        self.lead_if_ready(ctx);
    }

    pub(super) fn lead_if_ready(&mut self, ctx: &mut Ctx<'_>) {
        let interest = self.topics_of_interest();
        if !self.metadata.covers(&interest) {
            return;
        }
        let Some(answer) = self.member.to_lead.take() else { return };
        if self.member.generation != answer.generation_id || self.member.state != MemberState::CompletingRebalance {
            self.member.outcome = Some(Outcome::Lost);
            return;
        }
        let snapshot = self.snapshot(&interest);
        let partitions = snapshot.counts.clone();
        self.member.assigned_by = Some(snapshot);
        let mut racks = self.metadata.racks(interest.iter());
        for partition in racks.iter_mut().flat_map(|(_, partitions)| partitions) {
            partition.retain(|rack| !rack.is_empty());
        }
        let assignments = match self.member.assignor {
            Some(assignor) if !answer.skip_assignment => {
                let members = answer
                    .members
                    .into_iter()
                    .map(|(member_id, instance_id, subscription)| AssignorMember {
                        member_id,
                        instance_id,
                        subscription,
                    })
                    .collect();
                assignor.assign(&GroupSubscription { members, partitions, racks })
            }
            _ => Vec::new(),
        };
        self.send_sync(ctx, assignments);
    }

    pub(super) fn send_sync(&mut self, ctx: &mut Ctx<'_>, assignments: Vec<(Name, Assignment)>) {
        let Some(group_id) = self.config.group_id.clone() else { return };
        let Some(coordinator) = self.coordinator.node() else {
            self.member.outcome = Some(Outcome::Lost);
            return;
        };
        let request = SyncGroupRequest {
            group_id,
            generation_id: self.member.generation,
            member_id: self.member.member_id.clone(),
            group_instance_id: self.config.group_instance_id.clone(),
            assignments,
        };
        self.send(ctx, coordinator, Channel::Coordinator, Purpose::SyncGroup, Request::SyncGroup(request));
    }

    pub(super) fn sync_answered(&mut self, ctx: &mut Ctx<'_>, answer: SyncGroupResponse) {
        if answer.error != ErrorCode::None {
            self.join_refused(ctx, answer.error);
            return;
        }
        if self.member.state != MemberState::CompletingRebalance {
            self.member.outcome = self.subscriptions.is_auto().then_some(Outcome::Lost);
            return;
        }
        self.member.state = MemberState::Stable;
        self.member.rejoin_needed = false;
        self.member.reason = "".into();
        self.member.outcome = Some(Outcome::Assigned(self.member.generation, answer.assignment));
    }
}
