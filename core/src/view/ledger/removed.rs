//! What rules took from the logs of a partition, by what it said and where it was. It grows with the chronicle.

use crate::collections::Order;
use crate::sim::Removal;
use crate::time::SimTime;
use crate::view::Removed;

/// A record that was taken away.
#[derive(Clone, Copy, Debug)]
struct One {
    digest: u64,
    offset: i64,
    /// When the last replica lost it.
    at: SimTime,
    by: Removed,
}

/// All that was taken away.
#[derive(Clone, Debug, Default)]
pub(super) struct RemovedRecords {
    /// How many removals are known.
    known: usize,
    /// By content and offset.
    all: Vec<One>,
}

impl RemovedRecords {
    /// Takes note of what is new; true if something is.
    pub(super) fn look(&mut self, removals: &[Removal]) -> bool {
        if removals.len() < self.known {
            // Of a topic that was deleted since.
            *self = Self::default();
        }
        let Some(new @ [_, ..]) = removals.get(self.known..) else { return false };
        for removal in new {
            let by = if removal.is_cleaning { Removed::Cleaner } else { Removed::Retention };
            let one = |record: &crate::log::RemovedRecord| One {
                digest: record.digest,
                offset: record.offset,
                at: removal.at,
                by,
            };
            self.all.extend(removal.records.iter().map(one));
        }
        // Every replica removes it: the last time counts, and comes last.
        self.all.order_by_key(|one| (one.digest, one.offset));
        self.all.reverse();
        self.all.dedup_by_key(|one| (one.digest, one.offset));
        self.all.reverse();
        self.known = removals.len();
        true
    }

    /// The offsets from which what says this was taken after that time, ascending, and by what.
    pub(super) fn of(&self, digest: u64, since: SimTime) -> impl Iterator<Item = (i64, Removed)> {
        let from = self.all.partition_point(|one| one.digest < digest);
        let same = self.all[from..].iter().take_while(move |one| one.digest == digest);
        same.filter(move |one| one.at >= since).map(|one| (one.offset, one.by))
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::*;
    use crate::log::RemovedRecord;

    fn removal(at_ms: u64, is_cleaning: bool, records: &[(i64, u64)]) -> Removal {
        let record =
            |(offset, digest): &(i64, u64)| RemovedRecord { offset: *offset, leader_epoch: 0, digest: *digest };
        Removal { at: SimTime::from_ms(at_ms), is_cleaning, records: Rc::new(records.iter().map(record).collect()) }
    }

    #[test]
    fn a_record_counts_once_however_many_replicas_removed_it_and_for_those_sent_before() {
        let mut removed = RemovedRecords::default();
        let mut removals = vec![removal(5, true, &[(0, 9), (1, 7)])];
        assert!(removed.look(&removals) && !removed.look(&removals));
        removals.push(removal(8, true, &[(0, 9), (2, 9)]));
        assert!(removed.look(&removals));
        let of = |digest, since| -> Vec<_> { removed.of(digest, SimTime::from_ms(since)).collect() };
        assert_eq!(of(9, 6), [(0, Removed::Cleaner), (2, Removed::Cleaner)]);
        assert_eq!(of(7, 0), [(1, Removed::Cleaner)]);
        assert!(of(7, 6).is_empty() && of(8, 0).is_empty() && of(9, 9).is_empty());
        assert!(removed.look(&[removal(20, false, &[(0, 9)])]), "another topic by now");
        let of: Vec<_> = removed.of(9, SimTime::ZERO).collect();
        assert_eq!(of, [(0, Removed::Retention)]);
    }
}
