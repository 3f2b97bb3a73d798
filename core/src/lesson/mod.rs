//! Lessons: Markdown files that a trainer writes, and the engine that plays them.
//!
//! A lesson issues commands and asks questions; what follows is what the protocols do. Nothing is
//! scripted, and which answer is right is decided by named [`Predicate`]s over the cluster that was
//! reached. The format of the files is described in `assets/lessons/README.md`.
//!
//! # How a page drives a lesson
//!
//! 1. `LessonRun::open(&lesson)` boots the cluster, carries out the first step's `run` commands and
//!    gives the run and its [`crate::timeline::Timeline`]. The picture stands still.
//! 2. Draw `lesson.steps[status.step]` (headline, prose, options, looks) and `run.status(&timeline,
//!    &view)`: state of the prediction, goals, hints, what differs and the primary action.
//! 3. [`LessonRun::pick`], then [`LessonRun::lock`]. Until then `status.may_advance` is false and the
//!    run refuses to let time pass.
//! 4. Every frame while playing: `run.run_to(&mut timeline, until, budget)` instead of the
//!    timeline's own; a single step: `run.step(&mut timeline)`. Both carry out the step's `play`
//!    commands when they are due and notice goals at every event. When [`Ran::settled`] is true the
//!    step was just decided: pause and show the grade.
//! 5. Commands of the learner go through `run.act(&mut timeline, command)`.
//! 6. Seeking and stepping back are the timeline's own; afterwards call `status` again: goals and
//!    grade follow the position. Answers and hints are the learner's and stay.
//! 7. `run.next(&mut timeline)` opens the next step (from where this one was decided, whatever was
//!    explored since), `run.reset(&mut timeline)` goes back to the start of this one.

mod blocks;
mod error;
mod front_matter;
mod glossary;
mod library;
mod parse;
mod play;
pub mod predicate;
mod prose;
mod run;
mod status;
mod story;
#[cfg(test)]
mod tests;

pub use error::LessonError;
pub use glossary::{DEFINITION_WORDS_MAX, Found, Glossary, GlossaryEntry};
pub use library::{GLOSSARY, SANDBOX, library, sandbox, sources};
pub use predicate::Predicate;
pub use prose::{Paragraph, Prose, Span};
pub use run::{LessonRun, Ran};
pub use status::{AskState, Differs, GoalStatus, NextAction, NextKind, Pick, Status, Verdict};

use crate::collections::Order;
use crate::command::Command;
use crate::ids::{BrokerId, Name, TopicPartition};
use crate::sim::Genesis;

/// A lesson.
#[derive(Clone, PartialEq, Debug)]
pub struct Lesson {
    /// Its name in links: lower case, digits, dashes.
    pub id: Name,
    /// Its title.
    pub title: String,
    /// One sentence: what the learner will know.
    pub aim: String,
    /// About how many minutes it takes.
    pub minutes: u32,
    /// The chapter that lists it.
    pub chapter: String,
    /// For a lesson of one's own: the lesson of the course whose terms its readers have met, by its id.
    pub after: Option<Name>,
    /// The cluster that stands when it opens.
    pub genesis: Genesis,
    /// Layers of the picture that exist from the beginning.
    pub show: Vec<Layer>,
    /// The topic that the picture begins with.
    pub topic: Option<Name>,
    /// What is selected when it opens.
    pub select: Option<Target>,
    /// Its steps, at least one.
    pub steps: Vec<Step>,
}

/// One question, what the learner does about it, and what shows that it is answered.
#[derive(Clone, PartialEq, Debug)]
pub struct Step {
    /// Line of its headline in the file, from 1.
    pub line: u32,
    /// The question.
    pub headline: String,
    /// At most [`WORDS_MAX`] words.
    pub prose: Prose,
    /// Carried out at once when the step opens.
    pub run: Vec<Command>,
    /// Played on the learner's sign; after the prediction is locked, if there is one.
    pub play: Vec<Command>,
    /// A prediction.
    pub ask: Option<Ask>,
    /// What has to become true.
    pub goals: Vec<Goal>,
    /// At most three, from a nudge to nearly the answer.
    pub hints: Vec<Prose>,
    /// Commands that reach the goals; typed for the learner, not run.
    pub solution: Vec<Command>,
    /// Other ways that reach them too; for the check of the lesson, never shown.
    pub alternatives: Vec<Vec<Command>>,
    /// Ways that do not reach them; for the check of the lesson, never shown.
    pub wrong_ways: Vec<Vec<Command>>,
    /// Rows of the curriculum that its prediction or its goals decide: `T5`, `P6`.
    pub covers: Vec<Name>,
    /// What to highlight.
    pub look: Vec<Look>,
    /// Shown when the step is decided.
    pub done: Option<Prose>,
}

/// Words of prose that a step may have.
pub const WORDS_MAX: usize = 60;
/// Depths of hints that a step may have.
pub const HINTS_MAX: usize = 3;

