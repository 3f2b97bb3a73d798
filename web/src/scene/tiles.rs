//! Large clusters: a field of brokers and a field of partitions, one tile each. The happy state is
//! blank; what is wrong stands out. A selected partition keeps the overview and adds its replicas.

use playground_core::ids::{BrokerId, Name, TopicPartition};
use playground_core::view::{ClusterView, PartitionView, ProcessState, TopicView};

use super::columns::{Trouble, trouble};
use super::geometry::Rect;
use super::options::{SceneOptions, Selection};

/// A broker's tile.
#[derive(Clone, PartialEq, Debug)]
pub struct BrokerTile {
    /// Which broker.
    pub broker: BrokerId,
    /// Its place.
    pub area: Rect,
    /// Its state.
    pub state: ProcessState,
    /// Partitions it leads, against the most that a broker leads, 0 to 1.
    pub load: f64,
    /// The id fits.
    pub labelled: bool,
    /// It is the controller, and who that is has been explained.
    pub controls: bool,
}

/// How a partition is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Health {
    /// All replicas are in sync.
    Full,
    /// Some are not.
    UnderReplicated,
    /// Fewer than `min.insync.replicas` are in sync; the number says how many.
    BelowMinIsr(usize),
    /// Nobody leads.
    Offline,
}

/// A partition's tile.
#[derive(Clone, PartialEq, Debug)]
pub struct PartitionTile {
    /// Which partition.
    pub tp: TopicPartition,
    /// Its place.
    pub area: Rect,
    /// How it is.
    pub health: Health,
    /// The selected broker keeps a replica.
    pub touched: bool,
}

/// A topic's name beside its tiles.
#[derive(Clone, PartialEq, Debug)]
pub struct TopicLabel {
    /// The topic.
    pub topic: Name,
    /// Its place.
    pub area: Rect,
    /// All its partitions are in full strength.
    pub healthy: bool,
}

/// Both fields.
#[derive(Clone, PartialEq, Debug)]
pub struct Tiles {
    /// Above the brokers.
    pub broker_words: String,
    /// Base line of those words.
    pub broker_words_y: f64,
    /// Brokers by id.
    pub brokers: Vec<BrokerTile>,
    /// Above the partitions.
    pub partition_words: String,
    /// Base line of those words.
    pub partition_words_y: f64,
    /// Partitions by topic and number.
    pub partitions: Vec<PartitionTile>,
    /// Names of topics, where each has rows of its own.
    pub labels: Vec<TopicLabel>,
    /// How many partitions are not in full strength.
    pub unhealthy: usize,
    /// Partitions that did not fit.
    pub hidden: usize,
    /// The selected partition's card.
    pub card: Option<(TopicPartition, Rect)>,
}

/// How `partition` is.
pub fn health(view: &ClusterView, partition: &PartitionView) -> Health {
    match trouble(view, partition) {
        Some(Trouble::NoLeader | Trouble::DeadLeader(_)) => Health::Offline,
        Some(Trouble::BelowMinIsr) => Health::BelowMinIsr(partition.isr.len()),
        None if partition.is_under_replicated() => Health::UnderReplicated,
        None => Health::Full,
    }
}

/// From one tile to the next: the largest with which `rows(step)` rows fit in `height`.
fn tile_step(height: f64, rows: impl Fn(f64) -> usize) -> f64 {
    let steps = [26.0, 22.0, 18.0, 14.0, 10.0, 7.0, 6.0];
    steps.into_iter().find(|step| rows(*step) as f64 * step <= height).unwrap_or(5.0)
}

/// Tiles of which each topic has rows of its own, in one or more blocks side by side, each with names at its left.
struct Grid {
    a_row: usize,
    /// From one tile to the next.
    wide: f64,
    /// From one row to the next.
    high: f64,
    /// Between two topics.
    between: f64,
    /// From one block to the next.
    block: f64,
    /// For each topic, which block it is in.
    blocks: Vec<usize>,
}

/// Room for a topic's name.
const NAME_WIDTH: f64 = 84.0;
/// Tiles any smaller are not told from each other, and names in rows any lower are not read.
const TILE_MIN: f64 = 6.0;
const ROW_MIN: f64 = 10.0;

