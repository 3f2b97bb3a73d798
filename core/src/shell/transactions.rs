//! `kafka-transactions.sh` (`TransactionsCommand`), whose options argparse4j reads.
//!
//! Simplified: `describe-producers --broker-id` asks the leader. Leaves out `--command-config`.

use super::hash_map;
use crate::beside::{Beside, beside};

use super::script::{Flow, Script, Stop};
use crate::admin::{AdminAnswer, AdminError, AdminOp, TransactionListing};
use crate::collections::{BTreeMap, Order};
use crate::ids::{BrokerId, Name, TopicPartition};
use crate::protocol::transaction::ProducerDescription;

pub(super) const USAGE: Beside = beside!("shell/usage/kafka-transactions.txt");
/// A command with its help, the options that it needs, and its numbers.
pub(super) const COMMANDS: [(&str, Beside, &[&str]); 5] = [
    ("list", beside!("shell/usage/kafka-transactions-list.txt"), &[]),
    ("describe", beside!("shell/usage/kafka-transactions-describe.txt"), &["transactional-id"]),
    ("describe-producers", beside!("shell/usage/kafka-transactions-describe-producers.txt"), &["topic", "partition"]),
    ("abort", beside!("shell/usage/kafka-transactions-abort.txt"), &["topic", "partition"]),
    ("find-hanging", beside!("shell/usage/kafka-transactions-find-hanging.txt"), &[]),
];
const PRODUCERS: [&str; 6] = [
    "ProducerId",
    "ProducerEpoch",
    "LatestCoordinatorEpoch",
    "LastSequence",
    "LastTimestamp",
    "CurrentTransactionStartOffset",
];
const TRANSACTION: [&str; 9] = [
    "CoordinatorId",
    "TransactionalId",
    "ProducerId",
    "ProducerEpoch",
    "TransactionState",
    "TransactionTimeoutMs",
    "CurrentTransactionStartTimeMs",
    "TransactionDurationMs",
    "TopicPartitions",
];
const HANGING: [&str; 8] = [
    "Topic",
    "Partition",
    "ProducerId",
    "ProducerEpoch",
    "CoordinatorEpoch",
    "StartOffset",
    "LastTimestamp",
    "Duration(min)",
];
const MINUTE_MS: i64 = 60_000;

type Values = BTreeMap<&'static str, String>;

pub(super) fn main(script: &mut Script<'_>) -> Flow<()> {
    let (command, values) = parse(script)?;
    let topic = values.get("topic").map(|topic| Name::from(topic.as_str()));
    let tp = topic.clone().zip(number::<i32>(&values, "partition")).map(|(topic, id)| TopicPartition::new(topic, id));
    match (command, tp) {
        ("list", _) => list(script, &values),
        ("describe", _) => describe(script, values.get("transactional-id").map_or("", String::as_str)),
        ("describe-producers", Some(tp)) => describe_producers(script, &values, tp),
        ("abort", Some(tp)) => abort(script, &values, tp),
        ("find-hanging", tp) => find_hanging(script, &values, topic, tp),
        _ => Ok(()),
    }
}

fn number<T: std::str::FromStr>(values: &Values, name: &str) -> Option<T> {
    values.get(name).and_then(|text| text.parse().ok())
}

/// The help's first paragraph, the error, status 1.
fn misused<T>(script: &mut Script<'_>, usage: &'static str, message: &str) -> Flow<T> {
    for line in usage.lines().take_while(|line| !line.is_empty()) {
        script.err(line);
    }
    wrap(script, &format!("kafka-transactions.sh: error: {message}"));
    Err(Stop::Exit(1))
}

/// `TextHelper.wrap`: a line that is broken is filled up with blanks, from its middle on.
///
/// Simplified: a line is not broken behind a hyphen.
fn wrap(script: &mut Script<'_>, text: &str) {
    const WIDTH: usize = 75;
    let (mut line, mut width) = (Vec::new(), 0);
    for word in text.split(' ') {
        // With the blank behind it.
        let needed = word.chars().count() + 1;
        if width + needed > WIDTH && !line.is_empty() {
            let (gaps, blanks) = (line.len() - 1, (WIDTH + 1).saturating_sub(width));
            let (each, more) = (blanks / gaps.max(1), blanks % gaps.max(1));
            let first = (gaps - more).div_ceil(2);
            let mut filled = String::new();
            for (at, word) in line.drain(..).enumerate() {
                let wide = each + usize::from((first..first + more).contains(&at));
                filled.push_str(&format!("{word} {:wide$}", ""));
            }
            script.err(filled.trim_end());
            width = 0;
        }
        line.push(word);
        width += needed;
    }
    script.err(&line.join(" "));
}

