//! What a command did, as a sentence for the toast and the live region.

use playground_core::command::{Command, NodeRef, TransactionVerb};
use playground_core::ids::Name;

fn node(node: &NodeRef) -> String {
    match node {
        NodeRef::Node(id) => match id.broker() {
            Some(broker) => format!("Broker {broker}"),
            None => id.to_string(),
        },
        NodeRef::LeaderOf(tp) => format!("The leader of {tp}"),
        NodeRef::Controller => "The controller".into(),
        NodeRef::CoordinatorOf(group) => format!("The coordinator of {group}"),
    }
}

/// One sentence without a full stop.
pub fn done(command: &Command) -> String {
    match command {
        Command::CreateTopic { topic, .. } => format!("The creation of topic {topic} is asked for"),
        Command::DeleteTopic { topic } => format!("The deletion of topic {topic} is asked for"),
        Command::AddPartitions { topic, partitions, .. } => format!("{topic} is to have {partitions} partitions"),
        Command::AlterConfig { .. } => "The change of configs is asked for".into(),
        Command::ElectLeader { tp: Some(tp), .. } => format!("An election for {tp} is asked for"),
        Command::ElectLeader { tp: None, .. } => "An election for all partitions is asked for".into(),
        Command::ReassignPartitions { moves } => match &moves[..] {
            [(tp, replicas)] => format!("{tp} is to move to {}", ids(replicas)),
            moves => format!("{} partitions are to move", moves.len()),
        },
        Command::CancelReassignments { partitions } => match &partitions[..] {
            [tp] => format!("The move of {tp} is to be given up"),
            partitions => format!("{} moves are to be given up", partitions.len()),
        },
        Command::DeleteGroup { group } => format!("The deletion of group {group} is asked for"),
        Command::DeleteGroupOffsets { group, topic, .. } => format!("{group} is to forget its offsets of {topic}"),
        Command::ResetOffsets { group, topic, .. } => format!("The offsets of {group} in {topic} are to be reset"),
        Command::Tool(text) => format!("{} is started", text.words.first().map_or("", |tool| tool)),
        Command::Type { client, .. } => format!("{client} reads what is typed"),
        Command::Kill(who) => format!("{} is killed", node(who)),
        Command::PowerOff(who) => format!("{} loses its power", node(who)),
        Command::DeleteRecords { before } => match &before[..] {
            [(tp, -1)] => format!("All records of {tp} are to be deleted"),
            [(tp, offset)] => format!("Records of {tp} before {offset} are to be deleted"),
            before => format!("Records of {} partitions are to be deleted", before.len()),
        },
        Command::DiskFull { node: who, dir } => format!("{} of {} is full", disk(dir), lower(who)),
        Command::DiskFail { node: who, dir } => format!("{} of {} has failed", disk(dir), lower(who)),
        Command::DiskRepair { node: who, dir } => format!("{} of {} works again", disk(dir), lower(who)),
        Command::Stop(who) => format!("{} is told to stop", node(who)),
        Command::Start(who) => format!("{} is started", node(who)),
        Command::Pause(who) => format!("{} is frozen", node(who)),
        Command::Resume(who) => format!("{} goes on", node(who)),
        Command::Cut { a, b, one_way: false } => format!("{} and {} are cut off from each other", node(a), lower(b)),
        Command::Cut { a, b, one_way: true } => format!("{} no longer hears {}", node(a), lower(b)),
        Command::Isolate(who) => format!("{} is cut off from everyone", node(who)),
        Command::Delay { a, b, by } => format!("Messages between {} and {} take {by} longer", lower(a), lower(b)),
        Command::DropConnection { a, b } => format!("Connections between {} and {} are reset", lower(a), lower(b)),
        Command::Slow { node: who, factor: Some(factor) } => format!("{} is {factor} times slower", node(who)),
        Command::Slow { node: who, factor: None } => format!("{} is as fast as before", node(who)),
        Command::Clock { node: who, skew: Some(skew) } => format!("The clock of {} is wrong by {skew}", lower(who)),
        Command::Clock { node: who, skew: None } => format!("The clock of {} is right", lower(who)),
        Command::Heal(None) => "All faults are healed".into(),
        Command::Heal(Some(id)) => format!("Fault {id} is healed"),
        Command::Producer { client, .. } => format!("Producer {client} is started"),
        Command::Send { client, count: 1, .. } => format!("{client} is given a record"),
        Command::Send { client, count, .. } => format!("{client} is given {count} records"),
        Command::Transaction { client, call } => match call {
            TransactionVerb::Init => format!("{client} asks for its transactional identity"),
            TransactionVerb::Begin => format!("{client} begins a transaction"),
            TransactionVerb::SendOffsets(consumer) => {
                format!("{client} takes the positions of {consumer} into its transaction")
            }
            TransactionVerb::Commit => format!("{client} commits its transaction"),
            TransactionVerb::Abort => format!("{client} aborts its transaction"),
        },
        Command::AbortHangingTransaction { tp, start_offset } => {
            format!("The transaction that begins at {start_offset} in {tp} is to be aborted there")
        }
        Command::Consumer { client, .. } => format!("Consumer {client} is started"),
        Command::Commit { client, asynchronous: false } => format!("{client} commits its positions"),
        Command::Commit { client, asynchronous: true } => format!("{client} commits its positions and does not wait"),
        Command::Seek { client, tp, offset } => format!("{client} seeks {tp} to {offset}"),
        Command::Hang { client, hangs: true } => format!("The application of {client} hangs: it does not poll"),
        Command::Hang { client, hangs: false } => format!("The application of {client} goes on"),
        Command::Wait(span) => format!("{span} pass"),
    }
}

fn ids(replicas: &[i32]) -> String {
    replicas.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

fn disk(dir: &Option<Name>) -> String {
    dir.as_ref().map_or("The disk".into(), |dir| format!("The disk under {dir}"))
}

fn lower(who: &NodeRef) -> String {
    let text = node(who);
    match text.strip_prefix("Broker ") {
        Some(id) => format!("broker {id}"),
        None => text.replacen("The ", "the ", 1),
    }
}

#[cfg(test)]
mod tests {
    use playground_core::ids::NodeId;

    use super::*;

    #[test]
    fn sentences_read_well() {
        let broker = |id| NodeRef::Node(NodeId::Broker(id));
        assert_eq!(done(&Command::Kill(broker(102))), "Broker 102 is killed");
        assert_eq!(
            done(&Command::Cut { a: broker(101), b: NodeRef::Controller, one_way: false }),
            "Broker 101 and the controller are cut off from each other"
        );
    }
}
