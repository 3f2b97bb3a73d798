//! Which areas can be pressed and what they are called, in reading order.

use crate::decimal::Within;
use playground_core::ids::TopicPartition;
use playground_core::view::ClusterView;

use super::columns::Column;
use super::geometry::Rect;
use super::hit::{Hit, SMALLEST_TARGET, SMALLEST_TOUCH_TARGET, Slot};
use super::layout::Layout;
use super::options::{Places, SceneOptions, Selection};
use super::tape::Tape;
use super::words;
use super::zookeeper_lane::{DISC, RING};

/// What a replica's button covers: the tape's row of its column.
fn tape_area(layout: &Layout, column: &Column, tape: &Tape) -> Rect {
    let row = layout.frame.row(tape.row);
    Rect::new(column.area.x, row.y, column.area.w, row.h)
}

fn truck_area(seat: &super::producers::ProducerSeat) -> Rect {
    let (w, h) = (66.0 * seat.scale, 36.0 * seat.scale);
    Rect::new(seat.wheels.x - w / 2.0, seat.wheels.y - h, w, h + 3.0)
}

fn screen_area(seat: &super::consumers::ConsumerSeat) -> Rect {
    Rect::around(seat.centre, 52.0 * seat.scale, 40.0 * seat.scale)
}

/// Areas in a row, cut in the middle where neighbours would overlap.
fn apart(mut areas: Vec<Rect>) -> Vec<Rect> {
    for index in 1..areas.len() {
        let (left, right) = (areas[index - 1], areas[index]);
        if left.overlaps(&right) {
            let middle = (left.right().min(right.right()) + left.x.max(right.x)) / 2.0;
            areas[index - 1].w = (middle - left.x).max(0.0);
            areas[index] = Rect { x: middle, w: (right.right() - middle).max(0.0), ..right };
        }
    }
    areas
}

/// Where `thing` is.
pub(super) fn place_of(layout: &Layout, thing: &Selection) -> Option<Rect> {
    let column = |tp: &TopicPartition| layout.columns.iter().find(|column| column.tp == *tp);
    match thing {
        Selection::Broker(id) => {
            let tile = || layout.tiles.as_ref()?.brokers.iter().find(|tile| tile.broker == *id).map(|tile| tile.area);
            layout.rows.iter().find(|row| row.broker == *id).map(|row| row.area).or_else(tile)
        }
        Selection::Partition(tp) => {
            let tile = || layout.tiles.as_ref()?.partitions.iter().find(|tile| tile.tp == *tp).map(|tile| tile.area);
            // The flag of the high watermark hangs right below.
            let high = if layout.compact { 8.0 } else { 12.5 };
            let head =
                |column: &Column| Rect::new(column.area.x - 2.0, layout.frame.head.y + 6.0, column.area.w - 8.0, high);
            column(tp).map(head).or_else(tile)
        }
        Selection::Replica(id, tp) => {
            let tape = column(tp)?.tape_of(*id)?;
            Some(Rect { w: tape.body.w.max(8.0), ..tape.body })
        }
        Selection::Record(id, tp, offset) => {
            let column = column(tp)?;
            let tape = column.tape_of(*id)?;
            let window = &column.window;
            let inside = *offset >= window.from && *offset < window.to;
            inside.then(|| Rect::new(window.x(*offset), tape.body.y, window.px, tape.body.h))
        }
        Selection::Producer(name) => layout.producers.iter().find(|seat| seat.client == *name).map(truck_area),
        Selection::Consumer(name) => layout.consumers.iter().find(|seat| seat.client == *name).map(screen_area),
        Selection::Group(name) => {
            let label = layout.groups.iter().find(|label| label.group == *name)?;
            // A name alone has its line; else its words stand below it.
            let height = if label.words.is_empty() { 16.0 } else { 44.0 };
            Some(Rect::new(label.at.x - 2.0, label.at.y - 12.0, layout.frame.plate_width - 6.0, height))
        }
        Selection::ZooKeeper(id) => {
            let server = layout.lane.as_ref()?.servers.iter().find(|server| server.id == *id)?;
            Some(Rect::around(server.centre, DISC * 2.0, DISC * 2.0))
        }
        Selection::Session(id) => {
            let session = layout.lane.as_ref()?.sessions.iter().find(|session| session.id == Some(*id))?;
            Some(Rect::around(session.centre, RING * 2.0 + 4.0, RING * 2.0 + 4.0))
        }
        Selection::Fault(id) => {
            let mark = layout.faults.iter().find(|mark| mark.id == *id)?;
            Some(Rect::around(mark.middle, 18.0, 18.0))
        }
        Selection::Message(_) => None,
    }
}

