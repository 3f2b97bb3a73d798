//! The world together with what its promises' checkers remember: both go back in time together.

use crate::command::{Command, CommandError};
use crate::invariant::Promises;
use crate::sim::{Genesis, World};

/// A world under watch.
#[derive(Clone, Debug)]
pub(super) struct Run {
    pub(super) world: World,
    pub(super) promises: Promises,
}

impl Run {
    /// A cluster that stands, with nothing promised yet.
    pub(super) fn new(genesis: &Genesis) -> Result<Self, CommandError> {
        Ok(Self { world: World::new(genesis)?, promises: Promises::default() })
    }

    /// Runs one event and checks every promise.
    pub(super) fn step(&mut self) -> bool {
        let seen = self.world.observations().len();
        match self.world.step() {
            Some(stepped) => {
                self.promises.check(&self.world, &stepped, seen);
                true
            }
            None => false,
        }
    }

    pub(super) fn execute(&mut self, command: &Command) -> Result<(), CommandError> {
        let seen = self.world.observations().len();
        let done = self.world.execute(command);
        self.promises.commanded(&self.world, seen);
        done
    }
}
