//! `kafka-consumer-groups.sh` (`ConsumerGroupCommand`): its options, `--list`, `--delete`, `--delete-offsets`; and
//! what its actions share. Leaves out `--command-config` and groups of KIP-848.

mod describe;
mod plan;
mod reset;

use super::address::NO_CLIENT;
use super::hash_map;
use super::options::Options;
use super::script::{Flow, Script, Stop};
use super::thrown::Thrown;
use crate::admin::{AdminAnswer, AdminOp, GroupListing, OffsetSpec};
use crate::beside::{Beside, beside};
use crate::collections::{Order, scala_map_order};
use crate::group::partition_hash;
use crate::ids::{BrokerId, Name, TopicPartition};
use crate::protocol::ErrorCode;
use crate::protocol::group::DescribedGroup;

pub(super) const USAGE: Beside = beside!("shell/usage/kafka-consumer-groups.txt");
const ACTIONS: [&str; 5] = ["list", "describe", "delete", "reset-offsets", "delete-offsets"];
const SCENARIOS: [&str; 8] =
    ["to-offset", "shift-by", "to-datetime", "by-duration", "to-earliest", "to-latest", "to-current", "from-file"];
/// `ConsumerGroupState`, as it is listed.
const STATES: [&str; 7] =
    ["PreparingRebalance", "CompletingRebalance", "Stable", "Dead", "Empty", "Assigning", "Reconciling"];
const TYPES: [&str; 2] = ["Consumer", "Classic"];
/// `--timeout`
const TIMEOUT_MS: u64 = 5000;

pub(super) fn main(script: &mut Script<'_>) -> Flow<()> {
    let options = Options::parse(USAGE.text(), script.words())?;
    for name in ["members", "verbose", "offsets"] {
        options.available(name, &["describe"])?;
    }
    options.available("state", &["describe", "list"])?;
    options.available("type", &["list"])?;
    check(&options, script)?;
    if options.count(&ACTIONS) != 1 {
        let message =
            "Command must include exactly one action: --list, --describe, --delete, --reset-offsets, --delete-offsets";
        return options.refuse(script, message);
    }
    match script.reaches(NO_CLIENT).and_then(|()| act(&options, script)) {
        Err(Stop::Thrown(thrown)) if thrown.class == "java.lang.IllegalArgumentException" => {
            options.refuse(script, &thrown.message)
        }
        Err(Stop::Thrown(thrown)) => {
            print_error(script, &format!("Executing consumer group command failed due to {}", thrown.message));
            script.err(&thrown.trace());
            Ok(())
        }
        other => other,
    }
}

fn check(options: &Options, script: &mut Script<'_>) -> Flow<()> {
    options.help_or_version(script)?;
    options.required(script, &["bootstrap-server"])?;
    let listed = |names: &[&'static str]| {
        let names = hash_map::options(names).into_iter().map(|name| format!("[{name}]"));
        names.collect::<Vec<_>>().join(", ")
    };
    const SCOPES: [&str; 2] = ["group", "all-groups"];
    let scoped = options.count(&SCOPES) > 0;
    if options.has("describe") {
        if !scoped {
            let levels = listed(&["list", "describe", "delete", "reset-offsets"]);
            return options.refuse(script, &format!("Option [describe] takes one of these options: {levels}"));
        }
        if options.count(&["members", "offsets", "state"]) > 1 {
            let message = "Option [describe] takes at most one of these options: [members], [offsets], [state]";
            return options.refuse(script, message);
        }
        if options.value("state")?.is_some() {
            return options.refuse(script, "Option [describe] does not take a value for [state]");
        }
    }
    if options.has("delete") {
        if !scoped {
            let scopes = listed(&SCOPES);
            return options.refuse(script, &format!("Option [delete] takes one of these options: {scopes}"));
        }
        if options.has("topic") {
            let message = "The consumer does not support topic-specific offset deletion from a consumer group.";
            return options.refuse(script, message);
        }
    }
    if options.has("delete-offsets") && options.count(&["group", "topic"]) < 2 {
        let scopes = listed(&SCOPES);
        return options.refuse(script, &format!("Option [delete-offsets] takes the following options: {scopes}"));
    }
    if options.has("reset-offsets") {
        if options.count(&["dry-run", "execute"]) == 2 {
            return options.refuse(script, "Option [reset-offsets] only accepts one of [execute] and [dry-run]");
        }
        if options.count(&["dry-run", "execute"]) == 0 {
            script.err(
                "WARN: No action will be performed as the --execute option is missing.In a future major release, the \
                 default behavior of this command will be to prompt the user before executing the reset rather than \
                 doing a dry run. You should add the --dry-run option explicitly if you are scripting this command \
                 and want to keep the current default behavior without prompting.",
            );
        }
        if !scoped {
            let scopes = listed(&SCOPES);
            return options.refuse(script, &format!("Option [reset-offsets] takes one of these options: {scopes}"));
        }
        for scenario in [
            "to-offset",
            "to-datetime",
            "by-duration",
            "to-earliest",
            "to-latest",
            "to-current",
            "shift-by",
            "from-file",
        ] {
            let others: Vec<&str> = SCENARIOS.into_iter().filter(|other| *other != scenario).collect();
            options.invalid(script, scenario, &hash_map::options(&others))?;
        }
    }
    options.invalid(script, "group", &["all-groups"])?;
    options.invalid(script, "group", &["list"])?;
    options.invalid(script, "topic", &hash_map::options(&["list", "describe"]))
}

