//! A list that grows at its end and is cloned with every checkpoint: clones share its chunks, and go on in the same
//! chunk while no other has gone on there already. Leaves out changing what is in it.

use std::cell::OnceCell;
use std::fmt;
use std::rc::Rc;

/// Places of a chunk: what is copied at most when a clone goes on another way.
const CHUNK: usize = 128;
/// Places of the chunk of a list that has just begun; most lists stay short.
const FIRST: usize = 4;

type Chunk<T> = Rc<[OnceCell<T>]>;

/// The list. All chunks but the last are full. A chunk may hold more than belongs to the list: what a clone that
/// has gone on since has put there, or what was cut off.
#[derive(Clone)]
pub struct SharedList<T> {
    chunks: Vec<Chunk<T>>,
    len: usize,
}

impl<T> Default for SharedList<T> {
    fn default() -> Self {
        Self { chunks: Vec::new(), len: 0 }
    }
}

impl<T> SharedList<T> {
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
        if at >= self.len {
            return None;
        }
        self.chunks.get(at / CHUNK)?.get(at % CHUNK)?.get()
    }

    /// The newest.
    pub fn last(&self) -> Option<&T> {
        self.get(self.len.checked_sub(1)?)
    }

    /// All, oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &T> + Clone {
        self.since(0)
    }

    /// All from this place on, oldest first.
    pub fn since(&self, from: usize) -> impl DoubleEndedIterator<Item = &T> + Clone {
        let first = from / CHUNK;
        let whole = self.chunks.get(first..).unwrap_or_default();
        whole.iter().enumerate().flat_map(move |(number, chunk)| {
            let begin = (first + number) * CHUNK;
            let places = from.saturating_sub(begin)..(self.len - begin).min(CHUNK);
            chunk.get(places).unwrap_or_default().iter().filter_map(OnceCell::get)
        })
    }

    /// How many come before the first that is not `before`, where all that are come first.
    pub fn partition_point(&self, mut before: impl FnMut(&T) -> bool) -> usize {
        let (mut low, mut high) = (0, self.len);
        while low < high {
            let middle = low + (high - low) / 2;
            if self.get(middle).is_some_and(&mut before) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }

    /// Keeps the first `len`.
    pub fn truncate(&mut self, len: usize) {
        self.len = self.len.min(len);
        self.chunks.truncate(self.len.div_ceil(CHUNK));
    }
}

impl<T: Clone> SharedList<T> {
    /// Adds one at the end.
    pub fn push(&mut self, one: T) {
        let place = self.len % CHUNK;
        self.len += 1;
        if place == 0 {
            let size = if self.chunks.is_empty() { FIRST } else { CHUNK };
            return self.chunks.push(chunk_of(&[], one, size));
        }
        let Some(chunk) = self.chunks.last_mut() else { return };
        let refused = match chunk.get(place) {
            Some(cell) => cell.set(one).err(),
            None => Some(one),
        };
        // The chunk is small, or a clone has gone on in it.
        if let Some(one) = refused {
            let size = if place < chunk.len() { chunk.len() } else { (chunk.len() * 4).min(CHUNK) };
            *chunk = chunk_of(&chunk[..place], one, size);
        }
    }
}

/// A chunk of `size` places that begins with these.
fn chunk_of<T: Clone>(before: &[OnceCell<T>], one: T, size: usize) -> Chunk<T> {
    let kept = before.iter().cloned().chain([OnceCell::from(one)]);
    let free = size.saturating_sub(before.len() + 1);
    kept.chain(std::iter::repeat_with(OnceCell::new).take(free)).collect()
}

/// A chunk to be written to: a copy, if a clone has it too, with room for so many. What `Rc::make_mut` copies has no
/// room, and the first that is added doubles it.
pub fn to_write<T: Clone>(chunk: &mut Rc<Vec<T>>, size: usize) -> &mut Vec<T> {
    if Rc::get_mut(chunk).is_none() {
        let mut copy = Vec::with_capacity(size.max(chunk.len()));
        copy.extend_from_slice(chunk);
        *chunk = Rc::new(copy);
    }
    Rc::make_mut(chunk)
}

impl<T: PartialEq> PartialEq for SharedList<T> {
    fn eq(&self, other: &Self) -> bool {
        self.len == other.len && self.iter().eq(other.iter())
    }
}

impl<T: Eq> Eq for SharedList<T> {}

impl<T: fmt::Debug> fmt::Debug for SharedList<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
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

    fn shared<T>(one: &SharedList<T>, other: &SharedList<T>) -> usize {
        one.chunks.iter().zip(&other.chunks).filter(|(one, other)| Rc::ptr_eq(one, other)).count()
    }

    #[test]
    fn a_clone_keeps_what_it_had_and_shares_it() {
        let mut list = SharedList::default();
        assert!(list.is_empty() && list.get(0).is_none() && list.iter().next().is_none());
        (0..300).for_each(|number| list.push(number));
        let mut before = list.clone();
        list.push(300);
        assert_eq!((before.len(), list.len()), (300, 301));
        assert!(before.iter().copied().eq(0..300) && list.iter().rev().copied().eq((0..301).rev()));
        assert_eq!((before.get(300), before.since(299).count(), before.last()), (None, 1, Some(&299)));
        assert_eq!(shared(&before, &list), 3, "nothing is copied to go on");
        before.push(-300);
        assert_eq!((before.last(), list.last()), (Some(&-300), Some(&300)));
        assert_eq!(shared(&before, &list), 2, "only the chunk in which the other has gone on is copied");
        assert!(before != list);
        before.truncate(300);
        list.truncate(300);
        assert!(before == list && format!("{before:?}") == format!("{list:?}"));
    }

    #[test]
    fn what_is_cut_off_is_gone() {
        for cut in [0, 1, 63, 64, 65, 128, 299, 300, 500] {
            let whole: SharedList<i32> = (0..300).collect();
            let mut list = whole.clone();
            list.truncate(cut);
            let kept = 300.min(cut as i32);
            assert!(list.iter().copied().eq(0..kept), "{cut}");
            (0..100).for_each(|number| list.push(-number));
            assert!(list.iter().copied().eq((0..kept).chain((0..100).map(|number| -number))), "{cut}");
            assert!(whole.iter().copied().eq(0..300), "{cut}");
        }
    }

    #[test]
    fn places_are_those_of_a_list() {
        let list: SharedList<usize> = (0..300).collect();
        for at in [0, 3, 4, 63, 64, 127, 128, 299] {
            assert_eq!(list.get(at), Some(&at));
            assert!(list.since(at).copied().eq(at..300), "{at}");
            assert_eq!(list.partition_point(|one| *one < at), at);
        }
        assert_eq!((list.get(300), list.since(300).count(), list.since(5000).count()), (None, 0, 0));
        assert_eq!((list.partition_point(|_| true), list.partition_point(|_| false)), (300, 0));
    }
}
