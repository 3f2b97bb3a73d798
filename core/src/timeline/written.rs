//! The journal of a branch in words, written once: a page keeps its link and its command line at hand many times a
//! second, and a run of hours has thousands of commands.

use std::cell::RefCell;
use std::fmt::Write;
use std::rc::Rc;

use super::branch::Journaled;
use super::share::escape;

/// Lines of the commands that were given up to a moment. Moments of a branch share one list, which only grows.
#[derive(Clone, Debug, Default)]
pub struct Given {
    /// Those of the branch, some of which may lie ahead.
    lines: Rc<RefCell<Vec<Rc<str>>>>,
    count: usize,
}

impl Given {
    /// How many.
    pub fn len(&self) -> usize {
        self.count
    }

    /// None was given.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The newest.
    pub fn last(&self) -> Option<Rc<str>> {
        self.lines.borrow().get(self.count.checked_sub(1)?).cloned()
    }

    /// Those after the first `seen`, with their numbers from 1.
    pub fn after(&self, seen: usize) -> Vec<(usize, Rc<str>)> {
        (1..).zip(self.lines.borrow().iter().take(self.count).cloned()).skip(seen).collect()
    }
}

/// What is written of a branch.
#[derive(Debug, Default)]
pub(super) struct Written {
    branch: usize,
    /// As links have it.
    text: String,
    /// Where each command ends in the text.
    ends: Vec<usize>,
    given: Given,
    /// The text up to so many commands, as it was asked for last.
    last: Option<(usize, Rc<str>)>,
}

impl Clone for Written {
    /// A copy of a timeline goes its own way: it must not write into the list of the first.
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl Written {
    /// Writes what is missing of the first `commands` of this branch.
    pub(super) fn go_on(&mut self, branch: usize, journal: &[Journaled], commands: usize) {
        if self.branch != branch {
            *self = Self { branch, ..Self::default() };
        }
        let mut lines = self.given.lines.borrow_mut();
        for entry in journal.iter().take(commands).skip(self.ends.len()) {
            let line = entry.command.to_string();
            let _ = write!(self.text, "&do={}~{}~{}", entry.at.0, entry.steps, escape(&line));
            self.ends.push(self.text.len());
            lines.push(line.into());
        }
    }

    /// The text of a link up to so many commands, after what the cluster began with.
    pub(super) fn text(&mut self, commands: usize, genesis: impl FnOnce() -> String) -> Rc<str> {
        let commands = commands.min(self.ends.len());
        if self.last.as_ref().is_none_or(|(of, _)| *of != commands) {
            let end = commands.checked_sub(1).and_then(|last| self.ends.get(last)).copied().unwrap_or(0);
            let text = format!("{}{}", genesis(), self.text.get(..end).unwrap_or_default());
            self.last = Some((commands, text.into()));
        }
        self.last.as_ref().map(|(_, text)| text.clone()).unwrap_or_default()
    }

    /// The lines of so many commands.
    pub(super) fn given(&self, commands: usize) -> Given {
        Given { lines: self.given.lines.clone(), count: commands.min(self.ends.len()) }
    }
}
