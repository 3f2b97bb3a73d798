//! Partitions that come into a transaction (`handleAddPartitionsToTransaction`), and whether they are in
//! it (`handleVerifyPartitionsInTransaction`, KIP-890).

use super::coordinator::{Asker, Then, TransactionCoordinator};
use super::metadata::TxnTransit;
use super::state::TransactionState;
use super::store::TransactionStore;
use crate::guard::{Guard, holds};
use crate::ids::{Name, TopicPartition};
use crate::machine::Ctx;
use crate::protocol::transaction::{AddOffsetsToTxnRequest, AddPartitionsToTxnRequest, AddPartitionsToTxnResponse};
use crate::protocol::{ErrorCode, Response};

impl TransactionCoordinator {
    pub(super) fn add_partitions(
        &mut self,
        ctx: &mut Ctx<'_>,
        store: &mut dyn TransactionStore,
        asker: Asker,
        request: AddPartitionsToTxnRequest,
    ) {
        let AddPartitionsToTxnRequest { transactional_id, producer_id, producer_epoch, partitions, .. } = request;
        // A partition that is not there spoils the others (`KafkaApis.handleAddPartitionsToTxnRequest`).
        let missing = |tp: &&TopicPartition| store.leader_of(tp) == super::KnownLeader::Unknown;
        if partitions.iter().any(|tp| missing(&tp)) {
            let answers = partitions.iter().map(|tp| {
                let error =
                    if missing(&tp) { ErrorCode::UnknownTopicOrPartition } else { ErrorCode::OperationNotAttempted };
                (tp.clone(), error)
            });
            let partitions = answers.collect();
            asker.answer(ctx, Response::AddPartitionsToTxn(AddPartitionsToTxnResponse { partitions }));
            return;
        }
        match self.prepare_add(store, &transactional_id, producer_id, producer_epoch, &partitions) {
            Ok((epoch, transit)) => {
                self.write(store, &transactional_id, epoch, transit, Then::AddPartitions(asker, partitions));
            }
            Err(error) => answer(ctx, &asker, &partitions, error),
        }
    }

    pub(super) fn add_offsets(
        &mut self,
        ctx: &mut Ctx<'_>,
        store: &mut dyn TransactionStore,
        asker: Asker,
        request: &AddOffsetsToTxnRequest,
    ) {
        let partitions = [store.offsets_partition_of(&request.group_id)];
        let (id, epoch) = (&request.transactional_id, request.producer_epoch);
        match self.prepare_add(store, id, request.producer_id, epoch, &partitions) {
            Ok((epoch, transit)) => self.write(store, id, epoch, transit, Then::AddOffsets(asker)),
            Err(error) => asker.answer(ctx, Response::AddOffsetsToTxn(error)),
        }
    }

    /// `Err(None)`: all of them are in it already.
    fn prepare_add(
        &mut self,
        store: &dyn TransactionStore,
        id: &Name,
        producer_id: i64,
        producer_epoch: i16,
        partitions: &[TopicPartition],
    ) -> Result<(i32, TxnTransit), ErrorCode> {
        if id.is_empty() {
            return Err(ErrorCode::InvalidRequest);
        }
        let now_ms = store.now_ms();
        let (coordinator_epoch, metadata) = self.existing(store, id)?;
        if metadata.producer_id != producer_id {
            return Err(ErrorCode::InvalidProducerIdMapping);
        }
        if metadata.producer_epoch != producer_epoch && holds(Guard::CoordinatorFencesProducers) {
            return Err(ErrorCode::ProducerFenced);
        }
        if metadata.pending_state.is_some() || metadata.state.is_prepared() {
            return Err(ErrorCode::ConcurrentTransactions);
        }
        if metadata.state == TransactionState::Ongoing && partitions.iter().all(|tp| metadata.partitions.contains(tp)) {
            return Err(ErrorCode::None);
        }
        Ok((coordinator_epoch, metadata.prepare_add(partitions, now_ms)?))
    }

    pub(super) fn verify(
        &mut self,
        ctx: &mut Ctx<'_>,
        store: &dyn TransactionStore,
        asker: &Asker,
        request: &AddPartitionsToTxnRequest,
    ) {
        let checked = self.existing(store, &request.transactional_id).and_then(|(_, metadata)| {
            if metadata.producer_id != request.producer_id {
                return Err(ErrorCode::InvalidProducerIdMapping);
            }
            if metadata.producer_epoch != request.producer_epoch && holds(Guard::CoordinatorFencesProducers) {
                return Err(ErrorCode::ProducerFenced);
            }
            if metadata.state.is_prepared() {
                return Err(ErrorCode::ConcurrentTransactions);
            }
            Ok(&metadata.partitions)
        });
        let error_of = |tp: &TopicPartition| match &checked {
            Ok(known) if known.contains(tp) => ErrorCode::None,
            Ok(_) => ErrorCode::TransactionAbortable,
            Err(error) => *error,
        };
        let partitions = request.partitions.iter().map(|tp| (tp.clone(), error_of(tp))).collect();
        asker.answer(ctx, Response::AddPartitionsToTxn(AddPartitionsToTxnResponse { partitions }));
    }
}

/// One answer for all of them.
pub(super) fn answer(ctx: &mut Ctx<'_>, asker: &Asker, partitions: &[TopicPartition], error: ErrorCode) {
    let partitions = partitions.iter().map(|tp| (tp.clone(), error)).collect();
    asker.answer(ctx, Response::AddPartitionsToTxn(AddPartitionsToTxnResponse { partitions }));
}
