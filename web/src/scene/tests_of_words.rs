//! That words in the picture keep clear of each other and of what is drawn.

use std::rc::Rc;

use playground_core::ids::NodeId;
use playground_core::view::{ClusterView, MessageKind, ProcessState};

use super::geometry::Rect;
use super::paint::brush::Family;
use super::paint::text::text_width;
use super::tape::CellKind;
use super::tests::{SIZES, failed_over, laid_out, options};
use super::{SceneOptions, Selection, layout, sample, svg};

#[test]
fn on_a_phone_every_broker_of_a_large_cluster_has_its_number_and_the_dead_are_named() {
    let mut view = sample::cluster(100, 1000, 5);
    for (dead, words) in [(14, "115 down"), (83, "115 and 184 down"), (84, "115 and 184 and 185 down")] {
        view.brokers[dead].state = ProcessState::Dead;
        let made = laid_out(&view, true, 390.0, 306.0);
        let tiles = made.tiles.as_ref().expect("tiles");
        assert!(tiles.brokers.iter().all(|tile| tile.labelled && tile.area.right() <= 384.0));
        assert_eq!(tiles.broker_words, format!("100 brokers|{words}"));
        assert_eq!((tiles.partitions.len(), tiles.hidden), (1000, 0));
        let selected = Some(Selection::Partition(tiles.partitions[7].tp.clone()));
        let tiles = layout(&view, &SceneOptions { selected, ..options(true) }, 390.0, 306.0).tiles.expect("tiles");
        assert_eq!((tiles.partitions.len(), tiles.hidden), (1000, 0), "also beside the card");
    }
    view.brokers[85].state = ProcessState::Dead;
    let made = laid_out(&view, true, 390.0, 306.0);
    assert_eq!(made.tiles.expect("tiles").broker_words, "100 brokers|4 down");
    let made = laid_out(&view, false, 818.0, 564.0);
    assert_eq!(made.tiles.expect("tiles").broker_words, "100 brokers|96 up, 4 down");
}

#[test]
fn what_a_cleaner_took_leaves_holes_also_at_the_beginning() {
    let kinds = |end: i64, kept: &dyn Fn(i64) -> bool| -> Vec<(i64, CellKind)> {
        let mut view = sample::cluster(3, 1, end);
        let partition = Rc::make_mut(&mut view.topics[0].partitions[0]);
        for replica in &mut partition.replicas {
            replica.records = replica.records.iter().filter(|record| kept(record.offset)).cloned().collect();
        }
        let made = laid_out(&view, false, 818.0, 754.0);
        made.columns[0].tapes[0].cells.iter().map(|cell| (cell.offset, cell.kind)).collect()
    };
    let wanted = [(0, CellKind::Gone), (1, CellKind::Gone), (2, CellKind::Record), (3, CellKind::Gone)];
    assert_eq!(kinds(5, &|offset| matches!(offset, 2 | 4))[..4], wanted);
    assert!(kinds(3, &|_| false).iter().all(|(_, kind)| *kind == CellKind::Gone), "nothing is left");
}

#[test]
fn topics_of_a_large_cluster_keep_their_names_while_the_dock_is_open() {
    let mut view = sample::cluster(100, 1000, 5);
    let all = std::mem::take(&mut view.topics[0].partitions);
    let topics = (0..25).map(|number| {
        let mut topic = view.topics[0].clone();
        topic.name = format!("topic-{number:02}").as_str().into();
        topic.partitions = all[number * 40..][..40].to_vec();
        for partition in topic.partitions.iter_mut().map(Rc::make_mut) {
            partition.tp.topic = topic.name.clone();
        }
        topic
    });
    view.topics = topics.collect();
    let selected = Some(Selection::Partition(view.topics[4].partitions[23].tp.clone()));
    let opts = SceneOptions { selected, ..options(false) };
    for (width, height) in [(818.0, 754.0), (818.0, 444.0), (726.0, 410.0)] {
        let tiles = layout(&view, &opts, width, height).tiles.expect("tiles");
        assert_eq!((tiles.labels.len(), tiles.partitions.len(), tiles.hidden), (25, 1000, 0), "{width}x{height}");
        let card = tiles.card.as_ref().expect("a card").1;
        let names: Vec<Rect> = tiles.labels.iter().map(|label| label.area).collect();
        let all: Vec<Rect> = tiles.partitions.iter().map(|tile| tile.area).chain(names).collect();
        for (index, one) in all.iter().enumerate() {
            assert!(one.right() <= width && one.bottom() <= card.y && one.w >= 4.0 && one.h >= 4.0, "{one:?}");
            assert!(all[..index].iter().all(|other| !other.overlaps(one)), "{one:?} at {width}x{height}");
        }
    }
}

