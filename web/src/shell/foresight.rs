//! A look at what would come, on a copy of the timeline.

use playground_core::command::Command;
use playground_core::machine::Observation;
use playground_core::protocol::admin::ConfigResource;
use playground_core::time::SimDuration;
use playground_core::timeline::{Looked, Timeline};

/// What a command that is a tool's line would end with, if that is a refusal: tried on a copy, so that a wrong topic
/// name or config leaves the state as it is. Where no answer comes within a few seconds, as without a controller, the
/// wish is sent and its end is told when it comes.
///
/// Gives the word that is at fault and what the tool prints.
pub fn refusal(timeline: &Timeline, command: &Command) -> Option<(String, Looked)> {
    const PATIENCE: SimDuration = SimDuration::from_ms(3000);
    const EVENTS: u64 = 20_000;
    let place = match command {
        Command::CreateTopic { topic, .. } | Command::DeleteTopic { topic } | Command::AddPartitions { topic, .. } => {
            topic.to_string()
        }
        Command::AlterConfig { resource: ConfigResource::Topic(topic), .. } => topic.to_string(),
        Command::AlterConfig { resource: ConfigResource::Broker(broker), .. } => broker.to_string(),
        Command::AlterConfig { resource: ConfigResource::BrokerDefault, .. } => "--entity-default".into(),
        Command::ElectLeader { tp: Some(tp), .. } => tp.to_string(),
        Command::ElectLeader { tp: None, .. } => "--all-topic-partitions".into(),
        Command::ReassignPartitions { moves } => moves.first().map(|(tp, _)| tp.to_string()).unwrap_or_default(),
        Command::CancelReassignments { partitions } => partitions.first().map(ToString::to_string).unwrap_or_default(),
        Command::DeleteRecords { before } => before.first().map(|(tp, _)| tp.to_string()).unwrap_or_default(),
        Command::DeleteGroup { group }
        | Command::DeleteGroupOffsets { group, .. }
        | Command::ResetOffsets { group, .. } => group.to_string(),
        _ => return None,
    };
    let here = timeline.position();
    let mut tried = timeline.clone();
    tried.act(command.clone()).ok()?;
    tried.run_to(here.at + PATIENCE, EVENTS);
    let later = || tried.events().iter().filter(|event| event.position > here).map(|event| event.observation);
    let run = later().find_map(|told| match told {
        Observation::ToolStarted { ticket, .. } => Some(*ticket),
        _ => None,
    })?;
    let status = later().find_map(|told| match told {
        Observation::ToolEnded { ticket, status, .. } if *ticket == run => Some(*status),
        _ => None,
    });
    let lines: Vec<(bool, String)> = later()
        .filter_map(|told| match told {
            Observation::ToolPrinted { ticket, stderr, text } if *ticket == run => Some((*stderr, text.to_string())),
            _ => None,
        })
        .collect();
    let looked = Looked { lines, status };
    // Some of Kafka's tools tell an error and end well all the same.
    (looked.status? != 0 || first_error(&looked).is_some()).then_some((place, looked))
}

fn first_error(looked: &Looked) -> Option<&str> {
    looked.lines.iter().map(|(_, text)| text.trim()).find(|text| text.starts_with("Error"))
}

/// What a refusal says in one sentence: the line that tells an error, or what comes first.
pub fn sentence(looked: &Looked) -> String {
    let first = || looked.lines.iter().map(|(_, text)| text.trim()).find(|text| !text.is_empty());
    let text = first_error(looked).or_else(first).unwrap_or_default();
    let text = text.strip_prefix("Error while executing topic command : ").unwrap_or(text);
    text.strip_prefix("Error: ").unwrap_or(text).to_owned()
}

/// What happens every few seconds in a healthy cluster and is no reason to slow down.
pub fn is_routine(observation: &Observation) -> bool {
    matches!(observation, Observation::OffsetCommitted { .. } | Observation::HighWatermarkAdvanced { .. })
}
