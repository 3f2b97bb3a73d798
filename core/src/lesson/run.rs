//! Plays a lesson: which step, what was answered, what was reached. What is true of the cluster is
//! always asked of the timeline's position, so stepping back takes goals back with it.

use std::rc::Rc;

use super::{Lesson, LessonError, Pick, Step};
use crate::command::{Command, CommandError};
use crate::time::{SimDuration, SimTime};
use crate::timeline::{Position, Timeline};
use crate::view::ClusterView;

/// A moment of a branch.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Mark {
    pub(super) branch: usize,
    pub(super) position: Position,
}

impl Mark {
    fn here(timeline: &Timeline) -> Self {
        Self { branch: timeline.active_branch(), position: timeline.position() }
    }

    /// It lies on the line that is shown, here or before.
    pub(super) fn is_past(self, timeline: &Timeline) -> bool {
        self.position <= timeline.position() && timeline.covers(self.branch, self.position)
    }
}

/// What is known of one step.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Progress {
    /// Where it began.
    pub(super) start: Mark,
    pub(super) answer: Option<Pick>,
    pub(super) locked: bool,
    pub(super) hints: usize,
    /// Of each goal: where it was found true first, one mark a line of history.
    pub(super) goals: Vec<Vec<Mark>>,
    /// Where the step was decided, and which option was right there.
    pub(super) decided: Vec<(Mark, Option<usize>)>,
    /// Commands of `play` that the cluster refused, by their place in it.
    pub(super) refused: Vec<(Mark, usize, CommandError)>,
}

/// A lesson being played. It keeps what the learner did; the cluster is in the timeline beside it.
#[derive(Clone, PartialEq, Debug)]
pub struct LessonRun {
    lesson: Rc<Lesson>,
    pub(super) steps: Vec<Progress>,
    /// Where stepping ended though nothing was told: the step was decided, or all was quiet.
    rests: Vec<Mark>,
}

/// What came of letting time pass.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Ran {
    /// The time was reached, or nothing can be run; false if the budget ended before.
    pub arrived: bool,
    /// The step was decided just now: the page pauses and shows the grade.
    pub settled: bool,
    /// A prediction has to be locked first: nothing was run.
    pub blocked: bool,
}

impl LessonRun {
    /// Boots the lesson's cluster and prepares its first step.
    ///
    /// # Errors
    /// The cluster, or a command of the first step's `run`, is refused.
    pub fn open(lesson: Rc<Lesson>) -> Result<(Self, Timeline), LessonError> {
        let mut timeline = Timeline::new(lesson.genesis.clone())
            .map_err(|wrong| LessonError::new(1, format!("{}: {}", wrong.place, wrong.message)))?;
        let mut run = Self { lesson, steps: Vec::new(), rests: Vec::new() };
        run.begin_step(&mut timeline)?;
        Ok((run, timeline))
    }

    /// Goes on with a lesson at a moment that a link brought back: step `number` (from 0) began at
    /// `start` of the line that is shown. What was answered in the steps before is not known.
    pub fn resume(lesson: Rc<Lesson>, number: usize, timeline: &Timeline, start: Position) -> Self {
        let last = lesson.steps.len().saturating_sub(1);
        let branch = timeline.active_branch();
        let begin = Mark { branch, position: start };
        let steps = lesson.steps.iter().take(number.min(last) + 1);
        let steps = steps
            .enumerate()
            .map(|(at, step)| Progress {
                start: begin,
                answer: None,
                locked: false,
                hints: 0,
                goals: vec![Vec::new(); step.goals.len()],
                // Steps before this one are behind the learner: going back leads to where this one began.
                decided: if at < number.min(last) { vec![(begin, None)] } else { Vec::new() },
                refused: Vec::new(),
            })
            .collect();
        Self { lesson, steps, rests: Vec::new() }
    }

    /// Where the step that is shown began.
    pub fn step_start(&self) -> Option<Position> {
        self.steps.last().map(|progress| progress.start.position)
    }

    /// The answer of the step that is shown, once it is locked.
    pub fn locked_pick(&self) -> Option<Pick> {
        self.steps.last().filter(|progress| progress.locked).and_then(|progress| progress.answer)
    }

    /// The lesson that is played.
    pub fn lesson(&self) -> &Lesson {
        &self.lesson
    }

    /// Which step, from 0.
    pub fn step_number(&self) -> usize {
        self.steps.len().saturating_sub(1)
    }

