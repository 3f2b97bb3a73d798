//! Spans of time as the page writes them within a line.

use playground_core::time::SimDuration;

/// `40 ms`, `11.2 s`.
pub fn in_short(span: SimDuration) -> String {
    match span.as_ms() {
        ms @ 0..=99 => format!("{ms} ms"),
        ms => format!("{}.{} s", ms / 1000, ms / 100 % 10),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_short_is_told_in_milliseconds() {
        assert_eq!(
            [0, 99, 100, 11_240].map(|ms| in_short(SimDuration::from_ms(ms))),
            ["0 ms", "99 ms", "0.1 s", "11.2 s"]
        );
    }
}