/// Every area, in reading order: producers, heads, rows from the left, ZooKeeper, consumers, faults.
pub(super) fn hits(view: &ClusterView, opts: &SceneOptions, layout: &Layout) -> Vec<Hit> {
    let least = if opts.compact { SMALLEST_TOUCH_TARGET } else { SMALLEST_TARGET };
    let mut hits: Vec<Hit> = Vec::new();
    let mut add = |area: Rect, target: Selection| {
        let label = words::of(view, &target);
        hits.push(Hit { area: area.inside(&layout.bounds), target, label });
    };
    if let Some(tiles) = &layout.tiles {
        for tile in &tiles.brokers {
            add(tile.area, Selection::Broker(tile.broker));
        }
        for tile in &tiles.partitions {
            add(tile.area, Selection::Partition(tile.tp.clone()));
        }
        return hits;
    }
    let trucks = layout.producers.iter().map(|seat| {
        let words = if seat.words.is_empty() { 0.0 } else { seat.room.min(110.0) };
        let area = truck_area(seat);
        Rect { w: area.w + words, ..area }.at_least(least).inside(&layout.bounds)
    });
    for (seat, area) in layout.producers.iter().zip(apart(trucks.collect())) {
        add(area, Selection::Producer(seat.client.clone()));
    }
    for column in &layout.columns {
        let head = Rect::new(column.area.x, layout.frame.head.y, column.area.w, layout.frame.head.h);
        add(head, Selection::Partition(column.tp.clone()));
    }
    for (number, row) in layout.rows.iter().enumerate() {
        add(row.plate, Selection::Broker(row.broker));
        for column in &layout.columns {
            if let Some(tape) = column.tapes.iter().find(|tape| tape.row == number) {
                add(tape_area(layout, column, tape), Selection::Replica(row.broker, column.tp.clone()));
            }
        }
    }
    if let Some(lane) = &layout.lane {
        for session in &lane.sessions {
            if let Some(id) = session.id {
                add(Rect::around(session.centre, 30.0, 40.0), Selection::Session(id));
            }
        }
        for server in &lane.servers {
            add(Rect::around(server.centre, 34.0, 34.0), Selection::ZooKeeper(server.id));
        }
    }
    for label in &layout.groups {
        let target = Selection::Group(label.group.clone());
        if let Some(area) = place_of(layout, &target) {
            add(area, target);
        }
    }
    let screens = layout.consumers.iter().map(|seat| {
        let words = if seat.words.is_empty() { 0.0 } else { seat.room.min(110.0) };
        let area = screen_area(seat);
        Rect { w: area.w + words, ..area }.at_least(least).inside(&layout.bounds)
    });
    for (seat, area) in layout.consumers.iter().zip(apart(screens.collect())) {
        add(area, Selection::Consumer(seat.client.clone()));
    }
    for mark in &layout.faults {
        add(Rect::around(mark.middle, 24.0, 24.0), Selection::Fault(mark.id));
    }
    hits
}

/// Where the prediction asked can be answered.
pub(super) fn slots(opts: &SceneOptions, layout: &Layout) -> Vec<Slot> {
    let least = if opts.compact { SMALLEST_TOUCH_TARGET } else { SMALLEST_TARGET };
    let mut slots = Vec::new();
    let mut add = |drawn: Rect, answer: Selection, label: String| {
        let area = drawn.at_least(least).inside(&layout.bounds);
        slots.push(Slot { drawn, area, answer, label });
    };
    match &opts.asked {
        None => {}
        Some(Places::NextOffsets(numbers)) => {
            for column in layout.columns.iter().filter(|column| numbers.contains(&column.tp.partition)) {
                let Some(tape) = column.leader().or(column.tapes.first()) else { continue };
                let x = column.window.x(tape.offsets.1);
                let width = column.window.px.within(16.0, 40.0);
                let drawn = Rect::new(x, tape.body.y - 2.0, width, tape.body.h.max(20.0) + 4.0);
                let (number, offset) = (column.tp.partition, tape.offsets.1);
                let label = format!("partition {number}, at offset {offset}");
                add(drawn, Selection::Partition(column.tp.clone()), label);
            }
        }
        Some(Places::Partitions(numbers)) => {
            for column in layout.columns.iter().filter(|column| numbers.contains(&column.tp.partition)) {
                let drawn = Rect::new(column.area.x, layout.frame.head.y + 3.0, column.area.w.min(110.0) - 8.0, 22.0);
                let label = format!("partition {}", column.tp.partition);
                add(drawn, Selection::Partition(column.tp.clone()), label);
            }
        }
        Some(Places::Brokers(ids)) => {
            for row in layout.rows.iter().filter(|row| ids.contains(&row.broker)) {
                add(row.plate.grown(-3.0), Selection::Broker(row.broker), format!("broker {}", row.broker));
            }
        }
        Some(Places::Records(records)) => {
            for (tp, offset) in records {
                let Some(column) = layout.columns.iter().find(|column| column.tp == *tp) else { continue };
                let Some(tape) = column.leader().or(column.tapes.first()) else { continue };
                let answer = Selection::Record(tape.broker, tp.clone(), *offset);
                if let Some(drawn) = place_of(layout, &answer) {
                    add(drawn, answer, format!("{tp}, offset {offset}"));
                }
            }
        }
    }
    slots
}
