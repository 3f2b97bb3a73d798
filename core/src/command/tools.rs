//! Lines of Kafka's own tools that change something: here kafka-topics.sh, kafka-configs.sh,
//! kafka-leader-election.sh (`TopicCommand`, `ConfigCommand`, `LeaderElectionCommand`). What they
//! refuse, they refuse in the tools' words. Leaves out what only looks: the page and the terminal
//! show that.

use super::lexer::Word;
use super::options::{Options, refuse};
use super::parse::topic_configs;
use super::values::{assignment, list, number};
use super::{Command, CommandError, delete_records_tool, group_tool, reassign_tool};
use crate::ids::{Name, TopicPartition};
use crate::protocol::admin::ConfigResource;

/// More than this is a slip of the finger, and too much for a page.
pub const PARTITIONS_MAX: i32 = 10_000;

/// The line of a tool, if `verb` is one.
pub(super) fn parse(verb: &str, words: &[Word]) -> Option<Result<Command, CommandError>> {
    match verb {
        "kafka-topics.sh" => Some(topics(words)),
        "kafka-configs.sh" => Some(configs(words)),
        "kafka-delete-records.sh" => Some(delete_records_tool::parse(words)),
        "kafka-leader-election.sh" => Some(leader_election(words)),
        "kafka-transactions.sh" => Some(super::transaction::tool(words)),
        "kafka-reassign-partitions.sh" => Some(reassign_tool::parse(words)),
        "kafka-consumer-groups.sh" => Some(group_tool::parse(words)),
        _ => None,
    }
}

/// The cluster is the only one there is: where it listens is said in vain.
pub(super) fn ignore_address(options: &mut Options) {
    for name in ["bootstrap-server", "command-config", "admin.config"] {
        options.all(name);
    }
}

fn topics(words: &[Word]) -> Result<Command, CommandError> {
    const ACTIONS: [&str; 5] = ["list", "describe", "create", "alter", "delete"];
    const TOOL: &str = "kafka-topics.sh";
    let mut options = Options::read(TOOL, words, &ACTIONS)?;
    ignore_address(&mut options);
    let actions: Vec<&str> = ACTIONS.into_iter().filter(|action| options.flag(action)).collect();
    let [action] = actions[..] else {
        let message = "Command must include exactly one action: --list, --describe, --create, --alter or --delete";
        return refuse(TOOL, message);
    };
    if matches!(action, "list" | "describe") {
        return refuse(format!("--{action}"), "only looks and changes nothing, so it is no command of the journal");
    }
    let topic = Name::from(options.required("topic")?);
    let command = match action {
        "create" => create(&mut options, topic)?,
        "alter" => alter(&mut options, topic)?,
        _ => Command::DeleteTopic { topic },
    };
    options.finish()?;
    Ok(command)
}

fn create(options: &mut Options, topic: Name) -> Result<Command, CommandError> {
    for other in ["partitions", "replication-factor"] {
        if options.has("replica-assignment") && options.has(other) {
            let message = format!("Option \"[replica-assignment]\" can't be used with option \"[{other}]\"");
            return refuse("--replica-assignment", message);
        }
    }
    let partitions = options.one("partitions")?.map(|text| number::<i32>("partitions", &text)).transpose()?;
    if partitions.is_some_and(|count| count <= 0) {
        return refuse("--partitions", "The partitions must be greater than 0");
    }
    if partitions.is_some_and(|count| count > PARTITIONS_MAX) {
        return refuse("--partitions", format!("this playground holds {PARTITIONS_MAX} partitions of a topic at most"));
    }
    let factor =
        options.one("replication-factor")?.map(|text| number::<i64>("replication-factor", &text)).transpose()?;
    let factor = match factor.map(i16::try_from) {
        None => None,
        Some(Ok(factor)) if factor >= 1 => Some(factor),
        Some(_) => {
            return refuse("--replication-factor", "The replication factor must be between 1 and 32767 inclusive");
        }
    };
    let by_hand = options.one("replica-assignment")?.map(|text| assignment(&text)).transpose()?;
    let configs = topic_configs(options)?;
    Ok(Command::CreateTopic { topic, partitions, replication_factor: factor, assignment: by_hand, configs })
}

fn alter(options: &mut Options, topic: Name) -> Result<Command, CommandError> {
    if options.has("config") || options.has("delete-config") {
        return refuse(
            "--config",
            "Option combination \"[bootstrap-server],[config]\" can't be used with option \"[alter]\"",
        );
    }
    let partitions: i32 = number("partitions", &options.required("partitions")?)?;
    if partitions > PARTITIONS_MAX {
        return refuse("--partitions", format!("this playground holds {PARTITIONS_MAX} partitions of a topic at most"));
    }
    let by_hand = options.one("replica-assignment")?.map(|text| assignment(&text)).transpose()?;
    Ok(Command::AddPartitions { topic, partitions, assignment: by_hand })
}

