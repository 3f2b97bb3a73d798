//! Kafka's promises as lamps: each with what it says, where Kafka makes it, and what broke it.

use super::ClusterView;
use crate::ids::{Name, TopicPartition};
use crate::invariant::{Promise, Promises};
use crate::time::SimTime;

/// A promise and whether it holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PromiseView {
    /// Its name.
    pub name: &'static str,
    /// What is promised, as a sentence.
    pub sentence: &'static str,
    /// Where Kafka makes it.
    pub source: &'static str,
    /// What broke it first: the evidence, and when it was seen.
    pub broken: Option<(Name, SimTime)>,
}

/// All promises.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct PromisesView {
    /// One a promise, in a fixed order.
    pub lamps: Vec<PromiseView>,
    /// Partitions on which Kafka allows itself a loss of committed records, and why.
    pub excused: Vec<(TopicPartition, Name)>,
}

/// The lamps; partitions are those of `view`.
pub fn promises(promises: &Promises, view: &ClusterView) -> PromisesView {
    let lamp = |promise: Promise| PromiseView {
        name: promise.name(),
        sentence: promise.sentence(),
        source: promise.source(),
        broken: promises
            .violations()
            .iter()
            .find(|violation| violation.promise == promise)
            .map(|violation| (violation.evidence.as_str().into(), violation.at)),
    };
    let partitions = view.topics.iter().flat_map(|topic| &topic.partitions);
    let excused = partitions.filter_map(|partition| {
        let excuse = promises.allowed_loss(&partition.tp)?;
        Some((partition.tp.clone(), excuse.to_string().into()))
    });
    PromisesView { lamps: Promise::ALL.map(lamp).to_vec(), excused: excused.collect() }
}
