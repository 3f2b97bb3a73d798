//! Hand-made views for tests: small clusters in a known state.

use std::rc::Rc;

use playground_core::ids::{BrokerId, Name, NodeId, TopicPartition};
use playground_core::machine::Channel;
use playground_core::time::SimTime;
use playground_core::view::{
    BrokerView, ClusterView, ConsumerView, FaultView, GroupView, LedgerEntry, MessageKind, MessageView, PartitionView,
    ProcessState, ProducerView, RecordFate, RecordView, ReplicaRole, ReplicaView, SessionView, TopicView,
    ZooKeeperView,
};

/// A broker that runs.
pub fn broker(id: BrokerId) -> BrokerView {
    BrokerView {
        id,
        state: ProcessState::Running,
        is_controller: id == 101,
        coordinates: if id == 103 { vec!["dashboard".into()] } else { Vec::new() },
        session: Some(SessionView {
            id: i64::from(id),
            owner: id.to_string().into(),
            timeout_ms: 18_000,
            expires_at: SimTime::from_ms(15_000),
            server: u8::try_from(id - 100).ok(),
            ephemerals: Rc::default(),
        }),
        registered: true,
        broker_epoch: 1,
        deadlines: Vec::new(),
        configs: Vec::new(),
        log_dirs: Vec::new(),
        known_brokers: Vec::new(),
        controlled_brokers: Vec::new(),
    }
}

/// A replica with records 0 to `end`.
pub fn replica(id: BrokerId, role: ReplicaRole, end: i64) -> ReplicaView {
    let record = |offset: i64| RecordView {
        offset,
        leader_epoch: 0,
        key: Some("C".into()),
        value: Some("x".into()),
        is_control: false,
        producer_id: -1,
    };
    ReplicaView {
        broker: id,
        role,
        believes_it_leads: role == ReplicaRole::Leader,
        known_leader_epoch: 0,
        in_sync: true,
        log_dir: "".into(),
        log_start_offset: 0,
        log_end_offset: end,
        high_watermark: end,
        last_stable_offset: end,
        records: ((end - 64).max(0)..end).map(record).collect(),
        leader_epochs: vec![(0, 0)],
        diverges_at: None,
    }
}

/// A cluster of `brokers` with a topic of `partitions`, three replicas each, `end` records in each.
pub fn cluster(brokers: i32, partitions: i32, end: i64) -> ClusterView {
    let ids: Vec<BrokerId> = (101..101 + brokers).collect();
    let partition = |number: i32| {
        let tp = TopicPartition::new("trucks_gps", number);
        let assigned: Vec<BrokerId> = (0..3.min(brokers)).map(|step| 101 + (number + step) % brokers).collect();
        let leader = assigned.first().copied();
        let role = |id: BrokerId| if Some(id) == leader { ReplicaRole::Leader } else { ReplicaRole::Follower };
        PartitionView {
            adding: Vec::new(),
            removing: Vec::new(),
            tp,
            leader,
            leader_epoch: 0,
            controller_epoch: 1,
            partition_epoch: 0,
            isr: assigned.clone(),
            high_watermark: end,
            min_insync_replicas: 2,
            replicas: assigned.iter().map(|id| replica(*id, role(*id), end)).collect(),
            assigned,
        }
    };
    ClusterView {
        now: SimTime::from_ms(3_000),
        step: 100,
        brokers: ids.iter().map(|id| broker(*id)).collect(),
        zookeeper: (1..=3).map(zookeeper).collect(),
        topics: vec![TopicView {
            name: "trucks_gps".into(),
            internal: false,
            configs: Vec::new(),
            partitions: (0..partitions).map(partition).map(Rc::new).collect(),
        }],
        producers: ["truck-A", "truck-C", "truck-E"].map(producer).to_vec(),
        consumers: vec![consumer("dash-1", &[0, 1]), consumer("dash-2", &[2])],
        groups: vec![GroupView {
            id: "dashboard".into(),
            state: "Stable".into(),
            generation: 3,
            protocol: "range".into(),
            coordinator: 103,
            leader: "m1".into(),
            members: [("dash-1", vec![0, 1]), ("dash-2", vec![2])].map(|(client, owns)| member(client, &owns)).to_vec(),
            committed: (0..partitions).map(|n| (TopicPartition::new("trucks_gps", n), (end - 2).max(0), 2)).collect(),
        }],
        transactions: Vec::new(),
        in_flight: Vec::new(),
        faults: Vec::new(),
        controller: Some(101),
        controller_epoch: 1,
        ledger: Rc::new((0..21).map(entry).map(Rc::new).collect()),
        broken_promises: Vec::new(),
    }
}

