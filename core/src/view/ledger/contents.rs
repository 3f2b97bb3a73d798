//! The records of a partition, each identity under a number, and where the leader's log holds it. It grows with the log
//! instead of being read anew.

use std::rc::Rc;

use crate::ids::BrokerId;
use crate::log::{Log, RecordBatch};

/// A record's number, or a place of the log: one more than it, and 0 for none.
type Link = u32;

#[derive(Clone, Copy, Debug)]
struct Known {
    identity: u64,
    /// At which place the log holds it first and last.
    first: Link,
    last: Link,
}

/// A log as it was last seen.
#[derive(Clone, Debug)]
struct Seen {
    leader: BrokerId,
    last: Option<Rc<RecordBatch>>,
    first_base_offset: i64,
    log_start_offset: i64,
    size_in_bytes: u64,
}

impl Seen {
    fn has_beginning_of(&self, leader: BrokerId, log: &Log) -> bool {
        (self.leader, self.first_base_offset, self.log_start_offset)
            == (leader, first_base_offset(log), log.log_start_offset())
    }
}

/// What a look at the log has shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Looked {
    /// It is as it was.
    Same,
    /// It has got more at its end.
    Grown,
    /// It is another, or was cut.
    Other,
}

/// All that was sent to a partition or lies in it.
#[derive(Clone, Debug, Default)]
pub(super) struct Contents {
    all: Vec<Known>,
    /// Numbers by identity, in open addressing; never more than half full.
    table: Vec<Link>,
    log: Option<Seen>,
    /// For each place the next one with the same record. Places are offsets less the log's first one.
    at: Vec<Link>,
}

impl Contents {
    /// The number of a record.
    pub(super) fn number(&mut self, identity: u64) -> u32 {
        if self.table.len() <= self.all.len() * 2 {
            self.table = vec![0; (self.table.len() * 2).max(16)];
            for (number, known) in self.all.iter().enumerate() {
                let free = self.slot(known.identity);
                self.table[free] = link(number);
            }
        }
        let slot = self.slot(identity);
        if self.table[slot] == 0 {
            self.all.push(Known { identity, first: 0, last: 0 });
            self.table[slot] = self.all.len() as Link;
        }
        self.table[slot] - 1
    }

    /// The slot of an identity, or the free one where it belongs.
    fn slot(&self, identity: u64) -> usize {
        let mask = self.table.len() - 1;
        let mut at = (identity ^ (identity >> 32)) as usize & mask;
        while let Some(number) = self.table[at].checked_sub(1)
            && self.all[number as usize].identity != identity
        {
            at = (at + 1) & mask;
        }
        at
    }

    /// What the number stands for.
    pub(super) fn identity(&self, number: u32) -> u64 {
        self.all[number as usize].identity
    }

    /// The offsets at which the log holds it, ascending.
    pub(super) fn places(&self, number: u32) -> impl Iterator<Item = i64> {
        let base = self.base();
        let place = |link: Link| link.checked_sub(1).map(|place| place as usize);
        let first = place(self.all[number as usize].first);
        std::iter::successors(first, move |at| place(self.at[*at])).map(move |at| base + at as i64)
    }

    fn base(&self) -> i64 {
        self.log.as_ref().map_or(0, |seen| seen.first_base_offset)
    }

    /// Whose log it is.
    pub(super) fn leader(&self) -> Option<BrokerId> {
        self.log.as_ref().map(|seen| seen.leader)
    }

    /// Looks at the leader's log, or at none. If it has grown, the numbers of what it has got are told.
    pub(super) fn look(&mut self, log: Option<(BrokerId, &Log)>, got: &mut impl FnMut(u32)) -> Looked {
        let Some((leader, log)) = log else {
            if self.log.is_none() {
                return Looked::Same;
            }
            self.forget();
            return Looked::Other;
        };
        if self.is_of(leader, log) {
            Looked::Same
        } else if self.grow(leader, log, got) {
            Looked::Grown
        } else {
            self.forget();
            self.log = Some(Seen {
                leader,
                last: None,
                first_base_offset: first_base_offset(log),
                log_start_offset: log.log_start_offset(),
                size_in_bytes: log.size_in_bytes(),
            });
            self.count(log.batches(), &mut |_| {});
            Looked::Other
        }
    }

    fn forget(&mut self) {
        (self.log, self.at) = (None, Vec::new());
        for known in &mut self.all {
            (known.first, known.last) = (0, 0);
        }
    }

