//! What a leader does for transactions: WriteTxnMarkers and DescribeProducers
//! (`KafkaApis.handleWriteTxnMarkersRequest`, `handleDescribeProducersRequest`).

use super::Broker;
use super::delayed::{DelayedProduce, MarkerOf, ProduceOrigin, ProduceStatus};
use crate::ids::TopicPartition;
use crate::log::{AppendOrigin, EndTransactionMarker, Verification};
use crate::machine::{Channel, Connection, Ctx, Observation};
use crate::protocol::transaction::{
    DescribeProducersResponse, ProducerDescription, TxnMarker, WriteTxnMarkersRequest, WriteTxnMarkersResponse,
};
use crate::protocol::{ErrorCode, Response};
use crate::time::SimDuration;

impl Broker {
    pub(super) fn write_txn_markers(
        &mut self,
        ctx: &mut Ctx<'_>,
        on: &Connection,
        id: u64,
        request: WriteTxnMarkersRequest,
    ) {
        let mut markers = Vec::new();
        let mut statuses = Vec::new();
        for marker in request.markers {
            let of = MarkerOf {
                producer_id: marker.producer_id,
                committed: marker.committed,
                partitions: marker.partitions.len() as u64,
            };
            markers.push(of);
            for tp in &marker.partitions {
                statuses.push(self.write_marker(ctx, on, &marker, tp));
            }
        }
        let origin = ProduceOrigin::Markers { connection: on.clone(), correlation_id: id, markers };
        let wait = SimDuration::from_ms(self.config.request_timeout_ms);
        self.answer_or_park(ctx, DelayedProduce { origin, statuses }, -1, wait);
    }

    fn write_marker(
        &mut self,
        ctx: &mut Ctx<'_>,
        on: &Connection,
        marker: &TxnMarker,
        tp: &TopicPartition,
    ) -> ProduceStatus {
        let TxnMarker { producer_id, producer_epoch, coordinator_epoch, committed, .. } = *marker;
        let batch = EndTransactionMarker { commit: committed, coordinator_epoch }.to_batch(
            producer_id,
            producer_epoch,
            ctx.wall_clock_ms(),
        );
        let appended = self.append(ctx, tp, batch, -1, AppendOrigin::Coordinator, Verification::NotRequired);
        match appended {
            Ok((offset, _)) => ctx.observe(Observation::MarkerAppended {
                tp: tp.clone(),
                broker: self.id,
                offset,
                committed,
                producer_id,
                producer_epoch,
                by_coordinator: on.channel == Channel::Markers,
            }),
            Err(ref refused) => ctx.observe(Observation::RequestRefused {
                broker: self.id,
                request: "WriteTxnMarkers".into(),
                tp: Some(tp.clone()),
                error: refused.error,
            }),
        }
        ProduceStatus::of(tp.clone(), appended)
    }

    /// All partitions of the request have their markers, or were refused them. Offsets that were
    /// committed in the transaction hold from now on, or never.
    pub(super) fn markers_written(
        &mut self,
        ctx: &mut Ctx<'_>,
        on: &Connection,
        id: u64,
        markers: Vec<MarkerOf>,
        statuses: Vec<ProduceStatus>,
    ) {
        let mut statuses = statuses.into_iter();
        let mut answers = Vec::new();
        for marker in markers {
            let mut results = Vec::new();
            for _ in 0..marker.partitions {
                let Some(status) = statuses.next() else { break };
                if status.error == ErrorCode::None && &*status.tp.topic == "__consumer_offsets" {
                    self.groups.on_transaction_completed(
                        ctx,
                        status.tp.partition,
                        marker.producer_id,
                        marker.committed,
                    );
                }
                results.push((status.tp, status.error));
            }
            answers.push((marker.producer_id, results));
        }
        ctx.respond(on, id, Response::WriteTxnMarkers(WriteTxnMarkersResponse { markers: answers }));
    }

    pub(super) fn describe_producers(&self, ctx: &mut Ctx<'_>, on: &Connection, id: u64, asked: Vec<TopicPartition>) {
        let partitions = asked.into_iter().map(|tp| {
            let (error, producers) = match self.partitions.get(&tp) {
                None => (ErrorCode::UnknownTopicOrPartition, Vec::new()),
                Some(partition) if !partition.is_leader => (ErrorCode::NotLeaderOrFollower, Vec::new()),
                Some(partition) => {
                    let told = partition.log.producers().producers().map(|(producer_id, entry)| ProducerDescription {
                        producer_id,
                        producer_epoch: entry.producer_epoch,
                        last_sequence: entry.last_sequence(),
                        last_timestamp_ms: entry.last_timestamp_ms,
                        coordinator_epoch: entry.coordinator_epoch,
                        current_txn_start_offset: entry.current_txn_first_offset,
                    });
                    (ErrorCode::None, told.collect())
                }
            };
            (tp, error, producers)
        });
        let partitions = partitions.collect();
        ctx.respond(on, id, Response::DescribeProducers(DescribeProducersResponse { partitions }));
    }
}
