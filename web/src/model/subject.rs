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
    /// The picture itself, where nothing stands.
    Ground,
}

impl From<Selection> for Subject {
    fn from(thing: Selection) -> Self {
        Self::Thing(thing)
    }
}

impl Subject {
    /// The topic whose column shows it.
    pub fn topic(&self) -> Option<&Name> {
        match self {
            Self::Thing(Selection::Partition(tp) | Selection::Replica(_, tp) | Selection::Record(_, tp, _)) => {
                Some(&tp.topic)
            }
            Self::Topic(topic) => Some(topic),
            _ => None,
        }
    }

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
            Self::Ground => "ground-0".into(),
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
            "ground" => return Some(Self::Ground),
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

    /// The name under which the tools' output, commands and sentences speak of it, if they do.
    pub fn word(&self) -> Option<String> {
        match self {
            Self::Thing(thing) => match thing {
                Selection::Broker(id) => Some(id.to_string()),
                Selection::Partition(tp) | Selection::Replica(_, tp) | Selection::Record(_, tp, _) => {
                    Some(tp.to_string())
                }
                Selection::Producer(name) | Selection::Consumer(name) | Selection::Group(name) => {
                    Some(name.to_string())
                }
                Selection::ZooKeeper(id) => Some(format!("zk{id}")),
                Selection::Session(_) | Selection::Message(_) | Selection::Fault(_) => None,
            },
            Self::Znode(path) => Some(path.to_string()),
            Self::Topic(topic) => Some(topic.to_string()),
            Self::Ground => None,
        }
    }

    /// Whether a line of a tool's output or a command is about it: a row of a partition has topic and
    /// number in columns of their own.
    pub fn is_in_line(&self, line: &str) -> bool {
        let words: Vec<&str> = line.split([' ', '\t', ',', '=']).filter(|word| !word.is_empty()).collect();
        if let Self::Thing(Selection::Partition(tp) | Selection::Replica(_, tp) | Selection::Record(_, tp, _)) = self {
            let number = tp.partition.to_string();
            let named = words.iter().any(|word| *word == tp.to_string());
            let topic = words.iter().position(|word| *word == tp.topic.as_str());
            let after = topic.and_then(|at| words.get(at + 1..)).unwrap_or_default();
            let follows = after.first() == Some(&number.as_str())
                || after.windows(2).next() == Some(&["Partition:", number.as_str()][..]);
            return named || follows;
        }
        let Some(word) = self.word() else { return false };
        // A broker's id stands among replicas too, and there means a copy of the partition, not the broker.
        let as_broker = |at: usize| !matches!(at.checked_sub(1).and_then(|at| words.get(at)), Some(&"Partition:"));
        words.iter().enumerate().any(|(at, one)| *one == word && as_broker(at))
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
            Self::Ground => "The cluster".into(),
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
            Self::Ground => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_tools_are_found() {
        let partition = Subject::Thing(Selection::Partition(TopicPartition::new("orders", 1)));
        assert!(partition.is_in_line("\tTopic: orders\tPartition: 1\tLeader: 102\tReplicas: 102,103"));
        assert!(!partition.is_in_line("\tTopic: orders\tPartition: 11\tLeader: 102"));
        assert!(partition.is_in_line("dash  orders  1  5  5  0"));
        assert!(partition.is_in_line("seek c orders-1 0"));
        assert!(!partition.is_in_line("Topic: orders\tPartitionCount: 3"));
        assert!(Subject::Thing(Selection::Broker(102)).is_in_line("kill 102"));
        assert!(!Subject::Thing(Selection::Broker(2)).is_in_line("kill 102"));
        assert!(Subject::Thing(Selection::Group("dash".into())).is_in_line("dash  orders  1  5  5  0"));
    }

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
            Subject::Ground,
        ];
        for one in all {
            assert_eq!(Subject::parse(&one.key()), Some(one.clone()), "{}", one.key());
        }
        for broken in ["", "broker", "broker-x", "replica-1", "nothing-1", "record-1-t-0"] {
            assert_eq!(Subject::parse(broken), None, "{broken}");
        }
    }
}
