//! Producers in a whole cluster: what they were promised stands, whatever dies meanwhile.

use playground_core::command::Command;
use playground_core::ids::Name;
use playground_core::producer::{Outcome, Producer};
use playground_core::sim::{Genesis, World};
use playground_core::time::SimDuration;

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
    let tp = playground_core::ids::TopicPartition::new("t", partition);
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
