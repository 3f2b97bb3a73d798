//! What clients suffer from: a group that rebalances, records that are lost or wait.

use std::rc::Rc;

use playground_core::ids::Name;
use playground_core::time::SimDuration;
use playground_core::view::{ClusterView, GroupView, LedgerEntry, RecordFate, Remark, RemarkKind};

use super::Diagnosis;
use super::words::{listed, of_many};

/// So many events that are to blame are told.
const CAUSES: usize = 2;

/// An answer that takes longer has something in its way: linger.ms, a retry, a leader that is not there.
const LONG: SimDuration = SimDuration::from_ms(1_000);

/// A group that has no assignment which holds.
pub fn rebalance(view: &ClusterView) -> Option<Diagnosis> {
    let moving = |group: &&GroupView| matches!(&*group.state, "PreparingRebalance" | "CompletingRebalance");
    let group = view.groups.iter().find(moving)?;
    let waits = if &*group.state == "PreparingRebalance" {
        "waits until every member has joined again, or the time for it is up"
    } else {
        "waits for the member that leads the group to say who gets what"
    };
    let reads = match &*group.protocol {
        "" => String::new(),
        "cooperative-sticky" => " A member that joins again goes on reading what it owns.".to_owned(),
        assignor => format!(" With {assignor}, a member that joins again reads nothing until then."),
    };
    let said = format!("{}: its coordinator, {}, {waits}.{reads}", group.state, group.coordinator);
    Some(Diagnosis::new(format!("{} rebalances", group.id), [said]))
}

/// Records that were acknowledged and are gone, and what is to blame.
pub fn lost(view: &ClusterView) -> Option<Diagnosis> {
    let mut count = 0;
    let mut causes: Vec<String> = Vec::new();
    for entry in view.ledger.iter().filter(|entry| entry.fate == RecordFate::Lost) {
        count += 1;
        let loss = |remark: &&Remark| remark.kind == RemarkKind::Lost;
        let Some(remark) = entry.remarks.iter().find(loss).filter(|_| causes.len() < CAUSES) else { continue };
        let said = match remark.at {
            Some(at) => format!("Because {}, at {at}.", remark.because),
            None => format!("Because {}.", remark.because),
        };
        if !causes.contains(&said) {
            causes.push(said);
        }
    }
    let headline = match count {
        0 => return None,
        1 => "One acknowledged record is lost".to_owned(),
        count => format!("{count} acknowledged records are lost"),
    };
    Some(Diagnosis::new(headline, causes))
}

/// Records that have been without an answer for longer than an answer takes where all is well.
pub fn waiting(view: &ClusterView) -> Option<String> {
    let long = |entry: &&Rc<LedgerEntry>| entry.fate == RecordFate::Sent && view.now.since(entry.sent_at) >= LONG;
    let (mut names, mut count, mut first): (Vec<&Name>, _, _) = (Vec::new(), 0, None);
    for entry in view.ledger.iter().filter(long) {
        count += 1;
        first.get_or_insert(entry.sent_at);
        if !names.contains(&&entry.producer) {
            names.push(&entry.producer);
        }
    }
    let since = first?;
    let met = view.producers.iter().filter(|one| names.contains(&&one.client));
    let error = met.filter_map(|one| one.last_error.as_ref()).next();
    let error = error.map(|error| format!(" Last error: {error}.")).unwrap_or_default();
    let waits = of_many(names.len(), "waits", "wait");
    let records = if count == 1 { "one record".to_owned() } else { format!("{count} records, the first sent") };
    let sent = if count == 1 { ", sent" } else { "" };
    Some(format!("{} {waits} for the answer to {records}{sent} at {since}.{error}", listed(&names, "producers")))
}
