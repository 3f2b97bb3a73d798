//! Series and drawing without a browser: the numbers come back as they went in, and the file has what a
//! reader needs.

use std::rc::Rc;

use playground_core::ids::TopicPartition;
use playground_core::time::SimTime;
use playground_core::view::{Gauges, PartitionGauge};

use super::Numbers;
use super::draw::{Chart, Mark};
use super::series::{all, shown};
use crate::model::events::EventKind;
use crate::model::watching::{Measure, SERIES_MAX};
use crate::scene::Theme;
use crate::scene::paint::svg::Svg;

fn gauges(at_ms: u64, partitions: i32) -> Gauges {
    let gauge = |partition| PartitionGauge {
        tp: TopicPartition::new("t", partition),
        log_end: i64::try_from(at_ms / 100).unwrap_or(0) + i64::from(partition),
        high_watermark: i64::try_from(at_ms / 200).unwrap_or(0),
        isr: if at_ms > 3_000 { 2 } else { 3 },
        replicas: 3,
        has_leader: true,
    };
    Gauges {
        at: SimTime(at_ms * 1000),
        partitions: (0..partitions).map(gauge).collect(),
        lags: vec![("g".into(), 7)],
        unhealthy: if at_ms > 3_000 { [3, 1, 0] } else { [0; 3] },
        requests: [at_ms / 10, at_ms / 2, 0, 0, 0, 0],
    }
}

fn numbers(partitions: i32) -> Numbers {
    let samples = (0..=60).map(|step| Rc::new(gauges(step * 100, partitions))).collect();
    let now = Gauges { requests: [0; 6], ..gauges(4_050, partitions) };
    Numbers { from: SimTime(1_000_000), until: SimTime(7_000_000), samples, now }
}

#[test]
fn at_most_six_are_drawn_and_the_cursor_tells_the_state() {
    let numbers = numbers(9);
    let series = all(Measure::Offsets, &numbers);
    assert_eq!(series.len(), 9);
    assert_eq!(shown(&series, None).len(), SERIES_MAX);
    let picked = shown(&series, Some(&["t-8".to_owned()]));
    assert_eq!(picked.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), ["partition 8"]);
    assert_eq!(picked[0].lines.iter().map(|line| line.now).collect::<Vec<_>>(), [20, 48]);
    for line in picked.iter().flat_map(|one| &one.lines) {
        assert!(line.points.windows(2).all(|pair| pair[0].0 <= pair[1].0), "{}", line.name);
    }
}

#[test]
fn requests_are_counted_over_a_second() {
    let series = all(Measure::Requests, &numbers(1));
    let rates: Vec<i64> = series.iter().map(|one| one.lines[0].now).collect();
    assert_eq!(rates, [100, 500, 0, 0, 0, 0]);
}

#[test]
fn what_is_not_in_full_strength_is_counted_over_all_topics() {
    let series = all(Measure::Unhealthy, &numbers(1));
    let now: Vec<(&str, i64)> = series.iter().map(|one| (one.name.as_str(), one.lines[0].now)).collect();
    assert_eq!(now, [("under-replicated", 3), ("under min ISR", 1), ("unavailable", 0)]);
    assert_eq!(series[0].lines[0].points.first().map(|(_, count)| *count), Some(0));
}

#[test]
fn every_measure_draws_in_both_themes_at_any_size() {
    let numbers = numbers(3);
    let marks = [Mark { at: SimTime(3_000_000), kind: EventKind::Fault }];
    for measure in Measure::ALL {
        let series = shown(&all(measure, &numbers), None);
        for theme in [Theme::Light, Theme::Dark] {
            let chart =
                Chart { measure, numbers: &numbers, series: &series, marks: &marks, selected: Some("t-1"), theme };
            let mut file = Svg::new(700.0, 200.0);
            let plot = chart.draw(&mut file, (700.0, 200.0));
            assert!(plot.w > 500.0 && plot.h > 120.0, "{plot:?}");
            let text = file.finish();
            assert!(text.contains(&series[0].name), "{measure:?}");
            for size in [(1.0, 1.0), (60.0, 30.0)] {
                chart.draw(&mut Svg::new(size.0, size.1), size);
            }
        }
    }
}

#[test]
fn without_numbers_nothing_breaks() {
    let empty = Numbers::default();
    for measure in Measure::ALL {
        let series = shown(&all(measure, &empty), None);
        let chart =
            Chart { measure, numbers: &empty, series: &series, marks: &[], selected: None, theme: Theme::Light };
        chart.draw(&mut Svg::new(300.0, 100.0), (300.0, 100.0));
    }
}
