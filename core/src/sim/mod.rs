//! The world: processes, network, faults, disks and one event queue under virtual time.
//!
//! Everything that happens is an [`event`](World::step) ordered by (time, number); ties are never
//! decided by a container. Cloning a world is cheap: processes sit in `Rc` and are copied when they
//! change. Leaves out drifting clocks, disk errors and the bandwidth of the network.

mod chronicle;
mod clients;
mod disks;
mod execute;
mod fault;
mod fingerprint;
mod genesis;
mod lifecycle;
mod network;
mod notes;
mod outside;
mod own;
mod process;
mod queue;
mod recorder;
mod slow;
#[cfg(test)]
mod tests;
mod tools;
mod transactions;
mod wire;
mod world;

pub use chronicle::{AbortedByHand, Began, Chronicle, Cut, Moved, Removal, Removed, Retried, Started};
pub use fault::FaultRule;
pub use genesis::Genesis;
pub use network::{ConnectionState, Envelope, Network};
pub use outside::{Done, DoneBy, Outside};
pub use process::{Process, ProcessCommand, ProcessInput};
pub use recorder::Recorder;
pub use tools::ToolTicket;
pub use world::{Observed, ProcState, Slot, Stepped, World};
