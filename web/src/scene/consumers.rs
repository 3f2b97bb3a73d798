//! Consumers below the rulers, and what groups have committed.

use crate::decimal::Within;
use playground_core::collections::Order;
use playground_core::ids::{Name, TopicPartition};
use playground_core::view::{ClusterView, ConsumerView, GroupView, ProcessState};

use super::columns::Column;
use super::frame::Frame;
use super::geometry::{Point, Rect, at};
use super::options::{HueBy, SceneOptions};
use super::paint::brush::Family;
use super::paint::text::text_width;

/// A consumer's place.
#[derive(Clone, PartialEq, Debug)]
pub struct ConsumerSeat {
    /// `client.id`.
    pub client: Name,
    /// Its group.
    pub group: Option<Name>,
    /// Middle of the screen.
    pub centre: Point,
    /// Scale, 1 being 50 px wide.
    pub scale: f64,
    /// Its name, as far as it fits.
    pub name: String,
    /// What it is doing.
    pub words: Vec<String>,
    /// Hues of its bars: of what it owns, or its own.
    pub bars: Vec<Option<usize>>,
    /// It owns nothing.
    pub idle: bool,
    /// It does not run.
    pub dead: bool,
    /// The part of the heartbeat interval that is left, if one is due.
    pub heartbeat: Option<f64>,
    /// Lines up to what it reads.
    pub reads: Vec<Reading>,
    /// Room for its words, in px.
    pub room: f64,
}

/// A line from a consumer up to a partition.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Reading {
    /// Its foot at the ruler.
    pub to: Point,
    /// Hue of the line, `None` while the group rebalances.
    pub hue: Option<usize>,
    /// Nothing is committed there, so no flag stands at its foot: its position is marked.
    pub uncommitted: bool,
}

/// What a group has committed in a column.
#[derive(Clone, PartialEq, Debug)]
pub struct Flag {
    /// Which group.
    pub group: Name,
    /// Which partition.
    pub tp: TopicPartition,
    /// The committed offset.
    pub offset: i64,
    /// Where its post stands.
    pub x: f64,
    /// Where its lag ends: at the watermark.
    pub lag_to: f64,
    /// Position of the consumer, if it differs and is shown.
    pub position_x: Option<f64>,
    /// Words beside it, empty where there is no room.
    pub text: String,
    /// Hue of the lag bar.
    pub hue: Option<usize>,
    /// Moved in the last step.
    pub changed: bool,
    /// Which line of words it gets, where several groups stand in one column.
    pub tier: usize,
}

/// What stands at the left of the readers.
#[derive(Clone, PartialEq, Debug)]
pub struct GroupLabel {
    /// Which group.
    pub group: Name,
    /// First base line.
    pub at: Point,
    /// State and generation; nothing where there is room for names only.
    pub words: String,
    /// It rebalances.
    pub rebalancing: bool,
}

/// `count` places in `band`, each with its room.
pub(super) fn places(band: &Rect, from: f64, count: usize) -> Vec<(f64, f64)> {
    let room = (band.right() - from) / count.max(1) as f64;
    (0..count).map(|index| (from + room * index as f64, room)).collect()
}

fn list(numbers: &[i32]) -> String {
    match numbers {
        [] => String::new(),
        [one] => format!("partition {one}"),
        [firsts @ .., last] => {
            let firsts: Vec<String> = firsts.iter().map(i32::to_string).collect();
            format!("partitions {} and {last}", firsts.join(", "))
        }
    }
}

/// The first of `all` that has room, else the last.
fn fitting(all: Vec<String>, room: f64, size: f64) -> String {
    let fits = |text: &String| text_width(text, size, Family::Condensed) <= room;
    all.iter().find(|text| fits(text)).or(all.last()).cloned().unwrap_or_default()
}

