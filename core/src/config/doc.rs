//! What the configs that a learner meets do, in one sentence each. Keys that are not here have none.

use crate::beside::beside;

fn docs() -> &'static str {
    beside!("config/tables/docs.txt").text()
}

/// What a key does; empty if it is not told here.
pub fn doc_of(name: &str) -> &'static str {
    let found = docs().lines().filter_map(|line| line.split_once('|')).find(|(key, _)| *key == name);
    found.map_or("", |(_, text)| text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::ConfigKind;

    #[test]
    fn every_key_that_is_told_exists() {
        let kinds = [ConfigKind::Broker, ConfigKind::Topic, ConfigKind::Producer, ConfigKind::Consumer];
        for (key, text) in docs().lines().filter_map(|line| line.split_once('|')) {
            assert!(kinds.iter().any(|kind| kind.find(key).is_some()), "{key}");
            assert!(text.ends_with('.'), "{key}");
        }
        assert!(doc_of("acks").contains("replicas"));
        assert_eq!(doc_of("nothing"), "");
    }
}
