//! One call on its way: whom to ask what next, and what an answer means for it
//! (`KafkaAdminClient.Call`, `AdminApiDriver`, `PartitionLeaderStrategy`, `CoordinatorStrategy`).

use crate::collections::BTreeSet;
use crate::collections::Order;

use super::op::{AdminAnswer, AdminError, AdminOp, ClusterDescription, GroupListing, Reassignment};
use super::requests::{configs, list_offsets, node_of};
use super::transactions::TransactionCall;
use crate::client::error_name;
use crate::ids::{BrokerId, Name, TopicPartition};
use crate::protocol::admin::{
    AlterPartitionReassignmentsRequest, CreatePartitionsRequest, CreateTopicsRequest, DeleteRecordsRequest,
    DeleteTopicsRequest, DescribeConfigsRequest, ElectLeadersRequest, IncrementalAlterConfigsRequest,
};
use crate::protocol::group::{
    CoordinatorKind, FindCoordinatorRequest, LeaveGroupRequest, OffsetAndMetadata, OffsetCommitRequest,
    OffsetDeleteRequest, OffsetFetchRequest,
};
use crate::protocol::metadata::{MetadataRequest, MetadataResponse};
use crate::protocol::{ErrorCode, Request, Response};
use crate::time::{SimDuration, SimTime};

/// Who can answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Node {
    /// The active controller.
    Controller,
    /// Whoever has least to do.
    Any,
    /// This broker.
    Broker(BrokerId),
}

/// What an answer means for its call.
#[derive(Debug)]
pub(super) enum Verdict {
    /// The call is over.
    Over(Result<AdminAnswer, AdminError>),
    /// The next request can go out at once.
    GoOn,
    /// The same again after a back-off; `refresh`: with new metadata.
    Retry { refresh: bool },
}

/// A call that is not over.
#[derive(Clone, Debug)]
pub(super) struct Call {
    pub op: AdminOp,
    /// It is answered for each partition.
    each: bool,
    /// `default.api.timeout.ms` ends.
    pub deadline: SimTime,
    pub tries: u32,
    /// Back-off ends.
    pub not_before: SimTime,
    pub in_flight: bool,
    /// `default.api.timeout.ms`, which DeleteRecords lets the leader wait.
    api_timeout_ms: u64,
    /// A request that changes something was sent, and may be carried out whatever becomes of the call.
    pub change_sent: bool,
    /// The partition's leader or the group's coordinator, once it is looked up.
    pub(super) found: Option<BrokerId>,
    /// Members to be removed, once they are known.
    members: Option<Vec<(Name, Option<Name>)>>,
    /// Brokers that have still to list their groups.
    pub(super) to_ask: Option<BTreeSet<BrokerId>>,
    groups: Vec<GroupListing>,
    pub(super) transactions: TransactionCall,
}

pub(super) fn error(code: ErrorCode, message: &str) -> AdminError {
    let message = if message.is_empty() { code.message() } else { message };
    AdminError { name: error_name(code), message: message.to_owned() }
}

fn over(code: ErrorCode, message: &str, answer: AdminAnswer) -> Verdict {
    Verdict::Over(if code == ErrorCode::None { Ok(answer) } else { Err(error(code, message)) })
}

pub(super) fn fail(code: ErrorCode) -> Verdict {
    Verdict::Over(Err(error(code, "")))
}

impl Call {
    pub fn new(op: AdminOp, now: SimTime, api_timeout_ms: u64) -> Self {
        let (op, each) = match op {
            AdminOp::Each(op) => (*op, true),
            op => (op, false),
        };
        Self {
            each,
            op,
            deadline: now + SimDuration::from_ms(api_timeout_ms),
            api_timeout_ms,
            tries: 0,
            not_before: SimTime::ZERO,
            in_flight: false,
            change_sent: false,
            found: None,
            members: None,
            to_ask: None,
            groups: Vec::new(),
            transactions: TransactionCall::default(),
        }
    }

    /// The leader or coordinator must be looked up again.
    pub fn forget_broker(&mut self) {
        self.found = None;
    }

    pub(super) fn partition(&self) -> Option<&TopicPartition> {
        match &self.op {
            AdminOp::DeleteRecords { tp, .. }
            | AdminOp::ListOffsets { tp, .. }
            | AdminOp::DescribeProducers { tp }
            | AdminOp::AbortTransaction { tp, .. } => Some(tp),
            _ => None,
        }
    }

