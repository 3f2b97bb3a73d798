//! The chain of causes behind an event: which event brought it about, which one that, back to a fault or a person.
//! Each step is one of Kafka's mechanisms: a session that expires since its broker was killed, a watch that fires, a
//! controller that sees it and elects. What copies and reads all the time begins no chain.

use std::rc::Rc;

use super::{Event, Events};
use crate::ids::{BrokerId, TopicPartition};
use crate::machine::Observation as O;
use crate::protocol::zookeeper::WatchKind;

/// So many links are told at most.
const LONGEST: usize = 8;
/// So far back a link is looked for, in events.
const FARTHEST: usize = 5_000;

/// The places in `events` of what led to the event at `last`, the first cause first, `last` included.
pub(super) fn chain(events: &Events, last: usize) -> Vec<usize> {
    let mut links = vec![last];
    let (mut at, mut gone) = (last, None);
    while links.len() < LONGEST {
        let Some(after) = events.get(at) else { break };
        if let O::BrokerFailureSeen { broker } = after.observation {
            gone = Some(*broker);
        }
        let earlier = || events.iter().enumerate().take(at).skip(at.saturating_sub(FARTHEST)).rev();
        let stood = Stood::before(earlier().map(|(_, event)| event), &after, gone);
        let Some((found, _)) = earlier().find(|(_, before)| brings(before, &after, &stood)) else { break };
        links.push(found);
        at = found;
    }
    links.reverse();
    links
}

/// How things stood when the event happened, as was told last.
#[derive(Default)]
struct Stood {
    leader: Option<BrokerId>,
    isr: Option<Rc<Vec<BrokerId>>>,
    controller: Option<BrokerId>,
    /// The broker whose end the chain is about.
    gone: Option<BrokerId>,
}

impl Stood {
    fn before<'a>(earlier: impl Iterator<Item = Event<'a>>, after: &Event<'_>, gone: Option<BrokerId>) -> Self {
        let mut stood = Self { gone, ..Self::default() };
        let of = match after.observation {
            O::LeaderElected { tp, .. } | O::IsrChanged { tp, .. } | O::PartitionOffline { tp, .. } => Some(tp),
            O::WatchFired { .. } => None,
            _ => return stood,
        };
        for event in earlier {
            match (event.observation, of) {
                (O::LeaderElected { tp, leader, isr, .. } | O::IsrChanged { tp, leader, isr, .. }, Some(of))
                    if tp == of =>
                {
                    (stood.leader, stood.isr) = (Some(*leader), Some(isr.clone()));
                    break;
                }
                (O::ControllerElected { broker, .. }, None) => {
                    stood.controller = Some(*broker);
                    break;
                }
                _ => {}
            }
        }
        stood
    }

    fn led(&self, broker: BrokerId) -> bool {
        self.leader.is_none_or(|leader| leader == broker)
    }

    fn was_in_sync(&self, broker: BrokerId) -> Option<bool> {
        self.isr.as_ref().map(|isr| isr.contains(&broker))
    }
}

