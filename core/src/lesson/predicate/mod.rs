//! Named statements about a cluster: what goals, answers and tests check.
//!
//! A predicate is a flat list: alternatives divided by `or`, each a row of facts divided by `and`,
//! each fact possibly after `not`. There are no brackets around facts, so nothing nests. A fact
//! about something that does not exist is false.
//!
//! ```text
//! leader(t-1) = 103 and isr(t-1) = 103,102
//! broker(102) is dead
//! high_watermark(t-0) >= 5 or not topic(t) exists
//! every record acked
//! ```
//!
//! `parse` and `Display` are inverse.

mod eval;
mod parse;
mod quantity;
#[cfg(test)]
mod tests;

use std::fmt;

pub use parse::PredicateError;
pub use quantity::Quantity;

use crate::ids::{BrokerId, Name, TopicPartition};

/// A statement: true if one of its alternatives is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Predicate {
    /// Never empty, and neither is one of them.
    pub alternatives: Vec<Vec<Literal>>,
}

/// A fact or its opposite.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Literal {
    /// It stands after `not`.
    pub negated: bool,
    /// What is stated.
    pub fact: Fact,
}

/// One statement about a cluster.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Fact {
    /// `high_watermark(t-0) >= 5`
    Number {
        /// What is counted.
        quantity: Quantity,
        /// How it is compared.
        comparison: Comparison,
        /// With what.
        value: i64,
    },
    /// `leader(t-1) = 103`; `none` if there is none.
    One {
        /// What is asked for.
        role: Role,
        /// `=`, or `!=`.
        equal: bool,
        /// Who or what; `None` is `none`.
        value: Option<Name>,
    },
    /// `isr(t-1) = 103,102`: the same things in the same order; `none` for no things.
    List {
        /// What is listed.
        list: List,
        /// `=`, or `!=`.
        equal: bool,
        /// The things.
        items: Vec<Name>,
    },
    /// `isr(t-1) contains 102`
    Contains {
        /// What is listed.
        list: List,
        /// What is among it.
        item: Name,
    },
    /// `broker(102) is dead`, `group(g) is Stable`
    State {
        /// Whose.
        subject: Subject,
        /// In small letters for processes, in Kafka's spelling for groups.
        state: Name,
    },
    /// `topic(t) exists`
    TopicExists(Name),
    /// `znode(/brokers/ids/102) exists`; `znode(/brokers/ids/102,1) exists`: in the tree of server 1.
    ZnodeExists {
        /// Its path.
        path: Name,
        /// In whose tree; `None` is any.
        server: Option<u8>,
    },
    /// `record(hello) in t-1`: the leader's log has a record of this value.
    RecordIn {
        /// The value.
        value: Name,
        /// Where.
        tp: TopicPartition,
    },
    /// `key(C) only in t-1`: there are records of this key, and all of the topic's are there.
    KeyOnlyIn {
        /// The key.
        key: Name,
        /// Where.
        tp: TopicPartition,
    },
    /// `idle(c4)`: it runs, is a member of its group, and has no partition.
    Idle(Name),
    /// `every record acked`: at least one was sent, and all are acknowledged and not lost.
    EveryRecordAcked,
}

/// Something that at most one thing is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Role {
    /// `leader(t-0)`
    Leader(TopicPartition),
    /// `controller`
    Controller,
    /// `coordinator(g)`
    Coordinator(Name),
    /// `owner(g,t-0)`: the member, by client id, to which the coordinator has given it.
    Owner(Name, TopicPartition),
    /// `zookeeper_leader`: the server that leads the ensemble.
    ZooKeeperLeader,
    /// `transaction(id)`: its state as its coordinator has it, `Ongoing`, `CompleteCommit` and so on.
    Transaction(Name),
    /// `last_error(c)`: the last error that a producer or a consumer met, in Kafka's name.
    LastError(Name),
    /// `config(t,min.insync.replicas)`: what is set for the topic; `none` where Kafka's default holds.
    Config(Name, Name),
}

/// Something that lists things.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum List {
    /// `isr(t-0)`: in the order of the `state` znode.
    Isr(TopicPartition),
    /// `replicas(t-0)`: the preferred leader first.
    Replicas(TopicPartition),
    /// `assignment(c1)`: what the consumer believes to own, sorted.
    Assignment(Name),
    /// `member_ids(g)`: client ids of the members, sorted.
    MemberIds(Name),
    /// `where(C,t)`: partitions of topic t with records of the key, sorted.
    Where(Name, Name),
    /// `registered`: ids of brokers that have a znode below /brokers/ids.
    Registered,
    /// `known_brokers(103)`: those that broker 103 tells its clients.
    KnownBrokers(BrokerId),
    /// `leaders(t-0)`: brokers that run and believe that they lead it.
    Leaders(TopicPartition),
}

