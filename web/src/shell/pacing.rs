//! How much simulated time a frame covers.

use crate::decimal::Within;

/// A frame counts as at most this long, in ms: a tab that slept does not leap.
const FRAME_MAX_MS: f64 = 100.0;

/// So many frames are judged together.
const WINDOW: u32 = 30;

/// Turns wall-clock frames into whole simulated µs; what is left over is carried on.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Pacing {
    last_ms: Option<f64>,
    carry_us: f64,
    /// Frames of the window, and the µs that they asked for and got.
    window: (u32, u64, u64),
    share: Option<f64>,
}

impl Pacing {
    /// Simulated µs to run for the frame at `now_ms`, at `factor` simulated per real time.
    pub fn frame(&mut self, now_ms: f64, factor: f64) -> u64 {
        let passed = self.last_ms.map_or(0.0, |last| (now_ms - last).within(0.0, FRAME_MAX_MS));
        self.last_ms = Some(now_ms);
        let due = passed * 1000.0 * factor + self.carry_us;
        self.carry_us = due.fract();
        due as u64
    }

    /// What a frame has left over is let go.
    pub fn drop_rest(&mut self) {
        self.carry_us = 0.0;
    }

    /// A frame asked for so many simulated µs and got so many.
    pub fn count(&mut self, asked_us: u64, got_us: u64) {
        let (frames, asked, got) = self.window;
        self.window = (frames + 1, asked + asked_us, got + got_us.min(asked_us));
        if self.window.0 >= WINDOW {
            let (_, asked, got) = std::mem::take(&mut self.window);
            self.share = (asked > 0).then(|| got as f64 / asked as f64);
        }
    }

    /// The part of the speed that is reached, if it falls short.
    pub fn shortfall(&self) -> Option<f64> {
        self.share.filter(|share| *share < 0.95)
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
    fn a_cluster_that_cannot_keep_up_says_so() {
        let mut pacing = Pacing::default();
        (0..WINDOW).for_each(|_| pacing.count(1000, 1000));
        assert_eq!(pacing.shortfall(), None);
        (0..WINDOW).for_each(|_| pacing.count(1000, 250));
        assert_eq!(pacing.shortfall(), Some(0.25));
        (0..WINDOW - 1).for_each(|_| pacing.count(1000, 1000));
        assert_eq!(pacing.shortfall(), Some(0.25), "the window is not full yet");
        pacing.count(1000, 1000);
        assert_eq!(pacing.shortfall(), None);
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
