//! Ensembles of ZooKeeper servers in a world: who leads, what survives, what expires.

use std::path::Path;

use playground_core::command::Command;
use playground_core::invariant::Promises;
use playground_core::machine::Observation;
use playground_core::sim::{Genesis, World};
use playground_core::time::{SimDuration, SimTime};
use playground_core::timeline::Timeline;
use playground_tests::conformance::{case_files, play_file};

/// A world with its promises and everything that was observed.
struct Stage {
    world: World,
    promises: Promises,
    seen: Vec<Observation>,
}

impl Stage {
    fn new(zookeeper: u8, session_ms: u64) -> Self {
        Self::with_seed(zookeeper, session_ms, 1)
    }

    fn with_seed(zookeeper: u8, session_ms: u64, seed: u64) -> Self {
        let config = vec![("zookeeper.session.timeout.ms".into(), session_ms.to_string().into())];
        let genesis = Genesis { seed, brokers: vec![101, 102], zookeeper, config, ..Genesis::default() };
        let world = World::new(&genesis).expect("the cluster stands");
        Self { world, promises: Promises::default(), seen: Vec::new() }
    }

    fn play(&mut self, ms: u64) {
        let until = self.world.now() + SimDuration::from_ms(ms);
        while self.world.next_event_at().is_some_and(|at| at <= until) {
            let before = self.world.observations().len();
            let Some(stepped) = self.world.step() else { break };
            self.promises.check(&self.world, &stepped, before);
            self.seen.extend(self.world.take_observed().iter().map(|observed| observed.observation.clone()));
        }
        self.world.run_until_clock(until);
        assert_eq!(self.promises.violations(), []);
    }

    fn act(&mut self, lines: &[&str]) {
        for line in lines {
            let command = Command::parse(line).unwrap_or_else(|error| panic!("{line}: {error}"));
            self.world.execute(&command).unwrap_or_else(|error| panic!("{line}: {error}"));
        }
    }

    /// `F` follows, `L` leads, `-` does not serve, `x` is down.
    fn roles(&self) -> String {
        let letter = |id| match self.world.zookeeper(id).map(|server| server.role()) {
            Some("leader") => 'L',
            Some("follower") => 'F',
            Some("standalone") => 'S',
            Some(_) => '-',
            None => 'x',
        };
        (1..=self.world.genesis().zookeeper).map(letter).collect()
    }

    fn expired(&self) -> usize {
        self.seen.iter().filter(|seen| matches!(seen, Observation::SessionExpired { .. })).count()
    }

    fn epochs(&self) -> Vec<i32> {
        self.world.zookeepers().map(|server| server.current_epoch()).collect()
    }

    /// Every server that serves has the same data.
    fn agree(&self) {
        let mut all = self.world.zookeepers().filter(|server| server.is_serving());
        let Some(first) = all.next() else { return };
        let data = |server: &playground_core::zookeeper::ZooKeeperServer| {
            let all = server.data().export();
            (all.znodes, all.sessions)
        };
        assert!(all.all(|other| data(other) == data(first)));
    }
}

#[test]
fn a_fresh_ensemble_of_any_size_is_led_by_its_greatest_id() {
    for (size, expected) in [(1, "S"), (2, "FL"), (3, "FFL"), (4, "FFFL"), (5, "FFFFL"), (7, "FFFFFFL")] {
        let mut stage = Stage::new(size, 6000);
        stage.play(1000);
        assert_eq!(stage.roles(), expected);
        stage.agree();
    }
}

#[test]
fn a_dead_leader_is_succeeded_and_returns_as_a_follower_while_sessions_live_on() {
    let mut stage = Stage::new(3, 6000);
    stage.act(&["kill zk3"]);
    stage.play(3000);
    assert_eq!((stage.roles().as_str(), stage.epochs()), ("FLx", vec![2, 2]));
    stage.act(&["kafka-topics.sh --create --topic t --replica-assignment 101:102"]);
    stage.play(2000);
    stage.act(&["start zk3"]);
    stage.play(20_000);
    assert_eq!((stage.roles().as_str(), stage.epochs()), ("FLF", vec![2, 2, 2]));
    assert_eq!(stage.expired(), 0);
    assert!(stage.world.zookeeper(3).is_some_and(|server| server.znode("/brokers/topics/t").is_some()));
    stage.agree();
}

#[test]
fn without_a_quorum_nothing_expires_and_who_died_meanwhile_lives_a_full_session_longer() {
    for seed in 1..6 {
        let mut stage = Stage::with_seed(3, 6000, seed);
        stage.act(&["kill zk2", "kill zk3"]);
        stage.play(1000);
        stage.act(&["kill 102"]);
        stage.play(60_000);
        assert_eq!((stage.roles().as_str(), stage.expired()), ("-xx", 0));
        stage.act(&["start zk2"]);
        stage.play(6500);
        assert_eq!((stage.roles().as_str(), stage.expired()), ("FLx", 0), "seed {seed}");
        stage.play(3500);
        assert_eq!(stage.expired(), 1, "seed {seed}");
        let gone = stage.world.zookeeper(1).is_some_and(|server| server.znode("/brokers/ids/102").is_none());
        assert!(gone && stage.world.controller() == Some(101), "seed {seed}");
    }
}

