//! From numbers to lines: which there are, what they are called, how they look.

use playground_core::ids::Name;
use playground_core::time::SimTime;
use playground_core::view::{Gauges, PartitionGauge, REQUEST_KINDS, UNHEALTHY};

use super::Numbers;
use crate::model::Subject;
use crate::model::watching::{Measure, SERIES_MAX};
use crate::scene::Selection;

/// Requests a second are counted over so long, in µs.
const RATE_OVER_US: u64 = 1_000_000;

/// How a line looks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stroke {
    /// Solid and heavy.
    Heavy,
    /// Solid and thin.
    Thin,
    /// Dashed.
    Dashed,
}

/// A line.
#[derive(Clone, PartialEq, Debug)]
pub struct Line {
    /// What it is called in the table.
    pub name: String,
    /// How it looks.
    pub stroke: Stroke,
    /// Its numbers over time; it keeps each until the next.
    pub points: Vec<(SimTime, i64)>,
    /// At the cursor.
    pub now: i64,
}

/// What is chosen together: the lines of one partition, group or sort of request.
#[derive(Clone, PartialEq, Debug)]
pub struct Series {
    /// Stable and unique.
    pub key: String,
    /// What it is called.
    pub name: String,
    /// Place in the palette.
    pub hue: usize,
    /// Its lines, the most important first.
    pub lines: Vec<Line>,
    /// What a press on it selects.
    pub subject: Option<Subject>,
}

/// All series that there are for a measure, in order.
pub fn all(measure: Measure, numbers: &Numbers) -> Vec<Series> {
    match measure {
        Measure::Offsets => partitions(numbers, &|series, partition| {
            series.lines.push(line(numbers, "high watermark", Stroke::Heavy, &|gauges| {
                find(gauges, partition).map(|one| one.high_watermark)
            }));
            series.lines.push(line(numbers, "log end", Stroke::Dashed, &|gauges| {
                find(gauges, partition).map(|one| one.log_end)
            }));
        }),
        Measure::Isr => partitions(numbers, &|series, partition| {
            series.lines.push(line(numbers, "in-sync replicas", Stroke::Heavy, &|gauges| {
                find(gauges, partition).map(|one| i64::from(one.isr))
            }));
        }),
        Measure::Lag => lags(numbers),
        Measure::Requests => requests(numbers),
        Measure::Unhealthy => unhealthy(numbers),
    }
}

/// Those that are drawn: the ones picked, else the first, never too many.
pub fn shown(all: &[Series], picked: Option<&[String]>) -> Vec<Series> {
    let is_picked = |series: &&Series| picked.is_none_or(|keys| keys.contains(&series.key));
    all.iter().filter(is_picked).take(SERIES_MAX).cloned().collect()
}

fn find<'a>(gauges: &'a Gauges, of: &PartitionGauge) -> Option<&'a PartitionGauge> {
    gauges.partitions.iter().find(|one| one.tp == of.tp)
}

fn line(numbers: &Numbers, name: &str, stroke: Stroke, read: &dyn Fn(&Gauges) -> Option<i64>) -> Line {
    let now = read(&numbers.now).unwrap_or(0);
    let of = |gauges: &std::rc::Rc<Gauges>| Some((gauges.at, read(gauges)?));
    let mut points: Vec<(SimTime, i64)> = numbers.samples.iter().filter_map(of).collect();
    // What the cursor shows is on the line, also between two samples.
    let place = points.partition_point(|(at, _)| *at <= numbers.now.at);
    if read(&numbers.now).is_some() {
        points.insert(place, (numbers.now.at, now));
    }
    Line { name: name.to_owned(), stroke, points, now }
}

fn partitions(numbers: &Numbers, fill: &dyn Fn(&mut Series, &PartitionGauge)) -> Vec<Series> {
    let topics = numbers.now.partitions.iter().map(|one| &one.tp.topic);
    let single = topics.clone().next().is_none_or(|first| topics.clone().all(|topic| topic == first));
    let series = |(place, one): (usize, &PartitionGauge)| {
        let mut series = Series {
            key: one.tp.to_string(),
            name: if single { format!("partition {}", one.tp.partition) } else { one.tp.to_string() },
            hue: if single { usize::try_from(one.tp.partition).unwrap_or(6) } else { place },
            lines: Vec::new(),
            subject: Some(Subject::Thing(Selection::Partition(one.tp.clone()))),
        };
        fill(&mut series, one);
        series
    };
    numbers.now.partitions.iter().enumerate().map(series).collect()
}

fn lags(numbers: &Numbers) -> Vec<Series> {
    let lag = |gauges: &Gauges, group: &Name| gauges.lags.iter().find(|(one, _)| one == group).map(|(_, lag)| *lag);
    let series = |(place, (group, _)): (usize, &(Name, i64))| Series {
        key: format!("group-{group}"),
        name: format!("group {group}"),
        hue: place,
        lines: vec![line(numbers, "lag", Stroke::Heavy, &|gauges| lag(gauges, group))],
        subject: Some(Subject::Thing(Selection::Group(group.clone()))),
    };
    numbers.now.lags.iter().enumerate().map(series).collect()
}

/// Partitions of all topics that are not in full strength.
fn unhealthy(numbers: &Numbers) -> Vec<Series> {
    let count = |gauges: &Gauges, place: usize| gauges.unhealthy.get(place).map(|count| i64::from(*count));
    let series = |(place, name): (usize, &&str)| Series {
        key: name.replace(' ', "-"),
        name: (*name).to_owned(),
        hue: place,
        lines: vec![line(numbers, "partitions", Stroke::Heavy, &|gauges| count(gauges, place))],
        subject: None,
    };
    UNHEALTHY.iter().enumerate().map(series).collect()
}

/// Requests of the last second, at each sample.
fn requests(numbers: &Numbers) -> Vec<Series> {
    let count = |gauges: &Gauges, kind: usize| gauges.requests.get(kind).copied().unwrap_or(0);
    let series = |(kind, (_, name)): (usize, &(_, &str))| {
        let mut points: Vec<(SimTime, i64)> = Vec::new();
        for (index, sample) in numbers.samples.iter().enumerate() {
            let earlier = &numbers.samples[..index];
            let base = earlier.iter().rev().find(|one| sample.at.since(one.at).0 >= RATE_OVER_US).or(earlier.first());
            let Some(base) = base else { continue };
            let (us, more) = (sample.at.since(base.at).0, count(sample, kind).saturating_sub(count(base, kind)));
            let rate = (more * 1_000_000 + us / 2).checked_div(us).unwrap_or(0);
            points.push((sample.at, i64::try_from(rate).unwrap_or(i64::MAX)));
        }
        let now = points.iter().rev().find(|(at, _)| *at <= numbers.now.at).map_or(0, |(_, rate)| *rate);
        Series {
            key: format!("requests-{}", name.to_ascii_lowercase()),
            name: (*name).to_owned(),
            hue: kind,
            lines: vec![Line { name: "requests a second".to_owned(), stroke: Stroke::Heavy, points, now }],
            subject: None,
        }
    };
    REQUEST_KINDS.iter().enumerate().map(series).collect()
}
