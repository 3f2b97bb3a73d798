//! The coordinator itself: which groups it has, which requests go where, what it waits for.

use crate::collections::BTreeMap;
use std::rc::Rc;

use super::member::Asker;
use super::metadata::Group;
use super::records::KeyValue;
use super::store::{GroupStore, Transactional};
use super::timer::GroupTimer;
use crate::config::BrokerConfig;
use crate::ids::{BrokerId, Name, TopicPartition};
use crate::machine::{Connection, Ctx, Deadline, TimerTable};
use crate::protocol::group::{
    Assignment, JoinGroupResponse, LeaveGroupResponse, ListGroupsResponse, OffsetAndMetadata, OffsetCommitResponse,
    OffsetFetchResponse, SyncGroupResponse,
};
use crate::protocol::{ErrorCode, Request, Response};
use crate::time::{SimDuration, SimTime};

/// A partition of `__consumer_offsets` that this broker leads.
#[derive(Clone, Debug)]
pub(super) struct Owned {
    pub leader_epoch: i32,
    pub loading: bool,
}

/// An append whose end is awaited.
#[derive(Clone, Debug)]
pub(super) enum Append {
    /// A leader's assignment.
    Sync { group: Name, generation: i32, assignments: Vec<(Name, Assignment)> },
    /// A generation without members, or a member's new id.
    Group,
    /// A commit.
    Commit {
        group: Name,
        generation: i32,
        asker: Asker,
        answers: Vec<(TopicPartition, ErrorCode)>,
        offsets: Vec<(TopicPartition, OffsetAndMetadata)>,
        now_ms: i64,
    },
    /// A commit in a transaction.
    TxnCommit(super::txn::TxnCommit),
    /// Deletions, which are done in memory already.
    Tombstones,
}

/// The group coordinator of a broker.
#[derive(Clone, Debug)]
pub struct GroupCoordinator {
    pub(super) broker: BrokerId,
    pub(super) config: Rc<BrokerConfig>,
    pub(super) owned: BTreeMap<i32, Owned>,
    /// Groups of partitions that this broker leads, those being loaded included.
    pub(super) groups: BTreeMap<Name, Group>,
    pub(super) partition_of: BTreeMap<Name, i32>,
    pub(super) timers: TimerTable<GroupTimer>,
    pub(super) appends: BTreeMap<u64, Append>,
    pub(super) tokens: u64,
}

impl GroupCoordinator {
    /// A coordinator without groups.
    pub fn new(id: BrokerId, config: Rc<BrokerConfig>) -> Self {
        Self {
            broker: id,
            config,
            owned: BTreeMap::new(),
            groups: BTreeMap::new(),
            partition_of: BTreeMap::new(),
            timers: TimerTable::default(),
            appends: BTreeMap::new(),
            tokens: 0,
        }
    }

    /// The broker's properties have changed while it runs.
    pub fn set_config(&mut self, config: Rc<BrokerConfig>) {
        self.config = config;
    }

    /// The broker that hosts it.
    pub fn broker(&self) -> BrokerId {
        self.broker
    }

    /// The groups it coordinates, by id.
    pub fn groups(&self) -> impl Iterator<Item = &Group> {
        self.groups.iter().filter(|(id, _)| self.is_loaded(id)).map(|(_, group)| group)
    }

    fn is_loaded(&self, group: &Name) -> bool {
        let partition = self.partition_of.get(group);
        partition.and_then(|partition| self.owned.get(partition)).is_some_and(|owned| !owned.loading)
    }

    /// When it wants [`Self::on_timer`].
    pub fn next_deadline(&self) -> Option<SimTime> {
        self.timers.next()
    }

    /// What it waits for, in words.
    pub fn deadlines(&self) -> Vec<Deadline> {
        self.timers.describe()
    }