fn consumer_words(
    view: &ClusterView,
    consumer: &ConsumerView,
    topic: Option<&Name>,
    many_groups: bool,
    room: f64,
) -> Vec<String> {
    let mut numbers: Vec<i32> =
        consumer.assignment.iter().filter(|(tp, _)| Some(&tp.topic) == topic).map(|(tp, _)| tp.partition).collect();
    numbers.order();
    let elsewhere = consumer.assignment.len() - numbers.len();
    let first = match (consumer.state, &*consumer.phase) {
        (ProcessState::Dead, _) => "not running".to_owned(),
        (ProcessState::Paused, _) => "paused".to_owned(),
        (_, "closed") => "closed".to_owned(),
        _ if consumer.hangs => "hangs, does not poll".to_owned(),
        (_, phase @ ("joining" | "syncing" | "unjoined")) if numbers.is_empty() => phase.to_owned(),
        (_, phase @ ("joining" | "syncing")) => format!("{phase}, keeps {}", list(&numbers)),
        _ if numbers.is_empty() && elsewhere > 0 => "reads other topics".to_owned(),
        _ if numbers.is_empty() => "owns nothing".to_owned(),
        _ => {
            let reads = format!("reads {}", list(&numbers));
            let short = reads.replace("partitions ", "").replace("partition ", "");
            fitting(vec![reads, short], room, 12.0)
        }
    };
    let beat = consumer.heartbeat.filter(|_| consumer.state == ProcessState::Running).map(|(due, _)| {
        let ms = due.since(view.now).as_ms();
        let due = format!("heartbeat in {}.{} s", ms / 1000, ms % 1000 / 100);
        // The ring beside the screen tells it as well: half a sentence would say less.
        let all = vec![format!("next {due}"), due, String::new()];
        fitting(all, room, 12.0)
    });
    let second = match (&consumer.last_error, &consumer.group) {
        (Some(error), _) if consumer.phase != "stable".into() => Some(error.to_string()),
        (_, Some(group)) if many_groups => Some(format!("group {group}")),
        (_, None) if many_groups => Some("no group".to_owned()),
        _ => beat,
    };
    std::iter::once(first).chain(second).filter(|line| !line.is_empty()).collect()
}

/// Consumers in the order of their groups.
pub(super) fn consumers(
    view: &ClusterView,
    opts: &SceneOptions,
    frame: &Frame,
    columns: &[Column],
) -> Vec<ConsumerSeat> {
    if !opts.show.consumers || frame.readers.h <= 0.0 {
        return Vec::new();
    }
    let mut order: Vec<(usize, &ConsumerView)> = view.consumers.iter().enumerate().collect();
    order.order_by(|(a_index, a), (b_index, b)| (&a.group, a_index).cmp(&(&b.group, b_index)));
    let topic = columns.first().map(|column| column.tp.topic.clone());
    let groups: playground_core::collections::BTreeSet<&Option<Name>> =
        view.consumers.iter().map(|c| &c.group).collect();
    let from = frame.columns.x;
    let widest = (frame.readers.right() - from) / order.len().max(1) as f64 / 58.0;
    let scale = (frame.readers.h / 84.0).within(0.6, 1.2).min(widest.max(0.05));
    let middle = frame.readers.y + frame.readers.h * if opts.compact { 0.58 } else { 0.60 };
    let mut seats = Vec::new();
    for ((index, consumer), (x, room)) in order.iter().zip(places(&frame.readers, from, order.len())) {
        let half = 25.0 * scale;
        let ring = if opts.compact || room < 90.0 { 0.0 } else { 27.0 };
        let centre = at(x + ring + half + 4.0, middle);
        let beside = x + room - (centre.x + half + 14.0);
        let rebalancing = is_rebalancing(view, consumer);
        let own = (opts.hue_by == HueBy::Consumer).then_some(*index);
        let column_of = |tp: &TopicPartition| columns.iter().find(|column| column.tp == *tp);
        let owned: Vec<&Column> = consumer.assignment.iter().filter_map(|(tp, _)| column_of(tp)).collect();
        let foot = |column: &&Column| {
            let committed = committed_of(view, consumer, &column.tp);
            let position = consumer.assignment.iter().find(|(tp, _)| *tp == column.tp).and_then(|(_, at)| *at);
            let offset = committed.or(position).unwrap_or(column.window.from);
            // What the group has given to another is its no longer, though it does not know it yet.
            let hue = if rebalancing || !still_owns(view, consumer, &column.tp) { None } else { own.or(column.hue) };
            Reading { to: at(column.window.x(offset), frame.ruler + 19.0), hue, uncommitted: committed.is_none() }
        };
        let bars = match own {
            Some(_) if consumer.assignment.is_empty() => Vec::new(),
            Some(own) => vec![Some(own)],
            None => owned.iter().map(|column| column.hue).collect(),
        };
        let runs = consumer.state != ProcessState::Dead;
        seats.push(ConsumerSeat {
            client: consumer.client.clone(),
            group: consumer.group.clone(),
            centre,
            scale,
            name: consumer.client.to_string(),
            words: if opts.compact || beside < 54.0 {
                Vec::new()
            } else {
                let lines = ((frame.readers.bottom() - middle) / 14.5).floor().max(1.0) as usize;
                let words = consumer_words(view, consumer, topic.as_ref(), groups.len() > 1, beside);
                match &words[..] {
                    // Whose it is matters more than what it reads: lines lead there.
                    [reads, whose] if groups.len() > 1 && lines == 1 => {
                        vec![fitting(vec![format!("{whose}: {reads}"), whose.clone()], beside, 12.0)]
                    }
                    _ => words.into_iter().take(lines).collect(),
                }
            },
            bars,
            idle: consumer.assignment.is_empty(),
            dead: !runs,
            heartbeat: consumer.heartbeat.filter(|_| runs && ring > 0.0).map(|(due, interval_ms)| {
                (due.since(view.now).as_ms() as f64 / interval_ms.max(1) as f64).within(0.0, 1.0)
            }),
            reads: if runs { owned.iter().map(foot).collect() } else { Vec::new() },
            room: beside.max(0.0),
        });
    }
    seats
}

