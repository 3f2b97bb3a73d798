//! The bar at the top.

use yew::prelude::*;

use super::Dispatch;
use super::icon::{IconKind, icon, logo};
use crate::model::{Action, Dialog};

/// Name, where one is, what is always at hand: chapter and title of the open lesson, and whether the picture is dark.
pub fn header(chapter: &str, title: &str, dark: bool, dispatch: &Dispatch) -> Html {
    let act = |action: Action| {
        let dispatch = dispatch.clone();
        Callback::from(move |_: MouseEvent| dispatch.emit(action.clone()))
    };
    let theme = if dark { "Light theme" } else { "Dark theme" };
    html! {
        <header class="header">
            <span class="brand">{logo()}{"Kafka Playground"}</span>
            <nav class="crumbs" aria-label="Where you are">
                <button onclick={act(Action::Dialog(Some(Dialog::Lessons)))}>{"Lessons"}</button>
                if !chapter.is_empty() { <><i>{"/"}</i>{chapter}</> }
                <i>{"/"}</i><b data-test="lesson-title">{title}</b>
            </nav>
            <span class="grow"></span>
            <button class="button quiet find-box" data-test="find" aria-label="Find a lesson, config or error" title="Find (F)" aria-keyshortcuts="F"
                onclick={act(Action::Dialog(Some(Dialog::Find)))}>
                {icon(IconKind::Find, 16)}<span class="words">{"Find a lesson, config or error"}</span><kbd class="words" aria-hidden="true"></kbd>
            </button>
            <button class="button quiet" data-test="share" aria-label="Share this moment" onclick={act(Action::Share)}>
                {icon(IconKind::Link, 16)}<span class="words">{"Share this moment"}</span>
            </button>
            <button class="button quiet square" data-test="theme" aria-label={theme} title={theme} onclick={act(Action::NextTheme)}>
                {icon(IconKind::Theme, 16)}
            </button>
            <button class="button quiet square only-wide" data-test="help" aria-label="Keys and help" title="Keys and help"
                onclick={act(Action::Dialog(Some(Dialog::Help)))}><b>{"?"}</b></button>
            <button class="button quiet square" data-test="lessons" aria-label="All lessons and the sandbox" title="All lessons and the sandbox"
                onclick={act(Action::Dialog(Some(Dialog::Lessons)))}>{icon(IconKind::Menu, 16)}</button>
        </header>
    }
}
