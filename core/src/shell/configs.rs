//! `kafka-configs.sh` (`ConfigCommand`) for topics and brokers. Leaves out `--command-config`, loggers of brokers,
//! client metrics, quotas, SCRAM credentials, and `--zookeeper`.

use super::hash_map;
use super::options::Options;
use super::script::{Flow, Script, Stop};
use super::thrown::Thrown;
use crate::admin::{AdminAnswer, AdminOp, ConfigEntry};
use crate::beside::{Beside, beside};
use crate::config::ConfigSource;
use crate::ids::Name;
use crate::protocol::ErrorCode;
use crate::protocol::admin::ConfigResource;

pub(super) const USAGE: Beside = beside!("shell/usage/kafka-configs.txt");
/// Options that name an entity, and its type.
const FLAGS: [(&str, &str); 6] = [
    ("topic", "topics"),
    ("client", "clients"),
    ("user", "users"),
    ("broker", "brokers"),
    ("broker-logger", "broker-loggers"),
    ("ip", "ips"),
];
/// Options that mean the default of a type.
const DEFAULTS: [(&str, &str); 4] = [
    ("client-defaults", "clients"),
    ("user-defaults", "users"),
    ("broker-defaults", "brokers"),
    ("ip-defaults", "ips"),
];
const TYPES: [&str; 7] = ["topics", "clients", "users", "brokers", "ips", "broker-loggers", "client-metrics"];
/// The tool waits so long for a change.
const ALTER_MS: u64 = 30_000;

pub(super) fn main(script: &mut Script<'_>) -> Flow<()> {
    match run(script) {
        Err(Stop::Thrown(thrown)) => {
            let is_plain = thrown.class.ends_with(".IllegalArgumentException")
                || thrown.class.ends_with(".InvalidConfigurationException")
                || thrown.class.starts_with("joptsimple.");
            if is_plain {
                script.err(&thrown.message);
            } else {
                let args: Vec<&str> = script.words().iter().map(|word| &**word).collect();
                script.err(&format!("Error while executing config command with args '{}'", args.join(" ")));
                script.err(&thrown.trace());
            }
            Err(Stop::Exit(1))
        }
        other => other,
    }
}

fn wrong<T>(message: impl Into<String>) -> Flow<T> {
    Err(Thrown::argument(message).into())
}

fn run(script: &mut Script<'_>) -> Flow<()> {
    let options = Options::parse(USAGE.text(), script.words())?;
    options.help_or_version(script)?;
    let (types, names) = check(&options, script)?;
    if options.has("zookeeper") {
        script.say("Warning: --zookeeper is deprecated and will be removed in a future version of Kafka.");
        script.say("Use --bootstrap-server instead to specify a broker to connect to.");
        return wrong("configs are not written to ZooKeeper directly here");
    }
    if options.has("alter") && types.len() != names.len() {
        return wrong("An entity name must be specified for every entity type");
    }
    let Some(kind) = types.first() else { return Ok(()) };
    match (kind.as_str(), options.has("alter")) {
        ("topics" | "brokers", true) => alter(&options, script, kind, names.first().map_or("", String::as_str)),
        ("topics" | "brokers", false) => describe(&options, script, kind, names.first()),
        // None are set: they cannot be.
        (_, false) => Ok(()),
        (kind, true) => wrong(format!("configs of {kind} are not simulated")),
    }
}

fn types_of(options: &Options) -> Vec<String> {
    let mut types = options.values("entity-type");
    let flags = FLAGS.iter().chain(&DEFAULTS).filter(|(flag, _)| options.has(flag));
    types.extend(flags.map(|(_, kind)| (*kind).to_owned()));
    types
}

/// Names of the entities; the default has the empty name.
fn names_of(options: &Options) -> Vec<String> {
    let mut given = options.values("entity-name").into_iter();
    let mut names: Vec<String> = Vec::new();
    for name in options.names() {
        match name {
            "entity-name" => names.extend(given.next()),
            "entity-default" => names.push(String::new()),
            _ => {}
        }
    }
    names.extend(FLAGS.iter().flat_map(|(flag, _)| options.values(flag)));
    names.extend(DEFAULTS.iter().filter(|(flag, _)| options.has(flag)).map(|_| String::new()));
    names
}

