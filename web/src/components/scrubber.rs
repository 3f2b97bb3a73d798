//! The time axis: what was played, what is recorded, events, folded silence, branches.

use crate::decimal::{decimal, px};
use playground_core::time::SimTime;
use playground_core::timeline::BranchView;
use yew::prelude::*;

use super::Dispatch;
use super::icon::glyph;
use crate::model::axis::{Axis, Gap, Mark};
use crate::model::{Action, Shared, Snapshot};

/// What the axis shows.
#[derive(Properties, PartialEq)]
pub struct ScrubberProps {
    /// The moment.
    pub snapshot: Shared<Snapshot>,
    /// A prediction is due: nothing beyond it.
    pub locked: bool,
    /// The branch that is compared.
    pub compared: Option<usize>,
    /// Where actions go.
    pub dispatch: Dispatch,
}

const RANGE: u32 = 10_000;

fn percent(x: f64) -> String {
    format!("{}%", px(x * 100.0))
}

/// The time axis.
#[component]
pub fn Scrubber(props: &ScrubberProps) -> Html {
    let shot = &props.snapshot;
    // Other branches have room too, as far as they went.
    let end = shot.branches.iter().map(|branch| branch.end).max().unwrap_or(shot.end).max(shot.end);
    let axis = use_memo((shot.events.clone(), shot.start, end), |(events, start, end)| Axis::new(*start, *end, events));
    let known = axis.x(shot.end);
    let x = axis.x(shot.now());
    let oninput = {
        let (dispatch, axis, end) = (props.dispatch.clone(), axis.clone(), shot.end);
        Callback::from(move |event: InputEvent| {
            let input: web_sys::HtmlInputElement = event.target_unchecked_into();
            // A whole number: reading any other takes tables that the program has no other use for.
            let at = f64::from(input.value().parse().unwrap_or(0_u32)) / f64::from(RANGE);
            dispatch.emit(Action::Seek(axis.time(at).min(end)));
        })
    };
    let onkeydown = {
        let dispatch = props.dispatch.clone();
        Callback::from(move |event: KeyboardEvent| {
            let action = match event.key().as_str() {
                "ArrowLeft" | "ArrowDown" => Action::StepBack,
                "ArrowRight" | "ArrowUp" => Action::Step,
                "Home" => Action::ToStart,
                "End" => Action::ToEnd,
                _ => return,
            };
            event.prevent_default();
            dispatch.emit(action);
        })
    };
    let told = shot.last_event().map_or_else(String::new, |event| format!(", {}", event.text));
    let value_text = format!("{}, event {}{told}", shot.now(), shot.told);
    html! {
        <div class="axis">
            <div class="line">
                <span class="whole"></span>
                <span class="known" ~style={format!("width:{}", percent(known))}></span>
                <span class="played" ~style={format!("width:{}", percent(x))}></span>
                {for axis.gaps.iter().filter(|gap| gap.x < known).map(gap)}
                {for axis.marks.iter().map(|one| mark(one, x))}
                {track(shot, &axis, props.compared)}
                <span class="cursor" ~style={format!("left:{}", percent(x))}></span>
            </div>
            if props.locked {
                <span class="until">{"the rest opens when you have answered"}</span>
            }
            <input class="range" type="range" min="0" max={RANGE.to_string()} step="1" data-test="scrubber" aria-label="Time"
                aria-valuetext={value_text} value={decimal(x * f64::from(RANGE), 0).to_string()} {oninput} {onkeydown} />
        </div>
    }
}

fn gap(gap: &Gap) -> Html {
    html! {
        <span class="gap" ~style={format!("left:{}", percent(gap.x))} aria-hidden="true">
            <svg width="18" height="12" viewBox="0 0 18 12">
                <path d="M3 11L7 1M10 11L14 1" stroke="currentColor" stroke-width="1.5" fill="none" />
            </svg>
            <span>{&gap.text}</span>
        </span>
    }
}

fn mark(mark: &Mark, cursor: f64) -> Html {
    // A glyph under the cursor's flag stands beside it.
    let aside = match (mark.major && (mark.x - cursor).abs() < 0.012, mark.x < 0.03) {
        (true, true) => 16,
        (true, false) => -14,
        _ => 0,
    };
    let style = format!("left:calc({} + {aside}px)", percent(mark.x));
    if mark.major {
        html! {
            <span class="mark" ~style={style} data-kind={mark.kind.word()}>
                {glyph(mark.kind, mark.partition)}
            </span>
        }
    } else {
        html! { <span class="mark minor" ~style={style}></span> }
    }
}

/// Another branch: where it leaves the one that is shown, and how far it went. Of several it is the one
/// that is compared, or else the one that was left last.
fn track(shot: &Snapshot, axis: &Axis, compared: Option<usize>) -> Html {
    let others = || shot.branches.iter().filter(|branch| !branch.active);
    let Some(own) = shot.branch() else { return html! {} };
    let Some(branch) = others().find(|branch| Some(branch.id) == compared).or_else(|| others().next_back()) else {
        return html! {};
    };
    let fork = axis.x(parting(&shot.branches, own, branch.id).min(shot.end));
    let to = axis.x(branch.end).max(fork + 0.05).min(1.0);
    html! {
        <>
            <span class="fork" data-test="fork" ~style={format!("left:{}", percent(fork))}></span>
            <span class="track" data-test="track" data-branch={branch.name.clone()} ~style={format!("left:{};width:{}", percent(fork), percent(to - fork))}>
                <span>{&branch.name}</span>
            </span>
        </>
    }
}

/// The last moment that two branches share.
fn parting(branches: &[BranchView], first: usize, second: usize) -> SimTime {
    let line = |branch: usize| {
        let mut until = SimTime::NEVER;
        let mut number = Some(branch);
        let mut all = Vec::new();
        while let Some(branch) = number.and_then(|number| branches.iter().find(|branch| branch.id == number)) {
            all.push((branch.id, until));
            until = until.min(branch.fork_at);
            number = branch.parent;
        }
        all
    };
    let second = line(second);
    let common = |(id, until): (usize, SimTime)| Some(until.min(second.iter().find(|(other, _)| *other == id)?.1));
    line(first).into_iter().find_map(common).unwrap_or(SimTime::ZERO)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn branches_part_where_the_younger_one_left() {
        let branch = |id: usize, parent: Option<usize>, fork_at: u64| BranchView {
            id,
            name: format!("{id}"),
            fork_at: SimTime(fork_at),
            parent,
            end: SimTime(99),
            active: false,
        };
        let all = [branch(0, None, 0), branch(1, Some(0), 10), branch(2, Some(0), 20), branch(3, Some(1), 30)];
        for (one, other, at) in [(0, 1, 10), (1, 0, 10), (1, 2, 10), (3, 1, 30), (3, 2, 10), (2, 0, 20)] {
            assert_eq!(parting(&all, one, other), SimTime(at), "{one} and {other}");
        }
    }
}
