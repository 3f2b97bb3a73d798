//! States that Kafka itself does not leave: each has a name and a condition that is read from the cluster's
//! state, never from what failed. An operator acts on it, and then nothing is excused any more.

use std::collections::BTreeSet;
use std::fmt;

use playground_core::command::{Command, NodeRef};
use playground_core::ids::{BrokerId, NodeId, TopicPartition};
use playground_core::sim::World;

use super::Failure;
use super::run::{Step, Sweep};

/// Why a healed cluster may need an operator.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Excuse {
    /// The controller wrote an ISR, and the answer was lost with its connection to ZooKeeper. It asks again,
    /// finds BADVERSION and answers INVALID_UPDATE_VERSION (`KafkaZkClient.updateLeaderAndIsr`,
    /// `KafkaController.tryProcessAlterPartition`), after which the leader keeps its wish until the next
    /// leader epoch (`Partition.handleAlterPartitionError`) and asks for nothing else. A new controller does
    /// not help: its LeaderAndIsr has the same leader epoch. The leader is restarted.
    IsrWrittenUnheard,
    /// A leader lost its page cache and leads again in the same epoch, since the controller was gone too; a
    /// follower has more of that epoch than its leader had left. What the leader writes now comes in batches
    /// that begin below the follower's end: `UnexpectedAppendOffsetException`, and the fetcher gives the
    /// partition up (`AbstractFetcherThread.markPartitionFailed`). The follower's log is removed.
    TwoHistoriesInOneEpoch,
    /// A move was given up or replaced by another while the only replica in sync was one that it had added.
    /// The controller stops and deletes it all the same (`KafkaController.updateCurrentReassignment`,
    /// `stopRemovedReplicasOfReassignedPartition`): nobody leads, and no assigned replica is in the ISR. An
    /// unclean election is asked for.
    MoveDroppedTheIsr,
    /// A move was given up or replaced while a replica that it had added led. That replica is stopped and its
    /// leadership becomes vacant, but the partition stays OnlinePartition (`ZkReplicaStateMachine`, OfflineReplica),
    /// and only Offline and New ones get an election when brokers come (`triggerOnlinePartitionStateChange`).
    /// An election is asked for, which finds a replica that is in sync.
    MoveDroppedTheLeader,
    /// A move took the only replica in sync out of the assignment while nobody led, and another brought it back.
    /// Only a broker that comes or a new controller makes the controller look for a leader, a move does not
    /// (`KafkaController.onPartitionReassignment`). An election is asked for.
    MoveBroughtTheIsrBack,
}

impl Excuse {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::IsrWrittenUnheard,
        Self::TwoHistoriesInOneEpoch,
        Self::MoveDroppedTheIsr,
        Self::MoveDroppedTheLeader,
        Self::MoveBroughtTheIsrBack,
    ];
}

impl fmt::Display for Excuse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::IsrWrittenUnheard => "an ISR was written, but its leader did not hear of it",
            Self::TwoHistoriesInOneEpoch => "a leader that lost its page cache led again in the same epoch",
            Self::MoveDroppedTheIsr => "a move that was replaced took the whole ISR with it",
            Self::MoveDroppedTheLeader => "a move that was replaced took the leader with it",
            Self::MoveBroughtTheIsrBack => {
                "a move brought the only replica in sync back, and nothing asked for an election"
            }
        })
    }
}

/// An excuse with its place.
#[derive(Clone, Debug)]
pub struct Excused {
    /// Which of them.
    pub excuse: Excuse,
    tp: TopicPartition,
    /// The broker that an operator has to deal with.
    broker: BrokerId,
}

impl Excused {
    /// The first excuse that the cluster has now for not being at rest. `moved`: partitions whose replicas were moved.
    pub fn find(world: &World, moved: &BTreeSet<TopicPartition>) -> Option<Self> {
        let controller = world.controller().and_then(|id| world.broker(id))?;
        controller.metadata().partitions.iter().find_map(|(tp, told)| {
            let known = controller.leadership(tp)?;
            let excused = |excuse, broker| Self { excuse, tp: tp.clone(), broker };
            let in_sync = told.replicas.iter().any(|id| known.state.isr.contains(id));
            if known.state.leader == -1 && !in_sync && moved.contains(tp) {
                return Some(excused(Excuse::MoveDroppedTheIsr, -1));
            }
            if known.state.leader == -1 && !controller.looks_for_leader(tp) && moved.contains(tp) {
                return Some(excused(Excuse::MoveDroppedTheLeader, -1));
            }
            if known.state.leader == -1 && moved.contains(tp) {
                return Some(excused(Excuse::MoveBroughtTheIsrBack, -1));
            }
            let replica_on = |id: BrokerId| world.broker(id).and_then(|broker| broker.partitions().get(tp));
            let leader = replica_on(known.state.leader).filter(|replica| replica.is_leader)?;
            // The leader waits with a wish, and the state znode is newer than what it knows, in its own epoch.
            let serving = world.zookeepers().find(|server| matches!(server.role(), "leader" | "standalone"))?;
            let path = format!("/brokers/topics/{}/partitions/{}/state", tp.topic, tp.partition);
            let version = serving.znode(&path).map(|(_, stat)| stat.version)?;
            if leader.pending_isr.is_some()
                && leader.leader_epoch == known.state.leader_epoch
                && leader.partition_epoch < version
            {
                return Some(excused(Excuse::IsrWrittenUnheard, known.state.leader));
            }
            // The follower has given the partition up, and a batch of the leader's crosses its end in the newest
            // epoch that it knows.
            let crosses = |id: BrokerId| {
                let gave_up = world.broker(id).is_some_and(|broker| broker.has_failed_to_fetch(tp));
                replica_on(id).filter(|_| gave_up).is_some_and(|follower| {
                    let (end, epoch) = (follower.log.log_end_offset(), follower.log.leader_epochs().latest_epoch());
                    leader.log.batches().any(|batch| {
                        batch.base_offset < end
                            && batch.last_offset() >= end
                            && Some(batch.partition_leader_epoch) == epoch
                    })
                })
            };
            let broken = leader.replicas.iter().copied().find(|id| crosses(*id))?;
            Some(excused(Excuse::TwoHistoriesInOneEpoch, broken))
        })
    }

    /// The broker that an operator has to deal with.
    pub fn broker(&self) -> NodeRef {
        NodeRef::Node(NodeId::Broker(self.broker))
    }
}

impl Sweep {
    /// The first excuse that the cluster has now for not being at rest.
    pub fn excused(&self) -> Option<Excused> {
        Excused::find(&self.world, &self.moved)
    }

    /// What an operator does about it. The cluster has as long as after the last fault to come to rest.
    pub fn relieve(&mut self, excused: &Excused) -> Step<()> {
        let node = NodeId::Broker(excused.broker);
        match excused.excuse {
            Excuse::MoveDroppedTheIsr | Excuse::MoveDroppedTheLeader | Excuse::MoveBroughtTheIsrBack => {
                self.give(&Command::ElectLeader { unclean: true, tp: Some(excused.tp.clone()) })
            }
            Excuse::IsrWrittenUnheard => self.give(&Command::Stop(NodeRef::Node(node))),
            Excuse::TwoHistoriesInOneEpoch => {
                self.give(&Command::Kill(NodeRef::Node(node.clone())))?;
                if self.world.wipe_log(&node, &excused.tp) {
                    return Ok(());
                }
                Err(Failure::Unplayable(format!("{node} has no log of {} on its disk", excused.tp)))
            }
        }
    }
}
