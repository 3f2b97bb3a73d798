//! What admins ask: DescribeGroups, ListGroups, DeleteGroups, OffsetDelete.

use super::coordinator::{Append, GroupCoordinator};
use super::member::Asker;
use super::offsets::{order_of_removal, tombstone_of};
use super::records::{KeyValue, offset_tombstone};
use super::state::GroupState;
use super::store::GroupStore;
use crate::ids::{Name, TopicPartition};
use crate::machine::Ctx;
use crate::protocol::group::{
    Assignment, DescribedGroup, DescribedMember, ListGroupsResponse, OffsetDeleteRequest, OffsetDeleteResponse,
};
use crate::protocol::{ErrorCode, Response};

impl GroupCoordinator {
    pub(super) fn describe_groups(&self, ctx: &mut Ctx<'_>, store: &dyn GroupStore, asker: &Asker, ids: &[Name]) {
        let described = ids.iter().map(|id| self.describe(store, id)).collect();
        asker.answer(ctx, Response::DescribeGroups(described));
    }

    fn describe(&self, store: &dyn GroupStore, id: &Name) -> DescribedGroup {
        let mut described = DescribedGroup {
            error: self.status_of(store, id, true).unwrap_or(ErrorCode::None),
            group_id: id.clone(),
            state: GroupState::Dead.name().into(),
            protocol_type: "".into(),
            protocol: "".into(),
            members: Vec::new(),
        };
        let Some(group) = self.groups.get(id).filter(|_| described.error == ErrorCode::None) else { return described };
        let stable = group.state == GroupState::Stable;
        described.state = group.state.name().into();
        described.protocol_type = group.protocol_type.clone().unwrap_or_else(|| "".into());
        if stable {
            described.protocol = group.protocol.clone().unwrap_or_else(|| "".into());
        }
        described.members = group
            .members()
            .map(|member| DescribedMember {
                member_id: member.id.clone(),
                group_instance_id: member.instance_id.clone(),
                client_id: member.client_id.clone(),
                client_host: member.client_host.clone(),
                assignment: if stable { member.assignment.clone() } else { Assignment::default() },
            })
            .collect();
        described
    }

    pub(super) fn list_groups(&self, ctx: &mut Ctx<'_>, asker: &Asker) {
        let loading = self.owned.values().any(|owned| owned.loading);
        let error = if loading { ErrorCode::CoordinatorLoadInProgress } else { ErrorCode::None };
        let groups = self
            .groups()
            .map(|group| {
                let kind = group.protocol_type.clone().unwrap_or_else(|| "".into());
                (group.id.clone(), kind, group.state.name().into())
            })
            .collect();
        asker.answer(ctx, Response::ListGroups(ListGroupsResponse { error, groups }));
    }

    pub(super) fn delete_groups(&mut self, ctx: &mut Ctx<'_>, store: &mut dyn GroupStore, asker: &Asker, ids: &[Name]) {
        let mut answers = Vec::new();
        for id in ids {
            let error = match self.status_of(store, id, true) {
                Some(error) => error,
                None => self.delete_group(store, id),
            };
            answers.push((id.clone(), error));
        }
        asker.answer(ctx, Response::DeleteGroups(answers));
    }

    fn delete_group(&mut self, store: &mut dyn GroupStore, id: &Name) -> ErrorCode {
        let Some(group) = self.groups.get(id) else { return ErrorCode::GroupIdNotFound };
        match group.state {
            GroupState::Dead => return ErrorCode::GroupIdNotFound,
            GroupState::Empty => {}
            _ => return ErrorCode::NonEmptyGroup,
        }
        let mut offsets: Vec<TopicPartition> = group.offsets.keys().cloned().collect();
        order_of_removal(&mut offsets);
        let mut records: Vec<KeyValue> = offsets.iter().map(|tp| offset_tombstone(id, tp)).collect();
        records.extend(tombstone_of(group));
        self.forget_group(id);
        if !records.is_empty() {
            self.write(store, id, records, Append::Tombstones);
        }
        ErrorCode::None
    }

    /// `GroupCoordinator.handleDeleteOffsets`: an active group keeps the offsets of topics that it reads.
    pub(super) fn delete_offsets(
        &mut self,
        ctx: &mut Ctx<'_>,
        store: &mut dyn GroupStore,
        asker: &Asker,
        request: &OffsetDeleteRequest,
    ) {
        let answer = match self.deletable(store, request) {
            Ok(partitions) => {
                let gone = partitions.iter().filter(|(_, error)| *error == ErrorCode::None).map(|(tp, _)| tp);
                let gone: Vec<TopicPartition> = gone.cloned().collect();
                self.drop_offsets(store, &request.group_id, &gone);
                OffsetDeleteResponse { error: ErrorCode::None, partitions }
            }
            Err(error) => OffsetDeleteResponse { error, partitions: Vec::new() },
        };
        asker.answer(ctx, Response::OffsetDelete(answer));
    }

    fn deletable(
        &self,
        store: &dyn GroupStore,
        request: &OffsetDeleteRequest,
    ) -> Result<Vec<(TopicPartition, ErrorCode)>, ErrorCode> {
        let group = self.groups.get(&request.group_id).ok_or(ErrorCode::GroupIdNotFound)?;
        let is_consumers = group.protocol_type.as_deref() == Some("consumer");
        match group.state {
            GroupState::Dead => return Err(ErrorCode::GroupIdNotFound),
            GroupState::Empty => {}
            _ if is_consumers => {}
            _ => return Err(ErrorCode::NonEmptyGroup),
        }
        let judge = |tp: &TopicPartition| {
            if !store.partition_exists(tp) {
                ErrorCode::UnknownTopicOrPartition
            } else if group.state != GroupState::Empty && group.is_subscribed_to(&tp.topic) {
                ErrorCode::GroupSubscribedToTopic
            } else {
                ErrorCode::None
            }
        };
        Ok(request.partitions.iter().map(|tp| (tp.clone(), judge(tp))).collect())
    }
}
