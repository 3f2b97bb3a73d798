//! The JSON files of `kafka-reassign-partitions.sh`: which partitions go where, and which topics to spread.

use super::joined;
use crate::collections::Order;
use crate::ids::{BrokerId, Name, TopicPartition};
use crate::json::Json;
use crate::shell::hash_map;
use crate::shell::script::Flow;
use crate::shell::thrown::Thrown;
use crate::shell::{json_partition, unmapped};

/// What a file says.
pub(super) struct Plan {
    /// Partitions with their replicas to be, as listed.
    pub targets: Vec<(TopicPartition, Vec<BrokerId>)>,
    /// Which broker is to hold a replica in which directory (`log_dirs`, where it is not `any`).
    pub dirs: Vec<(TopicPartition, BrokerId, String)>,
}

fn version_one(json: &Json) -> Flow<()> {
    let version = json.get("version").map_or(Some(1), Json::number).unwrap_or(-1);
    if version == 1 {
        return Ok(());
    }
    Err(Thrown::operation(format!("Not supported version field value {version}")).into())
}

/// `{"version":1,"partitions":[{"topic":"t","partition":0,"replicas":[101,102]}]}`
///
/// Simplified: what Jackson says of a file that begins with a word is said, of other mistakes only that there is one.
pub(super) fn reassignment(text: &str) -> Flow<Plan> {
    let json = Json::parse(text).ok_or_else(|| {
        let Some(message) = unrecognized(text) else {
            return Thrown::operation("The input string is not a valid JSON");
        };
        let mut thrown = Thrown::operation(message.clone());
        thrown.cause = Some(Box::new(Thrown::new("com.fasterxml.jackson.core.JsonParseException", message)));
        thrown
    })?;
    version_one(&json)?;
    let (mut targets, mut all_dirs) = (Vec::new(), Vec::new());
    for item in json.get("partitions").map(Json::items).unwrap_or_default() {
        let tp = json_partition(item)?;
        let replicas = item.get("replicas").ok_or_else(|| unmapped("replicas"))?.items();
        let replicas = replicas.iter().map(Json::int).collect::<Option<Vec<i32>>>();
        let replicas = replicas.ok_or_else(|| unmapped("replicas"))?;
        if let Some(dirs) = item.get("log_dirs").map(Json::items) {
            let texts: Vec<&str> = dirs.iter().filter_map(Json::text).collect();
            if dirs.len() != replicas.len() {
                let (replicas, dirs) = (joined(&replicas, ", "), texts.join(", "));
                return Err(Thrown::command_failed(format!(
                    "Size of replicas list [{replicas}] is different from size of log dirs list [{dirs}] for partition {tp}"
                ))
                .into());
            }
            let named = replicas.iter().zip(texts).filter(|(_, dir)| *dir != "any");
            all_dirs.extend(named.map(|(id, dir)| (tp.clone(), *id, dir.to_owned())));
        }
        targets.push((tp, replicas));
    }
    Ok(Plan { targets, dirs: all_dirs })
}

/// What Jackson says of the word that a text begins with, if it does.
fn unrecognized(text: &str) -> Option<String> {
    let start = text.len() - text.trim_ascii_start().len();
    let (before, rest) = text.split_at(start);
    let length = rest.bytes().take_while(|byte| byte.is_ascii_alphanumeric()).count();
    let word = rest.get(..length).filter(|word| !word.is_empty())?;
    let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
    let column = start - before.rfind('\n').map_or(0, |at| at + 1) + length + 1;
    Some(format!(
        "Unrecognized token '{word}': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')\n \
         at [Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: {line}, column: {column}]"
    ))
}

/// `{"version":1,"topics":[{"topic":"t"}]}`
pub(super) fn topics(text: &str) -> Flow<Vec<Name>> {
    let json = Json::parse(text).ok_or_else(|| Thrown::operation("The input string is not a valid JSON"))?;
    version_one(&json)?;
    let topics = json.get("topics").map(Json::items).unwrap_or_default();
    topics
        .iter()
        .map(|item| Ok(item.get("topic").and_then(Json::text).ok_or_else(|| unmapped("topic"))?.into()))
        .collect()
}

/// `formatAsReassignmentJson`
pub(super) fn to_json(assignment: &[(TopicPartition, Vec<BrokerId>)]) -> String {
    let partition = |(tp, replicas): &(TopicPartition, Vec<BrokerId>)| {
        let dirs = vec!["\"any\""; replicas.len()].join(",");
        let (topic, partition, replicas) = (&tp.topic, tp.partition, joined(replicas, ","));
        format!("{{\"topic\":\"{topic}\",\"partition\":{partition},\"replicas\":[{replicas}],\"log_dirs\":[{dirs}]}}")
    };
    let partitions: Vec<String> = assignment.iter().map(partition).collect();
    format!("{{\"version\":1,\"partitions\":[{}]}}", partitions.join(","))
}

impl Plan {
    /// `parseExecuteAssignmentArgs`: what cannot be carried out.
    pub fn check(&self) -> Flow<()> {
        let failed = |message: String| Err(Thrown::command_failed(message).into());
        if self.targets.is_empty() {
            return failed("Partition reassignment list cannot be empty".to_owned());
        }
        if self.targets.iter().any(|(_, replicas)| replicas.is_empty()) {
            return failed("Partition replica list cannot be empty".to_owned());
        }
        let listed: Vec<TopicPartition> = self.targets.iter().map(|(tp, _)| tp.clone()).collect();
        let twice = hash_map::duplicates(&listed);
        if !twice.is_empty() {
            let twice = joined(&twice, ",");
            return failed(format!("Partition reassignment contains duplicate topic partitions: {twice}"));
        }
        let doubled: Vec<String> = self
            .targets
            .iter()
            .map(|(tp, replicas)| (tp, hash_map::duplicates(replicas)))
            .filter(|(_, twice)| !twice.is_empty())
            .map(|(tp, twice)| format!("{tp} contains multiple entries for {}", joined(&twice, ",")))
            .collect();
        if !doubled.is_empty() {
            let doubled = doubled.join(". ");
            return failed(format!("Partition replica lists may not contain duplicate entries: {doubled}"));
        }
        Ok(())
    }

    /// Its partitions, each once, sorted.
    pub fn partitions(&self) -> Vec<TopicPartition> {
        let mut partitions: Vec<TopicPartition> = self.targets.iter().map(|(tp, _)| tp.clone()).collect();
        partitions.order();
        partitions.dedup();
        partitions
    }

    /// Its topics, each once, in the order of a `HashSet`.
    pub fn topics(&self) -> Vec<Name> {
        let mut topics: Vec<Name> = self.targets.iter().map(|(tp, _)| tp.topic.clone()).collect();
        topics.order();
        topics.dedup();
        hash_map::order(&mut topics);
        topics
    }

    /// Where a partition goes; of several entries the last holds.
    pub fn target(&self, tp: &TopicPartition) -> Option<&[BrokerId]> {
        self.targets.iter().rev().find(|(known, _)| known == tp).map(|(_, replicas)| replicas.as_slice())
    }
}
