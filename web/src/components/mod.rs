//! What is drawn with words and controls. One struct component owns the engine; the rest are functions
//! of what they are given.

pub mod app;
pub mod ask;
pub mod branches;
pub mod build;
pub mod charts;
pub mod cluster_table;
pub mod compared;
pub mod dialogs;
pub mod differences;
pub mod dock;
pub mod event_log;
pub mod export;
mod frames;
pub mod header;
pub mod icon;
pub mod inspector;
mod ledger_strip;
pub mod lesson_panel;
pub mod listeners;
mod long_list;
pub mod menu;
pub mod messages;
pub mod painter;
pub mod picture;
pub mod prose;
pub mod scrubber;
pub mod stage;
pub mod state;
pub mod tabbar;
pub mod terminal;
pub mod toast;
pub mod transport;
pub mod watch_tools;

use yew::Callback;

pub use app::App;

use crate::model::Action;

/// Takes an action to the one place where state changes.
pub type Dispatch = Callback<Action>;
