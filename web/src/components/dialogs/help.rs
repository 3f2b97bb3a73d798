//! Keys, and how the playground works.

use yew::prelude::*;

use crate::model::keymap::{KEYS, Key};

/// The help.
pub fn help() -> Html {
    let key = |key: &Key| {
        html! {
            <>
                <dt>{for key.keys.iter().map(|one| html! { <><kbd>{*one}</kbd>{" "}</> })}</dt>
                <dd>{key.does}</dd>
            </>
        }
    };
    html! {
        <>
            <p class="note">{"A whole Apache Kafka 3.9 cluster is simulated in this page, message by message, under a clock of its own. \
                Nothing is scripted: what you see follows from what the protocols do. The same start and the same commands give the \
                same history, so every moment can be gone back to, left in another direction, and sent as a link."}</p>
            <dl class="keys" data-test="keys">{for KEYS.iter().map(key)}</dl>
            <p class="note">{"Letters act only while no field is being typed in."}</p>
        </>
    }
}
