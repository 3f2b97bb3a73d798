//! Which records of a partition consumers were given: by offset and identity, since an offset may be taken again
//! after a loss.

use crate::ids::Name;

/// A record that a consumer was given.
#[derive(Clone, Debug)]
struct One {
    identity: u64,
    client: Name,
    /// Where among all that it was given.
    place: u32,
    /// One more than the number of what was given of this offset before.
    before: u32,
}

/// All that was given.
#[derive(Clone, Debug, Default)]
pub(super) struct Given {
    all: Vec<One>,
    /// From the lowest offset on: one more than the number of what was given last.
    newest: Vec<u32>,
    lowest: i64,
    /// For each record, by its number, one more than the offset at which it was given first; 0 for never.
    first: Vec<i64>,
    /// Where else, for the few that came back at another place after a loss, or lie twice in the log; by number.
    elsewhere: Vec<(u32, i64)>,
}

impl Given {
    /// A consumer was given a record, of this number and identity.
    pub(super) fn give(&mut self, offset: i64, (number, identity): (u32, u64), client: &Name, place: usize) {
        self.note(offset, number);
        if self.newest.is_empty() {
            self.lowest = offset;
        }
        if offset < self.lowest {
            let mut newest = vec![0; (self.lowest - offset) as usize];
            newest.append(&mut self.newest);
            (self.newest, self.lowest) = (newest, offset);
        }
        let at = (offset - self.lowest) as usize;
        self.newest.resize(self.newest.len().max(at + 1), 0);
        let before = std::mem::replace(&mut self.newest[at], self.all.len() as u32 + 1);
        self.all.push(One { identity, client: client.clone(), place: place as u32, before });
    }

    fn note(&mut self, offset: i64, number: u32) {
        let at = number as usize;
        self.first.resize(self.first.len().max(at + 1), 0);
        match self.first[at] - 1 {
            -1 => self.first[at] = offset + 1,
            known if known == offset => {}
            _ => {
                if let Err(at) = self.elsewhere.binary_search(&(number, offset)) {
                    self.elsewhere.insert(at, (number, offset));
                }
            }
        }
    }

    /// The offsets at which consumers were given the record of this number.
    pub(super) fn places(&self, number: u32) -> impl Iterator<Item = i64> {
        let first = self.first.get(number as usize).filter(|first| **first > 0).map(|first| first - 1);
        let from = self.elsewhere.partition_point(|(of, _)| *of < number);
        let elsewhere = self.elsewhere[from..].iter().take_while(move |(of, _)| *of == number);
        first.into_iter().chain(elsewhere.map(|(_, offset)| *offset))
    }

    fn of(&self, offset: i64, identity: u64) -> impl Iterator<Item = &One> {
        let one = |link: u32| self.all.get(link.checked_sub(1)? as usize);
        let newest = self.newest.get((offset - self.lowest) as usize).and_then(|link| one(*link));
        std::iter::successors(newest, move |last| one(last.before)).filter(move |one| one.identity == identity)
    }

    /// The consumers that were given it, each with where it was last among all that it was given.
    pub(super) fn readers(&self, offset: i64, identity: u64) -> Vec<(Name, usize)> {
        let mut readers: Vec<(Name, usize)> = Vec::new();
        for one in self.of(offset, identity) {
            if readers.iter().all(|(client, _)| *client != one.client) {
                readers.push((one.client.clone(), one.place as usize));
            }
        }
        readers.reverse();
        readers
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readers_are_told_by_offset_and_record_with_their_last_time() {
        let mut given = Given::default();
        let names: [Name; 2] = ["a".into(), "b".into()];
        // Offset, content, consumer, place.
        for (offset, identity, client, place) in
            [(7, 1, 0, 0), (7, 1, 1, 0), (9, 1, 0, 1), (3, 1, 1, 1), (7, 2, 1, 2), (7, 1, 0, 3)]
        {
            given.give(offset, (identity as u32, identity), &names[client], place);
        }
        let readers = |offset, identity| -> Vec<(String, usize)> {
            let all = given.readers(offset, identity).into_iter();
            all.map(|(client, place)| (client.to_string(), place)).collect()
        };
        assert_eq!(readers(7, 1), [("b".into(), 0), ("a".into(), 3)]);
        assert_eq!(readers(7, 2), [("b".into(), 2)]);
        assert_eq!((readers(3, 1), readers(9, 1)), (vec![("b".into(), 1)], vec![("a".into(), 1)]));
        for nobody in [(3, 2), (4, 1), (2, 1), (10, 1)] {
            assert!(readers(nobody.0, nobody.1).is_empty(), "{nobody:?}");
        }
        let places = |number| given.places(number).collect::<Vec<_>>();
        assert_eq!((places(1), places(2), places(3)), (vec![7, 3, 9], vec![7], vec![]));
    }
}
