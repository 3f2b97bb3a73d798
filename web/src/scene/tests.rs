//! What must hold for the whole picture at every size.

use std::rc::Rc;

use playground_core::ids::{NodeId, TopicPartition};
use playground_core::time::SimTime;
use playground_core::view::{ClusterView, ProcessState, RecordFate, ReplicaRole};

use super::options::{Layers, Places, SceneOptions, Selection, Theme};
use super::tape::TapeRole;
use super::tiles::Health;
use super::{Layout, describe, layout, motion, sample, svg};

pub(super) const SIZES: [(f64, f64, bool); 6] = [
    (818.0, 754.0, false),
    (818.0, 564.0, false),
    (726.0, 440.0, false),
    (390.0, 306.0, true),
    (300.0, 240.0, true),
    (1600.0, 1000.0, false),
];

pub(super) fn options(compact: bool) -> SceneOptions {
    SceneOptions { compact, key_letters: true, ..SceneOptions::default() }
}

pub(super) fn laid_out(view: &ClusterView, compact: bool, width: f64, height: f64) -> Layout {
    layout(view, &options(compact), width, height)
}

fn tp(number: i32) -> TopicPartition {
    TopicPartition::new("trucks_gps", number)
}

/// 102 is killed; 103 leads partition 1 now.
pub(super) fn failed_over() -> (ClusterView, ClusterView) {
    let before = sample::cluster(3, 3, 7);
    let mut now = before.clone();
    now.brokers[1].state = ProcessState::Dead;
    now.brokers[1].session = None;
    now.brokers[1].registered = false;
    for partition in now.topics[0].partitions.iter_mut().map(Rc::make_mut) {
        partition.isr.retain(|id| *id != 102);
        // The controller that takes a broker out of an ISR begins an epoch, whoever leads.
        partition.leader_epoch = 1;
        for replica in &mut partition.replicas {
            replica.in_sync = replica.broker != 102;
            if replica.broker == 102 {
                replica.role = ReplicaRole::Offline;
            }
        }
    }
    let partition = Rc::make_mut(&mut now.topics[0].partitions[1]);
    partition.leader = Some(103);
    partition.replicas[1].role = ReplicaRole::Leader;
    (before, now)
}

#[test]
fn everything_lies_inside_and_targets_of_a_kind_do_not_overlap() {
    for (width, height, compact) in SIZES {
        for (brokers, partitions, end) in [(1, 1, 0), (3, 3, 7), (3, 1, 500), (5, 4, 70), (3, 12, 9), (4, 30, 3)] {
            let view = sample::cluster(brokers, partitions, end);
            let made = laid_out(&view, compact, width, height);
            let what = format!("{width}x{height}, {brokers} brokers, {partitions} partitions, {end} records");
            for hit in made.hits() {
                let (area, bounds) = (hit.area, made.bounds);
                assert!(area.x >= -0.01 && area.y >= -0.01, "{what}: {hit:?}");
                assert!(
                    area.right() <= bounds.right() + 0.01 && area.bottom() <= bounds.bottom() + 0.01,
                    "{what}: {hit:?}"
                );
                assert!(!hit.label.is_empty() && !hit.label.contains("no longer"), "{what}: {hit:?}");
            }
            for (index, one) in made.hits().iter().enumerate() {
                for other in &made.hits()[index + 1..] {
                    let same = std::mem::discriminant(&one.target) == std::mem::discriminant(&other.target);
                    assert!(one.target != other.target, "{what}: {one:?} twice");
                    assert!(!same || !one.area.overlaps(&other.area), "{what}: {one:?} and {other:?}");
                }
            }
        }
    }
}

#[test]
fn replicas_are_large_enough_to_press_where_rows_are_drawn() {
    for (width, height, compact) in SIZES {
        let made = laid_out(&sample::cluster(3, 3, 7), compact, width, height);
        for hit in made.hits().iter().filter(|hit| matches!(hit.target, Selection::Replica(..))) {
            assert!(hit.area.w >= 24.0 && hit.area.h >= 24.0, "{width}x{height}: {hit:?}");
        }
    }
}

