//! Two branches side by side: the one that is shown, and another one at the same time.

use playground_core::time::SimTime;
use playground_core::timeline::ToldApart;
use playground_core::view::{ClusterView, Difference, LedgerSums, is_internal_topic};

use super::snapshot::Shared;

/// A side of the comparison.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Side {
    /// The branch that is shown, and acted on.
    #[default]
    First,
    /// The other one, only looked at.
    Second,
}

impl Side {
    /// For hooks and styles.
    pub fn name(self) -> &'static str {
        match self {
            Self::First => "a",
            Self::Second => "b",
        }
    }

    /// As it is written on the page.
    pub fn letter(self) -> &'static str {
        match self {
            Self::First => "A",
            Self::Second => "B",
        }
    }
}

/// What the second side shows, and what differs.
#[derive(Clone, PartialEq, Debug)]
pub struct Comparison {
    /// The number of the other branch.
    pub branch: usize,
    /// Its name.
    pub name: String,
    /// Its cluster at this moment.
    pub view: Shared<ClusterView>,
    /// The same in words.
    pub words: String,
    /// The last moment that both have.
    pub parted: SimTime,
    /// Where what was recorded of it ends.
    pub end: SimTime,
    /// This moment lies beyond its end.
    pub beyond: bool,
    /// Sums of both ledgers.
    pub sums: (LedgerSums, LedgerSums),
    /// What is not the same now.
    pub differences: Vec<Difference>,
    /// What only one of them told, oldest first.
    pub told: Vec<ToldApart>,
}

/// Whether a line of a comparison is about an internal topic or one of its partitions: a word of it names one.
pub fn is_internal(line: &str) -> bool {
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let topic = |word: &str| match word.rsplit_once('-') {
        Some((topic, number)) if is_number(number) => is_internal_topic(topic),
        _ => is_internal_topic(word),
    };
    line.split(' ').any(topic)
}

#[cfg(test)]
mod tests {
    use super::is_internal;

    #[test]
    fn a_line_is_internal_by_a_topic_that_it_names() {
        for line in [
            "__consumer_offsets-1",
            "103 appends __transaction_state-38 4..4",
            "topic __consumer_offsets is created: 50",
        ] {
            assert!(is_internal(line), "{line}");
        }
        for line in ["trucks_gps-0", "x__consumer_offsets-0 has no leader", "group __consumer_offsets-x rebalances"] {
            assert!(!is_internal(line), "{line}");
        }
    }
}
