//! Configs of a running broker (`DynamicBrokerConfig`, KIP-226): which can be changed, on which level, and in
//! which words the others are refused. A broker's own dynamic config stands over the cluster's default, that
//! over `server.properties`, that over Kafka's default.
//!
//! Leaves out what listeners, security and metrics reporters check of their configs.

use crate::collections::BTreeMap;

use super::{BrokerConfig, ConfigError, ConfigKind};
use crate::ids::Name;

/// Where a value comes from (`ConfigEntry.ConfigSource`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum ConfigSource {
    /// The topic's own.
    DynamicTopic,
    /// `kafka-configs.sh --entity-type brokers --entity-name N`
    DynamicBroker,
    /// `kafka-configs.sh --entity-type brokers --entity-default`
    DynamicDefaultBroker,
    /// `server.properties`
    StaticBroker,
    /// Kafka's default.
    Default,
}

impl ConfigSource {
    /// Kafka's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::DynamicTopic => "DYNAMIC_TOPIC_CONFIG",
            Self::DynamicBroker => "DYNAMIC_BROKER_CONFIG",
            Self::DynamicDefaultBroker => "DYNAMIC_DEFAULT_BROKER_CONFIG",
            Self::StaticBroker => "STATIC_BROKER_CONFIG",
            Self::Default => "DEFAULT_CONFIG",
        }
    }
}

type Pairs = BTreeMap<Name, Name>;

/// The dynamic configs that a broker knows.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct DynamicConfig {
    /// Of all brokers.
    pub default: Pairs,
    /// Its own.
    pub own: Pairs,
}

/// Thread pools may at most double or halve at once (`DynamicThreadPool`).
const POOLS: [&str; 5] = [
    "background.threads",
    "num.io.threads",
    "num.network.threads",
    "num.recovery.threads.per.data.dir",
    "num.replica.fetchers",
];

/// Keys for one thing in several units (`DynamicBrokerConfig.brokerConfigSynonyms`).
const GROUPS: [&[&str]; 4] = [
    &["log.roll.ms", "log.roll.hours"],
    &["log.roll.jitter.ms", "log.roll.jitter.hours"],
    &["log.flush.interval.ms", "log.flush.scheduler.interval.ms"],
    &["log.retention.ms", "log.retention.minutes", "log.retention.hours"],
];

impl DynamicConfig {
    /// The properties in force. What Kafka does not know or would refuse has no effect.
    pub fn over(&self, properties: &BrokerConfig) -> BrokerConfig {
        let mut entries = properties.entries().clone();
        for (name, value) in self.default.iter().chain(&self.own) {
            let updatable = ConfigKind::Broker.find(name).is_some_and(|def| def.extra != "read-only");
            if updatable && ConfigKind::Broker.check(name, value).is_ok() {
                entries.insert(name.clone(), value.clone());
            }
        }
        let entries: Vec<(Name, Name)> = entries.into_iter().collect();
        BrokerConfig::from_entries(&entries).unwrap_or_else(|_| properties.clone())
    }

    /// Where the value of a broker's key may come from, the one in force first (`ConfigHelper.configSynonyms`):
    /// what is set under its other names counts behind the first that is set under its own.
    pub fn synonyms(&self, properties: &BrokerConfig, name: &str) -> Vec<(ConfigSource, Name, Name)> {
        let group = GROUPS.iter().find(|group| group.contains(&name)).copied().unwrap_or_default();
        let names = if group.is_empty() { vec![name] } else { group.to_vec() };
        let mut synonyms = Vec::new();
        for (source, pairs) in [
            (ConfigSource::DynamicBroker, &self.own),
            (ConfigSource::DynamicDefaultBroker, &self.default),
            (ConfigSource::StaticBroker, properties.entries()),
        ] {
            let set = names.iter().filter_map(|key| pairs.get_key_value(*key));
            synonyms.extend(set.map(|(key, value)| (source, key.clone(), value.clone())));
        }
        for key in names {
            let default = ConfigKind::Broker.find(key).and_then(|def| def.default);
            synonyms.extend(default.map(|value| (ConfigSource::Default, Name::from(key), Name::from(value))));
        }
        let first = synonyms.iter().position(|(_, key, _)| &**key == name).unwrap_or(synonyms.len());
        synonyms.split_off(first)
    }

    /// Checks what one level is to hold; `per_broker` tells which.
    ///
    /// # Errors
    /// A config cannot be changed while brokers run, not on this level, or not to this value.
    pub fn check(&self, current: &BrokerConfig, pairs: &Pairs, per_broker: bool) -> Result<(), ConfigError> {
        let of_kind = |kind: &str| -> Vec<&Name> {
            let is = |name: &&Name| ConfigKind::Broker.find(name).is_some_and(|def| def.extra == kind);
            pairs.keys().filter(is).collect()
        };
        let refuse = |names: &[&Name], words: &str| {
            let set = names.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(", ");
            let first = names.first().map_or("", |name| name.as_str());
            Err(ConfigError::new(first, format!("{words}: Set({set})")))
        };
        let read_only = of_kind("read-only");
        if !read_only.is_empty() {
            return refuse(&read_only, "Cannot update these configs dynamically");
        }
        for (name, value) in pairs {
            if ConfigKind::Broker.find(name).is_some() {
                ConfigKind::Broker.check(name, value)?;
            }
        }
        let own_only = of_kind("per-broker");
        if !per_broker && !own_only.is_empty() {
            return refuse(
                &own_only,
                "Cannot update these configs at default cluster level, broker id must be specified",
            );
        }
        POOLS.iter().try_for_each(|pool| check_pool(pool, current, pairs))
    }
}

fn check_pool(name: &str, current: &BrokerConfig, pairs: &Pairs) -> Result<(), ConfigError> {
    let number = |text: &str| text.trim().parse::<i64>().ok();
    let (Some(wanted), Some(now)) =
        (pairs.get(name).and_then(|text| number(text)), current.text(name).and_then(number))
    else {
        return Ok(());
    };
    let refuse = |what: String| {
        let message = format!(
            "Invalid value org.apache.kafka.common.config.ConfigException: Dynamic thread count update validation failed \
             for {name}={wanted}, {what} for configuration Invalid dynamic configuration"
        );
        Err(ConfigError::new(name, message))
    };
    if wanted <= 0 {
        return refuse("value should be at least 1".into());
    }
    if wanted < now / 2 {
        return refuse(format!("value should be at least half the current value {now}"));
    }
    if wanted > now.saturating_mul(2) {
        return refuse(format!("value should not be greater than double the current value {now}"));
    }
    Ok(())
}
