//! The bands of the picture: road, heads, rows, ruler, readers, ledger; plates, columns, ZooKeeper.

use super::geometry::Rect;
use crate::decimal::Within;

/// What the bands must hold.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Demand {
    pub rows: usize,
    pub road: bool,
    pub readers: bool,
    pub zookeeper: bool,
    pub ledger: bool,
    pub compact: bool,
}

/// The bands.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Frame {
    /// Producers drive here; empty if there are none.
    pub road: Rect,
    /// Names of columns and flags of the watermark.
    pub head: Rect,
    /// Rows of brokers, plates included.
    pub rows: Rect,
    /// Height of one row.
    pub row_height: f64,
    /// Between rows.
    pub row_gap: f64,
    /// Left part of a row.
    pub plate_width: f64,
    /// Where the columns are.
    pub columns: Rect,
    /// Height of the ruler's line.
    pub ruler: f64,
    /// Consumers stand here; empty if there are none.
    pub readers: Rect,
    /// The ensemble; empty if it is not shown.
    pub zookeeper: Rect,
    /// What became of every record; empty if it is not shown.
    pub ledger: Rect,
}

/// Shares `extra` px among (least, most) heights: each grows towards its most by the same part.
fn grow(extra: f64, bands: &[(f64, f64)]) -> Vec<f64> {
    let wish: f64 = bands.iter().map(|(least, most)| most - least).sum();
    let part = if wish > 0.0 { (extra / wish).within(0.0, 1.0) } else { 0.0 };
    bands.iter().map(|(least, most)| least + (most - least) * part).collect()
}

impl Frame {
    /// Bands for `demand` in `width` x `height` px. Rows get what is left, at least nothing.
    pub(super) fn new(demand: Demand, width: f64, height: f64) -> Self {
        let compact = demand.compact;
        let pad = if compact { 8.0 } else { 12.0 };
        let head = if compact { 34.0 } else { 42.0 };
        let ruler = if compact { 24.0 } else { 34.0 };
        let ledger = match (demand.ledger, compact) {
            (false, _) => 0.0,
            (true, false) => 38.0,
            (true, true) if height >= 360.0 => 26.0,
            (true, true) => 0.0,
        };
        let count = demand.rows.max(1) as f64;
        let row_gap = if compact { 4.0 } else { 6.0 };
        let some = |wanted: bool, least: f64, most: f64| if wanted { (least, most) } else { (0.0, 0.0) };
        let (road, readers, row) = if compact {
            (some(demand.road, 38.0, 52.0), some(demand.readers, 34.0, 56.0), (44.0, 76.0))
        } else {
            (some(demand.road, 50.0, 104.0), some(demand.readers, 56.0, 104.0), (66.0, 134.0))
        };
        // Where no truck drives, the button that adds things stands above the topic's name and the first row.
        let top = match (demand.road, compact) {
            (true, _) => 0.0,
            (false, true) => 16.0,
            (false, false) => 32.0,
        };
        let fixed = top + head + ruler + ledger + row_gap * (count - 1.0);
        let extra = height - fixed - road.0 - readers.0 - row.0 * count;
        let shares = grow(extra, &[road, readers, (row.0 * count, row.1 * count)]);
        let (road, readers) = (shares[0], shares[1]);
        // What no band wants goes to the rows, up to a height where a tape still fills one.
        let left = height - fixed - road - readers;
        let row_height = (left / count).within(8.0, if compact { 90.0 } else { 164.0 });
        let zookeeper = if demand.zookeeper && !compact { 126.0 } else { 0.0 };
        // Air that nobody wants goes above and below alike.
        let spare = (height - fixed - road - readers - row_height * count).max(0.0);
        let top = top + (spare / 2.0).min(if demand.road { 28.0 } else { 16.0 });
        let rows_top = top + road + head;
        let rows_height = row_height * count + row_gap * (count - 1.0);
        let row_right = width - pad - if zookeeper > 0.0 { zookeeper + 4.0 } else { 0.0 };
        let plate_width = if compact { 38.0 } else { 98.0 };
        let columns_left = pad + plate_width;
        let rows_bottom = rows_top + rows_height;
        let below = rows_bottom + ruler;
        Self {
            road: Rect::new(0.0, 0.0, width, if demand.road { top + road } else { 0.0 }),
            head: Rect::new(columns_left, rows_top - head, (row_right - columns_left).max(1.0), head),
            rows: Rect::new(pad, rows_top, (row_right - pad).max(1.0), rows_height),
            row_height,
            row_gap,
            plate_width,
            columns: Rect::new(columns_left, rows_top, (row_right - columns_left).max(1.0), rows_height),
            ruler: rows_bottom + if compact { 2.0 } else { 5.0 },
            readers: Rect::new(0.0, below, width, if demand.readers { readers } else { 0.0 }),
            zookeeper: Rect::new(row_right + 4.0, rows_top - head, zookeeper, rows_height + head),
            ledger: Rect::new(pad, height - ledger, width - 2.0 * pad, ledger),
        }
    }

    /// The row with this number.
    pub fn row(&self, number: usize) -> Rect {
        let y = self.rows.y + number as f64 * (self.row_height + self.row_gap);
        Rect::new(self.rows.x, y, self.rows.w, self.row_height)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZES: [(f64, f64, bool); 4] =
        [(818.0, 754.0, false), (818.0, 564.0, false), (726.0, 440.0, false), (390.0, 306.0, true)];

    #[test]
    fn bands_follow_each_other_and_stay_inside() {
        for (width, height, compact) in SIZES {
            for bits in 0..16_u8 {
                let on = |bit: u8| bits & (1 << bit) != 0;
                for rows in 1..=4 {
                    let (road, readers, zookeeper, ledger) = (on(0), on(1), on(2), on(3));
                    let frame = Frame::new(Demand { rows, road, readers, zookeeper, ledger, compact }, width, height);
                    let order = [
                        frame.road.bottom(),
                        frame.head.y,
                        frame.head.bottom(),
                        frame.rows.bottom(),
                        frame.ruler,
                        frame.readers.y,
                        frame.readers.bottom(),
                    ];
                    assert!(order.is_sorted_by(|a, b| *a <= *b + 4.01), "{width} {rows} {bits:04b}: {order:?}");
                    assert!(frame.readers.bottom() <= frame.ledger.y + 0.01, "{width}x{height} {rows} {bits:04b}");
                    if !road {
                        // The topic's name begins 7 px below the head's top; on a phone nobody names the topic there.
                        let button = if compact { 48.0 } else { 38.0 };
                        assert!(frame.rows.y >= button, "{width}x{height} {rows} {bits:04b}: {}", frame.rows.y);
                        assert!(compact || frame.head.y + 7.0 >= button, "{width}x{height} {rows} {bits:04b}");
                    }
                    assert!(frame.zookeeper.right() <= width + 0.01);
                    assert!(frame.columns.right() <= width);
                }
            }
        }
    }

    #[test]
    fn the_target_s_rows_come_out() {
        let all = Demand { rows: 3, road: true, readers: true, zookeeper: true, ledger: true, compact: false };
        assert!((110.0..=140.0).contains(&Frame::new(all, 818.0, 754.0).row_height));
        assert!((76.0..=110.0).contains(&Frame::new(all, 818.0, 564.0).row_height));
        assert!((60.0..=76.0).contains(&Frame::new(all, 726.0, 440.0).row_height));
        let phone = Demand { compact: true, ledger: false, ..all };
        assert!((48.0..=64.0).contains(&Frame::new(phone, 390.0, 306.0).row_height));
    }
}
