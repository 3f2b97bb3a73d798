//! Columns: heads and tapes.

use super::Painter;
use super::brush::{Family, Path, Style, Type, fitted, text_width};
use super::marks;
use crate::scene::columns::{Column, Trouble};
use crate::scene::geometry::{Rect, at};
use crate::scene::level_of_detail::Detail;
use crate::scene::options::HueBy;
use crate::scene::palette::{Color, Identity};
use crate::scene::tape::{Caption, Cell, CellKind, Tape, TapeRole};

const DASH: &[f64] = &[3.0, 2.5];

impl Painter<'_> {
    /// Heads, tapes, watermarks and rulers of every column.
    pub(super) fn columns(&mut self) {
        self.topic_name();
        for column in &self.layout.columns {
            self.head(column);
            for tape in &column.tapes {
                self.tape(column, tape);
            }
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
        let found = self.view.topics.iter().find(|other| other.name == topic);
        let replicas = found.and_then(|topic| topic.partitions.first()).map_or(0, |first| first.assigned.len());
        let others = self.view.topics.iter().filter(|other| !other.internal && other.name != topic).count();
        let words = match (self.opts.hue_by, others) {
            (HueBy::Consumer, _) => "hue = consumer".to_owned(),
            (HueBy::Partition, 0) => format!("replicas {replicas}"),
            (HueBy::Partition, others) => format!("and {others} more"),
        };
        self.brush.text(at(x, y + 15.0), &words, &Type::new(12.0, palette.ink2).within(room - 12.0));
    }

    fn head(&mut self, column: &Column) {
        let palette = self.palette;
        let compact = self.layout.compact;
        let y = self.layout.frame.head.y + if compact { 14.0 } else { 19.0 };
        let x = column.area.x + if column.narrow { 0.0 } else { 2.0 };
        let square = Rect::new(x, y - 9.5, 11.0, 11.0);
        self.brush.rect(square, &Style::fill(self.identity(column.hue).hue));
        let size = if compact { 12.0 } else { 13.5 };
        let name = Type::new(size, palette.ink).weight(600).within(column.area.w - 18.0);
        self.brush.text(at(x + 16.0, y), &column.head.name, &name);
        if column.head.isr.is_empty() {
            if column.head.trouble == Some(Trouble::NoLeader) {
                marks::cross(self.brush, at(x + 5.5, y - 4.0), 7.5, 2.4, palette.red);
            }
            return;
        }
        let isr_x = x + 16.0 + text_width(&column.head.name, size, Family::Condensed) + 10.0;
        let (color, weight) = match column.head.trouble {
            Some(Trouble::NoLeader) => (palette.red, 600),
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
        self.brush.text(at(isr_x, y), &column.head.isr, &kind);
        if column.head.trouble == Some(Trouble::NoLeader) {
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

    fn tape(&mut self, column: &Column, tape: &Tape) {
        let identity = self.identity(column.hue);
        self.blank_tape(column, tape);
        if tape.body.w > 0.0 {
            self.tape_body(column, tape, identity);
        }
        for ghost in &tape.ghosts {
            self.ghost(ghost);
        }
        self.log_start(column, tape);
        self.log_end(column, tape);
        if let Some(x) = tape.own_watermark {
            let style = Style::stroke(self.palette.ink, 1.6).dashed(&[2.0, 2.0]);
            self.brush.line(at(x, tape.body.y - 3.0), at(x, tape.body.bottom() + 3.0), &style);
        }
    }

    /// What is written on a tape: above the watermark, so that it can be read where they cross.
    fn words(&mut self, column: &Column, tape: &Tape) {
        self.epochs(column, tape);
        self.caption(column, tape, &tape.caption, self.identity(column.hue));
        self.isr_news(column, tape);
        self.lost_words(column, tape);
    }

    /// A bracket over records that were acknowledged and are gone.
    fn lost_words(&mut self, column: &Column, tape: &Tape) {
        let mut lost = tape.ghosts.iter().filter(|ghost| ghost.lost);
        let Some(first) = lost.next() else { return };
        if column.narrow || self.layout.compact {
            return;
        }
        let right = lost.next_back().unwrap_or(first).area.right();
        let red = self.palette.red;
        let (left, y) = (first.area.x, tape.body.y - 8.0);
        let bracket = Path::through(&[at(left, y + 5.0), at(left, y), at(right, y), at(right, y + 5.0)]);
        self.brush.path(&bracket, &Style::stroke(red, 1.5));
        let text = "acked, now lost";
        let width = text_width(text, 12.0, Family::Condensed) + 4.0;
        let x = left.min(column.area.right() - width);
        let kind = Type::new(12.0, red).weight(600).halo(self.palette.row);
        self.brush.text(at(x, y - 5.0), text, &kind);
    }

    /// Base line and ticks to the right, so that the future has room.
    fn blank_tape(&mut self, column: &Column, tape: &Tape) {
        let window = &column.window;
        let style = Style::stroke(self.palette.line, 1.0);
        let base = tape.body.bottom() - 0.5;
        let end = window.x(tape.offsets.1);
        self.brush.line(at(end, base), at(window.right(), base), &style);
        if !column.narrow && matches!(window.detail(), Detail::Text | Detail::Plain) {
            let mut ticks = Path::new();
            for offset in (tape.offsets.1 + 1).max(window.from)..=window.to {
                let x = window.x(offset);
                ticks = ticks.move_to(at(x, base - 3.5)).line_to(at(x, base));
            }
            self.brush.path(&ticks, &style);
        }
    }

    fn tape_body(&mut self, column: &Column, tape: &Tape, identity: Identity) {
        let palette = self.palette;
        let grey = tape.role == TapeRole::Offline;
        let edge = if grey { palette.ink3 } else { identity.hue };
        let (fill, width, dash): (Color, f64, &'static [f64]) = match tape.role {
            TapeRole::Leader => (identity.hue, 2.0, &[]),
            TapeRole::InSync => (palette.row, 1.6, &[]),
            TapeRole::OutOfSync => (palette.row, 1.6, DASH),
            TapeRole::Offline => (palette.desk, 1.6, DASH),
        };
        self.brush.rect(tape.body, &Style::fill(fill));
        if tape.role == TapeRole::OutOfSync {
            marks::hatch(self.brush, tape.body, 5.0, &Style::stroke(edge, 1.0).faded(0.6));
        }
        if tape.cells.is_empty() {
            self.without_cells(column, tape, identity);
        }
        self.cells(tape, identity);
        self.brush.rect(tape.body, &Style::stroke(edge, width).dashed(dash));
        if tape.cells.iter().any(|cell| cell.fresh) {
            self.fresh(tape);
        }
    }

    /// What the last step wrote is underscored in ink.
    fn fresh(&mut self, tape: &Tape) {
        let mut fresh = tape.cells.iter().filter(|cell| cell.fresh);
        let Some(first) = fresh.next() else { return };
        let last = fresh.next_back().unwrap_or(first);
        let y = tape.body.y - 2.6;
        self.brush.line(at(first.area.x, y), at(last.area.right(), y), &Style::stroke(self.palette.ink, 2.4));
    }

    /// Ticks per ten records, or segments per hundred, with the part that is not yet committed.
    fn without_cells(&mut self, column: &Column, tape: &Tape, identity: Identity) {
        let palette = self.palette;
        let window = &column.window;
        let leads = tape.role == TapeRole::Leader;
        if leads {
            let from = window.x(column.high_watermark);
            let open = Rect::new(from, tape.body.y, (tape.body.right() - from).max(0.0), tape.body.h);
            self.brush.rect(open, &Style::fill(palette.tint(identity)));
        }
        let step = match window.detail() {
            Detail::Ticks => 10,
            _ => {
                // Segments wide enough to be told apart.
                let wanted = (24.0 / window.px).max(1.0) as i64;
                (wanted / 100).max(1) * 100
            }
        };
        let last = tape.offsets.1.min(window.to);
        let mut ticks = Path::new();
        let mut offset = (tape.offsets.0.max(window.from) / step + 1) * step;
        let height = if window.detail() == Detail::Ticks { tape.body.h * 0.35 } else { tape.body.h };
        while offset < last {
            let x = window.x(offset);
            ticks = ticks.move_to(at(x, tape.body.bottom() - height)).line_to(at(x, tape.body.bottom()));
            offset += step;
        }
        let color = if leads { palette.row } else { identity.hue };
        self.brush.path(&ticks, &Style::stroke(color, 0.8).faded(0.85));
    }

    fn cells(&mut self, tape: &Tape, identity: Identity) {
        let palette = self.palette;
        let leads = tape.role == TapeRole::Leader;
        let grey = tape.role == TapeRole::Offline;
        let edge = if grey { palette.ink3 } else { identity.hue };
        let mut divisions = (Path::new(), Path::new());
        for cell in &tape.cells {
            if cell.uncommitted {
                let inner = Rect::new(cell.area.x + 1.0, cell.area.y + 1.0, cell.area.w - 1.0, cell.area.h - 2.0);
                self.brush.rect(inner, &Style::fill(palette.tint(identity)));
            }
            if cell.area.x > tape.body.x + 0.5 {
                let (top, bottom) = (at(cell.area.x, cell.area.y), at(cell.area.x, cell.area.bottom()));
                let solid = leads && !cell.uncommitted;
                let path = if solid { &mut divisions.0 } else { &mut divisions.1 };
                *path = std::mem::take(path).move_to(top).line_to(bottom);
            }
        }
        self.brush.path(&divisions.0, &Style::stroke(palette.row, 1.0).faded(0.8));
        self.brush.path(&divisions.1, &Style::stroke(edge, 0.8).faded(0.6));
        let size = match (self.layout.compact, tape.body.h) {
            (true, _) => 11.0,
            (_, h) if h >= 40.0 => 16.0,
            (_, h) if h >= 30.0 => 14.5,
            (_, h) if h >= 24.0 => 13.0,
            _ => 12.0,
        };
        for cell in &tape.cells {
            self.cell(tape, cell, identity, size);
        }
    }

    fn cell(&mut self, tape: &Tape, cell: &Cell, identity: Identity, size: f64) {
        let palette = self.palette;
        let leads = tape.role == TapeRole::Leader;
        let (color, weight) = match (tape.role, cell.uncommitted) {
            (TapeRole::Offline, _) => (palette.ink3, 500),
            (TapeRole::Leader, false) => (identity.label, 600),
            (TapeRole::Leader, true) => (palette.ink, 600),
            _ => (palette.ink, 500),
        };
        let centre = cell.area.centre();
        match cell.kind {
            CellKind::Gone => {
                self.brush.rect(cell.area.grown(-0.5), &Style::fill(palette.row));
                self.brush.rect(cell.area.grown(-2.0), &Style::stroke(palette.ink3, 1.0).dashed(&[1.0, 2.5]));
                return;
            }
            CellKind::Marker => {
                let bar = Rect::around(centre, 3.0, cell.area.h * 0.55);
                self.brush.rect(bar, &Style::fill(color));
                return;
            }
            CellKind::Record | CellKind::Tombstone | CellKind::Unknown => {}
        }
        if tape.role == TapeRole::OutOfSync && !cell.text.is_empty() {
            self.brush.rect(Rect::around(centre, cell.area.w - 6.0, 13.0), &Style::fill(palette.row));
        }
        let kind = Type::new(size, color).weight(weight).middle().within(cell.area.w - 1.5);
        self.brush.text(at(centre.x, centre.y + size * 0.355), &cell.text, &kind);
        if cell.kind == CellKind::Tombstone {
            let (from, to) =
                (at(cell.area.x + 3.0, cell.area.bottom() - 3.0), at(cell.area.right() - 3.0, cell.area.y + 3.0));
            self.brush.line(from, to, &Style::stroke(color, 1.2));
        }
        if cell.uncommitted && leads && cell.area.w >= 6.0 {
            self.brush.circle(at(centre.x, cell.area.bottom() - 4.0), 1.6, &Style::fill(identity.hue));
        }
    }

    fn ghost(&mut self, ghost: &crate::scene::tape::Ghost) {
        let palette = self.palette;
        let color = if ghost.lost { palette.red } else { palette.ink2 };
        let area = Rect::new(ghost.area.x + 1.0, ghost.area.y, ghost.area.w - 2.0, ghost.area.h);
        self.brush.rect(area, &Style::fill(palette.row).edged(color, 1.5).dashed(&[2.5, 2.5]));
        let centre = area.centre();
        self.brush.text(at(centre.x, centre.y + 4.2), &ghost.text, &Type::new(12.0, color).weight(500).middle());
        let (left, right) = (area.x + 1.0, area.right() - 1.0);
        let slash = at(left, area.bottom() - 2.0);
        self.brush.line(slash, at(right, area.y + 2.0), &Style::stroke(color, 1.5));
        if ghost.lost {
            self.brush.line(at(left, area.y + 2.0), at(right, area.bottom() - 2.0), &Style::stroke(color, 1.5));
        }
    }

    fn log_start(&mut self, column: &Column, tape: &Tape) {
        let palette = self.palette;
        let grey = tape.role == TapeRole::Offline;
        let body = tape.body;
        if column.narrow {
            return;
        }
        if tape.starts_here {
            let color = if grey { palette.ink3 } else { palette.ink };
            let x = body.x;
            let bracket = Path::through(&[
                at(x + 3.0, body.y - 3.0),
                at(x - 2.0, body.y - 3.0),
                at(x - 2.0, body.bottom() + 3.0),
                at(x + 3.0, body.bottom() + 3.0),
            ]);
            self.brush.path(&bracket, &Style::stroke(color, 1.8));
        } else if body.w > 0.0 {
            let x = body.x;
            let ground = if grey { palette.desk } else { palette.row };
            let quarter = body.h / 4.0;
            let mut teeth: Vec<_> = (0..=4)
                .map(|index| at(x + if index % 2 == 0 { 2.5 } else { -2.0 }, body.y + quarter * f64::from(index)))
                .collect();
            let edge = Path::through(&teeth);
            teeth.insert(0, at(x - 4.0, body.y - 2.0));
            teeth.insert(1, at(x + 2.5, body.y - 2.0));
            teeth.push(at(x + 2.5, body.bottom() + 2.0));
            teeth.push(at(x - 4.0, body.bottom() + 2.0));
            self.brush.path(&Path::polygon(&teeth), &Style::fill(ground));
            let color = if grey { palette.ink3 } else { self.identity(column.hue).hue };
            self.brush.path(&edge, &Style::stroke(color, 1.6));
        }
    }

    /// A triangle under the next free cell, solid on the leader.
    fn log_end(&mut self, column: &Column, tape: &Tape) {
        let window = &column.window;
        if tape.role == TapeRole::Offline || !window.holds(tape.offsets.1) || column.narrow {
            return;
        }
        let palette = self.palette;
        let (x, y) = (window.x(tape.offsets.1), tape.body.bottom());
        let half = if self.layout.compact { 3.8 } else { 4.5 };
        let corners = [at(x - half, y + 2.0 + half * 1.4), at(x, y + 2.0), at(x + half, y + 2.0 + half * 1.4)];
        let fill = if tape.role == TapeRole::Leader { palette.ink } else { palette.row };
        self.brush.path(&Path::polygon(&corners), &Style::fill(fill).edged(palette.ink, 1.2));
    }

    fn epochs(&mut self, column: &Column, tape: &Tape) {
        let palette = self.palette;
        let dead = tape.role == TapeRole::Offline;
        let body = tape.body;
        let mut free_from = f64::MIN;
        for (index, mark) in tape.epochs.iter().enumerate() {
            if mark.notch {
                let ground = if dead { palette.desk } else { palette.row };
                let gap = Style::stroke(ground, 5.0);
                self.brush.line(at(mark.x, body.y - 1.5), at(mark.x, body.bottom() + 1.5), &gap);
                let post = Style::stroke(if dead { palette.ink3 } else { palette.ink }, 1.5);
                self.brush.line(at(mark.x, body.y - 8.0), at(mark.x, body.bottom() + 2.0), &post);
            }
            let text = format!("e{}", mark.epoch);
            let width = text_width(&text, 11.0, Family::Condensed);
            let x = mark.x + if mark.notch { 3.5 } else { 3.0 };
            let next = tape.epochs.get(index + 1).map_or(f64::MAX, |next| next.x);
            // Where epochs follow each other closely, the newest keeps its name.
            let crowded = next < x + width + 1.0 || x < free_from;
            let hidden = self.layout.compact && !mark.notch && tape.role == TapeRole::Leader;
            if crowded || hidden || x + width > column.area.right() + 6.0 {
                continue;
            }
            free_from = x + width + 2.0;
            let color = match (dead, mark.notch) {
                (true, _) => palette.ink3,
                (_, true) => palette.ink,
                (_, false) => palette.ink2,
            };
            let ground = if dead { palette.desk } else { palette.row };
            let kind = Type::new(11.0, color).weight(if mark.notch { 700 } else { 500 }).halo(ground);
            self.brush.text(at(x, body.y - 4.5), &text, &kind);
        }
    }

    fn caption(&mut self, column: &Column, tape: &Tape, caption: &Caption, identity: Identity) {
        let palette = self.palette;
        let row = self.layout.frame.row(tape.row);
        let body = tape.body;
        let x = column.window.left;
        if self.layout.compact {
            return self.compact_caption(column, tape, identity);
        }
        let above = if self.opts.show.epochs && !column.narrow { 14.0 } else { 0.0 };
        let base = body.y - 5.0 - above;
        if base - 9.0 < row.y {
            // No line is free above the tape: a leader is known by its fill, trouble needs a word.
            return if tape.role == TapeRole::Leader || caption.strong {
                self.compact_caption(column, tape, identity)
            };
        }
        let mut end = x;
        if caption.badge {
            let width = text_width(&caption.text, 11.0, Family::Condensed) + 9.0;
            self.brush.rect(Rect::new(x - 2.0, base - 10.5, width, 14.0), &Style::fill(identity.hue));
            let kind = Type::new(11.0, identity.label).weight(700).within(width - 4.0);
            self.brush.text(at(x + 2.5, base + 0.4), &caption.text, &kind);
            end += width + 4.0;
        } else {
            let (color, weight) = match caption.strong {
                true => (palette.ink, 600),
                false => (palette.ink2, 400),
            };
            let room = column.area.right() - x - 2.0;
            let ground = if tape.role == TapeRole::Offline { palette.desk } else { palette.row };
            let kind = Type::new(12.0, color).weight(weight).within(room).halo(ground);
            self.brush.text(at(x, base), &caption.text, &kind);
            end += text_width(&caption.text, 12.0, Family::Condensed) + 5.0;
        }
        if let Some(note) = &caption.note {
            let width = text_width(note, 12.0, Family::Condensed);
            if end + width + 6.0 <= column.area.right() {
                let shade = Rect::new(end - 2.0, base - 11.0, width + 7.0, 14.5);
                self.brush.path(&Path::round(shade, 3.0), &Style::fill(palette.changed(palette.row)));
                self.brush.text(at(end + 1.5, base), note, &Type::new(12.0, palette.ink).weight(500));
            }
        }
    }

    fn compact_caption(&mut self, column: &Column, tape: &Tape, identity: Identity) {
        let body = tape.body;
        let x = body.x.max(column.window.left);
        match tape.role {
            TapeRole::Leader => {
                let badge = Rect::new(x - 2.0, body.y - 12.5, 14.0, 12.0);
                self.brush.rect(badge, &Style::fill(identity.hue));
                let kind = Type::new(11.0, identity.label).weight(700).middle();
                self.brush.text(at(badge.centre().x, body.y - 2.6), "L", &kind);
            }
            _ if tape.caption.strong => {
                let kind = Type::new(11.0, self.palette.ink).weight(600).within(column.area.w - 4.0);
                self.brush.text(at(x, body.y - 4.0), &tape.caption.text, &kind);
            }
            _ => {}
        }
    }

    /// `+103` where a replica joined the ISR in the last step, at its log end.
    fn isr_news(&mut self, column: &Column, tape: &Tape) {
        let news = column.isr_changes.iter().find(|(_, id)| *id == tape.broker);
        let Some((true, id)) = news else { return };
        if column.narrow {
            return;
        }
        let x = tape.body.right() + 8.0;
        let kind = Type::new(12.0, self.palette.ink).weight(600).halo(self.palette.row);
        self.brush.text(at(x, tape.body.centre().y + 4.0), &format!("+{id}"), &kind);
    }
}