fn zookeeper(id: u8) -> ZooKeeperView {
    ZooKeeperView {
        id,
        state: ProcessState::Running,
        role: if id == 2 { "leader" } else { "follower" }.into(),
        epoch: 1,
        zxid: (1 << 32) + 7,
        sessions: Vec::new(),
        znodes: Rc::default(),
    }
}

fn entry(offset: i64) -> LedgerEntry {
    LedgerEntry {
        producer: "truck-C".into(),
        tp: TopicPartition::new("trucks_gps", 1),
        key: Some("C".into()),
        value: "x".into(),
        offset: Some(offset),
        error: None,
        sent_at: SimTime::ZERO,
        fate: RecordFate::Read,
        removed: None,
        duplicated: false,
        places: Vec::new(),
        work: Rc::default(),
        remarks: Vec::new(),
    }
}

fn producer(client: &str) -> ProducerView {
    ProducerView {
        client: client.into(),
        state: ProcessState::Running,
        configs: Vec::new(),
        producer_id: -1,
        producer_epoch: -1,
        transaction: None,
        topic: Some("trucks_gps".into()),
        waiting: vec![(Some("C".into()), Some(1))],
        in_flight: 0,
        acked: 3,
        failed: 0,
        last_error: None,
        known_brokers: Vec::new(),
        deadlines: Vec::new(),
    }
}

fn owned(owns: &[i32]) -> Vec<TopicPartition> {
    owns.iter().map(|n| TopicPartition::new("trucks_gps", *n)).collect()
}

fn member(client: &str, owns: &[i32]) -> (Name, Name, Vec<TopicPartition>, SimTime) {
    (format!("{client}-1").as_str().into(), client.into(), owned(owns), SimTime::from_ms(40_000))
}

fn consumer(client: &str, owns: &[i32]) -> ConsumerView {
    ConsumerView {
        client: client.into(),
        state: ProcessState::Running,
        configs: Vec::new(),
        group: Some("dashboard".into()),
        member_id: member(client, owns).0,
        generation: 3,
        phase: "stable".into(),
        assignment: owned(owns).into_iter().map(|tp| (tp, Some(5))).collect(),
        received: 0,
        heartbeat: Some((SimTime::from_ms(4_200), 3_000)),
        hangs: false,
        deadlines: Vec::new(),
        last_error: None,
        known_brokers: Vec::new(),
    }
}

/// A produce request from `truck-C` to 102, on its way from 2.990 s to 3.010 s.
pub fn produce() -> MessageView {
    MessageView {
        id: 7,
        cause: 1,
        from: NodeId::Client("truck-C".into()),
        to: NodeId::Broker(102),
        channel: Channel::Data,
        kind: MessageKind::Produce,
        is_reply: false,
        label: "Produce".into(),
        tp: Some(TopicPartition::new("trucks_gps", 1)),
        offset: None,
        records: vec!["C".into()],
        record_count: 1,
        error: None,
        sent_at: SimTime::from_ms(2_990),
        arrives_at: SimTime::from_ms(3_010),
    }
}

/// A cut between two brokers.
pub fn cut(a: BrokerId, b: BrokerId) -> FaultView {
    let text: Name = format!("cut {a} {b}").into();
    FaultView { id: 1, text, between: vec![NodeId::Broker(a), NodeId::Broker(b)] }
}

/// Makes the entry of a record another.
pub fn change_entry(view: &mut ClusterView, at: usize, change: impl FnOnce(&mut LedgerEntry)) {
    let mut all: Vec<Rc<LedgerEntry>> = view.ledger.iter().cloned().collect();
    change(Rc::make_mut(&mut all[at]));
    view.ledger = Rc::new(all.into_iter().collect());
}
