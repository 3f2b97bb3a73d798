//! What lies outside of the cluster and survives every crash of its processes: what applications have
//! done with the records, and the stores that they write to.
//!
//! A record is known by its place and its identity, since an offset may be taken again after a loss.

use crate::collections::{BTreeMap, to_write};
use std::rc::Rc;

use crate::ids::{Name, TopicPartition};
use crate::machine::Processed;

/// Offsets of one chunk: a clone of the world copies pointers, and only chunks that change are copied.
const CHUNK_OFFSETS: i64 = 64;

/// What a group has done with one record.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Done {
    /// The record's offset.
    pub offset: i64,
    /// Which record it is: [`crate::log::Record::identity`].
    pub identity: u64,
    /// How often it was processed. In a transaction only what was committed counts.
    pub times: u32,
    /// Rows of it in the group's store.
    pub rows: u32,
}

/// [`Done`] as it is kept, for every record and group: a third smaller.
#[derive(Clone, Copy, Debug)]
struct Kept {
    identity: u64,
    times: u32,
    /// Rows, and in the lowest bits the record's place among the offsets of its chunk.
    rows_and_place: u32,
}

/// Bits for a place among [`CHUNK_OFFSETS`].
const PLACE_BITS: u32 = CHUNK_OFFSETS.trailing_zeros();
/// More rows of one record are not counted.
const ROWS_MAX: u32 = u32::MAX >> PLACE_BITS;

impl Kept {
    fn new(offset: i64, identity: u64) -> Self {
        Self { identity, times: 0, rows_and_place: place_of(offset) }
    }

    fn place(self) -> u32 {
        self.rows_and_place & (CHUNK_OFFSETS as u32 - 1)
    }

    fn rows(self) -> u32 {
        self.rows_and_place >> PLACE_BITS
    }

    fn set_rows(&mut self, rows: u32) {
        self.rows_and_place = rows.min(ROWS_MAX) << PLACE_BITS | self.place();
    }

    fn done(self, chunk: i64) -> Done {
        let offset = chunk * CHUNK_OFFSETS + i64::from(self.place());
        Done { offset, identity: self.identity, times: self.times, rows: self.rows() }
    }
}

fn chunk_of(offset: i64) -> i64 {
    offset.div_euclid(CHUNK_OFFSETS)
}

fn place_of(offset: i64) -> u32 {
    offset.rem_euclid(CHUNK_OFFSETS) as u32
}

type Chunks = BTreeMap<i64, Rc<Vec<Kept>>>;

/// What a transaction will have done if it is committed.
#[derive(Clone, Debug)]
struct Undecided {
    group: Name,
    processed: Processed,
}

// Simplified: a store takes no time and never fails.

/// All groups; a consumer without one counts as one of its own ([`crate::consumer::Consumer::works_for`]).
#[derive(Clone, Debug, Default)]
pub struct Outside {
    groups: BTreeMap<Name, BTreeMap<TopicPartition, Chunks>>,
    /// Records processed, over all groups.
    counts: BTreeMap<TopicPartition, u64>,
    /// In open transactions, by producer id and epoch.
    open: BTreeMap<(i64, i16), Vec<Undecided>>,
    /// In those whose commit is asked for: a decision that is told (again) earlier is about another one.
    asked: BTreeMap<(i64, i16), Vec<Undecided>>,
}

impl Outside {
    /// An application has processed a record.
    pub(super) fn process(&mut self, group: &Name, processed: Processed) {
        match processed.producer {
            Some(producer) => {
                let undecided = Undecided { group: group.clone(), processed };
                self.open.entry(producer).or_default().push(undecided);
            }
            None => self.count(group, &processed),
        }
    }

    /// The transaction of this producer is decided: what was done in it counts, or never was. What was
    /// done in older epochs never will be.
    pub(super) fn decided(&mut self, producer_id: i64, producer_epoch: i16, committed: bool) {
        let of_older = (producer_id, i16::MIN)..=(producer_id, producer_epoch);
        let over: Vec<(i64, i16)> = self.asked.range(of_older).map(|(key, _)| *key).collect();
        for key in over {
            let all = self.asked.remove(&key).unwrap_or_default();
            for Undecided { group, processed } in all.into_iter().filter(|_| committed && key.1 == producer_epoch) {
                self.count(&group, &processed);
            }
        }
        self.open.retain(|(id, epoch), _| *id != producer_id || *epoch >= producer_epoch);
    }

    /// The producer has given its open transaction up.
    pub(super) fn abandon(&mut self, producer_id: i64, producer_epoch: i16) {
        self.open.remove(&(producer_id, producer_epoch));
        self.asked.remove(&(producer_id, producer_epoch));
    }

    /// The producer asks for the commit of its open transaction.
    pub(super) fn ask_commit(&mut self, producer_id: i64, producer_epoch: i16) {
        let key = (producer_id, producer_epoch);
        let all = self.open.remove(&key).unwrap_or_default();
        self.asked.insert(key, all);
    }

