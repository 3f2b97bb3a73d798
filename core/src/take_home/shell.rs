//! Words as a shell reads them, and names of the cluster's nodes in the Compose file.

use crate::ids::{BrokerId, NodeId};
use crate::sim::Genesis;

/// Stands for the addresses of all brokers.
pub(super) const BOOTSTRAP: &str = "$BOOTSTRAP";

/// A word that the shell takes as it is.
pub(super) fn quoted(word: &str) -> String {
    if word == BOOTSTRAP {
        return format!("\"{word}\"");
    }
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-./:,=+@%".contains(&byte);
    if !word.is_empty() && word.bytes().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

/// A line of words.
pub(super) fn line(words: &[String]) -> String {
    words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ")
}

/// `broker-101:9092,broker-102:9092`
pub(super) fn addresses(brokers: &[BrokerId]) -> String {
    brokers.iter().map(|id| format!("broker-{id}:9092")).collect::<Vec<_>>().join(",")
}

/// `zookeeper-1:2181,zookeeper-2:2181`
pub(super) fn ensemble(servers: u8) -> String {
    (1..=servers).map(|id| format!("zookeeper-{id}:2181")).collect::<Vec<_>>().join(",")
}

/// The node's service; `None` for a client, which is a container of its own.
pub(super) fn service(node: &NodeId) -> Option<String> {
    match node {
        NodeId::Broker(id) => Some(format!("broker-{id}")),
        NodeId::ZooKeeper(id) => Some(format!("zookeeper-{id}")),
        NodeId::Client(_) => None,
    }
}

/// The node's address in the Compose file's network: fixed, so that a line of the script can cut it off.
pub(super) fn address(node: &NodeId, genesis: &Genesis) -> Option<String> {
    match node {
        NodeId::ZooKeeper(id) => Some(format!("172.28.1.{id}")),
        NodeId::Broker(id) => {
            let place = genesis.brokers.iter().position(|known| known == id)?;
            Some(format!("172.28.{}.{}", 2 + place / 200, 1 + place % 200))
        }
        NodeId::Client(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_reads_each_word_as_it_is() {
        for (word, written) in [
            ("--topic", "--topic"),
            ("", "''"),
            ("a b", "'a b'"),
            ("it's $HOME", r"'it'\''s $HOME'"),
            ("$BOOTSTRAP", "\"$BOOTSTRAP\""),
            ("{\"a\":1}", "'{\"a\":1}'"),
        ] {
            assert_eq!(quoted(word), written);
        }
    }
}
