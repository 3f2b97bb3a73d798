//! The actions of a thing in the picture.

use crate::decimal::px;
use playground_core::view::ClusterView;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};
use yew::prelude::*;

use super::Dispatch;
use super::stage::use_after;
use crate::model::menu::{Deed, Entry, Group, entries};
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
        Deed::Configs(owner) => Action::Configs(owner.clone()),
    }
}

/// The menu; arrows move in it, a letter jumps, Esc closes it.
#[component]
pub fn ThingMenu(props: &MenuProps) -> Html {
    let all = entries(&props.menu.subject, &props.view);
    let name = props.menu.subject.name();
    let onkeydown = Callback::from(|event: KeyboardEvent| {
        let by = match event.key().as_str() {
            "ArrowDown" | "ArrowRight" => Step::By(1),
            "ArrowUp" | "ArrowLeft" => Step::By(-1),
            "Home" => Step::To(0),
            "End" => Step::To(-1),
            _ => return,
        };
        event.prevent_default();
        event.stop_propagation();
        move_focus(&event, ITEMS, by);
    });
    let root = use_node_ref();
    let (x, y) = props.menu.at;
    {
        // A menu that would leave the picture moves up, and to the left.
        let root = root.clone();
        let place = move || {
            if let Some(menu) = root.cast::<HtmlElement>()
                && let Some(parent) = menu.offset_parent()
            {
                let most = f64::from(parent.client_height() - menu.offset_height() - 8);
                let _ = menu.style().set_property("top", &format!("{}px", px(y.min(most).max(8.0))));
                let most = f64::from(parent.client_width() - menu.offset_width() - 8);
                let _ = menu.style().set_property("left", &format!("{}px", px(x.min(most).max(8.0))));
            }
        };
        use_after(format!("{} {} {}", x as i64, y as i64, all.len()), Box::new(place));
    }
    {
        // Who came by keyboard goes on in the menu as soon as it stands.
        let root = root.clone();
        let focus = move || {
            let first = root.cast::<Element>().and_then(|menu| menu.query_selector(ITEMS).ok().flatten());
            if let Some(item) = first.and_then(|item| item.dyn_into::<HtmlElement>().ok()) {
                let _ = item.focus();
            }
        };
        use_after(props.menu.subject.key(), Box::new(focus));
    }
    html! {
        <div class="menu" role="menu" aria-label={format!("{name}: actions")} data-test="menu" ref={root} {onkeydown}
            ~style={format!("left:{}px", px(x))}>
            <div class="menu-title">{name}</div>
            {groups(&all, "menuitem", &props.dispatch)}
        </div>
    }
}

/// Entries under their headings; a row of choices stands behind its common words. `role` is that of a
/// single entry: a menu has items, the inspector has buttons.
pub fn groups(all: &[Entry], role: &'static str, dispatch: &Dispatch) -> Html {
    let of_group = |group: &[Entry]| {
        let heading = group.first().and_then(|entry| entry.group.heading());
        let mut rows: Vec<Html> = Vec::new();
        let mut rest = group;
        while let Some(first) = rest.first() {
            let words = first.choice.as_ref().map(|(words, _)| *words);
            let same = |entry: &&Entry| words.is_some() && entry.choice.as_ref().map(|(words, _)| *words) == words;
            let count = rest.iter().take_while(same).count().max(1);
            let (now, later) = rest.split_at(count);
            rows.push(match words {
                Some(words) => html! {
                    <div class="menu-row" role="presentation"><span aria-hidden="true">{words}</span>
                        <span class="menu-choices" role="presentation">{for now.iter().map(|entry| item(entry, role, dispatch))}</span></div>
                },
                None => html! { <>{for now.iter().map(|entry| item(entry, role, dispatch))}</> },
            });
            rest = later;
        }
        html! {
            <div class="menu-group" role="group" aria-label={heading}>
                if let Some(heading) = heading { <div class="menu-heading" aria-hidden="true">{heading}</div> }
                {for rows}
            </div>
        }
    };
    let all: Vec<Html> = all.chunk_by(|a, b| a.group == b.group).map(of_group).collect();
    html! { <>{for all}</> }
}

fn item(entry: &Entry, role: &'static str, dispatch: &Dispatch) -> Html {
    let onclick = {
        let (dispatch, action, off) = (dispatch.clone(), action_of(entry), entry.disabled.is_some());
        Callback::from(move |_: MouseEvent| {
            if !off {
                dispatch.emit(action.clone());
            }
        })
    };
    let (printed, label) = match &entry.choice {
        Some((_, printed)) => (printed.clone(), Some(entry.label.clone())),
        None => (entry.label.clone(), None),
    };
    let is_menu = role == "menuitem";
    let hook = if is_menu { entry.id.clone() } else { entry.id.replacen("menu-", "inspect-", 1) };
    // The reason is said, not only shown on hover: a menu is used by keyboard and touch too.
    let reason = entry.disabled.clone().filter(|_| entry.choice.is_none());
    html! {
        <button role={is_menu.then_some(role)} class={classes!((!is_menu).then_some("button"), (!is_menu).then_some("small"))} data-test={hook}
            aria-label={label} {onclick} title={entry.disabled.clone().or_else(|| entry.line())}
            aria-disabled={entry.disabled.is_some().to_string()}>{printed}if let Some(reason) = reason { <small>{reason}</small> }</button>
    }
}

/// True for what the inspector shows at once; the rest it folds.
pub fn is_at_hand(entry: &Entry) -> bool {
    matches!(entry.group, Group::First | Group::Process)
}

/// What can be chosen.
const ITEMS: &str = "[role=menuitem]:not([aria-disabled=true])";

/// How the focus moves.
pub(super) enum Step {
    /// By so many places, from the last on to the first.
    By(i32),
    /// To this place, counted from the end if negative.
    To(i32),
}

/// Moves the focus among what `items` selects in the element that listens.
pub(super) fn move_focus(event: &KeyboardEvent, items: &str, step: Step) {
    let Some(menu) = event.current_target().and_then(|target| target.dyn_into::<Element>().ok()) else { return };
    let Ok(items) = menu.query_selector_all(items) else { return };
    let focused = event.target().and_then(|target| target.dyn_into::<web_sys::Node>().ok());
    let count = items.length() as i32;
    if count == 0 {
        return;
    }
    let at = (0..count).find(|at| items.item(*at as u32) == focused);
    let next = match step {
        Step::By(by) => at.map_or(0, |at| (at + by).rem_euclid(count)),
        Step::To(at) => at.rem_euclid(count),
    };
    if let Some(item) = items.item(next as u32).and_then(|node| node.dyn_into::<HtmlElement>().ok()) {
        let _ = item.focus();
    }
}
