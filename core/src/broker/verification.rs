//! Before the first record of a transaction is appended, the transaction's coordinator is asked whether
//! the partition is in it (KIP-890 part 1, `AddPartitionsToTxnManager`): so no late record can open a
//! transaction that nobody will ever end.
//!
//! Leaves out that Kafka asks for several transactions in one request.

use crate::collections::BTreeMap;

use super::Broker;
use super::timer::BrokerTimer;
use crate::group::partition_for;
use crate::ids::{BrokerId, Name, NodeId, TopicPartition};
use crate::machine::{Channel, Connection, Ctx};
use crate::protocol::produce::ProduceRequest;
use crate::protocol::transaction::{AddPartitionsToTxnRequest, TxnOffsetCommitRequest};
use crate::protocol::{ErrorCode, Request, Response};
use crate::time::SimDuration;
use crate::transaction::TRANSACTION_STATE_TOPIC;

/// What goes on once the coordinator has answered.
#[derive(Clone, Debug)]
pub(super) enum Verified {
    /// A producer's request.
    Produce(ProduceRequest),
    /// A consumer's offsets.
    Offsets(TxnOffsetCommitRequest),
}

/// The guards under which partitions were asked for, and those that need not be tried.
#[derive(Clone, Debug, Default)]
pub(super) struct Guards {
    pub guards: BTreeMap<TopicPartition, u64>,
    pub errors: BTreeMap<TopicPartition, ErrorCode>,
}

#[derive(Clone, Debug)]
struct Waiting {
    coordinator: BrokerId,
    on: Connection,
    correlation_id: u64,
    then: Verified,
    guards: Guards,
}

/// Requests that wait for a coordinator's word.
#[derive(Clone, Debug, Default)]
pub struct Verifications {
    waiting: BTreeMap<u64, Waiting>,
}

/// Whose transaction it would be.
struct Asked<'a> {
    transactional_id: &'a Name,
    producer_id: i64,
    producer_epoch: i16,
    partitions: Vec<TopicPartition>,
}

impl Verified {
    /// The partitions whose first records these may be; none where nothing is transactional.
    fn asked(&self, offsets_partition: impl Fn(&str) -> TopicPartition) -> Option<Asked<'_>> {
        match self {
            Self::Produce(request) => {
                let transactional_id = request.transactional_id.as_ref()?;
                let transactional = || request.batches.iter().filter(|(_, batch)| batch.is_transactional);
                let (_, first) = transactional().next()?;
                Some(Asked {
                    transactional_id,
                    producer_id: first.producer_id,
                    producer_epoch: first.producer_epoch,
                    partitions: transactional().map(|(tp, _)| tp.clone()).collect(),
                })
            }
            Self::Offsets(request) => Some(Asked {
                transactional_id: &request.transactional_id,
                producer_id: request.producer_id,
                producer_epoch: request.producer_epoch,
                partitions: vec![offsets_partition(&request.group_id)],
            }),
        }
    }
}

impl Broker {
    /// Goes on with `then` at once, or when the coordinator has answered.
    pub(super) fn verify_and(&mut self, ctx: &mut Ctx<'_>, on: &Connection, id: u64, then: Verified) {
        let mut guards = Guards::default();
        let offsets_partition = |group: &str| {
            TopicPartition::new("__consumer_offsets", partition_for(group, self.offsets_partition_count()))
        };
        let asked = if self.verifies_transactions() { then.asked(offsets_partition) } else { None };
        let Some(asked) = asked else {
            self.verified(ctx, on, id, then, guards);
            return;
        };
        for tp in &asked.partitions {
            match self.partitions.get_mut(tp) {
                None => {
                    guards.errors.insert(tp.clone(), ErrorCode::UnknownTopicOrPartition);
                }
                Some(partition) if !partition.is_leader => {
                    guards.errors.insert(tp.clone(), ErrorCode::NotLeaderOrFollower);
                }
                Some(partition) => {
                    if let Some(guard) = partition.log.start_verification(asked.producer_id) {
                        guards.guards.insert(tp.clone(), guard);
                    }
                }
            }
        }
        if guards.guards.is_empty() {
            self.verified(ctx, on, id, then, guards);
            return;
        }
        let partition = partition_for(asked.transactional_id, self.transaction_partition_count());
        let Some(coordinator) = self.cache.leader_of(&TopicPartition::new(TRANSACTION_STATE_TOPIC, partition)) else {
            guards.refuse_all(ErrorCode::CoordinatorNotAvailable);
            self.verified(ctx, on, id, then, guards);
            return;
        };
        let request = AddPartitionsToTxnRequest {
            transactional_id: asked.transactional_id.clone(),
            producer_id: asked.producer_id,
            producer_epoch: asked.producer_epoch,
            verify_only: true,
            partitions: guards.guards.keys().cloned().collect(),
        };
        let correlation = self.next_correlation();
        ctx.request(
            NodeId::Broker(coordinator),
            Channel::Verification,
            correlation,
            Request::AddPartitionsToTxn(request),
        );
        let overdue = ctx.now + SimDuration::from_ms(self.config.request_timeout_ms);
        self.timers.set(BrokerTimer::Verification(correlation), overdue);
        let waiting = Waiting { coordinator, on: on.clone(), correlation_id: id, then, guards };
        self.verifications.waiting.insert(correlation, waiting);
    }

