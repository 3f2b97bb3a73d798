//! What the records of a partition say, each content under a number, and where the leader's log holds it. It grows
//! with the log instead of being read anew. Few records say the same, or thousands do: both are found at once.

use std::rc::Rc;

use crate::collections::{BTreeMap, Order};
use crate::ids::BrokerId;
use crate::log::{Log, RecordBatch};

/// A number of what is said, or a place of the log: one more than it, and 0 for none.
type Link = u32;

#[derive(Clone, Copy, Debug)]
struct Content {
    digest: u64,
    /// How often it was sent.
    sent: u32,
    /// How often the log holds it, at which place first and last.
    held: u32,
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

/// Where a record is that none was told of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Left {
    At(i64),
    /// It was there and was taken away.
    Gone(i64),
    Nowhere,
}

/// All that was sent to a partition or lies in it.
#[derive(Clone, Debug, Default)]
pub(super) struct Contents {
    all: Vec<Content>,
    /// Numbers by digest, in open addressing; never more than half full.
    table: Vec<Link>,
    log: Option<Seen>,
    /// What lies at each place, and the next place with the same. Places are offsets less the log's first one.
    at: Vec<(Link, Link)>,
}

impl Contents {
    /// The number of what is said.
    pub(super) fn number(&mut self, digest: u64) -> u32 {
        if self.table.len() <= self.all.len() * 2 {
            self.table = vec![0; (self.table.len() * 2).max(16)];
            for (number, content) in self.all.iter().enumerate() {
                let free = self.slot(content.digest);
                self.table[free] = link(number);
            }
        }
        let slot = self.slot(digest);
        if self.table[slot] == 0 {
            self.all.push(Content { digest, sent: 0, held: 0, first: 0, last: 0 });
            self.table[slot] = self.all.len() as Link;
        }
        self.table[slot] - 1
    }

    /// The slot of a digest, or the free one where it belongs.
    fn slot(&self, digest: u64) -> usize {
        let mask = self.table.len() - 1;
        let mut at = (digest ^ (digest >> 32)) as usize & mask;
        while let Some(number) = self.table[at].checked_sub(1)
            && self.all[number as usize].digest != digest
        {
            at = (at + 1) & mask;
        }
        at
    }

    /// What the number stands for.
    pub(super) fn digest(&self, number: u32) -> u64 {
        self.all[number as usize].digest
    }

    /// It was sent once more.
    pub(super) fn send(&mut self, number: u32) {
        self.all[number as usize].sent += 1;
    }

    /// One that was sent has nothing to do with this log.
    pub(super) fn take_back(&mut self, number: u32) {
        let sent = &mut self.all[number as usize].sent;
        *sent = sent.saturating_sub(1);
    }

    /// It was sent more than once.
    pub(super) fn is_sent_again(&self, number: u32) -> bool {
        self.all[number as usize].sent > 1
    }

    /// The log holds it more often than it was sent.
    pub(super) fn is_duplicated(&self, number: u32) -> bool {
        let content = self.all[number as usize];
        content.held > content.sent.max(1)
    }

    /// The offsets at which the log holds it, ascending.
    pub(super) fn places(&self, number: u32) -> impl Iterator<Item = i64> {
        let base = self.base();
        let place = |link: Link| link.checked_sub(1).map(|place| place as usize);
        let first = place(self.all[number as usize].first);
        std::iter::successors(first, move |at| place(self.at[*at].1)).map(move |at| base + at as i64)
    }

    /// For each of these records, what it says and where it was acknowledged, in order: the next place of the log with
    /// the same that none was acknowledged at, for those that were not. `gone` says the same of places that were
    /// taken away, which came before those that are there.
    pub(super) fn left_over(&self, records: &[(u32, Option<i64>)], gone: impl Fn(u64) -> Vec<i64>) -> Vec<Left> {
        if records.iter().all(|(_, offset)| offset.is_some()) {
            return Vec::new();
        }
        let base = self.base();
        let mut is_claimed = vec![false; self.at.len()];
        for (number, offset) in records {
            if let Some(offset) = offset.filter(|offset| self.is_at(*number, *offset)) {
                is_claimed[(offset - base) as usize] = true;
            }
        }
        let mut told: Vec<(u32, Option<i64>)> =
            records.iter().filter(|(_, offset)| offset.is_some()).copied().collect();
        told.order();
        let mut next: BTreeMap<u32, (Vec<i64>, Link)> = BTreeMap::new();
        let mut left = Vec::new();
        for (number, _) in records.iter().filter(|(_, offset)| offset.is_none()) {
            let content = self.all[*number as usize];
            let (gone, next) = next.entry(*number).or_insert_with(|| {
                let mut gone = gone(content.digest);
                gone.retain(|offset| told.binary_search(&(*number, Some(*offset))).is_err());
                gone.reverse();
                (gone, content.first)
            });
            if let Some(offset) = gone.pop() {
                left.push(Left::Gone(offset));
                continue;
            }
            left.push(loop {
                let Some(place) = next.checked_sub(1) else { break Left::Nowhere };
                *next = self.at[place as usize].1;
                if !is_claimed[place as usize] {
                    break Left::At(base + i64::from(place));
                }
            });
        }
        left
    }

