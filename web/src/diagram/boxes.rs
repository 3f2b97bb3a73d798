//! What stood meanwhile: states of groups as boxes above, ownership as bars below a consumer's lane,
//! faults as bands.

use playground_core::collections::Order;
use playground_core::ids::{Name, NodeId, TopicPartition};
use playground_core::time::SimTime;
use playground_core::view::{ClusterView, Span, Traffic};

use super::axis::Axis;
use super::lanes::{Lane, OWNED, OWNED_MAX};
use super::{Options, node_key};
use crate::scene::{HueBy, Rect};

/// A box of a group's state.
#[derive(Clone, PartialEq, Debug)]
pub struct Standing {
    /// Its place.
    pub area: Rect,
    /// `Stable, generation 5`
    pub words: String,
    /// The group.
    pub group: Name,
    /// It stands now.
    pub current: bool,
    /// It begins within the window: a line marks the moment.
    pub begins: bool,
    /// It is a rebalance under way.
    pub moving: bool,
}

/// A bar of an owned partition.
#[derive(Clone, PartialEq, Debug)]
pub struct Owned {
    /// Its place.
    pub area: Rect,
    /// The partition.
    pub tp: TopicPartition,
    /// Its number, written at the left.
    pub label: String,
    /// Hue, neutral if `None`.
    pub hue: Option<usize>,
    /// More partitions that had no room, in this bar.
    pub more: usize,
}

/// A fault in force.
#[derive(Clone, PartialEq, Debug)]
pub struct Band {
    /// Its place.
    pub area: Rect,
    /// The line that made it.
    pub words: String,
    /// Lanes that it touches.
    pub lanes: Vec<usize>,
}

/// Height of a box, with the space below it.
pub const BOX: f64 = 22.0;

fn clipped<T>(span: &Span<T>, opts: &Options, shown_until: SimTime, axis: &Axis) -> Option<(f64, f64)> {
    let (from, until) = (span.from.max(opts.window.0), span.until.unwrap_or(shown_until).min(shown_until));
    (from < until || (from == until && span.until.is_none())).then(|| (axis.x(from), axis.x(until)))
}

/// Groups that have a box in this window, each a row; whoever hides the lanes of all its members hides the group.
pub fn groups(traffic: &Traffic, view: &ClusterView, opts: &Options) -> Vec<Name> {
    let mut names: Vec<Name> = Vec::new();
    for span in traffic.groups.iter().filter(|_| opts.show.coordinator || opts.show.consumers) {
        let ended = span.until.is_some_and(|until| until < opts.window.0);
        if !ended && span.from <= opts.window.1 && !names.contains(&span.what.group) {
            names.push(span.what.group.clone());
        }
    }
    let hides = |client: &Name| opts.hidden.contains(&node_key(&NodeId::Client(client.clone())));
    names.retain(|name| {
        let mut members = view.consumers.iter().filter(|one| one.group.as_ref() == Some(name)).peekable();
        members.peek().is_none() || members.any(|one| !hides(&one.client))
    });
    names.order();
    // More would leave no room for the lanes.
    names.truncate(2);
    names
}

/// The boxes.
pub fn standings(traffic: &Traffic, names: &[Name], opts: &Options, now: SimTime, axis: &Axis) -> Vec<Standing> {
    let mut boxes = Vec::new();
    for span in &traffic.groups {
        let Some(row) = names.iter().position(|name| *name == span.what.group) else { continue };
        let Some((left, right)) = clipped(span, opts, traffic.until.max(now), axis) else { continue };
        let of = if names.len() > 1 { format!("{}: ", span.what.group) } else { String::new() };
        let current = span.from <= now && span.until.is_none_or(|until| until > now);
        boxes.push(Standing {
            area: Rect::new(left, 3.0 + row as f64 * BOX, (right - left).max(1.0), BOX - 4.0),
            words: format!("{of}{}, generation {}", span.what.state, span.what.generation),
            group: span.what.group.clone(),
            current,
            begins: span.from >= opts.window.0,
            moving: span.what.state.ends_with("Rebalance"),
        });
    }
    boxes
}

/// How many bars a lane needs.
pub fn owned_by(traffic: &Traffic, opts: &Options, node: &NodeId) -> usize {
    partitions(traffic, opts, node).len()
}

fn partitions<'a>(traffic: &'a Traffic, opts: &Options, node: &NodeId) -> Vec<&'a TopicPartition> {
    let NodeId::Client(client) = node else { return Vec::new() };
    let mut all: Vec<&TopicPartition> = Vec::new();
    for span in traffic.owned.iter().filter(|span| span.what.0 == *client) {
        let within = span.until.is_none_or(|until| until >= opts.window.0) && span.from <= opts.window.1;
        if within && !all.contains(&&span.what.1) {
            all.push(&span.what.1);
        }
    }
    all.order();
    all
}

/// The bars.
pub fn owned(
    traffic: &Traffic,
    view: &ClusterView,
    lanes: &[Lane],
    opts: &Options,
    now: SimTime,
    axis: &Axis,
) -> Vec<Owned> {
    let mut bars = Vec::new();
    for lane in lanes.iter().filter(|lane| lane.bars > 0) {
        let NodeId::Client(client) = &lane.node else { continue };
        let all = partitions(traffic, opts, &lane.node);
        let own = view.consumers.iter().position(|one| one.client == *client);
        for span in traffic.owned.iter().filter(|span| span.what.0 == *client) {
            let Some(place) = all.iter().position(|tp| **tp == span.what.1) else { continue };
            let row = place.min(OWNED_MAX - 1);
            let Some((left, right)) = clipped(span, opts, traffic.until.max(now), axis) else { continue };
            let tp = span.what.1.clone();
            let partition = usize::try_from(tp.partition).ok();
            bars.push(Owned {
                area: Rect::new(left, lane.y + 7.0 + row as f64 * OWNED, (right - left).max(1.0), OWNED - 2.5),
                label: tp.partition.to_string(),
                hue: if opts.hue_by == HueBy::Consumer { own } else { partition },
                more: if place + 1 == OWNED_MAX { all.len().saturating_sub(OWNED_MAX) } else { 0 },
                tp,
            });
        }
    }
    bars
}

/// The bands, from `top` to `bottom`.
pub fn bands(
    traffic: &Traffic,
    lanes: &[Lane],
    opts: &Options,
    now: SimTime,
    axis: &Axis,
    (top, bottom): (f64, f64),
) -> Vec<Band> {
    let band = |span: &Span<(u32, Name, Vec<NodeId>)>| {
        let (left, right) = clipped(span, opts, traffic.until.max(now), axis)?;
        let touched = |lane: &Lane| span.what.2.iter().any(|node| node_key(node) == node_key(&lane.node));
        let lanes = lanes.iter().enumerate().filter(|(_, lane)| touched(lane)).map(|(index, _)| index).collect();
        Some(Band {
            area: Rect::new(left, top, (right - left).max(2.0), bottom - top),
            words: span.what.1.to_string(),
            lanes,
        })
    };
    traffic.faults.iter().filter_map(band).collect()
}
