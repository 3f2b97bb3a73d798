//! A look at what would come, on a copy of the timeline.

use playground_core::command::Command;
use playground_core::machine::Observation;
use playground_core::protocol::admin::ConfigResource;
use playground_core::time::SimDuration;
use playground_core::timeline::Timeline;

/// The admin client that carries out the tools' lines.
pub const ADMIN: &str = "admin";

/// What the cluster would answer to a wish of an admin tool, if it is a refusal: tried on a copy, so
/// that a wrong topic name or config leaves the state as it is. Where no answer comes within a few
/// seconds, as without a controller, the wish is sent and its end is told when it comes.
///
/// Gives the word that is at fault and Kafka's own words about it.
pub fn refusal(timeline: &Timeline, command: &Command) -> Option<(String, String)> {
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
    let later = tried.events().iter().filter(|event| event.position > here);
    later.into_iter().find_map(|event| match &event.observation {
        Observation::ClientError { client, error } if &**client == ADMIN => Some((place.clone(), error.to_string())),
        _ => None,
    })
}

/// What happens every few seconds in a healthy cluster and is no reason to slow down.
pub fn is_routine(observation: &Observation) -> bool {
    matches!(observation, Observation::OffsetCommitted { .. } | Observation::HighWatermarkAdvanced { .. })
}
