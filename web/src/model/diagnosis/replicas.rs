//! Replicas that are not as their leader's log is: with another past, or missing from the ISR.

use std::rc::Rc;

use playground_core::collections::Order;
use playground_core::ids::BrokerId;
use playground_core::time::SimDuration;
use playground_core::view::{BrokerView, ClusterView, ProcessState, is_internal_topic};

use super::words::{in_words, listed, of_many, said_of};
use super::{Diagnosis, Found, is_dead, lacks, partitions, sorted};
use crate::model::events::{EventRow, Life};
use crate::model::spans::in_short;
use crate::model::subject::Subject;
use crate::scene::Selection;

/// So many causes are told.
const CAUSES: usize = 3;

/// A replica with records that the leader does not have.
pub fn parted(view: &ClusterView, _: &[Rc<EventRow>], found: &mut Found) {
    let replicas = partitions(view).flat_map(|one| {
        one.replicas.iter().filter(|replica| one.assigned.contains(&replica.broker)).map(move |replica| (one, replica))
    });
    let parted = replicas.filter_map(|(one, replica)| Some((one, replica.broker, replica.diverges_at?)));
    let parted: Vec<_> = parted.filter(|(_, id, _)| !is_dead(view, *id)).collect();
    let Some((one, id, fork)) = parted.first() else { return };
    let Some(leader) = one.leader else { return };
    let more = match parted.iter().filter(|(_, other, _)| other == id).count() - 1 {
        0 => String::new(),
        more => format!(", and of {more} more"),
    };
    let ids = sorted(parted.iter().map(|(_, id, _)| *id).collect());
    let its = match ids.len() {
        1 => "its log".to_owned(),
        _ => format!("the log of {id}"),
    };
    let cut = format!(
        "From offset {fork} on {its} of {}{more} is not that of the leader, {leader} (epoch {}). It cuts these records off when it follows.",
        one.tp, one.leader_epoch
    );
    let is_silent = |id: &BrokerId| view.brokers.iter().any(|one| one.id == *id && one.state == ProcessState::Paused);
    found.told.extend(ids.iter().copied().filter(|id| !is_silent(id)));
    let have = said_of(&ids, "brokers", "has", "have");
    found.add(Diagnosis::new(format!("{have} another past than the leader"), [cut]), "");
}

/// Partitions that lack copies, by the brokers that explain it.
pub fn lacking(view: &ClusterView, events: &[Rc<EventRow>], found: &mut Found) {
    let mut all = lacks(view, None);
    // That they have no leader is told already.
    for lack in &mut all {
        lack.count -= lack.offline;
        lack.below_min -= lack.offline.min(lack.below_min);
        lack.offline = 0;
    }
    all.retain(|lack| lack.count > 0);
    let missing = sorted(all.iter().flat_map(|lack| lack.missing.iter().copied()).collect());
    let (dead, live): (Vec<BrokerId>, Vec<BrokerId>) = missing.iter().partition(|id| is_dead(view, **id));
    let count: usize = all.iter().map(|lack| lack.count).sum();
    let copies = |count: usize| match count {
        1 => "one partition lacks a copy".to_owned(),
        count => format!("{count} partitions lack a copy"),
    };
    let are_told = missing.iter().all(|id| found.told.contains(id));
    let headline = match (dead.as_slice(), live.as_slice()) {
        ([], []) => return,
        // It is out of sync because its past is another.
        ([], live) if are_told && standing(view, live).is_none() => return,
        (_, _) if are_told || !(dead.is_empty() || live.is_empty()) => {
            let many = format!("{count} partitions lack");
            format!("{} a copy on {}", of_many(count, "One partition lacks", &many), listed(&missing, "brokers"))
        }
        ([one], []) => format!("{one} is dead: {}", copies(count)),
        (_, []) => format!("{} dead brokers explain all {count}", in_words(dead.len())),
        _ => {
            let late = || of_many(live.len(), "is out of sync", "are out of sync");
            format!("{} {}", listed(&live, "brokers"), standing(view, &live).unwrap_or_else(late))
        }
    };
    let explains =
        |id: &BrokerId| all.iter().filter(|lack| lack.missing.contains(id)).map(|lack| lack.count).sum::<usize>();
    let mut by_weight = dead.clone();
    by_weight.order_by_key(|id| (std::cmp::Reverse(explains(id)), *id));
    let most = by_weight.first().copied();
    let over = most.filter(|_| found.first.is_none()).and_then(|id| takeover(id, events));
    found.told.extend(match over {
        Some(_) if !live.is_empty() => most.as_slice(),
        _ if live.is_empty() => &dead,
        _ if dead.is_empty() && standing(view, &live).is_some() => &live,
        _ => &[],
    });
    let mut sentences: Vec<String> = over.into_iter().collect();
    let causes: Vec<String> = all.iter().take(CAUSES).map(|lack| format!("{} {}", lack.count, lack.words())).collect();
    let mut parts = String::new();
    // Where one broker is all of the cause, "partitions lack a copy" says it.
    let is_plain = matches!(all.as_slice(), [one] if one.below_min + one.offline == 0 && one.missing.len() == 1);
    let is_counted = matches!(dead.as_slice(), [_]) || !(dead.is_empty() || live.is_empty());
    if !is_counted {
        let many = format!("{count} partitions");
        let partitions = of_many(count, "One partition", &many);
        parts = match all.as_slice() {
            [_] if is_plain => format!("{partitions} {} a copy. ", of_many(count, "lacks", "lack")),
            [one] => format!("{partitions} {}. ", one.words()),
            _ => format!("{partitions} lack a copy: "),
        };
    }
    if all.len() > 1 || is_counted && !is_plain {
        parts.push_str(&causes.join("; "));
        if all.len() > CAUSES {
            let more = all.len() - CAUSES;
            parts.push_str(&format!("; {more} more {}", of_many(more, "combination", "combinations")));
        }
        parts.push_str(". ");
    }
    let internal: usize = all.iter().map(|lack| lack.internal).sum();
    if internal > 0 {
        parts.push_str(&format!("{internal} of the {count} {} internal.", of_many(internal, "is", "are")));
    }
    sentences.extend(Some(parts.trim_end().to_owned()).filter(|parts| !parts.is_empty()));
    if dead.is_empty() && standing(view, &live).is_none() {
        sentences.push("A leader takes a follower in again when it has caught up with the high watermark.".to_owned());
    }
    let frozen =
        live.iter().find(|id| view.brokers.iter().any(|one| one.id == **id && one.state == ProcessState::Paused));
    let told = Diagnosis::new(headline, sentences).starting(view, &by_weight);
    let told = match frozen {
        Some(frozen) if most.is_none() => told.resuming(*frozen),
        _ => told,
    };
    found.add(told, "");
}

