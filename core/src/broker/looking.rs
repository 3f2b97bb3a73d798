//! What can be seen of a broker from outside: by the view, the promises and the tests. Changes nothing.

use crate::collections::BTreeSet;
use std::rc::Rc;

use super::{Broker, BrokerTimer, MetadataCache, Partition};
use crate::collections::{KeyMap, OnWrite};
use crate::config::BrokerConfig;
use crate::controller::Leadership;
use crate::group::GroupCoordinator;
use crate::ids::{BrokerId, Name, TopicPartition};
use crate::time::SimTime;
use crate::transaction::{TRANSACTION_STATE_TOPIC, TransactionCoordinator};

impl Broker {
    /// `broker.id`.
    pub fn id(&self) -> BrokerId {
        self.id
    }

    /// `server.properties`: what it starts with.
    pub fn properties(&self) -> Rc<BrokerConfig> {
        self.properties.clone()
    }

    /// Its properties in force, dynamic configs included.
    pub fn config(&self) -> Rc<BrokerConfig> {
        self.config.clone()
    }

    /// `/brokers/ids/N` stands and is its own.
    pub fn is_registered(&self) -> bool {
        self.registration.broker_epoch().is_some()
    }

    /// Its port is open. It is not before there is a session with ZooKeeper, and then for as long as the process lives.
    pub fn listens(&self) -> bool {
        self.registration.has_begun()
    }

    /// Until when produce requests wait for the replicas of this partition.
    pub fn produces_wait_until(&self, tp: &TopicPartition) -> impl Iterator<Item = SimTime> {
        let until = |number| self.timers.get(&BrokerTimer::DelayedProduce(number));
        self.purgatory.produces_on(tp).into_iter().filter_map(until)
    }

    /// czxid of its registration, -1 without.
    pub fn broker_epoch(&self) -> i64 {
        self.registration.broker_epoch().unwrap_or(-1)
    }

    /// It believes to be the active controller.
    pub fn is_controller(&self) -> bool {
        self.controller.is_active()
    }

    /// The epoch of its controllership, or the last one it knows.
    pub fn controller_epoch(&self) -> i32 {
        self.controller.epoch()
    }

    /// What it believes of a partition as the active controller.
    pub fn leadership(&self, tp: &TopicPartition) -> Option<&Leadership> {
        self.controller.leadership(tp)
    }

    /// The brokers that it tells things as the active controller; none if it is not.
    pub fn controlled_brokers(&self) -> impl Iterator<Item = BrokerId> {
        self.controller.controlled_brokers()
    }

    /// As the active controller it tries to find a leader for the partition whenever a broker comes.
    pub fn looks_for_leader(&self, tp: &TopicPartition) -> bool {
        self.controller.looks_for_leader(tp)
    }

    /// The greatest controller epoch whose requests it took.
    pub fn controller_epoch_seen(&self) -> i32 {
        self.controller_epoch_seen
    }

    /// A controlled shutdown is under way.
    pub fn is_stopping(&self) -> bool {
        self.shutdown.is_under_way()
    }

    /// Its metadata cache.
    pub fn metadata(&self) -> &MetadataCache {
        &self.cache
    }

    /// Live brokers as it knows them.
    pub fn live_brokers(&self) -> &BTreeSet<BrokerId> {
        &self.cache.alive
    }

    /// Its replicas that LeaderAndIsr has named.
    pub fn partitions(&self) -> &KeyMap<TopicPartition, OnWrite<Partition>> {
        &self.partitions
    }

    /// The group coordinator.
    pub fn groups(&self) -> &GroupCoordinator {
        &self.groups
    }

    /// The transaction coordinator.
    pub fn transactions(&self) -> &TransactionCoordinator {
        &self.transactions
    }

    /// The transactional id's coordinator as its metadata cache has it.
    pub fn known_transaction_coordinator(&self, transactional_id: &str) -> Option<BrokerId> {
        let count = self.cache.partitions_of(&TRANSACTION_STATE_TOPIC.into()).count();
        let count = i32::try_from(count).ok().filter(|count| *count > 0)?;
        let partition = crate::group::partition_for(transactional_id, count);
        self.cache.leader_of(&TopicPartition::new(TRANSACTION_STATE_TOPIC, partition))
    }

    /// The ZooKeeper session, if it has one.
    pub fn session_id(&self) -> Option<i64> {
        self.zk.session_id()
    }

    /// A topic's partitions as its metadata cache has them.
    pub fn partitions_of(&self, topic: &Name) -> Vec<TopicPartition> {
        self.cache.partitions_of(topic).map(|state| state.tp.clone()).collect()
    }

    /// The leader as its metadata cache has it.
    pub fn known_leader(&self, tp: &TopicPartition) -> Option<BrokerId> {
        self.cache.leader_of(tp)
    }

    /// The group's coordinator as its metadata cache has it.
    pub fn known_coordinator(&self, group: &str) -> Option<BrokerId> {
        let count = self.cache.partitions_of(&"__consumer_offsets".into()).count();
        let partition = crate::group::partition_for(group, i32::try_from(count).ok().filter(|count| *count > 0)?);
        self.cache.leader_of(&TopicPartition::new("__consumer_offsets", partition))
    }
}
