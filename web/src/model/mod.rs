//! What the page knows and how it changes: pure, and tested without a browser.
//!
//! `update(&mut Model, Action) -> Effects` is the only place where the page's state changes. What
//! needs a browser or the engine is an [`Effect`], carried out by `shell`.

pub mod action;
pub mod axis;
pub mod command_text;
pub mod compare;
pub mod diagnosis;
pub mod effect;
pub mod events;
pub mod find;
pub mod inquiry;
pub mod json;
pub mod keymap;
pub mod knots;
pub mod knowing;
pub mod menu;
pub mod owners;
pub mod page_part;
pub mod pins;
pub mod progress;
pub mod run_file;
pub mod snapshot;
pub mod spans;
pub mod speed;
pub mod state;
pub mod subject;
pub mod terminal;
pub mod tools;
pub mod update;
pub mod watching;

pub use action::{Action, Origin};
pub use effect::{Effect, Effects, HomeFile, Outcome, Picture, Reply, Request};
pub use snapshot::{Shared, Snapshot};
pub use state::{Dialog, DockTab, Menu, Model, Panel, ThemeChoice, Toast};
pub use subject::Subject;
pub use update::update;