/// What else is the matter with brokers that are not dead, if it is one thing: else they are only out of sync.
fn standing(view: &ClusterView, live: &[BrokerId]) -> Option<&'static str> {
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
        () => return None,
    };
    Some(of_many(live.len(), one, many))
}

/// From a broker's death to the election of those who lead in its place.
fn takeover(dead: BrokerId, events: &[Rc<EventRow>]) -> Option<String> {
    let own = events.iter().rev().filter_map(|event| Some((event, event.life?)));
    let mut own = own.filter(|(_, (broker, _))| *broker == dead).map(|(event, (_, life))| (event, life));
    let ended = own.clone().find(|(_, life)| *life == Life::Expired).map(|(event, _)| event);
    // The last that is told of its process has to be its end.
    let (end, how) = own.find_map(|(event, life)| {
        let how = match life {
            Life::Started => "",
            Life::Killed => "was killed",
            Life::Stopped | Life::Halted => "stopped",
            Life::Expired | Life::Missed | Life::Elected => return None,
        };
        Some((event, how))
    })?;
    if how.is_empty() {
        return None;
    }
    let died = format!("{dead} {how} at {}", end.at);
    let Some(ended) = ended.filter(|ended| ended.at >= end.at) else { return Some(format!("{died}.")) };
    let leader = |event: &EventRow| event.life.filter(|(_, life)| *life == Life::Elected).map(|(broker, _)| broker);
    // In the milliseconds after it: what was elected later has other reasons.
    let soon = ended.at + SimDuration::from_ms(1000);
    let then = events.iter().filter(|event| event.at >= ended.at && event.at <= soon);
    let elected: Vec<_> = then.filter(|event| leader(event).is_some()).collect();
    let is_own = |event: &&&Rc<EventRow>| matches!(&event.subject, Some(Subject::Thing(Selection::Partition(tp))) if !is_internal_topic(&tp.topic));
    let own: Vec<_> = elected.iter().filter(is_own).copied().collect();
    let elected = if own.is_empty() { elected } else { own };
    let now = match elected.as_slice() {
        [] => String::new(),
        [one] => one.subject.as_ref().zip(leader(one)).map_or_else(String::new, |(subject, leader)| {
            format!(" {leader} was elected to lead {} at {}.", subject.name(), one.at)
        }),
        many => format!(" {} partitions got another leader then.", many.len()),
    };
    let lasted = in_short(ended.at.since(end.at));
    Some(format!("{died}; its session ended {lasted} later. Until then ZooKeeper took it for alive.{now}"))
}
