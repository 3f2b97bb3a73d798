//! Columns: the partitions of the topic shown, each with its ruler, its watermark and its tapes.

use crate::decimal::Within;
use playground_core::collections::Order;
use playground_core::ids::TopicPartition;
use playground_core::view::{ClusterView, PartitionView, TopicView};

use super::changes;
use super::frame::Frame;
use super::geometry::Rect;
use super::level_of_detail::{Extent, Window, bar_window, window};
use super::options::{HueBy, SceneOptions};
use super::paint::brush::{Family, text_width};
use super::stable::{Stable, stable};
use super::tape::{Maker, Tape};

/// A column narrower than this shows one bar a replica, in px.
pub const NARROWEST_CELLS: f64 = 112.0;
/// The same on a phone.
const NARROWEST_CELLS_COMPACT: f64 = 96.0;
/// A column narrower than this cannot show a bar; the picture turns to tiles.
pub const NARROWEST_BAR: f64 = 24.0;

/// Words at a column's head.
#[derive(Clone, PartialEq, Debug)]
pub struct Head {
    /// `partition 0`, or less where there is less room.
    pub name: String,
    /// `Isr 101,103`, empty where there is no room.
    pub isr: String,
    /// The ISR, the leader or its epoch changed in the last step.
    pub changed: bool,
    /// Fewer than `min.insync.replicas` are in sync, or nobody leads.
    pub trouble: Option<Trouble>,
}

/// What is wrong with a partition.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Trouble {
    /// Writes with acks=all are refused.
    BelowMinIsr,
    /// The leader does not run; nobody has noticed yet.
    DeadLeader(i32),
    /// Nobody leads it.
    NoLeader,
}

impl Trouble {
    /// Nobody answers who asks for the partition.
    pub fn is_silent(self) -> bool {
        self != Self::BelowMinIsr
    }
}

/// A partition's column.
#[derive(Clone, PartialEq, Debug)]
pub struct Column {
    /// Which partition.
    pub tp: TopicPartition,
    /// Its hue, `None` where hue tells consumers apart.
    pub hue: Option<usize>,
    /// From its head to its ruler.
    pub area: Rect,
    /// Offsets and places.
    pub window: Window,
    /// One bar a replica.
    pub narrow: bool,
    /// Words at its head.
    pub head: Head,
    /// The high watermark's offset.
    pub high_watermark: i64,
    /// Where its line is drawn, if it is shown.
    pub watermark_x: Option<f64>,
    /// Where it was before the last step, if it moved and is shown.
    pub watermark_before: Option<f64>,
    /// Where readers of committed records stop, if a transaction is open.
    pub stable: Option<Stable>,
    /// Replicas by row.
    pub tapes: Vec<Tape>,
    /// What joined (true) or left (false) the ISR in the last step.
    pub isr_changes: Vec<(bool, i32)>,
}

impl Column {
    /// The tape on `broker`.
    pub fn tape_of(&self, broker: i32) -> Option<&Tape> {
        self.tapes.iter().find(|tape| tape.broker == broker)
    }

    /// The leader's tape, if a broker that runs leads.
    pub fn leader(&self) -> Option<&Tape> {
        self.tapes.iter().find(|tape| tape.role == super::tape::TapeRole::Leader)
    }
}

/// Left edges and widths of `about.len()` columns in `width` px; those that are spoken about come
/// first where not all can be wide.
fn widths(about: &[bool], width: f64, compact: bool) -> Vec<(f64, bool)> {
    let count = about.len().max(1) as f64;
    let narrowest = if compact { NARROWEST_CELLS_COMPACT } else { NARROWEST_CELLS };
    let even = width / count;
    if even >= narrowest {
        return about.iter().map(|_| (even, false)).collect();
    }
    let spoken = about.iter().filter(|wide| **wide).count();
    let others = about.len() - spoken;
    let bar = (even * 0.8).within(NARROWEST_BAR, 76.0);
    let wide = (width - bar * others as f64) / spoken.max(1) as f64;
    if spoken == 0 || wide < narrowest {
        return about.iter().map(|_| (even, true)).collect();
    }
    about.iter().map(|spoken| if *spoken { (wide, false) } else { (bar, true) }).collect()
}

