//! All lessons: any of them opens at once, in any order; a file of one's own too.

use playground_core::lesson::Lesson;
use yew::prelude::*;

use super::super::Dispatch;
use super::super::icon::{IconKind, icon};
use super::file_button::{FileInput, opened};
use crate::course;
use crate::model::progress::{Progress, State};
use crate::model::{Action, Dialog};

/// What the list needs.
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
pub fn lessons(props: &Props) -> Html {
    let lessons = course::heads();
    let sandbox = {
        let dispatch = props.dispatch.clone();
        Callback::from(move |_: MouseEvent| dispatch.emit(Action::OpenSandbox))
    };
    let save = {
        let dispatch = props.dispatch.clone();
        Callback::from(move |_: MouseEvent| dispatch.emit(Action::SaveProgress))
    };
    let words = {
        let dispatch = props.dispatch.clone();
        Callback::from(move |_: MouseEvent| dispatch.emit(Action::Dialog(Some(Dialog::Glossary(None)))))
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
            <div class="row">
                <button class="button" data-test="glossary" onclick={words}>{"Glossary"}</button>
                <a class="button" href="cheat-sheet.html" target="_blank" data-test="cheat-sheet">{"Cheat sheet to print"}</a>
                <button class="button" data-test="save-progress" onclick={save}>{"Save my progress"}</button>
                <label class="button file"><span>{"Open saved progress …"}</span>
                    <FileInput accept=".json,application/json" test="progress-file" on_text={opened(&props.dispatch, Action::OpenProgress)} />
                </label>
            </div>
            <label class="field apart">
                <span>{"Open a lesson file of your own"}</span>
                <FileInput class="input" accept=".md,text/markdown,text/plain" test="lesson-file" on_text={opened(&props.dispatch, Action::OpenFile)} />
                <small>{"Markdown, as in assets/lessons. It stays on this machine."}</small>
            </label>
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
                if state == Some(State::Done) { <>{icon(IconKind::TickDisc, 14)}{"done"}</> }
                else if state == Some(State::Started) { <span>{"begun"}</span> }
            </span>
            <span class="aim">{&lesson.aim}</span>
        </button>
    }
}
