//! The verdict at the foot.

use crate::decimal::Within;
use playground_core::view::RecordFate;

use super::Painter;
use super::brush::{Family, Path, Style, Type, text_width};
use super::marks;
use crate::scene::geometry::{Rect, at};
use crate::scene::ledger::{Ledger, Mark};

impl Painter<'_> {
    /// Sums, then one mark a record.
    pub(super) fn ledger(&mut self) {
        let Some(ledger) = &self.layout.ledger else { return };
        let area = ledger.area;
        self.brush.line(at(area.x, area.y), at(area.right(), area.y), &Style::stroke(self.palette.line, 1.0));
        self.sums(ledger);
        for mark in &ledger.marks {
            self.mark(mark);
        }
        for share in &ledger.shares {
            let mark = Mark { area: share.area, fate: share.fate, duplicated: false };
            self.mark(&mark);
        }
    }

    fn sums(&mut self, ledger: &Ledger) {
        let palette = self.palette;
        let compact = self.layout.compact;
        let (big, small): (f64, f64) = if compact { (13.0, 11.0) } else { (19.0, 12.5) };
        let base = ledger.area.y + if compact { 18.0 } else { 28.0 };
        let mut x = ledger.area.x;
        let first_mark =
            ledger.marks.first().map(|mark| mark.area.x).or(ledger.shares.first().map(|share| share.area.x));
        let limit = first_mark.unwrap_or(ledger.area.right());
        for sum in &ledger.sums {
            let lost = sum.word == "lost" && sum.bad;
            let ink = if lost { palette.red } else { palette.ink };
            let number = sum.count.to_string();
            let number_width = text_width(&number, big, Family::Condensed) * 1.08 + 5.0;
            let word_width = text_width(sum.word, small, Family::Condensed);
            let whole = number_width + word_width + if lost { 14.0 } else { 0.0 };
            if x + whole > limit - 4.0 {
                break;
            }
            if sum.changed {
                let shade = Rect::new(x - 4.0, base - big, whole + 8.0, big + 6.0);
                self.brush.path(&Path::round(shade, 3.0), &Style::fill(palette.changed(palette.desk)));
            }
            self.brush.text(at(x, base), &number, &Type::new(big, ink).weight(600));
            let weight = if sum.bad { 600 } else { 400 };
            let color = match (lost, sum.bad) {
                (true, _) => palette.red,
                (_, true) => palette.ink,
                _ => palette.ink2,
            };
            self.brush.text(at(x + number_width, base - 0.5), sum.word, &Type::new(small, color).weight(weight));
            if lost {
                let centre = at(x + number_width + word_width + 9.0, base - small * 0.32);
                marks::cross(self.brush, centre, 3.6, 2.0, palette.red);
            }
            x += whole + if compact { 10.0 } else { 20.0 };
        }
    }

    fn mark(&mut self, mark: &Mark) {
        let palette = self.palette;
        let area = mark.area;
        let inner = Rect::new(area.x + 0.7, area.y + 0.7, (area.w - 1.4).max(0.4), area.h - 1.4);
        match mark.fate {
            RecordFate::Sent => {
                self.brush.rect(inner, &Style::stroke(palette.ink2, 1.3).dashed(&[2.0, 2.0]));
            }
            RecordFate::Acked => {
                self.brush.rect(inner, &Style::stroke(palette.ink, 1.4));
                let half = Rect::new(area.x, area.y + area.h / 2.0, area.w, area.h / 2.0);
                self.brush.rect(half, &Style::fill(palette.ink));
            }
            RecordFate::Read => self.brush.rect(area, &Style::fill(palette.ink)),
            RecordFate::Failed => {
                self.brush.rect(inner, &Style::stroke(palette.ink2, 1.2));
                let (from, to) = (at(area.x, area.bottom()), at(area.right(), area.y));
                self.brush.line(from, to, &Style::stroke(palette.ink2, 1.3));
            }
            RecordFate::Lost => {
                let reach = (area.w / 2.0 + 0.6).within(2.0, 4.0);
                if area.w > 8.0 {
                    self.brush.rect(inner, &Style::stroke(palette.red, 1.4));
                }
                marks::cross(self.brush, area.centre(), reach, 2.0, palette.red);
            }
        }
        if mark.duplicated {
            let cap = Rect::new(area.x - 1.2, area.y - 4.0, area.w + 2.4, 2.5);
            self.brush.rect(cap, &Style::fill(palette.ink));
        }
    }
}
