//! Draws the diagram with a brush.

use playground_core::view::MessageKind;

use super::axis::Quiet;
use super::lanes::Lane;
use super::plan::{Arrow, Plan};
use super::{Options, labels};
use crate::model::Subject;
use crate::scene::geometry::{Point, at};
use crate::scene::paint::brush::{Brush, Family, Path, Style, Type, fitted, text_width};
use crate::scene::paint::marks;
use crate::scene::palette::{Color, Palette};
use crate::scene::{Rect, Selection};

/// Height of the strip of times.
pub const TIMES: f64 = 20.0;
/// More lines than this get smaller heads.
const MANY: usize = 60;

struct Painter<'a> {
    brush: &'a mut dyn Brush,
    plan: &'a Plan,
    opts: &'a Options,
    palette: &'static Palette,
}

/// Draws everything.
pub fn paint(brush: &mut dyn Brush, plan: &Plan, opts: &Options) {
    let palette = Palette::of(opts.theme);
    brush.rect(Rect::new(0.0, 0.0, plan.size.0, plan.size.1), &Style::fill(palette.row));
    let mut painter = Painter { brush, plan, opts, palette };
    painter.silences();
    painter.bands();
    painter.lanes();
    painter.standings();
    painter.owned();
    painter.folds();
    painter.arrows();
    painter.labels();
    painter.cursor();
}

/// Draws the strip of times below the lanes, which stays in sight where the lanes scroll.
pub fn paint_times(brush: &mut dyn Brush, plan: &Plan, opts: &Options) {
    let palette = Palette::of(opts.theme);
    brush.rect(Rect::new(0.0, 0.0, plan.size.0, TIMES), &Style::fill(palette.row));
    Painter { brush, plan, opts, palette }.times();
}

/// `19.6 s`, `480 ms`
fn length(us: u64) -> String {
    if us >= 1_000_000 { format!("{}.{} s", us / 1_000_000, us / 100_000 % 10) } else { format!("{} ms", us / 1000) }
}

fn is_of(subject: Option<&Subject>, selected: Option<&Selection>) -> bool {
    subject.and_then(Subject::thing).is_some_and(|thing| Some(thing) == selected)
}

