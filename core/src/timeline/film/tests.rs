//! Films against the timeline itself: nothing is missing, nothing is made up, nothing is disturbed.

use std::rc::Rc;

use super::super::Timeline;
use super::Film;
use crate::command::Command;
use crate::sim::Genesis;
use crate::time::{SimDuration, SimTime};
use crate::view::{Fate, Gauges, Seen, Traffic};

fn act(timeline: &mut Timeline, line: &str) {
    let command = Command::parse(line).unwrap_or_else(|error| panic!("{line}: {error}"));
    timeline.act(command).unwrap_or_else(|error| panic!("{line}: {error}"));
}

/// A group of two, a producer that sends, a broker that dies.
fn story() -> Timeline {
    let config = vec![("zookeeper.session.timeout.ms".into(), "6000".into())];
    let mut timeline = Timeline::new(Genesis { config, ..Genesis::default() }).expect("the cluster stands");
    for line in [
        "kafka-topics.sh --create --topic t --replica-assignment 101:102,102:103",
        "producer p --topic t",
        "consumer c1 --group g --topic t",
        "consumer c2 --group g --topic t",
        "wait 6s",
        "send p --count 5 v",
        "wait 2s",
        "send p --partition 1 v",
        "wait 1ms",
        "kill 102",
        "wait 12s",
        "cut 101 103",
        "wait 3s",
        "heal all",
        "wait 2s",
    ] {
        act(&mut timeline, line);
    }
    timeline
}

const EVERY: Option<SimDuration> = Some(SimDuration(250_000));

fn whole(timeline: &Timeline, film: &mut Option<Film>) -> Traffic {
    Film::follow(film, timeline, timeline.start(), timeline.end(), EVERY, u64::MAX);
    film.as_ref().expect("there is a film").traffic(timeline.start(), timeline.end())
}

fn fresh(timeline: &Timeline) -> Traffic {
    whole(timeline, &mut None)
}

fn second(number: u64, of: &Timeline) -> SimTime {
    SimTime(of.start().0 + number * 1_000_000)
}

#[test]
fn looking_changes_nothing_and_sees_what_the_picture_shows() {
    let mut timeline = story();
    let hash = timeline.state_hash();
    let traffic = fresh(&timeline);
    assert_eq!(timeline.state_hash(), hash);
    let mut looked_at = 0;
    for number in 0..24 {
        timeline.seek(second(number, &timeline));
        for message in &timeline.view().in_flight {
            let seen = traffic.messages.iter().find(|seen| seen.message.id == message.id);
            let seen = seen.unwrap_or_else(|| panic!("{message:?} is not on film"));
            assert_eq!((&seen.message.label, seen.message.sent_at), (&message.label, message.sent_at));
            assert!(seen.ended_at().is_none_or(|at| at >= timeline.now()), "{seen:?}");
            looked_at += 1;
        }
    }
    assert!(looked_at > 10, "only {looked_at} messages");
}

#[test]
fn what_a_death_and_a_cut_stop_is_lost_or_held_and_never_small_talk() {
    let mut timeline = story();
    let traffic = fresh(&timeline);
    let lost = |seen: &&Rc<Seen>| matches!(seen.fate, Fate::Lost(_));
    assert!(traffic.messages.iter().any(|seen| lost(&seen)));
    assert!(traffic.messages.iter().filter(lost).all(|seen| !seen.routine));
    assert!(traffic.down.iter().any(|span| span.what.to_string() == "102" && span.until.is_none()));
    let cut = traffic.faults.first().expect("the cut is on film");
    assert_eq!(cut.until.map(|until| until.since(cut.from)), Some(SimDuration::from_ms(3000)));
    // While the cut stands, what it stops is held.
    timeline.seek(SimTime(cut.from.0 + 1_500_000));
    let mut film = None;
    Film::follow(&mut film, &timeline, timeline.start(), timeline.now(), None, u64::MAX);
    let during = film.expect("there is a film").traffic(timeline.start(), timeline.now());
    let held = during.messages.iter().filter(|seen| seen.fate == Fate::Held);
    assert_eq!(held.count(), timeline.view().in_flight.iter().filter(|m| m.arrives_at == SimTime::NEVER).count());
}

