//! What the checkers remember of each partition and no process sees: the committed records, what the
//! controller last decided, and which losses Kafka itself allows.

use crate::collections::BTreeMap;
use std::fmt;

use crate::collections::{KeyMap, OnWrite, SharedList};
use crate::ids::{BrokerId, NodeId, TopicPartition};
use crate::log::{Log, RecordBatch};
use crate::machine::Observation;
use crate::sim::{Process, World};

/// Why a leader may lack committed records: Kafka excuses itself there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Excuse {
    /// `unclean.leader.election.enable`, or an administrator's unclean election.
    UncleanElection,
    /// The last in-sync replica lost what its page cache had not flushed (KIP-966, "last replica
    /// standing"): every replica that had the record is out of the ISR or lost it too.
    LostPageCache,
    /// A move that was given up or replaced deleted the last in-sync replica, which the controller leaves in
    /// the ISR (`updateCurrentReassignment`, `doRemoveReplicasFromIsr`). A later move can bring it back empty.
    DeletedByMove,
    /// A move was about to end: its leader was told of the new replicas and commits without those that leave,
    /// which are in the ISR until the controller takes them out (`onPartitionReassignment`, B3 and B4;
    /// `maybeIncrementLeaderHW` looks at assigned replicas only). A controller that dies in between leaves
    /// them there, and they can be elected.
    LeftByMove,
}

impl fmt::Display for Excuse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::UncleanElection => "unclean election",
            Self::LostPageCache => "page cache of the last in-sync replica lost",
            Self::DeletedByMove => "last in-sync replica deleted by a move",
            Self::LeftByMove => "in-sync replica that a move had left behind",
        })
    }
}

/// What the controller last wrote, as far as it has told.
#[derive(Clone, Debug)]
pub struct Quorum {
    /// The leader, -1 for none.
    pub leader: BrokerId,
    /// Its epoch.
    pub leader_epoch: i32,
    /// In-sync replicas.
    pub isr: Vec<BrokerId>,
    /// The version of the state znode that says so; -1 if it was not told.
    pub partition_epoch: i32,
}

/// One partition.
#[derive(Clone, Debug)]
pub struct Partition {
    start: i64,
    identities: SharedList<u64>,
    /// The epoch of the last committed record.
    pub last_epoch: i32,
    /// The newest leader epoch in which something was committed.
    pub committed_in: i32,
    /// The controller's decision.
    pub quorum: Quorum,
    /// Replicas that lost records and have not caught up since.
    lost: BTreeMap<BrokerId, Lost>,
    /// The next leader, from this epoch on, may lack records.
    pub pending_excuse: Option<(Excuse, i32)>,
    /// The epoch of the last leader that lacked records by an excuse, and which.
    pub loss: Option<(Excuse, i32)>,
    /// How many leaders lacked records by an excuse.
    pub losses: u32,
    /// Nothing is promised about its records any more: a leader lost its page cache and leads again in
    /// the same epoch, so that this epoch has two histories. The controller raises no epoch if it was
    /// gone itself and finds the leader registered (`ZkPartitionStateMachine.startup`; KIP-101 leaves
    /// correlated failures without flushes to `min.insync.replicas` and luck).
    pub given_up: bool,
}

/// What a replica lost.
#[derive(Clone, Copy, Debug)]
struct Lost {
    /// How.
    why: Excuse,
    /// The log end offset that it had.
    end: i64,
    /// The newest leader epoch then.
    leader_epoch: i32,
}

impl Default for Partition {
    fn default() -> Self {
        Self {
            start: 0,
            identities: SharedList::default(),
            last_epoch: -1,
            committed_in: -1,
            quorum: Quorum { leader: -1, leader_epoch: -1, isr: Vec::new(), partition_epoch: -1 },
            lost: BTreeMap::new(),
            pending_excuse: None,
            loss: None,
            losses: 0,
            given_up: false,
        }
    }
}

impl Partition {
    /// The offset after the last committed record.
    pub fn end(&self) -> i64 {
        self.start + self.identities.len() as i64
    }

