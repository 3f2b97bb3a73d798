//! A running digest of a trace (FNV-1a over integers and printed observations).

use std::fmt::Write as _;

use crate::ids::NodeId;
use crate::machine::Observation;
use crate::time::SimTime;

/// The digest so far.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fingerprint(u64);

impl Default for Fingerprint {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl std::fmt::Write for Fingerprint {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        for byte in text.bytes() {
            self.byte(byte);
        }
        Ok(())
    }
}

impl Fingerprint {
    /// The digest as a number.
    pub fn value(&self) -> u64 {
        self.0
    }

    fn number(&mut self, number: u64) {
        self.0 = (self.0 ^ number).wrapping_mul(0x0100_0000_01b3).rotate_left(23);
    }

    /// As `{node}` prints; without the machinery of formatting, since every event has one.
    fn node(&mut self, node: &NodeId) {
        match node {
            NodeId::Client(name) => _ = self.write_str(name),
            NodeId::Broker(id) if (100..1000).contains(id) => {
                for digit in [id / 100, id / 10 % 10, id % 10] {
                    self.byte(b'0' + digit as u8);
                }
            }
            _ => _ = write!(self, "{node}"),
        }
    }

    fn byte(&mut self, byte: u8) {
        self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }

    /// Adds one event.
    pub fn step(&mut self, at: SimTime, seq: u64, node: Option<&NodeId>) {
        self.number(at.0);
        self.number(seq);
        if let Some(node) = node {
            self.node(node);
        }
    }

    /// Adds one observation.
    pub fn observation(&mut self, observation: &Observation) {
        // What a tool prints follows from its line and from what it was told, which are part of the trace.
        if matches!(
            observation,
            Observation::ToolStarted { .. } | Observation::ToolPrinted { .. } | Observation::ToolEnded { .. }
        ) {
            return;
        }
        let _ = write!(self, "{observation}");
    }

    /// Adds a command of the journal.
    pub fn command(&mut self, command: impl std::fmt::Display) {
        let _ = write!(self, "{command}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_count_as_they_print() {
        let nodes = [0, 7, 99, 100, 101, 999, 1000, -1].map(NodeId::Broker);
        for node in nodes.into_iter().chain([NodeId::ZooKeeper(1), NodeId::Client("truck-1".into())]) {
            let (mut told, mut printed) = (Fingerprint::default(), Fingerprint::default());
            told.node(&node);
            printed.command(node.to_string());
            assert_eq!(told, printed, "{node}");
        }
    }
}
