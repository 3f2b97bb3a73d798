//! Who knows that a broker is dead: ZooKeeper by its session, the controller by what it did with the broker's
//! partitions, the other brokers by what they tell their clients.

use playground_core::ids::BrokerId;
use playground_core::view::{BrokerView, ClusterView, PartitionView, ProcessState};

/// With more brokers than this they are counted.
const NAMED: usize = 6;

/// Each who could know that `dead` is, and whether it does.
pub fn who_knows(view: &ClusterView, dead: BrokerId) -> Vec<(String, String)> {
    let word = |knows: bool| if knows { "knows" } else { "not yet" }.to_owned();
    let session = view.brokers.iter().any(|broker| broker.id == dead && broker.session.is_some());
    // The first partition with which it deals tells. The last of an ISR stays in it: nobody else may lead.
    let dealt = |p: &PartitionView| p.leader != Some(dead) && (p.isr.len() == 1 || !p.isr.contains(&dead));
    let partitions = view.topics.iter().flat_map(|topic| &topic.partitions);
    let mut its = partitions.filter(|partition| partition.assigned.contains(&dead)).peekable();
    let acted = !session && (its.peek().is_none() || its.any(|partition| dealt(partition)));
    let knows = |broker: &&BrokerView| match broker.is_controller {
        true => acted,
        false => !broker.known_brokers.contains(&dead),
    };
    let others: Vec<&BrokerView> =
        view.brokers.iter().filter(|other| other.id != dead && other.state == ProcessState::Running).collect();
    let mut all = vec![("ZooKeeper".to_owned(), word(!session))];
    if others.len() > NAMED {
        let told = others.iter().filter(|other| knows(other)).count();
        all.push((format!("{} other brokers", others.len()), format!("{told} know")));
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
    fn each_knows_by_what_it_did_or_tells() {
        let mut view = sample::cluster(3, 3, 0);
        for broker in &mut view.brokers {
            broker.known_brokers = vec![101, 102, 103];
        }
        view.brokers[1].state = ProcessState::Dead;
        let words = |view: &ClusterView| -> Vec<String> {
            who_knows(view, 102).into_iter().map(|(who, word)| format!("{who}: {word}")).collect()
        };
        assert_eq!(words(&view), ["ZooKeeper: not yet", "101, controller: not yet", "103: not yet"]);
        let mut slow = view.clone();
        std::rc::Rc::make_mut(&mut slow.topics[0].partitions[0]).isr.retain(|id| *id != 102);
        assert_eq!(words(&slow)[1], "101, controller: not yet", "a leader may drop who only lags");
        view.brokers[1].session = None;
        assert_eq!(words(&view), ["ZooKeeper: knows", "101, controller: not yet", "103: not yet"]);
        let mut idle = view.clone();
        idle.topics.clear();
        assert_eq!(words(&idle)[1], "101, controller: knows", "there is nothing to deal with");
        let partition = std::rc::Rc::make_mut(&mut view.topics[0].partitions[0]);
        partition.isr.retain(|id| *id != 102);
        assert_eq!(words(&view), ["ZooKeeper: knows", "101, controller: knows", "103: not yet"]);
        view.brokers[2].known_brokers = vec![101, 103];
        assert_eq!(words(&view), ["ZooKeeper: knows", "101, controller: knows", "103: knows"]);
        let partition = std::rc::Rc::make_mut(&mut view.topics[0].partitions[0]);
        (partition.isr, partition.leader) = (vec![102], None);
        assert_eq!(words(&view)[1], "101, controller: knows", "the last of an ISR stays in it");
        let mut large = sample::cluster(100, 1, 0);
        large.brokers[1].state = ProcessState::Dead;
        large.brokers[7].known_brokers = vec![102];
        assert_eq!(words(&large), ["ZooKeeper: not yet", "99 other brokers: 97 know"]);
    }
}
