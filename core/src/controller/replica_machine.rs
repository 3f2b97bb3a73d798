//! The replica state machine (`ZkReplicaStateMachine`): what brokers are told when a replica comes,
//! goes offline or is deleted. A transition that is not allowed is skipped.

use crate::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::batch::Batch;
use super::context::{LeaderAndIsr, Leadership, NO_LEADER, Replica, ReplicaPhase};
use super::run::{Run, Step};
use crate::ids::{BrokerId, TopicPartition};
use crate::machine::Observation;

/// Where a replica is to go; `None` stands for NonExistentReplica.
type Target = Option<ReplicaPhase>;

/// `ReplicaState.validPreviousStates`.
fn is_valid(from: Target, to: Target) -> bool {
    use ReplicaPhase as R;
    match to {
        Some(R::New) => from.is_none(),
        Some(R::Online | R::Offline) => {
            matches!(from, Some(R::New | R::Online | R::Offline | R::DeletionIneligible))
        }
        Some(R::DeletionStarted) => from == Some(R::Offline),
        Some(R::DeletionSuccessful) => from == Some(R::DeletionStarted),
        Some(R::DeletionIneligible) => matches!(from, Some(R::Offline | R::DeletionStarted)),
        None => from == Some(R::DeletionSuccessful),
    }
}

