//! The coordinator itself: which transactional ids it has, which requests go where, and appends to the
//! log whose end is awaited (`TransactionStateManager.appendTransactionToLog`).

use crate::collections::BTreeMap;
use std::rc::Rc;

use super::markers::{Markers, PendingComplete};
use super::metadata::{TransactionMetadata, TxnTransit};
use super::records::record;
use super::store::TransactionStore;
use super::timer::TransactionTimer;
use crate::config::BrokerConfig;
use crate::ids::{BrokerId, Name};
use crate::machine::{Connection, Ctx, Deadline, Observation, TimerTable};
use crate::protocol::coordinator::partition_for;
use crate::protocol::{ErrorCode, Request, Response};
use crate::time::SimTime;

/// A partition of `__transaction_state` that this broker leads.
#[derive(Clone, Debug)]
pub(super) struct Owned {
    pub coordinator_epoch: i32,
    pub loading: bool,
}

/// Who asked, and where the answer goes.
#[derive(Clone, Debug)]
pub(super) struct Asker {
    pub on: Connection,
    pub correlation_id: u64,
}

impl Asker {
    pub fn answer(&self, ctx: &mut Ctx<'_>, response: Response) {
        ctx.respond(&self.on, self.correlation_id, response);
    }
}

/// What follows an append.
#[derive(Clone, Debug)]
pub(super) enum Then {
    /// InitProducerId is answered.
    Init(Asker),
    /// AddPartitionsToTxn is answered.
    AddPartitions(Asker, Vec<crate::ids::TopicPartition>),
    /// AddOffsetsToTxn is answered.
    AddOffsets(Asker),
    /// The end is decided: it is answered, and markers go out.
    End(super::end::End),
    /// All markers are written.
    Complete,
    /// Ids are gone.
    Expire(Vec<Name>),
}

/// An append whose end is awaited.
#[derive(Clone, Debug)]
pub(super) struct Append {
    pub id: Name,
    pub partition: i32,
    pub coordinator_epoch: i32,
    pub transit: Option<TxnTransit>,
    pub then: Then,
}

/// The transaction coordinator of a broker.
#[derive(Clone, Debug)]
pub struct TransactionCoordinator {
    pub(super) broker: BrokerId,
    pub(super) config: Rc<BrokerConfig>,
    pub(super) owned: BTreeMap<i32, Owned>,
    /// Ids of partitions that this broker leads, those being loaded included.
    pub(super) transactions: BTreeMap<Name, TransactionMetadata>,
    pub(super) partition_of: BTreeMap<Name, i32>,
    pub(super) markers: Markers,
    pub(super) timers: TimerTable<TransactionTimer>,
    pub(super) appends: BTreeMap<u64, Append>,
    pub(super) tokens: u64,
    /// Its periodic tasks count from here.
    pub(super) started_at: SimTime,
}

impl TransactionCoordinator {
    /// A coordinator without transactional ids.
    pub fn new(id: BrokerId, config: Rc<BrokerConfig>) -> Self {
        Self {
            broker: id,
            config,
            owned: BTreeMap::new(),
            transactions: BTreeMap::new(),
            partition_of: BTreeMap::new(),
            markers: Markers::default(),
            timers: TimerTable::default(),
            appends: BTreeMap::new(),
            tokens: 0,
            started_at: SimTime::ZERO,
        }
    }

    /// The broker's process starts.
    pub fn start(&mut self, now: SimTime) {
        self.started_at = now;
    }

    /// The transactional ids that it coordinates, by id.
    pub fn transactions(&self) -> impl Iterator<Item = &TransactionMetadata> {
        self.transactions.values().filter(|metadata| {
            let partition = self.partition_of.get(&metadata.id);
            partition.and_then(|partition| self.owned.get(partition)).is_some_and(|owned| !owned.loading)
        })
    }

    /// When it wants [`Self::on_timer`].
    pub fn next_deadline(&self) -> Option<SimTime> {
        self.timers.next()
    }

    /// What it waits for, in words.
    pub fn deadlines(&self) -> Vec<Deadline> {
        self.timers.describe()
    }

    /// Handles a request; the answer follows now or later.
    pub fn handle_request(
        &mut self,
        ctx: &mut Ctx<'_>,
        store: &mut dyn TransactionStore,
        on: &Connection,
        correlation_id: u64,
        request: Request,
    ) {
        let asker = Asker { on: on.clone(), correlation_id };
        match request {
            Request::InitProducerId(request) => self.init_producer_id(ctx, store, asker, &request),
            Request::AddPartitionsToTxn(request) if request.verify_only => self.verify(ctx, store, &asker, &request),
            Request::AddPartitionsToTxn(request) => self.add_partitions(ctx, store, asker, request),
            Request::AddOffsetsToTxn(request) => self.add_offsets(ctx, store, asker, &request),
            Request::EndTxn(request) => self.end_txn(ctx, store, asker, &request),
            Request::DescribeTransactions(ids) => self.describe(ctx, store, &asker, &ids),
            Request::ListTransactions(()) => self.list(ctx, &asker),
            _ => {}
        }
        self.send_markers(ctx, store);
    }

