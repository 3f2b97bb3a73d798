//! The message diagram: a lane for each process, time from left to right, a line for each message from
//! its sending to its end. Pure geometry and a painter; a function of (traffic, view, options, size,
//! simulated time).
//!
//! Time is not even: where nothing but small talk passes it is folded, so that a hop of a millisecond
//! has room beside a silence of twenty seconds. What the axis says is always the true time.

mod axis;
mod boxes;
mod folds;
mod labels;
mod lanes;
mod paint;
mod plan;
#[cfg(test)]
mod tests;
mod words;

pub use axis::{Axis, Quiet};
pub use boxes::{Band, Owned, Standing};
pub use folds::Fold;
pub use labels::Label;
pub use lanes::{Lane, node_key};
pub use paint::{TIMES, paint, paint_times};
pub use plan::{Arrow, Counts, Plan, plan};
pub use words::{fate, sentence, what};

use playground_core::ids::Name;
use playground_core::time::SimTime;

use crate::scene::{HueBy, Layers, Selection, Theme};

/// Never more lines than this at once.
pub const ARROWS_MAX: usize = 200;

/// What the page may choose.
#[derive(Clone, PartialEq, Debug)]
pub struct Options {
    /// Light or dark.
    pub theme: Theme,
    /// What hue stands for.
    pub hue_by: HueBy,
    /// Which layers exist yet.
    pub show: Layers,
    /// The topic in the picture, for hues.
    pub topic: Option<Name>,
    /// What stands out.
    pub selected: Option<Selection>,
    /// Small talk is drawn message by message.
    pub unfolded: bool,
    /// Time is even.
    pub even: bool,
    /// Lanes that are not drawn, by [`node_key`].
    pub hidden: Vec<String>,
    /// Phone.
    pub compact: bool,
    /// First and last moment.
    pub window: (SimTime, SimTime),
}
