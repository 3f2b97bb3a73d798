//! The commands of a step's `play`: which of them have been given, and which is due next.

use super::run::Progress;
use super::{LessonRun, Step};
use crate::command::Command;
use crate::time::{SimDuration, SimTime};
use crate::timeline::Timeline;

/// A command of `play` and how long after the start of the step it is due.
struct Due<'a> {
    after: SimDuration,
    command: &'a Command,
}

fn schedule(commands: &[Command]) -> (Vec<Due<'_>>, SimDuration) {
    let mut after = SimDuration::ZERO;
    let mut due = Vec::new();
    for command in commands {
        match command {
            Command::Wait(span) => after = after + *span,
            command => due.push(Due { after, command }),
        }
    }
    (due, after)
}

impl LessonRun {
    /// How many commands of `play` have been given on the line that is shown, past or ahead.
    fn given(progress: &Progress, due: &[Due<'_>], timeline: &Timeline) -> usize {
        let mut rest = timeline.journal().skip(progress.start.position.commands);
        let is_refused = |number: usize| {
            progress.refused.iter().any(|(mark, at, _)| *at == number && timeline.covers(mark.branch, mark.position))
        };
        // The learner may have given one by hand: a match anywhere after the ones before counts.
        (0..due.len())
            .find(|at| !is_refused(*at) && !rest.any(|(_, given)| given == due[*at].command))
            .unwrap_or(due.len())
    }

    /// The next moment at which `play` has something to do: a command, or its end.
    pub(super) fn next_due<'a>(
        step: &'a Step,
        progress: &Progress,
        timeline: &Timeline,
    ) -> Option<(SimTime, Option<(usize, &'a Command)>)> {
        if !progress.start.is_past(timeline) {
            return None;
        }
        let (due, end) = schedule(&step.play);
        let start = progress.start.position.at;
        let given = Self::given(progress, &due, timeline);
        match due.get(given) {
            Some(next) => Some((start + next.after, Some((given, next.command)))),
            None => Some((start + end, None)).filter(|(end, _)| *end > timeline.now()),
        }
    }

    /// True if `play` has been given and its time has passed.
    pub(super) fn has_played(step: &Step, progress: &Progress, timeline: &Timeline) -> bool {
        let (due, end) = schedule(&step.play);
        let is_given = Self::given(progress, &due, timeline) == due.len();
        progress.start.is_past(timeline) && is_given && timeline.now() >= progress.start.position.at + end
    }
}
