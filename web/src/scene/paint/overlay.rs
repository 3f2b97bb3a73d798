//! What lies above the picture: faults, slots to answer in, selection, pins, empty states.

use super::Painter;
use super::brush::{Family, Path, Style, Type, fitted, text_width};
use super::marks;
use crate::decimal::Within;
use crate::scene::faults::FaultMark;
use crate::scene::geometry::{Rect, at};
use crate::scene::options::{Places, Selection};

/// Size of a fault's name, in px.
const FAULT_SIZE: f64 = 11.5;
/// Rows are at least this high where the name of a fault fits below the broker's own words, in px.
const ROOM_FOR_NAMES: f64 = 86.0;

impl Painter<'_> {
    /// Cuts and delays, where they bite.
    pub(super) fn faults(&mut self) {
        let layout = self.layout;
        for mark in &layout.faults {
            self.fault(mark);
        }
    }

    /// What they are called, above the ring of what is selected.
    pub(super) fn fault_names(&mut self) {
        let layout = self.layout;
        if layout.compact {
            return;
        }
        let around = |mark: &FaultMark| Rect::around(mark.middle, 18.0, 18.0);
        let mut taken: Vec<Rect> = layout.faults.iter().map(around).collect();
        let chosen = |mark: &FaultMark| self.opts.stands_out(&Selection::Fault(mark.id));
        let (first, rest): (Vec<_>, Vec<_>) = layout.faults.iter().enumerate().partition(|(_, mark)| chosen(mark));
        for (index, mark) in first.iter().chain(&rest).copied() {
            // In a low row a name would hide what the broker is; the list of faults has it.
            if mark.slow && self.layout.frame.row_height < ROOM_FOR_NAMES && !chosen(mark) {
                continue;
            }
            let label = self.fault_label(mark);
            // Two of the same place would hide each other: the list of faults names all.
            let free = taken.iter().enumerate().all(|(other, area)| other == index || !area.overlaps(&label));
            if free || chosen(mark) {
                self.name_fault(mark, label);
                taken.push(label);
            }
        }
    }

    fn fault(&mut self, mark: &FaultMark) {
        let palette = self.palette;
        let [from, to] = mark.ends;
        if let Some(row) = mark.around {
            let style = Style::stroke(palette.ink, 1.8).dashed(&[1.8, 3.6]);
            self.brush.path(&Path::round(row.grown(3.0), 7.0), &style);
        }
        let style = Style::stroke(palette.ink, 1.6).dashed(&[4.0, 4.0]);
        self.brush.line(from, to, &style);
        for end in [from, to] {
            self.brush.circle(end, 2.6, &Style::fill(palette.ink));
        }
        let along = at(to.x - from.x, to.y - from.y);
        let across = if along.x.hypot(along.y) < 1.0 { at(1.0, 0.0) } else { at(-along.y, along.x) };
        if mark.slow {
            self.brush.circle(mark.middle, 8.0, &Style::fill(palette.row).edged(palette.ink, 1.6));
            let hands = Path::through(&[mark.middle.moved(0.0, -5.0), mark.middle, mark.middle.moved(3.5, 2.0)]);
            self.brush.path(&hands, &Style::stroke(palette.ink, 1.5));
        } else {
            marks::zigzag(self.brush, mark.middle, across, 11.0, palette.ink, palette.row);
            marks::cross(self.brush, mark.middle, 4.6, 2.2, palette.red);
        }
    }

    /// Where the name of a fault goes.
    fn fault_label(&self, mark: &FaultMark) -> Rect {
        let width = text_width(&mark.text, FAULT_SIZE, Family::Condensed) + 10.0;
        // Over the foot of a plate there is room; over tapes there is none.
        let left = (mark.middle.x - 14.0 - width).max(2.0);
        let by_plates = (mark.middle.x - self.layout.frame.columns.x).abs() < 16.0;
        let room = self.layout.bounds.right() - mark.middle.x - 18.0;
        let x = if by_plates || width > room { left } else { mark.middle.x + 14.0 };
        let beyond = mark.middle.x > self.layout.frame.rows.right();
        // A mark within a row stands beside the broker's name: its own goes below that.
        let below = match (beyond, mark.slow) {
            (true, _) => 14.0,
            (false, true) => 11.0,
            (false, false) => -8.0,
        };
        let x = if beyond { (self.layout.bounds.right() - width - 4.0).min(x) } else { x };
        Rect::new(x, mark.middle.y + below, width, 16.0)
    }

    fn name_fault(&mut self, mark: &FaultMark, label: Rect) {
        let palette = self.palette;
        self.brush.path(&Path::round(label, 3.0), &Style::fill(palette.row).edged(palette.ink, 1.0));
        let kind = Type::new(FAULT_SIZE, palette.ink).weight(500).within(label.w - 8.0);
        self.brush.text(at(label.x + 5.0, label.y + 12.0), &mark.text, &kind);
    }

    /// Yellow slots: the next action is to pick one.
    pub(super) fn slots(&mut self) {
        let palette = self.palette;
        for slot in &self.layout.slots {
            let picked = self.opts.picked.as_ref() == Some(&slot.answer);
            let area = slot.drawn;
            let holds_one = self.holds_a_record(area);
            // What lies below must stay legible.
            let tall = holds_one || matches!(slot.answer, Selection::Broker(_));
            let outline = Path::round(area, 3.0);
            if tall {
                self.brush.path(&outline, &Style::stroke(palette.act, 5.0));
                self.brush.path(&outline, &Style::stroke(palette.on_act, 1.6).dashed(&[4.0, 2.5]));
            } else {
                let style = Style::fill(palette.act).edged(palette.on_act, 1.6);
                self.brush.path(&outline, &if picked { style } else { style.dashed(&[4.0, 2.5]) });
            }
            let centre = match (holds_one, tall) {
                (true, _) => at(area.centre().x, area.bottom() + 11.0),
                (false, true) => at(area.right() - 12.0, area.y + 13.0),
                (false, false) => area.centre(),
            };
            if tall {
                self.brush.circle(centre, 9.0, &Style::fill(palette.act).edged(palette.on_act, 1.3));
            }
            if picked {
                marks::tick(self.brush, centre, 5.0, 2.2, palette.on_act);
                marks::selection(self.brush, area.grown(-1.0), palette);
            } else {
                let size = if tall { 13.0 } else { (area.h * 0.55).within(12.0, 17.0) };
                let kind = Type::new(size, palette.on_act).weight(700).middle().family(Family::Sans);
                self.brush.text(at(centre.x, centre.y + size * 0.36), "?", &kind);
            }
        }
    }

    /// A record lies where this slot is.
    fn holds_a_record(&self, slot: Rect) -> bool {
        let mut cells = self.layout.columns.iter().flat_map(|column| &column.tapes).flat_map(|tape| &tape.cells);
        cells.any(|cell| cell.area.grown(-2.0).overlaps(&slot))
    }

    /// Dotted ways from the truck whose turn it is to every slot, under what is written on their way.
    pub(super) fn ways_to_slots(&mut self) {
        if !matches!(self.opts.asked, Some(Places::NextOffsets(_))) {
            return;
        }
        let Some(Selection::Producer(name)) = self.opts.acts() else { return };
        let Some(seat) = self.layout.producers.iter().find(|seat| seat.client == *name) else { return };
        let branch = self.layout.frame.head.y + if self.layout.compact { 1.0 } else { 5.0 };
        let (start, slots) = (seat.wheels.moved(0.0, 2.0), self.layout.slots.clone());
        for slot in slots {
            let x = slot.drawn.centre().x;
            self.dotted_way(&[start, at(start.x, branch), at(x, branch), at(x, slot.drawn.y - 2.0)]);
        }
    }

    /// Rings around what is selected or pointed at.
    pub(super) fn selections(&mut self) {
        // While a place is asked for, pointing at a partition would give the answer away.
        let tells = |thing: &&Selection| {
            self.opts.asked.is_some() && matches!(thing, Selection::Partition(_) | Selection::Replica(..))
        };
        let pointed = self.opts.highlight.iter().filter(|thing| !tells(thing) && self.opts.acts() != Some(*thing));
        let things: Vec<Selection> = self.opts.selected.iter().chain(pointed).cloned().collect();
        for thing in things {
            if let Some(area) = self.layout.place_of(&thing) {
                marks::selection(self.brush, area, self.palette);
            }
        }
    }

    /// The chain of causes, number by number.
    pub(super) fn pins(&mut self) {
        let mut taken: Vec<Rect> = Vec::new();
        for pin in &self.opts.pins {
            let Some(area) = self.layout.place_of(&pin.target) else { continue };
            let corner = match pin.target {
                Selection::Broker(_) => at(area.x + 2.0, area.y + 1.0),
                // Its name stands at its right.
                Selection::Producer(_) | Selection::Consumer(_) => at(area.x - 6.0, area.y + 2.0),
                Selection::Session(_) | Selection::ZooKeeper(_) => at(area.right(), area.y + 2.0),
                _ => at(area.right() + 14.0, area.centre().y),
            };
            let mut place = Rect::around(corner, 20.0, 20.0).inside(&self.layout.bounds);
            // One beside the other, and one below the other where the picture ends.
            let aside = !matches!(pin.target, Selection::Session(_) | Selection::ZooKeeper(_));
            let room = self.layout.bounds;
            while taken.iter().any(|other| other.overlaps(&place)) && place.bottom() < room.bottom() {
                if aside && place.right() + 20.0 <= room.right() {
                    place.x += 20.0;
                } else {
                    place.y += 20.0;
                }
            }
            taken.push(place);
            marks::pin(self.brush, place.centre(), pin.number, pin.kind, self.palette);
        }
    }

    /// Says what is missing where there is nothing to draw yet.
    pub(super) fn empty_states(&mut self) {
        let frame = self.layout.frame;
        if self.layout.rows.is_empty() {
            let area = Rect::around(self.layout.bounds.centre(), self.layout.bounds.w.min(340.0) - 40.0, 84.0);
            self.empty(area, "No broker yet", "A cluster begins with one.");
        } else if self.layout.columns.is_empty() {
            let area = frame.columns.grown(-10.0);
            self.empty(area, "No topic yet", "Brokers are up and have nothing to store.");
        }
    }

    fn empty(&mut self, area: Rect, title: &str, words: &str) {
        let palette = self.palette;
        let area = Rect::around(area.centre(), area.w.min(360.0), area.h.min(96.0));
        let outline = Path::round(area, 6.0);
        self.brush.path(&outline, &Style::fill(palette.paper).edged(palette.edge, 1.4).dashed(&[5.0, 4.0]));
        let base = area.centre().y;
        self.brush.text(at(area.x + 18.0, base - 4.0), title, &Type::new(14.0, palette.ink).weight(600));
        let words = fitted(words, area.w - 30.0, 13.0, Family::Condensed);
        self.brush.text(at(area.x + 18.0, base + 16.0), &words, &Type::new(13.0, palette.ink2));
    }
}
