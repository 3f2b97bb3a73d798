//! How much simulated time a frame covers.

/// A frame counts as at most this long, in ms: a tab that slept does not leap.
const FRAME_MAX_MS: f64 = 100.0;

/// Turns wall-clock frames into whole simulated µs; what is left over is carried on.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Pacing {
    last_ms: Option<f64>,
    carry_us: f64,
}

impl Pacing {
    /// Simulated µs to run for the frame at `now_ms`, at `factor` simulated per real time.
    pub fn frame(&mut self, now_ms: f64, factor: f64) -> u64 {
        let passed = self.last_ms.map_or(0.0, |last| (now_ms - last).clamp(0.0, FRAME_MAX_MS));
        self.last_ms = Some(now_ms);
        let due = passed * 1000.0 * factor + self.carry_us;
        self.carry_us = due.fract();
        due as u64
    }

    /// What a frame has left over is let go.
    pub fn drop_rest(&mut self) {
        self.carry_us = 0.0;
    }

    /// The run pauses: the time until it goes on does not count.
    pub fn stop(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_lost_at_a_thousandth() {
        let mut pacing = Pacing::default();
        let mut all = 0;
        for frame in 0..=600 {
            all += pacing.frame(f64::from(frame) * 16.7, 0.001);
        }
        assert!((10_019..=10_021).contains(&all), "10 s at 1/1000 are 10 ms, found {all} us");
    }

    #[test]
    fn a_sleeping_tab_does_not_leap() {
        let mut pacing = Pacing::default();
        pacing.frame(0.0, 1.0);
        assert_eq!(pacing.frame(60_000.0, 1.0), 100_000);
        pacing.stop();
        assert_eq!(pacing.frame(90_000.0, 1.0), 0);
    }
}