    pub(super) fn progress(&self) -> Option<(&Step, &Progress)> {
        Some((self.lesson.steps.get(self.step_number())?, self.steps.last()?))
    }

    /// Carries out the `run` commands of the step after the last one begun.
    fn begin_step(&mut self, timeline: &mut Timeline) -> Result<(), LessonError> {
        let lesson = self.lesson.clone();
        let Some(step) = lesson.steps.get(self.steps.len()) else { return Ok(()) };
        for command in &step.run {
            timeline.act(command.clone()).map_err(|wrong| {
                LessonError::new(
                    step.line,
                    format!("the command {command} is refused: {}: {}", wrong.place, wrong.message),
                )
            })?;
        }
        self.steps.push(Progress {
            start: Mark::here(timeline),
            answer: None,
            locked: false,
            hints: 0,
            goals: vec![Vec::new(); step.goals.len()],
            decided: Vec::new(),
            refused: Vec::new(),
        });
        self.notice(timeline);
        Ok(())
    }

    /// Picks an answer; nothing happens after it was locked, or if there is no such option.
    pub fn pick(&mut self, pick: Pick) {
        let options = self.progress().and_then(|(step, _)| step.ask.as_ref()).map_or(0, |ask| ask.options.len());
        if let Some(progress) = self.steps.last_mut()
            && !progress.locked
            && options > 0
            && !matches!(pick, Pick::Option(number) if number >= options)
        {
            progress.answer = Some(pick);
        }
    }

    /// Locks the picked answer. False if none is picked.
    pub fn lock(&mut self) -> bool {
        match self.steps.last_mut() {
            Some(progress) if progress.answer.is_some() => {
                progress.locked = true;
                true
            }
            _ => false,
        }
    }

    /// Shows one hint more.
    pub fn show_hint(&mut self) {
        let most = self.progress().map_or(0, |(step, _)| step.hints.len());
        if let Some(progress) = self.steps.last_mut() {
            progress.hints = (progress.hints + 1).min(most);
        }
    }

    /// False while a prediction waits to be locked.
    pub fn may_advance(&self) -> bool {
        self.progress().is_none_or(|(step, progress)| step.ask.is_none() || progress.locked)
    }

    /// Lets time pass until `until`, but runs at most `budget_events`; stops early where the step is
    /// decided. Commands of `play` are given when they are due.
    pub fn run_to(&mut self, timeline: &mut Timeline, until: SimTime, budget_events: u64) -> Ran {
        self.go(timeline, until, budget_events, None)
    }

    /// The same; `from`: stops before a command of `play` if time has passed since then.
    fn go(&mut self, timeline: &mut Timeline, until: SimTime, budget_events: u64, from: Option<Position>) -> Ran {
        let mut ran = Ran::default();
        let mut limit = None;
        for _ in 0..budget_events {
            let Some((until_here, is_moment)) = limit.or_else(|| self.limit(timeline, until)) else {
                return Ran { arrived: true, blocked: true, ..ran };
            };
            let (told, commands) = (timeline.events().len(), timeline.position().commands);
            let arrived = timeline.run_to(until_here, 1);
            if arrived && from.is_some_and(|from| timeline.position() > from) && self.is_command_due(timeline) {
                return Ran { arrived: true, ..ran };
            }
            let acted = arrived && self.act_due(timeline);
            // An event may fall on the very end of `play`: that is the moment, not the event after it.
            // Where a frame of the page ends is no moment at all.
            let is_due = acted || (is_moment && timeline.now() >= until_here);
            if is_due || told_more(timeline, told) {
                ran.settled = self.notice(timeline);
            }
            // What is due next changes only here; asking after every event would cost more than the event.
            limit = Some((until_here, is_moment)).filter(|_| !is_due && timeline.position().commands == commands);
            ran.arrived = arrived && !acted && until_here >= until;
            if ran.arrived || ran.settled {
                return ran;
            }
        }
        ran
    }