    fn base(&self) -> i64 {
        self.log.as_ref().map_or(0, |seen| seen.first_base_offset)
    }

    /// The log holds it there.
    pub(super) fn is_at(&self, number: u32, offset: i64) -> bool {
        self.at.get((offset - self.base()) as usize).is_some_and(|(own, _)| *own == number + 1)
    }

    /// Whose log it is.
    pub(super) fn leader(&self) -> Option<BrokerId> {
        self.log.as_ref().map(|seen| seen.leader)
    }

    /// Looks at the leader's log, or at none. True if it is not as it was.
    pub(super) fn look(&mut self, log: Option<(BrokerId, &Log)>) -> bool {
        let Some((leader, log)) = log else {
            let was = self.log.is_some();
            if was {
                self.forget();
            }
            return was;
        };
        if self.is_of(leader, log) {
            return false;
        }
        if !self.grow(leader, log) {
            self.forget();
            self.log = Some(Seen {
                leader,
                last: None,
                first_base_offset: first_base_offset(log),
                log_start_offset: log.log_start_offset(),
                size_in_bytes: log.size_in_bytes(),
            });
            self.count(log.batches());
        }
        true
    }

    fn forget(&mut self) {
        (self.log, self.at) = (None, Vec::new());
        for content in &mut self.all {
            (content.held, content.first, content.last) = (0, 0, 0);
        }
    }

    fn count<'a>(&mut self, batches: impl Iterator<Item = &'a Rc<RecordBatch>>) {
        let (base, mut last) = (self.base(), None);
        for batch in batches {
            for record in batch.records.iter().filter(|_| !batch.is_control) {
                let Ok(place) = usize::try_from(batch.offset_of(record) - base) else { continue };
                let number = self.number(record.digest());
                self.at.resize(self.at.len().max(place + 1), (0, 0));
                self.at[place].0 = number + 1;
                let content = &mut self.all[number as usize];
                content.held += 1;
                match std::mem::replace(&mut content.last, link(place)).checked_sub(1) {
                    Some(before) => self.at[before as usize].1 = link(place),
                    None => content.first = link(place),
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
    fn grow(&mut self, leader: BrokerId, log: &Log) -> bool {
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
            self.count(new.into_iter());
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
    fn the_log_is_known_by_content_however_it_changes() {
        let mut log = Log::new(TopicPartition::new("t", 0), LogConfig::default(), 1);
        let mut contents = Contents::default();
        append(&mut log, &["a", "b", "a"]);
        assert!(contents.look(Some((101, &log))) && !contents.look(Some((101, &log))), "once it is known, it is");
        assert_eq!((places(&mut contents, "a"), places(&mut contents, "b")), (vec![0, 2], vec![1]));
        append(&mut log, &["a", "c"]);
        assert!(contents.look(Some((101, &log))), "it has grown");
        assert_eq!((places(&mut contents, "a"), places(&mut contents, "c")), (vec![0, 2, 3], vec![4]));
        assert!(log.truncate_to(2));
        append(&mut log, &["b"]);
        assert!(contents.look(Some((101, &log))), "it was cut and goes on otherwise");
        assert_eq!((places(&mut contents, "a"), places(&mut contents, "b")), (vec![0], vec![1, 2]));
        assert!(contents.look(None) && places(&mut contents, "a").is_empty(), "nobody leads");
    }

    #[test]
    fn an_offset_that_was_acknowledged_for_what_is_cut_off_is_free_for_what_lies_there_now() {
        let mut log = Log::new(TopicPartition::new("t", 0), LogConfig::default(), 1);
        let mut contents = Contents::default();
        append(&mut log, &["y", "y", "y"]);
        contents.look(Some((101, &log)));
        let [x, y] = ["x", "y"].map(|value| contents.number(digest_of(None, Some(value.as_bytes()))));
        let sent = [(x, Some(0)), (y, None), (y, Some(1)), (y, None), (y, None)];
        let none = |_| Vec::new();
        assert_eq!(contents.left_over(&sent, none), [Left::At(0), Left::At(2), Left::Nowhere]);
        assert!(
            contents.left_over(&sent[..1], none).is_empty(),
            "whoever was acknowledged at an offset needs no other"
        );
        // What lay at 1 was told of; what lay at -1 was not, and was sent first.
        let gone = |_| vec![-1, 1];
        assert_eq!(contents.left_over(&sent, gone), [Left::Gone(-1), Left::At(0), Left::At(2)]);
    }

    #[test]
    fn every_content_keeps_its_number_however_many_there_are() {
        let mut contents = Contents::default();
        let digest = |number: u64| number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        for round in 0..2 {
            for number in 0..1_000 {
                assert_eq!(contents.number(digest(number)), number as u32, "round {round}");
                contents.send(number as u32);
            }
        }
        assert!((0..1_000).all(|number| contents.digest(number) == digest(u64::from(number))));
        assert!(contents.is_sent_again(999) && !contents.is_duplicated(999) && contents.places(999).next().is_none());
        assert!(!contents.is_at(0, 0) && !contents.look(None));
    }
}
