//! The glossary: what Kafka's words mean, with the lesson that explains each.

use playground_core::lesson::GlossaryEntry;
use yew::prelude::*;

use super::super::Dispatch;
use super::super::prose::prose;
use crate::course;
use crate::model::Action;

/// All terms in alphabetical order; the entry that was asked for has the focus at first.
pub fn terms(asked_for: Option<usize>, dispatch: &Dispatch) -> Html {
    let lessons = course::heads();
    let term = |(number, entry): (usize, &GlossaryEntry)| {
        let asked = asked_for == Some(number);
        let lesson = lessons.iter().find(|lesson| *lesson.id == *entry.lesson);
        let id = entry.lesson.to_string();
        let dispatch = dispatch.clone();
        let onclick = Callback::from(move |_: MouseEvent| dispatch.emit(Action::OpenLesson(id.clone())));
        html! {
            <div class={classes!("entry", asked.then_some("asked"))} data-test={asked.then_some("entry-asked")}>
                <dt tabindex="-1" data-first={asked.then_some("")}>{&entry.term}</dt>
                <dd>
                    {prose(&entry.definition)}
                    if let Some(lesson) = lesson {
                        <button class="link" {onclick}>{format!("Lesson: {}", lesson.title)}</button>
                    }
                </dd>
            </div>
        }
    };
    html! { <dl class="glossary">{for course::glossary().entries().iter().enumerate().map(term)}</dl> }
}
