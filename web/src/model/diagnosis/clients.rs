//! What clients suffer from: a group that rebalances, records that are lost or wait.

use std::rc::Rc;

use playground_core::ids::{Name, TopicPartition};
use playground_core::time::SimDuration;
use playground_core::view::{
    ClusterView, ConsumerView, GroupView, LedgerEntry, LedgerSums, ProcessState, RecordFate, TransactionView,
};

use super::words::{listed, said_of};
use super::{Diagnosis, Found};
use crate::model::events::EventRow;
use crate::model::spans::in_short;

/// An answer that takes longer has something in its way: linger.ms, a retry, a leader that is not there.
const LONG: SimDuration = SimDuration::from_ms(1_000);

/// A transaction that is open for longer has something in its way.
const LONG_TRANSACTION: SimDuration = SimDuration::from_ms(10_000);

/// A group that has no assignment which holds.
pub fn rebalance(view: &ClusterView, _: &[Rc<EventRow>], found: &mut Found) {
    let moving = |group: &&GroupView| matches!(&*group.state, "PreparingRebalance" | "CompletingRebalance");
    let all: Vec<&GroupView> = view.groups.iter().filter(moving).collect();
    let Some(group) = all.first() else { return };
    let waits = if &*group.state == "PreparingRebalance" {
        "waits for members to join"
    } else {
        "waits for the member that leads the group to say who gets what"
    };
    // A member that could do with another assignor too is eager, as the weakest that it names.
    let strategy = |one: &ConsumerView| {
        let set = one.configs.iter().find(|(name, _)| &**name == "partition.assignment.strategy");
        set.is_some_and(|(_, value)| value.contains("CooperativeSticky") && !value.contains(','))
    };
    let mut members =
        view.consumers.iter().filter(|one| one.group.as_ref() == Some(&group.id)).map(strategy).peekable();
    let reads = match members.peek().copied() {
        Some(true) if members.all(|cooperative| cooperative) => {
            " A member that joins again goes on reading what it owns."
        }
        Some(false) if members.all(|cooperative| !cooperative) => {
            " A member that joins again reads nothing until then."
        }
        _ => "",
    };
    let said = format!("{}: its coordinator, {}, {waits}.{reads}", group.state, group.coordinator);
    let names: Vec<&Name> = all.iter().map(|group| &group.id).collect();
    found.add(Diagnosis::new(said_of(&names, "groups", "rebalances", "rebalance"), [said]), "");
}

/// Records that were acknowledged and are gone; the ledger tells what is to blame.
pub fn lost(view: &ClusterView, _: &[Rc<EventRow>], found: &mut Found) {
    // With acks=0 nothing was acknowledged.
    let is_lost = |entry: &&Rc<LedgerEntry>| entry.fate == RecordFate::Lost && entry.offset.is_some();
    let headline = match view.ledger.among(|sums| sums.lost > 0).filter(is_lost).count() {
        0 => return,
        1 => "One acknowledged record is lost".to_owned(),
        count => format!("{count} acknowledged records are lost"),
    };
    found.add(Diagnosis::new(headline, []), "");
}

/// Open transactions behind which readers of committed records wait.
pub fn held_back(view: &ClusterView, _: &[Rc<EventRow>], found: &mut Found) {
    for one in view.transactions.iter().filter(|one| one.state.as_str() == "Ongoing") {
        let clock_ms = view.now.wall_clock_ms().saturating_sub(one.start_timestamp_ms);
        let by_clock = SimDuration::from_ms(u64::try_from(clock_ms).unwrap_or(0));
        if clock_ms >= 0 && by_clock < LONG_TRANSACTION {
            continue;
        }
        let Some((at, tp)) = one.partitions.iter().find_map(|tp| Some((held(view, one, tp)?, tp))) else { continue };
        // It began by the clock of a broker, which may be wrong: the record that holds them was sent when it was.
        let is_first = |entry: &&Rc<LedgerEntry>| entry.places.contains(&at) && entry.tp == *tp;
        let since = view.ledger.iter().find(is_first).map_or(by_clock, |first| view.now.since(first.sent_at));
        if since < LONG_TRANSACTION {
            continue;
        }
        let headline = format!("The transaction of {} has been open for {}", one.id, in_short(since));
        let stop = format!("stop at offset {at} of {tp}");
        let held = format!("Readers of committed records {stop}, and nothing that was written after it is theirs.");
        let timeout = SimDuration::from_ms(one.timeout_ms);
        let aborts = if since <= timeout { "aborts" } else { "was to abort" };
        let ends = format!("Its coordinator, {}, {aborts} it {} after it began.", one.coordinator, in_short(timeout));
        found.add(Diagnosis::new(headline, [held, ends]), &format!(": readers of committed records {stop}"));
    }
}

