//! Whole runs with more than one thing the matter: each is told once, and nothing that is false.

use std::rc::Rc;

use playground_core::command::Command;
use playground_core::sim::Genesis;
use playground_core::timeline::Timeline;

use super::diagnose;
use crate::model::events::EventRow;

/// A cluster that does what it is told, and what is said of it.
struct Run(Timeline);

impl Run {
    fn of(zookeeper: u8, brokers: i32, lines: &[&str]) -> Self {
        let genesis = Genesis { zookeeper, brokers: (101..101 + brokers).collect(), ..Genesis::default() };
        let mut run = Self(Timeline::new(genesis).expect("the cluster stands"));
        run.go(lines);
        run
    }

    fn go(&mut self, lines: &[&str]) {
        for line in lines {
            let command = Command::parse(line).unwrap_or_else(|error| panic!("{line}: {error}"));
            self.0.act(command).unwrap_or_else(|error| panic!("{line}: {error}"));
        }
    }

    /// The headline, the sentences and the remedy's command.
    fn told(&self) -> (String, String, Option<String>) {
        let past: Vec<Rc<EventRow>> = self.0.events().iter().map(|event| Rc::new(EventRow::new(&event))).collect();
        let found = diagnose(&self.0.view(), &past).expect("there is something to be told of");
        (found.headline, found.sentences.join(" "), found.remedy.map(|(_, command)| command.to_string()))
    }

    /// Goes on with `lines`; then the headline is this, and each of `parts` is said once.
    fn tells(&mut self, lines: &[&str], headline: &str, parts: &[&str], remedy: Option<&str>) {
        self.go(lines);
        let (told, sentences, mends) = self.told();
        assert_eq!((told.as_str(), mends.as_deref()), (headline, remedy), "{sentences}");
        for part in parts {
            assert_eq!(sentences.matches(part).count(), 1, "{part}\n{sentences}");
        }
    }
}

const COPIES: &str = "kafka-topics.sh --create --topic t --replica-assignment 101:102";

#[test]
fn a_dead_server_of_zookeeper_is_told_though_there_is_a_quorum() {
    let mut run =
        Run::of(3, 3, &["kafka-topics.sh --create --topic t --partitions 3 --replication-factor 3", "wait 5s"]);
    run.tells(
        &["kill zk2", "wait 10s"],
        "zk2 is dead: one more, and ZooKeeper has no majority",
        &["2 of its 3 servers run."],
        Some("start zk2"),
    );
    run.tells(&["kill zk3", "wait 10s"], "ZooKeeper has no leader", &["no session ends."], Some("start zk2"));
    let led = "101 is dead, and still leads t-2: it can be neither written nor read.";
    run.tells(&["kill 101", "wait 30s"], "ZooKeeper has no leader", &[led], Some("start zk2"));
    let mut run = Run::of(5, 3, &[COPIES, "wait 5s"]);
    run.tells(&["kill zk2", "wait 5s"], "zk2 is dead", &["4 of its 5 servers run."], Some("start zk2"));
    run.tells(&["kill 103", "wait 1s"], "103 is dead", &["zk2 is dead."], None);
}

#[test]
fn a_broker_that_is_stopped_without_a_quorum_waits_for_one() {
    let mut run = Run::of(3, 3, &[COPIES, "wait 5s", "kill zk2", "kill zk3", "wait 10s"]);
    let waits = "102 shuts down, but not before there is a ZooKeeper to ask for the controller.";
    run.tells(&["stop 102", "wait 60s"], "ZooKeeper has no leader", &[waits], Some("start zk2"));
    run.go(&["start zk2", "wait 10s"]);
    assert_eq!(run.told().0, "102 is dead: one partition lacks a copy");
}

#[test]
fn a_transaction_and_a_frozen_consumer_are_told_beside_a_dead_broker() {
    let begun = [
        COPIES,
        "wait 3s",
        "producer p --topic t --config transactional.id=tx --config transaction.timeout.ms=600000",
        "init-transactions p",
        "wait 2s",
        "begin-transaction p",
        "send p a",
        "consumer c --topic t --group g --config isolation.level=read_committed",
        "wait 20s",
    ];
    let mut run = Run::of(1, 3, &begun);
    let open = |seconds: &str| format!("The transaction of tx has been open for {seconds} s");
    run.tells(&[], &open("20.0"), &["600.0 s after it began."], None);
    let tail = |seconds: &str| format!("{}: readers of committed records stop at offset 0 of t-0.", open(seconds));
    run.tells(
        &["kill 103", "wait 30s"],
        "103 is dead: 100 partitions lack a copy",
        &[&tail("50.0")],
        Some("start 103"),
    );
    run.tells(&["start 103", "wait 30s", "pause c"], &open("80.0"), &["c is frozen."], None);
}