#[test]
fn cells_touch_and_stay_on_their_column() {
    for (width, height, compact) in SIZES {
        for end in [1, 7, 30, 400] {
            let made = laid_out(&sample::cluster(3, 3, end), compact, width, height);
            for column in &made.columns {
                for tape in &column.tapes {
                    for pair in tape.cells.windows(2) {
                        assert_eq!(pair[0].offset + 1, pair[1].offset);
                        assert!((pair[0].area.right() - pair[1].area.x).abs() < 0.01);
                    }
                    assert!(tape.body.right() <= column.area.right() + 0.01);
                    assert!(tape.body.x >= column.area.x);
                }
            }
        }
    }
}

#[test]
fn a_dead_broker_keeps_its_tapes_and_the_new_leader_says_since_when() {
    let (before, now) = failed_over();
    let opts = SceneOptions { previous: Some(Rc::new(before).into()), ..options(false) };
    let made = layout(&now, &opts, 818.0, 564.0);
    let column = &made.columns[1];
    let roles: Vec<TapeRole> = column.tapes.iter().map(|tape| tape.role).collect();
    assert_eq!(roles, [TapeRole::InSync, TapeRole::Offline, TapeRole::Leader]);
    assert_eq!(column.tapes[1].cells.len(), 7, "what is on its disk stays legible");
    assert_eq!(column.tapes[1].caption.text, "was leader");
    let notes: Vec<Option<&str>> = column.tapes.iter().map(|tape| tape.caption.note.as_deref()).collect();
    assert_eq!(notes, [Some("3rd in order"), Some("1st in order"), Some("2nd in order, just now")]);
    assert!(made.columns[0].tapes.iter().all(|tape| tape.caption.note.is_none()), "nobody was elected there");
    assert!(column.head.changed);
    assert_eq!(column.isr_changes, [(false, 102)]);
    let session = made.lane.as_ref().and_then(|lane| lane.sessions.get(1)).map(|session| session.expired);
    assert_eq!(session, Some(true));
    assert!(describe(&now, &opts).contains("3 under-replicated"));
}

#[test]
fn truncated_records_are_ghosts_and_red_only_if_they_were_acknowledged() {
    let before = sample::cluster(3, 3, 9);
    let mut now = before.clone();
    let replica = &mut Rc::make_mut(&mut now.topics[0].partitions[1]).replicas[1];
    replica.log_end_offset = 7;
    replica.records = replica.records[..7].into();
    let opts = SceneOptions { previous: Some(Rc::new(before).into()), ..options(false) };
    let ghosts = |view: &ClusterView| -> Vec<(i64, bool)> {
        let made = layout(view, &opts, 818.0, 564.0);
        let tape = made.columns[1].tape_of(103).expect("it has a replica");
        tape.ghosts.iter().map(|ghost| (ghost.offset, ghost.lost)).collect()
    };
    assert_eq!(ghosts(&now), [(7, false), (8, false)]);
    sample::change_entry(&mut now, 8, |entry| entry.fate = RecordFate::Lost);
    assert_eq!(ghosts(&now), [(7, false), (8, true)]);
}

#[test]
fn where_the_past_of_a_copy_parts_from_the_leader_s_is_drawn_between_them() {
    let whole = sample::cluster(3, 1, 7);
    let (made, opts) = (laid_out(&whole, false, 818.0, 754.0), options(false));
    assert!(!svg(&made, &whole, &opts, whole.now).contains("ends at"));
    for (leader, follower) in [(0, 1), (2, 1)] {
        let mut view = whole.clone();
        let partition = Rc::make_mut(&mut view.topics[0].partitions[0]);
        partition.leader = partition.assigned.get(leader).copied();
        partition.replicas[0].role = ReplicaRole::Follower;
        partition.replicas[leader].role = ReplicaRole::Leader;
        partition.replicas[leader].leader_epochs = vec![(0, 0), (1, 4)];
        partition.replicas[follower].diverges_at = Some(4);
        let made = laid_out(&view, false, 818.0, 754.0);
        let drawn = svg(&made, &view, &opts, view.now);
        assert_eq!(drawn.matches("e0 ends at 4").count(), 1, "leader in row {leader}");
    }
}

