//! Where two branches differ: what only one of them told, and what a tool would show differently now; internal topics folded.

use playground_core::timeline::{BranchView, ToldApart};
use playground_core::view::Difference;
use yew::prelude::*;

use super::Dispatch;
use crate::model::compare::{Comparison, ToldOf, is_internal};
use crate::model::{Action, Shared};

/// What is listed.
pub struct DifferencesProps {
    /// All branches.
    pub branches: Shared<Vec<BranchView>>,
    /// The comparison.
    pub comparison: Shared<Comparison>,
    /// Where actions go.
    pub dispatch: Dispatch,
}

/// Two tables: now, and on the way.
pub fn differences(props: &DifferencesProps) -> Html {
    let other = &props.comparison;
    let own = props.branches.iter().find(|branch| branch.active).map_or_else(String::new, |branch| branch.name.clone());
    // Fifty partitions of offsets with another leader each would hide what differs of one's own topics.
    let (internal_now, own_now): (Vec<_>, Vec<_>) = other.differences.iter().partition(|one| is_internal(&one.of));
    let (own_told, internal_told) = (&other.told, &other.told_of_internal);
    let first = own_told.told.first().or(internal_told.told.first()).map(|told| {
        let (dispatch, at) = (props.dispatch.clone(), told.at);
        let onclick = Callback::from(move |_: MouseEvent| dispatch.emit(Action::Seek(at)));
        let side = if told.second { &other.name } else { &own };
        html! {
            <p class="note" data-test="first-difference">
                {"The first difference: "}<button class="link" {onclick} aria-label={format!("Go to {at}, the first difference")}>{at.to_string()}</button>
                {format!(", {} at {}, in {side} only.", told.text, told.node)}
            </p>
        }
    });
    let heads = |first: &'static str, second: &'static str| {
        html! {
            <thead><tr><th scope="col">{first}</th><th scope="col">{second}</th>
                <th scope="col"><b class="side-letter">{"A"}</b>{own.clone()}</th><th scope="col"><b class="side-letter">{"B"}</b>{other.name.clone()}</th></tr></thead>
        }
    };
    let now_table = |test: Option<&'static str>, caption: String, rows: Vec<&Difference>| {
        html! {
            if !rows.is_empty() {
                <table class="grid" data-test={test}><caption>{caption}</caption>{heads("Of", "What")}<tbody>{for rows.into_iter().map(now)}</tbody></table>
            }
        }
    };
    let told_table = |test: Option<&'static str>, of: &ToldOf| {
        let (first, newest) = of.told.split_at(of.told.len().min(1));
        html! {
            if !of.told.is_empty() {
                <table class="grid" data-test={test}><caption>{"On the way: what only one of them told, the newest first; what both told is folded"}</caption>
                    {heads("Time", "Where")}<tbody>
                        {for newest.iter().rev().map(told)}
                        if of.left_out > 0 { <tr><td colspan="4" class="note">{format!("{} more between these and the first", of.left_out)}</td></tr> }
                        {for first.iter().map(told)}
                    </tbody></table>
            }
        }
    };
    let differ = |count: usize| format!("Now: {count} {}", if count == 1 { "thing differs" } else { "things differ" });
    html! {
        <div class="differences" data-test="differences">
            if other.differences.is_empty() && own_told.told.is_empty() && internal_told.told.is_empty() {
                <p class="dashed">{"Nothing differs at this moment."}</p>
            }
            {first}
            {now_table(Some("differences-now"), differ(own_now.len()), own_now)}
            {told_table(Some("differences-told"), own_told)}
            if internal_now.len() + internal_told.told.len() > 0 {
                <details data-test="differences-internal">
                    <summary>{format!("Of internal topics: {} now, {} on the way", internal_now.len(), internal_told.told.len() + internal_told.left_out)}</summary>
                    {now_table(None, differ(internal_now.len()), internal_now)}
                    {told_table(None, internal_told)}
                </details>
            }
        </div>
    }
}

fn now(one: &Difference) -> Html {
    html! {
        <tr data-of={format!("{} {}", one.of, one.what)}><td>{&one.of}</td><td>{&one.what}</td><td class="side">{&one.first}</td><td class="side">{&one.second}</td></tr>
    }
}

fn told(one: &ToldApart) -> Html {
    let (first, second) = if one.second { ("", one.text.as_str()) } else { (one.text.as_str(), "") };
    html! {
        <tr><td class="mono">{one.at.to_string()}</td><td>{&one.node}</td>
            <td class={(!one.second).then_some("side")}>{first.to_owned()}</td><td class={one.second.then_some("side")}>{second.to_owned()}</td></tr>
    }
}
