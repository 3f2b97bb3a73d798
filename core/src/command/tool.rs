//! A line of one of Kafka's tools, with what it is given to read: `kafka-console-producer.sh --topic t <<< 'a:1'`.
//! The tool reads its options itself, when it runs. Leaves out everything else of a shell: variables, files, `&&`.

use std::fmt;

use super::lexer::{Quoted, Word, shell_quote, split, unescaped, words};
use super::options::refuse;
use super::{Command, CommandError, delete_records_tool, reassign_tool};
use crate::ids::Name;

/// The scripts of Kafka's `bin/` that run here.
pub(super) const TOOLS: [&str; 13] = [
    "kafka-configs.sh",
    "kafka-console-consumer.sh",
    "kafka-console-producer.sh",
    "kafka-consumer-groups.sh",
    "kafka-delete-records.sh",
    "kafka-dump-log.sh",
    "kafka-get-offsets.sh",
    "kafka-leader-election.sh",
    "kafka-log-dirs.sh",
    "kafka-reassign-partitions.sh",
    "kafka-topics.sh",
    "kafka-transactions.sh",
    "zookeeper-shell.sh",
];

/// A tool's line in words.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ToolText {
    /// The tool's name and the words behind it.
    pub words: Vec<Name>,
    /// What it is given to read, without the last line's end.
    pub stdin: Option<Name>,
}

/// The tool that a word means: `kafka-topics.sh`, also with the way to it and without its ending.
pub(super) fn tool_named(word: &str) -> Option<&'static str> {
    let name = word.rsplit('/').next().unwrap_or(word);
    TOOLS.into_iter().find(|tool| *tool == name || tool.strip_suffix(".sh") == Some(name))
}

/// The tool, the words behind it, and what it is given to read.
pub(super) type ToolParts = (&'static str, Vec<Word>, Option<Name>);

/// The parts of a tool's line; `None` if it is the line of something else.
pub(super) fn parts(line: &str) -> Result<Option<ToolParts>, CommandError> {
    let mut words = words(line)?;
    let is = |word: &Word, mark: &str| word.text == mark && word.bare == mark.len();
    let mut stdin = None;
    if let Some(at) = words.iter().position(|word| is(word, "|"))
        && let Some(said) = said(&words[..at])
    {
        words.drain(..=at);
        stdin = Some(said);
    }
    let Some(tool) = words.first().and_then(|word| tool_named(&word.text)) else { return Ok(None) };
    words.remove(0);
    if let Some(at) = words.iter().position(|word| word.bare >= 3 && word.text.starts_with("<<<")) {
        let mut given = words.split_off(at).into_iter();
        let first = given.next().map(|word| word.text).unwrap_or_default();
        let text = match first.strip_prefix("<<<") {
            Some("") | None => match given.next() {
                Some(word) => word.text,
                None => return refuse("end of the line", "what the tool is given to read is expected behind <<<"),
            },
            Some(text) => text.to_owned(),
        };
        stdin = Some(text.into());
        words.extend(given);
    }
    if let Some(word) =
        words.iter().find(|word| ["|", "<", ">", ">>", "<<", "&&", "||", ";", "&"].iter().any(|mark| is(word, mark)))
    {
        let message = "there are no files and no other programs here; a tool is given to read by <<< 'a:1', \
                       <<< $'a:1\\nb:2' or by echo and printf before a |";
        return refuse(word.text.clone(), message);
    }
    Ok(Some((tool, words, stdin)))
}

/// What `echo` or `printf` write, without the last line's end.
fn said(words: &[Word]) -> Option<Name> {
    let (verb, rest) = words.split_first()?;
    let texts = |words: &[Word]| words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ");
    let text = match (verb.text.as_str(), rest) {
        ("echo", [flag, rest @ ..]) if flag.text == "-e" => with_escapes(&texts(rest)),
        ("echo", rest) => texts(rest),
        ("printf", [format]) => with_escapes(&format.text),
        _ => return None,
    };
    Some(text.strip_suffix('\n').unwrap_or(&text).into())
}

fn with_escapes(text: &str) -> String {
    let mut out = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (c, chars.clone().next().and_then(unescaped)) {
            ('\\', Some(meant)) => {
                out.push(meant);
                chars.next();
            }
            _ => out.push(c),
        }
    }
    out
}

/// A tool's line in words; `None` if it is the line of something else.
///
/// # Errors
/// A quote is not closed, or the line asks for what only a shell can do.
pub fn tool_text(line: &str) -> Result<Option<ToolText>, CommandError> {
    let text = |(tool, words, stdin): ToolParts| {
        let rest = words.into_iter().map(|word| Name::from(word.text));
        ToolText { words: std::iter::once(Name::from(tool)).chain(rest).collect(), stdin }
    };
    Ok(parts(line)?.map(text))
}

