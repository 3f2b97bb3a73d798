//! The message diagram: a canvas with lanes, buttons on the lanes' names, every drawn message as an
//! option of a list box for those who come by keyboard, the same as a list to read.

use crate::decimal::px;
use playground_core::ids::Name;
use playground_core::time::SimTime;
use playground_core::view::Traffic;
use web_sys::HtmlElement;
use yew::prelude::*;

use super::Dispatch;
use super::stage::{paint_on, place_on, use_size};
use super::watch_tools::{Toggle, Zoom, toggle, zoom};
use crate::diagram::{self, Arrow, Counts, Options, Plan, node_key, sentence};
use crate::model::watching::{Diagram, Look};
use crate::model::{Action, Shared, Snapshot, Subject};
use crate::scene::geometry::Point;
use crate::scene::{HueBy, Layers, Selection, Theme};

/// What the diagram needs.
#[derive(Properties, PartialEq)]
pub struct MessagesProps {
    /// The moment.
    pub snapshot: Shared<Snapshot>,
    /// The messages; `None` until they are filmed.
    pub traffic: Option<Shared<Traffic>>,
    /// How it looks.
    pub diagram: Diagram,
    /// Dark theme.
    pub dark: bool,
    /// Phone.
    pub compact: bool,
    /// Another view stands beside it: its box is narrower, and is measured anew.
    pub split: bool,
    /// The topic in the picture.
    pub topic: Option<Name>,
    /// What is selected.
    pub selected: Option<Subject>,
    /// Where actions go.
    pub dispatch: Dispatch,
}

/// The wheel zooms one step in so many px.
const WHEEL: f64 = 90.0;

fn options(props: &MessagesProps) -> Options {
    let lesson = props.snapshot.lesson.as_ref();
    Options {
        theme: if props.dark { Theme::Dark } else { Theme::Light },
        hue_by: lesson.map_or(HueBy::Partition, |lesson| lesson.hue_by()),
        show: lesson.map_or(Layers::ALL, |lesson| lesson.layers()),
        topic: props.topic.clone(),
        selected: props.selected.as_ref().and_then(Subject::thing).cloned(),
        unfolded: props.diagram.unfolded,
        even: props.diagram.even,
        hidden: props.diagram.hidden.clone(),
        compact: props.compact,
        window: props.diagram.window(props.snapshot.now(), props.snapshot.start, props.snapshot.end),
    }
}

/// The message diagram.
#[component]
pub fn Messages(props: &MessagesProps) -> Html {
    let (frame, canvas, times) = (use_node_ref(), use_node_ref(), use_node_ref());
    let size = use_size(&frame);
    let opts = options(props);
    let is_list = props.diagram.list;
    let plan = use_memo(
        (props.traffic.clone(), props.snapshot.view.clone(), opts.clone(), size),
        |(traffic, view, opts, size)| {
            // How large the box is, is known after the first drawing. The list has no box.
            let (width, height) = size.or(is_list.then_some((900.0, 200.0)))?;
            Some(Shared::new(diagram::plan(traffic.as_ref()?, view, opts, width, height)))
        },
    );
    {
        let (plan, canvas, times) = (plan.clone(), canvas.clone(), times.clone());
        use_effect_with((plan, opts, is_list), move |(plan, opts, _)| {
            if let Some(plan) = plan.as_ref() {
                paint_on(&canvas, plan.size, |brush| diagram::paint(brush, plan, opts));
                let strip = (plan.size.0, diagram::TIMES);
                paint_on(&times, strip, |brush| diagram::paint_times(brush, plan, opts));
            }
        });
    }
    if props.traffic.is_none() {
        return html! { <div class="messages"><p class="dashed">{"The messages are being looked up."}</p></div> };
    }
    let Some(plan) = plan.as_ref().clone() else {
        return html! {
            <div class="messages">
                {tools(props, Counts::default())}
                <div class="diagram" ref={frame}></div>
            </div>
        };
    };
    let counts = plan.counts;
    html! {
        <div class="messages" data-test="messages" data-arrows={counts.drawn.to_string()} data-folded={counts.folded.to_string()}
            data-left-out={counts.left_out.to_string()}>
            {tools(props, counts)}
            if props.diagram.list {
                {list(props, &plan)}
            } else {
                <div class="diagram" ref={frame.clone()}>
                    <Stage plan={plan} {canvas} {times} {frame} now={props.snapshot.now()} end={props.snapshot.end} selected={props.selected.clone()}
                        dispatch={props.dispatch.clone()} />
                </div>
            }
        </div>
    }
}