#[test]
fn of_two_transactions_the_one_that_holds_readers_back_is_told() {
    let mut run = Run::of(
        1,
        3,
        &[
            "kafka-topics.sh --create --topic t --replica-assignment 101",
            "kafka-topics.sh --create --topic u --replica-assignment 102",
            "wait 3s",
            "producer a --config transactional.id=ta --config transaction.timeout.ms=800000",
            "producer b --config transactional.id=tb --config transaction.timeout.ms=800000",
            "init-transactions a",
            "init-transactions b",
            "wait 2s",
            "begin-transaction a",
            "cut a 101",
            "send a --topic t x",
            "wait 3s",
            "begin-transaction b",
            "send b --topic u y",
            "wait 20s",
        ],
    );
    let held = "stop at offset 0 of u-0";
    run.tells(&[], "The transaction of tb has been open for 20.0 s", &[held, "cut a 101."], None);
}

#[test]
fn how_long_a_transaction_is_open_is_no_matter_of_a_broker_that_has_the_wrong_time() {
    for skew in ["-1h", "+1h"] {
        let clocks = [101, 102, 103].map(|id| format!("clock {id} {skew}"));
        let begun = ["producer p --topic t --config transactional.id=tx --config transaction.timeout.ms=600000"];
        let begins = ["init-transactions p", "wait 2s", "begin-transaction p", "send p a", "wait 3s"];
        let clocks: Vec<&str> = clocks.iter().map(String::as_str).collect();
        let mut run = Run::of(1, 3, &[[COPIES, "wait 3s"].as_slice(), &begun, &clocks, &begins].concat());
        run.tells(&[], "3 faults are in force", &[], None);
        run.tells(&["wait 17s"], "The transaction of tx has been open for 20.0 s", &["aborts it 600.0 s"], None);
    }
}

#[test]
fn a_second_topic_and_who_is_frozen_are_told_beside_a_partition_without_a_leader() {
    let topics = ["t --replica-assignment 102", "u --replica-assignment 103", "w --replica-assignment 101:102:103"];
    let topics = topics.map(|one| format!("kafka-topics.sh --create --topic {one}"));
    let mut lines: Vec<&str> = topics.iter().map(String::as_str).collect();
    lines.extend(["wait 3s", "kill 102", "wait 30s", "pause 103", "wait 5s"]);
    let mut run = Run::of(1, 3, &lines);
    let second = "103 is frozen, and still leads u-0: it can be neither written nor read.";
    run.tells(&[], "t-0 has no leader", &["In the ISR is 102, which does not run.", second], Some("start 102"));
    let reach = "They can be neither written nor read. In the ISR are 102 and 103, which do not answer.";
    run.tells(&["wait 30s"], "2 partitions have no leader", &[reach], Some("resume 103"));
}

#[test]
fn a_frozen_broker_believes_nothing_and_would_mend_what_it_alone_has() {
    let mut run = Run::of(1, 3, &["kafka-topics.sh --create --topic t --replica-assignment 103", "wait 3s"]);
    let reach = "It can be neither written nor read. In the ISR is 103, which is frozen.";
    run.tells(&["pause 103", "wait 30s"], "t-0 has no leader", &[reach], Some("resume 103"));
    run.go(&["resume 103", "wait 10s", "isolate 103", "wait 30s"]);
    run.tells(&[], "t-0 has no leader", &["103 still believes that it leads. In the ISR is 103."], None);
}

#[test]
fn dead_brokers_do_not_hide_frozen_ones() {
    let mut run = Run::of(1, 3, &["kafka-topics.sh --create --topic t --replica-assignment 103", "wait 3s"]);
    run.tells(&["pause 101", "kill 102", "wait 30s"], "101 is frozen", &["102 is dead."], Some("resume 101"));
    let lines = ["kafka-topics.sh --create --topic t --replica-assignment 101:103", "wait 3s"];
    let mut run = Run::of(1, 4, &lines);
    let headline = "103 is dead: one partition lacks a copy";
    run.tells(&["kill 103", "pause 104", "wait 30s"], headline, &["104 is frozen."], Some("start 103"));
}

