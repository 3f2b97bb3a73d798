//! Nobody leads: the ensemble, the cluster or partitions.

use std::rc::Rc;

use playground_core::collections::Order;
use playground_core::command::{Command, NodeRef};
use playground_core::ids::{BrokerId, NodeId};
use playground_core::view::{BrokerView, ClusterView, PartitionView, ProcessState};

use super::words::{listed, of_many};
use super::{Diagnosis, is_dead, partitions, theirs};
use crate::model::events::EventRow;
use crate::model::spans::in_short;

/// The ensemble has no leader that answers.
pub fn ensemble(view: &ClusterView) -> Option<Diagnosis> {
    if view.has_quorum() {
        return None;
    }
    let runs = |state: ProcessState| state == ProcessState::Running;
    let running = view.zookeeper.iter().filter(|server| runs(server.state)).count();
    let (all, needed) = (view.zookeeper.len(), view.zookeeper.len() / 2 + 1);
    let idle = view.zookeeper.iter().find(|server| !runs(server.state));
    let why = match idle {
        Some(only) if all == 1 => format!("Its only server is {}.", only.state.word()),
        _ if running < needed => {
            format!("{running} of its {all} servers {}; {needed} would be a majority.", of_many(running, "runs", "run"))
        }
        _ => "A majority runs, and has to reach each other to elect one.".to_owned(),
    };
    let follows = "Meanwhile no partition gets another leader, no ISR changes, no session ends.";
    let remedy = idle.map(|server| {
        let node = NodeRef::Node(NodeId::ZooKeeper(server.id));
        match server.state {
            ProcessState::Paused => (format!("Let zk{} go on", server.id), Command::Resume(node)),
            _ => (format!("Start zk{}", server.id), Command::Start(node)),
        }
    });
    let headline = if all == 1 { "ZooKeeper does not answer" } else { "ZooKeeper has no leader" };
    Some(Diagnosis { remedy, ..Diagnosis::new(headline.to_owned(), [why, follows.to_owned()]) })
}

/// No broker is the controller.
pub fn controller(view: &ClusterView) -> Option<Diagnosis> {
    if view.controller.is_some() {
        return None;
    }
    let said = "Until one has created /controller, nobody elects leaders of partitions or changes an ISR.";
    let found = Diagnosis::new("No broker is the controller".to_owned(), [said.to_owned()]);
    if view.brokers.iter().any(|broker| !silent(broker)) {
        return Some(found);
    }
    let frozen = view.brokers.iter().find(|broker| broker.state == ProcessState::Paused);
    Some(match frozen {
        Some(frozen) => found.resuming(frozen.id),
        None => found.starting(view, view.brokers.iter().map(|broker| broker.id)),
    })
}

/// It answers nobody.
fn silent(broker: &BrokerView) -> bool {
    matches!(broker.state, ProcessState::Dead | ProcessState::Paused)
}

/// Partitions that have none to be written to.
pub fn leaderless(view: &ClusterView, _: &[Rc<EventRow>]) -> Option<Diagnosis> {
    // One that was just created has no ISR yet.
    let all = theirs(partitions(view).filter(|one| one.leader.is_none() && !one.isr.is_empty()).collect());
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
    let believes =
        all.iter().flat_map(|one| &one.replicas).find(|one| one.believes_it_leads && !is_dead(view, one.broker));
    let reach = match believes {
        Some(zombie) => format!("{} still believes that it leads.", zombie.broker),
        None => format!("{it} can be neither written nor read."),
    };
    let (are, who) = (of_many(isr.len(), "is", "are"), listed(&isr, "brokers"));
    let away_too =
        if away.len() == isr.len() { of_many(isr.len(), ", which does not run", ", which do not run") } else { "" };
    let why = format!("{reach} In the ISR {are} {who}{away_too}.");
    let rule = "Who is outside of the ISR may lack acknowledged records: it is elected only where \
                unclean.leader.election.enable is true, or by hand.";
    Some(Diagnosis::new(headline, [why, rule.to_owned()]).starting(view, away.first().copied()))
}

/// Leaders that answer nobody, and no other has been elected.
pub fn led_by_the_silent(view: &ClusterView, _: &[Rc<EventRow>]) -> Option<Diagnosis> {
    let away: Vec<&BrokerView> = view.brokers.iter().filter(|broker| silent(broker)).collect();
    let leader_of = |one: &PartitionView| away.iter().find(|broker| Some(broker.id) == one.leader).copied();
    let led = theirs(partitions(view).filter(|one| leader_of(one).is_some()).collect());
    let first = leader_of(led.first()?)?;
    let mut leaders: Vec<BrokerId> = led.iter().filter_map(|one| one.leader).collect();
    leaders.order();
    leaders.dedup();
    let what = if let [one] = led.as_slice() { one.tp.to_string() } else { format!("{} partitions", led.len()) };
    let still = match leaders.len() {
        1 => format!("is {}, and still leads", first.state.word()),
        _ => "do not answer, and still lead".to_owned(),
    };
    let headline = format!("{} {still} {what}", listed(&leaders, "brokers"));
    let why = session(first, view).unwrap_or_else(|| {
        let controller = away.iter().find(|broker| Some(broker.id) == view.controller);
        let controller = controller.map(|one| format!(": the controller, {}, is {}", one.id, one.state.word()));
        format!(
            "The session of {} is over; nobody has elected another leader{}.",
            first.id,
            controller.unwrap_or_default()
        )
    });
    let it = of_many(led.len(), "it", "they");
    let until = if led.iter().all(|one| one.isr.len() <= 1) {
        let back = match leaders.as_slice() {
            [one] => one.to_string(),
            _ => "their leader".to_owned(),
        };
        // Without another replica there is nobody to elect.
        let unclean = led.iter().any(|one| one.assigned.len() > 1);
        let or = if unclean { ", or an unclean election" } else { "" };
        format!("Nobody else is in the ISR: {it} can be neither written nor read until {back} is back{or}.")
    } else {
        format!("Until another replica is elected {it} can be neither written nor read.")
    };
    let found = Diagnosis::new(headline, [why, until]);
    Some(if first.state == ProcessState::Paused {
        found.resuming(first.id)
    } else {
        found.starting(view, Some(first.id))
    })
}

/// How long ZooKeeper takes a broker for alive that does not answer; `None` if it does not any more.
pub fn session(broker: &BrokerView, view: &ClusterView) -> Option<String> {
    let session = broker.session.as_ref().filter(|_| broker.registered)?;
    let lasts = in_short(session.expires_at.since(view.now));
    Some(format!("ZooKeeper does not know it yet: the session of {} lasts {lasts} more.", broker.id))
}
