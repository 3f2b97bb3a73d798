//! The diagram of a real cluster: nothing is missing, nothing is said twice, times and places agree.

use playground_core::command::Command;
use playground_core::sim::Genesis;
use playground_core::time::SimTime;
use playground_core::timeline::{Film, Timeline};
use playground_core::view::{ClusterView, Traffic};

use super::{ARROWS_MAX, Axis, Options, Plan, plan};
use crate::scene::{HueBy, Layers, Selection, Theme};

fn story(lines: &[&str]) -> Timeline {
    let mut timeline = Timeline::new(Genesis::default()).expect("the cluster stands");
    let first = [
        "kafka-topics.sh --create --topic t --replica-assignment 101:102:103,102:103:101",
        "producer p --topic t",
        "consumer c1 --group g --topic t",
        "consumer c2 --group g --topic t",
    ];
    for line in first.iter().chain(lines) {
        let command = Command::parse(line).unwrap_or_else(|error| panic!("{line}: {error}"));
        timeline.act(command).unwrap_or_else(|error| panic!("{line}: {error}"));
    }
    timeline
}

fn options(from: SimTime, until: SimTime) -> Options {
    Options {
        theme: Theme::Light,
        hue_by: HueBy::Partition,
        show: Layers::ALL,
        topic: None,
        selected: None,
        unfolded: false,
        even: false,
        hidden: Vec::new(),
        compact: false,
        window: (from, until),
    }
}

fn filmed(timeline: &Timeline, ms: u64) -> (Traffic, std::rc::Rc<ClusterView>, Options) {
    let now = timeline.now();
    let from = SimTime(now.0.saturating_sub(ms * 1000)).max(timeline.start());
    let mut film = None;
    Film::follow(&mut film, timeline, from, now, None, u64::MAX);
    let traffic = film.expect("there is a film").traffic(from, now);
    (traffic, timeline.view(), options(from, SimTime(now.0 + ms * 200)))
}

fn all(plan: &Plan) -> usize {
    let counts = plan.counts;
    counts.drawn + counts.alike + counts.folded + counts.left_out + counts.by_hidden + counts.within
}

#[test]
fn a_minute_of_an_idle_group_is_a_few_bars_and_every_message_is_counted() {
    let timeline = story(&["wait 70s"]);
    let (traffic, view, mut opts) = filmed(&timeline, 60_000);
    let folded = plan(&traffic, &view, &opts, 900.0, 200.0);
    // Commits of offsets and their copies are news.
    assert!(folded.counts.drawn <= ARROWS_MAX, "{:?}", folded.counts);
    assert!(folded.counts.folded > 500, "{:?}", folded.counts);
    assert_eq!(all(&folded), traffic.messages.len());
    let counted: usize = folded.folds.iter().map(|fold| fold.count).sum();
    assert_eq!(counted, folded.counts.folded);
    opts.unfolded = true;
    let unfolded = plan(&traffic, &view, &opts, 900.0, 200.0);
    assert_eq!(unfolded.arrows.len(), ARROWS_MAX);
    assert!(unfolded.counts.left_out > 300 && unfolded.folds.is_empty(), "{:?}", unfolded.counts);
    assert_eq!(all(&unfolded), traffic.messages.len());
    // The newest stay.
    let newest = traffic.messages.iter().rev().find(|seen| seen.message.from != seen.message.to);
    assert_eq!(unfolded.arrows.last().map(|arrow| arrow.seen.message.id), newest.map(|seen| seen.message.id));
}

#[test]
fn a_hidden_lane_takes_its_messages_into_a_count() {
    let timeline = story(&["wait 8s", "send p --count 3 v", "wait 1s"]);
    let (traffic, view, mut opts) = filmed(&timeline, 3_000);
    let before = plan(&traffic, &view, &opts, 900.0, 300.0);
    opts.hidden.push("client-p".into());
    let after = plan(&traffic, &view, &opts, 900.0, 300.0);
    assert_eq!(after.lanes.len() + 1, before.lanes.len());
    assert!(after.counts.by_hidden > before.counts.by_hidden);
    assert_eq!(all(&after), all(&before));
}

