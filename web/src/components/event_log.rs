//! The event log: what happened, newest last; a click goes there. Of thousands of lines those around the present
//! moment are in the document; who scrolls to their end is given the next ones.

use std::rc::Rc;

use web_sys::{HtmlElement, HtmlInputElement};
use yew::prelude::*;

use super::Dispatch;
use super::icon::glyph;
use super::long_list::{ROWS, scrolled};
use super::stage::use_after;
use crate::model::events::EventRow;
use crate::model::{Action, Shared, Snapshot, Subject};

/// What the log shows.
#[derive(Properties, PartialEq)]
pub struct LogProps {
    /// The moment.
    pub snapshot: Shared<Snapshot>,
    /// What is selected.
    pub selected: Option<Subject>,
    /// Words that a line must have.
    pub filter: String,
    /// Where actions go.
    pub dispatch: Dispatch,
}

/// Of the lines in the document, so many lie behind the present moment.
const BEHIND: usize = 60;

/// The first of the lines shown, of `matching` ones, `now` of which have happened; `moved` is where a person has
/// scrolled to.
fn first_shown(matching: usize, now: usize, moved: Option<usize>) -> usize {
    moved.unwrap_or_else(|| now.saturating_sub(BEHIND)).min(matching.saturating_sub(ROWS))
}

/// The event log.
#[component]
pub fn EventLog(props: &LogProps) -> Html {
    let shot = &props.snapshot;
    let happened = shot.happened;
    let matching: Vec<(usize, &Rc<EventRow>)> =
        shot.events.iter().enumerate().filter(|(_, event)| event.matches(&props.filter)).collect();
    let now = matching.partition_point(|(at, _)| *at < happened);
    let count = matching.len();
    // Where a person has scrolled to holds until time goes on or other lines are asked for.
    let moved = use_state(|| None::<(usize, String, usize)>);
    let place = moved.as_ref().filter(|(of, filter, _)| *of == happened && *filter == props.filter);
    let from = first_shown(count, now, place.map(|(.., from)| *from));
    let onscroll = {
        let (moved, filter) = (moved.clone(), props.filter.clone());
        Callback::from(move |event: Event| {
            let log: HtmlElement = event.target_unchecked_into();
            if let Some(from) = scrolled(&log, from, count) {
                moved.set(Some((happened, filter.clone(), from)));
            }
        })
    };
    let shown: Vec<_> = matching.iter().skip(from).take(ROWS).collect();
    let oninput = {
        let dispatch = props.dispatch.clone();
        Callback::from(move |event: InputEvent| {
            let input: HtmlInputElement = event.target_unchecked_into();
            dispatch.emit(Action::Filter(input.value()));
        })
    };
    {
        // The newest line that has happened is kept in view.
        let bring = || {
            if let Some(row) = crate::shell::document::find(".log [aria-current=true]") {
                crate::shell::document::bring_in_sight(&row);
            }
        };
        use_after(format!("{happened} {}", props.filter), Box::new(bring));
    }
    html! {
        <>
            <div class="log-tools">
                <label class="unseen" for="event-filter">{"Filter events"}</label>
                <input id="event-filter" class="input" data-test="event-filter" type="search" placeholder="Filter: leader, 102, trucks-1 …"
                    value={props.filter.clone()} {oninput} />
                <span class="note">{format!("{} of {}", matching.len(), shot.events.len())}</span>
            </div>
            <div class="log" role="log" aria-live="off" aria-label="Events" {onscroll}>
                if shown.is_empty() {
                    <p class="dashed">{if props.filter.trim().is_empty() { "Nothing here yet. Step or play, and what happens is written down." }
                        else { "No event of this run has these words." }}</p>
                }
                {for shown.into_iter().map(|(at, event)| row(event, *at + 1 == happened, *at >= happened, props))}
            </div>
        </>
    }
}

fn row(event: &Rc<EventRow>, current: bool, ahead: bool, props: &LogProps) -> Html {
    let selected = props.selected.as_ref().filter(|subject| event.is_about(subject)).map(Subject::key);
    let onclick = {
        let (dispatch, position) = (props.dispatch.clone(), event.position);
        Callback::from(move |_: MouseEvent| dispatch.emit(Action::GoTo(position)))
    };
    html! {
        <button class={classes!("event", ahead.then_some("ahead"))} key={event.seq.to_string()} data-test={format!("event-{}", event.seq)}
            data-kind={event.kind.word()} data-selected={selected} aria-current={current.then_some("true")} {onclick}>
            <time>{event.at.to_string()}</time>
            {glyph(event.kind, event.partition)}
            <span>{&event.text}</span>
        </button>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lines_around_the_present_moment_are_shown() {
        assert_eq!(first_shown(30, 10, None), 0, "all of a short log");
        assert_eq!(first_shown(1000, 500, None), 440);
        assert_eq!(first_shown(1000, 1000, None), 920, "the last ones at the end");
        assert_eq!(first_shown(1000, 500, Some(100)), 100, "or where a person has scrolled to");
        assert_eq!(first_shown(90, 50, Some(400)), 10);
    }
}
