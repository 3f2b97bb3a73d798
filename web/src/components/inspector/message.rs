//! Messages on their way, and network faults.

use playground_core::time::SimTime;
use playground_core::view::MessageView;
use yew::prelude::*;

use super::Context;
use super::facts::{Facts, until};
use crate::diagram::fate;

pub(super) fn page(id: u64, context: Context<'_>) -> Html {
    let seen = context.traffic.and_then(|traffic| traffic.messages.iter().find(|seen| seen.message.id == id));
    if let Some(seen) = seen {
        return facts(&seen.message, fate(seen, context.view.now));
    }
    let Some(message) = context.view.in_flight.iter().find(|message| message.id == id) else {
        return html! { <p class="dashed">{"It has arrived."}</p> };
    };
    let arrives = if message.arrives_at == SimTime::NEVER {
        "held by a fault".to_owned()
    } else {
        until(message.arrives_at, context.view.now)
    };
    facts(message, arrives)
}

fn facts(message: &MessageView, fate: String) -> Html {
    let records: Vec<String> = message.records.iter().map(ToString::to_string).collect();
    let facts = Facts::default()
        .plain("Kind", format!("{}{}", message.label, if message.is_reply { " response" } else { " request" }))
        .plain("From", &message.from)
        .plain("To", &message.to)
        .plain("Sent", message.sent_at)
        .plain("Arrival", fate)
        .some("Partition", message.tp.as_ref())
        .some("Offset", message.offset)
        .some(
            "Records",
            (message.record_count > 0).then(|| format!("{} ({})", message.record_count, records.join(", "))),
        )
        .some("Error", message.error.as_ref());
    html! { <><p class="sub">{"a message"}</p>{facts.done()}</> }
}

pub(super) fn fault(id: u32, context: Context<'_>) -> Html {
    let Some(fault) = context.view.faults.iter().find(|fault| fault.id == id) else {
        return html! { <p class="dashed">{"It is healed."}</p> };
    };
    let between: Vec<String> = fault.between.iter().map(ToString::to_string).collect();
    html! {
        <><p class="sub">{"a network fault in force"}</p>{Facts::default().plain("Line", &fault.text).plain("Touches", between.join(", ")).done()}</>
    }
}
