//! What admins ask: DescribeTransactions, ListTransactions (KIP-664).

use super::coordinator::{Asker, TransactionCoordinator};
use super::state::TransactionState;
use super::store::TransactionStore;
use crate::ids::Name;
use crate::machine::Ctx;
use crate::protocol::transaction::{DescribedTransaction, ListTransactionsResponse};
use crate::protocol::{ErrorCode, Response};

impl TransactionCoordinator {
    pub(super) fn describe(&self, ctx: &mut Ctx<'_>, store: &dyn TransactionStore, asker: &Asker, ids: &[Name]) {
        let described = ids.iter().map(|id| self.describe_one(store, id)).collect();
        asker.answer(ctx, Response::DescribeTransactions(described));
    }

    fn describe_one(&self, store: &dyn TransactionStore, id: &Name) -> DescribedTransaction {
        let mut described = DescribedTransaction {
            error: ErrorCode::None,
            transactional_id: id.clone(),
            state: "".into(),
            timeout_ms: 0,
            start_timestamp_ms: -1,
            producer_id: -1,
            producer_epoch: -1,
            partitions: Vec::new(),
        };
        if id.is_empty() {
            described.error = ErrorCode::InvalidRequest;
            return described;
        }
        if let Err(error) = self.epoch_for(store, id) {
            described.error = error;
            return described;
        }
        match self.transactions.get(id).filter(|metadata| metadata.state != TransactionState::Dead) {
            None => described.error = ErrorCode::TransactionalIdNotFound,
            Some(metadata) => {
                described.state = metadata.state.name().into();
                described.timeout_ms = metadata.timeout_ms;
                described.start_timestamp_ms = metadata.start_timestamp_ms;
                described.producer_id = metadata.producer_id;
                described.producer_epoch = metadata.producer_epoch;
                described.partitions = metadata.partitions.iter().cloned().collect();
            }
        }
        described
    }

    pub(super) fn list(&self, ctx: &mut Ctx<'_>, asker: &Asker) {
        let answer = if self.owned.values().any(|owned| owned.loading) {
            ListTransactionsResponse { error: ErrorCode::CoordinatorLoadInProgress, transactions: Vec::new() }
        } else {
            let listed = self.transactions().map(|m| (m.id.clone(), m.producer_id, m.state.name().into()));
            ListTransactionsResponse { error: ErrorCode::None, transactions: listed.collect() }
        };
        asker.answer(ctx, Response::ListTransactions(answer));
    }
}
