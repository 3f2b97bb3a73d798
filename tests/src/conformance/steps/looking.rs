//! What an onlooker sees without asking a broker: znodes, and logs as they lie on disk.

use std::collections::BTreeMap;

use playground_core::broker::Broker;
use playground_core::ids::{NodeId, TopicPartition};
use playground_core::log::{Compression, EndTransactionMarker, Log, RecordBatch};
use playground_core::protocol::zookeeper::{ZkError, ZkOp};
use playground_core::sim::{ProcState, Process, World};
use playground_core::zookeeper::ZooKeeperServer;
use serde_json::{Map, Value, json};

use super::{Bench, Fields, Task, Verb, done, offsets_topic, transactions};

pub const VERBS: &[Verb] = &[
    Verb { name: "partition", fields: &["topic", "partition"], start: partition },
    Verb { name: "assignment-of", fields: &["topic"], start: assignment_of },
    Verb { name: "assignment_of", fields: &["topic"], start: assignment_of },
    Verb { name: "controller", fields: &[], start: controller },
    Verb { name: "brokers", fields: &[], start: brokers },
    Verb { name: "znode", fields: &["path", "via"], start: znode },
    Verb { name: "znode-stat", fields: &["path"], start: znode_stat },
    Verb { name: "children", fields: &["path"], start: children },
    Verb { name: "znode-set", fields: &["path", "data"], start: znode_set },
    Verb { name: "znode-delete", fields: &["path"], start: znode_delete },
    Verb { name: "log", fields: &["broker", "topic", "partition", "records"], start: log },
];

/// A ZooKeeper server that serves clients.
pub fn serving(world: &World) -> Option<&ZooKeeperServer> {
    serving_of(world, None)
}

/// The same among these.
fn serving_of<'a>(world: &'a World, via: Option<&[i32]>) -> Option<&'a ZooKeeperServer> {
    let servers = world.nodes().filter(|(_, slot)| slot.state == ProcState::Running);
    servers
        .filter(|(node, _)| match (node, via) {
            (NodeId::ZooKeeper(id), Some(via)) => via.contains(&i32::from(*id)),
            _ => true,
        })
        .filter_map(|(_, slot)| match &slot.process {
            Process::ZooKeeper(server) => Some(server),
            _ => None,
        })
        .find(|server| server.role() != "not serving")
}

/// A znode's data as JSON; text that is none stays text, no data is null. `None` if there is no such
/// znode; an error if nobody can be asked.
pub fn data(world: &World, path: &str) -> Result<Option<Value>, Value> {
    let server = serving(world).ok_or_else(|| json!({"error": "ConnectionLossException"}))?;
    Ok(data_at(server, path))
}

fn data_at(server: &ZooKeeperServer, path: &str) -> Option<Value> {
    let (data, _) = server.znode(path)?;
    let text: &str = data;
    if text.is_empty() {
        return Some(Value::Null);
    }
    Some(serde_json::from_str(text).unwrap_or_else(|_| json!(text)))
}

fn absent() -> Value {
    json!({"absent": true})
}

/// The partition's state znode.
pub fn state(world: &World, topic: &str, partition: i32) -> Value {
    let path = format!("/brokers/topics/{topic}/partitions/{partition}/state");
    let Ok(Some(state)) = data(world, &path) else { return absent() };
    if state.get("leader").is_none() {
        return absent();
    }
    let leader = if state["leader"] == json!(-1) { Value::Null } else { state["leader"].clone() };
    json!({
        "leader": leader,
        "leader_epoch": state["leader_epoch"],
        "isr": state["isr"],
        "controller_epoch": state["controller_epoch"],
    })
}

/// The ids in `/brokers/ids`.
pub fn registered(world: &World) -> Vec<i64> {
    let names = serving(world).and_then(|server| server.children("/brokers/ids")).unwrap_or_default();
    let mut ids: Vec<i64> = names.iter().filter_map(|name| name.parse().ok()).collect();
    ids.sort_unstable();
    ids
}

