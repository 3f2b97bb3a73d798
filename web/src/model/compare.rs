//! Two branches side by side: the one that is shown, and another one at the same time.

use playground_core::time::SimTime;
use playground_core::timeline::ToldApart;
use playground_core::view::{ClusterView, Difference, LedgerSums};

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
