//! A producer's and a consumer's configs (`ProducerConfig`, `ConsumerConfig`).

use super::values::{Values, config_struct};
use super::{ConfigError, ConfigKind};
use crate::ids::Name;

/// The assignors that Kafka brings along.
const ASSIGNORS: [&str; 4] = ["RangeAssignor", "RoundRobinAssignor", "StickyAssignor", "CooperativeStickyAssignor"];

config_struct! {
/// A producer's configs that the simulation obeys. `*_ms` in milliseconds, sizes in bytes.
ProducerConfig, ConfigKind::Producer, {
    acks: Name = "acks",
    batch_size: u64 = "batch.size",
    buffer_memory: u64 = "buffer.memory",
    client_id: Name = "client.id",
    compression_type: Name = "compression.type",
    connections_max_idle_ms: u64 = "connections.max.idle.ms",
    delivery_timeout_ms: u64 = "delivery.timeout.ms",
    enable_idempotence: bool = "enable.idempotence",
    linger_ms: u64 = "linger.ms",
    max_block_ms: u64 = "max.block.ms",
    max_in_flight_requests_per_connection: i32 = "max.in.flight.requests.per.connection",
    max_request_size: u64 = "max.request.size",
    metadata_max_age_ms: u64 = "metadata.max.age.ms",
    metadata_max_idle_ms: u64 = "metadata.max.idle.ms",
    partitioner_adaptive_partitioning_enable: bool = "partitioner.adaptive.partitioning.enable",
    partitioner_availability_timeout_ms: u64 = "partitioner.availability.timeout.ms",
    partitioner_class: Option<Name> = "partitioner.class",
    partitioner_ignore_keys: bool = "partitioner.ignore.keys",
    reconnect_backoff_max_ms: u64 = "reconnect.backoff.max.ms",
    reconnect_backoff_ms: u64 = "reconnect.backoff.ms",
    request_timeout_ms: u64 = "request.timeout.ms",
    retries: i32 = "retries",
    retry_backoff_max_ms: u64 = "retry.backoff.max.ms",
    retry_backoff_ms: u64 = "retry.backoff.ms",
    socket_connection_setup_timeout_max_ms: u64 = "socket.connection.setup.timeout.max.ms",
    socket_connection_setup_timeout_ms: u64 = "socket.connection.setup.timeout.ms",
    transaction_timeout_ms: u64 = "transaction.timeout.ms",
    transactional_id: Option<Name> = "transactional.id",
}}

config_struct! {
/// A consumer's configs that the simulation obeys. `*_ms` in milliseconds, sizes in bytes.
ConsumerConfig, ConfigKind::Consumer, {
    allow_auto_create_topics: bool = "allow.auto.create.topics",
    auto_commit_interval_ms: u64 = "auto.commit.interval.ms",
    auto_offset_reset: Name = "auto.offset.reset",
    client_id: Name = "client.id",
    client_rack: Name = "client.rack",
    connections_max_idle_ms: u64 = "connections.max.idle.ms",
    default_api_timeout_ms: u64 = "default.api.timeout.ms",
    enable_auto_commit: bool = "enable.auto.commit",
    exclude_internal_topics: bool = "exclude.internal.topics",
    fetch_max_bytes: u64 = "fetch.max.bytes",
    fetch_max_wait_ms: u64 = "fetch.max.wait.ms",
    fetch_min_bytes: u64 = "fetch.min.bytes",
    group_id: Option<Name> = "group.id",
    group_instance_id: Option<Name> = "group.instance.id",
    heartbeat_interval_ms: u64 = "heartbeat.interval.ms",
    isolation_level: Name = "isolation.level",
    max_partition_fetch_bytes: u64 = "max.partition.fetch.bytes",
    max_poll_interval_ms: u64 = "max.poll.interval.ms",
    max_poll_records: i32 = "max.poll.records",
    metadata_max_age_ms: u64 = "metadata.max.age.ms",
    partition_assignment_strategy: Vec<Name> = "partition.assignment.strategy",
    reconnect_backoff_max_ms: u64 = "reconnect.backoff.max.ms",
    reconnect_backoff_ms: u64 = "reconnect.backoff.ms",
    request_timeout_ms: u64 = "request.timeout.ms",
    retry_backoff_max_ms: u64 = "retry.backoff.max.ms",
    retry_backoff_ms: u64 = "retry.backoff.ms",
    session_timeout_ms: u64 = "session.timeout.ms",
    socket_connection_setup_timeout_max_ms: u64 = "socket.connection.setup.timeout.max.ms",
    socket_connection_setup_timeout_ms: u64 = "socket.connection.setup.timeout.ms",
}}

/// A partitioner that `partitioner.class` may name; those of Kafka 3.9's own library.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PartitionerClass {
    /// `RoundRobinPartitioner`: keys do not count; what keyless records met before Kafka 2.4.
    RoundRobin,
    /// `UniformStickyPartitioner`: keys do not count (KIP-480).
    UniformSticky,
    /// `internals.DefaultPartitioner`: by key, sticky without one; the default from 2.4 to 3.2.
    Default,
}

impl PartitionerClass {
    /// By its full name.
    pub fn named(class: &str) -> Option<Self> {
        match class.strip_prefix("org.apache.kafka.clients.producer.")? {
            "RoundRobinPartitioner" => Some(Self::RoundRobin),
            "UniformStickyPartitioner" => Some(Self::UniformSticky),
            "internals.DefaultPartitioner" => Some(Self::Default),
            _ => None,
        }
    }
}

