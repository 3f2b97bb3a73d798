//! "What happens next": the deadlines that will decide something for a thing, soonest first.

use super::super::{BrokerView, ClusterView};
use super::About;
use crate::collections::Order;
use crate::ids::{BrokerId, Name};
use crate::sim::World;
use crate::time::{SimDuration, SimTime};

/// A deadline.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NextView {
    /// Whose.
    pub who: Name,
    /// What happens then unless something else does.
    pub what: Name,
    /// When.
    pub at: SimTime,
}

/// So many are told.
const MOST: usize = 10;

/// What will be decided for `about`, and when.
pub fn next(world: &World, view: &ClusterView, about: &About) -> Vec<NextView> {
    let mut all = Vec::new();
    match about {
        About::Broker(id) => {
            let broker = view.brokers.iter().find(|broker| broker.id == *id);
            broker.into_iter().for_each(|broker| {
                take(&mut all, &broker.id.to_string(), &broker.deadlines, |_| true);
                session(&mut all, broker);
            });
        }
        About::Partition(tp) => {
            let partition = super::partition::find(view, tp);
            for id in partition.iter().flat_map(|partition| &partition.assigned) {
                lagging(&mut all, world, view, tp, *id);
            }
            let leader = partition.and_then(|partition| partition.leader);
            let leader = leader.and_then(|id| view.brokers.iter().find(|broker| broker.id == id));
            if let Some(broker) = leader {
                let who = Name::from(broker.id.to_string());
                take(&mut all, &who, &broker.deadlines, |reason| reason.contains("replicas that lag"));
                // Of the requests that wait there only those with records for this partition.
                let waiting = world.broker(broker.id).into_iter().flat_map(|broker| broker.produces_wait_until(tp));
                all.extend(waiting.map(|at| NextView {
                    who: who.clone(),
                    what: "a produce request waits for replicas until".into(),
                    at,
                }));
                session(&mut all, broker);
            }
            let controller = view.brokers.iter().find(|broker| Some(broker.id) == view.controller);
            if let Some(broker) = controller {
                take(&mut all, "controller", &broker.deadlines, |reason| reason.contains("leader"));
            }
            let name = tp.to_string();
            for producer in &view.producers {
                let about_it = |reason: &str| reason.split([' ', ',']).any(|word| word == name);
                take(&mut all, &producer.client, &producer.deadlines, about_it);
            }
        }
        About::Replica(id, tp) => {
            lagging(&mut all, world, view, tp, *id);
            let broker = view.brokers.iter().find(|broker| broker.id == *id);
            broker.into_iter().for_each(|broker| {
                take(&mut all, &broker.id.to_string(), &broker.deadlines, |reason| reason.contains("fetch"));
                session(&mut all, broker);
            });
        }
        About::Group(group) => of_group(&mut all, view, group),
        About::Client(client) => {
            let producer = view.producers.iter().find(|one| one.client == *client).map(|one| &one.deadlines);
            let consumer = view.consumers.iter().find(|one| one.client == *client);
            for deadlines in producer.into_iter().chain(consumer.map(|one| &one.deadlines)) {
                take(&mut all, client, deadlines, |_| true);
            }
            let member = consumer.map(|one| one.member_id.to_string()).filter(|member| !member.is_empty());
            if let Some(member) = member {
                for broker in &view.brokers {
                    take(&mut all, &format!("coordinator {}", broker.id), &broker.deadlines, |reason| {
                        reason.contains(&member)
                    });
                }
            }
        }
        About::ZooKeeper(id) => {
            let server = view.zookeeper.iter().find(|server| server.id == *id);
            for session in server.into_iter().flat_map(|server| &server.sessions) {
                all.push(NextView {
                    who: session.owner.clone(),
                    what: "its session expires unless it is heard".into(),
                    at: session.expires_at,
                });
            }
        }
    }
    all.retain(|one| one.at >= view.now && one.at != SimTime::NEVER);
    all.order_by(|a, b| (a.at, &a.who, &a.what).cmp(&(b.at, &b.who, &b.what)));
    // Of the same again and again the soonest is told.
    let mut told = crate::collections::BTreeSet::new();
    all.retain(|one| told.insert((one.who.clone(), one.what.clone())));
    all.truncate(MOST);
    all
}

fn take(all: &mut Vec<NextView>, who: &str, from: &[crate::machine::Deadline], wanted: impl Fn(&str) -> bool) {
    let of_it = from.iter().filter(|deadline| wanted(&deadline.reason));
    all.extend(of_it.map(|deadline| NextView {
        who: who.into(),
        what: deadline.reason.as_str().into(),
        at: deadline.at,
    }));
}

/// The broker's session, which is what the controller hears of its death by.
fn session(all: &mut Vec<NextView>, broker: &BrokerView) {
    let Some(session) = &broker.session else { return };
    all.push(NextView {
        who: "ZooKeeper".into(),
        what: format!("the session of {} expires unless it is heard", broker.id).as_str().into(),
        at: session.expires_at,
    });
}

/// A follower in the ISR that is behind may stay for so long.
fn lagging(all: &mut Vec<NextView>, world: &World, view: &ClusterView, tp: &crate::ids::TopicPartition, id: BrokerId) {
    let Some(partition) = super::partition::find(view, tp) else { return };
    let Some(leader) = partition.leader.and_then(|leader| world.broker(leader)) else { return };
    let Some(hosted) = leader.partitions().get(tp).filter(|hosted| hosted.is_leader) else { return };
    let Some(remote) = hosted.remotes.get(&id).filter(|_| hosted.isr.contains(&id)) else { return };
    if remote.log_end_offset == Some(hosted.log.log_end_offset()) {
        return;
    }
    let Some(caught_up_at) = remote.last_caught_up_at else { return };
    all.push(NextView {
        who: id.to_string().as_str().into(),
        what: "counts as lagging unless it catches up (replica.lag.time.max.ms)".into(),
        at: caught_up_at + SimDuration::from_ms(leader.config().replica_lag_time_max_ms),
    });
}

fn of_group(all: &mut Vec<NextView>, view: &ClusterView, id: &Name) {
    let Some(group) = view.groups.iter().find(|group| group.id == *id) else { return };
    let coordinator = view.brokers.iter().find(|broker| broker.id == group.coordinator);
    if let Some(broker) = coordinator {
        let phrase = format!("group {id}");
        let who = format!("coordinator {}", broker.id);
        take(all, &who, &broker.deadlines, |reason| reason.ends_with(&phrase));
    }
    for (_, client, ..) in &group.members {
        let consumer = view.consumers.iter().find(|one| one.client == *client);
        if let Some(one) = consumer {
            let decides = |reason: &str| reason.contains("max.poll.interval.ms") || reason.contains("automatic commit");
            take(all, client, &one.deadlines, decides);
        }
    }
}