/// What `drawn` says, and where its text begins.
fn texts(drawn: &str) -> Vec<(String, f64, f64)> {
    let number = |tag: &str, name: &str| -> f64 {
        let value = tag.split(&format!(" {name}=\"")).nth(1).and_then(|rest| rest.split('"').next());
        value.and_then(|value| value.parse().ok()).expect("a number")
    };
    let one = |part: &str| {
        let (tag, rest) = part.split_once('>').expect("a tag");
        (rest.split('<').next().unwrap_or_default().to_owned(), number(tag, "x"), number(tag, "y"))
    };
    drawn.split("<text").skip(1).map(one).collect()
}

#[test]
fn words_of_committed_offsets_keep_clear_of_each_other() {
    for (width, height, compact) in SIZES {
        for partitions in [3, 4, 5] {
            let mut view = sample::cluster(3, partitions, 12);
            // Alternately at the end and at the beginning: posts come close to each other.
            for (index, committed) in view.groups[0].committed.iter_mut().enumerate() {
                (committed.1, committed.2) = if index % 2 == 0 { (12, 0) } else { (0, 12) };
            }
            let made = laid_out(&view, compact, width, height);
            for pair in made.flags.windows(2) {
                let size = if compact { 11.0 } else { 12.0 };
                let wide = text_width(&pair[0].text, size, Family::Condensed);
                let end = pair[0].x + 5.0 + wide;
                assert!(pair[0].text.is_empty() || end < pair[1].x - 9.0, "{width}, {partitions}: {pair:?}");
            }
            let wide = made.columns.iter().all(|column| column.area.w >= 180.0);
            assert!(!wide || made.flags[1].text == "committed 0, lag 12", "{width}, {partitions}: {:?}", made.flags[1]);
        }
    }
}

#[test]
fn names_of_messages_do_not_cover_the_ensemble() {
    let mut view = sample::cluster(3, 3, 7);
    for (id, (broker, server)) in [(101, 1), (102, 2), (103, 3), (101, 3)].into_iter().enumerate() {
        let mut message = sample::produce();
        (message.id, message.kind, message.label) = (id as u64, MessageKind::ZooKeeper, "znode".into());
        (message.from, message.to) = (NodeId::Broker(broker), NodeId::ZooKeeper(server));
        view.in_flight.push(message);
    }
    for (width, height) in [(818.0, 754.0), (818.0, 445.0), (726.0, 400.0)] {
        for reduced_motion in [false, true] {
            let opts = SceneOptions { reduced_motion, ..options(false) };
            let made = layout(&view, &opts, width, height);
            let named: Vec<_> = texts(&svg(&made, &view, &opts, view.now))
                .into_iter()
                .filter(|(text, ..)| text.starts_with("znode"))
                .collect();
            assert!(!named.is_empty(), "{width}x{height}");
            for (text, x, y) in named {
                let wide = text_width(&text, 12.0, Family::Condensed);
                let area = Rect::new(x, y - 11.0, wide, 14.0);
                let lane = made.lane.as_ref().expect("it is shown");
                assert!(lane.round_things().iter().all(|thing| !thing.overlaps(&area)), "{width}x{height}: {area:?}");
            }
        }
    }
}