    /// The group or the transactional id whose coordinator is wanted.
    pub(super) fn coordinated(&self) -> Option<(&Name, CoordinatorKind)> {
        match &self.op {
            AdminOp::DescribeGroup { group }
            | AdminOp::GroupOffsets { group }
            | AdminOp::AlterGroupOffsets { group, .. }
            | AdminOp::DeleteOffsets { group, .. }
            | AdminOp::DeleteGroup { group }
            | AdminOp::RemoveMembers { group, .. } => Some((group, CoordinatorKind::Group)),
            AdminOp::DescribeTransaction { transactional_id } => Some((transactional_id, CoordinatorKind::Transaction)),
            _ => None,
        }
    }

    /// The next request and who gets it.
    pub fn next_request(&self, timeout_ms: u64) -> (Node, Request) {
        let metadata = |topics| Request::Metadata(MetadataRequest { topics, allow_auto_topic_creation: false });
        if let (Some(tp), None) = (self.partition(), self.found) {
            return (Node::Any, metadata(Some(vec![tp.topic.clone()])));
        }
        if let (Some((key, kind)), None) = (self.coordinated(), self.found) {
            let request = FindCoordinatorRequest { key: key.clone(), kind };
            return (Node::Any, Request::FindCoordinator(request));
        }
        let found = self.found.map_or(Node::Any, Node::Broker);
        match &self.op {
            AdminOp::CreateTopic(topic) => {
                let topics = vec![topic.clone()];
                let request = CreateTopicsRequest { topics, timeout_ms, validate_only: false };
                (Node::Controller, Request::CreateTopics(request))
            }
            AdminOp::DeleteTopic { topic } => {
                let request = DeleteTopicsRequest { topics: vec![topic.clone()], timeout_ms };
                (Node::Controller, Request::DeleteTopics(request))
            }
            AdminOp::CreatePartitions { topic, total, assignment } => {
                let topics = vec![(topic.clone(), *total, assignment.clone())];
                (Node::Controller, Request::CreatePartitions(CreatePartitionsRequest { topics, timeout_ms }))
            }
            AdminOp::Reassign { moves } => {
                let request = AlterPartitionReassignmentsRequest { partitions: moves.clone(), timeout_ms };
                (Node::Controller, Request::AlterPartitionReassignments(request))
            }
            AdminOp::ListReassignments => (Node::Controller, Request::ListPartitionReassignments(())),
            AdminOp::ElectLeaders { unclean, partitions } => {
                let request = ElectLeadersRequest { unclean: *unclean, partitions: partitions.clone(), timeout_ms };
                (Node::Controller, Request::ElectLeaders(request))
            }
            AdminOp::ListTransactions
            | AdminOp::DescribeTransaction { .. }
            | AdminOp::DescribeProducers { .. }
            | AdminOp::AbortTransaction { .. } => self.transaction_request(found),
            // Taken apart when the call is made.
            AdminOp::Each(_) | AdminOp::ListTopics => (Node::Any, metadata(None)),
            AdminOp::DescribeTopic { topic } => (Node::Any, metadata(Some(vec![topic.clone()]))),
            AdminOp::DescribeCluster => (Node::Any, metadata(Some(Vec::new()))),
            AdminOp::AlterConfigs { resource, changes } => {
                let resources = vec![(resource.clone(), changes.clone())];
                let request = IncrementalAlterConfigsRequest { resources };
                (node_of(resource), Request::IncrementalAlterConfigs(request))
            }
            AdminOp::DescribeConfigs { resource } => {
                let request = DescribeConfigsRequest { resources: vec![resource.clone()] };
                (node_of(resource), Request::DescribeConfigs(request))
            }
            AdminOp::DescribeLogDirs { broker } => (Node::Broker(*broker), Request::DescribeLogDirs(())),
            AdminOp::DeleteRecords { tp, before } => {
                let timeout_ms = self.api_timeout_ms;
                let request = DeleteRecordsRequest { partitions: vec![(tp.clone(), *before)], timeout_ms };
                (found, Request::DeleteRecords(request))
            }
            AdminOp::ListOffsets { tp, at } => (found, Request::ListOffsets(list_offsets(tp, *at))),
            // Simplified: Kafka asks all brokers at once, here one after the other.
            AdminOp::ListGroups => match self.to_ask.as_ref().and_then(|brokers| brokers.first()) {
                Some(broker) => (Node::Broker(*broker), Request::ListGroups(())),
                None => (Node::Any, metadata(Some(Vec::new()))),
            },
            AdminOp::DescribeGroup { group } => (found, Request::DescribeGroups(vec![group.clone()])),
            AdminOp::DeleteGroup { group } => (found, Request::DeleteGroups(vec![group.clone()])),
            AdminOp::GroupOffsets { group } => {
                let request = OffsetFetchRequest { group_id: group.clone(), partitions: None, require_stable: false };
                (found, Request::OffsetFetch(request))
            }
            AdminOp::DeleteOffsets { group, partitions } => {
                let request = OffsetDeleteRequest { group_id: group.clone(), partitions: partitions.clone() };
                (found, Request::OffsetDelete(request))
            }
            AdminOp::AlterGroupOffsets { group, offsets } => {
                let position = |offset| OffsetAndMetadata { offset, leader_epoch: -1, metadata: "".into() };
                let request = OffsetCommitRequest {
                    group_id: group.clone(),
                    generation_id: -1,
                    member_id: "".into(),
                    group_instance_id: None,
                    offsets: offsets.iter().map(|(tp, offset)| (tp.clone(), position(*offset))).collect(),
                };
                (found, Request::OffsetCommit(request))
            }
            AdminOp::RemoveMembers { group, .. } => match &self.members {
                None => (found, Request::DescribeGroups(vec![group.clone()])),
                Some(members) => {
                    let request = LeaveGroupRequest {
                        group_id: group.clone(),
                        members: members.clone(),
                        reason: "member was removed by an admin".into(),
                    };
                    (found, Request::LeaveGroup(request))
                }
            },
        }
    }

