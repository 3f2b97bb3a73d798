//! The left panel: the question, what to do about it, how far one is.

use playground_core::command::Command;
use playground_core::ids::Name;
use playground_core::lesson::{GoalStatus, Lesson, NextKind};
use playground_core::view::ClusterView;
use yew::prelude::*;

use super::Dispatch;
use super::ask::{AskProps, ask_card};
use super::build::{BuildProps, build};
use super::dialogs::lessons::chapters;
use super::icon::{IconKind, icon};
use super::prose::{prose, prose_with_terms, spans};
use crate::course;
use crate::lesson::LessonView;
use crate::model::diagnosis::{Diagnosis, diagnose};
use crate::model::progress::{Progress, State};
use crate::model::{Action, Dialog, Origin, Shared, Snapshot};

/// What the panel shows.
#[derive(Properties, PartialEq)]
pub struct LessonProps {
    /// The open lesson or the sandbox.
    pub lesson: Shared<LessonView>,
    /// The moment.
    pub snapshot: Shared<Snapshot>,
    /// The topic in the picture.
    pub topic: Option<Name>,
    /// The squares show keys.
    pub key_letters: bool,
    /// Time passes.
    pub playing: bool,
    /// Lessons begun and done.
    pub progress: Progress,
    /// The solution was typed.
    pub solution: bool,
    /// Where actions go.
    pub dispatch: Dispatch,
}

fn act(dispatch: &Dispatch, action: Action) -> Callback<MouseEvent> {
    let dispatch = dispatch.clone();
    Callback::from(move |_| dispatch.emit(action.clone()))
}

/// The lesson, or what can be built in the sandbox.
#[component]
pub fn LessonPanel(props: &LessonProps) -> Html {
    let lesson = &props.lesson;
    let step = lesson.step();
    let decided = lesson.status.is_decided;
    let first = lesson.status.step == 0;
    let shot = &props.snapshot;
    let diagnosis = if lesson.is_sandbox { diagnose(&shot.view, shot.past()) } else { None };
    html! {
        <aside class="lesson" aria-label="Lesson" data-test="lesson" data-lesson={lesson.id.clone()} data-step={lesson.status.step.to_string()}>
            if lesson.status.steps > 1 { {steps(lesson)} }
            <div class="lesson-body">
                <p class="kicker">{kicker(lesson)}</p>
                <h1 class="question" tabindex="-1" data-test="question">{diagnosis.as_ref().map_or(&step.headline, |found| &found.headline)}</h1>
                if let Some(found) = &diagnosis { {matter(found, &props.dispatch)} }
                else if !decided { <div class="prose">{prose_with_terms(&step.prose, &props.dispatch)}</div> }
                {looks(lesson, &shot.view, &props.dispatch)}
                if step.ask.is_some() { {ask_card(&AskProps { lesson: lesson.clone(), dispatch: props.dispatch.clone() })} }
                if decided {
                    if let Some(done) = &step.done { <div class="prose" data-test="done">{prose_with_terms(done, &props.dispatch)}</div> }
                }
                {goals(lesson)}
                {differs(lesson, &props.dispatch)}
                if lesson.is_sandbox { {build(&BuildProps { snapshot: shot.clone(), topic: props.topic.clone(), key_letters: props.key_letters, dispatch: props.dispatch.clone() })} }
                else { {primary(lesson, props.playing, &props.dispatch)} }
                {replay(lesson, &props.dispatch)}
                {hints(lesson)}
                if first && !lesson.is_sandbox { {lesson_index(&lesson.id, &props.progress, &props.dispatch)} }
            </div>
            {tools(lesson, props.solution, &props.dispatch)}
        </aside>
    }
}

/// What is the matter with the sandbox's cluster, and what would mend it.
fn matter(found: &Diagnosis, dispatch: &Dispatch) -> Html {
    let remedy = |(label, command): &(String, Command)| {
        let onclick = act(dispatch, Action::Do(command.clone(), Origin::Menu));
        html! { <button class="action" data-test="remedy" aria-disabled="false" {onclick}><span>{label}</span></button> }
    };
    html! {
        <>
            <div class="prose" data-test="matter">{for found.sentences.iter().map(|said| html! { <p>{said}</p> })}</div>
            {for found.remedy.iter().map(remedy)}
        </>
    }
}

