//! Kafka's command-line tools (`kafka-*.sh`, `zookeeper-shell.sh`): a process with an admin client in which the
//! lines that a person types run as the tools' programs do. They ask through the same messages as every client,
//! print what Kafka's tools print, and end with their exit status.
//!
//! Simplified: the page's tools share one admin client, where each of Kafka's starts a client of its own.
//! Leaves out what logs at WARN print besides (`tools-log4j.properties`).

mod address;
mod configs;
mod console;
mod console_consumer;
mod console_producer;
mod decoders;
mod delete_records;
mod dump_log;
mod filter;
mod get_offsets;
mod groups;
mod hash_map;
mod leader_election;
mod library;
mod log_dirs;
mod look;
mod moment;
mod options;
mod reassign;
mod run;
mod script;
mod session;
mod thrown;
mod topics;
mod transactions;
mod zookeeper;

use crate::admin::{Admin, AdminCommand};
use crate::beside::Beside;
use crate::collections::BTreeMap;
use crate::consumer::Consumer;
use crate::ids::{Name, TopicPartition};
use crate::json::Json;
use crate::machine::{Channel, Ctx, Deadline, Effect, Input, Machine, Observation};
use crate::time::SimTime;

pub(crate) use address::servers;
use library::Library;
pub use look::{is_look, options_of};
use run::INTERRUPTED;
pub use run::{After, Printed, ToolRun};
pub use script::ToolLine;
use script::{Ask, Flow, Reply, Script};
use session::Session;
use thrown::Thrown;

/// A tool's program.
type Main = fn(&mut Script<'_>) -> Flow<()>;

/// Every tool by the name of its script, with its help.
const TOOLS: &[(&str, Beside, Main)] = &[
    ("kafka-configs.sh", configs::USAGE, configs::main),
    ("kafka-console-consumer.sh", console_consumer::USAGE, console_consumer::main),
    ("kafka-console-producer.sh", console_producer::USAGE, console_producer::main),
    ("kafka-consumer-groups.sh", groups::USAGE, groups::main),
    ("kafka-delete-records.sh", delete_records::USAGE, delete_records::main),
    ("kafka-dump-log.sh", dump_log::USAGE, dump_log::main),
    ("kafka-get-offsets.sh", get_offsets::USAGE, get_offsets::main),
    ("kafka-leader-election.sh", leader_election::USAGE, leader_election::main),
    ("kafka-log-dirs.sh", log_dirs::USAGE, log_dirs::main),
    ("kafka-reassign-partitions.sh", reassign::USAGE, reassign::main),
    ("kafka-topics.sh", topics::USAGE, topics::main),
    ("kafka-transactions.sh", transactions::USAGE, transactions::main),
    ("zookeeper-shell.sh", zookeeper::USAGE, zookeeper::main),
];

/// A number of a tool's JSON file.
fn json_number(item: &Json, name: &str) -> Flow<i64> {
    item.get(name).and_then(Json::number).ok_or_else(|| unmapped(name))
}

/// `"topic":"t","partition":0` of a tool's JSON file.
fn json_partition(item: &Json) -> Flow<TopicPartition> {
    let topic = item.get("topic").and_then(Json::text).ok_or_else(|| unmapped("topic"))?;
    let partition = item.get("partition").and_then(Json::int).ok_or_else(|| unmapped("partition"))?;
    Ok(TopicPartition::new(topic, partition))
}

/// Simplified: Kafka's message names the type that was found, too.
fn unmapped(name: &str) -> script::Stop {
    let message = format!("No such field exists: `{name}`");
    Thrown::new("com.fasterxml.jackson.databind.JsonMappingException", message).into()
}

fn main_of(tool: &str) -> Option<Main> {
    TOOLS.iter().find(|(name, ..)| *name == tool).map(|(.., main)| *main)
}

/// The words with the address of the cluster, which need not be said: it is the only one there is.
pub fn with_address(words: &[Name], all: impl FnOnce() -> String) -> Vec<Name> {
    const ELSEWHERE: [&str; 6] = ["bootstrap-server", "bootstrap-controller", "zookeeper", "help", "version", "h"];
    let mut words = words.to_vec();
    let takes = words.first().is_some_and(|tool| options_of(tool).contains(&"--bootstrap-server"));
    let is_said = |word: &Name| address::option_of(word).is_some_and(|option| ELSEWHERE.contains(&option));
    if takes && words.len() > 1 && !words.iter().any(is_said) {
        words.splice(1..1, ["--bootstrap-server".into(), all().into()]);
    }
    words
}

/// True if the tool ends before it asks anybody: its help, or what it says of wrong options.
pub fn ends_at_once(words: &[Name]) -> bool {
    let Some(main) = words.first().and_then(|tool| main_of(tool)) else { return false };
    let line = ToolLine { words: with_address(words, || "broker-1:9092".to_owned()), ..ToolLine::default() };
    let mut run = ToolRun::new(line, After::Keep);
    run.go_on(main);
    run.status.is_some()
}

/// The tool's help, and that of its commands.
fn usages_of(tool: &str) -> impl Iterator<Item = &'static str> {
    let own = TOOLS.iter().filter(move |(name, ..)| *name == tool).map(|(_, usage, _)| usage.text());
    let commands = transactions::COMMANDS.iter().map(|(_, usage, _)| usage.text());
    own.chain(commands.filter(move |_| tool == "kafka-transactions.sh"))
}

