//! Dialogs: native ones, so that focus stays inside and Esc closes them.

mod clients;
mod config_fields;
mod file_button;
mod find;
mod form;
mod glossary;
mod help;
pub mod lessons;
mod send;
mod share;
mod topic;

pub use config_fields::one_of;

use playground_core::view::ClusterView;
use wasm_bindgen::JsCast;
use web_sys::{HtmlDialogElement, HtmlElement};
use yew::prelude::*;

use super::Dispatch;
use super::icon::{IconKind, icon};
use crate::model::progress::Progress;
use crate::model::{Action, Dialog, Shared};
use crate::shell::document;

/// What a dialog needs.
#[derive(Properties, PartialEq)]
pub struct DialogProps {
    /// Which.
    pub dialog: Dialog,
    /// The cluster.
    pub view: Shared<ClusterView>,
    /// Why the form was refused: place and message.
    pub error: Option<(String, String)>,
    /// Why a lesson file or link was not opened.
    pub not_opened: Option<String>,
    /// Lessons begun and done.
    pub progress: Progress,
    /// The open lesson's id.
    pub lesson: String,
    /// That is a file that others do not have.
    pub own_lesson: bool,
    /// How many branches there are.
    pub branches: usize,
    /// The link of this moment.
    pub link: AttrValue,
    /// The link was copied, or could not be.
    pub copied: Option<bool>,
    /// Where actions go.
    pub dispatch: Dispatch,
}

/// The open dialog.
#[component]
pub fn OpenDialog(props: &DialogProps) -> Html {
    let root = use_node_ref();
    {
        let root = root.clone();
        use_effect_with((), move |()| {
            // Where the focus was, it goes back to.
            let before = document::document().and_then(|page| page.active_element());
            let dialog = root.cast::<HtmlDialogElement>();
            if let Some(dialog) = &dialog {
                let _ = dialog.show_modal();
                // `autofocus` would move the focus before it is known where it was.
                let first = dialog.query_selector("[data-first]").ok().flatten();
                if let Some(first) = first.and_then(|first| first.dyn_into::<HtmlElement>().ok()) {
                    let _ = first.focus();
                }
            }
            move || {
                // Behind an open dialog nothing takes the focus.
                if let Some(dialog) = &dialog {
                    dialog.close();
                }
                if let Some(element) = before.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
                    let _ = element.focus();
                }
            }
        });
    }
    let close = {
        let dispatch = props.dispatch.clone();
        move || dispatch.emit(Action::Dialog(None))
    };
    let oncancel = {
        let close = close.clone();
        Callback::from(move |event: Event| {
            event.prevent_default();
            close();
        })
    };
    let onclick = Callback::from(move |_: MouseEvent| close());
    let (title, wide) = heading(&props.dialog);
    html! {
        <dialog class={classes!("dialog", wide.then_some("wide"))} ref={root} aria-labelledby="dialog-title" data-test="dialog" {oncancel}>
            <div class="dialog-head">
                <h2 id="dialog-title">{title}</h2>
                <button class="button quiet square" aria-label="Close" data-test="dialog-close" {onclick}>{icon(IconKind::Close, 16)}</button>
            </div>
            {body(props)}
        </dialog>
    }
}

fn heading(dialog: &Dialog) -> (&'static str, bool) {
    match dialog {
        Dialog::Help => ("Keys, and how this works", false),
        Dialog::Lessons => ("Lessons", false),
        Dialog::Find => ("Find", true),
        Dialog::Glossary(_) => ("Glossary", false),
        Dialog::Share => ("Share this moment", false),
        Dialog::CreateTopic => ("Create a topic", false),
        Dialog::AddProducer => ("Add a producer", false),
        Dialog::AddPartitions(_) => ("More partitions", false),
        Dialog::AddConsumer(_) => ("Add a consumer", false),
        Dialog::Send(_) => ("Send records", false),
    }
}

fn body(props: &DialogProps) -> Html {
    let (view, dispatch, error) = (props.view.clone(), props.dispatch.clone(), props.error.clone());
    match &props.dialog {
        Dialog::Help => html! { {help::help()} },
        Dialog::Lessons => lessons::lessons(&lessons::Props {
            progress: props.progress.clone(),
            current: props.lesson.clone(),
            not_opened: props.not_opened.clone(),
            dispatch,
        }),
        Dialog::Find => html! { <find::Find {view} {dispatch} /> },
        Dialog::Glossary(entry) => glossary::terms(*entry, &dispatch),
        Dialog::Share => {
            html! { {share::share(&share::Props { link: props.link.clone(), own_lesson: props.own_lesson, branches: props.branches, copied: props.copied, not_opened: props.not_opened.clone(), dispatch })} }
        }
        Dialog::CreateTopic => html! { <topic::CreateTopic {view} {error} {dispatch} /> },
        Dialog::AddProducer => html! { <clients::AddProducer {view} {error} {dispatch} /> },
        Dialog::AddPartitions(topic) => {
            html! { <topic::AddPartitions topic={topic.clone()} {view} {error} {dispatch} /> }
        }
        Dialog::AddConsumer(group) => {
            html! { <clients::AddConsumer group={group.clone()} {view} {error} {dispatch} /> }
        }
        Dialog::Send(client) => html! { <send::Send client={client.clone()} {view} {error} {dispatch} /> },
    }
}
