//! Branches as a tree: every future that was left behind can be named, reopened and compared.

use playground_core::timeline::BranchView;
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::Dispatch;
use super::differences::{DifferencesProps, differences};
use super::stage::use_after;
use crate::model::compare::Comparison;
use crate::model::{Action, Shared};

/// What is listed.
#[derive(Properties, PartialEq)]
pub struct BranchesProps {
    /// All branches.
    pub branches: Shared<Vec<BranchView>>,
    /// The comparison that is open.
    pub comparison: Option<Shared<Comparison>>,
    /// Where actions go.
    pub dispatch: Dispatch,
}

/// A branch in the order of the tree, with how deep it lies.
fn in_tree(branches: &[BranchView]) -> Vec<(usize, &BranchView)> {
    fn below<'a>(
        branches: &'a [BranchView],
        parent: Option<usize>,
        depth: usize,
        all: &mut Vec<(usize, &'a BranchView)>,
    ) {
        for branch in branches.iter().filter(|branch| branch.parent == parent) {
            all.push((depth, branch));
            below(branches, Some(branch.id), depth + 1, all);
        }
    }
    let mut all = Vec::new();
    below(branches, None, 0, &mut all);
    all
}

/// The tree of branches and, while two are compared, what differs.
#[component]
pub fn Branches(props: &BranchesProps) -> Html {
    let renaming = use_state(|| None::<usize>);
    // Who renames goes on in the field as soon as it stands.
    let focus = || {
        let field = crate::shell::document::find(".branches .rename");
        if let Some(input) = field.and_then(|field| field.dyn_into::<HtmlInputElement>().ok()) {
            let _ = input.focus();
            input.select();
        }
    };
    use_after(renaming.map_or_else(String::new, |id| id.to_string()), Box::new(focus));
    let compared = props.comparison.as_ref().map(|comparison| comparison.branch);
    let row = |(depth, branch): (usize, &BranchView)| {
        let act = |action: Action| {
            let dispatch = props.dispatch.clone();
            Callback::from(move |_: MouseEvent| dispatch.emit(action.clone()))
        };
        let id = branch.id;
        let from = match branch.parent.and_then(|parent| props.branches.get(parent)) {
            Some(parent) => format!("left {} at {}", parent.name, branch.fork_at),
            None => "from the beginning".to_owned(),
        };
        let rename = {
            let renaming = renaming.clone();
            Callback::from(move |_: MouseEvent| renaming.set((*renaming != Some(id)).then_some(id)))
        };
        let other = compared == Some(id);
        let verb = if other { "Comparing" } else { "Compare" };
        let compare = if other { Action::Compare(None) } else { Action::Compare(Some(id)) };
        html! {
            <li class="branch-row" data-depth={depth.min(6).to_string()} data-active={branch.active.to_string()}>
                <span class="limb" aria-hidden="true" ~style={format!("width:{}px", depth.min(6) * 22)}></span>
                if *renaming == Some(id) {
                    {rename_field(id, &branch.name, renaming.clone(), props.dispatch.clone())}
                } else {
                    <button class="branch" data-test={format!("branch-{id}")} aria-current={branch.active.then_some("true")} onclick={act(Action::Switch(id))}
                        title="Open this branch at its end">
                        <b>{&branch.name}</b><span class="note">{from}</span><span class="end">{format!("to {}", branch.end)}</span>
                    </button>
                }
                <button class="button small quiet" data-test={format!("rename-{id}")} aria-label={format!("Rename {}", branch.name)} onclick={rename}>{"Rename"}</button>
                if !branch.active {
                    <button class="button small" data-test={format!("compare-{id}")} aria-pressed={other.to_string()} aria-label={format!("{verb} with {}", branch.name)}
                        onclick={act(compare)}>{verb}</button>
                }
            </li>
        }
    };
    html! {
        <div class="log branches" data-test="branches">
            <ul class="branch-tree" aria-label="Branches">{for in_tree(&props.branches).into_iter().map(row)}</ul>
            if props.branches.len() == 1 {
                <p class="dashed">
                    {"Step back and do something else there: the future that you leave stays here, and can be named, reopened and compared."}
                </p>
            }
            if let Some(comparison) = &props.comparison {
                {differences(&DifferencesProps { branches: props.branches.clone(), comparison: comparison.clone(), dispatch: props.dispatch.clone() })}
            }
        </div>
    }
}

/// A field for the new name: Enter takes it, Esc leaves it.
fn rename_field(id: usize, name: &str, renaming: UseStateHandle<Option<usize>>, dispatch: Dispatch) -> Html {
    let onkeydown = Callback::from(move |event: KeyboardEvent| {
        let key = event.key();
        match key.as_str() {
            "Enter" => {
                let input: HtmlInputElement = event.target_unchecked_into();
                dispatch.emit(Action::Rename(id, input.value()));
            }
            "Escape" => event.stop_propagation(),
            _ => return,
        }
        renaming.set(None);
    });
    html! {
        <input class="input rename" value={name.to_owned()} maxlength="40" aria-label="Name of the branch" data-test="branch-name" {onkeydown} />
    }
}

#[cfg(test)]
mod tests {
    use playground_core::time::SimTime;

    use super::*;

    #[test]
    fn children_follow_their_parent() {
        let branch = |id: usize, parent: Option<usize>| BranchView {
            id,
            name: format!("branch {id}"),
            fork_at: SimTime(id as u64),
            parent,
            end: SimTime(9),
            active: id == 0,
        };
        let all = [branch(0, None), branch(1, Some(0)), branch(2, Some(0)), branch(3, Some(1))];
        let order: Vec<(usize, usize)> = in_tree(&all).into_iter().map(|(depth, branch)| (depth, branch.id)).collect();
        assert_eq!(order, [(0, 0), (1, 1), (2, 3), (1, 2)]);
    }
}
