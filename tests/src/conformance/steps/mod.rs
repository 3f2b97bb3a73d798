//! The verbs of the format: each starts a task on the workbench.

mod admin;
mod cluster;
mod consumer;
mod looking;
mod offsets_topic;
mod producer;
mod tool;
mod transactions;
mod waiting;

use playground_core::time::SimTime;
use serde_json::{Value, json};

use super::bench::{Bench, Task};
use super::case::{Fields, Step};
pub use tool::plain;

/// A verb, the fields it understands, and what it does.
pub struct Verb {
    name: &'static str,
    fields: &'static [&'static str],
    start: fn(&mut Bench, &Fields) -> Result<Task, String>,
}

fn find(name: &str) -> Result<&'static Verb, String> {
    let all = [
        cluster::VERBS,
        admin::VERBS,
        looking::VERBS,
        producer::VERBS,
        transactions::VERBS,
        consumer::VERBS,
        waiting::VERBS,
        tool::VERBS,
    ];
    all.into_iter().flatten().find(|verb| verb.name == name).ok_or_else(|| format!("not supported: {name}"))
}

/// Complains of a verb or a field that nobody understands, before anything is played.
///
/// # Errors
/// Names the verb or the field.
pub fn check(step: &Step) -> Result<(), String> {
    let mut step = step.clone();
    loop {
        step.fields.only(find(&step.verb)?.fields)?;
        waiting::check(&step)?;
        match step.fields.raw("step") {
            Some(inner) => step = Step::parse(inner, step.number)?,
            None => return Ok(()),
        }
    }
}

/// Starts a step.
///
/// # Errors
/// A field is missing or of the wrong type, or the step cannot be done on this cluster.
pub fn start(bench: &mut Bench, step: &Step) -> Result<Task, String> {
    (find(&step.verb)?.start)(bench, &step.fields)
}

/// A task whose answer is there.
fn done(value: Value) -> Task {
    Box::new(move |_| Some(value.clone()))
}

/// A task that is done and went well.
fn ok() -> Task {
    done(json!("ok"))
}

/// A task that answers at a time.
fn at(bench: &mut Bench, at: SimTime, value: Value) -> Task {
    bench.wake_at(at);
    Box::new(move |bench| (bench.world.now() >= at).then(|| value.clone()))
}