/// The topic shown: the one asked for, else the first.
pub fn shown_topic<'a>(view: &'a ClusterView, opts: &SceneOptions) -> Option<&'a TopicView> {
    let asked = opts.topic.as_ref().and_then(|name| view.topics.iter().find(|topic| topic.name == *name));
    asked.or_else(|| view.topics.iter().find(|topic| !topic.internal)).or(view.topics.first())
}

/// What stands below the name of the topic that is shown.
pub(super) fn topic_words(view: &ClusterView, opts: &SceneOptions, topic: &TopicView, hidden: usize) -> String {
    let replicas = topic.partitions.first().map_or(0, |first| first.assigned.len());
    let others = view.topics.iter().filter(|other| !other.internal && other.name != topic.name).count();
    match (opts.hue_by, others) {
        _ if hidden > 0 => format!("{hidden} empty, not shown"),
        (HueBy::Consumer, _) => "hue = consumer".to_owned(),
        (HueBy::Partition, 0) => format!("replicas {replicas}"),
        (HueBy::Partition, others) => format!("and {others} more"),
    }
}

/// What is wrong with `partition`, if anything.
pub fn trouble(view: &ClusterView, partition: &PartitionView) -> Option<Trouble> {
    let runs = |id: &i32| {
        changes::broker(view, *id).is_some_and(|broker| broker.state != playground_core::view::ProcessState::Dead)
    };
    match partition.leader {
        None => return Some(Trouble::NoLeader),
        Some(leader) if !runs(&leader) => return Some(Trouble::DeadLeader(leader)),
        Some(_) => {}
    }
    ((partition.isr.len() as i64) < i64::from(partition.min_insync_replicas)).then_some(Trouble::BelowMinIsr)
}

fn ids(list: &[i32]) -> String {
    list.iter().map(i32::to_string).collect::<Vec<_>>().join(",")
}

impl Head {
    /// Without the ISR as long as nobody has explained it; trouble is said all the same.
    fn known(mut self, opts: &SceneOptions) -> Self {
        if !opts.show.isr && self.trouble.is_none() {
            self.isr.clear();
        }
        self
    }
}

fn head(
    view: &ClusterView,
    partition: &PartitionView,
    before: Option<&PartitionView>,
    room: f64,
    compact: bool,
) -> Head {
    let size = if compact { 12.0 } else { 13.5 };
    let trouble = trouble(view, partition);
    let in_sync = ids(&partition.isr);
    // With ever fewer words.
    let texts = match trouble {
        Some(Trouble::NoLeader) => vec!["no leader".to_owned()],
        Some(Trouble::DeadLeader(id)) => vec![format!("leader {id}"), id.to_string()],
        Some(Trouble::BelowMinIsr) => {
            let (count, min) = (partition.isr.len(), partition.min_insync_replicas);
            let of = |in_sync: &str| format!("{in_sync} < min {min}");
            vec![of(&format!("Isr {in_sync}")), of(&in_sync), of(&count.to_string())]
        }
        None => vec![format!("Isr {in_sync}")],
    };
    // A reassignment under way: who comes, who will go.
    let comes = partition.adding.iter().map(|id| format!(" +{id}"));
    let goes = partition.removing.iter().map(|id| format!(" \u{2212}{id}"));
    let moving = comes.chain(goes).collect::<String>();
    let number = partition.tp.partition;
    let names = [format!("partition {number}"), format!("part. {number}"), number.to_string()];
    let width_of = |text: &str, size: f64| text_width(text, size, Family::Condensed);
    let cross = if trouble.is_some_and(Trouble::is_silent) { 18.0 } else { 0.0 };
    let fits = |name: &str, isr: &str| 16.0 + width_of(name, size) + 10.0 + width_of(isr, 12.0) + cross <= room;
    let alone = |name: &String| 14.0 + width_of(name, size) <= room;
    let changed = before.is_some_and(|before| {
        (&before.isr, before.leader, before.leader_epoch) != (&partition.isr, partition.leader, partition.leader_epoch)
    });
    let last = number.to_string();
    // In full strength a column's name tells more than its ISR; otherwise the ISR does.
    let moves = !(partition.adding.is_empty() && partition.removing.is_empty());
    let healthy = trouble.is_none() && !changed && !moves && partition.isr.len() == partition.assigned.len();
    let first = if healthy { &names[..1] } else { &names };
    let both = texts.iter().map(|text| format!("{text}{moving}"));
    let both = both.flat_map(|isr| first.iter().map(move |name| (name, isr.clone())));
    let (name, isr) = match both.into_iter().find(|(name, isr)| fits(name, isr)) {
        Some((name, isr)) => (name.clone(), isr),
        None if trouble == Some(Trouble::BelowMinIsr) && alone(&format!("{last} < min")) => {
            (format!("{last} < min"), String::new())
        }
        None => (names.iter().find(|name| alone(name)).cloned().unwrap_or(last), String::new()),
    };
    Head { name, isr, changed, trouble }
}

