//! Consumers: each polls every 100 ms for ever, as an application does.

use playground_core::consumer::ConsumerCommand;
use playground_core::ids::{Name, TopicPartition};
use serde_json::{Value, json};

use super::producer::client_config;
use super::{Bench, Fields, Task, Verb, done};

pub const VERBS: &[Verb] = &[
    Verb {
        name: "consumer",
        fields: &["client", "group", "topics", "assign", "config", "process", "at", "stop_after"],
        start: consumer,
    },
    Verb { name: "received", fields: &["client"], start: received },
];

fn consumer(bench: &mut Bench, fields: &Fields) -> Result<Task, String> {
    let client = fields.name("client")?;
    let process = fields.opt("process", Fields::name)?.unwrap_or_else(|| client.clone());
    let group = fields.opt("group", Fields::name)?;
    let mut config = client_config(fields)?;
    for (key, value) in [("auto.offset.reset", "earliest"), ("enable.auto.commit", "false")] {
        if config.iter().all(|(known, _)| &**known != key) {
            config.push((key.into(), value.into()));
        }
    }
    let subscribe = match fields.opt("topics", Fields::names)? {
        Some(topics) => ConsumerCommand::Subscribe { topics },
        None => ConsumerCommand::Assign { partitions: partitions(&fields.names("assign")?)? },
    };
    let there = bench.world.now() + bench.open_client(&client, &process);
    bench.wake_at(there);
    Ok(Box::new(move |bench| {
        if bench.world.now() < there {
            return None;
        }
        let opened = bench.world.new_consumer(&client, group.as_ref(), &config);
        let opened = opened.and_then(|()| bench.world.command_consumer(&client, subscribe.clone()));
        Some(
            opened.map_or_else(
                |refused| json!({"error": "ConfigException", "message": refused.message}),
                |()| json!("ok"),
            ),
        )
    }))
}

fn partitions(names: &[Name]) -> Result<Vec<TopicPartition>, String> {
    let parse = |name: &Name| TopicPartition::parse(name).ok_or_else(|| format!("{name}: expected TOPIC-PARTITION"));
    names.iter().map(parse).collect()
}

/// How many records the consumer has received.
pub fn received_count(bench: &Bench, client: &Name) -> Result<i64, String> {
    let consumer = bench.world.consumer(client).ok_or_else(|| format!("there is no consumer {client}"))?;
    Ok(i64::try_from(consumer.received().len()).unwrap_or(i64::MAX))
}

fn received(bench: &mut Bench, fields: &Fields) -> Result<Task, String> {
    let client = fields.name("client")?;
    let consumer = bench.world.consumer(&client).ok_or_else(|| format!("there is no consumer {client}"))?;
    let told: Vec<Value> = consumer
        .received()
        .iter()
        .map(|record| {
            let value = record.value.as_deref().map(String::from_utf8_lossy);
            json!([record.tp.to_string(), record.offset, value])
        })
        .collect();
    Ok(done(Value::Array(told)))
}
pub fn assignment_of(bench: &Bench, client: &Name) -> Result<Value, String> {
    let _ = (bench, client);
    Ok(Value::Null)
}
pub fn error_of(bench: &Bench, client: &Name) -> Result<Value, String> {
    let _ = (bench, client);
    Ok(Value::Null)
}
