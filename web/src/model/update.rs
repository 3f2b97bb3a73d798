//! The one place where the page's state changes.

use std::rc::Rc;

use playground_core::command::Command;
use playground_core::lesson::NextKind;

use super::action::{Action, Origin};
use super::command_text;
use super::effect::{Effect, Effects, Outcome, Reply, Request};
use super::progress;
use super::snapshot::{Shared, Snapshot};
use super::speed::SPEEDS;
use super::state::{Dialog, DockTab, Menu, Model, Panel, ThemeChoice, Toast};
use super::subject::Subject;
use super::terminal::{LineKind, Terminal};
use super::tools;

/// Takes an action into the model; what needs the engine or the browser comes back.
pub fn update(model: &mut Model, action: Action) -> Effects {
    match action {
        Action::TogglePlay | Action::Pause | Action::Speed(_) | Action::Faster(_) => time(model, &action),
        Action::Step => move_to(model, Request::Step, true),
        Action::StepBack => move_to(model, Request::StepBack, false),
        Action::ToStart => move_to(model, Request::ToStart, false),
        Action::ToEnd => move_to(model, Request::ToEnd, true),
        Action::Seek(at) => move_to(model, Request::Seek(at), at > model.snapshot.now()),
        Action::GoTo(position) => move_to(model, Request::GoTo(position), position.at > model.snapshot.now()),
        Action::Switch(id) => move_to(model, Request::Switch(id), false),
        Action::Undo => {
            model.toast = None;
            move_to(model, Request::StepBack, false)
        }
        Action::Do(command, origin) => {
            model.menu = None;
            model.form_error = None;
            vec![Effect::Ask(Request::Do(command, origin))]
        }
        Action::Draft(text) => {
            edit(model, |terminal| terminal.draft = text);
            Vec::new()
        }
        Action::Enter => enter(model),
        Action::History(older) => {
            edit(model, |terminal| terminal.browse(older));
            Vec::new()
        }
        Action::OpenLesson(_)
        | Action::OpenFile(..)
        | Action::OpenSandbox
        | Action::Pick(_)
        | Action::PickPlace(_)
        | Action::Lock
        | Action::DontKnow
        | Action::Primary
        | Action::NextStep
        | Action::PreviousStep
        | Action::Hint
        | Action::Solution
        | Action::ResetStep
        | Action::Reset => lesson(model, action),
        Action::Replied(reply) => replied(model, reply),
        Action::Ran(snapshot, more) => {
            let before = std::mem::replace(&mut model.snapshot, snapshot);
            if !more {
                model.playing = false;
            }
            moved(model, &before)
        }
        other => page(model, other),
    }
}

fn time(model: &mut Model, action: &Action) -> Effects {
    match action {
        Action::TogglePlay if model.playing => model.playing = false,
        Action::TogglePlay if model.locked() => say_locked(model),
        Action::TogglePlay => {
            model.playing = true;
            model.menu = None;
        }
        Action::Faster(more) => {
            let step = if *more { model.speed + 1 } else { model.speed.saturating_sub(1) };
            return time(model, &Action::Speed(step));
        }
        Action::Speed(step) => {
            model.speed = (*step).min(SPEEDS.len() - 1);
            return vec![Effect::Store("speed", model.speed.to_string())];
        }
        _ => model.playing = false,
    }
    Vec::new()
}

fn say_locked(model: &mut Model) {
    announce(model, "Time stands still until you have answered the question.");
}

/// A jump in time. Forwards it has to wait for an answer that is due.
fn move_to(model: &mut Model, request: Request, forwards: bool) -> Effects {
    model.playing = false;
    model.menu = None;
    if forwards && model.locked() {
        say_locked(model);
        return Vec::new();
    }
    vec![Effect::Ask(request)]
}

fn edit(model: &mut Model, change: impl FnOnce(&mut Terminal)) {
    let mut terminal = Terminal::clone(&model.terminal);
    change(&mut terminal);
    model.terminal = Shared::new(terminal);
}

