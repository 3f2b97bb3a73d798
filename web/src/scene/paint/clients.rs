//! Trucks on the road, screens below, flags of what groups have committed.

use super::Painter;
use super::brush::{Family, Path, Segment, Style, Type, fitted, text_width};
use super::marks;
use crate::decimal::Within;
use crate::scene::consumers::{ConsumerSeat, Flag, GroupLabel};
use crate::scene::geometry::{Point, Rect, at};
use crate::scene::options::Selection;
use crate::scene::palette::Color;
use crate::scene::producers::ProducerSeat;

impl Painter<'_> {
    /// The road and its trucks.
    pub(super) fn producers(&mut self) {
        let road = self.layout.frame.road;
        if road.h <= 0.0 {
            return;
        }
        let palette = self.palette;
        let y = road.bottom() - if self.layout.compact { 7.0 } else { 12.0 };
        self.brush.line(at(0.0, y + 0.5), at(road.w, y + 0.5), &Style::stroke(palette.edge, 1.5));
        let lane = Style::stroke(palette.line, 1.5).dashed(&[14.0, 10.0]);
        self.brush.line(at(0.0, y + 5.5), at(road.w, y + 5.5), &lane);
        for seat in &self.layout.producers {
            self.producer(seat);
        }
    }

    fn producer(&mut self, seat: &ProducerSeat) {
        let palette = self.palette;
        let target = Selection::Producer(seat.client.clone());
        let yellow = self.opts.acts() == Some(&target);
        let (fill, letter) = if yellow { (palette.act, palette.on_act) } else { (palette.row, palette.ink) };
        let edge = if seat.dead { palette.ink3 } else { palette.ink };
        self.truck(seat, fill, edge, if seat.dead { palette.ink3 } else { letter });
        let k = seat.scale;
        self.waiting(seat);
        // Clear of the ring that marks a selected producer.
        let x = seat.wheels.x + 31.0 * k + 13.0;
        if seat.room < 8.0 {
            return;
        }
        if seat.words.is_empty() {
            // The truck bears its letter: half a name says no more.
            if text_width(&seat.name, 11.0, Family::Condensed) <= seat.room {
                self.brush.text(at(x, seat.wheels.y - 8.0), &seat.name, &Type::new(11.0, palette.ink2));
            }
            return;
        }
        let lines = if k >= 0.95 { 2 } else { 1 };
        let top = seat.wheels.y - if lines == 2 { 30.0 } else { 17.5 };
        let name = fitted(&seat.name, seat.room, 13.0, Family::Condensed);
        self.brush.text(at(x, top), &name, &Type::new(13.0, palette.ink).weight(600));
        for (index, words) in seat.words.iter().take(lines).enumerate() {
            let strong = seat.trouble && index == 0;
            let color = if strong { palette.ink } else { palette.ink2 };
            let kind = Type::new(12.0, color).weight(if strong { 600 } else { 400 });
            let words = fitted(words, seat.room, 12.0, Family::Condensed);
            self.brush.text(at(x, top + 13.5 * (index as f64 + 1.0)), &words, &kind);
        }
    }

    /// Cells behind the truck; dashed while they wait for another try.
    fn waiting(&mut self, seat: &ProducerSeat) {
        let palette = self.palette;
        let count = seat.waiting.len() as f64;
        let left = seat.wheels.x - 31.0 * seat.scale - 5.0 - count * 15.0;
        let y = seat.wheels.y - 21.0;
        for (index, cell) in seat.waiting.iter().enumerate() {
            let area = Rect::new(left + index as f64 * 15.0, y, 14.0, 17.0);
            let hue = self.identity(cell.hue).hue;
            let dash: &'static [f64] = if seat.retrying { &[3.0, 2.0] } else { &[] };
            self.brush.rect(area, &Style::fill(palette.row).edged(hue, 1.6).dashed(dash));
            let kind = Type::new(11.5, palette.ink).weight(600).middle().within(13.0);
            self.brush.text(at(area.centre().x, y + 12.7), &cell.text, &kind);
        }
        if seat.more > 0 && !self.layout.compact {
            let kind = Type::new(11.0, palette.ink2).end();
            self.brush.text(at(left - 3.0, y + 12.7), &format!("+{}", seat.more), &kind);
        }
    }

    fn truck(&mut self, seat: &ProducerSeat, fill: Color, edge: Color, letter: Color) {
        let palette = self.palette;
        let (k, base) = (seat.scale, seat.wheels);
        let p = |x: f64, y: f64| at(base.x + x * k, base.y + y * k);
        let dash: &'static [f64] = if seat.dead { &[3.0, 2.5] } else { &[] };
        let line = Style::stroke(edge, 1.7).dashed(dash);
        let cabin = Path::polygon(&[p(9.0, -24.0), p(19.5, -24.0), p(27.5, -14.0), p(27.5, -6.0), p(9.0, -6.0)]);
        let white = if seat.dead { palette.desk } else { palette.row };
        self.brush.path(&cabin, &Style::fill(white).edged(edge, 1.7).dashed(dash));
        let window = Path::polygon(&[p(13.0, -20.5), p(18.2, -20.5), p(23.0, -14.0), p(13.0, -14.0)]);
        self.brush.path(&window, &Style::fill(if seat.dead { palette.desk } else { edge }));
        let box_ = Rect::new(base.x - 30.0 * k, base.y - 33.0 * k, 39.0 * k, 27.0 * k);
        self.brush.rect(box_, &Style { fill: Some(if seat.dead { palette.desk } else { fill }), ..line });
        for x in [-22.0, -14.0, 19.5] {
            self.brush.circle(p(x, -3.6), 3.9 * k, &Style::fill(edge));
            self.brush.circle(p(x, -3.6), 1.5 * k, &Style::fill(palette.row));
        }
        let size = (17.0 * k).within(11.0, 20.0);
        let kind = Type::new(size, letter).weight(700).middle().family(Family::Sans).within(36.0 * k);
        self.brush.text(at(box_.centre().x, box_.centre().y + size * 0.36), &seat.letter, &kind);
        if seat.dead {
            marks::cross(self.brush, p(18.0, -29.0), 4.5, 2.0, palette.red);
        }
    }

    /// Flags, lines and screens.
    pub(super) fn consumers(&mut self) {
        for seat in &self.layout.consumers {
            self.reads(seat);
        }
        for flag in &self.layout.flags {
            self.flag(flag);
        }
        for seat in &self.layout.consumers {
            self.consumer(seat);
        }
        for label in &self.layout.groups {
            self.group_label(label);
        }
    }

    fn reads(&mut self, seat: &ConsumerSeat) {
        let palette = self.palette;
        let top = at(seat.centre.x, seat.centre.y - 18.0 * seat.scale);
        for reading in &seat.reads {
            let from = reading.to.moved(0.0, 2.0);
            let middle = (from.y + top.y) / 2.0;
            let curve = [from, at(from.x, middle + 6.0), at(top.x, middle - 6.0), top];
            let style = match reading.hue {
                Some(hue) => Style::stroke(self.identity(Some(hue)).hue, 2.0),
                None => Style::stroke(palette.edge, 1.5).dashed(&[4.0, 3.0]),
            };
            self.brush.path(&Path::cubic(&curve), &style);
            if reading.uncommitted {
                let corners = [from.moved(-4.5, 0.0), from.moved(0.0, -6.0), from.moved(4.5, 0.0)];
                let style = Style::fill(palette.desk).edged(palette.ink, 1.4);
                self.brush.path(&Path::polygon(&corners), &style);
            }
        }
    }

    fn flag(&mut self, flag: &Flag) {
        let palette = self.palette;
        let y = self.layout.frame.ruler;
        let compact = self.layout.compact;
        if flag.lag_to > flag.x + 1.0 {
            let bar = Rect::new(flag.x, y + 0.5 + 3.0 * flag.tier as f64, flag.lag_to - flag.x, 3.0);
            self.brush.rect(bar, &Style::fill(self.identity(flag.hue).hue));
        }
        let foot = y + 19.0 + 3.0 * flag.tier as f64;
        let post = Style::stroke(palette.ink, 1.8);
        self.brush.line(at(flag.x, y - 3.0), at(flag.x, foot), &post);
        let cloth = [at(flag.x, foot - 6.0), at(flag.x - 9.0, foot - 3.0), at(flag.x, foot)];
        self.brush.path(&Path::polygon(&cloth), &Style::fill(palette.ink));
        let size = if compact { 11.0 } else { 12.0 };
        let room = self.layout.bounds.right() - flag.x - 8.0;
        let words = Type::new(size, palette.ink).weight(500).halo(palette.desk).within(room.max(30.0));
        let at_ = at(flag.x + 5.0, y + if compact { 24.0 } else { 29.0 } + 13.0 * flag.tier as f64);
        if flag.changed && !flag.text.is_empty() {
            let width = text_width(&flag.text, size, Family::Condensed) + 7.0;
            let shade = Rect::new(at_.x - 3.0, at_.y - 11.0, width, 14.5);
            self.brush.path(&Path::round(shade, 3.0), &Style::fill(palette.changed(palette.desk)));
            self.brush.text(at_, &flag.text, &Type { halo: None, ..words });
        } else {
            self.brush.text(at_, &flag.text, &words);
        }
        // Last, or the ground around the words would bite into it.
        if let Some(x) = flag.position_x {
            let corners = [at(x - 4.5, y + 19.5), at(x, y + 13.5), at(x + 4.5, y + 19.5)];
            self.brush.path(&Path::polygon(&corners), &Style::fill(palette.desk).edged(palette.ink, 1.4));
        }
    }

    fn consumer(&mut self, seat: &ConsumerSeat) {
        let palette = self.palette;
        let (k, c) = (seat.scale, seat.centre);
        let edge = if seat.dead { palette.ink3 } else { palette.ink };
        let body = Rect::around(c.moved(0.0, -3.0 * k), 46.0 * k, 30.0 * k);
        let dash: &'static [f64] = if seat.idle || seat.dead { &[4.0, 3.0] } else { &[] };
        let ground = if seat.dead { palette.desk } else { palette.row };
        self.brush.path(&Path::round(body, 3.0), &Style::fill(ground).edged(edge, 1.8).dashed(dash));
        let foot = body.bottom();
        self.brush.line(at(c.x, foot), at(c.x, foot + 6.0 * k), &Style::stroke(edge, 2.0));
        self.brush.line(
            at(c.x - 9.0 * k, foot + 6.0 * k),
            at(c.x + 9.0 * k, foot + 6.0 * k),
            &Style::stroke(edge, 2.0),
        );
        for (index, height) in [0.42, 0.68, 0.36, 0.82, 0.55].into_iter().enumerate() {
            let hue = match seat.bars.as_slice() {
                [] => palette.line,
                bars => self.identity(bars.get(index % bars.len()).copied().flatten()).hue,
            };
            let hue = if seat.dead { palette.line } else { hue };
            let high = body.h * 0.72 * height;
            let x = body.x + body.w * (0.16 + 0.145 * index as f64);
            let bar = Rect::new(x, body.bottom() - body.h * 0.16 - high, body.w * 0.10, high);
            self.brush.rect(bar, &Style::fill(hue));
        }
        if seat.dead {
            marks::cross(self.brush, at(body.right(), body.y), 4.5, 2.0, palette.red);
        }
        if let Some(left) = seat.heartbeat {
            // Clear of the ring that marks a selected reader.
            marks::ring(self.brush, at(c.x - 26.0 * k - 17.0, c.y - 2.0), 9.5, 3.2, left, palette);
        }
        // Clear of the ring that marks a selected reader.
        let x = c.x + 25.0 * k + 11.0;
        if seat.room < 10.0 {
            return;
        }
        let (size, weight) = if seat.words.is_empty() { (11.0, 400) } else { (13.0, 600) };
        let name = fitted(&seat.name, seat.room, size, Family::Condensed);
        let color = if seat.words.is_empty() { palette.ink2 } else { palette.ink };
        let y = c.y + if seat.words.is_empty() { 4.0 } else { -3.0 };
        self.brush.text(at(x, y), &name, &Type::new(size, color).weight(weight).halo(palette.desk));
        for (index, words) in seat.words.iter().enumerate() {
            let words = fitted(words, seat.room, 12.0, Family::Condensed);
            let kind = Type::new(12.0, palette.ink2).halo(palette.desk);
            self.brush.text(at(x, y + 14.5 * (index as f64 + 1.0)), &words, &kind);
        }
    }

    fn group_label(&mut self, label: &GroupLabel) {
        let palette = self.palette;
        let room = self.layout.frame.plate_width - 4.0;
        let many = self.layout.groups.len() > 1 || label.words.is_empty();
        if !many {
            self.brush.text(label.at, "group", &Type::new(12.0, palette.ink2));
        }
        let y = label.at.y + if many { 0.0 } else { 15.0 };
        let name = fitted(&label.group, room, 14.0, Family::Condensed);
        self.brush.text(at(label.at.x, y), &name, &Type::new(14.0, palette.ink).weight(600));
        let (color, weight) = if label.rebalancing { (palette.ink, 600) } else { (palette.ink2, 400) };
        let words = fitted(&label.words, room, 12.0, Family::Condensed);
        self.brush.text(at(label.at.x, y + 14.5), &words, &Type::new(12.0, color).weight(weight));
    }

    /// A dotted path from what acts to a place it may go to, with an open arrow.
    pub(super) fn dotted_way(&mut self, points: &[Point]) {
        let style = Style::stroke(self.palette.ink, 1.6).dashed(&[1.8, 3.4]);
        self.brush.path(&Path::through(points), &style);
        if let Some(tip) = points.last() {
            let head = Path(vec![
                Segment::Move(tip.moved(-4.5, -6.0)),
                Segment::Line(*tip),
                Segment::Line(tip.moved(4.5, -6.0)),
            ]);
            self.brush.path(&head, &Style::stroke(self.palette.ink, 1.7));
        }
    }
}
