//! Whether a lesson is sound: played with every answer and by its own solutions.

use std::rc::Rc;

use playground_core::command::Command;
use playground_core::lesson::{AskKind, AskOption, AskState, Lesson, LessonRun, NextKind, Pick, Span, Step, Verdict};
use playground_core::time::SimDuration;
use playground_core::timeline::Timeline;

/// More than any step needs.
const FAR: SimDuration = SimDuration::from_ms(600_000);
/// So many newest events tell why a step was not decided.
const EVENTS_TOLD: usize = 25;

/// Locks `pick` if the step asks, plays what it plays, then gives `own` until the step is decided.
///
/// # Errors
/// A command is refused, or the play does not come to its end.
pub fn attempt(
    run: &mut LessonRun,
    timeline: &mut Timeline,
    step: &Step,
    pick: Pick,
    own: &[Command],
) -> Result<(), String> {
    if step.ask.is_some() {
        run.pick(pick);
        if !run.lock() {
            return Err("the answer cannot be locked".into());
        }
    }
    play(run, timeline, step)?;
    for command in own {
        if is_decided(run, timeline) {
            break;
        }
        run.act(timeline, command.clone()).map_err(|wrong| format!("{command}: {wrong}"))?;
    }
    Ok(())
}

/// Plays what the step plays and not a moment longer: where its goals are not met by then, it is the learner's turn.
fn play(run: &mut LessonRun, timeline: &mut Timeline, step: &Step) -> Result<(), String> {
    let waits =
        step.play.iter().filter_map(|command| if let Command::Wait(span) = command { Some(*span) } else { None });
    let end = waits.fold(timeline.now(), |end, span| end + span);
    let is_play =
        |run: &LessonRun, timeline: &Timeline| run.status(timeline, &timeline.view()).next.kind == NextKind::Play;
    if is_play(run, timeline) {
        run.run_to(timeline, end, u64::MAX);
    }
    // Goals that are all met count at the next event; until then the main button says Play as well.
    let far = end + FAR;
    while is_play(run, timeline) {
        if run.run_to(timeline, far, u64::MAX).arrived {
            return Err(format!("play is not over after {FAR}"));
        }
    }
    Ok(())
}

/// Whether the current step has been decided.
pub fn is_decided(run: &LessonRun, timeline: &Timeline) -> bool {
    run.status(timeline, &timeline.view()).is_decided
}

/// Where a step stands and what happened last, for whoever wonders why it is not decided.
pub fn explain(run: &LessonRun, timeline: &Timeline) -> String {
    let view = timeline.view();
    let status = run.status(timeline, &view);
    let mut lines =
        vec![format!("at {}, answer {:?}, main button {:?}", timeline.now(), status.ask, status.next.label)];
    lines.extend(status.goals.iter().map(|goal| format!("goal met: {}, now {:?}", goal.met, goal.instead)));
    lines.extend(status.differs.iter().map(|differs| differs.sentence.clone()));
    let events = timeline.events().iter().filter(|event| event.position <= timeline.position());
    let told: Vec<String> = events.map(|event| format!("{} {}", event.at, event.text())).collect();
    lines.extend(told.into_iter().rev().take(EVENTS_TOLD).rev());
    lines.join("\n    ")
}

/// What came of playing a lesson.
#[derive(Debug, Default)]
pub struct Report {
    /// What is not sound; nothing if all is well.
    pub problems: Vec<String>,
    /// One line a step: when it began, what was right, when it was decided.
    pub course: Vec<String>,
    /// The place of the right option, from 0, of each question that is asked in a list.
    pub right_places: Vec<usize>,
    /// Of each question: its step and its right option, both from 0.
    pub right: Vec<(usize, usize)>,
}

/// Plays a lesson by its solutions, and each of its questions with every answer.
pub fn check(lesson: &Rc<Lesson>) -> Report {
    let mut report = Report::default();
    let Report { problems, course, right_places, right: rights } = &mut report;
    let (mut run, mut timeline) = match LessonRun::open(lesson.clone()) {
        Ok(opened) => opened,
        Err(wrong) => return Report { problems: vec![wrong.to_string()], ..Report::default() },
    };
    for (number, step) in lesson.steps.iter().enumerate() {
        problems.extend(trivial_goals(step, &run, &timeline));
        let mut problem = |text: String| problems.push(format!("line {}, \"{}\": {text}", step.line, step.headline));
        check_start(step, &run, &timeline, &mut problem);
        let right = check_answers(step, &run, &timeline, &mut problem);
        check_other_ways(step, &run, &timeline, &mut problem);
        let began = timeline.now();
        if let Err(wrong) = attempt(&mut run, &mut timeline, step, Pick::DontKnow, &step.solution) {
            problem(wrong);
        }
        if !is_decided(&run, &timeline) {
            problem(format!("its solution does not solve it\n    {}", explain(&run, &timeline)));
            break;
        }
        if let Some(ask) = &step.ask {
            let place = |right: &AskOption| ask.options.iter().position(|option| option.line == right.line);
            let place = right.and_then(place);
            rights.extend(place.map(|place| (number, place)));
            right_places.extend(place.filter(|_| ask.kind == AskKind::Options));
        }
        let right = right.map(|option| option.label.iter().map(Span::text).collect::<String>());
        course.push(format!("{began} {} {} {}", step.headline, right.unwrap_or_default(), timeline.now()));
        match run.next(&mut timeline) {
            Ok(opened) if opened != (number + 1 == lesson.steps.len()) => {}
            Ok(opened) => problem(format!("the next step is open: {opened}")),
            Err(wrong) => {
                problem(wrong.to_string());
                break;
            }
        }
    }
    report
}