/// Questions of the tools have tickets from here on, those of others before.
const FIRST_TICKET: u64 = 1 << 32;

/// What the process can be asked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ShellCommand {
    /// For its admin client.
    Ask(AdminCommand),
    /// To run a tool; the run is found under the ticket.
    Run {
        /// Finds the run.
        ticket: u64,
        /// What was typed.
        line: Box<ToolLine>,
        /// What follows when it is over.
        after: After,
    },
    /// A person types a line for the tool that reads.
    Type(Name),
    /// SIGINT, as Ctrl-C sends it.
    Interrupt,
}

/// The process.
#[derive(Clone, Debug)]
pub struct Shell {
    admin: Admin,
    runs: BTreeMap<u64, ToolRun>,
    /// With ZooKeeper, of the run that opened it last.
    session: Option<Session>,
    /// Of the console tool that runs here.
    library: Option<Library>,
    /// Of which run, and which of its questions, by the ticket of the admin client.
    asked: BTreeMap<u64, (u64, usize)>,
    tickets: u64,
}

impl Shell {
    /// Tools with this admin client.
    pub fn new(admin: Admin) -> Self {
        Self {
            admin,
            runs: BTreeMap::new(),
            session: None,
            library: None,
            asked: BTreeMap::new(),
            tickets: FIRST_TICKET,
        }
    }

    /// Its admin client.
    pub fn admin(&self) -> &Admin {
        &self.admin
    }

    /// The consumer of the console tool that runs here.
    pub fn consumer(&self) -> Option<&Consumer> {
        self.library.as_ref().and_then(Library::as_consumer)
    }

    /// A run of a tool by its ticket.
    pub fn run(&self, ticket: u64) -> Option<&ToolRun> {
        self.runs.get(&ticket)
    }

