//! Under-replicated partitions, by the replicas that are missing from their ISR: what a few brokers explain.

use playground_core::ids::BrokerId;
use yew::prelude::*;

use super::Context;
use crate::model::diagnosis::{Lack, lacks};
use crate::scene::Selection;

/// So many causes are listed.
const CAUSES: usize = 6;

/// What is under-replicated, by cause: all of it, or what misses one broker.
pub(super) fn by_cause(about: Option<BrokerId>, context: Context<'_>) -> Html {
    let all = lacks(context.view, about);
    if all.is_empty() {
        return html! {};
    }
    let row = |lack: &Lack| {
        html! {
            <li><button onclick={context.select(Selection::Partition(lack.first.clone()))}><b class="count">{lack.count}</b><span>{lack.words()}</span></button></li>
        }
    };
    html! {
        <>
            <h3>{"What is under-replicated, by cause"}</h3>
            <ul class="list" data-test="by-cause">{for all.iter().take(CAUSES).map(row)}</ul>
            if all.len() > CAUSES {
                <p class="sub">{format!("and {} more combinations", all.len() - CAUSES)}</p>
            }
        </>
    }
}