#[test]
fn in_low_rows_what_is_written_has_room() {
    let mut view = sample::cluster(3, 3, 7);
    view.brokers[1].session = None;
    for height in [350.0, 372.0, 400.0, 440.0] {
        let made = laid_out(&view, false, 726.0, height);
        let lane = made.lane.as_ref().expect("it is shown");
        for (one, next) in lane.sessions.iter().zip(&lane.sessions[1..]) {
            // The word's base line, and the top of the next session's pennants.
            let (word, top) = (one.centre.y + 27.0, next.centre.y - 28.5);
            assert!(one.word.is_empty() || word < top, "{height}: {one:?}");
        }
        assert!(lane.subtitle.is_empty() || lane.title.y + 15.0 < lane.sessions[0].centre.y - 28.5, "{height}");
        for tape in made.columns.iter().flat_map(|column| &column.tapes) {
            assert!(tape.body.h >= 12.0, "{height}: text of 12 px in {:?}", tape.body);
        }
    }
}

#[test]
fn at_an_election_who_leads_now_says_its_place_in_the_line_at_every_width() {
    let (before, now) = failed_over();
    for (width, whole) in
        [(818.0, "2nd in order, just now"), (726.0, "2nd in order"), (1000.0, "2nd in order, just now")]
    {
        let opts = SceneOptions { previous: Some(Rc::new(before.clone()).into()), ..options(false) };
        let made = layout(&now, &opts, width, 440.0);
        let drawn = texts(&svg(&made, &now, &opts, now.now));
        let said: Vec<&str> =
            drawn.iter().map(|(text, ..)| text.as_str()).filter(|text| text.contains("in order")).collect();
        assert_eq!(said, ["3rd in order", "1st in order", whole], "{width}");
    }
}

#[test]
fn the_card_of_a_tile_says_what_readers_get() {
    let mut view = sample::cluster(100, 1000, 84);
    let partition = Rc::make_mut(&mut view.topics[0].partitions[3]);
    partition.isr.truncate(1);
    let tp = partition.tp.clone();
    for compact in [false, true] {
        let opts = SceneOptions { selected: Some(Selection::Partition(tp.clone())), ..options(compact) };
        let drawn = |view: &ClusterView| {
            svg(&layout(view, &opts, if compact { 390.0 } else { 818.0 }, 306.0), view, &opts, view.now)
        };
        assert!(drawn(&view).contains("Isr 104, min 2, HW 84"), "compact: {compact}");
        let mut offline = view.clone();
        Rc::make_mut(&mut offline.topics[0].partitions[3]).leader = None;
        assert!(drawn(&offline).contains("Isr 104, min 2<"), "without a leader they get nothing");
    }
}

/// One group's name at the left would stand for all readers, and a reader without a group for a member.
#[test]
fn where_there_is_little_room_each_reader_says_whose_it_is() {
    let mut view = sample::cluster(3, 3, 5);
    let (mut group, mut other) = (view.groups[0].clone(), view.consumers[0].clone());
    group.id = "audit".into();
    view.groups.push(group);
    other.client = "auditor".into();
    other.group = Some("audit".into());
    let alone = playground_core::view::ConsumerView { client: "alone".into(), group: None, ..other.clone() };
    view.consumers.extend([other, alone]);
    for (height, all) in [(420.0, false), (754.0, true)] {
        let made = laid_out(&view, false, 818.0, height);
        let names: Vec<&str> = made.groups.iter().map(|label| &*label.group).collect();
        assert_eq!(names.len(), 2, "{height}: {names:?}");
        assert_eq!(made.groups.iter().all(|label| label.words.is_empty()), !all, "{height}");
        for seat in &made.consumers {
            let whose = seat.group.as_ref().map_or("no group".to_owned(), |group| format!("group {group}"));
            assert!(seat.words.iter().any(|line| line.starts_with(&whose)), "{height}: {:?}", seat.words);
        }
    }
}
