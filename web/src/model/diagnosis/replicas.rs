//! Replicas that are not as their leader's log is: with another past, or missing from the ISR.

use std::rc::Rc;

use playground_core::collections::Order;
use playground_core::ids::BrokerId;
use playground_core::time::SimDuration;
use playground_core::view::{BrokerView, ClusterView, ProcessState};

use super::words::{in_words, listed, of_many, span};
use super::{Diagnosis, is_dead, is_internal, lacks, partitions};
use crate::model::events::{EventKind, EventRow};
use crate::model::subject::Subject;
use crate::scene::Selection;

/// So many causes are told.
const CAUSES: usize = 3;

/// A replica that came back with records that the leader does not have.
pub fn parted(view: &ClusterView, _: &[Rc<EventRow>]) -> Option<Diagnosis> {
    let replicas = partitions(view).flat_map(|one| {
        one.replicas.iter().filter(|replica| one.assigned.contains(&replica.broker)).map(move |replica| (one, replica))
    });
    let parted = replicas.filter_map(|(one, replica)| Some((one, replica.broker, replica.diverges_at?)));
    let mut parted = parted.filter(|(_, id, _)| !is_dead(view, *id));
    let (one, id, fork) = parted.next()?;
    let leader = one.leader?;
    let more = match parted.filter(|(_, other, _)| *other == id).count() {
        0 => String::new(),
        more => format!(", and of {more} more"),
    };
    let cut = format!(
        "From offset {fork} on its log of {}{more} is not that of the leader, {leader} (epoch {}). It cuts these records off when it follows.",
        one.tp, one.leader_epoch
    );
    Some(Diagnosis::new(format!("{id} has another past than the leader"), [cut]))
}

/// Partitions that lack copies, by the brokers that explain it.
pub fn lacking(view: &ClusterView, events: &[Rc<EventRow>]) -> Option<Diagnosis> {
    let all = lacks(view, None);
    let mut missing: Vec<BrokerId> = all.iter().flat_map(|lack| lack.missing.iter().copied()).collect();
    missing.order();
    missing.dedup();
    let (dead, live): (Vec<BrokerId>, Vec<BrokerId>) = missing.iter().partition(|id| is_dead(view, **id));
    let count: usize = all.iter().map(|lack| lack.count).sum();
    let copies = |count: usize| match count {
        1 => "one partition lacks a copy".to_owned(),
        count => format!("{count} partitions lack a copy"),
    };
    let headline = match (dead.as_slice(), live.as_slice()) {
        ([], []) => return None,
        ([one], []) => format!("{one} is dead: {}", copies(count)),
        (dead, []) => format!("{} dead brokers explain all {count}", in_words(dead.len())),
        ([], live) => format!("{} {}", listed(live, "brokers"), standing(view, live)),
        _ => format!("{} on {}", copies(count), listed(&missing, "brokers")),
    };
    let explains =
        |id: &BrokerId| all.iter().filter(|lack| lack.missing.contains(id)).map(|lack| lack.count).sum::<usize>();
    let most = dead.iter().copied().max_by_key(|id| (explains(id), std::cmp::Reverse(*id)));
    let mut sentences: Vec<String> = most.and_then(|id| takeover(id, view, events)).into_iter().collect();
    let causes: Vec<String> = all.iter().take(CAUSES).map(|lack| format!("{} {}", lack.count, lack.words())).collect();
    let mut parts = String::new();
    // Where one broker is all of the cause, the headline has said it.
    let is_said = matches!(all.as_slice(), [one] if one.below_min + one.offline == 0);
    if !is_said {
        parts.push_str(&causes.join("; "));
        if all.len() > CAUSES {
            let more = all.len() - CAUSES;
            parts.push_str(&format!("; {more} more {}", of_many(more, "combination", "combinations")));
        }
        parts.push_str(". ");
    }
    let internal = partitions(view)
        .filter(|one| is_internal(view, &one.tp) && one.is_under_replicated() && !one.isr.is_empty())
        .count();
    if internal > 0 {
        parts.push_str(&format!("{internal} of the {count} {} internal.", of_many(internal, "is", "are")));
    }
    sentences.extend(Some(parts.trim_end().to_owned()).filter(|parts| !parts.is_empty()));
    if dead.is_empty() && standing(view, &live).ends_with(OUT_OF_SYNC) {
        sentences.push("A leader takes a follower in again when it has caught up with the high watermark.".to_owned());
    }
    let frozen =
        live.iter().find(|id| view.brokers.iter().any(|one| one.id == **id && one.state == ProcessState::Paused));
    let found = Diagnosis::new(headline, sentences).starting(view, most);
    Some(match frozen {
        Some(frozen) if most.is_none() => found.resuming(*frozen),
        _ => found,
    })
}

