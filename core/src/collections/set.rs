//! A set as a sorted list, with what std's B-tree set can do as far as anybody needs it.

use std::borrow::Borrow;
use std::fmt;

/// A set whose members lie sorted in one piece of memory.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SortedSet<T> {
    members: Vec<T>,
}

impl<T> Default for SortedSet<T> {
    fn default() -> Self {
        Self { members: Vec::new() }
    }
}

impl<T: fmt::Debug> fmt::Debug for SortedSet<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

impl<T> SortedSet<T> {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    /// Number of members.
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// There is none.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// Removes all.
    pub fn clear(&mut self) {
        self.members.clear();
    }

    /// Every member, sorted.
    #[inline]
    pub fn iter(&self) -> std::slice::Iter<'_, T> {
        self.members.iter()
    }

    /// The smallest.
    pub fn first(&self) -> Option<&T> {
        self.members.first()
    }

    /// The greatest.
    pub fn last(&self) -> Option<&T> {
        self.members.last()
    }

    /// Keeps the members that `keeps` selects.
    pub fn retain(&mut self, keeps: impl FnMut(&T) -> bool) {
        self.members.retain(keeps);
    }
}

impl<T: Ord> SortedSet<T> {
    fn place<Q: Ord + ?Sized>(&self, member: &Q) -> Result<usize, usize>
    where
        T: Borrow<Q>,
    {
        self.members.binary_search_by(|own| own.borrow().cmp(member))
    }

    /// Puts a member in; false if it was there.
    pub fn insert(&mut self, member: T) -> bool {
        if self.members.last().is_none_or(|last| *last < member) {
            self.members.push(member);
            return true;
        }
        match self.place(&member) {
            Ok(_) => false,
            Err(place) => {
                self.members.insert(place, member);
                true
            }
        }
    }

    /// It is a member.
    pub fn contains<Q: Ord + ?Sized>(&self, member: &Q) -> bool
    where
        T: Borrow<Q>,
    {
        self.place(member).is_ok()
    }

    /// Takes a member out; false if it was none.
    pub fn remove<Q: Ord + ?Sized>(&mut self, member: &Q) -> bool
    where
        T: Borrow<Q>,
    {
        self.place(member).map(|place| self.members.remove(place)).is_ok()
    }

    /// Takes the smallest out.
    pub fn pop_first(&mut self) -> Option<T> {
        (!self.members.is_empty()).then(|| self.members.remove(0))
    }

    /// Takes the greatest out.
    pub fn pop_last(&mut self) -> Option<T> {
        self.members.pop()
    }

    /// Takes all members of another set in; the other is empty then.
    pub fn append(&mut self, other: &mut Self) {
        self.extend(std::mem::take(other));
    }

    /// Members that the other has not.
    pub fn difference<'a>(&'a self, other: &'a Self) -> impl Iterator<Item = &'a T> {
        self.iter().filter(|member| !other.contains(*member))
    }

    /// Members that the other has too.
    pub fn intersection<'a>(&'a self, other: &'a Self) -> impl Iterator<Item = &'a T> {
        self.iter().filter(|member| other.contains(*member))
    }

    /// Members of both, each once, sorted.
    pub fn union<'a>(&'a self, other: &'a Self) -> impl Iterator<Item = &'a T> {
        let all: SortedSet<&'a T> = self.iter().chain(other.iter()).collect();
        all.into_iter()
    }

    /// The other has them all.
    pub fn is_subset(&self, other: &Self) -> bool {
        self.iter().all(|member| other.contains(member))
    }

    /// It has all of the other's.
    pub fn is_superset(&self, other: &Self) -> bool {
        other.is_subset(self)
    }

    /// The other has none of them.
    pub fn is_disjoint(&self, other: &Self) -> bool {
        !self.iter().any(|member| other.contains(member))
    }
}

impl<T: Ord> Extend<T> for SortedSet<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, members: I) {
        for member in members {
            self.insert(member);
        }
    }
}

impl<T: Ord> FromIterator<T> for SortedSet<T> {
    fn from_iter<I: IntoIterator<Item = T>>(members: I) -> Self {
        let mut set = Self::default();
        set.extend(members);
        set
    }
}

impl<T: Ord, const N: usize> From<[T; N]> for SortedSet<T> {
    fn from(members: [T; N]) -> Self {
        members.into_iter().collect()
    }
}

impl<'a, T> IntoIterator for &'a SortedSet<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<T> IntoIterator for SortedSet<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.members.into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Rng;
    use std::collections::BTreeSet;

    #[test]
    fn it_is_what_a_b_tree_is() {
        let (mut set, mut tree): (SortedSet<u64>, BTreeSet<u64>) = Default::default();
        let mut rng = Rng::new(14);
        for step in 0..4000 {
            let member = rng.below(50);
            match rng.below(6) {
                0..=2 => assert_eq!(set.insert(member), tree.insert(member)),
                3 => assert_eq!(set.remove(&member), tree.remove(&member)),
                4 if rng.below(9) == 0 => {
                    assert_eq!((set.pop_first(), set.pop_last()), (tree.pop_first(), tree.pop_last()))
                }
                _ => assert_eq!(set.contains(&member), tree.contains(&member)),
            }
            assert!(set.iter().eq(tree.iter()), "after {step}");
            let (other, other_tree) = (SortedSet::from([1, 20, 30, 49]), BTreeSet::from([1, 20, 30, 49]));
            assert!(set.difference(&other).eq(tree.difference(&other_tree)));
            assert!(set.intersection(&other).eq(tree.intersection(&other_tree)));
            assert!(set.union(&other).eq(tree.union(&other_tree)));
            assert_eq!(
                (set.is_subset(&other), set.is_superset(&other), set.is_disjoint(&other)),
                (tree.is_subset(&other_tree), tree.is_superset(&other_tree), tree.is_disjoint(&other_tree))
            );
        }
        assert_eq!(format!("{set:?}"), format!("{tree:?}"));
    }
}
