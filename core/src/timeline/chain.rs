//! The chain of causes behind an event: which event brought it about, which one that, back to a fault or a person.
//! Each step is one of Kafka's mechanisms: a session that expires since its broker was killed, a watch that fires, a
//! controller that sees it and elects. What copies and reads all the time begins no chain.

use super::{Event, Events};
use crate::ids::Name;
use crate::machine::Observation as O;
use crate::protocol::zookeeper::WatchKind;

/// So many links are told at most.
const LONGEST: usize = 8;
/// So far back a link is looked for, in events.
const FARTHEST: usize = 5_000;

/// The places in `events` of what led to the event at `last`, the first cause first, `last` included.
pub(super) fn chain(events: &Events, last: usize) -> Vec<usize> {
    let mut links = vec![last];
    let mut at = last;
    while links.len() < LONGEST {
        let Some(after) = events.get(at) else { break };
        let mut before = events.iter().enumerate().take(at).skip(at.saturating_sub(FARTHEST)).rev();
        let Some((found, _)) = before.find(|(_, before)| brings(before, &after)) else { break };
        links.push(found);
        at = found;
    }
    links.reverse();
    links
}

/// Whether `before` is of the kind that brings `after` about. The nearest one did.
fn brings(before: &Event<'_>, after: &Event<'_>) -> bool {
    let here = before.node == after.node;
    match (after.observation, before.observation) {
        // What a controller decides after what it has seen.
        (O::LeaderElected { why, .. }, O::BrokerFailureSeen { .. } | O::LogDirFailureSeen { .. }) => {
            here && matches!(why.as_str(), "offline" | "unclean")
        }
        (O::LeaderElected { why, .. }, O::BrokerReturnSeen { .. } | O::ControllerElected { .. }) => {
            here && matches!(why.as_str(), "offline" | "unclean")
        }
        (O::LeaderElected { why, .. }, O::BrokerStopping { .. }) => why.as_str() == "controlled shutdown",
        // A preferred election follows a return into the ISR, or is asked for.
        (O::LeaderElected { tp, leader, why, .. }, O::IsrChanged { tp: of, isr, .. }) => {
            why.as_str() == "preferred" && tp == of && isr.contains(leader)
        }
        (O::LeaderElected { tp, why, .. }, O::ToolStarted { line, .. }) => {
            why.as_str() == "preferred" && asks_for_preferred(line, &tp.topic)
        }
        (O::LeaderElected { tp, why, .. }, O::TopicCreated { topic, .. }) => {
            why.as_str() == "new partition" && tp.topic == *topic
        }
        (
            O::PartitionOffline { .. },
            O::BrokerFailureSeen { .. } | O::LogDirFailureSeen { .. } | O::ControllerElected { .. },
        ) => here,
        (O::IsrChanged { .. }, O::BrokerFailureSeen { .. } | O::LogDirFailureSeen { .. }) => here,
        (O::IsrChanged { tp, .. }, O::IsrShrinkAsked { tp: of, .. } | O::IsrExpandAsked { tp: of, .. }) => tp == of,
        // How it comes to see it.
        (O::BrokerFailureSeen { .. }, O::WatchFired { path, watcher, .. }) => {
            after.node.to_string() == watcher.as_str()
                && (path.as_str() == "/brokers/ids" || path.starts_with("/brokers/ids/"))
        }
        (O::BrokerReturnSeen { broker }, O::BrokerRegistered { broker: of, .. }) => broker == of,
        (O::BrokerRegistered { broker, .. }, O::ProcessStarted { node } | O::ProcessResumed { node }) => {
            is_broker(node, *broker)
        }
        (O::LogDirFailureSeen { broker }, O::LogDirOffline { broker: of, .. }) => broker == of,
        (O::LogDirOffline { broker, .. }, O::DiskChanged { broker: of, .. }) => broker == of,
        (O::WatchFired { kind, path, .. }, O::SessionExpired { .. } | O::SessionClosed { .. }) => match kind {
            WatchKind::NodeDeleted => path.starts_with("/brokers/ids/") || path.as_str() == "/controller",
            WatchKind::NodeChildrenChanged => path.as_str() == "/brokers/ids",
            _ => false,
        },
        // The winner's znode makes the watches of the others fire: that is no cause, but what follows.
        (O::ControllerElected { broker, .. }, O::WatchFired { kind: WatchKind::NodeDeleted, path, watcher }) => {
            path.as_str() == "/controller" && is_broker(watcher, *broker)
        }
        (O::SessionExpired { owner, .. } | O::SessionClosed { owner, .. }, of) => silenced(of, owner),
        (O::IsrShrinkAsked { out, .. }, of) => out.iter().any(|broker| silenced(of, &broker.to_string())),
        (O::IsrExpandAsked { joining, .. }, O::ProcessStarted { node } | O::ProcessResumed { node }) => {
            is_broker(node, *joining)
        }
        (O::IsrExpandAsked { joining, .. }, O::FaultRemoved { fault }) => names(fault, &joining.to_string()),
        // A group begins anew since a member came or went.
        (O::GroupStable { group, .. }, O::GroupRebalancing { group: of, .. }) => group == of,
        (
            O::GroupRebalancing { group, .. } | O::GroupEmpty { group, .. },
            O::MemberJoined { group: of, .. } | O::MemberLeft { group: of, .. } | O::MemberExpired { group: of, .. },
        ) => group == of,
        (O::MemberExpired { member, .. } | O::MemberLeft { member, .. }, of) => of_member(of, member),
        // What a client is told.
        (
            O::ClientError { .. } | O::RecordFailed { .. } | O::ProduceRetried { .. },
            O::RequestRefused { tp: Some(of), .. },
        ) => match after.observation {
            O::RecordFailed { tp, .. } | O::ProduceRetried { tp, .. } => tp == of,
            _ => false,
        },
        (O::RequestRefused { tp: Some(tp), .. }, O::IsrChanged { tp: of, .. } | O::LeaderElected { tp: of, .. }) => {
            tp == of
        }
        (O::RequestRefused { tp: Some(tp), .. }, O::PartitionOffline { tp: of, .. }) => tp == of,
        _ => false,
    }
}

