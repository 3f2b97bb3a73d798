//! kafka-delete-records.sh (`DeleteRecordsCommand`). The offsets are one partition's in options, or JSON
//! in the line itself, where Kafka's tool takes the name of a file. Refusals are the tool's.

use super::lexer::Word;
use super::options::{Options, refuse};
use super::tools::ignore_address;
use super::values::number;
use super::{Command, CommandError};
use crate::ids::TopicPartition;
use crate::json::{Json, quoted};

const TOOL: &str = "kafka-delete-records.sh";
const JSON: &str = "--offset-json";

pub(super) fn parse(words: &[Word]) -> Result<Command, CommandError> {
    let mut options = Options::read(TOOL, words, &[])?;
    ignore_address(&mut options);
    if options.has("offset-json-file") {
        let message = "there are no files here: write the offsets into the line, --offset-json '{…}', or one partition \
                       as --topic T --partition P --offset O";
        return refuse("--offset-json-file", message);
    }
    let before = match options.one("offset-json")? {
        Some(text) => offsets(&text)?,
        None => {
            let Some(topic) = options.one("topic")? else {
                let message = "Missing required argument \"[offset-json]\", or --topic, --partition and --offset";
                return refuse(TOOL, message);
            };
            let tp = TopicPartition::new(topic, number("partition", &options.required("partition")?)?);
            vec![(tp, number("offset", &options.required("offset")?)?)]
        }
    };
    options.finish()?;
    for (index, (tp, _)) in before.iter().enumerate() {
        if before[..index].iter().any(|(other, _)| other == tp) {
            return refuse(JSON, format!("Offset json file contains duplicate topic partitions: {tp}"));
        }
    }
    Ok(Command::DeleteRecords { before })
}

/// `{"partitions":[{"topic":"t","partition":0,"offset":3}],"version":1}`
fn offsets(text: &str) -> Result<Vec<(TopicPartition, i64)>, CommandError> {
    let wrong = |message: &str| CommandError { place: JSON.into(), message: message.into() };
    let json = Json::parse(text).ok_or_else(|| wrong("no JSON; braces, quotes or commas are missing"))?;
    if json.get("version").is_some_and(|version| Json::int(version) != Some(1)) {
        return Err(wrong("\"version\":1 is expected"));
    }
    let partitions = json.get("partitions").map(Json::items).unwrap_or_default();
    if partitions.is_empty() {
        return Err(wrong("Missing partitions field"));
    }
    let one = |item: &Json| {
        let topic = item.get("topic").and_then(Json::text)?;
        let partition = item.get("partition").and_then(Json::int)?;
        Some((TopicPartition::new(topic, partition), item.get("offset").and_then(Json::number)?))
    };
    let listed: Option<Vec<_>> = partitions.iter().map(one).collect();
    listed.ok_or_else(|| wrong("each partition needs \"topic\", \"partition\" and \"offset\""))
}

/// The offsets as the tool reads them.
pub(super) fn print(before: &[(TopicPartition, i64)]) -> String {
    let one = |(tp, offset): &(TopicPartition, i64)| {
        format!("{{\"topic\":{},\"partition\":{},\"offset\":{offset}}}", quoted(&tp.topic), tp.partition)
    };
    format!("{{\"partitions\":[{}],\"version\":1}}", before.iter().map(one).collect::<Vec<_>>().join(","))
}
