//! Faults of links and machines on whole simulated clusters: each bites between each pair of nodes as it
//! should, is listed, is healed alone, and a link to the moment brings it back.

use playground_core::command::Command;
use playground_core::ids::TopicPartition;
use playground_core::machine::Observation;
use playground_core::sim::{Genesis, World};
use playground_core::timeline::Timeline;

fn genesis() -> Genesis {
    let config = [
        ("zookeeper.session.timeout.ms", "6000"),
        ("replica.lag.time.max.ms", "5000"),
        ("auto.leader.rebalance.enable", "false"),
    ];
    Genesis { config: config.map(|(key, value)| (key.into(), value.into())).to_vec(), ..Genesis::default() }
}

/// A topic led by 102 and followed by 103; 101 is the controller.
fn stage() -> Timeline {
    let mut timeline = Timeline::new(genesis()).expect("the cluster stands");
    play(
        &mut timeline,
        "kafka-topics.sh --create --topic t --replica-assignment 102:103
         producer p --topic t
         wait 3s
         send p before
         wait 3s",
    );
    timeline
}

fn play(timeline: &mut Timeline, lines: &str) {
    for line in lines.lines().map(str::trim) {
        let command = Command::parse(line).unwrap_or_else(|error| panic!("{line}: {error}"));
        timeline.act(command).unwrap_or_else(|error| panic!("{line}: {error}"));
    }
}

/// ISR, registered brokers, log end at the leader, acknowledged records.
fn state(world: &World) -> String {
    let tp = TopicPartition::new("t", 0);
    let znode = |path: &str| world.zookeeper(1).and_then(|server| server.znode(path).map(|(data, _)| data.to_string()));
    let data = znode("/brokers/topics/t/partitions/0/state").unwrap_or_default();
    let isr = data.split("\"isr\":[").nth(1).and_then(|rest| rest.split(']').next()).unwrap_or_default();
    let registered: Vec<i32> =
        [101, 102, 103].into_iter().filter(|id| znode(&format!("/brokers/ids/{id}")).is_some()).collect();
    let end = world.broker(102).and_then(|broker| broker.log(&tp)).map_or(-1, |log| log.log_end_offset());
    let acked = world.producer("p").map_or(0, |p| p.acked());
    format!("isr {isr}; registered {registered:?}; end {end}; acked {acked}")
}

/// (fault, state a quarter of a minute after it and a record, state after it was healed)
const LINKS: &[(&str, &str, &str)] = &[
    // Broker and broker: the follower cannot fetch and falls out of the ISR; the rest goes on.
    ("cut 102 103", "isr 102; all; end 2; acked 2", "isr 102,103; all; end 2; acked 2"),
    ("cut 102 103 one-way", "isr 102; all; end 2; acked 2", "isr 102,103; all; end 2; acked 2"),
    ("cut 103 102 one-way", "isr 102; all; end 2; acked 2", "isr 102,103; all; end 2; acked 2"),
    ("delay 102 103 200ms", "isr 102,103; all; end 2; acked 2", "isr 102,103; all; end 2; acked 2"),
    // Broker and ZooKeeper: the session expires. A follower leaves the ISR with it; it registers anew.
    ("cut 103 zk1", "isr 102; registered [101, 102]; end 2; acked 2", "isr 102,103; all; end 2; acked 2"),
    ("cut 103 zk1 one-way", "isr 102; registered [101, 102]; end 2; acked 2", "isr 102,103; all; end 2; acked 2"),
    ("cut zk1 103 one-way", "isr 102; registered [101, 102]; end 2; acked 2", "isr 102,103; all; end 2; acked 2"),
    ("delay 103 zk1 300ms", "isr 102,103; all; end 2; acked 2", "isr 102,103; all; end 2; acked 2"),
    // Client and broker: one direction loses the record, the other its acknowledgement.
    ("cut p 102", "isr 102,103; all; end 1; acked 1", "isr 102,103; all; end 2; acked 2"),
    ("cut 102 p one-way", "isr 102,103; all; end 1; acked 1", "isr 102,103; all; end 2; acked 2"),
    ("cut p 102 one-way", "isr 102,103; all; end 2; acked 1", "isr 102,103; all; end 2; acked 2"),
    ("delay p 102 200ms", "isr 102,103; all; end 2; acked 2", "isr 102,103; all; end 2; acked 2"),
    // One node and all others.
    ("isolate 103", "isr 102; registered [101, 102]; end 2; acked 2", "isr 102,103; all; end 2; acked 2"),
    // A machine.
    ("slow 103 50", "isr 102,103; all; end 2; acked 2", "isr 102,103; all; end 2; acked 2"),
    ("clock 103 +90s", "isr 102,103; all; end 2; acked 2", "isr 102,103; all; end 2; acked 2"),
];

#[test]
fn every_fault_bites_between_every_pair_and_heals() {
    for (fault, bitten, healed) in LINKS {
        let expected = |text: &str| text.replace("all", "registered [101, 102, 103]");
        let mut timeline = stage();
        // Another fault that does nothing here stays when the one is healed.
        play(&mut timeline, "delay 101 p 1ms");
        play(&mut timeline, &format!("{fault}\nsend p during\nwait 15s"));
        assert_eq!(state(timeline.world()), expected(bitten), "{fault}");
        let listed = |timeline: &Timeline| {
            timeline.view().faults.iter().map(|fault| fault.text.to_string()).collect::<Vec<_>>().join("; ")
        };
        assert_eq!(listed(&timeline), format!("delay 101 p 1ms; {fault}"));

        let link = timeline.share();
        let again = Timeline::from_share(&link).unwrap_or_else(|error| panic!("{link}: {error}"));
        assert_eq!(again.state_hash(), timeline.state_hash(), "{fault}");

        play(&mut timeline, "heal 2\nwait 60s");
        assert_eq!(listed(&timeline), "delay 101 p 1ms", "{fault}");
        assert_eq!(state(timeline.world()), expected(healed), "{fault}");
    }
}

