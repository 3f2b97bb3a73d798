//! What a state change tells brokers, collected per broker before it is sent
//! (`ControllerBrokerRequestBatch`): LeaderAndIsr first, then UpdateMetadata, then StopReplica.

use crate::collections::{BTreeMap, BTreeSet, OnWrite};

use super::assignment::ReplicaAssignment;
use super::context::{Context, DURING_DELETE, Leadership, LiveBroker};
use crate::ids::{BrokerId, TopicPartition};
use crate::protocol::Request;
use crate::protocol::control::{LeaderAndIsrRequest, PartitionState, StopReplicaRequest, UpdateMetadataRequest};

/// A batch.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    leader_and_isr: BTreeMap<BrokerId, BTreeMap<TopicPartition, PartitionState>>,
    stop_replica: BTreeMap<BrokerId, BTreeMap<TopicPartition, bool>>,
    update_metadata_brokers: BTreeSet<BrokerId>,
    update_metadata: BTreeMap<TopicPartition, PartitionState>,
}

fn partition_state(
    context: &Context,
    tp: &TopicPartition,
    leadership: &Leadership,
    assignment: &ReplicaAssignment,
    is_new: bool,
) -> PartitionState {
    PartitionState {
        tp: tp.clone(),
        topic_id: context.topics.get(&tp.topic).copied().unwrap_or_default(),
        controller_epoch: leadership.controller_epoch,
        leader: leadership.state.leader,
        leader_epoch: leadership.state.leader_epoch,
        isr: leadership.state.isr.clone(),
        partition_epoch: leadership.state.partition_epoch,
        replicas: assignment.replicas.clone(),
        adding_replicas: assignment.adding.clone(),
        removing_replicas: assignment.removing.clone(),
        is_new,
        recovering: leadership.state.recovering,
    }
}

impl Batch {
    /// LeaderAndIsr for `brokers`, and UpdateMetadata about the partition for all.
    pub fn leader_and_isr(
        &mut self,
        context: &Context,
        brokers: &[BrokerId],
        tp: &TopicPartition,
        leadership: &Leadership,
        is_new: bool,
    ) {
        let assignment = context.assignment(tp);
        for broker in brokers.iter().filter(|id| **id >= 0) {
            let partitions = self.leader_and_isr.entry(*broker).or_default();
            let is_new = is_new || partitions.get(tp).is_some_and(|known| known.is_new);
            partitions.insert(tp.clone(), partition_state(context, tp, leadership, &assignment, is_new));
        }
        self.update_metadata(context, &context.live_or_shutting_down(), std::slice::from_ref(tp));
    }

    /// UpdateMetadata for `brokers`; a partition that was never led is left out.
    pub fn update_metadata(&mut self, context: &Context, brokers: &BTreeSet<BrokerId>, partitions: &[TopicPartition]) {
        self.update_metadata_brokers.extend(brokers.iter().copied());
        for tp in partitions {
            let Some(leadership) = context.leadership.get(tp) else { continue };
            let mut state = partition_state(context, tp, leadership, &context.assignment(tp), false);
            if context.is_to_be_deleted(&tp.topic) {
                state.leader = DURING_DELETE;
                state.leader_epoch = DURING_DELETE;
            }
            self.update_metadata.insert(tp.clone(), state);
        }
    }

    /// StopReplica for one broker.
    pub fn stop_replica(&mut self, broker: BrokerId, tp: &TopicPartition, delete: bool) {
        let stops = self.stop_replica.entry(broker).or_default();
        let delete = delete || stops.get(tp).copied().unwrap_or(false);
        stops.insert(tp.clone(), delete);
    }

    /// The requests in the order in which they are sent, to registered brokers only.
    pub fn into_requests(self, context: &Context, controller_id: BrokerId) -> Vec<(BrokerId, Request)> {
        let mut requests = Vec::new();
        let controller_epoch = context.epoch;
        let epoch_of = |broker: &BrokerId| context.live.get(broker).map(|live| live.epoch);
        for (broker, partitions) in self.leader_and_isr {
            let Some(broker_epoch) = epoch_of(&broker) else { continue };
            let partitions = partitions.into_values().collect();
            let request = LeaderAndIsrRequest { controller_id, controller_epoch, broker_epoch, partitions };
            requests.push((broker, Request::LeaderAndIsr(request)));
        }
        let rack = |(id, live): (&BrokerId, &LiveBroker)| Some((*id, live.rack.clone()?));
        let racks: Vec<_> = context.live.iter().filter_map(rack).collect();
        let partitions: Vec<OnWrite<_>> = self.update_metadata.into_values().map(OnWrite::from).collect();
        for broker in self.update_metadata_brokers {
            let Some(broker_epoch) = epoch_of(&broker) else { continue };
            let request = UpdateMetadataRequest {
                controller_id,
                controller_epoch,
                broker_epoch,
                live_brokers: context.live.keys().copied().collect(),
                racks: racks.clone(),
                partitions: partitions.clone(),
            };
            requests.push((broker, Request::UpdateMetadata(request)));
        }
        for (broker, stops) in self.stop_replica {
            let Some(broker_epoch) = epoch_of(&broker) else { continue };
            let with_epoch = |(tp, delete): (TopicPartition, bool)| {
                let leader_epoch = if context.is_to_be_deleted(&tp.topic) {
                    DURING_DELETE
                } else {
                    context.leadership.get(&tp).map_or(-1, |leadership| leadership.state.leader_epoch)
                };
                (tp, leader_epoch, delete)
            };
            let partitions = stops.into_iter().map(with_epoch).collect();
            let request = StopReplicaRequest { controller_id, controller_epoch, broker_epoch, partitions };
            requests.push((broker, Request::StopReplica(request)));
        }
        requests
    }
}