    fn count(&mut self, group: &Name, processed: &Processed) {
        *self.counts.entry(processed.tp.clone()).or_default() += 1;
        let partitions = self.groups.entry(group.clone()).or_default();
        let chunks = partitions.entry(processed.tp.clone()).or_default();
        let chunk = chunks.entry(chunk_of(processed.offset)).or_default();
        let chunk = to_write(chunk, CHUNK_OFFSETS as usize);
        let key = (place_of(processed.offset), processed.identity);
        let at = match chunk.binary_search_by_key(&key, |kept| (kept.place(), kept.identity)) {
            Ok(at) => at,
            Err(at) => {
                chunk.insert(at, Kept::new(processed.offset, processed.identity));
                at
            }
        };
        if processed.idempotent {
            // The store knows the place only: whatever was written under it before is replaced.
            chunk.iter_mut().filter(|kept| kept.place() == key.0).for_each(|kept| kept.set_rows(0));
        }
        if let Some(kept) = chunk.get_mut(at) {
            kept.times += 1;
            kept.set_rows(kept.rows() + 1);
        }
    }

    /// Groups that have processed something.
    pub fn groups(&self) -> impl Iterator<Item = &Name> {
        self.groups.keys()
    }

    /// How many records of a partition were processed, over all groups.
    pub fn count_of(&self, tp: &TopicPartition) -> u64 {
        self.counts.get(tp).copied().unwrap_or(0)
    }

    /// Everything that a group has done with a partition, by offset.
    pub fn of(&self, group: &Name, tp: &TopicPartition) -> impl Iterator<Item = Done> {
        let chunks = self.groups.get(group).and_then(|partitions| partitions.get(tp));
        chunks.into_iter().flat_map(BTreeMap::iter).flat_map(|(chunk, all)| all.iter().map(|kept| kept.done(*chunk)))
    }

    /// What a group has done with the records of a partition.
    pub fn done_by(&self, group: &Name, tp: &TopicPartition) -> DoneBy<'_> {
        DoneBy(self.groups.get(group).and_then(|partitions| partitions.get(tp)))
    }
}

/// What a group has done with the records of a partition.
#[derive(Clone, Copy, Debug)]
pub struct DoneBy<'a>(Option<&'a Chunks>);

impl DoneBy<'_> {
    /// How much was processed from an offset on, up to the next that is told; ascending.
    pub fn counts(&self) -> impl Iterator<Item = (i64, u64)> {
        let times = |chunk: &[Kept]| chunk.iter().map(|kept| u64::from(kept.times)).sum();
        let chunks = self.0.into_iter().flat_map(BTreeMap::iter);
        chunks.map(move |(number, chunk)| (number * CHUNK_OFFSETS, times(chunk)))
    }

    /// With one record.
    pub fn with(&self, offset: i64, identity: u64) -> Option<Done> {
        let number = chunk_of(offset);
        let key = (place_of(offset), identity);
        let is_it = |kept: &&Kept| (kept.place(), kept.identity) == key;
        let chunks = self.0?;
        // Who has processed all from the first on has each in its own place.
        let chunk = chunks.at(number as usize).filter(|(own, _)| **own == number).map(|(_, chunk)| chunk);
        let chunk = chunk.or_else(|| chunks.get(&number))?;
        let kept = chunk.get(key.0 as usize).filter(is_it).or_else(|| {
            let at = chunk.binary_search_by_key(&key, |kept| (kept.place(), kept.identity)).ok()?;
            chunk.get(at)
        })?;
        Some(kept.done(number))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn processed(offset: i64, identity: u64, idempotent: bool, producer: Option<(i64, i16)>) -> Processed {
        Processed { tp: TopicPartition::new("t", 0), offset, identity, idempotent, producer }
    }

    fn counts(outside: &Outside, group: &str) -> Vec<(i64, u32, u32)> {
        let tp = TopicPartition::new("t", 0);
        outside.of(&group.into(), &tp).map(|done| (done.offset, done.times, done.rows)).collect()
    }

    #[test]
    fn a_plain_store_keeps_every_row_and_an_idempotent_one_a_row_for_each_place() {
        let mut outside = Outside::default();
        for _ in 0..2 {
            outside.process(&"plain".into(), processed(300, 1, false, None));
            outside.process(&"keyed".into(), processed(300, 1, true, None));
        }
        assert_eq!(counts(&outside, "plain"), [(300, 2, 2)]);
        assert_eq!(counts(&outside, "keyed"), [(300, 2, 1)]);
        // Another record at the same place takes the row of the first.
        outside.process(&"keyed".into(), processed(300, 2, true, None));
        assert_eq!(counts(&outside, "keyed"), [(300, 2, 0), (300, 1, 1)]);
    }

    #[test]
    fn what_was_done_in_a_transaction_counts_when_it_is_committed() {
        let mut outside = Outside::default();
        outside.process(&"g".into(), processed(0, 1, false, Some((7, 0))));
        assert_eq!(counts(&outside, "g"), []);
        outside.abandon(7, 0);
        // Of two epochs of a producer id the older is shut out.
        outside.process(&"g".into(), processed(0, 1, false, Some((7, 0))));
        outside.process(&"g".into(), processed(0, 1, false, Some((7, 1))));
        outside.decided(7, 1, true);
        assert_eq!(counts(&outside, "g"), []);
        outside.ask_commit(7, 1);
        outside.decided(7, 1, true);
        outside.decided(7, 1, true);
        outside.decided(7, 0, true);
        assert_eq!(counts(&outside, "g"), [(0, 1, 1)]);
    }
}
