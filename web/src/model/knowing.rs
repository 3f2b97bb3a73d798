//! Who knows that a broker is dead: ZooKeeper by its session, whose end takes the registration away, the controller by
//! the brokers that it still tells things, the other brokers by those that they tell their clients of, clients by the last
//! Metadata answer. Leaves out who is frozen or has ended, and since when brokers and clients know: no event tells of it.

use std::rc::Rc;

use playground_core::ids::BrokerId;
use playground_core::time::SimTime;
use playground_core::view::{BrokerView, ClusterView, ProcessState};

use super::events::{EventKind, EventRow};

/// With more brokers than this they are counted.
const BROKERS_NAMED: usize = 6;
/// With more clients than this they are counted.
const CLIENTS_NAMED: usize = 3;

/// What somebody is in the cluster.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Part {
    /// The ensemble.
    ZooKeeper,
    /// The broker that `/controller` names.
    Controller,
    /// Other brokers.
    Broker,
    /// Producers and consumers.
    Client,
}

/// Somebody, or all of a kind, and how many of them know.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Knowing {
    /// As it is called in the table.
    pub who: String,
    /// What it is.
    pub part: Part,
    /// How many know.
    told: usize,
    /// Of how many.
    of: usize,
}

impl Knowing {
    fn one(part: Part, who: String, knows: bool) -> Self {
        Self { who, part, told: usize::from(knows), of: 1 }
    }

    /// All of them know.
    pub fn knows(&self) -> bool {
        self.told == self.of
    }

    /// `knows`, `not yet`; of several, how many.
    pub fn word(&self) -> String {
        match (self.of, self.told) {
            (1, 1) => "knows".to_owned(),
            (1, _) => "not yet".to_owned(),
            (_, 0) => "not yet".to_owned(),
            (of, told) if of == told => "all know".to_owned(),
            (_, told) => format!("{told} of them"),
        }
    }
}

/// Each who could know that `dead` is, and whether it does.
pub fn who_knows(view: &ClusterView, dead: BrokerId) -> Vec<Knowing> {
    // Who has been told nothing yet does not know it either.
    let lacks = |live: &[BrokerId]| !live.is_empty() && !live.contains(&dead);
    let is_asked = |state: ProcessState| matches!(state, ProcessState::Running | ProcessState::Stopping);
    let is_registered = view.brokers.iter().any(|broker| broker.id == dead && broker.registered);
    let mut all = vec![Knowing::one(Part::ZooKeeper, "ZooKeeper".to_owned(), !is_registered)];
    let others = view.brokers.iter().filter(|other| other.id != dead && is_asked(other.state));
    let broker = |broker: &BrokerView| {
        if broker.is_controller {
            Knowing::one(Part::Controller, format!("{}, controller", broker.id), lacks(&broker.controlled_brokers))
        } else {
            Knowing::one(Part::Broker, broker.id.to_string(), lacks(&broker.known_brokers))
        }
    };
    all.extend(gathered(others.map(broker).collect(), Part::Broker, BROKERS_NAMED, "other brokers"));
    let producers = view.producers.iter().map(|one| (&one.client, one.state, &one.known_brokers));
    let clients = producers.chain(view.consumers.iter().map(|one| (&one.client, one.state, &one.known_brokers)));
    // Who has met no broker yet has heard of none.
    let clients = clients.filter(|(_, state, known)| is_asked(*state) && !known.is_empty());
    let clients = clients.map(|(client, _, known)| Knowing::one(Part::Client, client.to_string(), lacks(known)));
    all.extend(gathered(clients.collect(), Part::Client, CLIENTS_NAMED, "clients"));
    all
}

/// A few by name; of many, how many.
fn gathered(all: Vec<Knowing>, part: Part, named: usize, words: &str) -> Vec<Knowing> {
    if all.len() <= named {
        return all;
    }
    let told = all.iter().filter(|one| one.knows()).count();
    vec![Knowing { who: format!("{} {words}", all.len()), part, told, of: all.len() }]
}

