//! Two branches side by side on one clock: the picture that is shown is the first side, this is the second,
//! the heads of both, and what each ledger comes to.

use yew::prelude::*;

use crate::decimal::px;
use playground_core::view::{LedgerEntries, LedgerSums};

use super::Dispatch;
use super::ledger_strip::strip;
use crate::model::compare::{Comparison, Side};
use crate::model::{Action, Shared, Snapshot};
use crate::scene::Layout;

/// What the second side needs.
pub struct ComparedProps {
    /// The moment of the first side.
    pub snapshot: Shared<Snapshot>,
    /// The second side.
    pub comparison: Shared<Comparison>,
    /// Where everything in its picture is.
    pub layout: Option<Shared<Layout>>,
    /// The side that a narrow page shows.
    pub side: Side,
    /// The box.
    pub frame: NodeRef,
    /// The layer that changes with the state.
    pub state: NodeRef,
    /// The layer that changes with time.
    pub motion: NodeRef,
    /// Where actions go.
    pub dispatch: Dispatch,
}

/// Heads, the second picture, sums.
pub fn compared(props: &ComparedProps) -> Html {
    let (shot, other) = (&props.snapshot, &props.comparison);
    let own = shot.branches.iter().find(|branch| branch.active);
    let own_name = own.map_or_else(String::new, |branch| branch.name.clone());
    let width = props.layout.as_ref().map_or_else(String::new, |layout| format!("width:{}px", px(layout.bounds.w)));
    let show = |side: Side| {
        let dispatch = props.dispatch.clone();
        Callback::from(move |_: MouseEvent| dispatch.emit(Action::Side(side)))
    };
    let alone = |action: Action| {
        let dispatch = props.dispatch.clone();
        Callback::from(move |_: MouseEvent| dispatch.emit(action.clone()))
    };
    let parted = format!("both the same up to {}", other.parted);
    let theirs = if other.beyond { format!("{parted}; went on by itself after {}", other.end) } else { parted.clone() };
    let head = |side: Side, name: &str, note: &str, action: Action| {
        html! {
            <div class="side-head" data-side={side.name()}>
                <b class="side-letter">{side.letter()}</b><span class="name">{name.to_owned()}</span><span class="note">{note.to_owned()}</span>
                <button class="button small" data-test={format!("alone-{}", side.name())} onclick={alone(action)}
                    aria-label={format!("Open alone: {name}")}>{"Open alone"}</button>
            </div>
        }
    };
    html! {
        <>
            <section class="sides" aria-label="Two branches side by side" data-test="compare" data-other={other.branch.to_string()} data-differences={other.differences.len().to_string()}>
                {head(Side::First, &own_name, &parted, Action::Compare(None))}
                {head(Side::Second, &other.name, &theirs, Action::Switch(other.branch))}
                <div class="side-choice" role="radiogroup" aria-label="Branch shown">
                    {for [(Side::First, &own_name), (Side::Second, &other.name)].into_iter().map(|(side, name)| html! {
                        <button role="radio" data-test={format!("side-{}", side.name())} aria-checked={(side == props.side).to_string()} onclick={show(side)}>
                            <b class="side-letter">{side.letter()}</b>{name.clone()}</button>
                    })}
                </div>
            </section>
            <section class="other" aria-label={format!("The cluster of {}", other.name)} data-test="compare-other">
                <p class="unseen" data-test="compare-words">{&other.words}</p>
                <div class="scene" ref={&props.frame}>
                    <div class="scene-inner" ~style={width}>
                        <canvas ref={&props.state} aria-hidden="true"></canvas>
                        <canvas ref={&props.motion} aria-hidden="true"></canvas>
                    </div>
                </div>
            </section>
            <section class="sums" aria-label="What became of the records">
                {sums(Side::First, &other.sums.0, &other.sums.1, &shot.view.ledger)}
                {sums(Side::Second, &other.sums.1, &other.sums.0, &other.view.ledger)}
            </section>
        </>
    }
}

/// What one ledger comes to; what is not as on the other side is marked.
fn sums(side: Side, own: &LedgerSums, other: &LedgerSums, ledger: &LedgerEntries) -> Html {
    let cell = |word: &'static str, own: u32, other: u32, bad: bool| {
        html! {
            <div class={classes!("sum", (own != other).then_some("differs"), (bad && own > 0).then_some("lost"))} data-test={format!("sum-{}-{word}", side.name())}>
                <b>{own.to_string()}</b><span>{word}</span>
            </div>
        }
    };
    html! {
        <div class="side-sums" data-side={side.name()}>
            {cell("sent", own.sent, other.sent, false)}
            {cell("acked", own.acked, other.acked, false)}
            {cell("read", own.read, other.read, false)}
            {cell("lost", own.lost, other.lost, true)}
            {cell("duplicated", own.duplicated, other.duplicated, false)}
            if own.failed + other.failed > 0 {
                {cell("failed", own.failed, other.failed, false)}
            }
            {strip(ledger)}
        </div>
    }
}