fn act(options: &Options, script: &mut Script<'_>) -> Flow<()> {
    script.timeout_ms = Some(options.number("timeout")?.unwrap_or(TIMEOUT_MS));
    if options.has("list") {
        list(options, script)
    } else if options.has("describe") {
        describe::describe(options, script)
    } else if options.has("delete") {
        delete(options, script)
    } else if options.has("reset-offsets") {
        reset::reset(options, script)
    } else {
        delete_offsets(options, script)
    }
}

/// `printError`
fn print_error(script: &mut Script<'_>, message: &str) {
    script.say(&format!("\nError: {message}"));
}

/// A checked exception becomes a `RuntimeException`.
fn unchecked<T>(outcome: Flow<T>) -> Flow<T> {
    outcome.map_err(|stop| match stop {
        Stop::Thrown(thrown) => Thrown::wrapped("java.lang.RuntimeException", *thrown).into(),
        other => other,
    })
}

fn listings(script: &mut Script<'_>) -> Flow<Vec<GroupListing>> {
    let AdminAnswer::Groups(mut groups) = script.get(AdminOp::ListGroups)? else { return Ok(Vec::new()) };
    hash_map::order_by(&mut groups, 16, |group| hash_map::JavaHash::hash_code(&group.group));
    Ok(groups)
}

/// `--group`…, or with `--all-groups` those that there are; each once.
fn group_ids(options: &Options, script: &mut Script<'_>) -> Flow<Vec<Name>> {
    let mut ids: Vec<Name> = Vec::new();
    if options.has("all-groups") {
        let listed = listings(script);
        ids.extend(unchecked(listed)?.into_iter().map(|listing| listing.group));
    } else {
        for id in options.values("group") {
            if !ids.iter().any(|known| **known == *id) {
                ids.push(id.as_str().into());
            }
        }
    }
    hash_map::order(&mut ids);
    Ok(ids)
}

