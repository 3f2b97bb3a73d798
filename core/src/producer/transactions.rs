//! What a transactional producer may do when (`TransactionManager`; KIP-98, KIP-360, KIP-588). The
//! application's calls change the state and queue requests; the I/O thread sends these one at a time.
//!
//! Errors go by the name of Kafka's code, or of the exception where it has none.

use crate::collections::{BTreeMap, BTreeSet};

use super::txn_request::{Kind, TxnRequest, TxnRequests};
use crate::ids::{BrokerId, Name, TopicPartition};
use crate::protocol::group::{ConsumerGroupMetadata, OffsetAndMetadata};

/// Where the producer stands (`TransactionManager.State`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TransactionPhase {
    /// Before `initTransactions()`.
    Uninitialized,
    /// `initTransactions()` is under way, or the epoch is being raised after an abort.
    Initializing,
    /// No transaction is open.
    Ready,
    /// `beginTransaction()` was called.
    InTransaction,
    /// `commitTransaction()` was called.
    Committing,
    /// `abortTransaction()` was called.
    Aborting,
    /// Only `abortTransaction()` helps.
    AbortableError,
    /// Nothing helps: the producer has to be closed.
    FatalError,
}

use TransactionPhase as P;

impl TransactionPhase {
    /// Kafka's name.
    pub const fn name(self) -> &'static str {
        match self {
            P::Uninitialized => "UNINITIALIZED",
            P::Initializing => "INITIALIZING",
            P::Ready => "READY",
            P::InTransaction => "IN_TRANSACTION",
            P::Committing => "COMMITTING_TRANSACTION",
            P::Aborting => "ABORTING_TRANSACTION",
            P::AbortableError => "ABORTABLE_ERROR",
            P::FatalError => "FATAL_ERROR",
        }
    }

    const fn may_become(self, next: Self) -> bool {
        match next {
            P::Uninitialized => matches!(self, P::Ready | P::AbortableError),
            P::Initializing => matches!(self, P::Uninitialized | P::Aborting),
            P::Ready => matches!(self, P::Initializing | P::Committing | P::Aborting),
            P::InTransaction => matches!(self, P::Ready),
            P::Committing => matches!(self, P::InTransaction),
            P::Aborting => matches!(self, P::InTransaction | P::AbortableError),
            P::AbortableError => {
                matches!(self, P::InTransaction | P::Committing | P::AbortableError | P::Initializing)
            }
            P::FatalError => true,
        }
    }
}

/// A call that changes the state and may time out before it is done: it must be made again then.
#[derive(Clone, Debug)]
struct PendingTransition {
    result: u64,
    to: TransactionPhase,
}

/// A producer's transactions.
#[derive(Clone, Debug)]
pub(super) struct Transactions {
    pub id: Name,
    pub timeout_ms: u64,
    pub phase: TransactionPhase,
    pub last_error: Option<Name>,
    pub coordinator: Option<BrokerId>,
    pub group_coordinator: Option<BrokerId>,
    /// A coordinator was reached: it can raise the epoch (`coordinatorSupportsBumpingEpoch`).
    pub coordinator_seen: bool,
    /// Partitions that were sent to and not named to the coordinator yet.
    pub new_partitions: BTreeSet<TopicPartition>,
    /// Partitions that the coordinator is asked to add.
    pub pending_partitions: BTreeSet<TopicPartition>,
    /// Partitions in the transaction.
    pub partitions: BTreeSet<TopicPartition>,
    pub pending_offsets: BTreeMap<TopicPartition, OffsetAndMetadata>,
    pub requests: TxnRequests,
    /// The coordinator knows of this transaction.
    pub started: bool,
    pub epoch_bump_required: bool,
    pending_transition: Option<PendingTransition>,
}

/// The producer's id and epoch.
pub(super) type Identity = (i64, i16);

fn illegal<T>() -> Result<T, Name> {
    Err("IllegalStateException".into())
}

/// An exception of Kafka's protocol, which `send()` gives to the future instead of throwing it.
pub(super) fn is_api_exception(error: &str) -> bool {
    !matches!(error, "KafkaException" | "IllegalStateException" | "IllegalArgumentException" | "CommitFailedException")
}

impl Transactions {
    pub fn new(id: Name, timeout_ms: u64) -> Self {
        Self {
            id,
            timeout_ms,
            phase: P::Uninitialized,
            last_error: None,
            coordinator: None,
            group_coordinator: None,
            coordinator_seen: false,
            new_partitions: BTreeSet::new(),
            pending_partitions: BTreeSet::new(),
            partitions: BTreeSet::new(),
            pending_offsets: BTreeMap::new(),
            requests: TxnRequests::default(),
            started: false,
            epoch_bump_required: false,
            pending_transition: None,
        }
    }