/// A prediction that is locked before the run and decided by it.
#[derive(Clone, PartialEq, Debug)]
pub struct Ask {
    /// What kind of thing is picked.
    pub kind: AskKind,
    /// The options, at least two.
    pub options: Vec<AskOption>,
    /// What is said to somebody who did not know.
    pub unsure: Option<Prose>,
}

/// Where a prediction is picked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AskKind {
    /// From a list of sentences.
    Options,
    /// A partition in the picture: the slot behind its newest record.
    Partition,
    /// A broker in the picture.
    Broker,
    /// A record in the picture.
    Record,
}

/// One answer.
#[derive(Clone, PartialEq, Debug)]
pub struct AskOption {
    /// Its line in the file, from 1.
    pub line: u32,
    /// What the card says.
    pub label: Vec<Span>,
    /// Where it is in the picture; always there unless the kind is [`AskKind::Options`].
    pub place: Option<Target>,
    /// True on the reached cluster if this was the right one.
    pub when: Predicate,
    /// For a wrong one: where the belief leads and why not. For the right one: why.
    pub comment: Prose,
}

/// Something that has to become true.
#[derive(Clone, PartialEq, Debug)]
pub struct Goal {
    /// Its line in the file, from 1.
    pub line: u32,
    /// What the check list says.
    pub text: Vec<Span>,
    /// What is checked.
    pub when: Predicate,
    /// It has to be true still when the step ends; otherwise once is enough.
    pub keep: bool,
}

/// Something to look at.
#[derive(Clone, PartialEq, Debug)]
pub struct Look {
    /// What.
    pub target: Target,
    /// What is said beside it.
    pub caption: Option<String>,
}

/// A thing in the picture.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Target {
    /// `broker 102`
    Broker(BrokerId),
    /// `partition t-0`
    Partition(TopicPartition),
    /// `replica t-0 102`
    Replica(TopicPartition, BrokerId),
    /// `record t-0 3`
    Record(TopicPartition, i64),
    /// `client truck-C`: a producer or a consumer.
    Client(Name),
    /// `group dashboard`
    Group(Name),
    /// `topic trucks_gps`
    Topic(Name),
    /// `znode /controller`
    Znode(Name),
    /// `layer isr`: a layer of the picture, which exists from this step on.
    Layer(Layer),
}

/// A layer of the picture: it is absent until a lesson needs it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Layer {
    /// Producers above the brokers.
    Producers,
    /// Consumers below the brokers.
    Consumers,
    /// Replicas that do not lead.
    Followers,
    /// Messages in flight.
    Messages,
    /// Fetches of followers and consumers among the messages.
    Fetches,
    /// High watermarks and log ends.
    HighWatermark,
    /// In-sync replicas at each column's head.
    Isr,
    /// Leader epochs.
    LeaderEpoch,
    /// Which broker is the controller.
    Controller,
    /// The ensemble, sessions and watches.
    ZooKeeper,
    /// Group coordinators, generations, heartbeats, session deadlines.
    Groups,
    /// Committed offsets and lag.
    CommittedOffsets,
    /// `__consumer_offsets` and its like.
    InternalTopics,
    /// Counters of sent, acknowledged, read and lost records.
    Ledger,
}

impl Layer {
    /// All layers with their names in lesson files.
    pub const ALL: [(Self, &'static str); 14] = [
        (Self::Producers, "producers"),
        (Self::Consumers, "consumers"),
        (Self::Followers, "followers"),
        (Self::Messages, "messages"),
        (Self::Fetches, "fetches"),
        (Self::HighWatermark, "high-watermark"),
        (Self::Isr, "isr"),
        (Self::LeaderEpoch, "leader-epoch"),
        (Self::Controller, "controller"),
        (Self::ZooKeeper, "zookeeper"),
        (Self::Groups, "groups"),
        (Self::CommittedOffsets, "committed-offsets"),
        (Self::InternalTopics, "internal-topics"),
        (Self::Ledger, "ledger"),
    ];

    /// Its name in lesson files.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(layer, _)| *layer == self).map_or("", |(_, name)| name)
    }

    /// The layer of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == name).map(|(layer, _)| *layer)
    }
}

impl Lesson {
    /// Reads a lesson file.
    ///
    /// # Errors
    /// The first thing that is wrong, with its line and what was expected.
    pub fn parse(text: &str) -> Result<Self, LessonError> {
        parse::lesson(text)
    }

    /// Reads the head of a lesson file only; the lesson has no steps.
    ///
    /// # Errors
    /// As [`Lesson::parse`], about the head.
    pub fn parse_head(text: &str) -> Result<Self, LessonError> {
        front_matter::front_matter(text).map(|(lesson, _, _)| lesson)
    }

    /// Layers of the picture that exist in a step: the lesson's own and those that the steps up to
    /// this one have brought.
    pub fn layers(&self, step: usize) -> Vec<Layer> {
        let brought =
            self.steps.iter().take(step + 1).flat_map(|step| &step.look).filter_map(|look| match look.target {
                Target::Layer(layer) => Some(layer),
                _ => None,
            });
        let mut layers: Vec<Layer> = self.show.iter().copied().chain(brought).collect();
        layers.order();
        layers.dedup();
        layers
    }
}
