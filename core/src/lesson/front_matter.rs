//! The head of a lesson file: lines `name: value` between two lines `---`. Not YAML: no nesting, no
//! quotes, a list is divided by commas.

use crate::collections::BTreeMap;
use crate::collections::Order;

use super::blocks::{TARGETS, target};
use super::{Layer, Lesson, LessonError};
use crate::ids::{BrokerId, Name};
use crate::sim::Genesis;

const KEYS: [&str; 14] = [
    "id",
    "title",
    "aim",
    "minutes",
    "chapter",
    "after",
    "brokers",
    "down",
    "zookeeper",
    "tick-ms",
    "config",
    "seed",
    "show",
    "topic",
];
const BROKERS_MAX: usize = 200;

/// Values with the numbers of their lines.
struct Values<'a> {
    end: u32,
    values: BTreeMap<&'a str, (u32, &'a str)>,
}

fn error<T>(line: u32, message: impl Into<String>) -> Result<T, LessonError> {
    Err(LessonError::new(line, message))
}

/// The head, and from which byte and line on the steps follow. The lesson has no steps yet.
pub(super) fn front_matter(text: &str) -> Result<(Lesson, usize, u32), LessonError> {
    let mut values = Values { end: 1, values: BTreeMap::new() };
    let mut at = 0;
    for (line, raw) in (1..).zip(text.split_inclusive('\n')) {
        at += raw.len();
        let trimmed = raw.trim();
        values.end = line;
        match (line, trimmed) {
            (1, "---") | (_, "") => {}
            (1, other) => return error(1, format!("--- is expected in the first line, found {other}")),
            (_, "---") => return Ok((lesson(&values)?, at, line + 1)),
            _ => values.take(line, trimmed)?,
        }
    }
    error(values.end, "--- is expected after the head of the lesson")
}

impl<'a> Values<'a> {
    fn take(&mut self, line: u32, text: &'a str) -> Result<(), LessonError> {
        let Some((name, value)) = text.split_once(':') else {
            return error(line, format!("name: value is expected, found {text}"));
        };
        let (name, value) = (name.trim(), value.trim());
        if name != "select" && !KEYS.contains(&name) {
            return error(line, format!("one of {}, select is expected, found {name}", KEYS.join(", ")));
        }
        if value.is_empty() {
            return error(line, format!("something after {name}: is expected"));
        }
        match self.values.insert(name, (line, value)) {
            Some(_) => error(line, format!("{name}: once is expected")),
            None => Ok(()),
        }
    }

    fn needed(&self, name: &str) -> Result<(u32, &'a str), LessonError> {
        match self.values.get(name) {
            Some(value) => Ok(*value),
            None => error(self.end, format!("{name}: is expected in the head of the lesson")),
        }
    }

    /// A list of things that `read` understands; empty if it is not there.
    fn list<T>(&self, name: &str, what: &str, read: impl Fn(&str) -> Option<T>) -> Result<Vec<T>, LessonError> {
        let Some((line, value)) = self.values.get(name) else { return Ok(Vec::new()) };
        value
            .split(',')
            .map(|one| match read(one.trim()) {
                Some(value) => Ok(value),
                None => error(*line, format!("{what} is expected in {name}:, found {:?}", one.trim())),
            })
            .collect()
    }

    fn number<T>(&self, name: &str, or: T, least: T, most: T) -> Result<T, LessonError>
    where
        T: std::str::FromStr + std::fmt::Display + PartialOrd,
    {
        let Some((line, value)) = self.values.get(name) else { return Ok(or) };
        match value.parse::<T>().ok().filter(|number| (&least..=&most).contains(&number)) {
            Some(number) => Ok(number),
            None => error(*line, format!("a number from {least} to {most} is expected after {name}:, found {value}")),
        }
    }
}

fn broker_id(text: &str) -> Option<BrokerId> {
    text.parse().ok().filter(|id| *id >= 0)
}

fn entry(text: &str) -> Option<(Name, Name)> {
    let (key, value) = text.split_once('=')?;
    (!key.trim().is_empty()).then(|| (key.trim().into(), value.trim().into()))
}

fn lesson(values: &Values<'_>) -> Result<Lesson, LessonError> {
    let (id_line, id) = values.needed("id")?;
    if !id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-') {
        return error(id_line, format!("an id of small letters, digits and - is expected, found {id}"));
    }
    let layers: Vec<&str> = Layer::ALL.iter().map(|(_, name)| *name).collect();
    let select = match values.values.get("select") {
        None => None,
        Some((line, text)) => match target(text) {
            Some(target) => Some(target),
            None => return error(*line, format!("{TARGETS} is expected after select:, found {text}")),
        },
    };
    Ok(Lesson {
        id: id.into(),
        title: values.needed("title")?.1.into(),
        aim: values.needed("aim")?.1.into(),
        minutes: values.number("minutes", 5, 1, 120)?,
        chapter: values.needed("chapter")?.1.into(),
        after: values.values.get("after").map(|(_, id)| (*id).into()),
        genesis: genesis(values)?,
        show: match values.values.get("show") {
            Some((_, "everything")) => Layer::ALL.iter().map(|(layer, _)| *layer).collect(),
            _ => values.list("show", &format!("everything or some of {}", layers.join(", ")), Layer::named)?,
        },
        topic: values.values.get("topic").map(|(_, topic)| (*topic).into()),
        select,
        steps: Vec::new(),
    })
}

fn genesis(values: &Values<'_>) -> Result<Genesis, LessonError> {
    let mut genesis = Genesis::default();
    let brokers = values.list("brokers", "the id of a broker", broker_id)?;
    if !brokers.is_empty() {
        let line = values.needed("brokers")?.0;
        let mut different = brokers.clone();
        different.order();
        different.dedup();
        if different.len() != brokers.len() || brokers.len() > BROKERS_MAX {
            return error(line, format!("at most {BROKERS_MAX} different ids are expected in brokers:"));
        }
        genesis.brokers = brokers;
    }
    genesis.not_started =
        values.list("down", "the id of a broker", |text| broker_id(text).filter(|id| genesis.brokers.contains(id)))?;
    genesis.zookeeper = values.number("zookeeper", genesis.zookeeper, 1, 9)?;
    genesis.tick_ms = values.number("tick-ms", genesis.tick_ms, 100, 60_000)?;
    genesis.config = values.list("config", "CONFIG=VALUE", entry)?;
    genesis.seed = values.number("seed", genesis.seed, 0, u64::MAX)?;
    Ok(genesis)
}
