//! Subscription by pattern (`subscribe(Pattern)`, `ConsumerCoordinator.updatePatternSubscription`): the
//! topics are those of the cluster whose whole names match, found anew with each metadata.
//!
//! Leaves out what Java's regular expressions have beyond those of the crate (look-around, references).

use crate::collections::BTreeSet;

use regex_lite::Regex;

use super::Consumer;
use super::positions::Kind;
use crate::ids::Name;

/// A pattern and the topics that it stands for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pattern {
    text: Name,
    /// Topics of the last metadata that match.
    pub topics: BTreeSet<Name>,
}

impl Pattern {
    /// A regular expression for the whole of a topic's name.
    ///
    /// # Errors
    /// It is none.
    pub fn parse(text: &str) -> Result<Self, String> {
        regex(text)?;
        Ok(Self { text: text.into(), topics: BTreeSet::new() })
    }

    /// True if the whole of the name matches.
    pub fn matches(&self, topic: &str) -> bool {
        regex(&self.text).is_ok_and(|regex| regex.is_match(topic))
    }

    /// As it was written.
    pub fn text(&self) -> &Name {
        &self.text
    }
}

fn regex(text: &str) -> Result<Regex, String> {
    Regex::new(&format!("^(?:{text})$")).map_err(|error| error.to_string())
}

impl Consumer {
    /// It subscribes by pattern, so metadata of all topics is asked for.
    pub(super) fn has_pattern(&self) -> bool {
        matches!(self.subscriptions.kind, Kind::Pattern(_))
    }

    /// Topics came, went or are seen for the first time.
    pub(super) fn match_topics(&mut self) {
        let Kind::Pattern(pattern) = &mut self.subscriptions.kind else { return };
        let Ok(regex) = regex(&pattern.text) else { return };
        let topics = self.metadata.topics(self.config.exclude_internal_topics);
        let matching = topics.filter(|topic| regex.is_match(topic)).cloned().collect();
        if pattern.topics != matching {
            pattern.topics = matching;
            self.metadata.request_new_topics();
        }
    }
}
