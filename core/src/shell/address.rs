//! `bootstrap.servers` of a tool's line (`ClientUtils.parseAndValidateAddresses`).
//!
//! Simplified: of a host the digits count, so that `broker-101:9092`, `101:9092` and `b101:9092` are all broker 101.

use super::thrown::Thrown;
use crate::ids::{BrokerId, Name};

/// Kafka's port; at another nobody listens.
const PORT: u16 = 9092;
/// An address that is one, and nobody's.
const NOBODY: BrokerId = -1;
/// What the message of an exception begins with that comes before the client's first call.
pub(super) const NO_CLIENT: &str = "Failed to create new KafkaAdminClient";

/// The name of the option that a word is: jopt-simple takes one hyphen for two.
pub(super) fn option_of(word: &str) -> Option<&str> {
    word.strip_prefix("--").or_else(|| word.strip_prefix('-'))?.split('=').next()
}

/// What stands behind an option of the line.
fn value_of<'a>(words: &'a [Name], option: &str) -> Option<&'a str> {
    let at = words.iter().position(|word| option_of(word) == Some(option))?;
    let next = words.get(at + 1).map(|value| &**value);
    words[at].split_once('=').map(|(_, value)| value).or(next)
}

/// What the line says of where the cluster is; `None` if it says nothing.
fn said(words: &[Name]) -> Option<&str> {
    // With other tools it is a list of ids.
    let is_older = |tool: &Name| matches!(&**tool, "kafka-get-offsets.sh" | "kafka-console-producer.sh");
    let older = || words.first().filter(|tool| is_older(tool)).and_then(|_| value_of(words, "broker-list"));
    value_of(words, "bootstrap-server").or_else(older)
}

/// Host and port; `None` if it is no address.
fn parts(url: &str) -> Option<(&str, u16)> {
    let (host, port) = url.trim().rsplit_once(':')?;
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-%._".contains(c);
    let is_host = !host.is_empty() && host.chars().all(is_plain);
    Some((host, port.parse().ok()?)).filter(|_| is_host)
}

/// The brokers that a tool with this line asks first: all, where it does not say.
///
/// # Errors
/// What Kafka says of a list in which one is no address, or that nobody can find.
pub(crate) fn servers(words: &[Name], brokers: &[BrokerId]) -> Result<Vec<BrokerId>, String> {
    let Some(list) = said(words) else { return Ok(brokers.to_vec()) };
    let mut found = Vec::new();
    for url in list.split(',').filter(|url| !url.trim().is_empty()) {
        let (host, port) = parts(url).ok_or_else(|| format!("Invalid url in bootstrap.servers: {}", url.trim()))?;
        let id = host.trim_start_matches(|c: char| !c.is_ascii_digit()).parse().ok();
        let here = matches!(host, "localhost" | "127.0.0.1");
        match id.filter(|id| !here && brokers.contains(id)) {
            Some(id) if port == PORT => found.push(id),
            Some(_) => found.push(NOBODY),
            None if here => found.push(NOBODY),
            None => {}
        }
    }
    if found.is_empty() {
        return Err("No resolvable bootstrap urls given in bootstrap.servers".into());
    }
    Ok(found)
}

/// `ToolsUtils.validatePortOrExit`: true if every part of the list is an address.
pub(super) fn is_valid(list: &str) -> bool {
    list.split(',').all(|url| parts(url).is_some())
}

/// What becomes of a client whose bootstrap servers are refused with this message.
pub(super) fn no_client(what: &str, message: &str) -> Thrown {
    let mut thrown = Thrown::new("org.apache.kafka.common.KafkaException", what);
    thrown.cause = Some(Box::new(Thrown::new("org.apache.kafka.common.config.ConfigException", message)));
    thrown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_servers_is_who_is_asked_first() {
        let none = "No resolvable bootstrap urls given in bootstrap.servers";
        for (words, expected) in [
            ("kafka-topics.sh --list", Ok(vec![101, 102])),
            ("kafka-topics.sh --bootstrap-server broker-102:9092 --list", Ok(vec![102])),
            ("kafka-topics.sh --bootstrap-server=102:9092,broker-101:9092", Ok(vec![102, 101])),
            ("kafka-topics.sh --bootstrap-server broker-999:9092,broker-101:9092", Ok(vec![101])),
            ("kafka-topics.sh --bootstrap-server broker-101:9093", Ok(vec![NOBODY])),
            ("kafka-topics.sh --bootstrap-server localhost:9092", Ok(vec![NOBODY])),
            ("kafka-topics.sh --bootstrap-server broker-999:9092", Err(none)),
            ("kafka-topics.sh --bootstrap-server nonsense", Err("Invalid url in bootstrap.servers: nonsense")),
            ("kafka-topics.sh --bootstrap-server a:b:c", Err("Invalid url in bootstrap.servers: a:b:c")),
            ("kafka-get-offsets.sh --broker-list broker-102:9092", Ok(vec![102])),
            ("kafka-topics.sh -bootstrap-server broker-102:9092 -list", Ok(vec![102])),
            ("kafka-reassign-partitions.sh --generate --broker-list 101", Ok(vec![101, 102])),
            ("kafka-reassign-partitions.sh --broker-list 101 --bootstrap-server broker-102:9092", Ok(vec![102])),
            ("kafka-log-dirs.sh --describe --broker-list 101 --bootstrap-server broker-102:9092", Ok(vec![102])),
            ("kafka-topics.sh --list --bootstrap-server", Ok(vec![101, 102])),
        ] {
            let words: Vec<Name> = words.split(' ').map(Name::from).collect();
            assert_eq!(servers(&words, &[101, 102]), expected.map_err(str::to_owned), "{words:?}");
        }
    }
}
