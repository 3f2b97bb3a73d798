//! Where everything of the diagram is.

use crate::decimal::Within;
use playground_core::collections::Order;
use std::rc::Rc;

use playground_core::ids::NodeId;
use playground_core::time::SimTime;
use playground_core::view::{ClusterView, Fate, MessageKind, Seen, Traffic};

use super::axis::Axis;
use super::boxes::{self, BOX, Band, Owned, Standing};
use super::folds::{Fold, fold};
use super::labels::{Label, labels};
use super::lanes::{self, Lane};
use super::{ARROWS_MAX, Options, TIMES};
use crate::scene::geometry::{Point, at};
use crate::scene::{HueBy, Rect, Selection};

/// A message that a fault holds stops after so much of its way.
const HELD_PART: f64 = 0.5;
/// One that is lost got so far.
const LOST_PART: f64 = 0.86;
/// A held message is drawn as if it took so long, in µs.
const HELD_US: u64 = 1_000;
/// A message that takes longer is worth a line, even if it says nothing new, in µs.
const SLOW_US: u64 = 150_000;
/// Messages alike are one sheaf if they follow each other so fast, in µs,
const SHEAF_US: u64 = 2_000;
/// and are so many at least.
const SHEAF_MIN: usize = 4;
/// Room for the length of a silence, in px.
const SILENCE: f64 = 14.0;
/// Sheaves that may still grow.
const SHEAVES_OPEN: usize = 12;

/// A message's line.
#[derive(Clone, PartialEq, Debug)]
pub struct Arrow {
    /// The message.
    pub seen: Rc<Seen>,
    /// Where it was sent.
    pub tail: Point,
    /// Where it ends, or would.
    pub head: Point,
    /// It was sent by now.
    pub sent: bool,
    /// So much of its way is behind it, 0 to 1.
    pub part: f64,
    /// It stops at this part of the way: held or lost.
    pub stops: Option<f64>,
    /// Hue of its partition or consumer; ink if `None`.
    pub hue: Option<usize>,
    /// It stands out.
    pub chosen: bool,
    /// So many messages of the same sort, sent one right after the other, are drawn as one sheaf.
    pub alike: usize,
    /// Tail and head of the last of them.
    pub last: (Point, Point),
}

impl Arrow {
    /// A place on its way.
    pub fn at_part(&self, part: f64) -> Point {
        self.tail.towards(self.head, part)
    }

    /// Small talk, drawn quietly.
    pub fn is_soft(&self) -> bool {
        let kind = self.seen.message.kind;
        self.seen.routine || matches!(kind, MessageKind::Heartbeat | MessageKind::Fetch | MessageKind::Metadata)
    }

    /// How far a place is from its line or sheaf, in px.
    fn distance(&self, place: Point) -> f64 {
        let part = (place.y - self.tail.y) / (self.head.y - self.tail.y);
        if self.alike > 1 && (0.0..=1.0).contains(&part) {
            let (left, right) = (self.at_part(part).x, self.last.0.towards(self.last.1, part).x);
            if place.x >= left && place.x <= right {
                return 0.0;
            }
        }
        let end = self.at_part(self.stops.unwrap_or(1.0));
        let (dx, dy) = (end.x - self.tail.x, end.y - self.tail.y);
        let length = (dx * dx + dy * dy).max(1e-6);
        let part = ((place.x - self.tail.x) * dx + (place.y - self.tail.y) * dy) / length;
        place.distance(self.tail.towards(end, part.within(0.0, 1.0)))
    }
}

/// What is not drawn as a line, in numbers.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Counts {
    /// Lines and sheaves.
    pub drawn: usize,
    /// More messages in the sheaves.
    pub alike: usize,
    /// Older messages of the window beyond the most that are drawn.
    pub left_out: usize,
    /// Small talk in bars.
    pub folded: usize,
    /// To or from a lane that is hidden.
    pub by_hidden: usize,
    /// Within one process.
    pub within: usize,
}

