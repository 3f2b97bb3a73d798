//! Whole clusters, and what their ledger says.

mod deletion;
mod moves;

use std::rc::Rc;

use crate::command::Command;
use crate::invariant::Promises;
use crate::sim::{Genesis, World};
use crate::time::SimDuration;
use crate::view::{LedgerEntries, LedgerEntry, RecordFate, RemarkKind, Removed, Viewer, view};

#[test]
fn records_that_say_the_same_are_told_apart() {
    let mut world = World::new(&Genesis::default()).expect("the cluster stands");
    let lines = "kafka-topics.sh --create --topic t --partitions 1 --replication-factor 1
        producer p --topic t
        producer q --topic t --config acks=0 --config enable.idempotence=false
        consumer c --topic t --group g --config auto.offset.reset=earliest
        send p same
        send p same
        send q same";
    for line in lines.lines().map(str::trim) {
        world.execute(&Command::parse(line).expect("a command")).expect("is taken");
        world.run_until(world.now() + SimDuration::from_ms(4_000));
    }
    let ledger = view(&world, &Promises::default()).ledger;
    let places: Vec<&[i64]> = ledger.iter().map(|entry| entry.places.as_slice()).collect();
    assert_eq!(places, [&[0][..], &[1], &[2]]);
    for entry in ledger.iter() {
        assert!(entry.remarks.is_empty() && !entry.duplicated, "{entry:?}");
        let done: Vec<(&str, u32)> = entry.work.iter().map(|one| (one.group.as_str(), one.times)).collect();
        assert_eq!(done, [("g", 1)], "{entry:?}");
    }
}

/// Each line, and after how many ms the next. Who has looked all the while sees what one sees who looks at the end.
fn played(genesis: &Genesis, lines: &[(u64, &str)]) -> World {
    let mut world = World::new(genesis).expect("the cluster stands");
    let mut viewer = Viewer::default();
    for (ms, line) in lines {
        world.execute(&Command::parse(line).expect(line)).expect(line);
        let until = world.now() + SimDuration::from_ms(*ms);
        while world.now() < until {
            world.run_until(until.min(world.now() + SimDuration::from_ms(100)));
            assert_eq!(viewer.view(&world, &Promises::default()).ledger, ledger_of(&world), "{line}");
        }
    }
    world
}

fn ledger_of(world: &World) -> Rc<LedgerEntries> {
    view(world, &Promises::default()).ledger
}

fn fates(world: &World) -> Vec<(String, RecordFate, Option<Removed>)> {
    ledger_of(world).iter().map(|entry| (entry.value.to_string(), entry.fate, entry.removed)).collect()
}

/// Value, fate, what removed it, where it lies; what went wrong with it.
fn told(world: &World) -> Vec<(String, RecordFate, Option<Removed>, Vec<i64>, Vec<RemarkKind>)> {
    let remarks = |entry: &LedgerEntry| entry.remarks.iter().map(|remark| remark.kind).collect();
    let told = |entry: &Rc<LedgerEntry>| {
        (entry.value.to_string(), entry.fate, entry.removed, entry.places.clone(), remarks(entry))
    };
    ledger_of(world).iter().map(told).collect()
}

const ONE: &str = "kafka-topics.sh --create --topic t --replica-assignment 101";
const UNCLEAN: &str = "kafka-topics.sh --create --topic t --replica-assignment 101:102 --config retention.ms=200000 \
    --config segment.bytes=100 --config unclean.leader.election.enable=true";
const P: &str = "producer p --topic t";
const P_ACKS_1: &str = "producer p --topic t --config acks=1 --config enable.idempotence=false";
const Q_ACKS_0: &str = "producer q --topic t --config acks=0 --config enable.idempotence=false";
const C: &str = "consumer c --topic t --group g --config auto.offset.reset=earliest";
const DELETE: &str = "kafka-topics.sh --delete --topic t";

fn goes_on(mut world: World, ms: u64) -> World {
    world.run_until(world.now() + SimDuration::from_ms(ms));
    world
}

