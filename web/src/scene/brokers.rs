//! Rows: brokers, with what their plates say.

use playground_core::ids::BrokerId;
use playground_core::view::{BrokerView, ClusterView, ProcessState};

use super::changes;
use super::frame::Frame;
use super::geometry::Rect;
use super::options::SceneOptions;

/// A line on a plate.
#[derive(Clone, PartialEq, Debug)]
pub struct Line {
    /// The words.
    pub text: String,
    /// What stands before them.
    pub glyph: Option<Glyph>,
    /// Bold.
    pub strong: bool,
    /// Of the last step.
    pub changed: bool,
}

/// A sign on a plate.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Glyph {
    /// Controller.
    Star,
    /// Group coordinator.
    Diamond,
    /// Frozen.
    Pause,
}

/// A broker's row.
#[derive(Clone, PartialEq, Debug)]
pub struct Row {
    /// Which broker.
    pub broker: BrokerId,
    /// Its state.
    pub state: ProcessState,
    /// The whole row.
    pub area: Rect,
    /// Its plate.
    pub plate: Rect,
    /// `broker.rack`, if it has one.
    pub rack: Option<String>,
    /// Lines below the id.
    pub lines: Vec<Line>,
    /// Its state changed in the last step.
    pub changed: bool,
}

fn lines(broker: &BrokerView, before: Option<&BrokerView>, opts: &SceneOptions) -> Vec<Line> {
    let mut lines = Vec::new();
    let changed = before.is_some_and(|before| before.state != broker.state);
    let mut say = |text: &str, glyph: Option<Glyph>, strong: bool, changed: bool| {
        lines.push(Line { text: text.to_owned(), glyph, strong, changed });
    };
    let unregistered = opts.show.zookeeper && !broker.registered;
    match broker.state {
        ProcessState::Dead => say("not running", None, false, changed),
        ProcessState::Paused => say("paused", Some(Glyph::Pause), true, changed),
        ProcessState::Starting => say("starting", None, false, changed),
        ProcessState::Stopping => say("shutting down", None, false, changed),
        ProcessState::Running if unregistered => say("not registered", None, true, changed),
        ProcessState::Running => {}
    }
    if broker.is_controller && opts.show.controller {
        let new = before.is_some_and(|before| !before.is_controller);
        say("controller", Some(Glyph::Star), true, new);
    }
    if !broker.coordinates.is_empty() && opts.show.coordinator && broker.state != ProcessState::Dead {
        let new = before.is_some_and(|before| before.coordinates.is_empty());
        say("coordinator", Some(Glyph::Diamond), false, new);
    }
    lines
}

fn rack(broker: &BrokerView) -> Option<String> {
    let found = broker.configs.iter().find(|(name, _)| name.as_str() == "broker.rack");
    found.map(|(_, rack)| rack.to_string()).filter(|rack| !rack.is_empty())
}

/// All rows.
pub(super) fn rows(view: &ClusterView, opts: &SceneOptions, frame: &Frame) -> Vec<Row> {
    let row = |(number, broker): (usize, &BrokerView)| {
        let area = frame.row(number);
        let before = opts.previous.as_deref().and_then(|previous| changes::broker(previous, broker.id));
        Row {
            broker: broker.id,
            state: broker.state,
            area,
            plate: Rect::new(area.x, area.y, frame.plate_width - if opts.compact { 4.0 } else { 14.0 }, area.h),
            rack: rack(broker),
            lines: lines(broker, before, opts),
            changed: before.is_some_and(|before| before.state != broker.state),
        }
    };
    view.brokers.iter().enumerate().map(row).collect()
}
