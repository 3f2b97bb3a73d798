//! Where everything goes: a pure function of the view, the options and the size.

use playground_core::ids::Name;
use playground_core::view::ClusterView;

use super::brokers::{self, Row};
use super::columns::{self, Column};
use super::consumers::{self, ConsumerSeat, Flag, GroupLabel};
use super::faults::{self, FaultMark};
use super::frame::{Demand, Frame};
use super::geometry::{Point, Rect};
use super::hit::{Hit, Slot};
use super::ledger::{self, Ledger};
use super::options::{SceneOptions, Selection};
use super::producers::{self, ProducerSeat};
use super::targets;
use super::tiles::{self, Tiles};
use super::zookeeper_lane::{self, Lane};

/// Rows lower than this turn to tiles, in px.
const LOWEST_ROW: f64 = 26.0;

/// Where everything goes.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Layout {
    /// The whole picture.
    pub bounds: Rect,
    /// Drawn for a phone.
    pub compact: bool,
    /// The topic shown.
    pub topic: Option<Name>,
    /// What stands below its name.
    pub topic_words: String,
    /// The bands.
    pub frame: Frame,
    /// Brokers.
    pub rows: Vec<Row>,
    /// Partitions of the topic shown.
    pub columns: Vec<Column>,
    /// Partitions of that topic that hold nothing and got no column, for want of room.
    pub hidden: usize,
    /// Producers.
    pub producers: Vec<ProducerSeat>,
    /// Consumers.
    pub consumers: Vec<ConsumerSeat>,
    /// Committed offsets.
    pub flags: Vec<Flag>,
    /// Groups.
    pub groups: Vec<GroupLabel>,
    /// The ensemble.
    pub lane: Option<Lane>,
    /// What became of every record.
    pub ledger: Option<Ledger>,
    /// Network faults.
    pub faults: Vec<FaultMark>,
    /// Instead of rows and columns, where there are too many.
    pub tiles: Option<Tiles>,
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

    /// The record whose cell is under `point`.
    pub fn record_at(&self, point: Point) -> Option<Selection> {
        for column in &self.columns {
            for tape in &column.tapes {
                if let Some(cell) = tape.cells.iter().find(|cell| cell.area.contains(point)) {
                    return Some(Selection::Record(tape.broker, column.tp.clone(), cell.offset));
                }
            }
        }
        None
    }

    /// Where `thing` is, for a ring around it or a pin in it.
    pub fn place_of(&self, thing: &Selection) -> Option<Rect> {
        targets::place_of(self, thing)
    }
}

/// Lays the picture out in `width` x `height` px.
pub fn layout(view: &ClusterView, opts: &SceneOptions, width: f64, height: f64) -> Layout {
    let bounds = Rect::new(0.0, 0.0, width.max(1.0), height.max(1.0));
    let topic = columns::shown_topic(view, opts);
    let demand = Demand {
        rows: view.brokers.len(),
        road: !view.producers.is_empty(),
        readers: opts.show.consumers && !(view.consumers.is_empty() && view.groups.is_empty()),
        zookeeper: opts.show.zookeeper && !view.zookeeper.is_empty(),
        ledger: opts.show.ledger,
        compact: opts.compact,
    };
    let frame = Frame::new(demand, bounds.w, bounds.h);
    let chosen = match topic {
        Some(topic) => columns::chosen(topic, opts, frame.columns.w),
        None => Some(Vec::new()),
    };
    let mut made = Layout {
        bounds,
        compact: opts.compact,
        topic: topic.map(|topic| topic.name.clone()),
        frame,
        ..Layout::default()
    };
    let Some(chosen) = chosen.filter(|_| frame.row_height >= LOWEST_ROW) else {
        made.tiles = Some(tiles::tiles(view, opts, &bounds));
        made.hits = targets::hits(view, opts, &made);
        return made;
    };
    made.rows = brokers::rows(view, opts, &frame);
    made.columns = columns::columns(view, opts, &frame, &chosen);
    made.hidden = topic.map_or(0, |topic| topic.partitions.len()) - chosen.len();
    made.topic_words = topic.map_or_else(String::new, |topic| columns::topic_words(view, opts, topic, made.hidden));
    made.producers = producers::producers(view, opts, &frame);
    made.consumers = consumers::consumers(view, opts, &frame, &made.columns);
    made.flags = consumers::flags(view, opts, &made.columns);
    made.groups = consumers::group_labels(view, opts, &frame);
    made.lane = zookeeper_lane::lane(view, opts, &frame);
    made.ledger = ledger::ledger(view, opts, &frame);
    made.faults = faults::marks(view, &made);
    made.hits = targets::hits(view, opts, &made);
    made.slots = targets::slots(opts, &made);
    made
}