/// `--name METAVAR` of a help.
fn option_of(usage: &'static str, word: &str) -> Option<(&'static str, bool)> {
    let name = word.strip_prefix("--")?;
    let line = usage.lines().map(str::trim_start).find(|line| line.split(' ').next() == Some(word))?;
    let metavar = line.get(word.len() + 1..).and_then(|rest| rest.chars().next());
    let found = line.get(2..2 + name.len())?;
    Some((found, metavar.is_some_and(|c| c.is_ascii_alphabetic() || c == '<')))
}

fn parse(script: &mut Script<'_>) -> Flow<(&'static str, Values)> {
    let mut values = Values::new();
    let mut command: Option<&'static (&'static str, Beside, &'static [&'static str])> = None;
    let mut words = script.words().iter();
    while let Some(word) = words.next() {
        let usage = command.map_or(USAGE.text(), |command| command.1.text());
        match &**word {
            "-h" | "--help" => {
                for line in usage.lines() {
                    script.say(line);
                }
                return Err(Stop::Exit(1));
            }
            "-v" | "--version" if command.is_none() => {
                script.say("3.9.1 (Commit:f745dfdcee2b9851)");
                return Err(Stop::Exit(0));
            }
            _ => {}
        }
        let (spelled, value) = word.split_once('=').map_or((&**word, None), |(name, value)| (name, Some(value)));
        if let Some((name, _)) = option_of(usage, spelled) {
            let value = value.map(str::to_owned).or_else(|| words.next().map(ToString::to_string));
            let Some(value) = value else {
                return misused(script, usage, &format!("argument {spelled}: expected one argument"));
            };
            let is_text = ["topic", "transactional-id", "bootstrap-server", "command-config"].contains(&name);
            let kind = match name {
                "duration-filter" | "start-offset" | "producer-id" => "Long",
                "producer-epoch" => "Short",
                _ => "Integer",
            };
            if !is_text && value.parse::<i64>().is_err() {
                let message = format!(
                    "argument {spelled}: could not convert '{value}' to {kind} (For input string: \"{value}\")"
                );
                return misused(script, usage, &message);
            }
            values.insert(name, value);
        } else if word.starts_with('-') || command.is_some() {
            return misused(script, usage, &format!("unrecognized arguments: '{word}'"));
        } else {
            command = COMMANDS.iter().find(|(name, ..)| *name == &**word);
            if command.is_none() {
                let names: Vec<String> = COMMANDS.iter().map(|(name, ..)| format!("'{name}'")).collect();
                let message = format!("invalid choice: '{word}' (choose from {})", names.join(", "));
                return misused(script, USAGE.text(), &message);
            }
        }
    }
    let Some((name, usage, required)) = command.map(|(name, usage, required)| (name, usage.text(), required)) else {
        return misused(script, USAGE.text(), "too few arguments");
    };
    if let Some(missing) = required.iter().find(|option| !values.contains_key(**option)) {
        return misused(script, usage, &format!("argument --{missing} is required"));
    }
    if !values.contains_key("bootstrap-server") {
        return misused(script, USAGE.text(), "argument --bootstrap-server is required");
    }
    Ok((name, values))
}

/// `printErrorAndExit`
fn failed<T>(script: &mut Script<'_>, message: &str, error: Option<&AdminError>) -> Flow<T> {
    script.err(&match error {
        Some(error) => format!("{message}: {}. Enable debug logging for additional detail.", error.message),
        None => message.to_owned(),
    });
    Err(Stop::Exit(1))
}

/// `ToolsUtils.prettyPrintTable`
fn table(script: &mut Script<'_>, headers: &[&str], rows: &[Vec<String>]) {
    let widest = |at: usize| rows.iter().filter_map(|row| row.get(at)).map(|cell| cell.chars().count()).max();
    let widths: Vec<usize> =
        headers.iter().enumerate().map(|(at, head)| head.len().max(widest(at).unwrap_or(0))).collect();
    let mut line = |cells: Vec<&str>| {
        let cells = cells.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}\t"));
        script.say(&cells.collect::<String>());
    };
    line(headers.to_vec());
    for row in rows {
        line(row.iter().map(String::as_str).collect());
    }
}

