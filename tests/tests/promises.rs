//! What a person may do in everyday use breaks no promise.

use playground_core::command::Command;
use playground_core::sim::Genesis;
use playground_core::timeline::Timeline;

fn played(lines: &str) -> Timeline {
    let mut timeline = Timeline::new(Genesis::default()).expect("the cluster stands");
    for line in lines.lines().map(str::trim) {
        timeline.act(Command::parse(line).expect(line)).expect(line);
    }
    timeline
}

#[test]
fn a_topic_may_become_compacted_and_go_back() {
    let timeline = played(
        "kafka-topics.sh --create --topic t --partitions 1 --replication-factor 3 --config segment.ms=1000
        wait 2s
        producer p --topic t
        consumer c --topic t --config auto.offset.reset=earliest
        send p --key k x
        wait 2s
        kafka-configs.sh --alter --entity-type topics --entity-name t --add-config cleanup.policy=compact
        wait 2s
        send p --key k y
        wait 2s
        send p --key k z
        wait 60s
        send p --key k last
        kafka-configs.sh --alter --entity-type topics --entity-name t --add-config cleanup.policy=delete
        wait 2s
        send p --key k first
        wait 1s
        kill leader(t-0)
        wait 20s
        send p --key k second
        wait 20s",
    );
    let view = timeline.view();
    assert_eq!(view.broken_promises, Vec::<String>::new());
    assert!(view.ledger.iter().all(|entry| entry.offset.is_some()), "{:?}", view.ledger);
}

#[test]
fn a_topic_becomes_compacted_in_everyday_use() {
    let timeline = played(
        "kafka-topics.sh --create --topic t --partitions 1 --replication-factor 3
        wait 2s
        producer p --topic t
        consumer c --topic t --config auto.offset.reset=earliest
        send p --key k x
        wait 2s
        kafka-configs.sh --bootstrap-server 101:9092 --alter --entity-type topics --entity-name t \
            --add-config cleanup.policy=compact
        wait 2s
        send p --key k y
        wait 1s",
    );
    assert_eq!(timeline.view().broken_promises, Vec::<String>::new());
}

#[test]
fn a_person_may_take_a_consumer_back() {
    let timeline = played(
        "kafka-topics.sh --create --topic t --partitions 1 --replication-factor 3
        wait 2s
        producer p --topic t
        consumer c --topic t --group g --config auto.offset.reset=earliest --config max.poll.records=1 \
            --config auto.commit.interval.ms=1000 --processing 800ms
        send p --count 6 v
        wait 20s
        seek c t-0 0
        wait 10s
        seek c t-0 2
        wait 5s",
    );
    assert_eq!(timeline.view().broken_promises, Vec::<String>::new());
}