/// Those of the names that a list with commas gives, or what is no such name.
fn named(text: &str, names: &[&'static str]) -> Option<Vec<&'static str>> {
    text.split(',').map(|word| names.iter().copied().find(|name| name.eq_ignore_ascii_case(word.trim()))).collect()
}

fn list(options: &Options, script: &mut Script<'_>) -> Flow<()> {
    let (with_type, with_state) = (options.has("type"), options.has("state"));
    if !with_type && !with_state {
        let listed = listings(script);
        for listing in unchecked(listed)? {
            script.say(&listing.group);
        }
        return Ok(());
    }
    let wanted = |option: &str, names: &[&'static str], what: &str, are: &str| -> Flow<Option<Vec<&'static str>>> {
        let Some(text) = options.value(option)?.filter(|text| !text.is_empty()) else { return Ok(None) };
        match named(&text, names) {
            Some(names) => Ok(Some(names)),
            None => {
                let message = format!("Invalid {what} list '{text}'. Valid {are} are: {}", names.join(", "));
                Err(Thrown::argument(message).into())
            }
        }
    };
    let types = wanted("type", &TYPES, "types", "types")?;
    let states = wanted("state", &STATES, "state", "states")?;
    let mut groups = listings(script)?;
    groups.retain(|group| states.as_ref().is_none_or(|states| states.iter().any(|state| *state == &*group.state)));
    groups.retain(|_| types.as_ref().is_none_or(|types| types.contains(&"Classic")));
    let width = groups.iter().map(|group| group.group.chars().count().max(15)).max().unwrap_or(15) + 10;
    let mut row = |group: &str, kind: &str, state: &str| {
        let mut line = format!("{group:<width$}");
        for text in [kind, state].into_iter().zip([with_type, with_state]).filter_map(|(text, is)| is.then_some(text)) {
            line.push_str(&format!(" {text:<20}"));
        }
        script.say(&line);
    };
    row("GROUP", "TYPE", "STATE");
    for group in &groups {
        row(&group.group, "Classic", &group.state);
    }
    Ok(())
}

fn delete(options: &Options, script: &mut Script<'_>) -> Flow<()> {
    let groups = group_ids(options, script)?;
    let answers = script.ask_all(groups.iter().map(|group| AdminOp::DeleteGroup { group: group.clone() }).collect())?;
    let (mut done, mut failed) = (Vec::new(), Vec::new());
    for (group, answer) in groups.iter().zip(answers) {
        match answer {
            Ok(_) => done.push(group.to_string()),
            Err(error) => failed.push((group, Thrown::execution(Thrown::of_admin(&error)))),
        }
    }
    if failed.is_empty() {
        script.say(&format!("Deletion of requested consumer groups ('{}') was successful.", done.join(", ")));
        return Ok(());
    }
    print_error(script, "Deletion of some consumer groups failed:");
    for (group, thrown) in failed {
        script.say(&format!("* Group '{group}' could not be deleted due to: {}", thrown.text()));
    }
    if !done.is_empty() {
        script.say(&format!("\nThese consumer groups were deleted successfully: '{}', '", done.join("'")));
    }
    Ok(())
}

/// `TOPIC:0,1`
fn with_partitions(arg: &str) -> Flow<Vec<TopicPartition>> {
    let parts: Vec<&str> = arg.split(':').collect();
    let [topic, partitions] = parts.as_slice() else { return Err(no_topic(arg)) };
    if partitions.is_empty() {
        return Err(no_topic(arg));
    }
    let partition = |text: &str| match text.parse() {
        Ok(partition) => Ok(TopicPartition::new(*topic, partition)),
        Err(_) => Err(Thrown::argument(format!("Invalid partition '{text}' specified in topic arg '{arg}''")).into()),
    };
    partitions.split(',').map(partition).collect()
}

fn no_topic(arg: &str) -> Stop {
    Thrown::argument(format!("Invalid topic arg '{arg}', expected topic name and partitions")).into()
}

fn delete_offsets(options: &Options, script: &mut Script<'_>) -> Flow<()> {
    let group = Name::from(options.value("group")?.unwrap_or_default());
    let topics = options.values("topic");
    let mut partitions: Vec<TopicPartition> = Vec::new();
    for arg in topics.iter().filter(|topic| topic.contains(':')) {
        partitions.extend(with_partitions(arg)?);
    }
    let mut whole: Vec<Name> =
        topics.iter().filter(|topic| !topic.contains(':')).map(|topic| topic.as_str().into()).collect();
    whole.order();
    whole.dedup();
    let described =
        script.ask_all(whole.iter().map(|topic| AdminOp::DescribeTopic { topic: topic.clone() }).collect())?;
    // Partition -1 stands for a topic that is not there.
    let mut results: Vec<(TopicPartition, Option<Thrown>)> = Vec::new();
    for (topic, answer) in whole.iter().zip(described) {
        match answer {
            Ok(AdminAnswer::Topic(described)) => {
                let ids = described.partitions.iter().map(|partition| partition.partition);
                partitions.extend(ids.map(|id| TopicPartition::new(topic.clone(), id)));
            }
            Ok(_) => {}
            Err(error) => results
                .push((TopicPartition::new(topic.clone(), -1), Some(Thrown::execution(Thrown::of_admin(&error))))),
        }
    }
    partitions.order();
    partitions.dedup();
    hash_map::order(&mut partitions);
    let answer = script.ask(AdminOp::DeleteOffsets { group: group.clone(), partitions: partitions.clone() })?;
    let top = match answer {
        Ok(AdminAnswer::Partitions(codes)) => {
            let code_of = |tp: &TopicPartition| {
                codes.iter().find(|(known, ..)| known == tp).map_or(ErrorCode::None, |(_, code, _)| *code)
            };
            let thrown =
                |tp: &TopicPartition| Some(Thrown::of_code(code_of(tp), "")).filter(|_| code_of(tp) != ErrorCode::None);
            results.extend(partitions.iter().map(|tp| (tp.clone(), thrown(tp).map(Thrown::execution))));
            partitions.iter().map(code_of).find(|code| *code != ErrorCode::None).unwrap_or(ErrorCode::None)
        }
        Ok(_) => ErrorCode::None,
        Err(error) => {
            let thrown = Thrown::execution(Thrown::of_admin(&error));
            results.extend(partitions.iter().map(|tp| (tp.clone(), Some(thrown.clone()))));
            ErrorCode::by_name(&error.name).unwrap_or(ErrorCode::UnknownServerError)
        }
    };
    match top {
        ErrorCode::None => {
            let topics = topics.join(", ");
            script.say(&format!("Request succeed for deleting offsets with topic {topics} group {group}"));
        }
        ErrorCode::InvalidGroupId => print_error(script, &format!("'{group}' is not valid.")),
        ErrorCode::GroupIdNotFound => print_error(script, &format!("'{group}' does not exist.")),
        ErrorCode::NonEmptyGroup => {
            let message =
                format!("Deleting offsets of a consumer group '{group}' is forbidden if the group is not empty.");
            print_error(script, &message);
        }
        ErrorCode::GroupSubscribedToTopic | ErrorCode::UnknownTopicOrPartition => {
            print_error(script, "Encounter some partition level error, see the follow-up details:");
        }
        code => print_error(script, &format!("Encounter some unknown error: {}", code.name())),
    }
    script.print(&format!("\n{:<30} {:<15} {:<15}", "TOPIC", "PARTITION", "STATUS"));
    results.order_by_key(|(tp, _)| format!("{}{}", tp.topic, tp.partition));
    for (tp, thrown) in results {
        let partition = if tp.partition >= 0 { tp.partition.to_string() } else { "Not Provided".to_owned() };
        let status = thrown.map_or_else(|| "Successful".to_owned(), |thrown| format!("Error: :{}", thrown.message));
        script.print(&format!("{:<30} {partition:<15} {status:<15}", &*tp.topic));
    }
    Ok(())
}

/// `describeConsumerGroups`: the groups with their coordinators.
fn described(script: &mut Script<'_>, groups: &[Name]) -> Flow<Vec<(DescribedGroup, BrokerId)>> {
    let ops = groups.iter().map(|group| AdminOp::DescribeGroup { group: group.clone() });
    let answers = script.get_all(ops.collect())?.into_iter();
    let group = |answer| match answer {
        AdminAnswer::Group { group, coordinator } => Some((group, coordinator)),
        _ => None,
    };
    Ok(answers.filter_map(group).collect())
}

/// `getCommittedOffsets`
fn committed(script: &mut Script<'_>, group: &Name) -> Flow<Vec<(TopicPartition, i64)>> {
    let answer = script.get(AdminOp::GroupOffsets { group: group.clone() });
    let AdminAnswer::Offsets(offsets) = unchecked(answer)? else { return Ok(Vec::new()) };
    let mut offsets: Vec<(TopicPartition, i64)> =
        offsets.into_iter().map(|(tp, position)| (tp, position.offset)).collect();
    // As the coordinator answers: out of its map, by topic.
    let mut map: Vec<TopicPartition> = offsets.iter().map(|(tp, _)| tp.clone()).collect();
    scala_map_order(&mut map, partition_hash);
    let place = |is: &dyn Fn(&TopicPartition) -> bool| map.iter().position(is);
    offsets.order_by_key(|(tp, _)| (place(&|other| other.topic == tp.topic), place(&|other| other == tp)));
    hash_map::order_by(&mut offsets, 16, |(tp, _)| hash_map::JavaHash::hash_code(tp));
    Ok(offsets)
}

/// `getLogOffsets`, in the order of its map; -1 where there is none for that time.
fn log_offsets(
    script: &mut Script<'_>,
    partitions: &[TopicPartition],
    at: OffsetSpec,
) -> Flow<Vec<(TopicPartition, i64)>> {
    let answers = script.get_all(partitions.iter().map(|tp| AdminOp::ListOffsets { tp: tp.clone(), at }).collect());
    let mut offsets = Vec::new();
    for (tp, answer) in partitions.iter().zip(unchecked(answers)?) {
        if let AdminAnswer::Offset { offset, .. } = answer {
            offsets.push((tp.clone(), offset));
        }
    }
    hash_map::order_by(&mut offsets, 16, |(tp, _)| hash_map::JavaHash::hash_code(tp));
    Ok(offsets)
}
