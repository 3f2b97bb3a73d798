//! The cluster picture: pure geometry, and painters for a canvas or an SVG file.
//!
//! Rows are brokers, columns are the partitions of one topic over an offset ruler of their own.
//! Writes come from above, copies travel inside a column, readers stand below, decisions run
//! sideways to ZooKeeper. Everything is a function of (view, options, size, simulated time).

pub mod brokers;
mod changes;
pub mod columns;
pub mod consumers;
pub mod faults;
pub mod frame;
pub mod geometry;
pub mod hit;
pub mod layout;
pub mod ledger;
pub mod level_of_detail;
mod message_hits;
pub mod motion;
pub mod options;
pub mod paint;
pub mod palette;
pub mod producers;
#[cfg(test)]
pub(crate) mod sample;
pub mod stable;
pub mod tape;
mod targets;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_of_words;
pub mod tiles;
mod words;
pub mod zookeeper_lane;

pub use geometry::{Point, Rect};
pub use hit::{Hit, Slot};
pub use layout::{Layout, layout};
pub use message_hits::message_hits;
pub use motion::sprites;
pub use options::{HueBy, Layers, Pin, PinKind, Places, SceneOptions, Selection, Theme};
pub use paint::{paint_motion, paint_state, svg};
pub use words::describe;