impl ProducerConfig {
    /// Configs over Kafka's defaults.
    ///
    /// # Errors
    /// An unknown key, a value outside of its type or range, or values that contradict each other
    /// (`ProducerConfig.postProcessAndValidateIdempotenceConfigs`, `KafkaProducer.configureDeliveryTimeout`).
    pub fn from_entries(entries: &[(Name, Name)]) -> Result<Self, ConfigError> {
        let mut config = Self::read(Values::new(ConfigKind::Producer, entries)?);
        if let Some(class) = config.partitioner_class.as_ref().filter(|class| PartitionerClass::named(class).is_none())
        {
            let message =
                format!("Invalid value {class} for configuration partitioner.class: Class {class} could not be found.");
            return Err(ConfigError::new("partitioner.class", message));
        }
        config.settle_idempotence()?;
        let floor = config.linger_ms.saturating_add(config.request_timeout_ms);
        if config.delivery_timeout_ms < floor {
            if config.is_set("delivery.timeout.ms") {
                let message = "delivery.timeout.ms should be equal to or larger than linger.ms + request.timeout.ms";
                return Err(ConfigError::new("delivery.timeout.ms", message));
            }
            config.delivery_timeout_ms = floor;
        }
        Ok(config)
    }

    fn settle_idempotence(&mut self) -> Result<(), ConfigError> {
        let wanted = self.is_set("enable.idempotence");
        if wanted && !self.enable_idempotence {
            if self.transactional_id.is_some() {
                let message = "Cannot set a transactional.id without also enabling idempotence.";
                return Err(ConfigError::new("transactional.id", message));
            }
            return Ok(());
        }
        let obstacles = [
            (
                self.is_set("retries") && self.retries == 0,
                "retries",
                "Must set retries to non-zero when using the idempotent producer.",
            ),
            (
                self.is_set("acks") && self.acks() != -1,
                "acks",
                "Must set acks to all in order to use the idempotent producer. Otherwise we cannot guarantee idempotence.",
            ),
            (
                self.max_in_flight_requests_per_connection > 5,
                "max.in.flight.requests.per.connection",
                "Must set max.in.flight.requests.per.connection to at most 5 to use the idempotent producer.",
            ),
        ];
        for (stands, key, message) in obstacles {
            if stands {
                if wanted || self.transactional_id.is_some() {
                    return Err(ConfigError::new(key, message));
                }
                // Not asked for by name: the producer quietly does without.
                self.enable_idempotence = false;
            }
        }
        Ok(())
    }

    /// The partitioner that was chosen instead of the built-in one.
    pub fn partitioner(&self) -> Option<PartitionerClass> {
        self.partitioner_class.as_ref().and_then(|class| PartitionerClass::named(class))
    }

    /// `acks` as the protocol has it: 0, 1 or -1 for all.
    pub fn acks(&self) -> i16 {
        match self.acks.as_str() {
            "0" => 0,
            "1" => 1,
            _ => -1,
        }
    }
}

impl Default for ProducerConfig {
    fn default() -> Self {
        Self::read(Values::empty(ConfigKind::Producer))
    }
}

impl ConsumerConfig {
    /// Configs over Kafka's defaults.
    ///
    /// # Errors
    /// An unknown key, a value outside of its type or range, or values that contradict each other
    /// (`Heartbeat`, `ConsumerConfig.maybeOverrideEnableAutoCommit`, `JoinGroupRequest.validateGroupInstanceId`,
    /// `ConsumerPartitionAssignor.getAssignorInstances`).
    pub fn from_entries(entries: &[(Name, Name)]) -> Result<Self, ConfigError> {
        let mut config = Self::read(Values::new(ConfigKind::Consumer, entries)?);
        if config.group_id.is_none() {
            if config.is_set("enable.auto.commit") && config.enable_auto_commit {
                let message = "enable.auto.commit cannot be set to true when default group id (null) is used.";
                return Err(ConfigError::new("enable.auto.commit", message));
            }
            config.enable_auto_commit = false;
        } else if config.heartbeat_interval_ms >= config.session_timeout_ms {
            let message = "Heartbeat must be set lower than the session timeout";
            return Err(ConfigError::new("heartbeat.interval.ms", message));
        }
        config.check_instance_id()?;
        config.check_assignors()?;
        Ok(config)
    }
}

impl ConsumerConfig {
    fn check_instance_id(&self) -> Result<(), ConfigError> {
        let Some(id) = &self.group_instance_id else { return Ok(()) };
        // As a topic's name (`Topic.validate`).
        let legal = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '_' | '-');
        if matches!(id.as_str(), "." | "..") || id.len() > 249 || !id.chars().all(legal) {
            let message = format!("Group instance id is invalid: \"{id}\"");
            return Err(ConfigError::new("group.instance.id", message));
        }
        Ok(())
    }

    fn check_assignors(&self) -> Result<(), ConfigError> {
        let key = "partition.assignment.strategy";
        let classes = &self.partition_assignment_strategy;
        for (at, class) in classes.iter().enumerate() {
            let name = class.rsplit(['.', ' ']).next().unwrap_or("");
            if !ASSIGNORS.contains(&name) {
                return Err(ConfigError::new(key, format!("{class} ClassNotFoundException exception occurred")));
            }
            if classes.iter().take(at).any(|other| other == class) {
                let message = format!("The assignor {class} is used in more than one configuration value.");
                return Err(ConfigError::new(key, message));
            }
        }
        Ok(())
    }
}

impl Default for ConsumerConfig {
    fn default() -> Self {
        Self::read(Values::empty(ConfigKind::Consumer))
    }
}
