//! Producers, consumers and groups.

use playground_core::command::{Command, NodeRef, ResetTo, TransactionVerb, Work};
use playground_core::ids::{Name, NodeId};
use playground_core::view::{ClusterView, ProcessState};

use super::machines::{machine, network};
use super::{Deed, Entry, Group, entry, form, of, process};
use crate::model::inquiry::ConfigOwner;
use crate::model::state::Dialog;

fn dead(state: ProcessState) -> Option<String> {
    (state == ProcessState::Dead).then(|| "it does not run".to_owned())
}

/// A name that no client has.
pub fn free_name(stem: &str, view: &ClusterView) -> String {
    let taken = |name: &str| {
        view.producers.iter().any(|one| &*one.client == name) || view.consumers.iter().any(|one| &*one.client == name)
    };
    (1..).map(|n| format!("{stem}-{n}")).find(|name| !taken(name)).unwrap_or_default()
}

fn brokers(view: &ClusterView) -> Vec<NodeId> {
    view.brokers.iter().take(6).map(|broker| NodeId::Broker(broker.id)).collect()
}

pub(super) fn producer(client: &Name, view: &ClusterView) -> Vec<Entry> {
    let Some(producer) = view.producers.iter().find(|one| one.client == *client) else { return Vec::new() };
    let me = NodeId::Client(client.clone());
    let who = NodeRef::Node(me.clone());
    let dead = dead(producer.state);
    let send = |count: u32| Command::Send {
        client: client.clone(),
        topic: None,
        partition: None,
        key: None,
        value: "hello".into(),
        count,
    };
    let topicless = producer.topic.is_none().then(|| "it has no topic of its own".to_owned());
    let mut all =
        vec![form("send", "Send records…", Group::First, Dialog::Send(Some(client.clone()))).unless(dead.clone())];
    for count in [1, 10] {
        let one = entry(&format!("send-{count}"), format!("Send {count} without a key"), Group::First, send(count));
        all.push(one.choice("Send without a key", count.to_string()).unless(dead.clone()).unless(topicless.clone()));
    }
    if producer.transaction.is_some() {
        for (id, verb, printed) in [
            ("init-transactions", TransactionVerb::Init, "init"),
            ("begin-transaction", TransactionVerb::Begin, "begin"),
            ("commit-transaction", TransactionVerb::Commit, "commit"),
            ("abort-transaction", TransactionVerb::Abort, "abort"),
        ] {
            let command = Command::Transaction { client: client.clone(), call: verb };
            let one = entry(id, format!("Its transaction: {printed}"), Group::First, command);
            all.push(one.choice("Transaction", printed).unless(dead.clone()));
        }
    }
    all.extend(process(&who, producer.state, "Kill it (SIGKILL)", "Close it: close()"));
    all.extend(network(&who, &me, &brokers(view), view));
    all.extend(machine(&who));
    all.push(of("configs", "Configs…", Group::Admin, Deed::Configs(ConfigOwner::Client(client.clone()))));
    all
}

pub(super) fn consumer(client: &Name, view: &ClusterView) -> Vec<Entry> {
    let Some(consumer) = view.consumers.iter().find(|one| one.client == *client) else { return Vec::new() };
    let me = NodeId::Client(client.clone());
    let who = NodeRef::Node(me.clone());
    let dead = dead(consumer.state);
    let reason = dead.clone().or_else(|| consumer.group.is_none().then(|| "it has no group".to_owned()));
    let commit = Command::Commit { client: client.clone(), asynchronous: false };
    let hang = |hangs| Command::Hang { client: client.clone(), hangs };
    let mut all = Vec::new();
    if consumer.hangs {
        all.push(entry("hang-off", "Let its application go on", Group::First, hang(false)));
    }
    all.push(entry("commit", "Commit its positions: commitSync()", Group::First, commit).unless(reason));
    for (tp, _) in consumer.assignment.iter().take(6) {
        let command = Command::Seek { client: client.clone(), tp: tp.clone(), offset: 0 };
        let one = entry(&format!("seek-{tp}"), format!("Seek {tp} to offset 0"), Group::First, command);
        all.push(one.choice("Seek to 0", tp.to_string()).unless(dead.clone()));
    }
    if let Some(group) = &consumer.group {
        let tp = consumer.assignment.first().map(|(tp, _)| tp.topic.clone());
        all.extend(tp.and_then(|topic| add_to(group, &topic, view)));
    }
    let (close, label) = match &consumer.group {
        Some(_) => ("Close it: it leaves its group", "Hang its application: heartbeats, but no poll"),
        None => ("Close it: close()", "Hang its application: no poll"),
    };
    all.extend(process(&who, consumer.state, "Kill it (SIGKILL)", close));
    let stuck = consumer.hangs.then(|| "it hangs already".to_owned());
    all.push(entry("hang", label, Group::Process, hang(true)).unless(dead.clone()).unless(stuck));
    all.extend(network(&who, &me, &brokers(view), view));
    all.extend(machine(&who));
    all.push(of("configs", "Configs…", Group::Admin, Deed::Configs(ConfigOwner::Client(client.clone()))));
    all
}