fn steps(lesson: &LessonView) -> Html {
    let (now, all) = (lesson.status.step, lesson.status.steps);
    let class = |at: usize| {
        if at < now {
            "done"
        } else if at == now {
            "now"
        } else {
            ""
        }
    };
    html! {
        <div class="steps" role="img" aria-label={format!("Step {} of {all}", now + 1)}>
            {for (0..all).map(|at| html! { <i class={class(at)}></i> })}
        </div>
    }
}

fn kicker(lesson: &LessonView) -> String {
    match (lesson.is_sandbox, lesson.status.step) {
        (true, _) => "No lesson, no question: your cluster".into(),
        (false, 0) => format!("About {} minutes, nothing to install", lesson.lesson.minutes),
        (false, step) => format!("Step {} of {}", step + 1, lesson.status.steps),
    }
}

/// What the narration points at; a press shows it in the inspector.
fn looks(lesson: &LessonView, view: &ClusterView, dispatch: &Dispatch) -> Html {
    let rows: Vec<Html> = lesson
        .step()
        .look
        .iter()
        .filter_map(|look| {
            let subject = crate::lesson::subject(&look.target, view)?;
            let caption = look.caption.as_ref()?;
            let name = subject.name();
            let onclick = act(dispatch, Action::Select(Some(subject)));
            Some(html! { <li><button class="link" {onclick}>{name}</button><span>{caption}</span></li> })
        })
        .collect();
    if rows.is_empty() || lesson.status.is_decided {
        return html! {};
    }
    html! { <ul class="looks" aria-label="Look at">{for rows}</ul> }
}

fn goals(lesson: &LessonView) -> Html {
    let step = lesson.step();
    if step.goals.is_empty() {
        return html! {};
    }
    let goal = |(number, status): (usize, &GoalStatus)| {
        let Some(goal) = step.goals.get(number) else { return html! {} };
        let (kind, word) = if status.met { (IconKind::TickDisc, "met: ") } else { (IconKind::Circle, "not yet: ") };
        html! {
            <li class={classes!("goal", status.met.then_some("met"))} data-test={format!("goal-{}", number + 1)}
                data-met={status.met.to_string()} title={status.instead.clone()}>
                {icon(kind, 15)}<span><span class="unseen">{word}</span>{spans(&goal.text)}</span>
            </li>
        }
    };
    html! {
        <div class="goals">
            <h2 class="section">{"Goals"}</h2>
            <ul>{for lesson.status.goals.iter().enumerate().map(goal)}</ul>
        </div>
    }
}

fn differs(lesson: &LessonView, dispatch: &Dispatch) -> Html {
    let Some(differs) = &lesson.status.differs else { return html! {} };
    if lesson.is_sandbox || lesson.status.is_decided {
        return html! {};
    }
    html! {
        <div class="hint" data-test="differs">
            <p>{&differs.sentence}</p>
            <button class="link" data-test="step-again" onclick={act(dispatch, Action::ResetStep)}>{"Begin this step again"}</button>
        </div>
    }
}

fn primary(lesson: &LessonView, playing: bool, dispatch: &Dispatch) -> Html {
    let next = &lesson.status.next;
    let runs = next.kind == NextKind::Play || lesson.waits_for_time();
    let enabled = next.enabled || lesson.waits_for_time();
    let (label, key) = match next.kind {
        _ if runs && playing => ("Pause".to_owned(), "Space"),
        NextKind::YourTurn if runs => ("Let time pass".to_owned(), "Space"),
        NextKind::Play => (next.label.clone(), "Space"),
        NextKind::Finish if lesson.number.is_some_and(|number| number + 1 < course::texts().len()) => {
            ("On to the next lesson".to_owned(), "↵")
        }
        NextKind::Finish => ("Choose another lesson".to_owned(), "↵"),
        _ => (next.label.clone(), "↵"),
    };
    html! {
        <button class={classes!("action", (playing && runs).then_some("calm"))} data-test="action-primary" data-kind={format!("{:?}", next.kind)}
            aria-disabled={(!enabled).to_string()} onclick={act(dispatch, Action::Primary)}>
            <span>{label}</span>if enabled { <kbd aria-hidden="true">{key}</kbd> }
        </button>
    }
}

