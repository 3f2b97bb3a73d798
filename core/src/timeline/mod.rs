//! Time travel: the state at any time is a function of genesis, seed and the journal of commands, so
//! stepping back, scrubbing, branching and sharing by link are the same mechanism.
//!
//! A position is (time, events run, commands given). Checkpoints are clones of the world; any seek
//! replays from the nearest one before.

mod again;
mod ask;
mod branch;
mod chain;
mod events;
mod film;
mod link;
mod look;
mod peek;
mod run;
mod share;
#[cfg(test)]
mod tests;
mod why;
mod written;

use std::cell::RefCell;
use std::rc::Rc;

pub use branch::BranchView;
use branch::{Branch, Journaled};
pub use events::{Event, Events};
pub use film::Film;
pub use link::{seal, unseal};
pub use look::{Looked, completions, looks};
pub use peek::{Peek, ToldApart};
use run::Run;
pub use share::{escape, known_part, unescape};
pub use why::{Because, Cause, Reasons};
pub use written::Given;
use written::Written;

use crate::command::{Command, CommandError};
use crate::sim::{Genesis, Observed, World};
use crate::time::{SimDuration, SimTime};
use crate::view::{ClusterView, Viewer, is_routine};

/// Where the learner is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Position {
    /// Simulated time.
    pub at: SimTime,
    /// Events run.
    pub steps: u64,
    /// Commands given.
    pub commands: usize,
}

/// The timeline of one playground.
#[derive(Clone, Debug)]
pub struct Timeline {
    genesis: Genesis,
    branches: Vec<Branch>,
    active: usize,
    run: Run,
    commands: usize,
    views: RefCell<Views>,
    written: RefCell<Written>,
    strayed_at: Option<SimTime>,
}

/// The last view, and what the next one can take from it.
#[derive(Clone, Debug, Default)]
struct Views {
    viewer: Viewer,
    last: Option<(u64, Rc<ClusterView>)>,
}

impl Views {
    /// The view of a state; of the same state twice it is the same allocation.
    fn view(&mut self, state_hash: u64, run: &Run) -> Rc<ClusterView> {
        if let Some((of, view)) = &self.last
            && *of == state_hash
        {
            return view.clone();
        }
        let view = Rc::new(self.viewer.view(&run.world, &run.promises));
        self.last = Some((state_hash, view.clone()));
        view
    }
}

impl Timeline {
    /// Boots the cluster of `genesis`.
    ///
    /// # Errors
    /// The genesis asks for a cluster that Kafka would refuse.
    pub fn new(genesis: Genesis) -> Result<Self, CommandError> {
        let run = Run::new(&genesis)?;
        let start = position(&run.world, 0);
        let branches = vec![Branch::first(start, run.clone())];
        Ok(Self {
            genesis,
            branches,
            active: 0,
            run,
            commands: 0,
            views: RefCell::default(),
            written: RefCell::default(),
            strayed_at: None,
        })
    }

    /// What the cluster began with.
    pub fn genesis(&self) -> &Genesis {
        &self.genesis
    }

    /// The present moment.
    pub fn now(&self) -> SimTime {
        self.run.world.now()
    }

    /// Where the learner is.
    pub fn position(&self) -> Position {
        position(&self.run.world, self.commands)
    }

    /// The first moment that is shown: the cluster stands.
    pub fn start(&self) -> SimTime {
        self.branch().start.at
    }

    /// The furthest moment that this branch has reached.
    pub fn end(&self) -> SimTime {
        self.branch().end.at
    }

    /// The furthest position that this branch has reached: its exact end, where [`Self::end`] is only a time.
    pub fn end_position(&self) -> Position {
        self.branch().end
    }

    /// True if nothing of this branch lies ahead.
    pub fn is_at_end(&self) -> bool {
        self.position() >= self.branch().end
    }

    /// The world at the present moment.
    pub fn world(&self) -> &World {
        &self.run.world
    }

    /// What the page draws.
    pub fn view(&self) -> Rc<ClusterView> {
        self.views.borrow_mut().view(self.state_hash(), &self.run)
    }

    /// Everything worth telling of this branch, past and recorded future.
    pub fn events(&self) -> &Events {
        &self.branch().events
    }

