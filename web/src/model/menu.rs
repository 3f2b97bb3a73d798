//! What can be done with a thing: one list for pointer, keyboard, inspector and phone.

use playground_core::command::{Command, NodeRef};
use playground_core::ids::{Name, NodeId};
use playground_core::view::{ClusterView, ProcessState};

use super::state::Dialog;
use super::subject::Subject;
use crate::scene::Selection;

/// What an entry does.
#[derive(Clone, PartialEq, Debug)]
pub enum Deed {
    /// A command.
    Do(Command),
    /// A form that ends in a command.
    Open(Dialog),
}

/// An entry.
#[derive(Clone, PartialEq, Debug)]
pub struct Entry {
    /// The hook of browser tests: `menu-kill`.
    pub id: String,
    /// What is printed.
    pub label: String,
    /// What it does.
    pub deed: Deed,
    /// Why it cannot be done now.
    pub disabled: Option<String>,
    /// A rule above it.
    pub rule: bool,
}

fn entry(id: &str, label: impl Into<String>, command: Command) -> Entry {
    Entry { id: format!("menu-{id}"), label: label.into(), deed: Deed::Do(command), disabled: None, rule: false }
}

fn form(id: &str, label: impl Into<String>, dialog: Dialog) -> Entry {
    Entry { id: format!("menu-{id}"), label: label.into(), deed: Deed::Open(dialog), disabled: None, rule: false }
}

impl Entry {
    fn unless(mut self, reason: Option<String>) -> Self {
        self.disabled = self.disabled.or(reason);
        self
    }

    fn ruled(mut self) -> Self {
        self.rule = true;
        self
    }

    /// The line that it stands for, if it is a command.
    pub fn line(&self) -> Option<String> {
        match &self.deed {
            Deed::Do(command) => Some(command.to_string()),
            Deed::Open(_) => None,
        }
    }
}

/// Everything that can be done with `subject`, the most likely first.
pub fn entries(subject: &Subject, view: &ClusterView) -> Vec<Entry> {
    match subject {
        Subject::Thing(Selection::Broker(id)) => broker(*id, view),
        Subject::Thing(Selection::ZooKeeper(id)) => zookeeper(*id, view),
        Subject::Thing(Selection::Producer(client)) => producer(client, view),
        Subject::Thing(Selection::Consumer(client)) => consumer(client, view),
        Subject::Thing(Selection::Partition(tp) | Selection::Replica(_, tp)) => vec![
            entry(
                "elect-preferred",
                "Elect the preferred leader",
                Command::ElectLeader { unclean: false, tp: Some(tp.clone()) },
            ),
            entry("elect-unclean", "Elect uncleanly", Command::ElectLeader { unclean: true, tp: Some(tp.clone()) }),
        ],
        Subject::Topic(topic) => {
            vec![entry("delete-topic", format!("Delete {topic}"), Command::DeleteTopic { topic: topic.clone() })]
        }
        Subject::Thing(Selection::Fault(id)) => vec![entry("heal", "Heal it", Command::Heal(Some(*id)))],
        Subject::Thing(Selection::Message(id)) => message(*id, view),
        _ => Vec::new(),
    }
}

fn process(who: NodeRef, state: ProcessState, kill: &str, stop: &str) -> Vec<Entry> {
    let dead = (state == ProcessState::Dead).then(|| "it does not run".to_owned());
    let frozen = (state == ProcessState::Paused).then(|| "it is frozen".to_owned());
    let mut all = Vec::new();
    match state {
        ProcessState::Dead => all.push(entry("start", "Start it again", Command::Start(who.clone()))),
        ProcessState::Paused => all.push(entry("resume", "Let it go on", Command::Resume(who.clone()))),
        _ => {}
    }
    all.push(entry("kill", kill, Command::Kill(who.clone())).unless(dead.clone()));
    all.push(entry("stop", stop, Command::Stop(who.clone())).unless(dead.clone()).unless(frozen.clone()));
    all.push(entry("pause", "Freeze it", Command::Pause(who)).unless(dead).unless(frozen));
    all
}

