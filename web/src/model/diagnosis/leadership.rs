//! Nobody leads: the ensemble, the cluster or partitions.

use std::rc::Rc;

use playground_core::collections::Order;
use playground_core::command::{Command, NodeRef};
use playground_core::ids::{BrokerId, NodeId};
use playground_core::time::SimTime;
use playground_core::view::{BrokerView, ClusterView, PartitionView, ProcessState};

use super::words::{listed, of_many, span};
use super::{Diagnosis, dead, is_dead, partitions, theirs};

/// The ensemble has no leader.
pub fn ensemble(view: &ClusterView) -> Option<Diagnosis> {
    let leads = |role: &str| matches!(role, "leader" | "standalone");
    if view.zookeeper.iter().any(|server| leads(&server.role) && server.state != ProcessState::Dead) {
        return None;
    }
    let running = view.zookeeper.iter().filter(|server| server.state == ProcessState::Running).count();
    let (all, needed) = (view.zookeeper.len(), view.zookeeper.len() / 2 + 1);
    let why = if running < needed {
        format!("{running} of its {all} servers {}; {needed} would be a majority.", of_many(running, "runs", "run"))
    } else {
        "Its servers are electing one.".to_owned()
    };
    let follows =
        "Nothing that it keeps can be changed meanwhile: no election of a partition's leader, no change of an ISR, no \
                   session ends. Where leaders stand, records go on."
            .to_owned();
    let dead = view.zookeeper.iter().find(|server| server.state == ProcessState::Dead);
    let start = dead
        .map(|server| (format!("Start zk{}", server.id), Command::Start(NodeRef::Node(NodeId::ZooKeeper(server.id)))));
    Some(Diagnosis { remedy: start, ..Diagnosis::new("ZooKeeper has no leader".to_owned(), [why, follows]) })
}

/// No broker is the controller.
pub fn controller(view: &ClusterView) -> Option<Diagnosis> {
    if view.controller.is_some() {
        return None;
    }
    let said = "Until one has created /controller, nobody elects leaders of partitions or changes an ISR.";
    let all_dead = view.brokers.iter().all(|broker| broker.state == ProcessState::Dead);
    let first = view.brokers.first().filter(|_| all_dead).map(|broker| broker.id);
    Some(Diagnosis::new("No broker is the controller".to_owned(), [said.to_owned()]).starting(first))
}

/// Partitions that have none to be written to.
pub fn leaderless(view: &ClusterView) -> Option<Diagnosis> {
    // One that was just created has no ISR yet.
    let all = theirs(view, partitions(view).filter(|one| one.leader.is_none() && !one.isr.is_empty()).collect());
    let first = all.first()?;
    let headline = match all.len() {
        1 => format!("{} has no leader", first.tp),
        count => format!("{count} partitions have no leader"),
    };
    let mut isr: Vec<BrokerId> = all.iter().flat_map(|one| one.isr.iter().copied()).collect();
    isr.order();
    isr.dedup();
    let away: Vec<BrokerId> = isr.iter().copied().filter(|id| is_dead(view, *id)).collect();
    let it = of_many(all.len(), "It", "They");
    let (are, who) = (of_many(isr.len(), "is", "are"), listed(&isr, "brokers"));
    let away_too =
        if away.len() == isr.len() { of_many(isr.len(), ", which does not run", ", which do not run") } else { "" };
    let why = format!("{it} can be neither written nor read. In the ISR {are} {who}{away_too}.");
    let rule = "A replica outside of the ISR may lack records that were acknowledged: it is elected only where \
                unclean.leader.election.enable is true.";
    Some(Diagnosis::new(headline, [why, rule.to_owned()]).starting(away.first().copied()))
}

/// Leaders whose process is gone, and nobody else has been elected yet.
pub fn led_by_the_dead(view: &ClusterView) -> Option<Diagnosis> {
    let away: Vec<BrokerId> = dead(view).map(|broker| broker.id).collect();
    let is_led = |one: &&Rc<PartitionView>| one.leader.is_some_and(|leader| away.contains(&leader));
    let led = theirs(view, partitions(view).filter(is_led).collect());
    let first = led.first()?;
    let mut dead: Vec<BrokerId> = led.iter().filter_map(|one| one.leader).collect();
    dead.order();
    dead.dedup();
    let what = if let [one] = led.as_slice() { one.tp.to_string() } else { format!("{} partitions", led.len()) };
    let still = of_many(dead.len(), "is dead, and still leads", "are dead, and still lead");
    let headline = format!("{} {still} {what}", listed(&dead, "brokers"));
    let broker = view.brokers.iter().find(|broker| Some(broker.id) == first.leader)?;
    let why = match session(broker, view) {
        Some(stands) => format!("ZooKeeper does not know it yet: {stands}."),
        None => format!("The session of {} is over; the controller has not elected another leader yet.", broker.id),
    };
    let it = of_many(led.len(), "it", "they");
    Some(Diagnosis::new(
        headline,
        [why, format!("Until another replica is elected {it} can be neither written nor read.")],
    ))
}

/// How long ZooKeeper takes a broker for alive; `None` if it does not any more.
pub fn session(broker: &BrokerView, view: &ClusterView) -> Option<String> {
    let session = broker.session.as_ref().filter(|session| session.expires_at != SimTime::NEVER);
    match session {
        _ if !broker.registered => None,
        Some(session) => {
            Some(format!("the session of {} lasts {} more", broker.id, span(session.expires_at.since(view.now))))
        }
        None => Some(format!("the session of {} stands", broker.id)),
    }
}
