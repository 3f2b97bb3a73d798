//! Topics, partitions, replicas, records.

use playground_core::command::{Command, NodeRef};
use playground_core::ids::{BrokerId, Name, NodeId, TopicPartition};
use playground_core::view::{ClusterView, PartitionView};

use super::clients::readers_of;
use super::machines::broker;
use super::{Deed, Entry, Group, entry, form, of};
use crate::model::inquiry::ConfigOwner;
use crate::model::state::Dialog;

fn find<'a>(tp: &TopicPartition, view: &'a ClusterView) -> Option<&'a PartitionView> {
    view.topics.iter().flat_map(|topic| &topic.partitions).find(|partition| partition.tp == *tp).map(AsRef::as_ref)
}

pub(super) fn topic(name: &Name, view: &ClusterView) -> Vec<Entry> {
    let mut all = readers_of(name, view);
    all.push(form("grow", "More partitions…", Group::Admin, Dialog::AddPartitions(name.clone())));
    all.push(of("configs", "Configs…", Group::Admin, Deed::Configs(ConfigOwner::Topic(name.clone()))));
    all.push(entry(
        "delete-topic",
        format!("Delete {name}"),
        Group::Admin,
        Command::DeleteTopic { topic: name.clone() },
    ));
    all
}

pub(super) fn partition(tp: &TopicPartition, view: &ClusterView) -> Vec<Entry> {
    let elect = |unclean| Command::ElectLeader { unclean, tp: Some(tp.clone()) };
    let mut all = vec![
        entry("elect-preferred", "Elect the preferred leader", Group::Admin, elect(false)),
        entry("elect-unclean", "Elect uncleanly", Group::Admin, elect(true)),
    ];
    let Some(found) = find(tp, view) else { return all };
    if !found.adding.is_empty() || !found.removing.is_empty() {
        let command = Command::CancelReassignments { partitions: vec![tp.clone()] };
        all.push(entry("cancel-move", "Give up its move", Group::Admin, command));
    }
    // A spare broker takes the place of each replica by one press.
    let spare = view.brokers.iter().map(|broker| broker.id).find(|id| !found.assigned.contains(id));
    for old in found.assigned.iter().filter(|_| spare.is_some()) {
        let to: Vec<BrokerId> =
            found.assigned.iter().map(|id| if id == old { spare.unwrap_or(*id) } else { *id }).collect();
        let command = Command::ReassignPartitions { moves: vec![(tp.clone(), to)] };
        let label = format!("Move the replica on {old} to {}", spare.unwrap_or(*old));
        all.push(
            entry(&format!("move-{old}"), label, Group::Admin, command).choice("Move the replica on", old.to_string()),
        );
    }
    if found.assigned.len() > 1 {
        let mut turned = found.assigned.clone();
        turned.rotate_left(1);
        let command = Command::ReassignPartitions { moves: vec![(tp.clone(), turned.clone())] };
        let label = format!("Prefer {} as leader", turned[0]);
        all.push(entry("prefer", label, Group::Admin, command));
    }
    let nothing = (found.high_watermark == 0).then(|| "nothing is committed yet".to_owned());
    let delete = Command::DeleteRecords { before: vec![(tp.clone(), -1)] };
    all.push(entry("delete-records", "Delete all committed records", Group::Admin, delete).unless(nothing));
    all.extend(topic(&tp.topic, view));
    all
}

/// Of a replica: its fetching, its machine, its partition.
pub(super) fn replica(id: BrokerId, tp: &TopicPartition, view: &ClusterView) -> Vec<Entry> {
    let mut all = Vec::new();
    let leader = find(tp, view).and_then(|partition| partition.leader).filter(|leader| *leader != id);
    if let Some(leader) = leader {
        let (me, from) = (NodeRef::Node(NodeId::Broker(id)), NodeRef::Node(NodeId::Broker(leader)));
        let command = Command::Cut { a: me, b: from, one_way: true };
        all.push(entry("stop-fetching", format!("Stop its fetching from {leader}"), Group::First, command));
    }
    // A fetcher may be blocked already: what heals it stands first.
    let wanted = ["menu-start", "menu-resume", "menu-kill", "menu-stop", "menu-pause", "menu-power-off"];
    let of_broker = broker(id, view).into_iter();
    all.extend(of_broker.filter(|one| wanted.contains(&one.id.as_str()) || one.id.starts_with("menu-heal")));
    all.extend(partition(tp, view));
    all
}

pub(super) fn record(tp: &TopicPartition, offset: i64, view: &ClusterView) -> Vec<Entry> {
    let late = find(tp, view).is_some_and(|partition| offset >= partition.high_watermark);
    let reason = late.then(|| "it is not committed yet".to_owned());
    let before = Command::DeleteRecords { before: vec![(tp.clone(), offset + 1)] };
    let label = format!("Delete records up to {offset}");
    let mut all = vec![entry("delete-up-to", label, Group::First, before).unless(reason)];
    let readers = view.consumers.iter().filter(|one| one.assignment.iter().any(|(owned, _)| owned == tp));
    for one in readers.take(4) {
        let command = Command::Seek { client: one.client.clone(), tp: tp.clone(), offset };
        let label = format!("Let {} read again from here", one.client);
        all.push(entry(&format!("seek-{}", one.client), label, Group::First, command));
    }
    all
}
