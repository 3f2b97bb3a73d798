//! Brokers and ZooKeeper servers: every fault that a machine can have.

use playground_core::command::{ClockSkew, Command, NodeRef};
use playground_core::ids::NodeId;
use playground_core::time::SimDuration;
use playground_core::view::{BrokerView, ClusterView, ProcessState};

use super::{Deed, Entry, Group, entry, of, process};
use crate::model::inquiry::ConfigOwner;

/// So many others are offered by name; the command line knows all.
const OTHERS: usize = 6;

fn short(node: &NodeId) -> String {
    node.to_string()
}

/// Both ways cut, for each of `others`.
pub(super) fn cuts(who: &NodeRef, others: &[NodeId]) -> Vec<Entry> {
    let one = |other: &NodeId| {
        let command = Command::Cut { a: who.clone(), b: NodeRef::Node(other.clone()), one_way: false };
        entry(&format!("cut-{other}"), format!("Cut it off from {other}"), Group::Network, command)
            .choice("Cut off from", short(other))
    };
    others.iter().map(one).collect()
}

/// One way cut: it no longer hears these.
pub(super) fn deaf(who: &NodeRef, others: &[NodeId]) -> Vec<Entry> {
    let one = |other: &NodeId| {
        let command = Command::Cut { a: who.clone(), b: NodeRef::Node(other.clone()), one_way: true };
        entry(&format!("deaf-{other}"), format!("It no longer hears {other}"), Group::Network, command)
            .choice("No longer hears", short(other))
    };
    others.iter().map(one).collect()
}

/// Slower ways.
pub(super) fn delays(who: &NodeRef, others: &[NodeId]) -> Vec<Entry> {
    let one = |other: &NodeId| {
        let by = SimDuration::from_ms(200);
        let command = Command::Delay { a: who.clone(), b: NodeRef::Node(other.clone()), by };
        let label = format!("Messages to and from {other} take 200 ms longer");
        entry(&format!("delay-{other}"), label, Group::Network, command).choice("200 ms longer to", short(other))
    };
    others.iter().map(one).collect()
}

/// Connections that break once.
pub(super) fn resets(who: &NodeRef, others: &[NodeId]) -> Vec<Entry> {
    let one = |other: &NodeId| {
        let command = Command::DropConnection { a: who.clone(), b: NodeRef::Node(other.clone()) };
        let label = format!("Reset its connections with {other}");
        entry(&format!("reset-{other}"), label, Group::Network, command).choice("Reset connections with", short(other))
    };
    others.iter().map(one).collect()
}

/// Everything that the network can do to it.
pub(super) fn network(who: &NodeRef, me: &NodeId, others: &[NodeId], view: &ClusterView) -> Vec<Entry> {
    let mut all = Vec::new();
    let touched: Vec<_> = view.faults.iter().filter(|fault| fault.between.contains(me)).collect();
    for fault in &touched {
        let label = format!("Heal: {}", fault.text);
        all.push(entry(&format!("heal-{}", fault.id), label, Group::First, Command::Heal(Some(fault.id))));
    }
    if touched.is_empty() && !view.faults.is_empty() {
        all.push(entry("heal", "Heal all faults", Group::Network, Command::Heal(None)));
    }
    all.extend(cuts(who, others));
    all.extend(deaf(who, others));
    all.extend(delays(who, others));
    all.extend(resets(who, others));
    all.push(entry("isolate", "Cut it off from everyone", Group::Network, Command::Isolate(who.clone())));
    all
}

/// A slow machine, a wrong clock.
pub(super) fn machine(who: &NodeRef) -> Vec<Entry> {
    let slow = |factor: u32| {
        let command = Command::Slow { node: who.clone(), factor: Some(factor) };
        entry(&format!("slow-{factor}"), format!("It is {factor} times slower"), Group::Machine, command)
            .choice("Slower", format!("{factor}×"))
    };
    let clock = |id: &str, skew: ClockSkew, printed: &str| {
        let command = Command::Clock { node: who.clone(), skew: Some(skew) };
        entry(id, format!("Its clock is wrong by {printed}"), Group::Machine, command).choice("Clock", printed)
    };
    let minute = SimDuration::from_ms(60_000);
    let day = SimDuration::from_ms(24 * 3_600_000);
    vec![
        slow(10),
        slow(100),
        entry(
            "slow-off",
            "Slowing off: as fast as before",
            Group::Machine,
            Command::Slow { node: who.clone(), factor: None },
        )
        .choice("Slower", "off"),
        clock("clock-ahead", ClockSkew::Ahead(minute), "+1 min"),
        clock("clock-behind", ClockSkew::Behind(minute), "−1 min"),
        clock("clock-day", ClockSkew::Ahead(day), "+1 day"),
        entry("clock-off", "Its clock is right", Group::Machine, Command::Clock { node: who.clone(), skew: None })
            .choice("Clock", "right"),
    ]
}