    /// Handles a request of the group protocol; the answer follows now or later.
    pub fn handle_request(
        &mut self,
        ctx: &mut Ctx<'_>,
        store: &mut dyn GroupStore,
        on: &Connection,
        correlation_id: u64,
        request: Request,
    ) {
        let asker = Asker { on: on.clone(), correlation_id };
        let group = match &request {
            Request::JoinGroup(r) => Some(&r.group_id),
            Request::SyncGroup(r) => Some(&r.group_id),
            Request::Heartbeat(r) => Some(&r.group_id),
            Request::LeaveGroup(r) => Some(&r.group_id),
            Request::OffsetCommit(r) => Some(&r.group_id),
            Request::OffsetFetch(r) => Some(&r.group_id),
            Request::OffsetDelete(r) => Some(&r.group_id),
            _ => None,
        };
        // Offsets may be kept under the name of nobody; its members would be nobody's.
        let nameless = matches!(request, Request::OffsetCommit(_) | Request::OffsetFetch(_));
        if let Some(group) = group
            && let Some(error) = self.status_of(store, group, nameless)
        {
            refuse(ctx, &asker, &request, error);
            return;
        }
        match request {
            Request::JoinGroup(request) => self.join_group(ctx, store, asker, request),
            Request::SyncGroup(request) => self.sync_group(ctx, store, asker, request),
            Request::Heartbeat(request) => {
                let error = self.heartbeat(ctx, &request);
                asker.answer(ctx, Response::Heartbeat(error));
            }
            Request::LeaveGroup(request) => self.leave_group(ctx, store, asker, request),
            Request::OffsetCommit(request) => self.commit_offsets(ctx, store, asker, request),
            Request::OffsetFetch(request) => self.fetch_offsets(ctx, &asker, &request),
            Request::DescribeGroups(groups) => self.describe_groups(ctx, store, &asker, &groups),
            Request::ListGroups(()) => self.list_groups(ctx, &asker),
            Request::DeleteGroups(groups) => self.delete_groups(ctx, store, &asker, &groups),
            Request::OffsetDelete(request) => self.delete_offsets(ctx, store, &asker, &request),
            _ => {}
        }
    }

    /// `validateGroupStatus`: why nothing can be done for the group here, if so.
    pub(super) fn status_of(&self, store: &dyn GroupStore, group: &Name, nameless: bool) -> Option<ErrorCode> {
        if group.is_empty() && !nameless {
            return Some(ErrorCode::InvalidGroupId);
        }
        match self.owned.get(&super::partition_for(group, store.offsets_partition_count())) {
            None => Some(ErrorCode::NotCoordinator),
            Some(owned) if owned.loading => Some(ErrorCode::CoordinatorLoadInProgress),
            Some(_) => None,
        }
    }

    /// The group, made if there is none.
    pub(super) fn group_or_new(&mut self, store: &dyn GroupStore, id: &Name) -> &mut Group {
        let partition = super::partition_for(id, store.offsets_partition_count());
        self.partition_of.insert(id.clone(), partition);
        self.groups.entry(id.clone()).or_insert_with(|| Group::new(id.clone(), store.now_ms()))
    }

    pub(super) fn forget_group(&mut self, id: &Name) {
        self.groups.remove(id);
        self.partition_of.remove(id);
        self.timers.remove_if(|timer| match timer {
            GroupTimer::Join(group) | GroupTimer::Sync(group) => group == id,
            GroupTimer::Session(group, _) | GroupTimer::Pending(group, _) => group == id,
            GroupTimer::Loaded(_) | GroupTimer::ExpireOffsets => false,
        });
    }

    /// Asks for records to be written to the group's partition.
    pub(super) fn write(&mut self, store: &mut dyn GroupStore, group: &Name, records: Vec<KeyValue>, append: Append) {
        self.write_of(store, group, records, append, None);
    }

    /// [`Self::write`], as part of a transaction or of none.
    pub(super) fn write_of(
        &mut self,
        store: &mut dyn GroupStore,
        group: &Name,
        records: Vec<KeyValue>,
        append: Append,
        of: Option<Transactional>,
    ) {
        self.tokens += 1;
        self.appends.insert(self.tokens, append);
        let partition = super::partition_for(group, store.offsets_partition_count());
        store.append(partition, self.tokens, records, of);
    }