#[test]
fn a_message_is_where_time_says() {
    let mut view = sample::cluster(3, 3, 7);
    view.in_flight.push(sample::produce());
    let opts = options(false);
    let made = layout(&view, &opts, 818.0, 564.0);
    let part = |ms: u64| -> Vec<f64> {
        motion::sprites(&made, &view, &opts, SimTime::from_ms(ms)).iter().map(|sprite| sprite.part).collect()
    };
    assert_eq!(part(2_990), [0.0]);
    assert_eq!(part(2_995), [0.25]);
    assert_eq!(part(3_000), [0.5]);
    assert!(part(3_010).is_empty(), "it has landed");
    assert!(part(2_989).is_empty(), "it has not been sent");
    let sprites = motion::sprites(&made, &view, &opts, SimTime::from_ms(3_009));
    let (end, tape) = (sprites[0].way[3], made.columns[1].leader().expect("it leads"));
    assert_eq!(tape.broker, 102);
    assert!(end.y <= tape.body.y && (end.x - tape.body.right()).abs() < 30.0, "it lands on the leader's tape");
}

#[test]
fn many_messages_on_one_spot_are_one_pile() {
    let mut view = sample::cluster(3, 3, 7);
    let (opts, records) = (options(false), sample::produce().record_count);
    let made = layout(&view, &opts, 818.0, 564.0);
    let mut piles = |messages: u64, late: u64| -> Vec<(usize, u64)> {
        view.in_flight = (0..messages)
            .map(|id| {
                let mut message = sample::produce();
                (message.id, message.sent_at) = (id, SimTime::from_ms(2_990 + if id % 4 == 3 { late } else { 0 }));
                message
            })
            .collect();
        let sprites = motion::sprites(&made, &view, &opts, SimTime::from_ms(3_001));
        sprites.iter().map(|sprite| (sprite.stands_for, sprite.record_count)).collect()
    };
    assert_eq!(piles(40, 8).len(), 40, "as long as they are few each is drawn");
    assert_eq!(piles(80, 8), [(60, 60 * records), (20, 20 * records)], "a pile for each spot of the way");
    assert_eq!(piles(80, 0), [(80, 80 * records)]);
    let chosen = SceneOptions { selected: Some(Selection::Message(7)), ..opts.clone() };
    let sprites = motion::sprites(&made, &view, &chosen, SimTime::from_ms(3_001));
    let told: Vec<(u64, usize)> = sprites.iter().map(|sprite| (sprite.id, sprite.stands_for)).collect();
    assert_eq!(told, [(0, 79), (7, 1)], "the one that is looked at is no part of a pile");
}

#[test]
fn a_held_message_stops_at_the_cut() {
    let mut view = sample::cluster(3, 3, 7);
    for id in 0..5 {
        let mut message = sample::produce();
        (message.id, message.arrives_at) = (id, SimTime::NEVER);
        view.in_flight.push(message);
    }
    view.faults.push(sample::cut(101, 103));
    let opts = options(false);
    let made = layout(&view, &opts, 818.0, 564.0);
    let sprites = motion::sprites(&made, &view, &opts, SimTime::from_ms(60_000));
    let told: Vec<(bool, f64, usize)> = sprites.iter().map(|s| (s.held, s.part, s.stands_for)).collect();
    assert_eq!(told, [(true, 0.5, 5)]);
    assert!(made.hits().iter().any(|hit| hit.target == Selection::Fault(1)));
}

#[test]
fn slots_lie_at_the_next_free_cell_and_a_finger_can_hit_them() {
    for (width, height, compact) in SIZES {
        let view = sample::cluster(3, 3, 7);
        let asked =
            |numbers: &[i32]| SceneOptions { asked: Some(Places::NextOffsets(numbers.to_vec())), ..options(compact) };
        assert_eq!(layout(&view, &asked(&[0, 2]), width, height).slots().len(), 2, "only where an option is");
        let opts = asked(&[0, 1, 2]);
        let made = layout(&view, &opts, width, height);
        assert_eq!(made.slots().len(), 3);
        for (slot, column) in made.slots().iter().zip(&made.columns) {
            assert_eq!(slot.answer, Selection::Partition(column.tp.clone()));
            assert!((slot.drawn.x - column.window.x(7)).abs() < 0.01);
            let least = if compact { 44.0 } else { 24.0 };
            assert!(slot.area.w >= least && slot.area.h >= least, "{width}: {slot:?}");
            assert!(slot.area.right() <= made.bounds.right() && slot.area.bottom() <= made.bounds.bottom());
        }
    }
}