/// Whether `before` is of the kind that brings `after` about, and of the same things. The nearest one did.
fn brings(before: &Event<'_>, after: &Event<'_>, stood: &Stood) -> bool {
    let here = before.node == after.node;
    match (after.observation, before.observation) {
        // What a controller decides after what it has seen.
        (O::LeaderElected { why, .. }, O::BrokerFailureSeen { broker } | O::LogDirFailureSeen { broker }) => {
            here && matches!(why.as_str(), "offline" | "unclean") && stood.led(*broker)
        }
        (O::LeaderElected { leader, why, .. }, O::BrokerReturnSeen { broker }) => {
            here && matches!(why.as_str(), "offline" | "unclean") && leader == broker
        }
        (O::LeaderElected { why, .. }, O::ControllerElected { .. }) => {
            here && matches!(why.as_str(), "offline" | "unclean")
        }
        (O::LeaderElected { why, .. }, O::BrokerStopping { broker }) => {
            why.as_str() == "controlled shutdown" && stood.led(*broker)
        }
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
        (O::PartitionOffline { .. }, O::BrokerFailureSeen { broker } | O::LogDirFailureSeen { broker }) => {
            here && stood.led(*broker)
        }
        (O::PartitionOffline { .. }, O::ControllerElected { .. }) => here,
        (O::IsrChanged { isr, .. }, of) => {
            let left = |broker| stood.was_in_sync(broker) != Some(false) && !isr.contains(&broker);
            match of {
                O::BrokerFailureSeen { broker } | O::LogDirFailureSeen { broker } => here && left(*broker),
                O::BrokerStopping { broker } => left(*broker),
                O::IsrShrinkAsked { tp: of, out, .. } => is_of(after, of) && out.iter().any(|broker| left(*broker)),
                O::IsrExpandAsked { tp: of, joining, .. } => {
                    is_of(after, of) && isr.contains(joining) && stood.was_in_sync(*joining) != Some(true)
                }
                // A move takes those out that it moves away from.
                O::ToolStarted { line, .. } => {
                    let mut was = stood.isr.iter().flat_map(|isr| isr.iter());
                    line.starts_with("kafka-reassign-partitions.sh")
                        && line.contains("-execute")
                        && was.any(|broker| left(*broker))
                }
                _ => false,
            }
        }
        // How it comes to see it.
        (O::BrokerFailureSeen { broker }, O::WatchFired { path, watcher, .. }) => {
            let own = path.strip_prefix("/brokers/ids");
            after.node.to_string() == watcher.as_str()
                && own.is_some_and(|id| id.is_empty() || id.strip_prefix('/').is_some_and(|id| is_broker(id, *broker)))
        }
        // It looks again when a watch of another one has fired, before its own could.
        (O::BrokerFailureSeen { broker }, O::SessionExpired { owner, .. } | O::SessionClosed { owner, .. }) => {
            is_broker(owner, *broker)
        }
        (O::BrokerReturnSeen { broker }, O::BrokerRegistered { broker: of, .. }) => broker == of,
        (O::BrokerRegistered { broker, .. }, O::ProcessStarted { node } | O::ProcessResumed { node }) => {
            is_broker(node, *broker)
        }
        (O::LogDirFailureSeen { broker }, O::LogDirOffline { broker: of, .. }) => broker == of,
        (O::LogDirOffline { broker, .. }, O::DiskChanged { broker: of, .. }) => broker == of,
        (O::WatchFired { kind, path, .. }, O::SessionExpired { owner, .. } | O::SessionClosed { owner, .. }) => {
            let is = |broker: Option<BrokerId>| broker.is_none_or(|broker| is_broker(owner, broker));
            match (kind, path.as_str()) {
                (WatchKind::NodeDeleted, "/controller") => is(stood.controller),
                (WatchKind::NodeDeleted, path) => path.strip_prefix("/brokers/ids/") == Some(owner.as_str()),
                (WatchKind::NodeChildrenChanged, path) => path == "/brokers/ids" && is(stood.gone),
                _ => false,
            }
        }
        // The winner's znode makes the watches of the others fire: that is no cause, but what follows.
        (O::ControllerElected { broker, .. }, O::WatchFired { kind: WatchKind::NodeDeleted, path, watcher }) => {
            path.as_str() == "/controller" && is_broker(watcher, *broker)
        }
        (O::SessionExpired { owner, .. } | O::SessionClosed { owner, .. }, of) => {
            silenced(of, owner, |other| other.starts_with("zk"))
        }
        (O::IsrShrinkAsked { broker, out, .. }, of) => {
            out.iter().any(|out| silenced(of, &out.to_string(), |other| is_broker(other, *broker)))
        }
        (O::IsrExpandAsked { joining, .. }, O::ProcessStarted { node } | O::ProcessResumed { node }) => {
            is_broker(node, *joining)
        }
        (O::IsrExpandAsked { broker, joining, .. }, O::FaultRemoved { fault }) => {
            disturbs(fault, &joining.to_string(), |other| is_broker(other, *broker))
        }
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

/// The ISR that changed is that of this partition.
fn is_of(changed: &Event<'_>, of: &TopicPartition) -> bool {
    matches!(changed.observation, O::IsrChanged { tp, .. } if tp == of)
}

/// Whether it made the process called `name` fall silent towards such others.
fn silenced(before: &O, name: &str, other: impl Fn(&str) -> bool) -> bool {
    match before {
        O::ProcessKilled { node } | O::ProcessStopped { node } | O::ProcessPaused { node } => node.as_str() == name,
        O::FaultAdded { fault } => disturbs(fault, name, other),
        O::BrokerHalts { broker } | O::BrokerStopping { broker } => is_broker(name, *broker),
        _ => false,
    }
}

/// Whether it happened to the client whose member id this is: `CLIENT-UUID`.
fn of_member(before: &O, member: &str) -> bool {
    // A hyphen and a UUID.
    const BEHIND: usize = 37;
    let client = member.len().checked_sub(BEHIND).and_then(|end| member.get(..end)).unwrap_or(member);
    silenced(before, client, |other| !other.starts_with("zk"))
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

/// Whether a fault keeps what this process sends from such others: that of a path has two ends.
fn disturbs(fault: &str, name: &str, other: impl Fn(&str) -> bool) -> bool {
    let words: Vec<&str> = fault.split(' ').collect();
    match words.as_slice() {
        ["cut" | "delay", a, b, ..] => *a == name && other(b) || *b == name && other(a),
        // Time of day, and connections that are made again at once, silence nobody.
        ["clock" | "connections", ..] => false,
        words => words.contains(&name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::Command;
    use crate::sim::Genesis;
    use crate::timeline::Timeline;

    /// The leader of t dies after the leader of u.
    const TWO_DIE: &str = "kafka-topics.sh --create --topic t --replica-assignment 102:101
        kafka-topics.sh --create --topic u --replica-assignment 103:101
        wait 2s
        kill 103
        wait 2s
        kill 102
        wait 30s";

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
        // It has come back before, which is not why it leaves.
        (
            "kafka-topics.sh --create --topic t --replica-assignment 101:102:103
            wait 2s
            kill 102
            wait 30s
            start 102
            wait 30s
            stop 102
            wait 10s",
            "ISR of t-0 is now 101,103",
            &["broker 102 begins a controlled shutdown"],
        ),
        (
            "kafka-topics.sh --create --topic t --replica-assignment 101:102
            wait 2s
            kafka-reassign-partitions.sh --execute --topic t --partition 0 --replicas 102,103
            wait 20s",
            "ISR of t-0 is now 102,103",
            &["$ kafka-reassign-partitions.sh"],
        ),
        // Two brokers die: each partition lost its own leader.
        (
            TWO_DIE,
            "101 is elected leader of u-0",
            &["103 is killed", "ZooKeeper session of 103 expires", "the controller sees that broker 103"],
        ),
        (
            TWO_DIE,
            "101 is elected leader of t-0",
            &["102 is killed", "ZooKeeper session of 102 expires", "the controller sees that broker 102"],
        ),
        // A fault towards somebody else silences it towards nobody else.
        (
            "kafka-topics.sh --create --topic t --replica-assignment 101:102:103
            wait 2s
            producer p --topic t --config acks=1
            wait 1s
            delay 101 103 60s
            wait 1s
            delay p 103 5ms
            send p a
            wait 60s",
            "ISR of t-0 is now 101,102",
            &["fault: delay 101 103"],
        ),
        (
            "kafka-topics.sh --create --topic t --replica-assignment 101:103
            producer p --topic t
            wait 2s
            pause 103
            wait 1s
            cut 103 p
            wait 50s",
            "ZooKeeper session of 103 expires",
            &["103 is paused"],
        ),
        // The name of one begins like that of the other.
        (
            "kafka-topics.sh --create --topic t --partitions 2 --replication-factor 3
            consumer a --topic t --group g
            consumer a-b --topic t --group g
            wait 15s
            kill a-b
            wait 1s
            pause a
            wait 100ms
            resume a
            wait 60s",
            "the session of a-b-",
            &["a-b is killed"],
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
