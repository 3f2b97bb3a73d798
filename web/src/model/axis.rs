//! The time axis: piecewise linear, long quiet gaps folded, so that a decisive moment of 20 ms after
//! 18 s of silence still has room.

use playground_core::collections::Order;
use std::rc::Rc;

use playground_core::time::SimTime;

use super::events::{EventKind, EventRow};
use super::knots;
use crate::decimal::Within;

/// A gap longer than this is drawn this long, in µs.
const GAP_MAX: f64 = 400_000.0;
/// A gap is labelled from this length on, in µs.
const GAP_LABELLED: u64 = 3_000_000;
/// Two events are at least this far apart on the axis, in µs.
const GAP_MIN: f64 = 12_000.0;
/// Marks nearer than this part of the axis yield to each other.
const MARK_ROOM: f64 = 0.03;

/// Ticks nearer than this part of the axis are one.
const TICK_ROOM: f64 = 0.008;

/// A mark on the axis.
#[derive(Clone, PartialEq, Debug)]
pub struct Mark {
    /// Part of the axis, 0 to 1.
    pub x: f64,
    /// Its glyph.
    pub kind: EventKind,
    /// A glyph, not a tick.
    pub major: bool,
    /// Hue, if it is about a partition.
    pub partition: Option<i32>,
    /// What a pointer is told.
    pub text: String,
}

/// A folded gap.
#[derive(Clone, PartialEq, Debug)]
pub struct Gap {
    /// Its middle.
    pub x: f64,
    /// Its length in words: `17.9 s`.
    pub text: String,
}

/// The axis of one branch at one moment.
#[derive(Clone, PartialEq, Debug)]
pub struct Axis {
    knots: Vec<(u64, f64)>,
    /// Folded gaps.
    pub gaps: Vec<Gap>,
    /// Events.
    pub marks: Vec<Mark>,
}

impl Axis {
    /// Lays out the events of a branch that has reached `end`.
    pub fn new(start: SimTime, end: SimTime, events: &[Rc<EventRow>]) -> Self {
        let mut times: Vec<u64> =
            events.iter().map(|event| event.at.0).filter(|at| *at > start.0 && *at < end.0).collect();
        times.push(end.0.max(start.0));
        times.dedup();
        let mut knots = vec![(start.0, 0.0)];
        let mut folded = Vec::new();
        let mut x = 0.0;
        let mut before = start.0;
        for at in times {
            if at <= before {
                continue;
            }
            let gap = at - before;
            let width = (gap as f64).sqrt() * 400.0;
            let width = width.within(GAP_MIN, GAP_MAX);
            if gap >= GAP_LABELLED {
                folded.push((x + width / 2.0, format!("{}.{} s", gap / 1_000_000, gap / 100_000 % 10)));
            }
            x += width;
            knots.push((at, x));
            before = at;
        }
        let whole = room(x);
        for knot in &mut knots {
            knot.1 /= whole;
        }
        let gaps = spread(folded.into_iter().map(|(x, text)| Gap { x: x / whole, text }).collect());
        let mut axis = Self { knots, gaps, marks: Vec::new() };
        axis.marks = axis.place(start, events);
        axis
    }

    /// Where a time is, 0 to 1.
    pub fn x(&self, at: SimTime) -> f64 {
        knots::place(&self.knots, at)
    }

    /// The time at a place of the axis.
    pub fn time(&self, x: f64) -> SimTime {
        SimTime(knots::time_us(&self.knots, x) as u64)
    }

    fn place(&self, start: SimTime, events: &[Rc<EventRow>]) -> Vec<Mark> {
        let mut candidates: Vec<&Rc<EventRow>> =
            events.iter().filter(|event| event.is_stop && event.at >= start).collect();
        // Later ones of a kind first: the newest is what a learner looks for.
        candidates.order_by_key(|event| (event.kind, std::cmp::Reverse(event.seq)));
        let mut taken: Vec<f64> = Vec::new();
        let mut ticks: Vec<f64> = Vec::new();
        let mut marks = Vec::new();
        for event in candidates {
            let x = self.x(event.at);
            let major = event.kind.is_major() && taken.iter().all(|other| (other - x).abs() >= MARK_ROOM);
            if major {
                taken.push(x);
            } else if ticks.iter().any(|other| (other - x).abs() < TICK_ROOM) {
                continue;
            } else {
                ticks.push(x);
            }
            let text = format!("{}: {}", event.at, event.text);
            marks.push(Mark { x, kind: event.kind, major, partition: event.partition, text });
        }
        marks.order_by(|a, b| a.x.total_cmp(&b.x));
        marks
    }
}

/// The whole axis for a used length: room to the right, growing in steps so that it does not crawl.
fn room(used: f64) -> f64 {
    let mut whole = 2_000_000.0;
    while whole < used * 1.06 {
        whole *= 1.3;
    }
    whole
}

/// Drops labels that would cover each other, the shorter gaps first.
fn spread(gaps: Vec<Gap>) -> Vec<Gap> {
    let mut kept: Vec<Gap> = Vec::new();
    for gap in gaps {
        if kept.last().is_none_or(|last| gap.x - last.x > 0.085) {
            kept.push(gap);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(at_ms: u64, kind: EventKind) -> Rc<EventRow> {
        Rc::new(EventRow::sample(at_ms, kind))
    }

    #[test]
    fn place_and_time_are_inverse_and_rise() {
        let events = [event(1200, EventKind::Record), event(1210, EventKind::Fault), event(19_000, EventKind::Session)];
        let axis = Axis::new(SimTime::from_ms(1000), SimTime::from_ms(20_000), &events);
        let mut last = -1.0;
        for ms in (1000..=20_000).step_by(37) {
            let x = axis.x(SimTime::from_ms(ms));
            assert!(x > last && x <= 1.0);
            let back = axis.time(x);
            assert!(back.0.abs_diff(ms * 1000) <= 2, "{ms} ms came back as {back}");
            last = x;
        }
    }

    #[test]
    fn a_long_silence_is_folded_and_named() {
        let events = [event(1000, EventKind::Fault), event(19_000, EventKind::Session)];
        let axis = Axis::new(SimTime::from_ms(900), SimTime::from_ms(19_020), &events);
        assert_eq!(axis.gaps.iter().map(|gap| gap.text.as_str()).collect::<Vec<_>>(), ["18.0 s"]);
        assert_eq!(axis.marks.len(), 2);
    }

    #[test]
    fn nothing_recorded_is_no_division_by_zero() {
        let axis = Axis::new(SimTime::from_ms(5), SimTime::from_ms(5), &[]);
        assert_eq!(axis.x(SimTime::from_ms(5)), 0.0);
        assert_eq!(axis.time(0.4), SimTime::from_ms(5));
    }

    #[test]
    fn glyphs_that_collide_yield_by_kind() {
        let events: Vec<_> =
            (0..40).map(|n| event(1000 + n, EventKind::Isr)).chain([event(1005, EventKind::Fault)]).collect();
        let axis = Axis::new(SimTime::from_ms(999), SimTime::from_ms(1050), &events);
        let fault = axis.marks.iter().find(|mark| mark.kind == EventKind::Fault).expect("the fault is drawn");
        assert!(fault.major);
    }
}
