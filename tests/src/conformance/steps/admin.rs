//! What the admin client is asked.

use playground_core::admin::{AdminAnswer, AdminOp, OffsetSpec};
use playground_core::ids::{BrokerId, Name, TopicPartition};
use playground_core::protocol::admin::{ConfigResource, CreatableTopic};
use serde_json::{Map, Value, json};

use super::{Bench, Fields, Task, Verb};
use crate::conformance::compare::error;

pub const VERBS: &[Verb] = &[
    Verb {
        name: "create-topic",
        fields: &["topic", "assignment", "partitions", "replication_factor", "config", "at"],
        start: create_topic,
    },
    Verb { name: "delete-topic", fields: &["topic", "at"], start: delete_topic },
    Verb { name: "list-topics", fields: &["internal", "at"], start: list_topics },
    Verb { name: "add-partitions", fields: &["topic", "partitions", "assignment", "at"], start: add_partitions },
    Verb { name: "alter-config", fields: &["topic", "broker", "config", "at"], start: alter_config },
    Verb { name: "topic-config", fields: &["topic", "broker", "keys", "at"], start: topic_config },
    Verb { name: "reassign", fields: &["topic", "partition", "replicas", "at"], start: reassign },
    Verb { name: "list-reassignments", fields: &["at"], start: list_reassignments },
    Verb { name: "elect-leader", fields: &["topic", "partition", "type", "at"], start: elect_leader },
    Verb { name: "metadata", fields: &["topic", "at"], start: metadata },
    Verb { name: "cluster", fields: &["at"], start: cluster },
    Verb { name: "offsets", fields: &["topic", "partition", "at"], start: offsets },
    Verb { name: "delete-records", fields: &["topic", "partition", "before", "at"], start: delete_records },
    Verb { name: "group", fields: &["group", "at"], start: group },
    Verb { name: "groups", fields: &["at"], start: groups },
    Verb { name: "group-offsets", fields: &["group", "at"], start: group_offsets },
    Verb {
        name: "alter-group-offset",
        fields: &["group", "topic", "partition", "offset", "at"],
        start: alter_group_offset,
    },
    Verb { name: "delete-group", fields: &["group", "at"], start: delete_group },
    Verb { name: "remove-members", fields: &["group", "at"], start: remove_members },
];

/// Whom the admin client knows at first; all brokers where the step says nothing.
fn bootstrap(fields: &Fields) -> Result<Option<Vec<BrokerId>>, String> {
    fields.opt("at", Fields::ids)
}

/// Asks and turns the answer into what the oracle writes.
pub fn ask_at(
    bench: &mut Bench,
    at: Option<&[BrokerId]>,
    op: AdminOp,
    tell: impl Fn(&AdminAnswer) -> Value + 'static,
) -> Task {
    let ticket = bench.ask_admin(at, op);
    Box::new(move |bench| {
        let answer = bench.admin_answer(&ticket)?;
        Some(answer.as_ref().map_or_else(|refusal| error(&refusal.name), &tell))
    })
}

pub fn ask(
    bench: &mut Bench,
    fields: &Fields,
    op: AdminOp,
    tell: impl Fn(&AdminAnswer) -> Value + 'static,
) -> Result<Task, String> {
    let at = bootstrap(fields)?;
    Ok(ask_at(bench, at.as_deref(), op, tell))
}

pub fn fine(_: &AdminAnswer) -> Value {
    json!("ok")
}

pub fn tp(fields: &Fields) -> Result<TopicPartition, String> {
    Ok(TopicPartition::new(fields.name("topic")?, fields.opt("partition", Fields::int32)?.unwrap_or(0)))
}

fn create_topic(bench: &mut Bench, fields: &Fields) -> Result<Task, String> {
    let factor = fields.opt("replication_factor", Fields::int)?.unwrap_or(-1);
    let topic = CreatableTopic {
        topic: fields.name("topic")?,
        num_partitions: fields.opt("partitions", Fields::int32)?.unwrap_or(-1),
        replication_factor: i16::try_from(factor).map_err(|_| format!("\"replication_factor\": {factor}"))?,
        assignments: fields.opt("assignment", Fields::assignment)?.unwrap_or_default(),
        configs: fields.config("config")?,
    };
    ask(bench, fields, AdminOp::CreateTopic(topic), fine)
}

fn delete_topic(bench: &mut Bench, fields: &Fields) -> Result<Task, String> {
    let op = AdminOp::DeleteTopic { topic: fields.name("topic")? };
    ask(bench, fields, op, fine)
}

fn list_topics(bench: &mut Bench, fields: &Fields) -> Result<Task, String> {
    let internal = fields.opt("internal", Fields::flag)?.unwrap_or(true);
    ask(bench, fields, AdminOp::ListTopics, move |answer| {
        let AdminAnswer::Topics(topics) = answer else { return unexpected(answer) };
        let mut names: Vec<&str> = topics.iter().map(|topic| topic.as_str()).collect();
        names.retain(|name| internal || !matches!(*name, "__consumer_offsets" | "__transaction_state"));
        names.sort_unstable();
        json!(names)
    })
}

