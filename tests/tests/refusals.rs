//! What Kafka refuses (`refusals.txt`), each with Kafka's error, and nothing has changed afterwards: znodes
//! and logs are what they were. And the two things that fail and leave something behind, as in Kafka.

use playground_core::collections::BTreeMap;

use playground_core::command::Command;
use playground_core::machine::Observation;
use playground_core::sim::{Genesis, World};
use playground_core::time::SimDuration;
use playground_tests::asked::asked;

fn cluster() -> World {
    let config = [("offsets.topic.num.partitions", "1"), ("auto.leader.rebalance.enable", "false")];
    let config = config.map(|(key, value)| (key.into(), value.into())).to_vec();
    World::new(&Genesis { config, ..Genesis::default() }).expect("the genesis is sound")
}

fn play(world: &mut World, line: &str) {
    let command = Command::parse(line).unwrap_or_else(|error| panic!("{line}: {error}"));
    if let Some(op) = asked(&command) {
        world.ask_admin(op);
        return;
    }
    world.execute(&command).unwrap_or_else(|error| panic!("{line}: {error}"));
}

/// Lets time pass until the admin client has nothing to do; gives what it was told.
fn errors(world: &mut World) -> Vec<String> {
    let limit = world.now() + SimDuration::from_ms(100_000);
    world.step();
    world.run_while(limit, |world| world.admin().is_some_and(|admin| admin.under_way().next().is_none()));
    let observed = world.take_observed();
    let told = observed.iter().filter_map(|one| match &one.observation {
        Observation::ClientError { client, error } if &**client == "admin" => Some(error.to_string()),
        _ => None,
    });
    told.collect()
}

/// Znodes and logs, each as text.
fn lasting(world: &World) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    if let Some(server) = world.zookeeper(1) {
        for (path, data, stat) in server.tree() {
            all.insert(format!("znode {path}"), format!("{data} version {}", stat.version));
        }
    }
    for broker in [101, 102, 103].into_iter().filter_map(|id| world.broker(id)) {
        let hosted = broker.partitions().keys().chain(broker.idle_logs().keys());
        for tp in hosted {
            let log = broker.log(tp).map(|log| {
                let batches: Vec<_> = log.batches().collect();
                format!("{} {} {batches:?}", log.log_start_offset(), log.log_end_offset())
            });
            all.insert(format!("log {tp} on {}", broker.id()), log.unwrap_or_default());
        }
    }
    all
}

#[test]
fn refusals_have_kafkas_names_and_change_nothing() {
    let mut world = cluster();
    let mut asked = 0;
    for line in include_str!("../refusals.txt").lines().filter(|line| !line.is_empty() && !line.starts_with("# ")) {
        if line.starts_with("## ") {
            world = cluster();
        } else if let Some(line) = line.strip_prefix("run ") {
            play(&mut world, line);
            assert_eq!(errors(&mut world), Vec::<String>::new(), "{line}");
        } else {
            let (name, line) = line.split_once(": ").expect("NAME: line");
            let before = lasting(&world);
            play(&mut world, line);
            let told = errors(&mut world);
            assert!(
                matches!(&told[..], [one] if one.split(':').next() == Some(name)),
                "{line}: {name} is expected, found {told:?}"
            );
            play(&mut world, "wait 200ms");
            let after = lasting(&world);
            let changed = after.iter().filter(|(place, text)| before.get(*place) != Some(text));
            assert_eq!(changed.map(|(place, _)| place).collect::<Vec<_>>(), Vec::<&String>::new(), "{line}");
            assert_eq!(before.len(), after.len(), "{line}");
            asked += 1;
        }
    }
    assert!(asked > 60, "the table is read: {asked}");
}

/// The first observation that says this.
fn said(world: &mut World, words: &str) -> bool {
    world.take_observed().iter().any(|one| one.observation.to_string().contains(words))
}

#[test]
fn an_assignment_by_hand_to_nobody_leaves_a_topic_that_cannot_be_deleted() {
    let mut world = cluster();
    play(&mut world, "kafka-topics.sh --create --topic t --replica-assignment 109");
    play(&mut world, "wait 2s");
    assert!(said(&mut world, "t-0 is made without a leader: none of its replicas (109) is alive"));
    play(&mut world, "wait 70s");
    assert!(said(&mut world, "admin: TimeoutException"));
    assert!(lasting(&world).contains_key("znode /brokers/topics/t"));
    play(&mut world, "kafka-topics.sh --delete --topic t");
    assert!(errors(&mut world)[0].starts_with("UNKNOWN_TOPIC_OR_PARTITION"));
    assert!(lasting(&world).contains_key("znode /brokers/topics/t"));
}

#[test]
fn a_creation_without_zookeeper_is_carried_out_when_it_is_back() {
    let mut world = cluster();
    play(&mut world, "cut controller zk1");
    play(&mut world, "kafka-topics.sh --create --topic t --partitions 1 --replication-factor 2");
    play(&mut world, "wait 10s");
    assert!(!lasting(&world).contains_key("znode /brokers/topics/t"));
    play(&mut world, "heal");
    play(&mut world, "wait 10s");
    assert!(lasting(&world).contains_key("znode /brokers/topics/t"), "the session outlived the outage");
}
