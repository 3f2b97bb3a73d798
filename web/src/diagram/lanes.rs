//! Which processes have a lane, and where.

use crate::decimal::Within;
use playground_core::ids::NodeId;
use playground_core::view::{ClusterView, ProcessState, Traffic};

use super::Options;
use crate::model::Subject;
use crate::scene::Selection;

/// Lanes are at least so far apart, in px.
const PITCH_MIN: f64 = 24.0;
/// A bar of an owned partition takes this much below its lane.
pub const OWNED: f64 = 11.0;
/// Bars drawn below one lane at most.
pub const OWNED_MAX: usize = 4;
/// More lanes than this and only those that have something to say are drawn.
const LANES_MAX: usize = 24;

/// A process's lane.
#[derive(Clone, PartialEq, Debug)]
pub struct Lane {
    /// Whose.
    pub node: NodeId,
    /// Its line.
    pub y: f64,
    /// What it is called.
    pub name: String,
    /// Below the name.
    pub role: &'static str,
    /// No process runs now.
    pub dead: bool,
    /// What a press on it selects.
    pub subject: Option<Subject>,
    /// Bars that it has room for.
    pub bars: usize,
}

/// A short stable name: `broker-101`, `zookeeper-2`, `client-p1`.
pub fn node_key(node: &NodeId) -> String {
    match node {
        NodeId::Broker(id) => format!("broker-{id}"),
        NodeId::ZooKeeper(id) => format!("zookeeper-{id}"),
        NodeId::Client(name) => format!("client-{name}"),
    }
}

fn lane(node: NodeId, role: &'static str, state: ProcessState, thing: Option<Selection>) -> Lane {
    Lane {
        y: 0.0,
        name: node.to_string(),
        role,
        dead: state == ProcessState::Dead,
        subject: thing.map(Subject::Thing),
        bars: 0,
        node,
    }
}

/// All lanes that could be drawn: writers above, brokers, readers, ZooKeeper, everybody else.
pub fn all(view: &ClusterView, traffic: &Traffic, opts: &Options) -> Vec<Lane> {
    let client = |name: &playground_core::ids::Name| NodeId::Client(name.clone());
    let mut lanes: Vec<Lane> = Vec::new();
    for one in &view.producers {
        lanes.push(lane(client(&one.client), "", one.state, Some(Selection::Producer(one.client.clone()))));
    }
    for one in &view.brokers {
        let role =
            match (opts.show.controller && one.is_controller, opts.show.coordinator && !one.coordinates.is_empty()) {
                (true, _) => "controller",
                (false, true) => "coordinator",
                (false, false) => "",
            };
        lanes.push(lane(NodeId::Broker(one.id), role, one.state, Some(Selection::Broker(one.id))));
    }
    if opts.show.consumers {
        for one in &view.consumers {
            lanes.push(lane(client(&one.client), "", one.state, Some(Selection::Consumer(one.client.clone()))));
        }
    }
    if opts.show.zookeeper {
        for one in &view.zookeeper {
            let role = if &*one.role == "leader" { "leader" } else { "" };
            lanes.push(lane(NodeId::ZooKeeper(one.id), role, one.state, Some(Selection::ZooKeeper(one.id))));
        }
    }
    // Tools, and applications that only now and then say something.
    for seen in &traffic.messages {
        for node in [&seen.message.from, &seen.message.to] {
            let hidden_layer = match node {
                NodeId::ZooKeeper(_) => !opts.show.zookeeper,
                NodeId::Client(name) => view.consumers.iter().any(|one| one.client == *name) && !opts.show.consumers,
                NodeId::Broker(_) => false,
            };
            if !hidden_layer && !lanes.iter().any(|lane| lane.node == *node) {
                lanes.push(lane(node.clone(), "", ProcessState::Running, None));
            }
        }
    }
    lanes
}

/// Takes away what is hidden, and what is quiet where there are too many.
pub fn chosen(mut lanes: Vec<Lane>, traffic: &Traffic, opts: &Options) -> Vec<Lane> {
    lanes.retain(|lane| !opts.hidden.contains(&node_key(&lane.node)));
    if lanes.len() > LANES_MAX {
        let speaks = |lane: &Lane| {
            let mut loud = traffic.messages.iter().filter(|seen| !seen.routine);
            loud.any(|seen| seen.message.from == lane.node || seen.message.to == lane.node)
        };
        lanes.retain(speaks);
        lanes.truncate(LANES_MAX);
    }
    lanes
}

/// Places the lanes between `top` and `bottom`, or lower where they need more room. The foot of the
/// lowest comes back.
pub fn place(lanes: &mut [Lane], owned: impl Fn(&NodeId) -> usize, top: f64, bottom: f64) -> f64 {
    for lane in lanes.iter_mut() {
        lane.bars = owned(&lane.node).min(OWNED_MAX);
    }
    let extra = |lane: &Lane| lane.bars as f64 * OWNED;
    let bars: f64 = lanes.iter().map(extra).sum();
    let pitch = ((bottom - top - bars) / lanes.len().max(1) as f64).within(PITCH_MIN, 64.0);
    let mut y = top;
    for lane in lanes.iter_mut() {
        lane.y = y + pitch / 2.0;
        y += pitch + extra(lane);
    }
    y
}
