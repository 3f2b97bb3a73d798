//! The classic group protocol: FindCoordinator (10), JoinGroup (11), SyncGroup (14), Heartbeat (12),
//! LeaveGroup (13), OffsetCommit (8), OffsetFetch (9), DescribeGroups (15), ListGroups (16),
//! DeleteGroups (42), OffsetDelete (47).

use super::ErrorCode;
use crate::ids::{BrokerId, Name, TopicPartition};

/// A member's subscription (`ConsumerProtocolSubscription`).
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Subscription {
    /// Topics, sorted.
    pub topics: Vec<Name>,
    /// What the assignor wants to remember (sticky).
    pub user_data: Option<Name>,
    /// Partitions owned so far (cooperative).
    pub owned_partitions: Vec<TopicPartition>,
    /// Generation in which they were owned, -1 for none.
    pub generation_id: i32,
    /// `client.rack`.
    pub rack_id: Option<Name>,
}

/// A member's share.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Assignment {
    /// Partitions, in the assignor's order.
    pub partitions: Vec<TopicPartition>,
    /// What the assignor wants to remember.
    pub user_data: Option<Name>,
}

/// Which coordinator is wanted.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum CoordinatorKind {
    /// A consumer group's.
    Group,
    /// A transactional id's.
    Transaction,
}

/// Whom a transaction commits offsets for (`ConsumerGroupMetadata`, KIP-447).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ConsumerGroupMetadata {
    /// The group.
    pub group_id: Name,
    /// The consumer's generation, -1 if it has none.
    pub generation_id: i32,
    /// Its member id, empty if it has none.
    pub member_id: Name,
    /// Static membership.
    pub group_instance_id: Option<Name>,
}

impl ConsumerGroupMetadata {
    /// A group without a member: no generation is checked.
    pub fn of_group(group_id: Name) -> Self {
        Self { group_id, generation_id: -1, member_id: "".into(), group_instance_id: None }
    }
}

/// Who coordinates?
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FindCoordinatorRequest {
    /// Group id or transactional id.
    pub key: Name,
    /// Which.
    pub kind: CoordinatorKind,
}

/// This broker does.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FindCoordinatorResponse {
    /// NONE, COORDINATOR_NOT_AVAILABLE, INVALID_GROUP_ID.
    pub error: ErrorCode,
    /// The coordinator, -1 on error.
    pub broker_id: BrokerId,
}

/// Joins a group, or joins it again.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct JoinGroupRequest {
    /// The group.
    pub group_id: Name,
    /// Empty the first time.
    pub member_id: Name,
    /// Static membership.
    pub group_instance_id: Option<Name>,
    /// `client.id` of the sender (in Kafka part of the request header).
    pub client_id: Name,
    /// Host of the sender.
    pub client_host: Name,
    /// `session.timeout.ms`.
    pub session_timeout_ms: u64,
    /// `max.poll.interval.ms`.
    pub rebalance_timeout_ms: u64,
    /// `consumer`.
    pub protocol_type: Name,
    /// Assignors in order of preference, each with the subscription.
    pub protocols: Vec<(Name, Subscription)>,
    /// Why, in words.
    pub reason: Name,
}

/// The join phase is over.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct JoinGroupResponse {
    /// NONE, MEMBER_ID_REQUIRED and others.
    pub error: ErrorCode,
    /// The new generation.
    pub generation_id: i32,
    /// The assignor that was chosen.
    pub protocol_name: Option<Name>,
    /// The member that assigns.
    pub leader: Name,
    /// The sender's member id.
    pub member_id: Name,
    /// The leader need not assign anew (KIP-814).
    pub skip_assignment: bool,
    /// For the leader: all members (id, instance id, subscription).
    pub members: Vec<(Name, Option<Name>, Subscription)>,
}

