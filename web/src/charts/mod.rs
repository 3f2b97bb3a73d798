//! Charts: a few numbers of the cluster over time, over the same cursor as everything else.

pub mod backend;
pub mod draw;
pub mod series;
#[cfg(test)]
mod tests;

use std::rc::Rc;

use playground_core::time::SimTime;
use playground_core::view::Gauges;

/// The numbers of a stretch of time.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Numbers {
    /// First moment of the stretch.
    pub from: SimTime,
    /// Last moment; may lie ahead of what is known.
    pub until: SimTime,
    /// At regular times, also of what is recorded ahead.
    pub samples: Vec<Rc<Gauges>>,
    /// At the cursor.
    pub now: Gauges,
}
