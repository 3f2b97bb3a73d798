//! Where everything goes: a pure function of the view, the options and the size.

use playground_core::view::ClusterView;

use super::geometry::Rect;
use super::hit::{Hit, Slot};
use super::options::SceneOptions;

/// Where everything goes.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Layout {
    /// The whole picture.
    pub bounds: Rect,
    pub(super) hits: Vec<Hit>,
    pub(super) slots: Vec<Slot>,
}

impl Layout {
    /// What can be pressed, in reading order.
    pub fn hits(&self) -> &[Hit] {
        &self.hits
    }

    /// Where the prediction asked can be answered.
    pub fn slots(&self) -> &[Slot] {
        &self.slots
    }
}

/// Lays the picture out in `width` x `height` px.
pub fn layout(_view: &ClusterView, _opts: &SceneOptions, width: f64, height: f64) -> Layout {
    Layout { bounds: Rect::new(0.0, 0.0, width, height), ..Layout::default() }
}