/// The whole diagram.
#[derive(Clone, PartialEq, Debug)]
pub struct Plan {
    /// As wide and high as it is drawn.
    pub size: (f64, f64),
    /// Where lanes and messages are.
    pub plot: Rect,
    /// Lanes from the top.
    pub lanes: Vec<Lane>,
    /// Time.
    pub axis: Axis,
    /// Messages in order of sending.
    pub arrows: Vec<Arrow>,
    /// Small talk.
    pub folds: Vec<Fold>,
    /// States of groups.
    pub standings: Vec<Standing>,
    /// Ownership.
    pub owned: Vec<Owned>,
    /// Faults.
    pub bands: Vec<Band>,
    /// When lanes had no process: lane, from, to in px.
    pub down: Vec<(usize, f64, f64)>,
    /// Words beside lines.
    pub labels: Vec<Label>,
    /// The present moment.
    pub cursor: f64,
    /// What is known ends here.
    pub known: f64,
    /// What is not a line.
    pub counts: Counts,
}

impl Plan {
    /// The message whose line passes nearest to a place, if one is near.
    pub fn message_at(&self, place: Point) -> Option<&Arrow> {
        let near = self.arrows.iter().map(|arrow| (arrow.distance(place), arrow));
        near.filter(|(far, _)| *far <= 7.0).min_by(|one, other| one.0.total_cmp(&other.0)).map(|(_, arrow)| arrow)
    }

    /// The bar of small talk at a place.
    pub fn fold_at(&self, place: Point) -> Option<&Fold> {
        self.folds.iter().find(|fold| {
            let y = self.lanes.get(fold.lane).map_or(0.0, |lane| lane.y);
            place.x >= fold.left - 2.0 && place.x <= fold.right + 2.0 && (place.y - y).abs() <= 8.0
        })
    }
}

struct Sorted<'a> {
    /// Each a line, or a sheaf of messages alike.
    drawn: Vec<Vec<&'a Rc<Seen>>>,
    talk: Vec<&'a Rc<Seen>>,
    counts: Counts,
}

/// Says of each message how it is shown.
fn sort<'a>(traffic: &'a Traffic, lanes: &[Lane], opts: &Options, now: SimTime) -> Sorted<'a> {
    let mut loose: Vec<&Rc<Seen>> = Vec::new();
    let has = |node: &NodeId| lanes.iter().any(|lane| lane.node == *node);
    let mut sorted = Sorted { drawn: Vec::new(), talk: Vec::new(), counts: Counts::default() };
    for seen in &traffic.messages {
        let message = &seen.message;
        if message.sent_at < opts.window.0 && seen.ended_at().is_some_and(|at| at < opts.window.0) {
            continue;
        }
        let chosen = opts.selected == Some(Selection::Message(message.id));
        if message.from == message.to {
            sorted.counts.within += 1;
        } else if is_talk(seen) && !opts.unfolded && !chosen {
            sorted.talk.push(seen);
        } else if !has(&message.from) || !has(&message.to) {
            sorted.counts.by_hidden += 1;
        } else {
            loose.push(seen);
        }
    }
    sorted.drawn = sheaves(&loose, opts, now);
    let surplus = sorted.drawn.len().saturating_sub(ARROWS_MAX);
    if surplus > 0 {
        // The newest up to the cursor, and what is recorded beyond it as far as there is room.
        let past = sorted.drawn.iter().filter(|sheaf| sent_at(sheaf) <= now).count();
        let first = past.saturating_sub(ARROWS_MAX).min(surplus);
        let mut all = std::mem::take(&mut sorted.drawn);
        let after = all.split_off((first + ARROWS_MAX).min(all.len()));
        sorted.drawn = all.split_off(first);
        sorted.counts.left_out = all.iter().chain(&after).map(Vec::len).sum();
    }
    sorted.counts.drawn = sorted.drawn.len();
    sorted.counts.alike = sorted.drawn.iter().map(|sheaf| sheaf.len() - 1).sum();
    sorted.counts.folded = sorted.talk.len();
    sorted
}

