//! A consumer group.

use playground_core::collections::Order;
use playground_core::ids::{Name, TopicPartition};
use playground_core::lesson::predicate::Quantity;
use playground_core::time::SimTime;
use playground_core::view::{ClusterView, GroupView};
use yew::prelude::*;

use super::Context;
use super::facts::{Facts, until};
use crate::model::owners::generations;
use crate::scene::Selection;

/// So many generations stand side by side.
const GENERATIONS: usize = 3;
/// So many partitions are listed.
const OWNED: usize = 24;

pub(super) fn page(id: &Name, context: Context<'_>) -> Html {
    let pick =
        |view: &'_ ClusterView| -> Option<GroupView> { view.groups.iter().find(|group| group.id == *id).cloned() };
    let Some(group) = pick(context.view) else {
        return html! { <p class="dashed">{"No coordinator knows this group now."}</p> };
    };
    let before = context.before.and_then(pick);
    let before = before.as_ref();
    let facts = Facts::default()
        .compared("STATE", &group.state, before.map(|was| &was.state))
        .compared("Generation", group.generation, before.map(|was| was.generation))
        .plain("ASSIGNMENT-STRATEGY", if group.protocol.is_empty() { "none" } else { &group.protocol })
        .compared("COORDINATOR", group.coordinator, before.map(|was| was.coordinator))
        .compared("#MEMBERS", group.members.len(), before.map(|was| was.members.len()));
    html! {
        <>
            <p class="sub">{format!("as its coordinator, broker {}, has it", group.coordinator)}</p>
            {facts.done()}
            {owners(&group, context)}
            {context.whys()}
            <h3>{"Members, and when their sessions expire"}</h3>
            if group.members.is_empty() { <p class="dashed">{"Nobody is in it."}</p> }
            <ul class="list">{for group.members.iter().map(|member| member_row(member, context))}</ul>
            <h3>{"CURRENT-OFFSET and LAG"}</h3>
            if group.committed.is_empty() { <p class="dashed">{"No offset is committed yet."}</p> }
            <ul class="list">{for group.committed.iter().map(|(tp, offset, lag)| html! {
                <li><button onclick={context.select(Selection::Partition(tp.clone()))}><span class="name">{tp.to_string()}</span>
                    <span class="end">{format!("{offset}, lag {lag}")}</span></button></li>
            })}</ul>
            {work(id, context)}
        </>
    }
}

/// Who owns what, in the last generations.
fn owners(group: &GroupView, context: Context<'_>) -> Html {
    let consumers = &context.view.consumers;
    let all = generations(context.events, group, GENERATIONS);
    let mut partitions: Vec<&TopicPartition> = all.iter().flat_map(|one| one.owners.iter().map(|(tp, _)| tp)).collect();
    partitions.order();
    partitions.dedup();
    if partitions.is_empty() {
        return html! {};
    }
    let cell = |index: usize, tp: &TopicPartition| {
        let owner = all[index].owner(tp);
        let moved = index > 0 && all[index - 1].owner(tp) != owner;
        let hue = owner.and_then(|owner| consumers.iter().position(|one| one.client == *owner));
        let color = hue.map(|hue| format!("--hue:var(--p{})", hue.min(6)));
        html! {
            <td class={classes!(moved.then_some("moved"), owner.is_none().then_some("none"))}><span ~style={color}>{owner.map_or("none", |owner| owner.as_str())}</span></td>
        }
    };
    let row = |tp: &&TopicPartition| {
        html! { <tr><th scope="row">{tp.to_string()}</th>{for (0..all.len()).map(|index| cell(index, tp))}</tr> }
    };
    html! {
        <>
            <h3>{"Who owns what"}</h3>
            <table class="owners" data-test="owners">
                <thead><tr><td></td>{for all.iter().map(|one| html! {
                    <th scope="col" class={(one.number == group.generation).then_some("now")}>{format!("gen {}", one.number)}</th>
                })}</tr></thead>
                <tbody>{for partitions.iter().take(OWNED).map(row)}</tbody>
            </table>
            if partitions.len() > OWNED {
                <p class="sub">{format!("and {} more partitions", partitions.len() - OWNED)}</p>
            }
        </>
    }
}

/// What the group's application has made of the records: Kafka does not know it, the playground does.
fn work(id: &Name, context: Context<'_>) -> Html {
    let count = |quantity: fn(Name) -> Quantity, view: &ClusterView| quantity(id.clone()).of(view).unwrap_or(0);
    let counts = [
        ("Records worked on", Quantity::Processed as fn(Name) -> Quantity),
        ("… more than once", Quantity::Repeated),
        ("Committed, never worked on", Quantity::LeftOut),
        ("Rows in its store", Quantity::Rows),
    ];
    if counts.iter().all(|(_, quantity)| count(*quantity, context.view) == 0) {
        return html! {};
    }
    let facts = counts.iter().fold(Facts::default(), |facts, (name, quantity)| {
        facts.compared(name, count(*quantity, context.view), context.before.map(|before| count(*quantity, before)))
    });
    html! { <><h3>{"What its application did"}</h3>{facts.done()}</> }
}

fn member_row(
    (id, client, share, until_at): &(Name, Name, Vec<TopicPartition>, SimTime),
    context: Context<'_>,
) -> Html {
    let owns: Vec<String> = share.iter().map(|tp| tp.partition.to_string()).collect();
    let owns = if owns.is_empty() { "nothing".to_owned() } else { owns.join(", ") };
    html! {
        <li><button title={id.to_string()} onclick={context.select(Selection::Consumer(client.clone()))}><span class="name">{client.to_string()}</span>
            <span class="note">{format!("owns {owns}")}</span><span class="end">{until(*until_at, context.view.now)}</span></button></li>
    }
}
