//! What coordinators answer to a transactional producer (the `handleResponse`s of `TransactionManager`).

use super::Producer;
use super::transactions::TransactionPhase as P;
use super::txn_request::{Kind, Taken, TxnRequest};
use crate::ids::{Name, TopicPartition};
use crate::machine::{Ctx, Observation};
use crate::protocol::group::{CoordinatorKind, FindCoordinatorResponse};
use crate::protocol::producer_id::InitProducerIdResponse;
use crate::protocol::{ErrorCode, Response};

impl Producer {
    pub(super) fn transactional_answered(&mut self, ctx: &mut Ctx<'_>, response: Response) {
        let Some(transactions) = &mut self.transactions else { return };
        let Taken::InFlight(request) = std::mem::take(&mut transactions.requests.taken) else { return };
        match (request.kind.clone(), response) {
            (Kind::FindCoordinator { kind, .. }, Response::FindCoordinator(answer)) => {
                self.coordinator_found(ctx, request, kind, &answer);
            }
            (Kind::InitProducerId { is_bump, .. }, Response::InitProducerId(answer)) => {
                self.initialized(ctx, request, is_bump, &answer);
            }
            (Kind::AddPartitions { partitions, .. }, Response::AddPartitionsToTxn(answer)) => {
                self.partitions_added(request, &partitions, &answer.partitions);
            }
            (Kind::AddOffsets { identity, offsets, group }, Response::AddOffsetsToTxn(error)) => {
                if error != ErrorCode::None {
                    self.refused(request, error);
                    return;
                }
                transactions.pending_offsets.extend(offsets);
                let offsets = transactions.pending_offsets.clone().into_iter().collect();
                transactions.started = true;
                // The result is the same: it is there once the group's coordinator has them.
                let kind = Kind::OffsetCommit { identity, offsets, group };
                transactions.requests.put(TxnRequest { kind, result: request.result, is_retry: false });
            }
            (Kind::OffsetCommit { group, .. }, Response::TxnOffsetCommit(answer)) => {
                self.offsets_committed(request, group.group_id, &answer.partitions);
            }
            (Kind::EndTxn { .. }, Response::EndTxn(error)) => {
                if error != ErrorCode::None {
                    self.refused(request, error);
                    return;
                }
                transactions.completed();
                transactions.requests.done(request.result);
            }
            _ => {
                transactions.requests.taken = Taken::InFlight(request);
                self.transactional_unanswered();
            }
        }
    }

    fn coordinator_found(
        &mut self,
        ctx: &mut Ctx<'_>,
        request: TxnRequest,
        kind: CoordinatorKind,
        answer: &FindCoordinatorResponse,
    ) {
        let Some(transactions) = &mut self.transactions else { return };
        match answer.error {
            ErrorCode::None => {
                let broker = answer.broker_id;
                let Kind::FindCoordinator { key, .. } = request.kind else { return };
                match kind {
                    CoordinatorKind::Group => transactions.group_coordinator = Some(broker),
                    CoordinatorKind::Transaction => transactions.coordinator = Some(broker),
                }
                let client = self.client.clone();
                ctx.observe(match kind {
                    CoordinatorKind::Group => Observation::CoordinatorFound { client, group: key, broker },
                    CoordinatorKind::Transaction => {
                        Observation::TransactionCoordinatorFound { client, transactional_id: key, broker }
                    }
                });
            }
            error if error.is_retriable() => transactions.requests.retry(request),
            ErrorCode::TransactionalIdAuthorizationFailed => self.fatal(request.result, answer.error.name()),
            _ => self.fatal(request.result, "KafkaException"),
        }
    }

    fn initialized(&mut self, ctx: &mut Ctx<'_>, request: TxnRequest, is_bump: bool, answer: &InitProducerIdResponse) {
        let Some(transactions) = &mut self.transactions else { return };
        if answer.error != ErrorCode::None {
            self.refused(request, answer.error);
            return;
        }
        transactions.transition_or_poison(P::Ready, None);
        transactions.requests.done(request.result);
        if is_bump {
            transactions.epoch_bump_required = false;
        }
        if let Some(sequences) = &mut self.sequences {
            sequences.initialized(answer.producer_id, answer.producer_epoch, is_bump);
        }
        let producer = self.client.clone();
        let (producer_id, producer_epoch) = (answer.producer_id, answer.producer_epoch);
        ctx.observe(Observation::ProducerIdAssigned { producer, producer_id, producer_epoch });
    }

    fn partitions_added(
        &mut self,
        request: TxnRequest,
        partitions: &[TopicPartition],
        answers: &[(TopicPartition, ErrorCode)],
    ) {
        let Some(transactions) = &mut self.transactions else { return };
        let mut failed = false;
        for (_, error) in answers {
            match error {
                ErrorCode::None => {}
                ErrorCode::ConcurrentTransactions => {
                    let Kind::AddPartitions { identity, partitions, .. } = request.kind else { return };
                    // The transaction before is about to be complete: no long wait.
                    let quick = transactions.partitions.is_empty();
                    let kind = Kind::AddPartitions { identity, partitions, quick };
                    transactions.requests.retry(TxnRequest { kind, ..request });
                    return;
                }
                ErrorCode::OperationNotAttempted => failed = true,
                error if is_understood(*error) => {
                    if *error == ErrorCode::InvalidProducerIdMapping {
                        // No EndTxn follows that would forget them: they are named anew under the next id.
                        transactions.pending_partitions.clear();
                    }
                    self.refused(request, *error);
                    return;
                }
                _ => failed = true,
            }
        }
        for tp in partitions {
            transactions.pending_partitions.remove(tp);
        }
        if failed {
            self.abortable(request.result, "KafkaException");
        } else {
            transactions.partitions.extend(partitions.iter().cloned());
            transactions.started = true;
            transactions.requests.done(request.result);
        }
    }

