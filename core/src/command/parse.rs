//! From text to commands: the inverse of `Display`.

use super::lexer::{Word, words};
use super::options::{Options, refuse};
use super::values::{config, node, number, span};
use super::{ClockSkew, Command, CommandError, CommitPlace, ToolText, tool, tools, transaction, work};
use crate::ids::{Name, TopicPartition};

/// More than this is a slip of the finger, and too much for a page.
const COUNT_MAX: u32 = 100_000;

/// Slower than this is as good as paused.
const FACTOR_MAX: u32 = 1_000_000;

const VERBS: &str = "kill, power-off, disk-full, disk-fail, disk-repair, stop, start, pause, resume, cut, isolate, \
                     delay, drop-connection, slow, clock, hang, heal, producer, send, consumer, commit, seek, type, \
                     wait";

impl Command {
    /// The first words of all commands.
    pub fn verbs() -> impl Iterator<Item = &'static str> {
        tool::TOOLS.into_iter().chain(VERBS.split(", ")).chain(transaction::VERBS.split(", "))
    }

    fn all_verbs() -> String {
        Self::verbs().collect::<Vec<_>>().join(", ")
    }

    /// Reads one line.
    ///
    /// # Errors
    /// The line is no command; the error names the place and what was expected there.
    pub fn parse(line: &str) -> Result<Self, CommandError> {
        if let Some((name, words, stdin)) = tool::parts(line)? {
            return tool_command(name, &words, stdin);
        }
        let words = words(line)?;
        let Some((verb, rest)) = words.split_first() else {
            return refuse("beginning", format!("a command is expected: {}", Self::all_verbs()));
        };
        let verb = verb.text.as_str();
        // What is not known has no options that could be wrong.
        if !Self::verbs().any(|known| known == verb) {
            return unknown(verb);
        }
        let mut options = Options::read(verb, rest, &["async"])?;
        let command = match verb {
            "kill" => Self::Kill(node(&mut options)?),
            "power-off" => Self::PowerOff(node(&mut options)?),
            "disk-full" => Self::DiskFull { node: node(&mut options)?, dir: dir(&mut options) },
            "disk-fail" => Self::DiskFail { node: node(&mut options)?, dir: dir(&mut options) },
            "disk-repair" => Self::DiskRepair { node: node(&mut options)?, dir: dir(&mut options) },
            "stop" => Self::Stop(node(&mut options)?),
            "start" => Self::Start(node(&mut options)?),
            "pause" => Self::Pause(node(&mut options)?),
            "resume" => Self::Resume(node(&mut options)?),
            "isolate" => Self::Isolate(node(&mut options)?),
            "cut" => cut(&mut options)?,
            "delay" => {
                let (a, b) = (node(&mut options)?, node(&mut options)?);
                Self::Delay { a, b, by: span(&options.word("how much longer, such as 120ms,")?.text)? }
            }
            "drop-connection" => Self::DropConnection { a: node(&mut options)?, b: node(&mut options)? },
            "slow" => slow(&mut options)?,
            "clock" => clock(&mut options)?,
            "hang" => hang(&mut options)?,
            "heal" => heal(&mut options)?,
            "producer" => Self::Producer {
                client: options.word("the producer's name")?.text.into(),
                topic: options.one("topic")?.map(Name::from),
                configs: configs(&mut options, "producer-property")?,
            },
            "send" => send(&mut options)?,
            "consumer" => consumer(&mut options)?,
            "commit" => {
                let asynchronous = options.flag("async");
                Self::Commit { client: options.word("a consumer's name")?.text.into(), asynchronous }
            }
            "seek" => seek(&mut options)?,
            "type" => {
                let client = options.word("a tool's process, such as kafka-console-producer-1,")?.text.into();
                Self::Type { client, text: options.word("what is typed")?.text.into() }
            }
            "wait" => Self::Wait(span(&options.word("how long, such as 5s,")?.text)?),
            _ => match transaction::parse(verb, &mut options) {
                Some(command) => command?,
                None => return unknown(verb),
            },
        };
        options.finish()?;
        Ok(command)
    }
}

fn unknown(verb: &str) -> Result<Command, CommandError> {
    match verb.starts_with("kafka-") || verb.starts_with("zookeeper-") {
        true => refuse(verb, format!("is not simulated; of Kafka's tools there are {}", tool::TOOLS.join(", "))),
        false => refuse(verb, format!("a command is expected, one of {}", Command::all_verbs())),
    }
}

/// A line of a tool: a command of its own if it reads as one, or else the tool's to read.
fn tool_command(name: &'static str, words: &[Word], stdin: Option<Name>) -> Result<Command, CommandError> {
    // Who says which broker to ask, has a tool of their own ask it.
    let is_asked = tool::says_where(name, words);
    let own = |words: &[Word]| tools::parse(name, words).filter(|_| stdin.is_none() && !is_asked);
    let first = own(words);
    if let Some(Ok(command)) = first {
        return Ok(command);
    }
    let rest = words.iter().map(|word| Name::from(word.text.as_str()));
    let text = ToolText { words: std::iter::once(name.into()).chain(rest).collect(), stdin: stdin.clone() };
    // With quotes around it an option is one too.
    let printed = super::lexer::words(&text.to_string())?;
    let printed = printed.get(1..).unwrap_or_default();
    if let Some(Ok(command)) = own(printed) {
        return Ok(command);
    }
    match first {
        Some(refused) if tool::is_of_own_options(name, printed) => refused,
        _ => tool::check_files(printed).map(|()| Command::Tool(text)),
    }
}

