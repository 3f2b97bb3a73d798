//! What a piece of work costs: the processor's time where the system tells it (Linux), so that
//! neighbours on the machine do not count; elsewhere the time that passed.

use std::time::{Duration, Instant};

/// A started stopwatch.
pub struct Stopwatch {
    started: Instant,
    processor: Option<Duration>,
}

impl Stopwatch {
    /// Starts.
    pub fn start() -> Self {
        Self { started: Instant::now(), processor: processor_time() }
    }

    /// Seconds since the start.
    pub fn seconds(&self) -> f64 {
        let spent = self.processor.zip(processor_time()).map(|(before, now)| now.saturating_sub(before));
        spent.unwrap_or_else(|| self.started.elapsed()).as_secs_f64()
    }
}

/// Nanoseconds that this thread has run (first number of `schedstat`).
fn processor_time() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split_whitespace().next()?.parse().ok().map(Duration::from_nanos)
}

/// Which of the two clocks [`Stopwatch`] reads here.
pub fn name() -> &'static str {
    if processor_time().is_some() { "processor time of one thread" } else { "time on the wall" }
}

/// The middle value.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
