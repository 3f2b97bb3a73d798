//! What will happen, soonest first: (time, number) decides, never a container's chance.
//!
//! A sorted list whose end comes first: most of what is scheduled is a message that arrives before the
//! timers that wait behind it, so that little has to move for it.

use std::cmp::Reverse;

use super::world::Due;
use crate::collections::SortedMap;
use crate::time::SimTime;

/// When, and the number of the event.
pub(super) type Key = (SimTime, u64);

/// Every event to come.
#[derive(Clone, Debug, Default)]
pub struct Queue {
    due: SortedMap<Reverse<Key>, Due>,
}

impl Queue {
    /// When the next event is due.
    pub(super) fn next_at(&self) -> Option<SimTime> {
        self.due.last_key_value().map(|(Reverse(key), _)| key.0)
    }

    /// Takes the next event.
    pub(super) fn pop(&mut self) -> Option<(Key, Due)> {
        self.due.pop_last().map(|(Reverse(key), due)| (key, due))
    }

    /// Adds an event.
    pub(super) fn insert(&mut self, key: Key, due: Due) {
        self.due.insert(Reverse(key), due);
    }

    /// Takes an event back.
    pub(super) fn remove(&mut self, key: &Key) -> Option<Due> {
        self.due.remove(&Reverse(*key))
    }

    /// Every event that is due at a moment, in order.
    pub(super) fn at(&self, at: SimTime) -> impl Iterator<Item = (Key, &Due)> {
        self.iter().skip_while(move |(key, _)| key.0 < at).take_while(move |(key, _)| key.0 == at)
    }

    /// Every event, soonest first.
    pub(super) fn iter(&self) -> impl Iterator<Item = (Key, &Due)> {
        self.due.iter().rev().map(|(Reverse(key), due)| (*key, due))
    }
}
