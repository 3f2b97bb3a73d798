//! Links: what they bring back, and what they are refused for.

use proptest::prelude::*;

use super::{command, story};
use crate::time::SimTime;
use crate::timeline::Timeline;

#[test]
fn a_link_brings_the_same_moment_back() {
    let mut timeline = story();
    timeline.seek(SimTime(timeline.start().0 + 12_345_678));
    let link = timeline.share();
    let back = Timeline::from_share(&link).unwrap_or_else(|error| panic!("{link}: {error}"));
    assert_eq!((back.now(), back.state_hash()), (timeline.now(), timeline.state_hash()));
    assert_eq!(back.share(), link);
    // Also in the middle of what happens in one moment.
    timeline.seek(timeline.start());
    for _ in 0..40 {
        timeline.step();
        let back = Timeline::from_share(&timeline.share()).unwrap();
        assert_eq!((back.position(), back.state_hash()), (timeline.position(), timeline.state_hash()));
        assert_eq!(back.strayed_at(), None);
    }
}

/// A run of three commands as another version of the playground may have told it: behind other numbers of events.
const STRAYED: &str = "k1&do=4726194~230~kafka-topics.sh+--create+--topic+t+--replica-assignment+101%3A102\
    &do=14726194~350~producer+p+--topic+t&do=24726194~999999~send+p+a&at=29726194~400";

#[test]
fn a_run_that_is_not_as_its_link_tells_is_said_to_be_so_and_keeps_its_times() {
    let back = Timeline::from_share(STRAYED).unwrap();
    assert_eq!(back.strayed_at(), Some(SimTime(14_726_194)));
    let times: Vec<u64> = back.journal().map(|(at, _)| at.0).collect();
    assert_eq!((times, back.now()), (vec![4_726_194, 14_726_194, 24_726_194], SimTime(29_726_194)));
    let again = Timeline::from_share(&back.share()).unwrap();
    assert_eq!((again.strayed_at(), again.state_hash()), (None, back.state_hash()), "its own link tells what it is");
    let early = Timeline::from_share("k1&at=86400000000~0").unwrap();
    assert_eq!((early.now(), early.strayed_at()), (SimTime(86_400_000_000), Some(SimTime(86_400_000_000))));
}

#[test]
fn a_link_is_refused_with_its_place_and_nothing_of_it_is_dropped() {
    for (link, place, message) in [
        ("k1&sed=7", "link, part", "found sed"),
        ("k1&seed=1&seed=2", "link, seed", "once"),
        ("k1&at=5000000~0&at=6000000~0", "link, at", "once"),
        ("k1&order=maybe", "link, order", "a number is expected, found maybe"),
        ("k1&down=999", "cluster", "broker 999 is none of the cluster's"),
        ("k1&config999=num.partitions:2", "cluster", "broker 999 is none of the cluster's"),
        ("k1&config=num.partitions:30000", "config of broker 101", "at most"),
        ("k1&config102=offsets.topic.num.partitions:200000", "config of broker 102", "at most"),
        ("k1&do=5000000~230~wait+24h", "link, do", "a link has moments where a person waits"),
        ("k1&at=99999999999999999~1", "link, at", "events ahead"),
        ("k1&do=9000000~400~kill+101&do=8000000~300~start+101", "link, do", "must rise"),
    ] {
        let refused = Timeline::from_share(link).expect_err(link);
        assert!(refused.place == place && refused.message.contains(message), "{link}: {refused:?}");
    }
    assert!(Timeline::from_share("k1&lesson=sandbox&step=0&sel=t&tab=events&config101=num.partitions:2").is_ok());
}

#[test]
fn a_branch_that_was_looked_at_beyond_its_end_is_looked_at_anew_when_it_has_gone_on() {
    let mut timeline = story();
    let start = timeline.start();
    timeline.seek(SimTime(start.0 + 1_000_000));
    timeline.act(command("producer other --topic t")).unwrap();
    timeline.act(command("wait 300s")).unwrap();
    let here = (timeline.active_branch(), timeline.now());
    let beyond = timeline.peek(0, here.1, None);
    timeline.switch(0);
    timeline.act(command("kill 103")).unwrap();
    timeline.act(command("wait 60s")).unwrap();
    timeline.switch(here.0);
    let view = |peek: Option<crate::timeline::Peek>| peek.unwrap().view();
    assert_eq!(view(timeline.peek(0, here.1, beyond)), view(timeline.peek(0, here.1, None)));
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
