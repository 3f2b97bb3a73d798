//! Fenced blocks of a lesson: commands, items with fields, things to look at.

use super::prose::{one_line, prose};
use super::{Ask, AskKind, AskOption, Goal, Layer, LessonError, Look, Predicate, Prose, Target};
use crate::command::Command;
use crate::ids::{Name, TopicPartition};
use crate::shell::ends_at_once;

/// A fenced block as the file has it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Block {
    /// Line of its first line of text, from 1.
    pub(super) line: u32,
    /// What is between the fences.
    pub(super) text: String,
}

impl Block {
    /// Lines with their numbers, empty ones and comments left out.
    fn lines(&self) -> impl Iterator<Item = (u32, &str)> {
        (self.line..)
            .zip(self.text.lines())
            .filter(|(_, text)| !text.trim().is_empty() && !text.trim().starts_with('#'))
    }
}

fn error<T>(line: u32, message: impl Into<String>) -> Result<T, LessonError> {
    Err(LessonError::new(line, message))
}

/// Commands, one a line.
pub(super) fn commands(block: &Block) -> Result<Vec<Command>, LessonError> {
    let commands: Result<Vec<Command>, LessonError> = block
        .lines()
        .map(|(line, text)| {
            Command::parse(text.trim())
                .map_err(|wrong| LessonError::new(line, format!("command, {}: {}", wrong.place, wrong.message)))
                .and_then(|command| match &command {
                    Command::Tool(tool) if ends_at_once(&tool.words) => error(
                        line,
                        format!("command, {}: the tool refuses this line; type it to see why", tool.words[0]),
                    ),
                    _ => Ok(command),
                })
        })
        .collect();
    match commands {
        Ok(commands) if commands.is_empty() => error(block.line, "at least one command is expected"),
        commands => commands,
    }
}

/// Rows of the curriculum, divided by commas: `T5, P6`.
pub(super) fn rows(block: &Block) -> Result<Vec<Name>, LessonError> {
    let mut rows = Vec::new();
    for (line, text) in block.lines() {
        for row in text.split(',').map(str::trim) {
            let is_row = row
                .strip_prefix(|c: char| c.is_ascii_uppercase())
                .is_some_and(|number| !number.is_empty() && number.chars().all(|c| c.is_ascii_digit()));
            if !is_row {
                return error(line, format!("rows of the curriculum, such as T5, P6, are expected, found {row:?}"));
            }
            rows.push(row.into());
        }
    }
    if rows.is_empty() { error(block.line, "at least one row is expected") } else { Ok(rows) }
}

/// An item of a block: `- text`, then lines `name: value` that are indented. What is indented deeper
/// goes on with the line before.
#[derive(Debug)]
struct Item {
    line: u32,
    text: String,
    fields: Vec<Field>,
}

#[derive(Debug)]
struct Field {
    line: u32,
    name: String,
    value: String,
}

impl Field {
    /// `name: value`, if the name is one of `known`.
    fn parse(line: u32, text: &str, known: &[&str]) -> Option<Self> {
        let (name, value) = text.split_once(':')?;
        known.contains(&name.trim()).then(|| Self { line, name: name.trim().into(), value: value.trim().into() })
    }
}

/// Fields before the first item, and the items.
fn items(block: &Block, head: &[&str], known: &[&str]) -> Result<(Vec<Field>, Vec<Item>), LessonError> {
    let mut fields: Vec<Field> = Vec::new();
    let mut items: Vec<Item> = Vec::new();
    for (line, raw) in block.lines() {
        let text = raw.trim();
        let indent = raw.len() - raw.trim_start().len();
        if indent == 0 {
            if let Some(text) = text.strip_prefix("- ") {
                items.push(Item { line, text: text.trim().into(), fields: Vec::new() });
                continue;
            }
            match Field::parse(line, text, head).filter(|_| items.is_empty()) {
                Some(field) => fields.push(field),
                None if head.is_empty() => {
                    return error(line, format!("an item that begins with \"- \" is expected, found {text}"));
                }
                None => {
                    let head = head.join(": or ");
                    return error(
                        line,
                        format!("{head}: and then items that begin with \"- \" are expected, found {text}"),
                    );
                }
            }
            continue;
        }
        let Some(item) = items.last_mut() else {
            match fields.last_mut() {
                Some(field) => go_on(&mut field.value, text),
                None => return error(line, format!("an item that begins with \"- \" is expected, found {text}")),
            }
            continue;
        };
        match Field::parse(line, text, known) {
            Some(field) if item.field(&field.name).is_some() => {
                return error(line, format!("{}: once an item is expected", field.name));
            }
            Some(field) => item.fields.push(field),
            None => go_on(item.fields.last_mut().map_or(&mut item.text, |field| &mut field.value), text),
        }
    }
    Ok((fields, items))
}

fn go_on(text: &mut String, more: &str) {
    if !text.is_empty() {
        text.push(' ');
    }
    text.push_str(more);
}

impl Item {
    fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    fn needed(&self, name: &str) -> Result<&Field, LessonError> {
        match self.field(name) {
            Some(field) if !field.value.is_empty() => Ok(field),
            Some(field) => error(field.line, format!("something after {name}: is expected")),
            None => error(self.line, format!("a line \"  {name}: …\" is expected under \"- {}\"", self.text)),
        }
    }