    fn count<'a>(&mut self, batches: impl Iterator<Item = &'a Rc<RecordBatch>>, got: &mut impl FnMut(u32)) {
        let (base, mut last) = (self.base(), None);
        for batch in batches {
            for record in batch.records.iter().filter(|_| !batch.is_control) {
                let Ok(place) = usize::try_from(batch.offset_of(record) - base) else { continue };
                let number = self.number(record.identity());
                got(number);
                self.at.resize(self.at.len().max(place + 1), 0);
                let known = &mut self.all[number as usize];
                match std::mem::replace(&mut known.last, link(place)).checked_sub(1) {
                    Some(before) => self.at[before as usize] = link(place),
                    None => known.first = link(place),
                }
            }
            last = Some(batch);
        }
        if let (Some(seen), Some(last)) = (&mut self.log, last) {
            seen.last = Some(last.clone());
        }
    }

    /// The log is as it was: batches are never changed, a log grows and is cut at its end, retention cuts its
    /// beginning, and cleaning makes it smaller.
    fn is_of(&self, leader: BrokerId, log: &Log) -> bool {
        self.log.as_ref().is_some_and(|seen| {
            seen.has_beginning_of(leader, log)
                && seen.size_in_bytes == log.size_in_bytes()
                && match (&seen.last, log.batches().next_back()) {
                    (Some(mine), Some(last)) => Rc::ptr_eq(mine, last),
                    (None, None) => true,
                    _ => false,
                }
        })
    }

    /// Takes what the log has got since; false if something else has happened to it.
    fn grow(&mut self, leader: BrokerId, log: &Log, got: &mut impl FnMut(u32)) -> bool {
        let Some(seen) = &mut self.log else { return false };
        let Some(last) = &seen.last else { return false };
        let is_there = log.batch_at(last.base_offset).is_some_and(|batch| Rc::ptr_eq(batch, last));
        if !is_there || !seen.has_beginning_of(leader, log) {
            return false;
        }
        let from = last.base_offset;
        let mut new: Vec<&Rc<RecordBatch>> = log.batches().rev().take_while(|batch| batch.base_offset > from).collect();
        new.reverse();
        seen.size_in_bytes += new.iter().map(|batch| batch.size_in_bytes()).sum::<u64>();
        let is_all = seen.size_in_bytes == log.size_in_bytes();
        if is_all {
            self.count(new.into_iter(), got);
        }
        is_all
    }
}

fn link(place: usize) -> Link {
    Link::try_from(place + 1).unwrap_or(0)
}

fn first_base_offset(log: &Log) -> i64 {
    log.segments().first().map_or(0, |segment| segment.base_offset())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::TopicPartition;
    use crate::log::{LogConfig, digest_of};

    fn append(log: &mut Log, values: &[&str]) {
        for value in values {
            let batch = RecordBatch::new(vec![(None, Some(value.as_bytes().into()), 1)]);
            assert!(log.append_as_leader(batch, 0, 1).is_ok());
        }
    }

    fn places(contents: &mut Contents, value: &str) -> Vec<i64> {
        let number = contents.number(digest_of(None, Some(value.as_bytes())));
        contents.places(number).collect()
    }

    #[test]
    fn the_log_is_known_record_by_record_however_it_changes() {
        let mut log = Log::new(TopicPartition::new("t", 0), LogConfig::default(), 1);
        let mut contents = Contents::default();
        append(&mut log, &["a", "b", "a"]);
        let look = |contents: &mut Contents, log: Option<&Log>| {
            let mut got = Vec::new();
            let looked = contents.look(log.map(|log| (101, log)), &mut |number| got.push(number));
            (looked, got)
        };
        assert_eq!(look(&mut contents, Some(&log)), (Looked::Other, vec![]));
        assert_eq!(look(&mut contents, Some(&log)), (Looked::Same, vec![]), "once it is known, it is");
        assert_eq!((places(&mut contents, "a"), places(&mut contents, "b")), (vec![0, 2], vec![1]));
        append(&mut log, &["a", "c"]);
        assert_eq!(look(&mut contents, Some(&log)), (Looked::Grown, vec![0, 2]), "it has grown");
        assert_eq!((places(&mut contents, "a"), places(&mut contents, "c")), (vec![0, 2, 3], vec![4]));
        assert!(log.truncate_to(2));
        append(&mut log, &["b"]);
        assert_eq!(look(&mut contents, Some(&log)), (Looked::Other, vec![]), "it was cut and goes on otherwise");
        assert_eq!((places(&mut contents, "a"), places(&mut contents, "b")), (vec![0], vec![1, 2]));
        assert_eq!(look(&mut contents, None), (Looked::Other, vec![]), "nobody leads");
        assert_eq!((places(&mut contents, "a"), look(&mut contents, None).0), (vec![], Looked::Same));
    }

    #[test]
    fn every_record_keeps_its_number_however_many_there_are() {
        let mut contents = Contents::default();
        let identity = |number: u64| number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        for round in 0..2 {
            for number in 0..1_000 {
                assert_eq!(contents.number(identity(number)), number as u32, "round {round}");
            }
        }
        assert!((0..1_000).all(|number| contents.identity(number) == identity(u64::from(number))));
        assert!(contents.places(999).next().is_none());
        assert_eq!(contents.look(None, &mut |_| {}), Looked::Same);
    }
}