fn is_rebalancing(view: &ClusterView, consumer: &ConsumerView) -> bool {
    let group = consumer.group.as_ref().and_then(|id| view.groups.iter().find(|group| group.id == *id));
    group.is_some_and(rebalances) && &*consumer.phase != "stable"
}

/// Unless it is a member that its stable group does not know, or has given the partition to another.
fn still_owns(view: &ClusterView, consumer: &ConsumerView, tp: &TopicPartition) -> bool {
    let group = consumer.group.as_ref().and_then(|id| view.groups.iter().find(|group| group.id == *id));
    let Some(group) = group.filter(|group| &*group.state == "Stable" && &*consumer.phase != "assigned by hand") else {
        return true;
    };
    group.members.iter().any(|(id, _, share, _)| *id == consumer.member_id && share.contains(tp))
}

fn rebalances(group: &GroupView) -> bool {
    matches!(&*group.state, "PreparingRebalance" | "CompletingRebalance")
}

fn committed_of(view: &ClusterView, consumer: &ConsumerView, tp: &TopicPartition) -> Option<i64> {
    let group = view.groups.iter().find(|group| Some(&group.id) == consumer.group.as_ref())?;
    group.committed.iter().find(|(other, ..)| other == tp).map(|(_, offset, _)| *offset)
}