    /// Takes an answer in.
    pub fn answered(&mut self, response: Response) -> Verdict {
        match response {
            Response::Metadata(answer) => self.metadata_answered(answer),
            Response::FindCoordinator(answer) => match answer.error {
                ErrorCode::None => {
                    self.found = Some(answer.broker_id);
                    Verdict::GoOn
                }
                code if code.is_retriable() => Verdict::Retry { refresh: false },
                code => fail(code),
            },
            Response::CreateTopics(answer) | Response::DeleteTopics(answer) | Response::CreatePartitions(answer) => {
                match answer.topics.into_iter().next() {
                    Some(topic) => self.of_controller(topic.error, &topic.message, AdminAnswer::Done),
                    None => fail(ErrorCode::UnknownServerError),
                }
            }
            Response::ElectLeaders(answer) | Response::AlterPartitionReassignments(answer) => {
                let refused = answer.partitions.iter().find(|(_, code, _)| *code != ErrorCode::None);
                match refused {
                    _ if self.each && answer.error == ErrorCode::None => {
                        let retry = answer.partitions.iter().any(|(_, code, _)| *code == ErrorCode::NotController);
                        let code = if retry { ErrorCode::NotController } else { ErrorCode::None };
                        self.of_controller(code, "", AdminAnswer::Partitions(answer.partitions))
                    }
                    Some((_, code, message)) if answer.error == ErrorCode::None => {
                        self.of_controller(*code, message, AdminAnswer::Done)
                    }
                    _ => self.of_controller(answer.error, "", AdminAnswer::Done),
                }
            }
            Response::ListPartitionReassignments(answer) => {
                let mut moves: Vec<Reassignment> = answer
                    .partitions
                    .into_iter()
                    .map(|(tp, replicas, adding, removing)| Reassignment { tp, replicas, adding, removing })
                    .collect();
                moves.order_by(|a, b| a.tp.cmp(&b.tp));
                self.of_controller(answer.error, "", AdminAnswer::Reassignments(moves))
            }
            Response::IncrementalAlterConfigs(answer) => match answer.resources.into_iter().next() {
                Some((_, code, message)) => over(code, &message, AdminAnswer::Done),
                None => fail(ErrorCode::UnknownServerError),
            },
            Response::DescribeConfigs(answer) => match answer.resources.into_iter().next() {
                Some((_, ErrorCode::None, entries)) => Verdict::Over(Ok(AdminAnswer::Configs(configs(entries)))),
                // The broker says the code only.
                Some((_, code, _)) => Verdict::Over(Err(AdminError { name: error_name(code), message: String::new() })),
                None => fail(ErrorCode::UnknownServerError),
            },
            Response::ListOffsets(answer) => match answer.partitions.into_iter().next() {
                Some((_, code, timestamp_ms, offset, leader_epoch)) => {
                    self.of_leader(code, AdminAnswer::Offset { offset, timestamp_ms, leader_epoch })
                }
                None => fail(ErrorCode::UnknownServerError),
            },
            Response::DeleteRecords(answer) => match answer.partitions.into_iter().next() {
                Some((_, code, low_watermark)) => self.of_leader(code, AdminAnswer::LowWatermark(low_watermark)),
                None => fail(ErrorCode::UnknownServerError),
            },
            Response::DescribeLogDirs(dirs) => over(ErrorCode::None, "", AdminAnswer::LogDirs(dirs)),
            response => self.group_answered(response),
        }
    }