    pub fn has_error(&self) -> bool {
        matches!(self.phase, P::AbortableError | P::FatalError)
    }

    pub fn is_completing(&self) -> bool {
        matches!(self.phase, P::Committing | P::Aborting)
    }

    /// A transaction is open, or being ended (`hasOngoingTransaction`).
    pub fn is_ongoing(&self) -> bool {
        matches!(self.phase, P::InTransaction | P::AbortableError) || self.is_completing()
    }

    /// A batch for this partition may be sent: it is in the transaction.
    pub fn is_send_allowed(&self, tp: &TopicPartition) -> bool {
        self.phase != P::FatalError && self.partitions.contains(tp)
    }

    /// An illegal change leaves the state as it is when the application asks for it.
    fn transition(&mut self, to: TransactionPhase, error: Option<Name>) -> Result<(), Name> {
        if !self.phase.may_become(to) {
            return illegal();
        }
        self.phase = to;
        self.last_error = error;
        Ok(())
    }

    /// An illegal change of the I/O thread poisons the producer (KAFKA-14831).
    pub fn transition_or_poison(&mut self, to: TransactionPhase, error: Option<Name>) {
        if self.transition(to, error).is_err() {
            self.phase = P::FatalError;
            self.last_error = Some("IllegalStateException".into());
        }
    }

    pub fn fail_abortably(&mut self, error: Name) {
        if self.phase != P::Aborting {
            self.transition_or_poison(P::AbortableError, Some(error));
        }
    }

    pub fn fail_fatally(&mut self, error: Name) {
        self.phase = P::FatalError;
        self.last_error = Some(error.clone());
        if let Some(pending) = &self.pending_transition {
            self.requests.fail(pending.result, error);
        }
    }

    pub fn can_bump_epoch(&self) -> bool {
        self.coordinator_seen
    }

    /// Something failed (`maybeTransitionToErrorState`).
    pub fn enter_error(&mut self, error: Name) {
        if is_fatal(&error) {
            self.fail_fatally(error);
            return;
        }
        if self.can_bump_epoch() && !self.is_completing() {
            self.epoch_bump_required = true;
        }
        self.fail_abortably(error);
    }

    /// [`Self::enter_error`] on the application's thread, where an illegal change is thrown.
    pub fn fail_or_throw(&mut self, error: Name) -> Result<(), Name> {
        let aborting = self.phase == P::Aborting;
        if !is_fatal(&error) && !aborting && !self.phase.may_become(P::AbortableError) {
            return illegal();
        }
        self.enter_error(error);
        Ok(())
    }

    /// What every call throws after an error (`maybeFailWithError`).
    fn check_error(&self) -> Result<(), Name> {
        if !self.has_error() {
            return Ok(());
        }
        match self.last_error.as_deref() {
            Some(known @ ("PRODUCER_FENCED" | "INVALID_PRODUCER_EPOCH" | "IllegalStateException")) => Err(known.into()),
            _ => Err("KafkaException".into()),
        }
    }

    /// A call that timed out must be made again before any other (`throwIfPendingState`).
    fn check_pending(&mut self) -> Result<(), Name> {
        match &self.pending_transition {
            Some(pending) if !self.requests.is_acked(pending.result) => illegal(),
            _ => {
                self.pending_transition = None;
                Ok(())
            }
        }
    }

    /// The result to wait for if the same call is made again, before what it does (`handleCachedTransactionRequestResult`).
    fn cached(&mut self, to: TransactionPhase) -> Result<Option<u64>, Name> {
        match &self.pending_transition {
            Some(pending) if !self.requests.is_acked(pending.result) => {
                if pending.to == to {
                    Ok(Some(pending.result))
                } else {
                    illegal()
                }
            }
            _ => {
                self.pending_transition = None;
                Ok(None)
            }
        }
    }

    fn await_result(&mut self, result: u64, to: TransactionPhase) -> u64 {
        self.pending_transition = Some(PendingTransition { result, to });
        result
    }

    /// `initTransactions()`: gives the result to wait for.
    pub fn initialize(&mut self) -> Result<u64, Name> {
        self.check_error()?;
        if let Some(result) = self.cached(P::Initializing)? {
            return Ok(result);
        }
        self.transition(P::Initializing, None)?;
        let result = self.requests.push(Kind::InitProducerId { identity: (-1, -1), is_bump: false });
        Ok(self.await_result(result, P::Initializing))
    }