#[test]
fn answers_find_their_requests_and_empty_fetches_are_small_talk() {
    let traffic = fresh(&story());
    let find = |id: u64| traffic.messages.iter().find(|seen| seen.message.id == id);
    let mut pairs = 0;
    for answer in &traffic.messages {
        let Some(request) = answer.answers.and_then(find) else { continue };
        assert_eq!((&request.message.from, &request.message.to), (&answer.message.to, &answer.message.from));
        assert_eq!(request.answered_by, Some(answer.message.id));
        pairs += 1;
    }
    assert!(pairs > 100, "only {pairs} pairs");
    let carries = |seen: &&Rc<Seen>| seen.message.record_count > 0;
    assert!(traffic.messages.iter().filter(carries).count() >= 4);
    assert!(traffic.messages.iter().filter(carries).all(|seen| !seen.routine));
    let routine = traffic.messages.iter().filter(|seen| seen.routine).count();
    assert!(routine > 300, "{routine} of {}", traffic.messages.len());
}

#[test]
fn a_film_that_followed_shows_what_a_new_one_shows() {
    let mut timeline = story();
    let mut film = None;
    timeline.seek(timeline.start());
    for number in [1, 3, 2, 9, 4, 20, 19, 24] {
        timeline.seek(second(number, &timeline));
        let until = timeline.now();
        let from = SimTime(until.0.saturating_sub(3_000_000)).max(timeline.start());
        Film::follow(&mut film, &timeline, from, until, EVERY, u64::MAX);
        let mut new = None;
        Film::follow(&mut new, &timeline, from, until, EVERY, u64::MAX);
        let of = |film: &Option<Film>| film.as_ref().map(|film| film.traffic(from, until).messages);
        let ids = |list: Option<Vec<Rc<Seen>>>| -> Vec<(u64, bool)> {
            list.iter().flatten().map(|seen| (seen.message.id, seen.message.is_reply)).collect()
        };
        assert_eq!(ids(of(&film)), ids(of(&new)), "at {until}");
    }
    // In the past another branch begins: its film does not show the old future.
    timeline.seek(second(9, &timeline));
    act(&mut timeline, "kill 103");
    act(&mut timeline, "wait 2s");
    assert_eq!(whole(&timeline, &mut film), fresh(&timeline));
    assert!(timeline.switch(0));
    assert_eq!(whole(&timeline, &mut film), fresh(&timeline));
}

#[test]
fn groups_and_ownership_stand_as_they_did() {
    let traffic = fresh(&story());
    let states: Vec<&str> = traffic.groups.iter().map(|span| &*span.what.state).collect();
    for state in ["PreparingRebalance", "CompletingRebalance", "Stable"] {
        assert!(states.contains(&state), "{states:?}");
    }
    assert!(traffic.owned.iter().any(|span| &*span.what.0 == "c1" && span.until.is_none()));
    for pair in traffic.groups.windows(2) {
        assert!(pair[0].until.is_none_or(|until| until <= pair[1].from), "{pair:?}");
    }
}

#[test]
fn numbers_are_those_of_the_view() {
    let mut timeline = story();
    let mut film = None;
    whole(&timeline, &mut film);
    let samples: Vec<Rc<Gauges>> = film.expect("there is a film").samples(timeline.start(), timeline.end());
    assert!(samples.len() > 90, "{}", samples.len());
    let mut any_unhealthy = false;
    for sample in samples.iter().step_by(7) {
        timeline.seek(sample.at);
        let view = timeline.view();
        let topic = view.topics.iter().find(|topic| &*topic.name == "t");
        for partition in topic.iter().flat_map(|topic| &topic.partitions) {
            let gauge = sample.partitions.iter().find(|gauge| gauge.tp == partition.tp).expect("it has a gauge");
            assert_eq!((gauge.high_watermark, gauge.isr as usize), (partition.high_watermark, partition.isr.len()));
            let leads = partition.replicas.iter().find(|replica| Some(replica.broker) == partition.leader);
            assert_eq!(leads.map_or(gauge.log_end, |replica| replica.log_end_offset), gauge.log_end);
        }
        let partitions = || view.topics.iter().flat_map(|topic| &topic.partitions);
        let unhealthy = [
            partitions().filter(|one| one.is_under_replicated()).count(),
            partitions().filter(|one| (one.isr.len() as i64) < i64::from(one.min_insync_replicas)).count(),
            partitions().filter(|one| one.leader.is_none()).count(),
        ];
        assert_eq!(sample.unhealthy.map(|count| count as usize), unhealthy, "at {}", sample.at);
        any_unhealthy |= unhealthy[0] > 0;
        for group in &view.groups {
            let lag: i64 = group.committed.iter().map(|(_, _, lag)| lag).sum();
            assert!(sample.lags.contains(&(group.id.clone(), lag)), "{sample:?}");
        }
    }
    assert!(any_unhealthy, "a broker dies in the story");
}
