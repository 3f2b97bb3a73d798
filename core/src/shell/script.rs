//! A tool's program. It reads from top to bottom as the tool's own does: it asks and has the answer. Where an
//! answer is not there yet it stops, and runs anew from its beginning when the answer has come, over the
//! answers so far; so it has no state of its own, and every run says the same up to there.

use std::rc::Rc;

use super::address::{NO_CLIENT, no_client};
use super::thrown::Thrown;
use crate::admin::{AdminAnswer, AdminError, AdminOp};
use crate::consumer::{ConsumerCommand, Received};
use crate::ids::{BrokerId, Name, TopicPartition};
use crate::log::Log;
use crate::protocol::zookeeper::{ZkError, ZkOp, ZkResult};

/// Why a program does not go on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Stop {
    /// For an answer.
    Waiting,
    /// It is over.
    Exit(i32),
    /// An exception that nobody caught yet.
    Thrown(Box<Thrown>),
}

impl From<Thrown> for Stop {
    fn from(thrown: Thrown) -> Self {
        Self::Thrown(Box::new(thrown))
    }
}

/// What a part of a program gives, or why it stopped.
pub(super) type Flow<T> = Result<T, Stop>;

/// What a program asks for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Ask {
    /// A method of the admin client; with the time that the tool gives it, if not the client's own.
    Admin(AdminOp, Option<u64>),
    /// What time it is.
    Clock,
    /// A number below this one.
    Chance(u64),
    /// A session with one of these ZooKeeper servers.
    Session(Vec<u8>),
    /// An operation in that session.
    ZooKeeper(ZkOp),
    /// A consumer with these bootstrap servers and configs, and how it comes to its partitions.
    Consume { servers: Vec<BrokerId>, entries: Vec<(Name, Name)>, reads: Vec<ConsumerCommand> },
    /// Records behind the first `seen`; none if there are none for so long, or the consumer failed.
    Receive { seen: usize, timeout_ms: Option<u64> },
    /// A producer with these bootstrap servers and configs.
    Produce { servers: Vec<BrokerId>, entries: Vec<(Name, Name)> },
    /// `send()` of these, which is not waited for.
    Send { topic: Name, records: Vec<Record> },
    /// The next line that a person types.
    ReadLine,
    /// `close()` of the consumer or producer; a consumer goes back to these positions first.
    Close(Vec<(TopicPartition, i64)>),
}

/// What came back.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Reply {
    Admin(Result<AdminAnswer, AdminError>),
    /// The time in ms since 1970, or what chance gave.
    Number(i64),
    /// The session stands.
    Session,
    ZooKeeper(Result<ZkResult, ZkError>),
    /// The client library stands, or which of its configs is refused.
    Started(Result<(), String>),
    Received(Rc<[Received]>),
    Sent,
    Line(Name),
    Closed,
    /// `WakeupException`: it is not waited for any longer.
    WokenUp,
}

/// A record that a tool sends.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Record {
    pub key: Option<Name>,
    pub value: Option<Name>,
    pub headers: Vec<(Name, Option<Name>)>,
}

/// What a tool was started with.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ToolLine {
    /// The tool's name and the words behind it.
    pub words: Vec<Name>,
    /// What it is given to read.
    pub stdin: Option<Name>,
    /// If that is nothing: a person types it.
    pub is_typed: bool,
    /// Files by the names under which the line knows them.
    pub files: Vec<(Name, Name)>,
    /// The brokers that it asks first, or what is wrong with the address that it was given.
    pub servers: Option<Result<Vec<BrokerId>, String>>,
    /// Logs as they were when it was started, by the folders under which the line knows them.
    pub logs: Vec<(Name, Log)>,
}

/// The running program.
pub(super) struct Script<'a> {
    pub line: &'a ToolLine,
    /// What was printed, each part with true for stderr.
    pub printed: Vec<(bool, String)>,
    answers: &'a [Option<Reply>],
    next: usize,
    /// Asked in this run for the first time.
    pub asked: Vec<Ask>,
    /// The time that the tool gives its calls, in ms.
    pub timeout_ms: Option<u64>,
}

impl<'a> Script<'a> {
    pub fn new(line: &'a ToolLine, answers: &'a [Option<Reply>]) -> Self {
        Self { line, printed: Vec::new(), answers, next: 0, asked: Vec::new(), timeout_ms: None }
    }

