//! All lessons: any of them opens at once, in any order; a file of one's own too.

use gloo::file::callbacks::{FileReader, read_as_text};
use playground_core::lesson::{Lesson, heads};
use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::super::Dispatch;
use super::super::icon::{Icon, IconKind};
use crate::model::Action;
use crate::model::progress::{Progress, State};

/// What the list needs.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// Lessons begun and done.
    pub progress: Progress,
    /// The open lesson's id.
    pub current: String,
    /// Why a file was not opened.
    pub not_opened: Option<String>,
    /// Where actions go.
    pub dispatch: Dispatch,
}

/// The list of lessons.
#[component]
pub fn Lessons(props: &Props) -> Html {
    let lessons = use_memo((), |()| heads());
    let sandbox = {
        let dispatch = props.dispatch.clone();
        Callback::from(move |_: MouseEvent| dispatch.emit(Action::OpenSandbox))
    };
    html! {
        <>
            <nav aria-label="Lessons">{for chapters(&lessons).into_iter().map(|(chapter, numbered)| html! {
                <section class="chapter">
                    <h3>{chapter}</h3>
                    {for numbered.into_iter().map(|(number, lesson)| card(number, lesson, props))}
                </section>
            })}
                <button class="lesson-card" data-test="card-sandbox" onclick={sandbox}>
                    <span class="n">{"∞"}</span><b>{"Sandbox"}</b><span class="meta"></span>
                    <span class="aim">{"Your own cluster, no question, everything allowed."}</span>
                </button>
            </nav>
            <OpenFile dispatch={props.dispatch.clone()} />
            if let Some(why) = &props.not_opened {
                <p class="error" role="alert" data-test="error"><span><b>{"It is not opened. "}</b>{why}</span></p>
            }
        </>
    }
}

/// The lessons by chapter, each with its number in the whole list.
pub fn chapters(lessons: &[Lesson]) -> Vec<(&str, Vec<(usize, &Lesson)>)> {
    let mut chapters: Vec<(&str, Vec<(usize, &Lesson)>)> = Vec::new();
    for (number, lesson) in lessons.iter().enumerate() {
        match chapters.last_mut().filter(|(chapter, _)| *chapter == lesson.chapter) {
            Some((_, numbered)) => numbered.push((number, lesson)),
            None => chapters.push((&lesson.chapter, vec![(number, lesson)])),
        }
    }
    chapters
}

fn card(number: usize, lesson: &Lesson, props: &Props) -> Html {
    let id = lesson.id.to_string();
    let onclick = {
        let (dispatch, id) = (props.dispatch.clone(), id.clone());
        Callback::from(move |_: MouseEvent| dispatch.emit(Action::OpenLesson(id.clone())))
    };
    let state = props.progress.of(&id);
    html! {
        <button class="lesson-card" data-test={format!("card-{id}")} aria-current={(id == props.current).then_some("true")} {onclick}>
            <span class="n">{number + 1}</span>
            <b>{&lesson.title}</b>
            <span class="meta">{format!("{} min", lesson.minutes)}
                if state == Some(State::Done) { <><Icon kind={IconKind::TickDisc} size={14} />{"done"}</> }
                else if state == Some(State::Started) { {"begun"} }
            </span>
            <span class="aim">{&lesson.aim}</span>
        </button>
    }
}

/// Where the file goes.
#[derive(Properties, PartialEq)]
pub struct FileProps {
    /// Where actions go.
    pub dispatch: Dispatch,
}

/// Opens a lesson file from the disk; it stays on this machine.
#[component]
pub fn OpenFile(props: &FileProps) -> Html {
    let reading = use_mut_ref(|| None::<FileReader>);
    let onchange = {
        let dispatch = props.dispatch.clone();
        Callback::from(move |event: Event| {
            let input: HtmlInputElement = event.target_unchecked_into();
            let Some(file) = input.files().and_then(|files| files.item(0)) else { return };
            input.set_value("");
            let (name, dispatch) = (file.name(), dispatch.clone());
            let file = gloo::file::File::from(file);
            let task = read_as_text(&file, move |text| match text {
                Ok(text) => dispatch.emit(Action::OpenFile(name, text)),
                Err(error) => dispatch.emit(Action::NotOpened(format!("{name}: {error}"))),
            });
            *reading.borrow_mut() = Some(task);
        })
    };
    html! {
        <label class="field apart">
            <span>{"Open a lesson file of your own"}</span>
            <input class="input" type="file" accept=".md,text/markdown,text/plain" data-test="lesson-file" {onchange} />
            <small>{"Markdown, as in assets/lessons. It stays on this machine."}</small>
        </label>
    }
}
