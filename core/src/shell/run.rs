//! A tool that runs or ran: what it printed so far, and its exit status.

use std::collections::VecDeque;

use super::script::{Ask, Flow, Reply, Script, Stop, ToolLine};
use crate::ids::Name;

/// The exit status of what SIGINT has ended, as a shell says it (128 + 2).
pub(super) const INTERRUPTED: i32 = 130;

/// What follows the end of a run.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum After {
    /// It stays to be looked at.
    #[default]
    Keep,
    /// What it printed was told, and it is forgotten.
    Forget,
    /// The process was its own, and ends.
    Exit,
}

/// A line that a tool printed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Printed {
    /// To stderr.
    pub stderr: bool,
    /// Without the line's end.
    pub text: String,
}

/// One run of a tool.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ToolRun {
    /// What was typed.
    pub line: ToolLine,
    /// Whole lines, in order.
    pub printed: Vec<Printed>,
    /// The exit status, once it is over.
    pub status: Option<i32>,
    /// What follows then.
    pub after: After,
    /// SIGINT has come.
    pub(super) interrupted: bool,
    /// Lines that a person has typed and it has not read.
    typed: VecDeque<Name>,
    /// Its question that waits for a line.
    reading: Option<usize>,
    answers: Vec<Option<Reply>>,
}

impl ToolRun {
    pub(super) fn new(line: ToolLine, after: After) -> Self {
        Self { line, after, ..Self::default() }
    }

    /// The tool's name.
    pub fn tool(&self) -> Name {
        self.line.words.first().cloned().unwrap_or_else(|| "".into())
    }

    /// It is not over, and every answer that it waits for is there.
    pub(super) fn is_ready(&self) -> bool {
        self.status.is_none() && self.answers.iter().all(Option::is_some)
    }

    pub(super) fn answered(&mut self, index: usize, reply: Reply) {
        if let Some(place) = self.answers.get_mut(index) {
            *place = Some(reply);
        }
    }

    /// It waits for a line, which may be typed already.
    pub(super) fn read_line(&mut self, index: usize) {
        match self.typed.pop_front() {
            Some(line) => self.answered(index, Reply::Line(line)),
            None => self.reading = Some(index),
        }
    }

    /// A line is typed.
    pub(super) fn is_given(&mut self, line: Name) {
        self.typed.push_back(line);
        if let Some(index) = self.reading.take() {
            self.read_line(index);
        }
    }

    /// SIGINT: it reads nothing more.
    pub(super) fn interrupt(&mut self) {
        self.interrupted = true;
        if let Some(index) = self.reading.take() {
            self.answered(index, Reply::WokenUp);
        }
    }

    /// Runs the program as far as it gets; what it asks for the first time, with its number among all questions.
    pub(super) fn go_on(&mut self, main: fn(&mut Script<'_>) -> Flow<()>) -> Vec<(usize, Ask)> {
        let mut script = Script::new(&self.line, &self.answers);
        let outcome = main(&mut script);
        let status = match outcome {
            Ok(()) => Some(0),
            Err(Stop::Waiting) => None,
            Err(Stop::Exit(status)) => Some(status),
            Err(Stop::Thrown(thrown)) => {
                script.err(&format!("Exception in thread \"main\" {}", thrown.trace()));
                Some(1)
            }
        };
        let asked = std::mem::take(&mut script.asked);
        let printed = lines(&script.printed, status.is_some());
        // A line that is not whole yet waits, so the streams may not be in the order of before.
        if printed.len() >= self.printed.len() {
            self.printed = printed;
        }
        self.status = status.map(|status| if self.interrupted { INTERRUPTED } else { status });
        let first = self.answers.len();
        self.answers.extend(asked.iter().map(|_| None));
        asked.into_iter().enumerate().map(|(index, ask)| (first + index, ask)).collect()
    }
}

/// Whole lines of both streams, in the order in which they began; at the end also what has no line's end.
fn lines(parts: &[(bool, String)], over: bool) -> Vec<Printed> {
    let mut printed: Vec<(Printed, bool)> = Vec::new();
    for (stderr, text) in parts {
        for piece in text.split_inclusive('\n') {
            let ends = piece.ends_with('\n');
            let piece = piece.strip_suffix('\n').unwrap_or(piece);
            match printed.iter_mut().rev().find(|(line, _)| line.stderr == *stderr) {
                Some((line, whole)) if !*whole => {
                    line.text.push_str(piece);
                    *whole = ends;
                }
                _ => printed.push((Printed { stderr: *stderr, text: piece.to_owned() }, ends)),
            }
        }
    }
    printed.into_iter().filter(|(_, whole)| *whole || over).map(|(line, _)| line).collect()
}