#[test]
fn what_the_cleaner_took_is_not_lost() {
    let create = "kafka-topics.sh --create --topic t --partitions 1 --replication-factor 3 --config cleanup.policy=compact \
        --config segment.bytes=100 --config min.cleanable.dirty.ratio=0.01";
    let lines = [
        (3_000, create),
        (1_000, "consumer c --topic t --group g --config auto.offset.reset=earliest"),
        (1_000, "producer p --topic t"),
        (1_000, "producer q --topic t --config acks=0 --config enable.idempotence=false"),
        (500, "send p --key k 1"),
        (500, "send q --key k 2"),
        (500, "send q --key k 3"),
        (500, "send q --key k 3"),
        (500, "send p --key k 4"),
        (40_000, "send p --key other 5"),
    ];
    let world = played(&Genesis::default(), &lines);
    let (read, cleaned) = (RecordFate::Read, Some(Removed::Cleaner));
    let wanted = [("1", cleaned), ("2", cleaned), ("3", cleaned), ("3", cleaned), ("4", None), ("5", None)];
    assert_eq!(fates(&world), wanted.map(|(value, removed)| (value.into(), read, removed)));
    for entry in ledger_of(&world).iter() {
        assert!(entry.remarks.is_empty(), "{entry:?}");
        assert!(entry.work.iter().all(|one| one.times == 1) && entry.work.len() == 1, "{entry:?}");
    }
}

#[test]
fn what_retention_took_is_not_lost_and_what_was_lost_stays_so() {
    let genesis = Genesis::default();
    let lines = [
        (
            3_000,
            "kafka-topics.sh --create --topic t --replica-assignment 101:102 --config retention.ms=200000 \
            --config segment.bytes=100 --config unclean.leader.election.enable=true",
        ),
        (1_000, "producer p --topic t --config acks=1 --config enable.idempotence=false"),
        (1_000, "producer q --topic t --config acks=0 --config enable.idempotence=false"),
        (500, "send p a"),
        (500, "send q b"),
        (500, "send q b"),
        (30_000, "kill 102"),
        (500, "send p gone"),
        (30_000, "kill 101"),
        (30_000, "start 102"),
        (60_000, "start 101"),
        (1, "send p c"),
    ];
    let mut world = played(&genesis, &lines);
    world.run_until(world.now() + SimDuration::from_ms(1_000));
    let (acked, lost) = (RecordFate::Acked, RecordFate::Lost);
    let before = [("a", acked, None), ("b", acked, None), ("b", acked, None), ("gone", lost, None), ("c", acked, None)];
    assert_eq!(fates(&world), before.map(|(value, fate, removed)| (value.into(), fate, removed)));
    world.run_until(world.now() + SimDuration::from_ms(700_000));
    let by = Some(Removed::Retention);
    let after = [("a", acked, by), ("b", acked, by), ("b", acked, by), ("gone", lost, None), ("c", acked, by)];
    assert_eq!(fates(&world), after.map(|(value, fate, removed)| (value.into(), fate, removed)));
}

#[test]
fn what_delete_records_took_is_not_lost_where_it_never_was() {
    let lines = [
        (3_000, ONE),
        (1_000, P),
        (100, "send p a"),
        (100, "send p b"),
        (1_000, "send p c"),
        (2_000, "kafka-delete-records.sh --topic t --partition 0 --offset 2"),
        (10_000, C),
    ];
    let world = played(&Genesis::default(), &lines);
    let by = Some(Removed::Retention);
    let gone = |value: &str| (value.to_owned(), RecordFate::Acked, by, vec![], vec![]);
    let wanted = [gone("a"), gone("b"), ("c".into(), RecordFate::Read, None, vec![2], vec![])];
    assert_eq!(told(&world), wanted);
    let mut world = world;
    let moves = "kafka-reassign-partitions.sh --execute --topic t --partition 0 --replicas 102";
    world.execute(&Command::parse(moves).expect("a command")).expect("is taken");
    let world = goes_on(world, 20_000);
    assert_eq!(told(&world), wanted, "the new replica began behind them");
}

#[test]
fn what_came_back_with_its_old_leader_is_removed_like_any_other() {
    let lines = [
        (3_000, UNCLEAN),
        (1_000, P_ACKS_1),
        (500, "send p a"),
        (30_000, "kill 102"),
        (500, "send p x"),
        (30_000, "kill 101"),
        (10_000, "start 102"),
    ];
    let world = played(&Genesis::default(), &lines);
    assert_eq!(fates(&world)[1].1, RecordFate::Lost);
    let mut world = world;
    for (ms, line) in [(30_000, "kill 102"), (10_000, "start 101")] {
        world.execute(&Command::parse(line).expect(line)).expect(line);
        world = goes_on(world, ms);
    }
    assert_eq!(fates(&world)[1], ("x".into(), RecordFate::Acked, None));
    let world = goes_on(world, 700_000);
    assert_eq!(fates(&world)[1], ("x".into(), RecordFate::Acked, Some(Removed::Retention)));
}

