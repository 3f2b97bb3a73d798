//! Where each leader epoch begins in a log (`LeaderEpochFileCache`; KIP-101): how a follower finds
//! the last offset it has in common with its leader.

use std::rc::Rc;

/// The first offset written under a leader epoch.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct EpochEntry {
    /// The leader epoch.
    pub epoch: i32,
    /// Its first offset.
    pub start_offset: i64,
}

/// The epochs of one replica's log, oldest first; epochs and start offsets both strictly rise.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct LeaderEpochCache {
    entries: Rc<Vec<EpochEntry>>,
}

/// Neither epoch nor offset is known (`OffsetsForLeaderEpochResponse.UNDEFINED_EPOCH[_OFFSET]`).
pub const UNDEFINED: (i32, i64) = (-1, -1);

impl LeaderEpochCache {
    /// All entries, oldest first.
    pub fn entries(&self) -> &[EpochEntry] {
        &self.entries
    }

    /// Notes that `epoch` begins at `start_offset`. What contradicts it (the same or a later epoch,
    /// the same or a later offset) goes. False where nothing changed or an argument is negative.
    pub fn assign(&mut self, epoch: i32, start_offset: i64) -> bool {
        if epoch < 0 || start_offset < 0 {
            return false;
        }
        if self.entries.last().is_some_and(|last| last.epoch == epoch && start_offset >= last.start_offset) {
            return false;
        }
        let entries = Rc::make_mut(&mut self.entries);
        entries.retain(|entry| entry.epoch < epoch && entry.start_offset < start_offset);
        entries.push(EpochEntry { epoch, start_offset });
        true
    }

    /// The latest epoch.
    pub fn latest_epoch(&self) -> Option<i32> {
        self.entries.last().map(|entry| entry.epoch)
    }

    /// The answer to OffsetForLeaderEpoch: the greatest known epoch not above `epoch` and the offset
    /// that follows its last record; [`UNDEFINED`] where this log cannot tell.
    pub fn end_offset_for(&self, epoch: i32, log_end_offset: i64) -> (i32, i64) {
        let Some(latest) = self.entries.last() else { return UNDEFINED };
        if epoch < 0 || epoch > latest.epoch {
            return UNDEFINED;
        }
        if epoch == latest.epoch {
            return (epoch, log_end_offset);
        }
        let next = self.entries.partition_point(|entry| entry.epoch <= epoch);
        let found = next.checked_sub(1).and_then(|index| self.entries.get(index)).map_or(epoch, |entry| entry.epoch);
        self.entries.get(next).map_or(UNDEFINED, |entry| (found, entry.start_offset))
    }

    /// The epoch under which `offset` was written.
    pub fn epoch_for_offset(&self, offset: i64) -> Option<i32> {
        self.entries.iter().rev().find(|entry| entry.start_offset <= offset).map(|entry| entry.epoch)
    }

    /// The log was cut at `end_offset`: epochs that begin there or later are unknown again.
    pub fn truncate_from_end(&mut self, end_offset: i64) {
        if end_offset >= 0 && self.entries.last().is_some_and(|last| last.start_offset >= end_offset) {
            Rc::make_mut(&mut self.entries).retain(|entry| entry.start_offset < end_offset);
        }
    }

    /// The log now begins at `start_offset`: the epoch that holds this offset begins there.
    pub fn truncate_from_start(&mut self, start_offset: i64) {
        let passed = self.entries.partition_point(|entry| entry.start_offset <= start_offset);
        if passed == 0 {
            return;
        }
        let entries = Rc::make_mut(&mut self.entries);
        entries.drain(..passed - 1);
        if let Some(first) = entries.first_mut() {
            first.start_offset = start_offset;
        }
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.entries = Rc::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cache(entries: &[(i32, i64)]) -> LeaderEpochCache {
        let mut cache = LeaderEpochCache::default();
        for &(epoch, start_offset) in entries {
            cache.assign(epoch, start_offset);
        }
        cache
    }

    fn listed(cache: &LeaderEpochCache) -> Vec<(i32, i64)> {
        cache.entries().iter().map(|entry| (entry.epoch, entry.start_offset)).collect()
    }

    #[test]
    fn the_worked_example_of_end_offsets() {
        let cache = cache(&[(0, 0), (2, 100), (5, 180)]);
        let answers = [(0, (0, 100)), (1, (0, 100)), (2, (2, 180)), (3, (2, 180)), (5, (5, 250)), (6, UNDEFINED)];
        for (epoch, answer) in answers {
            assert_eq!(cache.end_offset_for(epoch, 250), answer, "epoch {epoch}");
        }
        assert_eq!(cache.end_offset_for(-1, 250), UNDEFINED);
    }

    #[test]
    fn a_later_assignment_wins() {
        assert_eq!(listed(&cache(&[(0, 0), (0, 5)])), [(0, 0)]);
        assert_eq!(listed(&cache(&[(0, 0), (1, 5), (2, 5)])), [(0, 0), (2, 5)]);
        assert_eq!(listed(&cache(&[(0, 0), (2, 10), (1, 5)])), [(0, 0), (1, 5)]);
        assert_eq!(listed(&cache(&[(0, 0), (-1, 5)])), [(0, 0)]);
    }

    #[test]
    fn truncation_keeps_the_epoch_that_holds_the_offset() {
        let all = cache(&[(0, 0), (1, 10), (2, 20)]);
        let mut end = all.clone();
        end.truncate_from_end(20);
        assert_eq!(listed(&end), [(0, 0), (1, 10)]);
        let mut start = all.clone();
        start.truncate_from_start(19);
        assert_eq!(listed(&start), [(1, 19), (2, 20)]);
        assert_eq!(all.epoch_for_offset(19), Some(1));
        assert_eq!(all.epoch_for_offset(-1), None);
    }
}
