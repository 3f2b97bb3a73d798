//! Why a record is lost, twice there, out of order, processed again or left out: the event, in words.

use std::rc::Rc;

use crate::ids::{Name, TopicPartition};
use crate::log::{Log, RecordBatch};
use crate::producer::{Outcome, Sent};
use crate::sim::{AbortedByHand, Began, Moved, Started, World};
use crate::time::{SimDuration, SimTime};

/// The event to blame, if it is one, and what happened in words.
pub type Cause = (Option<SimTime>, String);

/// The first event since the answer that took it; an answer may take longer to arrive than the loss.
fn since<'a, T: 'a>(
    events: impl Iterator<Item = &'a T> + Clone,
    record: &Sent,
    at: impl Fn(&T) -> SimTime,
    takes: impl Fn(&T) -> bool,
) -> Option<&'a T> {
    let from = |from: SimTime| events.clone().find(|one| at(one) >= from && takes(one));
    record.completed_at.and_then(from).or_else(|| from(record.sent_at))
}

/// A leader that began without the record after it was acknowledged, and who cut it off. With acks=0 nobody
/// tells where the record was, and any of them may have taken it.
pub fn of_loss(world: &World, record: &Sent) -> Cause {
    let Some(Outcome::Acked { tp, offset }) = &record.outcome else {
        return (None, "it was never acknowledged".into());
    };
    let chronicle = world.chronicle();
    let untold = *offset < 0;
    let began = since(chronicle.leaders(tp), record, |one| one.at, |one| untold || one.start_offset <= *offset);
    let cut =
        since(chronicle.cuts(tp).iter(), record, |one| one.at, |one| untold || (one.to..one.from).contains(offset));
    let cut_at = cut.map(|cut| cut.at);
    let cut = cut.map(|cut| match cut.followed {
        Some((leader, epoch)) => {
            let (broker, at) = (cut.broker, cut.at);
            format!("; {broker} cut it off at {at} when it became follower of {leader}, epoch {epoch}")
        }
        None => format!("; {} lost its page cache at {}", cut.broker, cut.at),
    });
    let cut = cut.unwrap_or_default();
    // One that never arrived: the disturbance before it or just behind it.
    let near = record.sent_at + SimDuration::from_ms(1_000);
    let disturbed = chronicle.disturbed().iter().rfind(|(at, _)| *at <= near).filter(|_| untold);
    let (at, words) = match (began, chronicle.elected(tp)) {
        (Some(began), _) => (Some(began.at), format!("{} without it{cut}", words_of(tp, began))),
        (None, _) if !cut.is_empty() => (cut_at, cut.trim_start_matches("; ").into()),
        (None, Some((at, leader))) if at >= record.sent_at => {
            (Some(at), format!("{leader} was elected leader of {tp} at {at}, and does not have it"))
        }
        // Who acknowledged it had been deposed and did not know.
        (None, _) => match chronicle.leaders(tp).next_back().filter(|_| !untold) {
            Some(began) => (Some(began.at), format!("{} and was never given it", words_of(tp, began))),
            None => match disturbed {
                Some((at, what)) => (Some(*at), format!("no leader of {tp} was given it since {what} at {at}")),
                None => (None, format!("no leader of {tp} has it")),
            },
        },
    };
    (at, if untold { format!("acks=0 asks for no answer: {words}") } else { words })
}

fn words_of(tp: &TopicPartition, began: &Began) -> String {
    let Began { at, broker, leader_epoch, start_offset } = began;
    format!("{broker} began to lead {tp} at offset {start_offset}, epoch {leader_epoch}, at {at}")
}

/// The retry between its first sending and its answer.
pub fn of_resending(world: &World, producer: &Name, record: &Sent) -> Cause {
    match retry(world, producer, record) {
        Some((at, error)) => (Some(at), format!("sent again at {at} after {error}, and the first had arrived")),
        None => (None, "a retry of its producer arrived twice".into()),
    }
}

/// The same for a record that was overtaken by a later one.
pub fn of_reordering(world: &World, producer: &Name, record: &Sent) -> Cause {
    match retry(world, producer, record) {
        Some((at, error)) => (Some(at), format!("sent again at {at} after {error}, behind what was sent after it")),
        None => (None, "what was sent after it arrived before it".into()),
    }
}

fn retry(world: &World, producer: &Name, record: &Sent) -> Option<(SimTime, String)> {
    let until = record.completed_at.unwrap_or(SimTime::NEVER);
    let retries = world.chronicle().retries(producer, record.tp.as_ref()?);
    let found = retries.iter().find(|retried| (record.sent_at..=until).contains(&retried.at))?;
    Some((found.at, found.error.to_string()))
}