fn listings(script: &mut Script<'_>, message: &str) -> Flow<Vec<TransactionListing>> {
    match script.ask(AdminOp::ListTransactions)? {
        Ok(AdminAnswer::Transactions(listed)) => Ok(listed),
        Ok(_) => Ok(Vec::new()),
        Err(error) => failed(script, message, Some(&error)),
    }
}

fn list(script: &mut Script<'_>, values: &Values) -> Flow<()> {
    let mut listed = listings(script, "Failed to list transactions")?;
    if let Some(longer_ms) = number::<i64>(values, "duration-filter").filter(|ms| *ms >= 0) {
        // Simplified: Kafka's coordinators filter themselves.
        let now_ms = script.clock_ms()?;
        let asked =
            listed.iter().map(|one| AdminOp::DescribeTransaction { transactional_id: one.transactional_id.clone() });
        let answers = script.ask_all(asked.collect())?;
        let mut runs_longer = answers.into_iter().map(|answer| match answer {
            Ok(AdminAnswer::Transaction { transaction, .. }) => now_ms - transaction.start_timestamp_ms > longer_ms,
            _ => false,
        });
        listed.retain(|_| runs_longer.next().unwrap_or(false));
    }
    // By broker, and there as the coordinator has them.
    listed.order_by_key(|one| hash_map::JavaHash::hash_code(&one.coordinator));
    let row = |one: &TransactionListing| {
        let (id, state) = (one.transactional_id.to_string(), one.state.to_string());
        vec![id, one.coordinator.to_string(), one.producer_id.to_string(), state]
    };
    let rows: Vec<Vec<String>> = listed.iter().map(row).collect();
    table(script, &["TransactionalId", "Coordinator", "ProducerId", "TransactionState"], &rows);
    Ok(())
}

fn describe(script: &mut Script<'_>, id: &str) -> Flow<()> {
    let (mut transaction, coordinator) =
        match script.ask(AdminOp::DescribeTransaction { transactional_id: id.into() })? {
            Ok(AdminAnswer::Transaction { transaction, coordinator }) => (transaction, coordinator),
            Ok(_) => return Ok(()),
            Err(error) => {
                let message = format!("Failed to describe transaction state of transactional-id `{id}`");
                return failed(script, &message, Some(&error));
            }
        };
    let (start, duration) = if transaction.start_timestamp_ms >= 0 {
        let now_ms = script.clock_ms()?;
        (transaction.start_timestamp_ms.to_string(), (now_ms - transaction.start_timestamp_ms).to_string())
    } else {
        ("None".to_owned(), "None".to_owned())
    };
    hash_map::order(&mut transaction.partitions);
    let partitions: Vec<String> = transaction.partitions.iter().map(ToString::to_string).collect();
    let row = vec![
        coordinator.to_string(),
        id.to_owned(),
        transaction.producer_id.to_string(),
        transaction.producer_epoch.to_string(),
        transaction.state.to_string(),
        transaction.timeout_ms.to_string(),
        start,
        duration,
        partitions.join(","),
    ];
    table(script, &TRANSACTION, &[row]);
    Ok(())
}

fn producers(script: &mut Script<'_>, tp: &TopicPartition, message: &str) -> Flow<Vec<ProducerDescription>> {
    match script.ask(AdminOp::DescribeProducers { tp: tp.clone() })? {
        Ok(AdminAnswer::Producers(producers)) => Ok(producers),
        Ok(_) => Ok(Vec::new()),
        Err(error) => failed(script, message, Some(&error)),
    }
}

fn describe_producers(script: &mut Script<'_>, values: &Values, tp: TopicPartition) -> Flow<()> {
    let of = number::<BrokerId>(values, "broker-id").map_or("leader".to_owned(), |id| format!("broker {id}"));
    let found = producers(script, &tp, &format!("Failed to describe producers for partition {tp} on {of}"))?;
    let row = |producer: &ProducerDescription| {
        vec![
            producer.producer_id.to_string(),
            producer.producer_epoch.to_string(),
            producer.coordinator_epoch.to_string(),
            producer.last_sequence.to_string(),
            producer.last_timestamp_ms.to_string(),
            producer.current_txn_start_offset.map_or("None".to_owned(), |offset| offset.to_string()),
        ]
    };
    let rows: Vec<Vec<String>> = found.iter().map(row).collect();
    table(script, &PRODUCERS, &rows);
    Ok(())
}