fn dir(options: &mut Options) -> Option<Name> {
    options.next_word().map(|word| word.text.into())
}

fn cut(options: &mut Options) -> Result<Command, CommandError> {
    let (a, b) = (node(options)?, node(options)?);
    let one_way = match options.next_word() {
        None => false,
        Some(word) if word.text == "one-way" => true,
        Some(word) => return refuse(word.text, "one-way or nothing is expected"),
    };
    Ok(Command::Cut { a, b, one_way })
}

fn slow(options: &mut Options) -> Result<Command, CommandError> {
    let node = node(options)?;
    let word = options.word("how many times slower, or off,")?.text;
    let factor = match word.as_str() {
        "off" => None,
        text => match text.parse::<u32>().ok().filter(|factor| (2..=FACTOR_MAX).contains(factor)) {
            Some(factor) => Some(factor),
            None => return refuse(word, format!("2 to {FACTOR_MAX} times slower is expected, or off")),
        },
    };
    Ok(Command::Slow { node, factor })
}

fn clock(options: &mut Options) -> Result<Command, CommandError> {
    let node = node(options)?;
    let word = options.word("how wrong, such as +90s or -90s, or off,")?.text;
    let skew = match (word.strip_prefix('+'), word.strip_prefix('-')) {
        (Some(by), _) => Some(ClockSkew::Ahead(span(by)?)),
        (_, Some(by)) => Some(ClockSkew::Behind(span(by)?)),
        _ if word == "off" => None,
        _ => return refuse(word, "+90s, -90s or off is expected"),
    };
    Ok(Command::Clock { node, skew })
}

fn hang(options: &mut Options) -> Result<Command, CommandError> {
    let client = options.word("a consumer's name")?.text.into();
    match options.next_word() {
        None => Ok(Command::Hang { client, hangs: true }),
        Some(word) if word.text == "off" => Ok(Command::Hang { client, hangs: false }),
        Some(word) => refuse(word.text, "off is expected, or nothing"),
    }
}

fn heal(options: &mut Options) -> Result<Command, CommandError> {
    match options.next_word() {
        None => Ok(Command::Heal(None)),
        Some(word) if word.text == "all" => Ok(Command::Heal(None)),
        Some(word) => match word.text.parse() {
            Ok(fault) => Ok(Command::Heal(Some(fault))),
            Err(_) => refuse(word.text, "the number of a fault is expected, or nothing for all"),
        },
    }
}

fn configs(options: &mut Options, alias: &str) -> Result<Vec<(Name, Name)>, CommandError> {
    let mut given = options.all("config");
    given.extend(options.all(alias));
    given
        .iter()
        .map(|text| match text.split_once('=') {
            Some((name, value)) if !name.is_empty() => Ok((Name::from(name), Name::from(value))),
            _ => refuse("--config", format!("key=value is expected, found {text}")),
        })
        .collect()
}

fn send(options: &mut Options) -> Result<Command, CommandError> {
    let client = options.word("a producer's name")?.text.into();
    let topic = options.one("topic")?.map(Name::from);
    let key = options.one("key")?.map(Name::from);
    let partition = options.one("partition")?.map(|text| number("partition", &text)).transpose()?;
    let count = options.one("count")?.map_or(Ok(1), |text| number("count", &text))?;
    if !(1..=COUNT_MAX).contains(&count) {
        return refuse("--count", format!("1 to {COUNT_MAX} records are expected"));
    }
    let value = Name::from(options.word("a value")?.text);
    if options.words_left() > 0 {
        return refuse(value.to_string(), "one value is expected; quote a value that has blanks");
    }
    Ok(Command::Send { client, topic, partition, key, value, count })
}

fn consumer(options: &mut Options) -> Result<Command, CommandError> {
    let client = options.word("the consumer's name")?.text.into();
    let include = options.one("include")?.map(Name::from);
    let topics: Vec<Name> = match &include {
        Some(_) => Vec::new(),
        None => options.required("topic")?.split(',').map(Name::from).collect(),
    };
    if topics.iter().any(|topic| topic.is_empty()) {
        return refuse("--topic", "names of topics with commas between are expected");
    }
    let group = options.one("group")?.map(Name::from);
    let work = work::read(options)?;
    if group.is_none() && work.commit != CommitPlace::Auto {
        return refuse("--commit", "only a member of a group commits: say --group");
    }
    Ok(Command::Consumer { client, group, topics, include, configs: configs(options, "consumer-property")?, work })
}

fn seek(options: &mut Options) -> Result<Command, CommandError> {
    let client = options.word("a consumer's name")?.text.into();
    let tp = options.word("TOPIC-PARTITION")?.text;
    let Some(tp) = TopicPartition::parse(&tp) else {
        return refuse(tp, "TOPIC-PARTITION is expected, such as orders-0");
    };
    let offset = options.word("an offset")?.text;
    match offset.parse() {
        Ok(offset) => Ok(Command::Seek { client, tp, offset }),
        Err(_) => refuse(offset, "an offset is expected"),
    }
}

/// Topic configs given as `--config K=V`.
pub(super) fn topic_configs(options: &mut Options) -> Result<Vec<(Name, Name)>, CommandError> {
    options.all("config").iter().map(|text| config("--config", text)).collect()
}
