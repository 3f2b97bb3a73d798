//! Time travel: stepping, branches, what is told and what is seen of them.

mod links;

use std::rc::Rc;

use super::Timeline;
use crate::command::Command;
use crate::ids::TopicPartition;
use crate::invariant::Promises;
use crate::sim::{Genesis, World};
use crate::time::{SimDuration, SimTime};
use crate::view::{About, LedgerEntries, view};

fn command(text: &str) -> Command {
    Command::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// Acts line by line.
fn acts(timeline: &mut Timeline, lines: &[&str]) {
    for line in lines {
        timeline.act(command(line)).unwrap_or_else(|error| panic!("{line}: {error}"));
    }
}

/// A cluster of three that loses a broker and gets it back.
fn story() -> Timeline {
    let config = vec![("zookeeper.session.timeout.ms".into(), "6000".into())];
    let mut timeline = Timeline::new(Genesis { config, ..Genesis::default() }).expect("the cluster stands");
    acts(
        &mut timeline,
        &[
            "kafka-topics.sh --create --topic t --replica-assignment 101:102,102:103",
            "wait 3s",
            "kill 102",
            "wait 30s",
            "start 102",
            "wait 10s",
        ],
    );
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
fn what_two_branches_tell_apart_begins_with_what_was_done_where_they_part() {
    let mut timeline = story();
    timeline.seek(timeline.start());
    acts(&mut timeline, &["kill 103", "wait 40s"]);
    let all = timeline.told_apart(1, 0, timeline.now());
    let texts: Vec<(bool, &str)> = all.iter().map(|one| (one.second, one.text.as_str())).collect();
    assert_eq!(texts[0], (false, "103 is killed"));
    for told in [(true, "102 is killed"), (false, "ZooKeeper session of 103 expires")] {
        assert!(texts.contains(&told), "{told:?}");
    }
    assert!(all.windows(2).all(|pair| pair[0].at <= pair[1].at));
}

#[test]
fn the_way_ahead_begins_at_the_nearest_checkpoint() {
    let mut timeline = story();
    let (end, hash) = (timeline.end_position(), timeline.state_hash());
    timeline.seek(timeline.start());
    let events = end.steps - timeline.position().steps;
    assert!(events > 450, "{events} events need no checkpoint");
    assert!(timeline.go_to_within(end, 200), "a checkpoint lies nearer");
    assert_eq!((timeline.now(), timeline.state_hash()), (end.at, hash));
}

#[test]
fn however_long_a_branch_a_checkpoint_is_near() {
    let mut timeline = story();
    timeline.act(command("wait 9000s")).expect("time passes");
    let end = timeline.end_position();
    let steps = timeline.branch().checkpoint_steps();
    assert!((20..=48).contains(&steps.len()), "{} checkpoints", steps.len());
    let far = steps.windows(2).map(|pair| pair[1] - pair[0]).max().expect("two at least");
    let run = end.steps - timeline.branch().start_steps();
    assert!(run > 80_000 && far <= run / 20 && steps[0] <= run / 20, "{far} of {run} events lie between two");
    let last = end.steps - steps.last().expect("one at least");
    assert!(last <= run / 20, "{last} events after the last");
}

#[test]
fn a_view_that_goes_on_from_the_last_one_is_the_view_made_anew() {
    let mut timeline = story();
    let mut seen = std::collections::BTreeSet::new();
    let mut compare = |timeline: &Timeline| {
        let anew = crate::view::view(&timeline.run.world, &timeline.run.promises);
        let kept = timeline.view();
        assert_eq!(kept.ledger, anew.ledger, "at {}", timeline.now());
        assert_eq!(*kept, anew, "at {}", timeline.now());
        seen.extend(anew.ledger.iter().map(|entry| {
            format!(
                "{:?} {} {:?}",
                entry.fate,
                entry.duplicated,
                entry.remarks.iter().map(|r| r.kind).collect::<Vec<_>>()
            )
        }));
    };
    let lines =
        "producer p --topic t --config acks=1 --config enable.idempotence=false --config request.timeout.ms=1000
        producer q --topic t
        consumer c --topic t --group g
        consumer early --topic t --group before --processing 400ms --commit before --config auto.offset.reset=earliest
        consumer idle --topic t --group after --processing 10ms --commit after --config auto.offset.reset=earliest
        wait 6s
        send p a
        send q a
        send p --partition 1 b
        send p a
        wait 1s
        pause 101
        send p --partition 0 twice
        wait 3s
        resume 101
        wait 1s
        cut 101 102
        send p --partition 0 late
        send q --partition 1 c
        wait 300ms
        kill 101
        wait 12s
        heal
        send q d
        kill q
        wait 500ms
        start 101
        wait 9s
        send p e
        wait 2s
        send p --count 5 f
        wait 1s
        kill early
        kill c
        wait 1s";
    for line in lines.lines().map(str::trim) {
        let until = timeline.now()
            + line.strip_prefix("wait ").map_or(SimDuration::ZERO, |span| match span {
                "300ms" => SimDuration::from_ms(300),
                "500ms" => SimDuration::from_ms(500),
                seconds => SimDuration::from_ms(1000 * seconds.trim_end_matches('s').parse::<u64>().expect("seconds")),
            });
        if !line.starts_with("wait") {
            timeline.act(command(line)).unwrap_or_else(|error| panic!("{line}: {error}"));
            compare(&timeline);
        }
        while timeline.now() < until {
            timeline.run_to((timeline.now() + SimDuration::from_ms(90)).min(until), u64::MAX);
            compare(&timeline);
        }
    }
    let (start, span) = (timeline.start(), timeline.now().0 - timeline.start().0);
    for part in [9, 3, 4, 8, 1, 10] {
        timeline.seek(SimTime(start.0 + span * part / 10));
        compare(&timeline);
    }
    for expected in ["Sent false", "Acked false", "Read true", "Read false", "Lost false", "LeftOut", "Duplicated"] {
        assert!(seen.iter().any(|one| one.contains(expected)), "{expected} is missing in {seen:?}");
    }
}

#[test]
fn another_branch_is_viewed_with_its_own_records() {
    let mut timeline = story();
    let act = |timeline: &mut Timeline, line: &str| timeline.act(command(line)).expect(line);
    act(&mut timeline, "producer p --topic t");
    act(&mut timeline, "wait 1s");
    let parting = timeline.position();
    for (branch, value) in ["one", "two"].into_iter().enumerate() {
        timeline.go_to(parting);
        act(&mut timeline, &format!("send p {value}"));
        act(&mut timeline, "wait 3s");
        assert_eq!((timeline.active_branch(), timeline.view().ledger.get(0).unwrap().value.as_str()), (branch, value));
    }
    assert!(timeline.switch(0));
    assert_eq!(*timeline.view(), crate::view::view(&timeline.run.world, &timeline.run.promises));
}

#[test]
fn a_controller_knows_of_a_dead_broker_once_it_sees_it_and_before_it_tells_others() {
    let mut timeline = story();
    timeline.act(command("kill 103")).expect("103 runs");
    let lists = |timeline: &Timeline| {
        let view = timeline.view();
        let (controller, others): (Vec<_>, Vec<_>) = view.brokers.iter().partition(|broker| broker.is_controller);
        assert!(others.iter().all(|other| other.controlled_brokers.is_empty()));
        let other = others.iter().find(|other| !other.known_brokers.is_empty()).expect("another runs");
        (controller[0].controlled_brokers.contains(&103), other.known_brokers.contains(&103))
    };
    let sees = |timeline: &Timeline| {
        let mut past = timeline.events().iter().filter(|event| event.position <= timeline.position());
        past.any(|event| event.text() == "the controller sees that broker 103 is gone")
    };
    while !sees(&timeline) {
        assert_eq!(lists(&timeline), (true, true), "at {}", timeline.now());
        assert!(timeline.step());
    }
    assert_eq!(lists(&timeline), (false, true));
    timeline.act(command("wait 1s")).expect("time passes");
    assert_eq!(lists(&timeline), (false, false));
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

#[test]
fn a_look_prints_and_changes_nothing() {
    let timeline = story();
    let before = (timeline.position(), timeline.state_hash());
    for (line, status, wanted) in [
        ("kafka-topics.sh --describe --topic t", Some(0), "\tTopic: t\tPartition: 0\tLeader: 101\tReplicas: 101,102"),
        ("kafka-topics.sh --list", Some(0), "t"),
        ("kafka-topics.sh --list --nonsense", Some(1), "joptsimple.UnrecognizedOptionException: nonsense is not"),
        ("kafka-get-offsets.sh --topic t", Some(0), "t:0:0"),
        ("kafka-dump-log.sh --files data-101/t-0/00000000000000000000.log", Some(0), "Log starting offset: 0"),
        ("zookeeper-shell.sh zk1:2181 get /controller_epoch", Some(0), "1"),
        ("kafka-console-consumer.sh --topic t --timeout-ms 5000", Some(0), "Processed a total of 0 messages"),
    ] {
        let looked = timeline.look(line).unwrap_or_else(|| panic!("{line} is a look"));
        assert_eq!(looked.status, status, "{line}: {:?}", looked.lines);
        assert!(looked.lines.iter().any(|(_, text)| text.contains(wanted)), "{line}: {:?}", looked.lines);
    }
    assert_eq!((timeline.position(), timeline.state_hash()), before);
    assert_eq!(timeline.look("kafka-topics.sh --delete --topic t"), None);
    assert_eq!(timeline.look("kill 102"), None);
    assert_eq!(
        timeline.look("kafka-consumer-groups.sh --reset-offsets --group g --topic t --to-earliest -execute"),
        None
    );
}

#[test]
fn an_unfinished_line_may_go_on() {
    let timeline = story();
    let view = timeline.view();
    for (draft, expected) in [
        ("kafka-top", vec!["kafka-topics.sh"]),
        ("ki", vec!["kill"]),
        ("kill 10", vec!["101", "102", "103"]),
        ("kafka-topics.sh --desc", vec!["--describe"]),
        ("kafka-topics.sh --describe --topic ", vec![]),
        ("kafka-topics.sh --describe --topic t", vec![]),
        ("kafka-get-offsets.sh --bootstrap-server broker-101", vec!["broker-101:9092"]),
        ("kafka-leader-election.sh --topic t --partition 0 --election-type p", vec!["preferred"]),
        ("kafka-transactions.sh find-hanging --max", vec!["--max-transaction-timeout"]),
        ("zookeeper-shell.sh zk1:2181 getE", vec!["getEphemerals"]),
        ("wait 1s\nstart zk", vec!["zk1"]),
        ("nonsense", vec![]),
    ] {
        assert_eq!(super::completions(draft, &view, &["kafka-console-consumer-1".to_owned()]), expected, "{draft}");
    }
}

/// As one sees it who comes to it for the first time.
fn ledger(world: &World) -> Rc<LedgerEntries> {
    view(world, &Promises::default()).ledger
}

#[test]
fn who_goes_back_and_forth_sees_what_one_sees_who_comes_for_the_first_time() {
    let mut timeline = Timeline::new(Genesis::default()).expect("the cluster stands");
    let create = "kafka-topics.sh --create --topic t --replica-assignment 101:102 --config retention.ms=200000 \
         --config segment.bytes=100 --config unclean.leader.election.enable=true";
    let lines = [
        create,
        "wait 3s",
        "producer p --topic t --config acks=1 --config enable.idempotence=false",
        "producer q --topic t --config acks=0 --config enable.idempotence=false",
        "consumer c --topic t --group g --config auto.offset.reset=earliest",
        "wait 3s",
        "send p a",
        "send q a",
        "wait 40s",
        "kill 102",
        "send p x --count 5",
        "wait 30s",
        "kill 101",
        "wait 30s",
        "start 102",
        "wait 30s",
        "send p --count 3 y",
        "start 101",
        "wait 700s",
        "kafka-topics.sh --delete --topic t",
        "wait 10s",
        create,
        "send p a",
        "wait 20s",
    ];
    for line in lines {
        timeline.act(command(line)).expect(line);
    }
    let (start, end) = (timeline.start(), timeline.end());
    let looks = |timeline: &mut Timeline, part: u64| {
        timeline.seek(SimTime(start.0 + (end.0 - start.0) * part / 100));
        assert_eq!(timeline.view().ledger, ledger(timeline.world()), "{part} of 100");
    };
    for part in [100, 3, 97, 11, 12, 30, 29, 100, 5, 10, 6, 90, 4, 50, 1, 100] {
        looks(&mut timeline, part);
    }
    // Another history, in which other records have the tickets of these.
    looks(&mut timeline, 11);
    for line in ["send q b", "send p c", "wait 5s"] {
        timeline.act(command(line)).expect(line);
    }
    assert_eq!(timeline.view().ledger, ledger(timeline.world()));
    for branch in [0, 1, 0] {
        assert!(timeline.switch(branch));
        assert_eq!(timeline.view().ledger, ledger(timeline.world()), "branch {branch}");
    }
}

#[test]
fn a_call_that_found_a_partition_in_one_branch_and_none_in_another_is_two_entries() {
    let mut timeline = Timeline::new(Genesis::default()).expect("the cluster stands");
    acts(
        &mut timeline,
        &[
            "kafka-topics.sh --create --topic t --replica-assignment 101",
            "wait 3s",
            "producer p --topic t --config max.block.ms=1000",
            "wait 1s",
            "send p x",
        ],
    );
    let before = SimTime(timeline.now().0 - 1);
    timeline.act(command("wait 5s")).expect("time passes");
    timeline.seek(before);
    acts(&mut timeline, &["isolate p", "wait 1us", "send p x", "wait 5s"]);
    for branch in [0, 1, 0, 1] {
        assert!(timeline.switch(branch));
        let end = timeline.end();
        timeline.seek(end);
        let ledger_of_branch = timeline.view().ledger.clone();
        assert_eq!(ledger_of_branch, ledger(timeline.world()), "branch {branch}");
        let entry = ledger_of_branch.get(0).unwrap();
        assert_eq!(
            (entry.tp.partition, entry.error.is_some()),
            (if branch == 1 { -1 } else { 0 }, branch == 1),
            "{entry:?}"
        );
    }
}

#[test]
fn a_tombstone_in_one_branch_is_no_value_in_the_other() {
    let mut timeline = Timeline::new(Genesis::default()).expect("the cluster stands");
    acts(
        &mut timeline,
        &[
            "kafka-topics.sh --create --topic t --replica-assignment 101",
            "kafka-topics.sh --create --topic out --replica-assignment 101",
            "consumer c --topic t --group g --commit transaction --to out --config auto.offset.reset=earliest",
            "wait 5s",
        ],
    );
    let before = timeline.position();
    let tool = "kafka-console-producer.sh --bootstrap-server 101:9092 --topic t --property parse.headers=true \
                --property parse.key=true --property key.separator=: --property null.marker=NULL";
    for (value, wanted) in [("v", "v"), ("NULL", "")] {
        timeline.go_to(before);
        for line in [format!(r"printf 'h:1\tk:{value}' | {tool}"), "wait 15s".to_owned()] {
            timeline.act(command(&line)).unwrap_or_else(|error| panic!("{line}: {error}"));
        }
        assert_eq!(timeline.view().ledger, ledger(timeline.world()), "{value}");
        assert_eq!(timeline.view().ledger.get(0).unwrap().value.as_str(), wanted);
    }
}

#[test]
fn the_lines_given_up_to_a_moment_stay_its_own() {
    let lines = |given: &super::Given| given.after(0).into_iter().map(|(_, line)| line.to_string()).collect::<Vec<_>>();
    let mut timeline = Timeline::new(Genesis::default()).expect("the cluster stands");
    acts(&mut timeline, &["kill 101", "kill 102"]);
    let first = timeline.given();
    assert_eq!(lines(&first), ["kill 101", "kill 102"]);
    timeline.step_back();
    assert_eq!(lines(&timeline.given()), ["kill 101"], "what lies ahead is not given yet");
    let mut copy = timeline.clone();
    acts(&mut timeline, &["kill 103"]);
    acts(&mut copy, &["start 101"]);
    let second = timeline.given();
    assert_eq!(lines(&second), ["kill 101", "kill 103"]);
    assert_eq!(lines(&copy.given()), ["kill 101", "start 101"]);
    assert_eq!(lines(&first), ["kill 101", "kill 102"], "a moment that was left keeps its lines");
    assert_eq!(second.after(1), [(2, "kill 103".into())]);
    assert_eq!((second.len(), second.last().as_deref()), (2, Some("kill 103")));
}

/// Two partitions with one leader: what waits for the replicas of one is nothing to the other.
#[test]
fn what_happens_next_to_a_partition_is_not_what_another_waits_for() {
    let mut timeline = story();
    let lines = [
        "kafka-topics.sh --create --topic u --replica-assignment 101:103",
        "producer p --topic t",
        "wait 3s",
        "pause 102",
        "send p --partition 0 a",
        "wait 1s",
    ];
    acts(&mut timeline, &lines);
    let waits = |topic: &str| {
        let about = About::Partition(TopicPartition::new(topic, 0));
        timeline.next(&about).iter().filter(|one| one.what.contains("waits for replicas")).count()
    };
    assert_eq!((waits("t"), waits("u")), (1, 0));
}