fn configs(words: &[Word]) -> Result<Command, CommandError> {
    const TOOL: &str = "kafka-configs.sh";
    let mut options = Options::read(TOOL, words, &["alter", "describe", "all", "entity-default", "broker-defaults"])?;
    ignore_address(&mut options);
    if options.flag("describe") {
        return refuse("--describe", "only looks and changes nothing, so it is no command of the journal");
    }
    if !options.flag("alter") {
        return refuse(TOOL, "Command must include exactly one action: --describe, --alter");
    }
    let resource = entity(&mut options)?;
    let mut changes: Vec<(Name, Option<Name>)> = Vec::new();
    if let Some(added) = options.one("add-config")? {
        for item in list(&added) {
            let Some((name, value)) = item.split_once('=').filter(|(name, _)| !name.is_empty()) else {
                let message = "requirement failed: Invalid entity config: all configs to be added must be in the format \"key=val\".";
                return refuse("--add-config", message);
            };
            changes.push((name.into(), Some(value.into())));
        }
    }
    if let Some(deleted) = options.one("delete-config")? {
        changes.extend(list(&deleted).into_iter().map(|name| (name.into(), None)));
    }
    if changes.is_empty() {
        let message =
            "At least one of --add-config, --add-config-file, or --delete-config must be specified with --alter";
        return refuse(TOOL, message);
    }
    options.finish()?;
    Ok(Command::AlterConfig { resource, changes })
}

fn entity(options: &mut Options) -> Result<ConfigResource, CommandError> {
    let default = options.flag("entity-default") | options.flag("broker-defaults");
    let (topic, broker) = (options.one("topic")?, options.one("broker")?);
    if default {
        let kind = options.one("entity-type")?;
        if topic.is_none() && broker.is_none() && matches!(kind.as_deref(), None | Some("brokers")) {
            return Ok(ConfigResource::BrokerDefault);
        }
        return refuse("--entity-default", "only brokers have defaults here: --entity-type brokers --entity-default");
    }
    let (kind, name) = match (options.one("entity-type")?, topic, broker) {
        (None, Some(topic), None) => ("topics".to_owned(), Some(topic)),
        (None, None, Some(broker)) => ("brokers".to_owned(), Some(broker)),
        (Some(kind), None, None) => (kind, options.one("entity-name")?),
        (None, None, None) => return refuse("kafka-configs.sh", "At least one entity type must be specified"),
        _ => {
            return refuse(
                "--entity-type",
                "one entity is expected: --entity-type with --entity-name, --topic or --broker",
            );
        }
    };
    let Some(name) = name else {
        return refuse("--entity-type", "an entity name must be specified with --alter of topics and brokers");
    };
    match kind.as_str() {
        "topics" => Ok(ConfigResource::Topic(name.into())),
        "brokers" => match name.parse() {
            Ok(id) => Ok(ConfigResource::Broker(id)),
            Err(_) => refuse(
                "--entity-name",
                format!("The entity name for brokers must be a valid integer broker id, but it is: {name}"),
            ),
        },
        _ => refuse(
            "--entity-type",
            format!(
                "Invalid entity type {kind}, the entity type must be one of topics, clients, users, brokers, ips, \
                 broker-loggers, client-metrics with a --bootstrap-server or --bootstrap-controller argument"
            ),
        ),
    }
}

fn leader_election(words: &[Word]) -> Result<Command, CommandError> {
    const TOOL: &str = "kafka-leader-election.sh";
    let mut options = Options::read(TOOL, words, &["all-topic-partitions"])?;
    ignore_address(&mut options);
    let unclean = match options.one("election-type")?.map(|kind| kind.to_ascii_lowercase()).as_deref() {
        Some("preferred") => false,
        Some("unclean") => true,
        Some(_) => return refuse("--election-type", "preferred or unclean is expected"),
        None => return refuse(TOOL, "Missing required option(s): election-type"),
    };
    if options.has("path-to-json-file") {
        let message = "there are no files here: --topic with --partition, or --all-topic-partitions is expected";
        return refuse("--path-to-json-file", message);
    }
    let (all, topic) = (options.flag("all-topic-partitions"), options.one("topic")?);
    let topic = match (all, topic) {
        (true, None) => {
            options.finish()?;
            return Ok(Command::ElectLeader { unclean, tp: None });
        }
        (false, Some(topic)) => topic,
        _ => {
            let message = "One and only one of the following options is required: topic, all-topic-partitions, \
                           path-to-json-file";
            return refuse(TOOL, message);
        }
    };
    let Some(partition) = options.one("partition")? else {
        return refuse(TOOL, "Missing required option(s): partition");
    };
    let tp = TopicPartition::new(topic, number("partition", &partition)?);
    options.finish()?;
    Ok(Command::ElectLeader { unclean, tp: Some(tp) })
}
