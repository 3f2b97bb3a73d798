//! Finding by a few words: one field, and below it what matches, by kind. Arrows go through it, Enter opens it.

use playground_core::view::ClusterView;
use web_sys::{HtmlInputElement, KeyboardEvent};
use yew::prelude::*;

use super::super::Dispatch;
use super::super::menu::{Step, move_focus};
use crate::model::find::{Entry, Group, Kind, entries, find};
use crate::model::{Action, Shared};

/// The field and everything that a press can open.
const STOPS: &str = "[data-stop]";

/// What the dialog needs.
#[derive(Properties, PartialEq)]
pub struct FindProps {
    /// The cluster as it stood when the dialog was opened.
    pub view: Shared<ClusterView>,
    /// Where actions go.
    pub dispatch: Dispatch,
}

/// Closes the dialog and does it.
fn opened(dispatch: &Dispatch, open: &[Action]) {
    dispatch.emit(Action::Dialog(None));
    open.iter().cloned().for_each(|action| dispatch.emit(action));
}

/// The field and what it finds.
#[component]
pub fn Find(props: &FindProps) -> Html {
    let words = use_state(String::new);
    // Made with the first letter: the field is there at once.
    let all = use_memo(words.is_empty(), |nothing| if *nothing { Vec::new() } else { entries(&props.view) });
    let groups = find(&all, &words);
    let count: usize = groups.iter().map(|group| group.entries.len() + group.more).sum();
    let oninput = {
        let words = words.setter();
        Callback::from(move |event: InputEvent| {
            let input: HtmlInputElement = event.target_unchecked_into();
            words.set(input.value());
        })
    };
    let onkeydown = {
        let first = groups.iter().flat_map(|group| &group.entries).find(|entry| !entry.open.is_empty());
        let (first, dispatch) = (first.map(|entry| entry.open.clone()), props.dispatch.clone());
        Callback::from(move |event: KeyboardEvent| {
            let step = match event.key().as_str() {
                "ArrowDown" => Step::By(1),
                "ArrowUp" => Step::By(-1),
                // In the field Enter opens the first one; everything else has its own use for it.
                "Enter" if event.target_dyn_into::<HtmlInputElement>().is_some() => {
                    event.prevent_default();
                    if let Some(open) = &first {
                        opened(&dispatch, open);
                    }
                    return;
                }
                _ => return,
            };
            event.prevent_default();
            move_focus(&event, STOPS, step);
        })
    };
    let said = match (words.trim().is_empty(), count) {
        (true, _) => String::new(),
        (false, 0) => format!("Nothing here is called “{}” or speaks of it.", words.trim()),
        (false, 1) => "1 found".to_owned(),
        (false, count) => format!("{count} found"),
    };
    html! {
        <div class="find" {onkeydown}>
            <label class="unseen" for="find-words">{"A lesson, a word, a config, an error code, or something in the picture"}</label>
            <input id="find-words" class="input" data-test="find-words" data-first="" data-stop="" type="search" autocomplete="off" spellcheck="false"
                placeholder="acks, NOT_LEADER_OR_FOLLOWER, 102, high watermark …" value={(*words).clone()} {oninput} />
            <p class="note" role="status" data-test="found">{said}</p>
            // In a box of their own: the field stays the same element whatever is found.
            <div>{for groups.iter().map(|group| section(group, &props.dispatch))}</div>
            if words.trim().is_empty() {
                <p class="note">{"Every lesson and every word of the glossary; all configs of brokers, topics, producers and consumers with their \
                    defaults; all error codes with what they mean; everything in the picture."}</p>
            }
        </div>
    }
}

fn section(group: &Group, dispatch: &Dispatch) -> Html {
    html! {
        <section key={group.kind.label()}>
            <h3>{group.kind.label()}</h3>
            {for group.entries.iter().map(|entry| found(entry, dispatch))}
            if group.more > 0 { <p class="note">{format!("and {} more: another word narrows it down", group.more)}</p> }
        </section>
    }
}

fn found(entry: &Entry, dispatch: &Dispatch) -> Html {
    let is_code = matches!(entry.kind, Kind::Config | Kind::Error);
    let name = html! { <b class={is_code.then_some("mono")}>{&entry.name}</b> };
    let lesson = |(id, title): &(String, String)| {
        let (dispatch, id) = (dispatch.clone(), id.clone());
        let onclick = move |_: MouseEvent| opened(&dispatch, &[Action::OpenLesson(id.clone())]);
        html! { <button class="link" data-stop="" {onclick}>{title}</button> }
    };
    let onclick = {
        let (dispatch, open) = (dispatch.clone(), entry.open.clone());
        move |_: MouseEvent| opened(&dispatch, &open)
    };
    let hint = match entry.kind {
        Kind::Config => "Its value here →",
        Kind::Error => "Where it was answered here →",
        Kind::Here | Kind::Lesson | Kind::Term => "",
    };
    html! {
        <div class="found" key={entry.name.clone()} data-test={format!("found-{}", entry.name)}>
            if entry.open.is_empty() { <div class="found-name">{name}<small>{&entry.aside}</small></div> }
            else {
                <button class="found-name" data-stop="" {onclick}>{name}<small>{&entry.aside}</small>
                    if !hint.is_empty() { <span class="found-go">{hint}</span> }
                </button>
            }
            if !entry.text.is_empty() { <p>{&entry.text}</p> }
            if !entry.lessons.is_empty() {
                <p class="found-lessons">{if entry.lessons.len() == 1 { "Lesson: " } else { "Lessons: " }}{for entry.lessons.iter().map(lesson)}</p>
            }
        </div>
    }
}