    fn group_answered(&mut self, response: Response) -> Verdict {
        match response {
            Response::DescribeGroups(answer) => match answer.into_iter().next() {
                Some(group) if group.error == ErrorCode::None && matches!(self.op, AdminOp::RemoveMembers { .. }) => {
                    let members = group.members.into_iter().map(|m| (m.member_id, m.group_instance_id));
                    let members: Vec<(Name, Option<Name>)> = members.collect();
                    if members.is_empty() {
                        let message = "leaving members should not be empty".to_owned();
                        return Verdict::Over(Err(AdminError { name: "IllegalArgumentException".into(), message }));
                    }
                    self.members = Some(members);
                    Verdict::GoOn
                }
                Some(group) => {
                    let coordinator = self.found.unwrap_or(-1);
                    self.of_coordinator(group.error, AdminAnswer::Group { group, coordinator })
                }
                None => fail(ErrorCode::UnknownServerError),
            },
            Response::DeleteGroups(answer) => match answer.into_iter().next() {
                Some((_, code)) => self.of_coordinator(code, AdminAnswer::Done),
                None => fail(ErrorCode::UnknownServerError),
            },
            Response::OffsetFetch(answer) => {
                let refused = answer.partitions.iter().map(|(_, code, _)| *code).find(|code| *code != ErrorCode::None);
                let code = if answer.error == ErrorCode::None { refused } else { Some(answer.error) };
                let positions = answer.partitions.into_iter();
                let mut positions: Vec<(TopicPartition, OffsetAndMetadata)> =
                    positions.filter_map(|(tp, _, position)| Some((tp, position?))).collect();
                positions.order_by(|a, b| a.0.cmp(&b.0));
                self.of_coordinator(code.unwrap_or(ErrorCode::None), AdminAnswer::Offsets(positions))
            }
            Response::OffsetCommit(answer) => self.of_partitions(ErrorCode::None, &answer.partitions),
            Response::OffsetDelete(answer) if matches!(self.op, AdminOp::DeleteOffsets { .. }) => {
                let partitions = answer.partitions.into_iter().map(|(tp, code)| (tp, code, String::new()));
                self.of_coordinator(answer.error, AdminAnswer::Partitions(partitions.collect()))
            }
            Response::OffsetDelete(answer) => self.of_partitions(answer.error, &answer.partitions),
            Response::LeaveGroup(answer) => {
                let refused = answer.members.iter().map(|(_, code)| *code).find(|code| *code != ErrorCode::None);
                let code = if answer.error == ErrorCode::None { refused } else { Some(answer.error) };
                self.of_coordinator(code.unwrap_or(ErrorCode::None), AdminAnswer::Done)
            }
            Response::ListGroups(answer) => {
                if answer.error.is_retriable() {
                    return Verdict::Retry { refresh: false };
                }
                if answer.error != ErrorCode::None {
                    return fail(answer.error);
                }
                let listed = answer.groups.into_iter();
                self.groups.extend(listed.map(|(group, protocol_type, state)| GroupListing {
                    group,
                    protocol_type,
                    state,
                }));
                if let Some(to_ask) = &mut self.to_ask {
                    to_ask.pop_first();
                }
                self.next_lister()
            }
            response => self.transaction_answered(response),
        }
    }

    fn next_lister(&mut self) -> Verdict {
        if self.to_ask.as_ref().is_some_and(|brokers| !brokers.is_empty()) {
            return Verdict::GoOn;
        }
        let mut groups = std::mem::take(&mut self.groups);
        groups.order_by(|a, b| a.group.cmp(&b.group));
        groups.dedup_by(|a, b| a.group == b.group);
        Verdict::Over(Ok(AdminAnswer::Groups(groups)))
    }

