//! The charts: lines over time on a canvas, the numbers at the cursor as a table beside it, the whole
//! course as a table instead.

use crate::decimal::Within;
use playground_core::time::SimTime;
use yew::prelude::*;

use super::Dispatch;
use super::stage::{paint_on, place_on, use_size};
use super::watch_tools::{Toggle, Zoom, toggle, zoom};
use crate::charts::Numbers;
use crate::charts::draw::{Chart, Mark};
use crate::charts::series::{self, Line, Series};
use crate::model::watching::{Charting, Look, Measure, SERIES_MAX};
use crate::model::{Action, Shared, Snapshot, Subject};
use crate::scene::{Rect, Theme};

/// What the charts need.
#[derive(Properties, PartialEq)]
pub struct ChartsProps {
    /// The moment.
    pub snapshot: Shared<Snapshot>,
    /// The numbers; `None` until they are filmed.
    pub numbers: Option<Shared<Numbers>>,
    /// How they look.
    pub charting: Charting,
    /// Dark theme.
    pub dark: bool,
    /// Another view stands beside it: its box is narrower, and is measured anew.
    pub split: bool,
    /// What is selected.
    pub selected: Option<Subject>,
    /// Where actions go.
    pub dispatch: Dispatch,
}

/// Rows of the table of the course at most.
const ROWS: usize = 24;

/// The charts.
#[component]
pub fn Charts(props: &ChartsProps) -> Html {
    let (frame, canvas) = (use_node_ref(), use_node_ref());
    let size = use_size(&frame);
    let plot = use_mut_ref(Rect::default);
    let measure = props.charting.measure;
    let all = use_memo((props.numbers.clone(), measure), |(numbers, measure)| {
        numbers.as_ref().map(|numbers| series::all(*measure, numbers)).unwrap_or_default()
    });
    let shown = series::shown(&all, props.charting.picked.as_deref());
    {
        let (numbers, shown, plot, canvas) = (props.numbers.clone(), shown.clone(), plot.clone(), canvas.clone());
        let (dark, selected, marks) = (props.dark, props.selected.as_ref().map(Subject::key), marks(&props.snapshot));
        use_effect(move || {
            let (Some(numbers), Some(size)) = (&numbers, size) else { return };
            let theme = if dark { Theme::Dark } else { Theme::Light };
            let selected = selected.as_deref().map(|key| key.trim_start_matches("partition-"));
            let chart = Chart { measure, numbers, series: &shown, marks: &marks, selected, theme };
            paint_on(&canvas, size, |brush| *plot.borrow_mut() = chart.draw(brush, size));
        });
    }
    let onclick = {
        let (numbers, plot, canvas) = (props.numbers.clone(), plot, canvas.clone());
        let (dispatch, end) = (props.dispatch.clone(), props.snapshot.end);
        Callback::from(move |event: MouseEvent| {
            let (Some(numbers), Some(place)) = (&numbers, place_on(&canvas, &event)) else { return };
            let area = *plot.borrow();
            let part = ((place.x - area.x) / area.w.max(1.0)).within(0.0, 1.0);
            let us = (numbers.until.since(numbers.from).0 as f64 * part).round() as u64;
            dispatch.emit(Action::Seek(SimTime(numbers.from.0 + us).min(end)));
        })
    };
    let drawn = shown.len();
    html! {
        <div class="charts" data-test="charts" data-series={drawn.to_string()} data-measure={measure.name()}>
            {tools(props)}
            <div class="chart-body">
                if let Some(words) = empty(measure, props.numbers.as_deref(), &all) {
                    <p class="dashed chart-empty" data-test="chart-empty">{words}</p>
                } else if props.charting.table {
                    {course(props, &shown)}
                } else {
                    <div class="chart" ref={frame} {onclick} role="img" aria-label={describe(measure, &shown, &props.snapshot)}>
                        <canvas ref={canvas} aria-hidden="true"></canvas>
                    </div>
                }
                if !all.is_empty() { {legend(props, &all, &shown)} }
            </div>
        </div>
    }
}

/// Events that stand out, for marks.
fn marks(shot: &Snapshot) -> Vec<Mark> {
    let major = shot.events.iter().filter(|event| event.kind.is_major());
    major.map(|event| Mark { at: event.at, kind: event.kind }).collect()
}

fn describe(measure: Measure, shown: &[Series], shot: &Snapshot) -> String {
    let names: Vec<&str> = shown.iter().map(|series| series.name.as_str()).collect();
    format!(
        "{} over time of {}, up to {}. The table beside it has the numbers.",
        measure.label(),
        names.join(", "),
        shot.now()
    )
}

/// Why there is nothing to draw.
fn empty(measure: Measure, numbers: Option<&Numbers>, all: &[Series]) -> Option<&'static str> {
    match (numbers, measure) {
        (None, _) => Some("The numbers are being looked up."),
        (Some(_), _) if !all.is_empty() => None,
        (Some(_), Measure::Lag) => {
            Some("No group has committed an offset yet. Add a consumer with a group, and its lag is drawn here.")
        }
        (Some(_), _) => Some("There is no topic yet. Create one, and its partitions are drawn here."),
    }
}

