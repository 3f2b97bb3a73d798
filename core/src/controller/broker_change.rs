//! Brokers come and go (`processBrokerChange`, `onBrokerStartup`, `onBrokerFailure`).

use crate::collections::BTreeSet;
use std::rc::Rc;

use super::context::{Replica, ReplicaPhase};
use super::run::{Run, Step, Todo};
use crate::ids::{BrokerId, TopicPartition};
use crate::machine::Observation;

impl Run<'_> {
    /// The list of brokers changed: it is read again and compared. A broker that was away and is back
    /// before the controller looked shows by its newer epoch.
    pub fn broker_change(&mut self) -> Step<()> {
        let now = self.read_brokers()?;
        let known = self.context.live.clone();
        let new: BTreeSet<BrokerId> = now.keys().filter(|id| !known.contains_key(id)).copied().collect();
        let dead: BTreeSet<BrokerId> = known.keys().filter(|id| !now.contains_key(id)).copied().collect();
        let newer = |id: &&BrokerId| match (now.get(id), known.get(id)) {
            (Some(now), Some(before)) => now.epoch > before.epoch,
            _ => false,
        };
        let bounced: BTreeSet<BrokerId> = now.keys().filter(newer).copied().collect();
        for id in bounced.iter().chain(&dead) {
            self.todo.push(Todo::RemoveBroker(*id));
        }
        for id in new.iter().chain(&bounced) {
            self.todo.push(Todo::AddBroker(*id));
        }
        let add = |run: &mut Self, ids: &BTreeSet<BrokerId>| {
            let live = Rc::make_mut(&mut run.context.live);
            live.extend(ids.iter().filter_map(|id| Some((*id, now.get(id)?.clone()))));
        };
        let remove = |run: &mut Self, ids: &BTreeSet<BrokerId>| {
            Rc::make_mut(&mut run.context.live).retain(|id, _| !ids.contains(id));
        };
        if !new.is_empty() {
            add(self, &new);
            self.brokers_started(&new)?;
        }
        if !bounced.is_empty() {
            remove(self, &bounced);
            self.brokers_failed(&bounced)?;
            add(self, &bounced);
            self.brokers_started(&bounced)?;
        }
        if !dead.is_empty() {
            remove(self, &dead);
            self.brokers_failed(&dead)?;
        }
        Ok(())
    }

    fn brokers_started(&mut self, brokers: &BTreeSet<BrokerId>) -> Step<()> {
        for broker in brokers {
            self.context.on_offline_dirs.remove(broker);
            self.observe(Observation::BrokerReturnSeen { broker: *broker });
        }
        let others: BTreeSet<BrokerId> = self.context.live_or_shutting_down().difference(brokers).copied().collect();
        self.update_metadata(&others, &[]);
        let led: Vec<TopicPartition> = self.context.leadership.keys().cloned().collect();
        self.update_metadata(brokers, &led);
        let replicas = self.context.replicas_on(brokers);
        self.replicas_to(&replicas, Some(ReplicaPhase::Online))?;
        self.trigger_online(None)?;
        self.resume_reassignments(brokers)?;
        let topics: BTreeSet<_> = replicas.iter().map(|(tp, _)| tp.topic.clone()).collect();
        self.resume_deletion_for(&topics)
    }

    fn brokers_failed(&mut self, brokers: &BTreeSet<BrokerId>) -> Step<()> {
        for broker in brokers {
            self.observe(Observation::BrokerFailureSeen { broker: *broker });
            self.context.shutting_down.remove(broker);
            self.context.on_offline_dirs.remove(broker);
        }
        let replicas = self.context.replicas_on(brokers);
        self.replicas_become_offline(replicas)
    }

    /// `onReplicasBecomeOffline`
    pub fn replicas_become_offline(&mut self, replicas: Vec<Replica>) -> Step<()> {
        let (of_deleted, others): (Vec<Replica>, Vec<Replica>) =
            replicas.into_iter().partition(|(tp, _)| self.context.is_to_be_deleted(&tp.topic));
        let leaderless = self.context.partitions_with_offline_leader();
        self.partitions_to_offline(&leaderless);
        let elections = self.trigger_online(None)?;
        self.replicas_to(&others, Some(ReplicaPhase::Offline))?;
        self.fail_replica_deletion(&of_deleted)?;
        if others.is_empty() && elections.values().all(Result::is_err) {
            // No partition changed: clients must still learn that the broker is gone.
            self.update_metadata(&self.context.live_or_shutting_down(), &[]);
        }
        Ok(())
    }
}
