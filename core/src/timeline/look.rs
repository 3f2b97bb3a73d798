//! What a command line shows besides the commands of the journal: lines of Kafka's tools that change nothing, and
//! how an unfinished line may go on.

use crate::collections::Order;
use crate::command::{Command, ToolText, tool_text};
use crate::ids::{Name, NodeId};
use crate::shell::{Shell, ToolLine, ends_at_once, is_look, options_of};
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

/// True if the line is a tool's and changes nothing: it only looks, or the tool refuses it before it asks anybody.
pub fn looks(line: &str) -> bool {
    look_of(line).is_some()
}

fn look_of(line: &str) -> Option<ToolText> {
    let text = tool_text(line).ok()??;
    let is_refused = || match Command::parse(line) {
        Ok(Command::Tool(_)) => ends_at_once(&text.words),
        Ok(_) => false,
        // Where the line has options that Kafka's tool does not have, the refusal of the command says more.
        Err(_) => ends_at_once(&text.words) && has_known_options(&text.words),
    };
    // A script for the shell of ZooKeeper may hold anything.
    let is_script = text.stdin.is_some() && text.words.first().is_some_and(|tool| &**tool == "zookeeper-shell.sh");
    (!is_script && (is_look(&text.words) || is_refused())).then_some(text)
}

fn has_known_options(words: &[Name]) -> bool {
    let Some((tool, rest)) = words.split_first() else { return false };
    let known = options_of(tool);
    let is_known = |word: &Name| !word.starts_with("--") || known.contains(&word.split('=').next().unwrap_or(word));
    rest.iter().all(is_known)
}

impl Timeline {
    /// Runs a tool that only looks in a copy of the present moment, which is then forgotten: the run on the screen
    /// goes on as if nobody had looked. `None` if the line is no look.
    pub fn look(&self, line: &str) -> Option<Looked> {
        let text = look_of(line)?;
        self.rehearse(self.world().tool_line(&text), SimDuration::from_ms(0))
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
        let servers = world.servers_of(&line.words);
        world.add_admin(&process, servers, Default::default()).ok()?;
        let ticket = world.run_tool(&NodeId::Client(process), line);
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

/// Words that may stand in the place of the last, unfinished one. These tools run.
pub fn completions(draft: &str, view: &ClusterView, running: &[String]) -> Vec<String> {
    let line = draft.lines().next_back().unwrap_or("");
    let words: Vec<&str> = line.split(' ').filter(|word| !word.is_empty()).collect();
    let Some((last, before)) = words.split_last().filter(|_| !line.ends_with(' ')) else { return Vec::new() };
    let mut found: Vec<String> = match before {
        [] => Shell::tools().chain(Command::verbs()).map(str::to_owned).collect(),
        [tool, ..] if last.starts_with("--") => options(tool).into_iter().map(str::to_owned).collect(),
        [verb, .., option] if option.starts_with("--") => values(verb, option, before, view),
        [tool @ "zookeeper-shell.sh", _] => options_of(tool).into_iter().map(str::to_owned).collect(),
        ["type"] => running.to_vec(),
        [verb @ ("stop" | "kill" | "pause" | "resume" | "isolate")] => {
            nodes(verb, view).into_iter().chain(running.iter().cloned()).collect()
        }
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
        "--files" => view.topics.iter().flat_map(|topic| &topic.partitions).flat_map(|one| files(one)).collect(),
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
        "producer" | "consumer" | "wait" | "heal" | "type" => Vec::new(),
        _ => {
            let zookeeper = view.zookeeper.iter().map(|server| format!("zk{}", server.id));
            let fixed = ["controller".to_owned()];
            brokers(view).into_iter().chain(zookeeper).chain(consumers).chain(producers).chain(fixed).collect()
        }
    }
}