    /// The tools' names.
    pub fn tools() -> impl Iterator<Item = &'static str> {
        TOOLS.iter().map(|(name, ..)| *name)
    }

    fn take_answers(&mut self) {
        let there: Vec<u64> =
            self.asked.keys().copied().filter(|ticket| self.admin.answer(*ticket).is_some()).collect();
        for ticket in there {
            let Some((run, index)) = self.asked.remove(&ticket) else { continue };
            let (Some(answer), Some(run)) = (self.admin.take_answer(ticket), self.runs.get_mut(&run)) else { continue };
            run.answered(index, Reply::Admin(answer));
        }
    }

    /// Lets every program run whose answers are there.
    fn go_on(&mut self, ctx: &mut Ctx<'_>) {
        loop {
            self.take_answers();
            if let Some(((run, index), reply)) = self.library.as_mut().and_then(|library| library.answer(ctx.now)) {
                self.answered(run, index, reply);
            }
            let ready = self.runs.iter().find(|(_, run)| run.is_ready()).map(|(ticket, _)| *ticket);
            let Some(ticket) = ready else { return };
            let Some(run) = self.runs.get_mut(&ticket) else { return };
            let before = run.printed.len();
            let main = run.line.words.first().and_then(|tool| main_of(tool));
            let asks = main.map(|main| run.go_on(main)).unwrap_or_default();
            for line in run.printed.iter().skip(before) {
                let text = Name::from(line.text.as_str());
                ctx.observe(Observation::ToolPrinted { ticket, stderr: line.stderr, text });
            }
            if main.is_none() {
                run.status = Some(127);
            }
            self.end(ctx, ticket);
            for (index, ask) in asks {
                self.ask(ctx, ticket, index, ask);
            }
        }
    }

    /// Tells that a run is over, if it is.
    fn end(&mut self, ctx: &mut Ctx<'_>, ticket: u64) {
        let Some(run) = self.runs.get(&ticket) else { return };
        let Some(status) = run.status else { return };
        ctx.observe(Observation::ToolEnded { ticket, tool: run.tool(), status });
        if run.after != After::Keep {
            if run.after == After::Exit {
                ctx.push(Effect::Exit);
            }
            self.runs.remove(&ticket);
        }
    }

    /// A console tool that waits for records closes its client and ends; every other run ends at once, and whichever
    /// is interrupted again.
    fn interrupt(&mut self, ctx: &mut Ctx<'_>) {
        let woken = self.library.as_mut().and_then(Library::wake_up);
        let running: Vec<u64> = self.runs.iter().filter(|(_, run)| run.status.is_none()).map(|(run, _)| *run).collect();
        for ticket in running {
            let Some(run) = self.runs.get_mut(&ticket) else { continue };
            // Its client is closed first.
            let goes_on = self.library.is_some() && !run.interrupted;
            run.interrupt();
            if !goes_on {
                run.status = Some(INTERRUPTED);
                self.end(ctx, ticket);
            }
        }
        if let Some((run, index)) = woken {
            self.answered(run, index, Reply::WokenUp);
        }
    }

    /// Nothing has been run yet.
    pub fn is_new(&self) -> bool {
        self.runs.is_empty()
    }

    /// The runs that are not over, with their tools.
    pub fn running(&self) -> impl Iterator<Item = (u64, Name)> {
        self.runs.iter().filter(|(_, run)| run.status.is_none()).map(|(ticket, run)| (*ticket, run.tool()))
    }

    fn ask(&mut self, ctx: &mut Ctx<'_>, run: u64, index: usize, ask: Ask) {
        match ask {
            Ask::Admin(op, timeout_ms) => {
                self.tickets += 1;
                self.asked.insert(self.tickets, (run, index));
                let command = AdminCommand { ticket: self.tickets, op, timeout_ms };
                self.admin.handle(ctx, Input::Command(command));
            }
            Ask::Clock => self.answered(run, index, Reply::Number(ctx.wall_clock_ms())),
            Ask::Chance(below) => {
                let number = ctx.rng.below(below.max(1));
                self.answered(run, index, Reply::Number(i64::try_from(number).unwrap_or(0)));
            }
            Ask::Session(servers) => {
                let session = Session::open(ctx, servers, (run, index));
                self.session = Some(session);
            }
            Ask::Consume { servers, entries, reads } => {
                let started = Library::consumer(ctx, servers, &entries, reads);
                let reply = started.map(|library| self.library = Some(library));
                self.answered(run, index, Reply::Started(reply));
            }
            Ask::Produce { servers, entries } => {
                let reply = Library::producer(servers, &entries).map(|library| self.library = Some(library));
                self.answered(run, index, Reply::Started(reply));
            }
            Ask::Send { topic, records } => {
                if let Some(library) = &mut self.library {
                    library.send(ctx, topic, records);
                }
                self.answered(run, index, Reply::Sent);
            }
            Ask::Receive { seen, timeout_ms } => {
                if let Some(library) = &mut self.library {
                    library.receive(ctx.now, (run, index), seen, timeout_ms);
                }
            }
            Ask::ReadLine => {
                if let Some(run) = self.runs.get_mut(&run) {
                    run.read_line(index);
                }
            }
            Ask::Close(positions) => {
                if let Some(library) = &mut self.library {
                    library.close(ctx, (run, index), positions);
                }
            }
            Ask::ZooKeeper(op) => {
                if let Some(session) = &mut self.session {
                    session.ask(ctx, (run, index), op);
                }
            }
        }
    }

    fn answered(&mut self, run: u64, index: usize, reply: Reply) {
        if let Some(run) = self.runs.get_mut(&run) {
            run.answered(index, reply);
        }
    }

    /// What ZooKeeper said.
    fn take_said(&mut self, said: Vec<((u64, usize), Reply)>) {
        for ((run, index), reply) in said {
            self.answered(run, index, reply);
        }
    }
}

