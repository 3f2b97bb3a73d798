//! Commands as text: the inverse of `parse`.

use std::fmt;

use super::lexer::{Quoted, quote};
use super::values::{KINDS, list_item};
use super::{ClockSkew, Command, NodeRef, delete_records_tool, group_tool, reassign_tool, transaction, work};
use crate::ids::{BrokerId, Name, NodeId};
use crate::protocol::admin::ConfigResource;

impl fmt::Display for NodeRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // A client may be called as a kind of node is; quoted, it is only a name.
            Self::Node(NodeId::Client(name)) if KINDS.contains(&&**name) => write!(f, "'{name}'"),
            Self::Node(id) => write!(f, "{}", Quoted(&id.to_string())),
            Self::LeaderOf(tp) => write!(f, "{}", Quoted(&format!("leader({tp})"))),
            Self::Controller => f.write_str("controller"),
            Self::CoordinatorOf(group) => write!(f, "{}", Quoted(&format!("coordinator({group})"))),
        }
    }
}

impl fmt::Display for ClockSkew {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ahead(by) => write!(f, "+{by}"),
            Self::Behind(by) => write!(f, "-{by}"),
        }
    }
}

/// `101:102,102:103`, as `--replica-assignment` takes it.
fn assignment(replicas: &[Vec<BrokerId>]) -> String {
    let one = |ids: &Vec<BrokerId>| ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(":");
    replicas.iter().map(one).collect::<Vec<_>>().join(",")
}

fn write_configs(f: &mut fmt::Formatter<'_>, configs: &[(Name, Name)]) -> fmt::Result {
    for (name, value) in configs {
        write!(f, " --config {}", quote(&format!("{name}={value}")))?;
    }
    Ok(())
}

fn write_disk(f: &mut fmt::Formatter<'_>, verb: &str, node: &NodeRef, dir: Option<&Name>) -> fmt::Result {
    write!(f, "{verb} {node}")?;
    dir.map_or(Ok(()), |dir| write!(f, " {}", Quoted(dir)))
}

fn added(changes: &[(Name, Option<Name>)]) -> String {
    let one = |(name, value): &(Name, Option<Name>)| Some(format!("{name}={}", list_item(value.as_ref()?)));
    changes.iter().filter_map(one).collect::<Vec<_>>().join(",")
}