    /// `getTransactionState`: the epoch of this coordinatorship, or why nothing can be said of the id.
    pub(super) fn epoch_for(&self, store: &dyn TransactionStore, id: &str) -> Result<i32, ErrorCode> {
        match self.owned.get(&partition_for(id, store.transaction_partition_count())) {
            None => Err(ErrorCode::NotCoordinator),
            Some(owned) if owned.loading => Err(ErrorCode::CoordinatorLoadInProgress),
            Some(owned) => Ok(owned.coordinator_epoch),
        }
    }

    /// The id's epoch and state; INVALID_PRODUCER_ID_MAPPING where there is none.
    pub(super) fn existing(
        &mut self,
        store: &dyn TransactionStore,
        id: &Name,
    ) -> Result<(i32, &mut TransactionMetadata), ErrorCode> {
        let epoch = self.epoch_for(store, id)?;
        let metadata = self.transactions.get_mut(id).ok_or(ErrorCode::InvalidProducerIdMapping)?;
        Ok((epoch, metadata))
    }

    /// Appends a change; `then` follows once the in-sync replicas have it, or it failed.
    pub(super) fn write(
        &mut self,
        store: &mut dyn TransactionStore,
        id: &Name,
        coordinator_epoch: i32,
        transit: TxnTransit,
        then: Then,
    ) {
        let partition = partition_for(id, store.transaction_partition_count());
        let (timeout_ms, written) = (transit.timeout_ms, record(id, &transit));
        self.tokens += 1;
        let append = Append { id: id.clone(), partition, coordinator_epoch, transit: Some(transit), then };
        self.appends.insert(self.tokens, append);
        store.append(partition, self.tokens, timeout_ms, vec![written]);
    }

    /// An append that was asked for is replicated, or failed.
    pub fn on_append_done(
        &mut self,
        ctx: &mut Ctx<'_>,
        store: &mut dyn TransactionStore,
        token: u64,
        error: ErrorCode,
    ) {
        let Some(append) = self.appends.remove(&token) else { return };
        let Append { id, partition, coordinator_epoch, transit, then } = append;
        if let Then::Expire(ids) = then {
            self.expired(partition, coordinator_epoch, &ids, error);
            return;
        }
        let Some(transit) = transit else { return };
        let mut error = coordinator_error(error);
        let current = self.owned.get(&partition).filter(|owned| !owned.loading);
        let ours = current.is_some_and(|owned| owned.coordinator_epoch == coordinator_epoch);
        let retried = matches!(then, Then::Complete) && error == ErrorCode::CoordinatorNotAvailable;
        match self.transactions.get_mut(&id).filter(|_| ours) {
            None if error == ErrorCode::None => {
                let loading = self.owned.get(&partition).is_some_and(|owned| owned.loading);
                error = if loading { ErrorCode::CoordinatorLoadInProgress } else { ErrorCode::NotCoordinator };
            }
            None => {}
            Some(metadata) if error == ErrorCode::None => {
                if metadata.complete(&transit) {
                    ctx.observe(Observation::TransactionChanged {
                        transactional_id: id.clone(),
                        coordinator: self.broker,
                        state: transit.state.name().into(),
                        producer_id: transit.producer_id,
                        producer_epoch: transit.producer_epoch,
                        loaded: false,
                    });
                } else {
                    error = ErrorCode::UnknownServerError;
                }
            }
            Some(_) if retried => {}
            Some(metadata) => metadata.pending_state = None,
        }
        match then {
            Then::Init(asker) => super::init::answer(ctx, &asker, error, &transit),
            Then::AddPartitions(asker, partitions) => super::add::answer(ctx, &asker, &partitions, error),
            Then::AddOffsets(asker) => asker.answer(ctx, Response::AddOffsetsToTxn(error)),
            Then::End(end) => self.decided(ctx, store, &id, coordinator_epoch, end, error),
            Then::Complete if error == ErrorCode::CoordinatorNotAvailable => {
                self.retry_append(ctx, PendingComplete { id, coordinator_epoch, transit });
            }
            Then::Complete | Then::Expire(_) => {}
        }
        self.send_markers(ctx, store);
    }

    /// Deadlines are due.
    pub fn on_timer(&mut self, ctx: &mut Ctx<'_>, store: &mut dyn TransactionStore) {
        while let Some(timer) = self.timers.pop_due(ctx.now) {
            match timer {
                TransactionTimer::Loaded(partition) => self.loaded(ctx, store, partition),
                TransactionTimer::AbortTimedOut => self.abort_timed_out(ctx, store),
                TransactionTimer::ExpireIds => self.expire_ids(ctx, store),
                TransactionTimer::Markers(_) => {}
                TransactionTimer::MarkersAnswer(broker) => self.markers_overdue(ctx, store, broker),
                TransactionTimer::AppendRetry => self.retry_appends(store),
            }
        }
        self.send_markers(ctx, store);
    }
}

/// What a failed append means to those who asked (`TransactionStateManager.appendTransactionToLog`).
fn coordinator_error(error: ErrorCode) -> ErrorCode {
    match error {
        ErrorCode::UnknownTopicOrPartition
        | ErrorCode::NotEnoughReplicas
        | ErrorCode::NotEnoughReplicasAfterAppend
        | ErrorCode::RequestTimedOut => ErrorCode::CoordinatorNotAvailable,
        ErrorCode::NotLeaderOrFollower | ErrorCode::KafkaStorageError => ErrorCode::NotCoordinator,
        ErrorCode::MessageTooLarge | ErrorCode::RecordListTooLarge => ErrorCode::UnknownServerError,
        other => other,
    }
}
