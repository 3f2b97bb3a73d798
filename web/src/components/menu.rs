//! The actions of a thing in the picture.

use playground_core::view::ClusterView;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};
use yew::prelude::*;

use super::Dispatch;
use crate::model::menu::{Deed, Entry, entries};
use crate::model::{Action, Menu, Origin, Shared};

/// What the menu shows.
#[derive(Properties, PartialEq)]
pub struct MenuProps {
    /// Whose actions, and where.
    pub menu: Menu,
    /// The cluster.
    pub view: Shared<ClusterView>,
    /// Where actions go.
    pub dispatch: Dispatch,
}

/// The action that an entry stands for.
pub fn action_of(entry: &Entry) -> Action {
    match &entry.deed {
        Deed::Do(command) => Action::Do(command.clone(), Origin::Menu),
        Deed::Open(dialog) => Action::Dialog(Some(dialog.clone())),
    }
}

/// The menu; arrows move in it, Esc closes it.
#[component]
pub fn ThingMenu(props: &MenuProps) -> Html {
    let all = entries(&props.menu.subject, &props.view);
    let name = props.menu.subject.name();
    let onkeydown = Callback::from(|event: KeyboardEvent| {
        let by = match event.key().as_str() {
            "ArrowDown" => 1,
            "ArrowUp" => -1,
            _ => return,
        };
        event.prevent_default();
        event.stop_propagation();
        move_focus(&event, by);
    });
    let root = use_node_ref();
    let (x, y) = props.menu.at;
    {
        // A menu that would leave the picture at the bottom moves up.
        let root = root.clone();
        use_effect_with((x as i64, y as i64, all.len()), move |_| {
            if let Some(menu) = root.cast::<HtmlElement>()
                && let Some(parent) = menu.offset_parent()
            {
                let most = f64::from(parent.client_height() - menu.offset_height() - 8);
                let _ = menu.style().set_property("top", &format!("{}px", y.min(most).max(8.0)));
            }
        });
    }
    html! {
        <div class="menu" role="menu" aria-label={format!("{name}: actions")} data-test="menu" ref={root} {onkeydown}
            ~style={format!("left:{x:.0}px")}>
            <div class="menu-title">{name}</div>
            {for all.iter().map(|entry| item(entry, &props.dispatch))}
        </div>
    }
}

fn item(entry: &Entry, dispatch: &Dispatch) -> Html {
    let onclick = {
        let (dispatch, action, off) = (dispatch.clone(), action_of(entry), entry.disabled.is_some());
        Callback::from(move |_: MouseEvent| {
            if !off {
                dispatch.emit(action.clone());
            }
        })
    };
    html! {
        <>
            if entry.rule { <hr /> }
            <button role="menuitem" data-test={entry.id.clone()} {onclick} title={entry.disabled.clone().or_else(|| entry.line())}
                aria-disabled={entry.disabled.is_some().to_string()}>{&entry.label}</button>
        </>
    }
}

fn move_focus(event: &KeyboardEvent, by: i32) {
    let Some(menu) = event.current_target().and_then(|target| target.dyn_into::<Element>().ok()) else { return };
    let Ok(items) = menu.query_selector_all("[role=menuitem]:not([aria-disabled=true])") else { return };
    let focused = event.target().and_then(|target| target.dyn_into::<web_sys::Node>().ok());
    let count = items.length() as i32;
    if count == 0 {
        return;
    }
    let at = (0..count).find(|at| items.item(*at as u32) == focused);
    let next = at.map_or(0, |at| (at + by).rem_euclid(count));
    if let Some(item) = items.item(next as u32).and_then(|node| node.dyn_into::<HtmlElement>().ok()) {
        let _ = item.focus();
    }
}
