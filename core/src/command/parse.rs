//! From text to commands: the inverse of `Display`.

use super::lexer::words;
use super::{Command, CommandError};

impl Command {
    /// Reads one line.
    ///
    /// # Errors
    /// The line is no command; the error names the place and what was expected there.
    pub fn parse(line: &str) -> Result<Self, CommandError> {
        let words = words(line)?;
        let Some(verb) = words.first() else {
            return Err(CommandError { place: "beginning".into(), message: "a command is expected".into() });
        };
        Err(CommandError { place: verb.text.clone(), message: "is not a command".into() })
    }
}
