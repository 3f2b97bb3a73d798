//! Groups on whole simulated clusters, where no case is recorded: static members, fencing, members
//! that come while others die, the group's records. Each scenario is lines of the command language.

use playground_core::command::Command;
use playground_core::consumer::ConsumerCommand;
use playground_core::group::{Group, GroupState, OffsetsTopicRecord, decode};
use playground_core::ids::{Name, TopicPartition};
use playground_core::sim::{Genesis, World};
use playground_core::time::SimDuration;

/// A cluster on which a scenario is played.
struct Stage(World);

impl Stage {
    /// Three brokers, a topic `t` of three partitions, and whatever `configs` say.
    fn new(seed: u64, configs: &[(&str, &str)]) -> Self {
        let mut genesis = Genesis { seed, ..Genesis::default() };
        let fixed = [("offsets.topic.num.partitions", "1"), ("zookeeper.session.timeout.ms", "6000")];
        for (key, value) in fixed.iter().chain(configs) {
            genesis.config.push(((*key).into(), (*value).into()));
        }
        let mut stage = Self(World::new(&genesis).expect("the genesis is sound"));
        stage.play("wait 10s");
        stage.play("kafka-topics.sh --create --topic t --replica-assignment 101:102,102:103,103:101");
        stage.play("wait 1s");
        stage
    }

    fn play(&mut self, line: &str) {
        let command = Command::parse(line).unwrap_or_else(|error| panic!("{line}: {error:?}"));
        self.0.execute(&command).unwrap_or_else(|error| panic!("{line}: {error:?}"));
    }

    /// A consumer of group `g`; 6 s of session.
    fn member(&mut self, name: &str, configs: &str) {
        let session = "--config session.timeout.ms=6000 --config heartbeat.interval.ms=1000";
        self.play(&format!("consumer {name} --topic t --group g {session} {configs}"));
    }

    fn call(&mut self, name: &str, command: ConsumerCommand) {
        self.0.command_consumer(&name.into(), command).expect("the consumer runs");
    }

    /// How a commit of the positions ends, given ten seconds.
    fn commit(&mut self, name: &str) -> Result<(), Name> {
        let ticket = self.0.ticket();
        self.call(name, ConsumerCommand::Commit { ticket, offsets: None });
        self.play("wait 10s");
        let consumer = self.0.consumer(name).expect("a consumer");
        consumer.commit_answer(ticket).expect("the commit has ended").clone()
    }

    fn share(&self, name: &str) -> Vec<String> {
        let consumer = self.0.consumer(name).expect("a consumer");
        consumer.assignment().iter().map(ToString::to_string).collect()
    }

    fn generation(&self, name: &str) -> i32 {
        self.0.consumer(name).expect("a consumer").generation()
    }

    fn listener_calls(&self, name: &str) -> Vec<String> {
        let consumer = self.0.consumer(name).expect("a consumer");
        consumer.rebalances().iter().map(|(what, partitions)| format!("{what} {}", partitions.len())).collect()
    }

    /// The group at its coordinator.
    fn group(&self) -> &Group {
        let brokers = [101, 102, 103].into_iter().filter_map(|id| self.0.broker(id));
        brokers.flat_map(|broker| broker.groups().groups()).find(|group| &**group.id() == "g").expect("a coordinator")
    }

    /// The records of `__consumer_offsets-0` at its leader, in words.
    fn offsets_topic(&self) -> Vec<OffsetsTopicRecord> {
        let tp = TopicPartition::new("__consumer_offsets", 0);
        let leaders = [101, 102, 103].into_iter().filter_map(|id| self.0.broker(id));
        let leader =
            leaders.into_iter().find(|b| b.partitions().get(&tp).is_some_and(|p| p.is_leader)).expect("a leader");
        let batches = leader.log(&tp).expect("a log").batches().flat_map(|batch| batch.records.iter());
        batches.map(|r| decode(r.key.as_deref().expect("a key"), r.value.as_deref()).expect("a record")).collect()
    }
}

#[test]
fn a_static_member_that_returns_in_time_causes_no_rebalance() {
    let mut stage = Stage::new(1, &[("group.initial.rebalance.delay.ms", "1000")]);
    stage.member("a", "--config group.instance.id=one");
    stage.member("b", "--config group.instance.id=two");
    stage.play("wait 5s");
    assert_eq!((stage.share("a"), stage.share("b")), (vec!["t-0".into(), "t-1".into()], vec!["t-2".to_string()]));
    let before = stage.group().generation();

    stage.play("kill b");
    stage.play("wait 2s");
    stage.member("b-again", "--config group.instance.id=two");
    stage.play("wait 2s");
    assert_eq!(stage.share("b-again"), ["t-2"]);
    assert_eq!(stage.group().generation(), before);
    assert_eq!(stage.group().state(), GroupState::Stable);
    assert_eq!(stage.listener_calls("a"), ["assigned 2"], "a never noticed");
    // The coordinator goes on showing the first instance's client id.
    let ids: Vec<String> = stage.group().members().map(|member| member.client_id.to_string()).collect();
    assert_eq!(ids, ["a", "b"]);

    // Gone for longer than its session, its share goes to the other.
    stage.play("kill b-again");
    stage.play("wait 9s");
    assert_eq!(stage.share("a"), ["t-0", "t-1", "t-2"]);
}

