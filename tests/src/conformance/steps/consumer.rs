//! Consumers: each polls every 100 ms for ever, as an application does; calls run between two polls.

use playground_core::config::ConfigKind;
use playground_core::consumer::{Consumer, ConsumerCommand, Pattern};
use playground_core::ids::{Name, NodeId, TopicPartition};
use playground_core::time::SimDuration;
use serde_json::{Value, json};

use super::admin::partitions;
use super::producer::{client_config, exception};
use super::{Bench, Fields, Task, Verb, done};
use crate::conformance::compare::error;

pub const VERBS: &[Verb] = &[
    Verb { name: "consumer", fields: CONSUMER_FIELDS, start: consumer },
    Verb { name: "hold", fields: &["client"], start: |bench, fields| call(bench, fields, ConsumerCommand::Hold) },
    Verb {
        name: "continue",
        fields: &["client"],
        start: |bench, fields| call(bench, fields, ConsumerCommand::Continue),
    },
    Verb { name: "unsubscribe", fields: &["client"], start: |b, fields| call(b, fields, ConsumerCommand::Unsubscribe) },
    Verb { name: "subscribe", fields: &["client", "topics"], start: subscribe },
    Verb { name: "received", fields: &["client"], start: received },
    Verb { name: "assignment", fields: &["client"], start: assignment },
    Verb { name: "generation", fields: &["client"], start: generation },
    Verb { name: "rebalances", fields: &["client"], start: rebalances },
    Verb { name: "consumer-error", fields: &["client"], start: consumer_error },
    Verb { name: "position", fields: &["client", "topic", "partition"], start: position },
    Verb { name: "commit", fields: &["client", "topic", "partition", "offset"], start: commit },
    Verb { name: "commit-async", fields: &["client", "topic", "partition", "offset"], start: commit_async },
    Verb { name: "seek", fields: &["client", "topic", "partition", "to"], start: seek },
    Verb { name: "pause-partition", fields: &["client", "topic", "partition"], start: pause },
    Verb { name: "resume-partition", fields: &["client", "topic", "partition"], start: resume },
    Verb { name: "close-consumer", fields: &["client"], start: close },
    Verb { name: "read", fields: &["topic", "partition", "from", "config", "at"], start: read },
];

const CONSUMER_FIELDS: &[&str] =
    &["client", "group", "topics", "pattern", "assign", "config", "process", "at", "stop_after", "commit_each_poll"];

/// How long the oracle waits for a position, and for a `read` to reach its end.
const POSITION_MS: u64 = 10_000;
const READ_MS: u64 = 15_000;

fn consumer(bench: &mut Bench, fields: &Fields) -> Result<Task, String> {
    let client = fields.name("client")?;
    let process = fields.opt("process", Fields::name)?.unwrap_or_else(|| client.clone());
    let group = fields.opt("group", Fields::name)?;
    let mut config = client_config(fields, ConfigKind::Consumer)?;
    for (key, value) in [("auto.offset.reset", "earliest"), ("enable.auto.commit", "false")] {
        if config.iter().all(|(known, _)| &**known != key) {
            config.push((key.into(), value.into()));
        }
    }
    let mut calls = Vec::new();
    if let Some(count) = fields.opt("stop_after", Fields::int)? {
        calls.push(ConsumerCommand::StopAfter(u64::try_from(count).map_err(|_| format!("\"stop_after\": {count}"))?));
    }
    if fields.is_set("commit_each_poll")? {
        calls.push(ConsumerCommand::CommitEachPoll(true));
    }
    // Last: with partitions in view it polls at once.
    calls.push(match (fields.opt("topics", Fields::names)?, fields.opt("pattern", Fields::name)?) {
        (Some(topics), _) => ConsumerCommand::Subscribe { topics },
        (None, Some(pattern)) => ConsumerCommand::SubscribePattern { pattern: Pattern::parse(&pattern)? },
        (None, None) => ConsumerCommand::Assign { partitions: parse(&fields.names("assign")?)? },
    });
    let there = bench.world.now() + bench.open_client(&client, &process);
    bench.wake_at(there);
    let mut opened = false;
    Ok(Box::new(move |bench| {
        if bench.world.now() < there {
            return None;
        }
        if !std::mem::replace(&mut opened, true)
            && let Err(refused) = open(bench, &client, group.as_ref(), &config, &calls)
        {
            return Some(exception(&refused));
        }
        // `subscribe` and `assign` throw at once.
        let consumer = bench.world.consumer(&client)?;
        let all_made = consumer.calls_made() >= u64::try_from(calls.len()).unwrap_or(u64::MAX);
        all_made.then(|| consumer.refused_call().map_or(json!("ok"), |name| error(name)))
    }))
}

fn open(
    bench: &mut Bench,
    client: &Name,
    group: Option<&Name>,
    config: &[(Name, Name)],
    calls: &[ConsumerCommand],
) -> Result<(), playground_core::command::CommandError> {
    bench.world.new_consumer(client, group, config)?;
    calls.iter().try_for_each(|call| bench.world.command_consumer(client, call.clone()))
}