    /// `beginTransaction()`
    pub fn begin(&mut self) -> Result<(), Name> {
        self.check_pending()?;
        self.check_error()?;
        self.transition(P::InTransaction, None)
    }

    /// `commitTransaction()`: gives the result to wait for.
    pub fn commit(&mut self, identity: Identity) -> Result<u64, Name> {
        if let Some(result) = self.cached(P::Committing)? {
            return Ok(result);
        }
        self.check_error()?;
        self.transition(P::Committing, None)?;
        let result = self.complete(true, identity, None);
        Ok(self.await_result(result, P::Committing))
    }

    /// `abortTransaction()`: gives the result to wait for.
    pub fn abort(&mut self, identity: Identity) -> Result<u64, Name> {
        if let Some(result) = self.cached(P::Aborting)? {
            return Ok(result);
        }
        if self.phase != P::AbortableError {
            self.check_error()?;
        }
        let error = self.last_error.clone();
        self.transition(P::Aborting, None)?;
        self.new_partitions.clear();
        let result = self.complete(false, identity, error.as_deref());
        Ok(self.await_result(result, P::Aborting))
    }

    fn complete(&mut self, committed: bool, identity: Identity, error: Option<&str>) -> u64 {
        self.queue_new_partitions(identity);
        // A coordinator that does not know the producer would not take its EndTxn.
        if error != Some("INVALID_PRODUCER_ID_MAPPING") {
            let end = Kind::EndTxn { identity, committed };
            if !self.epoch_bump_required {
                return self.requests.push(end);
            }
            self.requests.push_unawaited(end);
        }
        self.requests.push(Kind::InitProducerId { identity, is_bump: true })
    }

    /// Partitions that were sent to are named to the coordinator.
    pub fn queue_new_partitions(&mut self, identity: Identity) {
        if self.new_partitions.is_empty() {
            return;
        }
        self.pending_partitions.append(&mut self.new_partitions);
        let partitions = self.pending_partitions.iter().cloned().collect();
        self.requests.push_unawaited(Kind::AddPartitions { identity, partitions, quick: false });
    }

    /// `sendOffsetsToTransaction()`: gives the result to wait for.
    pub fn send_offsets(
        &mut self,
        identity: Identity,
        offsets: Vec<(TopicPartition, OffsetAndMetadata)>,
        group: ConsumerGroupMetadata,
    ) -> Result<u64, Name> {
        self.check_pending()?;
        self.check_error()?;
        if self.phase != P::InTransaction {
            return illegal();
        }
        Ok(self.requests.push(Kind::AddOffsets { identity, offsets, group }))
    }

    /// A record was put into a batch for this partition (`maybeAddPartition`): by now it is too late to
    /// keep it out of the next transaction, should this be refused.
    pub fn add_partition(&mut self, tp: &TopicPartition, has_producer_id: bool) -> Result<(), Name> {
        self.check_error()?;
        self.check_pending()?;
        if !has_producer_id || self.phase != P::InTransaction {
            return illegal();
        }
        if !self.partitions.contains(tp) && !self.pending_partitions.contains(tp) {
            self.new_partitions.insert(tp.clone());
        }
        Ok(())
    }

    /// The transaction is over (`completeTransaction`).
    pub fn completed(&mut self) {
        let next = if self.epoch_bump_required { P::Initializing } else { P::Ready };
        self.transition_or_poison(next, None);
        self.epoch_bump_required = false;
        self.started = false;
        self.new_partitions.clear();
        self.pending_partitions.clear();
        self.partitions.clear();
    }

    /// The request may not be sent in this state: it fails.
    pub fn refuses(&mut self, request: &TxnRequest) -> bool {
        if !self.has_error() {
            return false;
        }
        if self.phase == P::AbortableError && matches!(request.kind, Kind::FindCoordinator { .. }) {
            return false;
        }
        let error = self.last_error.clone().unwrap_or_else(|| "KafkaException".into());
        self.requests.fail(request.result, error);
        true
    }
}

fn is_fatal(error: &str) -> bool {
    matches!(
        error,
        "CLUSTER_AUTHORIZATION_FAILED"
            | "TRANSACTIONAL_ID_AUTHORIZATION_FAILED"
            | "PRODUCER_FENCED"
            | "UNSUPPORTED_VERSION"
    )
}
