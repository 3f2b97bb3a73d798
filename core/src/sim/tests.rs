use super::network::Network;
use super::{Genesis, World};
use crate::command::Command;
use crate::group::GroupState;
use crate::ids::{NodeId, TopicPartition};
use crate::machine::{Body, Channel, Connection};
use crate::protocol::Request;
use crate::protocol::control::{LeaderAndIsrRequest, PartitionState};
use crate::protocol::zookeeper::ZkRequest;
use crate::time::{SimDuration, SimTime};

#[test]
fn a_cluster_comes_up_and_equal_runs_are_equal() {
    let mut world = World::new(&Genesis::default()).expect("the default cluster stands");
    let mut twin = World::new(&Genesis::default()).expect("the default cluster stands");
    let until = SimTime(world.now().0 + 20_000_000);
    world.run_until(until);
    twin.run_until(until);
    assert_eq!(world.fingerprint(), twin.fingerprint());
    assert!(world.broker(101).is_some_and(crate::broker::Broker::is_registered));
}

/// (seconds from the attempt to the end of the fault, when the next SYN passes): Linux's
/// `tcp_syn_linear_timeouts`.
#[test]
fn a_handshake_that_a_fault_stopped_is_tried_again_each_second_at_first() {
    let at = |tenths: u64| SimTime(tenths * 100_000);
    for (healed, passes) in [(0, 10), (9, 10), (10, 20), (34, 40), (49, 50), (50, 70), (75, 110), (120, 190)] {
        assert_eq!(Network::handshake_after(at(0), at(healed)), at(passes), "healed after {healed} tenths");
    }
}

#[test]
fn what_a_second_fault_stops_is_not_overtaken_by_what_was_sent_between_the_two() {
    let mut world = World::new(&Genesis::default()).expect("the default cluster stands");
    let (client, server) = (NodeId::Broker(101), NodeId::ZooKeeper(1));
    let connection = Connection { client: client.clone(), server, channel: Channel::Session };
    let say = |world: &mut World| {
        world.send(&client, connection.clone(), 0, Body::Request(Request::ZooKeeper(ZkRequest::Ping)));
        world.messages
    };
    let arrival = |world: &World, id: u64| world.network.in_flight.get(&id).expect("it travels").arrives_at;
    order(&mut world, "cut 101 zk1");
    let first = say(&mut world);
    pass(&mut world, 300);
    order(&mut world, "heal");
    let second = say(&mut world);
    order(&mut world, "cut 101 zk1");
    assert!(arrival(&world, first) < arrival(&world, second));
    let stopped = arrival(&world, first);
    world.run_until(stopped);
    assert_eq!(arrival(&world, first), SimTime::NEVER);
    order(&mut world, "heal");
    assert!(arrival(&world, first) < arrival(&world, second));
}

fn order(world: &mut World, line: &str) {
    world.execute(&Command::parse(line).expect("it parses")).expect(line);
}

fn pass(world: &mut World, ms: u64) {
    world.run_until(world.now + SimDuration::from_ms(ms));
}

#[test]
fn a_partition_without_much_to_copy_does_not_starve_behind_a_busy_one() {
    let config =
        vec![("replica.fetch.max.bytes".into(), "1".into()), ("replica.lag.time.max.ms".into(), "2000".into())];
    let mut world = World::new(&Genesis { config, ..Genesis::default() }).expect("it stands");
    order(&mut world, "kafka-topics.sh --create --topic a --replica-assignment 101:102");
    order(&mut world, "kafka-topics.sh --create --topic b --replica-assignment 101:102");
    pass(&mut world, 1000);
    order(&mut world, "producer busy --topic a");
    order(&mut world, "producer idle --topic b");
    // More than a follower copies, which takes one batch a fetch.
    for number in 0..4000 {
        if number == 2000 {
            order(&mut world, "send idle once");
        }
        order(&mut world, &format!("send busy {number}"));
        world.run_until(world.now + SimDuration::from_us(700));
    }
    let end = |topic: &str| {
        let replica = world.broker(102).and_then(|broker| broker.partitions().get(&TopicPartition::new(topic, 0)));
        replica.map(|replica| replica.log.log_end_offset())
    };
    assert!(end("a") > Some(100), "the busy one is copied: {:?}", end("a"));
    assert_eq!(end("b"), Some(1));
}