/// Whether it made the process called `name` fall silent.
fn silenced(before: &O, name: &str) -> bool {
    match before {
        O::ProcessKilled { node } | O::ProcessStopped { node } | O::ProcessPaused { node } => node.as_str() == name,
        O::FaultAdded { fault } => names(fault, name),
        O::BrokerHalts { broker } | O::BrokerStopping { broker } => is_broker(name, *broker),
        _ => false,
    }
}

/// Whether it happened to the client whose member id this is: `CLIENT-UUID`.
fn of_member(before: &O, member: &str) -> bool {
    let client = |node: &Name| member.strip_prefix(node.as_str()).is_some_and(|rest| rest.starts_with('-'));
    match before {
        O::ProcessKilled { node } | O::ProcessStopped { node } | O::ProcessPaused { node } => client(node),
        O::FaultAdded { fault } => fault.split(' ').any(|word| client(&word.into())),
        _ => false,
    }
}

/// A line of `kafka-leader-election.sh` that may mean a partition of this topic.
fn asks_for_preferred(line: &str, topic: &str) -> bool {
    let mut words = line.split([' ', '=']);
    words.next() == Some("kafka-leader-election.sh")
        && words.clone().any(|word| word.eq_ignore_ascii_case("preferred"))
        && words.any(|word| word == "--all-topic-partitions" || word == "--path-to-json-file" || word == topic)
}

fn is_broker(node: &str, broker: i32) -> bool {
    node.parse() == Ok(broker)
}

fn names(fault: &str, name: &str) -> bool {
    fault.split(' ').any(|word| word == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::Command;
    use crate::sim::Genesis;
    use crate::timeline::Timeline;

    /// What is played, how the last event of the chain begins, and how the links before it begin.
    const CHAINS: &[(&str, &str, &[&str])] = &[
        (
            "kafka-topics.sh --create --topic t --replica-assignment 102:103
            wait 2s
            kill 102
            wait 25s",
            "103 is elected leader of t-0",
            &[
                "102 is killed",
                "ZooKeeper session of 102 expires",
                "the watch of",
                "the controller sees that broker 102",
            ],
        ),
        (
            "kafka-topics.sh --create --topic t --replica-assignment 101:103
            wait 2s
            producer p --topic t --config acks=1
            pause 103
            send p v
            wait 50s",
            "ISR of t-0 is now 101",
            &["103 is paused"],
        ),
        (
            "kafka-topics.sh --create --topic t --partitions 2 --replication-factor 3
            consumer a --topic t --group g --config max.poll.interval.ms=20000
            consumer b --topic t --group g
            wait 15s
            hang a
            wait 30s",
            "group g is stable in generation",
            &["fault: hang a", "a-", "group g rebalances"],
        ),
        (
            "pause 101
            wait 25s",
            "broker 102 becomes controller",
            &[
                "101 is paused",
                "ZooKeeper session of 101 expires",
                "the watch of 102 on /controller fires: NodeDeleted",
            ],
        ),
        (
            "kafka-topics.sh --create --topic t --replica-assignment 102:103
            wait 2s
            kill 102
            wait 25s
            start 102
            wait 20s
            kafka-leader-election.sh --election-type preferred --topic t --partition 0
            wait 2s",
            "102 is elected leader of t-0",
            &["$ kafka-leader-election.sh --election-type preferred"],
        ),
        (
            "kafka-topics.sh --create --topic t --replica-assignment 102:103
            wait 2s
            kill 102
            wait 25s
            start 102
            wait 320s",
            "102 is elected leader of t-0",
            &["102 is started", "ISR of t-0 is now 103,102"],
        ),
    ];

    #[test]
    fn a_chain_leads_from_the_fault_to_what_followed() {
        for (lines, last, before) in CHAINS {
            let mut timeline = Timeline::new(Genesis::default()).expect("the cluster stands");
            for line in lines.lines().map(str::trim) {
                timeline.act(Command::parse(line).expect("a command")).expect("is taken");
            }
            let events = timeline.events();
            let at = events.iter().rposition(|event| event.text().starts_with(last));
            let told: Vec<String> =
                chain(events, at.expect(last)).iter().filter_map(|at| Some(events.get(*at)?.text())).collect();
            let (end, links) = told.split_last().expect("a chain has an end");
            assert!(end.starts_with(last));
            assert!(links.len() >= before.len() && links[0].starts_with(before[0]), "{told:#?}");
            for link in *before {
                assert!(links.iter().any(|told| told.starts_with(link)), "{link}: {told:#?}");
            }
        }
    }

    #[test]
    fn what_a_person_asked_for_has_no_chain() {
        let mut timeline = Timeline::new(Genesis::default()).expect("the cluster stands");
        for line in ["kafka-topics.sh --create --topic t --partitions 1 --replication-factor 3", "wait 2s", "kill 102"]
        {
            timeline.act(Command::parse(line).expect("a command")).expect("is taken");
        }
        let events = timeline.events();
        let killed = events.iter().rposition(|event| event.text() == "102 is killed").expect("it is told");
        assert_eq!(chain(events, killed), [killed]);
    }
}