    /// The identity of the committed record at `offset`.
    pub fn identity(&self, offset: i64) -> Option<u64> {
        let at = usize::try_from(offset - self.start).ok()?;
        self.identities.get(at).copied()
    }

    /// The replica lost records and has not caught up since.
    pub fn has_lost(&self, broker: BrokerId) -> bool {
        self.lost.contains_key(&broker)
    }

    /// The leader's epoch is the newest that the controller told of.
    pub fn is_newest(&self, leader_epoch: i32) -> bool {
        leader_epoch >= self.quorum.leader_epoch && leader_epoch >= self.committed_in
    }

    /// Why `broker` may begin epoch `leader_epoch` without some committed records.
    pub fn excuse(&self, broker: BrokerId, leader_epoch: i32) -> Option<Excuse> {
        match self.pending_excuse {
            Some((excuse, from)) if leader_epoch >= from => Some(excuse),
            _ => self.lost.get(&broker).map(|lost| lost.why),
        }
    }

    /// A loss was allowed here, or may show with the next leader: what an older leader still acknowledges
    /// and gives to consumers goes with it.
    pub fn is_excused(&self) -> bool {
        self.loss.is_some() || self.pending_excuse.is_some() || self.given_up
    }

    /// The leader that begins lacks records by an excuse: what it has is committed from now on.
    pub fn forgive(&mut self, log: &Log, broker: BrokerId, leader_epoch: i32, excuse: Excuse) {
        self.start = self.start.min(log.log_end_offset());
        let kept = usize::try_from(log.log_end_offset() - self.start).unwrap_or(0);
        let mut known: Vec<u64> = self.identities.iter().copied().collect();
        known.truncate(kept);
        for (offset, identity) in log.batches().flat_map(|batch| identities(batch)) {
            if let Some(slot) = usize::try_from(offset - self.start).ok().and_then(|at| known.get_mut(at)) {
                *slot = identity;
            }
        }
        self.identities = known.into_iter().collect();
        self.last_epoch = log.leader_epochs().epoch_for_offset(self.end() - 1).unwrap_or(-1);
        self.pending_excuse = None;
        self.lost.remove(&broker);
        self.losses += 1;
        self.loss = Some((excuse, leader_epoch));
    }

    /// Nothing is remembered of the records before this offset but that they are committed.
    fn start_at(&mut self, log: &Log, end: i64) {
        (self.start, self.identities) = (end, SharedList::default());
        self.last_epoch = log.leader_epochs().epoch_for_offset(end - 1).unwrap_or(-1);
    }

    /// Records up to the leader's high watermark are committed.
    fn commit(&mut self, log: &Log, high_watermark: i64) {
        let mut next = self.end();
        if next >= high_watermark {
            return;
        }
        // Compaction removes records by design, and their successors with the same key stand for them: where they end
        // is all that is remembered.
        if log.config().compact {
            self.start_at(log, high_watermark);
            return;
        }
        let known = &mut self.identities;
        let mut tail: Vec<_> = log.batches().rev().take_while(|batch| batch.last_offset() >= next).collect();
        tail.reverse();
        for batch in tail {
            for (offset, identity) in identities(batch) {
                if offset == next && offset < high_watermark {
                    known.push(identity);
                    next += 1;
                    self.last_epoch = batch.partition_leader_epoch;
                }
            }
        }
    }
}

/// All partitions.
#[derive(Clone, Debug, Default)]
pub struct Ghost {
    partitions: KeyMap<TopicPartition, OnWrite<Partition>>,
}

impl Ghost {
    /// What is remembered of a partition.
    pub fn of(&self, tp: &TopicPartition) -> Option<&Partition> {
        self.partitions.get(tp).map(|partition| &**partition)
    }

    pub(super) fn of_mut(&mut self, tp: &TopicPartition) -> Option<&mut Partition> {
        self.partitions.get_mut(tp).map(|partition| &mut **partition)
    }

    fn quorum(&mut self, tp: &TopicPartition, told: Quorum) {
        let partition = self.partitions.get_or_insert_with(tp, OnWrite::default);
        if told.leader_epoch >= partition.quorum.leader_epoch {
            partition.quorum = told;
        }
    }

