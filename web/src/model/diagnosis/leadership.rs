//! Nobody leads: the ensemble, the cluster or partitions.

use std::rc::Rc;

use playground_core::command::{Command, NodeRef};
use playground_core::ids::{BrokerId, NodeId};
use playground_core::view::{BrokerView, ClusterView, PartitionView, ProcessState, ZooKeeperView};

use super::words::{listed, of_many};
use super::{Diagnosis, Found, partitions, sorted, theirs};
use crate::model::events::EventRow;
use crate::model::spans::in_short;

/// The ensemble has no leader that answers.
pub fn ensemble(view: &ClusterView, _: &[Rc<EventRow>], found: &mut Found) {
    if view.has_quorum() {
        return;
    }
    let idle = idle(view);
    let (all, needed) = (view.zookeeper.len(), view.zookeeper.len() / 2 + 1);
    let running = all - idle.len();
    let why = match idle.first() {
        Some(only) if all == 1 => format!("Its only server is {}.", only.state.word()),
        _ if running < needed => {
            format!("{running} of its {all} servers {}; {needed} would be a majority.", of_many(running, "runs", "run"))
        }
        _ => "A majority runs, and has to reach each other to elect one.".to_owned(),
    };
    let follows = "Meanwhile no partition gets another leader, no ISR changes, no session ends.";
    let headline = if all == 1 { "ZooKeeper does not answer" } else { "ZooKeeper has no leader" };
    found.add(serving(&idle, Diagnosis::new(headline.to_owned(), [why, follows.to_owned()])), "");
}

/// Servers of the ensemble that do not run.
pub fn idle(view: &ClusterView) -> Vec<&ZooKeeperView> {
    view.zookeeper.iter().filter(|server| server.state != ProcessState::Running).collect()
}

/// The first of these servers would mend it.
fn serving(idle: &[&ZooKeeperView], told: Diagnosis) -> Diagnosis {
    let remedy = idle.first().map(|server| {
        let node = NodeRef::Node(NodeId::ZooKeeper(server.id));
        match server.state {
            ProcessState::Paused => (format!("Let zk{} go on", server.id), Command::Resume(node)),
            _ => (format!("Start zk{}", server.id), Command::Start(node)),
        }
    });
    Diagnosis { remedy, ..told }
}

/// Servers that do not run although the others have a leader: graver if these can spare none.
pub fn servers(view: &ClusterView, is_last: bool, found: &mut Found) {
    let idle = idle(view);
    let Some(first) = idle.first().filter(|_| view.has_quorum()) else { return };
    let all = view.zookeeper.len();
    let running = all - idle.len();
    if is_last != (running <= all / 2 + 1) {
        return;
    }
    let names: Vec<String> = idle.iter().map(|server| format!("zk{}", server.id)).collect();
    let are = match idle.iter().all(|server| server.state == first.state) {
        true => format!("{} {}", of_many(idle.len(), "is", "are"), first.state.word()),
        false => "do not answer".to_owned(),
    };
    let spare = if is_last { ": one more, and ZooKeeper has no majority" } else { "" };
    let said = format!("{running} of its {all} servers run.");
    found.add(serving(&idle, Diagnosis::new(format!("{} {are}{spare}", listed(&names, "servers")), [said])), "");
}

/// No broker is the controller.
pub fn controller(view: &ClusterView, _: &[Rc<EventRow>], found: &mut Found) {
    if view.controller.is_some() || !view.has_quorum() {
        return;
    }
    let said = "Until one has created /controller, nobody elects leaders of partitions or changes an ISR.";
    let mut told = Diagnosis::new("No broker is the controller".to_owned(), [said.to_owned()]);
    if view.brokers.iter().all(silent) {
        let frozen = view.brokers.iter().find(|broker| broker.state == ProcessState::Paused);
        told = match frozen {
            Some(frozen) => told.resuming(frozen.id),
            None => told.starting(view, &view.brokers.iter().map(|broker| broker.id).collect::<Vec<_>>()),
        };
    }
    found.add(told, "");
}

/// It answers nobody.
fn silent(broker: &BrokerView) -> bool {
    matches!(broker.state, ProcessState::Dead | ProcessState::Paused)
}

const NEITHER: &str = "can be neither written nor read";

/// Partitions that have none to be written to.
pub fn leaderless(view: &ClusterView, _: &[Rc<EventRow>], found: &mut Found) {
    let never: Vec<_> = partitions(view).filter(|one| one.leader.is_none()).collect();
    let mut had = never.clone();
    had.retain(|one| !one.isr.is_empty());
    offline(view, theirs(had), found);
    unborn(view, never, found);
}

