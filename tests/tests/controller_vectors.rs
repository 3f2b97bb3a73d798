//! The controller's rules against what Kafka 3.9.1's own functions answered.

use playground_core::collections::{BTreeMap, BTreeSet};

use playground_core::controller::LeaderAndIsr;
use playground_core::controller::assignment::ReplicaAssignment;
use playground_core::controller::election::{
    ElectionStrategy, controlled_shutdown_leader, elect, offline_leader, preferred_leader, reassign_leader,
};
use playground_core::controller::placement::{
    PlaceableBroker, PlacementStart, Refusal, assign_added_partitions, assign_replicas, rack_alternated,
};
use playground_core::controller::topic_name::{collides, has_collision_chars, invalid_name};
use playground_core::ids::BrokerId;
use playground_core::protocol::ErrorCode;
use serde_json::{Value, json};

fn cases(text: &str) -> Vec<Value> {
    let all: Value = serde_json::from_str(text).expect("a recorded vector is JSON");
    let cases = all["cases"].as_array().expect("it lists cases").clone();
    assert!(!cases.is_empty());
    cases
}

fn int(value: &Value) -> i32 {
    value.as_i64().and_then(|number| i32::try_from(number).ok()).unwrap_or_else(|| panic!("{value} is a number"))
}

fn ids(value: &Value) -> Vec<BrokerId> {
    value.as_array().unwrap_or_else(|| panic!("{value} is a list")).iter().map(int).collect()
}

fn set(value: &Value) -> BTreeSet<BrokerId> {
    ids(value).into_iter().collect()
}

fn placed(answer: Result<BTreeMap<i32, Vec<BrokerId>>, Refusal>) -> Value {
    match answer {
        Ok(placed) => {
            json!(placed.into_iter().map(|(p, ids)| (p.to_string(), json!(ids))).collect::<serde_json::Map<_, _>>())
        }
        Err((error, message)) => {
            let error = match error {
                ErrorCode::UnknownServerError => "AdminOperationException",
                ErrorCode::InvalidPartitions => "InvalidPartitionsException",
                ErrorCode::InvalidReplicationFactor => "InvalidReplicationFactorException",
                _ => "?",
            };
            json!({ "error": error, "message": message })
        }
    }
}

fn brokers(input: &Value) -> Vec<PlaceableBroker> {
    let rack = |index: usize| input["racks"].get(index).and_then(Value::as_str).map(Into::into);
    ids(&input["brokers"]).into_iter().enumerate().map(|(i, id)| PlaceableBroker { id, rack: rack(i) }).collect()
}

#[test]
fn replicas_are_placed_as_recorded() {
    for case in cases(include_str!("../vectors/replica-placement.json")) {
        let input = &case["in"];
        let start = u64::try_from(int(&input["fixed_start"])).expect("recorded starts are fixed");
        let start = PlacementStart {
            start_index: start,
            replica_shift: start,
            first_partition: int(&input["start_partition"]),
        };
        let factor = int(&input["replication_factor"]);
        let answer = assign_replicas(&brokers(input), int(&input["partitions"]), factor, start);
        assert_eq!(placed(answer), case["out"], "{input}");
    }
}

#[test]
fn added_partitions_are_placed_as_recorded() {
    for case in cases(include_str!("../vectors/add-partitions-placement.json")) {
        let input = &case["in"];
        let existing: Vec<Vec<BrokerId>> = input["existing"].as_array().expect("a list").iter().map(ids).collect();
        let answer = assign_added_partitions("t", &brokers(input), &existing, int(&input["total"]));
        assert_eq!(placed(answer), case["out"], "{input}");
    }
}

#[test]
fn racks_alternate_as_recorded() {
    for case in cases(include_str!("../vectors/rack-alternated-brokers.json")) {
        let racks = case["in"].as_object().expect("an object").iter();
        let racks = racks.map(|(id, rack)| (id.parse().expect("an id"), rack.as_str().expect("a rack").into()));
        assert_eq!(json!(rack_alternated(&racks.collect())), case["out"], "{}", case["in"]);
    }
}

