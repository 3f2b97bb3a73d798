//! Columns: what stands at their heads, and the order in which they are drawn.

use super::Painter;
use super::brush::{Family, Path, Style, Type, fitted, text_width};
use super::marks;
use crate::scene::columns::{Column, Trouble};
use crate::scene::geometry::{Rect, at};

impl Painter<'_> {
    /// Heads, tapes, watermarks and rulers of every column.
    pub(super) fn columns(&mut self) {
        self.topic_name();
        for column in &self.layout.columns {
            self.head(column);
            for tape in &column.tapes {
                self.tape(column, tape);
            }
            self.stable(column);
            self.watermark(column);
            self.ruler(column);
            self.missing_replicas(column);
            for tape in &column.tapes {
                self.words(column, tape);
            }
        }
    }

    /// Which topic the columns are of, above the plates.
    fn topic_name(&mut self) {
        let Some(topic) = self.layout.topic.clone().filter(|_| !self.layout.compact) else { return };
        let palette = self.palette;
        let (x, y) = (self.layout.frame.rows.x, self.layout.frame.head.y + 19.0);
        let room = self.layout.frame.plate_width - 4.0;
        let name = fitted(&topic, room, 13.5, Family::Condensed);
        self.brush.text(at(x, y), &name, &Type::new(13.5, palette.ink).weight(600).within(room));
        self.brush.text(at(x, y + 15.0), &self.layout.topic_words, &Type::new(12.0, palette.ink2).within(room - 12.0));
    }

    fn head(&mut self, column: &Column) {
        let palette = self.palette;
        let compact = self.layout.compact;
        let y = self.layout.frame.head.y + if compact { 14.0 } else { 19.0 };
        let x = column.area.x + if column.narrow { 0.0 } else { 2.0 };
        let square = Rect::new(x, y - 9.5, 11.0, 11.0);
        self.brush.rect(square, &Style::fill(self.identity(column.hue).hue));
        let size = if compact { 12.0 } else { 13.5 };
        let name = Type::new(size, palette.ink).weight(600).halo(palette.desk).within(column.area.w - 18.0);
        self.brush.text(at(x + 16.0, y), &column.head.name, &name);
        if column.head.isr.is_empty() {
            if column.head.trouble.is_some_and(Trouble::is_silent) {
                marks::cross(self.brush, at(x + 5.5, y - 4.0), 7.5, 2.4, palette.red);
            }
            return;
        }
        let isr_x = x + 16.0 + text_width(&column.head.name, size, Family::Condensed) + 10.0;
        let (color, weight) = match column.head.trouble {
            Some(Trouble::NoLeader | Trouble::DeadLeader(_)) => (palette.red, 600),
            Some(Trouble::BelowMinIsr) => (palette.ink, 600),
            None if column.head.changed => (palette.ink, 600),
            None => (palette.ink2, 400),
        };
        let width = text_width(&column.head.isr, 12.0, Family::Condensed);
        if column.head.changed {
            let shade = Rect::new(isr_x - 4.0, y - 11.5, width + 9.0, 15.5);
            self.brush.path(&Path::round(shade, 3.0), &Style::fill(palette.changed(palette.desk)));
        }
        let kind = Type::new(12.0, color).weight(weight).within(column.area.right() - isr_x - 2.0);
        let kind = if column.head.changed { kind } else { kind.halo(palette.desk) };
        self.brush.text(at(isr_x, y), &column.head.isr, &kind);
        if column.head.trouble.is_some_and(Trouble::is_silent) {
            marks::cross(self.brush, at(isr_x + width + 10.0, y - 4.0), 4.0, 2.0, palette.red);
        }
    }

    fn missing_replicas(&mut self, column: &Column) {
        if self.layout.compact || column.narrow {
            return;
        }
        for (number, row) in self.layout.rows.iter().enumerate() {
            if !column.tapes.iter().any(|tape| tape.row == number) {
                let kind = Type::new(11.5, self.palette.ink3).halo(self.palette.row);
                self.brush.text(at(column.window.left, row.area.centre().y + 4.0), "no replica", &kind);
            }
        }
    }
}