/// Small talk that is folded: what a fault holds or held up is not.
fn is_talk(seen: &Seen) -> bool {
    let slow = seen.fate == Fate::Held || seen.until().since(seen.message.sent_at).0 > SLOW_US;
    seen.routine && !slow
}

fn sent_at(sheaf: &[&Rc<Seen>]) -> SimTime {
    sheaf.first().map_or(SimTime::NEVER, |seen| seen.message.sent_at)
}

/// Puts messages of the same sort that were sent one right after the other together, if they are many.
fn sheaves<'a>(loose: &[&'a Rc<Seen>], opts: &Options, now: SimTime) -> Vec<Vec<&'a Rc<Seen>>> {
    let mut sheaves: Vec<Vec<&'a Rc<Seen>>> = Vec::new();
    for seen in loose.iter().copied() {
        let message = &seen.message;
        let is_alike = |sheaf: &&mut Vec<&'a Rc<Seen>>| {
            let Some(last) = sheaf.last() else { return false };
            let other = &last.message;
            message.sent_at.since(other.sent_at).0 <= SHEAF_US
                && (&message.from, &message.to) == (&other.from, &other.to)
                && (&message.label, message.is_reply, &message.error) == (&other.label, other.is_reply, &other.error)
                && (message.sent_at <= now) == (other.sent_at <= now)
                && std::mem::discriminant(&seen.fate) == std::mem::discriminant(&last.fate)
        };
        let chosen = |id: u64| opts.selected == Some(Selection::Message(id));
        let near = sheaves.iter_mut().rev().take(SHEAVES_OPEN);
        let open = near.filter(|sheaf| sheaf.iter().all(|one| !chosen(one.message.id))).find(is_alike);
        match open.filter(|_| !chosen(message.id)) {
            Some(sheaf) => sheaf.push(seen),
            None => sheaves.push(vec![seen]),
        }
    }
    let dissolved = sheaves.into_iter().flat_map(|sheaf| {
        if sheaf.len() >= SHEAF_MIN { vec![sheaf] } else { sheaf.into_iter().map(|seen| vec![seen]).collect() }
    });
    let mut all: Vec<Vec<&'a Rc<Seen>>> = dissolved.collect();
    all.order_by_key(|sheaf| sheaf.first().map(|seen| (seen.message.sent_at, seen.message.id)));
    all
}

fn end_of(seen: &Seen) -> SimTime {
    match seen.fate {
        Fate::Held => SimTime(seen.message.sent_at.0 + HELD_US),
        _ => seen.until(),
    }
}

/// Moments that have to be told from each other.
fn moments(sorted: &Sorted<'_>, traffic: &Traffic, now: SimTime) -> Vec<SimTime> {
    let mut all: Vec<SimTime> = vec![now];
    for seen in sorted.drawn.iter().flat_map(|sheaf| sheaf.first().into_iter().chain(sheaf.last())) {
        all.push(seen.message.sent_at);
        all.push(end_of(seen));
    }
    let mut span = |from: SimTime, until: Option<SimTime>| all.extend(std::iter::once(from).chain(until));
    traffic.groups.iter().for_each(|one| span(one.from, one.until));
    traffic.faults.iter().for_each(|one| span(one.from, one.until));
    traffic.down.iter().for_each(|one| span(one.from, one.until));
    traffic.owned.iter().for_each(|one| span(one.from, one.until));
    all
}

fn hue(view: &ClusterView, opts: &Options, seen: &Seen) -> Option<usize> {
    let consumer = |node: &NodeId| match node {
        NodeId::Client(name) => view.consumers.iter().position(|one| one.client == *name),
        _ => None,
    };
    let message = &seen.message;
    match opts.hue_by {
        HueBy::Consumer => consumer(&message.from).or_else(|| consumer(&message.to)),
        HueBy::Partition => {
            let shown = opts
                .topic
                .as_ref()
                .or_else(|| view.topics.iter().find(|topic| !topic.internal).map(|topic| &topic.name));
            let tp = message.tp.as_ref().filter(|tp| Some(&tp.topic) == shown)?;
            usize::try_from(tp.partition).ok()
        }
    }
}

