//! What a page shows of a lesson at one position of the timeline.

use super::LessonRun;
use super::prose::plain;
use super::run::Progress;
use crate::command::Command;
use crate::time::SimTime;
use crate::timeline::Timeline;
use crate::view::ClusterView;

/// What a learner answers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Pick {
    /// The option of this number, from 0.
    Option(usize),
    /// "I don't know, show me".
    DontKnow,
}

/// How an answer fared.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// As the learner said.
    Right,
    /// Not this time: the comment of the picked option says where that belief leads.
    Wrong,
    /// The learner did not say; the truth is shown.
    NotSaid,
    /// What happened fits none of the options, or several: the learner has changed too much.
    Unclear,
}

/// Where a prediction stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AskState {
    /// The step asks nothing.
    None,
    /// No answer yet.
    Open,
    /// Picked, can still be changed.
    Picked(Pick),
    /// Locked, not decided yet.
    Locked(Pick),
    /// Decided; stays so when the learner steps back to look again.
    Graded {
        /// What was answered.
        pick: Pick,
        /// How it fared.
        verdict: Verdict,
        /// The option that was right.
        truth: Option<usize>,
    },
}

/// Where a goal stands, here and now.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GoalStatus {
    /// It is met at this position.
    pub met: bool,
    /// When it was met first on this line of history.
    pub met_at: Option<SimTime>,
    /// What is true instead, if it is not met: `leader(t-1) = 102`.
    pub instead: Option<String>,
}

/// What the main button does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NextKind {
    /// Nothing: an answer has to be picked first.
    Pick,
    /// [`LessonRun::lock`]
    Lock,
    /// Play: [`LessonRun::run_to`] frame by frame.
    Play,
    /// Nothing: the learner has to act on the cluster; time may pass meanwhile.
    YourTurn,
    /// [`LessonRun::next`]
    Next,
    /// The lesson is done: back to the list, or to the next lesson.
    Finish,
    /// [`LessonRun::reset`]
    BackToStep,
}

/// The main button.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NextAction {
    /// What it does.
    pub kind: NextKind,
    /// What it says.
    pub label: String,
    /// False where it only tells what is expected.
    pub enabled: bool,
}

/// What the learner has done that the lesson does not know.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Differs {
    /// One sentence that ends with the way back: [`LessonRun::reset`].
    pub sentence: String,
    /// The learner's own commands since the step began.
    pub commands: Vec<Command>,
}

/// Everything that a page shows of a lesson at one position.
#[derive(Clone, PartialEq, Debug)]
pub struct Status {
    /// Which step, from 0.
    pub step: usize,
    /// How many there are.
    pub steps: usize,
    /// The prediction.
    pub ask: AskState,
    /// In the order of the step's goals.
    pub goals: Vec<GoalStatus>,
    /// How many of the step's hints are shown.
    pub hints: usize,
    /// The main button.
    pub next: NextAction,
    /// False while a prediction waits to be locked: play, step and the scrubber's future are off.
    pub may_advance: bool,
    /// The step has been decided, here or further on: the next one may be opened and `done` is shown.
    pub is_decided: bool,
    /// From where to where the decisive moment can be replayed.
    pub decisive: Option<(SimTime, SimTime)>,
    /// What the learner has done that the lesson does not know.
    pub differs: Option<Differs>,
}

impl LessonRun {
    /// What to show at the timeline's position; `view` is of the same moment.
    pub fn status(&self, timeline: &Timeline, view: &ClusterView) -> Status {
        let decided = self.progress().and_then(|(_, progress)| progress.decided.last());
        let start = self.progress().map(|(_, progress)| progress.start.position.at);
        Status {
            step: self.step_number(),
            steps: self.lesson().steps.len(),
            ask: self.ask_state(),
            goals: self.goals(timeline, view),
            hints: self.progress().map_or(0, |(_, progress)| progress.hints),
            next: self.next_action(timeline, view),
            may_advance: self.may_advance(),
            is_decided: decided.is_some(),
            decisive: start.zip(decided.map(|(mark, _)| mark.position.at)),
            differs: self.differs(timeline),
        }
    }

