//! `kafka-reassign-partitions.sh` (`ReassignPartitionsCommand`). Leaves out `--command-config`.
//!
//! Simplified: a broker has one log directory; a plan does not look at racks.

mod plan;
mod throttle;

use super::hash_map;
use super::options::Options;
use super::script::{Flow, Script, Stop};
use super::thrown::Thrown;
use crate::admin::{AdminAnswer, AdminOp, Reassignment};
use crate::beside::{Beside, beside};
use crate::collections::Order;
use crate::controller::placement::{PlaceableBroker, PlacementStart, assign_replicas};
use crate::ids::{BrokerId, Name, TopicPartition};
use crate::protocol::ErrorCode;
use crate::protocol::metadata::TopicMetadata;
use plan::Plan;

pub(super) const USAGE: Beside = beside!("shell/usage/kafka-reassign-partitions.txt");
const ACTIONS: [&str; 5] = ["generate", "execute", "verify", "cancel", "list"];
/// `TerseException`: its message is all that is printed.
const TERSE: &str = "org.apache.kafka.tools.TerseException";

pub(super) fn main(script: &mut Script<'_>) -> Flow<()> {
    let options = Options::parse(USAGE.text(), script.words())?;
    let action = check(&options, script)?;
    match act(action, &options, script) {
        Err(Stop::Thrown(thrown)) => {
            if thrown.class == TERSE {
                script.say(&thrown.message);
            } else {
                script.say(&format!("Error: {}", thrown.message));
                script.say(&thrown.trace());
            }
            Err(Stop::Exit(1))
        }
        other => other,
    }
}

/// What an action needs, and what may stand beside it.
fn arguments(action: &str) -> (&'static [&'static str], &'static [&'static str]) {
    match action {
        "verify" => (&["reassignment-json-file"], &["preserve-throttles"]),
        "generate" => (&["topics-to-move-json-file", "broker-list"], &["disable-rack-aware"]),
        "execute" => {
            (&["reassignment-json-file"], &["additional", "throttle", "replica-alter-log-dirs-throttle", "timeout"])
        }
        "cancel" => (&["reassignment-json-file"], &["preserve-throttles", "timeout"]),
        _ => (&[], &[]),
    }
}

