//! The seam between the broker and the transaction coordinator that it hosts.

use super::delayed::{DelayedProduce, ProduceOrigin, ProduceStatus};
use super::producer_ids::ProducerIds;
use super::{Broker, MetadataCache};
use crate::group::partition_for;
use crate::guard::{Guard, holds};
use crate::ids::TopicPartition;
use crate::log::{AppendOrigin, RecordBatch, Verification};
use crate::machine::{Connection, Ctx};
use crate::protocol::admin::CreatableTopic;
use crate::protocol::producer_id::InitProducerIdRequest;
use crate::protocol::{Request, Response};
use crate::time::SimDuration;
use crate::transaction::{KnownLeader, TRANSACTION_STATE_TOPIC, TransactionCoordinator, TransactionStore};

type Records = Vec<(Option<std::rc::Rc<[u8]>>, Option<std::rc::Rc<[u8]>>)>;

struct Append {
    partition: i32,
    token: u64,
    timeout_ms: u64,
    records: Records,
}

/// What the coordinator may see of the broker, and what it wants written.
struct Store<'a> {
    now_ms: i64,
    cache: &'a MetadataCache,
    producer_ids: &'a mut ProducerIds,
    partition_count: i32,
    offsets_partition_count: i32,
    wants_producer_ids: bool,
    appends: Vec<Append>,
}

impl TransactionStore for Store<'_> {
    fn now_ms(&self) -> i64 {
        self.now_ms
    }

    fn transaction_partition_count(&self) -> i32 {
        self.partition_count
    }

    fn offsets_partition_of(&self, group: &str) -> TopicPartition {
        TopicPartition::new("__consumer_offsets", partition_for(group, self.offsets_partition_count))
    }

    fn new_producer_id(&mut self) -> Option<i64> {
        let producer_id = self.producer_ids.take();
        self.wants_producer_ids |= producer_id.is_none();
        producer_id
    }

    fn leader_of(&self, tp: &TopicPartition) -> KnownLeader {
        match (self.cache.partitions.contains_key(tp), self.cache.leader_of(tp)) {
            (_, Some(leader)) => KnownLeader::Broker(leader),
            (true, None) => KnownLeader::NoNode,
            (false, None) => KnownLeader::Unknown,
        }
    }

    fn append(&mut self, partition: i32, token: u64, timeout_ms: u64, records: Records) {
        self.appends.push(Append { partition, token, timeout_ms, records });
    }
}

impl Broker {
    pub(super) fn transaction_partition_count(&self) -> i32 {
        let known = self.cache.partitions_of(&TRANSACTION_STATE_TOPIC.into()).count();
        i32::try_from(known).ok().filter(|count| *count > 0).unwrap_or(self.config.transaction_state_log_num_partitions)
    }

    /// Runs the coordinator and carries out what it wants appended.
    pub(super) fn with_transactions(
        &mut self,
        ctx: &mut Ctx<'_>,
        run: impl FnOnce(&mut TransactionCoordinator, &mut Ctx<'_>, &mut dyn TransactionStore),
    ) {
        let mut store = Store {
            now_ms: ctx.wall_clock_ms(),
            partition_count: self.transaction_partition_count(),
            offsets_partition_count: self.offsets_partition_count(),
            cache: &self.cache,
            producer_ids: &mut self.producer_ids,
            wants_producer_ids: false,
            appends: Vec::new(),
        };
        run(&mut self.transactions, ctx, &mut store);
        let Store { appends, wants_producer_ids, .. } = store;
        for append in appends {
            self.append_for_transaction(ctx, append);
        }
        if wants_producer_ids {
            self.ask_for_producer_ids(ctx);
        }
    }

    fn append_for_transaction(&mut self, ctx: &mut Ctx<'_>, append: Append) {
        let tp = TopicPartition::new(TRANSACTION_STATE_TOPIC, append.partition);
        let now_ms = ctx.wall_clock_ms();
        let records = append.records.into_iter().map(|(key, value)| (key, value, now_ms)).collect();
        let batch = RecordBatch::new(records);
        let acks = if holds(Guard::TransactionStateReplicated) { -1 } else { 1 };
        let appended = self.append(ctx, &tp, batch, acks, AppendOrigin::Coordinator, Verification::NotRequired);
        let status = ProduceStatus::of(tp, appended);
        let origin = ProduceOrigin::Transaction { token: append.token };
        let wait = SimDuration::from_ms(append.timeout_ms);
        self.answer_or_park(ctx, DelayedProduce { origin, statuses: vec![status] }, acks, wait);
    }

    /// With a transactional id the coordinator answers, any broker without.
    pub(super) fn init_producer_id(
        &mut self,
        ctx: &mut Ctx<'_>,
        on: &Connection,
        id: u64,
        request: InitProducerIdRequest,
    ) {
        if request.transactional_id.is_none() {
            self.idempotent_producer_id(ctx, on, id);
            return;
        }
        let request = Request::InitProducerId(request);
        self.with_transactions(ctx, |transactions, ctx, store| {
            transactions.handle_request(ctx, store, on, id, request)
        });
    }

    /// The topic as it is made when the first transactional id asks for its coordinator.
    pub(super) fn transaction_state_topic(&self) -> CreatableTopic {
        CreatableTopic {
            topic: TRANSACTION_STATE_TOPIC.into(),
            num_partitions: self.config.transaction_state_log_num_partitions,
            replication_factor: self.config.transaction_state_log_replication_factor,
            assignments: Vec::new(),
            configs: vec![
                ("unclean.leader.election.enable".into(), "false".into()),
                ("compression.type".into(), "uncompressed".into()),
                ("cleanup.policy".into(), "compact".into()),
                ("min.insync.replicas".into(), self.config.transaction_state_log_min_isr.to_string().into()),
                ("segment.bytes".into(), self.config.transaction_state_log_segment_bytes.to_string().into()),
            ],
        }
    }

    /// An answer to what the coordinator sent to leaders.
    pub(super) fn markers_answered(&mut self, ctx: &mut Ctx<'_>, broker: i32, id: u64, response: Response) {
        if let Response::WriteTxnMarkers(answer) = response {
            self.with_transactions(ctx, |transactions, ctx, store| {
                transactions.on_markers_answered(ctx, store, broker, id, answer);
            });
        }
    }
}
