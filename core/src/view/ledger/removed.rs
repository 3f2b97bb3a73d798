//! What was taken from the logs of a partition as somebody had told: by identity. It grows with the chronicle.

use crate::collections::Order;
use crate::sim::{Removal, Removed};
use crate::time::SimTime;

/// A record that was taken away.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct One {
    identity: u64,
    /// Where it was.
    pub(super) offset: i64,
    /// By what.
    pub(super) by: Removed,
    /// When.
    pub(super) at: SimTime,
}

/// All that was taken away.
#[derive(Clone, Debug, Default)]
pub(super) struct RemovedRecords {
    /// How many removals are known.
    known: usize,
    /// By identity and offset.
    all: Vec<One>,
    /// When a topic of this name was deleted last.
    topic_deleted_at: Option<SimTime>,
}

impl RemovedRecords {
    /// Takes note of what is new; true if something is.
    pub(super) fn look(&mut self, removals: &[Removal]) -> bool {
        let Some(new @ [_, ..]) = removals.get(self.known..) else { return false };
        for Removal { at, by, records } in new {
            self.all.extend(records.iter().map(|one| One {
                identity: one.identity,
                offset: one.offset,
                by: *by,
                at: *at,
            }));
            if *by == Removed::Topic {
                self.topic_deleted_at = Some(*at);
            }
        }
        // Every replica removes it, and what retention took is not taken again: what comes first counts.
        self.all.order_by_key(|one| (one.identity, one.offset));
        self.all.dedup_by_key(|one| (one.identity, one.offset));
        self.known = removals.len();
        true
    }

    /// Where this record was taken from, ascending, and by what: several places if it lay there more than once.
    pub(super) fn of(&self, identity: u64) -> &[One] {
        let from = self.all.partition_point(|one| one.identity < identity);
        let same = self.all[from..].iter().take_while(|one| one.identity == identity).count();
        &self.all[from..from + same]
    }

    /// The topic that it was sent to then is not there any more.
    pub(super) fn is_of_deleted_topic(&self, sent_at: SimTime) -> bool {
        self.topic_deleted_at.is_some_and(|at| sent_at <= at)
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::*;
    use crate::log::RemovedRecord;

    fn removal(at_ms: u64, by: Removed, records: &[(i64, u64)]) -> Removal {
        let record =
            |(offset, identity): &(i64, u64)| RemovedRecord { offset: *offset, leader_epoch: 0, identity: *identity };
        Removal { at: SimTime::from_ms(at_ms), by, records: Rc::new(records.iter().map(record).collect()) }
    }

    #[test]
    fn a_record_counts_once_however_many_replicas_removed_it() {
        let mut removed = RemovedRecords::default();
        let mut removals = vec![removal(5, Removed::Cleaner, &[(0, 9), (1, 7)])];
        assert!(removed.look(&removals) && !removed.look(&removals));
        removals.push(removal(8, Removed::Cleaner, &[(0, 9), (2, 8), (4, 9)]));
        removals.push(removal(9, Removed::Topic, &[(1, 7), (3, 6)]));
        assert!(removed.look(&removals));
        let of = |identity| removed.of(identity).iter().map(|one| (one.offset, one.by)).collect::<Vec<_>>();
        let cleaned = |offset| vec![(offset, Removed::Cleaner)];
        let wanted = [vec![], vec![(3, Removed::Topic)], cleaned(1), cleaned(2), vec![], vec![]];
        assert_eq!([5, 6, 7, 8, 10, 11].map(of), wanted);
        assert_eq!(of(9), [(0, Removed::Cleaner), (4, Removed::Cleaner)], "it lay there twice");
        let was_there = |ms| removed.is_of_deleted_topic(SimTime::from_ms(ms));
        assert!(was_there(9) && !was_there(10));
    }
}
