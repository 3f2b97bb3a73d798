//! The command line: what was said, what is being typed, what was typed before.

use std::rc::Rc;

use playground_core::ids::{Name, NodeId};

/// What a line of the output is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LineKind {
    /// A command that was given, by hand or by a click.
    Given,
    /// An answer.
    Said,
    /// Marks the place in the line above that a refusal is about.
    Mark,
    /// A refusal.
    Refused,
}

/// What a tool has printed so far.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ToolOutput {
    /// The number of its command in the journal, from 1.
    pub command: usize,
    /// The command.
    pub line: Name,
    /// Its process, if it is its own: that can be stopped.
    pub process: Option<NodeId>,
    /// Lines in order, with true for stderr.
    pub lines: Vec<(bool, Name)>,
    /// The exit status, once it is over.
    pub status: Option<i32>,
    /// It was told to end: it takes no more lines.
    pub stopping: bool,
}

impl ToolOutput {
    /// It was given nothing to read: a person types it.
    pub fn reads_keys(&self) -> bool {
        !self.stopping && self.line.starts_with("kafka-console-producer.sh ") && !self.line.contains(" <<< ")
    }
}

/// A line of the output.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Line {
    /// Its number, from 0.
    pub number: u64,
    /// What it is.
    pub kind: LineKind,
    /// Its text.
    pub text: Rc<str>,
    /// A command's number in the journal, from 1: what its tool printed stands below.
    pub command: Option<usize>,
}

/// The oldest lines go when there are more than this.
const LINES_MAX: usize = 400;
/// So many lines of history.
const HISTORY_MAX: usize = 100;

/// The command line's state.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Terminal {
    /// What was said.
    pub lines: Vec<Line>,
    /// What is being typed.
    pub draft: String,
    history: Vec<String>,
    browsing: Option<usize>,
    /// The draft whose completions were said last.
    listed: Option<String>,
    next: u64,
}

impl Terminal {
    /// Adds a text of one or more lines.
    pub fn say(&mut self, kind: LineKind, text: &str) {
        for text in text.lines() {
            self.push(kind, text, None);
        }
    }

    /// Adds a command that was carried out, with its number in the journal if it is there.
    pub fn given(&mut self, text: &str, command: Option<usize>) {
        self.push(LineKind::Given, text, command);
    }

    fn push(&mut self, kind: LineKind, text: &str, command: Option<usize>) {
        self.lines.push(Line { number: self.next, kind, text: text.into(), command });
        self.next += 1;
        let surplus = self.lines.len().saturating_sub(LINES_MAX);
        self.lines.drain(..surplus);
    }

    /// Takes the typed lines for carrying out, and remembers them.
    pub fn take(&mut self) -> Vec<String> {
        let draft = std::mem::take(&mut self.draft);
        self.browsing = None;
        let lines: Vec<String> =
            draft.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect();
        for line in &lines {
            self.remember(line);
        }
        lines
    }

    fn remember(&mut self, line: &str) {
        if self.history.last().is_none_or(|last| last != line) {
            self.history.push(line.to_owned());
        }
        let surplus = self.history.len().saturating_sub(HISTORY_MAX);
        self.history.drain(..surplus);
    }

    /// Puts an older or newer line of the history into the draft.
    pub fn browse(&mut self, older: bool) {
        let at = match (self.browsing, older) {
            (None, true) => self.history.len().checked_sub(1),
            (None, false) => None,
            (Some(at), true) => Some(at.saturating_sub(1)),
            (Some(at), false) => Some(at + 1).filter(|at| *at < self.history.len()),
        };
        if let Some(line) = at.and_then(|at| self.history.get(at)) {
            self.draft.clone_from(line);
        } else if !older {
            self.draft.clear();
        }
        self.browsing = at;
    }

    /// Goes on with the last word as far as all of these agree; where they part at once, they are said.
    pub fn complete(&mut self, found: &[String]) {
        let Some(first) = found.first() else { return };
        let start = self.draft.rfind([' ', '\n']).map_or(0, |at| at + 1);
        let agreed = found.iter().skip(1).fold(first.as_str(), |agreed, other| {
            let same = agreed.chars().zip(other.chars()).take_while(|(a, b)| a == b);
            agreed.get(..same.map(|(c, _)| c.len_utf8()).sum()).unwrap_or("")
        });
        if found.len() > 1 && agreed.len() <= self.draft.len() - start {
            self.say(LineKind::Said, &found.join("   "));
            self.listed = Some(self.draft.clone());
            return;
        }
        self.draft.truncate(start);
        self.draft.push_str(agreed);
        if found.len() == 1 {
            self.draft.push(' ');
        }
    }

    /// How it may go on was said already: the key that asked for it may do what it does elsewhere.
    pub fn has_listed(&self) -> bool {
        self.listed.as_ref() == Some(&self.draft)
    }

    /// Forgets the output.
    pub fn clear(&mut self) {
        self.lines.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn history_goes_back_and_forth() {
        let mut terminal = Terminal::default();
        for line in ["kill 102", "start 102", "start 102"] {
            terminal.draft = line.into();
            assert_eq!(terminal.take(), [line]);
        }
        terminal.browse(true);
        assert_eq!(terminal.draft, "start 102");
        terminal.browse(true);
        assert_eq!(terminal.draft, "kill 102", "a repeated line is remembered once");
        terminal.browse(true);
        assert_eq!(terminal.draft, "kill 102", "the oldest stays");
        terminal.browse(false);
        assert_eq!(terminal.draft, "start 102");
        terminal.browse(false);
        assert_eq!(terminal.draft, "", "after the newest comes an empty line");
    }

    #[test]
    fn a_word_goes_on_as_far_as_all_agree() {
        let mut terminal = Terminal::default();
        for (draft, found, expected) in [
            ("kafka-to", &["kafka-topics.sh"][..], "kafka-topics.sh "),
            ("kafka-c", &["kafka-configs.sh", "kafka-console-consumer.sh"], "kafka-con"),
            ("kafka-con", &["kafka-configs.sh", "kafka-console-consumer.sh"], "kafka-con"),
            ("kill 102\nstart 1", &["102"], "kill 102\nstart 102 "),
            ("send p ü", &["ünf", "ünd"], "send p ün"),
            ("nothing", &[], "nothing"),
        ] {
            terminal.draft = draft.to_owned();
            let found: Vec<String> = found.iter().map(|word| (*word).to_owned()).collect();
            terminal.complete(&found);
            assert_eq!(terminal.draft, expected);
        }
        assert_eq!(terminal.lines.len(), 1, "only where nothing could be added the words are said");
        terminal.draft = "kafka-con".into();
        assert!(terminal.has_listed());
    }

    #[test]
    fn output_is_bounded() {
        let mut terminal = Terminal::default();
        for n in 0..1000 {
            terminal.say(LineKind::Said, &format!("a{n}\nb{n}"));
        }
        assert_eq!(terminal.lines.len(), LINES_MAX);
        assert_eq!(terminal.lines.last().map(|line| &*line.text), Some("b999"));
    }
}
