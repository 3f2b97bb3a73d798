//! What kafka-consumer-groups.sh does with a group's offsets in several requests
//! (`ConsumerGroupCommand.resetOffsets`, `deleteOffsets`): look at the group, the topic and its offsets,
//! then write what follows from these.

use crate::collections::BTreeMap;

use super::call::{Node, Verdict, error, fail};
use super::op::{AdminError, AdminOp, OffsetSpec};
use crate::command::ResetTo;
use crate::ids::{BrokerId, Name, TopicPartition};
use crate::protocol::group::{
    OffsetAndMetadata, OffsetCommitRequest, OffsetDeleteRequest, OffsetFetchRequest, OffsetFetchResponse,
};
use crate::protocol::metadata::{MetadataRequest, MetadataResponse};
use crate::protocol::{ErrorCode, Request, Response};

/// How far the tool has come.
#[derive(Clone, Debug)]
pub(super) struct GroupTool {
    group: Name,
    topic: Name,
    /// The partitions that the line names; none for all of the topic.
    named: Vec<i32>,
    /// `None` deletes the offsets.
    to: Option<ResetTo>,
    inactive: bool,
    /// Leaders by partition, once the topic is described.
    leaders: Option<BTreeMap<i32, BrokerId>>,
    committed: Option<BTreeMap<i32, i64>>,
    /// Log start offset and high watermark by partition.
    earliest: BTreeMap<i32, i64>,
    latest: BTreeMap<i32, i64>,
}

/// The tool says it itself; there is no error code.
fn said(message: String) -> Verdict {
    Verdict::Over(Err(AdminError { name: "Error".into(), message }))
}

impl GroupTool {
    /// The tool's beginning, if the question is one of its.
    pub fn of(op: &AdminOp) -> Option<Self> {
        let (group, topic, named, to) = match op {
            AdminOp::ResetOffsets { group, topic, partitions, to } => (group, topic, partitions, Some(*to)),
            AdminOp::DeleteGroupOffsets { group, topic, partitions } => (group, topic, partitions, None),
            _ => return None,
        };
        Some(Self {
            group: group.clone(),
            topic: topic.clone(),
            named: named.clone(),
            to,
            inactive: false,
            leaders: None,
            committed: None,
            earliest: BTreeMap::new(),
            latest: BTreeMap::new(),
        })
    }

    fn tp(&self, partition: i32) -> TopicPartition {
        TopicPartition::new(self.topic.clone(), partition)
    }

    /// The next request, where `coordinator` coordinates the group.
    pub fn next_request(&self, coordinator: Node) -> (Node, Request) {
        if self.to.is_some() && !self.inactive {
            return (coordinator, Request::DescribeGroups(vec![self.group.clone()]));
        }
        let Some(leaders) = &self.leaders else {
            let topics = Some(vec![self.topic.clone()]);
            return (Node::Any, Request::Metadata(MetadataRequest { topics, allow_auto_topic_creation: false }));
        };
        let Some(to) = self.to else {
            let partitions = leaders.keys().map(|partition| self.tp(*partition)).collect();
            let request = OffsetDeleteRequest { group_id: self.group.clone(), partitions };
            return (coordinator, Request::OffsetDelete(request));
        };
        if self.committed.is_none() {
            let request = OffsetFetchRequest { group_id: self.group.clone(), partitions: None, require_stable: false };
            return (coordinator, Request::OffsetFetch(request));
        }
        for (known, spec) in [(&self.earliest, OffsetSpec::Earliest), (&self.latest, OffsetSpec::Latest)] {
            let open = leaders.iter().find(|(partition, _)| !known.contains_key(partition));
            if let Some((partition, leader)) = open {
                let request = super::requests::list_offsets(&self.tp(*partition), spec);
                return (Node::Broker(*leader), Request::ListOffsets(request));
            }
        }
        let position = |partition: &i32| {
            let offset = self.target(to, *partition).unwrap_or(0);
            (self.tp(*partition), OffsetAndMetadata { offset, leader_epoch: -1, metadata: "".into() })
        };
        let request = OffsetCommitRequest {
            group_id: self.group.clone(),
            generation_id: -1,
            member_id: "".into(),
            group_instance_id: None,
            offsets: leaders.keys().map(position).collect(),
        };
        (coordinator, Request::OffsetCommit(request))
    }

