//! Whole clusters, and what their ledger says.

use std::rc::Rc;

use crate::command::Command;
use crate::invariant::Promises;
use crate::sim::{Genesis, World};
use crate::time::SimDuration;
use crate::view::{LedgerEntry, RecordFate, Removed, Viewer, view};

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
    for entry in &ledger {
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

fn ledger_of(world: &World) -> Vec<Rc<LedgerEntry>> {
    view(world, &Promises::default()).ledger
}

fn fates(world: &World) -> Vec<(String, RecordFate, Option<Removed>)> {
    ledger_of(world).iter().map(|entry| (entry.value.to_string(), entry.fate, entry.removed)).collect()
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
    for entry in ledger_of(&world) {
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
fn a_topic_that_was_deleted_and_one_of_its_name_are_two() {
    let create = "kafka-topics.sh --create --topic t --partitions 1 --replication-factor 3";
    let lines = [
        (3_000, create),
        (1_000, "consumer c --topic t --group g --config auto.offset.reset=earliest"),
        (1_000, "producer p --topic t"),
        (500, "send p a"),
        (500, "send p b"),
        (500, "send p b"),
        (10_000, "kafka-topics.sh --delete --topic t"),
        (10_000, create),
        (1_000, "pause c"),
        (500, "send p a"),
        (500, "send p b"),
    ];
    let world = played(&Genesis::default(), &lines);
    let (read, acked, gone) = (RecordFate::Read, RecordFate::Acked, Some(Removed::Topic));
    let wanted = [("a", read, gone), ("b", read, gone), ("b", read, gone), ("a", acked, None), ("b", acked, None)];
    assert_eq!(fates(&world), wanted.map(|(value, fate, removed)| (value.into(), fate, removed)));
    let places: Vec<Vec<i64>> = ledger_of(&world).iter().map(|entry| entry.places.clone()).collect();
    assert_eq!(places, [vec![], vec![], vec![], vec![0], vec![1]]);
    assert!(ledger_of(&world).iter().all(|entry| entry.remarks.is_empty() && !entry.duplicated));
}
