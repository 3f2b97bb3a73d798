//! What can be done with a thing: one list for pointer, long press, keyboard and inspector. An entry is
//! a command with everything filled in, so that opening the list and choosing are all there is to do;
//! only what needs words of one's own opens a form.

mod clients;
mod data;
mod machines;

pub use clients::free_name;

use playground_core::collections::Order;
use playground_core::command::{Command, NodeRef};
use playground_core::ids::NodeId;
use playground_core::view::{ClusterView, ProcessState};

use super::inquiry::ConfigOwner;
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
    /// The panel of these configs.
    Configs(ConfigOwner),
}

/// Where an entry stands; each group has a heading, in this order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Group {
    /// What is done most; without a heading.
    First,
    /// The process: killed, stopped, frozen.
    Process,
    /// The network around it.
    Network,
    /// Its disks.
    Disk,
    /// Speed and clock.
    Machine,
    /// What an administrator does.
    Admin,
}

impl Group {
    /// Its heading.
    pub fn heading(self) -> Option<&'static str> {
        match self {
            Self::First => None,
            Self::Process => Some("Process"),
            Self::Network => Some("Network"),
            Self::Disk => Some("Disk"),
            Self::Machine => Some("Machine"),
            Self::Admin => Some("Administration"),
        }
    }
}

/// An entry.
#[derive(Clone, PartialEq, Debug)]
pub struct Entry {
    /// The hook of browser tests: `menu-kill`.
    pub id: String,
    /// What it does, in words.
    pub label: String,
    /// In a row of choices behind common words: the words, and what is printed for this one.
    pub choice: Option<(&'static str, String)>,
    /// Its place.
    pub group: Group,
    /// What it does.
    pub deed: Deed,
    /// Why it cannot be done now.
    pub disabled: Option<String>,
}

fn of(id: &str, label: impl Into<String>, group: Group, deed: Deed) -> Entry {
    Entry { id: format!("menu-{id}"), label: label.into(), choice: None, group, deed, disabled: None }
}

fn entry(id: &str, label: impl Into<String>, group: Group, command: Command) -> Entry {
    of(id, label, group, Deed::Do(command))
}

fn form(id: &str, label: impl Into<String>, group: Group, dialog: Dialog) -> Entry {
    of(id, label, group, Deed::Open(dialog))
}

impl Entry {
    fn unless(mut self, reason: Option<String>) -> Self {
        self.disabled = self.disabled.or(reason);
        self
    }

    /// One of a row: `Cut it off from` 101 102 zk1.
    fn choice(mut self, words: &'static str, what: impl Into<String>) -> Self {
        self.choice = Some((words, what.into()));
        self
    }

