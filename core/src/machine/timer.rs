//! Deadlines as plain state: a crash loses exactly the right ones, and the page can print them.

use std::collections::BTreeMap;
use std::fmt;

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
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TimerTable<K: Ord>(BTreeMap<K, SimTime>);

impl<K: Ord> Default for TimerTable<K> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<K: Ord + Clone> TimerTable<K> {
    /// Sets or moves the deadline of `key`.
    pub fn set(&mut self, key: K, at: SimTime) {
        self.0.insert(key, at);
    }

    /// Sets the deadline of `key` unless an earlier one stands.
    pub fn set_earlier(&mut self, key: K, at: SimTime) {
        let slot = self.0.entry(key).or_insert(at);
        *slot = (*slot).min(at);
    }

    /// Removes the deadline of `key`.
    pub fn cancel(&mut self, key: &K) {
        self.0.remove(key);
    }

    /// When `key` is due, if it is set.
    pub fn get(&self, key: &K) -> Option<SimTime> {
        self.0.get(key).copied()
    }

    /// The soonest deadline.
    pub fn next(&self) -> Option<SimTime> {
        self.0.values().min().copied()
    }

    /// Removes and returns one key that is due, the soonest first, ties by key.
    pub fn pop_due(&mut self, now: SimTime) -> Option<K> {
        let key = self.0.iter().filter(|(_, at)| **at <= now).min_by_key(|(key, at)| (**at, *key))?.0.clone();
        self.0.remove(&key);
        Some(key)
    }

    /// Removes the deadlines that `gone` selects.
    pub fn remove_if(&mut self, gone: impl Fn(&K) -> bool) {
        self.0.retain(|key, _| !gone(key));
    }

    /// All deadlines.
    pub fn iter(&self) -> impl Iterator<Item = (&K, SimTime)> {
        self.0.iter().map(|(key, at)| (key, *at))
    }
}

impl<K: Ord + Clone + fmt::Display> TimerTable<K> {
    /// All deadlines in words, soonest first.
    pub fn describe(&self) -> Vec<Deadline> {
        let mut all: Vec<_> = self.iter().map(|(key, at)| Deadline { reason: key.to_string(), at }).collect();
        all.sort_by(|a, b| (a.at, &a.reason).cmp(&(b.at, &b.reason)));
        all
    }
}