#[test]
fn connections_that_are_reset_stand_again_at_once() {
    for (a, b) in [("102", "103"), ("103", "zk1"), ("p", "102")] {
        let mut timeline = stage();
        play(&mut timeline, &format!("drop-connection {a} {b}\nsend p during\nwait 5s"));
        let expected = "isr 102,103; registered [101, 102, 103]; end 2; acked 2";
        assert_eq!(state(timeline.world()), expected, "{a} {b}");
        assert!(timeline.view().faults.is_empty());
    }
}

#[test]
fn a_slow_follower_holds_up_acknowledgements_and_a_slow_leader_loses_its_place() {
    let mut timeline = stage();
    // 0.4 s a message: a record has to wait for the follower's fetch, which is handled so late.
    play(&mut timeline, "slow 103 2000\nwait 10s\nsend p during\nwait 200ms");
    assert!(state(timeline.world()).ends_with("end 2; acked 1"), "{}", state(timeline.world()));
    play(&mut timeline, "slow 103 off\nwait 2s");
    assert!(state(timeline.world()).ends_with("end 2; acked 2"), "{}", state(timeline.world()));
    assert!(timeline.view().faults.is_empty());
    // 100 s a message: its session ends, and what it was asked is asked of the next leader.
    play(&mut timeline, "slow 102 500000\nsend p late\nwait 60s");
    assert_eq!(state(timeline.world()), "isr 103; registered [101, 103]; end 2; acked 3");
    play(&mut timeline, "heal\nwait 60s");
    assert_eq!(state(timeline.world()), "isr 103,102; registered [101, 102, 103]; end 3; acked 3");
}

#[test]
fn a_wrong_clock_shows_in_timestamps_and_moves_no_timer() {
    let stamped = |timeline: &Timeline| -> Vec<i64> {
        let broker = timeline.world().broker(102).expect("it runs");
        let log = broker.log(&TopicPartition::new("t", 0)).expect("a log");
        log.batches().flat_map(|batch| batch.records.iter().map(move |record| batch.timestamp_of(record))).collect()
    };
    let mut timeline = stage();
    play(
        &mut timeline,
        "kafka-configs.sh --alter --topic t --add-config message.timestamp.type=LogAppendTime
         wait 2s
         clock 102 -90s
         send p behind
         wait 1s
         clock 102 +90s
         send p ahead
         wait 1s
         clock 102 off
         send p right
         wait 1s",
    );
    let now = timeline.now().wall_clock_ms();
    let ages: Vec<i64> = stamped(&timeline).into_iter().skip(1).map(|at| (now - at + 500).div_euclid(1000)).collect();
    assert_eq!(ages, [93, -88, 1]);
    assert_eq!(state(timeline.world()), "isr 102,103; registered [101, 102, 103]; end 4; acked 4");
    assert!(timeline.view().faults.is_empty());
}

/// What a healed cut tells a server of the old connection must not end the new one.
#[test]
fn a_broker_that_lost_its_session_opens_one_new_one_and_keeps_it() {
    for seed in 0..24 {
        let mut timeline = Timeline::new(Genesis { seed, ..genesis() }).expect("the cluster stands");
        play(&mut timeline, "wait 3s\ncut 102 zk1\nwait 12s\nheal\nwait 10s");
        let opened = timeline.events().iter().filter(
            |event| matches!(&event.observation, Observation::SessionOpened { owner, .. } if &**owner == "102"),
        );
        assert_eq!(opened.count(), 1, "seed {seed}: one after the cut; the first is older than the events");
    }
}

#[test]
fn what_a_paused_client_was_asked_before_comes_before_what_it_is_asked_when_it_goes_on() {
    let mut timeline = stage();
    play(&mut timeline, "pause p\nsend p first\nwait 1s\nsend p second\nresume p\nwait 3s");
    let producer = timeline.world().producer("p").expect("it is there");
    let sent: Vec<(&str, bool)> =
        producer.ledger().map(|sent| (sent.value.as_deref().unwrap_or_default(), sent.outcome.is_some())).collect();
    assert_eq!(sent, [("before", true), ("first", true), ("second", true)]);
}

/// `/controller` is deleted by hand: every broker hears of it at once, and the one that was controller has to put down
/// everything first. On real brokers it won one of 18 such elections.
#[test]
fn who_loses_the_controller_s_znode_stands_too_late() {
    for seed in 1..=6 {
        let mut timeline = Timeline::new(Genesis { seed, ..genesis() }).expect("the cluster stands");
        play(&mut timeline, "wait 5s");
        assert_eq!(timeline.world().controller(), Some(101), "seed {seed}");
        play(&mut timeline, "zookeeper-shell.sh zookeeper-1:2181 delete /controller\nwait 5s");
        let second = timeline.world().controller();
        assert!(second.is_some_and(|id| id != 101), "seed {seed}: {second:?}");
        assert_eq!(timeline.world().broker(101).map(|broker| broker.is_controller()), Some(false), "seed {seed}");
    }
}