pub fn unexpected(answer: &AdminAnswer) -> Value {
    json!({"error": "an answer to another question", "message": format!("{answer:?}")})
}

fn add_partitions(bench: &mut Bench, fields: &Fields) -> Result<Task, String> {
    let op = AdminOp::CreatePartitions {
        topic: fields.name("topic")?,
        total: fields.int32("partitions")?,
        assignment: fields.opt("assignment", Fields::assignment)?,
    };
    ask(bench, fields, op, fine)
}

fn resource(fields: &Fields) -> Result<ConfigResource, String> {
    // The nameless broker stands for all of them.
    if fields.raw("broker") == Some(&json!("")) {
        return Ok(ConfigResource::BrokerDefault);
    }
    Ok(match fields.opt("broker", Fields::int32)? {
        Some(broker) => ConfigResource::Broker(broker),
        None => ConfigResource::Topic(fields.name("topic")?),
    })
}

fn alter_config(bench: &mut Bench, fields: &Fields) -> Result<Task, String> {
    let op = AdminOp::AlterConfigs { resource: resource(fields)?, changes: fields.changes("config")? };
    ask(bench, fields, op, fine)
}

fn topic_config(bench: &mut Bench, fields: &Fields) -> Result<Task, String> {
    let keys = fields.names("keys")?;
    let resource = resource(fields)?;
    ask(bench, fields, AdminOp::DescribeConfigs { resource }, move |answer| {
        let AdminAnswer::Configs(entries) = answer else { return unexpected(answer) };
        let told = |key: &Name| {
            let entry = entries.iter().find(|entry| &entry.name == key);
            let value = entry.map(|entry| json!({"value": entry.value.as_str(), "source": entry.source.name()}));
            (key.to_string(), json!(value))
        };
        Value::Object(keys.iter().map(told).collect())
    })
}

fn reassign(bench: &mut Bench, fields: &Fields) -> Result<Task, String> {
    let replicas = match fields.raw("replicas") {
        Some(Value::Null) => None,
        _ => Some(fields.ids("replicas")?),
    };
    let op = AdminOp::Reassign { moves: vec![(tp(fields)?, replicas)] };
    ask(bench, fields, op, fine)
}

fn list_reassignments(bench: &mut Bench, fields: &Fields) -> Result<Task, String> {
    ask(bench, fields, AdminOp::ListReassignments, |answer| {
        let AdminAnswer::Reassignments(moves) = answer else { return unexpected(answer) };
        let told = moves.iter().map(|one| {
            let sides = json!({"replicas": one.replicas, "adding": one.adding, "removing": one.removing});
            (one.tp.to_string(), sides)
        });
        Value::Object(told.collect())
    })
}

fn elect_leader(bench: &mut Bench, fields: &Fields) -> Result<Task, String> {
    let unclean = match fields.opt("type", Fields::text)?.as_deref() {
        None | Some("preferred") => false,
        Some("unclean") => true,
        Some(other) => return Err(format!("\"type\": expected preferred or unclean, found {other}")),
    };
    let op = AdminOp::ElectLeaders { unclean, partitions: Some(vec![tp(fields)?]) };
    ask(bench, fields, op, fine)
}

fn metadata(bench: &mut Bench, fields: &Fields) -> Result<Task, String> {
    let op = AdminOp::DescribeTopic { topic: fields.name("topic")? };
    ask(bench, fields, op, |answer| {
        let AdminAnswer::Topic(topic) = answer else { return unexpected(answer) };
        let told = |partition: &playground_core::protocol::metadata::PartitionMetadata| {
            let leader = Some(partition.leader_id).filter(|id| *id >= 0);
            json!({
                "partition": partition.partition,
                "leader": leader,
                "replicas": partition.replicas,
                "isr": partition.isr,
            })
        };
        json!({"partitions": topic.partitions.iter().map(told).collect::<Vec<_>>()})
    })
}

fn cluster(bench: &mut Bench, fields: &Fields) -> Result<Task, String> {
    ask(bench, fields, AdminOp::DescribeCluster, |answer| {
        let AdminAnswer::Cluster(cluster) = answer else { return unexpected(answer) };
        json!({"brokers": cluster.brokers, "controller": cluster.controller})
    })
}

/// Three questions, one after the other, each with the field that its answer fills.
fn offsets_at(bench: &mut Bench, at: Option<Vec<BrokerId>>, tp: &TopicPartition) -> Task {
    let specs = [
        ("earliest", OffsetSpec::Earliest),
        ("high_watermark", OffsetSpec::Latest),
        ("last_stable_offset", OffsetSpec::LatestCommitted),
    ];
    let tp = tp.clone();
    let mut told = Map::new();
    let question = move |spec| AdminOp::ListOffsets { tp: tp.clone(), at: spec };
    let mut ticket = bench.ask_admin(at.as_deref(), question(specs[0].1));
    let mut asked = 0;
    Box::new(move |bench| {
        loop {
            let answer = match bench.admin_answer(&ticket)? {
                Ok(AdminAnswer::Offset { offset, .. }) => json!(offset),
                Ok(other) => return Some(unexpected(other)),
                Err(refusal) => return Some(error(&refusal.name)),
            };
            told.insert(specs[asked].0.into(), answer);
            asked += 1;
            let Some((_, spec)) = specs.get(asked) else { return Some(Value::Object(told.clone())) };
            ticket = bench.ask_admin(at.as_deref(), question(*spec));
        }
    })
}

