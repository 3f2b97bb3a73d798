//! Whether a lesson is sound: played with every answer and by its own solutions.

use std::rc::Rc;

use playground_core::command::Command;
use playground_core::lesson::{AskState, Lesson, LessonRun, NextKind, Pick, Span, Step, Verdict};
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
    let until = timeline.now() + FAR;
    while run.status(timeline, &timeline.view()).next.kind == NextKind::Play {
        if run.run_to(timeline, until, u64::MAX).arrived {
            return Err(format!("play is not over after {FAR}"));
        }
    }
    for command in own {
        if is_decided(run, timeline) {
            break;
        }
        run.act(timeline, command.clone()).map_err(|wrong| format!("{command}: {wrong}"))?;
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

/// What is not sound in a lesson; nothing if all is well.
pub fn check(lesson: &Rc<Lesson>) -> Vec<String> {
    let mut problems = Vec::new();
    let (mut run, mut timeline) = match LessonRun::open(lesson.clone()) {
        Ok(opened) => opened,
        Err(wrong) => return vec![wrong.to_string()],
    };
    for (number, step) in lesson.steps.iter().enumerate() {
        let mut problem = |text: String| problems.push(format!("line {}, \"{}\": {text}", step.line, step.headline));
        check_start(step, &run, &timeline, &mut problem);
        check_answers(step, &run, &timeline, &mut problem);
        if let Err(wrong) = attempt(&mut run, &mut timeline, step, Pick::DontKnow, &step.solution) {
            problem(wrong);
        }
        if !is_decided(&run, &timeline) {
            problem(format!("its solution does not solve it\n    {}", explain(&run, &timeline)));
            break;
        }
        match run.next(&mut timeline) {
            Ok(opened) if opened != (number + 1 == lesson.steps.len()) => {}
            Ok(opened) => problem(format!("the next step is open: {opened}")),
            Err(wrong) => {
                problem(wrong.to_string());
                break;
            }
        }
    }
    problems
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
    if !step.goals.is_empty() && status.goals.iter().all(|goal| goal.met) {
        problem("all its goals are met when it opens".into());
    }
    if !step.goals.is_empty() && step.solution.is_empty() && step.play.is_empty() {
        problem("a solution is expected where a goal is".into());
    }
}

fn check_answers(step: &Step, run: &LessonRun, timeline: &Timeline, problem: &mut impl FnMut(String)) {
    let Some(ask) = &step.ask else { return };
    let mut right = None;
    for number in 0..ask.options.len() {
        let (mut run, mut timeline) = (run.clone(), timeline.clone());
        if let Err(wrong) = attempt(&mut run, &mut timeline, step, Pick::Option(number), &step.solution) {
            problem(format!("option {}: {wrong}", number + 1));
            return;
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
                return;
            }
        }
    }
    for (number, option) in ask.options.iter().enumerate().filter(|(number, _)| Some(*number) != right) {
        let first = option.comment.paragraphs.first().and_then(|paragraph| paragraph.spans.first());
        if !matches!(first, Some(Span::Strong(belief)) if belief.starts_with("If ")) {
            problem(format!("the comment of option {}, which is wrong, does not begin with **If …**", number + 1));
        }
    }
}