    /// Keeps up with what happened.
    pub fn observe(&mut self, world: &World, observation: &Observation) {
        match observation {
            Observation::LeaderElected { tp, leader, leader_epoch, isr, why } => {
                let (leader, leader_epoch, isr) = (*leader, *leader_epoch, isr.to_vec());
                self.quorum(tp, Quorum { leader, leader_epoch, isr, partition_epoch: -1 });
                if let Some(partition) = self.partitions.get_mut(tp)
                    && why.contains("unclean")
                {
                    partition.pending_excuse = Some((Excuse::UncleanElection, leader_epoch));
                }
            }
            Observation::IsrChanged { tp, leader, leader_epoch, isr, partition_epoch } => {
                let (leader, leader_epoch, isr) = (*leader, *leader_epoch, isr.to_vec());
                self.quorum(tp, Quorum { leader, leader_epoch, isr, partition_epoch: *partition_epoch });
            }
            Observation::BecameLeader { tp, broker, leader_epoch, .. } => {
                // A controller may have died before it could tell what it wrote: LeaderAndIsr tells.
                if let Some(partition) = world.broker(*broker).and_then(|broker| broker.partitions().get(tp)) {
                    let (leader, leader_epoch, isr) = (*broker, *leader_epoch, partition.isr.clone());
                    let partition_epoch = partition.partition_epoch;
                    // Nor that the election was unclean; the state znode tells the next one.
                    let recovering = is_recovering(world, tp);
                    let unheard = self.of(tp).is_some_and(|known| known.quorum.leader_epoch < leader_epoch);
                    self.quorum(tp, Quorum { leader, leader_epoch, isr, partition_epoch });
                    if let Some(partition) = self.partitions.get_mut(tp).filter(|_| recovering && unheard) {
                        partition.pending_excuse = Some((Excuse::UncleanElection, leader_epoch));
                    }
                }
                if let Some(partition) = self.partitions.get_mut(tp) {
                    let lost = partition.lost.get(broker);
                    let again = |lost: &Lost| *leader_epoch <= lost.leader_epoch && lost.why == Excuse::LostPageCache;
                    partition.given_up |= lost.is_some_and(again);
                }
            }
            Observation::HighWatermarkAdvanced { tp, broker, to, leader_epoch, .. } => {
                self.advanced(world, tp, *broker, *to, *leader_epoch);
            }
            Observation::PageCacheLost { tp, broker, from, .. } => {
                let partition = self.partitions.get_or_insert_with(tp, OnWrite::default);
                let leader_epoch = partition.quorum.leader_epoch;
                partition.lost.insert(*broker, Lost { why: Excuse::LostPageCache, end: *from, leader_epoch });
            }
            Observation::ReplicaStopped { tp, broker, deleted: true, .. } => {
                if let Some(partition) = self.partitions.get_mut(tp)
                    && partition.quorum.isr == [*broker]
                {
                    let (end, leader_epoch) = (partition.end(), partition.quorum.leader_epoch);
                    partition.lost.insert(*broker, Lost { why: Excuse::DeletedByMove, end, leader_epoch });
                }
            }
            Observation::Replicated { tp, broker, last_offset, .. } => {
                if let Some(partition) = self.partitions.get_mut(tp)
                    && partition.lost.get(broker).is_some_and(|lost| last_offset + 1 >= lost.end.max(partition.end()))
                {
                    partition.lost.remove(broker);
                }
            }
            // A topic of the same name is another topic.
            Observation::TopicDeleted { topic } => self.partitions.retain(|tp, _| &tp.topic != topic),
            _ => {}
        }
    }

