//! Messages on their way, as the picture draws them.

use super::{MessageKind, MessageView};
use crate::ids::{Name, TopicPartition};
use crate::log::RecordBatch;
use crate::machine::Body;
use crate::protocol::zab::QuorumPacket;
use crate::protocol::zookeeper::{ZkRequest, ZkResponse};
use crate::protocol::{ErrorCode, Request, Response};
use crate::sim::{Envelope, World};

/// How many records a message spells out.
const RECORDS_SPELLED: usize = 8;

#[derive(Default)]
struct Cargo {
    tp: Option<TopicPartition>,
    offset: Option<i64>,
    records: Vec<Name>,
    count: u64,
    error: Option<ErrorCode>,
}

/// Every message on its way, by number.
pub fn in_flight(world: &World) -> Vec<MessageView> {
    world.network().in_flight.values().map(|envelope| describe(envelope)).collect()
}

/// A message in words.
pub fn describe(envelope: &Envelope) -> MessageView {
    let (kind, label) = kind_of(envelope);
    let cargo = cargo(&envelope.body);
    MessageView {
        id: envelope.id,
        cause: envelope.cause,
        from: envelope.from().clone(),
        to: envelope.to().clone(),
        channel: envelope.connection.channel,
        kind,
        is_reply: matches!(envelope.body, Body::Response(_)),
        label: label.into(),
        tp: cargo.tp,
        offset: cargo.offset,
        records: cargo.records,
        record_count: cargo.count,
        error: cargo.error.filter(|error| *error != ErrorCode::None).map(|error| error.name().into()),
        sent_at: envelope.sent_at,
        arrives_at: envelope.arrives_at,
    }
}

/// Part of what goes on without end while nothing happens: polling, heartbeats, pings, commits.
pub fn is_routine(envelope: &Envelope) -> bool {
    let (kind, label) = kind_of(envelope);
    match kind {
        MessageKind::Fetch | MessageKind::Heartbeat => true,
        MessageKind::FetchReply => cargo(&envelope.body).count == 0,
        MessageKind::ZooKeeper => label.contains("ing"),
        MessageKind::Group => label.contains("OffsetCommit"),
        MessageKind::Metadata => !label.contains("Update"),
        _ => false,
    }
}

fn kind_of(envelope: &Envelope) -> (MessageKind, &'static str) {
    match &envelope.body {
        Body::Request(request) => (request_kind(request), request.name()),
        Body::Response(response) => (response_kind(response), response.name()),
        Body::Watch(_) => (MessageKind::Watch, "watch"),
    }
}

fn request_kind(request: &Request) -> MessageKind {
    match request {
        Request::Produce(_) => MessageKind::Produce,
        Request::Fetch(_) => MessageKind::Fetch,
        Request::Metadata(_) | Request::UpdateMetadata(_) => MessageKind::Metadata,
        Request::LeaderAndIsr(_) | Request::StopReplica(_) => MessageKind::LeaderAndIsr,
        Request::AlterPartition(_) | Request::AllocateProducerIds(_) | Request::ControlledShutdown(_) => {
            MessageKind::ToController
        }
        Request::Heartbeat(_) | Request::ZooKeeper(ZkRequest::Ping) | Request::Quorum(QuorumPacket::Touched(_)) => {
            MessageKind::Heartbeat
        }
        Request::ZooKeeper(_) | Request::Vote(_) | Request::Quorum(_) => MessageKind::ZooKeeper,
        Request::FindCoordinator(_)
        | Request::JoinGroup(_)
        | Request::SyncGroup(_)
        | Request::LeaveGroup(_)
        | Request::OffsetCommit(_)
        | Request::OffsetFetch(_) => MessageKind::Group,
        _ => MessageKind::Other,
    }
}

