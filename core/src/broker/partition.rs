//! One replica of a partition on this broker: its log, its role, and on the leader the in-sync set
//! and the high watermark (`Partition.scala`, `kafka/02` §2.3–2.4).

use crate::collections::{BTreeMap, OnWrite};

use crate::config::TopicConfig;
use crate::guard::{Guard, holds};
use crate::ids::{BrokerId, TopicPartition, Uuid};
use crate::log::Log;
use crate::protocol::control::{AlterPartitionItem, AlterPartitionResult, PartitionState};
use crate::time::{SimDuration, SimTime};

/// What the leader knows of a follower.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RemoteReplica {
    /// Log end offset as of its last fetch; `None` until it fetches in this epoch.
    pub log_end_offset: Option<i64>,
    /// Its log start offset.
    pub log_start_offset: i64,
    /// When it last fetched.
    pub last_fetch_at: SimTime,
    /// The leader's log end offset at that fetch.
    pub last_fetch_leader_log_end_offset: i64,
    /// When it last had everything; `None` means never.
    pub last_caught_up_at: Option<SimTime>,
}

/// An ISR change that the controller has not answered yet. Until then a joining replica counts for
/// the high watermark already, and a leaving one still does (`maximalIsr`).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PendingIsr {
    /// The ISR that was asked for.
    pub isr: Vec<BrokerId>,
}

/// One replica.
#[derive(Clone, Debug)]
pub struct Partition {
    /// Which partition.
    pub tp: TopicPartition,
    /// Id of its topic.
    pub topic_id: Uuid,
    /// Its log.
    pub log: Log,
    /// Its topic's configs.
    pub config: OnWrite<TopicConfig>,
    /// The leader that LeaderAndIsr named, -1 for none.
    pub leader: BrokerId,
    /// Its epoch, -1 before the first LeaderAndIsr.
    pub leader_epoch: i32,
    /// This broker leads.
    pub is_leader: bool,
    /// Where the leader's epoch begins in its log.
    pub leader_epoch_start_offset: i64,
    /// The committed in-sync set, in the order of its history; empty on followers.
    pub isr: Vec<BrokerId>,
    /// A change in flight.
    pub pending_isr: Option<PendingIsr>,
    /// Version of the `state` znode.
    pub partition_epoch: i32,
    /// Assigned replicas.
    pub replicas: Vec<BrokerId>,
    /// Followers, on the leader.
    pub remotes: BTreeMap<BrokerId, RemoteReplica>,
}

impl Partition {
    /// A replica without a role.
    pub fn new(tp: TopicPartition, log: Log, config: TopicConfig) -> Self {
        let config = config.into();
        Self {
            tp,
            topic_id: Uuid(0),
            log,
            config,
            leader: -1,
            leader_epoch: -1,
            is_leader: false,
            leader_epoch_start_offset: 0,
            isr: Vec::new(),
            pending_isr: None,
            partition_epoch: -1,
            replicas: Vec::new(),
            remotes: BTreeMap::new(),
        }
    }

    /// Takes the leadership of `state`. Returns true if its epoch is new here.
    pub fn make_leader(&mut self, me: BrokerId, state: &PartitionState, now: SimTime) -> bool {
        let (new_epoch, stays) = (state.leader_epoch > self.leader_epoch, self.is_leader);
        self.take(state);
        self.is_leader = true;
        self.isr = state.isr.clone();
        self.pending_isr = None;
        if new_epoch {
            self.leader_epoch_start_offset = self.log.log_end_offset();
            if holds(Guard::LeaderCachesEpoch) {
                self.log.assign_epoch_start_offset(state.leader_epoch, self.leader_epoch_start_offset);
            }
        }
        let followers = state.replicas.iter().copied().filter(|id| *id != me);
        let mut remotes = BTreeMap::new();
        for id in followers {
            let known = self.remotes.remove(&id);
            // `Replica.resetReplicaState`: a leader that stays keeps the offsets of its followers in a new
            // epoch, not how long they have been caught up.
            let kept = match known {
                Some(known) if new_epoch && stays => Some(RemoteReplica {
                    last_fetch_leader_log_end_offset: self.leader_epoch_start_offset,
                    last_fetch_at: if state.isr.contains(&id) { now } else { SimTime::ZERO },
                    last_caught_up_at: state.isr.contains(&id).then_some(now),
                    ..known
                }),
                Some(_) if new_epoch && holds(Guard::ResetFollowerState) => None,
                other => other,
            };
            let fresh = RemoteReplica {
                log_end_offset: None,
                log_start_offset: -1,
                last_fetch_at: SimTime::ZERO,
                last_fetch_leader_log_end_offset: 0,
                last_caught_up_at: state.isr.contains(&id).then_some(now),
            };
            remotes.insert(id, kept.unwrap_or(fresh));
        }
        self.remotes = remotes;
        new_epoch
    }

