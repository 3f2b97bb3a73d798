//! The picture in words, for those who do not see it, and the names of what can be pressed.

use playground_core::ids::Name;
use playground_core::view::{ClusterView, ProcessState};

use super::changes;
use super::columns::{Trouble, shown_topic, trouble};
use super::options::{SceneOptions, Selection};
use super::tape::{TapeRole, role_of};

/// What a process's state is called.
pub fn state(state: ProcessState) -> &'static str {
    match state {
        ProcessState::Running => "running",
        ProcessState::Starting => "starting",
        ProcessState::Stopping => "shutting down",
        ProcessState::Paused => "paused",
        ProcessState::Dead => "not running",
    }
}

fn ids(list: &[i32]) -> String {
    list.iter().map(i32::to_string).collect::<Vec<_>>().join(", ")
}

fn names(list: &[Name]) -> String {
    list.iter().map(|name| name.to_string()).collect::<Vec<_>>().join(", ")
}

fn count(number: usize, one: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {one}s") }
}

/// What `thing` is and how it is, in one line.
pub fn of(view: &ClusterView, thing: &Selection) -> String {
    described(view, thing).unwrap_or_else(|| "no longer there".to_owned())
}

fn described(view: &ClusterView, thing: &Selection) -> Option<String> {
    Some(match thing {
        Selection::Broker(id) => {
            let broker = changes::broker(view, *id)?;
            let mut text = format!("Broker {id}, {}", state(broker.state));
            if broker.is_controller {
                text.push_str(", controller");
            }
            if !broker.coordinates.is_empty() {
                text.push_str(&format!(", coordinator of {}", names(&broker.coordinates)));
            }
            text
        }
        Selection::Partition(tp) => {
            let partition = changes::partition(view, tp)?;
            let leader = partition.leader.map_or("nobody".to_owned(), |id| id.to_string());
            let mut text = format!("{tp}, leader {leader}, Isr {}", ids(&partition.isr));
            match trouble(view, partition) {
                Some(Trouble::NoLeader) => {}
                Some(Trouble::DeadLeader(_)) => text.push_str(", the leader does not run"),
                Some(Trouble::BelowMinIsr) => text.push_str(", below min.insync.replicas"),
                None => {}
            }
            if !partition.adding.is_empty() {
                text.push_str(&format!(", reassignment adds {}", ids(&partition.adding)));
            }
            if !partition.removing.is_empty() {
                text.push_str(&format!(", reassignment will remove {}", ids(&partition.removing)));
            }
            text.push_str(&format!(", high watermark {}", partition.high_watermark));
            text
        }
        Selection::Replica(id, tp) => {
            let replica = changes::replica(view, tp, *id)?;
            let role = match role_of(view, replica) {
                TapeRole::Leader => "leader",
                TapeRole::InSync => "in-sync follower",
                TapeRole::OutOfSync => "follower, out of sync",
                TapeRole::Offline => "offline, on disk",
            };
            let (end, mark) = (replica.log_end_offset, replica.high_watermark);
            let mut text = format!("{tp} on {id}, {role}, log end {end}, high watermark {mark}");
            if let Some(fork) = replica.diverges_at {
                text.push_str(&format!(", from {fork} on not in the leader's log"));
            }
            text
        }
        Selection::Record(id, tp, offset) => {
            let replica = changes::replica(view, tp, *id)?;
            let record = replica.records.iter().find(|record| record.offset == *offset)?;
            let key = record.key.as_ref().map_or("no key".to_owned(), |key| format!("key {key}"));
            format!("Record {offset} of {tp} on {id}, {key}, leader epoch {}", record.leader_epoch)
        }
        Selection::Producer(name) => {
            let producer = view.producers.iter().find(|producer| producer.client == *name)?;
            let (waiting, flying) = (producer.waiting.len(), producer.in_flight);
            let mut text = format!(
                "Producer {name}, {}, {waiting} waiting, {flying} in flight, {} acked",
                state(producer.state),
                producer.acked
            );
            if let Some(error) = &producer.last_error {
                text.push_str(&format!(", last error {error}"));
            }
            text
        }
        Selection::Consumer(name) => {
            let consumer = view.consumers.iter().find(|consumer| consumer.client == *name)?;
            let group = consumer.group.as_ref().map_or("no group".to_owned(), |group| format!("group {group}"));
            let owned: Vec<String> = consumer.assignment.iter().map(|(tp, _)| tp.to_string()).collect();
            let owned = if owned.is_empty() { "nothing".to_owned() } else { owned.join(", ") };
            format!("Consumer {name}, {}, {group}, {}, reads {owned}", state(consumer.state), consumer.phase)
        }
        Selection::Group(name) => {
            let group = view.groups.iter().find(|group| group.id == *name)?;
            let members = count(group.members.len(), "member");
            format!("Group {name}, {}, generation {}, {members}", group.state, group.generation)
        }
        Selection::ZooKeeper(id) => {
            let server = view.zookeeper.iter().find(|server| server.id == *id)?;
            format!("ZooKeeper server {id}, {}, {}", state(server.state), server.role)
        }
        Selection::Session(id) => {
            let sessions = view.brokers.iter().filter_map(|broker| broker.session.as_ref());
            let all = sessions.chain(view.zookeeper.iter().flat_map(|server| &server.sessions));
            let session = all.into_iter().find(|session| session.id == *id)?;
            let left = session.expires_at.since(view.now).as_ms();
            let seconds = format!("{}.{} s", left / 1000, left % 1000 / 100);
            format!("ZooKeeper session of {}, expires in {seconds} unless renewed", session.owner)
        }
        Selection::Message(id) => {
            let message = view.in_flight.iter().find(|message| message.id == *id)?;
            let reply = if message.is_reply { "reply" } else { "request" };
            format!("{} {reply} from {} to {}", message.label, message.from, message.to)
        }
        Selection::Fault(id) => {
            let fault = view.faults.iter().find(|fault| fault.id == *id)?;
            format!("Fault {id}: {}", fault.text)
        }
    })
}

