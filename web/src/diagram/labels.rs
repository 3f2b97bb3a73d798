//! Words beside the lines, where they cover nothing.

use playground_core::collections::Order;
use playground_core::view::{Fate, MessageKind, Seen};

use super::plan::{Arrow, Plan};
use crate::scene::Rect;
use crate::scene::paint::brush::{Family, text_width};

/// Size of the words, in px.
pub const SIZE: f64 = 11.5;

/// The same words are not written again so near, in px.
const SAME_APART: f64 = 110.0;

/// Words beside a line.
#[derive(Clone, PartialEq, Debug)]
pub struct Label {
    /// Whose: place in the plan's list.
    pub arrow: usize,
    /// What.
    pub text: String,
    /// Where.
    pub area: Rect,
    /// Heavier: an error, or what is chosen.
    pub strong: bool,
}

/// What is written, and how much it matters; less is more. `None` for what speaks by its shape.
fn words(seen: &Seen) -> Option<(u8, String)> {
    let message = &seen.message;
    if let Some(error) = &message.error {
        return Some((1, error.to_string()));
    }
    let partition = message.tp.as_ref().map(|tp| tp.partition);
    let records = if message.record_count > 1 { format!(" ×{}", message.record_count) } else { String::new() };
    match (message.kind, message.is_reply) {
        (MessageKind::Produce, _) => {
            let keys: Vec<&str> = message.records.iter().take(3).map(|key| &**key).collect();
            let what =
                if keys.is_empty() || message.record_count > 3 { records } else { format!(" {}", keys.join(", ")) };
            Some((2, format!("Produce{what}")))
        }
        (MessageKind::FetchReply, _) if message.record_count > 0 => {
            Some((4, format!("{} records", message.record_count).replace("1 records", "1 record")))
        }
        (MessageKind::LeaderAndIsr, false) => {
            Some((2, partition.map_or_else(|| message.label.to_string(), |tp| format!("{} {tp}", message.label))))
        }
        (MessageKind::Group, false) => Some((2, message.label.to_string())),
        (MessageKind::ToController | MessageKind::Other, false) => Some((3, message.label.to_string())),
        (MessageKind::Watch, _) => Some((3, "watch".to_owned())),
        (MessageKind::Metadata, false) => Some((5, message.label.to_string())),
        (MessageKind::ZooKeeper, false) => Some((6, message.label.to_string())),
        (MessageKind::Fetch, false) if !seen.routine => {
            Some((7, message.offset.map_or_else(|| "Fetch".to_owned(), |offset| format!("Fetch {offset}"))))
        }
        (MessageKind::ProduceReply, _) => Some((6, "ack".to_owned())),
        _ => None,
    }
}

/// Places, the best first: where a request is said, where an answer is told.
fn places(arrow: &Arrow, text: &str) -> Vec<Rect> {
    let width = text_width(text, SIZE, Family::Condensed) + 3.0;
    let end = arrow.stops.unwrap_or(1.0);
    let down = arrow.head.y >= arrow.tail.y;
    let parts: [f64; 3] = if arrow.seen.message.is_reply { [0.88, 0.6, 0.35] } else { [0.16, 0.42, 0.68] };
    let mut all = Vec::new();
    for part in parts {
        let place = arrow.at_part(part * end);
        // Off the lane that it leaves or reaches.
        let shift = match (part < 0.3, part > 0.8, down) {
            (true, _, true) | (_, true, false) => 9.0,
            (true, _, false) | (_, true, true) => -7.0,
            _ => 2.0,
        };
        let y = place.y + shift - 7.0;
        all.push(Rect::new(place.x + 6.0, y, width, 13.0));
        all.push(Rect::new(place.x - 6.0 - width, y, width, 13.0));
    }
    all
}

/// All of them.
pub fn labels(plan: &Plan) -> Vec<Label> {
    let mut wanted: Vec<(u8, usize, String)> = Vec::new();
    for (index, arrow) in plan.arrows.iter().enumerate() {
        let lost = arrow.stops.is_some();
        match words(&arrow.seen) {
            Some((_, text)) if arrow.chosen => wanted.push((0, index, text)),
            Some((rank, text)) if arrow.sent => wanted.push((if lost { 1 } else { rank }, index, text)),
            None if arrow.chosen => wanted.push((0, index, super::words::what(&arrow.seen))),
            _ => {}
        }
    }
    wanted.order_by_key(|(rank, index, _)| (*rank, std::cmp::Reverse(*index)));
    let mut taken: Vec<Rect> = Vec::new();
    // Names of partitions and counts keep their places.
    taken.extend(plan.owned.iter().map(|bar| bar.area));
    for fold in &plan.folds {
        if let Some(lane) = plan.lanes.get(fold.lane) {
            taken.push(Rect::new(fold.left, lane.y - 8.0, fold.right - fold.left, 16.0));
        }
    }
    let bounds = plan.plot;
    let mut labels: Vec<Label> = Vec::new();
    for (rank, index, mut text) in wanted {
        let Some(arrow) = plan.arrows.get(index) else { continue };
        if arrow.alike > 1 {
            text.push_str(&format!(" ×{}", arrow.alike));
        }
        let free = |area: &Rect| {
            area.x >= bounds.x + 2.0
                && area.right() <= bounds.right() + 10.0
                && area.y >= bounds.y - 2.0
                && area.bottom() <= bounds.bottom() + 2.0
                && !taken.iter().any(|other| other.overlaps(area))
        };
        let all = places(arrow, &text);
        // Once is enough where many say the same.
        let near = |label: &Label| label.text == text && (label.area.x - arrow.tail.x).abs() < SAME_APART;
        if rank > 0 && labels.iter().any(near) {
            continue;
        }
        let place = all.iter().copied().find(free).or(all.first().copied().filter(|_| rank == 0));
        let Some(area) = place else { continue };
        taken.push(area);
        let strong = rank <= 1
            && (arrow.chosen || arrow.seen.message.error.is_some() || matches!(arrow.seen.fate, Fate::Lost(_)));
        labels.push(Label { arrow: index, text, area, strong });
    }
    labels
}
