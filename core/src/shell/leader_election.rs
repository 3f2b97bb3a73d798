//! `kafka-leader-election.sh` (`LeaderElectionCommand`). Leaves out `--admin.config`.

use super::hash_map;
use super::options::Options;
use super::script::{Flow, Script, Stop};
use super::thrown::Thrown;
use crate::admin::{AdminAnswer, AdminOp};
use crate::beside::{Beside, beside};
use crate::collections::scala_tree_order;
use crate::ids::TopicPartition;
use crate::json::Json;
use crate::protocol::ErrorCode;

pub(super) const USAGE: Beside = beside!("shell/usage/kafka-leader-election.txt");
/// `default.api.timeout.ms`, which the tool sets.
const TIMEOUT_MS: u64 = 30_000;

pub(super) fn main(script: &mut Script<'_>) -> Flow<()> {
    let outcome = run(script);
    script.reported(outcome)
}

fn run(script: &mut Script<'_>) -> Flow<()> {
    let options = Options::parse(USAGE.text(), script.words())?;
    options.help_or_version(script)?;
    let unclean = check(&options)?;
    let partitions = match options.value("path-to-json-file")? {
        Some(path) => {
            let text = script.file(&path).map_err(|stop| match stop {
                Stop::Thrown(thrown) => Thrown::wrapped("java.lang.RuntimeException", *thrown).into(),
                other => other,
            })?;
            Some(listed(&text)?)
        }
        None => match (options.value("topic")?, options.number("partition")?) {
            (Some(topic), Some(partition)) => Some(vec![TopicPartition::new(topic, partition)]),
            _ => None,
        },
    };
    script.timeout_ms = Some(TIMEOUT_MS);
    elect(script, unclean, partitions)
}

/// What must be there and what excludes what; true for an unclean election.
fn check(options: &Options) -> Flow<bool> {
    let missing: Vec<&str> =
        ["bootstrap-server", "election-type"].into_iter().filter(|name| !options.has(name)).collect();
    if !missing.is_empty() {
        return Err(Thrown::command_failed(format!("Missing required option(s): {}", missing.join(", "))).into());
    }
    const SCOPES: [&str; 3] = ["topic", "all-topic-partitions", "path-to-json-file"];
    if options.count(&SCOPES) != 1 {
        let message = format!("One and only one of the following options is required: {}", SCOPES.join(", "));
        return Err(Thrown::command_failed(message).into());
    }
    if options.has("topic") && !options.has("partition") {
        return Err(Thrown::command_failed("Missing required option(s): partition").into());
    }
    if !options.has("topic") && options.has("partition") {
        let message = "Option partition is only allowed if topic is used";
        return Err(Thrown::command_failed(message).into());
    }
    let kind = options.value("election-type")?.unwrap_or_default();
    match kind.to_ascii_lowercase().as_str() {
        "preferred" => Ok(false),
        "unclean" => Ok(true),
        _ => {
            let message = format!("Cannot parse argument '{kind}' of option election-type");
            let mut thrown = Thrown::new("joptsimple.OptionArgumentConversionException", message);
            let cause = format!("Value [{kind}] is not one of [[PREFERRED,UNCLEAN]]");
            thrown.cause = Some(Box::new(Thrown::new("joptsimple.ValueConversionException", cause)));
            Err(thrown.into())
        }
    }
}

/// `{"partitions":[{"topic":"t","partition":0}]}`
fn listed(text: &str) -> Flow<Vec<TopicPartition>> {
    let Some(json) = Json::parse(text) else {
        return Err(Thrown::operation("Replica election data is empty").into());
    };
    let Some(partitions) = json.get("partitions") else {
        return Err(Thrown::operation("Replica election data is missing \"partitions\" field").into());
    };
    let listed = partitions.items().iter().map(super::json_partition).collect::<Flow<Vec<_>>>()?;
    let twice: Vec<String> = hash_map::duplicates(&listed).iter().map(ToString::to_string).collect();
    if !twice.is_empty() {
        let message = format!("Replica election data contains duplicate partitions: [{}]", twice.join(", "));
        return Err(Thrown::operation(message).into());
    }
    Ok(listed)
}

fn elect(script: &mut Script<'_>, unclean: bool, partitions: Option<Vec<TopicPartition>>) -> Flow<()> {
    let kind = if unclean { "UNCLEAN" } else { "PREFERRED" };
    let op = AdminOp::Each(Box::new(AdminOp::ElectLeaders { unclean, partitions }));
    let mut results = match script.ask(op)? {
        Ok(AdminAnswer::Partitions(results)) => results,
        Ok(_) => Vec::new(),
        Err(error) => {
            let cause = Thrown::of_admin(&error);
            if !cause.is(ErrorCode::RequestTimedOut) {
                return Err(Thrown::wrapped("java.lang.RuntimeException", Thrown::execution(cause)).into());
            }
            script.say("Timeout waiting for election results");
            let mut failed = Thrown::command_failed("Timeout waiting for election results");
            failed.cause = Some(Box::new(cause));
            return Err(failed.into());
        }
    };
    // As the controller answers: by topic.
    scala_tree_order(&mut results, |(tp, ..)| hash_map::JavaHash::hash_code(&tp.topic));
    hash_map::order_by(&mut results, 16, |(tp, ..)| hash_map::JavaHash::hash_code(tp));
    let with = |wanted: ErrorCode| {
        let those = results.iter().filter(|(_, code, _)| *code == wanted);
        those.map(|(tp, ..)| tp.to_string()).collect::<Vec<_>>().join(", ")
    };
    let (done, needless) = (with(ErrorCode::None), with(ErrorCode::ElectionNotNeeded));
    if !done.is_empty() {
        script.say(&format!("Successfully completed leader election ({kind}) for partitions {done}"));
    }
    if !needless.is_empty() {
        script.say(&format!("Valid replica already elected for partitions {needless}"));
    }
    let failed = results.iter().filter(|(_, code, _)| !matches!(code, ErrorCode::None | ErrorCode::ElectionNotNeeded));
    let suppressed: Vec<Thrown> = failed
        .map(|(tp, code, message)| {
            let thrown = Thrown::of_code(*code, message);
            script.say(&format!("Error completing leader election ({kind}) for partition: {tp}: {}", thrown.text()));
            thrown
        })
        .collect();
    if suppressed.is_empty() {
        return Ok(());
    }
    let mut root = Thrown::command_failed(format!("{} replica(s) could not be elected", suppressed.len()));
    root.suppressed = suppressed;
    Err(root.into())
}
