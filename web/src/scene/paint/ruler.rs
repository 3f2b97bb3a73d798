//! The ruler under each column, and the high watermark through it.

use super::Painter;
use super::brush::{Family, Path, Style, Type, text_width};
use crate::scene::columns::Column;
use crate::scene::geometry::at;
use crate::scene::level_of_detail::Detail;

impl Painter<'_> {
    /// The strongest line of the picture; its flag points left, to what is safe.
    pub(super) fn watermark(&mut self, column: &Column) {
        let Some(x) = column.watermark_x else { return };
        if column.narrow && column.tapes.iter().all(|tape| tape.offsets.1 == 0) {
            return;
        }
        let palette = self.palette;
        let compact = self.layout.compact;
        let frame = &self.layout.frame;
        let (top, bottom) = (frame.rows.y - if compact { 2.0 } else { 4.0 }, frame.ruler + 9.0);
        if let Some(old) = column.watermark_before {
            let style = Style::stroke(palette.ink, 1.4).dashed(&[2.0, 3.0]);
            self.brush.line(at(old, top), at(old, frame.ruler), &style);
            if (x - old).abs() > 8.0 {
                let y = frame.rows.y + 6.0;
                let reach = (x - old).signum() * 5.0;
                self.brush.line(at(old, y), at(x - reach * 0.6, y), &Style::stroke(palette.ink, 1.4));
                let head = [at(x - reach * 0.3, y), at(x - reach * 1.4, y - 3.2), at(x - reach * 1.4, y + 3.2)];
                self.brush.path(&Path::polygon(&head), &Style::fill(palette.ink));
            }
        }
        self.brush.line(at(x, top), at(x, bottom), &Style::stroke(palette.desk, 4.5).faded(0.55));
        self.brush.line(at(x, top), at(x, bottom), &Style::stroke(palette.ink, 2.2));
        if column.narrow && column.area.w < 58.0 {
            return;
        }
        let size = if compact { 11.0 } else { 12.0 };
        let text = match column.narrow {
            true => column.high_watermark.to_string(),
            false => format!("HW {}", column.high_watermark),
        };
        let high = if compact { 13.0 } else { 15.0 };
        let width = text_width(&text, size, Family::Condensed) * 1.08 + 14.0;
        let right = x + 1.1;
        let flag = [
            at(right, top - high),
            at(right - width, top - high),
            at(right - width + 4.0, top - high / 2.0),
            at(right - width, top),
            at(right, top),
        ];
        self.brush.path(&Path::polygon(&flag), &Style::fill(palette.ink));
        let kind = Type::new(size, palette.on_ink).weight(600).end().within(width - 10.0);
        self.brush.text(at(x - 4.0, top - high * 0.26), &text, &kind);
    }

    /// Offsets are read here, once for all rows.
    pub(super) fn ruler(&mut self, column: &Column) {
        let palette = self.palette;
        let window = &column.window;
        let y = self.layout.frame.ruler;
        let style = Style::stroke(palette.ink3, 1.0);
        self.brush.line(at(window.left, y), at(window.right(), y), &style);
        let size = 11.0;
        let widest = text_width(&window.to.to_string(), size, Family::Condensed) + 5.0;
        let cells = matches!(window.detail(), Detail::Text | Detail::Plain) && !column.narrow;
        let every = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000];
        let every = every
            .into_iter()
            .find(|step| *step as f64 * window.px >= widest * if column.narrow { 1.4 } else { 1.0 })
            .unwrap_or(1_000_000);
        let ticks_every = if cells { 1 } else { every };
        let kind = Type::new(size, palette.ink2).middle().halo(palette.desk);
        let mut ticks = Path::new();
        let mut offset = window.from.div_euclid(ticks_every) * ticks_every;
        while offset <= window.to {
            if offset >= window.from {
                let x = window.x(offset);
                ticks = ticks.move_to(at(x, y)).line_to(at(x, y + if offset % 5 == 0 { 6.0 } else { 4.0 }));
                if offset % every == 0 && offset < window.to {
                    let middle = if cells { x + window.px / 2.0 } else { x };
                    self.brush.text(at(middle, y + 13.5), &offset.to_string(), &kind);
                }
            }
            offset += ticks_every;
        }
        self.brush.path(&ticks, &style);
    }
}
