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
pub(super) fn quote(word: &str) -> String {
    if word.starts_with('-') { in_quotes(word) } else { shell_quote(word) }
}

/// `word` as a shell would take it back.
pub(super) fn shell_quote(word: &str) -> String {
    if !word.is_empty() && word.chars().all(is_plain) { word.to_owned() } else { in_quotes(word) }
}

/// What has no place in one line is escaped, in `$'…'`.
fn in_quotes(word: &str) -> String {
    if !word.contains(['\n', '\r', '\t']) {
        return format!("'{}'", word.replace('\'', "'\\''"));
    }
    let mut quoted = String::from("$'");
    for c in word.chars() {
        match c {
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            '\\' | '\'' => quoted.extend(['\\', c]),
            c => quoted.push(c),
        }
    }
    quoted.push('\'');
    quoted
}

/// What an escape of `$'…'` (of `printf`, of `echo -e`) stands for; others stand for themselves.
pub(super) fn unescaped(c: char) -> Option<char> {
    Some(match c {
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        '\\' | '\'' | '"' => c,
        _ => return None,
    })
}

/// A word and whether it was quoted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Word {
    /// What it says.
    pub text: String,
    /// Quotes or a backslash were part of it.
    pub quoted: bool,
    /// So many bytes at its beginning were not quoted.
    pub bare: usize,
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
/// `"` and `\`, in `$'…'` it says `\n`, `\r` and `\t`, elsewhere it escapes any character.
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
        let word = current.get_or_insert_with(|| Word { text: String::new(), quoted: false, bare: 0 });
        match c {
            '$' if chars.clone().next() == Some('\'') => {
                word.quoted = true;
                chars.next();
                loop {
                    match chars.next() {
                        Some('\'') => break,
                        Some('\\') => match chars.next().map(|c| (unescaped(c), c)) {
                            Some((Some(c), _)) => word.text.push(c),
                            Some((None, c)) => word.text.extend(['\\', c]),
                            None => return Err(unfinished('\'')),
                        },
                        Some(c) => word.text.push(c),
                        None => return Err(unfinished('\'')),
                    }
                }
            }
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
            c => {
                word.text.push(c);
                if !word.quoted {
                    word.bare = word.text.len();
                }
            }
        }
    }
    words.extend(current);
    Ok(words)
}