/// The consumer works for the group, or alone under this name.
pub fn is_member(world: &World, group: &Name, client: &Name) -> bool {
    world.consumer_named(client).is_some_and(|consumer| consumer.works_for() == group)
}

/// All members of the group read committed records only.
pub fn reads_committed(world: &World, group: &Name) -> bool {
    let consumers = world.nodes().filter_map(|(_, slot)| slot.process.consumer());
    let mut members = consumers.filter(|consumer| consumer.group() == Some(group));
    members.all(|consumer| &*consumer.config().isolation_level == "read_committed")
}

/// The last member of the group that began again at or before it and got to it; among these that were given it.
pub fn of_repetition(
    world: &World,
    group: &Name,
    tp: &TopicPartition,
    offset: i64,
    readers: &[(Name, usize)],
) -> Cause {
    let mut starts = world.chronicle().starts(tp).iter();
    let last = starts.rfind(|started| {
        let is_given = started.received.is_none_or(|received| {
            readers.iter().any(|(reader, place)| *reader == started.consumer && *place >= received)
        });
        started.group == *group && started.offset <= offset && is_given
    });
    match last {
        Some(Started { moved: Some((at, how)), .. }) => (Some(*at), how.to_string()),
        Some(started) => {
            let (consumer, from, at) = (&started.consumer, started.offset, started.at);
            let words = "what was processed from there on was not committed";
            (Some(at), format!("{consumer} began {tp} at {from} at {at}: {words}"))
        }
        None => (None, format!("{group} went back to it")),
    }
}

/// The member that was given it, had committed it and ended before it came to it; among these, with the place in
/// everything that they were given. Else what took the group beyond it, since it was sent and until it was removed.
pub fn of_leaving_out(
    world: &World,
    tp: &TopicPartition,
    (offset, sent_at, removed_at): (i64, SimTime, Option<SimTime>),
    group: &Name,
    readers: &[(Name, usize)],
) -> Cause {
    let members = readers.iter().filter(|(client, _)| is_member(world, group, client));
    let ends = members.map(|(client, place)| {
        let mut ends = world.chronicle().ends(client).iter();
        (client, ends.find(|end| end.received > *place))
    });
    let cuts = world.chronicle().cuts(tp);
    let there = sent_at..=removed_at.unwrap_or(SimTime::NEVER);
    let takes = |one: &&Moved| one.group == *group && one.to > offset && there.contains(&one.at);
    let moved = world.chronicle().moves(tp).iter().rfind(takes);
    match ends.max_by_key(|(_, end)| end.map(|end| end.at)) {
        Some((client, Some(end))) => {
            (Some(end.at), format!("{client} had committed it and {} at {} before it came to it", end.how, end.at))
        }
        Some((client, None)) => (None, format!("{client} has committed it and has not come to it")),
        None if let Some(moved) = moved => (Some(moved.at), moved.how.to_string()),
        // Its offset was another record's before.
        None => match (cuts.iter().rfind(|cut| (cut.to..cut.from).contains(&offset)), removed_at) {
            (Some(cut), _) => (
                Some(cut.at),
                format!("{group} committed beyond it before {} cut {tp} to {} at {}", cut.broker, cut.to, cut.at),
            ),
            (None, Some(at)) => (Some(at), format!("it was removed at {at}, before {group} came to it")),
            (None, None) => (None, format!("{group} committed beyond it without reading it")),
        },
    }
}

/// An operator ended its transaction in this partition, and its producer committed it.
pub fn of_aborting_by_hand(world: &World, tp: &TopicPartition, log: &Log, offset: i64) -> Option<Cause> {
    let producer_id = log.batch_at(offset)?.producer_id;
    let is_its = |one: &&AbortedByHand| one.tp == *tp && one.producer_id == producer_id && one.offset > offset;
    let aborted = world.chronicle().aborted_by_hand().iter().find(is_its)?;
    // The marker of an earlier one ended it.
    let is_marker = |batch: &Rc<RecordBatch>| batch.is_control && batch.producer_id == producer_id;
    let is_over = log.batches().any(|one| is_marker(one) && (offset..aborted.offset).contains(&one.base_offset));
    let at = aborted.at;
    let words = format!("kafka-transactions.sh aborted its transaction in {tp} at {at}, which its producer committed");
    (aborted.committed == Some(true) && !is_over).then_some((Some(at), words))
}