    fn when(&self) -> Result<Predicate, LessonError> {
        let field = self.needed("when")?;
        Predicate::parse(&field.value).map_err(|wrong| LessonError::new(field.line, wrong.to_string()))
    }
}

/// A prediction.
pub(super) fn ask(block: &Block) -> Result<Ask, LessonError> {
    let (head, items) = items(block, &["kind", "unsure"], &["when", "comment", "at"])?;
    let mut kind = AskKind::Options;
    let mut unsure = None;
    for field in head {
        match (field.name.as_str(), field.value.as_str()) {
            ("kind", "options") => kind = AskKind::Options,
            ("kind", "partition") => kind = AskKind::Partition,
            ("kind", "broker") => kind = AskKind::Broker,
            ("kind", "record") => kind = AskKind::Record,
            ("kind", other) => {
                return error(
                    field.line,
                    format!("kind: options, partition, broker or record is expected, found {other}"),
                );
            }
            (_, text) => unsure = Some(prose(text, field.line)?),
        }
    }
    if items.len() < 2 {
        return error(block.line, format!("at least two options are expected, found {}", items.len()));
    }
    let options = items.iter().map(|item| option(item, kind)).collect::<Result<Vec<_>, _>>()?;
    Ok(Ask { kind, options, unsure })
}

fn option(item: &Item, kind: AskKind) -> Result<AskOption, LessonError> {
    let (word, form) = match kind {
        AskKind::Options => ("", ""),
        AskKind::Partition => ("partition", "TOPIC-PARTITION"),
        AskKind::Broker => ("broker", "the id of a broker"),
        AskKind::Record => ("record", "TOPIC-PARTITION OFFSET"),
    };
    let place = match (kind, item.field("at")) {
        (AskKind::Options, None) => None,
        (AskKind::Options, Some(field)) => return error(field.line, "at: is expected only where the kind is a place"),
        _ => {
            let field = item.needed("at")?;
            match target(&format!("{word} {}", field.value)) {
                Some(target) => Some(target),
                None => return error(field.line, format!("{form} is expected after at:, found {}", field.value)),
            }
        }
    };
    let comment = item.needed("comment")?;
    Ok(AskOption {
        line: item.line,
        label: one_line(&item.text, item.line)?,
        place,
        when: item.when()?,
        comment: prose(&comment.value, comment.line)?,
    })
}

/// Goals.
pub(super) fn goals(block: &Block) -> Result<Vec<Goal>, LessonError> {
    let (_, items) = items(block, &[], &["when", "keep"])?;
    if items.is_empty() {
        return error(block.line, "at least one goal is expected");
    }
    items
        .iter()
        .map(|item| {
            let keep = match item.field("keep").map(|field| (field.line, field.value.as_str())) {
                None | Some((_, "no")) => false,
                Some((_, "yes")) => true,
                Some((line, other)) => return error(line, format!("keep: yes or keep: no is expected, found {other}")),
            };
            Ok(Goal { line: item.line, text: one_line(&item.text, item.line)?, when: item.when()?, keep })
        })
        .collect()
}

/// Hints, from a nudge to nearly the answer.
pub(super) fn hints(block: &Block) -> Result<Vec<Prose>, LessonError> {
    let (_, items) = items(block, &[], &[])?;
    if items.is_empty() || items.len() > super::HINTS_MAX {
        return error(block.line, format!("one to three hints are expected, found {}", items.len()));
    }
    items.iter().map(|item| prose(&item.text, item.line)).collect()
}

/// Prose that stands in a fence.
pub(super) fn text(block: &Block) -> Result<Prose, LessonError> {
    match prose(&block.text, block.line)? {
        prose if prose.is_empty() => error(block.line, "some text is expected"),
        prose => Ok(prose),
    }
}

/// Things to look at: `partition t-0`, then perhaps `: a caption`.
pub(super) fn looks(block: &Block) -> Result<Vec<Look>, LessonError> {
    block
        .lines()
        .map(|(line, text)| {
            let (what, caption) = match text.split_once(": ") {
                Some((what, caption)) => (what, Some(caption.trim().to_owned())),
                None => (text, None),
            };
            match target(what.trim()) {
                Some(target) => Ok(Look { target, caption }),
                None => error(line, format!("{TARGETS} is expected, found {}", what.trim())),
            }
        })
        .collect()
}

pub(super) const TARGETS: &str = "broker N, partition T-P, replica T-P N, record T-P OFFSET, client C, group G, topic T, \
                                  znode PATH or layer NAME";

/// A thing in the picture, by its words.
pub(super) fn target(text: &str) -> Option<Target> {
    let partition = |text: &str| TopicPartition::parse(text).filter(|tp| tp.partition >= 0 && !tp.topic.is_empty());
    let words: Vec<&str> = text.split_whitespace().collect();
    Some(match words.as_slice() {
        ["broker", id] => Target::Broker(id.parse().ok()?),
        ["partition", tp] => Target::Partition(partition(tp)?),
        ["replica", tp, id] => Target::Replica(partition(tp)?, id.parse().ok()?),
        ["record", tp, offset] => Target::Record(partition(tp)?, offset.parse().ok().filter(|offset| *offset >= 0)?),
        ["client", name] => Target::Client((*name).into()),
        ["group", name] => Target::Group((*name).into()),
        ["topic", name] => Target::Topic((*name).into()),
        ["znode", path] if path.starts_with('/') => Target::Znode((*path).into()),
        ["layer", name] => Target::Layer(Layer::named(name)?),
        _ => return None,
    })
}