    /// Where a partition's position goes: never outside of the log (`checkOffsetsRange`).
    fn target(&self, to: ResetTo, partition: i32) -> Option<i64> {
        let (earliest, latest) = (*self.earliest.get(&partition)?, *self.latest.get(&partition)?);
        let committed = self.committed.as_ref().and_then(|all| all.get(&partition)).copied();
        Some(match to {
            ResetTo::Earliest => earliest,
            ResetTo::Latest => latest,
            ResetTo::Current => committed.unwrap_or(latest),
            ResetTo::Offset(offset) => offset.clamp(earliest, latest.max(earliest)),
            ResetTo::ShiftBy(by) => committed?.saturating_add(by).clamp(earliest, latest.max(earliest)),
        })
    }

    /// Takes an answer in; `None` if it is the answer of the last request, which the call knows to read.
    pub fn answered(&mut self, response: &Response) -> Option<Verdict> {
        match response {
            Response::DescribeGroups(groups) => {
                let group = groups.first()?;
                if group.error != ErrorCode::None {
                    return None;
                }
                if !matches!(&*group.state, "Empty" | "Dead") {
                    return Some(said(format!(
                        "Assignments can only be reset if the group '{}' is inactive, but the current state is {}.",
                        self.group, group.state
                    )));
                }
                self.inactive = true;
            }
            Response::Metadata(answer) => return Some(self.topic_described(answer)),
            Response::OffsetFetch(answer) if answer.error == ErrorCode::None => {
                return Some(self.committed_came(answer));
            }
            Response::ListOffsets(answer) => {
                let (tp, code, _, offset, _) = answer.partitions.first()?;
                if *code != ErrorCode::None {
                    self.leaders = None;
                    let retry = code.is_retriable() || code.refreshes_metadata();
                    return Some(if retry { Verdict::Retry { refresh: false } } else { fail(*code) });
                }
                let known =
                    if self.earliest.contains_key(&tp.partition) { &mut self.latest } else { &mut self.earliest };
                known.insert(tp.partition, *offset);
            }
            _ => return None,
        }
        Some(Verdict::GoOn)
    }

    fn topic_described(&mut self, answer: &MetadataResponse) -> Verdict {
        let Some(topic) = answer.topics.first() else { return Verdict::Retry { refresh: false } };
        if topic.error != ErrorCode::None {
            return if topic.error.is_retriable() && topic.error != ErrorCode::UnknownTopicOrPartition {
                Verdict::Retry { refresh: false }
            } else {
                fail(topic.error)
            };
        }
        let mut leaders = BTreeMap::new();
        for partition in &topic.partitions {
            leaders.insert(partition.partition, partition.leader_id);
        }
        if !self.named.is_empty() {
            if self.named.iter().any(|partition| !leaders.contains_key(partition)) {
                return Verdict::Over(Err(error(ErrorCode::UnknownTopicOrPartition, "")));
            }
            leaders.retain(|partition, _| self.named.contains(partition));
        }
        // Offsets are asked of leaders, but deleted without them.
        if self.to.is_some() && leaders.values().any(|leader| *leader < 0) {
            return Verdict::Retry { refresh: false };
        }
        self.leaders = Some(leaders);
        Verdict::GoOn
    }

    fn committed_came(&mut self, answer: &OffsetFetchResponse) -> Verdict {
        let of_topic = answer.partitions.iter().filter(|(tp, ..)| tp.topic == self.topic);
        let committed = of_topic.filter_map(|(tp, _, position)| Some((tp.partition, position.as_ref()?.offset)));
        let committed: BTreeMap<i32, i64> = committed.collect();
        if matches!(self.to, Some(ResetTo::ShiftBy(_))) {
            let asked = self.leaders.iter().flatten().map(|(partition, _)| *partition);
            if let Some(partition) = asked.into_iter().find(|partition| !committed.contains_key(partition)) {
                let tp = self.tp(partition);
                return said(format!(
                    "Cannot shift offset for partition {tp} since there is no current committed offset"
                ));
            }
        }
        self.committed = Some(committed);
        Verdict::GoOn
    }
}
