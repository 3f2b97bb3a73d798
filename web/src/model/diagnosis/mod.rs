//! What is the matter with the cluster, in one sentence with its cause, for the sandbox, where nobody narrates: says what the
//! view and the events show, the gravest thing as the headline. Leaves out transactions, disks and clocks.

mod clients;
mod lacks;
mod leadership;
mod replicas;
mod words;

use std::rc::Rc;

use playground_core::command::{Command, NodeRef};
use playground_core::ids::{BrokerId, NodeId, TopicPartition};
use playground_core::view::{BrokerView, ClusterView, PartitionView, ProcessState};

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

    fn starting(self, broker: Option<BrokerId>) -> Self {
        let remedy = broker.map(|id| (format!("Start broker {id}"), Command::Start(node(id))));
        Self { remedy, ..self }
    }
}

/// What is the matter; `None` where there is nothing yet that something could happen to.
pub fn diagnose(view: &ClusterView, events: &[Rc<EventRow>]) -> Option<Diagnosis> {
    let all_run = view.brokers.iter().all(|broker| broker.state == ProcessState::Running);
    if all_run && view.topics.iter().all(|topic| topic.internal) {
        return None;
    }
    let lost = clients::lost(view);
    let mut found = leadership::ensemble(view)
        .or_else(|| leadership::controller(view))
        .or_else(|| leadership::leaderless(view))
        .or_else(|| leadership::led_by_the_dead(view))
        .or_else(|| replicas::parted(view))
        .or_else(|| replicas::lacking(view, events))
        .or_else(|| processes(view))
        .or_else(|| clients::rebalance(view))
        .or_else(|| lost.clone())
        .or_else(|| faults(view))
        .unwrap_or_else(|| in_order(view));
    found.sentences.extend(clients::waiting(view));
    if let Some(lost) = lost.filter(|lost| lost.headline != found.headline) {
        found.sentences.push(format!("{}.", lost.headline));
    }
    Some(found)
}

/// A broker that does not run as it should although no partition suffers from it.
fn processes(view: &ClusterView) -> Option<Diagnosis> {
    let of = |state: ProcessState| view.brokers.iter().filter(move |broker| broker.state == state);
    let ids = |state| of(state).map(|broker| broker.id).collect::<Vec<BrokerId>>();
    // What is in an ISR and answers nothing holds the high watermark.
    let held = |id: BrokerId| {
        let held = partitions(view).filter(|one| one.isr.len() > 1 && one.isr.contains(&id)).count();
        let them = of_many(held, "a partition", "partitions");
        let count = if held == 1 { String::new() } else { format!("{held} ") };
        (held > 0).then(|| format!("It is in the ISR of {count}{them}: acks=all waits for it there."))
    };
    let sentence =
        |text: String| text.get(..1).map(str::to_uppercase).unwrap_or_default() + text.get(1..).unwrap_or("") + ".";
    if let Some(frozen) = of(ProcessState::Paused).next() {
        let id = frozen.id;
        let mut said = vec!["Its connections stand, and nothing is answered on them.".to_owned()];
        said.extend(leadership::session(frozen, view).map(sentence));
        said.extend(held(id));
        let remedy = Some((format!("Let broker {id} go on"), Command::Resume(node(id))));
        return Some(Diagnosis { remedy, ..Diagnosis::new(format!("{id} is frozen"), said) });
    }
    let gone: Vec<&BrokerView> = dead(view).collect();
    if let Some(first) = gone.first() {
        let ids: Vec<BrokerId> = gone.iter().map(|broker| broker.id).collect();
        let headline = format!("{} {} dead", listed(&ids, "brokers"), of_many(ids.len(), "is", "are"));
        let mut said: Vec<String> = leadership::session(first, view).map(sentence).into_iter().collect();
        said.extend(held(first.id));
        return Some(Diagnosis::new(headline, said).starting(Some(first.id)));
    }
    let starting = ids(ProcessState::Starting);
    if let Some(first) = starting.first() {
        let headline = format!("{} {}", listed(&starting, "brokers"), of_many(starting.len(), "starts", "start"));
        let said = format!(
            "It loads its logs, registers as /brokers/ids/{first}, and hears from the controller what it is to do."
        );
        return Some(Diagnosis::new(headline, [said]));
    }
    let stopping = ids(ProcessState::Stopping);
    let first = stopping.first()?;
    let said = format!("In a controlled shutdown {first} asks the controller to elect other leaders first.");
    Some(Diagnosis::new(
        format!("{} {} down", listed(&stopping, "brokers"), of_many(stopping.len(), "shuts", "shut")),
        [said],
    ))
}

/// The network is not as it should be.
fn faults(view: &ClusterView) -> Option<Diagnosis> {
    let headline = match view.faults.len() {
        0 => return None,
        1 => "A fault is in force".to_owned(),
        count => format!("{count} faults are in force"),
    };
    Some(Diagnosis::new(headline, ["No partition suffers from it yet.".to_owned()]))
}

/// Nothing is the matter.
fn in_order(view: &ClusterView) -> Diagnosis {
    let said = match partitions(view).filter(|one| one.leader.is_some()).count() {
        0 => format!("{} brokers run; no topic has been created.", view.brokers.len()),
        count => {
            let brokers = of_many(view.brokers.len(), "broker runs", "brokers run");
            let each = if count == 1 {
                "the partition has its".to_owned()
            } else {
                format!("each of {count} partitions has its")
            };
            format!("{} {brokers}, and {each} leader.", view.brokers.len())
        }
    };
    Diagnosis::new("Every replica is in sync".to_owned(), [said])
}

fn node(id: BrokerId) -> NodeRef {
    NodeRef::Node(NodeId::Broker(id))
}

/// Brokers without a process.
fn dead(view: &ClusterView) -> impl Iterator<Item = &BrokerView> {
    view.brokers.iter().filter(|broker| broker.state == ProcessState::Dead)
}

fn is_dead(view: &ClusterView, id: BrokerId) -> bool {
    view.brokers
        .iter()
        .find(|broker| broker.id == id)
        .is_none_or(|broker: &BrokerView| broker.state == ProcessState::Dead)
}

fn partitions(view: &ClusterView) -> impl Iterator<Item = &Rc<PartitionView>> {
    view.topics.iter().flat_map(|topic| &topic.partitions)
}

fn is_internal(view: &ClusterView, tp: &TopicPartition) -> bool {
    view.topics.iter().any(|topic| topic.internal && topic.name == tp.topic)
}

/// Those of people's topics, if there are any: internal ones would only hide them.
fn theirs<'a>(view: &ClusterView, all: Vec<&'a Rc<PartitionView>>) -> Vec<&'a Rc<PartitionView>> {
    let (internal, own): (Vec<_>, Vec<_>) = all.into_iter().partition(|one| is_internal(view, &one.tp));
    if own.is_empty() { internal } else { own }
}

#[cfg(test)]
mod tests;
