//! A command as lines of the script: of Kafka's tools where there is one, of Docker for what happens to processes and
//! their network, else a comment that says what is missing.

use super::shell::{BOOTSTRAP, address, service};
use crate::collections::BTreeMap;
use crate::command::{Command, NodeRef, Work, split};
use crate::ids::{Name, NodeId};
use crate::timeline::Timeline;

/// What the script does.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Line {
    /// One of Kafka's tools.
    Tool {
        /// Its name and what is behind it.
        words: Vec<String>,
        /// What it reads, a line each.
        stdin: Vec<String>,
    },
    /// A line of the shell.
    Shell(String),
    /// Something to know.
    Comment(String),
}

/// Producers as they were made: each `send` becomes a run of the console producer.
#[derive(Clone, Debug, Default)]
pub(super) struct Clients {
    producers: BTreeMap<Name, (Option<Name>, Vec<(Name, Name)>)>,
    /// What happened to them is no longer what happens here.
    pub astray: bool,
    /// Topics whose records lie where chance put them.
    pub by_chance: Vec<Name>,
    /// Topics whose replicas lie where chance put them.
    pub placed_by_chance: Vec<Name>,
    /// Console consumers that read on until they are stopped.
    consoles: u32,
}

impl Clients {
    /// The lines of one command at the moment before it is carried out.
    pub(super) fn lines(&mut self, command: &Command, at: &Timeline) -> Vec<Line> {
        let resolved = |node: &NodeRef| at.world().resolve(node).ok();
        match command {
            Command::Kill(node) => on_process(resolved(node), "kill"),
            Command::PowerOff(node) => {
                let mut lines = vec![Line::Comment(
                    "a power failure loses what was not flushed, too; a killed container keeps it".into(),
                )];
                lines.extend(on_process(resolved(node), "kill"));
                lines
            }
            Command::Stop(node) => on_process(resolved(node), "stop"),
            Command::Start(node) => on_process(resolved(node), "start"),
            Command::Pause(node) => on_process(resolved(node), "pause"),
            Command::Resume(node) => on_process(resolved(node), "unpause"),
            Command::Cut { a, b, one_way } => {
                let (Some(a), Some(b)) = (resolved(a), resolved(b)) else { return self.not_here(command) };
                let mut lines = vec![drops(&a, &b, at)];
                if !one_way {
                    lines.push(drops(&b, &a, at));
                }
                lines.into_iter().collect::<Option<Vec<_>>>().unwrap_or_else(|| self.not_here(command))
            }
            Command::Isolate(node) => match resolved(node).as_ref().and_then(service) {
                Some(service) => vec![Line::Shell(format!("net {service} iptables -A INPUT ! -i lo -j DROP"))],
                None => self.not_here(command),
            },
            Command::Delay { a, b, by } => {
                let (Some(a), Some(b)) = (resolved(a), resolved(b)) else { return self.not_here(command) };
                [slows(&a, &b, by.as_ms(), at), slows(&b, &a, by.as_ms(), at)]
                    .into_iter()
                    .collect::<Option<Vec<_>>>()
                    .unwrap_or_else(|| self.not_here(command))
            }
            Command::Heal(which) => heals(*which, at),
            Command::Producer { client, topic, configs } => {
                self.producers.insert(client.clone(), (topic.clone(), configs.clone()));
                Vec::new()
            }
            Command::Send { .. } => self.send(command, at),
            Command::Consumer { client, group, topics, include, configs, work } => {
                let mut lines = Vec::new();
                if *work != Work::default() {
                    self.astray = true;
                    lines.push(Line::Comment(format!(
                        "{client} is an application with work of its own here ({command}); the console consumer only prints"
                    )));
                }
                let (bootstrap, configs) = bootstrap_of(configs);
                let mut words = own(&["/opt/kafka/bin/kafka-console-consumer.sh", "--bootstrap-server", bootstrap]);
                match (include, &topics[..]) {
                    (Some(include), _) => words.extend(own(&["--include", include])),
                    (None, [topic]) => words.extend(own(&["--topic", topic])),
                    (None, several) => {
                        let names: Vec<String> = several.iter().map(|name| name.replace('.', r"\.")).collect();
                        words.extend(own(&["--include", &names.join("|")]));
                    }
                }
                if let Some(group) = group {
                    words.extend(own(&["--group", group]));
                }
                words.extend(own(&["--consumer-property", &format!("client.id={client}")]));
                for (name, value) in configs {
                    words.extend(own(&["--consumer-property", &format!("{name}={value}")]));
                }
                let name = super::shell::quoted(client);
                lines.push(Line::Shell(format!("consumer {name} {}", super::shell::line(&words))));
                lines
            }
            Command::Wait(_) => Vec::new(),
            Command::ReassignPartitions { .. }
            | Command::CancelReassignments { .. }
            | Command::DeleteRecords { .. } => with_plan(&command.to_string()),
            Command::Tool(text) => {
                let stdin: Vec<String> = text.stdin.iter().flat_map(|text| text.lines()).map(str::to_owned).collect();
                let words: Vec<String> = text.words.iter().map(ToString::to_string).collect();
                let reads_on = words.first().is_some_and(|tool| tool == "kafka-console-consumer.sh")
                    && !words.iter().any(|word| word.starts_with("--max-messages") || word.starts_with("--timeout-ms"));
                match with_address(words) {
                    words if reads_on => {
                        self.consoles += 1;
                        let line = super::shell::line(&words);
                        vec![Line::Shell(format!("consumer console-{} /opt/kafka/bin/{line}", self.consoles))]
                    }
                    words => vec![Line::Tool { words, stdin }],
                }
            }
            Command::CreateTopic { topic, assignment: None, .. } => {
                self.placed_by_chance.push(topic.clone());
                vec![tool_line(&command.to_string(), Vec::new())]
            }
            tool if tool.to_string().split(' ').next().is_some_and(|verb| verb.ends_with(".sh")) => {
                vec![tool_line(&tool.to_string(), Vec::new())]
            }
            other => self.not_here(other),
        }
    }

