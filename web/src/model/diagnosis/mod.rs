//! What is the matter with the cluster, in one sentence with its cause, for the sandbox, where nobody narrates: says what
//! the view and the events show, the gravest thing as the headline and every other grave thing in a sentence below it.
//! Leaves out clocks, and leaders that only the network cuts off: faults in force are named beside whatever the headline is.

mod clients;
mod lacks;
mod leadership;
mod replicas;
mod words;

use std::rc::Rc;

use playground_core::collections::Order;
use playground_core::command::{Command, NodeRef};
use playground_core::ids::{BrokerId, Name, NodeId};
use playground_core::view::{ClusterView, FaultView, PartitionView, ProcessState, is_internal_topic};

pub use lacks::{Lack, lacks};

use super::events::EventRow;
use words::{listed, of_many, said_of};

/// What a person would say who looks at the cluster.
#[derive(Clone, PartialEq, Debug)]
pub struct Diagnosis {
    /// The cause, not the count.
    pub headline: String,
    /// What follows from it, each a paragraph.
    pub sentences: Vec<String>,
    /// What would mend it: a label and its command.
    pub remedy: Option<(String, Command)>,
}

impl Diagnosis {
    fn new(headline: String, sentences: impl Into<Vec<String>>) -> Self {
        Self { headline, sentences: sentences.into(), remedy: None }
    }

    /// Starting the first of these brokers that would stay mends it. Not before its session has ended: it would meet its
    /// own znode, and exit. Nor with disks that have failed, nor cut off from ZooKeeper: that has to be healed first.
    fn starting(mut self, view: &ClusterView, brokers: &[BrokerId]) -> Self {
        for &id in brokers {
            let Some(broker) = view.brokers.iter().find(|one| one.id == id) else { continue };
            let has_disk = broker.log_dirs.is_empty() || broker.log_dirs.iter().any(|dir| dir.disk != "has failed");
            if broker.state != ProcessState::Dead || broker.registered || !has_disk {
                continue;
            }
            let Some(fault) = cut_off(view, id) else {
                self.remedy = Some((format!("Start broker {id}"), Command::Start(node(id))));
                return self;
            };
            self.remedy = Some((format!("Heal: {}", fault.text), Command::Heal(Some(fault.id))));
        }
        self
    }

    fn resuming(self, broker: BrokerId) -> Self {
        Self { remedy: Some((format!("Let broker {broker} go on"), Command::Resume(node(broker)))), ..self }
    }
}

/// Where the controller finds what it is to delete.
const DELETE: &str = "/admin/delete_topics/";

/// So many other things are told below the headline.
const ALSO: usize = 4;

/// What is the matter, as it is found, the gravest first.
#[derive(Default)]
struct Found {
    first: Option<Diagnosis>,
    /// What else is, a sentence each.
    also: Vec<String>,
    /// Brokers of which it is told what is the matter with them.
    told: Vec<BrokerId>,
}

impl Found {
    /// `follows` stands behind the headline where it is not the first, and its own sentences are not told.
    fn add(&mut self, one: Diagnosis, follows: &str) {
        match self.first {
            None => self.first = Some(one),
            Some(_) => self.also.push(format!("{}{follows}.", one.headline)),
        }
    }
}

type Look = fn(&ClusterView, &[Rc<EventRow>], &mut Found);

/// What can be the matter, the gravest first.
const LOOKS: [Look; 15] = [
    leadership::ensemble,
    leadership::controller,
    leadership::leaderless,
    leadership::led_by_the_silent,
    replicas::parted,
    replicas::lacking,
    |view, _, found| leadership::servers(view, true, found),
    processes,
    clients::rebalance,
    clients::lost,
    clients::held_back,
    clients::stuck,
    clients::unread,
    |view, _, found| leadership::servers(view, false, found),
    faults,
];

/// What is the matter; `None` where there is nothing yet that something could happen to.
pub fn diagnose(view: &ClusterView, events: &[Rc<EventRow>]) -> Option<Diagnosis> {
    let all_run = view.brokers.iter().all(|broker| broker.state == ProcessState::Running);
    let stands = all_run && leadership::idle(view).is_empty() && view.has_quorum() && view.controller.is_some();
    if stands && view.topics.iter().all(|topic| topic.internal) {
        return None;
    }
    let mut found = Found::default();
    for look in LOOKS {
        look(view, events, &mut found);
    }
    let Found { first, also, .. } = found;
    let mut found = first.unwrap_or_else(|| in_order(view));
    let more = also.len().saturating_sub(ALSO);
    found.sentences.extend(also.into_iter().take(ALSO));
    if more > 0 {
        found.sentences.push(format!("And {more} more {} the matter.", of_many(more, "thing is", "things are")));
    }
    for told in [clients::waiting, clients::missed, clients::failed] {
        found.sentences.extend(told(view));
    }
    let deleting = deleting(view);
    if !deleting.is_empty() {
        found.sentences.push(said_of(&deleting, "topics", "is", "are") + " marked for deletion.");
    }
    if !view.faults.is_empty() {
        let all: Vec<&Name> = view.faults.iter().map(|fault| &fault.text).collect();
        found.sentences.push(format!("In force: {}.", listed(&all, "faults")));
    }
    Some(found)
}

/// Topics that the controller is to delete.
fn deleting(view: &ClusterView) -> Vec<Name> {
    let server = view.zookeeper.iter().max_by_key(|server| server.zxid);
    let znodes = server.into_iter().flat_map(|server| server.znodes.iter());
    znodes.filter_map(|znode| znode.path.strip_prefix(DELETE)).map(Name::from).collect()
}

