//! The one place where the page's state changes.

mod lesson;
mod page;
#[cfg(test)]
mod tests;

use std::rc::Rc;

use playground_core::command::Command;
use playground_core::lesson::AskState;
use playground_core::timeline::{Looked, looks};

use crate::model::action::{Action, Origin};
use crate::model::command_text;
use crate::model::effect::{Effect, Effects, Outcome, Reply, Request};
use crate::model::progress;
use crate::model::snapshot::{Shared, Snapshot};
use crate::model::speed::SPEEDS;
use crate::model::state::{DockTab, Model, Toast};
use crate::model::subject::Subject;
use crate::model::terminal::{LineKind, Terminal};
use crate::model::tools;
use crate::scene::Selection;

/// Takes an action into the model; what needs the engine or the browser comes back.
pub fn update(model: &mut Model, action: Action) -> Effects {
    match action {
        Action::TogglePlay | Action::Pause | Action::Speed(_) | Action::Faster(_) => time(model, &action),
        Action::Step => move_to(model, Request::Step, true),
        Action::StepBack => move_to(model, Request::StepBack, false),
        Action::ToStart => move_to(model, Request::ToStart, false),
        Action::ToEnd => move_to(model, Request::ToEnd, true),
        Action::Seek(at) => move_to(model, Request::Seek(at), at > model.snapshot.now()),
        Action::Mark(forwards) => match model.snapshot.mark(forwards) {
            Some(position) => update(model, Action::GoTo(position)),
            // Nothing recorded lies ahead: time goes on to what comes.
            None if forwards => update(model, Action::ToEnd),
            None => update(model, Action::ToStart),
        },
        Action::Replay(from, to) => {
            let effects = move_to(model, Request::Seek(from), false);
            model.playing = true;
            model.play_until = Some(to);
            effects
        }
        Action::GoTo(position) => move_to(model, Request::GoTo(position), position.at > model.snapshot.now()),
        Action::Switch(id) => {
            model.compare = None;
            move_to(model, Request::Switch(id), false)
        }
        Action::Rename(id, name) => vec![Effect::Ask(Request::Rename(id, name))],
        Action::Undo => {
            model.toast = None;
            move_to(model, Request::Undo, false)
        }
        Action::Do(command, origin) => {
            model.form_error = None;
            let mut effects = vec![Effect::Ask(Request::Do(command, origin))];
            // The menu goes; who came by keyboard is back at the thing whose menu it was.
            effects.extend(model.menu.take().map(|menu| page::focus_on(&menu.subject)));
            effects
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
        Action::Complete => complete(model),
        Action::OpenLesson(_)
        | Action::OpenFile(..)
        | Action::OpenRun(..)
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
        | Action::Reset => lesson::lesson(model, action),
        Action::Replied(reply) => replied(model, reply),
        Action::Ran(snapshot, more) => {
            let before = std::mem::replace(&mut model.snapshot, snapshot);
            if !more {
                model.playing = false;
            }
            moved(model, &before)
        }
        other => page::page(model, other),
    }
}

fn time(model: &mut Model, action: &Action) -> Effects {
    match action {
        Action::TogglePlay if model.playing => model.playing = false,
        Action::TogglePlay if model.held() => say_locked(model),
        Action::TogglePlay => {
            model.playing = true;
            model.play_until = None;
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
    if forwards && model.held() {
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
    let reading = model.snapshot.reading_tool().map(ToString::to_string);
    for line in lines {
        if let Some(tool) = &reading {
            let typed = Command::Type { client: tool.as_str().into(), text: line.into() };
            effects.push(Effect::Ask(Request::Do(typed, Origin::Line)));
        } else if line == "clear" {
            edit(model, Terminal::clear);
        } else if line == "help" {
            edit(model, |terminal| {
                terminal.say(LineKind::Given, &line);
                terminal.say(LineKind::Said, tools::help());
            });
        } else if looks(&line) {
            effects.push(Effect::Ask(Request::Look(line)));
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

fn replied(model: &mut Model, reply: Reply) -> Effects {
    let before = std::mem::replace(&mut model.snapshot, reply.snapshot);
    if matches!(reply.outcome, Outcome::Ran(..) | Outcome::LessonMoved(..) | Outcome::Opened | Outcome::OpenedRun(..)) {
        // Their lines are put on the command line where they are handled.
        model.echoed = model.snapshot.given.len();
    }
    let mut effects = match reply.outcome {
        Outcome::Done => Vec::new(),
        Outcome::Ran(line, origin) => ran(model, &line, origin),
        Outcome::Looked(line, looked) => looked_at(model, &line, &looked),
        Outcome::Refused { line, place, message, origin } => {
            return refused(model, &line, &place, &message, origin);
        }
        Outcome::NotOpened(why) => {
            model.not_opened = Some(why);
            return Vec::new();
        }
        Outcome::Opened => lesson::opened(model),
        Outcome::OpenedRun(link, strayed) => lesson::opened_run(model, &link, strayed),
        Outcome::LessonMoved(place, lines) => lesson::lesson_moved(model, place, &lines),
        Outcome::Said(text) => {
            // It says more than where time stands now.
            let mut effects = moved(model, &before);
            announce(model, &text);
            effects.extend(toast(model, text, false, false));
            return effects;
        }
        Outcome::Graded(text) => {
            announce(model, &text);
            Vec::new()
        }
    };
    effects.extend(moved(model, &before));
    effects
}

/// What a tool printed; one that was still running says so.
fn looked_at(model: &mut Model, line: &str, looked: &Looked) -> Effects {
    edit(model, |terminal| {
        terminal.say(LineKind::Given, line);
        for (stderr, text) in &looked.lines {
            // Also what went well is told on stderr at times.
            let refused = *stderr && looked.status != Some(0);
            terminal.say(if refused { LineKind::Refused } else { LineKind::Said }, text);
        }
        match looked.status {
            Some(0) => {}
            Some(status) => terminal.say(LineKind::Refused, &format!("exit status {status}")),
            None => {
                terminal.say(LineKind::Refused, "It is still running after 70 s of simulated time, and is given up.")
            }
        }
    });
    let first = looked.lines.first().map_or("Nothing was printed.", |(_, text)| text.trim());
    announce(model, first);
    vec![Effect::ScrollTerminal]
}

fn complete(model: &mut Model) -> Effects {
    let found = model.snapshot.completions(&model.terminal.draft);
    edit(model, |terminal| terminal.complete(&found));
    announce(model, &found.join(", "));
    vec![Effect::ScrollTerminal]
}

fn ran(model: &mut Model, line: &str, origin: Origin) -> Effects {
    // Waiting is no command of the journal.
    let number = model.snapshot.given.last().filter(|last| **last == *line).map(|_| model.snapshot.given.len());
    edit(model, |terminal| terminal.given(line, number));
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
        if let Some(mark) = mark_under(line, place) {
            terminal.say(LineKind::Mark, &mark);
        }
        terminal.say(LineKind::Refused, &format!("{place}: {message}"));
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

/// A mark under the place in the line that a refusal is about, if the line has it once.
fn mark_under(line: &str, place: &str) -> Option<String> {
    let mut found = line.match_indices(place).filter(|_| !place.is_empty());
    let (at, _) = found.next().filter(|_| found.next().is_none())?;
    let before = line.get(..at).map_or(0, |text| text.chars().count());
    // The line is shown behind "$ ".
    Some(format!("{}{}", " ".repeat(before + 2), "^".repeat(place.chars().count())))
}

/// After any change of the moment: what no longer exists is no longer selected, what is new is said.
fn moved(model: &mut Model, before: &Rc<Snapshot>) -> Effects {
    let view = model.snapshot.view.clone();
    // The message diagram shows what has arrived too.
    let filmed = model.dock == Some(DockTab::Messages);
    let gone = |subject: &Subject| {
        let shown = filmed && matches!(subject, Subject::Thing(Selection::Message(_)));
        !(shown || subject.exists(&view))
    };
    if model.menu.as_ref().is_some_and(|menu| gone(&menu.subject)) {
        model.menu = None;
    }
    // A message that has arrived stays readable until something else is chosen, and what the lesson selects may
    // come only later; all else is dropped.
    let of_lesson = model.snapshot.lesson.as_ref().and_then(|lesson| lesson.selected(&view));
    if model.selected.as_ref().is_some_and(|chosen| gone(chosen) && Some(chosen) != of_lesson.as_ref()) {
        model.selected = None;
    }
    if !model.playing && model.snapshot.told > before.told {
        let news: Vec<&str> = model.snapshot.events[..model.snapshot.happened.min(model.snapshot.events.len())]
            .iter()
            .rev()
            .take((model.snapshot.told - before.told) as usize)
            .take(3)
            .map(|event| event.text.as_str())
            .collect();
        let text = format!("{}: {}.", model.snapshot.now(), news.into_iter().rev().collect::<Vec<_>>().join("; "));
        model.announcement = text;
    } else if !model.playing && model.snapshot.now() < before.now() {
        model.announcement = format!("Back at {}.", model.snapshot.now());
    }
    echo(model, before);
    let mut effects = Vec::new();
    if model.snapshot.tools != before.tools {
        effects.push(Effect::ScrollTerminal);
    }
    // Why an answer was right or wrong is what the step is for.
    if is_graded(&model.snapshot) && !is_graded(before) {
        effects.push(Effect::BringInSight(".because"));
    }
    let done = model.snapshot.lesson.as_ref().filter(|lesson| lesson.is_done()).map(|lesson| lesson.id.clone());
    match done {
        Some(id) if model.progress.note(&id, progress::State::Done) => {
            effects.push(Effect::Store("progress", model.progress.to_text()));
        }
        _ => {}
    }
    effects
}

fn is_graded(shot: &Snapshot) -> bool {
    shot.lesson.as_ref().is_some_and(|lesson| matches!(lesson.status.ask, AskState::Graded { .. }))
}

/// Commands that the lesson gave meanwhile are put on the command line, each once.
fn echo(model: &mut Model, before: &Rc<Snapshot>) {
    let shot = model.snapshot.clone();
    if shot.branch() != before.branch() {
        model.echoed = shot.given.len();
        return;
    }
    let fresh = shot.given.after(model.echoed);
    if !fresh.is_empty() {
        edit(model, |terminal| fresh.iter().for_each(|(number, line)| terminal.given(line, Some(*number))));
        model.echoed = shot.given.len();
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
