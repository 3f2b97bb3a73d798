//! Rows and plates.

use playground_core::view::ProcessState;

use super::Painter;
use super::brush::{Family, Path, Style, Type, text_width};
use super::marks;
use crate::scene::brokers::{Glyph, Line, Row};
use crate::scene::geometry::{Rect, at};
use crate::scene::options::Selection;

impl Painter<'_> {
    /// Every row's ground and plate.
    pub(super) fn rows(&mut self) {
        for row in &self.layout.rows {
            self.row_ground(row);
            self.plate(row);
        }
        self.racks();
    }

    /// A bracket at the left of neighbours in one rack, with the rack's name at their first plate's foot.
    fn racks(&mut self) {
        let palette = self.palette;
        let rows = &self.layout.rows;
        for rack in rows.chunk_by(|a, b| a.rack.is_some() && a.rack == b.rack) {
            let (Some(first), Some(last)) = (rack.first(), rack.last()) else { continue };
            let Some(name) = &first.rack else { continue };
            let x = first.area.x - if self.layout.compact { 3.0 } else { 5.0 };
            let (top, bottom) = (first.area.y + 2.0, last.area.bottom() - 2.0);
            let bracket = Path::through(&[at(x + 3.0, top), at(x, top), at(x, bottom), at(x + 3.0, bottom)]);
            self.brush.path(&bracket, &Style::stroke(palette.ink2, 1.4));
            if !self.layout.compact && first.area.h >= 40.0 {
                for row in rack {
                    let kind = Type::new(11.0, palette.ink2).within(row.plate.w - 20.0);
                    self.brush.text(at(row.area.x + 15.0, row.area.bottom() - 5.0), &format!("rack {name}"), &kind);
                }
            }
        }
    }

    fn row_ground(&mut self, row: &Row) {
        let palette = self.palette;
        let area = row.area;
        let dead = row.state == ProcessState::Dead;
        let outline = Path::round(area, 5.0);
        if dead {
            self.brush.path(&outline, &Style::fill(palette.desk));
            marks::hatch(self.brush, area.grown(-1.5), 9.0, &Style::stroke(palette.red, 1.0).faded(0.30));
            self.brush.path(&outline, &Style::stroke(palette.red, 1.6).dashed(&[6.0, 4.0]));
        } else {
            self.brush.path(&outline, &Style::fill(palette.row).edged(palette.line, 1.0));
        }
        if row.state == ProcessState::Paused {
            marks::hatch(self.brush, row.plate.grown(-1.5), 6.0, &Style::stroke(palette.line, 1.0));
        }
        let bar = Rect::new(area.x, area.y, if self.layout.compact { 4.0 } else { 5.0 }, area.h);
        let solid = !matches!(row.state, ProcessState::Starting | ProcessState::Stopping | ProcessState::Paused);
        match (dead, solid) {
            (true, _) => self.brush.rect(bar, &Style::fill(palette.red)),
            (false, true) => self.brush.rect(bar, &Style::fill(palette.ink)),
            (false, false) => {
                self.brush.rect(bar, &Style::fill(palette.row));
                marks::hatch(self.brush, bar, 5.0, &Style::stroke(palette.ink, 1.4));
                self.brush.rect(bar.grown(-0.5), &Style::stroke(palette.ink, 1.0));
            }
        }
        if self.opts.acts() == Some(&Selection::Broker(row.broker)) {
            let plate = row.plate.grown(-3.0);
            let style = Style::fill(palette.act).edged(palette.on_act, 1.5);
            self.brush.path(&Path::round(plate, 4.0), &style);
        }
    }

    fn plate(&mut self, row: &Row) {
        let palette = self.palette;
        let compact = self.layout.compact;
        let dead = row.state == ProcessState::Dead;
        let yellow = self.opts.acts() == Some(&Selection::Broker(row.broker));
        let ink = match (dead, yellow) {
            (_, true) => palette.on_act,
            (true, false) => palette.red,
            (false, false) => palette.ink,
        };
        let (area, tall) = (row.area, row.area.h >= 110.0);
        let low = row.area.h < 56.0;
        let size: f64 = match (compact, tall, low) {
            (true, ..) => 14.0,
            (_, true, _) => 27.0,
            (_, _, true) => 17.0,
            _ => 23.0,
        };
        let left = area.x + if compact { 9.0 } else { 15.0 };
        let base = area.y + if compact { 18.0f64.min(area.h * 0.45) } else { (size * 1.18).min(area.h * 0.5 + 6.0) };
        let id = row.broker.to_string();
        let kind = Type::new(size, ink).weight(600).family(Family::Condensed).within(row.plate.right() - left - 1.0);
        self.brush.text(at(left, base), &id, &kind);
        let id_width = text_width(&id, size, Family::Condensed) * 1.10;
        let mut y = base
            + if compact {
                16.0
            } else if tall {
                19.0
            } else {
                17.0
            };
        if dead {
            let centre = match compact {
                true => at(left + 11.0, y - 1.0),
                false => at(left + id_width + 11.0, base - size * 0.34),
            };
            marks::cross(self.brush, centre, if compact { 5.0 } else { 6.0 }, 2.2, palette.red);
            if compact {
                y += 14.0;
            }
        }
        if compact || low {
            // Without room for lines signs stand below the id, or beside it.
            let (x, y) =
                if compact { (left, y) } else { (left + id_width + if dead { 22.0 } else { 2.0 }, base - 4.0) };
            self.compact_signs(row, x, y);
            if compact {
                return;
            }
        } else {
            for line in &row.lines {
                if y > area.bottom() - 4.0 {
                    break;
                }
                self.plate_line(line, left, y, dead, row.plate.right() - left + 12.0);
                y += 15.5;
            }
        }
        if row.state == ProcessState::Starting {
            let bar = Rect::new(left, (y - 6.0).min(area.bottom() - 9.0), 62.0, 4.0);
            self.brush.rect(bar, &Style::fill(palette.line));
            marks::hatch(self.brush, bar, 4.0, &Style::stroke(palette.ink, 1.6));
        }
    }

    fn compact_signs(&mut self, row: &Row, left: f64, y: f64) {
        let palette = self.palette;
        let mut x = left + 6.0;
        for line in &row.lines {
            let centre = at(x, y - 1.0);
            match line.glyph {
                Some(Glyph::Star) => marks::star(self.brush, centre, 6.5, palette.ink),
                Some(Glyph::Diamond) => marks::diamond(self.brush, centre, 5.0, palette.ink),
                Some(Glyph::Pause) => self.pause(centre.x, centre.y),
                None if row.state == ProcessState::Dead => continue,
                None => {
                    let short = line.text.split(' ').next().unwrap_or("");
                    let kind = Type::new(11.0, palette.ink2).within(row.plate.right() - left + 2.0);
                    self.brush.text(at(x - 6.0, y + 3.0), short, &kind);
                    break;
                }
            }
            x += 14.0;
        }
    }

    fn pause(&mut self, x: f64, y: f64) {
        for dx in [-4.0, 1.0] {
            self.brush.rect(Rect::new(x + dx, y - 5.0, 3.0, 10.0), &Style::fill(self.palette.ink));
        }
    }

    fn plate_line(&mut self, line: &Line, left: f64, y: f64, dead: bool, room: f64) {
        let palette = self.palette;
        let indent = if line.glyph.is_some() { 15.0 } else { 0.0 };
        if line.changed {
            let width = text_width(&line.text, 12.5, Family::Condensed) + indent + 8.0;
            let shade = Rect::new(left - 4.0, y - 11.0, width, 15.0);
            let ground = if dead { palette.desk } else { palette.row };
            self.brush.path(&Path::round(shade, 3.0), &Style::fill(palette.changed(ground)));
        }
        let centre = at(left + 6.0, y - 4.2);
        match line.glyph {
            Some(Glyph::Star) => marks::star(self.brush, centre, 6.5, palette.ink),
            Some(Glyph::Diamond) => marks::diamond(self.brush, centre, 5.5, palette.ink),
            Some(Glyph::Pause) => self.pause(centre.x, centre.y),
            None => {}
        }
        let color = match (dead, line.strong) {
            (true, _) if line.glyph.is_none() => palette.red,
            (_, true) => palette.ink,
            (_, false) => palette.ink2,
        };
        let weight = if line.strong || line.changed { 600 } else { 400 };
        let kind = Type::new(12.5, color).weight(weight).within(room - indent);
        self.brush.text(at(left + indent, y), &line.text, &kind);
    }
}
