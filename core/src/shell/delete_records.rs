//! `kafka-delete-records.sh` (`DeleteRecordsCommand`). Leaves out `--command-config`.

use super::address::NO_CLIENT;
use super::hash_map;
use super::options::Options;
use super::script::{Flow, Script};
use super::thrown::Thrown;
use crate::admin::{AdminAnswer, AdminOp};
use crate::beside::{Beside, beside};
use crate::ids::TopicPartition;
use crate::json::Json;

pub(super) const USAGE: Beside = beside!("shell/usage/kafka-delete-records.txt");

pub(super) fn main(script: &mut Script<'_>) -> Flow<()> {
    let outcome = run(script);
    script.reported(outcome)
}

fn run(script: &mut Script<'_>) -> Flow<()> {
    let options = Options::parse(USAGE.text(), script.words())?;
    options.help_or_version(script)?;
    options.required(script, &["bootstrap-server", "offset-json-file"])?;
    script.reaches(NO_CLIENT)?;
    let text = script.file(&options.value("offset-json-file")?.unwrap_or_default())?;
    let mut offsets = offsets(&text)?;
    let partitions: Vec<TopicPartition> = offsets.iter().map(|(tp, _)| tp.clone()).collect();
    let twice = hash_map::duplicates(&partitions);
    if !twice.is_empty() {
        let listed: Vec<String> = twice.iter().map(ToString::to_string).collect();
        let message = format!("Offset json file contains duplicate topic partitions: {}", listed.join(","));
        return Err(Thrown::command_failed(message).into());
    }
    hash_map::order_by(&mut offsets, 16, |(tp, _)| hash_map::JavaHash::hash_code(tp));
    script.say("Executing records delete operation");
    let asked = offsets.iter().map(|(tp, before)| AdminOp::DeleteRecords { tp: tp.clone(), before: *before });
    let answers = script.ask_all(asked.collect())?;
    script.say("Records delete operation completed:");
    for ((tp, _), answer) in offsets.iter().zip(answers) {
        match answer {
            Ok(AdminAnswer::LowWatermark(offset)) => script.say(&format!("partition: {tp}\tlow_watermark: {offset}")),
            Ok(_) => {}
            Err(error) => script.say(&format!("partition: {tp}\terror: {}", Thrown::of_admin(&error).text())),
        }
    }
    Ok(())
}

/// `{"partitions":[{"topic":"t","partition":0,"offset":3}],"version":1}`
fn offsets(text: &str) -> Flow<Vec<(TopicPartition, i64)>> {
    let Some(json) = Json::parse(text) else {
        return Err(Thrown::operation("The input string is not a valid JSON").into());
    };
    let version = json.get("version").map_or(Some(1), Json::number).unwrap_or(-1);
    if version != 1 {
        return Err(Thrown::operation(format!("Not supported version field value {version}")).into());
    }
    let Some(partitions) = json.get("partitions") else {
        return Err(Thrown::operation("Missing partitions field").into());
    };
    partitions
        .items()
        .iter()
        .map(|item| Ok((super::json_partition(item)?, super::json_number(item, "offset")?)))
        .collect()
}