    /// Runs on to the next thing worth telling, or to the moment before a command of `play`: where
    /// [`Self::step_back`] stops too.
    pub fn step(&mut self, timeline: &mut Timeline) -> Ran {
        /// If nothing happens at all, as far as this.
        const QUIET: SimDuration = SimDuration::from_ms(60_000);
        const BOUND: u64 = 200_000;
        let until = timeline.now() + QUIET;
        let (from, mut ran) = (timeline.position(), Ran::default());
        for _ in 0..BOUND {
            let before = timeline.position();
            ran = self.go(timeline, until, 1, Some(from));
            let is_stop = stops_between(timeline, before, timeline.position());
            if ran.blocked || ran.settled || ran.arrived || is_stop {
                let here = Mark::here(timeline);
                if here.position > from && !self.rests.contains(&here) {
                    self.rests.push(here);
                }
                return Ran { arrived: true, ..ran };
            }
        }
        ran
    }

    /// Goes back to the stop before: an event, the moment before a command, one where stepping
    /// ended for want of either, or where a step of the lesson began. False at the start.
    pub fn step_back(&self, timeline: &mut Timeline) -> bool {
        let here = timeline.position();
        let past = |mark: &&Mark| mark.position < here && timeline.covers(mark.branch, mark.position);
        let begun = self.steps.iter().map(|progress| &progress.start);
        let rest = self.rests.iter().chain(begun).filter(past).map(|mark| mark.position).max();
        match rest.filter(|rest| timeline.stop_before().is_none_or(|stop| stop < *rest)) {
            Some(rest) => {
                timeline.go_to(rest);
                true
            }
            None => timeline.step_back(),
        }
    }

    /// How far time may pass in one go, and whether something is due there; `None` if a prediction has
    /// to be locked first.
    fn limit(&self, timeline: &Timeline, until: SimTime) -> Option<(SimTime, bool)> {
        let Some((step, progress)) = self.progress() else { return Some((until, false)) };
        if !self.may_advance() {
            // What lies before the question may be looked at again.
            let is_before = progress.start.position > timeline.position();
            return is_before.then(|| (until.min(progress.start.position.at), false));
        }
        let due = Self::next_due(step, progress, timeline).map(|(at, _)| at).filter(|at| *at <= until);
        Some(due.map_or((until, false), |at| (at, true)))
    }

    /// A command of `play` is to be given now.
    fn is_command_due(&self, timeline: &Timeline) -> bool {
        let due = self.progress().and_then(|(step, progress)| Self::next_due(step, progress, timeline));
        matches!(due, Some((at, Some(_))) if at <= timeline.now() && self.may_advance())
    }

    /// Gives the command of `play` that is due now. True if there was one.
    fn act_due(&mut self, timeline: &mut Timeline) -> bool {
        let due = self.progress().and_then(|(step, progress)| Self::next_due(step, progress, timeline));
        let Some((at, Some((number, command)))) = due.map(|(at, due)| (at, due.map(|(n, c)| (n, c.clone())))) else {
            return false;
        };
        if at > timeline.now() || !self.may_advance() {
            return false;
        }
        if let Err(wrong) = timeline.act(command)
            && let Some(progress) = self.steps.last_mut()
        {
            // After free exploration the cluster may be past it: the lesson goes on and says so.
            progress.refused.push((Mark::here(timeline), number, wrong));
        }
        true
    }

    /// Gives a command of the learner. `wait` lets time pass as [`Self::run_to`] does.
    ///
    /// # Errors
    /// The command is refused, or a prediction has to be locked first; nothing has changed.
    pub fn act(&mut self, timeline: &mut Timeline, command: Command) -> Result<Ran, CommandError> {
        if !self.may_advance() {
            return Err(CommandError {
                place: "lesson".into(),
                message: "first lock in an answer, or say that you do not know".into(),
            });
        }
        if let Command::Wait(span) = command {
            let until = timeline.now() + span;
            let mut ran = Ran::default();
            // Waiting goes on where the step is decided on the way.
            while !ran.arrived {
                let now = self.run_to(timeline, until, u64::MAX);
                ran = Ran { settled: ran.settled || now.settled, ..now };
            }
            ran.settled |= self.notice(timeline);
            return Ok(ran);
        }
        timeline.act(command)?;
        Ok(Ran { arrived: true, settled: self.notice(timeline), blocked: false })
    }