    /// Commands of this branch with their times, past and recorded future.
    pub fn journal(&self) -> impl ExactSizeIterator<Item = (SimTime, &Command)> + DoubleEndedIterator {
        self.branch().journal.iter().map(|entry| (entry.at, &entry.command))
    }

    /// Nothing but polling, heartbeats and routine is on its way.
    pub fn is_quiet(&self) -> bool {
        self.run.world.network().in_flight.values().all(|envelope| is_routine(envelope))
    }

    /// A digest of the state here: equal for equal histories.
    pub fn state_hash(&self) -> u64 {
        let mut hash = self.run.world.fingerprint();
        for number in [self.run.world.now().0, self.run.world.steps(), self.commands as u64] {
            hash = (hash ^ number).wrapping_mul(0x0100_0000_01b3).rotate_left(17);
        }
        hash
    }

    fn branch(&self) -> &Branch {
        &self.branches[self.active]
    }

    /// Gives a command now. In the past this begins a new branch; the old future stays listed.
    /// [`Command::Wait`] only lets time pass.
    ///
    /// # Errors
    /// The command is refused; nothing has changed.
    pub fn act(&mut self, command: Command) -> Result<(), CommandError> {
        if let Command::Wait(span) = command {
            let until = self.now() + span;
            self.run_to(until, u64::MAX);
            return Ok(());
        }
        let mut tried = self.run.clone();
        tried.execute(&command)?;
        if !self.is_at_end() {
            self.fork();
        }
        let before = self.position();
        // What was ahead in this branch is no more, and neither is its text.
        if self.branches[self.active].journal.len() > self.commands {
            self.written.take();
        }
        self.branches[self.active].journal.truncate(self.commands);
        self.branches[self.active].journal.push(Journaled { at: before.at, steps: before.steps, command });
        self.run = tried;
        self.commands += 1;
        self.record();
        Ok(())
    }

    /// The number of the branch that is shown.
    pub fn active_branch(&self) -> usize {
        self.active
    }

    /// True if a moment of a branch lies on the line that is shown: it is of this branch, or of one
    /// that this branch left later. It may lie ahead.
    pub fn covers(&self, branch: usize, position: Position) -> bool {
        let mut number = self.active;
        let mut until = self.branch().end.max(self.position());
        loop {
            if number == branch {
                return position <= until;
            }
            let Some(parent) = self.branches[number].parent else { return false };
            until = until.min(self.branches[number].fork_at);
            number = parent;
        }
    }

    /// Begins a branch here with nothing ahead, unless nothing is ahead anyway.
    pub fn fork_here(&mut self) {
        if !self.is_at_end() {
            self.fork();
        }
    }

    fn fork(&mut self) {
        let number = self.branches.len();
        let here = self.position();
        let mut branch = self.branches[self.active].fork_at(here, number, self.active);
        branch.end = here;
        self.branches.push(branch);
        self.active = number;
    }

    /// Takes what the world has observed into the branch, unless it is known already.
    fn record(&mut self) {
        let here = self.position();
        let branch = &mut self.branches[self.active];
        if here <= branch.end {
            self.run.world.forget_observed();
            return;
        }
        let observed = self.run.world.take_observed();
        for one in observed {
            let Observed { at, node, observation, .. } = one;
            branch.events.push(here, at, node, observation);
        }
        branch.end = here;
        branch.keep_checkpoint(here, &self.run);
    }

    /// The position before the recorded command that comes next, if nothing else comes before it.
    fn next_command(&self) -> Option<Position> {
        let entry = self.branch().journal.get(self.commands)?;
        let before = Position { at: entry.at, steps: entry.steps, commands: self.commands };
        (self.run.world.steps() >= entry.steps).then_some(before)
    }

    /// One thing ahead: an event of the world, or a command of the recorded journal. False if there
    /// is nothing up to `limit`.
    fn advance(&mut self, limit: SimTime) -> bool {
        let steps = self.run.world.steps();
        let is_due = |entry: &&Journaled| entry.at <= limit && steps >= entry.steps;
        if let Some(entry) = self.branch().journal.get(self.commands).filter(is_due).cloned() {
            self.run.world.run_until_clock(entry.at);
            // It was carried out once; on the same state it cannot be refused.
            let _ = self.run.execute(&entry.command);
            self.commands += 1;
            self.record();
            return true;
        }
        if self.run.world.next_event_at().is_some_and(|at| at <= limit) {
            self.run.step();
            self.record();
            return true;
        }
        false
    }