    fn not_here(&mut self, command: &Command) -> Vec<Line> {
        self.astray = true;
        vec![Line::Comment(format!("not done here, none of Kafka's tools can: {command}"))]
    }

    fn send(&mut self, command: &Command, at: &Timeline) -> Vec<Line> {
        let Command::Send { client, topic, partition, key, value, count } = command else { return Vec::new() };
        let (own_topic, configs) = self.producers.get(client).cloned().unwrap_or_default();
        let Some(topic) = topic.clone().or(own_topic) else { return Vec::new() };
        let is_transactional = configs.iter().any(|(name, _)| &**name == "transactional.id");
        if is_transactional || partition.is_some() {
            return self.not_here(command);
        }
        let view = at.view();
        // A topic that was only just asked for is not there yet.
        let is_single = view.topics.iter().any(|known| known.name == topic && known.partitions.len() == 1);
        if key.is_none() && !is_single && !self.by_chance.contains(&topic) {
            self.by_chance.push(topic.clone());
        }
        let (bootstrap, configs) = bootstrap_of(&configs);
        let mut words = own(&["kafka-console-producer.sh", "--bootstrap-server", bootstrap, "--topic", &topic]);
        let separator = key.as_ref().map(|key| if key.contains(':') { "\t" } else { ":" });
        if let Some(separator) = separator {
            words.extend(own(&["--property", "parse.key=true", "--property", &format!("key.separator={separator}")]));
        }
        words.extend(own(&["--producer-property", &format!("client.id={client}")]));
        for (name, value) in configs {
            words.extend(own(&["--producer-property", &format!("{name}={value}")]));
        }
        let text = |value: String| match (key, separator) {
            (Some(key), Some(separator)) => format!("{key}{separator}{value}"),
            _ => value,
        };
        let values: Vec<String> = match count {
            1 => vec![text(value.to_string())],
            many => (0..*many).map(|number| text(format!("{value}{number}"))).collect(),
        };
        vec![Line::Tool { words, stdin: values }]
    }
}

