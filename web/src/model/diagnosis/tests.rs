//! Clusters in trouble, and what is said of them.

use std::rc::Rc;

use playground_core::ids::TopicPartition;
use playground_core::time::SimTime;
use playground_core::view::{
    ClusterView, FaultView, LogDirView, PartitionView, ProcessState, RecordFate, TransactionView, ZnodeView,
};

use super::*;
use crate::model::Subject;
use crate::model::events::{EventKind, EventRow, Life};
use crate::scene::{Selection, sample};

/// Three brokers, `partitions` with three replicas each; nothing is the matter.
fn healthy(partitions: i32) -> ClusterView {
    let mut view = sample::cluster(3, partitions, 5);
    view.zookeeper[0].role = "leader".into();
    view
}

fn partition(view: &mut ClusterView, number: usize) -> &mut PartitionView {
    Rc::make_mut(&mut view.topics[0].partitions[number])
}

fn said(view: &ClusterView) -> (String, String) {
    let found = diagnose(view, &[]).expect("a cluster with a topic");
    (found.headline, found.sentences.join(" "))
}

fn remedy(view: &ClusterView) -> Option<String> {
    diagnose(view, &[])?.remedy.map(|(_, command)| command.to_string())
}

fn kill(view: &mut ClusterView, place: usize) {
    let broker = &mut view.brokers[place];
    (broker.state, broker.registered, broker.session) = (ProcessState::Dead, false, None);
}

/// 102 is dead, and the controller has done what follows from it.
fn lose_102(view: &mut ClusterView) {
    kill(view, 1);
    for number in 0..view.topics[0].partitions.len() {
        let one = partition(view, number);
        one.isr.retain(|id| *id != 102);
        one.leader = one.isr.first().copied();
    }
}

#[test]
fn an_empty_cluster_has_nothing_that_could_be_the_matter() {
    let mut view = healthy(1);
    view.topics.clear();
    assert_eq!(diagnose(&view, &[]), None);
    kill(&mut view, 1);
    assert_eq!(said(&view).0, "102 is dead");
}

#[test]
fn a_healthy_cluster_is_in_order() {
    let (headline, sentences) = said(&healthy(3));
    assert_eq!(headline, "Every partition is in full strength");
    assert_eq!(sentences, "3 brokers run.");
    assert_eq!(remedy(&healthy(3)), None);
}

#[test]
fn a_dead_leader_leads_until_its_session_ends() {
    let mut view = healthy(3);
    view.brokers[1].state = ProcessState::Dead;
    let (headline, sentences) = said(&view);
    assert_eq!(headline, "102 is dead, and still leads trucks_gps-1");
    assert!(
        sentences.starts_with("ZooKeeper does not know it yet: the session of 102 lasts 12.0 s more."),
        "{sentences}"
    );
    kill(&mut view, 1);
    let (_, sentences) = said(&view);
    assert!(sentences.starts_with("The session of 102 is over; nobody has elected another leader."), "{sentences}");
}

#[test]
fn partitions_without_a_leader_name_who_could_lead() {
    let mut view = healthy(3);
    kill(&mut view, 1);
    for number in 0..3 {
        partition(&mut view, number).isr.retain(|id| *id != 102);
        partition(&mut view, number).leader = Some(101);
    }
    (partition(&mut view, 1).leader, partition(&mut view, 1).isr) = (None, vec![102]);
    let (headline, sentences) = said(&view);
    assert_eq!(headline, "trucks_gps-1 has no leader");
    assert!(sentences.contains("In the ISR is 102, which does not run."), "{sentences}");
    assert_eq!(remedy(&view).as_deref(), Some("start 102"));
    // One that was just created has no ISR yet.
    partition(&mut view, 1).isr.clear();
    assert!(!said(&view).0.contains("no leader"));
}

