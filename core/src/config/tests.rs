use super::{BrokerConfig, ConfigKind, ConsumerConfig, Millionths, ProducerConfig, TopicConfig};
use crate::ids::Name;
use crate::log::LogConfig;

fn entries(pairs: &[(&str, &str)]) -> Vec<(Name, Name)> {
    pairs.iter().map(|(key, value)| (Name::from(*key), Name::from(*value))).collect()
}

#[test]
fn defaults_are_kafkas() {
    let broker = BrokerConfig::default();
    assert_eq!(broker.zookeeper_session_timeout_ms, 18_000);
    assert_eq!(broker.replica_lag_time_max_ms, 30_000);
    assert_eq!(broker.broker_rack, None);
    assert_eq!(ProducerConfig::default().acks(), -1);
    assert_eq!(ConsumerConfig::default().auto_offset_reset.as_str(), "latest");
    assert_eq!(LogConfig::from(&TopicConfig::of_broker(&broker)), LogConfig::default());
}

#[test]
fn a_topics_default_comes_from_the_brokers_synonyms() {
    let broker = BrokerConfig::from_entries(&entries(&[("log.retention.hours", "2"), ("log.segment.bytes", "1000")]));
    let topic = TopicConfig::of_broker(&broker.unwrap());
    assert_eq!((topic.retention_ms, topic.segment_bytes), (7_200_000, 1000));
    let for_ever = BrokerConfig::from_entries(&entries(&[("log.retention.ms", "-5")]));
    assert_eq!(TopicConfig::of_broker(&for_ever.unwrap()).retention_ms, -1);
}

#[test]
fn what_kafka_refuses_is_refused_in_its_words() {
    let cases = [
        (ConfigKind::Topic, "no.such.config", "1", "Unknown topic config name: no.such.config"),
        (
            ConfigKind::Topic,
            "cleanup.policy",
            "shred",
            "Invalid value shred for configuration cleanup.policy: String must be one of: compact, delete",
        ),
        (
            ConfigKind::Topic,
            "min.insync.replicas",
            "0",
            "Invalid value 0 for configuration min.insync.replicas: Value must be at least 1",
        ),
        (
            ConfigKind::Broker,
            "num.partitions",
            "many",
            "Invalid value many for configuration num.partitions: Not a number of type INT",
        ),
        (
            ConfigKind::Consumer,
            "enable.auto.commit",
            "maybe",
            "Invalid value maybe for configuration enable.auto.commit: Expected value to be either true or false",
        ),
        (
            ConfigKind::Producer,
            "acks",
            "2",
            "Invalid value 2 for configuration acks: String must be one of: all, -1, 0, 1",
        ),
        (
            ConfigKind::Topic,
            "min.cleanable.dirty.ratio",
            "1.5",
            "Invalid value 1.5 for configuration min.cleanable.dirty.ratio: Value must be no more than 1",
        ),
        (
            ConfigKind::Topic,
            "leader.replication.throttled.replicas",
            "zero,1:x",
            "Invalid value [zero, 1:x] for configuration leader.replication.throttled.replicas: \
             leader.replication.throttled.replicas must be the literal '*' or a list of replicas in the following \
             format: [partitionId]:[brokerId],[partitionId]:[brokerId],...",
        ),
    ];
    for (kind, key, value, expected) in cases {
        assert_eq!(kind.check(key, value).unwrap_err().message, expected);
    }
    for allowed in ["*", "0:101", "0:101, 0:102", ""] {
        assert!(ConfigKind::Topic.check("follower.replication.throttled.replicas", allowed).is_ok(), "{allowed}");
    }
}

#[test]
fn an_idempotent_producer_needs_acks_from_all_only_if_it_was_asked_for() {
    let quiet = ProducerConfig::from_entries(&entries(&[("acks", "1")])).unwrap();
    assert!(!quiet.enable_idempotence);
    let asked = ProducerConfig::from_entries(&entries(&[("acks", "1"), ("enable.idempotence", "true")]));
    assert_eq!(asked.unwrap_err().key.as_str(), "acks");
}

#[test]
fn every_default_passes_its_own_check() {
    for kind in [ConfigKind::Broker, ConfigKind::Topic, ConfigKind::Producer, ConfigKind::Consumer] {
        for def in kind.defs() {
            // Kafka writes a default of an unlimited rate as a float that integers cannot hold.
            if let Some(default) = def.default.filter(|text| !text.contains('E') && !text.is_empty()) {
                assert!(kind.check(def.name, default).is_ok(), "{} = {default}", def.name);
            }
        }
    }
    assert_eq!(TopicConfig::of_broker(&BrokerConfig::default()).min_cleanable_dirty_ratio, Millionths(500_000));
}

#[test]
fn every_key_is_found_by_its_name_and_no_other() {
    for kind in [ConfigKind::Broker, ConfigKind::Topic, ConfigKind::Producer, ConfigKind::Consumer] {
        for def in kind.defs() {
            assert_eq!(kind.find(def.name), Some(def));
            assert_eq!(kind.find(&format!("{}.", def.name)), None);
        }
        assert_eq!((kind.find(""), kind.find("~")), (None, None));
    }
}
