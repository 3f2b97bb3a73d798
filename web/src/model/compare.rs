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
    /// What only one of them told of one's own topics and of all else but internal ones.
    pub told: ToldOf,
    /// The same of internal topics.
    pub told_of_internal: ToldOf,
}

/// What only one branch told: the first thing, and the newest.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct ToldOf {
    /// Oldest first.
    pub told: Vec<ToldApart>,
    /// So many between the first and the others are left out.
    pub left_out: usize,
}

impl ToldOf {
    /// The first and the newest `most` of all.
    fn new(mut told: Vec<ToldApart>, most: usize) -> Self {
        let mut later = told.split_off(told.len().min(1));
        let left_out = later.len().saturating_sub(most);
        told.extend(later.split_off(left_out));
        Self { told, left_out }
    }

    /// Of one's own, and of internal topics: fifty partitions of offsets with another leader each would hide what differs of
    /// one's own.
    pub fn parts(all: Vec<ToldApart>, most: usize) -> (Self, Self) {
        let (internal, own) = all.into_iter().partition(|one| is_internal(&one.text));
        (Self::new(own, most), Self::new(internal, most))
    }
}

/// Whether a line of a comparison is about an internal topic or one of its partitions: a word of it names one.
pub fn is_internal(line: &str) -> bool {
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let topic = |word: &str| match word.rsplit_once('-') {
        Some((topic, number)) if is_number(number) => is_internal_topic(topic),
        _ => is_internal_topic(word),
    };
    line.split(' ').map(|word| word.trim_end_matches([',', '.', ':', ';'])).any(topic)
}

#[cfg(test)]
mod tests {
    use playground_core::time::SimTime;
    use playground_core::timeline::ToldApart;

    use super::{ToldOf, is_internal};

    #[test]
    fn a_line_is_internal_by_a_topic_that_it_names() {
        for line in [
            "__consumer_offsets-1",
            "103 appends __transaction_state-38 4..4",
            "topic __consumer_offsets is created: 50",
            "101 is elected leader of __consumer_offsets-11, epoch 2, ISR 101 (offline)",
        ] {
            assert!(is_internal(line), "{line}");
        }
        for line in ["trucks_gps-0", "x__consumer_offsets-0 has no leader", "group __consumer_offsets-x rebalances"] {
            assert!(!is_internal(line), "{line}");
        }
    }

    #[test]
    fn the_first_thing_is_kept_and_a_gap_is_told() {
        let told = |number: u64, of: &str| ToldApart {
            at: SimTime::from_ms(number),
            node: "101".into(),
            text: format!("{number} of {of}"),
            second: false,
        };
        let all = (0..10).map(|number| told(number, if number % 2 == 0 { "t-0" } else { "__consumer_offsets-0" }));
        let (own, internal) = ToldOf::parts(all.collect(), 2);
        let numbers = |of: &ToldOf| of.told.iter().map(|one| one.at.as_ms()).collect::<Vec<_>>();
        assert_eq!((numbers(&own), own.left_out), (vec![0, 6, 8], 2));
        assert_eq!((numbers(&internal), internal.left_out), (vec![1, 7, 9], 2));
        assert_eq!(ToldOf::parts(vec![told(0, "t-0")], 2).0.left_out, 0);
    }
}