fn broker(id: i32, view: &ClusterView) -> Vec<Entry> {
    let Some(broker) = view.brokers.iter().find(|broker| broker.id == id) else { return Vec::new() };
    let who = NodeRef::Node(NodeId::Broker(id));
    let mut all = process(who.clone(), broker.state, "Kill it", "Stop it gracefully");
    let cut = |other: NodeId| {
        let (slug, label) = match &other {
            NodeId::Broker(other) => (format!("cut-{other}"), format!("Cut it off from {other}")),
            other => (format!("cut-{other}"), format!("Cut it off from {other}")),
        };
        entry(&slug, label, Command::Cut { a: who.clone(), b: NodeRef::Node(other), one_way: false })
    };
    let others = view.brokers.iter().map(|other| other.id).filter(|other| *other != id).take(5);
    let mut cuts: Vec<Entry> = others.map(|other| cut(NodeId::Broker(other))).collect();
    cuts.extend(view.zookeeper.iter().map(|server| cut(NodeId::ZooKeeper(server.id))));
    if let Some(first) = cuts.first_mut() {
        first.rule = true;
    }
    all.extend(cuts);
    all.push(entry("isolate", "Cut it off from everyone", Command::Isolate(who)));
    let touched = view.faults.iter().any(|fault| fault.between.contains(&NodeId::Broker(id)));
    for fault in view.faults.iter().filter(|fault| fault.between.contains(&NodeId::Broker(id))) {
        all.push(entry(&format!("heal-{}", fault.id), format!("Heal: {}", fault.text), Command::Heal(Some(fault.id))));
    }
    if !touched && !view.faults.is_empty() {
        all.push(entry("heal", "Heal the network", Command::Heal(None)));
    }
    all
}

fn zookeeper(id: u8, view: &ClusterView) -> Vec<Entry> {
    let Some(server) = view.zookeeper.iter().find(|server| server.id == id) else { return Vec::new() };
    let who = NodeRef::Node(NodeId::ZooKeeper(id));
    let mut all = process(who.clone(), server.state, "Kill it", "Stop it");
    all.push(entry("isolate", "Cut it off from everyone", Command::Isolate(who)).ruled());
    all
}

fn producer(client: &Name, view: &ClusterView) -> Vec<Entry> {
    let Some(producer) = view.producers.iter().find(|one| one.client == *client) else { return Vec::new() };
    let dead = (producer.state == ProcessState::Dead).then(|| "it does not run".to_owned());
    let mut all = vec![form("send", "Send records…", Dialog::Send(Some(client.clone()))).unless(dead)];
    all.extend(ruled(process(NodeRef::Node(NodeId::Client(client.clone())), producer.state, "Kill it", "Close it")));
    all
}

fn consumer(client: &Name, view: &ClusterView) -> Vec<Entry> {
    let Some(consumer) = view.consumers.iter().find(|one| one.client == *client) else { return Vec::new() };
    let mut all = process(
        NodeRef::Node(NodeId::Client(client.clone())),
        consumer.state,
        "Kill it",
        "Close it: it leaves its group",
    );
    let reason = if consumer.state == ProcessState::Dead { Some("it does not run".to_owned()) } else { None };
    let reason = reason.or_else(|| consumer.group.is_none().then(|| "it has no group".to_owned()));
    all.push(
        entry("commit", "Commit its positions", Command::Commit { client: client.clone() }).unless(reason).ruled(),
    );
    all
}

fn message(id: u64, view: &ClusterView) -> Vec<Entry> {
    let Some(message) = view.in_flight.iter().find(|message| message.id == id) else { return Vec::new() };
    let ends = || (NodeRef::Node(message.from.clone()), NodeRef::Node(message.to.clone()));
    let (a, b) = ends();
    let reset = entry("drop-connection", "Reset its connection", Command::DropConnection { a, b });
    let (a, b) = ends();
    let cut = entry("cut", "Cut its way", Command::Cut { a, b, one_way: false });
    vec![reset, cut]
}

fn ruled(mut entries: Vec<Entry>) -> Vec<Entry> {
    if let Some(first) = entries.first_mut() {
        first.rule = true;
    }
    entries
}