fn own(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// The brokers that a client asks first, and its other configs.
fn bootstrap_of(configs: &[(Name, Name)]) -> (&str, impl Iterator<Item = &(Name, Name)>) {
    let is_it = |entry: &&(Name, Name)| &*entry.0 == "bootstrap.servers";
    let said = configs.iter().find(is_it).map_or(BOOTSTRAP, |(_, value)| &**value);
    (said, configs.iter().filter(move |entry| !is_it(entry)))
}

/// The tool's own words, with the address of the cluster unless they have one.
pub(super) fn tool_line(text: &str, stdin: Vec<String>) -> Line {
    let words = split(text).unwrap_or_default().iter().map(ToString::to_string).collect();
    Line::Tool { words: with_address(words), stdin }
}

fn with_address(mut words: Vec<String>) -> Vec<String> {
    let is_said = |word: &String| word.starts_with("--bootstrap-server") || word.starts_with("--zookeeper");
    let by_itself = words.first().is_some_and(|tool| tool == "zookeeper-shell.sh" || tool == "kafka-dump-log.sh");
    if !by_itself && !words.is_empty() && !words.iter().any(is_said) {
        words.splice(1..1, own(&["--bootstrap-server", BOOTSTRAP]));
    }
    words
}

/// Plans are files for Kafka's tools; here they are read from standard input.
fn with_plan(text: &str) -> Vec<Line> {
    let words: Vec<String> = split(text).unwrap_or_default().iter().map(ToString::to_string).collect();
    let value = |name: &str| words.iter().skip_while(|word| *word != name).nth(1).cloned();
    let (option, plan) = match (value("--reassignment-json"), value("--offset-json")) {
        (Some(plan), _) => ("--reassignment-json-file", plan),
        (_, Some(plan)) => ("--offset-json-file", plan),
        _ => {
            // One partition: the short form of the command line.
            let topic = value("--topic").unwrap_or_default();
            let partition = value("--partition").unwrap_or_default();
            let head = format!("\"topic\":\"{topic}\",\"partition\":{partition}");
            match (value("--offset"), value("--replicas")) {
                (Some(offset), _) => {
                    ("--offset-json-file", format!("{{\"partitions\":[{{{head},\"offset\":{offset}}}],\"version\":1}}"))
                }
                (_, replicas) => (
                    "--reassignment-json-file",
                    // A plan that is cancelled needs its replicas' list, not what is in it.
                    format!(
                        "{{\"version\":1,\"partitions\":[{{{head},\"replicas\":[{}]}}]}}",
                        replicas.unwrap_or_default()
                    ),
                ),
            }
        }
    };
    let verbs = ["--execute", "--cancel"];
    let mut short = own(&[words.first().map_or("", String::as_str), "--bootstrap-server", BOOTSTRAP]);
    short.extend(words.iter().filter(|word| verbs.contains(&word.as_str())).cloned());
    short.extend(own(&[option, "/dev/stdin"]));
    vec![Line::Tool { words: short, stdin: vec![plan] }]
}

fn on_process(node: Option<NodeId>, verb: &str) -> Vec<Line> {
    let Some(node) = node else { return Vec::new() };
    let Some(service) = service(&node) else {
        return vec![Line::Shell(format!("docker {verb} {}", super::shell::quoted(&node.to_string())))];
    };
    // A controlled shutdown may take longer than the ten seconds that Docker grants.
    let verb = if verb == "stop" { "stop -t 300" } else { verb };
    let mut lines = vec![Line::Shell(format!("docker compose {verb} {service}"))];
    if verb == "start" && matches!(node, NodeId::Broker(_)) {
        lines.push(Line::Shell(format!("await {service}")));
    }
    lines
}

/// `a` no longer hears `b`.
fn drops(a: &NodeId, b: &NodeId, at: &Timeline) -> Option<Line> {
    let from = address(b, at.genesis())?;
    Some(Line::Shell(format!("net {} iptables -A INPUT -s {from} -j DROP", service(a)?)))
}

fn slows(a: &NodeId, b: &NodeId, ms: u64, at: &Timeline) -> Option<Line> {
    let to = address(b, at.genesis())?;
    Some(Line::Shell(format!(
        "net {} sh -c 'tc qdisc add dev eth0 root handle 1: prio && tc qdisc add dev eth0 parent 1:3 netem delay {ms}ms && \
         tc filter add dev eth0 parent 1: protocol ip u32 match ip dst {to} flowid 1:3'",
        service(a)?
    )))
}

fn heals(which: Option<u32>, at: &Timeline) -> Vec<Line> {
    let view = at.view();
    let mut services: Vec<String> = Vec::new();
    for fault in view.faults.iter().filter(|fault| which.is_none_or(|id| id == fault.id)) {
        for service in fault.between.iter().filter_map(service) {
            if !services.contains(&service) {
                services.push(service);
            }
        }
    }
    let heal = |service: String| {
        Line::Shell(format!("net {service} sh -c 'iptables -F; tc qdisc del dev eth0 root 2>/dev/null; true'"))
    };
    services.into_iter().map(heal).collect()
}