/// Heights of a leader's and a follower's tape in a row this high.
fn tape_heights(row: f64, compact: bool) -> (f64, f64) {
    match (compact, row) {
        (true, row) => ((row * 0.42).within(8.0, 22.0), (row * 0.32).within(6.0, 17.0)),
        (false, row) if row >= 150.0 => (50.0, 36.0),
        (false, row) if row >= 124.0 => (42.0, 30.0),
        (false, row) if row >= 112.0 => (36.0, 25.0),
        (false, row) if row >= 86.0 => (28.0, 21.0),
        // Where no words fit above them, tapes have their room.
        (false, row) if row < 54.0 => ((row * 0.42).max(8.0), (row * 0.33).max(6.0)),
        (false, row) => ((row * 0.37).min(26.0), (row * 0.28).min(20.0)),
    }
}

/// How far below the middle of its row a tape's middle lies, to leave room for words above.
fn sunk_by(row: f64, epochs: bool, compact: bool) -> f64 {
    let words: f64 = match (compact, epochs) {
        (true, _) => 10.0,
        (false, true) => 24.0,
        (false, false) => 12.0,
    };
    (words / 2.0).min(row * 0.16)
}

/// The partitions of `topic` that get a column in `width` px: all if they fit, else those that
/// hold records or are spoken about. `None` if not even these fit.
pub(super) fn chosen<'a>(
    topic: &'a TopicView,
    opts: &SceneOptions,
    width: f64,
) -> Option<Vec<(usize, &'a PartitionView)>> {
    let most = (width / NARROWEST_BAR).floor().max(1.0) as usize;
    let all = topic.partitions.iter().map(AsRef::as_ref).enumerate();
    if topic.partitions.len() <= most {
        return Some(all.collect());
    }
    let tells = |partition: &PartitionView| {
        opts.is_about(&partition.tp) || partition.replicas.iter().any(|replica| replica.log_end_offset > 0)
    };
    let told: Vec<(usize, &PartitionView)> = all.clone().filter(|(_, partition)| tells(partition)).collect();
    match told.len() {
        0 => Some(all.take(most).collect()),
        count if count <= most => Some(told),
        _ => None,
    }
}

/// Columns of the `chosen` partitions of a topic.
pub(super) fn columns(
    view: &ClusterView,
    opts: &SceneOptions,
    frame: &Frame,
    chosen: &[(usize, &PartitionView)],
) -> Vec<Column> {
    let about: Vec<bool> = chosen.iter().map(|(_, partition)| opts.is_about(&partition.tp)).collect();
    let widths = widths(&about, frame.columns.w, opts.compact);
    let mut x = frame.columns.x;
    let mut all = Vec::new();
    for ((index, partition), (width, narrow)) in chosen.iter().copied().zip(widths) {
        let area = Rect::new(x, frame.head.y, width, frame.ruler - frame.head.y);
        x += width;
        all.push(column(view, opts, frame, partition, index, area, narrow));
    }
    all
}