    /// Follows the leader of `state`. Returns true if its epoch is new here.
    pub fn make_follower(&mut self, state: &PartitionState) -> bool {
        let new_epoch = state.leader_epoch > self.leader_epoch;
        self.take(state);
        self.is_leader = false;
        self.isr.clear();
        self.pending_isr = None;
        if holds(Guard::ResetFollowerState) {
            self.remotes.clear();
        }
        new_epoch
    }

    fn take(&mut self, state: &PartitionState) {
        self.topic_id = state.topic_id;
        self.leader = state.leader;
        self.leader_epoch = self.leader_epoch.max(state.leader_epoch);
        self.partition_epoch = state.partition_epoch;
        self.replicas = state.replicas.clone();
    }

    /// `min.insync.replicas`, at most the number of replicas.
    pub fn effective_min_isr(&self) -> usize {
        usize::try_from(self.config.min_insync_replicas).unwrap_or(1).min(self.replicas.len().max(1))
    }

    /// Fewer in-sync replicas than `min.insync.replicas` asks for.
    pub fn is_under_min_isr(&self) -> bool {
        self.isr.len() < self.effective_min_isr()
    }

    /// Members of the committed ISR and of the one being asked for.
    pub fn maximal_isr(&self) -> Vec<BrokerId> {
        let mut all = self.isr.clone();
        for id in self.pending_isr.iter().flat_map(|pending| &pending.isr) {
            if !all.contains(id) {
                all.push(*id);
            }
        }
        all
    }

    /// Notes where a follower is, from the position that it asks for.
    pub fn update_follower(&mut self, id: BrokerId, fetch_offset: i64, log_start_offset: i64, now: SimTime) {
        let leader_log_end_offset = self.log.log_end_offset();
        let Some(remote) = self.remotes.get_mut(&id) else { return };
        if fetch_offset >= leader_log_end_offset {
            remote.last_caught_up_at = remote.last_caught_up_at.max(Some(now));
        } else if fetch_offset >= remote.last_fetch_leader_log_end_offset && remote.log_end_offset.is_some() {
            remote.last_caught_up_at = remote.last_caught_up_at.max(Some(remote.last_fetch_at));
        }
        remote.log_end_offset = Some(fetch_offset);
        remote.log_start_offset = log_start_offset;
        remote.last_fetch_at = now;
        remote.last_fetch_leader_log_end_offset = leader_log_end_offset;
    }

    fn is_caught_up(&self, remote: &RemoteReplica, now: SimTime, lag_max: SimDuration) -> bool {
        remote.log_end_offset == Some(self.log.log_end_offset())
            || remote.last_caught_up_at.is_some_and(|at| now.since(at) <= lag_max)
    }

    /// Raises the leader's high watermark to the smallest log end offset of the replicas that count.
    /// It stands still while fewer replicas are in sync than `min.insync.replicas` (since 3.7).
    pub fn maybe_advance_high_watermark(
        &mut self,
        now: SimTime,
        lag_max: SimDuration,
        is_alive: impl Fn(BrokerId) -> bool,
    ) -> Option<(i64, i64)> {
        if !self.is_leader || (self.is_under_min_isr() && holds(Guard::MinIsrHoldsHighWatermark)) {
            return None;
        }
        let old = self.log.high_watermark();
        let mut candidate = self.log.log_end_offset();
        if candidate <= old && holds(Guard::HighWatermarkOnlyRises) {
            return None;
        }
        let pending = self.pending_isr.as_ref().filter(|_| holds(Guard::MaximalIsr));
        let in_maximal_isr = |id| self.isr.contains(id) || pending.is_some_and(|pending| pending.isr.contains(id));
        for (id, remote) in &self.remotes {
            let counts = in_maximal_isr(id) || (self.is_caught_up(remote, now, lag_max) && is_alive(*id));
            if counts {
                candidate = candidate.min(remote.log_end_offset.unwrap_or(-1));
            }
        }
        if candidate > old || (candidate != old && !holds(Guard::HighWatermarkOnlyRises)) {
            self.log.set_high_watermark(candidate);
            return Some((old, candidate));
        }
        None
    }