    fn ask_state(&self) -> AskState {
        let Some((step, progress)) = self.progress() else { return AskState::None };
        if step.ask.is_none() {
            return AskState::None;
        }
        match (progress.answer, progress.decided.last()) {
            (None, _) => AskState::Open,
            (Some(pick), _) if !progress.locked => AskState::Picked(pick),
            (Some(pick), None) => AskState::Locked(pick),
            (Some(pick), Some((_, truth))) => {
                let verdict = match (pick, truth) {
                    (_, None) => Verdict::Unclear,
                    (Pick::DontKnow, _) => Verdict::NotSaid,
                    (Pick::Option(number), Some(truth)) if number == *truth => Verdict::Right,
                    _ => Verdict::Wrong,
                };
                AskState::Graded { pick, verdict, truth: *truth }
            }
        }
    }

    fn goals(&self, timeline: &Timeline, view: &ClusterView) -> Vec<GoalStatus> {
        let Some((step, progress)) = self.progress() else { return Vec::new() };
        step.goals
            .iter()
            .zip(&progress.goals)
            .map(|(goal, marks)| {
                let first = marks.iter().filter(|mark| mark.is_past(timeline)).map(|mark| mark.position.at).min();
                let met = if goal.keep { goal.when.holds(view) } else { first.is_some() };
                GoalStatus { met, met_at: first, instead: if met { None } else { goal.when.instead(view) } }
            })
            .collect()
    }

    fn next_action(&self, timeline: &Timeline, view: &ClusterView) -> NextAction {
        let action = |kind, enabled, label: &str| NextAction { kind, label: label.into(), enabled };
        let Some((step, progress)) = self.progress() else {
            return action(NextKind::Finish, true, "Finish the lesson");
        };
        if !progress.decided.is_empty() {
            return match self.lesson().steps.get(self.step_number() + 1) {
                Some(next) => action(NextKind::Next, true, &format!("Next: {}", next.headline)),
                None => action(NextKind::Finish, true, "Finish the lesson"),
            };
        }
        if !timeline.covers(progress.start.branch, progress.start.position) {
            return action(NextKind::BackToStep, true, "Back to where this step began");
        }
        match self.ask_state() {
            AskState::Open => return action(NextKind::Pick, false, "Pick an answer"),
            AskState::Picked(_) => return action(NextKind::Lock, true, "Lock in your answer"),
            _ => {}
        }
        if !Self::has_played(step, progress, timeline) {
            return action(NextKind::Play, true, if step.ask.is_some() { "Play and see" } else { "Play" });
        }
        let goals = self.goals(timeline, view);
        match step.goals.iter().zip(goals).find(|(_, status)| !status.met) {
            Some((goal, _)) => action(NextKind::YourTurn, false, &format!("Your turn: {}", plain(&goal.text))),
            None => action(NextKind::Play, true, "Play"),
        }
    }

    fn differs(&self, timeline: &Timeline) -> Option<Differs> {
        let (step, progress) = self.progress()?;
        if !timeline.covers(progress.start.branch, progress.start.position) {
            return Some(Differs {
                sentence: "You have left the lesson before this step began. Look around freely; \
                           the way back is the start of this step."
                    .into(),
                commands: Vec::new(),
            });
        }
        let commands: Vec<Command> = own_commands(progress, timeline)
            .filter(|command| !step.play.contains(command) && !step.solution.contains(command))
            .collect();
        if let Some((_, number, wrong)) = progress.refused.iter().find(|(mark, ..)| mark.is_past(timeline)) {
            let refused = step.play.iter().filter(|command| !matches!(command, Command::Wait(_))).nth(*number);
            let refused = refused.map_or_else(String::new, ToString::to_string);
            let (why, way_out) = match commands.is_empty() {
                true => ("and", "You did nothing beside it: its author has to mend this step."),
                false => ("but after what you did", "The start of this step has everything in place again."),
            };
            let sentence =
                format!("The lesson would now do {refused}, {why} that is refused: {}. {way_out}", wrong.message);
            return Some(Differs { sentence, commands });
        }
        let texts: Vec<String> = commands.iter().map(ToString::to_string).collect();
        let sentence = format!(
            "Beside the lesson you did: {}. It goes on all the same; without it, begin this step again.",
            texts.join("; ")
        );
        (!commands.is_empty()).then_some(Differs { sentence, commands })
    }
}

/// Commands given since the step began, up to here.
fn own_commands(progress: &Progress, timeline: &Timeline) -> impl Iterator<Item = Command> {
    let until = timeline.position().commands;
    timeline.journal().take(until).skip(progress.start.position.commands).map(|(_, command)| command.clone())
}