fn abort(script: &mut Script<'_>, values: &Values, tp: TopicPartition) -> Flow<()> {
    let start: Option<i64> = number(values, "start-offset");
    let producer: Option<i64> = number(values, "producer-id");
    let (id, epoch, coordinator) = match (start, producer) {
        (None, None) => {
            let message = "The transaction to abort must be identified either with --start-offset (for brokers on 3.0 or \
                           above) or with --producer-id, --producer-epoch, and --coordinator-epoch (for older brokers)";
            return failed(script, message, None);
        }
        (Some(start), _) => {
            let message = format!("Failed to validate producer state for partition {tp}");
            let open = producers(script, &tp, &message)?;
            let Some(found) = open.into_iter().find(|one| one.current_txn_start_offset == Some(start)) else {
                let message =
                    format!("Could not find any open transactions starting at offset {start} on partition {tp}");
                return failed(script, &message, None);
            };
            (found.producer_id, found.producer_epoch, found.coordinator_epoch)
        }
        // Nobody looks whether there is such a producer.
        (None, Some(id)) => {
            let (Some(epoch), Some(coordinator)) =
                (number(values, "producer-epoch"), number(values, "coordinator-epoch"))
            else {
                let missing =
                    ["producer-epoch", "coordinator-epoch"].into_iter().find(|name| !values.contains_key(name));
                return failed(script, &format!("Missing required argument --{}", missing.unwrap_or_default()), None);
            };
            (id, epoch, coordinator)
        }
    };
    let coordinator: i32 = coordinator.max(0);
    let producer = Some((id, epoch, coordinator));
    match script.ask(AdminOp::AbortTransaction { tp: tp.clone(), start_offset: None, producer })? {
        Ok(_) => Ok(()),
        Err(error) => {
            let message = format!(
                "Failed to abort transaction AbortTransactionSpec(topicPartition={tp}, producerId={id}, \
                 producerEpoch={epoch}, coordinatorEpoch={coordinator})"
            );
            failed(script, &message, Some(&error))
        }
    }
}

fn find_hanging(script: &mut Script<'_>, values: &Values, topic: Option<Name>, tp: Option<TopicPartition>) -> Flow<()> {
    let broker: Option<BrokerId> = number(values, "broker-id");
    if topic.is_none() && broker.is_none() {
        let message =
            "The `find-hanging` command requires either --topic or --broker-id to limit the scope of the search";
        return failed(script, message, None);
    }
    if values.contains_key("partition") && topic.is_none() {
        return failed(script, "The --partition argument requires --topic to be provided", None);
    }
    let limit_ms = number::<i64>(values, "max-transaction-timeout").unwrap_or(15).saturating_mul(MINUTE_MS);
    let partitions = match tp {
        Some(tp) => vec![tp],
        None => search(script, topic, broker)?,
    };
    let answers =
        script.ask_all(partitions.iter().map(|tp| AdminOp::DescribeProducers { tp: tp.clone() }).collect())?;
    let now_ms = script.clock_ms()?;
    let mut open: Vec<(TopicPartition, ProducerDescription)> = Vec::new();
    for (tp, answer) in partitions.iter().zip(answers) {
        match answer {
            Ok(AdminAnswer::Producers(producers)) => open.extend(
                producers
                    .into_iter()
                    .filter(|one| one.current_txn_start_offset.is_some() && now_ms - one.last_timestamp_ms > limit_ms)
                    .map(|one| (tp.clone(), one)),
            ),
            Ok(_) => {}
            Err(error) => {
                let count = partitions.len();
                let of = broker.map_or("Optional.empty".to_owned(), |id| format!("Optional[{id}]"));
                let message = format!("Failed to describe producers for {count} partitions on broker {of}");
                return failed(script, &message, Some(&error));
            }
        }
    }
    let hanging = if open.is_empty() { open } else { without_coordinator(script, open)? };
    let row = |(tp, one): &(TopicPartition, ProducerDescription)| {
        vec![
            tp.topic.to_string(),
            tp.partition.to_string(),
            one.producer_id.to_string(),
            one.producer_epoch.to_string(),
            one.coordinator_epoch.to_string(),
            one.current_txn_start_offset.unwrap_or(-1).to_string(),
            one.last_timestamp_ms.to_string(),
            ((now_ms - one.last_timestamp_ms) / MINUTE_MS).to_string(),
        ]
    };
    let rows: Vec<Vec<String>> = hanging.iter().map(row).collect();
    table(script, &HANGING, &rows);
    Ok(())
}