/// Where readers of committed records stop at `tp` because of this transaction, if they do.
fn held(view: &ClusterView, one: &TransactionView, tp: &TopicPartition) -> Option<i64> {
    let topic = view.topics.iter().find(|topic| topic.name == tp.topic)?;
    let partition = topic.partitions.get(usize::try_from(tp.partition).ok()?)?;
    let leader = partition.replicas.iter().find(|replica| Some(replica.broker) == partition.leader)?;
    let at = leader.last_stable_offset;
    let first = leader.records.iter().find(|record| record.offset == at).map(|record| record.producer_id);
    let is_of_another = |other: &TransactionView| other.id != one.id && Some(other.producer_id) == first;
    (at < partition.high_watermark && !view.transactions.iter().any(is_of_another)).then_some(at)
}

/// Why a consumer does not read: of one, of many, and the error.
fn idle(one: &ConsumerView) -> Option<(&'static str, &'static str, &str)> {
    match (one.state, &one.last_error) {
        (ProcessState::Paused, _) => Some(("is frozen", "are frozen", "")),
        (ProcessState::Running, Some(error)) => Some(("does not poll any more: ", "do not poll any more: ", error)),
        (ProcessState::Running, None) if one.hangs => {
            Some(("is stuck: its application does not poll", "are stuck: their applications do not poll", ""))
        }
        _ => None,
    }
}

/// Consumers that do not read what is their own.
pub fn stuck(view: &ClusterView, _: &[Rc<EventRow>], found: &mut Found) {
    let mut told = Vec::new();
    for one in &view.consumers {
        let Some(why) = idle(one).filter(|why| !told.contains(&(&one.group, *why))) else { continue };
        told.push((&one.group, why));
        let alike = view.consumers.iter().filter(|other| other.group == one.group && idle(other) == Some(why));
        let names: Vec<&Name> = alike.map(|other| &other.client).collect();
        let (it, them) = if names.len() == 1 { ("It", "it") } else { (one.client.as_str(), one.client.as_str()) };
        let group = one.group.as_ref().and_then(|id| view.groups.iter().find(|group| group.id == *id));
        let is_idle = |id: &Name| view.consumers.iter().any(|other| other.member_id == *id && idle(other).is_some());
        let said = match group {
            None => format!("Nobody else reads for {them}."),
            Some(group) if group.members.is_empty() => format!("Group {} has no member now.", group.id),
            Some(group) if !group.members.iter().any(|(id, ..)| *id == one.member_id) => {
                format!("Group {} goes on without {them}.", group.id)
            }
            Some(group) if one.state != ProcessState::Paused => {
                format!("{it} still sends heartbeats: when max.poll.interval.ms is over it leaves {}.", group.id)
            }
            Some(group) => {
                let then = match group.members.iter().all(|(id, ..)| is_idle(id)) {
                    false => "gives its partitions to others".to_owned(),
                    true if lag(group) == 0 => "has no member that reads".to_owned(),
                    true => format!("has no member that reads; {}", waits(lag(group))),
                };
                format!("{it} sends no heartbeats: when session.timeout.ms is over, {} {then}.", group.id)
            }
        };
        let (is, are, error) = why;
        found.add(Diagnosis::new(said_of(&names, "consumers", is, are) + error, [said]), "");
    }
}

fn lag(group: &GroupView) -> i64 {
    group.committed.iter().map(|(_, _, lag)| *lag).sum()
}

fn waits(count: i64) -> String {
    if count == 1 { "one record waits".to_owned() } else { format!("{count} records wait") }
}

