//! kafka-consumer-groups.sh (`ConsumerGroupCommand`): `--delete`, `--delete-offsets` and `--reset-offsets …
//! --execute`. Leaves out `--all-groups`, `--all-topics`, files, dates and durations, and what only looks.

use super::lexer::Word;
use super::options::{Options, refuse};
use super::tools::ignore_address;
use super::values::number;
use super::{Command, CommandError, ResetTo};
use crate::ids::Name;

const TOOL: &str = "kafka-consumer-groups.sh";

pub(super) fn parse(words: &[Word]) -> Result<Command, CommandError> {
    const ACTIONS: [&str; 5] = ["list", "describe", "delete", "reset-offsets", "delete-offsets"];
    let flags = [&ACTIONS[..], &["execute", "dry-run", "to-earliest", "to-latest", "to-current"][..]].concat();
    let mut options = Options::read(TOOL, words, &flags)?;
    ignore_address(&mut options);
    let actions: Vec<&str> = ACTIONS.into_iter().filter(|action| options.flag(action)).collect();
    let [action] = actions[..] else {
        let message = "Command must include exactly one action: --list, --describe, --delete, --reset-offsets, \
                       --delete-offsets";
        return refuse(TOOL, message);
    };
    if matches!(action, "list" | "describe") {
        return refuse(format!("--{action}"), "only looks and changes nothing, so it is no command of the journal");
    }
    let group = Name::from(options.required("group")?);
    let command = match action {
        "delete" => Command::DeleteGroup { group },
        "delete-offsets" => {
            let (topic, partitions) = topic(&options.required("topic")?);
            Command::DeleteGroupOffsets { group, topic, partitions }
        }
        _ => {
            let (topic, partitions) = topic(&options.required("topic")?);
            let to = reset_to(&mut options)?;
            let executes = options.flag("execute");
            if options.flag("dry-run") || !executes {
                return refuse(TOOL, "No action will be performed as the --execute option is missing.");
            }
            Command::ResetOffsets { group, topic, partitions, to }
        }
    };
    options.finish()?;
    Ok(command)
}

/// `T` or `T:0,1`.
fn topic(text: &str) -> (Name, Vec<i32>) {
    let named = text.rsplit_once(':').and_then(|(topic, partitions)| {
        let partitions: Option<Vec<i32>> = partitions.split(',').map(|number| number.parse().ok()).collect();
        Some((Name::from(topic), partitions?))
    });
    named.unwrap_or_else(|| (text.into(), Vec::new()))
}

/// The inverse of [`topic`].
pub(super) fn print_topic(topic: &str, partitions: &[i32]) -> String {
    if partitions.is_empty() {
        return topic.to_owned();
    }
    format!("{topic}:{}", partitions.iter().map(ToString::to_string).collect::<Vec<_>>().join(","))
}

fn reset_to(options: &mut Options) -> Result<ResetTo, CommandError> {
    let mut wanted = Vec::new();
    for (flag, to) in
        [("to-earliest", ResetTo::Earliest), ("to-latest", ResetTo::Latest), ("to-current", ResetTo::Current)]
    {
        if options.flag(flag) {
            wanted.push(to);
        }
    }
    if let Some(text) = options.one("to-offset")? {
        wanted.push(ResetTo::Offset(number("to-offset", &text)?));
    }
    if let Some(text) = options.one("shift-by")? {
        wanted.push(ResetTo::ShiftBy(number("shift-by", &text)?));
    }
    match wanted[..] {
        [to] => Ok(to),
        _ => {
            refuse(TOOL, "one of --to-earliest, --to-latest, --to-current, --to-offset N and --shift-by N is expected")
        }
    }
}

/// Where to, as the tool's options say it.
pub(super) fn print_to(to: ResetTo) -> String {
    match to {
        ResetTo::Earliest => "--to-earliest".into(),
        ResetTo::Latest => "--to-latest".into(),
        ResetTo::Current => "--to-current".into(),
        ResetTo::Offset(offset) => format!("--to-offset {offset}"),
        ResetTo::ShiftBy(by) => format!("--shift-by {by}"),
    }
}
