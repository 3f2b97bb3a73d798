//! Sorting that is small in WebAssembly. std's stable sort is a page of code for each type that is sorted,
//! and there are dozens; here only comparing and swapping are made anew for a type. Stable, like std's.
//! Left out: sorting of what is nearly sorted in linear time.

use std::cmp::Ordering;

/// Up to this many elements are sorted by insertion, which needs no memory.
const SHORT: usize = 16;

/// Stable sorting of slices.
pub trait Order<T> {
    /// As `sort`.
    fn order(&mut self)
    where
        T: Ord;

    /// As `sort_by`.
    fn order_by(&mut self, compare: impl FnMut(&T, &T) -> Ordering);

    /// As `sort_by_key`.
    fn order_by_key<K: Ord>(&mut self, key: impl FnMut(&T) -> K);
}

impl<T> Order<T> for [T] {
    fn order(&mut self)
    where
        T: Ord,
    {
        self.order_by(T::cmp);
    }

    fn order_by(&mut self, mut compare: impl FnMut(&T, &T) -> Ordering) {
        if self.len() > SHORT {
            let places = merged(self.len(), &mut |left, right| compare(&self[left], &self[right]));
            arrange(self, places);
            return;
        }
        for end in 1..self.len() {
            let mut at = end;
            while at > 0 && compare(&self[at - 1], &self[at]) == Ordering::Greater {
                self.swap(at - 1, at);
                at -= 1;
            }
        }
    }

    fn order_by_key<K: Ord>(&mut self, mut key: impl FnMut(&T) -> K) {
        self.order_by(|left, right| key(left).cmp(&key(right)));
    }
}

/// Which element goes to each place: a merge sort from below over places, the same code for all types.
fn merged(count: usize, compare: &mut dyn FnMut(usize, usize) -> Ordering) -> Vec<usize> {
    let mut from: Vec<usize> = (0..count).collect();
    let mut into = Vec::with_capacity(count);
    let mut run = 1;
    while run < count {
        into.clear();
        for pair in from.chunks(2 * run) {
            let (mut left, mut right) = pair.split_at(run.min(pair.len()));
            // Lists that are joined from sorted ones are mostly in order.
            if let ([.., last], [first, ..]) = (left, right)
                && compare(*last, *first) != Ordering::Greater
            {
                into.extend_from_slice(pair);
                continue;
            }
            while let ([first, others @ ..], [second, later @ ..]) = (left, right) {
                if compare(*first, *second) == Ordering::Greater {
                    into.push(*second);
                    right = later;
                } else {
                    into.push(*first);
                    left = others;
                }
            }
            into.extend_from_slice(left);
            into.extend_from_slice(right);
        }
        std::mem::swap(&mut from, &mut into);
        run *= 2;
    }
    from
}

/// Swaps every element to its place, circle by circle.
fn arrange<T>(items: &mut [T], mut places: Vec<usize>) {
    for begin in 0..places.len() {
        let mut at = begin;
        loop {
            let next = std::mem::replace(&mut places[at], at);
            if next == begin {
                break;
            }
            items.swap(at, next);
            at = next;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_orders_as_std_does(numbers in proptest::collection::vec((0_u8..20, any::<u16>()), 0..200)) {
            let mut wanted = numbers.clone();
            wanted.sort_by_key(|(key, _)| *key);
            let mut found = numbers.clone();
            found.order_by_key(|(key, _)| *key);
            prop_assert_eq!(&found, &wanted);
            wanted.sort();
            found.order();
            prop_assert_eq!(found, wanted);
        }
    }
}