/// Where a tool would read a file, what stands in it is expected.
pub(super) fn check_files(words: &[Word]) -> Result<(), CommandError> {
    let is_text = |text: &str| text.trim_start().starts_with('{') || text.contains([',', '\n']);
    for (index, word) in words.iter().enumerate() {
        let Some(option) = word
            .text
            .strip_prefix("--")
            .filter(|option| option.split('=').next().is_some_and(|o| o.ends_with("-file")))
        else {
            continue;
        };
        let value = option.split_once('=').map(|(_, value)| value);
        let value = value.or_else(|| words.get(index + 1).map(|next| next.text.as_str()));
        if let Some(value) = value.filter(|value| !is_text(value)) {
            let option = option.split('=').next().unwrap_or_default();
            let message = format!("there are no files here: write what stands in it in its place, --{option} '{{…}}'");
            return refuse(value, message);
        }
    }
    Ok(())
}

/// True if the line says which brokers to ask, and the tool can read all of it.
pub(super) fn says_where(tool: &str, words: &[Word]) -> bool {
    let not_kafkas = match tool {
        "kafka-reassign-partitions.sh" => "topic partition replicas reassignment-json",
        "kafka-delete-records.sh" => "topic partition offset offset-json",
        _ => "",
    };
    let mut options =
        words.iter().filter_map(|word| word.text.strip_prefix("--")).map(|o| o.split('=').next().unwrap_or(o));
    let is_kafkas = options.clone().all(|option| !not_kafkas.split(' ').any(|own| own == option));
    is_kafkas && options.any(|option| option == "bootstrap-server")
}

/// True if every option of the line is one of a command of its own: then it is one, and what is wrong with it is
/// told where it is read. There are no files here, so some are options that Kafka's tool does not have.
pub(super) fn is_of_own_options(tool: &str, words: &[Word]) -> bool {
    let own = match tool {
        "kafka-topics.sh" => {
            "create alter delete topic partitions replication-factor replica-assignment config delete-config"
        }
        "kafka-configs.sh" => {
            "alter entity-type entity-name entity-default broker-defaults topic broker add-config delete-config"
        }
        "kafka-leader-election.sh" => "election-type topic partition all-topic-partitions",
        "kafka-transactions.sh" => "topic partition start-offset",
        "kafka-reassign-partitions.sh" => "execute cancel additional topic partition replicas reassignment-json",
        "kafka-delete-records.sh" => "topic partition offset offset-json",
        "kafka-consumer-groups.sh" => {
            "delete reset-offsets delete-offsets group topic execute to-earliest to-latest to-current to-offset shift-by"
        }
        _ => return false,
    };
    let shared = ["bootstrap-server", "command-config", "admin.config"];
    let is_own = |name: &str| shared.contains(&name) || own.split(' ').any(|known| known == name);
    // A tool does not see what was quoted: `--offset-json-file='{…}'` is an option.
    let options = words.iter().filter_map(|word| word.text.strip_prefix("--"));
    options.map(|option| option.split('=').next().unwrap_or(option)).all(is_own)
}

impl Command {
    /// The line of Kafka's tool that the command is, in words: what runs when it is carried out.
    pub fn tool_text(&self) -> Option<ToolText> {
        let with_file = |words: &[&str], file: String| {
            let words = words.iter().map(|word| Name::from(*word)).chain([Name::from(file)]).collect();
            Some(ToolText { words, stdin: None })
        };
        match self {
            Self::Tool(text) => Some(text.clone()),
            Self::ReassignPartitions { moves } => {
                const TOOL: [&str; 4] =
                    ["kafka-reassign-partitions.sh", "--execute", "--additional", "--reassignment-json-file"];
                with_file(&TOOL, reassign_tool::print(moves.iter().map(|(tp, replicas)| (tp, Some(replicas)))))
            }
            Self::CancelReassignments { partitions } => {
                const TOOL: [&str; 3] = ["kafka-reassign-partitions.sh", "--cancel", "--reassignment-json-file"];
                // The tool wants the field, and does not look into it.
                let none = Vec::new();
                with_file(&TOOL, reassign_tool::print(partitions.iter().map(|tp| (tp, Some(&none)))))
            }
            Self::DeleteRecords { before } => {
                const TOOL: [&str; 2] = ["kafka-delete-records.sh", "--offset-json-file"];
                with_file(&TOOL, delete_records_tool::print(before))
            }
            Self::CreateTopic { .. }
            | Self::DeleteTopic { .. }
            | Self::AddPartitions { .. }
            | Self::AlterConfig { .. }
            | Self::ElectLeader { .. }
            | Self::AbortHangingTransaction { .. }
            | Self::DeleteGroup { .. }
            | Self::DeleteGroupOffsets { .. }
            | Self::ResetOffsets { .. } => {
                let words = split(&self.to_string()).ok()?;
                Some(ToolText { words, stdin: None })
            }
            _ => None,
        }
    }
}

impl fmt::Display for ToolText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, word) in self.words.iter().enumerate() {
            write!(f, "{}{}", if index > 0 { " " } else { "" }, shell_quote(word))?;
        }
        match &self.stdin {
            Some(text) => write!(f, " <<< {}", Quoted(text)),
            None => Ok(()),
        }
    }
}
