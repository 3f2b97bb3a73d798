//! The prediction: picked, locked in, graded; the learner's answer stays beside what happened.

use playground_core::lesson::{Ask, AskKind, AskState, Pick, Verdict};
use yew::prelude::*;

use super::Dispatch;
use super::icon::{IconKind, icon};
use super::prose::{prose, spans};
use crate::lesson::LessonView;
use crate::model::{Action, Shared};

/// What the card shows.
pub struct AskProps {
    /// The open lesson; its step asks something.
    pub lesson: Shared<LessonView>,
    /// Where actions go.
    pub dispatch: Dispatch,
}

const LETTERS: [&str; 8] = ["A", "B", "C", "D", "E", "F", "G", "H"];

/// The prediction card.
pub fn ask_card(props: &AskProps) -> Html {
    let Some(ask) = &props.lesson.step().ask else { return html! {} };
    let state = props.lesson.status.ask;
    let open = matches!(state, AskState::Open | AskState::Picked(_));
    let dont_know = {
        let dispatch = props.dispatch.clone();
        Callback::from(move |_: MouseEvent| dispatch.emit(Action::DontKnow))
    };
    html! {
        <>
            if open && ask.kind != AskKind::Options {
                {slots(ask, state, &props.dispatch)}
            } else {
                <div class="card" data-test="ask" data-state={state_name(state)}>
                    {head(&props.lesson, state)}
                    <div role="radiogroup" aria-label="Your prediction">
                        {for (0..ask.options.len()).map(|number| option(ask, number, state, &props.dispatch))}
                    </div>
                    {because(ask, state, props.lesson.acted)}
                </div>
            }
            if open {
                <button class="link" data-test="dont-know" onclick={dont_know}>{"I don’t know, show me"}</button>
            }
        </>
    }
}

fn state_name(state: AskState) -> &'static str {
    match state {
        AskState::None => "none",
        AskState::Open => "open",
        AskState::Picked(_) => "picked",
        AskState::Locked(_) => "locked",
        AskState::Graded { verdict: Verdict::Right, .. } => "right",
        AskState::Graded { verdict: Verdict::Wrong, .. } => "wrong",
        AskState::Graded { .. } => "seen",
    }
}

fn head(lesson: &LessonView, state: AskState) -> Html {
    let (locked, words) = match state {
        AskState::Open | AskState::Picked(_) => (false, "What do you say?"),
        AskState::Locked(Pick::DontKnow) | AskState::Graded { pick: Pick::DontKnow, .. } => (true, "You want to see"),
        _ => (true, "Your prediction"),
    };
    html! {
        <div class="card-head">
            if locked { {icon(IconKind::Lock, 13)} }
            <span>{words}</span>
            if let Some((_, verdict)) = lesson.verdict() {
                <><span class="grow"></span><span data-test="verdict">{verdict}</span></>
            }
        </div>
    }
}

fn option(ask: &Ask, number: usize, state: AskState, dispatch: &Dispatch) -> Html {
    let Some(option) = ask.options.get(number) else { return html! {} };
    let (picked, truth, locked) = match state {
        AskState::Picked(pick) => (Some(pick), None, false),
        AskState::Locked(pick) => (Some(pick), None, true),
        AskState::Graded { pick, truth, .. } => (Some(pick), truth, true),
        AskState::None | AskState::Open => (None, None, false),
    };
    let mine = picked == Some(Pick::Option(number));
    let happened = truth == Some(number);
    let class = classes!("option", happened.then_some("happened"), (locked && !mine && !happened).then_some("dim"));
    let onclick = {
        let dispatch = dispatch.clone();
        Callback::from(move |_: MouseEvent| dispatch.emit(Action::Pick(number)))
    };
    let letter = LETTERS.get(number).copied().unwrap_or("·");
    html! {
        <button {class} role="radio" data-test={format!("lesson-option-{}", number + 1)} {onclick}
            aria-checked={mine.to_string()} aria-disabled={locked.to_string()}>
            <span class="letter">{letter}</span>
            <span>{spans(&option.label)}</span>
            <span class="verdict">
                if happened { <>{icon(IconKind::TickDisc, 15)}<b>{if mine { "as you said" } else { "happened" }}</b></> }
                else if mine && truth.is_some() { <>{icon(IconKind::CrossRing, 15)}<b>{"you"}</b></> }
                else if mine && locked { <b>{"you"}</b> }
            </span>
        </button>
    }
}

fn because(ask: &Ask, state: AskState, acted: bool) -> Html {
    let AskState::Graded { pick, verdict, truth } = state else { return html! {} };
    let comment = |number: usize| ask.options.get(number).map(|option| prose(&option.comment));
    let mine = match pick {
        Pick::Option(number) => comment(number),
        Pick::DontKnow => ask.unsure.as_ref().map(prose),
    };
    let true_one = truth.filter(|truth| pick != Pick::Option(*truth)).and_then(comment);
    html! {
        <div class="because" data-test="because">
            if verdict == Verdict::Unclear {
                <p>{"None of the answers fits, or more than one does. "}{match acted {
                    true => "What you did changed too much: begin this step again to see it decided.",
                    false => "You did nothing beside the lesson: its author has to mend this step.",
                }}</p>
            } else {
                if pick != Pick::DontKnow { {mine} }
                {true_one}
            }
        </div>
    }
}

fn slots(ask: &Ask, state: AskState, dispatch: &Dispatch) -> Html {
    let picked = match state {
        AskState::Picked(Pick::Option(number)) => Some(number),
        _ => None,
    };
    let slot = |number: usize, label: Html| {
        let dispatch = dispatch.clone();
        let onclick = Callback::from(move |_: MouseEvent| dispatch.emit(Action::Pick(number)));
        // Letters are the trucks' here, so a place is picked by its number.
        let key = number + 1;
        html! {
            <button class="slot" role="radio" data-test={format!("lesson-option-{}", number + 1)} {onclick}
                aria-checked={(picked == Some(number)).to_string()}>{label}<small>{"press "}{key}</small></button>
        }
    };
    html! {
        <div class="slots" role="radiogroup" aria-label="Your prediction" data-test="ask" data-state={state_name(state)}>
            {for ask.options.iter().enumerate().map(|(number, option)| slot(number, spans(&option.label)))}
        </div>
    }
}
