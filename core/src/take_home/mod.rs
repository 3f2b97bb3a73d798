//! A run taken home: a script of Kafka's own tools and a Compose file of the same cluster, so that what was seen here
//! can be seen on real brokers. At every rest of the run the script looks, and says what the simulation printed there.
//!
//! Simplified: what none of Kafka's tools can do stands in the script as a comment that says so: calls of a
//! transactional producer, a chosen partition, an application's own work, slow nodes, wrong clocks, broken disks.

mod compose;
mod expect;
mod faults;
mod lines;
mod script;
mod shell;

use crate::command::CommandError;
use crate::timeline::{Position, Timeline};

/// The version of Kafka whose answers the simulation gives.
pub const KAFKA_VERSION: &str = "3.9.1";

/// The two files.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TakeHome {
    /// `run.sh`
    pub script: String,
    /// `docker-compose.yml`
    pub compose: String,
}

/// Something to say at a moment of the run: a lesson's question, what came true.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Remark {
    /// Before what happens here or later.
    pub at: Position,
    /// In one line.
    pub text: String,
    /// It begins a part of the script.
    pub is_heading: bool,
}

/// The run of `timeline` up to its present moment.
///
/// # Errors
/// The run is longer than a link may be: it cannot be played again.
pub fn take_home(timeline: &Timeline, title: &str, remarks: &[Remark]) -> Result<TakeHome, CommandError> {
    Ok(TakeHome {
        script: script::script(timeline, title, remarks)?,
        compose: compose::compose(timeline.genesis(), title),
    })
}
