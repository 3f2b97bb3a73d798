//! The time axis of the diagram: piecewise linear, silence folded.

use playground_core::collections::Order;
use playground_core::time::SimTime;

use crate::model::knots;

/// A silence longer than this, in ms, takes no more room than this.
const FOLDED_MS: f64 = 45.0;
/// From here on a folded silence is shaded and its length written, in µs.
const TOLD_US: u64 = 100_000;

/// A folded silence.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Quiet {
    /// Where it begins, in px.
    pub left: f64,
    /// And ends.
    pub right: f64,
    /// How long it is, in µs.
    pub us: u64,
}

/// Time to px and back.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Axis {
    knots: Vec<(u64, f64)>,
    /// Folded silences.
    pub quiet: Vec<Quiet>,
}

/// How much room a stretch between two neighbouring moments takes.
fn room(us: u64, even: bool) -> f64 {
    let ms = us as f64 / 1000.0;
    if even || ms <= 2.0 { ms.max(0.08) } else { 2.0 + 0.8 * (ms.min(FOLDED_MS) / 2.0).ln() }
}

impl Axis {
    /// An axis from `left`, `width` px wide, on which each of `moments` can be told from its neighbours.
    pub fn new(from: SimTime, until: SimTime, moments: &[SimTime], left: f64, width: f64, even: bool) -> Self {
        let mut times: Vec<u64> =
            moments.iter().map(|at| at.0).filter(|at| *at > from.0 && *at < until.0).chain([from.0, until.0]).collect();
        times.order();
        times.dedup();
        let mut knots = Vec::with_capacity(times.len());
        let mut sum = 0.0;
        let mut before = from.0;
        for at in times {
            sum += if at == before { 0.0 } else { room(at - before, even) };
            knots.push((at, sum));
            before = at;
        }
        let scale = if sum > 0.0 { width / sum } else { 0.0 };
        for knot in &mut knots {
            knot.1 = left + knot.1 * scale;
        }
        let told = |pair: &[(u64, f64)]| {
            let [(t0, x0), (t1, x1)] = pair else { return None };
            (t1 - t0 >= TOLD_US && !even).then_some(Quiet { left: *x0, right: *x1, us: t1 - t0 })
        };
        let quiet = knots.windows(2).filter_map(told).collect();
        Self { knots, quiet }
    }

    /// Where a time is; times outside stand at the ends.
    pub fn x(&self, at: SimTime) -> f64 {
        knots::place(&self.knots, at)
    }

    /// The time at a place.
    pub fn time(&self, x: f64) -> SimTime {
        SimTime(knots::time_us(&self.knots, x).round() as u64)
    }

    /// True if nothing worth a line lies between two places.
    pub fn is_silent(&self, from: f64, to: f64) -> bool {
        let knot = self.knots.partition_point(|(_, x)| *x <= from + 0.5);
        self.knots.get(knot).is_none_or(|(_, x)| *x >= to - 0.5)
    }

    /// Moments that are worth writing below, each `apart` px from the one before: what comes after a
    /// silence first.
    pub fn ticks(&self, apart: f64, right: f64) -> Vec<(f64, SimTime)> {
        let after_silence = |index: usize| {
            let before = index.checked_sub(1).and_then(|before| self.knots.get(before));
            before.is_none_or(|before| self.knots.get(index).is_some_and(|knot| knot.0 - before.0 >= TOLD_US))
        };
        let mut ticks: Vec<(f64, SimTime)> = Vec::new();
        for wanted in [true, false] {
            for (index, (at, x)) in self.knots.iter().enumerate() {
                let free = ticks.iter().all(|(other, _)| (other - x).abs() >= apart) && *x <= right - apart / 2.0;
                if free && after_silence(index) == wanted {
                    ticks.push((*x, SimTime(*at)));
                }
            }
        }
        ticks.order_by(|one, other| one.0.total_cmp(&other.0));
        ticks
    }
}