/// The id in `/controller`, or null.
pub fn controller_id(world: &World) -> Value {
    match data(world, "/controller") {
        Ok(Some(value)) => value.get("brokerid").cloned().unwrap_or_default(),
        _ => Value::Null,
    }
}

fn partition(bench: &mut Bench, fields: &Fields) -> Result<Task, String> {
    let partition = fields.opt("partition", Fields::int32)?.unwrap_or(0);
    Ok(done(state(&bench.world, &fields.text("topic")?, partition)))
}

fn assignment_of(bench: &mut Bench, fields: &Fields) -> Result<Task, String> {
    let found = data(&bench.world, &format!("/brokers/topics/{}", fields.text("topic")?));
    let partitions = found.ok().flatten().and_then(|value| value.get("partitions").cloned());
    Ok(done(partitions.unwrap_or_else(absent)))
}

fn controller(bench: &mut Bench, _: &Fields) -> Result<Task, String> {
    let epoch = data(&bench.world, "/controller_epoch").map(|found| found.unwrap_or_else(absent));
    let epoch = epoch.unwrap_or_else(|error| error);
    Ok(done(json!({"controller": controller_id(&bench.world), "epoch": epoch})))
}

fn brokers(bench: &mut Bench, _: &Fields) -> Result<Task, String> {
    Ok(done(json!(registered(&bench.world))))
}

fn znode(bench: &mut Bench, fields: &Fields) -> Result<Task, String> {
    let via = fields.opt("via", Fields::ids)?;
    let Some(server) = serving_of(&bench.world, via.as_deref()) else {
        return Ok(done(json!({"error": "ConnectionLossException"})));
    };
    Ok(done(data_at(server, &fields.text("path")?).map_or_else(absent, |value| tidy(&value))))
}

/// Times and ids that every run draws anew are hidden.
fn tidy(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let tidied = |(key, value): (&String, &Value)| {
                let value = match key.as_str() {
                    "timestamp" => json!("<time>"),
                    "topic_id" => json!("<id>"),
                    _ => tidy(value),
                };
                (key.clone(), value)
            };
            fields.iter().map(tidied).collect()
        }
        Value::Array(items) => items.iter().map(tidy).collect(),
        other => other.clone(),
    }
}

fn znode_stat(bench: &mut Bench, fields: &Fields) -> Result<Task, String> {
    let path = fields.text("path")?;
    let Some(server) = serving(&bench.world) else { return Ok(done(json!({"error": "ConnectionLossException"}))) };
    let stat = server.znode(&path).map(|(_, stat)| {
        json!({"version": stat.version, "ephemeral": stat.ephemeral_owner != 0, "children": stat.num_children})
    });
    Ok(done(stat.unwrap_or_else(absent)))
}

fn children(bench: &mut Bench, fields: &Fields) -> Result<Task, String> {
    let path = fields.text("path")?;
    let Some(server) = serving(&bench.world) else { return Ok(done(json!({"error": "ConnectionLossException"}))) };
    let names = server.children(&path).map(|names| json!(names.iter().map(|name| name.as_str()).collect::<Vec<_>>()));
    Ok(done(names.unwrap_or_else(absent)))
}

fn write(bench: &mut Bench, op: ZkOp) -> Task {
    let ticket = bench.world.ask_zookeeper(op);
    Box::new(move |bench| {
        let answer = bench.world.zookeeper_answer(ticket)?;
        Some(match answer {
            Ok(_) => json!("ok"),
            Err(ZkError::NoNode) => json!({"error": "NoNodeException"}),
            Err(ZkError::NotEmpty) => json!({"error": "NotEmptyException"}),
            Err(ZkError::ConnectionLoss) => json!({"error": "ConnectionLossException"}),
            Err(other) => json!({"error": other.name()}),
        })
    })
}

fn znode_set(bench: &mut Bench, fields: &Fields) -> Result<Task, String> {
    let op = ZkOp::SetData { path: fields.name("path")?, data: fields.name("data")?, version: -1 };
    Ok(write(bench, op))
}

