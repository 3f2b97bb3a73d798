//! Time on a line that folds silence: straight between knots. Both axes have it, the transport's and the message
//! diagram's; where their knots stand is their own affair.

use playground_core::time::SimTime;

/// Times in µs with their places, both rising.
pub type Knots = [(u64, f64)];

/// Where a time is; times outside stand at the ends.
pub fn place(knots: &Knots, at: SimTime) -> f64 {
    let after = knots.partition_point(|(time, _)| *time <= at.0);
    match (after.checked_sub(1).and_then(|index| knots.get(index)), knots.get(after)) {
        (Some((t0, x0)), Some((t1, x1))) => x0 + (x1 - x0) * ((at.0 - t0) as f64 / (t1 - t0) as f64),
        (Some((_, x)), None) | (None, Some((_, x))) => *x,
        (None, None) => 0.0,
    }
}

/// The time at a place, in µs.
pub fn time_us(knots: &Knots, x: f64) -> f64 {
    let after = knots.partition_point(|(_, place)| *place <= x);
    match (after.checked_sub(1).and_then(|index| knots.get(index)), knots.get(after)) {
        (Some((t0, x0)), Some((t1, x1))) => *t0 as f64 + (t1 - t0) as f64 * (x - x0) / (x1 - x0),
        (Some((time, _)), None) | (None, Some((time, _))) => *time as f64,
        (None, None) => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_and_times_are_each_others_inverse() {
        let knots = [(1_000, 0.0), (2_000, 10.0), (900_000, 20.0)];
        for at in [1_000, 1_500, 2_000, 451_000, 900_000] {
            assert!((time_us(&knots, place(&knots, SimTime(at))) - at as f64).abs() < 0.001);
        }
        assert_eq!((place(&knots, SimTime(0)), place(&knots, SimTime(1_000_000))), (0.0, 20.0));
        assert_eq!(time_us(&knots, -5.0), 1_000.0);
        assert_eq!((place(&[], SimTime(7)), time_us(&[], 3.0)), (0.0, 0.0));
    }
}
