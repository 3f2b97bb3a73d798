//! The seam between the broker and the group coordinator that it hosts.

use super::delayed::{DelayedProduce, ProduceOrigin, ProduceStatus};
use super::{Broker, MetadataCache};
use crate::group::{GroupCoordinator, GroupStore};
use crate::ids::TopicPartition;
use crate::log::RecordBatch;
use crate::machine::{Connection, Ctx};
use crate::protocol::admin::{CreatableTopic, CreateTopicsRequest};
use crate::protocol::group::{CoordinatorKind, FindCoordinatorRequest, FindCoordinatorResponse};
use crate::protocol::{ErrorCode, Request, Response};
use crate::time::SimDuration;

type Records = Vec<(Option<std::rc::Rc<[u8]>>, Option<std::rc::Rc<[u8]>>)>;

/// What the coordinator may see of the broker, and what it wants written.
struct Store<'a> {
    now_ms: i64,
    cache: &'a MetadataCache,
    partition_count: i32,
    appends: Vec<(i32, u64, Records)>,
}

impl GroupStore for Store<'_> {
    fn now_ms(&self) -> i64 {
        self.now_ms
    }

    fn offsets_partition_count(&self) -> i32 {
        self.partition_count
    }

    fn append(&mut self, partition: i32, token: u64, records: Records) {
        self.appends.push((partition, token, records));
    }

    fn topic_exists(&self, topic: &str) -> bool {
        self.cache.has_topic(&topic.into())
    }
}

impl Broker {
    fn offsets_partition_count(&self) -> i32 {
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
            now_ms: ctx.now.wall_clock_ms(),
            cache: &self.cache,
            partition_count: self.offsets_partition_count(),
            appends: Vec::new(),
        };
        run(&mut self.groups, ctx, &mut store);
        for (partition, token, records) in store.appends {
            self.append_for_group(ctx, partition, token, records);
        }
    }

    fn append_for_group(&mut self, ctx: &mut Ctx<'_>, partition: i32, token: u64, records: Records) {
        let tp = TopicPartition::new("__consumer_offsets", partition);
        let now_ms = ctx.now.wall_clock_ms();
        let batch = RecordBatch::new(records.into_iter().map(|(key, value)| (key, value, now_ms)).collect());
        let acks = self.config.offsets_commit_required_acks;
        let origin = ProduceOrigin::Group { token };
        let status = match self.append(ctx, &tp, batch, acks) {
            Ok((base_offset, required_offset)) => {
                ProduceStatus { tp, error: ErrorCode::None, base_offset, required_offset, open: true }
            }
            Err(error) => ProduceStatus { tp, error, base_offset: -1, required_offset: -1, open: false },
        };
        let wait = SimDuration::from_ms(self.config.offsets_commit_timeout_ms);
        self.answer_or_park(ctx, DelayedProduce { origin, statuses: vec![status] }, acks, wait);
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
        if request.kind == CoordinatorKind::Transaction {
            // Simplified: there is no transaction coordinator yet.
            return (ErrorCode::CoordinatorNotAvailable, -1);
        }
        if request.key.is_empty() {
            return (ErrorCode::InvalidGroupId, -1);
        }
        if !self.cache.has_topic(&"__consumer_offsets".into()) {
            self.create_offsets_topic(ctx);
            return (ErrorCode::CoordinatorNotAvailable, -1);
        }
        let partition = crate::group::partition_for(&request.key, self.offsets_partition_count());
        match self.cache.leader_of(&TopicPartition::new("__consumer_offsets", partition)) {
            Some(leader) => (ErrorCode::None, leader),
            None => (ErrorCode::CoordinatorNotAvailable, -1),
        }
    }

    /// `AutoTopicCreationManager`: asked for once at a time; the client tries again meanwhile.
    fn create_offsets_topic(&mut self, ctx: &mut Ctx<'_>) {
        if self.to_controller.has("CreateTopics") {
            return;
        }
        let topic = CreatableTopic {
            topic: "__consumer_offsets".into(),
            num_partitions: self.config.offsets_topic_num_partitions,
            replication_factor: self.config.offsets_topic_replication_factor,
            assignments: Vec::new(),
            configs: vec![
                ("cleanup.policy".into(), "compact".into()),
                ("compression.type".into(), "producer".into()),
                ("segment.bytes".into(), self.config.offsets_topic_segment_bytes.to_string().into()),
            ],
        };
        let request = CreateTopicsRequest {
            topics: vec![topic],
            timeout_ms: self.config.request_timeout_ms,
            validate_only: false,
        };
        self.ask_controller(ctx, Request::CreateTopics(request));
    }
}
