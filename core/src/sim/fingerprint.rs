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
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
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

    /// Adds one event.
    pub fn step(&mut self, at: SimTime, seq: u64, node: Option<&NodeId>) {
        self.number(at.0);
        self.number(seq);
        if let Some(node) = node {
            let _ = write!(self, "{node}");
        }
    }

    /// Adds one observation.
    pub fn observation(&mut self, observation: &Observation) {
        let _ = write!(self, "{observation}");
    }

    /// Adds a command of the journal.
    pub fn command(&mut self, text: &str) {
        let _ = write!(self, "{text}");
    }
}
