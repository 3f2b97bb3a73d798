//! The throttles of `kafka-reassign-partitions.sh`: configs of the brokers and topics that take part in a move.
//!
//! Simplified: the configs are set, brokers do not throttle.

use super::joined;
use super::plan::Plan;
use crate::admin::{AdminOp, Reassignment};
use crate::collections::{BTreeMap, BTreeSet, Order};
use crate::ids::{BrokerId, Name, TopicPartition};
use crate::protocol::admin::ConfigResource;
use crate::shell::hash_map;
use crate::shell::options::Options;
use crate::shell::script::{Flow, Script};

const BROKER_LEVEL: [&str; 3] = [
    "leader.replication.throttled.rate",
    "follower.replication.throttled.rate",
    "replica.alter.log.dirs.io.max.bytes.per.second",
];
const TOPIC_LEVEL: [&str; 2] = ["leader.replication.throttled.replicas", "follower.replication.throttled.replicas"];

/// From which brokers a partition comes, and to which it goes.
type Move = (BTreeSet<BrokerId>, BTreeSet<BrokerId>);

fn moves(
    under_way: &[Reassignment],
    plan: &Plan,
    current: &[(TopicPartition, Vec<BrokerId>)],
) -> BTreeMap<TopicPartition, Move> {
    let mut moves: BTreeMap<TopicPartition, Move> = BTreeMap::new();
    for m in under_way {
        let sources = m.replicas.iter().copied().filter(|id| !m.adding.contains(id)).collect();
        moves.insert(m.tp.clone(), (sources, m.adding.iter().copied().collect()));
    }
    for (tp, replicas) in &plan.targets {
        let sources = match moves.get(tp) {
            Some((sources, _)) => sources.clone(),
            None => current.iter().filter(|(known, _)| known == tp).flat_map(|(_, ids)| ids.iter().copied()).collect(),
        };
        let destinations = replicas.iter().copied().filter(|id| !sources.contains(id)).collect();
        moves.insert(tp.clone(), (sources, destinations));
    }
    moves
}

/// `partition:broker` of a topic, sorted as texts.
fn replicas_of(topic: &Name, moves: &BTreeMap<TopicPartition, Move>, side: fn(&Move) -> &BTreeSet<BrokerId>) -> Name {
    let of_topic = moves.iter().filter(|(tp, _)| tp.topic == *topic);
    let mut texts: Vec<String> = of_topic
        .flat_map(|(tp, m)| side(m).iter().map(|id| format!("{}:{id}", tp.partition)).collect::<Vec<_>>())
        .collect();
    texts.order();
    texts.dedup();
    texts.join(",").into()
}

/// `--throttle` and `--replica-alter-log-dirs-throttle`; negative where there is none.
pub(super) fn limits(options: &Options) -> Flow<[i64; 2]> {
    Ok([options.number("throttle")?.unwrap_or(-1), options.number("replica-alter-log-dirs-throttle")?.unwrap_or(-1)])
}

/// Sets those that are wanted.
pub(super) fn set(
    [between, dirs]: [i64; 2],
    script: &mut Script<'_>,
    under_way: &[Reassignment],
    plan: &Plan,
    current: &[(TopicPartition, Vec<BrokerId>)],
) -> Flow<()> {
    if between < 0 && dirs < 0 {
        return Ok(());
    }
    script.say(
        "Warning: You must run --verify periodically, until the reassignment completes, to ensure the throttle is removed.",
    );
    if between >= 0 {
        let moves = moves(under_way, plan, current);
        let mut topics: Vec<Name> = moves.keys().map(|tp| tp.topic.clone()).collect();
        topics.dedup();
        let set = |topic: &Name| AdminOp::AlterConfigs {
            resource: ConfigResource::Topic(topic.clone()),
            changes: vec![
                (TOPIC_LEVEL[0].into(), Some(replicas_of(topic, &moves, |m| &m.0))),
                (TOPIC_LEVEL[1].into(), Some(replicas_of(topic, &moves, |m| &m.1))),
            ],
        };
        script.get_all(topics.iter().map(set).collect())?;
        let brokers: BTreeSet<BrokerId> = moves.values().flat_map(|m| m.0.iter().chain(m.1.iter()).copied()).collect();
        let rate = Name::from(between.to_string());
        let set = |id: &BrokerId| AdminOp::AlterConfigs {
            resource: ConfigResource::Broker(*id),
            changes: vec![(BROKER_LEVEL[0].into(), Some(rate.clone())), (BROKER_LEVEL[1].into(), Some(rate.clone()))],
        };
        script.get_all(brokers.iter().map(set).collect())?;
        script.say(&format!("The inter-broker throttle limit was set to {between} B/s"));
    }
    if dirs >= 0 {
        let brokers: BTreeSet<BrokerId> = plan.dirs.iter().map(|(_, broker, _)| *broker).collect();
        let set = |id: &BrokerId| AdminOp::AlterConfigs {
            resource: ConfigResource::Broker(*id),
            changes: vec![(BROKER_LEVEL[2].into(), Some(dirs.to_string().into()))],
        };
        script.get_all(brokers.iter().map(set).collect())?;
        script.say(&format!("The replica-alter-dir throttle limit was set to {dirs} B/s"));
    }
    Ok(())
}

fn deleted(resource: ConfigResource, keys: &[&str]) -> AdminOp {
    AdminOp::AlterConfigs { resource, changes: keys.iter().map(|key| ((*key).into(), None)).collect() }
}

/// `clearAllThrottles`
pub(super) fn clear(script: &mut Script<'_>, plan: &Plan) -> Flow<()> {
    let mut brokers = super::live_brokers(script)?;
    brokers.extend(plan.targets.iter().flat_map(|(_, replicas)| replicas.iter().copied()));
    brokers.order();
    brokers.dedup();
    hash_map::order(&mut brokers);
    let plural = if brokers.len() == 1 { "" } else { "s" };
    script.say(&format!("Clearing broker-level throttles on broker{plural} {}", joined(&brokers, ",")));
    script.get_all(brokers.iter().map(|id| deleted(ConfigResource::Broker(*id), &BROKER_LEVEL)).collect())?;
    let topics = plan.topics();
    let plural = if topics.len() == 1 { "" } else { "s" };
    script.say(&format!("Clearing topic-level throttles on topic{plural} {}", joined(&topics, ",")));
    script.get_all(topics.iter().map(|topic| deleted(ConfigResource::Topic(topic.clone()), &TOPIC_LEVEL)).collect())?;
    Ok(())
}
