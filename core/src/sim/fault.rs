//! Faults that last: an ordered list of rules with numbers, each visible and undoable. Most are of the network,
//! some of a machine: it is slow, or its clock is wrong.

use std::fmt;

use crate::command::ClockSkew;
use crate::ids::NodeId;
use crate::time::SimDuration;

/// What a rule does.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum FaultRule {
    /// Nothing passes between the two; one-way: `a` no longer hears `b`.
    Cut {
        /// One end.
        a: NodeId,
        /// The other end.
        b: NodeId,
        /// Only from `b` to `a`.
        one_way: bool,
    },
    /// The node is cut from everyone.
    Isolate(NodeId),
    /// Messages between the two take longer.
    Delay {
        /// One end.
        a: NodeId,
        /// The other end.
        b: NodeId,
        /// By how much.
        by: SimDuration,
    },
    /// Handling messages and writing to disk take that many times longer.
    Slow {
        /// The node.
        node: NodeId,
        /// How many times.
        factor: u32,
    },
    /// The clock on the node's wall is wrong (`System.currentTimeMillis`; timers go by `nanoTime`).
    Clock {
        /// The node.
        node: NodeId,
        /// Which way, and by how much.
        skew: ClockSkew,
    },
}

impl FaultRule {
    /// True if a packet from `from` does not reach `to`. A process always reaches itself.
    pub fn blocks(&self, from: &NodeId, to: &NodeId) -> bool {
        if from == to {
            return false;
        }
        match self {
            Self::Cut { a, b, one_way } => (a == to && b == from) || (!one_way && a == from && b == to),
            Self::Isolate(node) => node == from || node == to,
            Self::Delay { .. } | Self::Slow { .. } | Self::Clock { .. } => false,
        }
    }

    /// How much longer a packet between the two takes.
    pub fn delays(&self, from: &NodeId, to: &NodeId) -> SimDuration {
        match self {
            Self::Delay { a, b, by } if (a == from && b == to) || (a == to && b == from) => *by,
            _ => SimDuration::ZERO,
        }
    }

    /// The nodes that it names.
    pub fn nodes(&self) -> Vec<NodeId> {
        match self {
            Self::Cut { a, b, .. } | Self::Delay { a, b, .. } => vec![a.clone(), b.clone()],
            Self::Isolate(node) | Self::Slow { node, .. } | Self::Clock { node, .. } => vec![node.clone()],
        }
    }
}

impl fmt::Display for FaultRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cut { a, b, one_way: false } => write!(f, "cut {a} {b}"),
            Self::Cut { a, b, one_way: true } => write!(f, "cut {a} {b} one-way"),
            Self::Isolate(node) => write!(f, "isolate {node}"),
            Self::Delay { a, b, by } => write!(f, "delay {a} {b} {by}"),
            Self::Slow { node, factor } => write!(f, "slow {node} {factor}"),
            Self::Clock { node, skew } => write!(f, "clock {node} {skew}"),
        }
    }
}