fn parse(names: &[Name]) -> Result<Vec<TopicPartition>, String> {
    let parse = |name: &Name| TopicPartition::parse(name).ok_or_else(|| format!("{name}: expected TOPIC-PARTITION"));
    names.iter().map(parse).collect()
}

fn tp(fields: &Fields) -> Result<TopicPartition, String> {
    Ok(TopicPartition::new(fields.name("topic")?, fields.opt("partition", Fields::int32)?.unwrap_or(0)))
}

fn known<'a>(bench: &'a Bench, client: &Name) -> Result<&'a Consumer, String> {
    bench.world.consumer(client).ok_or_else(|| format!("there is no consumer {client}"))
}

/// A call that returns at once, when the application makes it: between two polls.
fn call(bench: &mut Bench, fields: &Fields, call: ConsumerCommand) -> Result<Task, String> {
    let client = fields.name("client")?;
    let before = known(bench, &client)?.calls_made();
    bench.world.command_consumer(&client, call).map_err(|refused| refused.to_string())?;
    let limit = bench.wake_in(POSITION_MS);
    Ok(Box::new(move |bench| {
        let made = bench.world.consumer(&client).is_some_and(|consumer| consumer.calls_made() > before);
        let refused = bench.world.consumer(&client).and_then(|consumer| consumer.refused_call());
        match refused.filter(|_| made) {
            Some(name) => Some(error(name)),
            None => (made || bench.world.now() >= limit).then(|| json!("ok")),
        }
    }))
}

fn subscribe(bench: &mut Bench, fields: &Fields) -> Result<Task, String> {
    let topics = fields.names("topics")?;
    call(bench, fields, ConsumerCommand::Subscribe { topics })
}

/// How many records the consumer has received.
pub fn received_count(bench: &Bench, client: &Name) -> Result<i64, String> {
    Ok(i64::try_from(known(bench, client)?.received().len()).unwrap_or(i64::MAX))
}

/// Its partitions, by topic and number.
pub fn assignment_of(bench: &Bench, client: &Name) -> Result<Value, String> {
    Ok(partitions(&known(bench, client)?.assignment()))
}

/// What ended its polling, or null.
pub fn error_of(bench: &Bench, client: &Name) -> Result<Value, String> {
    Ok(known(bench, client)?.last_error().map_or(Value::Null, |name| error(&name)))
}

fn text(bytes: Option<&[u8]>) -> Value {
    bytes.map_or(Value::Null, |bytes| json!(String::from_utf8_lossy(bytes)))
}

fn received(bench: &mut Bench, fields: &Fields) -> Result<Task, String> {
    let consumer = known(bench, &fields.name("client")?)?;
    let told = consumer.received().iter();
    let told = told.map(|record| json!([record.tp.to_string(), record.offset(), text(record.value())]));
    Ok(done(Value::Array(told.collect())))
}

fn assignment(bench: &mut Bench, fields: &Fields) -> Result<Task, String> {
    Ok(done(assignment_of(bench, &fields.name("client")?)?))
}

fn generation(bench: &mut Bench, fields: &Fields) -> Result<Task, String> {
    let metadata = known(bench, &fields.name("client")?)?.group_metadata();
    Ok(done(metadata.map_or_else(|| error("INVALID_GROUP_ID"), |metadata| json!(metadata.generation_id))))
}

/// Calls of the rebalance listener, in order.
fn rebalances(bench: &mut Bench, fields: &Fields) -> Result<Task, String> {
    let consumer = known(bench, &fields.name("client")?)?;
    let told = consumer.rebalances().iter().map(|(what, share)| json!([what, partitions(share)]));
    Ok(done(Value::Array(told.collect())))
}

fn consumer_error(bench: &mut Bench, fields: &Fields) -> Result<Task, String> {
    Ok(done(error_of(bench, &fields.name("client")?)?))
}

fn position(bench: &mut Bench, fields: &Fields) -> Result<Task, String> {
    let (client, tp) = (fields.name("client")?, tp(fields)?);
    let ticket = bench.world.ticket();
    let command = ConsumerCommand::Position { ticket, tp, timeout_ms: POSITION_MS };
    let mut refused = call(bench, fields, command)?;
    Ok(Box::new(move |bench| {
        let consumer = bench.world.consumer(&client)?;
        match consumer.position_answer(ticket) {
            Some(Ok(offset)) => Some(json!(offset)),
            Some(Err(name)) => Some(error(name)),
            None => refused(bench).filter(|answer| answer != &json!("ok")),
        }
    }))
}

fn commit(bench: &mut Bench, fields: &Fields) -> Result<Task, String> {
    commit_by(bench, fields, |ticket, offsets| ConsumerCommand::Commit { ticket, offsets })
}

