//! Kafka's promises as lamps: a tick holds, a cross is broken and says by what.

use playground_core::view::{PromiseView, PromisesView};
use yew::prelude::*;

use super::jump;
use crate::components::Dispatch;

/// What the panel shows.
pub struct Props {
    /// All promises.
    pub promises: PromisesView,
    /// Where actions go.
    pub dispatch: Dispatch,
}

/// The lamps, broken ones first.
pub fn promises(props: &Props) -> Html {
    let all = &props.promises;
    let broken = all.lamps.iter().filter(|one| one.broken.is_some());
    let kept = all.lamps.iter().filter(|one| one.broken.is_none());
    let count = broken.clone().count();
    let summary = match count {
        0 => format!("All {} hold. Each is checked after every event.", all.lamps.len()),
        _ => format!("{count} of {} broken. Each is checked after every event.", all.lamps.len()),
    };
    html! {
        <div class="scroll" tabindex="0" role="region" aria-label="Promises">
            <p class="state-sum" data-test="promises-sum">{summary}</p>
            if !all.excused.is_empty() {
                <ul class="excused" data-test="promises-excused">{for all.excused.iter().map(|(tp, why)| html! {
                    <li>{format!("{tp}: committed records may be missing, and Kafka allows it here: {why}.")}</li>
                })}</ul>
            }
            <ul class="lamps">{for broken.chain(kept).map(|one| lamp(one, &props.dispatch))}</ul>
        </div>
    }
}

fn lamp(one: &PromiseView, dispatch: &Dispatch) -> Html {
    let (state, sign) = if one.broken.is_some() { ("broken", "✕") } else { ("holds", "✓") };
    html! {
        <li class={classes!("lamp", state)} data-test={format!("promise-{}", one.name)} data-state={state}>
            <span class="sign" aria-hidden="true">{sign}</span>
            <span><b>{one.sentence}</b><small>{one.name}{" · "}{one.source}{" · "}<span class="lamp-state">{state}</span></small>
                if let Some((evidence, at)) = &one.broken {
                    <span class="evidence">{evidence.to_string()}{" "}{jump(*at, "When it was seen", dispatch)}</span>
                }
            </span>
        </li>
    }
}
