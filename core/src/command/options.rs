//! The words after a command's verb: `--name value` pairs and the rest, as jopt-simple reads them in
//! Kafka's tools.

use super::CommandError;
use super::lexer::Word;

pub(super) fn refuse<T>(place: impl Into<String>, message: impl Into<String>) -> Result<T, CommandError> {
    Err(CommandError { place: place.into(), message: message.into() })
}

/// Options of one line; each is taken out by the command that knows it.
pub(super) struct Options {
    /// The verb or the tool, the place of whatever is missing.
    pub verb: String,
    named: Vec<(String, Option<String>)>,
    positional: std::collections::VecDeque<Word>,
}

impl Options {
    /// Reads the words after `verb`; those named in `flags` take no value.
    pub fn read(verb: &str, words: &[Word], flags: &[&str]) -> Result<Self, CommandError> {
        let mut options = Self { verb: verb.into(), named: Vec::new(), positional: Default::default() };
        let mut rest = words.iter().peekable();
        while let Some(word) = rest.next() {
            let Some(name) = word.option() else {
                options.positional.push_back(word.clone());
                continue;
            };
            let (name, value) = match name.split_once('=') {
                Some((name, value)) => (name, Some(value.to_owned())),
                None => (name, None),
            };
            if flags.contains(&name) {
                options.named.push((name.into(), None));
                continue;
            }
            let value = match value {
                Some(value) => value,
                None => match rest.next_if(|next| next.option().is_none()) {
                    Some(next) => next.text.clone(),
                    None => return refuse(format!("--{name}"), format!("Option {name} requires an argument")),
                },
            };
            options.named.push((name.into(), Some(value)));
        }
        Ok(options)
    }

    /// True if the flag is there; takes it out.
    pub fn flag(&mut self, name: &str) -> bool {
        let before = self.named.len();
        self.named.retain(|(known, value)| known != name || value.is_some());
        self.named.len() < before
    }

    /// True if the option is there.
    pub fn has(&self, name: &str) -> bool {
        self.named.iter().any(|(known, _)| known == name)
    }

    /// All values of an option, in order; takes them out.
    pub fn all(&mut self, name: &str) -> Vec<String> {
        let (taken, rest) = std::mem::take(&mut self.named).into_iter().partition(|(known, _)| known == name);
        self.named = rest;
        let taken: Vec<(String, Option<String>)> = taken;
        taken.into_iter().filter_map(|(_, value)| value).collect()
    }

    /// The value of an option that may stand once at most.
    pub fn one(&mut self, name: &str) -> Result<Option<String>, CommandError> {
        let mut values = self.all(name);
        if values.len() > 1 {
            let message = format!("Found multiple arguments for option {name}, but you asked for only one");
            return refuse(format!("--{name}"), message);
        }
        Ok(values.pop())
    }

    /// The value of an option that must stand.
    pub fn required(&mut self, name: &str) -> Result<String, CommandError> {
        match self.one(name)? {
            Some(value) => Ok(value),
            None => refuse(self.verb.clone(), format!("Missing required argument \"[{name}]\"")),
        }
    }

    /// The next word that belongs to no option; `what` says what is expected there.
    pub fn word(&mut self, what: &str) -> Result<Word, CommandError> {
        match self.positional.pop_front() {
            Some(word) => Ok(word),
            None => refuse(format!("end of {}", self.verb), format!("{what} is expected")),
        }
    }

    /// The next word that belongs to no option, if there is one.
    pub fn next_word(&mut self) -> Option<Word> {
        self.positional.pop_front()
    }

    /// How many words belong to no option.
    pub fn words_left(&self) -> usize {
        self.positional.len()
    }

    /// Nothing may be left over.
    pub fn finish(self) -> Result<(), CommandError> {
        if let Some((name, _)) = self.named.first() {
            return refuse(format!("--{name}"), format!("{name} is not a recognized option"));
        }
        match self.positional.front() {
            Some(word) => refuse(word.text.clone(), format!("nothing more is expected after {}", self.verb)),
            None => Ok(()),
        }
    }
}
