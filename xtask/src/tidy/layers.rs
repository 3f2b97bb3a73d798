//! The order of core's modules.

use super::Finding;
use super::source::Source;

/// Layers from the top: a module imports only from layers before its own (in the first, everything is
/// small and may import its neighbours). Modules of one layer are siblings that meet only in messages.
const LAYERS: &[&[&str]] = &[
    &["ids", "time", "rng", "collections", "json", "guard", "beside"],
    &["log"],
    // A topic's configs say how its logs are kept, so they know the log.
    &["config"],
    &["protocol"],
    &["machine", "command"],
    &["zk_client", "client"],
    &["zookeeper", "controller", "group", "transaction", "broker", "producer", "consumer", "admin"],
    &["transform", "shell"],
    &["sim"],
    &["invariant", "trace"],
    &["view"],
    &["timeline"],
    &["take_home"],
    &["lesson"],
];

/// What may break the order, and why.
const EXCEPTIONS: &[(&str, &str)] = &[
    // A broker's process hosts the controller and both coordinators, as Kafka's does.
    ("broker", "controller"),
    ("broker", "group"),
    ("broker", "transaction"),
    // The leader of a group assigns partitions: a pure function that lives beside the group's rules.
    ("consumer", "group::assignor"),
    // The log refuses a batch with one of Kafka's error codes, and these are numbers of the protocol.
    ("log", "protocol::ErrorCode"),
    ("log", "protocol::error"),
];

pub fn check(sources: &[Source]) -> Vec<Finding> {
    sources.iter().filter(|source| source.is_core() && source.path != "core/src/lib.rs").flat_map(check_file).collect()
}

fn check_file(source: &Source) -> Vec<Finding> {
    let own = module_of(&source.path);
    let Some(own_layer) = layer_of(own) else {
        let what = format!("module `{own}` has no layer: give it one in xtask/src/tidy/layers.rs");
        return vec![Finding::new(&source.path, what)];
    };
    let mut findings = Vec::new();
    for (line, used) in used_paths(&source.code) {
        let module = used.split("::").next().unwrap_or_default();
        let excepted = |(from, to): &(&str, &str)| {
            *from == own && (used == *to || used.strip_prefix(to).is_some_and(|rest| rest.starts_with("::")))
        };
        if module == own || EXCEPTIONS.iter().any(excepted) {
            continue;
        }
        match layer_of(module) {
            Some(layer) if layer < own_layer || (layer == own_layer && layer == 0) => {}
            Some(_) => findings.push(Finding::at(&source.path, line, format!("`{own}` must not import crate::{used}"))),
            // Not a module: a macro or an item of lib.rs.
            None if module.chars().next().is_some_and(char::is_uppercase) => {}
            None => findings.push(Finding::at(&source.path, line, format!("crate::{module} has no layer"))),
        }
    }
    findings
}

fn module_of(path: &str) -> &str {
    let inside = path.trim_start_matches("core/src/");
    inside.split('/').next().unwrap_or(inside).trim_end_matches(".rs")
}

fn layer_of(module: &str) -> Option<usize> {
    LAYERS.iter().position(|layer| layer.contains(&module))
}

/// Every path after `crate::`, groups spelled out to their second part: `crate::{a::B, c}` gives
/// `a::B` and `c`.
fn used_paths(code: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (at, marker) in code.match_indices("crate::") {
        // `$crate::` in a macro is the same crate; `xcrate::` is none.
        let before = code.get(..at).and_then(|text| text.chars().next_back());
        if before.is_some_and(|letter| letter.is_alphanumeric() || letter == '_') {
            continue;
        }
        let line = code.get(..at).unwrap_or_default().matches('\n').count() + 1;
        let rest = code.get(at + marker.len()..).unwrap_or_default();
        found.extend(spelled_out(rest, 2).into_iter().map(|path| (line, path)));
    }
    found
}

fn spelled_out(text: &str, parts: usize) -> Vec<String> {
    let text = text.trim_start();
    if let Some(group) = text.strip_prefix('{') {
        return members(group).into_iter().flat_map(|member| spelled_out(member, parts)).collect();
    }
    let name: String = text.chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect();
    let rest = text.get(name.len()..).unwrap_or_default();
    if name.is_empty() {
        return Vec::new();
    }
    match rest.strip_prefix("::") {
        Some(deeper) if parts > 1 => {
            let below = spelled_out(deeper, parts - 1);
            if below.is_empty() { vec![name] } else { below.iter().map(|path| format!("{name}::{path}")).collect() }
        }
        _ => vec![name],
    }
}

/// The members of a group whose opening brace is already gone.
fn members(group: &str) -> Vec<&str> {
    let (mut depth, mut start, mut found) = (0i32, 0, Vec::new());
    for (at, letter) in group.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' if depth == 0 => {
                found.extend(group.get(start..at));
                return found;
            }
            '}' => depth -= 1,
            ',' if depth == 0 => {
                found.extend(group.get(start..at));
                start = at + 1;
            }
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(path: &str, text: &str) -> Vec<String> {
        check(&[Source::new(path, text)]).into_iter().map(|one| format!("{} {}", one.place, one.what)).collect()
    }

    #[test]
    fn looking_up_is_allowed_and_looking_down_is_not() {
        assert_eq!(findings("core/src/sim/world.rs", "use crate::broker::Broker;\nuse crate::ids::Name;"), [""; 0]);
        assert_eq!(
            findings("core/src/log/mod.rs", "use crate::ids::Name;\n// use crate::sim::World;\nuse crate::sim::World;"),
            ["core/src/log/mod.rs:3 `log` must not import crate::sim::World"]
        );
    }

    #[test]
    fn siblings_meet_only_in_messages_but_the_broker_hosts_its_coordinators() {
        assert_eq!(findings("core/src/broker/groups.rs", "use crate::group::Coordinator;"), [""; 0]);
        assert_eq!(findings("core/src/group/mod.rs", "use crate::broker::Broker;").len(), 1);
        assert_eq!(findings("core/src/producer/mod.rs", "fn a(x: crate::consumer::X) {}").len(), 1);
    }

    #[test]
    fn groups_and_exceptions_are_read_to_the_second_part() {
        assert_eq!(findings("core/src/log/a.rs", "use crate::protocol::{ErrorCode};"), [""; 0]);
        assert_eq!(findings("core/src/log/a.rs", "use crate::protocol::{ErrorCode, Request};").len(), 1);
        assert_eq!(findings("core/src/log/a.rs", "use crate::{\n ids::{A, B},\n view::{C, D},\n};").len(), 2);
    }

    #[test]
    fn a_new_module_needs_a_place() {
        assert_eq!(findings("core/src/surprise.rs", "").len(), 1);
    }
}