fn disks(who: &NodeRef, broker: &BrokerView) -> Vec<Entry> {
    let mut all = Vec::new();
    let several = broker.log_dirs.len() > 1;
    for (number, dir) in broker.log_dirs.iter().enumerate() {
        let name = several.then(|| dir.path.clone());
        let at = |id: &str| if several { format!("{id}-{}", number + 1) } else { id.to_owned() };
        let printed = |words: &str| if several { dir.path.to_string() } else { words.to_owned() };
        let mut add = |id: &str, label: &str, words: &'static str, command: Command, reason: Option<String>| {
            let label = if several { format!("{label}: {}", dir.path) } else { label.to_owned() };
            let one = entry(&at(id), label, Group::Disk, command).unless(reason);
            all.push(if several { one.choice(words, printed(words)) } else { one });
        };
        let works = dir.disk == "works";
        let is = |what: &str| (dir.disk == what).then(|| format!("the disk {what} already"));
        let node = || who.clone();
        let full = Command::DiskFull { node: node(), dir: name.clone() };
        add("disk-full", "The disk is full", "Full", full, is("is full"));
        let fail = Command::DiskFail { node: node(), dir: name.clone() };
        add("disk-fail", "The disk fails", "Fails", fail, is("has failed"));
        let repair = Command::DiskRepair { node: node(), dir: name.clone() };
        add("disk-repair", "The disk works again", "Repair", repair, works.then(|| "the disk works".to_owned()));
    }
    all
}

pub(super) fn broker(id: i32, view: &ClusterView) -> Vec<Entry> {
    let Some(broker) = view.brokers.iter().find(|broker| broker.id == id) else { return Vec::new() };
    let me = NodeId::Broker(id);
    let who = NodeRef::Node(me.clone());
    let dead = (broker.state == ProcessState::Dead).then(|| "it does not run".to_owned());
    let mut all = process(&who, broker.state, "Kill it (SIGKILL)", "Stop it gracefully (SIGTERM)");
    let power = "Cut the power: what was not flushed is lost";
    all.push(entry("power-off", power, Group::Process, Command::PowerOff(who.clone())).unless(dead));
    let brokers = view.brokers.iter().map(|other| other.id).filter(|other| *other != id).take(OTHERS);
    let mut others: Vec<NodeId> = brokers.map(NodeId::Broker).collect();
    others.extend(view.zookeeper.iter().map(|server| NodeId::ZooKeeper(server.id)));
    all.extend(network(&who, &me, &others, view));
    all.extend(disks(&who, broker));
    all.extend(machine(&who));
    all.push(of("configs", "Configs…", Group::Admin, Deed::Configs(ConfigOwner::Broker(id))));
    all
}

pub(super) fn zookeeper(id: u8, view: &ClusterView) -> Vec<Entry> {
    let Some(server) = view.zookeeper.iter().find(|server| server.id == id) else { return Vec::new() };
    let me = NodeId::ZooKeeper(id);
    let who = NodeRef::Node(me.clone());
    let dead = (server.state == ProcessState::Dead).then(|| "it does not run".to_owned());
    let mut all = process(&who, server.state, "Kill it (SIGKILL)", "Stop it (SIGTERM)");
    all.push(entry("power-off", "Cut the power", Group::Process, Command::PowerOff(who.clone())).unless(dead));
    let servers = view.zookeeper.iter().map(|other| other.id).filter(|other| *other != id);
    let mut others: Vec<NodeId> = servers.map(NodeId::ZooKeeper).collect();
    others.extend(view.brokers.iter().take(OTHERS).map(|broker| NodeId::Broker(broker.id)));
    all.extend(network(&who, &me, &others, view));
    all.extend(machine(&who));
    all
}
