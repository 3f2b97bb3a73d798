//! Which lessons were begun and which are done; kept by the browser, readable as JSON.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// How far a lesson is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Opened.
    Started,
    /// Played to its end.
    Done,
}

/// The learner's way so far.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Progress {
    lessons: BTreeMap<String, State>,
}

impl Progress {
    /// From what the browser kept; what cannot be read is an empty one.
    pub fn parse(text: &str) -> Self {
        serde_json::from_str(text).unwrap_or_default()
    }

    /// For the browser to keep.
    pub fn to_text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// How far `lesson` is.
    pub fn of(&self, lesson: &str) -> Option<State> {
        self.lessons.get(lesson).copied()
    }

    /// Notes that `lesson` is at least so far. True if that is new.
    pub fn note(&mut self, lesson: &str, state: State) -> bool {
        if self.of(lesson) >= Some(state) {
            return false;
        }
        self.lessons.insert(lesson.to_owned(), state);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_survives_its_text_and_never_goes_back() {
        let mut progress = Progress::default();
        assert!(progress.note("one", State::Started));
        assert!(progress.note("one", State::Done));
        assert!(!progress.note("one", State::Started));
        assert_eq!(Progress::parse(&progress.to_text()), progress);
        assert_eq!(progress.of("one"), Some(State::Done));
        for damaged in ["", "{", "[]", "{\"lessons\":{\"one\":\"half\"}}"] {
            assert_eq!(Progress::parse(damaged), Progress::default());
        }
    }
}