/// What is shown, in words.
fn told(counts: Counts) -> String {
    let mut parts = vec![format!("{} drawn", counts.drawn)];
    if counts.alike > 0 {
        parts.push(format!("{} more alike", counts.alike));
    }
    if counts.folded > 0 {
        parts.push(format!("{} folded", counts.folded));
    }
    if counts.left_out > 0 {
        parts.push(format!("{} older left out", counts.left_out));
    }
    if counts.by_hidden > 0 {
        parts.push(format!("{} by hidden lanes", counts.by_hidden));
    }
    parts.join(", ")
}

fn tools(props: &MessagesProps, counts: Counts) -> Html {
    let diagram = &props.diagram;
    let again = |key: &String| {
        let (dispatch, key) = (props.dispatch.clone(), key.clone());
        let name = key.split_once('-').map_or(key.as_str(), |(_, name)| name).to_owned();
        html! {
            <button class="chip" data-test={format!("lane-show-{key}")} aria-label={format!("Show the lane of {name} again")}
                onclick={move |_: MouseEvent| dispatch.emit(Action::Look(Look::Lane(key.clone())))}>{format!("+ {name}")}</button>
        }
    };
    html! {
        <div class="panel-tools">
            {zoom(&Zoom { what: "messages", name: diagram.length_name(), dispatch: props.dispatch.clone(), longer: Look::Longer(true), shorter: Look::Longer(false) })}
            {toggle(&Toggle { test: "messages-unfold", label: "Small talk", title: "Heartbeats, pings and empty fetches message by message instead of counted", on: diagram.unfolded, look: Look::Unfold, dispatch: props.dispatch.clone() })}
            {toggle(&Toggle { test: "messages-even", label: "Even time", title: "Silence takes as much room as it takes time", on: diagram.even, look: Look::Even, dispatch: props.dispatch.clone() })}
            {toggle(&Toggle { test: "messages-list", label: "List", title: "The same as a list to read", on: diagram.list, look: Look::List, dispatch: props.dispatch.clone() })}
            {for diagram.hidden.iter().map(again)}
            <span class="note" data-test="messages-count">{told(counts)}</span>
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct StageProps {
    plan: Shared<Plan>,
    canvas: NodeRef,
    times: NodeRef,
    frame: NodeRef,
    now: SimTime,
    end: SimTime,
    selected: Option<Subject>,
    dispatch: Dispatch,
}

/// What a press at a place means.
fn pressed(plan: &Plan, place: Point) -> Option<Action> {
    if let Some(arrow) = plan.message_at(place) {
        return Some(Action::Select(Some(subject_of(arrow))));
    }
    let group = plan.standings.iter().find(|one| one.area.contains(place))?;
    Some(Action::Select(Some(Subject::Thing(Selection::Group(group.group.clone())))))
}

/// A line or sheaf as a sentence.
fn words_of(arrow: &Arrow, now: SimTime) -> String {
    let more = arrow.alike - 1;
    if more == 0 {
        sentence(&arrow.seen, now)
    } else {
        format!("{}; and {more} more like it", sentence(&arrow.seen, now))
    }
}

fn subject_of(arrow: &Arrow) -> Subject {
    Subject::Thing(Selection::Message(arrow.seen.message.id))
}

#[component]
fn Stage(props: &StageProps) -> Html {
    let hover = use_state(|| None::<(f64, f64, String)>);
    let wheel = use_mut_ref(|| 0.0_f64);
    let onclick = {
        let (plan, canvas, dispatch) = (props.plan.clone(), props.canvas.clone(), props.dispatch.clone());
        Callback::from(move |event: MouseEvent| {
            if let Some(action) = place_on(&canvas, &event).and_then(|place| pressed(&plan, place)) {
                dispatch.emit(action);
            }
        })
    };
    let onseek = {
        let (plan, times, dispatch, end) = (props.plan.clone(), props.times.clone(), props.dispatch.clone(), props.end);
        Callback::from(move |event: MouseEvent| {
            event.stop_propagation();
            if let Some(place) = place_on(&times, &event) {
                dispatch.emit(Action::Seek(plan.axis.time(place.x).min(end)));
            }
        })
    };
    let onmousemove = {
        let (plan, canvas, hover, now) = (props.plan.clone(), props.canvas.clone(), hover.setter(), props.now);
        Callback::from(move |event: MouseEvent| {
            let Some(place) = place_on(&canvas, &event) else { return };
            let words = match (plan.message_at(place), plan.fold_at(place)) {
                (Some(arrow), _) => Some(words_of(arrow, now)),
                (None, Some(fold)) => Some(fold.words()),
                (None, None) => None,
            };
            hover.set(words.map(|words| (place.x, place.y, words)));
        })
    };
    let onmouseleave = {
        let hover = hover.setter();
        Callback::from(move |_: MouseEvent| hover.set(None))
    };
    let onwheel = {
        let (frame, dispatch) = (props.frame.clone(), props.dispatch.clone());
        Callback::from(move |event: WheelEvent| {
            // Where there is something to scroll, the wheel scrolls; with Ctrl it zooms all the same.
            let scrolls = frame.cast::<HtmlElement>().is_some_and(|one| one.scroll_height() > one.client_height() + 1);
            if scrolls && !event.ctrl_key() {
                return;
            }
            event.prevent_default();
            let mut sum = wheel.borrow_mut();
            *sum += event.delta_y();
            if sum.abs() >= WHEEL {
                dispatch.emit(Action::Look(Look::Longer(*sum > 0.0)));
                *sum = 0.0;
            }
        })
    };
    let plan = &props.plan;
    let tip = hover.as_ref().map(|(x, y, words)| {
        let aside = if *x > plan.size.0 * 0.6 { format!("right:{}px", px(plan.size.0 - x + 12.0)) } else { format!("left:{}px", px(x + 12.0)) };
        html! { <div class="tip" ~style={format!("{aside};top:{}px", px((y + 14.0).min(plan.size.1 - 24.0)))} aria-hidden="true" data-test="message-tip">{words}</div> }
    });
    html! {
        <div class="diagram-inner" ~style={format!("height:{}px", px(plan.size.1))} {onclick} {onmousemove} {onmouseleave} {onwheel}>
            <canvas ref={&props.canvas} aria-hidden="true"></canvas>
            {for plan.lanes.iter().map(|lane| plate(lane, plan, props))}
            {message_box(plan, props)}
            if plan.arrows.is_empty() && plan.folds.is_empty() {
                <p class="empty-note">{"No message was under way in this stretch of time. A longer one, or the next step, has some."}</p>
            }
            {tip}
            <canvas class="times" ref={&props.times} aria-hidden="true" data-test="messages-axis" title="Press to go to this time" onclick={onseek}></canvas>
        </div>
    }
}

/// The lane's name is a button, and one more hides it.
fn plate(lane: &diagram::Lane, plan: &Plan, props: &StageProps) -> Html {
    let key = node_key(&lane.node);
    let width = plan.plot.x - 8.0;
    let select = {
        let (dispatch, subject) = (props.dispatch.clone(), lane.subject.clone());
        Callback::from(move |event: MouseEvent| {
            event.stop_propagation();
            if subject.is_some() {
                dispatch.emit(Action::Select(subject.clone()));
            }
        })
    };
    let hide = {
        let (dispatch, key) = (props.dispatch.clone(), key.clone());
        Callback::from(move |event: MouseEvent| {
            event.stop_propagation();
            dispatch.emit(Action::Look(Look::Lane(key.clone())));
        })
    };
    let target = lane.subject.as_ref().map(Subject::key);
    let is_selected = lane.subject.is_some() && lane.subject == props.selected;
    let dead = if lane.dead { ", dead" } else { "" };
    let role = if lane.role.is_empty() { String::new() } else { format!(", {}", lane.role) };
    html! {
        <span class="plate" key={key.clone()} ~style={format!("top:{}px;width:{}px", px(lane.y - 12.0), px(width))}>
            <button class="plate-hide" data-test={format!("lane-hide-{key}")} aria-label={format!("Hide the lane of {}", lane.name)}
                title="Hide this lane" onclick={hide}>{"×"}</button>
            <button class="plate-name" data-test={format!("lane-{key}")} aria-label={format!("Lane of {}{role}{dead}", lane.name)}
                data-selected={target.clone().filter(|_| is_selected)} aria-pressed={is_selected.to_string()} onclick={select}></button>
        </span>
    }
}

/// Every drawn message as an option: arrows choose, what is chosen is selected everywhere.
fn message_box(plan: &Shared<Plan>, props: &StageProps) -> Html {
    let place = plan.arrows.iter().position(|arrow| props.selected.as_ref() == Some(&subject_of(arrow)));
    let onkeydown = {
        let (plan, dispatch) = (plan.clone(), props.dispatch.clone());
        Callback::from(move |event: KeyboardEvent| {
            let last = plan.arrows.len().saturating_sub(1);
            let wanted = match event.key().as_str() {
                "ArrowRight" | "ArrowDown" => place.map_or(last, |place| (place + 1).min(last)),
                "ArrowLeft" | "ArrowUp" => place.map_or(last, |place| place.saturating_sub(1)),
                "Home" => 0,
                "End" | "Enter" => last,
                "[" => return dispatch.emit(Action::Look(Look::Longer(true))),
                "]" => return dispatch.emit(Action::Look(Look::Longer(false))),
                _ => return,
            };
            event.prevent_default();
            event.stop_propagation();
            if let Some(arrow) = plan.arrows.get(wanted) {
                dispatch.emit(Action::Select(Some(subject_of(arrow))));
            }
        })
    };
    let option = |(index, arrow): (usize, &Arrow)| {
        let key = subject_of(arrow).key();
        let is_selected = place == Some(index);
        html! {
            <li role="option" key={key.clone()} id={format!("option-{key}")} aria-selected={is_selected.to_string()} data-target={key.clone()}
                data-selected={is_selected.then(|| key.clone())}>{words_of(arrow, props.now)}</li>
        }
    };
    let active =
        place.and_then(|place| plan.arrows.get(place)).map(|arrow| format!("option-{}", subject_of(arrow).key()));
    html! {
        <ul class="message-box" role="listbox" tabindex="0" aria-label="Messages in order of sending" data-test="message-box"
            aria-activedescendant={active} {onkeydown}>{for plan.arrows.iter().enumerate().map(option)}</ul>
    }
}

/// The drawn messages as lines to read and press.
fn list(props: &MessagesProps, plan: &Plan) -> Html {
    let now = props.snapshot.now();
    let line = |arrow: &Arrow| {
        let (subject, dispatch) = (subject_of(arrow), props.dispatch.clone());
        let key = subject.key();
        let is_selected = props.selected.as_ref() == Some(&subject);
        let message = &arrow.seen.message;
        html! {
            <li key={key.clone()}>
                <button class={classes!("event", "message-line", (!arrow.sent).then_some("ahead"))} data-test={format!("line-{key}")} data-target={key.clone()}
                    data-selected={is_selected.then(|| key.clone())} aria-pressed={is_selected.to_string()}
                    onclick={move |_: MouseEvent| dispatch.emit(Action::Select(Some(subject.clone())))}>
                    <time>{message.sent_at.to_string()}</time>
                    <b>{format!("{} → {}", message.from, message.to)}</b>
                    <span>{diagram::what(&arrow.seen)}if arrow.alike > 1 { {format!(", {} alike", arrow.alike)} }</span>
                    <span class="end">{diagram::fate(&arrow.seen, now)}</span>
                </button>
            </li>
        }
    };
    let fold = |fold: &diagram::Fold| {
        let name = plan.lanes.get(fold.lane).map_or("", |lane| lane.name.as_str());
        html! { <li class="fold-line">{format!("{name}: {}, folded", fold.words())}</li> }
    };
    html! {
        <ol class="log message-list" aria-label="Messages" data-test="message-list">
            if plan.arrows.is_empty() { <li class="dashed">{"No message in this stretch of time."}</li> }
            {for plan.arrows.iter().map(line)}
            {for plan.folds.iter().map(fold)}
        </ol>
    }
}