    fn metadata_answered(&mut self, answer: MetadataResponse) -> Verdict {
        if let Some(tp) = self.partition().cloned() {
            return self.leader_looked_up(&tp, &answer);
        }
        match &self.op {
            AdminOp::ListTopics => {
                let mut topics: Vec<Name> = answer.topics.into_iter().map(|topic| topic.topic).collect();
                topics.order();
                Verdict::Over(Ok(AdminAnswer::Topics(topics)))
            }
            AdminOp::DescribeTopic { .. } => match answer.topics.into_iter().next() {
                Some(topic) => over(topic.error, "", AdminAnswer::Topic(topic)),
                None => fail(ErrorCode::UnknownTopicOrPartition),
            },
            AdminOp::ListGroups => {
                self.to_ask = Some(answer.brokers.into_iter().collect());
                self.next_lister()
            }
            AdminOp::ListTransactions => {
                self.to_ask = Some(answer.brokers.into_iter().collect());
                self.next_transaction_lister()
            }
            _ => {
                let controller = Some(answer.controller_id).filter(|id| *id >= 0);
                let description = ClusterDescription { brokers: answer.brokers, controller };
                Verdict::Over(Ok(AdminAnswer::Cluster(description)))
            }
        }
    }

    fn leader_looked_up(&mut self, tp: &TopicPartition, answer: &MetadataResponse) -> Verdict {
        let Some(topic) = answer.topics.first() else { return Verdict::Retry { refresh: false } };
        // `listOffsets` does not wait for a topic that is not there (`PartitionLeaderStrategy` without
        // tolerance of unknown topics); a partition beyond the last one it does wait for.
        let unknown =
            matches!(self.op, AdminOp::ListOffsets { .. }) && topic.error == ErrorCode::UnknownTopicOrPartition;
        if unknown {
            let topic = &tp.topic;
            let message = format!(
                "Failed to fetch metadata for partition {tp} because metadata for topic `{topic}` could not be found"
            );
            return Verdict::Over(Err(error(ErrorCode::UnknownTopicOrPartition, &message)));
        }
        if topic.error != ErrorCode::None && !topic.error.is_retriable() {
            return fail(topic.error);
        }
        // A topic, partition or leader that is not there may still come: asked for until the time is over.
        match topic.partitions.iter().find(|known| known.partition == tp.partition && known.leader_id >= 0) {
            Some(known) => {
                self.found = Some(known.leader_id);
                Verdict::GoOn
            }
            None => Verdict::Retry { refresh: false },
        }
    }

    fn of_controller(&self, code: ErrorCode, message: &str, answer: AdminAnswer) -> Verdict {
        if code == ErrorCode::NotController { Verdict::Retry { refresh: true } } else { over(code, message, answer) }
    }

    pub(super) fn of_leader(&mut self, code: ErrorCode, answer: AdminAnswer) -> Verdict {
        if code.refreshes_metadata() || code == ErrorCode::UnknownLeaderEpoch {
            self.found = None;
            return Verdict::Retry { refresh: false };
        }
        let waited = code == ErrorCode::RequestTimedOut && !matches!(self.op, AdminOp::DeleteRecords { .. });
        if code.is_retriable() && !waited {
            return Verdict::Retry { refresh: false };
        }
        over(code, "", answer)
    }

    /// Done, or the first thing that was refused.
    fn of_partitions(&mut self, whole: ErrorCode, partitions: &[(TopicPartition, ErrorCode)]) -> Verdict {
        let codes = std::iter::once(whole).chain(partitions.iter().map(|(_, code)| *code));
        let refused = codes.into_iter().find(|code| *code != ErrorCode::None);
        self.of_coordinator(refused.unwrap_or(ErrorCode::None), AdminAnswer::Done)
    }

    pub(super) fn of_coordinator(&mut self, code: ErrorCode, answer: AdminAnswer) -> Verdict {
        match code {
            ErrorCode::NotCoordinator | ErrorCode::CoordinatorNotAvailable => {
                self.found = None;
                Verdict::Retry { refresh: false }
            }
            ErrorCode::CoordinatorLoadInProgress | ErrorCode::UnstableOffsetCommit => Verdict::Retry { refresh: false },
            code => over(code, "", answer),
        }
    }
}
