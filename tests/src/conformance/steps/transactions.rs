//! Transactions: the calls of a transactional producer, and what admins ask about transactions.

use playground_core::admin::{AdminAnswer, AdminOp};
use playground_core::ids::TopicPartition;
use playground_core::log::Record;
use playground_core::producer::{ProducerCommand, TransactionCall};
use playground_core::protocol::group::{ConsumerGroupMetadata, OffsetAndMetadata};
use playground_core::transaction::decode;
use serde_json::{Value, json};

use super::admin::{ask, ask_at, fine, partitions, tp, unexpected};
use super::{Bench, Fields, Task, Verb};
use crate::conformance::compare::error;

pub const VERBS: &[Verb] = &[
    Verb { name: "init-transactions", fields: &["client"], start: init },
    Verb { name: "begin", fields: &["client"], start: begin },
    Verb { name: "send-offsets", fields: &["client", "offsets", "consumer", "group"], start: send_offsets },
    Verb { name: "commit-transaction", fields: &["client"], start: commit },
    Verb { name: "abort", fields: &["client"], start: abort },
    Verb { name: "transactions", fields: &["at"], start: transactions },
    Verb { name: "transaction", fields: &["transactional_id", "at"], start: transaction },
    Verb { name: "abort-transaction", fields: &["topic", "partition", "at"], start: abort_transaction },
];

/// Makes a call; its answer is nothing, or the name of the exception.
fn call(bench: &mut Bench, fields: &Fields, call: TransactionCall) -> Result<Task, String> {
    let client = fields.name("client")?;
    let ticket = bench.world.ticket();
    let command = ProducerCommand::Transaction { ticket, call };
    bench.world.command_producer(&client, command).map_err(|refused| refused.to_string())?;
    Ok(Box::new(move |bench| {
        let Some(producer) = bench.world.producer(&client) else { return Some(error("AgentGone")) };
        let answer = producer.call_answer(ticket)?;
        let cause = producer.call_cause(ticket);
        Some(match (answer, cause) {
            (Ok(()), _) => json!("ok"),
            (Err(name), Some(cause)) => json!({"error": name.as_str(), "cause": cause.as_str()}),
            (Err(name), None) => error(name),
        })
    }))
}

fn init(bench: &mut Bench, fields: &Fields) -> Result<Task, String> {
    call(bench, fields, TransactionCall::Init)
}

fn begin(bench: &mut Bench, fields: &Fields) -> Result<Task, String> {
    call(bench, fields, TransactionCall::Begin)
}

fn commit(bench: &mut Bench, fields: &Fields) -> Result<Task, String> {
    call(bench, fields, TransactionCall::Commit)
}

fn abort(bench: &mut Bench, fields: &Fields) -> Result<Task, String> {
    call(bench, fields, TransactionCall::Abort)
}

fn send_offsets(bench: &mut Bench, fields: &Fields) -> Result<Task, String> {
    let mut offsets = Vec::new();
    for (key, value) in fields.object("offsets")?.iter() {
        let tp = TopicPartition::parse(key).ok_or_else(|| format!("\"offsets\": {key:?} is no partition"))?;
        let offset = value.as_i64().ok_or_else(|| format!("\"offsets\": {value} is no offset"))?;
        offsets.push((tp, OffsetAndMetadata { offset, leader_epoch: -1, metadata: "".into() }));
    }
    let group = match fields.opt("consumer", Fields::name)? {
        Some(consumer) => {
            let found = bench.world.consumer(&consumer).ok_or_else(|| format!("there is no consumer {consumer}"))?;
            found.group_metadata().ok_or_else(|| format!("consumer {consumer} has no group"))?
        }
        None => ConsumerGroupMetadata::of_group(fields.name("group")?),
    };
    call(bench, fields, TransactionCall::SendOffsets { offsets, group })
}

fn listed(answer: &AdminAnswer) -> Value {
    let AdminAnswer::Transactions(all) = answer else { return unexpected(answer) };
    Value::Object(all.iter().map(|one| (one.transactional_id.to_string(), json!(one.state.as_str()))).collect())
}

/// All transactional ids with their states.
pub fn list_transactions(bench: &mut Bench) -> Task {
    ask_at(bench, None, AdminOp::ListTransactions, listed)
}

fn transactions(bench: &mut Bench, fields: &Fields) -> Result<Task, String> {
    ask(bench, fields, AdminOp::ListTransactions, listed)
}

fn transaction(bench: &mut Bench, fields: &Fields) -> Result<Task, String> {
    let op = AdminOp::DescribeTransaction { transactional_id: fields.name("transactional_id")? };
    ask(bench, fields, op, |answer| {
        let AdminAnswer::Transaction { transaction, coordinator } = answer else { return unexpected(answer) };
        json!({
            "state": transaction.state.as_str(),
            "producer_epoch": transaction.producer_epoch,
            "coordinator": coordinator,
            "partitions": partitions(&transaction.partitions),
        })
    })
}

fn abort_transaction(bench: &mut Bench, fields: &Fields) -> Result<Task, String> {
    let op = AdminOp::AbortTransaction { tp: tp(fields)?, start_offset: None, producer: None };
    ask(bench, fields, op, fine)
}

/// Key and value of a record of `__transaction_state` in words; producers are numbered as they appear.
pub fn spell_out(record: &Record, number: &mut dyn FnMut(i64) -> usize) -> Option<(Value, Value)> {
    let read = decode(record.key.as_deref()?, record.value.as_deref())?;
    let value = read.value.map(|value| {
        let all: Vec<TopicPartition> = value.partitions.iter().cloned().collect();
        json!({
            "state": value.state.name(),
            "producer": number(value.producer_id),
            "producer_epoch": value.producer_epoch,
            "timeout_ms": value.timeout_ms,
            "partitions": partitions(&all),
        })
    });
    Some((json!(format!("transaction {}", read.transactional_id)), json!(value)))
}