impl Painter<'_> {
    fn hue(&self, hue: Option<usize>) -> Color {
        hue.map_or(self.palette.ink, |index| self.palette.identity(index).hue)
    }

    fn silences(&mut self) {
        let plot = self.plan.plot;
        for Quiet { left, right, us } in self.plan.axis.quiet.iter().copied() {
            if right - left < 10.0 {
                continue;
            }
            let area = Rect::new(left + 1.0, plot.y, right - left - 2.0, plot.h);
            self.brush.rect(area, &Style::fill(self.palette.desk));
            let text = length(us);
            if text_width(&text, 11.0, Family::Condensed) + 6.0 <= area.w {
                let kind = Type::new(11.0, self.palette.ink2).middle().within(area.w);
                self.brush.text(at(area.centre().x, plot.bottom() - 4.0), &text, &kind);
            }
        }
    }

    fn bands(&mut self) {
        for band in &self.plan.bands {
            let lanes = || band.lanes.iter().filter_map(|index| self.plan.lanes.get(*index)).map(|lane| lane.y);
            let (top, bottom) = (lanes().fold(f64::MAX, f64::min) - 9.0, lanes().fold(f64::MIN, f64::max) + 9.0);
            if top > bottom {
                continue;
            }
            let area = Rect::new(band.area.x, top, band.area.w, bottom - top);
            self.brush.rect(area, &Style::fill(self.palette.red.over(self.palette.row, 10)));
            marks::hatch(self.brush, area, 9.0, &Style::stroke(self.palette.red, 0.8).faded(0.45));
            for x in [area.x, area.right()] {
                let style = Style::stroke(self.palette.red, 1.4).dashed(&[4.0, 3.0]);
                self.brush.line(at(x, top), at(x, bottom), &style);
            }
            if area.w > 24.0 {
                let kind = Type::new(11.5, self.palette.red).weight(600).halo(self.palette.row);
                let text = fitted(&band.words, area.w - 8.0, 11.5, Family::Condensed);
                let kind = kind.within(text_width(&text, 11.5, Family::Condensed));
                self.brush.text(at(area.x + 5.0, top + 12.0), &text, &kind);
            }
        }
    }

    fn lanes(&mut self) {
        let (plan, palette) = (self.plan, self.palette);
        for (index, lane) in plan.lanes.iter().enumerate() {
            let chosen = is_of(lane.subject.as_ref(), self.opts.selected.as_ref());
            let (left, right) = (plan.plot.x, plan.plot.right() + 6.0);
            self.brush.line(
                at(left, lane.y),
                at(right, lane.y),
                &Style::stroke(palette.edge, if chosen { 2.0 } else { 1.1 }),
            );
            for (_, from, to) in plan.down.iter().filter(|(lane, ..)| *lane == index) {
                let ground = Rect::new(*from, lane.y - 6.0, (to - from).max(1.0), 12.0);
                self.brush.rect(ground, &Style::fill(palette.row));
                marks::hatch(self.brush, ground, 7.0, &Style::stroke(palette.red, 0.8).faded(0.5));
                let dead = Style::stroke(palette.red, 1.4).dashed(&[3.0, 4.0]);
                self.brush.line(at(*from, lane.y), at(*to, lane.y), &dead);
                if *from > left + 0.5 {
                    marks::cross(self.brush, at(*from, lane.y), 5.0, 2.2, palette.red);
                }
            }
            self.plate(lane, chosen);
        }
    }

    fn plate(&mut self, lane: &Lane, chosen: bool) {
        let palette = self.palette;
        let right = self.plan.plot.x - 10.0;
        let color = if lane.dead { palette.red } else { palette.ink };
        let name = fitted(&lane.name, right - 8.0, 12.5, Family::Condensed);
        let width = text_width(&name, 12.5, Family::Condensed);
        if chosen {
            let area = Rect::new(right - width - 6.0, lane.y - 9.0, width + 11.0, 18.0);
            self.brush.path(&Path::round(area, 4.0), &Style::stroke(palette.ink, 2.0));
        }
        let kind = Type::new(12.5, color).weight(if chosen { 700 } else { 600 }).end().within(width);
        self.brush.text(at(right, lane.y + 4.3), &name, &kind);
        let mark = at(right - width - 10.0, lane.y);
        if lane.dead {
            marks::cross(self.brush, mark, 4.0, 2.0, palette.red);
        } else if lane.role == "controller" || lane.role == "leader" {
            marks::star(self.brush, mark, 5.0, palette.ink);
        } else if lane.role == "coordinator" {
            marks::diamond(self.brush, mark, 4.4, palette.ink);
        }
    }

    fn standings(&mut self) {
        let palette = self.palette;
        for one in &self.plan.standings {
            if one.begins {
                let x = one.area.x;
                let style = Style::stroke(palette.line, 1.0);
                self.brush.line(at(x, one.area.bottom()), at(x, self.plan.plot.bottom()), &style);
            }
            let dash: &'static [f64] = if one.moving { &[4.0, 3.0] } else { &[] };
            let area = Rect::new(one.area.x + 0.7, one.area.y, (one.area.w - 2.0).max(1.0), one.area.h);
            let chosen = self.opts.selected == Some(Selection::Group(one.group.clone()));
            let width = if one.current || chosen { 1.8 } else { 1.1 };
            self.brush.rect(area, &Style::fill(palette.row).edged(palette.ink, width).dashed(dash));
            let words = fitted(&one.words, area.w - 8.0, 12.0, Family::Condensed);
            let kind = Type::new(12.0, palette.ink).weight(if one.current { 600 } else { 500 });
            let kind = kind.within(text_width(&words, 12.0, Family::Condensed));
            self.brush.text(at(area.x + 5.0, area.y + 13.0), &words, &kind);
        }
    }

    fn owned(&mut self) {
        let (palette, left) = (self.palette, self.plan.plot.x);
        for bar in &self.plan.owned {
            let hue = self.palette.identity(bar.hue.unwrap_or(6)).hue;
            let chosen = self.opts.selected == Some(Selection::Partition(bar.tp.clone()));
            self.brush.rect(bar.area, &Style::fill(hue));
            if chosen {
                self.brush.rect(bar.area.grown(1.5), &Style::stroke(palette.ink, 1.8));
            }
            let text = if bar.more > 0 { format!("{} +{}", bar.label, bar.more) } else { bar.label.clone() };
            let x = if bar.area.x <= left + 1.0 { left - 10.0 } else { bar.area.x - 3.0 };
            let kind = Type::new(11.0, palette.ink2).end().halo(palette.row);
            self.brush.text(at(x, bar.area.bottom() + 1.6), &text, &kind);
        }
    }

    fn folds(&mut self) {
        let palette = self.palette;
        for fold in &self.plan.folds {
            let Some(lane) = self.plan.lanes.get(fold.lane) else { continue };
            let area = Rect::new(fold.left, lane.y - 3.5, fold.right - fold.left, 7.0);
            self.brush.path(&Path::round(area, 3.5), &Style::fill(palette.sunk).edged(palette.edge, 1.0));
            let text = format!("×{}", fold.count);
            let width = text_width(&text, 11.0, Family::Condensed);
            if fold.count > 1 && width + 6.0 <= area.w {
                let kind = Type::new(11.0, palette.ink2).weight(500).middle().halo(palette.sunk).within(width);
                self.brush.text(at(area.centre().x, lane.y + 4.0), &text, &kind);
            }
        }
    }

    fn arrows(&mut self) {
        for arrow in self.plan.arrows.iter().filter(|arrow| arrow.chosen) {
            let end = arrow.at_part(arrow.stops.unwrap_or(1.0));
            let style = Style::stroke(self.palette.ink, 9.0).faded(0.22).rounded();
            self.brush.line(arrow.tail, end, &style);
        }
        let (soft, loud): (Vec<&Arrow>, Vec<&Arrow>) = self.plan.arrows.iter().partition(|arrow| arrow.is_soft());
        for arrow in soft.into_iter().chain(loud) {
            self.arrow(arrow);
        }
    }

    fn arrow(&mut self, arrow: &Arrow) {
        let palette = self.palette;
        let soft = arrow.is_soft();
        let color = match (arrow.sent, soft) {
            (false, _) => palette.ink3,
            (true, true) => palette.ink2,
            (true, false) => self.hue(arrow.hue),
        };
        let dash: &'static [f64] = if soft || !arrow.sent { &[3.0, 3.0] } else { &[] };
        let width = match (soft, self.plan.arrows.len() > MANY) {
            (true, _) => 1.0,
            (false, true) => 1.4,
            (false, false) => 1.9,
        };
        if !arrow.sent {
            self.brush.line(arrow.tail, arrow.head, &Style::stroke(color, 1.0).dashed(dash).faded(0.7));
            return;
        }
        let end = arrow.at_part(arrow.stops.unwrap_or(arrow.part));
        if arrow.alike > 1 {
            let (tail, head) = arrow.last;
            let corners = [arrow.tail, tail, head, arrow.head];
            self.brush.path(&Path::polygon(&corners), &Style::fill(color).faded(0.18));
            self.brush.line(tail, head, &Style::stroke(color, width).dashed(dash));
        }
        self.brush.line(arrow.tail, end, &Style::stroke(color, width).dashed(dash));
        if arrow.stops.is_some() {
            marks::cross(self.brush, end, 4.6, 2.2, palette.red);
            return;
        }
        if arrow.part < 1.0 {
            self.brush.line(end, arrow.head, &Style::stroke(color, 1.0).dashed(&[1.0, 3.0]));
        }
        self.head(arrow, end, color);
    }

    /// What came, by its shape.
    fn head(&mut self, arrow: &Arrow, place: Point, color: Color) {
        let palette = self.palette;
        let message = &arrow.seen.message;
        let small = if self.plan.arrows.len() > MANY { 0.72 } else { 1.0 };
        let ring = |radius: f64| radius * small;
        match (message.kind, message.is_reply) {
            (_, true) if message.error.is_some() => {
                self.brush.circle(place, ring(4.2), &Style::fill(palette.ink).edged(color, 1.8));
            }
            (MessageKind::ProduceReply, _) => {
                self.brush.circle(place, ring(5.4), &Style::fill(palette.row).edged(color, 1.6));
                marks::tick(self.brush, place, ring(2.7), 1.5, palette.ink);
            }
            (MessageKind::Heartbeat, _) => {
                self.brush.circle(place, ring(2.4), &Style::fill(color));
            }
            (MessageKind::Watch, _) => marks::pennant(self.brush, place.moved(-2.0, 0.0), palette.ink, false),
            (MessageKind::LeaderAndIsr, false) => {
                marks::diamond(self.brush, place, ring(7.0), palette.ink);
                marks::star(self.brush, place, ring(3.4), palette.on_ink);
            }
            (MessageKind::ToController, false) => {
                marks::diamond(self.brush, place, ring(6.4), palette.ink);
                marks::diamond(self.brush, place, ring(4.4), palette.row);
            }
            (MessageKind::ZooKeeper, reply) => {
                let fill = if reply { palette.ink } else { palette.row };
                let square = Rect::around(place, ring(6.5), ring(6.5));
                self.brush.rect(square, &Style::fill(fill).edged(palette.ink, 1.3));
            }
            (MessageKind::Metadata, false) => {
                let square = Rect::around(place, ring(8.0), ring(8.0));
                let fill = if &*message.label == "Metadata" { palette.row } else { palette.ink };
                self.brush.rect(square, &Style::fill(fill).edged(palette.ink, 1.2));
            }
            (_, true) => self.brush.circle(place, ring(3.7), &Style::fill(palette.row).edged(color, 1.7)),
            (kind, false) => {
                let ahead = arrow.tail.direction(arrow.head);
                let turned = |x: f64, y: f64| place.ahead(ahead, x * small, y * small);
                let corners = [turned(-8.5, -3.8), place, turned(-8.5, 3.8)];
                if kind == MessageKind::Fetch {
                    self.brush.path(&Path::through(&corners), &Style::stroke(color, 1.6));
                } else {
                    self.brush.path(&Path::polygon(&corners), &Style::fill(color));
                }
            }
        }
    }

    fn labels(&mut self) {
        for label in &self.plan.labels {
            let kind = Type::new(labels::SIZE, self.palette.ink)
                .weight(if label.strong { 700 } else { 500 })
                .within(label.area.w - 2.0)
                .halo(self.palette.row);
            self.brush.text(at(label.area.x + 1.0, label.area.y + 10.5), &label.text, &kind);
        }
    }

    fn times(&mut self) {
        let (palette, plan) = (self.palette, self.plan);
        let y = 0.5;
        self.brush.line(at(plan.plot.x, y), at(plan.plot.right(), y), &Style::stroke(palette.edge, 1.0));
        for (x, time) in plan.axis.ticks(66.0, plan.plot.right()) {
            self.brush.line(at(x, y), at(x, y + 4.0), &Style::stroke(palette.edge, 1.0));
            let kind = Type::new(11.0, palette.ink2).family(Family::Mono);
            self.brush.text(at(x + 3.0, y + 13.0), &time.to_string(), &kind);
        }
        let x = plan.cursor;
        self.brush.line(at(x, 0.0), at(x, TIMES), &Style::stroke(palette.ink, 2.0));
    }

    fn cursor(&mut self) {
        let (palette, plan) = (self.palette, self.plan);
        let (x, bottom) = (plan.cursor, plan.size.1 - 2.0);
        if plan.known < plan.plot.right() - 1.0 {
            let unknown = Rect::new(plan.known, plan.plot.y, plan.plot.right() - plan.known, plan.plot.h);
            marks::hatch(self.brush, unknown, 12.0, &Style::stroke(palette.line, 1.0));
        }
        self.brush.line(at(x, 0.0), at(x, bottom), &Style::stroke(palette.ink, 2.0));
        let flag = [at(x - 5.5, 0.0), at(x + 5.5, 0.0), at(x, 6.5)];
        self.brush.path(&Path::polygon(&flag), &Style::fill(palette.ink));
    }
}
