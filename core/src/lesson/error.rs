//! What is wrong with a lesson file.

use std::fmt;

/// The first thing that is wrong with a lesson file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LessonError {
    /// Where, from 1.
    pub line: u32,
    /// What was expected and what was found.
    pub message: String,
}

impl LessonError {
    pub(super) fn new(line: u32, message: impl Into<String>) -> Self {
        Self { line, message: message.into() }
    }
}

impl fmt::Display for LessonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.message)
    }
}

impl std::error::Error for LessonError {}
