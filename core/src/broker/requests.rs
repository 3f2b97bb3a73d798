//! Which part of the broker handles which request (`KafkaApis.handle`).

use super::Broker;
use super::verification::Verified;
use crate::ids::Name;
use crate::machine::{Connection, Ctx};
use crate::protocol::admin::{CreatableTopic, CreateTopicsRequest};
use crate::protocol::metadata::MetadataRequest;
use crate::protocol::transaction::TxnOffsetCommitResponse;
use crate::protocol::{ErrorCode, Request, Response};

impl Broker {
    pub(super) fn handle_request(&mut self, ctx: &mut Ctx<'_>, on: &Connection, id: u64, request: Request) {
        match request {
            Request::Produce(request) => self.produce(ctx, on, id, request),
            Request::Fetch(request) => self.fetch(ctx, on, id, request),
            Request::ListOffsets(request) => self.list_offsets(ctx, on, id, &request),
            Request::OffsetForLeaderEpoch(request) => self.offsets_for_leader_epoch(ctx, on, id, request),
            Request::Metadata(request) => self.metadata_asked(ctx, on, id, &request),
            Request::LeaderAndIsr(request) => self.leader_and_isr(ctx, on, id, request),
            Request::StopReplica(request) => self.stop_replica(ctx, on, id, request),
            Request::UpdateMetadata(request) => self.update_metadata(ctx, on, id, request),
            Request::FindCoordinator(request) => self.find_coordinator(ctx, on, id, &request),
            Request::InitProducerId(request) => self.init_producer_id(ctx, on, id, request),
            Request::DescribeConfigs(request) => self.describe_configs(ctx, on, id, request),
            Request::DescribeLogDirs(()) => self.describe_log_dirs(ctx, on, id),
            Request::IncrementalAlterConfigs(request) => self.alter_configs(ctx, on, id, request),
            request @ (Request::AddPartitionsToTxn(_)
            | Request::AddOffsetsToTxn(_)
            | Request::EndTxn(_)
            | Request::DescribeTransactions(_)
            | Request::ListTransactions(())) => {
                self.with_transactions(ctx, |transactions, ctx, store| {
                    transactions.handle_request(ctx, store, on, id, request);
                });
            }
            Request::WriteTxnMarkers(request) => self.write_txn_markers(ctx, on, id, request),
            // The broker sorts out what does not exist (`KafkaApis`). If nothing is left no coordinator is asked: who is
            // fenced hears nothing of it, and tries again.
            Request::TxnOffsetCommit(request)
                if !request.offsets.iter().any(|(tp, _)| self.cache.partitions.contains_key(tp)) =>
            {
                let partitions = request.offsets.into_iter().map(|(tp, _)| (tp, ErrorCode::UnknownTopicOrPartition));
                let partitions = partitions.collect();
                ctx.respond(on, id, Response::TxnOffsetCommit(TxnOffsetCommitResponse { partitions }));
            }
            Request::TxnOffsetCommit(request) => self.verify_and(ctx, on, id, Verified::Offsets(request)),
            Request::DescribeProducers(partitions) => self.describe_producers(ctx, on, id, partitions),
            request @ (Request::OffsetCommit(_)
            | Request::OffsetFetch(_)
            | Request::JoinGroup(_)
            | Request::Heartbeat(_)
            | Request::LeaveGroup(_)
            | Request::SyncGroup(_)
            | Request::DescribeGroups(_)
            | Request::ListGroups(())
            | Request::DeleteGroups(_)
            | Request::OffsetDelete(_)) => {
                self.with_groups(ctx, |groups, ctx, store| groups.handle_request(ctx, store, on, id, request));
            }
            request @ (Request::ControlledShutdown(_)
            | Request::CreateTopics(_)
            | Request::DeleteTopics(_)
            | Request::CreatePartitions(_)
            | Request::ElectLeaders(_)
            | Request::AlterPartitionReassignments(_)
            | Request::ListPartitionReassignments(())
            | Request::AlterPartition(_)
            | Request::AllocateProducerIds(_)) => {
                self.controller.handle_request(ctx, &mut self.zk, &*self.cache, on, id, request);
            }
            Request::DeleteRecords(request) => self.delete_records(ctx, on, id, request),
            Request::ZooKeeper(_) | Request::Vote(_) | Request::Quorum(_) => self.connections.done(on),
        }
    }

    fn metadata_asked(&mut self, ctx: &mut Ctx<'_>, on: &Connection, id: u64, request: &MetadataRequest) {
        let mut answer = self.cache.describe(request.topics.as_deref());
        if request.allow_auto_topic_creation && self.config.auto_create_topics_enable {
            let missing: Vec<Name> = answer
                .topics
                .iter()
                .filter(|topic| topic.error == ErrorCode::UnknownTopicOrPartition)
                .map(|topic| topic.topic.clone())
                .collect();
            // The controller's own broker creates at once and says so; the others forward.
            if self.controller.is_active() {
                for topic in &mut answer.topics {
                    if missing.contains(&topic.topic) {
                        topic.error = ErrorCode::LeaderNotAvailable;
                    }
                }
            }
            self.create_missing(ctx, missing);
        }
        ctx.respond(on, id, Response::Metadata(answer));
    }

    fn create_missing(&mut self, ctx: &mut Ctx<'_>, missing: Vec<Name>) {
        if missing.is_empty() || self.to_controller.has("CreateTopics") {
            return;
        }
        let topics = missing
            .into_iter()
            .map(|topic| CreatableTopic {
                topic,
                num_partitions: self.config.num_partitions,
                replication_factor: i16::try_from(self.config.default_replication_factor).unwrap_or(i16::MAX),
                assignments: Vec::new(),
                configs: Vec::new(),
            })
            .collect();
        let timeout_ms = self.config.request_timeout_ms;
        self.ask_controller(
            ctx,
            Request::CreateTopics(CreateTopicsRequest { topics, timeout_ms, validate_only: false }),
        );
    }
}
