//! What is the matter with the cluster, in one sentence with its cause, for the sandbox, where nobody narrates: says what
//! the view and the events show, the gravest thing as the headline. Leaves out clocks, and leaders that only the network
//! cuts off: faults in force are named beside whatever the headline is.

mod clients;
mod lacks;
mod leadership;
mod replicas;
mod words;

use std::rc::Rc;

use playground_core::command::{Command, NodeRef};
use playground_core::ids::{BrokerId, Name, NodeId};
use playground_core::view::{BrokerView, ClusterView, PartitionView, ProcessState, is_internal_topic};

pub use lacks::{Lack, lacks};

use super::events::EventRow;
use words::{listed, of_many};

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
    /// own znode, and exit. Nor with disks that have failed.
    fn starting(self, view: &ClusterView, brokers: impl IntoIterator<Item = BrokerId>) -> Self {
        let would_stay = |broker: &&BrokerView| {
            let has_disk = broker.log_dirs.is_empty() || broker.log_dirs.iter().any(|dir| dir.disk != "has failed");
            broker.state == ProcessState::Dead && !broker.registered && has_disk
        };
        let found = brokers.into_iter().filter_map(|id| view.brokers.iter().find(|one| one.id == id));
        let broker = found.into_iter().find(would_stay);
        let remedy = broker.map(|one| (format!("Start broker {}", one.id), Command::Start(node(one.id))));
        Self { remedy, ..self }
    }

    fn resuming(self, broker: BrokerId) -> Self {
        Self { remedy: Some((format!("Let broker {broker} go on"), Command::Resume(node(broker)))), ..self }
    }
}

/// Where the controller finds what it is to delete.
const DELETE: &str = "/admin/delete_topics/";

/// What can be the matter, the gravest first.
const LOOKS: [fn(&ClusterView, &[Rc<EventRow>]) -> Option<Diagnosis>; 11] = [
    leadership::leaderless,
    leadership::led_by_the_silent,
    replicas::parted,
    replicas::lacking,
    processes,
    clients::rebalance,
    clients::lost,
    clients::held_back,
    clients::stuck,
    clients::unread,
    faults,
];

/// What is the matter; `None` where there is nothing yet that something could happen to.
pub fn diagnose(view: &ClusterView, events: &[Rc<EventRow>]) -> Option<Diagnosis> {
    let ground = leadership::ensemble(view).or_else(|| leadership::controller(view));
    let all_run = view.brokers.iter().all(|broker| broker.state == ProcessState::Running);
    if ground.is_none() && all_run && view.topics.iter().all(|topic| topic.internal) {
        return None;
    }
    let mut found =
        ground.or_else(|| LOOKS.iter().find_map(|look| look(view, events))).unwrap_or_else(|| in_order(view));
    found.sentences.extend(clients::waiting(view));
    found.sentences.extend(clients::missed(view));
    if let Some(lost) = clients::lost(view, events).filter(|lost| lost.headline != found.headline) {
        found.sentences.push(format!("{}.", lost.headline));
    }
    let deleting = deleting(view);
    if !deleting.is_empty() {
        let goes = of_many(deleting.len(), "is", "are");
        found.sentences.push(format!("{} {goes} marked for deletion.", listed(&deleting, "topics")));
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

/// A broker that does not run as it should although every partition still has its leader and its ISR.
fn processes(view: &ClusterView, _: &[Rc<EventRow>]) -> Option<Diagnosis> {
    let ids = |state: ProcessState| {
        let of = view.brokers.iter().filter(|broker| broker.state == state);
        of.map(|broker| broker.id).collect::<Vec<BrokerId>>()
    };
    let about = |id: BrokerId| {
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
    let (frozen, gone) = (ids(ProcessState::Paused), ids(ProcessState::Dead));
    let (starting, stopping) = (ids(ProcessState::Starting), ids(ProcessState::Stopping));
    let headline = |all: &[BrokerId], one: &str, many: &str| {
        format!("{} {}", listed(all, "brokers"), of_many(all.len(), one, many))
    };
    if let Some(first) = frozen.first() {
        return Some(Diagnosis::new(headline(&frozen, "is frozen", "are frozen"), about(*first)).resuming(*first));
    }
    if let Some(first) = gone.first() {
        return Some(
            Diagnosis::new(headline(&gone, "is dead", "are dead"), about(*first)).starting(view, gone.iter().copied()),
        );
    }
    if !starting.is_empty() {
        let said = "Not registered in ZooKeeper yet, or loading its logs.".to_owned();
        return Some(Diagnosis::new(headline(&starting, "is not ready", "are not ready"), [said]));
    }
    stopping.first()?;
    let said = "In a controlled shutdown the controller elects other leaders first.".to_owned();
    Some(Diagnosis::new(headline(&stopping, "shuts down", "shut down"), [said]))
}

/// The network is not as it should be; what is in force is told anyway.
fn faults(view: &ClusterView, _: &[Rc<EventRow>]) -> Option<Diagnosis> {
    let headline = match view.faults.len() {
        0 => return None,
        1 => "A fault is in force".to_owned(),
        count => format!("{count} faults are in force"),
    };
    Some(Diagnosis::new(headline, []))
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
mod tests;