    fn offsets_committed(&mut self, request: TxnRequest, group: Name, answers: &[(TopicPartition, ErrorCode)]) {
        let mut looked_up = false;
        for (tp, error) in answers {
            match error {
                ErrorCode::None => {
                    if let Some(transactions) = &mut self.transactions {
                        transactions.pending_offsets.remove(tp);
                    }
                }
                ErrorCode::CoordinatorNotAvailable | ErrorCode::NotCoordinator | ErrorCode::RequestTimedOut => {
                    if !std::mem::replace(&mut looked_up, true) {
                        self.look_up(CoordinatorKind::Group, group.clone());
                    }
                }
                error if error.is_retriable() => {}
                ErrorCode::UnknownMemberId | ErrorCode::IllegalGeneration => {
                    self.abortable(request.result, "CommitFailedException");
                    break;
                }
                ErrorCode::FencedInstanceId | ErrorCode::TransactionAbortable | ErrorCode::GroupAuthorizationFailed => {
                    self.abortable(request.result, error.name());
                    break;
                }
                ErrorCode::InvalidProducerEpoch | ErrorCode::ProducerFenced => {
                    self.fatal(request.result, "PRODUCER_FENCED");
                    break;
                }
                ErrorCode::TransactionalIdAuthorizationFailed | ErrorCode::UnsupportedForMessageFormat => {
                    self.fatal(request.result, error.name());
                    break;
                }
                _ => {
                    self.fatal(request.result, "KafkaException");
                    break;
                }
            }
        }
        let Some(transactions) = &mut self.transactions else { return };
        if transactions.requests.is_completed(request.result) {
            transactions.pending_offsets.clear();
        } else if transactions.pending_offsets.is_empty() {
            transactions.requests.done(request.result);
        } else {
            transactions.requests.retry(request);
        }
    }

    /// What an error of a transaction coordinator means.
    fn refused(&mut self, request: TxnRequest, error: ErrorCode) {
        let Some(transactions) = &mut self.transactions else { return };
        let key = transactions.id.clone();
        match error {
            ErrorCode::NotCoordinator | ErrorCode::CoordinatorNotAvailable => {
                transactions.requests.retry(request);
                self.look_up(CoordinatorKind::Transaction, key);
            }
            error if error.is_retriable() => transactions.requests.retry(request),
            ErrorCode::InvalidProducerEpoch | ErrorCode::ProducerFenced => {
                self.fatal(request.result, "PRODUCER_FENCED");
            }
            ErrorCode::TransactionAbortable => self.abortable(request.result, error.name()),
            ErrorCode::TransactionalIdAuthorizationFailed | ErrorCode::ClusterAuthorizationFailed
                if matches!(request.kind, Kind::InitProducerId { .. }) =>
            {
                self.abortable(request.result, error.name());
            }
            ErrorCode::UnknownProducerId | ErrorCode::InvalidProducerIdMapping
                if !matches!(request.kind, Kind::InitProducerId { .. }) =>
            {
                if transactions.can_bump_epoch() {
                    transactions.epoch_bump_required = true;
                    self.abortable(request.result, error.name());
                } else {
                    self.fatal(request.result, error.name());
                }
            }
            ErrorCode::TransactionalIdAuthorizationFailed | ErrorCode::InvalidTxnState
                if !matches!(request.kind, Kind::InitProducerId { .. }) =>
            {
                self.fatal(request.result, error.name());
            }
            _ => self.fatal(request.result, "KafkaException"),
        }
    }

    fn fatal(&mut self, result: u64, error: &str) {
        if let Some(transactions) = &mut self.transactions {
            transactions.requests.fail(result, error.into());
            transactions.fail_fatally(error.into());
            self.last_error = Some(error.into());
        }
    }

    fn abortable(&mut self, result: u64, error: &str) {
        if let Some(transactions) = &mut self.transactions {
            transactions.requests.fail(result, error.into());
            transactions.fail_abortably(error.into());
            self.last_error = Some(error.into());
        }
    }
}

/// Errors of AddPartitionsToTxn that concern the transaction as a whole.
fn is_understood(error: ErrorCode) -> bool {
    error.is_retriable()
        || matches!(
            error,
            ErrorCode::InvalidProducerEpoch
                | ErrorCode::ProducerFenced
                | ErrorCode::TransactionalIdAuthorizationFailed
                | ErrorCode::InvalidTxnState
                | ErrorCode::UnknownProducerId
                | ErrorCode::InvalidProducerIdMapping
                | ErrorCode::TransactionAbortable
        )
}
