//! Topics that are deleted, and others that get their names.

use super::{DELETE, ONE, P, Q_ACKS_0, fates, goes_on, ledger_of, loses_x, played, told};
use crate::command::Command;
use crate::ids::Name;
use crate::machine::Observation;
use crate::sim::{Genesis, World};
use crate::time::SimTime;
use crate::view::{RecordFate, Removed};

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

#[test]
fn who_is_at_work_on_a_deleted_topic_has_not_worked_on_the_next_one() {
    let lines = [
        (3_000, ONE),
        (1_000, P),
        (500, "send p a"),
        (1_000, "send p c"),
        (4_000, "consumer c --topic t --group g --processing 10s --config auto.offset.reset=earliest"),
        (3_000, DELETE),
        (1_000, ONE),
        (500, "send p a"),
        (60_000, "send p c"),
    ];
    let world = played(&Genesis::default(), &lines);
    let times: Vec<u32> = ledger_of(&world).iter().map(|entry| entry.work.iter().map(|one| one.times).sum()).collect();
    let given = world.consumer("c").expect("it runs").received().len();
    assert_eq!(times.iter().sum::<u32>() as usize, given, "{times:?}");
    assert_eq!(times[..2], [1, 1]);
}

#[test]
fn answers_and_records_that_cross_a_deletion_belong_where_the_record_was() {
    let late_answer = [
        (3_000, ONE),
        (1_000, P),
        (1_000, "send p first"),
        (100, "delay p 101 5s"),
        (5_500, "send p a"),
        (1_500, DELETE),
        (10_000, ONE),
    ];
    let told_of = |lines: &[(u64, &str)]| told(&played(&Genesis::default(), lines)).pop().expect("a record");
    assert_eq!(told_of(&late_answer), ("a".into(), RecordFate::Acked, Some(Removed::Topic), vec![], vec![]));
    let late_record = [
        (3_000, ONE),
        (1_000, Q_ACKS_0),
        (1_000, "send q first"),
        (100, "delay q 101 8s"),
        (100, "send q a"),
        (1_500, DELETE),
        (20_000, ONE),
    ];
    assert_eq!(told_of(&late_record), ("a".into(), RecordFate::Acked, None, vec![0], vec![]));
}

#[test]
fn what_was_lost_before_its_topic_was_deleted_stays_so() {
    let world = loses_x(&[(1_000, "send p y"), (30_000, "start 101"), (10_000, DELETE)]);
    let wanted = [("x".into(), RecordFate::Lost, None), ("y".into(), RecordFate::Acked, Some(Removed::Topic))];
    assert_eq!(fates(&world), wanted);
}

#[test]
fn a_deletion_is_known_though_the_one_who_would_tell_of_it_dies() {
    let genesis = Genesis { zookeeper: 3, ..Genesis::default() };
    let before = played(&genesis, &[(5_000, ONE), (1_000, P), (1_000, "send p a")]);
    let acts = |world: &mut World, line: &str| {
        world.execute(&Command::parse(line).expect(line)).expect(line);
    };
    let mut undisturbed = before.clone();
    undisturbed.take_observed();
    acts(&mut undisturbed, DELETE);
    let mut undisturbed = goes_on(undisturbed, 5_000);
    let is_told = |observation: &Observation| matches!(observation, Observation::ZnodeDeleted { path } if &**path == "/brokers/topics/t");
    let told = undisturbed.take_observed().into_iter().find(|one| is_told(&one.observation)).expect("it is deleted");
    let mut untold = 0;
    for us in (0..5_000).step_by(250) {
        let mut world = before.clone();
        acts(&mut world, DELETE);
        world.run_until(SimTime(told.at.0 - us));
        world.take_observed();
        acts(&mut world, &format!("kill {}", told.node));
        world = goes_on(world, 30_000);
        untold += u32::from(!world.take_observed().iter().any(|one| is_told(&one.observation)));
        acts(&mut world, ONE);
        let mut world = goes_on(world, 3_000);
        acts(&mut world, "send p b");
        let world = goes_on(world, 3_000);
        let wanted = [("a".into(), RecordFate::Acked, Some(Removed::Topic)), ("b".into(), RecordFate::Acked, None)];
        assert_eq!(fates(&world), wanted, "{us} us before");
    }
    assert!(untold > 0, "ZooKeeper has told of each");
}

#[test]
fn what_landed_in_the_next_topic_is_not_judged_while_nobody_leads_it() {
    let lines = [
        (3_000, ONE),
        (1_000, P),
        (1_000, "send p first"),
        (100, "isolate p"),
        (100, "send p a"),
        (1_500, DELETE),
        (5_000, ONE),
        (40_000, "heal"),
        (30_000, "kill 101"),
    ];
    let world = played(&Genesis::default(), &lines);
    let wanted = [("first".into(), RecordFate::Acked, Some(Removed::Topic)), ("a".into(), RecordFate::Acked, None)];
    assert_eq!(fates(&world), wanted);
}

#[test]
fn a_replica_that_moved_away_keeps_nothing_from_being_lost() {
    let lines = [
        (3_000, ONE),
        (1_000, P),
        (1_000, "send p a"),
        (20_000, "kafka-reassign-partitions.sh --execute --topic t --partition 0 --replicas 102"),
        (1_000, "send p b"),
        (30_000, "power-off 102"),
        (30_000, "start 102"),
        (1_000, "send p c"),
    ];
    let world = played(&Genesis::default(), &lines);
    let lost = |value: &str| (value.to_owned(), RecordFate::Lost, None);
    assert_eq!(fates(&world), [lost("a"), lost("b"), ("c".into(), RecordFate::Acked, None)]);
    let because: Vec<Name> = ledger_of(&world).iter().map(|entry| entry.remarks[0].because.clone()).take(2).collect();
    let mut world = world;
    world.execute(&Command::parse(DELETE).expect("a command")).expect("is taken");
    let world = goes_on(world, 10_000);
    let gone = ("c".into(), RecordFate::Acked, Some(Removed::Topic));
    assert_eq!(fates(&world), [lost("a"), lost("b"), gone]);
    let still: Vec<Name> = ledger_of(&world).iter().map(|entry| entry.remarks[0].because.clone()).take(2).collect();
    assert_eq!(because, still, "the reason stays");
}
