//! Which lessons were begun and which are done; kept by the browser, readable as JSON.

use playground_core::collections::BTreeMap;

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
    #[serde(with = "as_object")]
    lessons: BTreeMap<String, State>,
}

/// The lessons as an object of JSON, by id.
mod as_object {
    use std::fmt;

    use serde::de::{Deserializer, MapAccess, Visitor};
    use serde::ser::Serializer;

    use super::{BTreeMap, State};

    type Lessons = BTreeMap<String, State>;

    pub fn serialize<S: Serializer>(lessons: &Lessons, to: S) -> Result<S::Ok, S::Error> {
        to.collect_map(lessons)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Lessons, D::Error> {
        struct Read;
        impl<'de> Visitor<'de> for Read {
            type Value = Lessons;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("lessons by id")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Lessons, A::Error> {
                let mut lessons = Lessons::default();
                while let Some((id, state)) = object.next_entry()? {
                    lessons.insert(id, state);
                }
                Ok(lessons)
            }
        }
        from.deserialize_map(Read)
    }
}

impl Progress {
    /// From what the browser kept; what cannot be read is an empty one.
    pub fn parse(text: &str) -> Self {
        serde_json::from_str(text).unwrap_or_default()
    }

    /// From a file that a person chose.
    ///
    /// # Errors
    /// The place that cannot be read, and what was expected there.
    pub fn read(text: &str) -> Result<Self, String> {
        serde_json::from_str(text).map_err(|wrong| {
            format!("line {}, column {}: progress that this page saved is expected", wrong.line(), wrong.column())
        })
    }

    /// Adds what another one has; says how many lessons are further now.
    pub fn merge(&mut self, other: &Self) -> usize {
        let further: Vec<(String, State)> = other.lessons.iter().map(|(id, state)| (id.clone(), *state)).collect();
        further.into_iter().filter(|(id, state)| self.note(id, *state)).count()
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
    fn what_another_machine_has_is_added() {
        let (mut mine, mut other) = (Progress::default(), Progress::default());
        mine.note("one", State::Done);
        mine.note("two", State::Started);
        other.note("one", State::Started);
        other.note("two", State::Done);
        other.note("three", State::Started);
        assert_eq!(mine.merge(&Progress::read(&other.to_text()).expect("what was saved")), 2);
        assert_eq!(mine.of("one"), Some(State::Done));
        assert_eq!((mine.of("two"), mine.of("three")), (Some(State::Done), Some(State::Started)));
    }

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
            let wrong = Progress::read(damaged).expect_err(damaged);
            assert!(wrong.starts_with("line ") && wrong.contains("expected"), "{wrong}");
        }
    }
}