/// Groups for which nobody reads.
pub fn unread(view: &ClusterView, _: &[Rc<EventRow>], found: &mut Found) {
    let runs = |one: &ConsumerView| matches!(one.state, ProcessState::Running | ProcessState::Starting);
    let reads = |one: &ConsumerView| runs(one) && idle(one).is_none();
    let is_read =
        |group: &GroupView| view.consumers.iter().any(|one| one.group.as_ref() == Some(&group.id) && reads(one));
    let is_left = |group: &&GroupView| group.state.as_str() == "Empty" && lag(group) > 0 && !is_read(group);
    let all: Vec<&GroupView> = view.groups.iter().filter(is_left).collect();
    if all.is_empty() {
        return;
    }
    let names: Vec<&Name> = all.iter().map(|group| &group.id).collect();
    let waiting = waits(all.iter().map(|group| lag(group)).sum());
    let (it, its) = if names.len() == 1 { ("It has", "Its") } else { ("They have", "Their") };
    let said = format!("{it} no members. {its} offsets stay committed for offsets.retention.minutes.");
    found.add(Diagnosis::new(format!("Nobody reads for {}: {waiting}", listed(&names, "groups")), [said]), "");
}

/// Records that were removed before a group had read up to them.
pub fn missed(view: &ClusterView) -> Option<String> {
    let committed = |group: &GroupView, tp: &TopicPartition| {
        group.committed.iter().find(|(of, ..)| of == tp).map(|(_, at, _)| (group.id.clone(), *at))
    };
    // Few logs begin above 0: only these are looked up.
    let cut = super::partitions(view).filter_map(|partition| {
        let leader = partition.replicas.iter().find(|replica| Some(replica.broker) == partition.leader)?;
        Some((&partition.tp, leader.log_start_offset)).filter(|(_, start)| *start > 0)
    });
    let mut all = cut.filter_map(|(tp, start)| {
        let behind = view.groups.iter().filter_map(|group| committed(group, tp)).find(|(_, at)| *at < start);
        behind.map(|(group, at)| (tp, start, group, at))
    });
    let (tp, start, group, at) = all.next()?;
    let more = match all.count() {
        0 => String::new(),
        more => format!(" So it is with {more} more."),
    };
    Some(format!(
        "{group} has committed {tp} up to offset {at}, and the log begins at {start} now: what lay between is removed.{more}"
    ))
}

/// Records of a fate: their producers, how many there are, the first and the last.
type Gathered<'a> = (Vec<&'a Name>, usize, &'a LedgerEntry, &'a LedgerEntry);

fn gathered<'a>(
    view: &'a ClusterView,
    among: fn(&LedgerSums) -> bool,
    is_one: &dyn Fn(&LedgerEntry) -> bool,
) -> Option<Gathered<'a>> {
    let mut all: Option<Gathered<'a>> = None;
    for entry in view.ledger.among(among).filter(|entry| is_one(entry)) {
        let (names, count, _, last) = all.get_or_insert_with(|| (Vec::new(), 0, entry, entry));
        (*count, *last) = (*count + 1, entry);
        if !names.contains(&&entry.producer) {
            names.push(&entry.producer);
        }
    }
    all
}

/// Records that have been without an answer for longer than an answer takes where all is well.
pub fn waiting(view: &ClusterView) -> Option<String> {
    let runs = |name: &Name| view.producers.iter().any(|one| one.client == *name && one.state == ProcessState::Running);
    let is_long = |entry: &LedgerEntry| {
        entry.fate == RecordFate::Sent && view.now.since(entry.sent_at) >= LONG && runs(&entry.producer)
    };
    let (names, count, first, _) = gathered(view, |sums| sums.open() > 0, &is_long)?;
    let wait = said_of(&names, "producers", "waits", "wait");
    let records = if count == 1 { "a record".to_owned() } else { format!("{count} records, the first") };
    Some(format!("{wait} for the answer to {records} given to send() at {}.", first.sent_at))
}

/// Records that will never be appended: their producers know.
pub fn failed(view: &ClusterView) -> Option<String> {
    let is_failed = |entry: &LedgerEntry| entry.fate == RecordFate::Failed;
    let (names, count, _, last) = gathered(view, |sums| sums.failed > 0, &is_failed)?;
    let records =
        if count == 1 { "a record failed: ".to_owned() } else { format!("{count} records failed, the last with ") };
    let were = said_of(&names, "producers", "was", "were");
    Some(format!("{were} told that {records}{}.", last.error.as_deref().unwrap_or_default()))
}
