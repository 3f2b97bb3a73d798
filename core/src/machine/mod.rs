//! The seam between every process of the simulation and the world that drives it.
//!
//! A [`Machine`] takes one [`Input`] at a time, changes its own state and pushes [`Effect`]s into
//! its [`Ctx`]; it never sees a clock, a socket or another machine. The world drains all effects
//! before the next input. Deadlines are state ([`TimerTable`]) and their key is their reason.

mod ctx;
mod message;
mod observation;
mod sentence;
mod timer;
mod words;

pub use ctx::{Ctx, Effect, Processed};
pub use message::{Body, Channel, Connection, Delivery, MessageId};
pub use observation::{COMMITTED_BY_TOOL, COMMITTED_BY_TRANSACTION, Observation};
pub use timer::{Deadline, TimerTable};

use crate::time::SimTime;

/// What can happen to a process.
#[derive(Clone, Debug)]
pub enum Input<C> {
    /// The process starts with what its disk holds.
    Boot,
    /// A message arrived.
    Deliver(Delivery),
    /// At least one deadline is due; the machine takes those that are from its table.
    Timer,
    /// A connection broke: the peer died, refused, reset it, or we gave up on it.
    ConnectionLost(Connection),
    /// A disk operation that was asked for with [`Ctx::flush`] is done.
    DiskDone(u64),
    /// A person or an application asks something of this process.
    Command(C),
}

/// A process as a state machine.
pub trait Machine {
    /// What an application or a person can ask of it.
    type Command;

    /// Runs one input to completion.
    fn handle(&mut self, ctx: &mut Ctx<'_>, input: Input<Self::Command>);

    /// When the machine wants its next [`Input::Timer`]. Pure.
    fn next_deadline(&self) -> Option<SimTime>;

    /// Every deadline with its reason in words, soonest first, for people to read.
    fn deadlines(&self) -> Vec<Deadline>;
}
