//! Producers in a whole cluster: what they were promised stands, whatever dies meanwhile.

use playground_core::command::{Command, NodeRef};
use playground_core::ids::{Name, TopicPartition};
use playground_core::producer::{Outcome, Producer};
use playground_core::rng::Rng;
use playground_core::sim::{Genesis, World};
use playground_core::time::SimDuration;

/// Runs with random faults.
const SEEDS: u64 = 6;
/// Records in each of them.
const RECORDS: u32 = 200;

fn world(seed: u64) -> World {
    let config = vec![(Name::from("zookeeper.session.timeout.ms"), Name::from("6000"))];
    World::new(&Genesis { seed, config, ..Genesis::default() }).expect("a cluster")
}

fn run(world: &mut World, lines: &[&str]) {
    for line in lines {
        let command = Command::parse(line).unwrap_or_else(|error| panic!("{line}: {error}"));
        world.execute(&command).unwrap_or_else(|error| panic!("{line}: {error}"));
    }
}

fn wait(world: &mut World, ms: u64) {
    let until = world.now() + SimDuration::from_ms(ms);
    world.run_until(until);
}

fn producer<'a>(world: &'a World, client: &str) -> &'a Producer {
    world.producer(client).expect("a producer")
}

/// Values on the leader's log of `t-0`, in order.
fn values(world: &World, broker: i32, partition: i32) -> Vec<String> {
    let broker = world.broker(broker).expect("a live broker");
    let tp = TopicPartition::new("t", partition);
    let records = broker.log(&tp).expect("a replica").batches().flat_map(|batch| batch.records.clone());
    records.map(|record| String::from_utf8_lossy(record.value.as_deref().unwrap_or(b"null")).into_owned()).collect()
}

#[test]
fn the_leader_dies_and_nothing_is_lost_or_doubled() {
    for seed in 1..6 {
        let mut world = world(seed);
        run(&mut world, &["kafka-topics.sh --create --topic t --replica-assignment 101:102", "wait 1s"]);
        run(&mut world, &["producer p --topic t"]);
        for index in 0..40 {
            run(&mut world, &[&format!("send p --key k v{index}")]);
            wait(&mut world, 50);
            if index == 15 {
                run(&mut world, &["kill leader(t-0)"]);
            }
        }
        wait(&mut world, 30_000);
        let producer = producer(&world, "p");
        assert_eq!((producer.acked(), producer.failed()), (40, 0), "seed {seed}");
        assert!(producer.waiting().is_empty() && producer.in_flight() == 0, "seed {seed}");
        let expected: Vec<String> = (0..40).map(|index| format!("v{index}")).collect();
        assert_eq!(values(&world, 102, 0), expected, "seed {seed}");
        for (sent, offset) in producer.ledger().zip(0..) {
            let tp = sent.tp.clone().expect("a partition");
            assert_eq!(sent.outcome, Some(Outcome::Acked { tp, offset }), "seed {seed}");
        }
    }
}

#[test]
fn after_a_batch_expired_the_same_producer_goes_on() {
    let mut world = world(1);
    run(
        &mut world,
        &[
            "kafka-topics.sh --create --topic t --replica-assignment 102:103 --config min.insync.replicas=2",
            "wait 1s",
            "producer all --topic t --config delivery.timeout.ms=4000 --config request.timeout.ms=3000",
            "send all a",
            "wait 1s",
            "kill 103",
            "wait 10s",
            "send all b",
            "wait 6s",
            "start 103",
            "wait 10s",
            "send all d",
            "wait 2s",
        ],
    );
    let producer = producer(&world, "all");
    let outcomes: Vec<String> = producer
        .ledger()
        .map(|sent| match &sent.outcome {
            Some(Outcome::Acked { offset, .. }) => format!("{offset}"),
            Some(Outcome::Failed { error, .. }) => error.to_string(),
            None => "open".into(),
        })
        .collect();
    assert_eq!(outcomes, ["0", "TimeoutException", "1"]);
    assert_eq!(producer.producer_epoch(), 1);
    assert_eq!(values(&world, 102, 0), ["a", "d"]);
}

/// The first values of `t-0` in some live replica's log that is the leader's.
fn leader_values(world: &World, seed: u64) -> Vec<String> {
    let leader = world.resolve(&NodeRef::LeaderOf(TopicPartition::new("t", 0)));
    let leader = leader.unwrap_or_else(|error| panic!("seed {seed}: {error}"));
    values(world, leader.broker().expect("a broker"), 0)
}

#[test]
fn whatever_dies_each_record_is_in_the_log_once_and_in_order() {
    for seed in 1..=SEEDS {
        let mut world = world(seed);
        let mut chance = Rng::new(seed);
        run(&mut world, &["kafka-topics.sh --create --topic t --replica-assignment 101:102:103", "wait 1s"]);
        run(&mut world, &["producer p --topic t --config acks=all --config linger.ms=2"]);
        let mut down: Option<u64> = None;
        for index in 0..RECORDS {
            run(&mut world, &[&format!("send p --partition 0 v{index}")]);
            wait(&mut world, chance.between(1, 120));
            match (chance.below(20), down) {
                (0, None) => {
                    let broker = chance.between(101, 103);
                    let verb = ["kill", "stop", "pause", "isolate"][chance.below(4) as usize];
                    attempt(&mut world, &format!("{verb} {broker}"));
                    down = Some(broker);
                }
                (1, None) => run(&mut world, &[&format!("drop-connection p {}", chance.between(101, 103))]),
                (2, Some(broker)) => {
                    wait(&mut world, chance.between(1, 9000));
                    bring_back(&mut world, broker);
                    down = None;
                }
                _ => {}
            }
        }
        down.into_iter().for_each(|broker| bring_back(&mut world, broker));
        // A broker that came back before its session ended has stopped again, as Kafka's does.
        wait(&mut world, 10_000);
        (101..=103).for_each(|broker| attempt(&mut world, &format!("start {broker}")));
        wait(&mut world, 130_000);
        let log = leader_values(&world, seed);
        let numbers: Vec<u32> = log.iter().map(|value| value[1..].parse().expect("v and a number")).collect();
        let producer = producer(&world, "p");
        if producer.failed() == 0 {
            assert_eq!(numbers, (0..RECORDS).collect::<Vec<u32>>(), "seed {seed}: each once, in order");
        }
        for sent in producer.ledger() {
            match &sent.outcome {
                Some(Outcome::Acked { offset, .. }) => {
                    let there = usize::try_from(*offset).ok().and_then(|offset| log.get(offset));
                    assert_eq!(there.map(String::as_str), sent.value.as_deref(), "seed {seed}: offset {offset}");
                }
                Some(Outcome::Failed { .. }) => {}
                None => panic!("seed {seed}: {:?} has no outcome", sent.value),
            }
        }
    }
}

/// Does what can be done: a command that does not fit the moment is refused and changes nothing.
fn attempt(world: &mut World, line: &str) {
    let _ = world.execute(&Command::parse(line).expect("a command"));
}

fn bring_back(world: &mut World, broker: u64) {
    attempt(world, &format!("resume {broker}"));
    // One that is on its way out is started when it is gone.
    let id = i32::try_from(broker).expect("a broker's id");
    let limit = world.now() + SimDuration::from_ms(60_000);
    world.run_while(limit, |world| world.broker(id).is_none_or(|broker| !broker.is_stopping()));
    attempt(world, &format!("start {broker}"));
    attempt(world, "heal");
}
