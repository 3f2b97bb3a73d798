//! Configs with Kafka's names, types, defaults and ranges.
