//! The configs of one broker, topic or client: value, where it comes from, Kafka's default, type and
//! range, and whether `kafka-configs.sh` may change it while everything runs.

use super::ClusterView;
use crate::config::{
    BrokerConfig, ConfigDef, ConfigKind, ConfigSource, ConsumerConfig, ProducerConfig, TopicConfig, doc_of,
};
use crate::ids::{BrokerId, Name, NodeId};
use crate::protocol::admin::ConfigDescription;
use crate::sim::World;

/// Whose configs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ConfigOwner {
    /// A broker's.
    Broker(BrokerId),
    /// A topic's.
    Topic(Name),
    /// A producer's or a consumer's.
    Client(Name),
}

/// A config.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ConfigView {
    /// Its key.
    pub name: &'static str,
    /// The value in force.
    pub value: Name,
    /// Kafka's default, empty for none.
    pub default: &'static str,
    /// Kafka's name of its type.
    pub config_type: &'static str,
    /// Its range in Kafka's words, empty for any.
    pub valid: &'static str,
    /// What it does, where this is known here.
    pub doc: &'static str,
    /// Where the value comes from, in Kafka's name.
    pub source: &'static str,
    /// The value is not Kafka's default.
    pub differs: bool,
    /// The simulation obeys it; others are checked and have no effect.
    pub obeyed: bool,
    /// `kafka-configs.sh --alter` can change it now.
    pub can_change: bool,
}

/// Every config of `owner`, by key; empty if there is no such owner.
pub fn configs(world: &World, view: &ClusterView, owner: &ConfigOwner) -> Vec<ConfigView> {
    match owner {
        ConfigOwner::Broker(id) => of_broker(world, *id),
        ConfigOwner::Topic(topic) => of_topic(world, view, topic),
        ConfigOwner::Client(client) => of_client(world, client),
    }
}

/// Key, value and where it comes from.
fn row_of(config: ConfigDescription) -> (Name, Name, ConfigSource) {
    (config.name, config.value, config.source)
}

fn of_broker(world: &World, id: BrokerId) -> Vec<ConfigView> {
    let entries = match world.broker(id) {
        Some(broker) => broker.described().into_iter().map(row_of).collect(),
        None => {
            // What its server.properties say; what is dynamic it reads when it comes back.
            let Ok(config) = BrokerConfig::from_entries(&world.genesis().entries_of(id)) else { return Vec::new() };
            let source = |default| if default { ConfigSource::Default } else { ConfigSource::StaticBroker };
            config.describe().into_iter().map(|(name, value, default)| (name, value, source(default))).collect()
        }
    };
    let runs = world.broker(id).is_some();
    let obeyed = |name: &str| BrokerConfig::OBEYED.contains(&name);
    let can_change = |def: &ConfigDef| runs && def.extra != "read-only";
    rows(ConfigKind::Broker, entries, obeyed, can_change)
}

fn of_topic(world: &World, view: &ClusterView, topic: &Name) -> Vec<ConfigView> {
    let Some(found) = view.topics.iter().find(|one| one.name == *topic) else { return Vec::new() };
    let asked = view.controller.and_then(|id| world.broker(id));
    let broker = asked.or_else(|| view.brokers.iter().find_map(|broker| world.broker(broker.id)));
    let entries = match broker {
        Some(broker) => broker.described_topic(&found.configs).into_iter().map(row_of).collect(),
        None => Vec::new(),
    };
    rows(ConfigKind::Topic, entries, |name| TopicConfig::OBEYED.contains(&name), |_| true)
}

fn of_client(world: &World, client: &Name) -> Vec<ConfigView> {
    let Some(slot) = world.slot(&NodeId::Client(client.clone())) else { return Vec::new() };
    let source = |default| if default { ConfigSource::Default } else { ConfigSource::StaticBroker };
    if let Some(consumer) = slot.process.consumer() {
        let all = consumer.config().describe().into_iter();
        let entries = all.map(|(name, value, default)| (name, value, source(default))).collect();
        return rows(ConfigKind::Consumer, entries, |name| ConsumerConfig::OBEYED.contains(&name), |_| false);
    }
    let Some(producer) = slot.process.producer() else { return Vec::new() };
    let all = producer.config().describe().into_iter();
    let entries = all.map(|(name, value, default)| (name, value, source(default))).collect();
    rows(ConfigKind::Producer, entries, |name| ProducerConfig::OBEYED.contains(&name), |_| false)
}

fn rows(
    kind: ConfigKind,
    entries: Vec<(Name, Name, ConfigSource)>,
    obeyed: impl Fn(&str) -> bool,
    can_change: impl Fn(&ConfigDef) -> bool,
) -> Vec<ConfigView> {
    let row = |(name, value, source): (Name, Name, ConfigSource)| {
        let def = kind.find(&name)?;
        let default = def.default.unwrap_or("");
        // A client has no broker's file: what it was given is its own.
        let is_client = matches!(kind, ConfigKind::Producer | ConfigKind::Consumer);
        let source = match source {
            ConfigSource::StaticBroker if is_client => "SET",
            source => source.name(),
        };
        Some(ConfigView {
            name: def.name,
            default,
            config_type: def.config_type.name(),
            valid: def.valid,
            doc: doc_of(def.name),
            source,
            differs: value.as_str() != default,
            obeyed: obeyed(def.name),
            can_change: can_change(&def),
            value,
        })
    };
    entries.into_iter().filter_map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::Command;
    use crate::invariant::Promises;
    use crate::sim::Genesis;
    use crate::time::SimDuration;
    use crate::view::view;

    #[test]
    fn what_was_set_differs_and_says_where_it_comes_from() {
        let mut world = World::new(&Genesis::default()).expect("the cluster stands");
        let lines =
            "kafka-topics.sh --create --topic t --partitions 1 --replication-factor 1 --config retention.ms=60000
            producer p --topic t --config acks=1
            kafka-configs.sh --alter --entity-type brokers --entity-default --add-config min.insync.replicas=2";
        for line in lines.lines().map(str::trim) {
            world.execute(&Command::parse(line).expect("a command")).expect("is taken");
            world.run_until(world.now() + SimDuration::from_ms(2_000));
        }
        let seen = view(&world, &Promises::default());
        let find = |owner: ConfigOwner, name: &str| {
            configs(&world, &seen, &owner).into_iter().find(|one| one.name == name).expect("it is listed")
        };
        let retention = find(ConfigOwner::Topic("t".into()), "retention.ms");
        assert_eq!((retention.value.as_str(), retention.source), ("60000", "DYNAMIC_TOPIC_CONFIG"));
        assert!(retention.differs && retention.can_change && retention.obeyed);
        let min = find(ConfigOwner::Topic("t".into()), "min.insync.replicas");
        assert_eq!((min.value.as_str(), min.source), ("2", "DYNAMIC_DEFAULT_BROKER_CONFIG"));
        let acks = find(ConfigOwner::Client("p".into()), "acks");
        assert_eq!((acks.value.as_str(), acks.default, acks.source), ("1", "all", "SET"));
        let broker = seen.brokers[0].id;
        let rack = find(ConfigOwner::Broker(broker), "broker.rack");
        assert!(!rack.can_change && !rack.differs);
    }
}