/// Brokers that do not run as they should, where nothing graver has told of them.
fn processes(view: &ClusterView, _: &[Rc<EventRow>], found: &mut Found) {
    let ids = |state: ProcessState, found: &Found| {
        let of = view.brokers.iter().filter(|broker| broker.state == state && !found.told.contains(&broker.id));
        of.map(|broker| broker.id).collect::<Vec<BrokerId>>()
    };
    let about = |id: BrokerId, found: &Found| {
        // Below another headline it is told that they are, no more.
        if found.first.is_some() {
            return Vec::new();
        }
        let broker = view.brokers.iter().find(|broker| broker.id == id);
        let mut said: Vec<String> = broker.and_then(|broker| leadership::session(broker, view)).into_iter().collect();
        // What is in an ISR and answers nothing holds the high watermark.
        let held = partitions(view).filter(|one| one.isr.len() > 1 && one.isr.contains(&id)).count();
        if held > 0 {
            let them = of_many(held, "partition", "partitions");
            said.push(format!("{id} is in the ISR of {held} {them}: acks=all waits for it there."));
        }
        said
    };
    let frozen = ids(ProcessState::Paused, found);
    if let Some(first) = frozen.first() {
        let said = about(*first, found);
        found.add(Diagnosis::new(said_of(&frozen, "brokers", "is frozen", "are frozen"), said).resuming(*first), "");
    }
    let gone = ids(ProcessState::Dead, found);
    if let Some(first) = gone.first() {
        let said = about(*first, found);
        let dead = Diagnosis::new(said_of(&gone, "brokers", "is dead", "are dead"), said);
        found.add(dead.starting(view, &gone), "");
    }
    let (starting, stopping) = (ids(ProcessState::Starting, found), ids(ProcessState::Stopping, found));
    if !starting.is_empty() && found.first.is_none() {
        let said = "Not registered in ZooKeeper yet, or loading its logs.".to_owned();
        found.add(Diagnosis::new(said_of(&starting, "brokers", "is not ready", "are not ready"), [said]), "");
    } else if !stopping.is_empty() {
        let said = "In a controlled shutdown the controller elects other leaders first.".to_owned();
        let waits =
            if view.has_quorum() { "" } else { ", but not before there is a ZooKeeper to ask for the controller" };
        found.add(Diagnosis::new(said_of(&stopping, "brokers", "shuts down", "shut down"), [said]), waits);
    }
}

/// The network is not as it should be; what is in force is told anyway.
fn faults(view: &ClusterView, _: &[Rc<EventRow>], found: &mut Found) {
    let headline = match view.faults.len() {
        0 => return,
        _ if found.first.is_some() => return,
        1 => "A fault is in force".to_owned(),
        count => format!("{count} faults are in force"),
    };
    found.add(Diagnosis::new(headline, []), "");
}

/// Nothing is the matter.
fn in_order(view: &ClusterView) -> Diagnosis {
    let (count, led) = (partitions(view).count(), partitions(view).filter(|one| one.leader.is_some()).count());
    let brokers = format!("{} {}", view.brokers.len(), of_many(view.brokers.len(), "broker runs", "brokers run"));
    if led < count {
        let without = count - led;
        let headline = format!("{without} {} no leader yet", of_many(without, "partition has", "partitions have"));
        return Diagnosis::new(headline, []);
    }
    // What a reassignment adds is not missed (KIP-352).
    let headline = if count == 0 { "Nothing is the matter" } else { "Every partition is in full strength" };
    Diagnosis::new(headline.to_owned(), [brokers + "."])
}

fn node(id: BrokerId) -> NodeRef {
    NodeRef::Node(NodeId::Broker(id))
}

/// A fault that keeps it from every server of ZooKeeper.
fn cut_off(view: &ClusterView, id: BrokerId) -> Option<&FaultView> {
    let mut last = None;
    for server in &view.zookeeper {
        let parts = |fault: &&FaultView| {
            fault.between.contains(&NodeId::Broker(id))
                && (fault.text.starts_with("isolate")
                    || fault.text.starts_with("cut") && fault.between.contains(&NodeId::ZooKeeper(server.id)))
        };
        last = Some(view.faults.iter().find(parts)?);
    }
    last
}

fn sorted(mut ids: Vec<BrokerId>) -> Vec<BrokerId> {
    ids.order();
    ids.dedup();
    ids
}

/// A broker of the cluster that has no process.
fn is_dead(view: &ClusterView, id: BrokerId) -> bool {
    view.brokers.iter().any(|broker| broker.id == id && broker.state == ProcessState::Dead)
}

/// Of all topics but those that are to be deleted: they lose their leaders because they are to.
fn partitions(view: &ClusterView) -> impl Iterator<Item = &Rc<PartitionView>> {
    let deleting = deleting(view);
    view.topics.iter().filter(move |topic| !deleting.contains(&topic.name)).flat_map(|topic| &topic.partitions)
}

/// Those of people's topics, if there are any: internal ones would only hide them.
fn theirs(all: Vec<&Rc<PartitionView>>) -> Vec<&Rc<PartitionView>> {
    let (internal, own): (Vec<_>, Vec<_>) = all.into_iter().partition(|one| is_internal_topic(&one.tp.topic));
    if own.is_empty() { internal } else { own }
}

#[cfg(test)]
mod runs;
#[cfg(test)]
mod tests;