    /// `transaction.partition.verification.enable`
    pub(super) fn verifies_transactions(&self) -> bool {
        self.config.transaction_partition_verification_enable
    }

    fn verified(&mut self, ctx: &mut Ctx<'_>, on: &Connection, id: u64, then: Verified, guards: Guards) {
        match then {
            Verified::Produce(request) => self.append_produce(ctx, on, id, request, &guards),
            Verified::Offsets(request) => self.commit_in_transaction(ctx, on, id, request, &guards),
        }
    }

    pub(super) fn verification_answered(&mut self, ctx: &mut Ctx<'_>, correlation_id: u64, response: Response) {
        let Response::AddPartitionsToTxn(answer) = response else { return };
        let Some(mut waiting) = self.verifications.waiting.remove(&correlation_id) else { return };
        self.timers.cancel(&BrokerTimer::Verification(correlation_id));
        for (tp, error) in answer.partitions {
            // Producers expect this name of it.
            let error = if error == ErrorCode::ProducerFenced { ErrorCode::InvalidProducerEpoch } else { error };
            if error != ErrorCode::None {
                waiting.guards.errors.insert(tp, error);
            }
        }
        self.verified(ctx, &waiting.on, waiting.correlation_id, waiting.then, waiting.guards);
    }

    /// The connection to a coordinator broke: what it was asked there nobody will answer.
    pub(super) fn verification_lost(&mut self, ctx: &mut Ctx<'_>, coordinator: BrokerId) {
        let lost: Vec<u64> = self
            .verifications
            .waiting
            .iter()
            .filter(|(_, waiting)| waiting.coordinator == coordinator)
            .map(|(correlation, _)| *correlation)
            .collect();
        for correlation in lost {
            let Some(mut waiting) = self.verifications.waiting.remove(&correlation) else { continue };
            self.timers.cancel(&BrokerTimer::Verification(correlation));
            waiting.guards.refuse_all(ErrorCode::NetworkException);
            self.verified(ctx, &waiting.on, waiting.correlation_id, waiting.then, waiting.guards);
        }
    }

    pub(super) fn verification_overdue(&mut self, ctx: &mut Ctx<'_>, correlation_id: u64) {
        let Some(waiting) = self.verifications.waiting.get(&correlation_id) else { return };
        let coordinator = waiting.coordinator;
        ctx.disconnect(NodeId::Broker(coordinator), Channel::Verification);
        self.verification_lost(ctx, coordinator);
    }
}

impl Guards {
    fn refuse_all(&mut self, error: ErrorCode) {
        for tp in self.guards.keys() {
            self.errors.insert(tp.clone(), error);
        }
    }

    /// Why nothing is appended, in the words of produce (`ReplicaManager.handleProduceAppend`): whom a
    /// coordinator could not be asked for is told to try again.
    pub fn error_of(&self, tp: &TopicPartition) -> Option<ErrorCode> {
        self.errors.get(tp).map(|error| match error {
            ErrorCode::ConcurrentTransactions
            | ErrorCode::NetworkException
            | ErrorCode::CoordinatorLoadInProgress
            | ErrorCode::CoordinatorNotAvailable
            | ErrorCode::NotCoordinator => ErrorCode::NotEnoughReplicas,
            other => *other,
        })
    }
}
