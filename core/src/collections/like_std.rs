//! The rest of what std's B-tree map can do, for [`SortedMap`]: entries, ranges, cutting and joining. In a
//! browser every pair of types that a B-tree is made for costs ten kilobytes of code; there are dozens.

use std::borrow::Borrow;
use std::ops::{Bound, Index, RangeBounds};

use super::{Iter, SortedMap};

/// The place of a key in a map, taken or free.
pub struct Entry<'a, K, V> {
    map: &'a mut SortedMap<K, V>,
    key: K,
    place: Result<usize, usize>,
}

impl<'a, K: Ord, V> Entry<'a, K, V> {
    /// The value, put there first if there is none.
    pub fn or_insert_with(self, value: impl FnOnce() -> V) -> &'a mut V {
        let place = match self.place {
            Ok(place) => place,
            Err(place) => {
                self.map.insert_at(place, self.key, value());
                place
            }
        };
        &mut self.map.slots()[place].1
    }

    /// The value, this one if there is none.
    pub fn or_insert(self, value: V) -> &'a mut V {
        self.or_insert_with(|| value)
    }

    /// The value, its type's own beginning if there is none.
    pub fn or_default(self) -> &'a mut V
    where
        V: Default,
    {
        self.or_insert_with(V::default)
    }

    /// Changes the value if there is one.
    #[must_use]
    pub fn and_modify(self, change: impl FnOnce(&mut V)) -> Self {
        if let Ok(place) = self.place {
            change(&mut self.map.slots()[place].1);
        }
        self
    }
}

impl<K, V> SortedMap<K, V> {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    /// All keys, sorted, without the map.
    pub fn into_keys(self) -> impl DoubleEndedIterator<Item = K> + ExactSizeIterator {
        self.into_iter().map(|(key, _)| key)
    }

    /// All values in the order of keys, without the map.
    pub fn into_values(self) -> impl DoubleEndedIterator<Item = V> + ExactSizeIterator {
        self.into_iter().map(|(_, value)| value)
    }

    /// The smallest entry.
    pub fn first_key_value(&self) -> Option<(&K, &V)> {
        self.at(0)
    }
}

impl<K: Ord, V> SortedMap<K, V> {
    /// The place of a key.
    pub fn entry(&mut self, key: K) -> Entry<'_, K, V> {
        let place = match self.last_key_value() {
            Some((last, _)) if *last >= key => self.place(&key),
            _ => Err(self.len()),
        };
        Entry { map: self, key, place }
    }

    /// Takes the smallest entry out.
    pub fn pop_first(&mut self) -> Option<(K, V)> {
        (!self.is_empty()).then(|| self.take_at(0))
    }

    /// The entry of a key, with the key that the map holds.
    pub fn get_key_value<Q: Ord + ?Sized>(&self, key: &Q) -> Option<(&K, &V)>
    where
        K: Borrow<Q>,
    {
        self.place(key).ok().and_then(|place| self.at(place))
    }

    /// The entries between two bounds, sorted. Bounds that lie the wrong way round hold nothing.
    pub fn range<Q: Ord + ?Sized>(&self, range: impl RangeBounds<Q>) -> Iter<'_, K, V>
    where
        K: Borrow<Q>,
    {
        let from = match range.start_bound() {
            Bound::Unbounded => 0,
            Bound::Included(key) => self.place(key).unwrap_or_else(|place| place),
            Bound::Excluded(key) => self.place(key).map_or_else(|place| place, |place| place + 1),
        };
        let to = match range.end_bound() {
            Bound::Unbounded => self.len(),
            Bound::Included(key) => self.place(key).map_or_else(|place| place, |place| place + 1),
            Bound::Excluded(key) => self.place(key).unwrap_or_else(|place| place),
        };
        self.between(from.min(to), to)
    }

    /// Takes everything from this key on out.
    #[must_use]
    pub fn split_off<Q: Ord + ?Sized>(&mut self, key: &Q) -> Self
    where
        K: Borrow<Q>,
    {
        let place = self.place(key).unwrap_or_else(|place| place);
        self.cut(place)
    }

    /// Takes all entries of another map in; the other is empty then.
    pub fn append(&mut self, other: &mut Self) {
        self.extend(std::mem::take(other));
    }
}

impl<K: Ord, V> Extend<(K, V)> for SortedMap<K, V> {
    fn extend<I: IntoIterator<Item = (K, V)>>(&mut self, entries: I) {
        for (key, value) in entries {
            self.insert(key, value);
        }
    }
}

impl<'a, K: Ord + Copy, V: Copy> Extend<(&'a K, &'a V)> for SortedMap<K, V> {
    fn extend<I: IntoIterator<Item = (&'a K, &'a V)>>(&mut self, entries: I) {
        self.extend(entries.into_iter().map(|(key, value)| (*key, *value)));
    }
}

impl<K: Ord, V, const N: usize> From<[(K, V); N]> for SortedMap<K, V> {
    fn from(entries: [(K, V); N]) -> Self {
        entries.into_iter().collect()
    }
}

impl<K: Ord + Borrow<Q>, V, Q: Ord + ?Sized> Index<&Q> for SortedMap<K, V> {
    type Output = V;

    fn index(&self, key: &Q) -> &V {
        // As std's: asking for a key that is not there is a mistake of the caller.
        let place = self.place(key).unwrap_or(usize::MAX);
        self.values_at(place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Rng;
    use std::collections::BTreeMap;

    #[test]
    fn it_is_what_a_b_tree_is() {
        let (mut map, mut tree): (SortedMap<u64, u64>, BTreeMap<u64, u64>) = Default::default();
        let mut rng = Rng::new(12);
        for step in 0..4000u64 {
            let (key, other) = (rng.below(50), rng.below(50));
            match rng.below(9) {
                0 => *map.entry(key).or_default() += 1,
                1 => *map.entry(key).and_modify(|value| *value += 2).or_insert(step) += 1,
                2 => assert_eq!(map.pop_first(), tree.pop_first()),
                3 => assert_eq!(map.get_key_value(&key), tree.get_key_value(&key)),
                4 => {
                    let (mut map_end, mut tree_end) = (map.split_off(&key), tree.split_off(&key));
                    map_end.insert(other, step);
                    tree_end.insert(other, step);
                    map.append(&mut map_end);
                    tree.append(&mut tree_end);
                    assert!(map_end.is_empty());
                }
                5 => map.extend([(key, step), (other, step)]),
                _ => {
                    let (low, high) = (key.min(other), key.max(other));
                    assert!(map.range(low..high).eq(tree.range(low..high)));
                    assert!(map.range(..=high).eq(tree.range(..=high)));
                    assert!(map.range(low..).rev().eq(tree.range(low..).rev()));
                    let past = (Bound::Excluded(low), Bound::Unbounded);
                    assert!(map.range(past).eq(tree.range(past)));
                }
            }
            match step {
                _ if map.iter().eq(tree.iter()) => {}
                _ => tree = map.iter().map(|(key, value)| (*key, *value)).collect(),
            }
            assert_eq!((map.len(), map.first_key_value()), (tree.len(), tree.first_key_value()));
        }
        assert_eq!(SortedMap::from([(2, 'b'), (1, 'a')])[&1], 'a');
    }
}