fn column(
    view: &ClusterView,
    opts: &SceneOptions,
    frame: &Frame,
    partition: &PartitionView,
    index: usize,
    area: Rect,
    narrow: bool,
) -> Column {
    let before = opts.previous.as_deref().and_then(|previous| changes::partition(previous, &partition.tp));
    let gap = (area.w * 0.12).within(4.0, if opts.compact { 12.0 } else { 20.0 });
    let left = area.x + if narrow { 1.0 } else { 4.0 };
    let ends = partition.replicas.iter().map(|replica| replica.log_end_offset);
    let starts = partition.replicas.iter().filter(|r| r.log_end_offset > 0).map(|replica| replica.log_start_offset);
    let extent = Extent {
        start: starts.min().unwrap_or(0),
        end: ends.max().unwrap_or(0),
        letters: opts.key_letters,
        whole: opts.whole_log,
        tall: frame.row_height >= 150.0 && !opts.compact,
    };
    let window = match narrow {
        true => bar_window(left, area.w - gap, extent),
        false => window(left, area.w - gap, extent),
    };
    let maker = Maker { view, opts, partition, before, window, narrow };
    let heights = tape_heights(frame.row_height, opts.compact);
    let sunk = sunk_by(frame.row_height, opts.show.epochs && !narrow, opts.compact);
    let place = |replica| {
        let row = view.brokers.iter().position(|broker| broker.id == replica_id(replica))?;
        let middle = frame.row(row).centre().y + sunk;
        Some(maker.tape(replica, row, middle, heights))
    };
    let mut tapes: Vec<Tape> = partition.replicas.iter().filter_map(place).collect();
    tapes.order_by_key(|tape| tape.row);
    let marked = |offset: i64| opts.show.watermark.then(|| window.x(offset));
    Column {
        tp: partition.tp.clone(),
        hue: (opts.hue_by == HueBy::Partition).then_some(index),
        area,
        window,
        narrow,
        head: head(view, partition, before, area.w - 6.0, opts.compact).known(opts),
        high_watermark: partition.high_watermark,
        watermark_x: marked(partition.high_watermark),
        watermark_before: before
            .map(|before| before.high_watermark)
            .filter(|old| *old != partition.high_watermark && window.holds(*old))
            .and_then(marked),
        stable: stable(view, partition, &window, &tapes).filter(|_| opts.show.watermark),
        tapes,
        isr_changes: before.map(|before| changes::isr_changes(before, partition)).unwrap_or_default(),
    }
}

fn replica_id(replica: &playground_core::view::ReplicaView) -> i32 {
    replica.broker
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_share_their_band() {
        for (about, width, compact) in [
            (vec![false; 3], 600.0, false),
            (vec![false; 12], 580.0, false),
            (vec![false, true, false, false, false, false, false], 580.0, false),
            (vec![true; 8], 580.0, false),
            (vec![false, true, false, false], 340.0, true),
        ] {
            let widths = widths(&about, width, compact);
            let sum: f64 = widths.iter().map(|(width, _)| width).sum();
            assert!((sum - width).abs() < 0.01, "{about:?}: {sum}");
            let wide = widths.iter().filter(|(_, narrow)| !narrow).count();
            assert!(wide == 0 || wide == about.len() || wide == about.iter().filter(|spoken| **spoken).count());
        }
    }

    #[test]
    fn what_is_spoken_about_gets_room() {
        let widths = widths(&[false, true, false, false, false, false, false], 580.0, false);
        assert!(widths[1].0 >= NARROWEST_CELLS && !widths[1].1);
        assert!(widths[0].1);
    }
}