    /// An append that was asked for is replicated, its first record at `offset`, or failed.
    pub fn on_append_done(
        &mut self,
        ctx: &mut Ctx<'_>,
        store: &mut dyn GroupStore,
        token: u64,
        error: ErrorCode,
        offset: i64,
    ) {
        match self.appends.remove(&token) {
            Some(Append::Sync { group, generation, assignments }) => {
                self.assignment_written(ctx, store, &group, generation, assignments, coordinator_error(error));
            }
            Some(Append::Commit { group, generation, asker, answers, offsets, now_ms }) => {
                self.commit_written(ctx, &group, generation, &asker, answers, offsets, now_ms, error, offset);
            }
            Some(Append::TxnCommit(commit)) => self.txn_commit_written(ctx, commit, error, offset),
            Some(Append::Group | Append::Tombstones) | None => {}
        }
    }

    /// Deadlines are due.
    pub fn on_timer(&mut self, ctx: &mut Ctx<'_>, store: &mut dyn GroupStore) {
        while let Some(timer) = self.timers.pop_due(ctx.now) {
            match timer {
                GroupTimer::Loaded(partition) => self.loaded(ctx, partition),
                GroupTimer::Join(group) => self.join_phase_over(ctx, store, &group),
                GroupTimer::Sync(group) => self.sync_phase_over(ctx, store, &group),
                GroupTimer::Session(group, member) => self.session_over(ctx, store, &group, &member),
                GroupTimer::Pending(group, member) => self.pending_over(ctx, store, &group, &member),
                GroupTimer::ExpireOffsets => self.expire_offsets(ctx, store),
            }
        }
    }

    /// The member was heard of: its session begins anew, to last `for_ms`.
    pub(super) fn refresh_session(&mut self, now: SimTime, group: &Name, member: &Name, for_ms: Option<u64>) {
        let Some(found) = self.groups.get_mut(group).and_then(|g| g.members.get_mut(member)) else { return };
        let until = now + SimDuration::from_ms(for_ms.unwrap_or(found.session_timeout_ms));
        found.session_deadline = until;
        self.timers.set(GroupTimer::Session(group.clone(), member.clone()), until);
    }
}

/// What a failed append of a group's record means to its members (`GroupMetadataManager.storeGroup`).
pub(super) fn coordinator_error(error: ErrorCode) -> ErrorCode {
    match error {
        ErrorCode::UnknownTopicOrPartition | ErrorCode::NotEnoughReplicas | ErrorCode::NotEnoughReplicasAfterAppend => {
            ErrorCode::CoordinatorNotAvailable
        }
        ErrorCode::NotLeaderOrFollower | ErrorCode::KafkaStorageError => ErrorCode::NotCoordinator,
        ErrorCode::RequestTimedOut => ErrorCode::RebalanceInProgress,
        other => other,
    }
}

/// Refuses a request as a whole.
fn refuse(ctx: &mut Ctx<'_>, asker: &Asker, request: &Request, error: ErrorCode) {
    let loading = error == ErrorCode::CoordinatorLoadInProgress;
    let response = match request {
        Request::JoinGroup(r) => Response::JoinGroup(join_error(&r.member_id, error)),
        // The coordinator is about to know the group: the member rejoins (`handleSyncGroup`).
        Request::SyncGroup(_) => Response::SyncGroup(SyncGroupResponse {
            error: if loading { ErrorCode::RebalanceInProgress } else { error },
            assignment: Assignment::default(),
        }),
        // A member must not lose its session to the loading (`handleHeartbeat`).
        Request::Heartbeat(_) => Response::Heartbeat(if loading { ErrorCode::None } else { error }),
        Request::LeaveGroup(_) => Response::LeaveGroup(LeaveGroupResponse { error, members: Vec::new() }),
        Request::OffsetCommit(r) => Response::OffsetCommit(OffsetCommitResponse {
            partitions: r.offsets.iter().map(|(tp, _)| (tp.clone(), error)).collect(),
        }),
        Request::OffsetFetch(_) => Response::OffsetFetch(OffsetFetchResponse { error, partitions: Vec::new() }),
        _ => Response::ListGroups(ListGroupsResponse { error, groups: Vec::new() }),
    };
    asker.answer(ctx, response);
}

/// A JoinGroup answer that says only why not.
pub(super) fn join_error(member_id: &Name, error: ErrorCode) -> JoinGroupResponse {
    JoinGroupResponse {
        error,
        generation_id: -1,
        protocol_name: None,
        leader: "".into(),
        member_id: member_id.clone(),
        skip_assignment: false,
        members: Vec::new(),
    }
}
