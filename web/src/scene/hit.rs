//! What can be pressed: the page lays a transparent button over each area, so that pointer,
//! keyboard and screen reader share one way in.

use super::geometry::Rect;
use super::options::Selection;

/// Smallest side of a target, in px (WCAG 2.2, 2.5.8).
pub const SMALLEST_TARGET: f64 = 24.0;
/// Smallest side of a target under a finger, in px.
pub const SMALLEST_TOUCH_TARGET: f64 = 44.0;

/// An area that stands for a thing.
#[derive(Clone, PartialEq, Debug)]
pub struct Hit {
    /// Where the button goes.
    pub area: Rect,
    /// What it selects.
    pub target: Selection,
    /// What a screen reader says.
    pub label: String,
}

/// A place where a prediction can be answered.
#[derive(Clone, PartialEq, Debug)]
pub struct Slot {
    /// Where the dashed box is drawn.
    pub drawn: Rect,
    /// Where the button goes: at least as large as a finger on a phone.
    pub area: Rect,
    /// What picking it answers.
    pub answer: Selection,
    /// What a screen reader says.
    pub label: String,
}
