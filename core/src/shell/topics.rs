//! `kafka-topics.sh` (`TopicCommand`). Leaves out `--command-config`.

use super::address::NO_CLIENT;
use super::hash_map;
use super::options::Options;
use super::script::{Flow, Script, Stop};
use super::thrown::Thrown;
use crate::admin::{AdminAnswer, AdminOp, ConfigEntry, Reassignment};
use crate::beside::{Beside, beside};
use crate::collections::Order;
use crate::command::PARTITIONS_MAX;
use crate::config::{ConfigKind, ConfigSource};
use crate::ids::{BrokerId, Name};
use crate::protocol::ErrorCode;
use crate::protocol::admin::{ConfigResource, CreatableTopic};
use crate::protocol::metadata::{PartitionMetadata, TopicMetadata};

pub(super) const USAGE: Beside = beside!("shell/usage/kafka-topics.txt");
const REPORTS: [&str; 4] =
    ["under-replicated-partitions", "under-min-isr-partitions", "at-min-isr-partitions", "unavailable-partitions"];

pub(super) fn main(script: &mut Script<'_>) -> Flow<()> {
    let checked = checked(script);
    let options = script.reported(checked)?;
    let client = script.reaches(NO_CLIENT);
    script.reported(client)?;
    match act(&options, script) {
        Err(Stop::Thrown(thrown)) => {
            let message = if thrown.class.ends_with(".ExecutionException") { thrown.root() } else { *thrown }.message;
            script.say(&format!("Error while executing topic command : {message}"));
            Err(Stop::Exit(1))
        }
        other => other,
    }
}

fn checked(script: &mut Script<'_>) -> Flow<Options> {
    let options = Options::parse(USAGE.text(), script.words())?;
    check(&options, script)?;
    Ok(options)
}

fn check(options: &Options, script: &mut Script<'_>) -> Flow<()> {
    options.help_or_version(script)?;
    if options.count(&["create", "list", "alter", "describe", "delete"]) != 1 {
        let message = "Command must include exactly one action: --list, --describe, --create, --alter or --delete";
        return options.refuse(script, message);
    }
    if !options.has("bootstrap-server") {
        return Err(Thrown::argument("--bootstrap-server must be specified").into());
    }
    if options.has("describe") && options.has("if-exists") {
        match options.count(&["topic", "topic-id"]) {
            0 => return options.refuse(script, "--topic or --topic-id is required to describe a topic"),
            1 => {}
            _ => script.say(
                "Only topic id will be used when both --topic and --topic-id are specified and topicId is not \
                 Uuid.ZERO_UUID",
            ),
        }
    }
    if !options.has("list") && !options.has("describe") {
        options.required(script, &["topic"])?;
    }
    if options.has("alter") {
        if options.has("config") {
            let message = "Option combination \"[[bootstrap-server], [config]]\" can't be used with option \"[alter]\" \
                           (the kafka-configs CLI supports altering topic configs with a --bootstrap-server option)";
            return options.refuse(script, message);
        }
        options.required(script, &["partitions"])?;
    }
    check_combinations(options, script)
}

/// Which option belongs to which actions.
fn check_combinations(options: &Options, script: &mut Script<'_>) -> Flow<()> {
    const NOT_CREATE: &[&str] = &["alter", "delete", "describe", "list"];
    const NOT_CHANGE: &[&str] = &["delete", "describe", "list"];
    const NOT_DESCRIBE: &[&str] = &["alter", "create", "delete", "list"];
    options.invalid(script, "config", NOT_CHANGE)?;
    options.invalid(script, "delete-config", &["bootstrap-server", "create", "delete", "describe", "list"])?;
    options.invalid(script, "partitions", NOT_CHANGE)?;
    options.invalid(script, "replication-factor", NOT_CREATE)?;
    options.invalid(script, "replica-assignment", NOT_CHANGE)?;
    if options.has("create") {
        options.invalid(script, "replica-assignment", &["partitions", "replication-factor"])?;
    }
    for report in REPORTS {
        options.invalid(script, report, NOT_DESCRIBE)?;
        options.invalid(script, report, &["topics-with-overrides"])?;
    }
    options.invalid(script, "topics-with-overrides", NOT_DESCRIBE)?;
    options.invalid(script, "if-exists", &["create", "list"])?;
    options.invalid(script, "if-not-exists", NOT_CREATE)?;
    options.invalid(script, "exclude-internal", &["alter", "create", "delete"])
}

