//! The calls of transactional producers, as a person makes them.

use super::execute::refuse;
use super::world::World;
use crate::command::{CommandError, TransactionVerb};
use crate::ids::Name;
use crate::producer::{ProducerCommand, TransactionCall};
use crate::protocol::group::OffsetAndMetadata;

impl World {
    /// Makes a transactional call; the producer tells how it ended under the returned ticket.
    ///
    /// # Errors
    /// There is no such producer, or no such consumer, or the consumer is in no group.
    pub fn call_transaction(&mut self, client: &Name, verb: &TransactionVerb) -> Result<u64, CommandError> {
        let call = match verb {
            TransactionVerb::Init => TransactionCall::Init,
            TransactionVerb::Begin => TransactionCall::Begin,
            TransactionVerb::Commit => TransactionCall::Commit,
            TransactionVerb::Abort => TransactionCall::Abort,
            TransactionVerb::SendOffsets(consumer) => self.offsets_of(consumer)?,
        };
        let ticket = self.tickets + 1;
        self.command_producer(client, ProducerCommand::Transaction { ticket, call })?;
        self.tickets = ticket;
        Ok(ticket)
    }

    /// The consumer's positions and group, as consume-transform-produce hands them over.
    fn offsets_of(&self, consumer: &Name) -> Result<TransactionCall, CommandError> {
        let Some(found) = self.consumer(consumer) else {
            return refuse(consumer, format!("there is no consumer {consumer}"));
        };
        let Some(group) = found.group_metadata() else {
            return refuse(consumer, format!("consumer {consumer} is in no group: it has no offsets to commit"));
        };
        let position = |tp| {
            let offset = found.position(&tp)?;
            Some((tp, OffsetAndMetadata { offset, leader_epoch: -1, metadata: "".into() }))
        };
        let offsets = found.assignment().into_iter().filter_map(position).collect();
        Ok(TransactionCall::SendOffsets { offsets, group })
    }
}
