//! What a world begins with.

use crate::collections::BTreeMap;

use crate::ids::{BrokerId, Name};

/// Everything that decides a run besides the journal of commands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Genesis {
    /// Seed of all chance.
    pub seed: u64,
    /// Broker ids in the order of their first start.
    pub brokers: Vec<BrokerId>,
    /// Ids among them that are down at the beginning.
    pub not_started: Vec<BrokerId>,
    /// Servers of the ZooKeeper ensemble, numbered from 1.
    pub zookeeper: u8,
    /// ZooKeeper's `tickTime` in ms.
    pub tick_ms: u64,
    /// Broker configs over Kafka's defaults, for all brokers.
    pub config: Vec<(Name, Name)>,
    /// Broker configs of one broker.
    pub broker_config: BTreeMap<BrokerId, Vec<(Name, Name)>>,
    /// Start each broker only when the one before it is registered.
    pub start_in_order: bool,
}

impl Default for Genesis {
    fn default() -> Self {
        Self {
            seed: 1,
            brokers: vec![101, 102, 103],
            not_started: Vec::new(),
            zookeeper: 1,
            tick_ms: 2000,
            config: Vec::new(),
            broker_config: BTreeMap::new(),
            start_in_order: true,
        }
    }
}

impl Genesis {
    /// The properties of one broker: what differs from Kafka's defaults in every cluster here
    /// (`auto.create.topics.enable=false`; internal topics fit fewer than three brokers), then the
    /// cluster's, then the broker's own.
    pub fn entries_of(&self, broker: BrokerId) -> Vec<(Name, Name)> {
        let mut entries: BTreeMap<Name, Name> = BTreeMap::new();
        entries.insert("auto.create.topics.enable".into(), "false".into());
        if self.brokers.len() < 3 {
            let count = Name::from(self.brokers.len().to_string());
            entries.insert("offsets.topic.replication.factor".into(), count.clone());
            entries.insert("transaction.state.log.replication.factor".into(), count);
            entries.insert("transaction.state.log.min.isr".into(), "1".into());
        }
        let own = self.broker_config.get(&broker).into_iter().flatten();
        for (name, value) in self.config.iter().chain(own) {
            entries.insert(name.clone(), value.clone());
        }
        entries.into_iter().collect()
    }
}
