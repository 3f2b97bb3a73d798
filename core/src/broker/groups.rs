//! The seam between the broker and the group coordinator that it hosts.

use super::delayed::{DelayedProduce, ProduceOrigin, ProduceStatus};
use super::verification::Guards;
use super::{Broker, MetadataCache};
use crate::group::{GroupCoordinator, GroupStore, Transactional};
use crate::guard::{Guard, holds};
use crate::ids::{Name, TopicPartition};
use crate::log::{AppendOrigin, RecordBatch, Verification};
use crate::machine::{Connection, Ctx};
use crate::protocol::admin::{CreatableTopic, CreateTopicsRequest};
use crate::protocol::group::{CoordinatorKind, FindCoordinatorRequest, FindCoordinatorResponse};
use crate::protocol::transaction::TxnOffsetCommitRequest;
use crate::protocol::{ErrorCode, Request, Response};
use crate::time::SimDuration;
use crate::transaction::TRANSACTION_STATE_TOPIC;

type Records = Vec<(Option<std::rc::Rc<[u8]>>, Option<std::rc::Rc<[u8]>>)>;

/// What the coordinator may see of the broker, and what it wants written.
struct Store<'a> {
    now_ms: i64,
    cache: &'a MetadataCache,
    partition_count: i32,
    appends: Vec<(i32, u64, Records, Option<Transactional>)>,
}

impl GroupStore for Store<'_> {
    fn now_ms(&self) -> i64 {
        self.now_ms
    }

    fn offsets_partition_count(&self) -> i32 {
        self.partition_count
    }

    fn append(&mut self, partition: i32, token: u64, records: Records, of: Option<Transactional>) {
        self.appends.push((partition, token, records, of));
    }

    fn partition_exists(&self, tp: &TopicPartition) -> bool {
        self.cache.partitions.contains_key(tp)
    }
}

impl Broker {
    pub(super) fn offsets_partition_count(&self) -> i32 {
        let known = self.cache.partitions_of(&"__consumer_offsets".into()).count();
        i32::try_from(known).ok().filter(|count| *count > 0).unwrap_or(self.config.offsets_topic_num_partitions)
    }

    /// Runs the coordinator and carries out what it wants appended.
    pub(super) fn with_groups(
        &mut self,
        ctx: &mut Ctx<'_>,
        run: impl FnOnce(&mut GroupCoordinator, &mut Ctx<'_>, &mut dyn GroupStore),
    ) {
        let mut store = Store {
            now_ms: ctx.wall_clock_ms(),
            cache: &self.cache,
            partition_count: self.offsets_partition_count(),
            appends: Vec::new(),
        };
        run(&mut self.groups, ctx, &mut store);
        for (partition, token, records, of) in store.appends {
            self.append_for_group(ctx, partition, token, records, of);
        }
    }

    fn append_for_group(
        &mut self,
        ctx: &mut Ctx<'_>,
        partition: i32,
        token: u64,
        records: Records,
        of: Option<Transactional>,
    ) {
        let tp = TopicPartition::new("__consumer_offsets", partition);
        let now_ms = ctx.wall_clock_ms();
        // `GroupMetadataManager.storeOffsets` builds batches of offsets from sequence 0, whoever commits.
        let is_commit = records
            .first()
            .is_some_and(|(key, value)| value.is_some() && key.as_deref().is_some_and(|key| key.starts_with(&[0, 1])));
        let mut batch = RecordBatch::new(records.into_iter().map(|(key, value)| (key, value, now_ms)).collect());
        let mut verification = Verification::NotRequired;
        if is_commit {
            batch.base_sequence = 0;
        }
        if let Some(Transactional { producer_id, producer_epoch, guard }) = of {
            (batch.producer_id, batch.producer_epoch) = (producer_id, producer_epoch);
            batch.is_transactional = true;
            if self.verifies_transactions() {
                verification = Verification::Guard(guard);
            }
        }
        let acks = if holds(Guard::OffsetsReplicated) { self.config.offsets_commit_required_acks } else { 1 };
        let origin = ProduceOrigin::Group { token };
        let appended = self.append(ctx, &tp, batch, acks, AppendOrigin::Coordinator, verification);
        let status = ProduceStatus::of(tp, appended);
        let wait = SimDuration::from_ms(self.config.offsets_commit_timeout_ms);
        self.answer_or_park(ctx, DelayedProduce { origin, statuses: vec![status] }, acks, wait);
    }

    /// TxnOffsetCommit, once it is known that the group's partition is in the transaction.
    pub(super) fn commit_in_transaction(
        &mut self,
        ctx: &mut Ctx<'_>,
        on: &Connection,
        id: u64,
        request: TxnOffsetCommitRequest,
        guards: &Guards,
    ) {
        let error = guards.errors.values().next().copied();
        let guard = guards.guards.values().next().copied();
        self.with_groups(ctx, |groups, ctx, store| {
            groups.commit_in_transaction(ctx, store, on, id, request, error, guard);
        });
    }

    pub(super) fn find_coordinator(
        &mut self,
        ctx: &mut Ctx<'_>,
        on: &Connection,
        id: u64,
        request: &FindCoordinatorRequest,
    ) {
        let (error, broker_id) = self.coordinator_of(ctx, request);
        ctx.respond(on, id, Response::FindCoordinator(FindCoordinatorResponse { error, broker_id }));
    }

    fn coordinator_of(&mut self, ctx: &mut Ctx<'_>, request: &FindCoordinatorRequest) -> (ErrorCode, i32) {
        let (topic, partition_count): (Name, i32) = match request.kind {
            CoordinatorKind::Group => ("__consumer_offsets".into(), self.offsets_partition_count()),
            CoordinatorKind::Transaction => (TRANSACTION_STATE_TOPIC.into(), self.transaction_partition_count()),
        };
        if !self.cache.has_topic(&topic) {
            let topic = match request.kind {
                CoordinatorKind::Group => self.offsets_topic(),
                CoordinatorKind::Transaction => self.transaction_state_topic(),
            };
            self.create_internal_topic(ctx, topic);
            return (ErrorCode::CoordinatorNotAvailable, -1);
        }
        let partition = crate::group::partition_for(&request.key, partition_count);
        match self.cache.leader_of(&TopicPartition::new(topic, partition)) {
            Some(leader) => (ErrorCode::None, leader),
            None => (ErrorCode::CoordinatorNotAvailable, -1),
        }
    }

    fn offsets_topic(&self) -> CreatableTopic {
        CreatableTopic {
            topic: "__consumer_offsets".into(),
            num_partitions: self.config.offsets_topic_num_partitions,
            replication_factor: self.config.offsets_topic_replication_factor,
            assignments: Vec::new(),
            configs: vec![
                ("cleanup.policy".into(), "compact".into()),
                ("compression.type".into(), "producer".into()),
                ("segment.bytes".into(), self.config.offsets_topic_segment_bytes.to_string().into()),
            ],
        }
    }

    /// `AutoTopicCreationManager`: asked for once at a time; the client tries again meanwhile.
    fn create_internal_topic(&mut self, ctx: &mut Ctx<'_>, topic: CreatableTopic) {
        if self.to_controller.has("CreateTopics") {
            return;
        }
        let request = CreateTopicsRequest {
            topics: vec![topic],
            timeout_ms: self.config.request_timeout_ms,
            validate_only: false,
        };
        self.ask_controller(ctx, Request::CreateTopics(request));
    }
}