fn znode_delete(bench: &mut Bench, fields: &Fields) -> Result<Task, String> {
    let op = ZkOp::Delete { path: fields.name("path")?, version: -1 };
    Ok(write(bench, op))
}

/// The log of a replica, whether its broker runs or not.
pub fn log_of<'a>(world: &'a World, broker: i32, tp: &TopicPartition) -> Option<&'a Log> {
    match &world.slot(&NodeId::Broker(broker))?.process {
        Process::Broker(broker) => Broker::log(broker, tp),
        Process::BrokerDown(durable, _) => durable.logs.get(tp),
        _ => None,
    }
}

fn log(bench: &mut Bench, fields: &Fields) -> Result<Task, String> {
    let partition = fields.opt("partition", Fields::int32)?.unwrap_or(0);
    let tp = TopicPartition::new(fields.name("topic")?, partition);
    let records = fields.opt("records", Fields::flag)?.unwrap_or(true);
    let log = log_of(&bench.world, fields.int32("broker")?, &tp);
    Ok(done(log.map_or_else(absent, |log| dump(log, &tp, records))))
}

fn dump(log: &Log, tp: &TopicPartition, with_records: bool) -> Value {
    let mut producers: BTreeMap<i64, usize> = BTreeMap::new();
    let segments: Vec<i64> = log.segments().iter().map(|segment| segment.base_offset()).collect();
    let batches: Vec<Value> = log.batches().map(|batch| dump_batch(batch, tp, with_records, &mut producers)).collect();
    let epochs: Vec<Value> =
        log.leader_epochs().entries().iter().map(|entry| json!([entry.epoch, entry.start_offset])).collect();
    json!({"segments": segments, "batches": batches, "epochs": epochs})
}

fn dump_batch(
    batch: &RecordBatch,
    tp: &TopicPartition,
    with_records: bool,
    producers: &mut BTreeMap<i64, usize>,
) -> Value {
    let mut fields = Map::new();
    fields.insert("base_offset".into(), json!(batch.base_offset));
    fields.insert("last_offset".into(), json!(batch.last_offset()));
    fields.insert("leader_epoch".into(), json!(batch.partition_leader_epoch));
    fields.insert("size".into(), json!(batch.size_in_bytes()));
    if batch.compression != Compression::None {
        fields.insert("compression".into(), json!(batch.compression.name()));
    }
    if batch.producer_id >= 0 {
        let next = producers.len();
        fields.insert("producer".into(), json!(*producers.entry(batch.producer_id).or_insert(next)));
        fields.insert("producer_epoch".into(), json!(batch.producer_epoch));
        if !batch.is_control {
            fields.insert("base_sequence".into(), json!(batch.base_sequence));
        }
    }
    if batch.is_transactional {
        fields.insert("transactional".into(), json!(true));
    }
    if let Some(marker) = EndTransactionMarker::of_batch(batch) {
        fields.insert("control".into(), json!(marker.name()));
        fields.insert("coordinator_epoch".into(), json!(marker.coordinator_epoch));
    }
    let mut records = Vec::new();
    for record in &batch.records {
        let offset = batch.base_offset + i64::from(record.offset_delta);
        let spelled_out = match &*tp.topic {
            _ if batch.is_control => None,
            "__consumer_offsets" => offsets_topic::spell_out(record),
            "__transaction_state" => transactions::spell_out(record, &mut |producer_id| {
                let next = producers.len();
                *producers.entry(producer_id).or_insert(next)
            }),
            _ => None,
        };
        if let Some((key, value)) = spelled_out {
            fields.remove("size");
            records.push(json!([offset, key, value]));
        } else {
            records.push(json!([offset, text(record.key.as_deref()), text(record.value.as_deref())]));
        }
    }
    if with_records && !records.is_empty() && !batch.is_control {
        fields.insert("records".into(), Value::Array(records));
    }
    Value::Object(fields)
}

fn text(bytes: Option<&[u8]>) -> Value {
    bytes.map_or(Value::Null, |bytes| json!(String::from_utf8_lossy(bytes)))
}
