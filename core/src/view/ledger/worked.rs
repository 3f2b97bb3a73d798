//! What groups had done with a partition when its records were judged last: committed offsets, and how much was processed
//! of each stretch of offsets.

use crate::ids::{Name, TopicPartition};
use crate::sim::Outside;

/// What all groups had done.
#[derive(Clone, Debug, Default)]
pub(super) struct Worked {
    committed: Vec<(Name, i64)>,
    /// How much was processed, over all groups.
    count: u64,
    /// Of each group: how much from an offset on, up to the next.
    processed: Vec<(Name, Vec<(i64, u64)>)>,
}

impl Worked {
    /// What each group has committed.
    pub(super) fn committed(&self) -> &[(Name, i64)] {
        &self.committed
    }

    /// A group has committed this offset: the lowest one of which it has committed another than it had.
    pub(super) fn commit(&mut self, group: &Name, offset: i64) -> Option<i64> {
        match self.committed.iter_mut().find(|(id, _)| id == group) {
            Some((_, known)) if *known == offset => None,
            Some((_, known)) => Some(std::mem::replace(known, offset).min(offset)),
            None => {
                self.committed.push((group.clone(), offset));
                Some(i64::MIN)
            }
        }
    }

    /// Groups other than these have committed nothing any more. True if one had.
    pub(super) fn keep_committed(&mut self, is_there: impl Fn(&Name) -> bool) -> bool {
        let known = self.committed.len();
        self.committed.retain(|(group, _)| is_there(group));
        self.committed.len() < known
    }

    /// The lowest offset from which on more was processed than was known.
    pub(super) fn process(&mut self, outside: &Outside, tp: &TopicPartition) -> Option<i64> {
        let count = outside.count_of(tp);
        if std::mem::replace(&mut self.count, count) == count {
            return None;
        }
        let mut lowest = None::<i64>;
        for group in outside.groups() {
            let at = self.processed.iter().position(|(id, _)| id == group).unwrap_or_else(|| {
                self.processed.push((group.clone(), Vec::new()));
                self.processed.len() - 1
            });
            let known = &mut self.processed[at].1;
            let stretches = outside.done_by(group, tp);
            let same = stretches.counts().zip(known.iter()).take_while(|(now, known)| now == *known).count();
            known.truncate(same);
            known.extend(stretches.counts().skip(same));
            // A stretch that is new before a known one has a lower offset than it.
            let changed = known.get(same).map(|(offset, _)| *offset);
            lowest = changed.map(|changed| lowest.map_or(changed, |lowest| lowest.min(changed))).or(lowest);
        }
        lowest
    }
}