fn deleted(changes: &[(Name, Option<Name>)]) -> String {
    changes.iter().filter(|(_, value)| value.is_none()).map(|(name, _)| &**name).collect::<Vec<_>>().join(",")
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CreateTopic { topic, partitions, replication_factor, assignment: by_hand, configs } => {
                write!(f, "kafka-topics.sh --create --topic {}", Quoted(topic))?;
                if let Some(partitions) = partitions {
                    write!(f, " --partitions {partitions}")?;
                }
                if let Some(factor) = replication_factor {
                    write!(f, " --replication-factor {factor}")?;
                }
                if let Some(by_hand) = by_hand {
                    write!(f, " --replica-assignment {}", quote(&assignment(by_hand)))?;
                }
                write_configs(f, configs)
            }
            Self::DeleteTopic { topic } => write!(f, "kafka-topics.sh --delete --topic {}", Quoted(topic)),
            Self::AddPartitions { topic, partitions, assignment: by_hand } => {
                write!(f, "kafka-topics.sh --alter --topic {} --partitions {partitions}", Quoted(topic))?;
                match by_hand {
                    Some(by_hand) => write!(f, " --replica-assignment {}", quote(&assignment(by_hand))),
                    None => Ok(()),
                }
            }
            Self::AlterConfig { resource, changes } => {
                f.write_str("kafka-configs.sh --alter --entity-type ")?;
                match resource {
                    ConfigResource::Topic(topic) => write!(f, "topics --entity-name {}", Quoted(topic))?,
                    ConfigResource::Broker(id) => write!(f, "brokers --entity-name {}", quote(&id.to_string()))?,
                    ConfigResource::BrokerDefault => f.write_str("brokers --entity-default")?,
                }
                let (added, deleted) = (added(changes), deleted(changes));
                if !added.is_empty() {
                    write!(f, " --add-config {}", quote(&added))?;
                }
                if !deleted.is_empty() {
                    write!(f, " --delete-config {}", quote(&deleted))?;
                }
                Ok(())
            }
            Self::ElectLeader { unclean, tp } => {
                let kind = if *unclean { "unclean" } else { "preferred" };
                write!(f, "kafka-leader-election.sh --election-type {kind} ")?;
                match tp {
                    Some(tp) => write!(f, "--topic {} --partition {}", Quoted(&tp.topic), tp.partition),
                    None => f.write_str("--all-topic-partitions"),
                }
            }
            Self::ReassignPartitions { moves } => {
                f.write_str("kafka-reassign-partitions.sh --execute ")?;
                if let [(tp, replicas)] = &moves[..] {
                    let ids = replicas.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
                    let (topic, partition, ids) = (Quoted(&tp.topic), tp.partition, quote(&ids));
                    return write!(f, "--topic {topic} --partition {partition} --replicas {ids}");
                }
                let plan = reassign_tool::print(moves.iter().map(|(tp, replicas)| (tp, Some(replicas))));
                write!(f, "--reassignment-json {}", quote(&plan))
            }
            Self::CancelReassignments { partitions } => {
                f.write_str("kafka-reassign-partitions.sh --cancel ")?;
                if let [tp] = &partitions[..] {
                    return write!(f, "--topic {} --partition {}", Quoted(&tp.topic), tp.partition);
                }
                let plan = reassign_tool::print(partitions.iter().map(|tp| (tp, None)));
                write!(f, "--reassignment-json {}", quote(&plan))
            }
            Self::DeleteRecords { before } => {
                f.write_str("kafka-delete-records.sh ")?;
                if let [(tp, offset)] = &before[..] {
                    let (topic, partition) = (Quoted(&tp.topic), tp.partition);
                    return write!(f, "--topic {topic} --partition {partition} --offset {offset}");
                }
                write!(f, "--offset-json {}", quote(&delete_records_tool::print(before)))
            }
            Self::DeleteGroup { group } => write!(f, "kafka-consumer-groups.sh --delete --group {}", Quoted(group)),
            Self::DeleteGroupOffsets { group, topic, partitions } => {
                let topic = quote(&group_tool::print_topic(topic, partitions));
                write!(f, "kafka-consumer-groups.sh --delete-offsets --group {} --topic {topic}", Quoted(group))
            }
            Self::ResetOffsets { group, topic, partitions, to } => {
                let (group, topic) = (Quoted(group), quote(&group_tool::print_topic(topic, partitions)));
                let to = group_tool::print_to(*to);
                write!(f, "kafka-consumer-groups.sh --reset-offsets --group {group} --topic {topic} {to} --execute")
            }
            Self::Tool(text) => write!(f, "{text}"),
            Self::Type { client, text } => write!(f, "type {} {}", Quoted(client), Quoted(text)),
            Self::Kill(node) => write!(f, "kill {node}"),
            Self::PowerOff(node) => write!(f, "power-off {node}"),
            Self::DiskFull { node, dir } => write_disk(f, "disk-full", node, dir.as_ref()),
            Self::DiskFail { node, dir } => write_disk(f, "disk-fail", node, dir.as_ref()),
            Self::DiskRepair { node, dir } => write_disk(f, "disk-repair", node, dir.as_ref()),
            Self::Stop(node) => write!(f, "stop {node}"),
            Self::Start(node) => write!(f, "start {node}"),
            Self::Pause(node) => write!(f, "pause {node}"),
            Self::Resume(node) => write!(f, "resume {node}"),
            Self::Cut { a, b, one_way: false } => write!(f, "cut {a} {b}"),
            Self::Cut { a, b, one_way: true } => write!(f, "cut {a} {b} one-way"),
            Self::Isolate(node) => write!(f, "isolate {node}"),
            Self::Delay { a, b, by } => write!(f, "delay {a} {b} {by}"),
            Self::DropConnection { a, b } => write!(f, "drop-connection {a} {b}"),
            Self::Slow { node, factor: Some(factor) } => write!(f, "slow {node} {factor}"),
            Self::Slow { node, factor: None } => write!(f, "slow {node} off"),
            Self::Clock { node, skew: Some(skew) } => write!(f, "clock {node} {skew}"),
            Self::Clock { node, skew: None } => write!(f, "clock {node} off"),
            Self::Hang { client, hangs } => {
                write!(f, "hang {}{}", Quoted(client), if *hangs { "" } else { " off" })
            }
            Self::Heal(None) => f.write_str("heal"),
            Self::Heal(Some(fault)) => write!(f, "heal {fault}"),
            Self::Producer { client, topic, configs } => {
                write!(f, "producer {}", Quoted(client))?;
                if let Some(topic) = topic {
                    write!(f, " --topic {}", Quoted(topic))?;
                }
                write_configs(f, configs)
            }
            Self::Send { client, topic, partition, key, value, count } => {
                write!(f, "send {}", Quoted(client))?;
                if let Some(topic) = topic {
                    write!(f, " --topic {}", Quoted(topic))?;
                }
                if let Some(key) = key {
                    write!(f, " --key {}", Quoted(key))?;
                }
                if let Some(partition) = partition {
                    write!(f, " --partition {partition}")?;
                }
                if *count != 1 {
                    write!(f, " --count {count}")?;
                }
                write!(f, " {}", Quoted(value))
            }
            Self::Transaction { client, call } => transaction::print(f, client, call),
            Self::AbortHangingTransaction { tp, start_offset } => transaction::print_tool(f, tp, *start_offset),
            Self::Consumer { client, group, topics, include, configs, work: application } => {
                let topics = topics.iter().map(|topic| &**topic).collect::<Vec<_>>().join(",");
                match include {
                    Some(include) => write!(f, "consumer {} --include {}", Quoted(client), quote(include))?,
                    None => write!(f, "consumer {} --topic {}", Quoted(client), quote(&topics))?,
                }
                if let Some(group) = group {
                    write!(f, " --group {}", Quoted(group))?;
                }
                write_configs(f, configs)?;
                work::write(f, application)
            }
            Self::Commit { client, asynchronous } => {
                write!(f, "commit {}{}", Quoted(client), if *asynchronous { " --async" } else { "" })
            }
            Self::Seek { client, tp, offset } => {
                write!(f, "seek {} {} {offset}", Quoted(client), quote(&tp.to_string()))
            }
            Self::Wait(span) => write!(f, "wait {span}"),
        }
    }
}