const OUT_OF_SYNC: &str = "out of sync";

/// What is the matter with brokers that are not dead, if it is one thing: else only that they are out of sync.
fn standing(view: &ClusterView, live: &[BrokerId]) -> &'static str {
    let of = |id: &BrokerId| view.brokers.iter().find(|broker| broker.id == *id);
    let all = |test: fn(&BrokerView) -> bool| live.iter().all(|id| of(id).is_some_and(test));
    let (one, many) = match () {
        () if live.iter().all(|id| of(id).is_none()) => {
            ("is no broker of this cluster", "are no brokers of this cluster")
        }
        () if all(|broker| broker.state == ProcessState::Paused) => ("is frozen", "are frozen"),
        () if all(|broker| broker.state == ProcessState::Stopping) => ("shuts down", "shut down"),
        () if all(|broker| broker.log_dirs.iter().any(|dir| dir.offline)) => {
            ("has lost a log directory", "have lost a log directory each")
        }
        () if all(|broker| broker.state == ProcessState::Starting) => ("is not ready", "are not ready"),
        () if all(|broker| !broker.registered) => {
            ("has lost its ZooKeeper session", "have lost their ZooKeeper sessions")
        }
        () => ("is out of sync", "are out of sync"),
    };
    of_many(live.len(), one, many)
}

/// From a broker's death to the election of those who lead in its place.
fn takeover(dead: BrokerId, view: &ClusterView, events: &[Rc<EventRow>]) -> Option<String> {
    let mut own = events.iter().rev().filter(|event| event.broker == Some(dead));
    let ended = own.clone().find(|event| event.kind == EventKind::Session);
    // The last that is told of its process has to be its end.
    let end = own.find(|event| matches!(event.kind, EventKind::Fault | EventKind::Recovery))?;
    if end.kind != EventKind::Fault {
        return None;
    }
    let past = end.text.replacen(" is ", " was ", 1).replacen(" has ", " ", 1);
    let died = format!("{past} at {}", end.at);
    let Some(ended) = ended.filter(|ended| ended.at >= end.at) else { return Some(format!("{died}.")) };
    let elected =
        |event: &&Rc<EventRow>| event.kind == EventKind::Leader && event.broker.is_some() && event.at >= ended.at;
    // In the milliseconds after it: what was elected later has other reasons.
    let soon = ended.at + SimDuration::from_ms(1000);
    let elected: Vec<_> = events.iter().filter(elected).take_while(|event| event.at <= soon).collect();
    let is_own = |event: &&&Rc<EventRow>| matches!(&event.subject, Some(Subject::Thing(Selection::Partition(tp))) if !is_internal(view, tp));
    let own: Vec<_> = elected.iter().filter(is_own).copied().collect();
    let elected = if own.is_empty() { elected } else { own };
    let now = match elected.as_slice() {
        [] => String::new(),
        [one] => one.subject.as_ref().zip(one.broker).map_or_else(String::new, |(subject, leader)| {
            format!(" {leader} was elected to lead {} at {}.", subject.name(), one.at)
        }),
        many => format!(" {} partitions got another leader then.", many.len()),
    };
    let lasted = span(ended.at.since(end.at));
    Some(format!("{died}; its session ended {lasted} later. Until then ZooKeeper took it for alive.{now}"))
}
