//! The lessons that come with the playground.

use super::{Lesson, LessonError};

/// Identifiers and texts of the built-in lessons, in the order of the list.
pub fn sources() -> [(&'static str, &'static str); 3] {
    [
        ("where-a-record-goes", include_str!("../../../assets/lessons/where-a-record-goes.md")),
        ("losing-a-broker", include_str!("../../../assets/lessons/losing-a-broker.md")),
        ("sharing-the-work", include_str!("../../../assets/lessons/sharing-the-work.md")),
    ]
}

/// The file of the playground without a lesson: its cluster, and one step that asks nothing.
pub const SANDBOX: &str = include_str!("../../../assets/lessons/sandbox.md");

/// The built-in lessons. A test holds that every file is read; one that is not would be missing.
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