/// One more member, with Kafka's defaults.
fn add_to(group: &Name, topic: &Name, view: &ClusterView) -> Option<Entry> {
    let client = free_name("consumer", view);
    let label = format!("Add {client} to group {group}");
    let command = Command::Consumer {
        client: client.into(),
        group: Some(group.clone()),
        topics: vec![topic.clone()],
        include: None,
        configs: Vec::new(),
        work: Work::default(),
    };
    Some(entry("add-member", label, Group::First, command))
}

/// The topic that members of the group read, as far as anyone does.
fn topic_of(group: &Name, view: &ClusterView) -> Option<Name> {
    let group = view.groups.iter().find(|one| one.id == *group)?;
    let owned = group.members.iter().flat_map(|(_, _, share, _)| share).next();
    owned.or_else(|| group.committed.first().map(|(tp, ..)| tp)).map(|tp| tp.topic.clone())
}

/// One more member of each group that reads the topic.
pub(super) fn readers_of(topic: &Name, view: &ClusterView) -> Vec<Entry> {
    let reads = |group: &&playground_core::view::GroupView| topic_of(&group.id, view).as_ref() == Some(topic);
    view.groups.iter().filter(reads).take(3).filter_map(|group| add_to(&group.id, topic, view)).collect()
}

pub(super) fn group(id: &Name, view: &ClusterView) -> Vec<Entry> {
    let Some(group) = view.groups.iter().find(|one| one.id == *id) else { return Vec::new() };
    let mut all = Vec::new();
    let topic = topic_of(id, view).or_else(|| view.topics.iter().find(|one| !one.internal).map(|one| one.name.clone()));
    all.extend(topic.as_ref().and_then(|topic| add_to(id, topic, view)));
    all.push(form("add-consumer", "Add a consumer…", Group::First, Dialog::AddConsumer(Some(id.clone()))));
    let busy = (!group.members.is_empty()).then(|| "the group is not empty: Kafka would refuse".to_owned());
    if let Some(topic) = &topic {
        for (id_of, to, printed) in [
            ("reset-earliest", ResetTo::Earliest, "earliest"),
            ("reset-latest", ResetTo::Latest, "latest"),
            ("reset-back", ResetTo::ShiftBy(-1), "one back"),
        ] {
            let command = Command::ResetOffsets { group: id.clone(), topic: topic.clone(), partitions: Vec::new(), to };
            let one = entry(id_of, format!("Reset its offsets in {topic}: {printed}"), Group::Admin, command);
            all.push(one.choice("Reset offsets", printed).unless(busy.clone()));
        }
        let forget = Command::DeleteGroupOffsets { group: id.clone(), topic: topic.clone(), partitions: Vec::new() };
        let label = format!("Delete its offsets in {topic}");
        all.push(entry("delete-offsets", label, Group::Admin, forget));
    }
    let delete = Command::DeleteGroup { group: id.clone() };
    all.push(entry("delete-group", format!("Delete group {id}"), Group::Admin, delete).unless(busy));
    all
}
