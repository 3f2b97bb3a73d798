//! What is written on a tape: role, epochs, changes of the last step.

use super::Painter;
use super::brush::{Family, Path, Style, Type, text_width};
use crate::scene::columns::Column;
use crate::scene::geometry::{Rect, at};
use crate::scene::palette::Identity;
use crate::scene::tape::{Caption, Cell, Fork, Tape, TapeRole};

impl Painter<'_> {
    /// What is written on a tape: above the watermark, so that it can be read where they cross.
    pub(super) fn words(&mut self, column: &Column, tape: &Tape) {
        self.epochs(column, tape);
        self.caption(column, tape, &tape.caption, self.identity(column.hue));
        self.isr_news(column, tape);
        self.lost_words(column, tape);
        self.fork_words(column, tape);
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
            // On a phone the word for the role stands where the first epoch would.
            let worded = tape.role == TapeRole::Leader || tape.caption.strong;
            let low = self.layout.compact || self.caption_base(column, tape).is_none();
            let hidden = low && !mark.notch && worded;
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

    /// Where the words for the role stand, if a line is free above the tape and its epochs.
    fn caption_base(&self, column: &Column, tape: &Tape) -> Option<f64> {
        let above = if self.opts.show.epochs && !column.narrow { 14.0 } else { 0.0 };
        let base = tape.body.y - 5.0 - above;
        (base - 9.0 >= self.layout.frame.row(tape.row).y).then_some(base)
    }

    fn caption(&mut self, column: &Column, tape: &Tape, caption: &Caption, identity: Identity) {
        let palette = self.palette;
        let x = column.window.left;
        if self.layout.compact {
            return self.compact_caption(column, tape, identity);
        }
        let Some(base) = self.caption_base(column, tape) else {
            // No line is free above the tape: a leader is known by its fill, trouble needs a word.
            return if tape.role == TapeRole::Leader || caption.strong {
                self.compact_caption(column, tape, identity)
            };
        };
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
        // What does not fit whole is told as far as its first part.
        let parts = caption.note.iter().flat_map(|note| [note.as_str(), note.split(',').next().unwrap_or_default()]);
        for note in parts {
            let width = text_width(note, 12.0, Family::Condensed);
            if end + width + 6.0 <= column.area.right() {
                let shade = Rect::new(end - 2.0, base - 11.0, width + 7.0, 14.5);
                self.brush.path(&Path::round(shade, 3.0), &Style::fill(palette.changed(palette.row)));
                self.brush.text(at(end + 1.5, base), note, &Type::new(12.0, palette.ink).weight(500));
                return;
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

    /// A bracket under records that the leader does not have.
    fn fork_words(&mut self, column: &Column, tape: &Tape) {
        let mut forked = tape.cells.iter().filter(|cell| cell.fork.is_some());
        let Some(first) = forked.next() else { return };
        if column.narrow {
            return;
        }
        let right = forked.next_back().unwrap_or(first).area.right();
        if !self.layout.compact {
            self.fork_arrow(column, tape, first);
        }
        let acked = tape.cells.iter().filter(|cell| cell.fork == Some(Fork::Acked)).count();
        let color = if acked > 0 { self.palette.red } else { self.palette.ink };
        let (left, y) = (first.area.x, tape.body.bottom() + 6.0);
        let bracket =
            Path::through(&[at(left + 1.0, y - 3.5), at(left + 1.0, y), at(right - 1.0, y), at(right - 1.0, y - 3.5)]);
        self.brush.path(&bracket, &Style::stroke(color, 1.5));
        let ground = if tape.role == TapeRole::Offline { self.palette.desk } else { self.palette.row };
        let all = ["not in the leader's log", "not the leader's"];
        let told = [
            format!("{acked} acked, not in the leader's log"),
            format!("{acked} acked, to be lost"),
            format!("{acked} to be lost"),
            "acked".to_owned(),
        ];
        let words: Vec<&str> = if acked > 0 { told.iter().map(String::as_str).collect() } else { all.to_vec() };
        // In a low row there is no line below the tape: what is written goes behind it.
        let below = y + 15.0 <= self.layout.frame.row(tape.row).bottom();
        let room = column.area.right() - if below { column.window.left } else { right + 8.0 };
        let width = |text: &str| text_width(text, 12.0, Family::Condensed) + 6.0;
        let Some(text) = words.into_iter().find(|text| width(text) <= room) else { return };
        let kind = Type::new(12.0, color).weight(600).halo(ground);
        let x = if below { (left + 8.0).min(column.area.right() - width(text)) } else { right + 8.0 };
        self.brush.text(at(x, if below { y + 13.0 } else { tape.body.centre().y + 4.0 }), text, &kind);
    }

    /// From where the leader's epoch ends to where this log is going to be cut.
    fn fork_arrow(&mut self, column: &Column, tape: &Tape, first: &Cell) {
        let Some(leader) = column.tapes.iter().find(|other| other.role == TapeRole::Leader) else { return };
        let (x, ink) = (first.area.x, self.palette.ink);
        let above = leader.row < tape.row;
        // The rows' inner edges, between which words have their place.
        let (from, to) = if above {
            (leader.body.bottom() + 3.0, tape.body.y - 4.0)
        } else {
            (leader.body.y - 3.0, tape.body.bottom() + 10.0)
        };
        self.brush.line(at(x, from), at(x, to), &Style::stroke(ink, 1.5).dashed(&[3.0, 3.0]));
        let tip = if above { -6.0 } else { 6.0 };
        self.brush
            .path(&Path::through(&[at(x - 4.0, to + tip), at(x, to), at(x + 4.0, to + tip)]), &Style::stroke(ink, 1.5));
        let Some(ended) = leader.epochs.iter().rev().find(|mark| mark.x < x - 1.0) else { return };
        let text = format!("e{} ends at {}", ended.epoch, first.offset);
        let width = text_width(&text, 11.0, Family::Condensed);
        let edge = self.layout.frame.row(if above { leader.row } else { tape.row }).bottom();
        if x - width - 8.0 > column.area.x {
            let kind = Type::new(11.0, ink).weight(700).halo(self.palette.row);
            self.brush.text(at(x - width - 6.0, edge + 2.0), &text, &kind);
        }
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
}