fn check(options: &Options, script: &mut Script<'_>) -> Flow<(Vec<String>, Vec<String>)> {
    if options.count(&["alter", "describe"]) != 1 {
        return options.refuse(script, "Command must include exactly one action: --describe, --alter");
    }
    options.invalid(script, "describe", &hash_map::options(&["alter", "add-config", "delete-config"]))?;
    let (types, names) = (types_of(options), names_of(options));
    let twice: Vec<&str> = types
        .iter()
        .enumerate()
        .filter(|(at, kind)| types[..*at].contains(kind))
        .map(|(_, kind)| kind.as_str())
        .collect();
    if !twice.is_empty() {
        return wrong(format!("Duplicate entity type(s) specified: {}", twice.join(",")));
    }
    let by_broker = options.count(&["bootstrap-server", "bootstrap-controller"]) > 0;
    let (allowed, connected) = if by_broker {
        (&TYPES[..], "--bootstrap-server or --bootstrap-controller")
    } else {
        (&["users", "brokers"][..], "--zookeeper")
    };
    if let Some(kind) = types.iter().find(|kind| !allowed.contains(&kind.as_str())) {
        let allowed = allowed.join(", ");
        return wrong(format!(
            "Invalid entity type {kind}, the entity type must be one of {allowed} with a {connected} argument"
        ));
    }
    if types.is_empty() {
        return wrong("At least one entity type must be specified");
    }
    if types.len() > 1 && !types.iter().all(|kind| matches!(kind.as_str(), "users" | "clients")) {
        return wrong("Only 'users' and 'clients' entity types may be specified together");
    }
    if options.count(&["entity-name", "entity-type", "entity-default"]) > 0
        && FLAGS.iter().chain(&DEFAULTS).any(|(flag, _)| options.has(flag))
    {
        return wrong("--entity-{type,name,default} should not be used in conjunction with specific entity flags");
    }
    match options.count(&["bootstrap-server", "bootstrap-controller", "zookeeper"]) {
        0 => {
            return wrong(
                "One of the required --bootstrap-server, --boostrap-controller, or --zookeeper arguments must be \
                 specified",
            );
        }
        1 => {}
        _ => return wrong("Only one of --bootstrap-server, --boostrap-controller, and --zookeeper can be specified"),
    }
    if options.has("all") && options.has("zookeeper") {
        return wrong("--bootstrap-server must be specified for --all");
    }
    if options.has("zk-tls-config-file") && !options.has("zookeeper") {
        return wrong("Only the --zookeeper option can be used with the --zk-tls-config-file option.");
    }
    check_names(options, &types, &names)?;
    Ok((types, names))
}

fn check_names(options: &Options, types: &[String], names: &[String]) -> Flow<()> {
    let is = |kind: &str| types.iter().any(|known| known == kind);
    let named = names.iter().any(|name| !name.is_empty());
    let of_types = types.join(",");
    if named && (is("brokers") || is("broker-loggers")) {
        for id in ["entity-name", "broker", "broker-logger"].iter().flat_map(|option| options.values(option)) {
            if id.parse::<i32>().is_err() {
                let kind = types.first().map_or("", String::as_str);
                return wrong(format!("The entity name for {kind} must be a valid integer broker id, but it is: {id}"));
            }
        }
    }
    if options.has("describe") {
        if is("broker-loggers") && !named {
            return wrong(format!("an entity name must be specified with --describe of {of_types}"));
        }
        return Ok(());
    }
    if ["users", "clients", "brokers", "ips"].iter().any(|kind| is(kind)) {
        if names.is_empty() {
            return wrong(
                "an entity-name or default entity must be specified with --alter of users, clients, brokers or ips",
            );
        }
    } else if !named {
        return wrong(format!("an entity name must be specified with --alter of {of_types}"));
    }
    let (add, file) = (options.has("add-config"), options.has("add-config-file"));
    if add && file {
        return wrong("Only one of --add-config or --add-config-file must be specified");
    }
    if !add && !file && !options.has("delete-config") {
        return wrong(
            "At least one of --add-config, --add-config-file, or --delete-config must be specified with --alter",
        );
    }
    Ok(())
}

/// `retention.ms=1,cleanup.policy=[compact,delete]`: commas and equals signs in brackets do not count.
fn parts(text: &str, mark: char) -> Vec<String> {
    let (mut parts, mut depth) = (vec![String::new()], 0);
    for c in text.chars() {
        match c {
            '[' => depth += 1,
            ']' => depth -= 1,
            _ => {}
        }
        if c == mark && depth <= 0 {
            parts.push(String::new());
        } else if let Some(part) = parts.last_mut() {
            part.push(c);
        }
    }
    parts
}

fn added(options: &Options, script: &mut Script<'_>) -> Flow<Vec<(Name, Name)>> {
    let mut pairs: Vec<(Name, Name)> = Vec::new();
    let mut put = |key: &str, value: &str| {
        pairs.retain(|(known, _)| &**known != key);
        pairs.push((key.into(), value.into()));
    };
    if let Some(file) = options.value("add-config-file")? {
        // `Utils.loadProps` wraps nothing.
        let text = script.file(&file).map_err(|stop| match stop {
            Stop::Thrown(thrown) => thrown.root().into(),
            other => other,
        })?;
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with(['#', '!'])) {
            let (key, value) = line.split_once(['=', ':']).unwrap_or((line, ""));
            put(key.trim(), value.trim());
        }
    }
    if let Some(text) = options.value("add-config")? {
        for part in parts(&text, ',') {
            let [key, value] = parts(&part, '=').try_into().or_else(|_| {
                wrong("requirement failed: Invalid entity config: all configs to be added must be in the format \"key=val\".")
            })?;
            put(key.trim(), value.replace(['[', ']'], "").trim());
        }
    }
    let is_key = |key: &str| key.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c));
    if let Some((key, _)) = pairs.iter().find(|(key, _)| !is_key(key)) {
        return wrong(format!("Invalid character found for config key: {key}"));
    }
    Ok(pairs)
}