/// The high watermark of a partition, or its last stable offset, as a number.
pub fn end_of(bench: &mut Bench, at: Option<&[BrokerId]>, tp: &TopicPartition, committed: bool) -> Task {
    let spec = if committed { OffsetSpec::LatestCommitted } else { OffsetSpec::Latest };
    ask_at(bench, at, AdminOp::ListOffsets { tp: tp.clone(), at: spec }, |answer| match answer {
        AdminAnswer::Offset { offset, .. } => json!(offset),
        other => unexpected(other),
    })
}

/// Earliest offset, high watermark and last stable offset of a partition.
pub fn offsets_of(bench: &mut Bench, tp: &TopicPartition) -> Task {
    offsets_at(bench, None, tp)
}

fn offsets(bench: &mut Bench, fields: &Fields) -> Result<Task, String> {
    let at = bootstrap(fields)?;
    Ok(offsets_at(bench, at, &tp(fields)?))
}

fn delete_records(bench: &mut Bench, fields: &Fields) -> Result<Task, String> {
    let op = AdminOp::DeleteRecords { tp: tp(fields)?, before: fields.int("before")? };
    ask(bench, fields, op, |answer| {
        let AdminAnswer::LowWatermark(offset) = answer else { return unexpected(answer) };
        json!({"low_watermark": offset})
    })
}

/// A group as `describeConsumerGroups` tells it.
pub fn describe_group(bench: &mut Bench, group: &Name) -> Task {
    group_at(bench, None, group)
}

fn group_at(bench: &mut Bench, at: Option<&[BrokerId]>, group: &Name) -> Task {
    ask_at(bench, at, AdminOp::DescribeGroup { group: group.clone() }, |answer| {
        let AdminAnswer::Group { group, coordinator } = answer else { return unexpected(answer) };
        let mut told = Map::new();
        told.insert("state".into(), json!(group.state.as_str()));
        if !group.protocol.is_empty() {
            told.insert("assignor".into(), json!(group.protocol.as_str()));
        }
        told.insert("coordinator".into(), json!(coordinator));
        let member = |member: &playground_core::protocol::group::DescribedMember| {
            (member.client_id.to_string(), partitions(&member.assignment.partitions))
        };
        told.insert("members".into(), Value::Object(group.members.iter().map(member).collect()));
        Value::Object(told)
    })
}

/// Partitions by topic and number.
pub fn partitions(all: &[TopicPartition]) -> Value {
    let mut sorted = all.to_vec();
    sorted.sort();
    json!(sorted.iter().map(ToString::to_string).collect::<Vec<_>>())
}

fn group(bench: &mut Bench, fields: &Fields) -> Result<Task, String> {
    let at = bootstrap(fields)?;
    Ok(group_at(bench, at.as_deref(), &fields.name("group")?))
}

fn groups(bench: &mut Bench, fields: &Fields) -> Result<Task, String> {
    ask(bench, fields, AdminOp::ListGroups, |answer| {
        let AdminAnswer::Groups(groups) = answer else { return unexpected(answer) };
        let consumers = groups.iter().filter(|group| matches!(group.protocol_type.as_str(), "" | "consumer"));
        Value::Object(consumers.map(|group| (group.group.to_string(), json!(group.state.as_str()))).collect())
    })
}

fn group_offsets(bench: &mut Bench, fields: &Fields) -> Result<Task, String> {
    let op = AdminOp::GroupOffsets { group: fields.name("group")? };
    ask(bench, fields, op, |answer| {
        let AdminAnswer::Offsets(offsets) = answer else { return unexpected(answer) };
        Value::Object(offsets.iter().map(|(tp, committed)| (tp.to_string(), json!(committed.offset))).collect())
    })
}

fn alter_group_offset(bench: &mut Bench, fields: &Fields) -> Result<Task, String> {
    let op = AdminOp::AlterGroupOffsets {
        group: fields.name("group")?,
        offsets: vec![(tp(fields)?, fields.int("offset")?)],
    };
    ask(bench, fields, op, fine)
}

fn delete_group(bench: &mut Bench, fields: &Fields) -> Result<Task, String> {
    let op = AdminOp::DeleteGroup { group: fields.name("group")? };
    ask(bench, fields, op, fine)
}

fn remove_members(bench: &mut Bench, fields: &Fields) -> Result<Task, String> {
    let op = AdminOp::RemoveMembers { group: fields.name("group")?, all: true };
    ask(bench, fields, op, fine)
}
