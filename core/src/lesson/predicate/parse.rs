//! From text to statement.

use std::fmt;

use super::quantity::quantity;
use super::{Comparison, Fact, List, Literal, Predicate, Quantity, Role, Subject};
use crate::ids::{Name, TopicPartition};

/// Why a text is no statement.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PredicateError(pub String);

impl fmt::Display for PredicateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for PredicateError {}

fn expected<T>(what: &str, found: &str) -> Result<T, PredicateError> {
    let found = if found.is_empty() { "nothing" } else { found };
    Err(PredicateError(format!("{what} is expected, found {found}")))
}

const PROCESS_STATES: [&str; 5] = ["running", "starting", "stopping", "paused", "dead"];
const GROUP_STATES: [&str; 5] = ["Empty", "PreparingRebalance", "CompletingRebalance", "Stable", "Dead"];
const FACTS: &str = "leader(T-P) = N, isr(T-P) = N,N, broker(N) is running, high_watermark(T-P) >= N, \
                     assignment(C) = T-P,T-P, topic(T) exists, record(V) in T-P, every record acked or another statement";

impl Predicate {
    /// Reads a statement.
    ///
    /// # Errors
    /// What was expected and what was found.
    pub fn parse(text: &str) -> Result<Self, PredicateError> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let mut alternatives = Vec::new();
        for alternative in words.split(|word| *word == "or") {
            let row: Result<Vec<Literal>, PredicateError> =
                alternative.split(|word| *word == "and").map(literal).collect();
            alternatives.push(row?);
        }
        Ok(Self { alternatives })
    }
}

fn literal(words: &[&str]) -> Result<Literal, PredicateError> {
    match words {
        ["not", rest @ ..] => Ok(Literal { negated: true, fact: fact(rest)? }),
        _ => Ok(Literal { negated: false, fact: fact(words)? }),
    }
}

/// `name(argument,argument)` taken apart.
pub(super) struct Term<'a> {
    pub(super) name: &'a str,
    pub(super) arguments: Vec<&'a str>,
}

fn is_plain(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '/' | ':'))
}

fn term(word: &str) -> Result<Term<'_>, PredicateError> {
    let Some((name, rest)) = word.split_once('(') else { return Ok(Term { name: word, arguments: Vec::new() }) };
    let Some(inner) = rest.strip_suffix(')') else { return expected("a closing )", word) };
    let arguments: Vec<&str> = inner.split(',').collect();
    match arguments.iter().find(|argument| !is_plain(argument)) {
        Some(wrong) => expected("a name of letters, digits and . _ - / :", wrong),
        None => Ok(Term { name, arguments }),
    }
}

pub(super) fn number<T: std::str::FromStr>(text: &str) -> Result<T, PredicateError> {
    text.parse().or_else(|_| expected("a number", text))
}

pub(super) fn partition(text: &str) -> Result<TopicPartition, PredicateError> {
    match TopicPartition::parse(text).filter(|tp| tp.partition >= 0 && is_plain(&tp.topic)) {
        Some(tp) => Ok(tp),
        None => expected("TOPIC-PARTITION", text),
    }
}

fn item(text: &str) -> Result<Name, PredicateError> {
    if is_plain(text) { Ok(text.into()) } else { expected("a name", text) }
}

fn items(text: &str) -> Result<Vec<Name>, PredicateError> {
    if text == "none" { Ok(Vec::new()) } else { text.split(',').map(item).collect() }
}

fn role(term: &Term<'_>) -> Result<Option<Role>, PredicateError> {
    Ok(Some(match (term.name, term.arguments.as_slice()) {
        ("leader", [tp]) => Role::Leader(partition(tp)?),
        ("controller", []) => Role::Controller,
        ("coordinator", [group]) => Role::Coordinator((*group).into()),
        ("zookeeper_leader", []) => Role::ZooKeeperLeader,
        ("transaction", [id]) => Role::Transaction((*id).into()),
        ("last_error", [client]) => Role::LastError((*client).into()),
        ("config", [topic, name]) => Role::Config((*topic).into(), (*name).into()),
        ("owner", [group, tp]) => Role::Owner((*group).into(), partition(tp)?),
        _ => return Ok(None),
    }))
}

