//! A list that only grows and is cloned with every checkpoint: its clones share chunks, and only the chunk at
//! its end is copied when one of them goes on. Leaves out taking anything away.

use std::rc::Rc;

const CHUNK: usize = 128;

/// The list. All chunks but the last are full.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SharedList<T> {
    chunks: Vec<Rc<Vec<T>>>,
    len: usize,
}

impl<T> Default for SharedList<T> {
    fn default() -> Self {
        Self { chunks: Vec::new(), len: 0 }
    }
}

impl<T: Clone> SharedList<T> {
    /// Adds one at the end.
    pub fn push(&mut self, one: T) {
        self.len += 1;
        match self.chunks.last_mut() {
            Some(chunk) if chunk.len() < CHUNK => Rc::make_mut(chunk).push(one),
            _ => self.chunks.push(Rc::new(vec![one])),
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// There is none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The one at this place.
    pub fn get(&self, at: usize) -> Option<&T> {
        self.chunks.get(at / CHUNK)?.get(at % CHUNK)
    }

    /// All, oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &T> {
        self.since(0)
    }

    /// All from this place on, oldest first.
    pub fn since(&self, from: usize) -> impl DoubleEndedIterator<Item = &T> {
        let whole = self.chunks.get(from / CHUNK..).unwrap_or_default();
        whole.iter().enumerate().flat_map(move |(number, chunk)| {
            let skipped = if number == 0 { from % CHUNK } else { 0 };
            chunk.get(skipped..).unwrap_or_default()
        })
    }
}

impl<T: Clone> FromIterator<T> for SharedList<T> {
    fn from_iter<I: IntoIterator<Item = T>>(all: I) -> Self {
        let mut list = Self::default();
        all.into_iter().for_each(|one| list.push(one));
        list
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clone_keeps_what_it_had_and_shares_it() {
        let mut list = SharedList::default();
        assert!(list.is_empty() && list.get(0).is_none() && list.iter().next().is_none());
        (0..300).for_each(|number| list.push(number));
        let before = list.clone();
        list.push(300);
        assert_eq!((before.len(), list.len()), (300, 301));
        assert!(before.iter().copied().eq(0..300) && list.iter().rev().copied().eq((0..301).rev()));
        let shared = before.chunks.iter().zip(&list.chunks).filter(|(one, other)| Rc::ptr_eq(one, other)).count();
        assert_eq!(shared, 2, "only the last chunk is copied");
    }

    #[test]
    fn places_are_those_of_a_list() {
        let list: SharedList<usize> = (0..300).collect();
        for at in [0, 127, 128, 299] {
            assert_eq!(list.get(at), Some(&at));
            assert!(list.since(at).copied().eq(at..300), "{at}");
        }
        assert_eq!((list.get(300), list.since(300).count(), list.since(5000).count()), (None, 0, 0));
    }
}
