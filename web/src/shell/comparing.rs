//! Keeps the other branch of a comparison beside the clock.

use playground_core::timeline::{Peek, Timeline};
use playground_core::view::differences;

use crate::model::Shared;
use crate::model::compare::{Comparison, ToldOf};
use crate::scene;

/// So many of the newest events that only one branch told are listed.
const TOLD_MAX: usize = 200;

/// The other branch, as far as the clock has gone.
#[derive(Debug, Default)]
pub struct Comparing {
    peek: Option<Peek>,
}

impl Comparing {
    /// The other branch at this moment, and what differs. `None` if there is none, or it is the one shown.
    pub fn compare(&mut self, timeline: &Timeline, branch: usize) -> Option<Comparison> {
        let own = timeline.active_branch();
        if branch == own {
            return None;
        }
        let now = timeline.now();
        let described = timeline.branches().into_iter().find(|one| one.id == branch)?;
        let mut peek = timeline.peek(branch, now, self.peek.take())?;
        let (first, second) = (timeline.view(), peek.view());
        let (told, told_of_internal) = ToldOf::parts(timeline.told_apart(own, branch, now), TOLD_MAX);
        let comparison = Comparison {
            branch,
            name: described.name,
            words: scene::describe(&second, &scene::SceneOptions::default()),
            parted: timeline.parting(own, branch)?.min(now),
            end: described.end,
            beyond: now > described.end,
            sums: (first.ledger.sums(), second.ledger.sums()),
            differences: differences(&first, &second),
            told,
            told_of_internal,
            view: Shared::from(second),
        };
        self.peek = Some(peek);
        Some(comparison)
    }

    /// Nothing is compared any more: the other branch's world need not be kept.
    pub fn forget(&mut self) {
        self.peek = None;
    }
}