#[test]
fn layers_that_are_not_taught_yet_are_absent() {
    let view = sample::cluster(3, 3, 7);
    let opts = SceneOptions { show: Layers::NONE, ..options(false) };
    let made = layout(&view, &opts, 818.0, 754.0);
    assert!(made.lane.is_none() && made.ledger.is_none() && made.consumers.is_empty() && made.flags.is_empty());
    assert!(made.columns.iter().all(|column| column.watermark_x.is_none()));
    assert!(made.columns.iter().flat_map(|column| &column.tapes).all(|tape| tape.epochs.is_empty()));
    assert!(made.rows.iter().all(|row| row.lines.iter().all(|line| line.text != "coordinator")));
    let drawn = svg(&made, &view, &opts, view.now);
    for word in ["ZooKeeper", "HW ", "committed", "coordinator", "lost", "Isr", "acks", "controller"] {
        assert!(!drawn.contains(word), "{word}");
    }
}

#[test]
fn a_hundred_brokers_and_a_thousand_partitions_become_tiles() {
    let mut view = sample::cluster(100, 1000, 5);
    view.brokers[14].state = ProcessState::Dead;
    let sick: Vec<TopicPartition> =
        view.topics[0].partitions.iter().filter(|p| p.assigned.contains(&115)).map(|p| p.tp.clone()).collect();
    for partition in view.topics[0].partitions.iter_mut().map(Rc::make_mut) {
        partition.isr.retain(|id| *id != 115);
        if partition.leader == Some(115) {
            partition.leader = partition.isr.first().copied();
        }
    }
    for (width, height, compact) in [(818.0, 564.0, false), (726.0, 440.0, false)] {
        let made = laid_out(&view, compact, width, height);
        let tiles = made.tiles.as_ref().expect("tiles");
        assert_eq!((tiles.brokers.len(), tiles.partitions.len(), tiles.hidden), (100, 1000, 0), "{width}x{height}");
        let marked: Vec<TopicPartition> = tiles
            .partitions
            .iter()
            .filter(|tile| tile.health == Health::UnderReplicated)
            .map(|tile| tile.tp.clone())
            .collect();
        assert_eq!(marked, sick);
    }
}

#[test]
fn a_selected_partition_gets_room_and_a_record_can_be_pointed_at() {
    let view = sample::cluster(3, 8, 7);
    let mut opts = options(false);
    assert!(layout(&view, &opts, 818.0, 564.0).columns.iter().all(|column| column.narrow));
    opts.selected = Some(Selection::Partition(tp(4)));
    let made = layout(&view, &opts, 818.0, 564.0);
    assert!(!made.columns[4].narrow && made.columns[3].narrow);
    let tape = made.columns[4].leader().expect("it leads");
    let found = made.record_at(tape.cells[2].area.centre());
    assert_eq!(found, Some(Selection::Record(tape.broker, tp(4), 2)));
}

#[test]
fn of_many_partitions_those_that_hold_records_are_shown() {
    let mut view = sample::cluster(3, 50, 0);
    let columns = |view: &ClusterView| -> Vec<i32> {
        laid_out(view, false, 818.0, 564.0).columns.iter().map(|column| column.tp.partition).collect()
    };
    assert_eq!(columns(&view), (0..23).collect::<Vec<i32>>(), "as many as fit while all are empty");
    view.topics[0].partitions[41] = sample::cluster(3, 50, 4).topics[0].partitions[41].clone();
    assert_eq!(columns(&view), [41]);
    assert_eq!(laid_out(&view, false, 818.0, 564.0).hidden, 49);
}

