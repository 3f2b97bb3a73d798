//! Assignors and the coordinator's partition, held against what Kafka 3.9.1 answered.

use playground_core::collections::BTreeMap;

use playground_core::group::assignor::{Assignor, AssignorMember, GroupSubscription, sticky_user_data};
use playground_core::group::{java_hash, partition_for};
use playground_core::ids::{Name, TopicPartition};
use playground_core::protocol::group::Subscription;
use serde_json::Value;

fn cases(text: &str) -> Vec<Value> {
    let all: Value = serde_json::from_str(text).expect("a recorded vector is JSON");
    all["cases"].as_array().expect("it lists cases").clone()
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

fn texts(value: &Value) -> Vec<&str> {
    value.as_array().expect("a list").iter().map(text).collect()
}

fn partitions(value: &Value) -> Vec<TopicPartition> {
    texts(value).into_iter().map(|text| TopicPartition::parse(text).expect("a partition")).collect()
}

fn member(value: &Value) -> AssignorMember {
    let owned = value.get("owned").map(partitions).unwrap_or_default();
    let generation = value.get("generation").and_then(Value::as_i64).unwrap_or(-1);
    let generation_id = i32::try_from(generation).expect("a generation");
    AssignorMember {
        member_id: text(&value["member"]).into(),
        instance_id: value.get("instance").and_then(Value::as_str).map(Name::from),
        subscription: Subscription {
            topics: texts(&value["topics"]).into_iter().map(Name::from).collect(),
            user_data: (generation_id >= 0).then(|| sticky_user_data(generation_id, &owned)),
            owned_partitions: owned,
            generation_id,
            rack_id: value.get("rack").and_then(Value::as_str).map(Name::from),
        },
    }
}

fn subscription(case: &Value) -> GroupSubscription {
    let count = |value: &Value| i32::try_from(value.as_i64().expect("a count")).expect("a count");
    let topics = case["topics"].as_object().expect("topics");
    let racks = case.get("replica_racks").and_then(Value::as_object);
    let of_partition = |value: &Value| texts(value).into_iter().map(Name::from).collect();
    let of_topic = |value: &Value| value.as_array().expect("partitions").iter().map(of_partition).collect();
    GroupSubscription {
        members: case["members"].as_array().expect("members").iter().map(member).collect(),
        partitions: topics.iter().map(|(topic, value)| (Name::from(topic.as_str()), count(value))).collect(),
        racks: racks
            .into_iter()
            .flatten()
            .map(|(topic, value)| (Name::from(topic.as_str()), of_topic(value)))
            .collect(),
    }
}

fn holds(assignor: Assignor, vectors: &str, expected_cases: usize) {
    let cases = cases(vectors);
    assert_eq!(cases.len(), expected_cases, "{}: number of cases", assignor.name());
    for case in cases {
        let found: BTreeMap<String, Vec<String>> = assignor
            .assign(&subscription(&case["in"]))
            .into_iter()
            .map(|(id, share)| (id.to_string(), share.partitions.iter().map(ToString::to_string).collect()))
            .collect();
        let out = case["out"].as_object().expect("shares");
        let recorded: BTreeMap<String, Vec<String>> = out
            .iter()
            .map(|(id, share)| (id.clone(), texts(share).into_iter().map(str::to_string).collect()))
            .collect();
        assert_eq!(found, recorded, "{}: {}", assignor.name(), case["in"]["title"]);
    }
}

#[test]
fn range_assigns_as_recorded() {
    holds(Assignor::Range, include_str!("../vectors/assignor-range.json"), 60);
}

#[test]
fn round_robin_assigns_as_recorded() {
    holds(Assignor::RoundRobin, include_str!("../vectors/assignor-roundrobin.json"), 60);
}

#[test]
fn sticky_assigns_as_recorded() {
    holds(Assignor::Sticky, include_str!("../vectors/assignor-sticky.json"), 184);
}

#[test]
fn cooperative_sticky_assigns_as_recorded() {
    holds(Assignor::CooperativeSticky, include_str!("../vectors/assignor-cooperative-sticky.json"), 239);
}

/// Groups at random, whose members and replicas move from rack to rack; some members and some replicas are in none.
#[test]
fn racks_decide_as_recorded() {
    holds(Assignor::Range, include_str!("../vectors/assignor-racks-range.json"), 15);
    holds(Assignor::Sticky, include_str!("../vectors/assignor-racks-sticky.json"), 90);
    holds(Assignor::CooperativeSticky, include_str!("../vectors/assignor-racks-cooperative-sticky.json"), 134);
}

#[test]
fn a_group_belongs_to_the_recorded_partition() {
    for case in cases(include_str!("../vectors/coordinator-partition.json")) {
        let group = text(&case["in"]);
        assert_eq!(Some(i64::from(java_hash(group))), case["out"]["hashCode"].as_i64(), "hash of {group:?}");
        for (count, partition) in case["out"]["partition"].as_object().expect("partitions") {
            let count = count.parse().expect("a count");
            assert_eq!(Some(i64::from(partition_for(group, count))), partition.as_i64(), "{group:?} of {count}");
        }
    }
}
