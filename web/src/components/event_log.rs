//! The event log: what happened, newest last; a click goes there.

use std::rc::Rc;

use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::Dispatch;
use super::icon::Glyph;
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

/// So many lines are in the document at once.
const ROWS: usize = 250;

/// The event log.
#[component]
pub fn EventLog(props: &LogProps) -> Html {
    let shot = &props.snapshot;
    let happened = shot.happened;
    let matching: Vec<(usize, &Rc<EventRow>)> =
        shot.events.iter().enumerate().filter(|(_, event)| event.matches(&props.filter)).collect();
    let now = matching.partition_point(|(at, _)| *at < happened);
    let from = now.saturating_sub(ROWS * 3 / 4).min(matching.len().saturating_sub(ROWS));
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
        use_effect_with((happened, props.filter.clone()), |_| {
            if let Some(row) = crate::shell::document::find(".log [aria-current=true]") {
                let options = web_sys::ScrollIntoViewOptions::new();
                options.set_block(web_sys::ScrollLogicalPosition::Nearest);
                row.scroll_into_view_with_scroll_into_view_options(&options);
            }
        });
    }
    html! {
        <>
            <div class="log-tools">
                <label class="unseen" for="event-filter">{"Filter events"}</label>
                <input id="event-filter" class="input" data-test="event-filter" type="search" placeholder="Filter: leader, 102, trucks-1 …"
                    value={props.filter.clone()} {oninput} />
                <span class="note">{format!("{} of {}", matching.len(), shot.events.len())}</span>
            </div>
            <div class="log" role="log" aria-live="off" aria-label="Events">
                if shown.is_empty() { <p class="dashed">{"Nothing here yet. Step or play, and what happens is written down."}</p> }
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
            <Glyph kind={event.kind} partition={event.partition} />
            <span>{&event.text}</span>
        </button>
    }
}
