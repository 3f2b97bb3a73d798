//! How fast simulated time passes against the clock on the wall.

use crate::decimal::decimal;

/// The steps of the slider, as (numerator, denominator): 1/1000 to 100.
pub const SPEEDS: [(u32, u32); 11] =
    [(1, 1000), (1, 300), (1, 100), (1, 30), (1, 10), (1, 3), (1, 1), (3, 1), (10, 1), (30, 1), (100, 1)];

/// A message is on its way for about a millisecond, so at a thousandth for about a second.
pub const DEFAULT_SPEED: usize = 0;

/// Quiet time (nothing under way but copying and heartbeats) may pass this much faster.
const QUIET_FACTOR: f64 = 4000.0;
/// … but never faster than real time times this.
const QUIET_MAX: f64 = 8.0;

/// Simulated per real time of a step of the slider.
pub fn factor(step: usize) -> f64 {
    let (numerator, denominator) = SPEEDS[step.min(SPEEDS.len() - 1)];
    f64::from(numerator) / f64::from(denominator)
}

/// The same while nothing happens.
pub fn quiet_factor(step: usize) -> f64 {
    let normal = factor(step);
    normal.max((normal * QUIET_FACTOR).min(QUIET_MAX))
}

/// `1/100 speed`, `real time`, `10x speed`.
pub fn text(step: usize) -> String {
    match SPEEDS[step.min(SPEEDS.len() - 1)] {
        (1, 1) => "real time".into(),
        (n, 1) => format!("{n}x speed"),
        (n, d) => format!("{n}/{d} speed"),
    }
}

/// What it says where this machine does not keep up: `100x speed, reached 37x`.
pub fn achieved_text(step: usize, share: f64) -> String {
    let reached = factor(step) * share;
    match reached {
        whole if whole >= 10.0 => format!("{}, reached {}x", text(step), decimal(whole, 0)),
        some if some >= 0.1 => format!("{}, reached {}x", text(step), decimal(some, 1)),
        little => format!("{}, reached 1/{}", text(step), decimal(1.0 / little.max(1e-6), 0)),
    }
}

/// What it says while quiet time is passed over.
pub fn quiet_text(step: usize) -> String {
    let quiet = quiet_factor(step);
    if quiet > factor(step) { format!("quiet: {}x speed", decimal(quiet, 0)) } else { text(step) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_rise_and_read_well() {
        for step in 1..SPEEDS.len() {
            assert!(factor(step) > factor(step - 1));
            assert!(quiet_factor(step) >= factor(step));
        }
        assert_eq!(text(0), "1/1000 speed");
        assert_eq!(text(6), "real time");
        assert_eq!(text(10), "100x speed");
        assert_eq!(text(99), "100x speed", "beyond the end is the last");
    }
}