/// Committed offsets of every group in every column.
pub(super) fn flags(view: &ClusterView, opts: &SceneOptions, columns: &[Column]) -> Vec<Flag> {
    if !opts.show.consumers {
        return Vec::new();
    }
    let mut flags: Vec<Flag> = Vec::new();
    // For each flag its words, the longest first.
    let mut words: Vec<Vec<String>> = Vec::new();
    for column in columns {
        let mut tier = 0;
        for group in &view.groups {
            let Some((tp, offset, lag)) = group.committed.iter().find(|(tp, ..)| *tp == column.tp) else { continue };
            let owner = view.consumers.iter().enumerate().find(|(_, consumer)| {
                consumer.group.as_ref() == Some(&group.id) && consumer.assignment.iter().any(|(other, _)| other == tp)
            });
            let position =
                owner.and_then(|(_, c)| c.assignment.iter().find(|(other, _)| other == tp)).and_then(|(_, at)| *at);
            let before = opts.previous.as_deref().and_then(|view| {
                let group = view.groups.iter().find(|other| other.id == group.id)?;
                group.committed.iter().find(|(other, ..)| other == tp).map(|(_, offset, _)| *offset)
            });
            let named = if view.groups.len() > 1 { format!("{} @", group.id) } else { "committed ".to_owned() };
            let late = if *lag > 0 { format!(", lag {lag}") } else { String::new() };
            let short = format!("@{offset}");
            words.push(match (column.narrow, opts.compact) {
                (true, _) => Vec::new(),
                (_, true) => vec![short],
                _ => vec![format!("{named}{offset}{late}"), format!("{short}{late}"), short],
            });
            let own = owner.filter(|_| opts.hue_by == HueBy::Consumer).map(|(index, _)| index);
            let window = &column.window;
            flags.push(Flag {
                group: group.id.clone(),
                tp: tp.clone(),
                offset: *offset,
                x: window.x(*offset),
                lag_to: window.x(column.high_watermark),
                position_x: position.filter(|at| at != offset && window.holds(*at)).map(|at| window.x(at)),
                text: String::new(),
                hue: if opts.hue_by == HueBy::Consumer { own } else { column.hue },
                changed: opts.previous.is_some() && before != Some(*offset),
                tier,
            });
            tier += 1;
        }
    }
    // Words end before the pennant of the next column; what has no room at all is left to the post.
    for (index, mut words) in words.into_iter().enumerate() {
        let flag = &flags[index];
        let next = flags[index + 1..].iter().find(|next| next.tier == flag.tier && next.tp != flag.tp);
        let room = next.map_or(f64::MAX, |next| next.x - flag.x - 17.0);
        words.push(String::new());
        flags[index].text = fitting(words, room, if opts.compact { 11.0 } else { 12.0 });
    }
    flags
}

/// The groups' names at the left, as many as there is room for.
pub(super) fn group_labels(view: &ClusterView, opts: &SceneOptions, frame: &Frame) -> Vec<GroupLabel> {
    if !opts.show.consumers || opts.compact || frame.readers.h <= 0.0 {
        return Vec::new();
    }
    let many = view.groups.len() > 1;
    let fit = |step: f64| (frame.readers.h / step).floor().max(1.0) as usize;
    // Where there is no room for what all of them do, there is for their names: one would stand for all readers.
    let names_only = many && fit(34.0) < view.groups.len();
    let step = if names_only { 15.0 } else { 34.0 };
    let most = if many { fit(step) } else { 1 };
    let top = frame.readers.y + frame.readers.h * 0.60 - if many { 28.0 } else { 8.0 };
    // The ring around a group that is pointed at lies in the picture too.
    let top = match (names_only, many) {
        (true, _) => frame.readers.y + 14.0,
        (false, true) => top,
        (false, false) => top.min(frame.readers.bottom() - 38.0),
    };
    let label = |(index, group): (usize, &GroupView)| {
        let before = opts.previous.as_deref().and_then(|v| v.groups.iter().find(|other| other.id == group.id));
        let generation = match before {
            Some(before) if before.generation != group.generation => {
                let change = format!("{} → {}", before.generation, group.generation);
                let all = vec![format!("generation {change}"), format!("gen. {change}")];
                fitting(all, frame.plate_width - 4.0, 12.0)
            }
            _ => format!("generation {}", group.generation),
        };
        let words = match &*group.state {
            _ if names_only => String::new(),
            "Stable" => generation,
            "PreparingRebalance" => "rebalancing".to_owned(),
            "CompletingRebalance" => "assigning".to_owned(),
            state => state.to_ascii_lowercase(),
        };
        GroupLabel {
            group: group.id.clone(),
            at: at(frame.rows.x, top + step * index as f64),
            words,
            rebalancing: rebalances(group),
        }
    };
    view.groups.iter().take(most).enumerate().map(label).collect()
}