/// Partitions of the topic, or of all, with a replica on the broker if one is named.
fn search(script: &mut Script<'_>, topic: Option<Name>, broker: Option<BrokerId>) -> Flow<Vec<TopicPartition>> {
    let topics = match topic {
        Some(topic) => vec![topic],
        None => match script.ask(AdminOp::ListTopics)? {
            Ok(AdminAnswer::Topics(topics)) => topics,
            Ok(_) => Vec::new(),
            Err(error) => return failed(script, "Failed to list topics", Some(&error)),
        },
    };
    let answers =
        script.ask_all(topics.iter().map(|topic| AdminOp::DescribeTopic { topic: topic.clone() }).collect())?;
    let mut partitions = Vec::new();
    for answer in answers {
        match answer {
            Ok(AdminAnswer::Topic(topic)) => {
                let on_broker = topic.partitions.iter().filter(|p| broker.is_none_or(|id| p.replicas.contains(&id)));
                partitions.extend(on_broker.map(|p| TopicPartition::new(topic.topic.clone(), p.partition)));
            }
            Ok(_) => {}
            Err(error) => {
                return failed(script, &format!("Failed to describe {} topics", topics.len()), Some(&error));
            }
        }
    }
    Ok(partitions)
}

/// Open transactions of which no coordinator will write the end.
fn without_coordinator(
    script: &mut Script<'_>,
    mut open: Vec<(TopicPartition, ProducerDescription)>,
) -> Flow<Vec<(TopicPartition, ProducerDescription)>> {
    let listed = listings(script, &format!("Failed to list transactions for {} producers", open.len()))?;
    let of_open = listed.into_iter().filter(|one| open.iter().any(|(_, open)| open.producer_id == one.producer_id));
    let of_open: Vec<TransactionListing> = of_open.collect();
    let asked =
        of_open.iter().map(|one| AdminOp::DescribeTransaction { transactional_id: one.transactional_id.clone() });
    let answers = script.ask_all(asked.collect())?;
    let mut expected: Vec<(i64, TopicPartition)> = Vec::new();
    for (one, answer) in of_open.iter().zip(answers) {
        match answer {
            Ok(AdminAnswer::Transaction { transaction, .. }) => {
                expected.extend(transaction.partitions.into_iter().map(|tp| (one.producer_id, tp)));
            }
            Err(error) if &*error.name != "TRANSACTIONAL_ID_NOT_FOUND" => {
                return failed(script, &format!("Failed to describe {} transactions", of_open.len()), Some(&error));
            }
            _ => {}
        }
    }
    open.retain(|(tp, one)| !expected.iter().any(|(id, known)| *id == one.producer_id && known == tp));
    Ok(open)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shell::script::ToolLine;

    /// As Kafka's own tool printed them.
    #[test]
    fn a_line_that_is_broken_is_filled_up() {
        for (text, printed) in [
            (
                "kafka-transactions.sh: error: argument --duration-filter: could not convert 'x' to Long (For input \
                 string: \"x\")",
                [
                    "kafka-transactions.sh:  error:   argument   --duration-filter:   could  not\n",
                    "convert 'x' to Long (For input string: \"x\")\n",
                ],
            ),
            (
                "kafka-transactions.sh: error: invalid choice: 'forceTerminate' (choose from 'list', 'describe', \
                 'describe-producers', 'abort', 'find-hanging')",
                [
                    "kafka-transactions.sh:  error:  invalid  choice:  'forceTerminate'  (choose\n",
                    "from 'list', 'describe', 'describe-producers', 'abort', 'find-hanging')\n",
                ],
            ),
        ] {
            let line = ToolLine::default();
            let mut script = Script::new(&line, &[]);
            wrap(&mut script, text);
            assert_eq!(script.printed, printed.map(|line| (true, line.to_owned())));
        }
    }
}