    fn advanced(&mut self, world: &World, tp: &TopicPartition, broker: BrokerId, to: i64, leader_epoch: i32) {
        let hosted = world.broker(broker).and_then(|broker| broker.partitions().get(tp));
        // With the disk that failed in the same event its log may be offline already, or the broker down.
        let Some(log) = log_on(world, broker, tp).filter(|_| hosted.is_none_or(|hosted| hosted.is_leader)) else {
            return;
        };
        let partition = self.partitions.get_or_insert_with(tp, OnWrite::default);
        // Nor could a controller tell of an ISR that it had written before it died: its leader learns it when it
        // asks the next one for the same.
        let quorum = &mut partition.quorum;
        if let Some(hosted) = hosted
            && leader_epoch == quorum.leader_epoch
            && hosted.partition_epoch > quorum.partition_epoch
        {
            quorum.isr = hosted.isr.clone();
            quorum.partition_epoch = hosted.partition_epoch;
        }
        if let Some(hosted) = hosted {
            let behind = partition.quorum.isr.iter().filter(|id| !hosted.replicas.contains(id));
            for id in behind.copied().collect::<Vec<_>>() {
                let lost = Lost { why: Excuse::LeftByMove, end: to, leader_epoch };
                partition.lost.entry(id).or_insert(lost).end = to;
            }
        }
        if partition.identities.is_empty() && partition.loss.is_none() {
            partition.start = partition.start.max(log.log_start_offset());
        }
        // What a leader of the past commits after an allowed loss goes with that loss.
        let allowed = partition.loss.into_iter().chain(partition.pending_excuse);
        if allowed.into_iter().any(|(_, epoch)| leader_epoch < epoch) {
            return;
        }
        partition.commit(log, to);
        partition.committed_in = partition.committed_in.max(leader_epoch);
    }
}

/// The state znode says that the leader was elected uncleanly (`LeaderRecoveryState`).
fn is_recovering(world: &World, tp: &TopicPartition) -> bool {
    let path = format!("/brokers/topics/{}/partitions/{}/state", tp.topic, tp.partition);
    let serving = world.zookeepers().find(|server| matches!(server.role(), "leader" | "standalone"));
    serving.and_then(|server| server.znode(&path)).is_some_and(|(data, _)| data.contains("\"leader_recovery_state\":1"))
}

/// The log of a replica, whether its broker runs or not.
fn log_on<'a>(world: &'a World, broker: BrokerId, tp: &TopicPartition) -> Option<&'a Log> {
    match &world.slot(&NodeId::Broker(broker))?.process {
        Process::Broker(broker) => broker.log(tp),
        Process::BrokerDown(durable, _) => durable.logs.get(tp),
        _ => None,
    }
}

/// Offsets and identities of a batch.
pub fn identities(batch: &RecordBatch) -> impl Iterator<Item = (i64, u64)> {
    let base = batch.base_offset;
    batch.records.iter().map(move |record| (base + i64::from(record.offset_delta), record.identity()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::{LogConfig, digest_of};

    fn log(values: &[(i32, &str)]) -> Log {
        let mut log = Log::new(TopicPartition::new("t", 0), LogConfig::default(), 1);
        for (epoch, value) in values {
            let batch = RecordBatch::new(vec![(None, Some(value.as_bytes().into()), 1)]);
            assert!(log.append_as_leader(batch, *epoch, 1).is_ok());
        }
        log
    }

    #[test]
    fn what_the_high_watermark_passes_is_committed_once() {
        let mut partition = Partition::default();
        partition.commit(&log(&[(0, "a"), (0, "b"), (1, "c")]), 2);
        assert_eq!((partition.end(), partition.last_epoch), (2, 0));
        partition.commit(&log(&[(0, "a"), (0, "x"), (1, "c")]), 3);
        assert_eq!((partition.end(), partition.last_epoch), (3, 1));
        assert_eq!(partition.identity(1), Some(digest_of(None, Some(b"b"))));
        assert_eq!(partition.identity(3), None);
    }

    #[test]
    fn a_leader_that_lacks_records_by_an_excuse_says_what_is_left() {
        let mut partition = Partition::default();
        partition.commit(&log(&[(0, "a"), (0, "b"), (0, "c")]), 3);
        partition.forgive(&log(&[(0, "a"), (3, "y")]), 101, 4, Excuse::UncleanElection);
        assert_eq!((partition.end(), partition.last_epoch, partition.losses), (2, 3, 1));
        assert_eq!(partition.identity(1), Some(digest_of(None, Some(b"y"))));
        assert_eq!(partition.loss, Some((Excuse::UncleanElection, 4)));
    }
}