/// Something that has a state.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Subject {
    /// `broker(102)`
    Broker(BrokerId),
    /// `zookeeper(1)`
    ZooKeeper(u8),
    /// `client(c1)`: a producer or a consumer.
    Client(Name),
    /// `group(g)`
    Group(Name),
}

/// How numbers are compared.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Comparison {
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `>=`
    AtLeast,
    /// `<=`
    AtMost,
    /// `>`
    More,
    /// `<`
    Less,
}

impl Comparison {
    /// All with their signs, two-letter ones first.
    pub(super) const ALL: [(Self, &'static str); 6] = [
        (Self::NotEqual, "!="),
        (Self::AtLeast, ">="),
        (Self::AtMost, "<="),
        (Self::Equal, "="),
        (Self::More, ">"),
        (Self::Less, "<"),
    ];

    /// Whether it holds.
    pub fn holds(self, left: i64, right: i64) -> bool {
        match self {
            Self::Equal => left == right,
            Self::NotEqual => left != right,
            Self::AtLeast => left >= right,
            Self::AtMost => left <= right,
            Self::More => left > right,
            Self::Less => left < right,
        }
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(Self::ALL.iter().find(|(comparison, _)| comparison == self).map_or("=", |(_, sign)| sign))
    }
}

impl fmt::Display for Predicate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, row) in self.alternatives.iter().enumerate() {
            if at > 0 {
                f.write_str(" or ")?;
            }
            for (at, literal) in row.iter().enumerate() {
                if at > 0 {
                    f.write_str(" and ")?;
                }
                if literal.negated {
                    f.write_str("not ")?;
                }
                write!(f, "{}", literal.fact)?;
            }
        }
        Ok(())
    }
}

fn sign(equal: bool) -> &'static str {
    if equal { "=" } else { "!=" }
}

/// Things divided by commas, `none` if there are none.
pub(super) fn items_text(items: &[Name]) -> String {
    if items.is_empty() { "none".into() } else { items.iter().map(|item| &**item).collect::<Vec<_>>().join(",") }
}

impl fmt::Display for Fact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number { quantity, comparison, value } => write!(f, "{quantity} {comparison} {value}"),
            Self::One { role, equal, value } => {
                write!(f, "{role} {} {}", sign(*equal), value.as_deref().unwrap_or("none"))
            }
            Self::List { list, equal, items } => write!(f, "{list} {} {}", sign(*equal), items_text(items)),
            Self::Contains { list, item } => write!(f, "{list} contains {item}"),
            Self::State { subject, state } => write!(f, "{subject} is {state}"),
            Self::TopicExists(topic) => write!(f, "topic({topic}) exists"),
            Self::ZnodeExists { path, server: None } => write!(f, "znode({path}) exists"),
            Self::ZnodeExists { path, server: Some(server) } => write!(f, "znode({path},{server}) exists"),
            Self::RecordIn { value, tp } => write!(f, "record({value}) in {tp}"),
            Self::KeyOnlyIn { key, tp } => write!(f, "key({key}) only in {tp}"),
            Self::Idle(client) => write!(f, "idle({client})"),
            Self::EveryRecordAcked => f.write_str("every record acked"),
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Leader(tp) => write!(f, "leader({tp})"),
            Self::Controller => f.write_str("controller"),
            Self::Coordinator(group) => write!(f, "coordinator({group})"),
            Self::Owner(group, tp) => write!(f, "owner({group},{tp})"),
            Self::ZooKeeperLeader => f.write_str("zookeeper_leader"),
            Self::Transaction(id) => write!(f, "transaction({id})"),
            Self::LastError(client) => write!(f, "last_error({client})"),
            Self::Config(topic, name) => write!(f, "config({topic},{name})"),
        }
    }
}

impl fmt::Display for List {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Isr(tp) => write!(f, "isr({tp})"),
            Self::Replicas(tp) => write!(f, "replicas({tp})"),
            Self::Assignment(client) => write!(f, "assignment({client})"),
            Self::MemberIds(group) => write!(f, "member_ids({group})"),
            Self::Where(key, topic) => write!(f, "where({key},{topic})"),
            Self::Registered => f.write_str("registered"),
            Self::KnownBrokers(broker) => write!(f, "known_brokers({broker})"),
            Self::Leaders(tp) => write!(f, "leaders({tp})"),
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Broker(id) => write!(f, "broker({id})"),
            Self::ZooKeeper(id) => write!(f, "zookeeper({id})"),
            Self::Client(name) => write!(f, "client({name})"),
            Self::Group(name) => write!(f, "group({name})"),
        }
    }
}