/// The resource, and which of its configs are its own.
fn resource(kind: &str, name: &str) -> Flow<(ConfigResource, ConfigSource)> {
    match (kind, name) {
        ("topics", "") => {
            let message = "Topic name is invalid: the empty string is not allowed";
            Err(Thrown::execution(Thrown::of_code(ErrorCode::InvalidTopicException, message)).into())
        }
        ("topics", _) => {
            let illegal = !name.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c));
            if illegal {
                let message = format!(
                    "Topic name is invalid: '{name}' contains one or more characters other than ASCII alphanumerics, \
                     '.', '_' and '-'"
                );
                return Err(Thrown::new("org.apache.kafka.common.errors.InvalidTopicException", message).into());
            }
            Ok((ConfigResource::Topic(name.into()), ConfigSource::DynamicTopic))
        }
        (_, "") => Ok((ConfigResource::BrokerDefault, ConfigSource::DynamicDefaultBroker)),
        _ => match name.parse() {
            Ok(id) => Ok((ConfigResource::Broker(id), ConfigSource::DynamicBroker)),
            Err(_) => wrong(format!("The entity name for {kind} must be a valid integer broker id, found: {name}")),
        },
    }
}

/// `getResourceConfig`
fn configs(script: &mut Script<'_>, kind: &str, name: &str, all: bool) -> Flow<Vec<ConfigEntry>> {
    let (resource, own) = resource(kind, name)?;
    let AdminAnswer::Configs(mut entries) = script.get(AdminOp::DescribeConfigs { resource })? else {
        return Ok(Vec::new());
    };
    entries.retain(|entry| all || entry.source == own);
    Ok(entries)
}

fn singular(kind: &str) -> &str {
    kind.strip_suffix('s').unwrap_or(kind)
}

fn alter(options: &Options, script: &mut Script<'_>, kind: &str, name: &str) -> Flow<()> {
    let added = added(options, script)?;
    let values = options.values("delete-config");
    let deleted: Vec<&str> = values.iter().flat_map(|text| text.split(',')).map(str::trim).collect();
    let old = configs(script, kind, name, false)?;
    let unknown: Vec<&str> =
        deleted.iter().copied().filter(|key| !old.iter().any(|entry| &*entry.name == *key)).collect();
    if !unknown.is_empty() {
        let message = format!("Invalid config(s): {}", unknown.join(","));
        return Err(Thrown::new("org.apache.kafka.common.errors.InvalidConfigurationException", message).into());
    }
    let mut changes: Vec<(Name, Option<Name>)> = added.into_iter().map(|(key, value)| (key, Some(value))).collect();
    changes.extend(deleted.into_iter().map(|key| (key.into(), None)));
    script.timeout_ms = Some(ALTER_MS);
    script.get(AdminOp::AlterConfigs { resource: resource(kind, name)?.0, changes })?;
    script.say(&if name.is_empty() {
        format!("Completed updating default config for {kind} in the cluster.")
    } else {
        format!("Completed updating config for {} {name}.", singular(kind))
    });
    Ok(())
}

fn describe(options: &Options, script: &mut Script<'_>, kind: &str, name: Option<&String>) -> Flow<()> {
    let all = options.has("all");
    let names: Vec<String> = match name {
        Some(name) => vec![name.clone()],
        None if kind == "topics" => {
            let AdminAnswer::Topics(mut topics) = script.get(AdminOp::ListTopics)? else { return Ok(()) };
            hash_map::order(&mut topics);
            topics.iter().map(ToString::to_string).collect()
        }
        None => {
            let AdminAnswer::Cluster(cluster) = script.get(AdminOp::DescribeCluster)? else { return Ok(()) };
            cluster.brokers.iter().map(ToString::to_string).chain([String::new()]).collect()
        }
    };
    for name in names {
        script.say(&match name.as_str() {
            "" => format!("Default configs for {kind} in the cluster are:"),
            name => format!("{} configs for {} {name} are:", if all { "All" } else { "Dynamic" }, singular(kind)),
        });
        for entry in configs(script, kind, &name, all)? {
            let synonyms: Vec<String> = entry
                .synonyms
                .iter()
                .map(|(source, name, value)| format!("{}:{name}={value}", source.name()))
                .collect();
            let (name, value) = (&entry.name, &entry.value);
            script.say(&format!("  {name}={value} sensitive=false synonyms={{{}}}", synonyms.join(", ")));
        }
    }
    Ok(())
}
