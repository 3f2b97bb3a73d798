//! The cluster picture: pure geometry, and painters for a canvas or an SVG file.
//!
//! Rows are brokers, columns are the partitions of one topic over an offset ruler of their own.
//! Writes come from above, copies travel inside a column, readers stand below, decisions run
//! sideways to ZooKeeper. Everything is a function of (view, options, size, simulated time).

pub mod geometry;
pub mod hit;
pub mod layout;
pub mod options;
pub mod paint;
pub mod palette;

use playground_core::view::ClusterView;

pub use geometry::{Point, Rect};
pub use hit::{Hit, Slot};
pub use layout::{Layout, layout};
pub use options::{HueBy, Layers, Pin, PinKind, Places, SceneOptions, Selection, Theme};
pub use paint::{paint_motion, paint_state};

/// The picture in words, for those who do not see it.
pub fn describe(view: &ClusterView, _opts: &SceneOptions) -> String {
    format!("{} brokers, {}", view.brokers.len(), view.now)
}
