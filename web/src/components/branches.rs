//! Branches: every future that was left behind can be reopened.

use playground_core::timeline::BranchView;
use yew::prelude::*;

use super::Dispatch;
use crate::model::{Action, Shared};

/// What is listed.
#[derive(Properties, PartialEq)]
pub struct BranchesProps {
    /// All branches.
    pub branches: Shared<Vec<BranchView>>,
    /// Where actions go.
    pub dispatch: Dispatch,
}

/// The list of branches.
#[component]
pub fn Branches(props: &BranchesProps) -> Html {
    let row = |branch: &BranchView| {
        let (dispatch, id) = (props.dispatch.clone(), branch.id);
        let onclick = move |_: MouseEvent| dispatch.emit(Action::Switch(id));
        let from = match branch.parent.and_then(|parent| props.branches.get(parent)) {
            Some(parent) => format!("left {} at {}", parent.name, branch.fork_at),
            None => "from the beginning".to_owned(),
        };
        html! {
            <button class="branch" data-test={format!("branch-{id}")} aria-current={branch.active.then_some("true")} {onclick}>
                <b>{&branch.name}</b><span class="note">{from}</span><span class="end">{format!("to {}", branch.end)}</span>
            </button>
        }
    };
    html! {
        <div class="log" data-test="branches">
            {for props.branches.iter().map(row)}
            if props.branches.len() == 1 {
                <p class="dashed">
                    {"Step back and do something else there: the future that you leave stays here, and can be reopened."}
                </p>
            }
        </div>
    }
}
