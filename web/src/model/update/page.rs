//! The page around the cluster: selection, menus, dock, dialogs, theme.

use super::lesson::lesson;
use super::{announce, toast};
use crate::model::action::Action;
use crate::model::compare::Side;
use crate::model::effect::{Effect, Effects};
use crate::model::inquiry::StatePanel;
use crate::model::menu::entries;
use crate::model::progress::Progress;
use crate::model::state::{Dialog, DockTab, Menu, Model, Panel, ThemeChoice};
use crate::model::subject::Subject;
use crate::scene::Selection;

pub(super) fn page(model: &mut Model, action: Action) -> Effects {
    match action {
        Action::Select(subject) => {
            // A znode is read where the tree is, a message where the diagram is.
            let stays = match &subject {
                Some(Subject::Znode(_)) => model.panel == Panel::State,
                Some(Subject::Thing(Selection::Message(_))) => model.panel == Panel::Messages,
                _ => false,
            };
            if subject.is_none() {
                model.selected = None;
                // The button that was pressed is gone with what it closed.
                return vec![Effect::Focus("[data-test=inspector]".into())];
            }
            if model.narrow && !stays {
                model.panel = Panel::Inspector;
            }
            model.selected = subject;
        }
        Action::Press(subject, at) => return press(model, subject, at),
        Action::Why(field, open) => match open {
            true => {
                model.why = Some(field);
                return vec![Effect::BringInSight(".whybox[open]")];
            }
            false => model.why = model.why.take().filter(|other| *other != field),
        },
        Action::CloseMenu => model.menu = None,
        Action::Dock(tab) => return open_dock(model, tab),
        Action::Beside(beside) => {
            model.beside = beside;
            return vec![Effect::Store("beside", beside.to_string()), Effect::ScrollTerminal];
        }
        Action::CommandLine if model.has_line_beside() => return to_command_line(),
        Action::CommandLine => return open_dock(model, Some(DockTab::Terminal)),
        Action::Configs(owner) => {
            model.menu = None;
            model.config_owner = Some(owner);
            model.state_panel = StatePanel::Configs;
            return open_dock(model, Some(DockTab::State));
        }
        Action::ConfigOf(owner, key) => {
            let effects = page(model, Action::Configs(owner));
            model.config_asked = (model.config_asked.0.wrapping_add(1), key);
            return effects;
        }
        Action::Internal(tp) => {
            model.internal_of = Some(tp);
            model.state_panel = StatePanel::Internal;
            return open_dock(model, Some(DockTab::State));
        }
        Action::Menu(subject, at) => return open_menu(model, subject, at),
        Action::Look(look) => model.look(look),
        Action::State(panel) => {
            model.state_panel = panel;
            return open_dock(model, Some(DockTab::State));
        }
        Action::Panel(panel) => {
            model.panel = panel;
            model.dock = match panel {
                Panel::Events => Some(DockTab::Events),
                Panel::Branches => Some(DockTab::Branches),
                Panel::Terminal => Some(DockTab::Terminal),
                Panel::State => Some(DockTab::State),
                Panel::Messages => Some(DockTab::Messages),
                Panel::Charts => Some(DockTab::Charts),
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
            model.menu = None;
            model.not_opened = None;
            model.copied = None;
            model.dialog = Some(Dialog::Share);
            return vec![Effect::CopyLink];
        }
        Action::CopyLink => return vec![Effect::CopyLink],
        Action::SaveProgress => {
            return vec![Effect::SaveText("kafka-playground-progress.json", model.progress.to_text())];
        }
        Action::OpenProgress(name, text) => match Progress::read(&text) {
            Ok(progress) => {
                model.not_opened = None;
                let lessons = model.progress.merge(&progress);
                let text = format!("{name} is open: {lessons} lessons are further than before");
                announce(model, &text);
                let mut effects = toast(model, text, false, false);
                effects.push(Effect::Store("progress", model.progress.to_text()));
                return effects;
            }
            Err(why) => model.not_opened = Some(format!("{name}, {why}")),
        },
        Action::SaveRun => return vec![Effect::SaveRun],
        Action::SavePicture(kind) => return vec![Effect::SavePicture(kind)],
        Action::TakeHome(file) => return vec![Effect::TakeHome(file)],
        Action::Saved(Ok(name)) => {
            let text = format!("{name} is saved");
            announce(model, &text);
            return toast(model, text, false, false);
        }
        Action::Saved(Err(why)) => return toast(model, why, false, true),
        Action::Compare(branch) => {
            model.compare = branch;
            model.side = Side::First;
            if branch.is_some() {
                return open_dock(model, Some(DockTab::Branches));
            }
        }
        Action::Side(side) => model.side = side,
        Action::Escape => return escape(model),
        Action::Filter(text) => model.filter = text,
        Action::KeyLetters(shown) => model.key_letters = shown,
        Action::Topic(topic) => model.topic = topic,
        Action::ToastGone => model.toast = None,
        Action::Announce(text) => announce(model, &text),
        Action::Hidden => model.playing = false,
        Action::SystemDark(dark) => model.system_dark = dark,
        Action::ReducedMotion(reduced) => model.reduced_motion = reduced,
        Action::OnlyUnhealthy(only) => model.only_unhealthy = only,
        Action::Copied(done) => model.copied = Some(done),
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
    // Partitions are pressed to be read; what can be done with them stands in the inspector.
    let is_read = matches!(
        subject,
        Subject::Thing(Selection::Partition(_) | Selection::Replica(..) | Selection::Record(..)) | Subject::Topic(_)
    );
    let has_actions = !is_read && !entries(&subject, &model.snapshot.view).is_empty();
    let again = model.menu.as_ref().is_some_and(|menu| menu.subject == subject);
    model.selected = Some(subject.clone());
    if is_read && model.narrow {
        model.panel = Panel::Inspector;
    }
    if has_actions && !again {
        return open_menu(model, subject, at);
    }
    model.menu = None;
    Vec::new()
}

/// Everything that can be done with a thing, also with one that is only read when it is pressed.
fn open_menu(model: &mut Model, subject: Subject, at: (f64, f64)) -> Effects {
    if subject != Subject::Ground {
        model.selected = Some(subject.clone());
    }
    let has_actions = !entries(&subject, &model.snapshot.view).is_empty();
    model.menu = has_actions.then_some(Menu { subject, at });
    if model.menu.is_none() {
        return Vec::new();
    }
    model.playing = false;
    vec![Effect::Focus("[data-test=menu] button:not([aria-disabled=true])".into())]
}

fn escape(model: &mut Model) -> Effects {
    if let Some(menu) = model.menu.take() {
        return vec![focus_on(&menu.subject)];
    }
    if model.dialog.take().is_some() {
        model.form_error = None;
    } else if model.toast.is_some() {
        model.toast = None;
    } else if model.dock.take().is_some() {
        model.panel = Panel::Lesson;
        return vec![Effect::Focus("[data-test=transport-play]".into())];
    } else if model.compare.take().is_some() {
        announce(model, "The comparison is closed.");
    } else if model.selected.is_some() {
        model.selected = None;
    } else {
        model.playing = false;
    }
    Vec::new()
}

pub(super) fn open_dock(model: &mut Model, tab: Option<DockTab>) -> Effects {
    model.dock = tab;
    // The picture's height changes, and with it the place of a menu.
    model.menu = None;
    // What was asked for once is not asked for with every visit.
    model.config_asked.1 = "";
    model.panel = match tab {
        Some(DockTab::Events) => Panel::Events,
        Some(DockTab::Branches) => Panel::Branches,
        Some(DockTab::Terminal) => Panel::Terminal,
        Some(DockTab::State) => Panel::State,
        Some(DockTab::Messages) => Panel::Messages,
        Some(DockTab::Charts) => Panel::Charts,
        None => model.panel,
    };
    match tab {
        Some(DockTab::Terminal) => to_command_line(),
        Some(DockTab::Events) => vec![Effect::Focus("[data-test=event-filter]".into()), Effect::ScrollTerminal],
        // The command line may stand beside it.
        _ => vec![Effect::ScrollTerminal],
    }
}

fn to_command_line() -> Effects {
    vec![Effect::Focus("[data-test=command-input]".into()), Effect::ScrollTerminal]
}

/// Moves the focus to a thing's button in the picture.
pub(super) fn focus_on(subject: &Subject) -> Effect {
    Effect::Focus(format!("[data-target=\"{}\"]", subject.key()))
}
