//! The transactional calls of the application: `initTransactions()`, `beginTransaction()`,
//! `sendOffsetsToTransaction()`, `commitTransaction()`, `abortTransaction()` (`KafkaProducer`). They block
//! for `max.block.ms` at most.

use std::rc::Rc;

use super::Producer;
use super::application::Call;
use super::ledger::Outcome;
use super::transactions::is_api_exception;
use crate::client::error_name;
use crate::ids::{Name, TopicPartition};
use crate::machine::{Ctx, Observation};
use crate::protocol::ErrorCode;
use crate::protocol::group::{ConsumerGroupMetadata, OffsetAndMetadata};
use crate::time::SimDuration;

/// A call of the transactional API.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum TransactionCall {
    /// `initTransactions()`
    Init,
    /// `beginTransaction()`
    Begin,
    /// `sendOffsetsToTransaction()`
    SendOffsets {
        /// The next offset to be read of each partition.
        offsets: Vec<(TopicPartition, OffsetAndMetadata)>,
        /// `consumer.groupMetadata()`
        group: ConsumerGroupMetadata,
    },
    /// `commitTransaction()`
    Commit,
    /// `abortTransaction()`
    Abort,
}

impl TransactionCall {
    /// Java's name of the method.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Init => "initTransactions",
            Self::Begin => "beginTransaction",
            Self::SendOffsets { .. } => "sendOffsetsToTransaction",
            Self::Commit => "commitTransaction",
            Self::Abort => "abortTransaction",
        }
    }
}

impl Producer {
    /// Makes a transactional call, or goes on waiting for its result; gives it back if it blocks.
    pub(super) fn call_transaction(
        &mut self,
        ctx: &mut Ctx<'_>,
        ticket: u64,
        call: TransactionCall,
        result: Option<u64>,
    ) -> Option<Call> {
        let begun = match result {
            Some(result) => Ok(Some(result)),
            None => {
                let begun = self.begin_call(&call);
                if begun.as_ref().is_err_and(|error| &**error == "KafkaException") {
                    self.note_cause(ticket);
                }
                begun
            }
        };
        let ended = match begun {
            Err(error) => Err(error),
            Ok(None) => Ok(()),
            Ok(Some(result)) => {
                let outcome = self.transactions.as_mut().and_then(|t| t.requests.take_outcome(result));
                match outcome {
                    Some(outcome) => outcome,
                    None => {
                        let (since, _) = *self.application.blocked.get_or_insert((ctx.now, 0));
                        if since + SimDuration::from_ms(self.config.max_block_ms) > ctx.now {
                            return Some(Call::Transaction { ticket, call, result: Some(result) });
                        }
                        // What was begun goes on; the call has to be made again to hear how it ends.
                        Err(error_name(ErrorCode::RequestTimedOut))
                    }
                }
            }
        };
        let error = ended.as_ref().err().cloned();
        if error.is_some() {
            self.last_error.clone_from(&error);
        }
        let (producer, name) = (self.client.clone(), call.name().into());
        ctx.observe(Observation::TransactionCall { producer, call: name, error });
        Rc::make_mut(&mut self.application.answers).insert(ticket, ended);
        None
    }

    /// An error of before is the cause of this call's exception, if Kafka has a code for it.
    fn note_cause(&mut self, ticket: u64) {
        let before = self.transactions.as_ref().and_then(|transactions| transactions.last_error.clone());
        if let Some(before) = before.filter(|before| is_api_exception(before)) {
            let code = if &*before == "TimeoutException" { ErrorCode::RequestTimedOut.name().into() } else { before };
            Rc::make_mut(&mut self.application.causes).insert(ticket, code);
        }
    }

    /// Gives the result to wait for, if there is one.
    fn begin_call(&mut self, call: &TransactionCall) -> Result<Option<u64>, Name> {
        let identity = self.identity();
        let closed = self.application.closed;
        if let TransactionCall::SendOffsets { offsets, .. } = call
            && offsets.iter().any(|(_, committed)| committed.offset < 0)
        {
            return Err("IllegalArgumentException".into());
        }
        if let TransactionCall::SendOffsets { group, .. } = call
            && group.generation_id > 0
            && group.member_id.is_empty()
        {
            return Err("IllegalArgumentException".into());
        }
        let Some(transactions) = self.transactions.as_mut().filter(|_| !closed) else {
            return Err("IllegalStateException".into());
        };
        match call {
            TransactionCall::Init => transactions.initialize().map(Some),
            TransactionCall::Begin => transactions.begin().map(|()| None),
            TransactionCall::Commit => transactions.commit(identity).map(Some),
            TransactionCall::Abort => transactions.abort(identity).map(Some),
            TransactionCall::SendOffsets { offsets, .. } if offsets.is_empty() => Ok(None),
            TransactionCall::SendOffsets { offsets, group } => {
                transactions.send_offsets(identity, offsets.clone(), group.clone()).map(Some)
            }
        }
    }

    /// `close()` aborts a transaction that is still open. True if nothing is left to do.
    pub(super) fn end_transaction_of_closed(&mut self) -> bool {
        let identity = self.identity();
        let Some(transactions) = &mut self.transactions else { return true };
        if !transactions.is_ongoing() {
            return true;
        }
        // One that cannot be aborted is closed by force.
        !transactions.is_completing() && transactions.abort(identity).is_err()
    }

    /// The partition of a record that is in a batch now comes into the transaction. A refusal comes too
    /// late for the record: it will be sent with the next transaction of its partition (3.9.1).
    pub(super) fn add_to_transaction(&mut self, ctx: &mut Ctx<'_>, ticket: u64, tp: &TopicPartition) {
        let has_producer_id = self.producer_id() >= 0;
        let Some(transactions) = &mut self.transactions else { return };
        let Err(mut error) = transactions.add_partition(tp, has_producer_id) else { return };
        if is_api_exception(&error)
            && let Err(thrown) = transactions.fail_or_throw(error.clone())
        {
            error = thrown;
        }
        self.last_error = Some(error.clone());
        self.ledger.complete(ticket, Outcome::Failed { tp: Some(tp.clone()), error: error.clone() }, ctx.now);
        ctx.observe(Observation::RecordFailed { producer: self.client.clone(), tp: tp.clone(), error });
    }
}