#[test]
fn few_brokers_explain_what_is_under_replicated() {
    let mut view = healthy(3);
    lose_102(&mut view);
    assert_eq!(said(&view), ("102 is dead: 3 partitions lack a copy".into(), String::new()));
    assert_eq!(remedy(&view).as_deref(), Some("start 102"));
    kill(&mut view, 2);
    for number in 0..3 {
        let one = partition(&mut view, number);
        (one.isr, one.leader) = (vec![101], Some(101));
    }
    let (headline, sentences) = said(&view);
    assert_eq!(headline, "Two dead brokers explain all 3");
    assert!(
        sentences.contains("3 partitions miss 102 and 103, below min.insync.replicas: acks=all is refused"),
        "{sentences}"
    );
    let mut view = healthy(3);
    partition(&mut view, 2).isr.retain(|id| *id != 102);
    let (headline, sentences) = said(&view);
    assert_eq!(headline, "102 is out of sync");
    assert!(sentences.ends_with("when it has caught up with the high watermark."), "{sentences}");
}

#[test]
fn another_past_is_told_before_missing_copies() {
    let mut view = healthy(2);
    let one = partition(&mut view, 0);
    one.isr.retain(|id| *id != 102);
    one.replicas[1].diverges_at = Some(4);
    let (headline, sentences) = said(&view);
    assert_eq!(headline, "102 has another past than the leader");
    assert!(
        sentences.starts_with("From offset 4 on its log of trucks_gps-0 is not that of the leader, 101 (epoch 0)."),
        "{sentences}"
    );
    partition(&mut view, 1).replicas[1].diverges_at = Some(3);
    assert_eq!(said(&view).0, "102 and 103 have another past than the leader");
    assert!(said(&view).1.starts_with("From offset 4 on the log of 102 of trucks_gps-0 is not"), "{}", said(&view).1);
    assert!(said(&view).1.ends_with("when it follows."), "that it is out of sync follows from it");
    partition(&mut view, 1).replicas[1].diverges_at = None;
    kill(&mut view, 1);
    assert!(said(&view).0.starts_with("102 is dead"), "what lies on a disk does not follow yet");
}

#[test]
fn the_ensemble_and_the_controller_come_first() {
    let mut view = healthy(2);
    partition(&mut view, 0).leader = None;
    view.controller = None;
    assert_eq!(said(&view).0, "No broker is the controller");
    for server in &mut view.zookeeper {
        (server.state, server.role) = (ProcessState::Dead, "unreachable".into());
    }
    view.zookeeper[2].state = ProcessState::Running;
    let (headline, sentences) = said(&view);
    assert_eq!(headline, "ZooKeeper has no leader");
    assert!(sentences.starts_with("1 of its 3 servers runs; 2 would be a majority."), "{sentences}");
    assert_eq!(remedy(&view).as_deref(), Some("start zk1"));
}

#[test]
fn processes_groups_and_faults_have_their_turn() {
    let mut view = healthy(2);
    view.faults.push(FaultView { id: 1, text: "cut 101 102".into(), between: Vec::new() });
    assert_eq!(said(&view).0, "A fault is in force");
    view.groups[0].state = "PreparingRebalance".into();
    let (headline, sentences) = said(&view);
    assert_eq!(headline, "dashboard rebalances");
    assert!(sentences.contains("A member that joins again reads nothing until then."), "{sentences}");
    view.brokers[2].state = ProcessState::Paused;
    assert_eq!(said(&view).0, "103 is frozen");
    assert_eq!(remedy(&view).as_deref(), Some("resume 103"));
}

#[test]
fn lost_records_are_told_whatever_else_is_the_matter() {
    let mut view = healthy(2);
    sample::change_entry(&mut view, 0, |entry| entry.fate = RecordFate::Lost);
    assert_eq!(said(&view).0, "One acknowledged record is lost");
    view.brokers[2].state = ProcessState::Paused;
    let (headline, sentences) = said(&view);
    assert_eq!(headline, "103 is frozen");
    assert!(sentences.ends_with("One acknowledged record is lost."), "{sentences}");
}

#[test]
fn records_that_wait_long_are_told() {
    let mut view = healthy(2);
    for at in 0..view.ledger.len() {
        sample::change_entry(&mut view, at, |entry| entry.fate = RecordFate::Acked);
    }
    let send = |view: &mut ClusterView, place: usize, at_ms: u64| {
        let sent = (RecordFate::Sent, SimTime::from_ms(at_ms), "truck-C".into());
        sample::change_entry(view, place, |entry| (entry.fate, entry.sent_at, entry.producer) = sent);
    };
    send(&mut view, 3, 2_500);
    assert!(!said(&view).1.contains("truck"), "half a second is not long");
    send(&mut view, 4, 1_000);
    assert!(said(&view).1.ends_with("truck-C waits for the answer to a record given to send() at 1.000 s."));
    send(&mut view, 3, 500);
    let end = "truck-C waits for the answer to 2 records, the first given to send() at 0.500 s.";
    assert!(said(&view).1.ends_with(end), "{}", said(&view).1);
    view.producers[1].state = ProcessState::Dead;
    assert!(!said(&view).1.contains("truck"), "who has ended waits for nothing");
}

