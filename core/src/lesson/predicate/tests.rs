use proptest::prelude::*;

use std::rc::Rc;

use super::Predicate;
use crate::ids::{Name, TopicPartition};
use crate::time::SimTime;
use crate::view::{
    BrokerView, ClusterView, ConsumerView, GroupView, GroupWork, LedgerEntry, PartitionView, ProcessState, RecordFate,
    RecordView, Remark, RemarkKind, ReplicaRole, ReplicaView, TopicView, ZnodeView, ZooKeeperView,
};

fn broker(id: i32, state: ProcessState) -> BrokerView {
    BrokerView {
        id,
        state,
        is_controller: id == 101,
        coordinates: Vec::new(),
        session: None,
        registered: state == ProcessState::Running,
        broker_epoch: 1,
        deadlines: Vec::new(),
        configs: Vec::new(),
        log_dirs: Vec::new(),
        known_brokers: Vec::new(),
        controlled_brokers: Vec::new(),
    }
}

fn replica(broker: i32, role: ReplicaRole, values: &[&str]) -> ReplicaView {
    let record = |(offset, value): (i64, &&str)| RecordView {
        offset,
        leader_epoch: 0,
        key: None,
        value: Some((*value).into()),
        is_control: false,
        producer_id: -1,
    };
    ReplicaView {
        broker,
        role,
        believes_it_leads: role == ReplicaRole::Leader,
        known_leader_epoch: 1,
        in_sync: role != ReplicaRole::Offline,
        log_dir: "".into(),
        log_start_offset: 0,
        log_end_offset: values.len() as i64,
        high_watermark: 1,
        last_stable_offset: 1,
        records: (0..).zip(values).map(record).collect(),
        leader_epochs: Vec::new(),
        diverges_at: None,
    }
}

fn zookeeper(id: u8, paths: &[&str]) -> ZooKeeperView {
    let znode =
        |path: &&str| ZnodeView { path: (*path).into(), data: "".into(), version: 0, czxid: 1, ephemeral_owner: 0 };
    ZooKeeperView {
        id,
        state: ProcessState::Running,
        role: "follower".into(),
        epoch: 1,
        zxid: 1,
        sessions: Vec::new(),
        znodes: paths.iter().map(znode).collect(),
    }
}

fn consumer(client: &str, owned: &[i32]) -> ConsumerView {
    ConsumerView {
        client: client.into(),
        state: ProcessState::Running,
        configs: Vec::new(),
        group: Some("g".into()),
        member_id: format!("{client}-id").into(),
        generation: 3,
        phase: "stable".into(),
        assignment: owned.iter().map(|number| (TopicPartition::new("t", *number), Some(0))).collect(),
        received: 4,
        heartbeat: None,
        hangs: false,
        deadlines: Vec::new(),
        last_error: None,
        known_brokers: Vec::new(),
    }
}

