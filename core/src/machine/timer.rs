//! Deadlines as plain state: a crash loses exactly the right ones, and the page can print them.

use crate::collections::Order;
use std::fmt;

use crate::collections::SortedMap;
use crate::time::SimTime;

/// A deadline as people read it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Deadline {
    /// Why it exists: `session of consumer-2`.
    pub reason: String,
    /// When it is due.
    pub at: SimTime,
}

/// A small table of deadlines, one per reason.
///
/// The soonest one is asked for after every event and changes seldom: it is remembered, and looked
/// for again only when it goes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TimerTable<K: Ord> {
    deadlines: SortedMap<K, SimTime>,
    soonest: Option<SimTime>,
}

impl<K: Ord> Default for TimerTable<K> {
    fn default() -> Self {
        Self { deadlines: SortedMap::default(), soonest: None }
    }
}

impl<K: Ord + Clone> TimerTable<K> {
    /// Sets or moves the deadline of `key`.
    pub fn set(&mut self, key: K, at: SimTime) {
        let old = self.deadlines.insert(key, at);
        if self.soonest.is_none_or(|soonest| at <= soonest) {
            self.soonest = Some(at);
        } else if old.is_some() && old == self.soonest {
            self.find_soonest();
        }
    }

    /// Sets the deadline of `key` unless an earlier one stands.
    pub fn set_earlier(&mut self, key: K, at: SimTime) {
        let slot = self.deadlines.get_or_insert_with(key, || at);
        *slot = (*slot).min(at);
        if self.soonest.is_none_or(|soonest| at < soonest) {
            self.soonest = Some(at);
        }
    }

    /// Removes the deadline of `key`.
    pub fn cancel(&mut self, key: &K) {
        let old = self.deadlines.remove(key);
        if old.is_some() && old == self.soonest {
            self.find_soonest();
        }
    }

    /// When `key` is due, if it is set.
    pub fn get(&self, key: &K) -> Option<SimTime> {
        self.deadlines.get(key).copied()
    }

    /// The soonest deadline.
    pub fn next(&self) -> Option<SimTime> {
        self.soonest
    }

    /// Removes and returns one key that is due, the soonest first, ties by key.
    pub fn pop_due(&mut self, now: SimTime) -> Option<K> {
        let soonest = self.soonest.filter(|at| *at <= now)?;
        let key = self.deadlines.iter().find(|(_, at)| **at == soonest)?.0.clone();
        self.cancel(&key);
        Some(key)
    }

    /// Removes the deadlines that `gone` selects.
    pub fn remove_if(&mut self, gone: impl Fn(&K) -> bool) {
        self.deadlines.retain(|key, _| !gone(key));
        self.find_soonest();
    }

    /// All deadlines.
    pub fn iter(&self) -> impl Iterator<Item = (&K, SimTime)> {
        self.deadlines.iter().map(|(key, at)| (key, *at))
    }

    fn find_soonest(&mut self) {
        self.soonest = self.deadlines.values().min().copied();
    }
}

impl<K: Ord + Clone + fmt::Display> TimerTable<K> {
    /// All deadlines in words, soonest first.
    pub fn describe(&self) -> Vec<Deadline> {
        let mut all: Vec<_> = self.iter().map(|(key, at)| Deadline { reason: key.to_string(), at }).collect();
        all.order_by(|a, b| (a.at, &a.reason).cmp(&(b.at, &b.reason)));
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_soonest_is_known_after_any_change() {
        let mut table: TimerTable<u64> = TimerTable::default();
        let mut rng = crate::rng::Rng::new(7);
        for _ in 0..2000 {
            let (key, at) = (rng.below(12), SimTime(rng.below(50)));
            match rng.below(6) {
                0 | 1 => table.set(key, at),
                2 => table.set_earlier(key, at),
                3 => table.cancel(&key),
                4 => {
                    let due = table.iter().filter(|(_, due)| *due <= at).map(|(key, due)| (due, *key)).min();
                    assert_eq!(table.pop_due(at), due.map(|(_, key)| key));
                }
                _ => table.remove_if(|one| *one == key),
            }
            assert_eq!(table.next(), table.iter().map(|(_, at)| at).min());
        }
    }
}
