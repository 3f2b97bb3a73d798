//! The small tools above the message diagram and the charts.

use yew::prelude::*;

use super::Dispatch;
use crate::model::Action;
use crate::model::watching::Look;

/// What the zoom needs.
pub struct Zoom {
    /// `messages` or `charts`: part of the hooks.
    pub what: &'static str,
    /// The stretch chosen.
    pub name: &'static str,
    /// To a longer one.
    pub longer: Look,
    /// To a shorter one.
    pub shorter: Look,
    /// Where actions go.
    pub dispatch: Dispatch,
}

/// A longer or shorter stretch of time.
pub fn zoom(props: &Zoom) -> Html {
    let act = |look: &Look| {
        let (dispatch, look) = (props.dispatch.clone(), look.clone());
        move |_: MouseEvent| dispatch.emit(Action::Look(look.clone()))
    };
    html! {
        <span class="zoom" role="group" aria-label="Stretch of time">
            <button class="chip" data-test={format!("{}-longer", props.what)} aria-label="A longer stretch of time" onclick={act(&props.longer)}>{"−"}</button>
            <output data-test={format!("{}-span", props.what)}>{props.name}</output>
            <button class="chip" data-test={format!("{}-shorter", props.what)} aria-label="A shorter stretch of time" onclick={act(&props.shorter)}>{"+"}</button>
        </span>
    }
}

/// What a switch needs.
pub struct Toggle {
    /// Its hook.
    pub test: &'static str,
    /// What it says.
    pub label: &'static str,
    /// What it does.
    pub title: &'static str,
    /// It is on.
    pub on: bool,
    /// What a press does.
    pub look: Look,
    /// Where actions go.
    pub dispatch: Dispatch,
}

/// A switch.
pub fn toggle(props: &Toggle) -> Html {
    let (dispatch, look) = (props.dispatch.clone(), props.look.clone());
    html! {
        <button class="chip" data-test={props.test} title={props.title} aria-pressed={props.on.to_string()}
            onclick={move |_: MouseEvent| dispatch.emit(Action::Look(look.clone()))}>{props.label}</button>
    }
}
