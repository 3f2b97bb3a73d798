//! Disks of whole simulated clusters: what a full or a broken one does to brokers, and what is deleted.

use playground_core::command::Command;
use playground_core::ids::{Name, NodeId, TopicPartition};
use playground_core::invariant::Promises;
use playground_core::sim::{Genesis, ProcState, World};
use playground_core::view::{ReplicaRole, view};

struct Stage(World);

impl Stage {
    fn new(config: &[(&str, &str)], lines: &str) -> Self {
        let quiet = [("auto.leader.rebalance.enable", "false")];
        let config = quiet.iter().chain(config).map(|(key, value)| (Name::from(*key), Name::from(*value))).collect();
        let mut stage = Self(World::new(&Genesis { config, ..Genesis::default() }).expect("the genesis is sound"));
        stage.play(lines);
        stage
    }

    fn play(&mut self, lines: &str) {
        for line in lines.lines().map(str::trim) {
            let command = Command::parse(line).unwrap_or_else(|error| panic!("{line}: {error}"));
            self.0.execute(&command).unwrap_or_else(|error| panic!("{line}: {error}"));
        }
    }

    fn refusal(&mut self, line: &str) -> String {
        let command = Command::parse(line).unwrap_or_else(|error| panic!("{line}: {error}"));
        self.0.execute(&command).expect_err("it is refused").message
    }

    fn runs(&self, broker: i32) -> bool {
        self.0.slot(&NodeId::Broker(broker)).is_some_and(|slot| slot.state == ProcState::Running)
    }

    /// Leader and ISR of a partition of `t`, as in its `state` znode.
    fn state(&self, partition: i32) -> (Option<i32>, Vec<i32>) {
        let view = view(&self.0, &Promises::default());
        let topic = view.topics.iter().find(|topic| &*topic.name == "t").expect("topic t");
        let found = topic.partitions.iter().find(|p| p.tp.partition == partition).expect("the partition");
        (found.leader, found.isr.clone())
    }

    /// (directory, offline, logs) of a broker.
    fn dirs(&self, broker: i32) -> Vec<(String, bool, u32)> {
        let view = view(&self.0, &Promises::default());
        let found = view.brokers.iter().find(|one| one.id == broker).expect("the broker");
        found.log_dirs.iter().map(|dir| (dir.path.to_string(), dir.offline, dir.logs)).collect()
    }
}

const TOPIC: &str = "kafka-topics.sh --create --topic t --replica-assignment 101:102,101:103
     wait 1s
     producer p --topic t
     send p --partition 0 a
     send p --partition 1 b
     wait 1s";

/// `kafka/09` 22, first half: others lead what lay in the directory; the broker lives on.
#[test]
fn one_of_two_directories_fails() {
    let mut stage = Stage::new(&[("log.dirs", "/d1,/d2")], TOPIC);
    let dir = |path: &str, offline, logs| (path.to_owned(), offline, logs);
    assert_eq!(stage.dirs(101), [dir("/d1", false, 1), dir("/d2", false, 1)], "a log goes where the fewest are");
    stage.play("disk-fail 101 /d1\nwait 8s");
    assert!(stage.runs(101));
    assert_eq!(stage.dirs(101), [dir("/d1", true, 1), dir("/d2", false, 1)]);
    assert_eq!((stage.state(0), stage.state(1)), ((Some(102), vec![102]), (Some(101), vec![101, 103])));
    let lost = TopicPartition::new("t", 0);
    let view = view(&stage.0, &Promises::default());
    let replica = view.topics[0].partitions[0].replicas.iter().find(|replica| replica.broker == 101);
    assert_eq!(replica.map(|replica| (replica.role, &*replica.log_dir)), Some((ReplicaRole::Offline, "/d1")), "{lost}");
    stage.play("send p --partition 0 c\nwait 2s\ndisk-repair 101 /d1\nwait 8s");
    assert_eq!(stage.state(0), (Some(102), vec![102]), "it looks at the directory again only when it starts");
    stage.play("stop 101\nwait 3s\nstart 101\nwait 8s");
    assert_eq!(stage.state(0), (Some(102), vec![102, 101]));
    assert_eq!(stage.dirs(101), [dir("/d1", false, 1), dir("/d2", false, 1)]);
}

/// `kafka/09` 22, second half.
#[test]
fn a_broker_without_a_directory_halts() {
    for fault in ["disk-full 101", "disk-fail 101"] {
        let mut stage = Stage::new(&[("zookeeper.session.timeout.ms", "6000")], TOPIC);
        stage.play(&format!("{fault}\nsend p --partition 0 c\nwait 10s"));
        assert!(!stage.runs(101), "{fault}");
        assert_eq!(stage.state(0), (Some(102), vec![102]), "{fault}");
        stage.play("start 101\nwait 14s");
        assert!(!stage.runs(101), "{fault}: the disk is as it was");
        stage.play("disk-repair 101\nstart 101\nwait 10s");
        assert_eq!(stage.state(0), (Some(102), vec![102, 101]), "{fault}");
    }
}

#[test]
fn what_has_no_such_disk_is_refused() {
    let mut stage = Stage::new(&[], TOPIC);
    assert!(stage.refusal("disk-fail zk1").contains("a broker is expected"));
    assert!(stage.refusal("disk-fail 101 /elsewhere").contains("log.dirs is /tmp/kafka-logs"));
}

/// KIP-107 from the command line: followers learn it with their next fetch, in any partition of the plan.
#[test]
fn records_are_deleted_by_a_line() {
    let mut stage = Stage::new(&[], TOPIC);
    stage.play(
        r#"send p --partition 0 --count 5 v
         wait 1s
         kafka-delete-records.sh --offset-json '{"partitions":[{"topic":"t","partition":0,"offset":3},{"topic":"t","partition":1,"offset":-1}],"version":1}'
         wait 2s"#,
    );
    let view = view(&stage.0, &Promises::default());
    let starts: Vec<Vec<i64>> = view.topics[0]
        .partitions
        .iter()
        .map(|partition| partition.replicas.iter().map(|replica| replica.log_start_offset).collect())
        .collect();
    assert_eq!(starts, [[3, 3], [1, 1]]);
}

/// Power fails at the leader: what it had not flushed is gone, and it copies its successor.
#[test]
fn a_leader_without_power_copies_its_successor() {
    let mut stage = Stage::new(&[("zookeeper.session.timeout.ms", "6000")], TOPIC);
    stage.play("power-off 101\nwait 10s");
    let tp = TopicPartition::new("t", 0);
    let end = |stage: &Stage, broker| stage.0.broker(broker).and_then(|b| b.log(&tp)).map(|log| log.log_end_offset());
    assert_eq!(stage.state(0), (Some(102), vec![102]));
    stage.play("send p --partition 0 c\nwait 2s\nstart 101\nwait 8s");
    assert_eq!(stage.state(0), (Some(102), vec![102, 101]));
    assert_eq!((end(&stage, 101), end(&stage, 102)), (Some(2), Some(2)));
}
