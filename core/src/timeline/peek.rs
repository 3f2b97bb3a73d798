//! Another branch at the time of the clock, without leaving the one that is shown; and what two branches
//! tell differently.

use crate::collections::Order;
use std::rc::Rc;

use super::branch::Branch;
use super::run::Run;
use super::{Event, Position, Timeline, position};
use crate::collections::BTreeMap;
use crate::time::SimTime;
use crate::view::{ClusterView, Viewer};

/// A branch that is looked at beside the one that is shown.
#[derive(Clone, Debug)]
pub struct Peek {
    branch: usize,
    run: Run,
    commands: usize,
    viewer: Viewer,
    /// The branch's end when it was last looked at.
    end: Position,
}

/// Something that only one of two branches tells.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ToldApart {
    /// When.
    pub at: SimTime,
    /// Where.
    pub node: String,
    /// What.
    pub text: String,
    /// It is told by the second branch; else by the first.
    pub second: bool,
}

impl Peek {
    /// The number of the branch.
    pub fn branch(&self) -> usize {
        self.branch
    }

    /// What there is to see of it.
    pub fn view(&mut self) -> Rc<ClusterView> {
        Rc::new(self.viewer.view(&self.run.world, &self.run.promises))
    }

    fn position(&self) -> Position {
        position(&self.run.world, self.commands)
    }

    fn go(&mut self, line: &Branch, at: SimTime) {
        loop {
            let steps = self.run.world.steps();
            let due = line.journal.get(self.commands).filter(|entry| entry.at <= at && steps >= entry.steps);
            if let Some(entry) = due {
                self.run.world.run_until_clock(entry.at);
                // It was carried out once; on the same state it cannot be refused.
                let _ = self.run.execute(&entry.command);
                self.commands += 1;
            } else if self.run.world.next_event_at().is_some_and(|next| next <= at) {
                self.run.step();
            } else {
                break;
            }
            self.run.world.forget_observed();
        }
        self.run.world.run_until_clock(at);
    }
}

impl Timeline {
    /// A branch as it stands at `at`. Past its recorded end it goes on without anybody doing anything.
    /// What was looked at `last` saves the way there. `None` if there is no such branch.
    pub fn peek(&self, branch: usize, at: SimTime, last: Option<Peek>) -> Option<Peek> {
        let line = self.branches.get(branch)?;
        let target = Position { at, steps: u64::MAX, commands: usize::MAX };
        let near = last.filter(|last| {
            let from = last.position();
            // Beyond its end of then the branch may have gone another way since.
            let is_of_branch = last.branch == branch && (from <= last.end || last.end == line.end);
            is_of_branch && from.at <= at && !line.has_checkpoint_between(from, target)
        });
        let mut peek = near.unwrap_or_else(|| {
            let (from, run) = line.checkpoint_before(target);
            Peek { branch, run, commands: from.commands, viewer: Viewer::default(), end: line.end }
        });
        peek.end = line.end;
        peek.go(line, at);
        Some(peek)
    }

    /// Where two branches part: the last moment that both have.
    pub fn parting(&self, first: usize, second: usize) -> Option<SimTime> {
        self.parting_position(first, second).map(|position| position.at)
    }

    fn parting_position(&self, first: usize, second: usize) -> Option<Position> {
        let line = |branch: usize| {
            let mut all = Vec::new();
            let mut until = self.branches.get(branch)?.end;
            let mut number = Some(branch);
            while let Some(here) = number {
                let one = self.branches.get(here)?;
                all.push((here, until));
                until = until.min(one.fork_at);
                number = one.parent;
            }
            Some(all)
        };
        let (first, second) = (line(first)?, line(second)?);
        let common = |(branch, until): &(usize, Position)| {
            let other = second.iter().find(|(one, _)| one == branch)?;
            Some((*until).min(other.1))
        };
        first.iter().find_map(common)
    }

    /// What only one of two branches tells after they part, up to `at`, in order.
    pub fn told_apart(&self, first: usize, second: usize, at: SimTime) -> Vec<ToldApart> {
        // A command that is given where they part is told at that very moment.
        let Some(from) = self.parting_position(first, second) else { return Vec::new() };
        let told = |branch: usize| {
            let events = self.branches.get(branch).into_iter().flat_map(|branch| branch.events.iter());
            events.filter(move |event| event.position > from && event.at <= at && event.is_stop())
        };
        // What both tell, at whatever time, is no difference; each telling excuses one of the other's.
        let key = |event: Event<'_>| (event.node.to_string(), event.text());
        let mut count: BTreeMap<(String, String), i64> = BTreeMap::new();
        for event in told(first) {
            *count.entry(key(event)).or_default() += 1;
        }
        let mut only: Vec<ToldApart> = Vec::new();
        for event in told(second) {
            let (node, text) = key(event);
            let left = count.entry((node.clone(), text.clone())).or_default();
            *left -= 1;
            if *left < 0 {
                only.push(ToldApart { at: event.at, node, text, second: true });
            }
        }
        // Of what the first tells more often, the latest are the ones too many.
        let mut mine: Vec<Event<'_>> = told(first).collect();
        while let Some(event) = mine.pop() {
            let (node, text) = key(event);
            if let Some(left) = count.get_mut(&(node.clone(), text.clone())).filter(|left| **left > 0) {
                *left -= 1;
                only.push(ToldApart { at: event.at, node, text, second: false });
            }
        }
        only.order_by(|a, b| (a.at, a.second, &a.text).cmp(&(b.at, b.second, &b.text)));
        only
    }

    /// Gives a branch a name of one's own. Without letters it keeps the one that it has.
    pub fn rename(&mut self, branch: usize, name: &str) -> bool {
        let name: String = name.trim().chars().filter(|letter| !letter.is_control()).take(40).collect();
        match self.branches.get_mut(branch) {
            Some(branch) if !name.is_empty() => {
                branch.name = name;
                true
            }
            _ => false,
        }
    }
}