fn event(at_ms: u64, broker: i32, life: Life, of: Option<TopicPartition>) -> Rc<EventRow> {
    Rc::new(EventRow {
        subject: of.map(|tp| Subject::Thing(Selection::Partition(tp))),
        life: Some((broker, life)),
        ..EventRow::sample(at_ms, EventKind::Other)
    })
}

#[test]
fn a_takeover_is_told_from_the_death_to_the_election() {
    let mut view = healthy(3);
    lose_102(&mut view);
    let one = || Some(TopicPartition::new("trucks_gps", 1));
    let mut past = vec![event(1_000, 103, Life::Elected, one()), event(2_000, 102, Life::Killed, None)];
    let first = |past: &[Rc<EventRow>]| diagnose(&view, past).and_then(|found| found.sentences.first().cloned());
    assert_eq!(first(&past).as_deref(), Some("102 was killed at 2.000 s."));
    past.push(event(20_500, 102, Life::Expired, None));
    let ended = "102 was killed at 2.000 s; its session ended 18.5 s later. Until then ZooKeeper took it for alive.";
    assert_eq!(first(&past).as_deref(), Some(ended));
    past.push(event(20_510, 103, Life::Elected, one()));
    assert_eq!(first(&past), Some(format!("{ended} 103 was elected to lead trucks_gps-1 at 20.510 s.")));
    past.push(event(20_511, 101, Life::Elected, Some(TopicPartition::new("trucks_gps", 2))));
    assert_eq!(first(&past), Some(format!("{ended} 2 partitions got another leader then.")));
    // It came back, and was stopped in order: what was before is another story.
    past.push(event(30_000, 102, Life::Started, None));
    assert_eq!(first(&past), None);
    past.push(event(40_000, 102, Life::Stopped, None));
    assert_eq!(first(&past).as_deref(), Some("102 stopped at 40.000 s."));
}

#[test]
fn a_partition_that_was_just_created_lacks_nothing() {
    let mut view = healthy(1);
    (partition(&mut view, 0).leader, partition(&mut view, 0).isr) = (None, Vec::new());
    assert_eq!(said(&view).0, "1 partition has no leader yet");
}

#[test]
fn a_dead_follower_holds_the_high_watermark_until_the_isr_shrinks() {
    let mut view = healthy(1);
    view.brokers[1].state = ProcessState::Dead;
    let (headline, sentences) = said(&view);
    assert_eq!(headline, "102 is dead");
    let stands = "ZooKeeper does not know it yet: the session of 102 lasts 12.0 s more.";
    assert_eq!(sentences, format!("{stands} 102 is in the ISR of 1 partition: acks=all waits for it there."));
    assert_eq!(remedy(&view), None, "started before its session ends, it would exit");
    kill(&mut view, 1);
    assert_eq!(remedy(&view).as_deref(), Some("start 102"));
}

#[test]
fn what_runs_and_is_missing_is_told_by_what_it_does() {
    let mut view = healthy(1);
    partition(&mut view, 0).isr.retain(|id| *id != 102);
    view.brokers[1].state = ProcessState::Paused;
    assert_eq!(said(&view).0, "102 is frozen");
    assert_eq!(remedy(&view).as_deref(), Some("resume 102"));
    view.brokers[1].state = ProcessState::Starting;
    assert_eq!(said(&view).0, "102 is not ready");
    (view.brokers[1].state, view.brokers[1].registered) = (ProcessState::Running, false);
    assert_eq!(said(&view), ("102 has lost its ZooKeeper session".into(), "One partition lacks a copy.".into()));
    view.brokers.remove(1);
    assert_eq!(said(&view).0, "102 is no broker of this cluster");
    assert_eq!(remedy(&view), None);
}

