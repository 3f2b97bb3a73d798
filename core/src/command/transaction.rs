//! Transactional producers: their calls, and the tool that aborts a transaction that hangs.

use std::fmt;

use super::Command;
use super::CommandError;
use super::lexer::{Quoted, Word};
use super::options::{Options, refuse};
use super::values::number;
use crate::ids::{Name, TopicPartition};

/// A call of a transactional producer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum TransactionVerb {
    /// `init-transactions PRODUCER`: initTransactions().
    Init,
    /// `begin-transaction PRODUCER`, or `begin`: beginTransaction().
    Begin,
    /// `send-offsets PRODUCER CONSUMER`: sendOffsetsToTransaction() with the consumer's positions and group.
    SendOffsets(Name),
    /// `commit-transaction PRODUCER`: commitTransaction().
    Commit,
    /// `abort-transaction PRODUCER`, or `abort`: abortTransaction().
    Abort,
}

/// The verbs, for people who mistype.
pub(super) const VERBS: &str =
    "init-transactions, begin-transaction, send-offsets, commit-transaction, abort-transaction";

/// A line whose verb is one of these; `None` for any other.
pub(super) fn parse(verb: &str, options: &mut Options) -> Option<Result<Command, CommandError>> {
    let call = match verb {
        "init-transactions" => TransactionVerb::Init,
        "begin-transaction" | "begin" => TransactionVerb::Begin,
        "commit-transaction" => TransactionVerb::Commit,
        "abort-transaction" | "abort" => TransactionVerb::Abort,
        "send-offsets" => return Some(send_offsets(options)),
        _ => return None,
    };
    let client = options.word("a producer's name").map(|word| word.text.into());
    Some(client.map(|client| Command::Transaction { client, call }))
}

fn send_offsets(options: &mut Options) -> Result<Command, CommandError> {
    let client = options.word("a producer's name")?.text.into();
    let consumer = options.word("a consumer's name")?.text.into();
    Ok(Command::Transaction { client, call: TransactionVerb::SendOffsets(consumer) })
}

/// `kafka-transactions.sh abort …`
pub(super) fn tool(words: &[Word]) -> Result<Command, CommandError> {
    const TOOL: &str = "kafka-transactions.sh";
    let mut options = Options::read(TOOL, words, &[])?;
    for name in ["bootstrap-server", "command-config"] {
        options.all(name);
    }
    let action = options.word("abort, list, describe, describe-producers or find-hanging")?;
    match action.text.as_str() {
        "abort" => {}
        "list" | "describe" | "describe-producers" | "find-hanging" => {
            return refuse(action.text, "only looks and changes nothing, so it is no command of the journal");
        }
        _ => return refuse(action.text, "abort, list, describe, describe-producers or find-hanging is expected"),
    }
    let topic = options.required("topic")?;
    let partition = number("partition", &options.required("partition")?)?;
    let start_offset = number("start-offset", &options.required("start-offset")?)?;
    options.finish()?;
    Ok(Command::AbortHangingTransaction { tp: TopicPartition::new(topic, partition), start_offset })
}

pub(super) fn print(f: &mut fmt::Formatter<'_>, client: &Name, call: &TransactionVerb) -> fmt::Result {
    let client = Quoted(client);
    match call {
        TransactionVerb::Init => write!(f, "init-transactions {client}"),
        TransactionVerb::Begin => write!(f, "begin-transaction {client}"),
        TransactionVerb::SendOffsets(consumer) => write!(f, "send-offsets {client} {}", Quoted(consumer)),
        TransactionVerb::Commit => write!(f, "commit-transaction {client}"),
        TransactionVerb::Abort => write!(f, "abort-transaction {client}"),
    }
}

pub(super) fn print_tool(f: &mut fmt::Formatter<'_>, tp: &TopicPartition, start_offset: i64) -> fmt::Result {
    let (topic, partition) = (Quoted(&tp.topic), tp.partition);
    write!(f, "kafka-transactions.sh abort --topic {topic} --partition {partition} --start-offset {start_offset}")
}