fn act(options: &Options, script: &mut Script<'_>) -> Flow<()> {
    if options.has("create") {
        create(options, script)
    } else if options.has("alter") {
        alter(options, script)
    } else if options.has("list") {
        let topics = matching(options, script)?;
        script.say(&topics.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"));
        Ok(())
    } else if options.has("describe") {
        describe(options, script)
    } else {
        let topics = existing(options, script)?;
        script.get_all(topics.into_iter().map(|topic| AdminOp::DeleteTopic { topic }).collect()).map(drop)
    }
}

/// `--replica-assignment 101:102,102:103`
fn assignment(options: &Options) -> Flow<Option<Vec<Vec<BrokerId>>>> {
    let Some(text) = options.value("replica-assignment")?.filter(|text| !text.is_empty()) else { return Ok(None) };
    let mut all: Vec<Vec<BrokerId>> = Vec::new();
    for (index, one) in text.split(',').enumerate() {
        let mut replicas = Vec::new();
        for word in one.split(':').map(str::trim) {
            let wrong = || Thrown::new("java.lang.NumberFormatException", format!("For input string: \"{word}\""));
            replicas.push(word.parse().map_err(|_| wrong())?);
        }
        let twice: Vec<String> = hash_map::duplicates(&replicas).iter().map(ToString::to_string).collect();
        if !twice.is_empty() {
            let message = format!("Partition replica lists may not contain duplicate entries: {}", twice.join(","));
            return Err(Thrown::command_failed(message).into());
        }
        if all.first().is_some_and(|first| first.len() != replicas.len()) {
            let listed: Vec<String> = replicas.iter().map(ToString::to_string).collect();
            let message = format!("Partition {index} has different replication factor: [{}]", listed.join(", "));
            return Err(Thrown::operation(message).into());
        }
        all.push(replicas);
    }
    Ok(Some(all))
}

/// `--config K=V`…, checked as a broker would.
fn configs(options: &Options) -> Flow<Vec<(Name, Name)>> {
    let mut pairs: Vec<(Name, Name)> = Vec::new();
    for text in options.values("config") {
        let mut parts = text.split('=').map(str::trim);
        match (parts.next(), parts.next().filter(|value| !value.is_empty()), parts.next()) {
            (Some(key), Some(value), None) => {
                pairs.retain(|(known, _)| &**known != key);
                pairs.push((key.into(), value.into()));
            }
            _ => {
                let message = "requirement failed: Invalid topic config: all configs to be added must be in the format \
                               \"key=val\".";
                return Err(Thrown::argument(message).into());
            }
        }
    }
    let wrong = |message| Thrown::new("org.apache.kafka.common.errors.InvalidConfigurationException", message);
    // `LogConfig.validate` looks at all names before any value.
    let (known, unknown): (Vec<_>, Vec<_>) = pairs.iter().partition(|(key, _)| ConfigKind::Topic.find(key).is_some());
    for (key, value) in unknown.into_iter().chain(known) {
        ConfigKind::Topic.check(key, value).map_err(|error| wrong(error.message))?;
    }
    Ok(pairs)
}

fn create(options: &Options, script: &mut Script<'_>) -> Flow<()> {
    let topic = Name::from(options.value("topic")?.unwrap_or_default());
    let partitions: Option<i32> = options.number("partitions")?;
    let factor: Option<i32> = options.number("replication-factor")?;
    let by_hand = assignment(options)?;
    let configs = configs(options)?;
    if topic.contains(['.', '_']) {
        script.say(
            "WARNING: Due to limitations in metric names, topics with a period ('.') or underscore ('_') could \
             collide. To avoid issues it is best to use either, but not both.",
        );
    }
    let factor = match factor.map(i16::try_from) {
        Some(Ok(factor)) if factor < 1 => None,
        Some(Ok(factor)) => Some(factor),
        Some(Err(_)) => None,
        None => Some(-1),
    };
    let Some(replication_factor) = factor else {
        return Err(Thrown::argument("The replication factor must be between 1 and 32767 inclusive").into());
    };
    if partitions.is_some_and(|count| count < 1) {
        return Err(Thrown::argument("The partitions must be greater than 0").into());
    }
    // Simplified: more partitions than these are refused here, Kafka tries.
    if partitions.is_some_and(|count| count > PARTITIONS_MAX) {
        let message = format!("this playground holds {PARTITIONS_MAX} partitions of a topic at most");
        return Err(Thrown::argument(message).into());
    }
    let wanted = CreatableTopic {
        topic: topic.clone(),
        num_partitions: if by_hand.is_some() { -1 } else { partitions.unwrap_or(-1) },
        replication_factor,
        assignments: by_hand.unwrap_or_default(),
        configs,
    };
    match script.get(AdminOp::CreateTopic(wanted)) {
        Ok(_) => script.say(&format!("Created topic {topic}.")),
        Err(Stop::Thrown(thrown)) => {
            let cause = thrown.root();
            if !cause.is(ErrorCode::TopicAlreadyExists) || !options.has("if-not-exists") {
                return Err(cause.into());
            }
        }
        Err(other) => return Err(other),
    }
    Ok(())
}

fn is_internal(topic: &str) -> bool {
    matches!(topic, "__consumer_offsets" | "__transaction_state")
}

/// `getTopics`: those whose whole name matches `--topic`, by name.
fn matching(options: &Options, script: &mut Script<'_>) -> Flow<Vec<Name>> {
    let AdminAnswer::Topics(mut topics) = script.get(AdminOp::ListTopics)? else { return Ok(Vec::new()) };
    let exclude = options.has("exclude-internal");
    topics.retain(|topic| !(exclude && is_internal(topic)));
    topics.order();
    if let Some(wanted) = options.value("topic")? {
        let filter = super::filter::include_list(&wanted)?;
        topics.retain(|topic| filter.matches(topic));
    }
    Ok(topics)
}

/// The same, and there must be one if one was named.
fn existing(options: &Options, script: &mut Script<'_>) -> Flow<Vec<Name>> {
    let topics = matching(options, script)?;
    match options.value("topic")? {
        Some(wanted) if topics.is_empty() && !wanted.is_empty() && !options.has("if-exists") => {
            let message = format!("Topic 'Optional[{wanted}]' does not exist as expected");
            Err(Thrown::argument(message).into())
        }
        _ => Ok(topics),
    }
}

fn alter(options: &Options, script: &mut Script<'_>) -> Flow<()> {
    let total = options.number("partitions")?.unwrap_or(0);
    let by_hand = assignment(options)?;
    let topics = existing(options, script)?;
    let described = described(script, &topics)?;
    let changes = described.into_iter().map(|topic| AdminOp::CreatePartitions {
        topic: topic.topic,
        total,
        assignment: by_hand.as_ref().map(|all| all.iter().skip(topic.partitions.len()).cloned().collect()),
    });
    script.get_all(changes.collect()).map(drop)
}

fn described(script: &mut Script<'_>, topics: &[Name]) -> Flow<Vec<TopicMetadata>> {
    let ops = topics.iter().map(|topic| AdminOp::DescribeTopic { topic: topic.clone() });
    let answers = script.get_all(ops.collect())?.into_iter();
    Ok(answers.filter_map(|answer| if let AdminAnswer::Topic(topic) = answer { Some(topic) } else { None }).collect())
}

fn describe(options: &Options, script: &mut Script<'_>) -> Flow<()> {
    let by_id = options.value("topic-id")?;
    let mut topics = match &by_id {
        None => {
            let names = existing(options, script)?;
            described(script, &names)?
        }
        Some(id) => {
            check_uuid(id)?;
            let AdminAnswer::Topics(names) = script.get(AdminOp::ListTopics)? else { return Ok(()) };
            let mut all = described(script, &names)?;
            all.retain(|topic| topic.topic_id.to_string() == *id);
            if all.is_empty() && !options.has("if-exists") {
                return Err(Thrown::argument(format!("TopicId '{id}' does not exist as expected")).into());
            }
            all
        }
    };
    let capacity = topics.len();
    hash_map::order_by(&mut topics, capacity, |topic| hash_map::JavaHash::hash_code(&topic.topic));
    let asked = topics.iter().map(|topic| ConfigResource::Topic(topic.topic.clone()));
    let configs = script.get_all(asked.map(|resource| AdminOp::DescribeConfigs { resource }).collect())?;
    let live = match script.get(AdminOp::DescribeCluster)? {
        AdminAnswer::Cluster(cluster) => cluster.brokers,
        _ => Vec::new(),
    };
    let moves = match script.get(AdminOp::ListReassignments)? {
        AdminAnswer::Reassignments(moves) => moves,
        _ => Vec::new(),
    };
    for (topic, configs) in topics.iter().zip(configs) {
        let AdminAnswer::Configs(configs) = configs else { continue };
        describe_topic(options, script, topic, &configs, &live, &moves);
    }
    Ok(())
}

/// `Uuid.fromString`
fn check_uuid(text: &str) -> Flow<()> {
    const LONGEST: usize = 24;
    if text.len() > LONGEST {
        let prefix: String = text.chars().take(LONGEST).collect();
        let message = format!("Input string with prefix `{prefix}` is too long to be decoded as a base64 UUID");
        return Err(Thrown::argument(message).into());
    }
    let bytes = text.trim_end_matches('=').len() * 3 / 4;
    if bytes != 16 {
        let message = format!(
            "Input string `{text}` decoded as {bytes} bytes, which is not equal to the expected 16 bytes of a \
             base64-encoded UUID"
        );
        return Err(Thrown::argument(message).into());
    }
    Ok(())
}

fn describe_topic(
    options: &Options,
    script: &mut Script<'_>,
    topic: &TopicMetadata,
    configs: &[ConfigEntry],
    live: &[BrokerId],
    moves: &[Reassignment],
) {
    let min_isr = configs.iter().find(|entry| &*entry.name == "min.insync.replicas");
    let min_isr = min_isr.and_then(|entry| entry.value.parse::<usize>().ok()).unwrap_or(1);
    let only_overrides = options.has("topics-with-overrides");
    let whole = options.count(&REPORTS) == 0;
    let mut partitions = topic.partitions.clone();
    partitions.order_by_key(|partition| partition.partition);
    let move_of = |partition: &PartitionMetadata| {
        moves.iter().find(|m| m.tp.topic == topic.topic && m.tp.partition == partition.partition)
    };
    if whole {
        let mut entries: Vec<&ConfigEntry> = configs.iter().collect();
        hash_map::order_by(&mut entries, 16, |entry| hash_map::JavaHash::hash_code(&entry.name));
        entries.retain(|entry| entry.source != ConfigSource::Default);
        if only_overrides && entries.is_empty() {
            return;
        }
        let text: Vec<String> = entries.iter().map(|entry| format!("{}={}", entry.name, entry.value)).collect();
        let factor = partitions.first().map_or(0, |first| replication_factor(first, move_of(first)));
        script.say(&format!(
            "Topic: {}\tTopicId: {}\tPartitionCount: {}\tReplicationFactor: {factor}\tConfigs: {}",
            topic.topic,
            topic.topic_id,
            partitions.len(),
            text.join(",")
        ));
    }
    if only_overrides {
        return;
    }
    for partition in &partitions {
        let led = partition.leader_id >= 0;
        let shown = |report: &str| match report {
            "under-replicated-partitions" => replication_factor(partition, move_of(partition)) > partition.isr.len(),
            "under-min-isr-partitions" => !led || partition.isr.len() < min_isr,
            "at-min-isr-partitions" => partition.isr.len() == min_isr,
            _ => !led || !live.contains(&partition.leader_id),
        };
        if whole || REPORTS.iter().any(|report| options.has(report) && shown(report)) {
            describe_partition(script, &topic.topic, partition, move_of(partition));
        }
    }
}

/// Without the replicas that only come, as long as any comes or goes.
fn replication_factor(partition: &PartitionMetadata, reassignment: Option<&Reassignment>) -> usize {
    match reassignment {
        Some(m) if partition.replicas.iter().any(|id| m.adding.contains(id) || m.removing.contains(id)) => {
            m.replicas.len() - m.adding.len()
        }
        _ => partition.replicas.len(),
    }
}

fn ids(ids: &[BrokerId]) -> String {
    ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

fn describe_partition(script: &mut Script<'_>, topic: &str, partition: &PartitionMetadata, m: Option<&Reassignment>) {
    let leader = if partition.leader_id >= 0 { partition.leader_id.to_string() } else { "none".into() };
    let changing = m.map_or_else(String::new, |m| {
        format!("\tAdding Replicas: {}\tRemoving Replicas: {}", ids(&m.adding), ids(&m.removing))
    });
    script.say(&format!(
        "\tTopic: {topic}\tPartition: {}\tLeader: {leader}\tReplicas: {}\tIsr: {}{changing}\tElr: N/A\tLastKnownElr: N/A",
        partition.partition,
        ids(&partition.replicas),
        ids(&partition.isr),
    ));
}