impl Grid {
    /// The one whose tiles are largest, if there is one in which they can be seen.
    fn of(topics: &[(&TopicView, usize)], width: f64, height: f64) -> Option<Self> {
        let longest = topics.iter().map(|(_, count)| *count).max().filter(|count| *count > 0)?;
        let side = |grid: &Self| grid.wide.min(grid.high);
        let with = |rows: usize, blocks: usize| {
            let a_row = longest.div_ceil(rows);
            let between = if rows == 1 { 0.0 } else { 5.0 };
            let rows_of = |count: usize| count.div_ceil(a_row);
            let all: usize = topics.iter().map(|(_, count)| rows_of(*count)).sum();
            let (mut places, mut block, mut filled, mut most, mut names) = (Vec::new(), 0, 0, (0, 0), 0);
            for (_, count) in topics {
                if filled + rows_of(*count) > all.div_ceil(blocks) && block + 1 < blocks && filled > 0 {
                    (block, filled, names) = (block + 1, 0, 0);
                }
                places.push(block);
                (filled, names) = (filled + rows_of(*count), names + 1);
                most = most.max((filled, names));
            }
            let high = ((height - between * most.1 as f64) / most.0 as f64).min(26.0);
            let block = width / blocks as f64;
            // Blocks stand apart.
            let room = block - NAME_WIDTH - if blocks > 1 { 8.0 } else { 0.0 };
            Self { a_row, wide: (room / a_row as f64).min(34.0), high, between, block, blocks: places }
        };
        let all = (1..=3).flat_map(|blocks| (1..=8).map(move |rows| with(rows, blocks)));
        // Fewer blocks, and topics in one row, are read more easily.
        let ease = |grid: &Self| side(grid) - (width / grid.block).round() - if grid.between > 0.0 { 0.5 } else { 0.0 };
        let good = all.filter(|grid| side(grid) >= TILE_MIN && grid.high >= ROW_MIN);
        good.reduce(|best, one| if ease(&one) > ease(&best) { one } else { best })
    }
}

fn selected_partition(opts: &SceneOptions) -> Option<TopicPartition> {
    let of = |thing: &Selection| match thing {
        Selection::Partition(tp) | Selection::Replica(_, tp) | Selection::Record(_, tp, _) => Some(tp.clone()),
        _ => None,
    };
    opts.selected.as_ref().and_then(of).or_else(|| opts.highlight.iter().find_map(of))
}

fn selected_broker(opts: &SceneOptions) -> Option<BrokerId> {
    match opts.selected {
        Some(Selection::Broker(id) | Selection::Replica(id, _)) => Some(id),
        _ => None,
    }
}

fn broker_tiles(view: &ClusterView, opts: &SceneOptions, field: &Rect) -> (Vec<BrokerTile>, f64) {
    let count = view.brokers.len().max(1);
    // On a phone many brokers are as small as their numbers, so that partitions have room.
    let small = opts.compact && count > 40;
    let (wide, high, gap) = if small { (16.0, 12.0, 1.5) } else { (36.0, 22.0, 3.0) };
    let a_row = ((field.w / (wide + gap)).floor() as usize).clamp(1, 20).min(count);
    let rows = count.div_ceil(a_row);
    // With the dock open, and of many brokers, they are lower.
    let high = match rows {
        _ if small => high,
        7.. => 14.0,
        4.. if field.h < 520.0 => 18.0,
        _ => high,
    };
    let step = field.w / a_row as f64;
    let mut leads: playground_core::collections::BTreeMap<BrokerId, usize> =
        playground_core::collections::BTreeMap::new();
    for leader in view.topics.iter().flat_map(|topic| &topic.partitions).filter_map(|partition| partition.leader) {
        *leads.entry(leader).or_default() += 1;
    }
    let most = leads.values().copied().max().unwrap_or(1) as f64;
    let tile = |(index, broker): (usize, &playground_core::view::BrokerView)| {
        let (column, row) = (index % a_row, index / a_row);
        let width = (step - gap).min(76.0);
        let area = Rect::new(field.x + column as f64 * step, field.y + row as f64 * (high + gap), width, high);
        let load = leads.get(&broker.id).copied().unwrap_or(0) as f64 / most;
        let labelled = width >= 14.0 && high >= 12.0;
        let controls = opts.show.controller && broker.is_controller;
        BrokerTile { broker: broker.id, area, state: broker.state, load, labelled, controls }
    };
    (view.brokers.iter().enumerate().map(tile).collect(), rows as f64 * (high + gap))
}

/// Who is down, as long as they are few.
fn down(view: &ClusterView) -> String {
    let dead: Vec<String> =
        view.brokers.iter().filter(|b| b.state == ProcessState::Dead).map(|b| b.id.to_string()).collect();
    match dead.len() {
        count @ (0 | 4..) => format!("{count} down"),
        _ => format!("{} down", dead.join(" and ")),
    }
}