    /// ISR followers that have not caught up for `replica.lag.time.max.ms`.
    pub fn lagging(&self, now: SimTime, lag_max: SimDuration) -> Vec<BrokerId> {
        if !self.is_leader || self.pending_isr.is_some() {
            return Vec::new();
        }
        // One that is no longer assigned, left in the ISR by a controller that died over a move, is out too.
        let lags = |id: &BrokerId| {
            *id != self.leader && self.remotes.get(id).is_none_or(|remote| !self.is_caught_up(remote, now, lag_max))
        };
        self.isr.iter().copied().filter(lags).collect()
    }

    /// True if the follower may join the ISR now (`kafka/02` §2.4, KAFKA-7128).
    pub fn may_join(&self, id: BrokerId) -> bool {
        let Some(offset) = self.remotes.get(&id).and_then(|remote| remote.log_end_offset) else { return false };
        self.is_leader
            && self.pending_isr.is_none()
            && !self.isr.contains(&id)
            && (offset >= self.log.high_watermark() || !holds(Guard::ExpandFromHighWatermark))
            && (offset >= self.leader_epoch_start_offset || !holds(Guard::ExpandFromEpochStart))
    }

    /// The ISR with `id` at its end.
    pub fn ask_expand(&mut self, id: BrokerId) -> AlterPartitionItem {
        let mut isr = self.isr.clone();
        isr.push(id);
        self.ask(isr)
    }

    /// The ISR without `out`.
    pub fn ask_shrink(&mut self, out: &[BrokerId]) -> AlterPartitionItem {
        let isr = self.isr.iter().copied().filter(|id| !out.contains(id)).collect();
        self.ask(isr)
    }

    fn ask(&mut self, isr: Vec<BrokerId>) -> AlterPartitionItem {
        self.pending_isr = Some(PendingIsr { isr: isr.clone() });
        AlterPartitionItem {
            tp: self.tp.clone(),
            leader_epoch: self.leader_epoch,
            new_isr: isr,
            partition_epoch: self.partition_epoch,
            recovering: false,
        }
    }

    /// Takes the controller's answer. False if it is about an older state.
    pub fn isr_written(&mut self, result: &AlterPartitionResult) -> bool {
        if !self.is_leader || result.leader_epoch != self.leader_epoch {
            return false;
        }
        if result.partition_epoch < self.partition_epoch {
            return false;
        }
        self.isr = result.isr.clone();
        self.partition_epoch = result.partition_epoch;
        self.pending_isr = None;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::BrokerConfig;

    #[test]
    fn who_is_in_sync_but_not_assigned_is_asked_out_of_the_isr() {
        let tp = TopicPartition::new("t", 0);
        let config = TopicConfig::of_broker(&BrokerConfig::default());
        let log = Log::new(tp.clone(), (&config).into(), 0);
        let mut partition = Partition::new(tp.clone(), log, config);
        let state = PartitionState {
            tp,
            topic_id: Uuid(1),
            controller_epoch: 1,
            leader: 101,
            leader_epoch: 0,
            isr: vec![107, 101, 102],
            partition_epoch: 0,
            replicas: vec![101, 102],
            adding_replicas: Vec::new(),
            removing_replicas: Vec::new(),
            is_new: false,
            recovering: false,
        };
        let now = SimTime::from_ms(1_000);
        partition.make_leader(101, &state, now);
        assert_eq!(partition.lagging(now, SimDuration::from_ms(10_000)), vec![107]);
    }
}
