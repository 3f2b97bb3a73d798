//! Small facts about groups; whole exchanges are tested on simulated clusters.

use super::metadata::CommittedOffset;
use super::records::{group_record, group_tombstone, offset_record, offset_tombstone};
use super::*;
use crate::ids::{Name, TopicPartition};
use crate::protocol::group::{Assignment, OffsetAndMetadata, Subscription};
use crate::time::SimTime;

fn read((key, value): records::KeyValue) -> OffsetsTopicRecord {
    decode(key.as_deref().expect("a key"), value.as_deref()).expect("a record of the offsets topic")
}

fn share(partitions: &[(&str, i32)]) -> Vec<TopicPartition> {
    partitions.iter().map(|(topic, number)| TopicPartition::new(*topic, *number)).collect()
}

#[test]
fn a_group_belongs_to_the_partition_of_its_java_hash() {
    let cases = [("group1", 40), ("my-group", 12), ("payments", 13), ("g", 3), ("polygenelubricants", 0)];
    for (group, partition) in cases {
        assert_eq!(partition_for(group, 50), partition, "{group}");
    }
    assert_eq!(partition_for("g", 0), 0);
}

#[test]
fn a_commit_is_a_record_in_kafkas_layout() {
    let tp = TopicPartition::new("t", 1);
    let committed = OffsetAndMetadata { offset: 7, leader_epoch: 3, metadata: "note".into() };
    let value = CommittedOffset { committed, commit_timestamp_ms: 1_760_000_000_123 };
    let (key, bytes) = offset_record("g", &tp, &value);
    assert_eq!(key.as_deref(), Some(&[0, 1, 0, 1, b'g', 0, 1, b't', 0, 0, 0, 1][..]));
    let bytes = bytes.expect("a value");
    assert_eq!(bytes[..14], [0, 3, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 3]);
    let record = read((key, Some(bytes)));
    assert_eq!(record.key(), "offset g t-1");
    assert_eq!(record, OffsetsTopicRecord::Offset { group: "g".into(), tp: tp.clone(), value: Some(value) });
    let deleted = OffsetsTopicRecord::Offset { group: "g".into(), tp: tp.clone(), value: None };
    assert_eq!(read(offset_tombstone("g", &tp)), deleted);
}

#[test]
fn a_generation_is_a_record_that_a_new_coordinator_can_read() {
    let mut group = Group::new("g".into(), 5);
    group.protocol_type = Some("consumer".into());
    group.protocol = Some("range".into());
    group.generation = 4;
    let subscription = Subscription {
        topics: vec!["a".into(), "t".into()],
        user_data: Some("memory".into()),
        owned_partitions: share(&[("t", 0), ("a", 2), ("t", 1)]),
        generation_id: 3,
        rack_id: None,
    };
    group.add(Member {
        id: "c-1".into(),
        instance_id: Some("one".into()),
        client_id: "c".into(),
        client_host: "/c".into(),
        session_timeout_ms: 45_000,
        rebalance_timeout_ms: 300_000,
        protocols: vec![("range".into(), subscription.clone())],
        assignment: Assignment::default(),
        is_new: false,
        awaiting_join: None,
        awaiting_sync: None,
        session_deadline: SimTime::ZERO,
    });
    let assigned = Assignment { partitions: share(&[("t", 1), ("t", 0)]), user_data: None };
    let record = read(group_record(&group, &[("c-1".into(), assigned.clone())]));
    assert_eq!(record.key(), "group g");
    let OffsetsTopicRecord::Group { value: Some(value), .. } = record else { panic!("a generation is expected") };
    assert_eq!((value.generation, value.protocol, value.leader), (4, Some("range".into()), Some(Name::from("c-1"))));
    let [member] = &value.members[..] else { panic!("one member is expected") };
    assert_eq!((member.rebalance_timeout_ms, member.session_timeout_ms), (300_000, 45_000));
    assert_eq!(member.assignment, assigned);
    // Partitions travel topic by topic.
    let owned_partitions = share(&[("t", 0), ("t", 1), ("a", 2)]);
    assert_eq!(member.subscription, Subscription { owned_partitions, ..subscription });
    assert_eq!(read(group_tombstone("g")), OffsetsTopicRecord::Group { group: "g".into(), value: None });
}

#[test]
fn what_is_no_record_is_no_record() {
    for bytes in [&[][..], &[0], &[0, 1], &[0, 1, 0, 9, b'g'], &[0, 2, 0x7f, 0xff], &[0, 9, 0, 1, b'g']] {
        assert_eq!(decode(bytes, None), None, "{bytes:?}");
    }
    let key = [0, 2, 0, 1, b'g'];
    assert_eq!(decode(&key, Some(&[0, 3, 0, 0])), None);
    // A length of a million members in a value of a few bytes.
    let huge = [0, 3, 0, 0, 0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x0f, 0x42, 0x40];
    assert_eq!(decode(&key, Some(&huge)), None);
}
