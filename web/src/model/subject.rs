//! What can be looked at: things of the picture, and what the picture has no place for.

use playground_core::ids::{Name, TopicPartition};
use playground_core::view::ClusterView;

use crate::scene::Selection;

/// What the inspector shows.
#[derive(Clone, PartialEq, Debug)]
pub enum Subject {
    /// A thing of the picture.
    Thing(Selection),
    /// A znode by path.
    Znode(Name),
    /// A topic by name.
    Topic(Name),
}

impl From<Selection> for Subject {
    fn from(thing: Selection) -> Self {
        Self::Thing(thing)
    }
}

impl Subject {
    /// A short name that is stable and unique: `broker-102`, `replica-102-trucks-0`. The page's
    /// `data-target` and the `sel` part of a link.
    pub fn key(&self) -> String {
        match self {
            Self::Thing(thing) => match thing {
                Selection::Broker(id) => format!("broker-{id}"),
                Selection::Partition(tp) => format!("partition-{tp}"),
                Selection::Replica(broker, tp) => format!("replica-{broker}-{tp}"),
                Selection::Record(broker, tp, offset) => format!("record-{broker}-{offset}-{tp}"),
                Selection::Producer(client) => format!("producer-{client}"),
                Selection::Consumer(client) => format!("consumer-{client}"),
                Selection::Group(group) => format!("group-{group}"),
                Selection::ZooKeeper(id) => format!("zookeeper-{id}"),
                Selection::Session(id) => format!("session-{id}"),
                Selection::Message(id) => format!("message-{id}"),
                Selection::Fault(id) => format!("fault-{id}"),
            },
            Self::Znode(path) => format!("znode-{path}"),
            Self::Topic(topic) => format!("topic-{topic}"),
        }
    }

    /// The inverse of [`Subject::key`].
    pub fn parse(key: &str) -> Option<Self> {
        let (kind, rest) = key.split_once('-')?;
        let numbered = |text: &str| -> Option<(i32, String)> {
            let (number, rest) = text.split_once('-')?;
            Some((number.parse().ok()?, rest.to_owned()))
        };
        let thing = match kind {
            "broker" => Selection::Broker(rest.parse().ok()?),
            "partition" => Selection::Partition(TopicPartition::parse(rest)?),
            "replica" => {
                let (broker, tp) = numbered(rest)?;
                Selection::Replica(broker, TopicPartition::parse(&tp)?)
            }
            "record" => {
                let (broker, rest) = numbered(rest)?;
                let (offset, tp) = rest.split_once('-')?;
                Selection::Record(broker, TopicPartition::parse(tp)?, offset.parse().ok()?)
            }
            "producer" => Selection::Producer(rest.into()),
            "consumer" => Selection::Consumer(rest.into()),
            "group" => Selection::Group(rest.into()),
            "zookeeper" => Selection::ZooKeeper(rest.parse().ok()?),
            "session" => Selection::Session(rest.parse().ok()?),
            "message" => Selection::Message(rest.parse().ok()?),
            "znode" => return Some(Self::Znode(rest.into())),
            "fault" => Selection::Fault(rest.parse().ok()?),
            "topic" => return Some(Self::Topic(rest.into())),
            _ => return None,
        };
        Some(Self::Thing(thing))
    }

    /// The same entity: a record is the same in the log of every replica.
    pub fn is_same_as(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Thing(Selection::Record(_, a, at)), Self::Thing(Selection::Record(_, b, there))) => {
                (a, at) == (b, there)
            }
            _ => self == other,
        }
    }

    /// The thing to be ringed in the picture.
    pub fn thing(&self) -> Option<&Selection> {
        match self {
            Self::Thing(thing) => Some(thing),
            _ => None,
        }
    }

    /// What a person calls it.
    pub fn name(&self) -> String {
        match self {
            Self::Thing(thing) => match thing {
                Selection::Broker(id) => format!("Broker {id}"),
                Selection::Partition(tp) => format!("{tp}"),
                Selection::Replica(broker, tp) => format!("{tp} on {broker}"),
                Selection::Record(_, tp, offset) => format!("{tp} offset {offset}"),
                Selection::Producer(client) => format!("Producer {client}"),
                Selection::Consumer(client) => format!("Consumer {client}"),
                Selection::Group(group) => format!("Group {group}"),
                Selection::ZooKeeper(id) => format!("ZooKeeper zk{id}"),
                Selection::Session(id) => format!("Session 0x{id:x}"),
                Selection::Message(id) => format!("Message {id}"),
                Selection::Fault(id) => format!("Fault {id}"),
            },
            Self::Znode(path) => format!("{path}"),
            Self::Topic(topic) => format!("Topic {topic}"),
        }
    }

    /// Whether it is part of the cluster at this moment.
    pub fn exists(&self, view: &ClusterView) -> bool {
        let partition = |tp: &TopicPartition| {
            view.topics.iter().any(|topic| topic.name == tp.topic && topic.partitions.iter().any(|p| p.tp == *tp))
        };
        match self {
            Self::Thing(thing) => match thing {
                Selection::Broker(id) => view.brokers.iter().any(|broker| broker.id == *id),
                Selection::Partition(tp) | Selection::Replica(_, tp) | Selection::Record(_, tp, _) => partition(tp),
                Selection::Producer(client) => view.producers.iter().any(|one| one.client == *client),
                Selection::Consumer(client) => view.consumers.iter().any(|one| one.client == *client),
                Selection::Group(group) => view.groups.iter().any(|one| one.id == *group),
                Selection::ZooKeeper(id) => view.zookeeper.iter().any(|one| one.id == *id),
                Selection::Session(id) => {
                    view.zookeeper.iter().any(|server| server.sessions.iter().any(|session| session.id == *id))
                }
                Selection::Message(id) => view.in_flight.iter().any(|message| message.id == *id),
                Selection::Fault(id) => view.faults.iter().any(|fault| fault.id == *id),
            },
            Self::Znode(path) => view.zookeeper.iter().any(|server| server.znodes.iter().any(|one| one.path == *path)),
            Self::Topic(topic) => view.topics.iter().any(|one| one.name == *topic),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_and_parse_are_inverse() {
        let tp = TopicPartition::new("my-topic", 3);
        let all = [
            Subject::Thing(Selection::Broker(102)),
            Subject::Thing(Selection::Partition(tp.clone())),
            Subject::Thing(Selection::Replica(102, tp.clone())),
            Subject::Thing(Selection::Record(102, tp, 7)),
            Subject::Thing(Selection::Producer("truck-1".into())),
            Subject::Thing(Selection::Consumer("c-1".into())),
            Subject::Thing(Selection::Group("g-1".into())),
            Subject::Thing(Selection::ZooKeeper(2)),
            Subject::Thing(Selection::Session(72_057_594)),
            Subject::Thing(Selection::Message(9)),
            Subject::Znode("/brokers/ids/102".into()),
            Subject::Thing(Selection::Fault(4)),
            Subject::Topic("my-topic".into()),
        ];
        for one in all {
            assert_eq!(Subject::parse(&one.key()), Some(one.clone()), "{}", one.key());
        }
        for broken in ["", "broker", "broker-x", "replica-1", "nothing-1", "record-1-t-0"] {
            assert_eq!(Subject::parse(broken), None, "{broken}");
        }
    }
}
