//! Words of a command line, quoted as a shell quotes them.

use std::fmt;

use super::CommandError;
use crate::ids::Name;

/// A word as it is typed: quoted where it holds more than plain characters.
pub(super) struct Quoted<'a>(pub &'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&quote(self.0))
    }
}

fn is_plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || "._-:,=/@%+()[]".contains(c)
}

/// `word` as a shell would take it back. A word that begins with a dash is quoted too: then it reads
/// as a value and not as an option.
pub fn quote(word: &str) -> String {
    if !word.is_empty() && !word.starts_with('-') && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

/// A word and whether it was quoted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Word {
    /// What it says.
    pub text: String,
    /// Quotes or a backslash were part of it.
    pub quoted: bool,
}

impl Word {
    /// The name of an option (`--name`, `--name=value`), if the word is one. A quoted word never is.
    pub fn option(&self) -> Option<&str> {
        if self.quoted { None } else { self.text.strip_prefix("--").filter(|name| !name.is_empty()) }
    }
}

/// The words of a line without their quotes, as a shell hands them to a program.
///
/// # Errors
/// A quote is not closed.
pub fn split(line: &str) -> Result<Vec<Name>, CommandError> {
    Ok(words(line)?.into_iter().map(|word| word.text.into()).collect())
}

/// Splits a line into words: blanks divide, `'…'` is taken as it is, in `"…"` a backslash escapes
/// `"` and `\`, elsewhere it escapes any character.
pub(super) fn words(line: &str) -> Result<Vec<Word>, CommandError> {
    let mut words = Vec::new();
    let mut current: Option<Word> = None;
    let mut chars = line.chars();
    let unfinished = |quote: char| CommandError {
        place: "end of the line".into(),
        message: format!("the quote {quote} is not closed"),
    };
    while let Some(c) = chars.next() {
        if c.is_whitespace() {
            words.extend(current.take());
            continue;
        }
        let word = current.get_or_insert_with(|| Word { text: String::new(), quoted: false });
        match c {
            '\'' => {
                word.quoted = true;
                loop {
                    match chars.next() {
                        Some('\'') => break,
                        Some(c) => word.text.push(c),
                        None => return Err(unfinished('\'')),
                    }
                }
            }
            '"' => {
                word.quoted = true;
                loop {
                    match chars.next() {
                        Some('"') => break,
                        Some('\\') => match chars.next() {
                            Some(c @ ('"' | '\\')) => word.text.push(c),
                            Some(c) => word.text.extend(['\\', c]),
                            None => return Err(unfinished('"')),
                        },
                        Some(c) => word.text.push(c),
                        None => return Err(unfinished('"')),
                    }
                }
            }
            '\\' => {
                word.quoted = true;
                word.text.extend(chars.next());
            }
            c => word.text.push(c),
        }
    }
    words.extend(current);
    Ok(words)
}
