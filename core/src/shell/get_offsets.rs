//! `kafka-get-offsets.sh` (`GetOffsetShell`). Leaves out tiered storage: `earliest-local` is the log start,
//! `latest-tiered` is unknown.

use super::filter::include_list;
use super::options::Options;
use super::script::{Flow, Script, Stop};
use super::thrown::Thrown;
use crate::admin::{AdminAnswer, AdminOp, OffsetSpec};
use crate::beside::{Beside, beside};
use crate::collections::Order;
use crate::consumer::Pattern;
use crate::ids::TopicPartition;

pub(super) const USAGE: Beside = beside!("shell/usage/kafka-get-offsets.txt");
/// `TerseException`: its message is all that is printed.
const TERSE: &str = "TerseException";

pub(super) fn main(script: &mut Script<'_>) -> Flow<()> {
    match run(script) {
        Err(Stop::Thrown(thrown)) => {
            script.err(&format!("Error occurred: {}", thrown.message));
            if thrown.class != TERSE {
                script.err(&thrown.trace());
            }
            Err(Stop::Exit(1))
        }
        other => other,
    }
}

fn terse<T>(message: impl Into<String>) -> Flow<T> {
    Err(Thrown::new(TERSE, message).into())
}

fn run(script: &mut Script<'_>) -> Flow<()> {
    let options = Options::parse(USAGE.text(), script.words()).or_else(|thrown| terse(thrown.message))?;
    if options.count(&["bootstrap-server", "broker-list", "help", "version"]) == 0 && !script.words().is_empty() {
        return terse("Missing required option(s) [bootstrap-server]");
    }
    options.help_or_version(script)?;
    options.valid_port(script)?;
    if options.has("topic-partitions") && options.count(&["topic", "partitions"]) > 0 {
        return terse("--topic-partitions cannot be used with --topic or --partitions");
    }
    let at = offset_spec(&options.value("time")?.unwrap_or_else(|| "latest".into()))?;
    let filter = filter(&options)?;
    let topics = match script.get(AdminOp::ListTopics)? {
        AdminAnswer::Topics(topics) => topics,
        _ => Vec::new(),
    };
    let exclude = options.has("exclude-internal-topics");
    let wanted = topics.into_iter().filter(|topic| !(exclude && topic.starts_with("__")));
    let wanted = wanted.filter(|topic| filter.iter().any(|rule| rule.topic.matches(topic)));
    let described = script.get_all(wanted.map(|topic| AdminOp::DescribeTopic { topic }).collect())?;
    let mut partitions = Vec::new();
    for answer in described {
        let AdminAnswer::Topic(topic) = answer else { continue };
        for partition in &topic.partitions {
            if filter.iter().any(|rule| rule.topic.matches(&topic.topic) && rule.holds(partition.partition)) {
                partitions.push(TopicPartition::new(topic.topic.clone(), partition.partition));
            }
        }
    }
    if partitions.is_empty() {
        return terse("Could not match any topic-partitions with the specified filters");
    }
    partitions.order_by_key(ToString::to_string);
    let Some(at) = at else { return Ok(()) };
    let asked = partitions.iter().map(|tp| AdminOp::ListOffsets { tp: tp.clone(), at });
    let answers = script.ask_all(asked.collect())?;
    let mut found = Vec::new();
    for (tp, answer) in partitions.iter().zip(answers) {
        match answer {
            Ok(AdminAnswer::Offset { offset, .. }) if offset >= 0 => {
                found.push(format!("{}:{}:{offset}", tp.topic, tp.partition));
            }
            Ok(_) => {}
            Err(error) => {
                let error = Thrown::execution(Thrown::of_admin(&error)).message;
                script.err(&format!("Skip getting offsets for topic-partition {tp} due to error: {error}"));
            }
        }
    }
    for line in found {
        script.say(&line);
    }
    Ok(())
}

fn offset_spec(text: &str) -> Flow<Option<OffsetSpec>> {
    Ok(Some(match text {
        "earliest" | "-2" | "earliest-local" | "-4" => OffsetSpec::Earliest,
        "latest" | "-1" => OffsetSpec::Latest,
        "max-timestamp" | "-3" => OffsetSpec::MaxTimestamp,
        "latest-tiered" | "-5" => return Ok(None),
        _ => match text.parse() {
            Ok(timestamp_ms) => OffsetSpec::ForTimestamp(timestamp_ms),
            Err(_) => {
                return terse(format!(
                    "Malformed time argument {text}. Please use -1 or latest / -2 or earliest / -3 or max-timestamp / \
                     -4 or earliest-local / -5 or latest-tiered, or a specified long format timestamp"
                ));
            }
        },
    }))
}

/// Topics by a pattern, and which of their partitions.
struct Rule {
    topic: Pattern,
    /// None for all.
    listed: Option<Vec<i32>>,
    /// The first one, and behind the last.
    range: (i32, i32),
}

impl Rule {
    fn holds(&self, partition: i32) -> bool {
        let listed = self.listed.as_ref().is_none_or(|listed| listed.contains(&partition));
        listed && (self.range.0..self.range.1).contains(&partition)
    }
}

fn filter(options: &Options) -> Flow<Vec<Rule>> {
    if let Some(rules) = options.value("topic-partitions")? {
        return rules.split(',').map(rule).collect();
    }
    let topic = include_list(&options.value("topic")?.unwrap_or_else(|| ".*".into()))?;
    let listed = match options.value("partitions")?.filter(|text| !text.is_empty()) {
        None => None,
        Some(text) => match text.split(',').map(|id| id.parse().ok()).collect::<Option<Vec<i32>>>() {
            Some(ids) => Some(ids),
            None => {
                let message = "--partitions expects a comma separated list of numeric partition ids, but received: ";
                return terse(format!("{message}{text}"));
            }
        },
    };
    Ok(vec![Rule { topic, listed, range: (0, i32::MAX) }])
}

/// `topic`, `topic:1`, `topic:0-3` (its end is not included), `topic:5-`, `topic:-3`
fn rule(text: &str) -> Flow<Rule> {
    let (topic, partitions) = text.split_once(':').unwrap_or((text, ""));
    let topic = include_list(if topic.is_empty() { ".*" } else { topic })?;
    let invalid = || {
        let cause = Thrown::new("org.apache.kafka.tools.TerseException", format!("Invalid rule specification: {text}"));
        Stop::from(Thrown::wrapped("java.lang.RuntimeException", cause))
    };
    let bound = |text: &str, other: i32| if text.is_empty() { Some(other) } else { text.parse().ok() };
    let range = match partitions.split_once('-') {
        Some((from, to)) => bound(from, 0).zip(bound(to, i32::MAX)),
        None if partitions.is_empty() => Some((0, i32::MAX)),
        None => partitions.parse::<i32>().ok().map(|one| (one, one.saturating_add(1))),
    };
    Ok(Rule { topic, listed: None, range: range.ok_or_else(invalid)? })
}
