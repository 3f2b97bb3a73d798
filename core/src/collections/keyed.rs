//! A sorted map with an index: for maps by partition, node or connection, which every event searches
//! several times. A search compares one key, mostly a clone of the one that is looked for.

use std::fmt;
use std::rc::Rc;

use super::{Iter, IterMut, SortedMap};

/// A number that is the same for equal keys. Only finds places; no order comes from it.
pub trait Digest {
    /// The number.
    fn digest(&self) -> u64;
}

/// Adds a number to a digest.
#[inline]
pub fn mix(digest: u64, number: u64) -> u64 {
    let product = (digest.rotate_left(23) ^ number).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    product ^ (product >> 32)
}

/// A map in the order of its keys that finds them by their [`Digest`].
#[derive(Clone)]
pub struct KeyMap<K, V> {
    sorted: SortedMap<K, V>,
    /// Open addressing: one more than the place in the order, 0 where there is nothing. Never more than
    /// half full. Shared by the clones until one of them gets or loses a key.
    table: Rc<[u32]>,
}

impl<K, V> Default for KeyMap<K, V> {
    fn default() -> Self {
        Self { sorted: SortedMap::default(), table: Rc::default() }
    }
}

impl<K: fmt::Debug, V: fmt::Debug> fmt::Debug for KeyMap<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.sorted.fmt(f)
    }
}

impl<K: PartialEq, V: PartialEq> PartialEq for KeyMap<K, V> {
    fn eq(&self, other: &Self) -> bool {
        self.sorted == other.sorted
    }
}

impl<K: Eq, V: Eq> Eq for KeyMap<K, V> {}

impl<K, V> KeyMap<K, V> {
    /// Number of entries.
    pub fn len(&self) -> usize {
        self.sorted.len()
    }

    /// There is none.
    pub fn is_empty(&self) -> bool {
        self.sorted.is_empty()
    }

    /// Removes all.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Every entry, sorted.
    #[inline]
    pub fn iter(&self) -> Iter<'_, K, V> {
        self.sorted.iter()
    }

    /// Every entry, sorted, its value to be changed.
    #[inline]
    pub fn iter_mut(&mut self) -> IterMut<'_, K, V> {
        self.sorted.iter_mut()
    }

    /// Every key, sorted.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &K> + ExactSizeIterator {
        self.sorted.keys()
    }

    /// Every value in the order of keys.
    pub fn values(&self) -> impl DoubleEndedIterator<Item = &V> + ExactSizeIterator {
        self.sorted.values()
    }

    /// Every value in the order of keys, to be changed.
    pub fn values_mut(&mut self) -> impl DoubleEndedIterator<Item = &mut V> {
        self.sorted.values_mut()
    }
}

impl<K: Ord + Digest, V> KeyMap<K, V> {
    /// Where a key is in the order of keys, as long as no key comes or goes.
    #[inline]
    pub fn find(&self, key: &K) -> Option<usize> {
        let mask = self.table.len().checked_sub(1)?;
        let mut at = key.digest() as usize & mask;
        loop {
            let place = self.table.get(at)?.checked_sub(1)? as usize;
            if self.sorted.at(place)?.0 == key {
                return Some(place);
            }
            at = (at + 1) & mask;
        }
    }

    /// The value at a place that [`Self::find`] gave.
    #[inline]
    pub fn value_at(&self, place: usize) -> Option<&V> {
        self.sorted.at(place).map(|(_, value)| value)
    }

    /// The value at a place that [`Self::find`] gave, to be changed.
    #[inline]
    pub fn value_at_mut(&mut self, place: usize) -> Option<&mut V> {
        self.sorted.value_at_mut(place)
    }

    /// The value of a key.
    #[inline]
    pub fn get(&self, key: &K) -> Option<&V> {
        self.find(key).and_then(|place| self.sorted.at(place)).map(|(_, value)| value)
    }

