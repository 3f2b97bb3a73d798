//! The four registries: which keys there are, of which type, with which default and range.
//!
//! A table's line is `key|type|default|range|extra|importance`, where the default `~` means none (null) and `!` that
//! the key must be set; in `extra` topics have the broker's keys that give their default, brokers how a key can
//! be updated. A test of the tests package holds the tables against the recorded registries.

use crate::beside::beside;
use std::cmp::Ordering;

use super::ConfigError;
use super::value;

/// Whose configs.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum ConfigKind {
    /// A broker's properties (`KafkaConfig`).
    Broker,
    /// A topic's (`LogConfig`).
    Topic,
    /// A producer's (`ProducerConfig`).
    Producer,
    /// A consumer's (`ConsumerConfig`).
    Consumer,
}

/// `ConfigDef.Type`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[allow(missing_docs, reason = "Kafka's own type names")]
pub enum ConfigType {
    Boolean,
    Short,
    Int,
    Long,
    Double,
    String,
    List,
    Class,
    Password,
}

impl ConfigType {
    fn parse(text: &str) -> Self {
        match text {
            "BOOLEAN" => Self::Boolean,
            "SHORT" => Self::Short,
            "INT" => Self::Int,
            "LONG" => Self::Long,
            "DOUBLE" => Self::Double,
            "LIST" => Self::List,
            "CLASS" => Self::Class,
            "PASSWORD" => Self::Password,
            _ => Self::String,
        }
    }

    /// Kafka's name of the type, such as `INT`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Boolean => "BOOLEAN",
            Self::Short => "SHORT",
            Self::Int => "INT",
            Self::Long => "LONG",
            Self::Double => "DOUBLE",
            Self::String => "STRING",
            Self::List => "LIST",
            Self::Class => "CLASS",
            Self::Password => "PASSWORD",
        }
    }
}

/// One key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ConfigDef {
    /// The key.
    pub name: &'static str,
    /// Its type.
    pub config_type: ConfigType,
    /// Its default as a properties file would say it; `None` for null.
    pub default: Option<&'static str>,
    /// It has no default and must be set.
    pub required: bool,
    /// Kafka's own words for its range, empty where every value of the type is legal.
    pub valid: &'static str,
    /// A topic's key: the broker's keys that give its default, `key` or `key*factor`, first set wins.
    /// A broker's key: `read-only`, `per-broker` or `cluster-wide`.
    pub extra: &'static str,
    /// `HIGH`, `MEDIUM` or `LOW`, by which Kafka's documentation sorts them; nothing is decided by it.
    pub importance: &'static str,
}

impl ConfigKind {
    fn table(self) -> &'static str {
        match self {
            Self::Broker => beside!("config/tables/broker.txt").text(),
            Self::Topic => beside!("config/tables/topic.txt").text(),
            Self::Producer => beside!("config/tables/producer.txt").text(),
            Self::Consumer => beside!("config/tables/consumer.txt").text(),
        }
    }

    /// Every key, sorted.
    pub fn defs(self) -> impl Iterator<Item = ConfigDef> {
        self.table().lines().filter_map(parse_line)
    }

    /// The key of this name. The tables are sorted, so that half of what is left goes with each look.
    pub fn find(self, name: &str) -> Option<ConfigDef> {
        let mut rest = self.table();
        while !rest.is_empty() {
            let middle = rest.floor_char_boundary(rest.len() / 2);
            let begin = rest[..middle].rfind('\n').map_or(0, |at| at + 1);
            let end = rest[middle..].find('\n').map_or(rest.len(), |at| middle + at);
            let line = &rest[begin..end];
            match line.split('|').next()?.cmp(name) {
                Ordering::Equal => return parse_line(line),
                Ordering::Less => rest = rest.get(end + 1..).unwrap_or(""),
                Ordering::Greater => rest = &rest[..begin],
            }
        }
        None
    }

    /// Checks one setting as Kafka would.
    ///
    /// # Errors
    /// The key is unknown, or the value is not of its type or outside of its range.
    pub fn check(self, name: &str, value: &str) -> Result<ConfigDef, ConfigError> {
        let Some(def) = self.find(name) else {
            let message = match self {
                Self::Topic => format!("Unknown topic config name: {name}"),
                _ => format!("Unknown configuration '{name}'"),
            };
            return Err(ConfigError::new(name, message));
        };
        value::check(&def, value)?;
        Ok(def)
    }
}

fn parse_line(line: &'static str) -> Option<ConfigDef> {
    let mut parts = line.split('|');
    let name = parts.next()?;
    let config_type = ConfigType::parse(parts.next()?);
    let default = parts.next()?;
    let valid = parts.next()?;
    let extra = parts.next().unwrap_or("");
    Some(ConfigDef {
        name,
        config_type,
        default: (default != "~" && default != "!").then_some(default),
        required: default == "!",
        valid,
        extra,
        importance: parts.next().unwrap_or(""),
    })
}
