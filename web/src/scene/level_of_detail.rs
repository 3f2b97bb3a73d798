//! How much of a log a column can show, by pixels per record.

use crate::decimal::Within;

/// What a record is at this size.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Detail {
    /// A cell with its key or offset.
    Text,
    /// A cell without text.
    Plain,
    /// A tick for every ten records.
    Ticks,
    /// Records are not told apart; segments of a hundred are.
    Segments,
}

impl Detail {
    /// What fits in `px` per record.
    pub fn of(px: f64) -> Self {
        match px {
            px if px >= TEXT_PX => Self::Text,
            px if px >= 6.0 => Self::Plain,
            px if px >= 0.6 => Self::Ticks,
            _ => Self::Segments,
        }
    }
}

/// The narrowest cell that holds a letter or two digits, in px.
pub const TEXT_PX: f64 = 13.9;
/// Free cells kept right of the newest record, so that the future has room.
pub const ROOM: i64 = 2;
/// Fewest offsets on a ruler: a new log is not blown up to fill its column.
const FEWEST: i64 = 6;

/// Which offsets a column shows, and where.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Window {
    /// First offset shown.
    pub from: i64,
    /// First offset no longer shown.
    pub to: i64,
    /// Where `from` begins, in px.
    pub left: f64,
    /// Width of a record, in px.
    pub px: f64,
    /// Records before `from` exist and are cut away.
    pub torn: bool,
}

impl Window {
    /// Left edge of `offset`'s cell, kept inside the window.
    pub fn x(&self, offset: i64) -> f64 {
        self.left + (offset.clamp(self.from, self.to) - self.from) as f64 * self.px
    }

    /// Whether `offset` can be pointed at, the end included.
    pub fn holds(&self, offset: i64) -> bool {
        (self.from..=self.to).contains(&offset)
    }

    /// Right edge.
    pub fn right(&self) -> f64 {
        self.x(self.to)
    }

    /// What a record is at this size.
    pub fn detail(&self) -> Detail {
        Detail::of(self.px)
    }

    /// The offset under `x`, if the window reaches so far.
    pub fn offset_at(&self, x: f64) -> Option<i64> {
        let steps = ((x - self.left) / self.px).floor();
        let offset = self.from.checked_add(steps as i64)?;
        (steps >= 0.0 && offset < self.to).then_some(offset)
    }
}

/// What decides a column's window.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Extent {
    /// Smallest log start offset of the replicas.
    pub start: i64,
    /// Largest log end offset of the replicas.
    pub end: i64,
    /// Cells show keys, not offsets.
    pub letters: bool,
    /// Show everything, however small.
    pub whole: bool,
    /// Tapes are high, so cells may be wide.
    pub tall: bool,
}

/// The window of a tape `width` px wide that begins at `left`.
///
/// A cell never moves once it is written, until the tape is full; then the window jumps by a
/// quarter, so that append-only can be seen.
pub fn window(left: f64, width: f64, extent: Extent) -> Window {
    let digits = extent.end.max(1).ilog10() + 1;
    let narrowest = if extent.letters { TEXT_PX } else { (f64::from(digits) * 6.0 + 4.0).max(TEXT_PX) };
    let usual = if extent.tall { 28.0 } else { 18.5 };
    let comfortable = (width / 15.0).within(usual, 28.0).max(narrowest);
    let needed = (extent.end - extent.start).max(0) + ROOM;
    let fits = |cell: f64| ((width / cell).floor() as i64).max(1);
    let show = |from: i64, count: i64, torn: bool| {
        let count = count.max(1);
        Window { from, to: from + count, left, px: width / count as f64, torn }
    };
    if needed <= fits(comfortable) {
        return show(extent.start, fits(comfortable), false);
    }
    if needed <= fits(narrowest) {
        return show(extent.start, fits(narrowest), false);
    }
    if extent.whole {
        return show(extent.start, needed, false);
    }
    let count = fits(narrowest);
    let jump = (count / 4).max(1);
    let cut = needed - count;
    show(extent.start + (cut + jump - 1) / jump * jump, count, true)
}

/// The window of a bar: the whole log, small as it may be.
pub fn bar_window(left: f64, width: f64, extent: Extent) -> Window {
    let count = (extent.end - extent.start).max(FEWEST);
    Window { from: extent.start, to: extent.start + count, left, px: width / count as f64, torn: false }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn extent(start: i64, end: i64) -> Extent {
        Extent { start, end, letters: true, whole: false, tall: false }
    }

    #[test]
    fn px_per_record_decides() {
        for (px, detail) in [
            (20.0, Detail::Text),
            (14.0, Detail::Text),
            (13.0, Detail::Plain),
            (6.0, Detail::Plain),
            (5.0, Detail::Ticks),
            (0.6, Detail::Ticks),
            (0.1, Detail::Segments),
        ] {
            assert_eq!(Detail::of(px), detail, "{px} px");
        }
    }

    #[test]
    fn cells_stay_until_the_tape_is_full() {
        let mut last = window(100.0, 168.0, extent(0, 0));
        let mut jumps = 0;
        for end in 1..60 {
            let next = window(100.0, 168.0, extent(0, end));
            assert!(next.holds(end), "the log end {end} is in sight");
            assert!(next.to >= end + ROOM, "{end} has room");
            assert!(next.px >= TEXT_PX, "{end} is legible");
            jumps += i32::from(next != last);
            last = next;
        }
        assert!(jumps <= 20, "{jumps} jumps in 60 appends");
        assert!(last.torn);
    }

    #[test]
    fn the_whole_log_fits_when_asked() {
        for end in [5, 50, 500, 5_000, 100_000] {
            let whole = window(0.0, 400.0, Extent { whole: true, ..extent(0, end) });
            assert_eq!(whole.from, 0);
            assert!(whole.right() <= 400.01 && whole.to > end);
        }
    }

    #[test]
    fn long_offsets_get_wider_cells() {
        let offsets = window(0.0, 200.0, Extent { letters: false, ..extent(0, 12_345) });
        assert!(offsets.px >= 34.0);
    }

    #[test]
    fn pointing_and_placing_agree() {
        let some = window(10.0, 200.0, extent(3, 9));
        for offset in some.from..some.to {
            assert_eq!(some.offset_at(some.x(offset) + some.px / 2.0), Some(offset));
        }
        assert_eq!(some.offset_at(9.0), None);
        assert_eq!(some.offset_at(211.0), None);
    }
}