#[test]
fn leaders_are_chosen_as_recorded() {
    for case in cases(include_str!("../vectors/election-offline.json")) {
        let i = &case["in"];
        let unclean = i["unclean"].as_bool().expect("a flag");
        let leader = offline_leader(&ids(&i["assignment"]), &ids(&i["isr"]), &set(&i["live"]), unclean);
        assert_eq!(json!(leader), case["out"], "{i}");
    }
    for case in cases(include_str!("../vectors/election-preferred.json")) {
        let i = &case["in"];
        let leader = preferred_leader(&ids(&i["assignment"]), &ids(&i["isr"]), &set(&i["live"]));
        assert_eq!(json!(leader), case["out"], "{i}");
    }
    for case in cases(include_str!("../vectors/election-reassign.json")) {
        let i = &case["in"];
        let leader = reassign_leader(&ids(&i["assignment"]), &ids(&i["isr"]), &set(&i["live"]));
        assert_eq!(json!(leader), case["out"], "{i}");
    }
    for case in cases(include_str!("../vectors/election-controlled-shutdown.json")) {
        let i = &case["in"];
        let (isr, live) = (ids(&i["isr"]), set(&i["live"]));
        let leader = controlled_shutdown_leader(&ids(&i["assignment"]), &isr, &live, &set(&i["shutting_down"]));
        assert_eq!(json!(leader), case["out"], "{i}");
    }
}

#[test]
fn elections_change_the_state_as_recorded() {
    for case in cases(include_str!("../vectors/election-state.json")) {
        let i = &case["in"];
        let (strategy, unclean) = match i["election"].as_str() {
            Some("offline") => (ElectionStrategy::Offline { allow_unclean: false }, false),
            Some("offline-unclean") => (ElectionStrategy::Offline { allow_unclean: true }, true),
            Some("preferred") => (ElectionStrategy::Preferred, false),
            Some("reassign") => (ElectionStrategy::Reassign, false),
            Some("controlled-shutdown") => (ElectionStrategy::ControlledShutdown, false),
            other => panic!("an election of the kind {other:?}"),
        };
        let state = LeaderAndIsr {
            leader: int(&i["leader"]),
            leader_epoch: 5,
            isr: ids(&i["isr"]),
            recovering: false,
            partition_epoch: 0,
        };
        let assignment = ReplicaAssignment::of(ids(&i["assignment"]));
        let result = elect(strategy, &assignment, &state, &set(&i["live"]), &set(&i["shutting_down"]), unclean);
        let found = result.elected.map(|elected| {
            json!({
                "leader": elected.leader,
                "isr": elected.isr,
                "leader_epoch": elected.leader_epoch,
                "live_replicas": result.live_replicas,
            })
        });
        assert_eq!(json!(found), case["out"], "{i}");
    }
}

fn assignment(value: &Value) -> ReplicaAssignment {
    ReplicaAssignment {
        replicas: ids(&value["replicas"]),
        adding: ids(&value["adding"]),
        removing: ids(&value["removing"]),
    }
}

#[test]
fn reassignments_change_the_replicas_as_recorded() {
    for case in cases(include_str!("../vectors/reassignment-replicas.json")) {
        let (i, out) = (&case["in"], &case["out"]);
        let moved = assignment(&i["from"]).reassign_to(&ids(&i["to"]));
        assert_eq!(moved, assignment(out), "{i}");
        assert_eq!(moved.target(), ids(&out["target"]), "{i}");
        let end = moved.removing.iter().fold(moved.clone(), |left, id| left.remove_replica(*id));
        assert_eq!(end, assignment(&out["all_removed"]), "{i}");
    }
}

#[test]
fn topic_names_are_legal_as_recorded() {
    for case in cases(include_str!("../vectors/topic-names.json")) {
        let (name, out) = (case["in"].as_str().expect("a name"), &case["out"]);
        let error = invalid_name(name);
        assert_eq!(json!(error.is_none()), out["valid"], "{name:?}");
        assert_eq!(json!(error), out["error"], "{name:?}");
        assert_eq!(json!(has_collision_chars(name)), out["warn"], "{name:?}");
    }
    for case in cases(include_str!("../vectors/topic-collisions.json")) {
        let names = case["in"].as_array().expect("two names");
        let (one, other) = (names[0].as_str().expect("a name"), names[1].as_str().expect("a name"));
        assert_eq!(json!(collides(one, other)), case["out"], "{one} {other}");
    }
}