/// 101 runs and leads t-1 with ISR 103,101; 102 is dead; t-0 has no leader; c1 owns both, c2 nothing.
fn cluster() -> ClusterView {
    let partition = |number, leader, isr: &[i32], replicas| {
        Rc::new(PartitionView {
            tp: TopicPartition::new("t", number),
            leader,
            leader_epoch: 1,
            controller_epoch: 1,
            partition_epoch: 2,
            isr: isr.to_vec(),
            assigned: vec![101, 102, 103],
            adding: Vec::new(),
            removing: Vec::new(),
            high_watermark: 1,
            min_insync_replicas: 1,
            replicas,
        })
    };
    let member = |client: &str, owned: &[i32]| {
        let share = owned.iter().map(|number| TopicPartition::new("t", *number)).collect();
        (Name::from(format!("{client}-id")), Name::from(client), share, SimTime::ZERO)
    };
    let sent = |key: &str, partition, offset, fate| LedgerEntry {
        producer: "p".into(),
        tp: TopicPartition::new("t", partition),
        key: Some(key.into()),
        value: "v".into(),
        offset,
        error: None,
        sent_at: SimTime::ZERO,
        fate,
        removed: None,
        duplicated: false,
        places: Vec::new(),
        work: Rc::default(),
        remarks: Vec::new(),
    };
    let did = |times, rows, passed| Rc::from([GroupWork { group: "g".into(), times, rows, passed }]);
    let late = vec![Remark { kind: RemarkKind::Reordered, group: None, because: "a retry".into(), at: None }];
    let skipped = Remark { kind: RemarkKind::LeftOut, group: Some("g".into()), because: "a crash".into(), at: None };
    ClusterView {
        now: SimTime::from_ms(5000),
        step: 9,
        brokers: vec![broker(101, ProcessState::Running), broker(102, ProcessState::Dead)],
        zookeeper: vec![zookeeper(1, &["/controller"]), zookeeper(2, &["/controller", "/brokers"])],
        topics: vec![TopicView {
            name: "t".into(),
            internal: false,
            configs: vec![("min.insync.replicas".into(), "2".into())],
            partitions: vec![
                partition(0, None, &[102], vec![replica(102, ReplicaRole::Offline, &[])]),
                partition(
                    1,
                    Some(101),
                    &[103, 101],
                    vec![replica(101, ReplicaRole::Leader, &["v", "w"]), replica(103, ReplicaRole::Follower, &["v"])],
                ),
            ],
        }],
        producers: Vec::new(),
        consumers: vec![consumer("c1", &[1, 0]), consumer("c2", &[])],
        transactions: Vec::new(),
        groups: vec![GroupView {
            id: "g".into(),
            state: "Stable".into(),
            generation: 3,
            protocol: "range".into(),
            coordinator: 103,
            leader: "c1-id".into(),
            members: vec![member("c1", &[0, 1]), member("c2", &[])],
            committed: vec![(TopicPartition::new("t", 1), 0, 1)],
        }],
        in_flight: Vec::new(),
        faults: Vec::new(),
        controller: Some(101),
        controller_epoch: 1,
        ledger: Rc::new(
            [
                LedgerEntry { work: did(2, 2, true), remarks: late, ..sent("A", 1, Some(0), RecordFate::Read) },
                LedgerEntry {
                    work: did(0, 0, true),
                    remarks: vec![skipped],
                    ..sent("B", 1, Some(1), RecordFate::Acked)
                },
                sent("B", 0, Some(0), RecordFate::Lost),
                sent("C", 0, None, RecordFate::Failed),
            ]
            .map(Rc::new)
            .into_iter()
            .collect(),
        ),
        broken_promises: Vec::new(),
    }
}

#[test]
fn facts_of_a_cluster() {
    let view = cluster();
    for (text, holds) in [
        ("leader(t-1) = 101", true),
        ("leader(t-1) != 101", false),
        ("leader(t-0) = none", true),
        ("leader(t-0) != none", false),
        ("leader(t-9) != 101", false),
        ("not leader(t-9) = 101", true),
        ("isr(t-1) = 103,101", true),
        ("isr(t-1) = 101,103", false),
        ("isr(t-1) contains 103", true),
        ("isr(t-1) contains 102", false),
        ("replicas(t-1) = 101,102,103", true),
        ("broker(102) is dead", true),
        ("broker(102) is running", false),
        ("broker(109) is dead", false),
        ("brokers = 1", true),
        ("controller = 101", true),
        ("log_end(t-1) = 2", true),
        ("log_end(t-1,103) = 1", true),
        ("log_end(t-0) = 0", false),
        ("high_watermark(t-1) >= 1 and high_watermark(t-1) < 2", true),
        ("high_watermark(t-1) > 1 or leader_epoch(t-1) <= 1", true),
        ("records(t) = 2", true),
        ("partitions(t) = 2", true),
        ("topic(t) exists", true),
        ("topic(u) exists", false),
        ("record(w) in t-1", true),
        ("record(w) in t-0", false),
        ("key(A) only in t-1", true),
        ("key(B) only in t-1", false),
        ("key(C) only in t-0", false),
        ("where(B,t) = t-0,t-1", true),
        ("where(C,t) = none", true),
        ("assignment(c1) = t-0,t-1", true),
        ("assignment(c2) = none", true),
        ("assignment(c3) = none", false),
        ("idle(c2)", true),
        ("idle(c1)", false),
        ("idle(c3)", false),
        ("group(g) is Stable", true),
        ("members(g) = 2", true),
        ("member_ids(g) = c1,c2", true),
        ("generation(g) = 3", true),
        ("lag(g) = 1", true),
        ("owner(g,t-1) = c1", true),
        ("owner(g,t-5) = none", true),
        ("coordinator(g) = 103", true),
        ("received(c1) = 4", true),
        ("closed(g) = 0", true),
        ("client(c1) is running", true),
        ("sent = 4", true),
        ("acked = 3", true),
        ("read = 1", true),
        ("failed = 1", true),
        ("lost = 0", false),
        ("log_start(t-1) = 0", true),
        ("log_start(t-0) = 0", false),
        ("last_stable_offset(t-1) = 1", true),
        ("diverges_at(t-1,103) = 0", false),
        ("committed(g,t-1) = 0", true),
        ("committed(g,t-0) = 0", false),
        ("position(c1,t-1) >= 0", true),
        ("position(c2,t-1) >= 0", false),
        ("processed(g) = 1", true),
        ("repeated(g) = 1", true),
        ("left_out(g) = 1", true),
        ("rows(g) = 2", true),
        ("under_replicated = 2", true),
        ("offline = 1", true),
        ("reordered = 1", true),
        ("broken_promises = 0", true),
        ("zookeeper_leader = none", true),
        ("transaction(x) = Ongoing", false),
        ("last_error(c1) = none", true),
        ("config(t,min.insync.replicas) = 2", true),
        ("config(t,retention.ms) = none", true),
        ("config(u,retention.ms) = none", false),
        ("znode(/brokers) exists", true),
        ("znode(/brokers,1) exists", false),
        ("znode(/brokers,2) exists", true),
        ("znode(/controller,3) exists", false),
        ("last_error(c3) = none", false),
        ("registered = 101", true),
        ("known_brokers(101) = none", true),
        ("leaders(t-1) = 101", true),
        ("leaders(t-0) = none", true),
        ("every record acked", false),
    ] {
        let predicate = Predicate::parse(text).unwrap_or_else(|wrong| panic!("{text}: {wrong}"));
        assert_eq!(predicate.holds(&view), holds, "{text}");
        assert_eq!(predicate.to_string(), text);
    }
}

