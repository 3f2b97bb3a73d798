//! InitProducerId with a transactional id: an epoch of one's own, and the end of whoever had the id
//! before (`TransactionCoordinator.handleInitProducerId`).

use super::coordinator::{Asker, Then, TransactionCoordinator};
use super::end::{End, EndAsker};
use super::metadata::{NO_PRODUCER_EPOCH, TransactionMetadata, TxnTransit, is_exhausted};
use super::state::TransactionState;
use super::store::TransactionStore;
use crate::machine::Ctx;
use crate::protocol::producer_id::{InitProducerIdRequest, InitProducerIdResponse};
use crate::protocol::{ErrorCode, Response};

impl TransactionCoordinator {
    pub(super) fn init_producer_id(
        &mut self,
        ctx: &mut Ctx<'_>,
        store: &mut dyn TransactionStore,
        asker: Asker,
        request: &InitProducerIdRequest,
    ) {
        let Some(id) = request.transactional_id.clone() else { return };
        let (coordinator_epoch, transit) = match self.prepare_init(store, request) {
            Ok(prepared) => prepared,
            Err(error) => {
                refuse(ctx, &asker, error);
                return;
            }
        };
        if transit.state != TransactionState::PrepareEpochFence {
            self.write(store, &id, coordinator_epoch, transit, Then::Init(asker));
            return;
        }
        // The open transaction is aborted first; its epoch is given to nobody. The client tries again
        // and gets the one after.
        let end = End {
            asker: EndAsker::Init(asker),
            producer_id: transit.producer_id,
            producer_epoch: transit.producer_epoch,
            commit: false,
            is_epoch_fence: true,
        };
        self.end_transaction(ctx, store, &id, end, false);
    }

    fn prepare_init(
        &mut self,
        store: &mut dyn TransactionStore,
        request: &InitProducerIdRequest,
    ) -> Result<(i32, TxnTransit), ErrorCode> {
        let id = request.transactional_id.clone().filter(|id| !id.is_empty()).ok_or(ErrorCode::InvalidRequest)?;
        let timeout_ms = request.transaction_timeout_ms;
        if timeout_ms == 0 || timeout_ms > self.config.transaction_max_timeout_ms {
            return Err(ErrorCode::InvalidTransactionTimeout);
        }
        let coordinator_epoch = self.epoch_for(store, &id)?;
        let now_ms = store.now_ms();
        if !self.transactions.contains_key(&id) {
            let producer_id = store.new_producer_id().ok_or(ErrorCode::CoordinatorLoadInProgress)?;
            let partition = crate::protocol::coordinator::partition_for(&id, store.transaction_partition_count());
            let metadata = TransactionMetadata::new(id.clone(), producer_id, timeout_ms, now_ms);
            self.partition_of.insert(id.clone(), partition);
            self.transactions.insert(id.clone(), metadata);
        }
        let metadata = self.transactions.get_mut(&id).ok_or(ErrorCode::InvalidProducerIdMapping)?;
        if metadata.pending_state.is_some() {
            return Err(ErrorCode::ConcurrentTransactions);
        }
        let expected = (request.producer_id >= 0).then_some((request.producer_id, request.producer_epoch));
        if expected.is_some_and(|(producer_id, epoch)| !is_valid(metadata, producer_id, epoch)) {
            return Err(ErrorCode::ProducerFenced);
        }
        let expected_epoch = expected.map(|(_, epoch)| epoch);
        let transit = match metadata.state {
            TransactionState::PrepareAbort | TransactionState::PrepareCommit => {
                return Err(ErrorCode::ConcurrentTransactions);
            }
            TransactionState::Ongoing => metadata.prepare_fence()?,
            TransactionState::Empty | TransactionState::CompleteAbort | TransactionState::CompleteCommit => {
                let agrees = expected_epoch.is_none_or(|epoch| epoch == metadata.producer_epoch);
                if metadata.is_epoch_exhausted() && agrees {
                    let producer_id = store.new_producer_id().ok_or(ErrorCode::CoordinatorLoadInProgress)?;
                    metadata.prepare_rotation(producer_id, timeout_ms, now_ms, expected.is_some())?
                } else {
                    metadata.prepare_next_epoch(timeout_ms, expected_epoch, now_ms)?
                }
            }
            TransactionState::Dead | TransactionState::PrepareEpochFence => return Err(ErrorCode::UnknownServerError),
        };
        Ok((coordinator_epoch, transit))
    }
}

/// A producer that names itself (KIP-360) is the one that is known, or its answer was lost.
fn is_valid(metadata: &TransactionMetadata, producer_id: i64, epoch: i16) -> bool {
    metadata.producer_epoch == NO_PRODUCER_EPOCH
        || producer_id == metadata.producer_id
        || (producer_id == metadata.previous_producer_id && is_exhausted(epoch))
}

pub(super) fn refuse(ctx: &mut Ctx<'_>, asker: &Asker, error: ErrorCode) {
    let answer = InitProducerIdResponse { error, producer_id: -1, producer_epoch: -1 };
    asker.answer(ctx, Response::InitProducerId(answer));
}

/// The epoch is written, or failed to be.
pub(super) fn answer(ctx: &mut Ctx<'_>, asker: &Asker, error: ErrorCode, transit: &TxnTransit) {
    if error != ErrorCode::None {
        refuse(ctx, asker, error);
        return;
    }
    let (producer_id, producer_epoch) = (transit.producer_id, transit.producer_epoch);
    let answer = InitProducerIdResponse { error, producer_id, producer_epoch };
    asker.answer(ctx, Response::InitProducerId(answer));
}