fn response_kind(response: &Response) -> MessageKind {
    match response {
        Response::Produce(_) => MessageKind::ProduceReply,
        Response::Fetch(_) => MessageKind::FetchReply,
        Response::Metadata(_) | Response::UpdateMetadata(_) => MessageKind::Metadata,
        Response::LeaderAndIsr(_) | Response::StopReplica(_) => MessageKind::LeaderAndIsr,
        Response::AlterPartition(_) | Response::AllocateProducerIds(_) | Response::ControlledShutdown(_) => {
            MessageKind::ToController
        }
        Response::Heartbeat(_) | Response::ZooKeeper(ZkResponse::Pong) | Response::Quorum(QuorumPacket::Ping) => {
            MessageKind::Heartbeat
        }
        Response::ZooKeeper(_) | Response::Vote(_) | Response::Quorum(_) => MessageKind::ZooKeeper,
        Response::FindCoordinator(_)
        | Response::JoinGroup(_)
        | Response::SyncGroup(_)
        | Response::LeaveGroup(_)
        | Response::OffsetCommit(_)
        | Response::OffsetFetch(_) => MessageKind::Group,
        _ => MessageKind::Other,
    }
}

fn spell<'a>(cargo: &mut Cargo, batches: impl Iterator<Item = &'a RecordBatch>) {
    for batch in batches {
        cargo.count += batch.records.len() as u64;
        for record in &batch.records {
            if cargo.records.len() < RECORDS_SPELLED {
                let offset = (batch.base_offset + i64::from(record.offset_delta)).to_string();
                cargo.records.push(record.key.as_deref().map_or_else(|| offset.into(), super::build::text));
            }
        }
    }
}

fn cargo(body: &Body) -> Cargo {
    let mut cargo = Cargo::default();
    match body {
        Body::Request(Request::Produce(request)) => {
            cargo.tp = request.batches.first().map(|(tp, _)| tp.clone());
            spell(&mut cargo, request.batches.iter().map(|(_, batch)| batch));
        }
        Body::Response(Response::Produce(response)) => {
            if let Some(first) = response.partitions.first() {
                cargo.tp = Some(first.tp.clone());
                cargo.offset = Some(first.base_offset).filter(|offset| *offset >= 0);
            }
            cargo.error = response.partitions.iter().map(|p| p.error).find(|error| !error.is_none());
        }
        Body::Request(Request::Fetch(request)) => {
            // Of many partitions the first of a user's topic tells most.
            let shown =
                request.partitions.iter().find(|p| !p.tp.topic.starts_with("__")).or(request.partitions.first());
            cargo.tp = shown.map(|partition| partition.tp.clone());
            cargo.offset = shown.map(|partition| partition.fetch_offset);
        }
        Body::Response(Response::Fetch(response)) => {
            let filled = response.partitions.iter().find(|partition| !partition.batches.is_empty());
            let shown = filled.or(response.partitions.first());
            cargo.tp = shown.map(|partition| partition.tp.clone());
            cargo.offset = filled.and_then(|partition| partition.batches.first()).map(|batch| batch.base_offset);
            spell(
                &mut cargo,
                response.partitions.iter().flat_map(|partition| &partition.batches).map(|batch| &**batch),
            );
            cargo.error = response.partitions.iter().map(|p| p.error).find(|error| !error.is_none());
        }
        Body::Request(Request::LeaderAndIsr(request)) => {
            cargo.tp = request.partitions.first().map(|state| state.tp.clone());
        }
        Body::Request(Request::AlterPartition(request)) => {
            cargo.tp = request.partitions.first().map(|item| item.tp.clone());
        }
        Body::Response(Response::AlterPartition(response)) => {
            cargo.tp = response.partitions.first().map(|result| result.tp.clone());
            cargo.error = Some(response.error);
        }
        Body::Request(Request::OffsetCommit(request)) => {
            cargo.tp = request.offsets.first().map(|(tp, _)| tp.clone());
            cargo.offset = request.offsets.first().map(|(_, committed)| committed.offset);
        }
        Body::Response(Response::Heartbeat(error)) => cargo.error = Some(*error),
        Body::Response(Response::JoinGroup(response)) => cargo.error = Some(response.error),
        Body::Response(Response::SyncGroup(response)) => cargo.error = Some(response.error),
        Body::Response(Response::FindCoordinator(response)) => cargo.error = Some(response.error),
        _ => {}
    }
    cargo
}