#[test]
fn what_is_true_instead() {
    let view = cluster();
    for (text, instead) in [
        ("leader(t-1) = 103", Some("leader(t-1) = 101")),
        ("leader(t-1) = 101", None),
        ("leader(t-1) = 101 and isr(t-1) = 101", Some("isr(t-1) = 103,101")),
        ("broker(102) is running", Some("broker(102) is dead")),
        ("lost = 0", Some("lost = 1")),
        ("topic(u) exists", None),
    ] {
        let predicate = Predicate::parse(text).expect(text);
        assert_eq!(predicate.instead(&view).as_deref(), instead, "{text}");
    }
}

#[test]
fn wrong_statements_say_what_is_expected() {
    for (text, expected) in [
        ("", "leader(T-P) = N"),
        ("leader(t) = 101", "TOPIC-PARTITION is expected, found t"),
        ("leader(t-0)", "= or != and a name or none after leader(t-0) is expected, found nothing"),
        ("leader(t-0) > 3", "= or !="),
        ("log_end(t-0) = many", "a number is expected, found many"),
        ("log_end(t-0 = 3", "a closing )"),
        ("broker(102) is asleep", "running, starting, stopping, paused, dead"),
        ("group(g) is stable", "Empty, PreparingRebalance"),
        ("broker(x) is dead", "a number"),
        ("isr(t-0) contains", "after isr(t-0)"),
        ("lost = 0 and", "leader(T-P) = N"),
        ("not not lost = 0", "leader(T-P) = N"),
        ("record(a b) in t-0", "a closing )"),
        ("idle()", "a name of letters"),
    ] {
        let wrong = Predicate::parse(text).expect_err(text).to_string();
        assert!(wrong.contains(expected), "{text:?}: {wrong}");
    }
}

/// Statements built from pieces of the grammar, most of them right.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("leader(t-1)"),
        Just("isr(a.b_c-12)"),
        Just("znode(/a/b,2)"),
        Just("config(t,retention.ms)"),
        Just("high_watermark(t-0)"),
        Just("log_end(t-0,-7)"),
        Just("lost"),
        Just("broker(102)"),
        Just("group(g)"),
        Just("owner(g,t-0)"),
        Just("where(k,t)"),
        Just("idle(c)"),
        Just("every"),
        Just("record"),
        Just("acked"),
        Just("topic(t)"),
        Just("exists"),
        Just("key(k)"),
        Just("only"),
        Just("in"),
        Just("t-1"),
        Just("is"),
        Just("dead"),
        Just("Stable"),
        Just("="),
        Just("!="),
        Just(">="),
        Just("contains"),
        Just("none"),
        Just("103,102"),
        Just("5"),
        Just("-5"),
        Just("and"),
        Just("or"),
        Just("not"),
        Just("("),
        Just(")"),
    ];
    proptest::collection::vec(piece, 0..9).prop_map(|pieces| pieces.join(" "))
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in ".{0,60}") {
        let _ = Predicate::parse(&text);
    }

    #[test]
    fn what_is_printed_is_read_back(text in pieces()) {
        if let Ok(predicate) = Predicate::parse(&text) {
            prop_assert_eq!(Predicate::parse(&predicate.to_string()), Ok(predicate.clone()));
            let _ = predicate.holds(&cluster());
            let _ = predicate.instead(&cluster());
        }
    }
}
