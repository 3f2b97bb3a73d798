//! Lessons: opening, answering, going on.

use playground_core::lesson::NextKind;

use super::page::page;
use super::{announce, edit, time, toast};
use crate::course;
use crate::lesson::LessonView;
use crate::model::action::Action;
use crate::model::effect::{Effect, Effects, Request};
use crate::model::progress;
use crate::model::state::{Dialog, DockTab, Model, Panel};
use crate::model::subject::Subject;
use crate::model::terminal::Terminal;

pub(super) fn lesson(model: &mut Model, action: Action) -> Effects {
    let ask = |request| vec![Effect::Ask(request)];
    match action {
        Action::OpenLesson(id) => {
            model.dialog = None;
            ask(Request::OpenLesson(id))
        }
        Action::OpenFile(name, text) => ask(Request::OpenFile(name, text)),
        Action::OpenRun(name, text) => ask(Request::OpenRun(name, text)),
        Action::OpenSandbox => {
            model.dialog = None;
            ask(Request::OpenSandbox)
        }
        Action::Pick(at) => pick(model, |_| Some(at)),
        Action::PickPlace(subject) => pick(model, |lesson| lesson.option_at(&subject)),
        Action::DontKnow => {
            let mut effects = ask(Request::Pick(None));
            effects.extend(ask(Request::Lock));
            effects
        }
        Action::Primary => primary(model),
        Action::Lock => ask(Request::Lock),
        Action::NextStep if model.snapshot.lesson.as_ref().is_some_and(|lesson| lesson.may_advance()) => {
            model.playing = false;
            ask(Request::NextStep)
        }
        Action::PreviousStep => ask(Request::PreviousStep),
        Action::Hint => ask(Request::Hint),
        Action::ResetStep => {
            model.playing = false;
            ask(Request::ResetStep)
        }
        Action::Solution => solution(model),
        Action::Reset => {
            model.playing = false;
            ask(Request::Reset)
        }
        _ => Vec::new(),
    }
}

/// What the yellow button does: the lesson says it.
fn primary(model: &mut Model) -> Effects {
    let Some(lesson) = model.snapshot.lesson.clone() else { return Vec::new() };
    match lesson.status.next.kind {
        NextKind::Lock => vec![Effect::Ask(Request::Lock)],
        NextKind::Play => time(model, &Action::TogglePlay),
        NextKind::YourTurn if lesson.waits_for_time() => time(model, &Action::TogglePlay),
        NextKind::Next => self::lesson(model, Action::NextStep),
        NextKind::Finish => match following(&lesson) {
            Some(id) => self::lesson(model, Action::OpenLesson(id)),
            None => page(model, Action::Dialog(Some(Dialog::Lessons))),
        },
        NextKind::BackToStep => vec![Effect::Ask(Request::ResetStep)],
        NextKind::Pick | NextKind::YourTurn => {
            announce(model, &lesson.status.next.label);
            Vec::new()
        }
    }
}

/// The built-in lesson after this one.
fn following(lesson: &LessonView) -> Option<String> {
    let next = lesson.number? + 1;
    course::head(next).map(|lesson| lesson.id.to_string())
}

fn pick(model: &mut Model, option: impl FnOnce(&LessonView) -> Option<usize>) -> Effects {
    let Some(lesson) = model.snapshot.lesson.clone() else { return Vec::new() };
    match option(&lesson).filter(|_| lesson.waits_for_answer()) {
        Some(at) => vec![Effect::Ask(Request::Pick(Some(at)))],
        None => Vec::new(),
    }
}

/// Types the commands of the solution into the command line; running them stays the learner's part.
fn solution(model: &mut Model) -> Effects {
    let Some(lesson) = model.snapshot.lesson.clone() else { return Vec::new() };
    let lines: Vec<String> = lesson.step().solution.iter().map(ToString::to_string).collect();
    model.solution = true;
    if lines.is_empty() {
        return Vec::new();
    }
    edit(model, |terminal| terminal.draft = lines.join("\n"));
    page(model, Action::CommandLine)
}

pub(super) fn opened(model: &mut Model) -> Effects {
    model.playing = false;
    model.menu = None;
    model.dialog = None;
    model.toast = None;
    model.not_opened = None;
    model.topic = None;
    model.solution = false;
    model.compare = None;
    model.filter.clear();
    model.panel = Panel::Lesson;
    edit(model, |terminal| *terminal = Terminal::default());
    let (id, selected, topic) = match &model.snapshot.lesson {
        Some(lesson) => (lesson.id.clone(), lesson.selected(&model.snapshot.view), lesson.topic()),
        None => ("sandbox".to_owned(), None, None),
    };
    model.selected = selected;
    model.topic = topic;
    let mut effects = vec![Effect::Store("lesson", id.clone())];
    if model.snapshot.lesson.is_some() && model.progress.note(&id, progress::State::Started) {
        effects.push(Effect::Store("progress", model.progress.to_text()));
    }
    effects.push(Effect::ShowLink(id));
    effects
}

/// A run from a file: with what its page showed, and the address of its moment.
pub(super) fn opened_run(model: &mut Model, link: &str, strayed: Option<String>) -> Effects {
    let mut effects = opened(model);
    model.show_page_part(link);
    effects.retain(|effect| !matches!(effect, Effect::ShowLink(_)));
    effects.push(Effect::ShowMoment);
    let text = strayed.unwrap_or_else(|| format!("The run is open, at {}", model.snapshot.now()));
    announce(model, &text);
    effects.extend(toast(model, text, false, false));
    effects
}

pub(super) fn lesson_moved(model: &mut Model, place: usize, lines: &[String]) -> Effects {
    model.solution = false;
    model.toast = None;
    model.menu = None;
    edit(model, |terminal| {
        for (number, line) in (place + 1..).zip(lines) {
            terminal.given(line, Some(number));
        }
    });
    let mut effects = vec![Effect::ScrollTerminal];
    if let Some(lesson) = model.snapshot.lesson.clone() {
        announce(model, &lesson.step().headline);
        if lesson.needs_command_line() && !model.narrow && !model.has_line_beside() {
            model.dock = Some(DockTab::Terminal);
        }
        // A step that points at another topic is about it; otherwise the learner's own choice stays.
        model.topic = lesson.topic_of_step().or(model.topic.take()).or(lesson.topic());
        // What is told of another topic would contradict the picture.
        if model.selected.as_ref().and_then(Subject::topic).is_some_and(|topic| Some(topic) != model.topic.as_ref()) {
            let looked_at = lesson.highlight(&model.snapshot.view).into_iter().map(Subject::Thing);
            model.selected = looked_at.into_iter().find(|subject| subject.topic().is_some());
        }
        effects.push(Effect::Focus("[data-test=question]".into()));
    }
    effects
}
