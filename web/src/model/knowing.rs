//! Who knows that a broker is dead: ZooKeeper by its session, whose end takes the registration away, the controller by
//! the brokers that it still tells things, the other brokers by those that they tell their clients of, clients by the last
//! Metadata answer. Leaves out who is frozen or has ended, and since when brokers and clients know: no event tells of it.
//! Nor do events that are so long ago that the page keeps them no more.

use std::rc::Rc;

use playground_core::ids::BrokerId;
use playground_core::time::SimTime;
use playground_core::view::{BrokerView, ClusterView, ProcessState};

use super::events::{EventRow, Life};

/// With more brokers than this they are counted.
const BROKERS_NAMED: usize = 6;
/// With more clients than this they are counted.
const CLIENTS_NAMED: usize = 3;

/// Somebody, or all of a kind, and how many of them know.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Knowing {
    /// As it is called in the table.
    pub who: String,
    /// Since when, where an event tells it.
    pub since: Option<SimTime>,
    /// How many know.
    told: usize,
    /// Of how many.
    of: usize,
}

impl Knowing {
    fn one(who: String, knows: bool) -> Self {
        Self { who, since: None, told: usize::from(knows), of: 1 }
    }

    fn since(self, at: Option<SimTime>) -> Self {
        Self { since: at.filter(|_| self.knows()), ..self }
    }

    /// All of them know.
    fn knows(&self) -> bool {
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

/// Each who could know that `dead` is, and whether it does, after what happened in the `past`.
pub fn who_knows(view: &ClusterView, past: &[Rc<EventRow>], dead: BrokerId) -> Vec<Knowing> {
    // Who has been told nothing yet does not know it either.
    let lacks = |live: &[BrokerId]| !live.is_empty() && !live.contains(&dead);
    let is_asked = |state: ProcessState| matches!(state, ProcessState::Running | ProcessState::Stopping);
    let is_registered = view.brokers.iter().any(|broker| broker.id == dead && broker.registered);
    let zookeeper = Knowing::one("ZooKeeper".to_owned(), !is_registered);
    let mut all = vec![zookeeper.since(noticed(past, dead, Life::Expired).map(|event| event.at))];
    let broker = |broker: &BrokerView| {
        if !broker.is_controller {
            return Knowing::one(broker.id.to_string(), lacks(&broker.known_brokers));
        }
        // One that became the controller later has learnt it otherwise, and no event tells when.
        let saw = noticed(past, dead, Life::Missed).filter(|event| event.node == broker.id.to_string());
        let knows = Knowing::one(format!("{}, controller", broker.id), lacks(&broker.controlled_brokers));
        knows.since(saw.map(|event| event.at))
    };
    let others = view.brokers.iter().filter(|other| other.id != dead && is_asked(other.state));
    all.extend(gathered(others.map(broker).collect(), BROKERS_NAMED, "other brokers"));
    let producers = view.producers.iter().map(|one| (&one.client, one.state, &one.known_brokers));
    let clients = producers.chain(view.consumers.iter().map(|one| (&one.client, one.state, &one.known_brokers)));
    // Who has met no broker yet has heard of none.
    let clients = clients.filter(|(_, state, known)| is_asked(*state) && !known.is_empty());
    let clients = clients.map(|(client, _, known)| Knowing::one(client.to_string(), lacks(known)));
    all.extend(gathered(clients.collect(), CLIENTS_NAMED, "clients"));
    all
}

/// A few by name; of many, how many.
fn gathered(all: Vec<Knowing>, named: usize, words: &str) -> Vec<Knowing> {
    if all.len() <= named {
        return all;
    }
    let told = all.iter().filter(|one| one.knows()).count();
    vec![Knowing { who: format!("{} {words}", all.len()), since: None, told, of: all.len() }]
}

/// The newest event that tells `how` the end of a broker was noticed, of those since it was started last: before that it was
/// another end.
fn noticed(past: &[Rc<EventRow>], dead: BrokerId, how: Life) -> Option<&Rc<EventRow>> {
    let is_of = |event: &&Rc<EventRow>| event.life.is_some_and(|(broker, _)| broker == dead);
    let life = |event: &Rc<EventRow>| event.life.map(|(_, life)| life);
    let lately = past.iter().rev().filter(is_of).take_while(|event| life(event) != Some(Life::Started));
    lately.into_iter().find(|event| life(event) == Some(how))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::events::EventKind;
    use crate::scene::sample;

    fn words(view: &ClusterView) -> Vec<String> {
        who_knows(view, &[], 102).iter().map(|one| format!("{}: {}", one.who, one.word())).collect()
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
    fn since_when_is_told_of_this_death_and_by_who_noticed_it() {
        let mut view = sample::cluster(11, 3, 0);
        view.brokers[1].state = ProcessState::Dead;
        view.brokers[1].registered = false;
        view.brokers[0].controlled_brokers = vec![101, 103];
        let event = |at_ms: u64, life: Life, node: &str| {
            let row = EventRow::sample(at_ms, EventKind::Other);
            Rc::new(EventRow { life: Some((102, life)), node: node.into(), ..row })
        };
        let since = |view: &ClusterView, past: &[Rc<EventRow>]| {
            let all = who_knows(view, past, 102);
            all.iter().map(|one| one.since.map(|at| at.as_ms())).take(2).collect::<Vec<_>>()
        };
        view.brokers.truncate(3);
        let mut past =
            vec![event(1, Life::Killed, "102"), event(5, Life::Expired, "zk1"), event(6, Life::Missed, "101")];
        assert_eq!(since(&view, &past), [Some(5), Some(6)]);
        past.extend([event(7, Life::Started, "102"), event(8, Life::Killed, "102")]);
        assert_eq!(since(&view, &past), [None, None], "that was another death");
        past.extend([event(9, Life::Expired, "zk1"), event(10, Life::Missed, "10")]);
        assert_eq!(since(&view, &past), [Some(9), None], "another controller saw it");
        past.push(event(11, Life::Missed, "101"));
        view.brokers[0].controlled_brokers.push(102);
        assert_eq!(since(&view, &past), [Some(9), None], "who does not know it any more has not known it since");
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
