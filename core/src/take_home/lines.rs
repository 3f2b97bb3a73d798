//! A command as lines of the script: of Kafka's tools where there is one, of Docker for what happens to processes and
//! their network, else a comment that says what is missing.

use super::faults::Faults;
use super::shell::{BOOTSTRAP, line, service};
use crate::collections::BTreeMap;
use crate::command::{Command, NodeRef, Work};
use crate::ids::{Name, NodeId};
use crate::shell::with_address;
use crate::sim::ProcState;
use crate::timeline::Timeline;

/// Where a tool reads what the script gives it.
pub(super) const STDIN: &str = "/dev/stdin";

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
    faults: Faults,
    /// Tools with a process of their own: they have its number in their name.
    tools: u32,
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
            Command::Start(node) => self.start(resolved(node), at),
            Command::Pause(node) => on_process(resolved(node), "pause"),
            Command::Resume(node) => on_process(resolved(node), "unpause"),
            Command::Cut { a, b, one_way } => {
                let nodes = resolved(a).zip(resolved(b));
                let lines = nodes.and_then(|(a, b)| self.faults.cut(&a, &b, *one_way, at));
                lines.unwrap_or_else(|| self.not_here(command))
            }
            Command::Isolate(node) => {
                let lines = resolved(node).and_then(|node| self.faults.isolate(&node, at));
                lines.unwrap_or_else(|| self.not_here(command))
            }
            Command::Delay { a, b, by } => {
                let nodes = resolved(a).zip(resolved(b));
                let lines = nodes.and_then(|(a, b)| self.faults.delay(&a, &b, by.as_ms(), at));
                lines.unwrap_or_else(|| self.not_here(command))
            }
            Command::Heal(which) => self.faults.heal(*which, at),
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
                lines.push(Line::Shell(format!("consumer {name} {}", line(&words))));
                lines
            }
            Command::Wait(_) => Vec::new(),
            Command::CreateTopic { topic, assignment: None, .. } => {
                self.placed_by_chance.push(topic.clone());
                self.tool(command)
            }
            other => self.tool(other),
        }
    }

    /// A node begins again. A broker is awaited where it can come: without a quorum it finds no ZooKeeper.
    fn start(&self, node: Option<NodeId>, at: &Timeline) -> Vec<Line> {
        let mut lines = on_process(node.clone(), "start");
        lines.extend(node.iter().flat_map(|node| self.faults.anew(node)));
        let servers = at.genesis().zookeeper;
        let up = (1..=servers).filter(|server| {
            at.world().slot(&NodeId::ZooKeeper(*server)).is_some_and(|slot| slot.state == ProcState::Running)
        });
        if let Some(node @ NodeId::Broker(_)) = &node
            && up.count() > usize::from(servers / 2)
            && let Some(service) = service(node)
        {
            lines.push(Line::Shell(format!("await {service}")));
        }
        lines
    }

    /// The line of Kafka's tool that the command is. Where the playground has the text of a file in the line, the
    /// script has it in standard input.
    fn tool(&mut self, command: &Command) -> Vec<Line> {
        let Some(text) = command.tool_text() else { return self.not_here(command) };
        let tool = text.words.first().map_or("", |tool| tool.strip_suffix(".sh").unwrap_or(tool));
        if matches!(command, Command::Tool(_)) {
            self.tools += 1;
        }
        let mut words: Vec<String> =
            with_address(&text.words, || BOOTSTRAP.to_owned()).iter().map(ToString::to_string).collect();
        let says = |option: &str| words.iter().any(|word| word.starts_with(option));
        if tool == "kafka-console-consumer" && !says("--max-messages") && !says("--timeout-ms") && !says("--help") {
            let name = format!("{tool}-{}", self.tools);
            return vec![Line::Shell(format!("consumer {name} /opt/kafka/bin/{}", line(&words)))];
        }
        // A value that is written behind "=" becomes a word of its own: what stands in a file comes by standard input.
        let file_option = |word: &&String| {
            word.starts_with("--") && word.split('=').next().is_some_and(|option| option.ends_with("-file"))
        };
        let file = words.iter().position(|word| file_option(&word)).map(|at| {
            if let Some((option, value)) = words[at].split_once('=').map(|(o, v)| (o.to_owned(), v.to_owned())) {
                words.splice(at..=at, [option, value]);
            }
            at + 1
        });
        let stdin = match (file.and_then(|at| words.get_mut(at)), &text.stdin) {
            (Some(content), None) => Some(std::mem::replace(content, STDIN.to_owned())),
            (None, given) => given.as_ref().map(ToString::to_string),
            (Some(_), Some(_)) => return self.not_here(command),
        };
        if tool == "kafka-console-producer" && stdin.is_none() && !words.iter().any(|word| word == "--help") {
            return self.not_here(command);
        }
        vec![Line::Tool { words, stdin: stdin.iter().flat_map(|text| text.lines()).map(str::to_owned).collect() }]
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
        // A line is a record for the console producer; a record of several lines would be several.
        let has_lines = |text: &Name| text.contains(['\n', '\r']);
        if is_transactional || partition.is_some() || has_lines(value) || key.as_ref().is_some_and(has_lines) {
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

fn on_process(node: Option<NodeId>, verb: &str) -> Vec<Line> {
    let Some(node) = node else { return Vec::new() };
    let Some(service) = service(&node) else {
        return vec![Line::Shell(format!("docker {verb} {}", super::shell::quoted(&node.to_string())))];
    };
    // A controlled shutdown may take longer than the ten seconds that Docker grants.
    let verb = if verb == "stop" { "stop -t 300" } else { verb };
    vec![Line::Shell(format!("docker compose {verb} {service}"))]
}
