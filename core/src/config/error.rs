//! A config that Kafka refuses.

use std::fmt;

use crate::ids::Name;

/// Kafka's `ConfigException` (or, for an unknown topic config, `InvalidConfigurationException`).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ConfigError {
    /// The key that is at fault.
    pub key: Name,
    /// Kafka's words.
    pub message: String,
}

impl ConfigError {
    /// `Invalid value V for configuration K: …`.
    pub fn invalid(key: &str, value: &str, message: &str) -> Self {
        Self { key: key.into(), message: format!("Invalid value {value} for configuration {key}: {message}") }
    }

    /// A sentence of Kafka's own about the key.
    pub fn new(key: &str, message: impl Into<String>) -> Self {
        Self { key: key.into(), message: message.into() }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ConfigError {}
