//! Requests of a transactional producer that wait for the I/O thread, by priority, and their results
//! (`TxnRequestHandler`, `TransactionalRequestResult`).

use crate::collections::BTreeMap;
use std::collections::VecDeque;

use super::transactions::Identity;
use crate::ids::{BrokerId, Name, TopicPartition};
use crate::protocol::Request;
use crate::protocol::group::{ConsumerGroupMetadata, CoordinatorKind, FindCoordinatorRequest, OffsetAndMetadata};
use crate::protocol::producer_id::InitProducerIdRequest;
use crate::protocol::transaction::{
    AddOffsetsToTxnRequest, AddPartitionsToTxnRequest, EndTxnRequest, TxnOffsetCommitRequest,
};
use crate::time::SimTime;

/// What is asked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    FindCoordinator {
        kind: CoordinatorKind,
        key: Name,
    },
    InitProducerId {
        identity: Identity,
        is_bump: bool,
    },
    AddPartitions {
        identity: Identity,
        partitions: Vec<TopicPartition>,
        /// The transaction before is still being completed: asked again after 20 ms.
        quick: bool,
    },
    AddOffsets {
        identity: Identity,
        offsets: Vec<(TopicPartition, OffsetAndMetadata)>,
        group: ConsumerGroupMetadata,
    },
    OffsetCommit {
        identity: Identity,
        offsets: Vec<(TopicPartition, OffsetAndMetadata)>,
        group: ConsumerGroupMetadata,
    },
    EndTxn {
        identity: Identity,
        committed: bool,
    },
}

/// A request that waits or flies.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct TxnRequest {
    pub kind: Kind,
    pub result: u64,
    /// The I/O thread sleeps before it sends this.
    pub is_retry: bool,
}

/// Where the one request is that the I/O thread has taken.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) enum Taken {
    /// There is none.
    #[default]
    Nowhere,
    /// The connection to this broker is not open yet.
    Connecting(BrokerId, TxnRequest),
    /// The thread sleeps until then.
    Sleeping(SimTime, BrokerId, TxnRequest),
    /// It is not answered yet.
    InFlight(TxnRequest),
}

/// All of them.
#[derive(Clone, Debug, Default)]
pub(super) struct TxnRequests {
    queue: VecDeque<TxnRequest>,
    pub taken: Taken,
    /// Of results that the application waits for, or will: `None` while there is no outcome.
    results: BTreeMap<u64, Option<Result<(), Name>>>,
    last_result: u64,
}

impl TxnRequest {
    /// Whom it goes to; `None` for any broker.
    pub fn coordinator(&self, transactional_id: &Name) -> Option<(CoordinatorKind, Name)> {
        match &self.kind {
            Kind::FindCoordinator { .. } => None,
            Kind::OffsetCommit { group, .. } => Some((CoordinatorKind::Group, group.group_id.clone())),
            _ => Some((CoordinatorKind::Transaction, transactional_id.clone())),
        }
    }

    fn priority(&self) -> u8 {
        match self.kind {
            Kind::FindCoordinator { .. } => 0,
            Kind::InitProducerId { is_bump: false, .. } => 1,
            Kind::AddPartitions { .. } | Kind::AddOffsets { .. } | Kind::OffsetCommit { .. } => 2,
            Kind::EndTxn { .. } => 3,
            Kind::InitProducerId { is_bump: true, .. } => 4,
        }
    }

    /// As it is sent.
    pub fn to_request(&self, id: &Name, timeout_ms: u64) -> Request {
        let transactional_id = id.clone();
        match self.kind.clone() {
            Kind::FindCoordinator { kind, key } => Request::FindCoordinator(FindCoordinatorRequest { key, kind }),
            Kind::InitProducerId { identity: (producer_id, producer_epoch), .. } => {
                Request::InitProducerId(InitProducerIdRequest {
                    transactional_id: Some(transactional_id),
                    transaction_timeout_ms: timeout_ms,
                    producer_id,
                    producer_epoch,
                })
            }
            Kind::AddPartitions { identity: (producer_id, producer_epoch), partitions, .. } => {
                let verify_only = false;
                Request::AddPartitionsToTxn(AddPartitionsToTxnRequest {
                    transactional_id,
                    producer_id,
                    producer_epoch,
                    verify_only,
                    partitions,
                })
            }
            Kind::AddOffsets { identity: (producer_id, producer_epoch), group, .. } => {
                let group_id = group.group_id;
                Request::AddOffsetsToTxn(AddOffsetsToTxnRequest {
                    transactional_id,
                    producer_id,
                    producer_epoch,
                    group_id,
                })
            }
            Kind::OffsetCommit { identity: (producer_id, producer_epoch), offsets, group } => {
                Request::TxnOffsetCommit(TxnOffsetCommitRequest {
                    transactional_id,
                    group_id: group.group_id,
                    producer_id,
                    producer_epoch,
                    generation_id: group.generation_id,
                    member_id: group.member_id,
                    group_instance_id: group.group_instance_id,
                    offsets,
                })
            }
            Kind::EndTxn { identity: (producer_id, producer_epoch), committed } => {
                Request::EndTxn(EndTxnRequest { transactional_id, producer_id, producer_epoch, committed })
            }
        }
    }
}

impl TxnRequests {
    /// Queues a new request; gives the number of its result, for which the application will wait.
    pub fn push(&mut self, kind: Kind) -> u64 {
        self.last_result += 1;
        self.results.insert(self.last_result, None);
        self.put(TxnRequest { kind, result: self.last_result, is_retry: false });
        self.last_result
    }

    /// Queues a new request for whose result nobody waits.
    pub fn push_unawaited(&mut self, kind: Kind) {
        self.put(TxnRequest { kind, result: 0, is_retry: false });
    }

    /// Queues a request whose result stands already, behind those of its priority.
    pub fn put(&mut self, request: TxnRequest) {
        let at = self.queue.iter().take_while(|other| other.priority() <= request.priority()).count();
        self.queue.insert(at, request);
    }

    /// Queues a request again: the thread will sleep before it.
    pub fn retry(&mut self, request: TxnRequest) {
        self.put(TxnRequest { is_retry: true, ..request });
    }

    pub fn first(&self) -> Option<&TxnRequest> {
        self.queue.front()
    }

    pub fn pop(&mut self) -> Option<TxnRequest> {
        self.queue.pop_front()
    }

    pub fn done(&mut self, result: u64) {
        if let Some(known) = self.results.get_mut(&result) {
            known.get_or_insert(Ok(()));
        }
    }

    pub fn fail(&mut self, result: u64, error: Name) {
        if let Some(known) = self.results.get_mut(&result) {
            known.get_or_insert(Err(error));
        }
    }

    pub fn is_completed(&self, result: u64) -> bool {
        self.results.get(&result).is_none_or(Option::is_some)
    }

    /// The application has seen the outcome, and so may forget the call.
    pub fn is_acked(&self, result: u64) -> bool {
        !self.results.contains_key(&result)
    }

    /// The outcome, once there is one; the application has seen it then.
    pub fn take_outcome(&mut self, result: u64) -> Option<Result<(), Name>> {
        let outcome = self.results.get(&result)?.clone()?;
        self.results.remove(&result);
        Some(outcome)
    }
}