/// As Kafka 3.9.1 did when it was asked: alive after four seconds, gone after nine and a half.
#[test]
fn a_broker_that_finds_no_server_gives_up_after_the_session_timeout() {
    let mut stage = Stage::new(1, 6000);
    stage.play(10_000);
    stage.act(&["kill 102", "kill zk1", "start 102"]);
    stage.play(4_000);
    assert!(stage.world.broker(102).is_some(), "it looks for ZooKeeper");
    stage.play(5_500);
    assert!(stage.world.broker(102).is_none(), "start-up failed");
    // Once there is a server, and the session of its former life has ended, it starts.
    stage.act(&["start zk1"]);
    stage.play(20_000);
    stage.act(&["start 102"]);
    stage.play(5_000);
    assert!(stage.world.broker(102).is_some());
}

/// Its old session still makes it a live broker to the others; who is sent there finds no open port and asks again.
#[test]
fn a_broker_without_a_session_has_no_open_port() {
    let mut timeline = Timeline::new(Genesis::default()).expect("the cluster stands");
    let create = "kafka-topics.sh --create --topic t --replica-assignment 101:103";
    for line in [create, "wait 3s", "kill zk1", "kill 102", "wait 5s", "start 102", "wait 5s"] {
        let command = Command::parse(line).unwrap_or_else(|error| panic!("{line}: {error}"));
        timeline.act(command).unwrap_or_else(|error| panic!("{line}: {error}"));
    }
    let list = |address: &str| {
        let looked = timeline.look(&format!("kafka-topics.sh --bootstrap-server {address} --list")).expect("a look");
        (looked.status, looked.lines.into_iter().map(|(_, text)| text).collect::<Vec<_>>().join(" "))
    };
    assert_eq!(list("broker-101:9092"), (Some(0), "t".to_owned()));
    let (status, said) = list("broker-102:9092");
    assert!(status == Some(1) && said.contains("Timed out waiting for a node assignment"), "{status:?} {said}");
}

#[test]
fn an_isolated_leader_gives_up_and_the_rest_elects_another() {
    let mut stage = Stage::new(5, 18_000);
    stage.act(&["isolate zk5"]);
    stage.play(8000);
    assert_eq!(stage.roles(), "FFFFL", "five ticks are not over");
    stage.play(8000);
    assert_eq!(stage.roles(), "FFFL-");
    stage.act(&["kafka-topics.sh --create --topic t --replica-assignment 101:102"]);
    stage.play(3000);
    stage.act(&["heal"]);
    stage.play(60_000);
    assert_eq!((stage.roles().as_str(), stage.expired()), ("FFFLF", 0));
    stage.agree();
}

#[test]
fn a_paused_leader_wakes_to_find_another() {
    let mut stage = Stage::new(3, 18_000);
    stage.act(&["pause zk3"]);
    stage.play(16_000);
    stage.act(&["resume zk3"]);
    stage.play(5000);
    assert_eq!((stage.roles().as_str(), stage.expired()), ("FLF", 0));
    stage.agree();
}

#[test]
fn what_was_answered_survives_the_power_of_all_servers() {
    let mut stage = Stage::new(3, 18_000);
    stage.act(&["kafka-topics.sh --create --topic t --replica-assignment 101:102"]);
    stage.play(2000);
    stage.act(&["power-off zk1", "power-off zk2", "power-off zk3"]);
    stage.play(2000);
    assert_eq!(stage.roles(), "xxx");
    stage.act(&["start zk1", "start zk2"]);
    stage.play(8000);
    assert_eq!((stage.roles().as_str(), stage.expired()), ("FLx", 0));
    assert!(stage.world.zookeeper(1).is_some_and(|server| server.znode("/brokers/topics/t").is_some()));
    stage.agree();
}

#[test]
fn the_longest_log_leads_not_the_greatest_id() {
    let mut stage = Stage::new(3, 18_000);
    stage.act(&["kill zk3"]);
    stage.play(3000);
    stage.act(&["kafka-topics.sh --create --topic t --replica-assignment 101:102"]);
    stage.play(2000);
    stage.act(&["kill zk1", "kill zk2"]);
    stage.play(1000);
    stage.act(&["start zk3", "start zk1"]);
    stage.play(5000);
    assert_eq!(stage.roles(), "LxF");
    stage.agree();
}

#[test]
fn a_broker_that_moves_between_servers_misses_no_watch() {
    for seed in 1..8 {
        let mut stage = Stage::with_seed(3, 18_000, seed);
        // Wherever the controller is connected, its server dies while the topic is created.
        stage.act(&["kill zk1", "kafka-topics.sh --create --topic t --replica-assignment 101:102"]);
        stage.play(50);
        stage.act(&["start zk1"]);
        stage.play(3000);
        stage.act(&["kill zk2"]);
        stage.play(3000);
        let led =
            stage.seen.iter().any(|seen| matches!(seen, Observation::BecameLeader { tp, .. } if &*tp.topic == "t"));
        assert!(led, "seed {seed}");
    }
}

#[test]
fn equal_ensembles_run_equally() {
    let run = || {
        let mut stage = Stage::new(5, 6000);
        stage.act(&["kill zk5", "cut zk4 zk1"]);
        stage.play(20_000);
        stage.act(&["start zk5", "heal", "kill 101"]);
        stage.play(20_000);
        (stage.world.fingerprint(), stage.world.now())
    };
    assert_eq!(run(), run());
    assert!(run().1 > SimTime::ZERO);
}

/// Cases in the format of the recorded ones, with the results that ZooKeeper's rules give.
#[test]
fn the_rules_of_the_ensemble_hold() {
    let place = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules/zookeeper");
    let files = case_files(&place).expect("the cases are there");
    assert!(!files.is_empty());
    for file in files {
        for seed in 1..4 {
            let report = play_file(&file, seed, false);
            assert!(report.failure.is_none(), "seed {seed}: {report}");
        }
    }
}
