//! A broker's properties (`KafkaConfig`).

use super::values::{Values, config_struct};
use super::{ConfigError, ConfigKind};
use crate::ids::Name;

/// The selector that comes with Kafka, besides the one that always takes the leader.
const RACK_AWARE: &str = "org.apache.kafka.common.replica.RackAwareReplicaSelector";

config_struct! {
/// A broker's properties that the simulation obeys. `*_ms` in milliseconds, `*_bytes` in bytes; the
/// largest value stands for "no limit".
BrokerConfig, ConfigKind::Broker, {
    auto_create_topics_enable: bool = "auto.create.topics.enable",
    auto_leader_rebalance_enable: bool = "auto.leader.rebalance.enable",
    broker_rack: Option<Name> = "broker.rack",
    controlled_shutdown_enable: bool = "controlled.shutdown.enable",
    controlled_shutdown_max_retries: i32 = "controlled.shutdown.max.retries",
    controlled_shutdown_retry_backoff_ms: u64 = "controlled.shutdown.retry.backoff.ms",
    controller_socket_timeout_ms: u64 = "controller.socket.timeout.ms",
    default_replication_factor: i32 = "default.replication.factor",
    delete_topic_enable: bool = "delete.topic.enable",
    group_initial_rebalance_delay_ms: u64 = "group.initial.rebalance.delay.ms",
    group_max_session_timeout_ms: u64 = "group.max.session.timeout.ms",
    group_min_session_timeout_ms: u64 = "group.min.session.timeout.ms",
    group_max_size: u64 = "group.max.size",
    leader_imbalance_check_interval_seconds: u64 = "leader.imbalance.check.interval.seconds",
    leader_imbalance_per_broker_percentage: i32 = "leader.imbalance.per.broker.percentage",
    log_cleaner_backoff_ms: u64 = "log.cleaner.backoff.ms",
    log_cleaner_enable: bool = "log.cleaner.enable",
    log_flush_offset_checkpoint_interval_ms: u64 = "log.flush.offset.checkpoint.interval.ms",
    log_flush_scheduler_interval_ms: u64 = "log.flush.scheduler.interval.ms",
    log_flush_start_offset_checkpoint_interval_ms: u64 = "log.flush.start.offset.checkpoint.interval.ms",
    log_retention_check_interval_ms: u64 = "log.retention.check.interval.ms",
    log_initial_task_delay_ms: u64 = "log.initial.task.delay.ms",
    min_insync_replicas: i32 = "min.insync.replicas",
    num_partitions: i32 = "num.partitions",
    offset_metadata_max_bytes: u64 = "offset.metadata.max.bytes",
    offsets_commit_required_acks: i16 = "offsets.commit.required.acks",
    offsets_commit_timeout_ms: u64 = "offsets.commit.timeout.ms",
    offsets_retention_check_interval_ms: u64 = "offsets.retention.check.interval.ms",
    offsets_retention_minutes: u64 = "offsets.retention.minutes",
    offsets_topic_num_partitions: i32 = "offsets.topic.num.partitions",
    offsets_topic_replication_factor: i16 = "offsets.topic.replication.factor",
    offsets_topic_segment_bytes: u64 = "offsets.topic.segment.bytes",
    replica_fetch_backoff_ms: u64 = "replica.fetch.backoff.ms",
    replica_fetch_max_bytes: u64 = "replica.fetch.max.bytes",
    replica_fetch_min_bytes: u64 = "replica.fetch.min.bytes",
    replica_fetch_response_max_bytes: u64 = "replica.fetch.response.max.bytes",
    replica_fetch_wait_max_ms: u64 = "replica.fetch.wait.max.ms",
    replica_high_watermark_checkpoint_interval_ms: u64 = "replica.high.watermark.checkpoint.interval.ms",
    replica_lag_time_max_ms: u64 = "replica.lag.time.max.ms",
    replica_selector_class: Option<Name> = "replica.selector.class",
    replica_socket_timeout_ms: u64 = "replica.socket.timeout.ms",
    request_timeout_ms: u64 = "request.timeout.ms",
    transaction_abort_timed_out_transaction_cleanup_interval_ms: u64 =
        "transaction.abort.timed.out.transaction.cleanup.interval.ms",
    transaction_max_timeout_ms: u64 = "transaction.max.timeout.ms",
    transaction_partition_verification_enable: bool = "transaction.partition.verification.enable",
    transaction_remove_expired_transaction_cleanup_interval_ms: u64 =
        "transaction.remove.expired.transaction.cleanup.interval.ms",
    transaction_state_log_min_isr: i32 = "transaction.state.log.min.isr",
    transaction_state_log_num_partitions: i32 = "transaction.state.log.num.partitions",
    transaction_state_log_replication_factor: i16 = "transaction.state.log.replication.factor",
    transaction_state_log_segment_bytes: u64 = "transaction.state.log.segment.bytes",
    transactional_id_expiration_ms: u64 = "transactional.id.expiration.ms",
    unclean_leader_election_enable: bool = "unclean.leader.election.enable",
    zookeeper_connection_timeout_ms: Option<u64> = "zookeeper.connection.timeout.ms",
    zookeeper_session_timeout_ms: u64 = "zookeeper.session.timeout.ms",
}}

impl BrokerConfig {
    /// Properties over Kafka's defaults.
    ///
    /// # Errors
    /// An unknown key, a value outside of its type or range, or values that contradict each other
    /// (`KafkaConfig.validateValues`).
    pub fn from_entries(entries: &[(Name, Name)]) -> Result<Self, ConfigError> {
        let config = Self::read(Values::new(ConfigKind::Broker, entries)?);
        if config.replica_fetch_wait_max_ms > config.replica_socket_timeout_ms {
            return Err(ConfigError::new(
                "replica.socket.timeout.ms",
                "requirement failed: replica.socket.timeout.ms should always be at least replica.fetch.wait.max.ms \
                 to prevent unnecessary socket timeouts",
            ));
        }
        if config.replica_fetch_wait_max_ms > config.replica_lag_time_max_ms {
            return Err(ConfigError::new(
                "replica.fetch.wait.max.ms",
                "requirement failed: replica.fetch.wait.max.ms should always be less than or equal to \
                 replica.lag.time.max.ms to prevent frequent changes in ISR",
            ));
        }
        match config.replica_selector_class.as_ref().map(Name::as_str) {
            None | Some("org.apache.kafka.common.replica.LeaderSelector" | RACK_AWARE) => Ok(config),
            Some(class) => Err(ConfigError::new("replica.selector.class", format!("ClassNotFoundException: {class}"))),
        }
    }

    /// Consumers are sent to a replica of their rack (KIP-392).
    pub fn is_rack_aware(&self) -> bool {
        self.replica_selector_class.as_ref().is_some_and(|class| class.as_str() == RACK_AWARE)
    }

    /// The text in force of any key of the registry, `None` for null.
    pub fn text(&self, key: &str) -> Option<&str> {
        self.values.text(key)
    }
}

impl Default for BrokerConfig {
    fn default() -> Self {
        Self::read(Values::empty(ConfigKind::Broker))
    }
}
