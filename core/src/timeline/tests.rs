use proptest::prelude::*;

use super::Timeline;
use crate::command::Command;
use crate::sim::Genesis;
use crate::time::SimTime;

fn command(text: &str) -> Command {
    Command::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// A cluster of three that loses a broker and gets it back.
fn story() -> Timeline {
    let config = vec![("zookeeper.session.timeout.ms".into(), "6000".into())];
    let mut timeline = Timeline::new(Genesis { config, ..Genesis::default() }).expect("the cluster stands");
    for line in [
        "kafka-topics.sh --create --topic t --replica-assignment 101:102,102:103",
        "wait 3s",
        "kill 102",
        "wait 30s",
        "start 102",
        "wait 10s",
    ] {
        timeline.act(command(line)).unwrap_or_else(|error| panic!("{line}: {error}"));
    }
    timeline
}

#[test]
fn steps_back_undo_steps() {
    let mut timeline = story();
    timeline.seek(timeline.start());
    let mut hashes = Vec::new();
    for _ in 0..3 {
        assert!(timeline.step());
        hashes.push(timeline.state_hash());
    }
    for expected in hashes.iter().rev().skip(1) {
        assert!(timeline.step_back());
        assert_eq!(timeline.state_hash(), *expected);
    }
}

#[test]
fn acting_in_the_past_branches_and_the_old_future_stays() {
    let mut timeline = story();
    let (end, hash) = (timeline.end(), timeline.state_hash());
    timeline.seek(SimTime(timeline.start().0 + 2_000_000));
    timeline.act(command("kill 103")).expect("103 runs");
    assert_eq!(timeline.branches().len(), 2);
    assert!(timeline.switch(0));
    assert_eq!((timeline.now(), timeline.state_hash()), (end, hash));
}

#[test]
fn a_link_brings_the_same_moment_back() {
    let mut timeline = story();
    timeline.seek(SimTime(timeline.start().0 + 12_345_678));
    let link = timeline.share();
    let back = Timeline::from_share(&link).unwrap_or_else(|error| panic!("{link}: {error}"));
    assert_eq!((back.now(), back.state_hash()), (timeline.now(), timeline.state_hash()));
    assert_eq!(back.share(), link);
}

#[test]
fn a_refused_command_changes_nothing() {
    let mut timeline = story();
    let before = (timeline.state_hash(), timeline.journal().len(), timeline.branches().len());
    for line in ["kill 109", "start 101", "heal 7", "send nobody hello", "resume 101"] {
        assert!(timeline.act(command(line)).is_err(), "{line} is refused");
    }
    assert_eq!((timeline.state_hash(), timeline.journal().len(), timeline.branches().len()), before);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_text_as_a_link_is_refused_or_opened(text in "\\PC{0,80}") {
        let _ = Timeline::from_share(&text);
    }

    #[test]
    fn a_damaged_link_is_refused_or_opened(at in 0usize..400, with in "[0-9a-z&=~%:,+-]{0,3}") {
        let link = "k1&seed=7&brokers=1,2&zk=1&tick=2000&do=9000000~400~kill+1&do=9500000~500~start+1&at=12000000~900";
        let mut broken = link.to_owned();
        broken.replace_range(at.min(link.len())..(at + 1).min(link.len()), &with);
        let _ = Timeline::from_share(&broken);
    }
}
