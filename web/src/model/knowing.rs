//! Who knows that a broker is dead: ZooKeeper by its session, whose end takes the registration away, the controller by
//! the brokers that it still tells things, the other brokers by those that they tell their clients of. Leaves out brokers that
//! are frozen, and clients.

use playground_core::ids::BrokerId;
use playground_core::view::{BrokerView, ClusterView, ProcessState};

/// With more brokers than this they are counted.
const NAMED: usize = 6;

/// Each who could know that `dead` is, and whether it does.
pub fn who_knows(view: &ClusterView, dead: BrokerId) -> Vec<(String, String)> {
    let word = |knows: bool| if knows { "knows" } else { "not yet" }.to_owned();
    // Who has been told nothing yet does not know it either.
    let knows = |broker: &&BrokerView| {
        let live = if broker.is_controller { &broker.controlled_brokers } else { &broker.known_brokers };
        !live.is_empty() && !live.contains(&dead)
    };
    let is_asked =
        |other: &&BrokerView| other.id != dead && matches!(other.state, ProcessState::Running | ProcessState::Stopping);
    let others: Vec<&BrokerView> = view.brokers.iter().filter(is_asked).collect();
    let is_registered = view.brokers.iter().any(|broker| broker.id == dead && broker.registered);
    let mut all = vec![("ZooKeeper".to_owned(), word(!is_registered))];
    if others.len() > NAMED {
        let told = others.iter().filter(|other| knows(other)).count();
        all.push((format!("{} other brokers", others.len()), format!("{told} of them")));
    } else {
        all.extend(others.iter().map(|other| {
            let role = if other.is_controller { ", controller" } else { "" };
            (format!("{}{role}", other.id), word(knows(other)))
        }));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::sample;

    #[test]
    fn each_knows_by_the_list_of_live_brokers_that_it_goes_by() {
        let mut view = sample::cluster(3, 3, 0);
        let words = |view: &ClusterView| -> Vec<String> {
            who_knows(view, 102).into_iter().map(|(who, word)| format!("{who}: {word}")).collect()
        };
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
        let partition = std::rc::Rc::make_mut(&mut view.topics[0].partitions[0]);
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
        let mut large = sample::cluster(100, 1, 0);
        for broker in &mut large.brokers[..8] {
            broker.known_brokers = vec![broker.id];
        }
        large.brokers[1].state = ProcessState::Dead;
        large.brokers[7].known_brokers.push(102);
        assert_eq!(words(&large), ["ZooKeeper: not yet", "99 other brokers: 5 of them"]);
    }
}
