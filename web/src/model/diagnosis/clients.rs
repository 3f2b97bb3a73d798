//! What clients suffer from: a group that rebalances, records that are lost or wait.

use std::rc::Rc;

use playground_core::ids::{Name, TopicPartition};
use playground_core::time::SimDuration;
use playground_core::view::{
    ClusterView, ConsumerView, GroupView, LedgerEntry, ProcessState, RecordFate, TransactionView,
};

use super::Diagnosis;
use super::words::{listed, of_many};
use crate::model::events::EventRow;
use crate::model::spans::in_short;

/// An answer that takes longer has something in its way: linger.ms, a retry, a leader that is not there.
const LONG: SimDuration = SimDuration::from_ms(1_000);

/// A transaction that is open for longer has something in its way.
const LONG_TRANSACTION: SimDuration = SimDuration::from_ms(10_000);

/// A group that has no assignment which holds.
pub fn rebalance(view: &ClusterView, _: &[Rc<EventRow>]) -> Option<Diagnosis> {
    let moving = |group: &&GroupView| matches!(&*group.state, "PreparingRebalance" | "CompletingRebalance");
    let group = view.groups.iter().find(moving)?;
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
    Some(Diagnosis::new(format!("{} rebalances", group.id), [said]))
}

/// Records that were acknowledged and are gone; the ledger tells what is to blame.
pub fn lost(view: &ClusterView, _: &[Rc<EventRow>]) -> Option<Diagnosis> {
    // With acks=0 nothing was acknowledged.
    let is_lost = |entry: &&Rc<LedgerEntry>| entry.fate == RecordFate::Lost && entry.offset.is_some();
    let headline = match view.ledger.among(|sums| sums.lost > 0).filter(is_lost).count() {
        0 => return None,
        1 => "One acknowledged record is lost".to_owned(),
        count => format!("{count} acknowledged records are lost"),
    };
    Some(Diagnosis::new(headline, []))
}

/// An open transaction behind which readers of committed records wait.
pub fn held_back(view: &ClusterView, _: &[Rc<EventRow>]) -> Option<Diagnosis> {
    let since = |one: &TransactionView| {
        let ms = view.now.wall_clock_ms().saturating_sub(one.start_timestamp_ms);
        SimDuration::from_ms(u64::try_from(ms).unwrap_or(0))
    };
    let is_long = |one: &&TransactionView| one.state.as_str() == "Ongoing" && since(one) >= LONG_TRANSACTION;
    let one = view.transactions.iter().filter(is_long).max_by_key(|one| since(one))?;
    let mut stopped = super::partitions(view).filter(|partition| one.partitions.contains(&partition.tp));
    let (at, tp) = stopped.find_map(|partition| {
        let leader = partition.replicas.iter().find(|replica| Some(replica.broker) == partition.leader)?;
        let is_held = leader.last_stable_offset < partition.high_watermark;
        is_held.then_some((leader.last_stable_offset, &partition.tp))
    })?;
    let headline = format!("The transaction of {} has been open for {}", one.id, in_short(since(one)));
    let held = format!(
        "Readers of committed records stop at offset {at} of {tp}, and nothing that was written after it is theirs."
    );
    let timeout = SimDuration::from_ms(one.timeout_ms);
    let ends = match since(one) <= timeout {
        true => format!("Its coordinator, {}, aborts it {} after it began.", one.coordinator, in_short(timeout)),
        false => format!("Its coordinator, {}, was to abort it {} after it began.", one.coordinator, in_short(timeout)),
    };
    Some(Diagnosis::new(headline, [held, ends]))
}

/// A consumer that does not read what is its own.
pub fn stuck(view: &ClusterView, _: &[Rc<EventRow>]) -> Option<Diagnosis> {
    let is_frozen = |one: &ConsumerView| one.state == ProcessState::Paused;
    let one = view.consumers.iter().find(|one| is_frozen(one) || one.hangs && one.state == ProcessState::Running)?;
    let group = one.group.as_ref().and_then(|id| view.groups.iter().find(|group| group.id == *id));
    let is_member = group.is_some_and(|group| group.members.iter().any(|(id, ..)| *id == one.member_id));
    let said = match (is_frozen(one), group, is_member) {
        (_, Some(group), false) if group.members.is_empty() => format!("Group {} has no member now.", group.id),
        (_, Some(group), false) => format!("Group {} goes on without it.", group.id),
        (true, Some(group), true) => format!(
            "It sends no heartbeats: when session.timeout.ms is over, {} gives its partitions to others.",
            group.id
        ),
        (false, Some(group), true) => format!(
            "Its heartbeats go on, but it does not poll: when max.poll.interval.ms is over it leaves {}.",
            group.id
        ),
        (_, None, _) => "Nobody else reads for it.".to_owned(),
    };
    let what = if is_frozen(one) { "is frozen" } else { "is stuck: its application does not poll" };
    Some(Diagnosis::new(format!("{} {what}", one.client), [said]))
}

/// Groups for which nobody reads.
pub fn unread(view: &ClusterView, _: &[Rc<EventRow>]) -> Option<Diagnosis> {
    let lag = |group: &GroupView| group.committed.iter().map(|(_, _, lag)| *lag).sum::<i64>();
    let runs = |one: &ConsumerView| matches!(one.state, ProcessState::Running | ProcessState::Starting);
    let is_read =
        |group: &GroupView| view.consumers.iter().any(|one| one.group.as_ref() == Some(&group.id) && runs(one));
    let is_left = |group: &&GroupView| group.state.as_str() == "Empty" && lag(group) > 0 && !is_read(group);
    let group = view.groups.iter().find(is_left)?;
    let waits = match lag(group) {
        1 => "one record waits".to_owned(),
        count => format!("{count} records wait"),
    };
    let said = "It has no members. Its offsets stay committed for offsets.retention.minutes.".to_owned();
    Some(Diagnosis::new(format!("Nobody reads for {}: {waits}", group.id), [said]))
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
    let (tp, start, group, at) = cut.into_iter().find_map(|(tp, start)| {
        let behind = view.groups.iter().filter_map(|group| committed(group, tp)).find(|(_, at)| *at < start);
        behind.map(|(group, at)| (tp, start, group, at))
    })?;
    Some(format!(
        "{group} has committed {tp} up to offset {at}, and the log begins at {start} now: what lay between is removed."
    ))
}

/// Records that have been without an answer for longer than an answer takes where all is well.
pub fn waiting(view: &ClusterView) -> Option<String> {
    let runs = |name: &Name| view.producers.iter().any(|one| one.client == *name && one.state == ProcessState::Running);
    let long = |entry: &&Rc<LedgerEntry>| {
        entry.fate == RecordFate::Sent && view.now.since(entry.sent_at) >= LONG && runs(&entry.producer)
    };
    let (mut names, mut count, mut first): (Vec<&Name>, _, _) = (Vec::new(), 0, None);
    for entry in view.ledger.among(|sums| sums.open() > 0).filter(long) {
        count += 1;
        first.get_or_insert(entry.sent_at);
        if !names.contains(&&entry.producer) {
            names.push(&entry.producer);
        }
    }
    let since = first?;
    let waits = of_many(names.len(), "waits", "wait");
    let records = if count == 1 { "a record".to_owned() } else { format!("{count} records, the first") };
    Some(format!("{} {waits} for the answer to {records} given to send() at {since}.", listed(&names, "producers")))
}
