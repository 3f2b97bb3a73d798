//! Time: to the start, back, play, step, on; clock, speed, axis.

use yew::prelude::*;

use super::Dispatch;
use super::icon::{IconKind, icon};
use super::scrubber::Scrubber;
use crate::model::speed::{self, SPEEDS};
use crate::model::{Action, Shared, Snapshot};

/// What the bar shows.
pub struct TransportProps {
    /// The moment.
    pub snapshot: Shared<Snapshot>,
    /// Time passes.
    pub playing: bool,
    /// A prediction is due.
    pub locked: bool,
    /// The branch that is compared.
    pub compared: Option<usize>,
    /// Step of the speed slider.
    pub speed: usize,
    /// The part of it that is reached, if it falls short.
    pub shortfall: Option<f64>,
    /// Where actions go.
    pub dispatch: Dispatch,
}

const WAITING: &str = "Time goes on when you have answered the question";

/// The transport bar.
pub fn transport(props: &TransportProps) -> Html {
    let shot = &props.snapshot;
    let button = |test: &'static str, label: &'static str, kind, off: bool, why: &'static str, action: Action| {
        let dispatch = props.dispatch.clone();
        let title = if off { why } else { label };
        let wide = test == "transport-play";
        html! {
            <button class={classes!("tbutton", wide.then_some("wide"))} data-test={test} aria-label={label} {title}
                aria-disabled={off.to_string()} onclick={move |_: MouseEvent| if !off { dispatch.emit(action.clone()) }}>
                {icon(kind, if wide { 18 } else { 16 })}
            </button>
        }
    };
    let first = "This is the first moment";
    let held = props.locked && shot.at_end;
    let (play, play_icon) = match (held, props.playing) {
        (true, _) => ("Play", IconKind::Lock),
        (false, true) => ("Pause", IconKind::Pause),
        (false, false) => ("Play", IconKind::Play),
    };
    html! {
        <section class="transport" aria-label="Time">
            <div class="tbuttons">
                {button("transport-start", "To the first moment", IconKind::Start, shot.at_start, first, Action::ToStart)}
                {button("transport-back", "Step back", IconKind::Back, shot.at_start, first, Action::StepBack)}
                {button("transport-play", play, play_icon, held, WAITING, Action::TogglePlay)}
                {button("transport-step", "Step: on to the next event", IconKind::Next, held, WAITING, Action::Step)}
                {button("transport-end", if shot.at_end { "On to the next big event" } else { "To the latest moment" },
                    IconKind::Skip, held, WAITING, Action::ToEnd)}
            </div>
            {clock(&ClockProps { snapshot: shot.clone(), playing: props.playing, speed: props.speed, dispatch: props.dispatch.clone() })}
            {speed_slider(&SpeedProps { speed: props.speed, shortfall: props.shortfall.filter(|_| props.playing), quiet: props.playing && shot.quiet, dispatch: props.dispatch.clone() })}
            <Scrubber snapshot={shot.clone()} locked={props.locked} compared={props.compared} dispatch={props.dispatch.clone()} />
        </section>
    }
}

/// What the clock shows.
pub struct ClockProps {
    /// The moment.
    pub snapshot: Shared<Snapshot>,
    /// Time passes.
    pub playing: bool,
    /// Step of the speed slider.
    pub speed: usize,
    /// Where actions go.
    pub dispatch: Dispatch,
}

/// Simulated time, and what it does.
pub fn clock(props: &ClockProps) -> Html {
    let shot = &props.snapshot;
    let state = if props.playing { "running" } else { "paused" };
    let next_speed = {
        let (dispatch, next) = (props.dispatch.clone(), (props.speed + 1) % SPEEDS.len());
        Callback::from(move |_: MouseEvent| dispatch.emit(Action::Speed(next)))
    };
    html! {
        <div class="clock">
            <span data-test="clock" data-us={shot.now().0.to_string()}>{shot.now().to_string()}</span>
            <small>
                <button class="cycle" data-test="speed-next" aria-label={format!("{}, change it", speed::text(props.speed))} onclick={next_speed}>{speed::text(props.speed)}</button>
                <span class="only-wide">{format!("{state}, event {}", shot.told)}</span>
            </small>
        </div>
    }
}

/// What the slider shows.
pub struct SpeedProps {
    /// Its step.
    pub speed: usize,
    /// The part of it that is reached, if it falls short.
    pub shortfall: Option<f64>,
    /// Quiet time is passed over.
    pub quiet: bool,
    /// Where actions go.
    pub dispatch: Dispatch,
}

/// The speed, from a thousandth to a hundredfold.
pub fn speed_slider(props: &SpeedProps) -> Html {
    let oninput = {
        let dispatch = props.dispatch.clone();
        Callback::from(move |event: InputEvent| {
            let input: web_sys::HtmlInputElement = event.target_unchecked_into();
            dispatch.emit(Action::Speed(input.value().parse().unwrap_or(speed::DEFAULT_SPEED)));
        })
    };
    let text = speed::text(props.speed);
    let said = match props.shortfall {
        _ if props.quiet => speed::quiet_text(props.speed),
        Some(share) => speed::achieved_text(props.speed, share),
        None => text.clone(),
    };
    html! {
        <label class="speed">
            <span class="unseen">{"Speed"}</span>
            <input class="range" type="range" min="0" max={(SPEEDS.len() - 1).to_string()} step="1" data-test="speed"
                value={props.speed.to_string()} aria-valuetext={text.clone()} {oninput} />
            <output data-test="speed-said">{said}</output>
        </label>
    }
}