    /// Looks whether goals are met here and the step is decided. True if it was decided just now.
    /// Called by everything here that lets time pass; a page that moves the timeline itself may call
    /// it too.
    pub fn notice(&mut self, timeline: &Timeline) -> bool {
        let lesson = self.lesson.clone();
        let number = self.step_number();
        let may_advance = self.may_advance();
        let (Some(step), Some(progress)) = (lesson.steps.get(number), self.steps.last_mut()) else { return false };
        if !progress.start.is_past(timeline) || progress.decided.iter().any(|(mark, _)| mark.is_past(timeline)) {
            return false;
        }
        let here = Mark::here(timeline);
        let has_played = Self::has_played(step, progress, timeline);
        let is_open = |marks: &Vec<Mark>| !marks.iter().any(|mark| mark.is_past(timeline));
        if !has_played && !progress.goals.iter().any(is_open) {
            return false;
        }
        let view = timeline.view();
        for (goal, marks) in step.goals.iter().zip(&mut progress.goals) {
            if is_open(marks) && goal.when.holds(&view) {
                marks.push(here);
            }
        }
        let is_reached = step
            .goals
            .iter()
            .zip(&progress.goals)
            .all(|(goal, marks)| if goal.keep { goal.when.holds(&view) } else { !is_open(marks) });
        if !may_advance || !has_played || !is_reached {
            return false;
        }
        // Where a command of the lesson was refused, what came true answers another question.
        let is_as_planned = !progress.refused.iter().any(|(mark, ..)| mark.is_past(timeline));
        let truth = if is_as_planned { right_option(step, &view) } else { None };
        progress.decided.push((here, truth));
        true
    }

    /// Goes to a moment of the lesson's line, with nothing ahead.
    fn return_to(timeline: &mut Timeline, mark: Mark) {
        if !timeline.covers(mark.branch, mark.position) {
            timeline.switch(mark.branch);
        }
        timeline.go_to(mark.position);
        timeline.fork_here();
    }

    /// Opens the next step from where this one was decided, whatever was explored since. False if
    /// this one is not decided or is the last.
    ///
    /// # Errors
    /// A command of the next step's `run` is refused.
    pub fn next(&mut self, timeline: &mut Timeline) -> Result<bool, LessonError> {
        let decided = self.steps.last().and_then(|progress| progress.decided.last()).map(|(mark, _)| *mark);
        let Some(mark) = decided.filter(|_| self.steps.len() < self.lesson.steps.len()) else { return Ok(false) };
        Self::return_to(timeline, mark);
        self.begin_step(timeline)?;
        Ok(true)
    }

    /// Goes back to the step before, as it was when it was decided. False on the first one.
    pub fn previous(&mut self, timeline: &mut Timeline) -> bool {
        if self.steps.len() < 2 {
            return false;
        }
        self.steps.pop();
        if let Some((mark, _)) = self.steps.last().and_then(|progress| progress.decided.last()) {
            Self::return_to(timeline, *mark);
        }
        true
    }

    /// Goes back to the start of this step: the same state, no answer, no goal met. Hints stay.
    pub fn reset(&mut self, timeline: &mut Timeline) {
        let Some(progress) = self.steps.last_mut() else { return };
        Self::return_to(timeline, progress.start);
        progress.start = Mark::here(timeline);
        progress.answer = None;
        progress.locked = false;
        progress.goals.iter_mut().for_each(Vec::clear);
        progress.decided.clear();
        progress.refused.clear();
        self.notice(timeline);
    }

    /// Takes back the last command since the start of this step, and gives it. `None` if there is none.
    pub fn undo(&mut self, timeline: &mut Timeline) -> Option<Command> {
        let here = timeline.position();
        if here.commands <= self.steps.last()?.start.position.commands {
            return None;
        }
        let last = timeline.journal().take(here.commands).next_back().map(|(_, command)| command.clone());
        while timeline.position().commands >= here.commands && timeline.step_back() {}
        timeline.fork_here();
        last
    }
}

fn told_more(timeline: &Timeline, before: usize) -> bool {
    timeline.events().since(before).any(|event| event.is_stop())
}

/// Something worth telling happened after `from`, up to `until`.
fn stops_between(timeline: &Timeline, from: Position, until: Position) -> bool {
    let events = timeline.events();
    let first = events.partition_point(|event| event.position <= from);
    events.since(first).take_while(|event| event.position <= until).any(|event| event.is_stop())
}

/// The one option that is true here; `None` if none or several are.
fn right_option(step: &Step, view: &ClusterView) -> Option<usize> {
    let options = &step.ask.as_ref()?.options;
    let mut right = options.iter().enumerate().filter(|(_, option)| option.when.holds(view)).map(|(number, _)| number);
    right.next().filter(|_| right.next().is_none())
}
