//! One line of history: its journal, what it told, and checkpoints to return to.

use crate::collections::BTreeMap;
use std::rc::Rc;

use super::run::Run;
use super::{Event, Events, Position};
use crate::command::Command;
use crate::time::SimTime;

/// Events between checkpoints at first; the distance grows with the branch.
const CHECKPOINT_EVERY: u64 = 400;
/// More checkpoints than this are not kept.
const CHECKPOINTS_MAX: usize = 48;

/// A command and the position at which it was given.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Journaled {
    /// When.
    pub at: SimTime,
    /// After how many events.
    pub steps: u64,
    /// What.
    pub command: Command,
}

/// A branch as the page lists it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BranchView {
    /// Its number, for [`super::Timeline::switch`].
    pub id: usize,
    /// `main`, `branch 1`, …
    pub name: String,
    /// Where it left its parent.
    pub fork_at: SimTime,
    /// The number of its parent.
    pub parent: Option<usize>,
    /// The furthest moment it has reached.
    pub end: SimTime,
    /// It is the one being shown.
    pub active: bool,
}

#[derive(Clone, Debug)]
pub(super) struct Branch {
    pub(super) name: String,
    pub(super) parent: Option<usize>,
    pub(super) start: Position,
    pub(super) fork_at: Position,
    pub(super) end: Position,
    pub(super) journal: Vec<Journaled>,
    pub(super) events: Events,
    /// The run at `start`: where every replay can begin.
    first: Rc<Run>,
    checkpoints: BTreeMap<Position, Rc<Run>>,
}

impl Branch {
    pub(super) fn first(start: Position, run: Run) -> Self {
        Self {
            name: "main".into(),
            parent: None,
            start,
            fork_at: start,
            end: start,
            journal: Vec::new(),
            events: Events::default(),
            first: Rc::new(run),
            checkpoints: BTreeMap::new(),
        }
    }

    pub(super) fn fork_at(&self, here: Position, number: usize, parent: usize) -> Self {
        let mut events = self.events.clone();
        events.keep_until(here);
        Self {
            name: format!("branch {number}"),
            parent: Some(parent),
            start: self.start,
            fork_at: here,
            end: here,
            journal: self.journal[..here.commands.min(self.journal.len())].to_vec(),
            events,
            first: self.first.clone(),
            checkpoints: self.checkpoints.range(..=here).map(|(position, run)| (*position, run.clone())).collect(),
        }
    }

    pub(super) fn keep_checkpoint(&mut self, here: Position, run: &Run) {
        let newest = self.checkpoints.keys().next_back().map_or(self.start.steps, |position| position.steps);
        let events = here.steps.saturating_sub(self.start.steps);
        // As if there were two thirds of the most: with fewer the newest would lie farther apart than the others, with
        // more they would be forgotten as soon as they are made.
        if here.steps < newest + CHECKPOINT_EVERY.max(events * 3 / (CHECKPOINTS_MAX as u64 * 2)) {
            return;
        }
        self.checkpoints.insert(here, Rc::new(run.clone()));
        if self.checkpoints.len() > CHECKPOINTS_MAX {
            self.forget_one();
        }
    }

    /// Forgets the checkpoint that leaves the shortest gap. One at a time: what a hundred brokers knew takes
    /// long to let go, and playing must not stand still for it.
    fn forget_one(&mut self) {
        let keys: Vec<Position> = self.checkpoints.keys().copied().collect();
        let before = std::iter::once(&self.start).chain(&keys);
        let gaps = before.zip(&keys).zip(keys.iter().skip(1));
        let gap = |(from, to): (&Position, &Position)| to.steps - from.steps;
        if let Some(((_, spare), _)) = gaps.min_by_key(|((from, _), to)| gap((from, to))) {
            self.checkpoints.remove(spare);
        }
    }

    /// How many events lie before the branch.
    #[cfg(test)]
    pub(super) fn start_steps(&self) -> u64 {
        self.start.steps
    }

    /// How many events lie before each checkpoint.
    #[cfg(test)]
    pub(super) fn checkpoint_steps(&self) -> Vec<u64> {
        self.checkpoints.keys().map(|position| position.steps).collect()
    }

    /// There is a checkpoint after `here` that is not after `target`.
    pub(super) fn has_checkpoint_between(&self, here: Position, target: Position) -> bool {
        here < target && self.checkpoints.range(..=target).next_back().is_some_and(|(position, _)| *position > here)
    }

    pub(super) fn checkpoint_before(&self, target: Position) -> (Position, Run) {
        let newest = self.checkpoints.range(..=target).next_back();
        let (position, run) = newest.map_or((self.start, &self.first), |(position, run)| (*position, run));
        (position, Run::clone(run))
    }

    /// The first checkpoint with at least so many events.
    pub(super) fn checkpoint_after(&self, steps: u64) -> Option<(Position, Run)> {
        let found = self.checkpoints.iter().find(|(position, _)| position.steps >= steps);
        found.map(|(position, run)| (*position, Run::clone(run)))
    }

    /// True if something worth telling happened after `from`, up to `here`.
    pub(super) fn stops_at(&self, from: Position, here: Position) -> bool {
        let after = self.events.partition_point(|event| event.position <= from);
        self.events.since(after).take_while(|event| event.position <= here).any(|event| event.is_stop())
    }

    /// The newest stop before `here`: an event, the moment before a command, or the start.
    pub(super) fn stop_before(&self, here: Position) -> Option<Position> {
        let until = self.events.partition_point(|event| event.position < here);
        let told = self.events.iter().take(until).rev().find(Event::is_stop).map(|event| event.position);
        let given = self
            .journal
            .iter()
            .enumerate()
            .map(|(commands, entry)| Position { at: entry.at, steps: entry.steps, commands })
            .rfind(|position| *position < here);
        let start = Some(self.start).filter(|start| *start < here);
        told.max(given).max(start)
    }

    pub(super) fn describe(&self, id: usize, active: bool) -> BranchView {
        BranchView {
            id,
            name: self.name.clone(),
            fork_at: self.fork_at.at,
            parent: self.parent,
            end: self.end.at,
            active,
        }
    }
}
