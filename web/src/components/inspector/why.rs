//! "Why?" behind the values of the selected thing: inputs, rule, and the event that last changed it;
//! and what happens next.

use playground_core::ids::Name;
use playground_core::time::SimTime;
use playground_core::timeline::{Because, Cause};
use playground_core::view::NextView;
use yew::prelude::*;

use super::facts::until;
use crate::components::Dispatch;
use crate::model::Action;
use crate::model::inquiry::Answers;
use crate::scene::{Pin, PinKind};

/// Every value with its question mark; one at a time is open, as its pins are the ones in the picture.
pub(super) fn whys(answers: &Answers, open: Option<&Name>, dispatch: &Dispatch) -> Html {
    if answers.whys.is_empty() {
        return html! {};
    }
    html! {
        <section class="whys" aria-label="Why?" data-test="whys">
            <h3>{"Why?"}</h3>
            {for answers.whys.iter().map(|one| why(one, &answers.pins, open == Some(&one.why.field), dispatch))}
        </section>
    }
}

fn why(one: &Because, pins: &[Pin], is_open: bool, dispatch: &Dispatch) -> Html {
    let why = &one.why;
    let slug = slug(&why.field);
    let onclick = {
        let (dispatch, field) = (dispatch.clone(), why.field.clone());
        Callback::from(move |event: MouseEvent| {
            // What is open is the page's to say, not the browser's: it stays so when the panel comes back.
            event.prevent_default();
            dispatch.emit(Action::Why(field.clone(), !is_open));
        })
    };
    html! {
        <details key={slug.clone()} class="whybox" open={is_open} data-test={format!("why-{slug}")}>
            <summary data-test={format!("why-open-{slug}")} {onclick}><span>{why.field.to_string()}</span><span class="end">{why.value.to_string()}</span></summary>
            {cause(one, dispatch)}
            {chain(one, pins, dispatch)}
            <dl class="facts inputs">{for why.inputs.iter().map(|(name, value)| html! {
                <div><dt>{breakable(name)}</dt><dd>{value.to_string()}</dd></div>
            })}</dl>
            <p class="rule">{why.rule.to_string()}<small>{breakable(&why.source)}</small></p>
        </details>
    }
}

/// A name with dots in it, which may go on in the next line after each of them.
fn breakable(name: &str) -> Html {
    html! { {for name.split_inclusive('.').map(|part| html! { <>{part.to_owned()}<wbr/></> })} }
}

fn cause(one: &Because, dispatch: &Dispatch) -> Html {
    let Some(cause) = &one.cause else {
        return html! { <p class="cause">{"So since the cluster began."}</p> };
    };
    let (dispatch, position) = (dispatch.clone(), cause.position);
    let onclick = move |_: MouseEvent| dispatch.emit(Action::GoTo(position));
    html! {
        <p class="cause">{"Last changed: "}{&cause.text}{". "}
            <button class="link jump" data-test="why-jump" data-us={cause.at.0.to_string()} {onclick} aria-label={format!("Go to {}, when it changed", cause.at)}>
                {cause.at.to_string()}</button></p>
    }
}

/// What led to it, by numbers that stand in the picture too.
fn chain(one: &Because, pins: &[Pin], dispatch: &Dispatch) -> Html {
    if one.chain.is_empty() {
        return html! {};
    }
    let link = |(number, link): (u32, &Cause)| {
        let broke = pins.iter().any(|pin| pin.number == number && pin.kind == PinKind::Broke);
        let (dispatch, position) = (dispatch.clone(), link.position);
        let onclick = move |_: MouseEvent| dispatch.emit(Action::GoTo(position));
        html! { <li class={classes!(broke.then_some("broke"))}><button title="Go to this moment" {onclick}><span class="mono">{link.at.to_string()}</span>{&link.text}</button></li> }
    };
    html! { <ol class="chain" aria-label="What led to it" data-test="why-chain">{for (1..).zip(&one.chain).map(link)}</ol> }
}

/// `High watermark` to `high-watermark`.
fn slug(field: &str) -> String {
    let mut slug = String::new();
    for c in field.chars() {
        match c {
            c if c.is_ascii_alphanumeric() => slug.push(c.to_ascii_lowercase()),
            _ if slug.ends_with('-') => {}
            _ => slug.push('-'),
        }
    }
    slug
}

/// The deadlines that will decide something, soonest first.
pub(super) fn next(all: &[NextView], now: SimTime) -> Html {
    if all.is_empty() {
        return html! {};
    }
    let row = |one: &NextView| {
        html! {
            <li><span><span><b>{one.who.to_string()}</b>{": "}{one.what.to_string()}</span><span class="end">{until(one.at, now)}</span></span></li>
        }
    };
    html! { <><h3>{"What happens next"}</h3><ol class="list next" data-test="next">{for all.iter().map(row)}</ol></> }
}

#[cfg(test)]
mod tests {
    use super::slug;

    #[test]
    fn hooks_are_plain_words() {
        assert_eq!(slug("High watermark"), "high-watermark");
        assert_eq!(slug("LAG of g in t-0"), "lag-of-g-in-t-0");
    }
}
