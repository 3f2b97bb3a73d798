//! What the application around a consumer does with its records: how long each takes, when it commits,
//! and where its work goes. The three choices make at most once, at least once and exactly once.

use std::fmt;

use super::CommandError;
use super::lexer::{Quoted, quote};
use super::options::{Options, refuse};
use super::values::span;
use crate::ids::Name;
use crate::time::SimDuration;

/// When a consumer's application commits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub enum CommitPlace {
    /// As `enable.auto.commit` says, inside of a later poll.
    #[default]
    Auto,
    /// `--commit before`: commitSync() of what a poll returned, then the work. At most once.
    Before,
    /// `--commit after`: the work, then commitSync(). At least once.
    After,
    /// `--commit async`: the work, then commitAsync(): it goes on without waiting, and a commit that failed is
    /// left to the next one. At least once.
    Async,
    /// `--commit transaction`: results and offsets in one transaction. Exactly once.
    Transaction,
}

/// Where results go that do not go to Kafka.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub enum Sink {
    /// `--sink plain`: a store that appends a row for each record that it is given.
    #[default]
    Plain,
    /// `--sink idempotent`: a store keyed by partition and offset; a second write replaces the first.
    Idempotent,
}

/// What the application does. The default has processed a record once a poll has returned it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Work {
    /// `--processing 200ms`: how long each record takes. The thread does not poll meanwhile.
    pub processing: SimDuration,
    /// `--commit before|after|transaction`
    pub commit: CommitPlace,
    /// `--sink plain|idempotent`
    pub sink: Sink,
    /// `--to TOPIC`: where a transactional application writes its results.
    pub to: Option<Name>,
    /// `--producer-property K=V`: configs of its producer; `transactional.id` is its name unless given.
    pub producer: Vec<(Name, Name)>,
}

impl CommitPlace {
    const ALL: [(&'static str, Self); 4] =
        [("before", Self::Before), ("after", Self::After), ("async", Self::Async), ("transaction", Self::Transaction)];
}

/// The options of an application's work.
pub(super) fn read(options: &mut Options) -> Result<Work, CommandError> {
    let processing = options.one("processing")?.map_or(Ok(SimDuration::ZERO), |text| span(&text))?;
    let commit = match options.one("commit")? {
        None => CommitPlace::Auto,
        Some(text) => match CommitPlace::ALL.iter().find(|(name, _)| *name == text) {
            Some((_, place)) => *place,
            None => {
                return refuse("--commit", format!("before, after, async or transaction is expected, found {text}"));
            }
        },
    };
    let sink = match options.one("sink")?.as_deref() {
        None | Some("plain") => Sink::Plain,
        Some("idempotent") => Sink::Idempotent,
        Some(text) => return refuse("--sink", format!("plain or idempotent is expected, found {text}")),
    };
    let to = options.one("to")?.map(Name::from);
    let mut producer = Vec::new();
    for text in options.all("producer-property") {
        match text.split_once('=') {
            Some((name, value)) if !name.is_empty() => producer.push((Name::from(name), Name::from(value))),
            _ => return refuse("--producer-property", format!("key=value is expected, found {text}")),
        }
    }
    if (commit == CommitPlace::Transaction) != to.is_some() {
        return refuse("--to", "goes with --commit transaction: the topic that the results are written to");
    }
    if to.is_none() && !producer.is_empty() {
        return refuse("--producer-property", "goes with --commit transaction");
    }
    Ok(Work { processing, commit, sink, to, producer })
}

pub(super) fn write(f: &mut fmt::Formatter<'_>, work: &Work) -> fmt::Result {
    if work.processing != SimDuration::ZERO {
        write!(f, " --processing {}", work.processing)?;
    }
    if let Some((name, _)) = CommitPlace::ALL.iter().find(|(_, place)| *place == work.commit) {
        write!(f, " --commit {name}")?;
    }
    if work.sink == Sink::Idempotent {
        f.write_str(" --sink idempotent")?;
    }
    if let Some(to) = &work.to {
        write!(f, " --to {}", Quoted(to))?;
    }
    for (name, value) in &work.producer {
        write!(f, " --producer-property {}", quote(&format!("{name}={value}")))?;
    }
    Ok(())
}