#[test]
fn many_clients_stand_beside_each_other() {
    for (width, height, compact) in SIZES {
        let mut view = sample::cluster(3, 3, 7);
        let (truck, screen) = (view.producers[0].clone(), view.consumers[0].clone());
        view.producers = vec![truck; 30];
        view.consumers = vec![screen; 30];
        let made = laid_out(&view, compact, width, height);
        for pair in made.producers.windows(2) {
            let apart = pair[1].wheels.x - pair[0].wheels.x;
            assert!(apart >= 62.0 * pair[0].scale, "{width}: {apart} px at {}", pair[0].scale);
        }
        for pair in made.consumers.windows(2) {
            assert!(pair[1].centre.x - pair[0].centre.x >= 46.0 * pair[0].scale, "{width}");
        }
        assert!(made.producers.iter().all(|seat| seat.wheels.x <= width));
        let clients = |hit: &&super::Hit| matches!(hit.target, Selection::Producer(_) | Selection::Consumer(_));
        let areas: Vec<_> = made.hits().iter().filter(clients).map(|hit| hit.area).collect();
        assert!(areas.windows(2).all(|pair| !pair[0].overlaps(&pair[1])), "{width}");
    }
}

#[test]
fn the_ledger_counts_and_never_hides_a_loss() {
    let mut view = sample::cluster(3, 3, 7);
    sample::change_entry(&mut view, 3, |entry| entry.fate = RecordFate::Lost);
    sample::change_entry(&mut view, 4, |entry| entry.fate = RecordFate::Sent);
    let made = laid_out(&view, false, 818.0, 564.0);
    let ledger = made.ledger.as_ref().expect("it is shown");
    let sums: Vec<(&str, usize)> = ledger.sums.iter().map(|sum| (sum.word, sum.count)).collect();
    assert_eq!(sums, [("sent", 21), ("acked", 20), ("lost", 1), ("duplicated", 0), ("read", 19)]);
    assert_eq!(ledger.marks.len(), 21);
    let one = view.ledger.get(0).expect("one was sent").clone();
    view.ledger = Rc::new(view.ledger.iter().cloned().chain(std::iter::repeat_n(one, 100_000)).collect());
    let made = laid_out(&view, false, 818.0, 564.0);
    let ledger = made.ledger.as_ref().expect("it is shown");
    let lost = ledger.shares.iter().find(|share| share.fate == RecordFate::Lost).expect("one in a hundred thousand");
    assert!(ledger.marks.is_empty() && lost.area.w >= 3.0 && lost.area.right() <= 818.0);
}

#[test]
fn faults_of_every_kind_have_a_place() {
    let mut view = sample::cluster(3, 3, 7);
    let ends: [Vec<NodeId>; 4] = [
        vec![NodeId::Broker(101), NodeId::Broker(103)],
        vec![NodeId::Broker(102)],
        vec![NodeId::Broker(101), NodeId::ZooKeeper(2)],
        vec![NodeId::Client("truck-C".into()), NodeId::Broker(102)],
    ];
    view.faults = ends
        .into_iter()
        .zip(1..)
        .map(|(between, id)| playground_core::view::FaultView { id, text: format!("fault {id}").into(), between })
        .collect();
    let made = laid_out(&view, false, 818.0, 564.0);
    assert_eq!(made.faults.iter().map(|mark| mark.id).collect::<Vec<_>>(), [1, 2, 3, 4]);
    assert!(made.faults[1].around.is_some());
}

#[test]
fn the_picture_is_drawn_in_both_themes_with_nothing_outside_numbers() {
    let (before, mut now) = failed_over();
    now.in_flight.push(sample::produce());
    for theme in [Theme::Light, Theme::Dark] {
        for (width, height, compact) in SIZES {
            let opts = SceneOptions { theme, previous: Some(Rc::new(before.clone()).into()), ..options(compact) };
            let made = layout(&now, &opts, width, height);
            let drawn = svg(&made, &now, &opts, now.now);
            assert!(drawn.contains("102") && !drawn.contains("NaN") && !drawn.contains("inf"));
        }
    }
}

#[test]
fn an_empty_cluster_says_what_is_missing() {
    let mut view = sample::cluster(3, 3, 7);
    view.topics.clear();
    let made = laid_out(&view, false, 818.0, 564.0);
    assert!(svg(&made, &view, &options(false), view.now).contains("No topic yet"));
    view.brokers.clear();
    let made = laid_out(&view, false, 818.0, 564.0);
    assert!(svg(&made, &view, &options(false), view.now).contains("No broker yet"));
}