fn offline(view: &ClusterView, all: Vec<&Rc<PartitionView>>, found: &mut Found) {
    let Some(first) = all.first() else { return };
    let headline = match all.len() {
        1 => format!("{} has no leader", first.tp),
        count => format!("{count} partitions have no leader"),
    };
    let isr = sorted(all.iter().flat_map(|one| one.isr.iter().copied()).collect());
    let away: Vec<&BrokerView> = view.brokers.iter().filter(|one| isr.contains(&one.id) && silent(one)).collect();
    let frozen = away.iter().find(|one| one.state == ProcessState::Paused);
    let are_all = |state: ProcessState| away.len() == isr.len() && away.iter().all(|one| one.state == state);
    let runs = |id: BrokerId| view.brokers.iter().any(|one| one.id == id && !silent(one));
    let believes = all.iter().flat_map(|one| &one.replicas).find(|one| one.believes_it_leads && runs(one.broker));
    let (reach, follows) = match believes {
        Some(zombie) => (format!("{} still believes that it leads.", zombie.broker), String::new()),
        None => (
            format!("{} {NEITHER}.", of_many(all.len(), "It", "They")),
            format!(": {} {NEITHER}", of_many(all.len(), "it", "they")),
        ),
    };
    let (one, many) = match () {
        () if are_all(ProcessState::Dead) => (", which does not run", ", which do not run"),
        () if are_all(ProcessState::Paused) => (", which is frozen", ", which are frozen"),
        () if away.len() == isr.len() => ("", ", which do not answer"),
        () => ("", ""),
    };
    let (are, who) = (of_many(isr.len(), "is", "are"), listed(&isr, "brokers"));
    let why = format!("{reach} In the ISR {are} {who}{}.", of_many(isr.len(), one, many));
    let rule = "Who is outside of the ISR may lack acknowledged records: it is elected only where \
                unclean.leader.election.enable is true, or by hand.";
    let told = Diagnosis::new(headline, [why, rule.to_owned()]);
    let told = match frozen {
        Some(frozen) => told.resuming(frozen.id),
        None => told.starting(view, &isr),
    };
    // Only the sentences say how they are.
    if found.first.is_none() && !one.is_empty() {
        found.told.extend(&isr);
    }
    found.add(told, &follows);
}

/// Partitions that the controller could not bring up at all: to be elected a replica's broker has to be registered.
fn unborn(view: &ClusterView, mut all: Vec<&Rc<PartitionView>>, found: &mut Found) {
    let is_registered = |id: &BrokerId| view.brokers.iter().any(|one| one.id == *id && one.registered);
    // One that was just created has no ISR yet either.
    all.retain(|one| one.isr.is_empty() && !one.assigned.iter().any(is_registered));
    let headline = match all.as_slice() {
        [] => return,
        [one] => format!("{} has never had a leader: none of its brokers is registered", one.tp),
        many => format!("{} partitions have never had a leader: none of their brokers is registered", many.len()),
    };
    let assigned = sorted(all.iter().flat_map(|one| one.assigned.iter().copied()).collect());
    let said = format!("{} assigned to {}.", of_many(all.len(), "It is", "They are"), listed(&assigned, "brokers"));
    found.add(Diagnosis::new(headline, [said]).starting(view, &assigned), "");
}

/// Leaders that answer nobody, and no other has been elected.
pub fn led_by_the_silent(view: &ClusterView, _: &[Rc<EventRow>], found: &mut Found) {
    let away: Vec<&BrokerView> = view.brokers.iter().filter(|broker| silent(broker)).collect();
    let leader_of = |one: &PartitionView| away.iter().find(|broker| Some(broker.id) == one.leader).copied();
    let led = theirs(partitions(view).filter(|one| leader_of(one).is_some()).collect());
    let Some(first) = led.first().and_then(|one| leader_of(one)) else { return };
    let leaders = sorted(led.iter().filter_map(|one| one.leader).collect());
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
        format!("Nobody else is in the ISR: {it} {NEITHER} until {back} is back{or}.")
    } else {
        format!("Until another replica is elected {it} {NEITHER}.")
    };
    let told = Diagnosis::new(headline, [why, until]);
    // A dead one may have to wait for the end of its session.
    let told = match away.iter().find(|one| one.state == ProcessState::Paused && leaders.contains(&one.id)) {
        Some(frozen) => told.resuming(frozen.id),
        None => told.starting(view, &leaders),
    };
    found.told.extend(leaders);
    found.add(told, &format!(": {it} {NEITHER}"));
}

/// How long ZooKeeper takes a broker for alive that does not answer; `None` if it does not any more.
pub fn session(broker: &BrokerView, view: &ClusterView) -> Option<String> {
    let session = broker.session.as_ref().filter(|_| broker.registered)?;
    let lasts = in_short(session.expires_at.since(view.now));
    Some(format!("ZooKeeper does not know it yet: the session of {} lasts {lasts} more.", broker.id))
}