    /// Runs on to the next stop: an event worth telling, or the moment before a recorded command.
    /// Where nothing is worth telling for ten seconds it stops then. False if nothing will ever happen.
    pub fn step(&mut self) -> bool {
        const QUIET: SimDuration = SimDuration::from_ms(10_000);
        let from = self.position();
        loop {
            if let Some(before) = self.next_command().filter(|before| *before > from) {
                self.run.world.run_until_clock(before.at);
                return true;
            }
            if self.run.world.next_event_at().is_none() && self.next_command().is_none() {
                return false;
            }
            if !self.advance(from.at + QUIET) {
                return self.run_to(from.at + QUIET, u64::MAX);
            }
            let here = self.position();
            if self.branch().stops_at(from, here) {
                return true;
            }
        }
    }

    /// The stop before this moment; `None` at the start.
    pub fn stop_before(&self) -> Option<Position> {
        self.branch().stop_before(self.position())
    }

    /// Goes back to the stop before. False at the start.
    pub fn step_back(&mut self) -> bool {
        let here = self.position();
        match self.branch().stop_before(here) {
            Some(stop) => {
                self.go_to(stop);
                true
            }
            None => false,
        }
    }

    /// Goes on until `until`, but runs at most `budget_events`. True if it got there.
    pub fn run_to(&mut self, until: SimTime, budget_events: u64) -> bool {
        for _ in 0..budget_events {
            if !self.advance(until) {
                self.run.world.run_until_clock(until);
                let here = self.position();
                let branch = &mut self.branches[self.active];
                branch.end = branch.end.max(here);
                return true;
            }
        }
        false
    }

    /// Goes to a time, backwards or forwards: everything up to and including it has happened.
    pub fn seek(&mut self, at: SimTime) {
        let at = at.max(self.start());
        let target = Position { at, steps: u64::MAX, commands: usize::MAX };
        self.approach(target);
        self.run_to(at, u64::MAX);
    }

    /// Goes to an exact position of this branch.
    pub fn go_to(&mut self, target: Position) {
        self.go_to_within(target, u64::MAX);
    }

    /// Goes to an exact position, but runs at most `budget_events`. True if it got there.
    fn go_to_within(&mut self, target: Position, budget_events: u64) -> bool {
        self.approach(target);
        let last = self.run.world.steps().saturating_add(budget_events);
        while (self.run.world.steps(), self.commands) < (target.steps, target.commands) && self.advance(target.at) {
            if self.run.world.steps() >= last {
                return false;
            }
        }
        self.run.world.run_until_clock(target.at);
        true
    }

    /// Goes to the checkpoint from which the way to `target` is shortest, unless it is shorter from here.
    fn approach(&mut self, target: Position) {
        let here = self.position();
        if target < here {
            self.views.get_mut().viewer.world_went_back();
            self.rewind(target);
        } else if self.branch().has_checkpoint_between(here, target) {
            self.rewind(target);
        }
    }

    /// Restores the newest checkpoint that is not after `target`. Who goes back with it, or to another branch, tells the
    /// viewer.
    fn rewind(&mut self, target: Position) {
        let (at, run) = self.branch().checkpoint_before(target);
        self.run = run;
        self.commands = at.commands;
    }

    /// All branches, oldest first.
    pub fn branches(&self) -> Vec<BranchView> {
        self.branches.iter().enumerate().map(|(id, branch)| branch.describe(id, id == self.active)).collect()
    }

    /// Goes to the end of another branch. False if there is none with this number.
    pub fn switch(&mut self, id: usize) -> bool {
        let Some(branch) = self.branches.get(id) else { return false };
        let end = branch.end;
        self.active = id;
        self.views.get_mut().viewer.world_went_back();
        self.rewind(end);
        self.go_to(end);
        true
    }
}

fn position(world: &World, commands: usize) -> Position {
    Position { at: world.now(), steps: world.steps(), commands }
}