fn asks_nothing(step: &Step) -> bool {
    step.ask.is_none() && step.goals.is_empty() && step.play.is_empty()
}

fn check_start(step: &Step, run: &LessonRun, timeline: &Timeline, problem: &mut impl FnMut(String)) {
    let status = run.status(timeline, &timeline.view());
    if status.is_decided && !asks_nothing(step) {
        problem("it is decided when it opens".into());
    }
    if let Some(differs) = status.differs {
        problem(differs.sentence);
    }
    if !step.goals.is_empty() && step.goals.iter().all(|goal| goal.keep) && status.goals.iter().all(|goal| goal.met) {
        problem("all its goals are met when it opens".into());
    }
    if !step.goals.is_empty() && step.solution.is_empty() && step.play.is_empty() {
        problem("a solution is expected where a goal is".into());
    }
}

/// Goals that nobody has to do anything for. A goal that was met once stays met, so one that is met when the step
/// opens cannot be missed any more, whatever becomes of it; with `keep` it has to last, which may be hard enough.
fn trivial_goals(step: &Step, run: &LessonRun, timeline: &Timeline) -> Vec<String> {
    let status = run.status(timeline, &timeline.view());
    let met = step.goals.iter().zip(status.goals).filter(|(goal, status)| status.met && !goal.keep);
    met.map(|(goal, _)| {
        let text: String = goal.text.iter().map(Span::text).collect();
        format!(
            "line {}, \"{text}\": the goal is met when its step opens; one that is still to be reached is expected, or \
             keep: yes",
            goal.line
        )
    })
    .collect()
}

/// Plays the ways that should reach the goals too, and those that should not.
fn check_other_ways(step: &Step, run: &LessonRun, timeline: &Timeline, problem: &mut impl FnMut(String)) {
    for (ways, solves) in [(&step.alternatives, true), (&step.wrong_ways, false)] {
        for way in ways {
            let (mut run, mut timeline) = (run.clone(), timeline.clone());
            let told = way.iter().map(Command::to_string).collect::<Vec<_>>().join("; ");
            match attempt(&mut run, &mut timeline, step, Pick::DontKnow, way) {
                Err(wrong) => problem(wrong),
                Ok(()) if is_decided(&run, &timeline) == solves => {}
                Ok(()) if solves => problem(format!("{told} does not solve it\n    {}", explain(&run, &timeline))),
                Ok(()) => problem(format!("{told} solves it and is called wrong")),
            }
        }
    }
}

/// Grades every answer; gives the right one.
fn check_answers<'a>(
    step: &'a Step,
    run: &LessonRun,
    timeline: &Timeline,
    problem: &mut impl FnMut(String),
) -> Option<&'a AskOption> {
    let ask = step.ask.as_ref()?;
    let mut right = None;
    for number in 0..ask.options.len() {
        let (mut run, mut timeline) = (run.clone(), timeline.clone());
        if let Err(wrong) = attempt(&mut run, &mut timeline, step, Pick::Option(number), &step.solution) {
            problem(format!("option {}: {wrong}", number + 1));
            return None;
        }
        let state = run.status(&timeline, &timeline.view()).ask;
        let wanted = |truth| if truth == number { Verdict::Right } else { Verdict::Wrong };
        match state {
            AskState::Graded { verdict, truth: Some(truth), .. }
                if verdict == wanted(truth) && right.is_none_or(|before| before == truth) =>
            {
                right = Some(truth);
            }
            _ => {
                problem(format!("option {} is not graded: {state:?}\n    {}", number + 1, explain(&run, &timeline)));
                return None;
            }
        }
    }
    for (number, option) in ask.options.iter().enumerate().filter(|(number, _)| Some(*number) != right) {
        let first = option.comment.paragraphs.first().and_then(|paragraph| paragraph.spans.first());
        if !matches!(first, Some(Span::Strong(belief)) if belief.starts_with("If ")) {
            problem(format!("the comment of option {}, which is wrong, does not begin with **If …**", number + 1));
        }
    }
    right.and_then(|number| ask.options.get(number))
}
