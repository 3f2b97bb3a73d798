//! The last stable offset as a dotted line, and records of open transactions.

use super::Painter;
use super::brush::{Style, Type};
use crate::decimal::Within;
use crate::scene::columns::Column;
use crate::scene::geometry::at;

impl Painter<'_> {
    /// Dotted, since it is not final; its words stand below the ruler's side of the line, where the
    /// watermark has none.
    pub(super) fn stable(&mut self, column: &Column) {
        let Some(stable) = &column.stable else { return };
        let palette = self.palette;
        for area in &stable.open {
            // Dash is what is not final: the record is there, and may come to nothing.
            let y = area.bottom() - (area.h * 0.14).within(2.0, 5.0);
            let style = Style::stroke(palette.row, 2.2).dashed(&[2.5, 2.0]);
            self.brush.line(at(area.x + 2.5, y), at(area.right() - 2.0, y), &style);
        }
        let frame = &self.layout.frame;
        let (top, bottom) = (frame.rows.y, frame.ruler);
        self.brush.line(at(stable.x, top), at(stable.x, bottom), &Style::stroke(palette.row, 3.2).faded(0.7));
        self.brush.line(at(stable.x, top), at(stable.x, bottom), &Style::stroke(palette.ink, 1.6).dashed(&[1.5, 3.0]));
        if column.narrow {
            return;
        }
        let kind = Type::new(11.0, palette.ink).weight(600).halo(palette.row);
        let x = stable.x + 4.0;
        self.brush.text(at(x, bottom - 5.0), &format!("LSO {}", stable.offset), &kind);
    }
}
