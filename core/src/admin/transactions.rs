//! Calls about transactions: `listTransactions`, `describeTransactions`, `describeProducers`,
//! `abortTransaction` (KIP-664).

use super::call::{Call, Node, Verdict, fail};
use super::op::{AdminAnswer, AdminError, AdminOp, TransactionListing};
use crate::collections::Order;
use crate::ids::TopicPartition;
use crate::protocol::metadata::MetadataRequest;
use crate::protocol::transaction::{DescribedTransaction, ProducerDescription, TxnMarker, WriteTxnMarkersRequest};
use crate::protocol::{ErrorCode, Request, Response};

/// How far a call about transactions is.
#[derive(Clone, Debug, Default)]
pub(super) struct TransactionCall {
    /// Open transactions that are to be aborted, once they are known.
    open: Option<Vec<ProducerDescription>>,
    listed: Vec<TransactionListing>,
}

impl Call {
    /// The next request of a call about transactions.
    pub(super) fn transaction_request(&self, found: Node) -> (Node, Request) {
        match &self.op {
            AdminOp::DescribeTransaction { transactional_id } => {
                (found, Request::DescribeTransactions(vec![transactional_id.clone()]))
            }
            AdminOp::ListTransactions => match self.to_ask.as_ref().and_then(|brokers| brokers.first()) {
                Some(broker) => (Node::Broker(*broker), Request::ListTransactions(())),
                None => {
                    let request = MetadataRequest { topics: Some(Vec::new()), allow_auto_topic_creation: false };
                    (Node::Any, Request::Metadata(request))
                }
            },
            AdminOp::AbortTransaction { tp, producer: Some(producer), .. } => {
                (found, Request::WriteTxnMarkers(marker(tp, *producer)))
            }
            AdminOp::AbortTransaction { tp, .. } => match self.transactions.open.as_ref().and_then(|open| open.first())
            {
                Some(producer) => (found, Request::WriteTxnMarkers(marker(tp, of(producer)))),
                None => (found, Request::DescribeProducers(vec![tp.clone()])),
            },
            AdminOp::DescribeProducers { tp } => (found, Request::DescribeProducers(vec![tp.clone()])),
            _ => (Node::Any, Request::ListTransactions(())),
        }
    }

    /// Takes in an answer about transactions.
    pub(super) fn transaction_answered(&mut self, response: Response) -> Verdict {
        match response {
            Response::DescribeTransactions(answer) => match answer.into_iter().next() {
                Some(DescribedTransaction { error: ErrorCode::TransactionalIdNotFound, transactional_id, .. }) => {
                    let message = format!(
                        "DescribeTransactions request for transactionalId `{transactional_id}` failed because the ID \
                         could not be found"
                    );
                    Verdict::Over(Err(super::call::error(ErrorCode::TransactionalIdNotFound, &message)))
                }
                Some(transaction) => {
                    let coordinator = self.found.unwrap_or(-1);
                    let answer = AdminAnswer::Transaction { transaction: transaction.clone(), coordinator };
                    self.of_coordinator(transaction.error, answer)
                }
                None => fail(ErrorCode::UnknownServerError),
            },
            Response::ListTransactions(answer) => {
                if answer.error.is_retriable() {
                    return Verdict::Retry { refresh: false };
                }
                let coordinator = self.to_ask.as_mut().and_then(|brokers| brokers.pop_first()).unwrap_or(-1);
                let listed = answer.transactions.into_iter().map(|(transactional_id, producer_id, state)| {
                    TransactionListing { transactional_id, state, producer_id, coordinator }
                });
                self.transactions.listed.extend(listed);
                self.next_transaction_lister()
            }
            Response::DescribeProducers(answer) => match answer.partitions.into_iter().next() {
                Some((_, ErrorCode::None, producers)) => self.producers_described(producers),
                Some((_, code, _)) => self.of_leader(code, AdminAnswer::Done),
                None => fail(ErrorCode::UnknownServerError),
            },
            Response::WriteTxnMarkers(answer) => {
                let results = answer.markers.into_iter().flat_map(|(_, results)| results);
                let code = results.map(|(_, code)| code).next().unwrap_or(ErrorCode::UnknownServerError);
                if code == ErrorCode::None
                    && let Some(open) = &mut self.transactions.open
                {
                    open.remove(0);
                    if !open.is_empty() {
                        return Verdict::GoOn;
                    }
                }
                self.of_leader(code, AdminAnswer::Done)
            }
            _ => fail(ErrorCode::UnknownServerError),
        }
    }

    /// All brokers are asked, one after the other.
    pub(super) fn next_transaction_lister(&mut self) -> Verdict {
        if self.to_ask.as_ref().is_some_and(|brokers| !brokers.is_empty()) {
            return Verdict::GoOn;
        }
        let mut listed = std::mem::take(&mut self.transactions.listed);
        listed.order();
        Verdict::Over(Ok(AdminAnswer::Transactions(listed)))
    }

    fn producers_described(&mut self, mut producers: Vec<ProducerDescription>) -> Verdict {
        let AdminOp::AbortTransaction { tp, start_offset, .. } = &self.op else {
            return Verdict::Over(Ok(AdminAnswer::Producers(producers)));
        };
        let wanted = |producer: &ProducerDescription| match (start_offset, producer.current_txn_start_offset) {
            (Some(wanted), Some(offset)) => *wanted == offset,
            (None, Some(_)) => true,
            (_, None) => false,
        };
        producers.retain(wanted);
        if producers.is_empty() {
            let message = format!(
                "Could not find any open transactions starting at offset {} on partition {tp}",
                start_offset.unwrap_or(-1)
            );
            return Verdict::Over(match start_offset {
                Some(_) => Err(AdminError { name: "IllegalArgumentException".into(), message }),
                None => Ok(AdminAnswer::Done),
            });
        }
        self.transactions.open = Some(producers);
        Verdict::GoOn
    }
}

/// Producer id and epoch, and the epoch of the coordinator that ended its last transaction there, if one did.
fn of(producer: &ProducerDescription) -> (i64, i16, i32) {
    (producer.producer_id, producer.producer_epoch, producer.coordinator_epoch)
}

/// An ABORT in the producer's own epoch; a partition without a marker so far has no coordinator's epoch.
fn marker(tp: &TopicPartition, (producer_id, producer_epoch, epoch): (i64, i16, i32)) -> WriteTxnMarkersRequest {
    let coordinator_epoch = epoch.max(0);
    let partitions = vec![tp.clone()];
    let marker = TxnMarker { producer_id, producer_epoch, coordinator_epoch, committed: false, partitions };
    WriteTxnMarkersRequest { markers: vec![marker] }
}
