//! What a command line shows besides the commands of the journal: lines of Kafka's tools that only look, and how an
//! unfinished line may go on.

use crate::collections::Order;
use crate::command::{Command, split};
use crate::ids::{Name, NodeId};
use crate::shell::{Shell, ToolLine, is_look, options_of};
use crate::time::SimDuration;
use crate::view::ClusterView;

use super::Timeline;

/// A tool gives up after a minute (`default.api.timeout.ms`), and this is more.
const LOOK_MAX: SimDuration = SimDuration::from_ms(70_000);
/// The process in which it runs.
const PROCESS: &str = "a-look";

/// What a tool printed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Looked {
    /// Lines in order, with true for stderr.
    pub lines: Vec<(bool, String)>,
    /// Its exit status; `None` if it was still running when it was given up.
    pub status: Option<i32>,
}

/// True if the line is a tool's and only looks.
pub fn looks(line: &str) -> bool {
    split(line).is_ok_and(|words| is_look(&words))
}

impl Timeline {
    /// Runs a tool that only looks in a copy of the present moment, which is then forgotten: the run on the screen
    /// goes on as if nobody had looked. `None` if the line is no look.
    pub fn look(&self, line: &str) -> Option<Looked> {
        let mut words = split(line).ok().filter(|words| is_look(words))?;
        if wants_address(&words) {
            let brokers = &self.genesis().brokers;
            let address: Vec<String> = brokers.iter().map(|id| format!("broker-{id}:9092")).collect();
            words.insert(1, "--bootstrap-server".into());
            words.insert(2, address.join(",").into());
        }
        self.rehearse(ToolLine { words, ..ToolLine::default() }, SimDuration::from_ms(0))
    }

    /// Runs a tool in a copy of the present moment in which time passes first, for as long as said; the copy is then
    /// forgotten, whatever the tool did there. `None` if there is no process to run it in.
    pub fn rehearse(&self, line: ToolLine, after: SimDuration) -> Option<Looked> {
        let mut world = self.world().clone();
        let begin = world.now() + after;
        while world.next_event_at().is_some_and(|at| at < begin) {
            world.step();
        }
        let process = Name::from(PROCESS);
        let brokers = world.genesis().brokers.clone();
        world.add_admin(&process, brokers, Default::default()).ok()?;
        let node = NodeId::Client(process);
        let ticket = world.run_tool(&node, line);
        let limit = world.now() + LOOK_MAX;
        let is_over = |world: &crate::sim::World| world.tool_run(&ticket).is_some_and(|run| run.status.is_some());
        while !is_over(&world) && world.next_event_at().is_some_and(|at| at <= limit) {
            world.step();
        }
        let run = world.tool_run(&ticket)?;
        let lines = run.printed.iter().map(|line| (line.stderr, line.text.clone())).collect();
        Some(Looked { lines, status: run.status })
    }
}

/// The cluster is the only one there is: where it listens need not be said.
fn wants_address(words: &[Name]) -> bool {
    const ELSEWHERE: [&str; 6] =
        ["--bootstrap-server", "--bootstrap-controller", "--zookeeper", "--help", "--version", "-h"];
    let takes = words.first().is_some_and(|tool| options_of(tool).contains(&"--bootstrap-server"));
    let is_said = |word: &Name| word.split('=').next().is_some_and(|name| ELSEWHERE.contains(&name));
    takes && words.len() > 1 && !words.iter().any(is_said)
}

/// Words that may stand in the place of the last, unfinished one.
pub fn completions(draft: &str, view: &ClusterView) -> Vec<String> {
    let line = draft.lines().next_back().unwrap_or("");
    let words: Vec<&str> = line.split(' ').filter(|word| !word.is_empty()).collect();
    let Some((last, before)) = words.split_last().filter(|_| !line.ends_with(' ')) else { return Vec::new() };
    let mut found: Vec<String> = match before {
        [] => Shell::tools().chain(Command::verbs()).map(str::to_owned).collect(),
        [tool, ..] if last.starts_with("--") => options(tool).into_iter().map(str::to_owned).collect(),
        [verb, .., option] if option.starts_with("--") => values(verb, option, before, view),
        [tool @ "zookeeper-shell.sh", _] => options_of(tool).into_iter().map(str::to_owned).collect(),
        [verb, ..] => nodes(verb, view),
    };
    found.retain(|word| word.starts_with(last) && word != last);
    found.order();
    found.dedup();
    found
}

fn options(verb: &str) -> Vec<&'static str> {
    match verb {
        "producer" => vec!["--topic", "--config"],
        "consumer" => vec!["--topic", "--include", "--group", "--config", "--processing", "--commit", "--sink", "--to"],
        "send" => vec!["--topic", "--key", "--partition", "--count"],
        tool => options_of(tool),
    }
}

fn brokers(view: &ClusterView) -> Vec<String> {
    view.brokers.iter().map(|broker| broker.id.to_string()).collect()
}

fn values(verb: &str, option: &str, words: &[&str], view: &ClusterView) -> Vec<String> {
    let fixed = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    let value_of = |name: &str| words.iter().skip_while(|word| **word != name).nth(1).copied();
    match option {
        "--topic" | "--to" => view.topics.iter().map(|topic| topic.name.to_string()).collect(),
        "--group" => view.groups.iter().map(|group| group.id.to_string()).collect(),
        "--partition" => {
            let topic = view.topics.iter().find(|topic| value_of("--topic") == Some(&*topic.name));
            topic.iter().flat_map(|topic| &topic.partitions).map(|p| p.tp.partition.to_string()).collect()
        }
        "--bootstrap-server" => view.brokers.iter().map(|broker| format!("broker-{}:9092", broker.id)).collect(),
        "--broker" | "--broker-id" | "--broker-list" => brokers(view),
        "--entity-name" if value_of("--entity-type") == Some("brokers") => brokers(view),
        "--entity-name" => view.topics.iter().map(|topic| topic.name.to_string()).collect(),
        "--entity-type" => fixed(&["topics", "brokers"]),
        "--election-type" => fixed(&["preferred", "unclean"]),
        "--transactional-id" => view.transactions.iter().map(|one| one.id.to_string()).collect(),
        "--files" => view.topics.iter().flat_map(|topic| &topic.partitions).flat_map(files).collect(),
        _ if Shell::tools().any(|tool| tool == verb) => Vec::new(),
        _ => nodes(verb, view),
    }
}

fn files(partition: &crate::view::PartitionView) -> Vec<String> {
    let file = |broker: &i32| format!("data-{broker}/{}/{:020}.log", partition.tp, 0);
    partition.assigned.iter().map(file).collect()
}

/// Nodes that a verb may be about.
fn nodes(verb: &str, view: &ClusterView) -> Vec<String> {
    let consumers = view.consumers.iter().map(|consumer| consumer.client.to_string());
    let producers = view.producers.iter().map(|producer| producer.client.to_string());
    match verb {
        "send" => producers.collect(),
        "commit" | "seek" => consumers.collect(),
        verb if verb.contains('.') => Vec::new(),
        "producer" | "consumer" | "wait" | "heal" => Vec::new(),
        _ => {
            let zookeeper = view.zookeeper.iter().map(|server| format!("zk{}", server.id));
            let fixed = ["controller".to_owned()];
            brokers(view).into_iter().chain(zookeeper).chain(consumers).chain(producers).chain(fixed).collect()
        }
    }
}