/// Lays the diagram out in `width` by `height` px; it may come out higher.
pub fn plan(traffic: &Traffic, view: &ClusterView, opts: &Options, width: f64, height: f64) -> Plan {
    let now = view.now;
    let mut lanes = lanes::chosen(lanes::all(view, traffic, opts), traffic, opts);
    let sorted = sort(traffic, &lanes, opts, now);
    let plate = if opts.compact { 62.0 } else { 104.0 };
    let names = boxes::groups(traffic, view, opts);
    let top = if names.is_empty() { 6.0 } else { 4.0 + BOX * names.len() as f64 };
    let owned = |node: &NodeId| boxes::owned_by(traffic, opts, node);
    // How long a silence is stands below the lowest lane, where its bars would cover it.
    let below = TIMES + if lanes.last().is_some_and(|lane| owned(&lane.node) > 0) { SILENCE } else { 0.0 };
    let foot = lanes::place(&mut lanes, owned, top, height - below);
    let high = height.max(foot + below);
    let plot = Rect::new(plate, top, (width - plate - 14.0).max(60.0), high - TIMES - top);
    let moments = moments(&sorted, traffic, now);
    let axis = Axis::new(opts.window.0, opts.window.1, &moments, plot.x, plot.w, opts.even);
    let y = |node: &NodeId| lanes.iter().find(|lane| lane.node == *node).map_or(0.0, |lane| lane.y);
    let arrow = |sheaf: &Vec<&Rc<Seen>>| {
        let (seen, last) = (*sheaf.first()?, *sheaf.last()?);
        let message = &seen.message;
        let end = end_of(seen);
        let whole = end.since(message.sent_at).0.max(1) as f64;
        let part = (now.since(message.sent_at).0 as f64 / whole).within(0.0, 1.0);
        let stops = match seen.fate {
            Fate::Held => Some(HELD_PART),
            Fate::Lost(at) if at <= now => Some(LOST_PART),
            _ => None,
        };
        let ends = (at(axis.x(last.message.sent_at), y(&message.from)), at(axis.x(end_of(last)), y(&message.to)));
        Some(Arrow {
            alike: sheaf.len(),
            last: ends,
            tail: at(axis.x(message.sent_at), y(&message.from)),
            head: at(axis.x(end), y(&message.to)),
            sent: message.sent_at <= now,
            part: if stops.is_some() { 1.0 } else { part },
            stops,
            hue: hue(view, opts, seen),
            chosen: opts.selected == Some(Selection::Message(message.id)),
            seen: seen.clone(),
        })
    };
    let arrows: Vec<Arrow> = sorted.drawn.iter().filter_map(arrow).collect();
    let folds = fold(&sorted.talk, &lanes, &axis);
    let standings = boxes::standings(traffic, &names, opts, now, &axis);
    let owned = boxes::owned(traffic, view, &lanes, opts, now, &axis);
    let bands = boxes::bands(traffic, &lanes, opts, now, &axis, (plot.y, plot.bottom()));
    let down = traffic.down.iter().filter(|span| span.from <= now).filter_map(|span| {
        let lane = lanes.iter().position(|lane| lane.node == span.what)?;
        let until = span.until.unwrap_or(opts.window.1);
        (until > opts.window.0).then(|| (lane, axis.x(span.from), axis.x(until)))
    });
    let down = down.collect();
    let mut plan = Plan {
        size: (width, high),
        plot,
        cursor: axis.x(now),
        known: axis.x(traffic.until),
        lanes,
        axis,
        arrows,
        folds,
        standings,
        owned,
        bands,
        down,
        labels: Vec::new(),
        counts: sorted.counts,
    };
    plan.labels = labels(&plan);
    plan
}