#[test]
fn a_line_is_found_under_the_pointer_and_a_chosen_message_is_never_folded() {
    let timeline = story(&["wait 8s", "send p --count 3 v", "wait 100ms"]);
    let (traffic, view, mut opts) = filmed(&timeline, 500);
    let drawn = plan(&traffic, &view, &opts, 900.0, 300.0);
    let produce = drawn.arrows.iter().find(|arrow| &*arrow.seen.message.label == "Produce").expect("it was sent");
    let found = drawn.message_at(produce.at_part(0.5)).expect("a line is there");
    assert!(found.at_part(0.5).distance(produce.at_part(0.5)) < 60.0);
    let small_talk = traffic.messages.iter().find(|seen| seen.routine && seen.message.from != seen.message.to);
    let id = small_talk.expect("there is some").message.id;
    opts.selected = Some(Selection::Message(id));
    let chosen = plan(&traffic, &view, &opts, 900.0, 300.0);
    assert!(chosen.arrows.iter().any(|arrow| arrow.seen.message.id == id && arrow.chosen));
}

#[test]
fn lanes_lie_apart_and_messages_run_forwards() {
    let timeline = story(&["wait 8s", "kill 102", "wait 20s"]);
    let (traffic, view, opts) = filmed(&timeline, 15_000);
    for (width, height) in [(1060.0, 190.0), (727.0, 150.0), (390.0, 260.0)] {
        let drawn = plan(&traffic, &view, &opts, width, height);
        assert!(drawn.lanes.windows(2).all(|pair| pair[1].y - pair[0].y >= 20.0));
        assert!(drawn.arrows.iter().all(|arrow| arrow.head.x >= arrow.tail.x));
        assert!(drawn.cursor >= drawn.plot.x && drawn.cursor <= drawn.plot.right());
        assert!(!drawn.down.is_empty());
        for (index, label) in drawn.labels.iter().enumerate() {
            assert!(drawn.labels[..index].iter().all(|other| !other.area.overlaps(&label.area)), "{label:?}");
        }
    }
}

#[test]
fn the_axis_is_its_own_inverse_and_folds_silence() {
    let ms = |ms: u64| SimTime(ms * 1000);
    let moments = [ms(1), ms(2), ms(20_002), ms(20_003)];
    let axis = Axis::new(ms(0), ms(20_010), &moments, 100.0, 800.0, false);
    for at in [ms(0), ms(1), ms(2), ms(9_000), ms(20_002), ms(20_003), ms(20_010)] {
        let back = axis.time(axis.x(at));
        assert!(back.0.abs_diff(at.0) < 2_000, "{at} {back}");
    }
    assert_eq!(axis.quiet.len(), 1);
    assert!(axis.x(ms(2)) - axis.x(ms(1)) > 50.0);
    let even = Axis::new(ms(0), ms(20_010), &moments, 100.0, 800.0, true);
    assert!(even.x(ms(2)) - even.x(ms(1)) < 0.1 && even.quiet.is_empty());
}

#[test]
fn a_group_whose_readers_are_hidden_leaves_its_room_to_the_lanes() {
    let timeline = story(&["wait 10s"]);
    let (traffic, view, mut opts) = filmed(&timeline, 5_000);
    let all = plan(&traffic, &view, &opts, 900.0, 200.0);
    assert!(!all.standings.is_empty());
    opts.hidden = vec!["client-c1".into()];
    assert!(!plan(&traffic, &view, &opts, 900.0, 200.0).standings.is_empty(), "c2 is one of its members");
    opts.hidden.push("client-c2".into());
    let lanes = plan(&traffic, &view, &opts, 900.0, 200.0);
    assert!(lanes.standings.is_empty() && lanes.plot.y < all.plot.y);
}