impl Run<'_> {
    fn set_replica_phase(&mut self, replica: &Replica, target: Target) {
        let phases = Rc::make_mut(&mut self.context.replica_phases);
        match target {
            Some(phase) => phases.insert(replica.clone(), phase),
            None => phases.remove(replica),
        };
    }

    /// Moves replicas to a state, broker by broker, and tells the brokers in one batch.
    pub fn replicas_to(&mut self, replicas: &[Replica], target: Target) -> Step<()> {
        let mut by_broker: BTreeMap<BrokerId, Vec<Replica>> = BTreeMap::new();
        for replica in replicas {
            if is_valid(self.context.replica_phases.get(replica).copied(), target) {
                by_broker.entry(replica.1).or_default().push(replica.clone());
            }
        }
        let mut batch = Batch::default();
        for (broker, replicas) in by_broker {
            match target {
                Some(ReplicaPhase::New | ReplicaPhase::Online) => {
                    self.start_replicas(broker, &replicas, target, &mut batch)
                }
                Some(ReplicaPhase::Offline) => self.stop_replicas(broker, &replicas, &mut batch)?,
                _ => {
                    for replica in &replicas {
                        if target == Some(ReplicaPhase::DeletionStarted) {
                            batch.stop_replica(broker, &replica.0, true);
                        }
                        if target.is_none() {
                            let assignment = self.context.assignment(&replica.0).remove_replica(broker);
                            self.context.put_assignment(&replica.0, assignment);
                        }
                        self.set_replica_phase(replica, target);
                    }
                }
            }
        }
        self.send(batch);
        Ok(())
    }

    fn start_replicas(&mut self, broker: BrokerId, replicas: &[Replica], target: Target, batch: &mut Batch) {
        let is_new = target == Some(ReplicaPhase::New);
        for replica in replicas {
            let tp = &replica.0;
            let was_new = self.context.replica_phases.get(replica) == Some(&ReplicaPhase::New);
            if was_new {
                // It was told everything when it was new; here it only becomes a full member.
                let mut assignment = self.context.assignment(tp);
                if !assignment.replicas.contains(&broker) {
                    assignment.replicas.push(broker);
                    self.context.put_assignment(tp, assignment);
                }
            } else if let Some(leadership) = self.context.leadership.get(tp).cloned() {
                if is_new && leadership.state.leader == broker {
                    continue;
                }
                batch.leader_and_isr(self.context, &[broker], tp, &leadership, is_new);
            }
            self.set_replica_phase(replica, target);
        }
    }

    /// A replica goes offline: it is told to stop, and it leaves the ISR.
    fn stop_replicas(&mut self, broker: BrokerId, replicas: &[Replica], batch: &mut Batch) -> Step<()> {
        for (tp, _) in replicas {
            batch.stop_replica(broker, tp, false);
        }
        let all = replicas.iter().map(|(tp, _)| tp.clone());
        let (led, others): (Vec<TopicPartition>, Vec<TopicPartition>) =
            all.partition(|tp| self.context.leadership.contains_key(tp));
        let shrunk = self.remove_from_isrs(broker, led)?;
        for (tp, leadership) in shrunk {
            if !self.context.is_to_be_deleted(&tp.topic) {
                let others = self.context.assignment(&tp).remove_replica(broker).replicas;
                batch.leader_and_isr(self.context, &others, &tp, &leadership, false);
            }
        }
        if !others.is_empty() {
            batch.update_metadata(self.context, &self.context.live_or_shutting_down(), &others);
        }
        for replica in replicas {
            self.set_replica_phase(replica, Some(ReplicaPhase::Offline));
        }
        Ok(())
    }

    /// Takes a broker out of ISRs; its leaderships become vacant. The last in-sync replica stays in
    /// the ISR, so that it is known who has everything. Each change is one leader epoch.
    fn remove_from_isrs(
        &mut self,
        broker: BrokerId,
        partitions: Vec<TopicPartition>,
    ) -> Step<Vec<(TopicPartition, Leadership)>> {
        let mut done = Vec::new();
        let mut remaining = partitions;
        while !remaining.is_empty() {
            let read = self.read_states(&remaining)?;
            let mut updates: Vec<(TopicPartition, LeaderAndIsr)> = Vec::new();
            let mut kept_isr = BTreeSet::new();
            for (tp, state) in remaining.iter().zip(read) {
                let Some(state) = state else { continue };
                if !state.isr.contains(&broker) {
                    let leadership = Leadership { state, controller_epoch: self.context.epoch };
                    self.context.put_leadership(tp, leadership.clone());
                    done.push((tp.clone(), leadership));
                    continue;
                }
                let leader = if state.leader == broker { NO_LEADER } else { state.leader };
                let isr = match state.isr.as_slice() {
                    [_] => {
                        kept_isr.insert(tp.clone());
                        state.isr.clone()
                    }
                    isr => isr.iter().copied().filter(|id| *id != broker).collect(),
                };
                updates.push((tp.clone(), state.next(leader, isr)));
            }
            let (written, conflicts) = self.update_states(updates)?;
            for (tp, leadership) in &written {
                self.tell_shrunk(tp, &leadership.state, !kept_isr.contains(tp));
            }
            done.extend(written);
            remaining = conflicts;
        }
        Ok(done)
    }

    fn tell_shrunk(&mut self, tp: &TopicPartition, state: &LeaderAndIsr, isr_changed: bool) {
        if state.leader == NO_LEADER {
            self.observe(Observation::PartitionOffline { tp: tp.clone(), leader_epoch: state.leader_epoch });
        }
        if isr_changed {
            self.tell_isr(tp, state);
        }
    }

    /// Tells people of a new ISR.
    pub fn tell_isr(&mut self, tp: &TopicPartition, state: &LeaderAndIsr) {
        self.observe(Observation::IsrChanged {
            tp: tp.clone(),
            leader: state.leader,
            leader_epoch: state.leader_epoch,
            isr: state.isr.clone().into(),
            partition_epoch: state.partition_epoch,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::ReplicaPhase as R;
    use super::is_valid;

    #[test]
    fn only_kafkas_transitions_are_allowed() {
        let all = [
            None,
            Some(R::New),
            Some(R::Online),
            Some(R::Offline),
            Some(R::DeletionStarted),
            Some(R::DeletionSuccessful),
            Some(R::DeletionIneligible),
        ];
        let allowed: usize = all.iter().map(|to| all.iter().filter(|from| is_valid(**from, *to)).count()).sum();
        // NewReplica 1, OnlineReplica 4, OfflineReplica 4, Started 1, Successful 1, Ineligible 2, NonExistent 1.
        assert_eq!(allowed, 14);
        assert!(is_valid(Some(R::DeletionIneligible), Some(R::Offline)));
        assert!(!is_valid(Some(R::Online), Some(R::New)));
    }
}
