//! Messages: the shape tells the kind, so that hue is free to tell which.

use playground_core::protocol::ErrorCode;
use playground_core::view::MessageKind;

use super::Painter;
use super::brush::{Family, Path, Style, Type, text_width};
use super::marks;
use crate::scene::geometry::{Point, Rect, at};
use crate::scene::motion::Sprite;
use crate::scene::options::Selection;
use crate::scene::palette::{Color, Identity};
use crate::scene::tape::short_key;
use crate::scene::zookeeper_lane::Lane;

/// Up to so many sprites get ways and full trails.
const FULL: usize = 60;
/// Up to so many sprites are named.
const NAMED: usize = 10;
/// Cells that a sprite spells out.
const CELLS: usize = 4;

impl Painter<'_> {
    /// All messages: ways first, cargo above them.
    pub(super) fn messages(&mut self, sprites: &[Sprite]) {
        let full = sprites.len() <= FULL;
        for sprite in sprites {
            let chosen = self.opts.stands_out(&Selection::Message(sprite.id));
            if full || chosen {
                self.way(sprite, chosen);
            }
            if !self.opts.reduced_motion && !sprite.is_soft() {
                self.trail(sprite, if full { 3 } else { 1 });
            }
        }
        let mut taken: Vec<Rect> = Vec::new();
        for sprite in sprites {
            taken.push(self.cargo(sprite));
        }
        taken.extend(self.layout.lane.iter().flat_map(Lane::round_things));
        taken.extend(self.layout.rows.iter().map(|row| Rect { h: row.plate.h.min(44.0), ..row.plate }));
        for (index, sprite) in sprites.iter().enumerate() {
            let chosen = self.opts.stands_out(&Selection::Message(sprite.id));
            if let (true, Some(own)) = (chosen, taken.get(index)) {
                marks::selection(self.brush, *own, self.palette);
            }
            if sprite.stands_for > 1 {
                self.pile_label(sprite, index, &mut taken);
            }
            // Of several that stand on one spot and are called the same one name tells as much.
            let twin = |other: &Sprite| other.name == sprite.name && other.place().distance(sprite.place()) < 4.0;
            let told = sprites.iter().take(index).any(twin);
            // A phone has room for shapes alone.
            let few = sprites.len() <= NAMED && !self.layout.compact;
            if chosen || (!told && (few || self.opts.reduced_motion)) {
                self.sprite_label(sprite, index, &mut taken, chosen);
            }
        }
    }

    fn color_of(&self, sprite: &Sprite) -> Color {
        match sprite.hue {
            Some(_) => self.identity(sprite.hue).hue,
            None => self.palette.ink,
        }
    }

    fn way(&mut self, sprite: &Sprite, chosen: bool) {
        let soft = sprite.is_soft();
        let color = if soft { self.palette.ink3 } else { self.color_of(sprite) };
        let dash: &'static [f64] = if soft { &[2.0, 3.0] } else { &[] };
        let style = Style::stroke(color, if chosen { 2.0 } else { 1.0 }).dashed(dash);
        let style = if chosen { style } else { style.faded(if soft { 0.75 } else { 0.6 }) };
        self.brush.path(&Path::cubic(&sprite.way), &style);
    }

    fn trail(&mut self, sprite: &Sprite, steps: usize) {
        let color = self.color_of(sprite);
        // A third of the way, but no longer than what can be seen as one trail.
        let scale = (80.0 / (0.30 * sprite.length()).max(1.0)).min(1.0);
        let all = [(0.10 * scale, 0.85, 3.0), (0.19 * scale, 0.50, 2.6), (0.30 * scale, 0.28, 2.0)];
        for (length, opacity, width) in all.into_iter().take(steps).rev() {
            let from = (sprite.part - length).max(0.0);
            let points: Vec<Point> =
                (0..=6).map(|step| sprite.at_part(from + (sprite.part - from) * f64::from(step) / 6.0)).collect();
            self.brush.path(&Path::through(&points), &Style::stroke(color, width).faded(opacity).rounded());
        }
    }

    /// Draws what the message is and tells where.
    fn cargo(&mut self, sprite: &Sprite) -> Rect {
        let palette = self.palette;
        let place = sprite.place();
        let heading = sprite.heading();
        let ink = palette.ink;
        let area = match (sprite.kind, sprite.is_reply, &sprite.error) {
            (_, true, Some(error)) => self.error_ring(place, error),
            (MessageKind::Produce, ..) => self.record_cells(sprite, true),
            (MessageKind::FetchReply, ..) if sprite.record_count > 0 => self.record_cells(sprite, false),
            (MessageKind::FetchReply, ..) => self.chevron(place, heading, palette.ink3, false),
            (MessageKind::Fetch, ..) => self.chevron(place, heading, ink, true),
            (MessageKind::ProduceReply, ..) => self.tick_ring(place, self.color_of(sprite), 7.5),
            (MessageKind::Heartbeat, ..) => self.two_dots(place, heading, sprite.is_reply),
            (MessageKind::Watch, ..) => {
                self.brush.circle(place, 9.0, &Style::fill(palette.desk));
                marks::pennant(self.brush, place.moved(-3.5, 7.0), ink, false);
                Rect::around(place, 18.0, 18.0)
            }
            (MessageKind::Metadata, reply, _) => {
                let tells = reply || &*sprite.name != "Metadata";
                if reply && &*sprite.name != "Metadata" {
                    self.tick_ring(place, ink, 5.0)
                } else {
                    self.four_fields(place, tells)
                }
            }
            (MessageKind::LeaderAndIsr | MessageKind::ToController, true, _) => self.tick_ring(place, ink, 5.0),
            (MessageKind::LeaderAndIsr, false, _) => {
                // A phone's plates are narrow.
                let reach = if self.layout.compact { 7.5 } else { 10.0 };
                marks::diamond(self.brush, place, reach + 1.5, palette.row);
                marks::diamond(self.brush, place, reach, ink);
                marks::star(self.brush, place, reach * 0.46, palette.on_ink);
                Rect::around(place, 2.0 * reach, 2.0 * reach)
            }
            (MessageKind::ToController, false, _) => {
                marks::diamond(self.brush, place, 9.5, ink);
                marks::diamond(self.brush, place, 7.0, palette.row);
                marks::star(self.brush, place, 4.0, ink);
                Rect::around(place, 19.0, 19.0)
            }
            (MessageKind::Group, reply, _) => self.lettered(place, sprite, reply, self.color_of(sprite)),
            (MessageKind::ZooKeeper, reply, _) => {
                let square = Rect::around(place, 8.0, 8.0);
                let fill = if reply { ink } else { palette.row };
                self.brush.rect(square, &Style::fill(fill).edged(ink, 1.5));
                square
            }
            (MessageKind::Other, reply, _) => {
                let fill = if reply { palette.row } else { ink };
                self.brush.circle(place, 4.0, &Style::fill(fill).edged(ink, 1.5));
                Rect::around(place, 8.0, 8.0)
            }
        };
        if sprite.held {
            marks::cross(self.brush, place.ahead(heading, 13.0, 0.0), 5.0, 2.4, palette.red);
        }
        area
    }

    /// The records themselves: solid on their way in, outlined as copies. They land as cells.
    fn record_cells(&mut self, sprite: &Sprite, solid: bool) -> Rect {
        let palette = self.palette;
        let identity = match sprite.hue {
            Some(_) => self.identity(sprite.hue),
            None => Identity { hue: palette.ink, label: palette.on_ink },
        };
        let shown = sprite.records.iter().take(CELLS).map(|key| short_key(key)).collect::<Vec<_>>();
        let many = sprite.record_count as usize > shown.len() || shown.is_empty();
        let texts = if many { vec![format!("×{}", sprite.record_count)] } else { shown };
        let cell = if many { 30.0 } else { 15.0 };
        let place = sprite.place();
        let area = Rect::around(place, cell * texts.len() as f64, 17.0);
        self.nose(&area, sprite.heading(), identity.hue);
        let (fill, text) = if solid { (identity.hue, identity.label) } else { (palette.row, palette.ink) };
        self.brush.rect(area, &Style::fill(fill).edged(identity.hue, 1.6));
        for (index, key) in texts.iter().enumerate() {
            let x = area.x + cell * (index as f64 + 0.5);
            if index > 0 {
                let edge = if solid { palette.row } else { identity.hue };
                self.brush.line(
                    at(x - cell / 2.0, area.y),
                    at(x - cell / 2.0, area.bottom()),
                    &Style::stroke(edge, 0.9),
                );
            }
            let kind = Type::new(11.5, text).weight(600).middle().within(cell - 2.0);
            self.brush.text(at(x, area.centre().y + 4.2), key, &kind);
        }
        area
    }

    /// A point at the side of `area` that looks where it goes; the cargo itself stays upright.
    fn nose(&mut self, area: &Rect, heading: Point, color: Color) {
        let centre = area.centre();
        let Point { x: dx, y: dy } = heading;
        let corners = if dy.abs() >= dx.abs() {
            let y = if dy > 0.0 { area.bottom() } else { area.y };
            let tip = y + 6.0 * dy.signum();
            [at(centre.x - 5.0, y), at(centre.x, tip), at(centre.x + 5.0, y)]
        } else {
            let x = if dx > 0.0 { area.right() } else { area.x };
            let tip = x + 6.0 * dx.signum();
            [at(x, centre.y - 5.0), at(tip, centre.y), at(x, centre.y + 5.0)]
        };
        self.brush.path(&Path::polygon(&corners), &Style::fill(color));
    }

    fn chevron(&mut self, place: Point, heading: Point, color: Color, asks: bool) -> Rect {
        let reach = if asks { 5.0 } else { 3.4 };
        let corners = [
            place.ahead(heading, -reach * 0.6, -reach),
            place.ahead(heading, reach * 0.7, 0.0),
            place.ahead(heading, -reach * 0.6, reach),
        ];
        self.brush.path(&Path::through(&corners), &Style::stroke(color, if asks { 2.0 } else { 1.6 }));
        Rect::around(place, 2.0 * reach, 2.0 * reach)
    }

    fn tick_ring(&mut self, place: Point, color: Color, radius: f64) -> Rect {
        self.brush.circle(place, radius, &Style::fill(self.palette.row).edged(color, 1.6));
        marks::tick(self.brush, place, radius * 0.48, 1.7, self.palette.ink);
        Rect::around(place, radius * 2.0, radius * 2.0)
    }

    fn error_ring(&mut self, place: Point, error: &str) -> Rect {
        let palette = self.palette;
        let code = ErrorCode::by_name(error).map_or("!".to_owned(), |code| code.code().to_string());
        self.brush.circle(place, 9.0, &Style::fill(palette.row).edged(palette.ink, 1.8));
        let kind = Type::new(11.0, palette.ink).weight(700).middle().within(15.0);
        self.brush.text(place.moved(0.0, 4.0), &code, &kind);
        Rect::around(place, 18.0, 18.0)
    }

    fn two_dots(&mut self, place: Point, heading: Point, reply: bool) -> Rect {
        let (color, first) = if reply { (self.palette.ink3, 1.8) } else { (self.palette.ink2, 2.6) };
        self.brush.circle(place.ahead(heading, 3.0, 0.0), first, &Style::fill(color));
        self.brush.circle(place.ahead(heading, -3.0, 0.0), 1.8, &Style::fill(color));
        Rect::around(place, 10.0, 8.0)
    }

    fn four_fields(&mut self, place: Point, tells: bool) -> Rect {
        let palette = self.palette;
        let square = Rect::around(place, 12.0, 12.0);
        let (fill, line) = if tells { (palette.ink, palette.row) } else { (palette.row, palette.ink) };
        self.brush.rect(square, &Style::fill(fill).edged(palette.ink, 1.4));
        let halves = Path::new()
            .move_to(at(place.x, square.y))
            .line_to(at(place.x, square.bottom()))
            .move_to(at(square.x, place.y))
            .line_to(at(square.right(), place.y));
        self.brush.path(&halves, &Style::stroke(line, 1.3));
        square
    }

    fn lettered(&mut self, place: Point, sprite: &Sprite, reply: bool, color: Color) -> Rect {
        let palette = self.palette;
        let letter = match &*sprite.name {
            "JoinGroup" => "J",
            "SyncGroup" => "S",
            "LeaveGroup" => "L",
            "OffsetCommit" => "C",
            "OffsetFetch" => "O",
            "FindCoordinator" => "?",
            _ => "G",
        };
        let area = Rect::around(place, 15.0, 15.0);
        let (fill, text) = if reply { (palette.row, palette.ink) } else { (palette.ink, palette.on_ink) };
        self.brush.path(&Path::round(area, 7.5), &Style::fill(fill).edged(color, 1.7));
        self.brush.text(place.moved(0.0, 4.0), letter, &Type::new(11.0, text).weight(700).middle());
        area
    }

    /// How many messages a pile stands for, where it covers nothing; what a fault holds is told in any case.
    fn pile_label(&mut self, sprite: &Sprite, index: usize, taken: &mut Vec<Rect>) {
        let Some(own) = taken.get(index).copied() else { return };
        // Many requests are not one large batch: beside a count of records stands how many carry them.
        let records = sprite.record_count > 0 && matches!(sprite.kind, MessageKind::Produce | MessageKind::FetchReply);
        let sign = if records && !sprite.held { "in " } else { "×" };
        let text = format!("{sign}{}", sprite.stands_for);
        let width = text_width(&text, 11.0, Family::Condensed) + 2.0;
        let area = Rect::new(own.right() + 3.0, own.bottom() - 7.0, width, 10.0);
        if sprite.held || !taken.iter().any(|other| other.overlaps(&area)) {
            let kind = Type::new(11.0, self.palette.ink).weight(600).halo(self.palette.desk);
            self.brush.text(at(area.x, own.bottom() + 2.0), &text, &kind);
            taken.push(area);
        }
    }

    /// The name beside a sprite, where it covers nothing.
    fn sprite_label(&mut self, sprite: &Sprite, index: usize, taken: &mut Vec<Rect>, must: bool) {
        let mut text = sprite.label.clone();
        if self.opts.reduced_motion {
            // Nothing travels, so the way behind it is written.
            let name = if text.is_empty() { sprite.name.to_string() } else { text };
            text = format!("{name} {} %", sprite.per_cent);
        } else if text.is_empty() {
            return;
        }
        let Some(own) = taken.get(index).copied() else { return };
        let width = text_width(&text, 12.0, Family::Condensed) + 2.0;
        let y = own.centre().y - 7.0;
        let right = Rect::new(own.right() + 6.0, y, width, 14.0);
        let left = Rect::new(own.x - 6.0 - width, y, width, 14.0);
        let below = Rect::new(own.centre().x - width / 2.0, own.bottom() + 3.0, width, 14.0);
        let bounds = self.layout.bounds;
        let free = |area: &Rect| {
            let inside = area.x >= 2.0 && area.right() <= bounds.right() - 2.0;
            // What a log holds is worth more than what a message is called.
            let mut tapes = self.layout.columns.iter().flat_map(|column| &column.tapes);
            inside
                && !taken.iter().any(|other| other.overlaps(area))
                && !tapes.any(|tape| tape.body.w > 0.0 && tape.body.grown(2.0).overlaps(area))
        };
        let place = [right, left, below].into_iter().find(free).or(must.then_some(right));
        let Some(area) = place else { return };
        let kind = Type::new(12.0, self.palette.ink).weight(500).halo(self.palette.row);
        self.brush.text(at(area.x, area.y + 11.0), &text, &kind);
        taken.push(area);
    }
}
