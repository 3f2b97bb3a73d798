//! One moment as the engine hands it over: what all panels draw from.

use std::ops::Deref;
use std::rc::Rc;

use playground_core::ids::NodeId;
use playground_core::time::SimTime;
use playground_core::timeline::{BranchView, Given, Position, completions};
use playground_core::view::ClusterView;

use super::events::EventRow;
use super::terminal::ToolOutput;
use crate::lesson::LessonView;

/// A shared value that compares by identity: an unchanged part costs a panel nothing.
#[derive(Debug, Default)]
pub struct Shared<T>(Rc<T>);

impl<T> Shared<T> {
    /// Shares `value`.
    pub fn new(value: T) -> Self {
        Self(Rc::new(value))
    }
}

impl<T> Clone for Shared<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> From<Rc<T>> for Shared<T> {
    fn from(value: Rc<T>) -> Self {
        Self(value)
    }
}

impl<T> PartialEq for Shared<T> {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl<T> Deref for Shared<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> Shared<T> {
    /// The pointer itself.
    pub fn rc(&self) -> Rc<T> {
        self.0.clone()
    }
}

/// One moment.
#[derive(Debug)]
pub struct Snapshot {
    /// The cluster.
    pub view: Shared<ClusterView>,
    /// The cluster one stop before, to show what changed.
    pub before: Option<Shared<ClusterView>>,
    /// The first moment shown.
    pub start: SimTime,
    /// The furthest moment of this branch.
    pub end: SimTime,
    /// Nothing recorded lies ahead.
    pub at_end: bool,
    /// Nothing lies before.
    pub at_start: bool,
    /// Only routine is under way: a run passes over it faster.
    pub quiet: bool,
    /// Digest of the state.
    pub state_hash: u64,
    /// What this branch told, past and recorded future; the newest few thousand.
    pub events: Shared<Vec<Rc<EventRow>>>,
    /// How many events of this branch have happened in all.
    pub told: u64,
    /// How many of `events` have happened.
    pub happened: usize,
    /// Lines of all commands given up to here.
    pub given: Given,
    /// What the tools of these commands have printed.
    pub tools: Shared<Vec<ToolOutput>>,
    /// All branches.
    pub branches: Shared<Vec<BranchView>>,
    /// The open lesson.
    pub lesson: Option<Shared<LessonView>>,
    /// What brings this moment back, without `#`, up to the last command given: the same allocation until there is
    /// another.
    pub journal: Rc<str>,
    /// The rest of it.
    pub moment: String,
}

impl Snapshot {
    /// What brings this moment back, without `#`.
    pub fn link(&self) -> String {
        format!("{}{}", self.journal, self.moment)
    }

    /// Simulated time.
    pub fn now(&self) -> SimTime {
        self.view.now
    }

    /// The number of the branch that is shown.
    pub fn branch(&self) -> Option<usize> {
        self.branches.iter().find(|branch| branch.active).map(|branch| branch.id)
    }

    /// The nearest event with a glyph on the axis, after or before this moment.
    pub fn mark(&self, forwards: bool) -> Option<Position> {
        let now = self.now();
        let mut marked = self.events.iter().filter(|event| event.kind.is_major());
        let found = if forwards { marked.find(|event| event.at > now) } else { marked.rfind(|event| event.at < now) };
        found.map(|event| event.position)
    }

    /// Words that may stand in the place of the last, unfinished one of this line.
    pub fn completions(&self, draft: &str) -> Vec<String> {
        let running: Vec<String> = self.running_tools().map(|(_, process)| process.to_string()).collect();
        completions(draft, &self.view, &running)
    }

    /// Tools that run in processes of their own, the last one first.
    pub fn running_tools(&self) -> impl Iterator<Item = (&ToolOutput, &NodeId)> {
        let running = self.tools.iter().rev().filter(|tool| tool.status.is_none());
        running.filter_map(|tool| Some((tool, tool.process.as_ref()?)))
    }

    /// The tool that reads what is typed: the one that was started last, if it reads.
    pub fn reading_tool(&self) -> Option<&NodeId> {
        let (tool, process) = self.running_tools().next()?;
        tool.reads_keys().then_some(process)
    }

    /// The events that have happened, oldest first.
    pub fn past(&self) -> &[Rc<EventRow>] {
        self.events.get(..self.happened).unwrap_or(&self.events)
    }

    /// What happened and is shown as news of this moment.
    pub fn last_event(&self) -> Option<&Rc<EventRow>> {
        self.past().last()
    }
}