fn tools(props: &ChartsProps) -> Html {
    let charting = &props.charting;
    let choice = |measure: &Measure| {
        let (dispatch, measure) = (props.dispatch.clone(), *measure);
        html! {
            <button class="chip" data-test={format!("chart-{}", measure.name())} aria-pressed={(charting.measure == measure).to_string()}
                onclick={move |_: MouseEvent| dispatch.emit(Action::Look(Look::Measure(measure)))}>{measure.label()}</button>
        }
    };
    html! {
        <div class="panel-tools">
            <span class="choices" role="group" aria-label="What the chart is of">{for Measure::ALL.iter().map(choice)}</span>
            {zoom(&Zoom { what: "charts", name: charting.length_name(), dispatch: props.dispatch.clone(), longer: Look::ChartLonger(true), shorter: Look::ChartLonger(false) })}
            {toggle(&Toggle { test: "chart-table", label: "Table", title: "The course of the numbers as a table", on: charting.table, look: Look::Table, dispatch: props.dispatch.clone() })}
        </div>
    }
}

/// Each series with its numbers at the cursor; a press puts it in or takes it out.
fn legend(props: &ChartsProps, all: &[Series], shown: &[Series]) -> Html {
    let full = shown.len() >= SERIES_MAX;
    let heads = all
        .first()
        .map(|series| series.lines.iter().map(|line| line.name.clone()).collect::<Vec<_>>())
        .unwrap_or_default();
    let row = |series: &Series| {
        let is_on = shown.iter().any(|one| one.key == series.key);
        let refused = full && !is_on;
        let onclick = {
            let dispatch = props.dispatch.clone();
            let mut keys: Vec<String> = shown.iter().map(|one| one.key.clone()).collect();
            if is_on {
                keys.retain(|key| *key != series.key);
            } else {
                keys.push(series.key.clone());
            }
            Callback::from(move |_: MouseEvent| {
                dispatch.emit(if refused {
                    Action::Announce(format!("At most {SERIES_MAX} at once. Take one out first."))
                } else {
                    Action::Look(Look::Pick(keys.clone()))
                });
            })
        };
        let key = series.subject.as_ref().map(Subject::key);
        let is_selected = series.subject.is_some() && series.subject == props.selected;
        let cell = |line: &Line| html! { <td data-test={format!("chart-now-{}-{}", series.key, line.name.replace(' ', "-"))}>{line.now}</td> };
        html! {
            <tr key={series.key.clone()} data-selected={key.filter(|_| is_selected)} class={classes!((!is_on).then_some("off"))}>
                <th scope="row">
                    <button class="pick" data-test={format!("chart-pick-{}", series.key)} aria-pressed={is_on.to_string()} aria-disabled={refused.to_string()}
                        title={if refused { "At most six at once: take one out first" } else { "In the chart or not" }} {onclick}>
                        <i ~style={format!("--hue:var(--p{})", series.hue.min(6))}></i>{&series.name}
                    </button>
                </th>
                {for series.lines.iter().map(cell)}
            </tr>
        }
    };
    html! {
        <div class="chart-side" tabindex="0" role="region" aria-label="Numbers at the cursor">
            <table>
                <caption class="unseen">{format!("{} at {}", props.charting.measure.label(), props.snapshot.now())}</caption>
                <thead><tr><th scope="col">{props.snapshot.now().to_string()}</th>{for heads.iter().map(|name| html! { <th scope="col">{name}</th> })}</tr></thead>
                <tbody>{for all.iter().map(row)}</tbody>
            </table>
        </div>
    }
}

/// The number of a line at a moment: it keeps each until the next.
fn value_at(line: &Line, at: SimTime) -> Option<i64> {
    let place = line.points.partition_point(|(time, _)| *time <= at);
    place.checked_sub(1).and_then(|place| line.points.get(place)).map(|(_, value)| *value)
}

/// The course as a table: a row for each of some moments, the cursor's last.
fn course(props: &ChartsProps, shown: &[Series]) -> Html {
    let Some(numbers) = &props.numbers else { return html! {} };
    let now = numbers.now.at;
    let past: Vec<SimTime> =
        numbers.samples.iter().map(|one| one.at).filter(|at| *at < now && *at >= numbers.from).collect();
    let apart = past.len().div_ceil(ROWS).max(1);
    // Counted from the cursor backwards, so that rows stay as time goes on.
    let mut times: Vec<SimTime> = past.into_iter().rev().step_by(apart).collect();
    times.insert(0, now);
    let lines = || shown.iter().flat_map(|series| series.lines.iter().map(move |line| (series, line)));
    let row = |at: &SimTime| {
        let cells = lines().map(|(_, line)| {
            let text = value_at(line, *at).map_or_else(|| "–".to_owned(), |value| value.to_string());
            html! { <td>{text}</td> }
        });
        let (dispatch, time) = (props.dispatch.clone(), *at);
        let seek = move |_: MouseEvent| dispatch.emit(Action::Seek(time));
        html! {
            <tr key={at.0.to_string()} aria-current={(*at == now).then_some("true")} data-test={(*at == now).then_some("course-now")}>
                <th scope="row"><button onclick={seek}>{at.to_string()}</button></th>{for cells}
            </tr>
        }
    };
    html! {
        <div class="chart course" tabindex="0" role="region" aria-label="The course as a table">
            <table data-test="chart-course">
                <caption class="unseen">{props.charting.measure.label()}</caption>
                <thead>
                    <tr><th scope="col">{"Time"}</th>{for lines().map(|(series, line)| html! { <th scope="col">{format!("{} {}", series.name, line.name)}</th> })}</tr>
                </thead>
                <tbody>{for times.iter().map(row)}</tbody>
            </table>
        </div>
    }
}
