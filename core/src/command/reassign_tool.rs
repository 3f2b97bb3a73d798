//! kafka-reassign-partitions.sh (`ReassignPartitionsCommand`): `--execute` and `--cancel`. The plan is one
//! partition in options, or JSON in the line itself, where Kafka's tool takes the name of a file. Refusals
//! are the tool's. Leaves out `--generate`, throttles, log directories, and what only looks.

use super::lexer::Word;
use super::options::{Options, refuse};
use super::tools::ignore_address;
use super::values::number;
use super::{Command, CommandError};
use crate::ids::{BrokerId, TopicPartition};
use crate::json::{Json, quoted};

const TOOL: &str = "kafka-reassign-partitions.sh";
const JSON: &str = "--reassignment-json";

pub(super) fn parse(words: &[Word]) -> Result<Command, CommandError> {
    const ACTIONS: [&str; 5] = ["generate", "execute", "verify", "cancel", "list"];
    let flags = ["generate", "execute", "verify", "cancel", "list", "additional"];
    let mut options = Options::read(TOOL, words, &flags)?;
    ignore_address(&mut options);
    let actions: Vec<&str> = ACTIONS.into_iter().filter(|action| options.flag(action)).collect();
    let [action] = actions[..] else {
        let message = "Command must include exactly one action: --generate, --execute, --verify, --cancel, --list";
        return refuse(TOOL, message);
    };
    let execute = match action {
        "execute" => true,
        "cancel" => false,
        _ => {
            return refuse(format!("--{action}"), "only looks and changes nothing, so it is no command of the journal");
        }
    };
    // Every plan is carried out besides those under way, as with --additional.
    options.flag("additional");
    if options.has("reassignment-json-file") {
        let message = "there are no files here: write the plan into the line, --reassignment-json '{…}', \
                       or one partition as --topic T --partition P --replicas 101,102";
        return refuse("--reassignment-json-file", message);
    }
    let moves = match options.one("reassignment-json")? {
        Some(text) => plan(&text, execute)?,
        None => vec![one_move(&mut options, execute)?],
    };
    options.finish()?;
    check(&moves)?;
    let command = if execute {
        let moves = moves.into_iter().map(|(tp, replicas)| (tp, replicas.unwrap_or_default())).collect();
        Command::ReassignPartitions { moves }
    } else {
        Command::CancelReassignments { partitions: moves.into_iter().map(|(tp, _)| tp).collect() }
    };
    Ok(command)
}

type Move = (TopicPartition, Option<Vec<BrokerId>>);

fn one_move(options: &mut Options, execute: bool) -> Result<Move, CommandError> {
    let Some(topic) = options.one("topic")? else {
        return refuse(
            TOOL,
            "Missing required argument \"[reassignment-json]\", or --topic, --partition and --replicas",
        );
    };
    let tp = TopicPartition::new(topic, number("partition", &options.required("partition")?)?);
    let replicas = if execute { Some(options.required("replicas")?) } else { options.one("replicas")? };
    let replicas = replicas.map(|text| ids(&text)).transpose()?;
    Ok((tp, replicas.filter(|_| execute)))
}

fn ids(text: &str) -> Result<Vec<BrokerId>, CommandError> {
    text.split(',').map(|id| number("replicas", id.trim())).collect()
}

/// `{"version":1,"partitions":[{"topic":"t","partition":0,"replicas":[101,102]}]}`
fn plan(text: &str, execute: bool) -> Result<Vec<Move>, CommandError> {
    let wrong = |message: &str| CommandError { place: JSON.into(), message: message.into() };
    let json = Json::parse(text).ok_or_else(|| wrong("no JSON; braces, quotes or commas are missing"))?;
    if json.get("version").and_then(Json::int) != Some(1) {
        return Err(wrong("\"version\":1 is expected"));
    }
    let partitions = json.get("partitions").map(Json::items).unwrap_or_default();
    if partitions.is_empty() {
        return Err(wrong("Partition reassignment list cannot be empty"));
    }
    let mut moves = Vec::new();
    for item in partitions {
        let (Some(topic), Some(partition)) =
            (item.get("topic").and_then(Json::text), item.get("partition").and_then(Json::int))
        else {
            return Err(wrong("each partition needs \"topic\" and \"partition\""));
        };
        let replicas = match item.get("replicas") {
            Some(list) => {
                let ids: Option<Vec<BrokerId>> = list.items().iter().map(Json::int).collect();
                Some(ids.ok_or_else(|| wrong("\"replicas\" is a list of broker ids"))?)
            }
            None if execute => return Err(wrong("each partition needs \"replicas\"")),
            None => None,
        };
        moves.push((TopicPartition::new(topic, partition), replicas.filter(|_| execute)));
    }
    Ok(moves)
}

/// `parsePartitionReassignmentData`: what the tool refuses before it asks anybody.
fn check(moves: &[Move]) -> Result<(), CommandError> {
    for (index, (tp, replicas)) in moves.iter().enumerate() {
        if moves[..index].iter().any(|(other, _)| other == tp) {
            return refuse(JSON, format!("Partition reassignment contains duplicate topic partitions: {tp}"));
        }
        let Some(replicas) = replicas else { continue };
        if replicas.is_empty() {
            return refuse(JSON, "Partition replica list cannot be empty");
        }
        let twice = replicas.iter().enumerate().find(|(at, id)| replicas[..*at].contains(id));
        if let Some((_, id)) = twice {
            let message = format!(
                "Partition replica lists may not contain duplicate entries: {tp} contains multiple entries for {id}"
            );
            return refuse(JSON, message);
        }
    }
    Ok(())
}

/// The plan as the tool reads it.
pub(super) fn print<'a>(moves: impl Iterator<Item = (&'a TopicPartition, Option<&'a Vec<BrokerId>>)>) -> String {
    let one = |(tp, replicas): (&TopicPartition, Option<&Vec<BrokerId>>)| {
        let ids = replicas.map(|ids| ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(","));
        let replicas = ids.map(|ids| format!(",\"replicas\":[{ids}]")).unwrap_or_default();
        format!("{{\"topic\":{},\"partition\":{}{replicas}}}", quoted(&tp.topic), tp.partition)
    };
    format!("{{\"version\":1,\"partitions\":[{}]}}", moves.map(one).collect::<Vec<_>>().join(","))
}
