//! Three scenarios, the lessons' clusters, as lines of the command language. They are played natively
//! and in the browser's engine and must leave the same fingerprint, so this module knows no files.

use playground_core::command::{Command, CommandError};
use playground_core::sim::{Genesis, World};
use playground_core::timeline::Timeline;

/// The names of all scenarios.
pub const NAMES: [&str; 3] = ["where-a-record-goes", "the-source-example", "sharing-the-work"];

/// Keys and partitions; a key goes to the same partition every time, records without one stick together.
const WHERE_A_RECORD_GOES: &[&str] = &[
    "kafka-topics.sh --create --topic trucks_gps --replica-assignment 101:102,102:103,103:101",
    "wait 1s",
    "producer truck-1 --topic trucks_gps --config acks=all",
    "producer truck-2 --topic trucks_gps --config linger.ms=20",
    "send truck-1 --key truck-1 first",
    "send truck-2 --key truck-2 --count 5 at",
    "wait 500ms",
    "send truck-1 --count 12 anywhere",
    "send truck-2 --partition 2 named",
    "consumer dashboard --topic trucks_gps --config auto.offset.reset=earliest",
    "wait 3s",
    "send truck-1 --key truck-1 last",
    "wait 2s",
];

/// Two partitions, replication factor 2, three brokers: 102 is lost, the others go on serving.
const THE_SOURCE_EXAMPLE: &[&str] = &[
    "kafka-topics.sh --create --topic trucks_gps --replica-assignment 101:102,102:103",
    "wait 1s",
    "producer truck-1 --topic trucks_gps --config acks=all",
    "send truck-1 --partition 0 --count 3 before",
    "send truck-1 --partition 1 --count 3 before",
    "wait 1s",
    "kill 102",
    "send truck-1 --partition 1 --count 2 during",
    "wait 10s",
    "send truck-1 --partition 1 --count 3 after",
    "wait 1s",
    "start 102",
    "wait 8s",
    "cut 101 103",
    "wait 5s",
    "heal",
    "stop controller",
    "wait 10s",
];

/// Three partitions and a group that grows from one to four members; then one of them dies.
const SHARING_THE_WORK: &[&str] = &[
    "kafka-topics.sh --create --topic trucks_gps --replica-assignment 101:102,102:103,103:101",
    "wait 1s",
    "producer truck-1 --topic trucks_gps",
    "send truck-1 --count 6 early",
    "consumer reader-1 --topic trucks_gps --group dashboard --config session.timeout.ms=10000",
    "wait 8s",
    "consumer reader-2 --topic trucks_gps --group dashboard --config session.timeout.ms=10000",
    "wait 5s",
    "consumer reader-3 --topic trucks_gps --group dashboard --config session.timeout.ms=10000",
    "consumer reader-4 --topic trucks_gps --group dashboard --config session.timeout.ms=10000",
    "wait 6s",
    "send truck-1 --key truck-1 --count 4 middle",
    "kill reader-2",
    "wait 15s",
    "send truck-1 --count 6 late",
    "stop reader-1",
    "wait 6s",
];

/// The lines of a scenario; none for a name that is not in [`NAMES`].
pub fn scenario(name: &str) -> &'static [&'static str] {
    match name {
        "where-a-record-goes" => WHERE_A_RECORD_GOES,
        "the-source-example" => THE_SOURCE_EXAMPLE,
        "sharing-the-work" => SHARING_THE_WORK,
        _ => &[],
    }
}

/// The cluster on which the scenarios are played.
pub fn genesis() -> Genesis {
    Genesis { seed: 7, config: vec![("zookeeper.session.timeout.ms".into(), "6000".into())], ..Genesis::default() }
}

/// A scenario's commands.
///
/// # Errors
/// A line is no command.
pub fn commands(name: &str) -> Result<Vec<Command>, CommandError> {
    scenario(name).iter().map(|line| Command::parse(line)).collect()
}

/// Plays a scenario straight through.
///
/// # Errors
/// A line is no command, or a command is refused.
pub fn play(name: &str) -> Result<World, CommandError> {
    let mut world = World::new(&genesis())?;
    for command in commands(name)? {
        world.execute(&command)?;
    }
    Ok(world)
}

/// Plays a scenario on a timeline, as the page does.
///
/// # Errors
/// A line is no command, or a command is refused.
pub fn timeline(name: &str) -> Result<Timeline, CommandError> {
    let mut timeline = Timeline::new(genesis())?;
    for command in commands(name)? {
        timeline.act(command)?;
    }
    Ok(timeline)
}

/// The fingerprint of a scenario's whole run; 0 for a name that is not in [`NAMES`] and for a run that
/// was refused, so that no two engines agree by both failing.
pub fn fingerprint(name: &str) -> u64 {
    if scenario(name).is_empty() { 0 } else { play(name).map_or(0, |world| world.fingerprint()) }
}
