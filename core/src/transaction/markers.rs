//! Markers on their way to the leaders of a transaction's partitions, until each has its own
//! (`TransactionMarkerChannelManager`, `TransactionMarkerRequestCompletionHandler`).

use crate::collections::BTreeMap;

use super::coordinator::{Then, TransactionCoordinator};
use super::metadata::TxnTransit;
use super::store::{KnownLeader, TransactionStore};
use super::timer::TransactionTimer;
use crate::ids::{BrokerId, Name, NodeId, TopicPartition};
use crate::machine::{Channel, Ctx, Observation};
use crate::protocol::transaction::{TxnMarker, WriteTxnMarkersRequest, WriteTxnMarkersResponse};
use crate::protocol::{ErrorCode, Request};
use crate::time::{SimDuration, SimTime};

/// A decided transaction whose completion is still to be written.
#[derive(Clone, Debug)]
pub(super) struct PendingComplete {
    pub id: Name,
    pub coordinator_epoch: i32,
    pub transit: TxnTransit,
}

/// A marker in a queue.
#[derive(Clone, Debug)]
struct Queued {
    id: Name,
    marker: TxnMarker,
}

/// All markers under way.
#[derive(Clone, Debug, Default)]
pub(super) struct Markers {
    /// Transactions that wait for markers.
    pending: BTreeMap<Name, PendingComplete>,
    queues: BTreeMap<BrokerId, Vec<Queued>>,
    /// For partitions that nobody leads at present.
    unknown: Vec<Queued>,
    in_flight: BTreeMap<BrokerId, (u64, Vec<Queued>)>,
    /// Brokers that could not be reached, or refused, and until when they are left alone.
    resting: BTreeMap<BrokerId, SimTime>,
    append_retries: Vec<PendingComplete>,
    /// Partitions that were not known, to be told.
    skipped: Vec<(Name, TopicPartition)>,
    correlation: u64,
}

impl Markers {
    /// The id is coordinated elsewhere, or anew.
    pub fn forget(&mut self, id: &Name) {
        self.pending.remove(id);
        for queue in self.queues.values_mut() {
            queue.retain(|queued| &queued.id != id);
        }
        self.unknown.retain(|queued| &queued.id != id);
        self.append_retries.retain(|pending| &pending.id != id);
    }
}

/// `reconnect.backoff.ms` of the marker sender's network client.
const RECONNECT: SimDuration = SimDuration::from_ms(50);

impl TransactionCoordinator {
    /// Queues the markers of a decided transaction.
    pub(super) fn add_markers(
        &mut self,
        store: &mut dyn TransactionStore,
        id: &Name,
        coordinator_epoch: i32,
        committed: bool,
        transit: TxnTransit,
    ) {
        let Some(metadata) = self.transactions.get(id) else { return };
        let marker = TxnMarker {
            producer_id: metadata.producer_id,
            producer_epoch: metadata.producer_epoch,
            coordinator_epoch,
            committed,
            partitions: metadata.partitions.iter().cloned().collect(),
        };
        self.markers.pending.insert(id.clone(), PendingComplete { id: id.clone(), coordinator_epoch, transit });
        self.enqueue(store, Queued { id: id.clone(), marker });
        self.maybe_complete(store, id);
    }

    /// Divides a marker among the leaders of its partitions. A partition that is gone needs none.
    fn enqueue(&mut self, store: &dyn TransactionStore, queued: Queued) {
        let Queued { id, marker } = queued;
        let is_current = self.markers.pending.get(&id).is_some_and(|p| p.coordinator_epoch == marker.coordinator_epoch);
        if !is_current {
            return;
        }
        let mut by_leader: BTreeMap<Option<BrokerId>, Vec<TopicPartition>> = BTreeMap::new();
        for tp in &marker.partitions {
            match store.leader_of(tp) {
                KnownLeader::Broker(broker) => by_leader.entry(Some(broker)).or_default().push(tp.clone()),
                KnownLeader::NoNode => by_leader.entry(None).or_default().push(tp.clone()),
                KnownLeader::Unknown => {
                    if let Some(metadata) = self.transactions.get_mut(&id) {
                        metadata.partitions.remove(tp);
                        self.markers.skipped.push((id.clone(), tp.clone()));
                    }
                }
            }
        }
        for (leader, partitions) in by_leader {
            let queued = Queued { id: id.clone(), marker: TxnMarker { partitions, ..marker.clone() } };
            match leader {
                Some(broker) => self.markers.queues.entry(broker).or_default().push(queued),
                None => self.markers.unknown.push(queued),
            }
        }
    }

    /// Sends what is queued: one request to each broker at a time.
    pub(super) fn send_markers(&mut self, ctx: &mut Ctx<'_>, store: &mut dyn TransactionStore) {
        for queued in std::mem::take(&mut self.markers.unknown) {
            let id = queued.id.clone();
            self.enqueue(store, queued);
            self.maybe_complete(store, &id);
        }
        for (transactional_id, tp) in std::mem::take(&mut self.markers.skipped) {
            ctx.observe(Observation::MarkerSkipped { tp, transactional_id });
        }
        self.markers.resting.retain(|_, until| *until > ctx.now);
        let ready: Vec<BrokerId> = self
            .markers
            .queues
            .iter()
            .filter(|(broker, queue)| !queue.is_empty() && !self.markers.in_flight.contains_key(broker))
            .map(|(broker, _)| *broker)
            .filter(|broker| !self.markers.resting.contains_key(broker))
            .collect();
        for broker in ready {
            let Some(queue) = self.markers.queues.remove(&broker) else { continue };
            self.markers.correlation += 1;
            let correlation = self.markers.correlation;
            let request = WriteTxnMarkersRequest { markers: queue.iter().map(|q| q.marker.clone()).collect() };
            ctx.request(NodeId::Broker(broker), Channel::Markers, correlation, Request::WriteTxnMarkers(request));
            self.markers.in_flight.insert(broker, (correlation, queue));
            let overdue = ctx.now + SimDuration::from_ms(self.config.request_timeout_ms);
            self.timers.set(TransactionTimer::MarkersAnswer(broker), overdue);
        }
    }

