//! Producers: each is a client of its own; results are offsets or the names of exceptions.

use std::collections::VecDeque;

use playground_core::command::CommandError;
use playground_core::config::ConfigKind;
use playground_core::ids::{Name, TopicPartition};
use playground_core::producer::{Outcome, ProducerCommand};
use playground_core::time::SimDuration;
use serde_json::{Value, json};

use super::{Bench, Fields, Task, Verb, ok};
use crate::conformance::compare::error;

pub const VERBS: &[Verb] = &[
    Verb { name: "producer", fields: &["client", "config", "process", "at"], start: producer },
    Verb { name: "send", fields: SEND_FIELDS, start: send },
    Verb { name: "send-async", fields: SEND_FIELDS, start: send_async },
    Verb { name: "outcomes", fields: &["client"], start: outcomes },
    Verb { name: "flush", fields: &["client"], start: flush },
    Verb { name: "close-producer", fields: &["client", "timeout_ms"], start: close },
];

const SEND_FIELDS: &[&str] = &["client", "topic", "partition", "records", "count", "prefix", "one_by_one"];

fn producer(bench: &mut Bench, fields: &Fields) -> Result<Task, String> {
    let client = fields.name("client")?;
    let process = fields.opt("process", Fields::name)?.unwrap_or_else(|| client.clone());
    let config = client_config(fields, ConfigKind::Producer)?;
    let there = bench.world.now() + bench.open_client(&client, &process);
    bench.wake_at(there);
    Ok(Box::new(move |bench| {
        if bench.world.now() < there {
            return None;
        }
        let opened = bench.world.add_producer(&client, None, &config);
        Some(opened.map_or_else(|refused| exception(&refused), |()| json!("ok")))
    }))
}

/// Which exception Java's constructor throws for a refused config: what is seen only when the client is
/// put together is wrapped.
pub fn exception(refused: &CommandError) -> Value {
    const ASSIGNOR: &str = "partition.assignment.strategy";
    let says = |message: &str| refused.message.contains(message);
    match refused.place.as_str() {
        "group.instance.id" if says("Group instance id is invalid") => {
            json!({"error": "KafkaException", "cause": "INVALID_CONFIG"})
        }
        "enable.auto.commit" if says("when default group id") => error("INVALID_CONFIG"),
        ASSIGNOR => error("KafkaException"),
        _ if says("delivery.timeout.ms should be") || says("Heartbeat must be set lower") => error("KafkaException"),
        _ => error("ConfigException"),
    }
}

/// A client's configs, with `bootstrap.servers` where the step names brokers. Kafka's clients pass over what
/// they do not know, with a warning; ours refuse it for the sake of who has mistyped it.
pub fn client_config(fields: &Fields, kind: ConfigKind) -> Result<Vec<(Name, Name)>, String> {
    let mut config = fields.config("config")?;
    config.retain(|(key, _)| kind.find(key).is_some());
    if let Some(brokers) = fields.opt("at", Fields::ids)? {
        let servers: Vec<String> = brokers.iter().map(|id| format!("broker-{id}:9092")).collect();
        config.push(("bootstrap.servers".into(), servers.join(",").into()));
    }
    Ok(config)
}

/// The records of a step: `records`, or `count` values that begin with `prefix`.
fn records(fields: &Fields) -> Result<VecDeque<(Option<Name>, Option<Name>)>, String> {
    if let Some(count) = fields.opt("count", Fields::int)? {
        let prefix = fields.opt("prefix", Fields::text)?.unwrap_or_else(|| "v".into());
        return Ok((0..count).map(|index| (None, Some(format!("{prefix}{index}").into()))).collect());
    }
    let Some(Value::Array(listed)) = fields.raw("records") else {
        return Err("\"records\": expected a list".into());
    };
    let text = |value: &Value| match value {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(Name::from(text.as_str()))),
        other => Err(format!("\"records\": expected a text, found {other}")),
    };
    let record = |value: &Value| match value {
        Value::Array(pair) if pair.len() == 2 => Ok((text(&pair[0])?, text(&pair[1])?)),
        Value::Array(_) => Err(format!("\"records\": expected [key, value], found {value}")),
        one => Ok((None, text(one)?)),
    };
    listed.iter().map(record).collect()
}

/// What `send()`'s future was completed with, once it is.
fn outcome(bench: &Bench, client: &Name, ticket: u64) -> Option<Value> {
    let Some(producer) = bench.world.producer(client) else { return Some(json!("AgentGone")) };
    Some(match producer.outcome(ticket)? {
        Outcome::Acked { tp: TopicPartition { partition, .. }, offset } => json!([partition, offset]),
        Outcome::Failed { error, .. } => json!(error.as_str()),
    })
}

