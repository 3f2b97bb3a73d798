//! `kafka-log-dirs.sh` (`LogDirsCommand`). Leaves out `--command-config` and replicas that move between directories.

use super::hash_map::{self, JavaHash};
use super::options::Options;
use super::script::{Flow, Script, Stop};
use super::thrown::Thrown;
use crate::admin::{AdminAnswer, AdminOp};
use crate::beside::{Beside, beside};
use crate::ids::{BrokerId, Name, TopicPartition};
use crate::protocol::ErrorCode;
use crate::protocol::admin::LogDirDescription;

pub(super) const USAGE: Beside = beside!("shell/usage/kafka-log-dirs.txt");

pub(super) fn main(script: &mut Script<'_>) -> Flow<()> {
    let outcome = run(script);
    script.reported(outcome)
}

/// The parts of a list with commas, each once, in the order of a `HashSet`.
fn set<T: JavaHash + PartialEq>(text: &str, read: impl Fn(&str) -> Result<T, Thrown>) -> Result<Vec<T>, Thrown> {
    let mut parts: Vec<T> = Vec::new();
    for part in text.split(',').filter(|part| !part.is_empty()) {
        let part = read(part)?;
        if !parts.contains(&part) {
            parts.push(part);
        }
    }
    hash_map::order(&mut parts);
    Ok(parts)
}

fn listed(ids: &[BrokerId]) -> String {
    ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

fn run(script: &mut Script<'_>) -> Flow<()> {
    let options = Options::parse(USAGE.text(), script.words())?;
    options.help_or_version(script)?;
    options.required(script, &["bootstrap-server", "describe"])?;
    let topics = set(&options.value("topic-list")?.unwrap_or_default(), |word| Ok(Name::from(word)))?;
    let mut live = match script.get(AdminOp::DescribeCluster)? {
        AdminAnswer::Cluster(cluster) => cluster.brokers,
        _ => Vec::new(),
    };
    hash_map::order(&mut live);
    let number = |word: &str| -> Result<BrokerId, Thrown> {
        word.parse()
            .map_err(|_| Thrown::new("java.lang.NumberFormatException", format!("For input string: \"{word}\"")))
    };
    let wanted = set(&options.value("broker-list")?.unwrap_or_default(), number)?;
    let unknown: Vec<BrokerId> = wanted.iter().copied().filter(|id| !live.contains(id)).collect();
    if !unknown.is_empty() {
        let (unknown, live) = (listed(&unknown), listed(&live));
        script.err(&format!(
            "ERROR: The given brokers do not exist from --broker-list: {unknown}. Current existent brokers: {live}"
        ));
        return Err(Stop::Exit(1));
    }
    let brokers = if wanted.is_empty() { live } else { wanted };
    script.say("Querying brokers for log directories information");
    let asked = brokers.iter().map(|broker| AdminOp::DescribeLogDirs { broker: *broker });
    let answers = script.get_all(asked.collect())?;
    script.say(&format!("Received log directory information from brokers {}", listed(&brokers)));
    let of_broker = |(broker, answer): (&BrokerId, AdminAnswer)| {
        let AdminAnswer::LogDirs(mut dirs) = answer else { return String::new() };
        hash_map::order_by(&mut dirs, 16, |dir| dir.path.hash_code());
        let dirs: Vec<String> = dirs.into_iter().map(|dir| printed(dir, &topics)).collect();
        format!("{{\"broker\":{broker},\"logDirs\":[{}]}}", dirs.join(","))
    };
    let described: Vec<String> = brokers.iter().zip(answers).map(of_broker).collect();
    script.say(&format!("{{\"brokers\":[{}],\"version\":1}}", described.join(",")));
    Ok(())
}

fn printed(dir: LogDirDescription, topics: &[Name]) -> String {
    let mut replicas = dir.replicas;
    replicas.retain(|(tp, ..)| topics.is_empty() || topics.contains(&tp.topic));
    hash_map::order_by(&mut replicas, 16, |(tp, ..)| tp.hash_code());
    let replica = |(tp, size, lag): &(TopicPartition, u64, i64)| {
        format!("{{\"partition\":\"{tp}\",\"size\":{size},\"offsetLag\":{lag},\"isFuture\":false}}")
    };
    let replicas: Vec<String> = replicas.iter().map(replica).collect();
    let error = match dir.error {
        ErrorCode::None => "null".to_owned(),
        code => format!("\"{}\"", Thrown::of_code(code, "").class),
    };
    format!("{{\"partitions\":[{}],\"error\":{error},\"logDir\":\"{}\"}}", replicas.join(","), dir.path)
}
