//! What the active controller knows (`ControllerContext`): read from ZooKeeper when it takes over,
//! then kept in step with its own writes. The large maps are shared, so that an event can work on a
//! copy and throw it away.

use crate::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::assignment::ReplicaAssignment;
use crate::ids::{BrokerId, Name, TopicPartition, Uuid};

/// No leader (`LeaderAndIsr.NO_LEADER`).
pub const NO_LEADER: BrokerId = -1;
pub use crate::protocol::control::DURING_DELETE;

/// Who leads a partition and who is in sync.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LeaderAndIsr {
    /// The leader, -1 for none.
    pub leader: BrokerId,
    /// Rises with every election and with every ISR change of the controller's own.
    pub leader_epoch: i32,
    /// In-sync replicas in the order of their history.
    pub isr: Vec<BrokerId>,
    /// The leader was elected uncleanly and has not said that it is done with it.
    pub recovering: bool,
    /// Version of the `state` znode.
    pub partition_epoch: i32,
}

impl LeaderAndIsr {
    /// The state one leader epoch later.
    pub fn next(&self, leader: BrokerId, isr: Vec<BrokerId>) -> Self {
        Self { leader, isr, leader_epoch: self.leader_epoch.saturating_add(1), ..self.clone() }
    }
}

/// A partition's state with the epoch of the controller that wrote it (`LeaderIsrAndControllerEpoch`).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Leadership {
    /// The state.
    pub state: LeaderAndIsr,
    /// The writer's epoch.
    pub controller_epoch: i32,
}

/// `PartitionState` of the partition state machine.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PartitionPhase {
    /// Assigned, never led.
    New,
    /// Led.
    Online,
    /// The leader is gone.
    Offline,
}

/// `ReplicaState` of the replica state machine.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ReplicaPhase {
    /// Assigned, not told yet.
    New,
    /// Its broker is told what to do.
    Online,
    /// Its broker is gone, or it is to be deleted.
    Offline,
    /// StopReplica with delete is on its way.
    DeletionStarted,
    /// The broker has deleted it.
    DeletionSuccessful,
    /// It cannot be deleted now.
    DeletionIneligible,
}

/// A registered broker.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LiveBroker {
    /// czxid of its registration.
    pub epoch: i64,
    /// `broker.rack`.
    pub rack: Option<Name>,
}

/// A replica: partition and broker.
pub type Replica = (TopicPartition, BrokerId);

/// The context.
#[derive(Clone, Debug, Default)]
pub struct Context {
    /// The broker that is controller, -1 if nobody is or nobody is known.
    pub active_controller: BrokerId,
    /// Own controller epoch.
    pub epoch: i32,
    /// Version of `/controller_epoch` that goes with it; guards every write.
    pub epoch_zk_version: i32,
    /// Registered brokers.
    pub live: Rc<BTreeMap<BrokerId, LiveBroker>>,
    /// Those among them that asked for a controlled shutdown.
    pub shutting_down: BTreeSet<BrokerId>,
    /// Replicas in log directories that are offline, by broker.
    pub on_offline_dirs: BTreeMap<BrokerId, BTreeSet<TopicPartition>>,
    /// All topics with their ids.
    pub topics: Rc<BTreeMap<Name, Uuid>>,
    /// Assigned replicas of every partition.
    pub assignments: Rc<BTreeMap<TopicPartition, ReplicaAssignment>>,
    /// State of every partition that was ever led.
    pub leadership: Rc<BTreeMap<TopicPartition, Leadership>>,
    /// The partition state machine; absent means NonExistentPartition.
    pub partition_phases: Rc<BTreeMap<TopicPartition, PartitionPhase>>,
    /// The replica state machine; absent means NonExistentReplica.
    pub replica_phases: Rc<BTreeMap<Replica, ReplicaPhase>>,
    /// Partitions that are being reassigned.
    pub reassigning: BTreeSet<TopicPartition>,
    /// Topics queued for deletion.
    pub to_be_deleted: BTreeSet<Name>,
    /// Those among them whose partitions are already NonExistent.
    pub deletion_started: BTreeSet<Name>,
    /// Those among them that cannot be deleted now.
    pub deletion_ineligible: BTreeSet<Name>,
}

impl Context {
    /// Nothing is known.
    pub fn new() -> Self {
        Self { active_controller: -1, ..Self::default() }
    }

    /// Ids of registered brokers, those that shut down included.
    pub fn live_or_shutting_down(&self) -> BTreeSet<BrokerId> {
        self.live.keys().copied().collect()
    }

    /// Registered brokers that do not shut down.
    pub fn live_ids(&self) -> BTreeSet<BrokerId> {
        self.live.keys().copied().filter(|id| !self.shutting_down.contains(id)).collect()
    }