/// How long the oracle waits for a record's future.
const FUTURE_MS: u64 = 150_000;

fn send(bench: &mut Bench, fields: &Fields) -> Result<Task, String> {
    let (client, topic) = (fields.name("client")?, fields.name("topic")?);
    let partition = fields.opt("partition", Fields::int32)?;
    let mut waiting = records(fields)?;
    let one_by_one = fields.is_set("one_by_one")?;
    let mut tickets: VecDeque<u64> = VecDeque::new();
    let mut limit = bench.wake_in(FUTURE_MS);
    let mut told = Vec::new();
    if bench.world.producer(&client).is_none() {
        return Err(format!("there is no producer {client}"));
    }
    Ok(Box::new(move |bench| {
        loop {
            while let Some(ticket) = tickets.front() {
                let late = !one_by_one && bench.world.now() >= limit;
                told.push(outcome(bench, &client, *ticket).or_else(|| late.then(|| json!("TimeoutException")))?);
                tickets.pop_front();
                limit = bench.wake_in(FUTURE_MS);
            }
            if waiting.is_empty() {
                return Some(Value::Array(told.clone()));
            }
            let now = if one_by_one { waiting.drain(..1).collect() } else { waiting.drain(..).collect::<Vec<_>>() };
            let count = now.len() as u64;
            match bench.world.send_records(&client, topic.clone(), partition, now) {
                Ok(first) => tickets.extend(first..first + count),
                Err(refused) => return Some(json!({"error": "AgentGone", "message": refused.message})),
            }
        }
    }))
}

fn send_async(bench: &mut Bench, fields: &Fields) -> Result<Task, String> {
    let (client, topic) = (fields.name("client")?, fields.name("topic")?);
    let partition = fields.opt("partition", Fields::int32)?;
    let records: Vec<_> = records(fields)?.into();
    let count = records.len() as u64;
    let first = bench.world.send_records(&client, topic, partition, records).map_err(|refused| refused.to_string())?;
    let known = bench.clients.get_mut(&client).ok_or_else(|| format!("there is no client {client}"))?;
    known.pending.extend(first..first + count);
    Ok(ok())
}

fn outcomes(bench: &mut Bench, fields: &Fields) -> Result<Task, String> {
    let client = fields.name("client")?;
    let known = bench.clients.get_mut(&client).ok_or_else(|| format!("there is no client {client}"))?;
    let tickets = std::mem::take(&mut known.pending);
    let mut limit = bench.wake_in(FUTURE_MS);
    let mut told = Vec::new();
    Ok(Box::new(move |bench| {
        while let Some(ticket) = tickets.get(told.len()) {
            let late = bench.world.now() >= limit;
            told.push(outcome(bench, &client, *ticket).or_else(|| late.then(|| json!("TimeoutException")))?);
            limit = bench.wake_in(FUTURE_MS);
        }
        Some(Value::Array(told.clone()))
    }))
}

fn flush(bench: &mut Bench, fields: &Fields) -> Result<Task, String> {
    let client = fields.name("client")?;
    let ticket = bench.world.ticket();
    let command = ProducerCommand::Flush { ticket };
    bench.world.command_producer(&client, command).map_err(|refused| refused.to_string())?;
    Ok(Box::new(move |bench| {
        let flushed = bench.world.producer(&client).is_none_or(|producer| producer.flushed(ticket));
        flushed.then(|| json!("ok"))
    }))
}

fn close(bench: &mut Bench, fields: &Fields) -> Result<Task, String> {
    let client = fields.name("client")?;
    let timeout_ms = fields.opt("timeout_ms", Fields::int)?.unwrap_or(30_000);
    let timeout_ms = u64::try_from(timeout_ms).map_err(|_| format!("\"timeout_ms\": {timeout_ms}"))?;
    let limit = bench.world.now() + SimDuration::from_ms(timeout_ms);
    let command = ProducerCommand::Close { timeout_ms: Some(timeout_ms) };
    bench.world.command_producer(&client, command).map_err(|refused| refused.to_string())?;
    bench.wake_at(limit);
    Ok(Box::new(move |bench| {
        let node = playground_core::ids::NodeId::Client(client.clone());
        (!bench.is_alive(&node) || bench.world.now() >= limit).then(|| json!("ok"))
    }))
}