    /// The words behind the tool's name.
    pub fn words(&self) -> &'a [Name] {
        self.line.words.get(1..).unwrap_or_default()
    }

    /// Prints to stdout without ending the line.
    pub fn print(&mut self, text: &str) {
        self.printed.push((false, text.to_owned()));
    }

    /// Prints a line to stdout.
    pub fn say(&mut self, text: &str) {
        self.print(&format!("{text}\n"));
    }

    /// Prints a line to stderr.
    pub fn err(&mut self, text: &str) {
        self.printed.push((true, format!("{text}\n")));
    }

    /// All answers to these questions, which are asked at once.
    fn replies(&mut self, asks: Vec<Ask>) -> Flow<Vec<Reply>> {
        let first = self.next;
        self.next += asks.len();
        let there = self.answers.get(first..self.next);
        match there {
            None => {
                self.asked = asks;
                Err(Stop::Waiting)
            }
            Some(answers) => answers.iter().map(|answer| answer.clone().ok_or(Stop::Waiting)).collect(),
        }
    }

    /// What the admin client answers to all of these.
    pub fn ask_all(&mut self, ops: Vec<AdminOp>) -> Flow<Vec<Result<AdminAnswer, AdminError>>> {
        self.reaches(NO_CLIENT)?;
        let timeout_ms = self.timeout_ms;
        let replies = self.replies(ops.into_iter().map(|op| Ask::Admin(op, timeout_ms)).collect())?;
        let answer = |reply| if let Reply::Admin(answer) = reply { Some(answer) } else { None };
        Ok(replies.into_iter().filter_map(answer).collect())
    }

    /// The brokers that the tool asks first.
    pub fn servers(&self) -> Vec<BrokerId> {
        self.line.servers.clone().and_then(Result::ok).unwrap_or_default()
    }

    /// A client can be made with the address that the line gives.
    pub fn reaches(&self, otherwise: &str) -> Flow<()> {
        match &self.line.servers {
            Some(Err(message)) => Err(no_client(otherwise, message).into()),
            _ => Ok(()),
        }
    }

    /// `System.currentTimeMillis()`
    pub fn clock_ms(&mut self) -> Flow<i64> {
        self.number(Ask::Clock)
    }

    /// `Random.nextInt(below)`
    pub fn random(&mut self, below: u64) -> Flow<u64> {
        self.number(Ask::Chance(below)).map(i64::unsigned_abs)
    }

    fn number(&mut self, ask: Ask) -> Flow<i64> {
        match self.reply(ask)? {
            Reply::Number(number) => Ok(number),
            _ => Err(Stop::Waiting),
        }
    }

    /// The answer to this question.
    pub fn reply(&mut self, ask: Ask) -> Flow<Reply> {
        self.replies(vec![ask])?.pop().ok_or(Stop::Waiting)
    }

    /// What ZooKeeper answers to all of these.
    pub fn zookeeper_all(&mut self, ops: Vec<ZkOp>) -> Flow<Vec<Result<ZkResult, ZkError>>> {
        let replies = self.replies(ops.into_iter().map(Ask::ZooKeeper).collect())?;
        let answer = |reply| if let Reply::ZooKeeper(answer) = reply { Some(answer) } else { None };
        Ok(replies.into_iter().filter_map(answer).collect())
    }

    /// What ZooKeeper answers.
    pub fn zookeeper(&mut self, op: ZkOp) -> Flow<Result<ZkResult, ZkError>> {
        self.zookeeper_all(vec![op])?.pop().ok_or(Stop::Waiting)
    }

    /// What the admin client answers.
    pub fn ask(&mut self, op: AdminOp) -> Flow<Result<AdminAnswer, AdminError>> {
        self.ask_all(vec![op])?.pop().ok_or(Stop::Waiting)
    }

    /// `KafkaFuture.get` of all of these.
    pub fn get_all(&mut self, ops: Vec<AdminOp>) -> Flow<Vec<AdminAnswer>> {
        let answers = self.ask_all(ops)?.into_iter();
        answers.map(|answer| answer.map_err(|error| Thrown::execution(Thrown::of_admin(&error)).into())).collect()
    }

    /// `KafkaFuture.get`: the answer, or an `ExecutionException`.
    pub fn get(&mut self, op: AdminOp) -> Flow<AdminAnswer> {
        self.get_all(vec![op])?.pop().ok_or(Stop::Waiting)
    }

    /// An exception that the tool's `main` catches: its message, its trace, exit status 1.
    pub fn reported<T>(&mut self, outcome: Flow<T>) -> Flow<T> {
        outcome.map_err(|stop| match stop {
            Stop::Thrown(thrown) => {
                self.err(&thrown.message);
                self.err(&thrown.trace());
                Stop::Exit(1)
            }
            other => other,
        })
    }

    /// The text of a file that the line names.
    ///
    /// Simplified: a word that is JSON or a row of values itself is its own file, since a page has none.
    pub fn file(&self, name: &str) -> Flow<Name> {
        let known = self.line.files.iter().find(|(known, _)| &**known == name);
        let is_text = name.trim_start().starts_with('{') || name.contains([',', '\n']);
        let text = known.map(|(_, text)| text.clone()).or_else(|| is_text.then(|| name.into()));
        text.ok_or_else(|| {
            let mut thrown = Thrown::new("java.io.IOException", format!("Unable to read file {name}"));
            thrown.cause = Some(Box::new(Thrown::new("java.nio.file.NoSuchFileException", name)));
            thrown.into()
        })
    }
}
