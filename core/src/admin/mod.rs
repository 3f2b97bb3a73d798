//! The admin client (`KafkaAdminClient`): carries out what the `kafka-*.sh` tools ask.

mod op;

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::ids::{BrokerId, Name};
use crate::machine::{Ctx, Deadline, Input, Machine};
use crate::time::SimTime;

pub use op::{
    AdminAnswer, AdminCommand, AdminError, AdminOp, ClusterDescription, ConfigEntry, GroupListing, OffsetSpec,
    Reassignment,
};

/// One admin client.
#[derive(Clone, Debug)]
pub struct Admin {
    client: Name,
    bootstrap: Vec<BrokerId>,
    answers: BTreeMap<u64, Rc<Result<AdminAnswer, AdminError>>>,
}

impl Admin {
    /// A client that knows the cluster by its bootstrap servers.
    pub fn new(client: Name, bootstrap: Vec<BrokerId>) -> Self {
        Self { client, bootstrap, answers: BTreeMap::new() }
    }

    /// Its `client.id`.
    pub fn client(&self) -> &Name {
        &self.client
    }

    /// What became of the command with this ticket; `None` while it is under way.
    pub fn answer(&self, ticket: u64) -> Option<&Result<AdminAnswer, AdminError>> {
        self.answers.get(&ticket).map(Rc::as_ref)
    }
}

impl Machine for Admin {
    type Command = AdminCommand;

    fn handle(&mut self, _ctx: &mut Ctx<'_>, _input: Input<AdminCommand>) {
        let _ = &self.bootstrap;
    }

    fn next_deadline(&self) -> Option<SimTime> {
        None
    }

    fn deadlines(&self) -> Vec<Deadline> {
        Vec::new()
    }
}