/// Both fields in `bounds`.
pub(super) fn tiles(view: &ClusterView, opts: &SceneOptions, bounds: &Rect) -> Tiles {
    let pad = if opts.compact { 8.0 } else { 14.0 };
    let width = bounds.w - 2.0 * pad;
    let up = view.brokers.iter().filter(|broker| broker.state != ProcessState::Dead).count();
    // The button that adds things stands left of the first words; a finger needs more of it.
    let field_y = if opts.compact { 52.0 } else { 42.0 };
    let (brokers, brokers_height) = broker_tiles(view, opts, &Rect::new(pad, field_y, width, bounds.h));
    let words_y = field_y + brokers_height + 15.0;
    let card = selected_partition(opts).map(|tp| {
        let high = if opts.compact { 44.0 } else { 54.0 };
        (tp, Rect::new(pad, bounds.h - high - 8.0, width, high))
    });
    let top = words_y + 9.0;
    let bottom = card.as_ref().map_or(bounds.h - 8.0, |(_, area)| area.y - 8.0);
    let found: Vec<(&PartitionView, Health)> =
        view.topics.iter().flat_map(|topic| &topic.partitions).map(|p| (&**p, health(view, p))).collect();
    let count = |wanted: fn(&Health) -> bool| found.iter().filter(|(_, health)| wanted(health)).count();
    let full = count(|health| *health == Health::Full);
    let below = count(|health| matches!(health, Health::BelowMinIsr(_)));
    let offline = count(|health| *health == Health::Offline);
    let unhealthy = found.len() - full;
    let total = found.len();
    // With nothing wrong the filter would leave an empty field, which says less than a healthy one.
    let only = opts.only_unhealthy && unhealthy > 0;
    let all: Vec<_> = found.into_iter().filter(|(_, health)| !only || *health != Health::Full).collect();
    let shown = |topic: &TopicView| all.iter().filter(|(p, _)| p.tp.topic == topic.name).count();
    let topics: Vec<(&TopicView, usize)> =
        view.topics.iter().map(|topic| (topic, shown(topic))).filter(|(_, count)| *count > 0).collect();
    let touched = selected_broker(opts);
    // A phone has no room for names.
    let grid = if opts.compact { None } else { Grid::of(&topics, width, bottom - top) };
    let mut partitions = Vec::new();
    let mut labels = Vec::new();
    let tile = |(partition, health): (&PartitionView, Health), area: Rect| PartitionTile {
        tp: partition.tp.clone(),
        area,
        health,
        touched: touched.is_some_and(|id| partition.assigned.contains(&id)),
    };
    if let Some(grid) = grid {
        let (mut rest, mut y, mut block) = (all.iter(), top, 0);
        for ((topic, count), own) in topics.iter().zip(&grid.blocks) {
            if std::mem::replace(&mut block, *own) != *own {
                y = top;
            }
            let left = pad + *own as f64 * grid.block;
            let mut healthy = true;
            for (index, found) in rest.by_ref().take(*count).enumerate() {
                let (column, row) = (index % grid.a_row, index / grid.a_row);
                let (x, y) = (left + NAME_WIDTH + column as f64 * grid.wide, y + row as f64 * grid.high);
                healthy &= found.1 == Health::Full;
                partitions.push(tile(*found, Rect::new(x, y, grid.wide - 2.0, grid.high - 2.0)));
            }
            labels.push(TopicLabel {
                topic: topic.name.clone(),
                area: Rect::new(left, y, NAME_WIDTH - 8.0, grid.high - 2.0),
                healthy,
            });
            y += count.div_ceil(grid.a_row) as f64 * grid.high + grid.between;
        }
    } else {
        let a_row = |step: f64| ((width / step).floor() as usize).max(1);
        let step = tile_step(bottom - top, |step| all.len().div_ceil(a_row(step)));
        let size = step - if step > 8.0 { 2.0 } else { 1.0 };
        for (index, found) in all.iter().enumerate() {
            let (column, row) = (index % a_row(step), index / a_row(step));
            let area = Rect::new(pad + column as f64 * step, top + row as f64 * step, size, size);
            if area.bottom() <= bottom + 0.01 {
                partitions.push(tile(*found, area));
            }
        }
    }
    let hidden = all.len() - partitions.len();
    Tiles {
        broker_words: match opts.compact {
            true => format!("{} brokers|{}", view.brokers.len(), down(view)),
            false => format!("{} brokers|{up} up, {}", view.brokers.len(), down(view)),
        },
        broker_words_y: if opts.compact { 31.0 } else { 28.0 },
        brokers,
        partition_words: match opts.compact {
            true => {
                format!("{total} partitions|{unhealthy} under-replicated, {below} below min ISR, {offline} offline")
            }
            false => format!(
                "{total} partitions|{full} in full strength, {unhealthy} under-replicated, of which {below} below min.insync.replicas and {offline} offline"
            ),
        },
        partition_words_y: words_y,
        partitions,
        labels,
        unhealthy,
        hidden,
        card,
    }
}
