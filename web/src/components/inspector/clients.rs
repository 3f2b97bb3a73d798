//! Producers and consumers.

use playground_core::ids::Name;
use playground_core::view::{ClusterView, ConsumerView, ProducerView};
use yew::prelude::*;

use super::Context;
use super::facts::{Facts, configs, until};
use crate::scene::Selection;

pub(super) fn producer(client: &Name, context: Context<'_>) -> Html {
    let pick = |view: &'_ ClusterView| -> Option<ProducerView> {
        view.producers.iter().find(|one| one.client == *client).cloned()
    };
    // A lesson may point at a client by name alone; a consumer of that name is meant then.
    let Some(one) = pick(context.view) else { return consumer(client, context) };
    let before = context.before.and_then(pick);
    let before = before.as_ref();
    let facts = Facts::default()
        .plain("Process", one.state.word())
        .some("Topic", one.topic.as_ref())
        .compared("Waiting in its buffer", one.waiting.len(), before.map(|was| was.waiting.len()))
        .compared("Sent, not answered", one.in_flight, before.map(|was| was.in_flight))
        .compared("Acknowledged", one.acked, before.map(|was| was.acked))
        .compared("Failed for good", one.failed, before.map(|was| was.failed))
        .plain("Producer id", one.producer_id)
        .plain("Producer epoch", one.producer_epoch)
        .some("Last error", one.last_error.as_ref());
    html! {
        <>
            <p class="sub">{"KafkaProducer, as the client knows it"}</p>
            {facts.done()}
            {configs(&one.configs)}
        </>
    }
}

fn application(consumer: &ConsumerView) -> &'static str {
    if consumer.hangs { "hangs: does not poll" } else { "polls" }
}

pub(super) fn consumer(client: &Name, context: Context<'_>) -> Html {
    let pick = |view: &'_ ClusterView| -> Option<ConsumerView> {
        view.consumers.iter().find(|one| one.client == *client).cloned()
    };
    let Some(one) = pick(context.view) else { return html! {} };
    let before = context.before.and_then(pick);
    let before = before.as_ref();
    let now = context.view.now;
    let member =
        |one: &ConsumerView| if one.member_id.is_empty() { "none yet".to_owned() } else { one.member_id.to_string() };
    let facts = Facts::default()
        .plain("Process", one.state.word())
        .some("group.id", one.group.as_ref())
        .compared("Application", application(&one), before.map(application))
        .compared("Phase", &one.phase, before.map(|was| &was.phase))
        .compared("Generation", one.generation, before.map(|was| was.generation))
        .plain("Member id", member(&one))
        .compared("Records given out", one.received, before.map(|was| was.received))
        .some("Next heartbeat", one.heartbeat.map(|(at, _)| until(at, now)))
        .some("Last error", one.last_error.as_ref());
    let row = |(tp, position): &(playground_core::ids::TopicPartition, Option<i64>)| {
        let position = position.map_or_else(|| "unknown".to_owned(), |at| format!("position {at}"));
        html! {
            <li><button onclick={context.select(Selection::Partition(tp.clone()))}>{tp.to_string()}<span class="end">{position}</span></button></li>
        }
    };
    html! {
        <>
            <p class="sub">{"KafkaConsumer, as the client knows it"}</p>
            {facts.done()}
            <h3>{"Assigned"}</h3>
            if one.assignment.is_empty() { <p class="dashed">{"No partition: it has nothing to read."}</p> }
            <ul class="list">{for one.assignment.iter().map(row)}</ul>
            if let Some(group) = &one.group {
                <div class="buttons"><button class="button small" onclick={context.select(Selection::Group(group.clone()))}>{format!("Group {group}")}</button></div>
            }
            {configs(&one.configs)}
        </>
    }
}
