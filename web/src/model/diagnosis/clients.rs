//! What clients suffer from: a group that rebalances, records that are lost or wait.

use std::rc::Rc;

use playground_core::ids::Name;
use playground_core::time::SimDuration;
use playground_core::view::{ClusterView, ConsumerView, GroupView, LedgerEntry, ProcessState, RecordFate};

use super::Diagnosis;
use super::words::{listed, of_many};
use crate::model::events::EventRow;

/// An answer that takes longer has something in its way: linger.ms, a retry, a leader that is not there.
const LONG: SimDuration = SimDuration::from_ms(1_000);

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
    let headline = match view.ledger.iter().filter(is_lost).count() {
        0 => return None,
        1 => "One acknowledged record is lost".to_owned(),
        count => format!("{count} acknowledged records are lost"),
    };
    Some(Diagnosis::new(headline, []))
}

/// Records that have been without an answer for longer than an answer takes where all is well.
pub fn waiting(view: &ClusterView) -> Option<String> {
    let runs = |name: &Name| view.producers.iter().any(|one| one.client == *name && one.state == ProcessState::Running);
    let long = |entry: &&Rc<LedgerEntry>| {
        entry.fate == RecordFate::Sent && view.now.since(entry.sent_at) >= LONG && runs(&entry.producer)
    };
    let (mut names, mut count, mut first): (Vec<&Name>, _, _) = (Vec::new(), 0, None);
    for entry in view.ledger.iter().filter(long) {
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
