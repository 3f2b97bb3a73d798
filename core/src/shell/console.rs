//! What both console tools share: `key=value` properties, and configs out of options.

use super::options::Options;
use super::script::Flow;
use crate::config::ConfigKind;
use crate::ids::Name;

/// `CommandLineUtils.parseKeyValueArgs`; of several values the last holds.
pub(super) fn properties(options: &Options, name: &str) -> Vec<(Name, Name)> {
    let mut properties: Vec<(Name, Name)> = Vec::new();
    for text in options.values(name) {
        let (key, value) = text.split_once('=').unwrap_or((&text, ""));
        set(&mut properties, key, value);
    }
    properties
}

/// `Properties.put`
pub(super) fn set(properties: &mut Vec<(Name, Name)>, key: &str, value: &str) {
    properties.retain(|(known, _)| &**known != key);
    properties.push((key.into(), value.into()));
}

/// `Properties.getProperty`
pub(super) fn get<'a>(properties: &'a [(Name, Name)], key: &str) -> Option<&'a str> {
    properties.iter().find(|(known, _)| &**known == key).map(|(_, value)| &**value)
}

/// `getBoolProperty`
pub(super) fn is_true(properties: &[(Name, Name)], key: &str, default: bool) -> bool {
    get(properties, key).map_or(default, |text| text.trim().eq_ignore_ascii_case("true"))
}

/// `maybeMergeOptions`: an option that is given, or the property, or the option's default.
pub(super) fn merge(
    options: &Options,
    properties: &mut Vec<(Name, Name)>,
    key: &str,
    option: &str,
    default: &str,
) -> Flow<()> {
    let given = options.checked(option)?;
    if given.is_some() || get(properties, key).is_none() {
        set(properties, key, given.as_deref().unwrap_or(default));
    }
    Ok(())
}

/// What the client library knows; of the rest Kafka's only warns.
pub(super) fn known(properties: Vec<(Name, Name)>, kind: ConfigKind) -> Vec<(Name, Name)> {
    let is_known = |key: &str| key != "bootstrap.servers" && (key == "client.id" || kind.find(key).is_some());
    properties.into_iter().filter(|(key, _)| is_known(key)).collect()
}
