//! Values inside of commands: nodes, durations, numbers, replica assignments, lists of configs.

use super::CommandError;
use super::NodeRef;
use super::lexer::Word;
use super::options::{Options, refuse};
use crate::ids::{BrokerId, Name, NodeId, TopicPartition};
use crate::time::SimDuration;

/// Words that may stand before a node's name: `kill broker 102`, `pause zookeeper 1`.
pub(super) const KINDS: [&str; 6] = ["broker", "zookeeper", "producer", "consumer", "client", "node"];

/// A day of simulated time: nobody waits longer, and a slip of the finger must not run for ever.
const SPAN_MAX: SimDuration = SimDuration::from_ms(86_400_000);

fn node_of(text: &str) -> NodeId {
    if let Ok(id) = text.parse::<BrokerId>() {
        return NodeId::Broker(id);
    }
    match text.strip_prefix("zk").and_then(|id| id.parse::<u8>().ok()) {
        Some(id) => NodeId::ZooKeeper(id),
        None => NodeId::Client(text.into()),
    }
}

fn role(text: &str, name: &str) -> Option<String> {
    let inner = text.strip_prefix(name)?.strip_prefix('(')?.strip_suffix(')')?;
    Some(inner.to_owned())
}

fn node_ref(kind: Option<&str>, word: &Word) -> Result<NodeRef, CommandError> {
    let text = word.text.as_str();
    if let (Some("zookeeper"), Ok(id)) = (kind, text.parse::<u8>()) {
        return Ok(NodeRef::Node(NodeId::ZooKeeper(id)));
    }
    if text == "controller" {
        return Ok(NodeRef::Controller);
    }
    if let Some(inner) = role(text, "leader") {
        return match TopicPartition::parse(&inner) {
            Some(tp) => Ok(NodeRef::LeaderOf(tp)),
            None => refuse(text, "leader(TOPIC-PARTITION) is expected, such as leader(orders-0)"),
        };
    }
    if let Some(group) = role(text, "coordinator") {
        return Ok(NodeRef::CoordinatorOf(group.into()));
    }
    if text.is_empty() {
        return refuse("''", "a node is expected: a broker's id, zk1, a client's name, controller or leader(TOPIC-0)");
    }
    Ok(NodeRef::Node(node_of(text)))
}

/// The next words as a node, with or without its kind before it.
pub(super) fn node(options: &mut Options) -> Result<NodeRef, CommandError> {
    let word = options.word("a node (a broker's id, zk1, a client's name, controller, leader(TOPIC-0))")?;
    let kind = KINDS.iter().find(|kind| !word.quoted && word.text == **kind);
    match kind {
        // A client may be called so; then nothing follows.
        Some(kind) if options.words_left() > 0 => {
            let word = options.word("a node")?;
            node_ref(Some(kind), &word)
        }
        _ => node_ref(None, &word),
    }
}

/// `5s`, `120ms`, `1.5s`, `2m`, `7us`.
pub(super) fn span(text: &str) -> Result<SimDuration, CommandError> {
    let expected = || CommandError {
        place: text.into(),
        message: "a duration with its unit is expected, such as 5s, 120ms or 1.5m (a day at most)".into(),
    };
    let unit_at = text.find(|c: char| c.is_ascii_alphabetic()).ok_or_else(expected)?;
    let (number, unit) = text.split_at(unit_at);
    let unit_us: u64 = match unit {
        "us" => 1,
        "ms" => 1000,
        "s" => 1_000_000,
        "m" | "min" => 60_000_000,
        "h" => 3_600_000_000,
        _ => return Err(expected()),
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || whole.len() > 15 || fraction.len() > 9 || !digits(whole) || !digits(fraction) {
        return Err(expected());
    }
    let mut us = whole.parse::<u64>().ok().and_then(|whole| whole.checked_mul(unit_us)).ok_or_else(expected)?;
    let mut part_us = unit_us;
    for digit in fraction.bytes() {
        part_us /= 10;
        us = us.saturating_add(part_us * u64::from(digit - b'0'));
    }
    let span = SimDuration::from_us(us);
    if span > SPAN_MAX { Err(expected()) } else { Ok(span) }
}

/// A number; Kafka's words if it is none.
pub(super) fn number<T: std::str::FromStr>(option: &str, text: &str) -> Result<T, CommandError> {
    match text.parse() {
        Ok(number) => Ok(number),
        Err(_) => refuse(format!("--{option}"), format!("Cannot parse argument '{text}' of option {option}")),
    }
}

/// `101:102,102:103` (`TopicCommand.parseReplicaAssignment`).
pub(super) fn assignment(text: &str) -> Result<Vec<Vec<BrokerId>>, CommandError> {
    const PLACE: &str = "--replica-assignment";
    let mut partitions: Vec<Vec<BrokerId>> = Vec::new();
    for part in text.split(',') {
        let mut replicas: Vec<BrokerId> = Vec::new();
        for id in part.split(':') {
            let Ok(id) = id.trim().parse() else {
                return refuse(PLACE, format!("broker ids such as 101:102,102:103 are expected, found {part}"));
            };
            if replicas.contains(&id) {
                return refuse(PLACE, format!("Partition replica lists may not contain duplicate entries: {id}"));
            }
            replicas.push(id);
        }
        if partitions.first().is_some_and(|first| first.len() != replicas.len()) {
            return refuse(
                PLACE,
                format!("Partition {} has different replication factor: {replicas:?}", partitions.len()),
            );
        }
        partitions.push(replicas);
    }
    Ok(partitions)
}

/// `K=V` of `--config`.
pub(super) fn config(place: &str, text: &str) -> Result<(Name, Name), CommandError> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.into(), value.into())),
        _ => refuse(
            place,
            "requirement failed: Invalid topic config: all configs to be added must be in the format \"key=val\".",
        ),
    }
}

/// The inverse of [`list`] for one item: brackets keep a comma, a backslash keeps a bracket.
pub(super) fn list_item(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        if matches!(c, '[' | ']' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    if text.contains(',') { format!("[{out}]") } else { out }
}

/// Divides at commas that stand in no brackets (`ConfigCommand.parseConfigsToBeAdded`).
pub(super) fn list(text: &str) -> Vec<String> {
    let mut items = vec![String::new()];
    let mut bracketed = false;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '[' => bracketed = true,
            ']' => bracketed = false,
            ',' if !bracketed => items.push(String::new()),
            c => {
                let c = if c == '\\' { chars.next().unwrap_or(c) } else { c };
                if let Some(item) = items.last_mut() {
                    item.push(c);
                }
            }
        }
    }
    items
}
