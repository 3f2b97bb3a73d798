//! Network faults in force, where they bite: a cut is an object that can be selected and healed.

use playground_core::ids::NodeId;
use playground_core::view::ClusterView;

use super::geometry::{Point, Rect, at};
use super::layout::Layout;
use super::zookeeper_lane::RING;

/// How a fault is drawn.
#[derive(Clone, PartialEq, Debug)]
pub struct FaultMark {
    /// Its number, for `heal`.
    pub id: u32,
    /// The line that made it.
    pub text: String,
    /// The broken line between its ends; one point twice for a node that is isolated.
    pub ends: [Point; 2],
    /// Where the break is.
    pub middle: Point,
    /// Time is wrong: messages or a machine are slow, or a clock is.
    pub slow: bool,
    /// A row that is cut off from everyone.
    pub around: Option<Rect>,
}

/// Where lines to `node` end for a fault: beside the plate, under the truck, at the disc.
fn end_of(layout: &Layout, node: &NodeId, other: Option<&NodeId>) -> Option<Point> {
    match node {
        // What is between a broker and the ensemble is its session.
        NodeId::Broker(id) if matches!(other, Some(NodeId::ZooKeeper(_))) => {
            let session = layout.lane.as_ref()?.sessions.iter().find(|session| session.broker == *id)?;
            Some(session.centre.moved(RING + 2.0, 0.0))
        }
        NodeId::Broker(id) => layout.rows.iter().find(|row| row.broker == *id).map(|row| {
            let x = layout.frame.columns.x - if layout.compact { 3.0 } else { 5.5 };
            at(x, row.area.centre().y)
        }),
        NodeId::ZooKeeper(id) => {
            layout.lane.as_ref()?.servers.iter().find(|server| server.id == *id).map(|server| server.centre)
        }
        NodeId::Client(name) => {
            let truck = layout.producers.iter().find(|seat| seat.client == *name);
            let under = truck.map(|seat| at(seat.wheels.x - 30.0 * seat.scale, seat.wheels.y + 10.0));
            let screen = layout.consumers.iter().find(|seat| seat.client == *name);
            under.or_else(|| screen.map(|seat| seat.centre.moved(-26.0 * seat.scale, -20.0 * seat.scale)))
        }
    }
}

/// Marks of every fault whose ends are in the picture.
pub(super) fn marks(view: &ClusterView, layout: &Layout) -> Vec<FaultMark> {
    let mut marks: Vec<FaultMark> = Vec::new();
    for fault in &view.faults {
        let ends: Vec<Point> = {
            let other =
                |index: usize| fault.between.iter().enumerate().find(|(i, _)| *i != index).map(|(_, node)| node);
            let each = fault.between.iter().enumerate();
            each.filter_map(|(index, node)| end_of(layout, node, other(index))).collect()
        };
        let slow = ["delay", "slow", "clock"].iter().any(|verb| fault.text.starts_with(verb));
        let (ends, around) = match ends.as_slice() {
            [one] if fault.between.len() == 1 => {
                // Cut off from everyone; a slow machine or a wrong clock is a mark at its row.
                let row = fault.between.first().and_then(NodeId::broker).filter(|_| !slow);
                let around = row.and_then(|id| layout.rows.iter().find(|row| row.broker == id)).map(|row| row.area);
                ([*one, *one], around)
            }
            [one, other, ..] => ([*one, *other], None),
            _ => continue,
        };
        // Faults between the same ends stand beside each other.
        let beside = marks.iter().filter(|mark| mark.ends == ends).count() as f64;
        // Between rows, so that the break covers no tape.
        let rows: Vec<&Rect> = layout.rows.iter().map(|row| &row.area).collect();
        let between = rows.windows(2).map(|pair| (pair[0].bottom() + pair[1].y) / 2.0);
        let (top, bottom) = (ends[0].y.min(ends[1].y), ends[0].y.max(ends[1].y));
        let upright = (ends[0].x - ends[1].x).abs() < 1.0;
        let gap = between.into_iter().find(|y| upright && (top..bottom).contains(y));
        let middle = ends[0].towards(ends[1], 0.5);
        let middle = gap.map_or(middle, |y| at(middle.x, y)).moved(0.0, 17.0 * beside);
        marks.push(FaultMark { id: fault.id, text: fault.text.to_string(), ends, middle, slow, around });
    }
    marks
}