impl Machine for Shell {
    type Command = ShellCommand;

    fn handle(&mut self, ctx: &mut Ctx<'_>, input: Input<ShellCommand>) {
        match input {
            Input::Boot => self.admin.handle(ctx, Input::Boot),
            Input::Timer => {
                self.admin.handle(ctx, Input::Timer);
                if let Some(library) = &mut self.library {
                    library.on_timer(ctx);
                }
                let said = self.session.as_mut().map(|session| session.on_timer(ctx));
                self.take_said(said.unwrap_or_default());
            }
            Input::Deliver(delivery) if delivery.connection.channel == Channel::Session => {
                let said = self.session.as_mut().map(|session| session.on_delivery(ctx, &delivery));
                self.take_said(said.unwrap_or_default());
            }
            Input::ConnectionLost(connection) if connection.channel == Channel::Session => {
                let said = self.session.as_mut().map(|session| session.on_connection_lost(ctx, &connection));
                self.take_said(said.unwrap_or_default());
            }
            Input::Deliver(delivery) if self.library.is_some() => {
                if let Some(library) = &mut self.library {
                    library.on_delivery(ctx, delivery);
                }
            }
            Input::ConnectionLost(connection) if self.library.is_some() => {
                if let Some(library) = &mut self.library {
                    library.on_connection_lost(ctx, connection);
                }
            }
            Input::Deliver(delivery) => self.admin.handle(ctx, Input::Deliver(delivery)),
            Input::ConnectionLost(connection) => self.admin.handle(ctx, Input::ConnectionLost(connection)),
            Input::DiskDone(token) => self.admin.handle(ctx, Input::DiskDone(token)),
            Input::Command(ShellCommand::Ask(command)) => self.admin.handle(ctx, Input::Command(command)),
            Input::Command(ShellCommand::Run { ticket, line, after }) => {
                self.runs.insert(ticket, ToolRun::new(*line, after));
            }
            Input::Command(ShellCommand::Type(line)) => {
                for run in self.runs.values_mut() {
                    run.is_given(line.clone());
                }
            }
            Input::Command(ShellCommand::Interrupt) => self.interrupt(ctx),
        }
        if !self.runs.is_empty() {
            self.go_on(ctx);
        }
    }

    fn next_deadline(&self) -> Option<SimTime> {
        let session = self.session.as_ref().and_then(Session::next_deadline);
        let library = self.library.as_ref().and_then(Library::next_deadline);
        self.admin.next_deadline().into_iter().chain(session).chain(library).min()
    }

    fn deadlines(&self) -> Vec<Deadline> {
        let mut deadlines = self.admin.deadlines();
        deadlines.extend(self.session.iter().flat_map(Session::deadlines));
        deadlines.extend(self.library.iter().flat_map(Library::deadlines));
        deadlines
    }
}