    /// The broker is registered and does not shut down.
    pub fn is_online(&self, broker: BrokerId) -> bool {
        self.live.contains_key(&broker) && !self.shutting_down.contains(&broker)
    }

    /// The broker is online, and the replica's log directory too.
    pub fn is_replica_online(&self, broker: BrokerId, tp: &TopicPartition) -> bool {
        self.is_online(broker) && !self.on_offline_dirs.get(&broker).is_some_and(|lost| lost.contains(tp))
    }

    /// Registered brokers whose replica of the partition is not in an offline log directory.
    pub fn live_for(&self, tp: &TopicPartition) -> BTreeSet<BrokerId> {
        let lost = |id: &BrokerId| self.on_offline_dirs.get(id).is_some_and(|lost| lost.contains(tp));
        self.live.keys().copied().filter(|id| !lost(id)).collect()
    }

    /// The partitions of a topic, by number.
    pub fn partitions_of(&self, topic: &Name) -> Vec<TopicPartition> {
        let first = TopicPartition { topic: topic.clone(), partition: i32::MIN };
        self.assignments.range(first..).map(|(tp, _)| tp).take_while(|tp| &tp.topic == topic).cloned().collect()
    }

    /// The assignment of a partition, empty if there is none.
    pub fn assignment(&self, tp: &TopicPartition) -> ReplicaAssignment {
        self.assignments.get(tp).cloned().unwrap_or_default()
    }

    /// The replicas of a partition.
    pub fn replicas_of(&self, tp: &TopicPartition) -> Vec<Replica> {
        let ids = self.assignments.get(tp).map(|assignment| assignment.replicas.as_slice()).unwrap_or_default();
        ids.iter().map(|id| (tp.clone(), *id)).collect()
    }

    /// The replicas of a topic.
    pub fn replicas_of_topic(&self, topic: &Name) -> Vec<Replica> {
        self.partitions_of(topic).iter().flat_map(|tp| self.replicas_of(tp)).collect()
    }

    /// The replicas that are assigned to any of the brokers.
    pub fn replicas_on(&self, brokers: &BTreeSet<BrokerId>) -> Vec<Replica> {
        let on = |(tp, assignment): (&TopicPartition, &ReplicaAssignment)| {
            let ids = assignment.replicas.iter().filter(|id| brokers.contains(id));
            ids.map(|id| (tp.clone(), *id)).collect::<Vec<_>>()
        };
        self.assignments.iter().flat_map(on).collect()
    }

    /// The topic is queued for deletion.
    pub fn is_to_be_deleted(&self, topic: &Name) -> bool {
        self.to_be_deleted.contains(topic)
    }

    /// The leader as far as known.
    pub fn leader_of(&self, tp: &TopicPartition) -> Option<BrokerId> {
        self.leadership.get(tp).map(|leadership| leadership.state.leader)
    }

    /// Partitions whose leader is not online, those of deleted topics aside.
    pub fn partitions_with_offline_leader(&self) -> Vec<TopicPartition> {
        let dead = |(tp, leadership): &(&TopicPartition, &Leadership)| {
            !self.is_replica_online(leadership.state.leader, tp) && !self.is_to_be_deleted(&tp.topic)
        };
        self.leadership.iter().filter(dead).map(|(tp, _)| tp.clone()).collect()
    }

    /// The replicas of a topic in this phase.
    pub fn replicas_in(&self, topic: &Name, phase: ReplicaPhase) -> Vec<Replica> {
        let replicas = self.replicas_of_topic(topic);
        replicas.into_iter().filter(|replica| self.replica_phases.get(replica) == Some(&phase)).collect()
    }

    /// Remembers a partition's state.
    pub fn put_leadership(&mut self, tp: &TopicPartition, leadership: Leadership) {
        Rc::make_mut(&mut self.leadership).insert(tp.clone(), leadership);
    }

    /// Remembers a partition's replicas.
    pub fn put_assignment(&mut self, tp: &TopicPartition, assignment: ReplicaAssignment) {
        Rc::make_mut(&mut self.assignments).insert(tp.clone(), assignment);
    }

    /// Forgets a topic.
    pub fn remove_topic(&mut self, topic: &Name) {
        for tp in self.partitions_of(topic) {
            Rc::make_mut(&mut self.assignments).remove(&tp);
            Rc::make_mut(&mut self.leadership).remove(&tp);
            Rc::make_mut(&mut self.partition_phases).remove(&tp);
            self.reassigning.remove(&tp);
        }
        Rc::make_mut(&mut self.replica_phases).retain(|(tp, _), _| &tp.topic != topic);
        Rc::make_mut(&mut self.topics).remove(topic);
        self.to_be_deleted.remove(topic);
        self.deletion_started.remove(topic);
        self.deletion_ineligible.remove(topic);
    }
}
