//! Why a record is lost, twice there, out of order, processed again or left out: the event, in words.

use crate::ids::{Name, TopicPartition};
use crate::producer::{Outcome, Sent};
use crate::sim::{Began, World};
use crate::time::SimTime;

/// The event to blame, if it is one, and what happened in words.
pub type Cause = (Option<SimTime>, String);

/// A leader that began without the record after it was acknowledged, and who cut it off.
pub fn of_loss(world: &World, record: &Sent) -> Cause {
    let Some(Outcome::Acked { tp, offset }) = &record.outcome else {
        return (None, "it was never acknowledged".into());
    };
    let acked_at = record.completed_at.unwrap_or(record.sent_at);
    let leaders = world.chronicle().leaders(tp);
    if *offset < 0 {
        let next = leaders.iter().find(|began| began.at > record.sent_at);
        let because = next.map(|began| format!(": {}", words_of(tp, began))).unwrap_or_default();
        let words = format!("acks=0 asks for no answer, and none of the leaders since has it{because}");
        return (next.map(|began| began.at), words);
    }
    let cut = world.chronicle().cuts(tp).iter().find(|cut| cut.at >= acked_at && (cut.to..cut.from).contains(offset));
    let cut_at = cut.map(|cut| cut.at);
    let cut = cut.map(|cut| match cut.followed {
        Some((leader, epoch)) => {
            let (broker, at) = (cut.broker, cut.at);
            format!("; {broker} cut it off at {at} when it became follower of {leader}, epoch {epoch}")
        }
        None => format!("; {} lost its page cache at {}", cut.broker, cut.at),
    });
    let cut = cut.unwrap_or_default();
    match leaders.iter().find(|began| began.at >= acked_at && began.start_offset <= *offset) {
        Some(began) => (Some(began.at), format!("{} without it{cut}", words_of(tp, began))),
        None if cut.is_empty() => (None, format!("no leader of {tp} has it")),
        None => (cut_at, cut.trim_start_matches("; ").into()),
    }
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

/// The reader that began at or before it although another had processed it.
pub fn of_repetition(world: &World, group: &Name, tp: &TopicPartition, offset: i64) -> Cause {
    let of_group = |consumer: &Name| {
        world.consumer(consumer).is_some_and(|consumer| consumer.group().unwrap_or(consumer.client()) == group)
    };
    let mut starts = world.chronicle().starts(tp).iter();
    let last = starts.rfind(|started| started.offset <= offset && of_group(&started.consumer));
    match last {
        Some(started) => {
            let (consumer, from, at) = (&started.consumer, started.offset, started.at);
            let words = "what was processed from there on was not committed";
            (Some(at), format!("{consumer} began {tp} at {from} at {at}: {words}"))
        }
        None => (None, format!("{group} went back to it")),
    }
}

/// The reader that had it, committed, and did not get to it; among these that were given it.
pub fn of_leaving_out(world: &World, group: &Name, readers: &[Name]) -> Cause {
    let is_member = |client: &&Name| world.consumer(client).is_some_and(|consumer| consumer.group() == Some(group));
    let Some(client) = readers.iter().find(is_member) else {
        return (None, format!("{group} committed beyond it without reading it"));
    };
    match world.chronicle().killed(client) {
        Some(at) => (Some(at), format!("{client} had committed it and was killed at {at} before it came to it")),
        None => (None, format!("{client} has committed it and has not come to it")),
    }
}