/// Since when ZooKeeper and a controller know that `dead` is, as far as the events that are kept tell, and which node it is.
pub fn since(events: &[Rc<EventRow>], dead: BrokerId) -> Vec<(Part, String, SimTime)> {
    let of_it = events.iter().rev().filter(|event| event.broker == Some(dead));
    // What was noticed before it died was another death.
    let noticed = of_it.take_while(|event| event.kind != EventKind::Fault);
    let part = |event: &EventRow| match event.kind {
        EventKind::Session => Some(Part::ZooKeeper),
        EventKind::Other => Some(Part::Controller),
        _ => None,
    };
    noticed.filter_map(|event| Some((part(event)?, event.node.clone(), event.at))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::sample;

    fn words(view: &ClusterView) -> Vec<String> {
        who_knows(view, 102).iter().map(|one| format!("{}: {}", one.who, one.word())).collect()
    }

    #[test]
    fn each_knows_by_the_list_of_live_brokers_that_it_goes_by() {
        let mut view = sample::cluster(3, 3, 0);
        view.brokers[1].state = ProcessState::Dead;
        view.brokers[1].registered = false;
        let told_nothing = ["ZooKeeper: knows", "101, controller: not yet", "103: not yet"];
        assert_eq!(words(&view), told_nothing, "an empty list is none");
        view.brokers[1].registered = true;
        for broker in &mut view.brokers {
            broker.known_brokers = vec![101, 102, 103];
        }
        view.brokers[0].controlled_brokers = vec![101, 102, 103];
        assert_eq!(words(&view), ["ZooKeeper: not yet", "101, controller: not yet", "103: not yet"]);
        let partition = Rc::make_mut(&mut view.topics[0].partitions[0]);
        partition.isr.retain(|id| *id != 102);
        assert_eq!(words(&view)[1], "101, controller: not yet", "a leader may drop who only lags");
        view.brokers[1].registered = false;
        assert_eq!(words(&view), ["ZooKeeper: knows", "101, controller: not yet", "103: not yet"]);
        view.brokers[0].controlled_brokers = vec![101, 103];
        assert_eq!(words(&view), ["ZooKeeper: knows", "101, controller: knows", "103: not yet"]);
        view.brokers[2].known_brokers = vec![101, 103];
        assert_eq!(words(&view), ["ZooKeeper: knows", "101, controller: knows", "103: knows"]);
        view.brokers[2].state = ProcessState::Paused;
        assert_eq!(words(&view).len(), 2, "who is frozen is not asked");
    }

    #[test]
    fn clients_go_by_the_last_answer_to_their_metadata() {
        let mut view = sample::cluster(3, 3, 0);
        view.producers[0].known_brokers = vec![101, 103];
        view.consumers[0].known_brokers = vec![101, 102, 103];
        view.consumers[1].known_brokers = vec![101, 103];
        view.consumers[1].state = ProcessState::Dead;
        assert_eq!(
            words(&view)[3..],
            ["truck-A: knows", "dash-1: not yet"],
            "who has no answer or has ended is left out"
        );
    }

    #[test]
    fn many_are_counted() {
        let mut large = sample::cluster(100, 1, 0);
        for broker in &mut large.brokers[..8] {
            broker.known_brokers = vec![broker.id];
        }
        large.brokers[1].state = ProcessState::Dead;
        large.brokers[7].known_brokers.push(102);
        assert_eq!(words(&large), ["ZooKeeper: not yet", "99 other brokers: 5 of them"]);
        for producer in &mut large.producers {
            producer.known_brokers = vec![101, 102];
        }
        large.consumers[0].known_brokers = vec![101, 102];
        assert_eq!(words(&large)[2], "4 clients: not yet");
        large.producers[1].known_brokers = vec![101];
        assert_eq!(words(&large)[2], "4 clients: 1 of them");
    }
}