/// The decisive moment once more, after it was decided.
fn replay(lesson: &LessonView, dispatch: &Dispatch) -> Html {
    match lesson.status.decisive {
        Some((from, to)) if lesson.status.is_decided && from < to && !lesson.is_sandbox => html! {
            <button class="link" data-test="replay" onclick={act(dispatch, Action::Replay(from, to))}>
                {format!("See {from} to {to} once more")}
            </button>
        },
        _ => html! {},
    }
}

fn hints(lesson: &LessonView) -> Html {
    let step = lesson.step();
    let shown = lesson.status.hints.min(step.hints.len());
    html! {
        {for step.hints.iter().take(shown).enumerate().map(|(number, hint)| html! {
            <div class="hint" data-test={format!("hint-{}", number + 1)}>
                <p class="kicker">{format!("Hint {} of {}", number + 1, step.hints.len())}</p>{prose(hint)}
            </div>
        })}
    }
}

fn tools(lesson: &LessonView, solution: bool, dispatch: &Dispatch) -> Html {
    let step = lesson.step();
    let tool = |test: &'static str, label: String, off: bool, action: Action| {
        html! { <button data-test={test} aria-disabled={off.to_string()} onclick={act(dispatch, action)}>{label}</button> }
    };
    let shown = lesson.status.hints.min(step.hints.len());
    let hint = match step.hints.len() {
        0 => "No hint".to_owned(),
        all if shown == all => format!("Hint {all} of {all}"),
        all => format!("Hint {} of {all}", shown + 1),
    };
    let solved = if solution { "Typed below" } else { "Show solution" };
    html! {
        <div class="tools">
            if !lesson.is_sandbox { {tool("hint", hint, shown == step.hints.len(), Action::Hint)} }
            {tool("undo", "Undo".into(), false, Action::Undo)}
            {tool("reset", "Reset".into(), false, if lesson.status.step > 0 { Action::ResetStep } else { Action::Reset })}
            <span class="grow"></span>
            if lesson.is_sandbox { {tool("all-lessons", "All lessons".into(), false, Action::Dialog(Some(Dialog::Lessons)))} }
            else { {tool("solution", solved.into(), step.solution.is_empty(), Action::Solution)} }
        </div>
    }
}

/// What the list of lessons needs.
/// The built-in lessons, and the sandbox.
fn lesson_index(current: &str, progress: &Progress, dispatch: &Dispatch) -> Html {
    let lessons = course::heads();
    let is_done = |id: &str| progress.of(id) == Some(State::Done);
    let row = |(number, lesson): (usize, &Lesson)| {
        let id = lesson.id.to_string();
        let state = if is_done(&id) { "done" } else { "" };
        html! {
            <button data-test={format!("open-{id}")} aria-current={(id == current).then_some("true")}
                onclick={act(dispatch, Action::OpenLesson(id.clone()))}>
                <span>{format!("{}. {}", number + 1, lesson.title)}</span><em>{state}</em>
            </button>
        }
    };
    html! {
        <>
            <h2 class="section">{"Lessons"}</h2>
            <div class="lesson-index">
                {for chapters(&lessons).into_iter().map(|(chapter, numbered)| {
                    let is_open = numbered.iter().any(|(_, lesson)| *lesson.id == *current);
                    let done = numbered.iter().filter(|(_, lesson)| is_done(&lesson.id)).count();
                    html! {
                        <details open={is_open}>
                            <summary><span>{chapter}</span><em>{format!("{done} of {}", numbered.len())}</em></summary>
                            {for numbered.into_iter().map(row)}
                        </details>
                    }
                })}
                <button data-test="open-sandbox" onclick={act(dispatch, Action::OpenSandbox)}>{"The sandbox, without a lesson"}</button>
            </div>
        </>
    }
}
