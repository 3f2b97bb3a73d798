//! Why a command was not understood or not carried out.

use std::fmt;

/// A refusal: where, and what was expected instead (in Kafka's own words where Kafka has them).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CommandError {
    /// The word, option or thing that is at fault.
    pub place: String,
    /// What is wrong with it and what was expected.
    pub message: String,
}

impl fmt::Display for CommandError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.message)
    }
}

impl std::error::Error for CommandError {}
