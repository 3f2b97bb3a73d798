//! What reaches the page from outside of its own elements: keys, size, theme, the tab being hidden.

use gloo::events::{EventListener, EventListenerOptions};
use wasm_bindgen::JsCast;
use web_sys::{Element, EventTarget, KeyboardEvent};
use yew::prelude::*;

use super::app::{App, Msg};
use crate::model::Action;
use crate::model::keymap::{Press, action_of};
use crate::shell::document;

/// Listens to the window and the document for as long as the page lives.
pub fn listeners(ctx: &Context<App>) -> Vec<EventListener> {
    let mut all = Vec::new();
    let (Some(window), Some(page)) = (document::window(), document::document()) else { return all };
    let link = ctx.link().clone();
    all.push(EventListener::new(&window, "resize", move |_| link.send_message(Msg::Resized)));
    // The page's fonts come after its text; the picture is laid out anew for them.
    if let Some(fonts) =
        js_sys::Reflect::get(&page, &"fonts".into()).ok().and_then(|it| it.dyn_into::<EventTarget>().ok())
    {
        let link = ctx.link().clone();
        all.push(EventListener::new(&fonts, "loadingdone", move |_| link.send_message(Msg::Resized)));
    }
    // A link that is pasted into the address bar of an open page opens like any other.
    all.push(EventListener::new(&window, "hashchange", |_| document::reload()));
    let link = ctx.link().clone();
    let hidden = page.clone();
    all.push(EventListener::new(&page, "visibilitychange", move |_| {
        if hidden.hidden() {
            link.send_message(Msg::Act(Action::Hidden));
        }
    }));
    for (query, action) in [
        ("(prefers-color-scheme: dark)", Action::SystemDark as fn(bool) -> Action),
        ("(prefers-reduced-motion: reduce)", Action::ReducedMotion as fn(bool) -> Action),
    ] {
        if let Ok(Some(list)) = window.match_media(query) {
            let link = ctx.link().clone();
            let target = list.clone();
            all.push(EventListener::new(&list, "change", move |_| {
                link.send_message(Msg::Act(action(target.matches())))
            }));
        }
    }
    let link = ctx.link().clone();
    let options = EventListenerOptions::enable_prevent_default();
    all.push(EventListener::new_with_options(&page, "keydown", options, move |event| {
        let Some(event) = event.dyn_ref::<KeyboardEvent>() else { return };
        if let Some(action) = action_of(&press_of(event)) {
            event.prevent_default();
            link.send_message(Msg::Act(action));
        }
    }));
    all
}

/// Where a key was pressed, for the key map.
fn press_of(event: &KeyboardEvent) -> Press {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    let within =
        |selector: &str| target.as_ref().is_some_and(|element| element.closest(selector).ok().flatten().is_some());
    Press {
        key: event.key(),
        typing: within("textarea, select, input:not([type=range])"),
        on_control: within("button, a, summary, input, select, textarea, [role=menuitem]"),
        owns_arrows: within("input, select, textarea, [role=menu], [role=listbox]"),
        modified: event.ctrl_key() || event.alt_key() || event.meta_key(),
        in_dialog: within("dialog"),
    }
}