#[test]
fn a_second_instance_fences_the_first() {
    let mut stage = Stage::new(2, &[("group.initial.rebalance.delay.ms", "0")]);
    stage.member("a", "--config group.instance.id=one");
    stage.play("wait 3s");
    stage.member("twin", "--config group.instance.id=one");
    stage.play("wait 3s");
    assert_eq!(stage.share("twin").len(), 3);
    let first = stage.0.consumer("a").expect("a consumer");
    assert_eq!(first.last_error().as_deref(), Some("FENCED_INSTANCE_ID"));
    assert_eq!(stage.listener_calls("a"), ["assigned 3"], "no call for what is lost to a twin");
    assert_eq!(stage.commit("a"), Err("CommitFailedException".into()));
}

#[test]
fn a_closed_static_member_keeps_its_place_until_its_session_ends() {
    let mut stage = Stage::new(3, &[("group.initial.rebalance.delay.ms", "0")]);
    stage.member("a", "--config group.instance.id=one");
    stage.play("wait 3s");
    stage.play("stop a");
    stage.play("wait 3s");
    assert_eq!(stage.group().members().count(), 1);
    stage.play("wait 5s");
    assert_eq!(stage.group().state(), GroupState::Empty);
}

#[test]
fn three_partitions_and_four_members_and_one_dies() {
    let mut stage = Stage::new(4, &[]);
    for name in ["a", "b", "c", "d"] {
        stage.member(name, "");
        stage.play("wait 7s");
    }
    let shares: Vec<usize> = ["a", "b", "c", "d"].iter().map(|name| stage.share(name).len()).collect();
    assert_eq!(shares, [1, 1, 1, 0]);
    stage.play("kill b");
    stage.play("wait 9s");
    let shares: Vec<usize> = ["a", "c", "d"].iter().map(|name| stage.share(name).len()).collect();
    assert_eq!(shares, [1, 1, 1]);
    assert_eq!(stage.generation("a"), stage.group().generation());
}

#[test]
fn a_paused_member_is_expired_and_joins_again_with_nothing() {
    let mut stage = Stage::new(5, &[("group.initial.rebalance.delay.ms", "1000")]);
    stage.member("a", "");
    stage.member("b", "");
    stage.play("wait 5s");
    stage.play("pause b");
    stage.play("wait 9s");
    assert_eq!(stage.share("a").len(), 3);
    stage.play("resume b");
    stage.play("wait 5s");
    assert_eq!((stage.share("a").len(), stage.share("b").len()), (2, 1));
    assert_eq!(stage.listener_calls("b"), ["assigned 1", "lost 1", "assigned 1"]);
}

#[test]
fn a_group_outlives_its_coordinator_and_a_join_is_not_lost_with_it() {
    let mut stage = Stage::new(6, &[("group.initial.rebalance.delay.ms", "0")]);
    stage.member("a", "--config auto.offset.reset=earliest");
    stage.play("wait 3s");
    stage.play("producer p --topic t");
    stage.play("send p --count 5 --partition 0 v");
    stage.play("wait 1s");
    assert_eq!(stage.commit("a"), Ok(()));
    stage.play("kill coordinator(g)");
    stage.member("b", "");
    stage.play("wait 20s");
    assert_eq!(stage.share("a").len() + stage.share("b").len(), 3);
    assert_eq!(stage.group().state(), GroupState::Stable);
    let committed = stage.group().offsets().find(|(tp, _)| tp.to_string() == "t-0").map(|(_, at)| at.committed.offset);
    assert_eq!(committed, Some(5));
}

#[test]
fn a_group_without_members_and_offsets_that_expired_is_removed() {
    let minute = [("offsets.retention.minutes", "1"), ("offsets.retention.check.interval.ms", "10000")];
    let mut stage = Stage::new(7, &minute);
    stage.member("a", "");
    stage.play("wait 5s");
    assert_eq!(stage.commit("a"), Ok(()));
    stage.play("stop a");
    stage.play("wait 30s");
    assert_eq!(stage.group().offsets().count(), 3, "younger than the retention");
    stage.play("wait 60s");
    let left = [101, 102, 103].into_iter().filter_map(|id| stage.0.broker(id)).map(|b| b.groups().groups().count());
    assert_eq!(left.sum::<usize>(), 0);
    let records = stage.offsets_topic();
    let tombstones = records.iter().rev().take_while(|record| {
        matches!(record, OffsetsTopicRecord::Offset { value: None, .. } | OffsetsTopicRecord::Group { value: None, .. })
    });
    assert_eq!(tombstones.count(), 4, "three offsets and the group");
}