/// The picture in words.
pub fn describe(view: &ClusterView, opts: &SceneOptions) -> String {
    let up = view.brokers.iter().filter(|broker| broker.state != ProcessState::Dead).count();
    let mut text = format!("{}, {up} up.", count(view.brokers.len(), "broker"));
    match shown_topic(view, opts) {
        None => text.push_str(" No topic yet."),
        Some(topic) => {
            let under = topic.partitions.iter().filter(|p| p.is_under_replicated()).count();
            let (mut headless, mut silent) = (0, 0);
            for trouble in topic.partitions.iter().filter_map(|partition| trouble(view, partition)) {
                headless += usize::from(trouble == Trouble::NoLeader);
                silent += usize::from(matches!(trouble, Trouble::DeadLeader(_)));
            }
            text.push_str(&format!(" Topic {}, {}", topic.name, count(topic.partitions.len(), "partition")));
            if under > 0 {
                text.push_str(&format!(", {under} under-replicated"));
            }
            if headless > 0 {
                text.push_str(&format!(", {headless} without a leader"));
            }
            if silent > 0 {
                text.push_str(&format!(", {silent} with a leader that does not run"));
            }
            text.push('.');
        }
    }
    if !view.faults.is_empty() {
        let faults: Vec<&str> = view.faults.iter().map(|fault| &*fault.text).collect();
        text.push_str(&format!(" Faults: {}.", faults.join("; ")));
    }
    if opts.show.ledger && !view.ledger.is_empty() {
        let sums = view.ledger.sums();
        text.push_str(&format!(" {} sent, {} lost.", count(sums.sent as usize, "record"), sums.lost));
    }
    if let Some(selected) = &opts.selected {
        text.push_str(&format!(" Selected: {}.", of(view, selected)));
    }
    text.push_str(&format!(" Time {}.", view.now));
    text
}