/// Ends when its callback was called.
fn commit_async(bench: &mut Bench, fields: &Fields) -> Result<Task, String> {
    commit_by(bench, fields, |ticket, offsets| ConsumerCommand::CommitAsync { ticket, offsets })
}

fn commit_by(
    bench: &mut Bench,
    fields: &Fields,
    call: impl Fn(u64, Option<Vec<(TopicPartition, i64)>>) -> ConsumerCommand,
) -> Result<Task, String> {
    let client = fields.name("client")?;
    let offsets = match fields.opt("offset", Fields::int)? {
        Some(offset) => Some(vec![(tp(fields)?, offset)]),
        None => None,
    };
    let ticket = bench.world.ticket();
    let command = call(ticket, offsets);
    bench.world.command_consumer(&client, command).map_err(|refused| refused.to_string())?;
    Ok(Box::new(move |bench| {
        let Some(consumer) = bench.world.consumer(&client) else { return Some(error("AgentGone")) };
        Some(match consumer.commit_answer(ticket)? {
            Ok(()) => json!("ok"),
            Err(name) => error(name),
        })
    }))
}

fn seek(bench: &mut Bench, fields: &Fields) -> Result<Task, String> {
    let tp = tp(fields)?;
    let command = match fields.raw("to") {
        Some(Value::String(word)) if word == "beginning" => ConsumerCommand::SeekToBeginning { tp },
        Some(Value::String(word)) if word == "end" => ConsumerCommand::SeekToEnd { tp },
        _ => ConsumerCommand::Seek { tp, offset: fields.int("to")? },
    };
    call(bench, fields, command)
}

fn pause(bench: &mut Bench, fields: &Fields) -> Result<Task, String> {
    let partitions = vec![tp(fields)?];
    call(bench, fields, ConsumerCommand::PausePartitions { partitions })
}

fn resume(bench: &mut Bench, fields: &Fields) -> Result<Task, String> {
    let partitions = vec![tp(fields)?];
    call(bench, fields, ConsumerCommand::ResumePartitions { partitions })
}

fn close(bench: &mut Bench, fields: &Fields) -> Result<Task, String> {
    let client = fields.name("client")?;
    bench.world.command_consumer(&client, ConsumerCommand::Close).map_err(|refused| refused.to_string())?;
    let limit = bench.wake_in(POSITION_MS);
    Ok(Box::new(move |bench| {
        let gone = !bench.is_alive(&NodeId::Client(client.clone()));
        (gone || bench.world.now() >= limit).then(|| json!("ok"))
    }))
}

/// All records from `from` to the high watermark (or the last stable offset), read by a consumer of
/// its own.
fn read(bench: &mut Bench, fields: &Fields) -> Result<Task, String> {
    let tp = tp(fields)?;
    let from = fields.opt("from", Fields::int)?;
    let mut config = client_config(fields, ConfigKind::Consumer)?;
    let committed = config.iter().any(|(key, value)| &**key == "isolation.level" && &**value == "read_committed");
    config.push(("auto.offset.reset".into(), "none".into()));
    config.push(("enable.auto.commit".into(), "false".into()));
    config.push(("default.api.timeout.ms".into(), READ_MS.to_string().into()));
    let at = fields.opt("at", Fields::ids)?;
    let client = bench.fresh_name("reader");
    let seek = match from {
        Some(offset) => ConsumerCommand::Seek { tp: tp.clone(), offset },
        None => ConsumerCommand::SeekToBeginning { tp: tp.clone() },
    };
    // No poll lies between the calls.
    let assign = ConsumerCommand::Assign { partitions: vec![tp.clone()] };
    let calls = [ConsumerCommand::Hold, assign, seek, ConsumerCommand::Continue];
    let mut ask = super::admin::end_of(bench, at.as_deref(), &tp, committed);
    let mut end = None;
    let mut limit = bench.wake_in(READ_MS);
    Ok(Box::new(move |bench| {
        if end.is_none() {
            let found = match ask(bench) {
                Some(found) => found,
                None if bench.world.now() >= limit => return Some(error("TimeoutException")),
                None => return None,
            };
            let Some(offset) = found.as_i64() else { return Some(found) };
            end = Some(offset);
            limit = bench.world.now() + SimDuration::from_ms(READ_MS);
            bench.wake_at(limit);
            if let Err(refused) = open(bench, &client, None, &config, &calls) {
                return Some(json!({"error": "ConfigException", "message": refused.message}));
            }
        }
        let consumer = bench.world.consumer(&client)?;
        if let Some(name) = consumer.last_error() {
            return Some(error(&name));
        }
        let there = consumer.position(&tp).is_some_and(|position| end.is_some_and(|end| position >= end));
        if !there && bench.world.now() < limit {
            return None;
        }
        let told = consumer.received().iter();
        let told = told.map(|r| json!([r.offset(), text(r.key()), text(r.value())]));
        let told = Value::Array(told.collect());
        // It is done whether or not the process has ended.
        let _ = bench.world.command_consumer(&client, ConsumerCommand::Close);
        Some(told)
    }))
}