    /// A leader answered.
    pub fn on_markers_answered(
        &mut self,
        ctx: &mut Ctx<'_>,
        store: &mut dyn TransactionStore,
        broker: BrokerId,
        correlation_id: u64,
        answer: WriteTxnMarkersResponse,
    ) {
        if self.markers.in_flight.get(&broker).is_none_or(|(asked, _)| *asked != correlation_id) {
            return;
        }
        let Some((_, sent)) = self.markers.in_flight.remove(&broker) else { return };
        self.timers.cancel(&TransactionTimer::MarkersAnswer(broker));
        let mut refused = false;
        for (queued, (_, results)) in sent.into_iter().zip(answer.markers) {
            refused |= self.take_results(store, queued, &results);
        }
        if refused {
            // Simplified: Kafka asks again at once, as fast as it is refused.
            self.rest(ctx, broker);
        }
        self.send_markers(ctx, store);
    }

    /// What became of one marker. True if some of it must be sent again.
    fn take_results(
        &mut self,
        store: &mut dyn TransactionStore,
        queued: Queued,
        results: &[(TopicPartition, ErrorCode)],
    ) -> bool {
        let Queued { id, marker } = queued;
        let epoch = marker.coordinator_epoch;
        let is_current = self.markers.pending.get(&id).is_some_and(|pending| pending.coordinator_epoch == epoch);
        let Some(metadata) = self.transactions.get_mut(&id).filter(|_| is_current) else { return false };
        let mut again = Vec::new();
        for (tp, error) in results {
            match error {
                ErrorCode::None | ErrorCode::UnsupportedForMessageFormat => {
                    metadata.partitions.remove(tp);
                }
                // Somebody else coordinates, or the producer was shut out meanwhile: not ours to end.
                ErrorCode::InvalidProducerEpoch | ErrorCode::TransactionCoordinatorFenced => {
                    self.markers.pending.remove(&id);
                    return false;
                }
                _ => again.push(tp.clone()),
            }
        }
        let refused = !again.is_empty();
        if refused {
            self.enqueue(store, Queued { id: id.clone(), marker: TxnMarker { partitions: again, ..marker } });
        }
        self.maybe_complete(store, &id);
        refused
    }

    fn rest(&mut self, ctx: &Ctx<'_>, broker: BrokerId) {
        let until = ctx.now + RECONNECT;
        self.markers.resting.insert(broker, until);
        self.timers.set(TransactionTimer::Markers(broker), until);
    }

    /// The connection to a leader broke: its markers look for their leaders again.
    pub fn on_markers_lost(&mut self, ctx: &mut Ctx<'_>, store: &mut dyn TransactionStore, broker: BrokerId) {
        let Some((_, sent)) = self.markers.in_flight.remove(&broker) else { return };
        self.timers.cancel(&TransactionTimer::MarkersAnswer(broker));
        self.rest(ctx, broker);
        for queued in sent {
            let id = queued.id.clone();
            self.enqueue(store, queued);
            self.maybe_complete(store, &id);
        }
        self.send_markers(ctx, store);
    }

    pub(super) fn markers_overdue(&mut self, ctx: &mut Ctx<'_>, store: &mut dyn TransactionStore, broker: BrokerId) {
        ctx.disconnect(NodeId::Broker(broker), Channel::Markers);
        self.on_markers_lost(ctx, store, broker);
    }

    /// The broker's metadata changed: there may be a leader now.
    pub fn on_metadata_updated(&mut self, ctx: &mut Ctx<'_>, store: &mut dyn TransactionStore) {
        if self.markers.pending.is_empty() {
            return;
        }
        for queued in std::mem::take(&mut self.markers.queues).into_values().flatten() {
            let id = queued.id.clone();
            self.enqueue(store, queued);
            self.maybe_complete(store, &id);
        }
        self.send_markers(ctx, store);
    }

    /// Every partition has its marker: the end of the end is written.
    fn maybe_complete(&mut self, store: &mut dyn TransactionStore, id: &Name) {
        if self.transactions.get(id).is_some_and(|metadata| metadata.partitions.is_empty())
            && let Some(pending) = self.markers.pending.remove(id)
        {
            self.append_complete(store, pending);
        }
    }

    fn append_complete(&mut self, store: &mut dyn TransactionStore, pending: PendingComplete) {
        let PendingComplete { id, coordinator_epoch, transit } = pending;
        if self.epoch_for(store, &id) == Ok(coordinator_epoch) {
            self.write(store, &id, coordinator_epoch, transit, Then::Complete);
        }
    }

    /// The completion found too few replicas. Kafka's sender tries again whenever it wakes, at the latest
    /// after `request.timeout.ms`.
    pub(super) fn retry_append(&mut self, ctx: &Ctx<'_>, pending: PendingComplete) {
        self.markers.append_retries.push(pending);
        let at = ctx.now + SimDuration::from_ms(self.config.request_timeout_ms);
        self.timers.set_earlier(TransactionTimer::AppendRetry, at);
    }

    pub(super) fn retry_appends(&mut self, store: &mut dyn TransactionStore) {
        for pending in std::mem::take(&mut self.markers.append_retries) {
            self.append_complete(store, pending);
        }
    }
}
