//! What became of each record as a small strip of marks, in the signs of the picture's ledger.

use crate::decimal::{Within, px};
use std::fmt::Write;

use playground_core::view::{LedgerEntries, RecordFate};
use yew::prelude::*;

/// Size of the strip, in px.
const WIDTH: f64 = 132.0;
const HEIGHT: f64 = 26.0;
/// A mark's foot and head.
const FOOT: f64 = 24.0;
const HEAD: f64 = 6.0;
/// Widest step from mark to mark.
const STEP: f64 = 9.0;
/// More records than this are drawn as shares.
const MOST: usize = 60;

/// The order of shares: what must be seen first.
const FATES: [RecordFate; 5] =
    [RecordFate::Lost, RecordFate::Failed, RecordFate::Sent, RecordFate::Acked, RecordFate::Read];

/// One path for each look, however many records there are.
#[derive(Default, PartialEq, Debug)]
struct Paths {
    full: String,
    half: String,
    open: String,
    crossed: String,
    twice: String,
}

impl Paths {
    /// The mark of one record, or the share of many.
    fn add(&mut self, fate: RecordFate, duplicated: bool, x: f64, width: f64) {
        let (right, middle) = (x + width, (HEAD + FOOT) / 2.0);
        let block = |path: &mut String, top: f64| {
            let (x, right, top, foot) = (px(x), px(right), px(top), px(FOOT));
            let _ = write!(path, "M{x} {top}H{right}V{foot}H{x}Z");
        };
        let line = |path: &mut String, from: (f64, f64), to: (f64, f64)| {
            let _ = write!(path, "M{} {}L{} {}", px(from.0), px(from.1), px(to.0), px(to.1));
        };
        if fate == RecordFate::Lost && width > 8.0 {
            block(&mut self.crossed, HEAD);
        }
        match fate {
            RecordFate::Read => block(&mut self.full, HEAD),
            RecordFate::Acked => {
                block(&mut self.full, middle);
                block(&mut self.half, HEAD);
            }
            RecordFate::Sent => block(&mut self.open, HEAD),
            RecordFate::Failed => {
                block(&mut self.half, HEAD);
                line(&mut self.half, (x, FOOT), (right, HEAD));
            }
            RecordFate::Lost => {
                let (centre, reach) = (x + width / 2.0, (width / 2.0 + 0.8).within(2.0, 4.5));
                let (left, right, top, foot) = (centre - reach, centre + reach, middle - reach, middle + reach);
                line(&mut self.crossed, (left, top), (right, foot));
                line(&mut self.crossed, (left, foot), (right, top));
            }
        }
        if duplicated {
            line(&mut self.twice, (x - 0.8, 2.0), (right + 0.8, 2.0));
        }
    }

    fn of(ledger: &LedgerEntries) -> Self {
        let mut paths = Self::default();
        if ledger.len() <= MOST {
            let step = (WIDTH / ledger.len().max(1) as f64).min(STEP);
            let left = WIDTH - step * ledger.len() as f64;
            for (index, entry) in ledger.iter().enumerate() {
                paths.add(
                    entry.fate,
                    entry.duplicated,
                    left + step * index as f64 + 1.0,
                    (step - 2.0).within(0.8, 6.0),
                );
            }
            return paths;
        }
        let mut x = 0.0;
        let all = ledger.sums();
        for fate in FATES {
            let count = all.with(fate);
            if count > 0 {
                // One lost record among thousands must still be seen.
                let width = (WIDTH * f64::from(count) / ledger.len() as f64).max(4.0).min(WIDTH - x);
                paths.add(fate, false, x, width);
                x += width;
            }
        }
        paths
    }
}

/// The strip; what it says is written beside it in numbers.
pub(super) fn strip(ledger: &LedgerEntries) -> Html {
    let paths = Paths::of(ledger);
    html! {
        <svg class="strip" viewBox={format!("0 0 {} {}", px(WIDTH), px(HEIGHT))} width={px(WIDTH).to_string()} height={px(HEIGHT).to_string()} aria-hidden="true">
            <path class="full" d={paths.full} /><path class="half" d={paths.half} /><path class="open" d={paths.open} />
            <path class="crossed" d={paths.crossed} /><path class="twice" d={paths.twice} />
        </svg>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_fate_has_its_look_and_a_lost_record_among_many_is_seen() {
        let mut paths = Paths::default();
        paths.add(RecordFate::Lost, false, 0.0, 6.0);
        paths.add(RecordFate::Read, true, 9.0, 6.0);
        assert!(paths.crossed.starts_with("M-0.8") && paths.full == "M9 6H15V24H9Z" && paths.twice == "M8.2 2L15.8 2");
        assert_eq!(Paths::of(&LedgerEntries::default()), Paths::default());
    }
}
