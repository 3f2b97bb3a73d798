//! The lessons that come with the playground.

use super::{Lesson, LessonError};

/// Identifiers with the texts of their files.
macro_rules! lessons {
    ($($id:literal)*) => {
        &[$(($id, include_str!(concat!("../../../assets/lessons/", $id, ".md")))),*]
    };
}

/// The lessons in the order of the course, chapter by chapter.
const LESSONS: &[(&str, &str)] = lessons! {
    // Topics and partitions
    "where-a-record-goes"
    "nothing-is-taken-back"
    "how-long-it-is-kept"
    "more-partitions"
    // Brokers
    "any-broker-will-do"
    "what-a-broker-knows"
    "three-or-a-hundred"
    // Replication
    "losing-a-broker"
    "how-copies-follow"
    "how-many-copies"
    "one-leader-at-a-time"
    "maintenance-and-a-crash"
    // Producers
    "what-an-answer-is-worth"
    "sent-twice"
    "full-trucks"
    // Consumers
    "sharing-the-work"
    "where-a-reader-goes-on"
    "two-services-one-topic"
    "the-broker-a-reader-asks"
    "commit-before-or-after"
    "exactly-once"
    "a-store-that-remembers"
    // ZooKeeper
    "what-zookeeper-knows"
    "how-many-servers"
    "who-writes-in-zookeeper"
    "without-zookeeper"
    // Guarantees
    "one-log-in-between"
    // Incidents
    "the-copy-that-lagged"
    "a-leader-that-did-not-know"
    "two-histories"
    "the-ensemble-is-gone"
    "the-coordinator-dies"
    "the-rebalance-storm"
    "the-transaction-that-hung"
    "the-reader-that-was-too-slow"
    // Mission
    "the-night-shift"
};

/// Identifiers and texts of the built-in lessons, in the order of the list.
pub fn sources() -> &'static [(&'static str, &'static str)] {
    LESSONS
}

/// The file of the glossary. The page fetches it with the lessons.
pub const GLOSSARY: &str = include_str!("../../../assets/lessons/GLOSSARY.md");

/// The file of the playground without a lesson: its cluster, and one step that asks nothing.
pub const SANDBOX: &str = include_str!("../../../assets/lessons/sandbox.md");

/// All built-in lessons, read. A test holds that every file is read; one that is not would be missing.
pub fn library() -> Vec<Lesson> {
    sources().iter().filter_map(|(_, text)| Lesson::parse(text).ok()).collect()
}

/// The playground without a lesson.
///
/// # Errors
/// Never for the file that is built in; a test holds that.
pub fn sandbox() -> Result<Lesson, LessonError> {
    Lesson::parse(SANDBOX)
}