/// Gives (leader) or asks for (others) the assignment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SyncGroupRequest {
    /// The group.
    pub group_id: Name,
    /// The generation.
    pub generation_id: i32,
    /// The sender.
    pub member_id: Name,
    /// Static membership.
    pub group_instance_id: Option<Name>,
    /// From the leader: everyone's share.
    pub assignments: Vec<(Name, Assignment)>,
}

/// The sender's share.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SyncGroupResponse {
    /// NONE or why not.
    pub error: ErrorCode,
    /// The share.
    pub assignment: Assignment,
}

/// I am alive.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HeartbeatRequest {
    /// The group.
    pub group_id: Name,
    /// The generation.
    pub generation_id: i32,
    /// The sender.
    pub member_id: Name,
    /// Static membership.
    pub group_instance_id: Option<Name>,
}

/// Members leave (or are removed by an admin).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LeaveGroupRequest {
    /// The group.
    pub group_id: Name,
    /// (member id, instance id).
    pub members: Vec<(Name, Option<Name>)>,
    /// Why, in words.
    pub reason: Name,
}

/// One error for the whole, and one per member where members were named.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LeaveGroupResponse {
    /// Of the whole.
    pub error: ErrorCode,
    /// Per member.
    pub members: Vec<(Name, ErrorCode)>,
}

/// A committed position.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OffsetAndMetadata {
    /// The next offset to be read.
    pub offset: i64,
    /// Leader epoch of the last record read, -1 if unknown.
    pub leader_epoch: i32,
    /// Free text.
    pub metadata: Name,
}

/// Commits positions.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OffsetCommitRequest {
    /// The group.
    pub group_id: Name,
    /// -1 outside of group management.
    pub generation_id: i32,
    /// Empty outside of group management.
    pub member_id: Name,
    /// Static membership.
    pub group_instance_id: Option<Name>,
    /// The positions.
    pub offsets: Vec<(TopicPartition, OffsetAndMetadata)>,
}

/// One error per partition.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OffsetCommitResponse {
    /// Per partition.
    pub partitions: Vec<(TopicPartition, ErrorCode)>,
}

/// Asks for committed positions.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OffsetFetchRequest {
    /// The group.
    pub group_id: Name,
    /// The partitions; `None` for all.
    pub partitions: Option<Vec<TopicPartition>>,
    /// Refuse while a transaction is about to change them.
    pub require_stable: bool,
}

/// Committed positions; `None` where there is none.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OffsetFetchResponse {
    /// Of the whole.
    pub error: ErrorCode,
    /// Per partition.
    pub partitions: Vec<(TopicPartition, ErrorCode, Option<OffsetAndMetadata>)>,
}

/// A group as an admin sees it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DescribedGroup {
    /// NONE or why not.
    pub error: ErrorCode,
    /// The group.
    pub group_id: Name,
    /// `Empty`, `PreparingRebalance`, `CompletingRebalance`, `Stable`, `Dead`.
    pub state: Name,
    /// `consumer`.
    pub protocol_type: Name,
    /// The assignor.
    pub protocol: Name,
    /// Members.
    pub members: Vec<DescribedMember>,
}

/// A member as an admin sees it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DescribedMember {
    /// Its id.
    pub member_id: Name,
    /// Static membership.
    pub group_instance_id: Option<Name>,
    /// Its `client.id`.
    pub client_id: Name,
    /// Its host.
    pub client_host: Name,
    /// Its share.
    pub assignment: Assignment,
}

/// Groups of one coordinator: (id, protocol type, state).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ListGroupsResponse {
    /// NONE or COORDINATOR_LOAD_IN_PROGRESS.
    pub error: ErrorCode,
    /// Groups.
    pub groups: Vec<(Name, Name, Name)>,
}

/// Deletes committed positions.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OffsetDeleteRequest {
    /// The group.
    pub group_id: Name,
    /// Whose positions.
    pub partitions: Vec<TopicPartition>,
}

/// What became of them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OffsetDeleteResponse {
    /// Of the whole.
    pub error: ErrorCode,
    /// Per partition.
    pub partitions: Vec<(TopicPartition, ErrorCode)>,
}