fn enter(model: &mut Model) -> Effects {
    let mut lines = Vec::new();
    edit(model, |terminal| lines = terminal.take());
    let mut effects = Vec::new();
    for line in lines {
        if line == "clear" {
            edit(model, Terminal::clear);
        } else if let Some(answer) = tools::answer(&line, &model.snapshot.view) {
            edit(model, |terminal| {
                terminal.say(LineKind::Given, &line);
                match &answer {
                    Ok(text) => terminal.say(LineKind::Said, text),
                    Err(text) => terminal.say(LineKind::Refused, text),
                }
            });
        } else {
            match Command::parse(&line) {
                Ok(command) => effects.push(Effect::Ask(Request::Do(command, Origin::Line))),
                Err(error) => {
                    let _ = refused(model, &line, &error.place, &error.message, Origin::Line);
                    break;
                }
            }
        }
    }
    effects.push(Effect::ScrollTerminal);
    effects
}

fn lesson(model: &mut Model, action: Action) -> Effects {
    let ask = |request| vec![Effect::Ask(request)];
    match action {
        Action::OpenLesson(id) => {
            model.dialog = None;
            ask(Request::OpenLesson(id))
        }
        Action::OpenFile(name, text) => ask(Request::OpenFile(name, text)),
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
fn following(lesson: &crate::lesson::LessonView) -> Option<String> {
    let next = lesson.number? + 1;
    playground_core::lesson::sources().get(next).map(|(id, _)| (*id).to_owned())
}

fn pick(model: &mut Model, option: impl FnOnce(&crate::lesson::LessonView) -> Option<usize>) -> Effects {
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
    let mut effects = open_dock(model, Some(DockTab::Terminal));
    effects.push(Effect::Focus("[data-test=command-input]".into()));
    effects
}

fn replied(model: &mut Model, reply: Reply) -> Effects {
    let before = std::mem::replace(&mut model.snapshot, reply.snapshot);
    let mut effects = match reply.outcome {
        Outcome::Done => Vec::new(),
        Outcome::Ran(line, origin) => ran(model, &line, origin),
        Outcome::Refused { line, place, message, origin } => {
            return refused(model, &line, &place, &message, origin);
        }
        Outcome::NotOpened(why) => {
            model.not_opened = Some(why);
            return Vec::new();
        }
        Outcome::Opened => opened(model),
        Outcome::LessonMoved(lines) => lesson_moved(model, &lines),
        Outcome::Graded(text) => {
            announce(model, &text);
            Vec::new()
        }
    };
    effects.extend(moved(model, &before));
    effects
}

fn ran(model: &mut Model, line: &str, origin: Origin) -> Effects {
    edit(model, |terminal| terminal.say(LineKind::Given, line));
    if origin == Origin::Form {
        model.dialog = None;
    }
    let said = Command::parse(line).map_or_else(|_| line.to_owned(), |command| command_text::done(&command));
    let mut effects = vec![Effect::ScrollTerminal];
    if origin != Origin::Line {
        effects.extend(toast(model, said.clone(), true, false));
    }
    announce(model, &said);
    effects
}

fn refused(model: &mut Model, line: &str, place: &str, message: &str, origin: Origin) -> Effects {
    edit(model, |terminal| {
        terminal.say(LineKind::Given, line);
        terminal.say(LineKind::Refused, &pointed(line, place, message));
    });
    announce(model, &format!("Refused. {place}: {message}"));
    match origin {
        Origin::Form => {
            model.form_error = Some((place.to_owned(), message.to_owned()));
            Vec::new()
        }
        Origin::Line => vec![Effect::ScrollTerminal],
        Origin::Menu | Origin::Lesson => toast(model, format!("{place}: {message}"), false, true),
    }
}

/// The message with a mark under the place in the line that it is about.
fn pointed(line: &str, place: &str, message: &str) -> String {
    match line.find(place).filter(|_| !place.is_empty()) {
        Some(at) => {
            let before = line.get(..at).map_or(0, |text| text.chars().count());
            format!("{}{}\n{message}", " ".repeat(before + 2), "^".repeat(place.chars().count()))
        }
        None if place.is_empty() => message.to_owned(),
        None => format!("{place}: {message}"),
    }
}

fn opened(model: &mut Model) -> Effects {
    model.playing = false;
    model.menu = None;
    model.dialog = None;
    model.toast = None;
    model.not_opened = None;
    model.topic = None;
    model.solution = false;
    model.filter.clear();
    model.panel = Panel::Lesson;
    edit(model, |terminal| *terminal = Terminal::default());
    let (id, selected, topic) = match &model.snapshot.lesson {
        Some(lesson) => (lesson.id.clone(), lesson.selected(), lesson.topic()),
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

fn lesson_moved(model: &mut Model, lines: &[String]) -> Effects {
    model.solution = false;
    model.toast = None;
    model.menu = None;
    edit(model, |terminal| {
        for line in lines {
            terminal.say(LineKind::Given, line);
        }
    });
    let mut effects = vec![Effect::ScrollTerminal];
    if let Some(lesson) = model.snapshot.lesson.clone() {
        announce(model, &lesson.step().headline);
        if let Some(topic) = lesson.topic() {
            model.topic = model.topic.take().or(Some(topic));
        }
        effects.push(Effect::Focus("[data-test=question]".into()));
    }
    effects
}

/// After any change of the moment: what no longer exists is no longer selected, what is new is said.
fn moved(model: &mut Model, before: &Rc<Snapshot>) -> Effects {
    let view = model.snapshot.view.clone();
    let gone = |subject: &Subject| !subject.exists(&view);
    if model.menu.as_ref().is_some_and(|menu| gone(&menu.subject)) {
        model.menu = None;
    }
    // A message that has arrived stays readable until something else is chosen; all else is dropped.
    if model.selected.as_ref().is_some_and(gone) {
        model.selected = None;
    }
    if !model.playing && model.snapshot.happened > before.happened {
        let news: Vec<&str> = model.snapshot.events[..model.snapshot.happened.min(model.snapshot.events.len())]
            .iter()
            .rev()
            .take(model.snapshot.happened - before.happened)
            .take(3)
            .map(|event| event.text.as_str())
            .collect();
        let text = format!("{}: {}.", model.snapshot.now(), news.into_iter().rev().collect::<Vec<_>>().join("; "));
        model.announcement = text;
    } else if !model.playing && model.snapshot.now() < before.now() {
        model.announcement = format!("Back at {}.", model.snapshot.now());
    }
    let done = model.snapshot.lesson.as_ref().filter(|lesson| lesson.is_done()).map(|lesson| lesson.id.clone());
    match done {
        Some(id) if model.progress.note(&id, progress::State::Done) => {
            vec![Effect::Store("progress", model.progress.to_text())]
        }
        _ => Vec::new(),
    }
}

fn announce(model: &mut Model, text: &str) {
    // The same sentence twice in a row has to differ, or it is not read again.
    let same = model.announcement == text;
    model.announcement = if same { format!("{text}\u{a0}") } else { text.to_owned() };
}

fn toast(model: &mut Model, text: String, undo: bool, refused: bool) -> Effects {
    model.toasts += 1;
    model.toast = Some(Toast { text, undo, refused, number: model.toasts });
    vec![Effect::ToastTimer]
}

fn open_dock(model: &mut Model, tab: Option<DockTab>) -> Effects {
    model.dock = tab;
    model.panel = match tab {
        Some(DockTab::Events) => Panel::Events,
        Some(DockTab::Branches) => Panel::Branches,
        Some(DockTab::Terminal) => Panel::Terminal,
        None => model.panel,
    };
    match tab {
        Some(DockTab::Terminal) => vec![Effect::Focus("[data-test=command-input]".into()), Effect::ScrollTerminal],
        Some(DockTab::Events) => vec![Effect::Focus("[data-test=event-filter]".into())],
        _ => Vec::new(),
    }
}

fn page(model: &mut Model, action: Action) -> Effects {
    match action {
        Action::Select(subject) => {
            if subject.is_some() && model.narrow {
                model.panel = Panel::Inspector;
            }
            model.selected = subject;
        }
        Action::Press(subject, at) => return press(model, subject, at),
        Action::CloseMenu => model.menu = None,
        Action::Dock(tab) => return open_dock(model, tab),
        Action::Panel(panel) => {
            model.panel = panel;
            model.dock = match panel {
                Panel::Events => Some(DockTab::Events),
                Panel::Branches => Some(DockTab::Branches),
                Panel::Terminal => Some(DockTab::Terminal),
                Panel::Lesson | Panel::Inspector => model.dock,
            };
        }
        Action::Dialog(dialog) => {
            model.playing = false;
            model.menu = None;
            model.form_error = None;
            model.not_opened = None;
            model.dialog = dialog;
        }
        Action::NextTheme => {
            model.theme = if model.dark() { ThemeChoice::Light } else { ThemeChoice::Dark };
            let name = model.theme.name();
            return vec![Effect::Theme(name), Effect::Store("theme", name.unwrap_or("system").to_owned())];
        }
        Action::Share => {
            model.playing = false;
            return vec![Effect::CopyLink];
        }
        Action::Escape => return escape(model),
        Action::Filter(text) => model.filter = text,
        Action::Topic(topic) => model.topic = topic,
        Action::ToastGone => model.toast = None,
        Action::Announce(text) => announce(model, &text),
        Action::Hidden => model.playing = false,
        Action::SystemDark(dark) => model.system_dark = dark,
        Action::ReducedMotion(reduced) => model.reduced_motion = reduced,
        Action::Narrow(narrow) => model.narrow = narrow,
        Action::Copied(true) => return toast(model, "The link of this moment is copied".into(), false, false),
        Action::Copied(false) => model.dialog = Some(Dialog::Share),
        Action::StorageRefused(why) => {
            return toast(model, format!("Progress is not kept: {why}"), false, false);
        }
        Action::NotOpened(why) => model.not_opened = Some(why),
        _ => {}
    }
    Vec::new()
}

/// A thing in the picture was pressed: an answer if one is due there, else its actions.
fn press(model: &mut Model, subject: Subject, at: (f64, f64)) -> Effects {
    if model.snapshot.lesson.as_ref().is_some_and(|lesson| lesson.option_at(&subject).is_some()) && model.locked() {
        return lesson(model, Action::PickPlace(subject));
    }
    let has_actions = !super::menu::entries(&subject, &model.snapshot.view).is_empty();
    let again = model.menu.as_ref().is_some_and(|menu| menu.subject == subject);
    model.selected = Some(subject.clone());
    model.menu = (has_actions && !again).then_some(Menu { subject, at });
    if model.menu.is_some() {
        model.playing = false;
        return vec![Effect::Focus("[data-test=menu] button:not([aria-disabled=true])".into())];
    }
    Vec::new()
}

fn escape(model: &mut Model) -> Effects {
    if let Some(menu) = model.menu.take() {
        return vec![Effect::Focus(format!("[data-target=\"{}\"]", menu.subject.key()))];
    }
    if model.dialog.take().is_some() {
        model.form_error = None;
    } else if model.toast.is_some() {
        model.toast = None;
    } else if model.dock.take().is_some() {
        model.panel = Panel::Lesson;
        return vec![Effect::Focus("[data-test=transport-play]".into())];
    } else if model.selected.is_some() {
        model.selected = None;
    } else {
        model.playing = false;
    }
    Vec::new()
}
