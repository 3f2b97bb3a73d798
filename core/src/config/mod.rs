//! Configs with Kafka's names, types, defaults and ranges (`ConfigDef` of Kafka 3.9.1).
//!
//! The tables hold every key of the four registries, so a misspelt key is told from one that is
//! known and merely has no effect here. The structs carry the keys that the simulation obeys.
//! Leaves out config providers.

mod broker;
mod client;
mod doc;
mod dynamic;
mod error;
mod registry;
mod topic;
mod value;
mod values;

pub use broker::BrokerConfig;
pub use client::{ConsumerConfig, PartitionerClass, ProducerConfig};
pub use doc::doc_of;
pub use dynamic::{ConfigSource, DynamicConfig};
pub use error::ConfigError;
pub use registry::{ConfigDef, ConfigKind, ConfigType};
pub use topic::TopicConfig;
pub use value::Millionths;

#[cfg(test)]
mod tests;