#[test]
fn a_member_that_never_joins_does_not_hold_up_the_group_for_ever() {
    let mut stage = Stage::new(8, &[("group.initial.rebalance.delay.ms", "0")]);
    stage.member("a", "");
    stage.play("wait 3s");
    // It gets its member id, and dies before it can use it.
    let world = &mut stage.0;
    let spawn =
        Command::parse("consumer ghost --topic t --group g --config session.timeout.ms=6000").expect("a command");
    world.execute(&spawn).expect("it starts");
    let limit = world.now() + SimDuration::from_ms(5000);
    let asked = world.run_while(limit, |world| world.consumer("ghost").is_some_and(|c| !c.member_id().is_empty()));
    assert!(asked, "the coordinator hands out a member id");
    stage.play("kill ghost");
    stage.play("wait 15s");
    assert_eq!(stage.group().state(), GroupState::Stable);
    assert_eq!(stage.share("a").len(), 3);
}

#[test]
fn a_cooperative_member_keeps_reading_what_it_keeps() {
    let class = "org.apache.kafka.clients.consumer.CooperativeStickyAssignor";
    let config = format!("--config partition.assignment.strategy={class}");
    let mut stage = Stage::new(9, &[("group.initial.rebalance.delay.ms", "0")]);
    stage.member("a", &config);
    stage.play("wait 3s");
    stage.member("b", &config);
    stage.play("wait 5s");
    assert_eq!((stage.share("a").len(), stage.share("b").len()), (2, 1));
    assert_eq!(stage.listener_calls("a"), ["assigned 3", "revoked 1", "assigned 0", "assigned 0"]);
}

#[test]
fn an_asynchronous_commit_is_tried_once_and_heard_of_in_a_later_call() {
    let mut stage = Stage::new(1, &[("group.initial.rebalance.delay.ms", "0")]);
    stage.member("a", "");
    stage.play("wait 5s");
    let commit_async = |stage: &mut Stage| {
        let ticket = stage.0.ticket();
        let offsets = Some(vec![(TopicPartition::new("t", 0), 0)]);
        stage.call("a", ConsumerCommand::CommitAsync { ticket, offsets });
        ticket
    };
    let answer = |stage: &Stage, ticket| stage.0.consumer("a").expect("a consumer").commit_answer(ticket).cloned();

    let ticket = commit_async(&mut stage);
    stage.call("a", ConsumerCommand::Hold);
    stage.play("wait 2s");
    let committed = stage.offsets_topic().iter().any(|record| matches!(record, OffsetsTopicRecord::Offset { .. }));
    assert!(committed, "the coordinator has written it");
    assert_eq!(answer(&stage, ticket), None, "but callbacks run only in the application's own calls");
    stage.call("a", ConsumerCommand::Continue);
    stage.play("wait 1s");
    assert_eq!(answer(&stage, ticket), Some(Ok(())));

    for broker in [101, 102, 103] {
        stage.play(&format!("kill {broker}"));
    }
    stage.play("wait 2s");
    let ticket = commit_async(&mut stage);
    stage.play("wait 5s");
    assert_eq!(answer(&stage, ticket), Some(Err("RetriableCommitFailedException".into())));
}

#[test]
fn a_commit_of_a_replaced_static_member_says_that_it_is_fenced() {
    let mut stage = Stage::new(1, &[("group.initial.rebalance.delay.ms", "0")]);
    let slow = "--config group.instance.id=one --config session.timeout.ms=9000 --config heartbeat.interval.ms=8000";
    stage.play(&format!("consumer a --topic t --group g {slow}"));
    stage.play("wait 5s");
    stage.call("a", ConsumerCommand::Hold);
    stage.play(&format!("consumer b --topic t --group g {slow}"));
    stage.play("wait 1s");
    let ticket = stage.0.ticket();
    stage.call("a", ConsumerCommand::CommitAsync { ticket, offsets: Some(vec![(TopicPartition::new("t", 0), 0)]) });
    stage.play("wait 500ms");
    assert_eq!(stage.0.consumer("a").expect("a consumer").last_error(), None, "nobody has told it");
    for broker in [101, 102, 103] {
        stage.play(&format!("kill {broker}"));
    }
    let again = stage.commit("a");
    assert_eq!(again, Err("FENCED_INSTANCE_ID".into()), "every later call throws, and asks nobody");
    stage.call("a", ConsumerCommand::Continue);
    stage.play("wait 1s");
    assert_eq!(stage.0.consumer("a").expect("a consumer").last_error(), Some("FENCED_INSTANCE_ID".into()));
}

#[test]
fn a_dead_member_waits_for_nothing() {
    let mut stage = Stage::new(1, &[]);
    stage.member("m", "");
    stage.play("wait 6s");
    let seen = |stage: &Stage| {
        let consumers =
            playground_core::view::view(&stage.0, &playground_core::invariant::Promises::default()).consumers;
        (consumers[0].deadlines.len(), consumers[0].heartbeat)
    };
    assert!(seen(&stage).0 > 0 && seen(&stage).1.is_some(), "a living member has deadlines");
    stage.play("kill m");
    assert_eq!(seen(&stage), (0, None));
}