#[test]
fn a_frozen_leader_leads_until_its_session_ends() {
    let mut view = healthy(3);
    view.brokers[1].state = ProcessState::Paused;
    let (headline, sentences) = said(&view);
    assert_eq!(headline, "102 is frozen, and still leads trucks_gps-1");
    assert!(sentences.ends_with("Until another replica is elected it can be neither written nor read."), "{sentences}");
    assert_eq!(remedy(&view).as_deref(), Some("resume 102"));
    partition(&mut view, 1).isr = vec![102];
    assert!(said(&view).1.contains("Nobody else is in the ISR"));
}

#[test]
fn a_topic_that_is_being_deleted_is_no_outage() {
    let mut view = healthy(3);
    (partition(&mut view, 1).leader, partition(&mut view, 1).isr) = (None, vec![102]);
    assert_eq!(said(&view).0, "trucks_gps-1 has no leader");
    let znode = ZnodeView {
        path: "/admin/delete_topics/trucks_gps".into(),
        data: "".into(),
        version: 0,
        czxid: 1,
        ephemeral_owner: 0,
    };
    for server in &mut view.zookeeper {
        server.znodes = Rc::new([znode.clone()]);
    }
    let (headline, sentences) = said(&view);
    assert_eq!(headline, "Nothing is the matter");
    assert!(sentences.ends_with("trucks_gps is marked for deletion."), "{sentences}");
}

#[test]
fn what_is_in_force_is_told_whatever_the_headline_is() {
    let mut view = healthy(3);
    view.faults.push(FaultView { id: 1, text: "cut 101 102".into(), between: Vec::new() });
    lose_102(&mut view);
    assert!(said(&view).1.ends_with("In force: cut 101 102."));
}

#[test]
fn an_ensemble_that_is_frozen_does_not_answer() {
    let mut view = healthy(1);
    view.zookeeper.truncate(1);
    (view.zookeeper[0].role, view.zookeeper[0].state) = ("standalone".into(), ProcessState::Paused);
    let (headline, sentences) = said(&view);
    assert_eq!(headline, "ZooKeeper does not answer");
    assert!(sentences.starts_with("Its only server is frozen."), "{sentences}");
    assert_eq!(remedy(&view).as_deref(), Some("resume zk1"));
    view.topics.clear();
    assert_eq!(said(&view).0, "ZooKeeper does not answer", "also where nothing has been created yet");
}

#[test]
fn internal_partitions_are_counted_with_what_lacks_a_copy() {
    let mut view = healthy(3);
    let mut offsets = view.topics[0].clone();
    (offsets.name, offsets.internal) = ("__consumer_offsets".into(), true);
    for one in &mut offsets.partitions {
        let one = Rc::make_mut(one);
        one.tp.topic = "__consumer_offsets".into();
        one.isr.retain(|id| *id != 102);
        one.leader = one.isr.first().copied();
    }
    // One was created a moment ago.
    Rc::make_mut(&mut offsets.partitions[2]).isr.clear();
    Rc::make_mut(&mut offsets.partitions[2]).leader = None;
    lose_102(&mut view);
    view.topics.push(offsets);
    assert_eq!(said(&view), ("102 is dead: 5 partitions lack a copy".into(), "2 of the 5 are internal.".into()));
}

#[test]
fn only_its_own_leader_brings_a_partition_back_where_there_is_no_other_replica() {
    let mut view = healthy(2);
    for (number, leader) in [101, 102].into_iter().enumerate() {
        let one = partition(&mut view, number);
        (one.leader, one.isr, one.assigned) = (Some(leader), vec![leader], vec![leader]);
    }
    kill(&mut view, 0);
    let end = "it can be neither written nor read until 101 is back.";
    assert!(said(&view).1.contains(end), "{}", said(&view).1);
    kill(&mut view, 1);
    let end = "they can be neither written nor read until their leader is back.";
    assert!(said(&view).1.contains(end), "{}", said(&view).1);
    partition(&mut view, 0).assigned.push(103);
    assert!(said(&view).1.contains("until their leader is back, or an unclean election."), "{}", said(&view).1);
}