#[test]
fn a_record_that_failed_has_no_claim_on_the_place_of_one_that_says_the_same() {
    let lines = [
        (3_000, ONE),
        (1_000, P),
        (2_000, "send p x"),
        (1_000, Q_ACKS_0),
        (100, "isolate p"),
        (130_000, "send p same"),
        (500, "send q same"),
    ];
    let told = told(&played(&Genesis::default(), &lines));
    assert_eq!(told[1], ("same".into(), RecordFate::Failed, None, vec![], vec![]));
    assert_eq!(told[2], ("same".into(), RecordFate::Acked, None, vec![1], vec![]));
}

/// 101 leads alone when x is sent; 102 leads without it, and then this follows.
fn loses_x(then: &[(u64, &'static str)]) -> World {
    let loses = [
        (3_000, UNCLEAN),
        (1_000, P_ACKS_1),
        (30_000, "kill 102"),
        (500, "send p x"),
        (30_000, "kill 101"),
        (30_000, "start 102"),
    ];
    played(&Genesis::default(), &[&loses, then].concat())
}

#[test]
fn a_lost_record_stays_lost_when_the_same_is_sent_again_to_its_offset() {
    let world = loses_x(&[(1_000, "send p x")]);
    let now = [RecordFate::Lost, RecordFate::Acked];
    assert_eq!(fates(&world).iter().map(|(_, fate, _)| *fate).collect::<Vec<_>>(), now);
    let later = fates(&goes_on(world, 700_000));
    assert_eq!(
        later.iter().map(|(_, fate, removed)| (*fate, *removed)).collect::<Vec<_>>(),
        [(RecordFate::Lost, None), (RecordFate::Acked, Some(Removed::Retention)),]
    );
}

#[test]
fn records_of_others_that_say_the_same_are_nobodys() {
    let echo = "echo same | kafka-console-producer.sh --bootstrap-server 101:9092 --topic t";
    let lines = [
        (3_000, ONE),
        (1_000, P),
        (8_000, echo),
        (500, "send p x"),
        (500, "send p same"),
        (500, "kill p"),
        (1_000, P),
        (500, "send p same"),
    ];
    let told = told(&played(&Genesis::default(), &lines));
    assert_eq!(told, [("same".into(), RecordFate::Acked, None, vec![3], vec![])], "of the producer that lives");
}

#[test]
fn a_client_that_has_the_name_of_one_that_was_killed_is_another() {
    let lines = [
        (3_000, ONE),
        (1_000, P),
        (4_000, C),
        (500, "send p a"),
        (500, "send p b"),
        (8_000, "send p c"),
        (5_000, DELETE),
        (500, "kill c"),
        (60_000, ONE),
        (10_000, C),
        (500, "send p a"),
        (5_000, "send p d"),
    ];
    let world = played(&Genesis::default(), &lines);
    for entry in ledger_of(&world).iter().skip(3) {
        assert_eq!((entry.fate, entry.removed), (RecordFate::Read, None), "{entry:?}");
        assert!(entry.work.iter().all(|one| one.times == 1) && entry.work.len() == 1, "{entry:?}");
    }
    assert_eq!(fates(&world)[0], ("a".into(), RecordFate::Read, Some(Removed::Topic)), "its reader is gone");
    // Nobody has looked in between.
    let mut world = World::new(&Genesis::default()).expect("the cluster stands");
    let mut viewer = Viewer::default();
    for (line, looks) in [(ONE, true), (P, true), ("send p x", true), ("kill p", false), (P, false), ("send p y", true)]
    {
        world.execute(&Command::parse(line).expect(line)).expect(line);
        world = goes_on(world, 2_000);
        if looks {
            assert_eq!(viewer.view(&world, &Promises::default()).ledger, ledger_of(&world), "{line}");
        }
    }
}

#[test]
fn who_looks_seldom_sees_what_one_sees_who_looks_always() {
    let create = "kafka-topics.sh --create --topic t --replica-assignment 101 --config retention.ms=10000 \
        --config segment.bytes=100";
    let mut world = World::new(&Genesis::default()).expect("the cluster stands");
    let mut viewer = Viewer::default();
    let lines = [
        (3_000, create),
        (1_000, P),
        (100, "send p a"),
        (700_000, "send p b"),
        (5_000, DELETE),
        (3_000, create),
        (100, "send p c"),
        (700_000, "send p d"),
    ];
    for (ms, line) in lines {
        world.execute(&Command::parse(line).expect(line)).expect(line);
        world = goes_on(world, ms);
        if ms == 700_000 {
            assert_eq!(viewer.view(&world, &Promises::default()).ledger, ledger_of(&world), "{line}");
        }
    }
    assert!(fates(&world).iter().all(|(_, fate, by)| (*fate, *by) == (RecordFate::Acked, Some(Removed::Retention))));
}

#[test]
fn a_tool_whose_client_has_the_name_of_a_producer_is_another() {
    let lines = [
        (3_000, ONE),
        (1_000, "producer console-producer --topic t"),
        (1_000, "send console-producer same"),
        (8_000, r"echo -e 'same\nsame\nsame' | kafka-console-producer.sh --bootstrap-server 101:9092 --topic t"),
    ];
    let world = played(&Genesis::default(), &lines);
    assert_eq!(told(&world), [("same".into(), RecordFate::Acked, None, vec![0], vec![])]);
    let log_end = view(&world, &Promises::default()).topics[0].partitions[0].replicas[0].log_end_offset;
    assert_eq!(log_end, 4, "the tool's records lie behind it");
}

#[test]
fn what_was_done_with_each_copy_of_a_record_stays_done() {
    let lines = [
        (3_000, ONE),
        (
            1_000,
            "producer p --topic t --config acks=1 --config enable.idempotence=false --config request.timeout.ms=2000",
        ),
        (1_000, "send p first"),
        (1, "delay p 101 1500ms"),
        (2_000, "send p d"),
        (10_000, "heal"),
        (3_000, C),
        (8_000, "send p z"),
    ];
    let mut world = played(&Genesis::default(), &lines);
    let of_d = |world: &World| {
        let entry = ledger_of(world).get(1).expect("a second was sent").clone();
        let remarks: Vec<RemarkKind> = entry.remarks.iter().map(|remark| remark.kind).collect();
        (entry.places.clone(), entry.duplicated, entry.work[0].times, remarks)
    };
    assert_eq!(of_d(&world), (vec![1, 2], true, 2, vec![RemarkKind::Duplicated, RemarkKind::Repeated]));
    for (offset, places) in [(2, vec![2]), (3, vec![])] {
        let line = format!("kafka-delete-records.sh --topic t --partition 0 --offset {offset}");
        world.execute(&Command::parse(&line).expect("a command")).expect("is taken");
        world = goes_on(world, 2_000);
        assert_eq!(of_d(&world), (places, false, 2, vec![RemarkKind::Repeated]));
    }
}

#[test]
fn what_a_group_has_done_stays_done_when_the_record_is_lost() {
    let done = |world: &World| -> Vec<(RecordFate, u32, u32)> {
        let of = |entry: &Rc<LedgerEntry>| {
            let sum = |of: fn(&crate::view::GroupWork) -> u32| entry.work.iter().map(of).sum();
            (entry.fate, sum(|one| one.times), sum(|one| one.rows))
        };
        ledger_of(world).iter().map(of).collect()
    };
    let [kept, lost] = [(RecordFate::Read, 1, 1), (RecordFate::Lost, 1, 1)];
    let lines = [
        (3_000, UNCLEAN),
        (1_000, P_ACKS_1),
        (4_000, C),
        (2_000, "send p a"),
        (30_000, "kill 102"),
        (1_000, "send p b"),
        (8_000, "send p c"),
        (30_000, "kill 101"),
    ];
    let world = played(&Genesis::default(), &lines);
    assert_eq!(done(&world), [kept, kept, kept], "nobody leads");
    let lines = [lines.as_slice(), &[(30_000, "start 102")]].concat();
    let world = played(&Genesis::default(), &lines);
    assert_eq!(done(&world), [kept, lost, lost], "102 leads, without two of them");
    // What comes to their offsets is another matter.
    let lines = [lines.as_slice(), &[(10_000, "send p d"), (10_000, "send p e")]].concat();
    let world = played(&Genesis::default(), &lines);
    assert_eq!(done(&world)[..3], [kept, lost, lost], "and others take their place");
}

#[test]
fn aborted_records_are_left_out_by_nobody_who_reads_committed_ones() {
    let reader = |isolation| format!("{C} --config isolation.level={isolation} --config auto.commit.interval.ms=1000");
    for (isolation, done) in [("read_committed", [0, 1]), ("read_uncommitted", [1, 1])] {
        let reader = reader(isolation);
        let lines = [
            (3_000, ONE),
            (1_000, "producer p --topic t --config transactional.id=tx"),
            (5_000, reader.as_str()),
            (1_000, "init-transactions p"),
            (100, "begin-transaction p"),
            (500, "send p a"),
            (1_000, "abort-transaction p"),
            (100, "begin-transaction p"),
            (500, "send p b"),
            (9_000, "commit-transaction p"),
        ];
        let world = played(&Genesis::default(), &lines);
        let view = view(&world, &Promises::default());
        let work: Vec<u32> = view.ledger.iter().map(|entry| entry.work[0].times).collect();
        assert_eq!(work, done, "{isolation}");
        assert!(view.ledger.iter().all(|entry| entry.work[0].passed && entry.remarks.is_empty()), "{isolation}");
    }
}