    /// The value of a key, to be changed.
    #[inline]
    pub fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        let place = self.find(key)?;
        self.sorted.value_at_mut(place)
    }

    /// There is such a key.
    #[inline]
    pub fn contains_key(&self, key: &K) -> bool {
        self.find(key).is_some()
    }

    /// Puts a value; gives the one that was there.
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        if let Some(old) = self.get_mut(&key) {
            return Some(std::mem::replace(old, value));
        }
        self.insert_new(key, value);
        None
    }

    fn insert_new(&mut self, key: K, value: V) {
        let place = self.sorted.place(&key).unwrap_or_else(|place| place);
        let digest = key.digest();
        self.sorted.insert_at(place, key, value);
        let last = place + 1 == self.sorted.len();
        if last && self.sorted.len() * 2 <= self.table.len() {
            note(Rc::make_mut(&mut self.table), digest, place);
        } else {
            self.index();
        }
    }

    /// The value of a key, put there first if there is none.
    pub fn get_or_insert_with(&mut self, key: &K, value: impl FnOnce() -> V) -> &mut V
    where
        K: Clone,
    {
        let place = match self.find(key) {
            Some(place) => place,
            None => {
                self.insert_new(key.clone(), value());
                self.sorted.place(key).unwrap_or_else(|place| place)
            }
        };
        // The key was found or put a moment ago.
        &mut self.sorted.slots()[place].1
    }

    /// Takes a value out.
    pub fn remove(&mut self, key: &K) -> Option<V> {
        self.find(key)?;
        let value = self.sorted.remove(key);
        self.index();
        value
    }

    /// Keeps the entries that `keeps` selects.
    pub fn retain(&mut self, keeps: impl FnMut(&K, &mut V) -> bool) {
        let before = self.sorted.len();
        self.sorted.retain(keeps);
        if self.sorted.len() != before {
            self.index();
        }
    }

    fn index(&mut self) {
        let room = (self.sorted.len() * 2).next_power_of_two();
        let mut table = vec![0; if self.sorted.is_empty() { 0 } else { room }];
        for (place, key) in self.sorted.keys().enumerate() {
            note(&mut table, key.digest(), place);
        }
        self.table = table.into();
    }
}

fn note(table: &mut [u32], digest: u64, place: usize) {
    let mask = table.len() - 1;
    let mut at = digest as usize & mask;
    while table[at] != 0 {
        at = (at + 1) & mask;
    }
    table[at] = place as u32 + 1;
}

impl<K: Ord + Digest, V> FromIterator<(K, V)> for KeyMap<K, V> {
    /// Of a key that comes twice the last one holds.
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        let mut map = Self { sorted: entries.into_iter().collect(), table: Rc::default() };
        map.index();
        map
    }
}

impl<K: Ord + Digest, V> Extend<(K, V)> for KeyMap<K, V> {
    fn extend<I: IntoIterator<Item = (K, V)>>(&mut self, entries: I) {
        for (key, value) in entries {
            self.insert(key, value);
        }
    }
}

impl<'a, K, V> IntoIterator for &'a KeyMap<K, V> {
    type Item = (&'a K, &'a V);
    type IntoIter = Iter<'a, K, V>;

    fn into_iter(self) -> Iter<'a, K, V> {
        self.iter()
    }
}

impl<'a, K, V> IntoIterator for &'a mut KeyMap<K, V> {
    type Item = (&'a K, &'a mut V);
    type IntoIter = IterMut<'a, K, V>;

    fn into_iter(self) -> IterMut<'a, K, V> {
        self.iter_mut()
    }
}

impl<K, V> IntoIterator for KeyMap<K, V> {
    type Item = (K, V);
    type IntoIter = std::vec::IntoIter<(K, V)>;

    fn into_iter(self) -> Self::IntoIter {
        self.sorted.into_iter()
    }
}

impl Digest for u64 {
    #[inline]
    fn digest(&self) -> u64 {
        mix(0, *self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Rng;
    use std::collections::BTreeMap;

    #[test]
    fn it_is_what_a_b_tree_is() {
        let (mut map, mut tree): (KeyMap<u64, u64>, _) = (KeyMap::default(), BTreeMap::new());
        let mut rng = Rng::new(13);
        for step in 0..5000u64 {
            let key = rng.below(60);
            match rng.below(7) {
                0 | 1 => assert_eq!(map.insert(key, step), tree.insert(key, step)),
                2 => assert_eq!(map.remove(&key), tree.remove(&key)),
                3 => assert_eq!(*map.get_or_insert_with(&key, || step), *tree.entry(key).or_insert(step)),
                4 if rng.below(40) == 0 => {
                    map.retain(|key, _| key % 3 == 0);
                    tree.retain(|key, _| key % 3 == 0);
                }
                _ => assert_eq!(map.get(&key), tree.get(&key)),
            }
            assert!(map.iter().eq(tree.iter()), "after {step}");
            assert_eq!(map.contains_key(&key), tree.contains_key(&key));
        }
        let collected: KeyMap<u64, u64> = tree.clone().into_iter().collect();
        assert!(collected.iter().eq(tree.iter()) && collected.keys().all(|key| collected.contains_key(key)));
    }
}
