//! Names of things: nodes, topics, partitions. All cheap to clone, all totally ordered.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::rc::Rc;

use crate::collections::{Digest, mix};

/// A shared, immutable piece of text: a topic, a client id, a group id. As small as a pointer.
///
/// Equality and order are the text's. Most names that meet are clones of one, which is seen without
/// reading them: maps by partition are searched several times in every event.
#[derive(Clone)]
pub struct Name(Rc<Text>);

struct Text {
    digest: u64,
    text: Box<str>,
}

impl PartialEq for Name {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0) || (self.0.digest == other.0.digest && self.0.text == other.0.text)
    }
}

impl Eq for Name {}

impl Hash for Name {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.text.hash(state);
    }
}

impl Digest for Name {
    #[inline]
    fn digest(&self) -> u64 {
        self.0.digest
    }
}

impl Ord for Name {
    #[inline]
    fn cmp(&self, other: &Self) -> Ordering {
        if Rc::ptr_eq(&self.0, &other.0) { Ordering::Equal } else { self.0.text.cmp(&other.0.text) }
    }
}

impl PartialOrd for Name {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Name {
    /// Wraps `text`.
    pub fn new(text: &str) -> Self {
        Self::of_box(text.into())
    }

    fn of_box(text: Box<str>) -> Self {
        let mut digest = mix(0, text.len() as u64);
        for chunk in text.as_bytes().chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            digest = mix(digest, u64::from_le_bytes(word));
        }
        Self(Rc::new(Text { digest, text }))
    }

    /// The text itself.
    pub fn as_str(&self) -> &str {
        &self.0.text
    }
}

impl std::ops::Deref for Name {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0.text
    }
}

impl std::borrow::Borrow<str> for Name {
    fn borrow(&self) -> &str {
        &self.0.text
    }
}

impl From<&str> for Name {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl From<String> for Name {
    fn from(text: String) -> Self {
        Self::of_box(text.into_boxed_str())
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.text)
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", &*self.0.text)
    }
}

/// A broker's `broker.id`. Plain `i32` as in Kafka: -1 means "none", -2 "being deleted".
pub type BrokerId = i32;

/// A process of the simulation, reachable over the network.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum NodeId {
    /// A server of the ZooKeeper ensemble, by its `myid`.
    ZooKeeper(u8),
    /// A Kafka broker.
    Broker(BrokerId),
    /// A client process: producer, consumer or admin tool, by its `client.id`.
    Client(Name),
}

impl NodeId {
    /// The broker's id, if it is a broker.
    pub fn broker(&self) -> Option<BrokerId> {
        match self {
            Self::Broker(id) => Some(*id),
            _ => None,
        }
    }
}

impl Digest for NodeId {
    #[inline]
    fn digest(&self) -> u64 {
        match self {
            Self::ZooKeeper(id) => mix(1, u64::from(*id)),
            Self::Broker(id) => mix(2, u64::from(id.cast_unsigned())),
            Self::Client(name) => name.digest(),
        }
    }
}

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ZooKeeper(id) => write!(f, "zk{id}"),
            Self::Broker(id) => write!(f, "{id}"),
            Self::Client(name) => write!(f, "{name}"),
        }
    }
}

/// One partition of a topic, written `topic-partition` as Kafka does.
#[derive(Clone, Eq, PartialOrd, Ord, Debug)]
pub struct TopicPartition {
    /// The topic's name.
    pub topic: Name,
    /// The partition's number, from 0.
    pub partition: i32,
}

impl PartialEq for TopicPartition {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        // What differs mostly comes first.
        self.partition == other.partition && self.topic == other.topic
    }
}

impl Hash for TopicPartition {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.topic.hash(state);
        self.partition.hash(state);
    }
}

impl TopicPartition {
    /// A partition by topic and number.
    pub fn new(topic: impl Into<Name>, partition: i32) -> Self {
        Self { topic: topic.into(), partition }
    }

    /// Parses `topic-partition`; the last dash divides.
    pub fn parse(text: &str) -> Option<Self> {
        let (topic, partition) = text.rsplit_once('-')?;
        Some(Self::new(topic, partition.parse().ok()?))
    }
}

impl Digest for TopicPartition {
    #[inline]
    fn digest(&self) -> u64 {
        mix(self.topic.digest(), u64::from(self.partition.cast_unsigned()))
    }
}

impl fmt::Display for TopicPartition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.topic, self.partition)
    }
}

/// A topic id (KIP-516), printed as 22 characters of URL-safe base64 like Kafka's `Uuid`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Uuid(pub u128);

impl fmt::Display for Uuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        for index in 0..22u32 {
            let low_bit = 122i32 - 6 * index as i32;
            let bits = if low_bit >= 0 { self.0 >> low_bit } else { self.0 << -low_bit };
            write!(f, "{}", ALPHABET[(bits & 63) as usize] as char)?;
        }
        Ok(())
    }
}