#[test]
fn leader_and_isr_of_a_known_leader_epoch_changes_nothing_whatever_its_partition_epoch() {
    let mut world = World::new(&Genesis::default()).expect("the default cluster stands");
    order(&mut world, "kafka-topics.sh --create --topic t --replica-assignment 102:101");
    pass(&mut world, 1000);
    let tp = TopicPartition::new("t", 0);
    let replica = world.broker(102).and_then(|broker| broker.partitions().get(&tp)).expect("it leads").clone();
    let state = PartitionState {
        tp: tp.clone(),
        topic_id: replica.topic_id,
        controller_epoch: 1,
        leader: 102,
        leader_epoch: replica.leader_epoch,
        isr: vec![102],
        partition_epoch: replica.partition_epoch + 1,
        replicas: vec![102, 101],
        adding_replicas: Vec::new(),
        removing_replicas: Vec::new(),
        is_new: false,
        recovering: false,
    };
    let broker_epoch = world.broker(102).expect("it runs").broker_epoch();
    let controller_id = world.controller().expect("there is one");
    let request = LeaderAndIsrRequest { controller_id, controller_epoch: 1, broker_epoch, partitions: vec![state] };
    let client = NodeId::Broker(controller_id);
    let connection = Connection { client: client.clone(), server: NodeId::Broker(102), channel: Channel::Control };
    world.send(&client, connection, 0, Body::Request(Request::LeaderAndIsr(request)));
    pass(&mut world, 10);
    let now = world.broker(102).and_then(|broker| broker.partitions().get(&tp)).expect("it leads");
    assert_eq!((&now.isr, now.partition_epoch), (&vec![102, 101], replica.partition_epoch));
}

#[test]
fn a_member_that_dies_while_the_group_waits_for_its_leader_does_not_stop_the_group() {
    let mut world = World::new(&Genesis::default()).expect("the default cluster stands");
    order(&mut world, "kafka-topics.sh --create --topic t --partitions 2 --replication-factor 1");
    pass(&mut world, 1000);
    // The one that comes first leads; the other's session is looked at before the leader's.
    for name in ["z", "a"] {
        order(&mut world, &format!("consumer {name} --topic t --group g --config session.timeout.ms=6000"));
        pass(&mut world, 500);
    }
    let state = |world: &World| {
        let mut groups = (101..=103).filter_map(|id| world.broker(id)).flat_map(|broker| broker.groups().groups());
        groups.find(|group| &**group.id() == "g").map(|group| (group.state(), group.members().count()))
    };
    let limit = world.now + SimDuration::from_ms(20_000);
    assert!(world.run_while(limit, |world| state(world) == Some((GroupState::CompletingRebalance, 2))));
    pass(&mut world, 1);
    order(&mut world, "kill z");
    pass(&mut world, 4);
    order(&mut world, "kill a");
    pass(&mut world, 20_000);
    assert_eq!(state(&world), Some((GroupState::Empty, 0)));
}

/// (further words of the consumer that hangs)
#[test]
fn an_application_that_hangs_keeps_its_heart_beating_until_max_poll_interval_ms_is_over() {
    for words in ["", "--processing 50ms --commit after", "--commit transaction --to results"] {
        let mut world = World::new(&Genesis::default()).expect("the default cluster stands");
        for topic in ["orders", "results"] {
            order(
                &mut world,
                &format!("kafka-topics.sh --create --topic {topic} --partitions 2 --replication-factor 3"),
            );
        }
        order(&mut world, "producer p --topic orders");
        let config = "--config max.poll.interval.ms=20000 --config session.timeout.ms=6000";
        order(&mut world, &format!("consumer stuck --topic orders --group g {config} {words}"));
        order(&mut world, &format!("consumer other --topic orders --group g {config}"));
        pass(&mut world, 20_000);
        let share = |world: &World, name: &str| {
            let slot = world.slot(&NodeId::Client(name.into())).expect("it was started");
            slot.process.consumer().map_or(0, |consumer| consumer.assignment().len())
        };
        let read = |world: &World| {
            let slot = world.slot(&NodeId::Client("stuck".into())).expect("it was started");
            slot.process.consumer().map_or(0, |consumer| consumer.received().len())
        };
        assert_eq!((share(&world, "stuck"), share(&world, "other")), (1, 1), "{words}: each has a partition");
        order(&mut world, "hang stuck");
        order(&mut world, "send p --count 40 x");
        // Longer than the session: the heartbeats went on. What was on its way in the last poll may have come.
        pass(&mut world, 15_000);
        assert_eq!(share(&world, "other"), 1, "{words}: it is a member still");
        let while_stuck = read(&world);
        pass(&mut world, 8_000);
        assert_eq!(share(&world, "other"), 2, "{words}: max.poll.interval.ms is over");
        assert_eq!(read(&world), while_stuck, "{words}: nothing is polled");
        order(&mut world, "hang stuck off");
        pass(&mut world, 12_000);
        assert_eq!((share(&world, "stuck"), share(&world, "other")), (1, 1), "{words}: it joins again");
        order(&mut world, "send p --count 40 y");
        pass(&mut world, 12_000);
        assert!(read(&world) > while_stuck, "{words}: it reads again");
    }
}

#[test]
fn what_does_not_hang_cannot_go_on() {
    let mut world = World::new(&Genesis::default()).expect("the default cluster stands");
    order(&mut world, "kafka-topics.sh --create --topic orders --partitions 1 --replication-factor 1");
    order(&mut world, "consumer c --topic orders --group g");
    let refused = |world: &mut World, line: &str| {
        let command = Command::parse(line).expect("it parses");
        world.execute(&command).map_err(|error| error.to_string()).expect_err(line)
    };
    assert!(refused(&mut world, "hang c off").contains("does not hang"));
    assert!(refused(&mut world, "hang d").contains("there is no consumer d"));
    order(&mut world, "hang c");
    assert!(refused(&mut world, "hang c").contains("hangs already"));
}
