//! Keys of the page. Single letters act only outside of fields, so typing is never taken away.

use super::action::Action;
use super::state::{Dialog, DockTab};

/// A key with where it was pressed.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Press {
    /// `KeyboardEvent.key`.
    pub key: String,
    /// In a text field.
    pub typing: bool,
    /// On a button, link, option or other control that has its own use for Space and Enter.
    pub on_control: bool,
    /// On something that has its own use for arrows: a slider, a menu, tabs, a list.
    pub owns_arrows: bool,
    /// Control, Alt or Meta is held.
    pub modified: bool,
    /// A dialog is open.
    pub in_dialog: bool,
}

/// One line of the help.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Key {
    /// What is printed on the keys.
    pub keys: &'static [&'static str],
    /// What it does.
    pub does: &'static str,
}

/// All keys, for the help; [`action_of`] is the same list at work.
pub const KEYS: &[Key] = &[
    Key { keys: &["Space"], does: "play, pause" },
    Key { keys: &["→"], does: "step: on to the next event" },
    Key { keys: &["←"], does: "step back" },
    Key { keys: &["Home"], does: "to the first moment" },
    Key { keys: &["End"], does: "to the latest moment; once there, on to the next event that is not routine" },
    Key { keys: &[",", "."], does: "to the last, the next fault, leader, ISR or rebalance on the axis" },
    Key { keys: &["-", "+"], does: "slower, faster" },
    Key { keys: &["A", "B", "C", "D"], does: "pick an answer" },
    Key { keys: &["1", "2", "3", "4"], does: "the same, where trucks have letters" },
    Key { keys: &["Enter"], does: "the yellow button" },
    Key { keys: &["N"], does: "on to the next step of the lesson" },
    Key { keys: &["H"], does: "a hint" },
    Key { keys: &["U"], does: "undo the last command" },
    Key { keys: &["/"], does: "the command line" },
    Key { keys: &["E"], does: "the event log" },
    Key { keys: &["M"], does: "the message diagram; there, arrows choose a message, [ and ] zoom" },
    Key { keys: &["G"], does: "the charts" },
    Key { keys: &["L"], does: "all lessons" },
    Key { keys: &["F"], does: "find a lesson, a word, a config, an error code or something in the picture" },
    Key { keys: &["Esc"], does: "close what is open" },
    Key { keys: &["?"], does: "these keys" },
    Key { keys: &["Tab"], does: "through everything in the picture; Enter chooses, Shift F10 opens its actions" },
];

/// What a key asks for, beside what the focused control does with it itself.
pub fn action_of(press: &Press) -> Option<Action> {
    if press.key == "Escape" {
        // A dialog closes itself by the browser's own rule and reports it.
        return (!press.in_dialog).then_some(Action::Escape);
    }
    if press.typing || press.modified || press.in_dialog {
        return None;
    }
    let letter = press.key.to_ascii_lowercase();
    match letter.as_str() {
        " " if !press.on_control => Some(Action::TogglePlay),
        "arrowright" if !press.owns_arrows => Some(Action::Step),
        "arrowleft" if !press.owns_arrows => Some(Action::StepBack),
        "home" if !press.owns_arrows => Some(Action::ToStart),
        "end" if !press.owns_arrows => Some(Action::ToEnd),
        "," => Some(Action::Mark(false)),
        "." => Some(Action::Mark(true)),
        "-" => Some(Action::Faster(false)),
        "+" | "=" => Some(Action::Faster(true)),
        "a" | "1" => Some(Action::Pick(0)),
        "b" | "2" => Some(Action::Pick(1)),
        "c" | "3" => Some(Action::Pick(2)),
        "d" | "4" => Some(Action::Pick(3)),
        "enter" if !press.on_control => Some(Action::Primary),
        "n" => Some(Action::NextStep),
        "h" => Some(Action::Hint),
        "u" => Some(Action::Undo),
        "/" => Some(Action::CommandLine),
        "e" => Some(Action::Dock(Some(DockTab::Events))),
        "m" => Some(Action::Dock(Some(DockTab::Messages))),
        "g" => Some(Action::Dock(Some(DockTab::Charts))),
        "l" => Some(Action::Dialog(Some(Dialog::Lessons))),
        "f" => Some(Action::Dialog(Some(Dialog::Find))),
        "?" => Some(Action::Dialog(Some(Dialog::Help))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn press(key: &str) -> Press {
        Press { key: key.into(), ..Press::default() }
    }

    #[test]
    fn typing_is_left_alone() {
        for key in ["r", "e", "s", "t", " ", "/", "?", "ArrowLeft", "a", "-"] {
            assert!(action_of(&Press { typing: true, ..press(key) }).is_none(), "{key}");
            assert!(action_of(&Press { modified: true, ..press(key) }).is_none(), "{key}");
            assert!(action_of(&Press { in_dialog: true, ..press(key) }).is_none(), "{key}");
        }
        assert!(action_of(&Press { typing: true, ..press("Escape") }).is_some());
    }

    #[test]
    fn a_focused_button_keeps_space_and_a_slider_its_arrows() {
        assert!(action_of(&Press { on_control: true, ..press(" ") }).is_none());
        assert!(matches!(action_of(&press(" ")), Some(Action::TogglePlay)));
        assert!(action_of(&Press { owns_arrows: true, ..press("ArrowRight") }).is_none());
        assert!(matches!(action_of(&press("ArrowRight")), Some(Action::Step)));
        assert!(matches!(action_of(&press("ArrowLeft")), Some(Action::StepBack)));
    }
}