fn list(term: &Term<'_>) -> Result<Option<List>, PredicateError> {
    Ok(Some(match (term.name, term.arguments.as_slice()) {
        ("isr", [tp]) => List::Isr(partition(tp)?),
        ("replicas", [tp]) => List::Replicas(partition(tp)?),
        ("assignment", [client]) => List::Assignment((*client).into()),
        ("member_ids", [group]) => List::MemberIds((*group).into()),
        ("registered", []) => List::Registered,
        ("known_brokers", [broker]) => List::KnownBrokers(number(broker)?),
        ("leaders", [tp]) => List::Leaders(partition(tp)?),
        ("where", [key, topic]) => List::Where((*key).into(), (*topic).into()),
        _ => return Ok(None),
    }))
}

fn subject(term: &Term<'_>) -> Result<Option<Subject>, PredicateError> {
    Ok(Some(match (term.name, term.arguments.as_slice()) {
        ("broker", [id]) => Subject::Broker(number(id)?),
        ("zookeeper", [id]) => Subject::ZooKeeper(number(id)?),
        ("client", [name]) => Subject::Client((*name).into()),
        ("group", [name]) => Subject::Group((*name).into()),
        _ => return Ok(None),
    }))
}

fn fact(words: &[&str]) -> Result<Fact, PredicateError> {
    let [first, rest @ ..] = words else { return expected(FACTS, "") };
    if words == ["every", "record", "acked"] {
        return Ok(Fact::EveryRecordAcked);
    }
    let term = term(first)?;
    if let Some(quantity) = quantity(&term)? {
        return of_number(quantity, rest);
    }
    if let Some(role) = role(&term)? {
        return match rest {
            [sign @ ("=" | "!="), value] => {
                let value = if *value == "none" { None } else { Some(item(value)?) };
                Ok(Fact::One { role, equal: *sign == "=", value })
            }
            _ => expected(&format!("= or != and a name or none after {role}"), &rest.join(" ")),
        };
    }
    if let Some(list) = list(&term)? {
        return match rest {
            [sign @ ("=" | "!="), value] => Ok(Fact::List { list, equal: *sign == "=", items: items(value)? }),
            ["contains", value] => Ok(Fact::Contains { list, item: item(value)? }),
            _ => expected(&format!("= A,B or contains A after {list}"), &rest.join(" ")),
        };
    }
    if let Some(subject) = subject(&term)? {
        return of_state(subject, rest);
    }
    match (term.name, term.arguments.as_slice(), rest) {
        ("topic", [topic], ["exists"]) => Ok(Fact::TopicExists((*topic).into())),
        ("znode", [path], ["exists"]) => Ok(Fact::ZnodeExists { path: (*path).into(), server: None }),
        ("znode", [path, server], ["exists"]) => {
            Ok(Fact::ZnodeExists { path: (*path).into(), server: Some(number(server)?) })
        }
        ("record", [value], ["in", tp]) => Ok(Fact::RecordIn { value: (*value).into(), tp: partition(tp)? }),
        ("key", [key], ["only", "in", tp]) => Ok(Fact::KeyOnlyIn { key: (*key).into(), tp: partition(tp)? }),
        ("idle", [client], []) => Ok(Fact::Idle((*client).into())),
        _ => expected(FACTS, &words.join(" ")),
    }
}

fn of_number(quantity: Quantity, rest: &[&str]) -> Result<Fact, PredicateError> {
    if let [sign, value] = rest
        && let Some((comparison, _)) = Comparison::ALL.iter().find(|(_, known)| known == sign)
    {
        return Ok(Fact::Number { quantity, comparison: *comparison, value: number(value)? });
    }
    expected(&format!("=, !=, >=, <=, > or < and a number after {quantity}"), &rest.join(" "))
}

fn of_state(subject: Subject, rest: &[&str]) -> Result<Fact, PredicateError> {
    let known: &[&str] = if matches!(subject, Subject::Group(_)) { &GROUP_STATES } else { &PROCESS_STATES };
    match rest {
        ["is", state] if known.contains(state) => Ok(Fact::State { subject, state: (*state).into() }),
        _ => expected(&format!("is and one of {} after {subject}", known.join(", ")), &rest.join(" ")),
    }
}
