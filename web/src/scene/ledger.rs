//! What became of every record, in order of sending. It is the verdict, so it is always there.

use crate::decimal::Within;
use playground_core::view::{ClusterView, RecordFate};

use super::frame::Frame;
use super::geometry::Rect;
use super::options::SceneOptions;

/// More records than this are drawn as bars.
const MOST_MARKS: usize = 200;

/// A sum.
#[derive(Clone, PartialEq, Debug)]
pub struct Sum {
    /// What is counted.
    pub word: &'static str,
    /// How many.
    pub count: usize,
    /// None is good.
    pub bad: bool,
    /// Changed in the last step.
    pub changed: bool,
}

/// A record's mark.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Mark {
    /// Its place.
    pub area: Rect,
    /// What became of it.
    pub fate: RecordFate,
    /// It is in the log more than once.
    pub duplicated: bool,
}

/// A share of all records.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Share {
    /// Its place.
    pub area: Rect,
    /// What became of them.
    pub fate: RecordFate,
}

/// The ledger.
#[derive(Clone, PartialEq, Debug)]
pub struct Ledger {
    /// The band.
    pub area: Rect,
    /// Sums in words.
    pub sums: Vec<Sum>,
    /// One mark a record; empty if there are too many.
    pub marks: Vec<Mark>,
    /// Shares; empty if there are marks.
    pub shares: Vec<Share>,
}

/// The sums of `view`, as the page writes them too.
pub fn sums(view: &ClusterView, before: Option<&ClusterView>) -> Vec<Sum> {
    let count = |view: &ClusterView| {
        let sums = view.ledger.sums();
        [sums.sent, sums.acked, sums.failed, sums.lost, sums.duplicated, sums.read].map(|count| count as usize)
    };
    let (now, old) = (count(view), before.map(count));
    let sum = |(place, word): (usize, &'static str)| Sum {
        word,
        count: now[place],
        bad: matches!(word, "lost" | "duplicated" | "failed") && now[place] > 0,
        changed: old.is_some_and(|old| old[place] != now[place]),
    };
    let all = ["sent", "acked", "failed", "lost", "duplicated", "read"];
    all.into_iter().enumerate().map(sum).filter(|sum| sum.word != "failed" || sum.count > 0).collect()
}

/// The order in which shares are drawn: what must be seen first, the many last.
const FATES: [RecordFate; 5] =
    [RecordFate::Lost, RecordFate::Failed, RecordFate::Sent, RecordFate::Acked, RecordFate::Read];

/// The ledger, if it is shown.
pub(super) fn ledger(view: &ClusterView, opts: &SceneOptions, frame: &Frame) -> Option<Ledger> {
    if !opts.show.ledger || frame.ledger.h <= 0.0 {
        return None;
    }
    let area = frame.ledger;
    let sums = sums(view, opts.previous.as_deref());
    let words = if opts.compact { 0.62 } else { 0.58 };
    let room = area.w * (1.0 - words);
    let (top, height) = (area.y + if opts.compact { 8.0 } else { 14.0 }, if opts.compact { 11.0 } else { 16.0 });
    let count = view.ledger.len();
    let mut marks = Vec::new();
    let mut shares = Vec::new();
    let step = (room / count.max(1) as f64).min(9.0);
    if count <= MOST_MARKS && step >= 1.6 {
        let left = area.right() - step * count as f64;
        let width = (step - 2.0).within(1.0, 6.0);
        marks.extend(view.ledger.iter().enumerate().map(|(index, entry)| Mark {
            area: Rect::new(left + step * index as f64, top, width, height),
            fate: entry.fate,
            duplicated: entry.duplicated,
        }));
    } else {
        let mut x = area.right() - room;
        let all = view.ledger.sums();
        for fate in FATES {
            let part = all.with(fate);
            if part > 0 {
                // One lost record among a million must still be seen.
                let width = (room * f64::from(part) / count as f64).max(3.0);
                shares.push(Share { area: Rect::new(x, top, width.min(area.right() - x).max(0.0), height), fate });
                x += width;
            }
        }
    }
    Some(Ledger { area, sums, marks, shares })
}