#[test]
fn clients_that_have_got_an_error_are_named_with_it() {
    let mut run = Run::of(
        1,
        3,
        &[COPIES, "wait 3s", "consumer c --topic t --group h --config auto.offset.reset=none", "wait 15s"],
    );
    run.tells(
        &[],
        "c does not poll any more: NoOffsetForPartitionException",
        &["when max.poll.interval.ms is over it leaves h."],
        None,
    );
    let static_ones = "--topic t --group g --config group.instance.id=i1";
    let (a, b) = (format!("consumer a {static_ones}"), format!("consumer b {static_ones}"));
    let mut run = Run::of(1, 3, &[COPIES, "wait 2s", &a, "wait 8s", &b, "wait 20s"]);
    let goes_on = "Group g goes on without it.";
    run.tells(&[], "a does not poll any more: FENCED_INSTANCE_ID", &[goes_on], None);
    let wide = ["producer p --topic t --config delivery.timeout.ms=31000", "wait 1s", "cut p 101"];
    let mut run = Run::of(1, 3, &[[COPIES, "wait 3s"].as_slice(), &wide, &["send p a", "wait 40s", "heal"]].concat());
    let failed = "p was told that a record failed: TimeoutException.";
    run.tells(&["wait 1s"], "Every partition is in full strength", &["3 brokers run.", failed], None);
}

#[test]
fn a_topic_whose_replicas_are_on_nobody_is_told_beside_a_fault() {
    let mut run = Run::of(1, 3, &[COPIES, "kafka-topics.sh --create --topic z --replica-assignment 109", "wait 3s"]);
    let never = "z-0 has never had a leader: none of its brokers is registered";
    run.tells(&[], never, &["It is assigned to 109."], None);
    run.tells(&["pause 103"], never, &["103 is frozen."], None);
}

#[test]
fn the_records_that_wait_for_nobody_are_told() {
    let read = "--config auto.offset.reset=earliest";
    let (c, d) = (format!("consumer c --topic t --group g {read}"), format!("consumer d --topic u --group h {read}"));
    let other = "kafka-topics.sh --create --topic u --replica-assignment 101:102";
    let mut run = Run::of(1, 3, &[COPIES, other, "wait 3s", &c, &d, "producer p --topic t", "send p a", "wait 10s"]);
    run.tells(
        &["pause c", "send p b", "wait 5s"],
        "c is frozen",
        &["when session.timeout.ms is over, g has no member that reads; one record waits."],
        None,
    );
    run.tells(
        &["wait 60s"],
        "c is frozen",
        &["Group g has no member now.", "Nobody reads for g: one record waits."],
        None,
    );
    run.tells(
        &["kill c", "stop d", "wait 3s", "send p --topic u --count 5 x", "wait 5s"],
        "Nobody reads for g and h: 6 records wait",
        &["They have no members."],
        None,
    );
}

#[test]
fn a_broker_that_is_cut_off_is_not_started_before_the_fault_is_healed() {
    let mut run =
        Run::of(1, 3, &["kafka-topics.sh --create --topic t --partitions 3 --replication-factor 3", "wait 3s"]);
    let headline = "103 is dead: 3 partitions lack a copy";
    run.tells(&["isolate 103", "kill 103", "wait 30s"], headline, &["In force: isolate 103."], Some("heal 1"));
    run.tells(&["heal"], headline, &[], Some("start 103"));
    run.tells(&["cut 103 zk1"], headline, &[], Some("heal 2"));
    run.tells(&["heal", "cut 103 101"], headline, &[], Some("start 103"));
}

#[test]
fn of_many_things_a_handful_is_told_and_the_rest_counted() {
    let mut lines = vec![COPIES.to_owned(), "wait 3s".to_owned()];
    for at in 0..7 {
        lines.push(format!("producer p{at} --topic t --config transactional.id=tx{at}"));
        lines.push(format!("init-transactions p{at}"));
    }
    lines.push("wait 3s".into());
    for at in 0..7 {
        lines.push(format!("kafka-topics.sh --create --topic u{at} --replica-assignment 101:102"));
    }
    lines.push("wait 2s".into());
    for at in 0..7 {
        lines.push(format!("begin-transaction p{at}"));
        lines.push(format!("send p{at} --topic u{at} x"));
    }
    lines.push("wait 12s".into());
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let (_, sentences, _) = Run::of(1, 3, &lines).told();
    assert_eq!(sentences.matches("readers of committed records").count(), 4, "{sentences}");
    assert!(sentences.ends_with("And 2 more things are the matter."), "{sentences}");
}

#[test]
fn a_frozen_leader_can_go_on_while_the_session_of_a_dead_one_lasts() {
    let mut run =
        Run::of(1, 3, &["kafka-topics.sh --create --topic t --replica-assignment 103:101,102:101", "wait 5s"]);
    run.tells(
        &["kill 103", "pause 102", "wait 2s"],
        "102 and 103 do not answer, and still lead 2 partitions",
        &["the session of 103 lasts"],
        Some("resume 102"),
    );
}