fn check(options: &Options, script: &mut Script<'_>) -> Flow<&'static str> {
    options.help_or_version(script)?;
    let given: Vec<&'static str> = ACTIONS.into_iter().filter(|action| options.has(action)).collect();
    let [action] = given.as_slice() else {
        let all: Vec<String> = ACTIONS.iter().map(|action| format!("--{action}")).collect();
        return options.refuse(script, &format!("Command must include exactly one action: {}", all.join(", ")));
    };
    if !options.has("bootstrap-server") {
        return options.refuse(script, "Please specify --bootstrap-server");
    }
    let (required, permitted) = arguments(action);
    options.required(script, required)?;
    let is_allowed = |name: &str| {
        name == *action
            || ["bootstrap-server", "command-config"].contains(&name)
            || required.contains(&name)
            || permitted.contains(&name)
    };
    if let Some(other) = options.names().find(|name| !is_allowed(name)) {
        let message = format!("Option \"[{other}]\" can't be used with action \"[{action}]\"");
        return options.refuse(script, &message);
    }
    Ok(action)
}

fn act(action: &str, options: &Options, script: &mut Script<'_>) -> Flow<()> {
    match action {
        "generate" => return generate(options, script),
        "list" => return list(script),
        _ => {}
    }
    let text = script.file(&options.value("reassignment-json-file")?.unwrap_or_default())?;
    // Numbers are read behind the file, and before what stands in it.
    let limits = throttle::limits(options)?;
    options.number::<i64>("timeout")?;
    let plan = plan::reassignment(&text)?;
    match action {
        "verify" => verify(options, script, &plan),
        "execute" => execute(options, script, plan, limits),
        _ => cancel(options, script, &plan),
    }
}

fn joined<T: ToString>(items: &[T], separator: &str) -> String {
    items.iter().map(ToString::to_string).collect::<Vec<_>>().join(separator)
}

fn terse<T>(message: impl Into<String>) -> Flow<T> {
    Err(Thrown::new(TERSE, message).into())
}

/// Moves under way, by partition.
fn under_way(script: &mut Script<'_>) -> Flow<Vec<Reassignment>> {
    match script.get(AdminOp::ListReassignments)? {
        AdminAnswer::Reassignments(moves) => Ok(moves),
        _ => Ok(Vec::new()),
    }
}

fn live_brokers(script: &mut Script<'_>) -> Flow<Vec<BrokerId>> {
    match script.get(AdminOp::DescribeCluster)? {
        AdminAnswer::Cluster(cluster) => Ok(cluster.brokers),
        _ => Ok(Vec::new()),
    }
}

fn list(script: &mut Script<'_>) -> Flow<()> {
    let moves = under_way(script)?;
    if moves.is_empty() {
        script.say("No partition reassignments found.");
        return Ok(());
    }
    script.say("Current partition reassignments:");
    for Reassignment { tp, replicas, adding, removing } in &moves {
        let part = |what: &str, ids: &[BrokerId]| {
            if ids.is_empty() { String::new() } else { format!(" {what}: {}.", joined(ids, ",")) }
        };
        let (adding, removing) = (part("adding", adding), part("removing", removing));
        script.say(&format!("{tp}: replicas: {}.{adding}{removing}", joined(replicas, ",")));
    }
    Ok(())
}

/// `describeTopics` of the plan's topics; an error for one that is not there.
fn topics_of(script: &mut Script<'_>, mut topics: Vec<Name>) -> Flow<Vec<Result<TopicMetadata, (Name, Thrown)>>> {
    topics.order();
    topics.dedup();
    hash_map::order(&mut topics);
    let answers =
        script.ask_all(topics.iter().map(|topic| AdminOp::DescribeTopic { topic: topic.clone() }).collect())?;
    let described = topics.into_iter().zip(answers).filter_map(|(topic, answer)| match answer {
        Ok(AdminAnswer::Topic(described)) => Some(Ok(described)),
        Ok(_) => None,
        Err(error) => Some(Err((topic, Thrown::of_admin(&error)))),
    });
    Ok(described.collect())
}

/// The replicas of all partitions of these topics, by partition.
fn replicas_of(script: &mut Script<'_>, topics: Vec<Name>) -> Flow<Vec<(TopicPartition, Vec<BrokerId>)>> {
    let mut all = Vec::new();
    for described in topics_of(script, topics)? {
        match described {
            Ok(topic) => all.extend(
                topic
                    .partitions
                    .into_iter()
                    .map(|p| (TopicPartition::new(topic.topic.clone(), p.partition), p.replicas)),
            ),
            Err((topic, thrown)) if thrown.is(ErrorCode::UnknownTopicOrPartition) => {
                let cause = Thrown::of_code(ErrorCode::UnknownTopicOrPartition, &format!("Topic {topic} not found."));
                return Err(Thrown::execution(cause).into());
            }
            Err((_, thrown)) => return Err(Thrown::execution(thrown).into()),
        }
    }
    all.order_by(|a, b| a.0.cmp(&b.0));
    Ok(all)
}

fn generate(options: &Options, script: &mut Script<'_>) -> Flow<()> {
    let text = script.file(&options.value("topics-to-move-json-file")?.unwrap_or_default())?;
    let listed = options.value("broker-list")?.unwrap_or_default();
    let mut brokers: Vec<BrokerId> = Vec::new();
    for word in listed.split(',') {
        let wrong = || Thrown::new("java.lang.NumberFormatException", format!("For input string: \"{word}\""));
        brokers.push(word.parse().map_err(|_| wrong())?);
    }
    let twice = hash_map::duplicates(&brokers);
    if !twice.is_empty() {
        let message = format!("Broker list contains duplicate entries: [{}]", joined(&twice, ", "));
        return Err(Thrown::command_failed(message).into());
    }
    let topics = plan::topics(&text)?;
    let twice = hash_map::duplicates(&topics);
    if !twice.is_empty() {
        let message = format!("List of topics to reassign contains duplicate entries: [{}]", joined(&twice, ", "));
        return Err(Thrown::command_failed(message).into());
    }
    let current = replicas_of(script, topics)?;
    let mut live = live_brokers(script)?;
    live.retain(|id| brokers.contains(id));
    let mut by_topic: Vec<(Name, Vec<&Vec<BrokerId>>)> = Vec::new();
    for (tp, replicas) in &current {
        match by_topic.last_mut().filter(|(topic, _)| *topic == tp.topic) {
            Some((_, partitions)) => partitions.push(replicas),
            None => by_topic.push((tp.topic.clone(), vec![replicas])),
        }
    }
    let mut proposed = Vec::new();
    for (topic, partitions) in by_topic {
        let factor = partitions.first().map_or(0, |replicas| replicas.len());
        let brokers: Vec<PlaceableBroker> = live.iter().map(|id| PlaceableBroker { id: *id, rack: None }).collect();
        let count = u64::try_from(brokers.len()).unwrap_or(0);
        let (start_index, replica_shift) = (script.random(count)?, script.random(count)?);
        let start = PlacementStart { start_index, replica_shift, first_partition: 0 };
        let partitions = i32::try_from(partitions.len()).unwrap_or(i32::MAX);
        let spread = assign_replicas(&brokers, partitions, i32::try_from(factor).unwrap_or(i32::MAX), start);
        let spread = spread.map_err(|(code, message)| Thrown::of_code(code, &message))?;
        proposed.extend(
            spread.into_iter().map(|(partition, replicas)| (TopicPartition::new(topic.clone(), partition), replicas)),
        );
    }
    script.say(&format!("Current partition replica assignment\n{}\n", plan::to_json(&current)));
    script.say(&format!("Proposed partition reassignment configuration\n{}", plan::to_json(&proposed)));
    Ok(())
}

fn execute(options: &Options, script: &mut Script<'_>, plan: Plan, limits: [i64; 2]) -> Flow<()> {
    plan.check()?;
    let moves = under_way(script)?;
    if !options.has("additional") && !moves.is_empty() {
        return terse(
            "Cannot execute because there is an existing partition assignment.  Use --additional to override this and \
             create a new partition assignment in addition to the existing one. The --additional flag can also be used \
             to change the throttle by resubmitting the current reassignment.",
        );
    }
    let live = live_brokers(script)?;
    let mut wanted: Vec<BrokerId> = plan.targets.iter().flat_map(|(_, replicas)| replicas.iter().copied()).collect();
    wanted.order();
    wanted.dedup();
    hash_map::order(&mut wanted);
    if let Some(id) = wanted.iter().find(|id| !live.contains(id)) {
        return Err(Thrown::command_failed(format!("Unknown broker id {id}")).into());
    }
    let mut current = replicas_of(script, plan.topics())?;
    current.retain(|(tp, _)| plan.target(tp).is_some());
    let mut missing: Vec<TopicPartition> = plan.partitions();
    missing.retain(|tp| !current.iter().any(|(known, _)| known == tp));
    if !missing.is_empty() {
        hash_map::order(&mut missing);
        let message = format!("Unable to find partition: {}", joined(&missing, ", "));
        return Err(Thrown::execution(Thrown::of_code(ErrorCode::UnknownTopicOrPartition, &message)).into());
    }
    script.say(&format!(
        "Current partition replica assignment\n\n{}\n\nSave this to use as the --reassignment-json-file option during \
         rollback",
        plan::to_json(&current)
    ));
    throttle::set(limits, script, &moves, &plan, &current)?;
    let wanted: Vec<_> = plan.targets.iter().map(|(tp, replicas)| (tp.clone(), Some(replicas.clone()))).collect();
    let failed = altered(script, wanted)?;
    if !failed.is_empty() {
        return terse(format!("Error reassigning partition(s):\n{}", failed.join("\n")));
    }
    let partitions = plan.partitions();
    let plural = if partitions.len() == 1 { "" } else { "s" };
    script.say(&format!("Successfully started partition reassignment{plural} for {}", joined(&partitions, ",")));
    move_between_dirs(script, &plan)
}

/// `executeMoves`. A broker has one directory here, in which the replica is or will be.
fn move_between_dirs(script: &mut Script<'_>, plan: &Plan) -> Flow<()> {
    let mut moved = Vec::new();
    for (tp, broker, wanted) in &plan.dirs {
        let answer = script.get(AdminOp::DescribeLogDirs { broker: *broker })?;
        let replica = format!("{tp}-{broker}");
        if !matches!(answer, AdminAnswer::LogDirs(dirs) if dirs.iter().any(|dir| *dir.path == **wanted)) {
            let mut failed = Thrown::command_failed(format!("Failed to alter dir for {replica}"));
            let cause = "The user-specified log directory is not found in the broker config.";
            let cause = Thrown::new("org.apache.kafka.common.errors.LogDirNotFoundException", cause);
            failed.cause = Some(Box::new(Thrown::execution(cause)));
            return Err(failed.into());
        }
        moved.push(replica);
    }
    if !moved.is_empty() {
        let plural = if moved.len() == 1 { "" } else { "s" };
        script.say(&format!("Successfully started log directory move{plural} for: {}", moved.join(",")));
    }
    Ok(())
}

/// `alterPartitionReassignments`: what failed, a line for each partition.
fn altered(script: &mut Script<'_>, moves: Vec<(TopicPartition, Option<Vec<BrokerId>>)>) -> Flow<Vec<String>> {
    let mut partitions: Vec<TopicPartition> = moves.iter().map(|(tp, _)| tp.clone()).collect();
    partitions.order();
    let answer = script.ask(AdminOp::Each(Box::new(AdminOp::Reassign { moves })))?;
    Ok(match answer {
        Ok(AdminAnswer::Partitions(mut results)) => {
            results.retain(|(_, code, _)| *code != ErrorCode::None);
            results.order_by(|a, b| a.0.cmp(&b.0));
            let line = |(tp, code, message): &(TopicPartition, ErrorCode, String)| {
                format!("{tp}: {}", Thrown::of_code(*code, message).message)
            };
            results.iter().map(line).collect()
        }
        Ok(_) => Vec::new(),
        Err(error) => partitions.iter().map(|tp| format!("{tp}: {}", error.message)).collect(),
    })
}

fn verify(options: &Options, script: &mut Script<'_>, plan: &Plan) -> Flow<()> {
    let moves = under_way(script)?;
    let is_moving = |tp: &TopicPartition| moves.iter().any(|m| m.tp == *tp);
    let topics = plan.targets.iter().filter(|(tp, _)| !is_moving(tp)).map(|(tp, _)| tp.topic.clone()).collect();
    let described = topics_of(script, topics)?;
    let mut lines = vec!["Status of partition reassignment:".to_owned()];
    for tp in &plan.partitions() {
        if is_moving(tp) {
            lines.push(format!("Reassignment of partition {tp} is still in progress."));
            continue;
        }
        let mut current: &[BrokerId] = &[];
        for topic in &described {
            match topic {
                Ok(topic) if topic.topic == tp.topic => {
                    let found = topic.partitions.iter().find(|p| p.partition == tp.partition);
                    current = found.map_or(&[], |partition| &partition.replicas);
                }
                Err((topic, thrown)) if *topic == tp.topic && !thrown.is(ErrorCode::UnknownTopicOrPartition) => {
                    return Err(Thrown::execution(thrown.clone()).into());
                }
                _ => {}
            }
        }
        let target = plan.target(tp).unwrap_or_default();
        lines.push(if current == target {
            format!("Reassignment of partition {tp} is completed.")
        } else {
            let (current, target) = (joined(current, ","), joined(target, ","));
            format!(
                "There is no active reassignment of partition {tp}, but replica set is {current} rather than {target}."
            )
        });
    }
    script.say(&lines.join("\n"));
    script.say("");
    if moves.is_empty() && !options.has("preserve-throttles") {
        throttle::clear(script, plan)?;
    }
    Ok(())
}

fn cancel(options: &Options, script: &mut Script<'_>, plan: &Plan) -> Flow<()> {
    let moves = under_way(script)?;
    // A move that only adds replicas is left alone, as Kafka's tool leaves it.
    let can_cancel = |m: &&Reassignment| m.adding.is_empty() || !m.removing.is_empty();
    let chosen = moves.iter().filter(|m| plan.target(&m.tp).is_some()).filter(can_cancel);
    let partitions: Vec<TopicPartition> = chosen.map(|m| m.tp.clone()).collect();
    if partitions.is_empty() {
        script.say("None of the specified partition reassignments are active.");
    } else {
        let plural = if partitions.len() == 1 { "" } else { "s" };
        let failed = altered(script, partitions.iter().map(|tp| (tp.clone(), None)).collect())?;
        if !failed.is_empty() {
            let plural = if failed.len() == 1 { "" } else { "s" };
            return terse(format!("Error cancelling partition reassignment{plural} for:\n{}", failed.join("\n")));
        }
        script.say(&format!("Successfully cancelled partition reassignment{plural} for: {}", joined(&partitions, ",")));
    }
    script.print("None of the specified partition moves are active.");
    if !options.has("preserve-throttles") {
        throttle::clear(script, plan)?;
    }
    Ok(())
}
