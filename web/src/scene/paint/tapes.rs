//! Tapes: one replica's log as cells, ticks or segments, with its ends.

use super::Painter;
use super::brush::{Path, Style, Type};
use super::marks;
use crate::scene::columns::Column;
use crate::scene::geometry::{Rect, at};
use crate::scene::level_of_detail::Detail;
use crate::scene::palette::{Color, Identity};
use crate::scene::tape::{Cell, CellKind, Fork, Tape, TapeRole};

const DASH: &[f64] = &[3.0, 2.5];

impl Painter<'_> {
    pub(super) fn tape(&mut self, column: &Column, tape: &Tape) {
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
        if let Some(fork) = cell.fork {
            self.forked(cell, fork);
        }
        let mut kind = Type::new(size, color).weight(weight).middle().within(cell.area.w - 1.5);
        if cell.fork.is_some() {
            // Struck out, and still to be read: what was there is the lesson.
            kind = kind.halo(if tape.role == TapeRole::Offline { palette.desk } else { palette.row });
        }
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

    /// A record that only this replica has: a slash, and a cross in red if it was acknowledged.
    fn forked(&mut self, cell: &Cell, fork: Fork) {
        let color = if fork == Fork::Acked { self.palette.red } else { self.palette.ink2 };
        let area = cell.area.grown(-2.5);
        let style = Style::stroke(color, 1.3).faded(0.9);
        self.brush.line(at(area.x, area.bottom()), at(area.right(), area.y), &style);
        if fork == Fork::Acked {
            self.brush.line(at(area.x, area.y), at(area.right(), area.bottom()), &style);
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
}