    /// The line that it stands for, if it is a command.
    pub fn line(&self) -> Option<String> {
        match &self.deed {
            Deed::Do(command) => Some(command.to_string()),
            Deed::Open(_) | Deed::Configs(_) => None,
        }
    }
}

/// Everything that can be done with `subject`, the most likely first.
pub fn entries(subject: &Subject, view: &ClusterView) -> Vec<Entry> {
    let mut all = match subject {
        Subject::Thing(Selection::Broker(id)) => machines::broker(*id, view),
        Subject::Thing(Selection::ZooKeeper(id)) => machines::zookeeper(*id, view),
        Subject::Thing(Selection::Producer(client)) => clients::producer(client, view),
        Subject::Thing(Selection::Consumer(client)) => clients::consumer(client, view),
        Subject::Thing(Selection::Group(group)) => clients::group(group, view),
        Subject::Thing(Selection::Partition(tp)) => data::partition(tp, view),
        Subject::Thing(Selection::Replica(broker, tp)) => data::replica(*broker, tp, view),
        Subject::Thing(Selection::Record(_, tp, offset)) => data::record(tp, *offset, view),
        Subject::Topic(topic) => data::topic(topic, view),
        Subject::Thing(Selection::Fault(id)) => vec![entry("heal", "Heal it", Group::First, Command::Heal(Some(*id)))],
        Subject::Thing(Selection::Message(id)) => message(*id, view),
        Subject::Thing(Selection::Session(id)) => session(*id, view),
        Subject::Ground => ground(view),
        Subject::Znode(_) => Vec::new(),
    };
    // Entries of a group stand together; within it they keep their order.
    all.order_by_key(|entry| entry.group);
    let ids: Vec<String> = all.iter().map(|entry| entry.id.clone()).collect();
    for (at, entry) in all.iter_mut().enumerate() {
        let same = ids[..at].iter().filter(|before| **before == entry.id).count();
        if same > 0 {
            entry.id = format!("{}-{}", entry.id, same + 1);
        }
    }
    all
}

fn process(who: &NodeRef, state: ProcessState, kill: &str, stop: &str) -> Vec<Entry> {
    let dead = (state == ProcessState::Dead).then(|| "it does not run".to_owned());
    let frozen = (state == ProcessState::Paused).then(|| "it is frozen".to_owned());
    let mut all = Vec::new();
    match state {
        ProcessState::Dead => all.push(entry("start", "Start it again", Group::First, Command::Start(who.clone()))),
        ProcessState::Paused => {
            all.push(entry("resume", "Let it go on (SIGCONT)", Group::First, Command::Resume(who.clone())));
        }
        _ => {}
    }
    let group = Group::Process;
    all.push(entry("kill", kill, group, Command::Kill(who.clone())).unless(dead.clone()));
    all.push(entry("stop", stop, group, Command::Stop(who.clone())).unless(dead.clone()).unless(frozen.clone()));
    all.push(entry("pause", "Freeze it (SIGSTOP)", group, Command::Pause(who.clone())).unless(dead).unless(frozen));
    all
}

fn message(id: u64, view: &ClusterView) -> Vec<Entry> {
    let Some(message) = view.in_flight.iter().find(|message| message.id == id) else { return Vec::new() };
    let ends = || (NodeRef::Node(message.from.clone()), NodeRef::Node(message.to.clone()));
    let (a, b) = ends();
    let reset = "Drop it: reset its connection";
    let mut all = vec![entry("drop-connection", reset, Group::First, Command::DropConnection { a, b })];
    let (a, b) = ends();
    all.push(entry("cut", "Cut its way", Group::Network, Command::Cut { a, b, one_way: false }));
    let (a, b) = ends();
    let one_way = format!("Cut only {} → {}", message.from, message.to);
    // One-way names first who no longer hears.
    all.push(entry("cut-one-way", one_way, Group::Network, Command::Cut { a: b, b: a, one_way: true }));
    all.extend(machines::delays(&NodeRef::Node(message.from.clone()), std::slice::from_ref(&message.to)));
    all
}

fn session(id: i64, view: &ClusterView) -> Vec<Entry> {
    let mut sessions = view.zookeeper.iter().flat_map(|server| &server.sessions);
    let owner = sessions.find(|session| session.id == id).and_then(|session| session.owner.parse().ok());
    let Some(owner) = owner else { return Vec::new() };
    let who = NodeRef::Node(NodeId::Broker(owner));
    let servers: Vec<NodeId> = view.zookeeper.iter().map(|server| NodeId::ZooKeeper(server.id)).collect();
    let mut all = machines::cuts(&who, &servers);
    all.push(entry("pause", format!("Freeze broker {owner}: it says nothing"), Group::Process, Command::Pause(who)));
    all
}

fn ground(view: &ClusterView) -> Vec<Entry> {
    let mut all = vec![
        form("add-topic", "Create a topic…", Group::First, Dialog::CreateTopic),
        form("add-producer", "Add a producer…", Group::First, Dialog::AddProducer),
        form("add-consumer", "Add a consumer…", Group::First, Dialog::AddConsumer(None)),
        form("send", "Send records…", Group::First, Dialog::Send(None)),
    ];
    let topics = view.topics.iter().filter(|topic| !topic.internal);
    all.extend(topics.take(4).flat_map(|topic| clients::readers_of(&topic.name, view)));
    if !view.faults.is_empty() {
        all.push(entry("heal", "Heal all faults", Group::Network, Command::Heal(None)));
    }
    all
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use playground_core::ids::TopicPartition;

    use super::*;
    use crate::scene::sample;

    #[test]
    fn every_entry_is_a_line_that_can_be_typed_and_has_a_hook_of_its_own() {
        let mut view = sample::cluster(4, 2, 5);
        view.faults.push(sample::cut(101, 102));
        let tp = TopicPartition::new(view.topics[0].name.clone(), 0);
        let mut subjects: Vec<Subject> = vec![
            Selection::Broker(101).into(),
            Selection::Partition(tp.clone()).into(),
            Selection::Replica(102, tp.clone()).into(),
            Selection::Record(101, tp, 1).into(),
            Selection::Fault(view.faults[0].id).into(),
            Subject::Topic(view.topics[0].name.clone()),
            Subject::Ground,
        ];
        subjects.extend(view.zookeeper.iter().map(|server| Selection::ZooKeeper(server.id).into()));
        subjects.extend(view.producers.iter().map(|one| Selection::Producer(one.client.clone()).into()));
        subjects.extend(view.consumers.iter().map(|one| Selection::Consumer(one.client.clone()).into()));
        subjects.extend(view.groups.iter().map(|group| Selection::Group(group.id.clone()).into()));
        for subject in subjects {
            let all = entries(&subject, &view);
            assert!(!all.is_empty(), "{}", subject.key());
            let ids: BTreeSet<&String> = all.iter().map(|entry| &entry.id).collect();
            assert_eq!(
                ids.len(),
                all.len(),
                "{}: {:?}",
                subject.key(),
                all.iter().map(|one| &one.id).collect::<Vec<_>>()
            );
            assert!(all.is_sorted_by_key(|entry| entry.group), "{}", subject.key());
            for line in all.iter().filter_map(Entry::line) {
                let typed = Command::parse(&line).map(|command| command.to_string());
                assert_eq!(typed.as_ref().ok(), Some(&line), "{}: {line}: {typed:?}", subject.key());
            }
        }
    }
}
