//! A topic's configs: its own over the broker's (`LogConfig`, `TopicConfigSynonyms`).

use crate::collections::BTreeMap;

use super::values::{Values, config_struct};
use super::{BrokerConfig, ConfigDef, ConfigError, ConfigKind, Millionths};
use crate::ids::Name;
use crate::log::{Compression, LogConfig};

config_struct! {
/// A topic's configs that the simulation obeys. `*_ms` in milliseconds, `*_bytes` in bytes.
TopicConfig, ConfigKind::Topic, {
    cleanup_policy: Vec<Name> = "cleanup.policy",
    compression_type: Name = "compression.type",
    delete_retention_ms: u64 = "delete.retention.ms",
    flush_messages: i64 = "flush.messages",
    flush_ms: i64 = "flush.ms",
    max_message_bytes: u64 = "max.message.bytes",
    message_timestamp_after_max_ms: u64 = "message.timestamp.after.max.ms",
    message_timestamp_before_max_ms: u64 = "message.timestamp.before.max.ms",
    message_timestamp_type: Name = "message.timestamp.type",
    min_cleanable_dirty_ratio: Millionths = "min.cleanable.dirty.ratio",
    min_compaction_lag_ms: u64 = "min.compaction.lag.ms",
    max_compaction_lag_ms: u64 = "max.compaction.lag.ms",
    min_insync_replicas: i32 = "min.insync.replicas",
    retention_bytes: i64 = "retention.bytes",
    retention_ms: i64 = "retention.ms",
    segment_bytes: u64 = "segment.bytes",
    segment_ms: u64 = "segment.ms",
    unclean_leader_election_enable: bool = "unclean.leader.election.enable",
    file_delete_delay_ms: u64 = "file.delete.delay.ms",
}}

/// What the broker's properties make the default of a topic's key: the first of the key's synonyms
/// that is set or has a default, converted to the topic's unit.
fn default_of(broker: &BrokerConfig, def: &ConfigDef) -> Option<String> {
    def.extra.split(',').filter(|synonym| !synonym.is_empty()).find_map(|synonym| {
        let (key, factor) = synonym.split_once('*').unwrap_or((synonym, "1"));
        let text = broker.text(key)?;
        // `KafkaConfig.logRetentionTimeMillis`: whatever is negative means for ever.
        if def.name == "retention.ms" && text.starts_with('-') {
            return Some("-1".to_owned());
        }
        match factor {
            "1" => Some(text.to_owned()),
            _ => Some(text.parse::<i64>().ok()?.checked_mul(factor.parse().ok()?)?.to_string()),
        }
    })
}

impl TopicConfig {
    /// The topic's own settings over what the broker's properties make its defaults.
    ///
    /// # Errors
    /// An unknown key, a value outside of its type or range, or values that contradict each other
    /// (`LogConfig.validateValues`).
    pub fn new(broker: &BrokerConfig, entries: &[(Name, Name)]) -> Result<Self, ConfigError> {
        let own = Values::new(ConfigKind::Topic, entries)?;
        let mut all: BTreeMap<Name, Name> = BTreeMap::new();
        for def in ConfigKind::Topic.defs() {
            if let Some(text) = default_of(broker, &def) {
                all.insert(def.name.into(), text.into());
            }
        }
        all.extend(own.set().iter().map(|(key, value)| (key.clone(), value.clone())));
        let config = Self { values: own, ..Self::read(Values::of_map(ConfigKind::Topic, all)) };
        if config.min_compaction_lag_ms > config.max_compaction_lag_ms {
            return Err(ConfigError::new(
                "min.compaction.lag.ms",
                format!(
                    "conflict topic config setting min.compaction.lag.ms ({}) > max.compaction.lag.ms ({})",
                    config.min_compaction_lag_ms, config.max_compaction_lag_ms
                ),
            ));
        }
        Ok(config)
    }

    /// Every key with the text in force under these properties and whether the topic has set it.
    pub fn describe_over(&self, broker: &BrokerConfig) -> Vec<(ConfigDef, Name, bool)> {
        let text = |def: &ConfigDef| {
            let own = self.entries().get(def.name).map(ToString::to_string);
            own.or_else(|| default_of(broker, def)).or_else(|| def.default.map(str::to_owned)).unwrap_or_default()
        };
        ConfigKind::Topic.defs().map(|def| (def, text(&def).into(), self.is_set(def.name))).collect()
    }

    /// A topic without settings of its own.
    pub fn of_broker(broker: &BrokerConfig) -> Self {
        Self::new(broker, &[]).unwrap_or_else(|_| Self::read(Values::empty(ConfigKind::Topic)))
    }

    fn has_policy(&self, policy: &str) -> bool {
        self.cleanup_policy.iter().any(|name| name.as_str() == policy)
    }
}

impl From<&TopicConfig> for LogConfig {
    fn from(config: &TopicConfig) -> Self {
        let signed = |value: u64| i64::try_from(value).unwrap_or(i64::MAX);
        Self {
            segment_bytes: config.segment_bytes,
            segment_ms: signed(config.segment_ms),
            max_message_bytes: config.max_message_bytes,
            retention_ms: config.retention_ms,
            retention_bytes: config.retention_bytes,
            compact: config.has_policy("compact"),
            delete: config.has_policy("delete"),
            compression: Compression::named(&config.compression_type),
            log_append_time: config.message_timestamp_type.as_str() == "LogAppendTime",
            message_timestamp_before_max_ms: signed(config.message_timestamp_before_max_ms),
            message_timestamp_after_max_ms: signed(config.message_timestamp_after_max_ms),
            flush_messages: config.flush_messages,
            flush_ms: config.flush_ms,
            delete_retention_ms: signed(config.delete_retention_ms),
            min_cleanable_dirty_ratio_millionths: config.min_cleanable_dirty_ratio.0,
            min_compaction_lag_ms: signed(config.min_compaction_lag_ms),
            max_compaction_lag_ms: signed(config.max_compaction_lag_ms),
        }
    }
}