#[test]
fn a_broker_that_would_stay_is_offered_though_another_is_missed_more() {
    let mut view = healthy(3);
    kill(&mut view, 1);
    kill(&mut view, 2);
    for number in 0..3 {
        let one = partition(&mut view, number);
        (one.isr, one.leader) = (vec![101], Some(101));
    }
    partition(&mut view, 0).isr.push(103);
    view.brokers[1].log_dirs = vec![LogDirView { path: "/data".into(), disk: "has failed", offline: true, logs: 1 }];
    assert_eq!(remedy(&view).as_deref(), Some("start 103"), "102 has no disk to start from");
}

#[test]
fn what_a_session_lost_says_how_many_copies_are_missing_and_whose() {
    let mut view = healthy(2);
    view.brokers[1].registered = false;
    for number in 0..2 {
        partition(&mut view, number).isr.retain(|id| *id != 102);
        partition(&mut view, number).leader = Some(101);
    }
    partition(&mut view, 1).tp = TopicPartition::new("__consumer_offsets", 7);
    let (headline, sentences) = said(&view);
    assert_eq!(headline, "102 has lost its ZooKeeper session");
    assert_eq!(sentences, "2 partitions lack a copy. 1 of the 2 is internal.");
}

fn transaction(state: &str, began_ms: i64) -> TransactionView {
    TransactionView {
        id: "tx".into(),
        coordinator: 103,
        state: state.into(),
        producer_id: 7,
        producer_epoch: 0,
        partitions: vec![TopicPartition::new("trucks_gps", 0)],
        start_timestamp_ms: SimTime::from_ms(0).wall_clock_ms() + began_ms,
        timeout_ms: 60_000,
    }
}

#[test]
fn what_holds_readers_back_is_told() {
    let mut view = healthy(2);
    view.now = SimTime::from_ms(30_000);
    let in_order = "Every partition is in full strength";
    // State, when it began, the last stable offset, and the headline.
    let cases = [
        ("Ongoing", 5_300, 3, "The transaction of tx has been open for 24.7 s"),
        ("Ongoing", 25_000, 3, in_order),
        ("Ongoing", 5_300, 5, in_order),
        ("CompleteAbort", 5_300, 3, in_order),
    ];
    for (state, began_ms, stable, wanted) in cases {
        view.transactions = vec![transaction(state, began_ms)];
        partition(&mut view, 0).replicas[0].last_stable_offset = stable;
        let (headline, sentences) = said(&view);
        assert_eq!(headline, wanted, "{state}, {began_ms}, {stable}");
        let is_told =
            sentences.contains("stop at offset 3 of trucks_gps-0") && sentences.contains("103, aborts it 60.0 s");
        assert_eq!(is_told, wanted != in_order, "{sentences}");
    }
}

#[test]
fn a_consumer_that_is_frozen_or_stuck_and_a_group_that_nobody_reads_for_are_told() {
    let mut view = healthy(3);
    view.consumers[0].state = ProcessState::Paused;
    let (headline, sentences) = said(&view);
    assert_eq!(headline, "dash-1 is frozen");
    assert!(sentences.contains("when session.timeout.ms is over"), "{sentences}");
    (view.consumers[0].state, view.consumers[0].hangs) = (ProcessState::Running, true);
    let (headline, sentences) = said(&view);
    assert_eq!(headline, "dash-1 is stuck: its application does not poll");
    assert!(sentences.contains("when max.poll.interval.ms is over it leaves dashboard"), "{sentences}");
    view.groups[0].members.remove(0);
    assert_eq!(said(&view).1, "Group dashboard goes on without it.");
    let members = std::mem::take(&mut view.groups[0].members);
    assert_eq!(said(&view).1, "Group dashboard has no member now.");
    view.groups[0].members = members;
    (view.groups[0].state, view.groups[0].members) = ("Empty".into(), Vec::new());
    view.consumers.iter_mut().for_each(|one| one.state = ProcessState::Dead);
    assert_eq!(said(&view).0, "Nobody reads for dashboard: 6 records wait");
    let one = partition(&mut view, 1);
    one.replicas.iter_mut().for_each(|replica| replica.log_start_offset = 4);
    let (_, sentences) = said(&view);
    assert!(
        sentences.contains("dashboard has committed trucks_gps-1 up to offset 3, and the log begins at 4 now"),
        "{sentences}"
    );
    partition(&mut view, 2).replicas.iter_mut().for_each(|replica| replica.log_start_offset = 4);
    assert!(said(&view).1.ends_with("what lay between is removed. So it is with 1 more."), "{}", said(&view).1);
}
