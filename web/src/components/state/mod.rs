//! The dock's tab "State": what there is to know about the cluster that the picture has no room for.

mod configs;
mod internal;
mod ledger;
mod promises;
mod znodes;

use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::Dispatch;
use crate::model::inquiry::{Answers, ConfigOwner, StatePanel};
use crate::model::{Action, Shared, Snapshot, Subject};

/// What the tab shows.
pub struct StateProps {
    /// The moment.
    pub snapshot: Shared<Snapshot>,
    /// The open panel.
    pub panel: StatePanel,
    /// Whose configs it shows.
    pub owner: Option<ConfigOwner>,
    /// The config that was asked for last, and how often one was.
    pub asked: (u32, &'static str),
    /// Which internal partition it shows.
    pub internal: Option<playground_core::ids::TopicPartition>,
    /// What was asked for it.
    pub answers: Shared<Answers>,
    /// What is selected.
    pub selected: Option<Subject>,
    /// Where actions go.
    pub dispatch: Dispatch,
}

/// The choice of panels and the open one.
pub fn state_tab(props: &StateProps) -> Html {
    let choice = |panel: &StatePanel| {
        let (dispatch, panel) = (props.dispatch.clone(), *panel);
        html! {
            <button class="button small" role="radio" aria-checked={(panel == props.panel).to_string()} data-test={format!("state-{}", panel.name())}
                onclick={move |_: MouseEvent| dispatch.emit(Action::State(panel))}>{panel.label()}</button>
        }
    };
    html! {
        <div class="state" data-state-panel={props.panel.name()}>
            <div class="state-choice" role="radiogroup" aria-label="State">{for StatePanel::ALL.iter().map(choice)}</div>
            {panel(props)}
        </div>
    }
}

fn panel(props: &StateProps) -> Html {
    let (view, dispatch) = (props.snapshot.view.clone(), props.dispatch.clone());
    match props.panel {
        StatePanel::Ledger => html! { <ledger::Ledger {view} selected={props.selected.clone()} {dispatch} /> },
        StatePanel::Promises => match &props.answers.promises {
            Some(promises) => html! { {promises::promises(&promises::Props { promises: promises.clone(), dispatch })} },
            None => html! {},
        },
        StatePanel::Configs => match &props.owner {
            Some(owner) => {
                html! { <configs::Configs {view} owner={owner.clone()} answers={props.answers.clone()} asked={props.asked} {dispatch} /> }
            }
            None => html! {},
        },
        StatePanel::Znodes => {
            html! { <znodes::Znodes {view} answers={props.answers.clone()} selected={props.selected.clone()} {dispatch} /> }
        }
        StatePanel::Internal => {
            html! { <internal::Internal {view} tp={props.internal.clone()} answers={props.answers.clone()} selected={props.selected.clone()} {dispatch} /> }
        }
    }
}

/// A button that goes to a time.
fn jump(at: playground_core::time::SimTime, what: &str, dispatch: &Dispatch) -> Html {
    let dispatch = dispatch.clone();
    let onclick = move |event: MouseEvent| {
        event.stop_propagation();
        dispatch.emit(Action::Seek(at));
    };
    html! {
        <button class="link jump" data-test="jump" data-us={at.0.to_string()} {onclick} aria-label={format!("{what}: go to {at}")}>{at.to_string()}</button>
    }
}

/// Keeps what is typed into a field.
fn typed(words: UseStateSetter<String>) -> Callback<InputEvent> {
    Callback::from(move |event: InputEvent| {
        let input: HtmlInputElement = event.target_unchecked_into();
        words.set(input.value());
    })
}
